"""WAHA, as its documentation shows it (waha.devlike.pro/docs/how-to: sessions, contacts, lids, chats, labels, events).

What an engine of WAHA answers differs: an address stands as a text or in an object, and what a free WAHA or an engine
does not have is 403, 404, 422 or 501. A session that does not run shows its webhooks alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, ClassVar, Final
from urllib.parse import quote

from .phones import LID, address, equal_events, parts_of, person_of, phone_of, place
from .records import Batch, Hook, Labels, Number, Person
from .source import Source, SourceError, flag, text, texts

PAGE = 100
"""The documentation's example of a page, and the default of the LIDs."""
ABSENT: Final = frozenset({403, 404, 405, 422, 501})
STATES: Final = ("message.sent", "message.delivered", "message.read", "message.failed")
EVENTS: Final[dict[str, tuple[str, ...]]] = {
    "*": ("*",),
    "session.status": ("session.connected", "session.disconnected", "session.qr"),
    "state.change": ("session.connected", "session.disconnected"),
    "message": ("message.received",),
    "message.any": ("message.received", "message.sent"),
    "message.reaction": ("message.reaction",),
    "message.ack": STATES,
    "message.ack.group": STATES,
    "message.edited": ("message.edited",),
    "message.revoked": ("message.deleted",),
    "chat.archive": ("chat.updated",),
    **dict.fromkeys(
        (
            *("group.join", "group.leave"),
            *("group.v2.join", "group.v2.leave", "group.v2.participants", "group.v2.update"),
        ),
        ("group.changed",),
    ),
    "label.chat.added": ("contact.updated",),
    "label.chat.deleted": ("contact.updated",),
    "call.received": ("call.received",),
    "call.rejected": ("call.rejected",),
}
"""Events of WAHA, and ours that say the same."""


class Waha(Source):
    """See Source. Each session is a number; its people are its address book and whoever it has a chat with."""

    dialect: ClassVar[str] = "waha"
    vendor: ClassVar[str] = "WAHA"
    not_shown: ClassVar[tuple[str, ...]] = (
        "lists, attributes, e-mail addresses and consent: WAHA has none",
        "templates, campaigns, scheduled messages and team members: WAHA has none",
        "sessions: a phone is linked here anew, by QR or pairing code",
        "groups and channels: they belong to the phone, and appear when it is linked here",
        "webhooks of the whole WAHA (WHATSAPP_HOOK_URL): its API shows those of sessions alone",
        "HMAC keys, headers and retries of webhooks: Jackfield signs and repeats in its own way",
        "what webhooks post: it is Jackfield's here. Change a receiver written for WAHA before you enable its webhook",
        "the history of messages: it is not moved, though WAHA shows what the phone keeps",
    )

    @staticmethod
    def base_of(url: str) -> str:
        """See Source. The dashboard's address is one too."""
        for end in ("/api", "/dashboard"):
            url = url.removesuffix(end)
        return url

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sessions: list[dict[str, Any]] = []

    async def begin(self) -> str:
        """See Source."""
        self.web.set("X-Api-Key", self._key)
        rows = await self.whole("/api/sessions", all="true")
        if any(not text(one.get("name")) or "status" not in one for one in rows):
            raise SourceError(self.web.strange("/api/sessions", "there are sessions without `name` and `status`"))
        self.sessions = sorted(rows, key=lambda one: str(one["name"]))
        for one in self.sessions:
            if one["status"] != "WORKING":
                self.note(
                    f"contacts and labels of the session {one['name']}: it is {one['status']}. Start it there and run "
                    "this again"
                )
        return f"{len(self.sessions)} sessions at {self.web.base}"

    async def whole(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """All rows of one answer."""
        return self.web.rows(await self.web.get(path, **query), path)

    async def pages(self, path: str, missing: str, **query: Any) -> list[dict[str, Any]]:
        """All rows of a list with pages; none, and a note, where this WAHA does not have it."""
        rows: list[dict[str, Any]] = []
        while True:
            found = await self.web.find(path, absent=ABSENT, limit=PAGE, offset=len(rows), **query)
            if found is None:
                self.note(missing)
                return rows
            page = self.web.rows(found, path)
            if page and page == rows[-len(page) :]:
                return rows
            rows += page
            if len(page) != PAGE:
                # Fewer are the last ones; more were given by a WAHA without pages, which gave all.
                return rows

    def _working(self) -> list[str]:
        return [str(one["name"]) for one in self.sessions if one["status"] == "WORKING"]

    async def session_labels(self, session: str) -> list[dict[str, Any]]:
        """Labels of one session, with their ids."""
        path = f"/api/{quote(session, safe='')}/labels"
        found = await self.web.find(path, absent=ABSENT)
        if found is None:
            self.note(f"labels of the session {session}: WAHA shows none (they are for business accounts)")
            return []
        return self.web.rows(found, path)

    async def labels(self) -> Labels:
        """See Source."""
        found = Labels()
        for session in self._working():
            found.tags.extend(texts(await self.session_labels(session)))
        return found

    async def numbers(self) -> list[Number]:
        """See Source."""
        found = []
        for one in self.sessions:
            me = one.get("me")
            me = me if isinstance(me, dict) else {}
            phone = phone_of(address(me.get("id")))
            found.append(Number(id=str(one["name"]), phone=phone, name=text(me.get("pushName"))))
        return found

    async def hooks(self) -> list[Hook]:
        """See Source."""
        found: list[Hook] = []
        for session in self.sessions:
            config = session.get("config")
            rows = config.get("webhooks") if isinstance(config, dict) else None
            for n, one in enumerate(rows if isinstance(rows, list) else []):
                url = text(one.get("url")) if isinstance(one, dict) else None
                if url is None:
                    continue
                events, unknown = equal_events(one.get("events") or [], EVENTS)
                name = str(session["name"])
                found.append(Hook(id=f"{name} {n + 1}", url=url, events=events, number=name, unknown=unknown))
        return found

    # -- contacts ----------------------------------------------------------------------------------------

    async def people(self, cursor: str | None) -> AsyncIterator[Batch[Person]]:
        """See Source. By session, sorted by address, so that a run goes on where one was cut short."""
        name, offset = [*parts_of(cursor), "", 0][:2]
        for session in self._working():
            if session < str(name):
                continue
            reading = _Session(self, session)
            await reading.begin()
            async for batch in reading.people(int(offset) if session == name else 0):
                yield batch


class _Session:
    """One session's people, with what must be known before the first of them is read."""

    def __init__(self, waha: Waha, session: str) -> None:
        self._waha = waha
        self._name = session
        self._path = f"/api/{quote(session, safe='')}"
        self._phones: dict[str, str] = {}
        self._tags: dict[str, list[str]] = {}
        self._chats: dict[str, str | None] = {}

    async def begin(self) -> None:
        """Read hidden numbers, labels and chats."""
        rows = await self._waha.pages(
            f"{self._path}/lids", f"phone numbers of hidden addresses of the session {self._name}: WAHA shows none"
        )
        for one in rows:
            hidden, phone = address(one.get("lid")), phone_of(address(one.get("pn")))
            if hidden is not None and phone is not None:
                self._phones[hidden] = phone
        for label in await self._waha.session_labels(self._name):
            name = text(label.get("name"))
            if name is None:
                continue
            path = f"{self._path}/labels/{quote(str(label.get('id')), safe='')}/chats"
            found = await self._waha.web.find(path, absent=ABSENT)
            if found is None:
                self._waha.note(f"which contact has which label in the session {self._name}: WAHA does not show it")
                break
            for chat in self._waha.web.rows(found, path):
                self._tags.setdefault(self._key(address(chat.get("id"))), []).append(name)
        rows = await self._waha.pages(
            f"{self._path}/chats",
            f"people of the session {self._name} who are in no address book: WAHA shows no chats",
            sortBy="id",
            sortOrder="asc",
        )
        for one in rows:
            found_ = address(one.get("id"))
            if found_ is not None:
                self._chats[found_] = text(one.get("name"))

    def _key(self, found: str | None) -> str:
        """One text for a person's address, whichever of the two it is."""
        return phone_of(found) or self._phones.get(found or "") or found or ""

    async def people(self, offset: int) -> AsyncIterator[Batch[Person]]:
        """The address book a page at a time, then those of chats who are not in it."""
        chats = {self._key(one) for one in self._chats}
        listed: set[str] = set()
        start, before = 0, None
        # Pages before `offset` are read once more, but not given: who is in them is not in the chats' remainder.
        while True:
            rows = await self._waha.whole(
                "/api/contacts/all",
                session=self._name,
                limit=PAGE,
                offset=start,
                sortBy="id",
                sortOrder="asc",
            )
            if rows == before:
                break
            before, start = rows, start + len(rows)
            people = [one for row in rows if (one := self._person(row, chats)) is not None]
            listed.update(self._key(one.id) for one in people)
            if people and start > offset:
                yield Batch(rows=people, cursor=place(self._name, start))
            if len(rows) != PAGE:
                break
        rest = [
            one
            for found, name in self._chats.items()
            if self._key(found) not in listed
            and (one := person_of(found, self._phones, name, tags=self._tags.get(self._key(found), []))) is not None
        ]
        if rest and offset <= start:
            yield Batch(rows=rest, cursor=place(self._name, start + 1))

    def _person(self, row: dict[str, Any], chats: set[str]) -> Person | None:
        """A contact; None for groups, the number itself, and strangers whom a shared group has shown."""
        found = address(row.get("id"))
        if found is None or flag(row.get("isMe")) or flag(row.get("isGroup")):
            return None
        key = self._key(found)
        name = next((said for said in map(text, map(row.get, NAMES)) if said is not None), None)
        saved = flag(row.get("isMyContact"))
        if not (saved or key in chats or key in self._tags):
            hidden = found.endswith(LID) and found not in self._phones
            if saved is False or name is None or hidden:
                self._waha.note("people of shared groups: those in no address book, with no chat and no label are left")
                return None
        blocked = flag(row.get("isBlocked")) or None
        return person_of(found, self._phones, name, tags=self._tags.get(key, []), blocked=blocked)


NAMES: Final = ("name", "pushname", "pushName", "shortName")
"""Where a name stands, the best first; engines differ."""
