"""MultiWA, as its API page and its own client have it; a Jackfield shows more than that in the same words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, ClassVar

from .records import Batch, Hook, Labels, Number, Person, Planned, Template, Triggered
from .source import ABSENT, Source, digits, flag, template_of, text, texts, values
from .triggered import triggered_of

PAGE = 100
MOST_PLANNED = 200


class MultiWA(Source):
    """See Source."""

    dialect: ClassVar[str] = "multiwa"
    vendor: ClassVar[str] = "MultiWA"
    not_shown: ClassVar[tuple[str, ...]] = (
        "lists and consent, where a MultiWA and not a Jackfield answers: it has neither",
        "broadcasts and bulk batches: they are not moved, though MultiWA shows them. API campaigns of a Jackfield are",
        "the history of messages: it is not moved, though MultiWA shows the chats",
        "team members and segments: MultiWA's API does not show them",
    )

    @staticmethod
    def base_of(url: str) -> str:
        """See Source."""
        return url if url.endswith(("/api", "/api/v1")) else f"{url}/api/v1"

    async def begin(self) -> str:
        """See Source. The page has its base at /api, its clients at /api/v1: whichever answers."""
        self.web.set("X-API-Key", self._key)
        if self.web.base.endswith("/v1"):
            found = await self.web.find("/profiles")
            if found is None:
                self.web.base = self.web.base.removesuffix("/v1")
        rows, _ = await self._list("/profiles")
        return f"{len(rows)} profiles at {self.web.base}"

    async def _list(self, path: str, **query: Any) -> tuple[list[dict[str, Any]], int | None]:
        """Rows of a list, in its envelope or bare, and how many there are in all where it says so."""
        found = await self.web.get(path, **query)
        rows = found.get("data") if isinstance(found, dict) else found
        if isinstance(rows, dict):
            rows = next((one for one in rows.values() if isinstance(one, list)), None)
        shown = self.web.rows(rows, path)
        meta = found.get("meta") if isinstance(found, dict) else None
        total = found.get("total") if isinstance(found, dict) else None
        if not isinstance(total, int) and isinstance(meta, dict):
            total = meta.get("total")
        return shown, total if isinstance(total, int) else None

    async def labels(self) -> Labels:
        """See Source. MultiWA has no lists, and tags stand at contacts alone; a Jackfield shows both."""
        found = Labels()
        for name, kept in (("/lists", found.lists), ("/tags", found.tags)):
            offset = 0
            while await self.web.find(name, limit=1) is not None:
                rows, _ = await self._list(name, limit=PAGE, offset=offset)
                kept.extend(texts(rows))
                offset += PAGE
                if len(rows) < PAGE:
                    break
        return found

    async def _all(self, path: str) -> list[dict[str, Any]]:
        """All rows of a short list."""
        found: list[dict[str, Any]] = []
        while True:
            rows, _ = await self._list(path, limit=PAGE, offset=len(found))
            if rows and rows == found[-len(rows) :]:
                return found
            found += rows
            if len(rows) < PAGE:
                return found

    async def numbers(self) -> list[Number]:
        """See Source."""
        rows, _ = await self._list("/profiles")
        return [
            Number(
                id=str(one.get("id")),
                phone=digits(one.get("phone") or one.get("phoneNumber")),
                name=text(one.get("displayName")) or text(one.get("name")),
            )
            for one in rows
        ]

    async def templates(self) -> list[Template]:
        """See Source. MultiWA keeps texts of its own; a Jackfield shows the provider's components beside them."""
        if await self.web.find("/templates", limit=1) is None:
            self.note("templates: this MultiWA's API does not show them")
            return []
        rows = await self._all("/templates")
        found = [template_of(one) for one in rows]
        if rows and None in found:
            self.note("templates without a provider's components: make them with `jackfield template create`")
        return [one for one in found if one is not None]

    async def triggered(self) -> list[Triggered]:
        """See Source. MultiWA has none; a Jackfield shows them. Names are unique to callers: of several the newest counts."""
        if await self.web.find("/campaigns", absent={*ABSENT, 400}, kind="api", limit=1) is None:
            return []
        found: dict[tuple[str, str], Triggered] = {}
        offset = 0
        while True:
            rows, _ = await self._list("/campaigns", kind="api", limit=PAGE, offset=offset)
            for one in filter(None, map(triggered_of, rows)):
                found.setdefault((one.name, one.number), one)
            offset += PAGE
            if len(rows) < PAGE:
                return list(found.values())[::-1]

    async def hooks(self) -> list[Hook]:
        """See Source."""
        return [
            Hook(
                id=str(one.get("id")),
                url=str(one.get("url")),
                events=[str(name) for name in one.get("events") or []],
                format=text(one.get("format")) or "native",
                number=text(one.get("profileId")),
            )
            for one in await self._all("/webhooks")
            if text(one.get("url"))
        ]

    async def planned(self) -> list[Planned]:
        """See Source. Each profile shows those that wait, at most 200 of them."""
        found: list[Planned] = []
        for number in await self.numbers():
            path = f"/messages/schedule/{number.id}"
            if await self.web.find(path) is None:
                self.note("scheduled messages: this MultiWA's API does not show them")
                return []
            rows, _ = await self._list(path)
            if len(rows) >= MOST_PLANNED:
                self.note(
                    f"scheduled messages after the first {MOST_PLANNED} of a profile: the API shows no more at once"
                )
            for one in rows:
                content = one.get("content")
                if one.get("status") != "pending" or not isinstance(content, dict):
                    continue
                found.append(
                    Planned(
                        id=str(one.get("id")),
                        number=number.id,
                        to=str(one.get("to")),
                        at=str(one.get("scheduledAt")),
                        type=text(one.get("type")) or "text",
                        content={name: value for name, value in content.items() if name != "type"},
                    )
                )
        return found

    async def people(self, cursor: str | None) -> AsyncIterator[Batch[Person]]:
        """See Source."""
        offset = int(cursor or 0)
        before: Any = None
        while True:
            rows, total = await self._list("/contacts", limit=PAGE, offset=offset)
            if rows and rows == before:
                # No paging there: all of it was in the first answer.
                return
            before, offset = rows, offset + len(rows)
            if rows:
                yield Batch(rows=[_person(one) for one in rows], cursor=str(offset), total=total)
            if not rows or (offset >= total if total is not None else len(rows) < PAGE):
                return


def _person(row: dict[str, Any]) -> Person:
    identities: dict[str, list[str]] = {}
    for one in row.get("identities") or []:
        if isinstance(one, dict) and one.get("kind") not in (None, "phone", "email"):
            identities.setdefault(str(one["kind"]), []).append(str(one.get("value")))
    return Person(
        id=text(row.get("id")) or "",
        phone=digits(row.get("phone")),
        name=text(row.get("name")),
        first_name=text(row.get("firstName")),
        last_name=text(row.get("lastName")),
        email=text(row.get("email")),
        country=text(row.get("country")),
        optin=flag(row.get("optin")),
        blocked=flag(row.get("blocked")),
        source=text(row.get("source")),
        tags=texts(row.get("tags")),
        lists=texts(row.get("lists")),
        attributes=values(row.get("attributes") if row.get("attributes") is not None else row.get("metadata")),
        identities=identities,
    )
