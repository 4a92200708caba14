"""Chatly, by API key and the JWT of a member. Its page prints the envelope of answers and not their fields: a list is
found under its usual names, and what a row does not have is not moved."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, ClassVar

from .records import Batch, Colleague, Labels, Person, Template
from .source import Source, SourceError, digits, flag, template_of, text, texts, values

PAGE = 200


class Chatly(Source):
    """See Source."""

    dialect: ClassVar[str] = "chatly"
    vendor: ClassVar[str] = "Chatly"
    not_shown: ClassVar[tuple[str, ...]] = (
        "segments: Chatly's guide names no way to read them",
        "the webhook: Chatly shows it on its page in the browser; set the same address here",
        "campaigns: Chatly's guide names no way to read the values that a campaign fills in",
        "scheduled messages: Chatly has none apart from campaigns",
        "notes, tickets and the history of messages: they are not moved, though Chatly shows them",
        "contacts without a phone number: Chatly lists Telegram's people without their messages",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._tagged: dict[str, list[str]] | None = None

    @staticmethod
    def base_of(url: str) -> str:
        """See Source. A language may stand in it: /auth/en/api."""
        return url if url.endswith("/api") else f"{url}/auth/api"

    async def begin(self) -> str:
        """See Source."""
        self.web.set("apikey", self._key)
        if self._login is None:
            raise SourceError(
                "Chatly shows nothing by the key alone: give the e-mail address of a member with --user, and the "
                "password in JACKFIELD_SOURCE_PASSWORD or when it is asked for."
            )
        form = {"email": self._login.user, "password": self._login.password}
        data = await self._data(await self.web.post("/login", form=form), "/login")
        token = data.get("token") or data.get("access_token") or data.get("jwt_token")
        if not isinstance(token, str):
            raise SourceError(self.web.strange("/login", "there is no token in `data`"))
        self.web.set("Authorization", f"Bearer {token}")
        return text(data.get("email")) or self._login.user

    async def _data(self, found: Any, path: str) -> dict[str, Any]:
        if not isinstance(found, dict) or "success" not in found:
            raise SourceError(self.web.strange(path, "there is no `success`"))
        data = found.get("data")
        if isinstance(data, list):
            return {"data": data}
        if not isinstance(data, dict):
            raise SourceError(self.web.strange(path, "there is no `data`"))
        return data

    async def _pages(
        self, path: str, *names: str, first: int = 1
    ) -> AsyncIterator[tuple[list[dict[str, Any]], int, Any]]:
        """Rows of a list page by page, with the number of the next page and the total where it is told."""
        page = first
        before: Any = None
        while True:
            data = await self._data(await self.web.get(path, page=page, per_page=PAGE), path)
            rows, told = rows_in(data, names)
            if rows is None:
                raise SourceError(self.web.strange(path, "there is no list in `data`"))
            if rows and rows == before:
                return
            before, page = rows, page + 1
            if rows:
                yield rows, page, told.get("total")
            if not rows or not _more(told, page - 1):
                return

    async def labels(self) -> Labels:
        """See Source."""
        found = Labels()
        async for rows, _, _ in self._pages("/whatsapp-contact-list", "contact_lists", "lists"):
            found.lists.extend(texts(rows))
        async for rows, _, _ in self._pages("/tags", "tags"):
            found.tags.extend(texts([{"name": one.get("name") or one.get("title")} for one in rows]))
        return found

    async def templates(self) -> list[Template]:
        """See Source. The guide speaks of a template list and names no path; a Jackfield has it here."""
        path = "/template"
        if await self.web.find(path, page=1, per_page=1) is None:
            self.note(
                "templates: this Chatly has no /template; they come from the provider when the number is connected"
            )
            return []
        found = [template_of(one) async for rows, _, _ in self._pages(path, "templates") for one in rows]
        return [one for one in found if one is not None]

    async def team(self) -> list[Colleague]:
        """See Source."""
        return [
            Colleague(
                id=str(one.get("id")),
                email=str(one["email"]).strip(),
                name=text(one.get("name")) or "",
                role="admin" if one.get("role") in ("admin", "client") else "agent",
            )
            async for rows, _, _ in self._pages("/team", "team")
            for one in rows
            if text(one.get("email")) and flag(one.get("status")) is not False
        ]

    async def people(self, cursor: str | None) -> AsyncIterator[Batch[Person]]:
        """See Source."""
        pages = self._pages("/whatsapp-contact", "contacts", first=int(cursor or 1))
        async for rows, after, total in pages:
            if self._tagged is None:
                self._tagged = {} if all("tags" in one for one in rows) else await self._tags_by_contact()
            if not any("contact_lists" in one or "lists" in one for one in rows):
                self.note("which contact is in which list: this Chatly does not show it at its contacts")
            if not any("is_opted_in" in one for one in rows):
                self.note("consent: this Chatly does not show it at its contacts")
            yield Batch(
                rows=[_person(one, self._tagged) for one in rows],
                cursor=str(after),
                total=total if isinstance(total, int) else None,
            )

    async def _tags_by_contact(self) -> dict[str, list[str]]:
        """The tags of each contact, where they do not stand at the contacts themselves."""
        names: dict[str, str] = {}
        async for rows, _, _ in self._pages("/tags", "tags"):
            for one in rows:
                name = text(one.get("name")) or text(one.get("title"))
                if name:
                    names[str(one.get("id"))] = name
        found: dict[str, list[str]] = {}
        async for rows, _, _ in self._pages("/tags/contact-tags", "contact_tags", "tags"):
            for one in rows:
                name = names.get(str(one.get("tag_id"))) or text(one.get("name"))
                if name and one.get("contact_id") is not None:
                    found.setdefault(str(one["contact_id"]), []).append(name)
        return found


def rows_in(data: dict[str, Any], names: tuple[str, ...]) -> tuple[list[dict[str, Any]] | None, dict[str, Any]]:
    """The list in an answer, and what stands beside it: by its name, as `data`, or as the only list there is."""
    for name in (*names, "data"):
        found = data.get(name)
        if isinstance(found, dict):
            return rows_in(found, names)
        if isinstance(found, list):
            return [one for one in found if isinstance(one, dict)], data
    lists = [one for one in data.values() if isinstance(one, list)]
    if len(lists) == 1:
        return [one for one in lists[0] if isinstance(one, dict)], data
    return None, data


def _more(told: dict[str, Any], page: int) -> bool:
    """Whether there are pages after this one; without any word of pages there are none."""
    if "has_more" in told:
        return bool(told["has_more"])
    if isinstance(told.get("last_page"), int):
        return page < int(told["last_page"])
    return bool(told.get("next_page_url"))


def _person(row: dict[str, Any], tagged: dict[str, list[str]]) -> Person:
    id_ = text(row.get("id")) or ""
    status = row.get("status")
    return Person(
        id=id_,
        phone=digits(row.get("phone")),
        name=text(row.get("name")),
        email=text(row.get("email")),
        optin=flag(row.get("is_opted_in")),
        # Said where the row's shape is ours; what a status means at the vendor is in no document.
        blocked=(status == 0) if "is_opted_in" in row else None,
        source=text(row.get("source")),
        tags=[*texts(row.get("tags")), *tagged.get(id_, [])],
        lists=texts(row.get("contact_lists") if "contact_lists" in row else row.get("lists")),
        attributes=values(row.get("attributes")),
    )
