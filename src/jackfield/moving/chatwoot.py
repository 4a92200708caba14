"""Chatwoot, as its OpenAPI shows it (swagger/ of chatwoot/chatwoot: contacts, labels, webhooks, canned responses, agents)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from .phones import equal_events, parts_of, place
from .records import Batch, Colleague, Hook, Labels, Note, Noted, Person, Reply
from .source import ABSENT, Source, SourceError, digits, flag, text, values

REFUSED: Final = frozenset({401, *ABSENT})
"""Chatwoot says 401 of what only administrators may see too; that the key is right is known by then."""
EVENTS: Final[dict[str, tuple[str, ...]]] = {
    "message_created": ("message.received", "message.sent"),
    "message_updated": ("message.delivered", "message.read", "message.failed", "message.edited", "message.deleted"),
    "conversation_created": ("chat.updated",),
    "conversation_status_changed": ("chat.updated",),
    "conversation_updated": ("chat.updated",),
    "contact_created": ("contact.created",),
    "contact_updated": ("contact.updated",),
}
"""Events of Chatwoot, and ours that say the same."""
WORDS: Final = {
    "contact.name": "{name}",
    "contact.first_name": "{first_name}",
    "contact.last_name": "{last_name}",
    "contact.phone": "{phone}",
    "contact.email": "{email}",
    "agent.name": "{agent}",
}
"""Placeholders of canned replies, and ours."""
FACTS: Final = ("city", "company_name", "description")
"""Of `additional_attributes`, what is said of a person; the others tell of a browser."""
_ACCOUNT: Final = re.compile(r"(.*?)(?:/app|/api/v1)?/accounts/(\d+)(?:/.*)?")
_PLACEHOLDER: Final = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


class Chatwoot(Source):
    """See Source. One account of it; whose it is, and which accounts there are, the key's profile tells."""

    dialect: ClassVar[str] = "chatwoot"
    vendor: ClassVar[str] = "Chatwoot"
    not_shown: ClassVar[tuple[str, ...]] = (
        "consent to marketing: Chatwoot has none; whoever is blocked there is blocked here",
        "lists, templates and scheduled messages: Chatwoot's documentation has none of them for an account",
        "conversations and their messages: they are not moved, though Chatwoot shows them, 15 conversations at a time",
        "what webhooks post: it is Jackfield's here. Change a receiver written for Chatwoot before you enable its webhook",
        "campaigns, automations, macros, custom filters and the help centre: make them here anew",
    )

    @staticmethod
    def base_of(url: str) -> str:
        """See Source. The address of the dashboard, with the account in it, is one too."""
        found = _ACCOUNT.fullmatch(url)
        return f"{found[1]}/api/v1/accounts/{found[2]}" if found is not None else url.removesuffix("/api/v1")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._tags: dict[str, list[str]] | None = None
        self._one_by_one = False

    async def begin(self) -> str:
        """See Source."""
        self.web.set("api_access_token", self._key)
        account = _ACCOUNT.fullmatch(self.web.base)
        self.web.base = account[1] if account is not None else self.web.base
        path = "/api/v1/profile"
        profile = await self.web.get(path)
        accounts = profile.get("accounts") if isinstance(profile, dict) else None
        if not isinstance(accounts, list):
            raise SourceError(self.web.strange(path, "there are no `accounts` in it"))
        known = {str(one.get("id")): one for one in accounts if isinstance(one, dict)}
        wanted = account[2] if account is not None else next(iter(known)) if len(known) == 1 else None
        if wanted is None or wanted not in known:
            places = ", ".join(f"{self.web.base}/app/accounts/{id_} ({one.get('name')})" for id_, one in known.items())
            raise SourceError(
                f"--url: write the account into the address, one of {places or 'which this key sees none'}."
            )
        self.web.base = f"{self.web.base}/api/v1/accounts/{wanted}"
        if known[wanted].get("role") not in ("administrator", None):
            self.note("webhooks: this key is of an agent; take that of an administrator to see them")
        return f"account {wanted} at {self.web.base.partition('/api/')[0]}"

    def _rows(self, found: Any, path: str) -> list[dict[str, Any]]:
        """The rows of an answer: bare, in `payload`, or under a name in it."""
        if isinstance(found, dict):
            found = found.get("payload")
        if isinstance(found, dict):
            found = next((one for one in found.values() if isinstance(one, list)), None)
        return self.web.rows(found, path)

    async def _list(self, path: str, missing: str) -> list[dict[str, Any]] | None:
        """A short list; None, and a note, where this key does not see it."""
        found = await self.web.find(path, absent=REFUSED)
        if found is None:
            self.note(missing)
            return None
        return self._rows(found, path)

    async def labels(self) -> Labels:
        """See Source."""
        rows = await self._list("/labels", "labels that nobody has: this Chatwoot does not list them")
        return Labels(tags=[name for one in rows or () if (name := text(one.get("title"))) is not None])

    async def hooks(self) -> list[Hook]:
        """See Source."""
        rows = await self._list("/webhooks", "webhooks: this key does not see them; take that of an administrator")
        found: list[Hook] = []
        for one in rows or ():
            url = text(one.get("url"))
            if url is not None:
                events, unknown = equal_events(one.get("subscriptions") or [], EVENTS)
                found.append(Hook(id=str(one.get("id")), url=url, events=events, unknown=unknown))
        return found

    async def replies(self) -> list[Reply]:
        """See Source."""
        rows = await self._list("/canned_responses", "canned responses: this key does not see them")
        return [_reply(one) for one in rows or () if text(one.get("short_code"))]

    async def team(self) -> list[Colleague]:
        """See Source. Inboxes and teams are counted on the way: what they are here is made by hand."""
        for path, missing, what in (
            ("/inboxes", "inboxes: this key does not see them", "inboxes: connect their channels here; there are"),
            ("/teams", "teams: this key does not see them", "teams: departments are made here by hand; there are"),
        ):
            rows = await self._list(path, missing)
            names = [name for one in rows or () if (name := text(one.get("name"))) is not None]
            if names:
                self.note(f"{what} {', '.join(names[:20])}{f' and {len(names) - 20} more' if names[20:] else ''}")
        rows = await self._list("/agents", "team members: this key does not see them")
        return [
            Colleague(
                id=str(one.get("id")),
                email=str(one["email"]).strip(),
                name=text(one.get("name")) or "",
                role="admin" if one.get("role") == "administrator" else "agent",
            )
            for one in rows or ()
            if text(one.get("email"))
        ]

    # -- contacts ----------------------------------------------------------------------------------------

    async def people(self, cursor: str | None) -> AsyncIterator[Batch[Person]]:
        """See Source. By phone number, which no two contacts of an account share."""
        if self._tags is None:
            self._tags = await self._tags_by_contact()
        async for rows, page, total in self._pages(cursor):
            people = [_person(one, await self._tags_of(str(one.get("id")))) for one in rows]
            yield Batch(rows=people, cursor=place(page), total=total)

    async def _pages(self, cursor: str | None) -> AsyncIterator[tuple[list[dict[str, Any]], int, int | None]]:
        """Contacts page by page, with the number of the next page and how many there are in all."""
        page, before = int([*parts_of(cursor), 1][0]), None
        while True:
            found = await self.web.get("/contacts", page=page, sort="phone_number")
            rows = self._rows(found, "/contacts")
            if not rows or rows == before:
                return
            before, page = rows, page + 1
            meta = found.get("meta") if isinstance(found, dict) else None
            total = meta.get("count") if isinstance(meta, dict) else None
            yield rows, page, total if isinstance(total, int) else None

    async def noted(self, cursor: str | None) -> AsyncIterator[Batch[Noted]]:
        """See Source. One request for each contact: the list of contacts does not say who has notes."""
        shown = False
        async for rows, page, _ in self._pages(cursor):
            found: list[Noted] = []
            for row in rows:
                answer = await self.web.find(f"/contacts/{row.get('id')}/notes", absent=REFUSED)
                if answer is None and not shown:
                    self.note("notes of contacts: this Chatwoot does not show them")
                    return
                shown = True
                # A contact that was deleted meanwhile has none.
                notes = [] if answer is None else self._rows(answer, "/contacts/{id}/notes")
                person = _person(row, [])
                if notes:
                    found.append(
                        Noted(
                            id=person.id,
                            phone=person.phone,
                            email=person.email,
                            name=person.name or "",
                            notes=[_note(one) for one in sorted(notes, key=_when) if text(one.get("content"))],
                        )
                    )
            yield Batch(rows=found, cursor=place(page))

    async def _tags_by_contact(self) -> dict[str, list[str]]:
        """Labels by contact, asked for label by label: far fewer requests than one for each contact."""
        rows = await self.web.find("/labels", absent=REFUSED)
        found: dict[str, list[str]] = {}
        if rows is None:
            self._one_by_one = True
            return found
        for title in (text(one.get("title")) for one in self._rows(rows, "/labels")):
            page, before = 1, None
            while title is not None:
                wanted = {"attribute_key": "labels", "filter_operator": "equal_to", "values": [title]}
                body = {"payload": [{**wanted, "query_operator": None}]}
                answer = await self.web.post(f"/contacts/filter?page={page}", json=body, absent={*ABSENT, 400, 422})
                if answer is None:
                    self._one_by_one = True
                    return {}
                contacts = self._rows(answer, "/contacts/filter")
                if not contacts or contacts == before:
                    break
                for one in contacts:
                    found.setdefault(str(one.get("id")), []).append(title)
                before, page = contacts, page + 1
        return found

    async def _tags_of(self, id_: str) -> list[str]:
        if not self._one_by_one:
            return (self._tags or {}).get(id_, [])
        found = await self.web.find(f"/contacts/{id_}/labels", absent=ABSENT)
        names = found.get("payload") if isinstance(found, dict) else None
        if not isinstance(names, list):
            self.note("labels of contacts: this Chatwoot does not show them")
            return []
        return [name for one in names if (name := text(one)) is not None]


def _reply(row: dict[str, Any]) -> Reply:
    unknown: dict[str, None] = {}

    def equal(match: re.Match[str]) -> str:
        name = match[1]
        if name not in WORDS:
            unknown[name] = None
        return WORDS.get(name, match[0])

    said = _PLACEHOLDER.sub(equal, str(row.get("content") or ""))
    # One word here: "opening hours" becomes "opening-hours".
    shortcut = re.sub(r"[\s/]+", "-", str(row["short_code"]).strip().removeprefix("/"))
    problem = f"It has placeholders without an equal here: {', '.join(unknown)}." if unknown else None
    return Reply(id=str(row.get("id")), shortcut=shortcut, text=said, problem=problem)


def _when(row: dict[str, Any]) -> float:
    """Seconds since 1970; 0 where it is not told."""
    found = row.get("created_at")
    return float(found) if isinstance(found, int | float) else 0.0


def _note(row: dict[str, Any]) -> Note:
    user = row.get("user")
    name = text(user.get("name")) if isinstance(user, dict) else None
    day = datetime.fromtimestamp(_when(row), UTC).strftime("%Y-%m-%d") if _when(row) else None
    title = ", ".join(one for one in (name, day) if one)[:200]
    return Note(text=str(row["content"]), title=title or None)


def _person(row: dict[str, Any], tags: list[str]) -> Person:
    more = row.get("additional_attributes")
    more = more if isinstance(more, dict) else {}
    phone = digits(row.get("phone_number"))
    telegram: list[str] = []
    for one in row.get("contact_inboxes") or []:
        inbox = one.get("inbox") if isinstance(one, dict) else None
        kind, source = (
            (inbox.get("channel_type"), text(one.get("source_id"))) if isinstance(inbox, dict) else (None, None)
        )
        if source is None or not source.isdigit():
            continue
        if kind == "Channel::Whatsapp" and phone is None:
            phone = digits(source)
        elif kind == "Channel::Telegram":
            telegram.append(source)
    country = text(more.get("country_code")) or ""
    attributes = {name: more[name] for name in FACTS if isinstance(more.get(name), str)}
    return Person(
        id=text(row.get("id")) or "",
        phone=phone,
        name=text(row.get("name")),
        email=text(row.get("email")),
        country=country if len(country) == 2 and country.isalpha() else None,
        # No consent is told; that somebody is not blocked there lifts no block here.
        blocked=flag(row.get("blocked")) or None,
        tags=tags,
        attributes=values({"identifier": row.get("identifier"), **attributes}) | values(row.get("custom_attributes")),
        identities={"telegram": telegram} if telegram and phone is None else {},
    )
