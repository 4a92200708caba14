"""Writes what a source shows into this Jackfield, step by step; what is there already is found and not doubled."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from jackfield.client import ApiError, Client, ImportResult

from .people import as_body, as_file
from .records import Batch, Person, Report
from .source import Source
from .state import State
from .things import Ready, Things, concerns_all

T = TypeVar("T")

AT_ONCE: Final = 500
"""Contacts that are written together: the most that a kill makes the next run write once more."""

Progress = Callable[[str, int, int | None], None]
"""Told what is being moved, how many so far, and of how many where that is known."""


class Target(Protocol):
    """Where it goes: a command's desk, at the database here or at a server elsewhere."""

    @property
    def api(self) -> Client:
        """The native API."""

    async def import_contacts(
        self,
        file: Path,
        *,
        on_duplicate: str,
        default_country: str | None,
        mapping: Mapping[str, Any] | None,
        encoding: str | None,
    ) -> ImportResult:
        """Contacts from a file."""


class Mover:
    """One move. Without a `state` everything is read and counted, and nothing written."""

    def __init__(
        self,
        source: Source,
        target: Target,
        state: State | None,
        *,
        default_country: str | None = None,
        mapping: Mapping[str, str] | None = None,
        profile: str | None = None,
        team: bool = False,
        planned: bool = False,
        ready: Ready,
        progress: Progress | None = None,
    ) -> None:
        self._source = source
        self._target = target
        self._state = state
        self._report = Report() if state is None else state.report
        self._country = default_country
        self._progress = progress or (lambda kind, done, total: None)
        self._team = team
        self._planned = planned
        self.things = Things(
            target.api,
            self._report,
            state,
            source=source.web.base,
            mapping=dict(mapping or {}),
            profile=profile,
            ready=ready,
            told=self._progress,
        )

    async def run(self) -> Report:
        """Move all. Raises SourceError, ApiError, ConnectionFailed and JackfieldError; the next run goes on then."""
        steps = {
            "labels": self._labels,
            "contacts": self._people,
            "notes": self._notes,
            "templates": self._templates,
            "api campaigns": self._triggered,
            "webhooks": self._hooks,
            "canned replies": self._replies,
            "team": self._colleagues,
            "scheduled": self._schedules,
        }
        try:
            for name, step in steps.items():
                if self._state is None:
                    await step()
                elif not self._state.is_done(name):
                    await step()
                    self._state.finish(name)
        except Exception:
            if self._state is not None:
                self._state.noted(self._source.notes)
            raise
        self._said([*self._source.not_shown, *self._source.notes])
        if self._state is not None:
            self._state.over()
        return self._report

    def _said(self, notes: Sequence[str]) -> None:
        """Add notes to the report, each once."""
        self._report.not_moved = list(dict.fromkeys([*self._report.not_moved, *notes]))

    async def _templates(self) -> None:
        await self.things.templates(await self._source.templates())

    async def _triggered(self) -> None:
        await self.things.triggered(await self._source.triggered(), await self._source.numbers())

    async def _hooks(self) -> None:
        found = await self._source.hooks()
        await self.things.hooks(found, await self._source.numbers())
        unknown = dict.fromkeys(name for one in found if one.events for name in one.unknown)
        if unknown:
            self._report.not_moved.append(f"events of webhooks that have no equal here: {', '.join(unknown)}")
        made = self._report.of("webhooks").created
        if made:
            self._report.not_moved.append(
                f"secrets of webhooks: {made} came switched off with new ones. Give the receivers theirs, then "
                "`jackfield webhook enable`"
            )

    async def _replies(self) -> None:
        await self.things.replies(await self._source.replies())

    async def _colleagues(self) -> None:
        found = await self._source.team()
        if found and not self._team and self._state is not None:
            self._report.of("team").seen = len(found)
            self._report.not_moved.append(
                "team members: give --invitations FILE, where the tokens go that let them choose a password"
            )
            return
        await self.things.team(found)

    async def _schedules(self) -> None:
        found = await self._source.planned()
        if found and not self._planned and self._state is not None:
            self._report.of("scheduled").seen = len(found)
            self._report.not_moved.append(
                "scheduled messages: they wait at the source and would go out twice. Give --scheduled to plan them here, "
                "and cancel them there"
            )
            return
        await self.things.planned(found, await self._source.numbers())

    async def _notes(self) -> None:
        count = self._report.of("notes")
        async for batch in ahead(self._source.noted(None if self._state is None else self._state.cursor)):
            await self.things.notes(batch.rows)
            if self._state is not None:
                self._state.at(batch.cursor)
            self._progress("notes", count.seen, None)

    # -- lists and tags ----------------------------------------------------------------------------------

    async def _labels(self) -> None:
        found = await self._source.labels()
        for kind, path, names in (("lists", "/lists", found.lists), ("tags", "/tags", found.tags)):
            count = self._report.of(kind)
            wanted = list({one.casefold(): one for one in names}.values())
            count.seen = len(wanted)
            if self._state is None or not wanted:
                continue
            there = {one["name"].casefold() async for one in self._target.api.pages(path, limit=200, counts=False)}
            for place, name in enumerate(wanted, 1):
                if name.casefold() in there:
                    count.known += 1
                else:
                    try:
                        await self._target.api.post(path, {"name": name})
                        count.created += 1
                    except ApiError as error:
                        if concerns_all(error):
                            raise
                        self._report.refuse(kind, name, name, error.message)
                self._progress(kind, place, len(wanted))

    # -- contacts ----------------------------------------------------------------------------------------

    async def _people(self) -> None:
        count = self._report.of("contacts")
        gathered: list[Person] = []
        async for batch in ahead(self._source.people(None if self._state is None else self._state.cursor)):
            gathered.extend(batch.rows)
            if self._state is None:
                count.seen += len(gathered)
                gathered.clear()
            elif len(gathered) >= AT_ONCE:
                await self._write(gathered, batch.cursor)
                gathered.clear()
            self._progress("contacts", count.seen + len(gathered), batch.total)
        if gathered:
            await self._write(gathered, None)

    async def _write(self, people: Sequence[Person], cursor: str | None) -> None:
        """Write some, and only then say that they are written."""
        count = self._report.of("contacts")
        count.seen += len(people)
        by_phone = [one for one in people if one.phone]
        if by_phone:
            await self._import(by_phone)
        for one in people:
            if not one.phone:
                await self._save(one)
        if cursor is not None and self._state is not None:
            self._state.at(cursor)

    async def _import(self, people: Sequence[Person]) -> None:
        count = self._report.of("contacts")
        content, mapping = as_file(people)
        handle, path = tempfile.mkstemp(suffix=".json", prefix="jackfield-")
        file = Path(path)
        try:
            with open(handle, "wb") as target:
                target.write(content)
            done = await self._target.import_contacts(
                file,
                default_country=self._country,
                mapping=mapping,
                on_duplicate="merge",
                encoding="utf-8",
            )
        finally:
            os.unlink(file)
        count.created += done.created
        count.known += done.merged + done.skipped
        for row in done.refused:
            # Lines count from 1.
            person = people[row.line - 1] if 0 < row.line <= len(people) else None
            self._report.refuse("contacts", person.id if person is not None else "", row.value, row.reason)
        for row in done.dropped:
            self._report.refuse("numbers", people[row.line - 1].id, row.value, row.reason)

    async def _save(self, person: Person) -> None:
        """A contact without a phone number, which no file holds."""
        count = self._report.of("contacts")
        body = as_body(person)
        if not (person.email or person.identities):
            self._report.refuse(
                "contacts", person.id, person.name or "", "It has no phone number, e-mail or other address."
            )
            return
        try:
            # An e-mail address alone is no identity: two people may share one.
            if not person.identities and await self._is_here(person):
                count.known += 1
                return
            try:
                await self._target.api.post("/contacts", {**body, "onDuplicate": "error"})
                count.created += 1
            except ApiError as error:
                if error.code != "CONTACT_EXISTS":
                    raise
                await self._target.api.post("/contacts", {**body, "onDuplicate": "merge"})
                count.known += 1
        except ApiError as error:
            if concerns_all(error):
                raise
            self._report.refuse("contacts", person.id, person.email or person.name or "", error.message)

    async def _is_here(self, person: Person) -> bool:
        """Whether there is a contact of this e-mail address and name."""
        filter_ = {"equals": {"email": person.email}}
        rows = self._target.api.pages("/contacts", filter=filter_, limit=200)
        return any([(one["name"] or "") == (person.name or "") async for one in rows])


async def ahead(batches: AsyncIterator[Batch[T]]) -> AsyncIterator[Batch[T]]:
    """The same, with the next one asked for while this one is written."""
    iterator = aiter(batches)
    pending: asyncio.Task[Batch[T]] = asyncio.ensure_future(_next(iterator))
    try:
        while True:
            try:
                batch = await pending
            except StopAsyncIteration:
                return
            pending = asyncio.ensure_future(_next(iterator))
            yield batch
    finally:
        pending.cancel()
        await asyncio.gather(pending, return_exceptions=True)


async def _next(iterator: AsyncIterator[Batch[T]]) -> Batch[T]:
    return await anext(iterator)
