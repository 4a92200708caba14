"""Pabbly Chatflow, as its documentation shows it (contacts 25 at a time, lists, tags, templates)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, ClassVar

from .records import Batch, Labels, Person, Template
from .source import Source, SourceError, digits, flag, template_of, text, texts, values

PAGE = 25
"""The documentation's maximum."""


class Pabbly(Source):
    """See Source."""

    dialect: ClassVar[str] = "pabbly"
    vendor: ClassVar[str] = "Pabbly Chatflow"
    not_shown: ClassVar[tuple[str, ...]] = (
        "e-mail addresses, unless they are a custom field: Pabbly's contacts have none",
        "webhooks: Pabbly's API does not show them; make them with `jackfield webhook add`",
        "team members: Pabbly's API does not show them",
        "broadcasts, scheduled ones and API campaigns included: Pabbly's API makes them and lists none",
        "scheduled messages and the history of messages: Pabbly's documentation shows neither",
        "who was never asked for consent: Pabbly's API knows yes and no alone, so that they come as a refusal",
    )

    @staticmethod
    def base_of(url: str) -> str:
        """See Source."""
        return url if url.endswith("/api/v1") else f"{url}/api/v1"

    async def begin(self) -> str:
        """See Source."""
        self.web.set("Authorization", f"Bearer {self._key}")
        data = await self._data("/contacts/lists")
        if not isinstance(data.get("lists"), list):
            raise SourceError(self.web.strange("/contacts/lists", "there is no `data.lists`"))
        return self.web.base

    async def _data(self, path: str, **query: Any) -> dict[str, Any]:
        found = await self.web.get(path, **query)
        data = found.get("data") if isinstance(found, dict) else None
        if not isinstance(data, dict):
            raise SourceError(self.web.strange(path, "there is no `data`"))
        return data

    async def labels(self) -> Labels:
        """See Source."""
        lists = await self._data("/contacts/lists")
        tags = await self._data("/settings/tags")
        return Labels(lists=texts(lists.get("lists")), tags=texts(tags.get("tags")))

    async def templates(self) -> list[Template]:
        """See Source."""
        rows = (await self._data("/templates", all=1)).get("templates")
        if not isinstance(rows, list):
            raise SourceError(self.web.strange("/templates", "there is no `data.templates`"))
        found = [template_of(one) for one in rows if isinstance(one, dict)]
        return [one for one in found if one is not None]

    async def people(self, cursor: str | None) -> AsyncIterator[Batch[Person]]:
        """See Source. The oldest first, so that those who are new meanwhile come at the end."""
        page = int(cursor or 1)
        before: Any = None
        while True:
            data = await self._data("/contacts/", order=1, limit=PAGE, page=page)
            rows = data.get("contacts")
            if not isinstance(rows, list):
                raise SourceError(self.web.strange("/contacts/", "there is no `data.contacts`"))
            if rows and rows == before:
                raise SourceError(self.web.strange("/contacts/", f"page {page} is page {page - 1} once more"))
            before, page = rows, page + 1
            total = data.get("totalCount")
            if rows:
                yield Batch(
                    rows=[_person(one) for one in rows if isinstance(one, dict)],
                    cursor=str(page),
                    total=total if isinstance(total, int) else None,
                )
            if not rows or not (data.get("next") or data.get("remainingCount")):
                return


def _person(row: dict[str, Any]) -> Person:
    return Person(
        id=text(row.get("_id")) or "",
        phone=digits(row.get("mobile")),
        name=text(row.get("name")),
        email=text(row.get("email")),
        optin=flag(row.get("optin")),
        blocked=flag(row.get("incomingBlocked")),
        source=text(row.get("source")),
        tags=texts(row.get("tags")),
        # "all" is everybody, not a list.
        lists=[one for one in texts(row.get("list")) if one != "all"],
        attributes=values(row.get("attributes")),
    )
