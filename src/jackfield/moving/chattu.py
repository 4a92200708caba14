"""Chattu, which keeps no address book: its people are those of its chats, and of the last messages and calls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any, ClassVar

from .records import Batch, Labels, Number, Person, Planned
from .source import Source, SourceError, digits, is_person, text


class Chattu(Source):
    """See Source."""

    dialect: ClassVar[str] = "chattu"
    vendor: ClassVar[str] = "Chattu"
    not_shown: ClassVar[tuple[str, ...]] = (
        "lists, tags, attributes and consent: Chattu has none",
        "templates, campaigns and team members: Chattu has none",
        "webhooks: Chattu's API sets them and shows none",
        "the history of messages: Chattu shows the last 100 of each direction, and they are not moved",
        "groups and channels: they belong to the phone, and appear when it is linked here",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clients: list[dict[str, Any]] = []

    @staticmethod
    def base_of(url: str) -> str:
        """See Source. Some documented paths begin with /api, some do not."""
        return url.removesuffix("/api")

    async def begin(self) -> str:
        """See Source. The chats want a login, all else the account's key."""
        self.web.set("x-api-key", self._key)
        self.clients = self._rows(await self.web.get("/api/clients"), "/api/clients")
        if self._login is not None:
            body = {"username": self._login.user, "password": self._login.password}
            await self.web.post("/login", json=body)
        else:
            self.note(
                "contacts of older chats: Chattu shows chats to people who are logged in; give --user. Without it come "
                "those of the last 100 messages of each direction, of the last 50 calls and of scheduled messages"
            )
        return f"{len(self.clients)} clients at {self.web.base}"

    def _rows(self, found: Any, path: str, name: str | None = None) -> list[dict[str, Any]]:
        rows = found.get(name) if isinstance(found, dict) and name is not None else found
        if not isinstance(rows, list):
            raise SourceError(self.web.strange(path, f"there is no list{f' `{name}`' if name else ''}"))
        return [one for one in rows if isinstance(one, dict)]

    async def labels(self) -> Labels:
        """See Source."""
        return Labels()

    async def numbers(self) -> list[Number]:
        """See Source."""
        return [
            Number(
                id=str(one.get("clientId")),
                phone=(digits(one.get("connectedNumber")) if is_person(one.get("connectedNumber")) else None)
                or digits(one.get("phoneNumber")),
            )
            for one in self.clients
        ]

    async def planned(self) -> list[Planned]:
        """See Source."""
        path = "/scheduled-messages"
        return [
            Planned(
                id=str(one.get("id")),
                number=str(one.get("clientId")),
                to=str(one.get("recipient")),
                at=str(one.get("scheduleTime")),
                type="text",
                content={"text": str(one.get("message") or "")},
            )
            for one in self._rows(await self.web.get(path), path)
            if one.get("status") == "pending"
        ]

    async def people(self, cursor: str | None) -> AsyncIterator[Batch[Person]]:
        """See Source. The cursor counts the lists that were read: the chats of each client, then what is of all."""
        done = int(cursor or 0)
        seen: set[str] = set()
        for place in range(done, len(self.clients) + 1):
            if place < len(self.clients):
                found = await self._of_client(str(self.clients[place].get("clientId")))
            else:
                found = await self._of_account()
            # The first has the name that a chat shows.
            fresh = {one.id: one for one in reversed(found) if one.id not in seen}
            seen.update(fresh)
            yield Batch(rows=[*fresh.values()], cursor=str(place + 1))

    async def _of_client(self, client: str) -> list[Person]:
        people = list[Person]()
        if self._login is not None:
            path = f"/api/chats/{client}"
            chats = self._rows(await self.web.get(path), path, "chats")
            for one in chats:
                id_ = one.get("id")
                address = id_.get("_serialized") if isinstance(id_, dict) else id_
                people += _known([address], text(one.get("name")))
        path = f"/api/received-messages/{client}"
        people += _known(one.get("sender") for one in self._rows(await self.web.get(path), path, "messages"))
        return people

    async def _of_account(self) -> list[Person]:
        sent = self._rows(await self.web.get("/api/sent-messages"), "/api/sent-messages")
        planned = self._rows(await self.web.get("/scheduled-messages"), "/scheduled-messages")
        calls = self._rows(await self.web.get("/api/call-logs"), "/api/call-logs", "calls")
        return _known([*(one.get("recipient") for one in (*sent, *planned)), *(one.get("call_from") for one in calls)])


def _known(addresses: Iterable[Any], name: str | None = None) -> list[Person]:
    found = dict.fromkeys(digits(str(one).removeprefix("+")) for one in addresses if is_person(one))
    return [
        # A chat without a name is called by its number.
        Person(id=phone, phone=phone, name=None if name is None or is_person(name) else name, source="sync")
        for phone in found
        if phone is not None
    ]
