"""Writes all but contacts, by the native API: templates, API campaigns, webhooks, canned replies, the team, schedules."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from jackfield.client import ApiError, Client

from .records import Colleague, Hook, Noted, Number, Planned, Reply, Report, Template, Triggered
from .source import SourceError
from .state import State

LIVE: Final = ("APPROVED", "PENDING", "IN_APPEAL")
"""Templates of other states would not be taken by the provider either."""
EVERY: Final = 20
"""So many are written before it is kept how far it is."""


Ready = Callable[[str], AbstractAsyncContextManager[str | None]]
"""Has a channel connected for the while; gives why it is not, in words, else None."""


class Invitation(msgspec.Struct, kw_only=True):
    """Somebody who was invited, with what lets them in."""

    email: str
    role: str
    token: str


def concerns_all(error: ApiError) -> bool:
    """Whether an answer says nothing of the one thing that was asked for: the key, the load or the server is at fault, and
    the next thing would fare alike. The move ends with it, and goes on there another time."""
    return error.status in (401, 403, 429) or error.status >= 500


class Things:
    """What is written to one Jackfield in one move; `state` None only counts."""

    def __init__(
        self,
        api: Client,
        report: Report,
        state: State | None,
        *,
        source: str,
        mapping: dict[str, str],
        profile: str | None,
        ready: Ready,
        told: Callable[[str, int, int | None], None],
    ) -> None:
        self._api = api
        self._report = report
        self._state = state
        self._source = source
        self._mapping = mapping
        self._profile = profile
        self._ready = ready
        self._told = told
        self._here: list[dict[str, Any]] | None = None
        self.invitations: list[Invitation] = []

    # -- numbers -----------------------------------------------------------------------------------------

    async def _profiles(self) -> list[dict[str, Any]]:
        if self._here is None:
            self._here = [one async for one in self._api.pages("/profiles")]
        return self._here

    async def default(self) -> str | None:
        """The profile that templates are made for; None where there is none yet. Raises SourceError."""
        rows = await self._profiles()
        if self._profile is not None:
            found = next((one for one in rows if self._profile in (one["id"], one.get("key"))), None)
            if found is None:
                raise SourceError(f"--profile: there is no channel {self._profile} here.")
            return str(found["id"])
        found = next((one for one in rows if one.get("isDefault")), rows[0] if len(rows) == 1 else None)
        return None if found is None else str(found["id"])

    async def equals(self, numbers: Sequence[Number]) -> dict[str, str]:
        """Which profile here stands for which number there: as `--map` says, by phone number, or the only one. Raises
        SourceError for a channel of `--map` that is not here."""
        rows = await self._profiles()
        known = {name: str(one["id"]) for one in rows for name in (one["id"], one.get("key")) if name}
        phones = {_digits(one.get("phone")): str(one["id"]) for one in rows if _digits(one.get("phone"))}
        found: dict[str, str] = {}
        for number in numbers:
            if number.id in self._mapping:
                wanted = self._mapping[number.id]
                if wanted not in known:
                    raise SourceError(f"--map {number.id}={wanted}: there is no channel {wanted} here.")
                found[number.id] = known[wanted]
            elif _digits(number.phone) in phones:
                found[number.id] = phones[_digits(number.phone)]
            elif len(rows) == 1 and len(numbers) == 1:
                found[number.id] = str(rows[0]["id"])
        return found

    # -- steps -------------------------------------------------------------------------------------------

    async def templates(self, found: Sequence[Template]) -> None:
        """Templates, known by name and language; the missing ones go to the provider for review."""
        wanted = list({(one.name, one.language): one for one in found}.values())
        count = self._report.of("templates")
        count.seen = len(wanted)
        if self._state is None or not wanted:
            return
        profile = await self.default()
        if profile is None:
            self._missing("templates: there is no channel here that they could be made for; add one and run this again")
            return
        there = await self._names(profile)
        missing = [one for one in wanted if (one.name, one.language) not in there]
        count.known = len(wanted) - len(missing)
        if missing:
            async with self._ready(profile) as reason:
                await self._make(profile, missing, reason)

    async def _names(self, profile: str) -> set[tuple[str, str]]:
        rows = self._api.pages("/templates", profileId=profile, limit=200)
        return {(one["name"], one["language"]) async for one in rows}

    async def _make(self, profile: str, missing: Sequence[Template], reason: str | None) -> None:
        """Have the provider make those that it does not know either; `reason` says why it cannot be asked."""
        count = self._report.of("templates")
        try:
            if reason is None:
                await self._api.post("/templates/sync", {"profileId": profile})
        except ApiError as error:
            if concerns_all(error):
                raise
            reason = error.message
        if reason is not None:
            self._missing(f"{len(missing)} templates: {reason} Run this again when the channel is connected")
            return
        there = await self._names(profile)
        for place, one in enumerate(missing, 1):
            self._told("templates", place, len(missing))
            if (one.name, one.language) in there:
                count.known += 1
            elif one.status not in LIVE:
                self._report.refuse("templates", one.id, one.name, f"It is {one.status} at the source.")
            else:
                body = {
                    "profileId": profile,
                    "name": one.name,
                    "language": one.language,
                    "category": one.category,
                    "components": one.components,
                    "parameterFormat": "NAMED" if one.named else "POSITIONAL",
                }
                if await self._made("templates", one.id, one.name, "/templates", body):
                    count.created += 1

    async def triggered(self, found: Sequence[Triggered], numbers: Sequence[Number]) -> None:
        """API campaigns, known by name and number. One that is live comes live: it sends nothing until it is triggered."""
        count = self._report.of("api campaigns")
        count.seen = len(found)
        if self._state is None or not found:
            return
        equal = await self.equals(numbers)
        rows = self._api.pages("/campaigns", kind="api", limit=200)
        there = {(one["name"], one["profileId"]) async for one in rows}
        for one in found:
            profile = equal.get(one.number)
            if profile is None:
                self._unmapped("api campaigns", one.id, one.name, one.number)
            elif (one.name, profile) in there:
                count.known += 1
            elif one.problem is not None:
                self._report.refuse("api campaigns", one.id, one.name, one.problem)
            else:
                body: dict[str, Any] = {
                    "name": one.name,
                    "profileId": profile,
                    "kind": "api",
                    "type": one.type,
                    "content": one.content,
                }
                body |= {"category": one.category, "tag": one.tag, "start": one.live}
                if await self._made("api campaigns", one.id, one.name, "/campaigns", body):
                    count.created += 1
                    there.add((one.name, profile))

    async def hooks(self, found: Sequence[Hook], numbers: Sequence[Number]) -> None:
        """Webhooks, known by address, format and number. They come switched off: their secrets are new."""
        count = self._report.of("webhooks")
        count.seen = len(found)
        if self._state is None or not found:
            return
        equal = await self.equals(numbers)
        rows = [one async for one in self._api.pages("/webhooks", limit=200)]
        there = Counter((one["url"], one["format"], one.get("profileId")) for one in rows)
        for one in found:
            shown = without_secrets(one.url)
            profile = None if one.number is None else equal.get(one.number)
            if not one.events:
                reason = f"None of its events has an equal here: {', '.join(one.unknown) or 'it has none'}."
                self._report.refuse("webhooks", one.id, shown, reason)
                continue
            if one.number is not None and profile is None:
                self._unmapped("webhooks", one.id, shown, one.number)
                continue
            key = (one.url, one.format, profile)
            if there[key]:
                there[key] -= 1
                count.known += 1
                continue
            body = {"url": one.url, "events": one.events, "format": one.format, "enabled": False}
            if profile is not None:
                body["profileId"] = profile
            if await self._made("webhooks", one.id, shown, "/webhooks", body):
                count.created += 1

    async def replies(self, found: Sequence[Reply]) -> None:
        """Canned replies, known by shortcut; one that is here keeps its text."""
        count = self._report.of("canned replies")
        count.seen = len(found)
        if self._state is None or not found:
            return
        there = {one["shortcut"].casefold() async for one in self._api.pages("/canned-replies", limit=200)}
        for one in found:
            if one.shortcut.casefold() in there:
                count.known += 1
            elif one.problem is not None:
                self._report.refuse("canned replies", one.id, one.shortcut, one.problem)
            else:
                body = {"shortcut": one.shortcut, "text": one.text}
                if await self._made("canned replies", one.id, one.shortcut, "/canned-replies", body):
                    count.created += 1
                    there.add(one.shortcut.casefold())

    async def notes(self, found: Sequence[Noted]) -> None:
        """Notes about contacts, known by contact and text; the contacts have come before."""
        count = self._report.of("notes")
        for one in found:
            count.seen += len(one.notes)
            if self._state is None or not one.notes:
                continue
            contact = await self._contact(one)
            if contact is None:
                for _ in one.notes:
                    self._report.refuse("notes", one.id, one.name, "Its contact is not here.")
                continue
            path = f"/contacts/{contact}/notes"
            there = Counter([row["text"].strip() async for row in self._api.pages(path, limit=200)])
            for note in one.notes:
                if there[note.text.strip()]:
                    there[note.text.strip()] -= 1
                    count.known += 1
                elif await self._made("notes", one.id, one.name, path, {"text": note.text, "title": note.title}):
                    count.created += 1

    async def _contact(self, one: Noted) -> str | None:
        """The id here of a contact, by its number, else by its e-mail address and name."""
        if one.phone is not None:
            query: dict[str, Any] = {"phone": one.phone}
        elif one.email is not None:
            query = {"filter": {"equals": {"email": one.email, "name": one.name}}}
        else:
            return None
        rows = [row async for row in self._api.pages("/contacts", limit=200, **query)]
        # Nobody's number finds those that contain it: somebody else's, who gets no notes of a stranger.
        mine = _digits(one.phone)
        same = [row for row in rows if not mine or mine == _digits(row["phone"]) or mine not in _digits(row["phone"])]
        return str(same[0]["id"]) if len(same) == 1 else None

    async def team(self, found: Sequence[Colleague]) -> None:
        """Members, known by e-mail address. They come as invitations: nobody's password can be read."""
        count = self._report.of("team")
        count.seen = len(found)
        if self._state is None or not found:
            return
        there = {one["email"].casefold() async for one in self._api.pages("/team", limit=200)}
        there |= {one["email"].casefold() async for one in self._api.pages("/team/invitations", limit=200)}
        for one in found:
            if one.email.casefold() in there:
                count.known += 1
                continue
            body = {"email": one.email, "role": one.role}
            made = await self._made("team", one.id, one.email, "/team/invitations", body)
            if made:
                count.created += 1
                self.invitations.append(Invitation(email=one.email, role=one.role, token=made["token"]))

    async def planned(self, found: Sequence[Planned], numbers: Sequence[Number]) -> None:
        """Scheduled messages, known by what was moved before, else by number, recipient, time and text."""
        count = self._report.of("scheduled")
        count.seen = len(found)
        state = self._state
        if state is None or not found:
            return
        equal = await self.equals(numbers)
        there = Counter([_same(one["profileId"], one) async for one in self._api.pages("/schedules", limit=200)])
        for place, one in enumerate(found, 1):
            self._told("scheduled", place, len(found))
            profile = equal.get(one.number)
            if state.known("scheduled", one.id) is not None:
                count.known += 1
                continue
            if profile is None:
                self._unmapped("scheduled", one.id, one.to, one.number)
                continue
            key = _same(profile, {"to": one.to, "scheduledAt": one.at, "content": one.content})
            if there[key]:
                there[key] -= 1
                count.known += 1
                continue
            if any(name in one.content for name in ("url", "mediaId")) and not _is_link(one.content.get("url")):
                self._report.refuse(
                    "scheduled", one.id, one.to, "Its file is at the source alone; schedule it anew here."
                )
                continue
            body = {
                "profileId": profile,
                "to": one.to,
                "type": one.type,
                "content": one.content,
                "scheduledAt": one.at,
            }
            made = await self._made("scheduled", one.id, one.to, "/schedules", body, key=self._key(one.id))
            if made:
                count.created += 1
                state.remember("scheduled", one.id, str(made["id"]))
                if count.created % EVERY == 0:
                    state.keep()

    # -- how ---------------------------------------------------------------------------------------------

    def _key(self, id_: str) -> str:
        """The same for the same message of the same source, so that a repeat within a day has the first answer."""
        return hashlib.sha256(f"{self._source}\n{id_}".encode()).hexdigest()[:40]

    def _unmapped(self, kind: str, id_: str, value: str, number: str) -> None:
        self._report.refuse(kind, id_, value, f"No channel here stands for {number}: --map {number}=CHANNEL.")

    def _missing(self, text: str) -> None:
        if text not in self._report.not_moved:
            self._report.not_moved.append(text)

    async def _made(
        self, kind: str, id_: str, value: str, path: str, body: dict[str, Any], key: str | None = None
    ) -> dict[str, Any] | None:
        """Make one; a refusal of this one is reported, and gives None. Raises ApiError for what concerns all."""
        try:
            made: dict[str, Any] = await self._api.post(path, body, key=key)
        except ApiError as error:
            if concerns_all(error):
                raise
            self._report.refuse(kind, id_, value, _reason(error))
            return None
        return made


def _reason(error: ApiError) -> str:
    details = error.details if isinstance(error.details, dict) else {}
    more = "; ".join(f"{name}: {' '.join(map(str, said))}" for name, said in details.items() if isinstance(said, list))
    return f"{error.message} ({more})" if more and more not in error.message else error.message


def without_secrets(url: str) -> str:
    """An address for a report: without a password, a query and a fragment, where secrets stand."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _digits(given: Any) -> str:
    return re.sub(r"\D", "", str(given or "").partition("@")[0])


def _is_link(given: Any) -> bool:
    return isinstance(given, str) and given.startswith(("http://", "https://"))


def _same(profile: str, row: dict[str, Any]) -> tuple[str, str, float, str]:
    """By what two scheduled messages are one."""
    content = row.get("content") or {}
    said = content.get("text") or content.get("caption") or content.get("url") or content.get("name") or ""
    to = str(row.get("to") or "")
    address = to if to.endswith("@g.us") else _digits(to) or to
    return profile, address, _moment(row.get("scheduledAt")), str(said)


def _moment(given: Any) -> float:
    """Seconds since 1970; 0 for what is no time."""
    try:
        return datetime.fromisoformat(str(given)).timestamp()
    except ValueError:
        return 0.0
