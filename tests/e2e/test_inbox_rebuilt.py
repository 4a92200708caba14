"""Two listeners that hear nothing but events keep the same inbox as `GET /api/chats` gives.

Two agents and the network do random things at once, and the listeners lose their connection again and again. A listener
keeps of each chat, and of each message's state, what the event with the largest id says (docs/webhooks.md: events may come
twice). `make chaos` does 10,000 actions.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp

from jackfield.testing.server import JackfieldServer, running_server

ACTIONS = 10_000 if os.environ.get("JACKFIELD_CHAOS") else 150
PEOPLE = [str(628_150_000_000 + n) for n in range(12)]
PATIENCE_S = 60
STATE = (
    "id", "kind", "name", "contactId", "unread", "archived", "pinned", "mutedUntil", "status", "snoozedUntil",
    "assigneeId", "departmentId", "windowUntil", "windowOpen", "lastAt", "chatId",
)  # fmt: skip


class Inbox:
    """An inbox kept from events alone."""

    def __init__(self) -> None:
        self.chats: dict[str, tuple[int, dict[str, Any]]] = {}
        self.messages: dict[str, tuple[int, str]] = {}
        self.cursor = "0"
        self.heard = 0
        self.connections = 0

    def take(self, event: dict[str, Any]) -> None:
        """Keep what an event says, unless a later one has said it before."""
        id_, data = int(event["id"]), event["data"]
        if event["event"] == "chat.updated":
            if id_ > self.chats.get(data["id"], (-1, {}))[0]:
                self.chats[data["id"]] = (id_, data)
        elif event["event"].startswith("message.") and "status" in data:
            if id_ > self.messages.get(data["id"], (-1, ""))[0]:
                self.messages[data["id"]] = (id_, data["status"])
            if event["event"] in ("message.queued", "message.scheduled"):
                self._bring_up(id_, data)
        self.cursor = event["cursor"]
        self.heard += 1

    def _bring_up(self, id_: int, data: dict[str, Any]) -> None:
        """What somebody writes is the last of its chat."""
        known = next(((at, one) for at, one in self.chats.values() if one["chatId"] == data["chatId"]), None)
        if known is not None and id_ > known[0]:
            now = {**known[1], "lastMessageId": data["id"], "lastAt": data["timestamp"]}
            self.chats[now["id"]] = (id_, now)

    def shown(self) -> dict[str, dict[str, Any]]:
        """The list as it would be drawn, by id of the chat."""
        found = {}
        for id_, (_, chat) in self.chats.items():
            last = chat["lastMessageId"]
            state = self.messages[last][1] if last in self.messages else None
            found[id_] = {**{name: chat[name] for name in STATE}, "last": last, "lastStatus": state}
        return found


def listed(server: JackfieldServer) -> dict[str, dict[str, Any]]:
    """The list as the API gives it."""
    found = {}
    for chat in server.api("GET", "/chats?archived=all&limit=200").data:
        last = chat["lastMessage"]
        state = {name: chat[name] for name in STATE}
        found[chat["id"]] = {**state, "last": last and last["id"], "lastStatus": last and last["status"]}
    return found


async def frames(connection: Any) -> AsyncIterator[str]:
    """The texts that a WebSocket brings."""
    async for frame in connection:
        yield frame.data


async def lines(connection: Any) -> AsyncIterator[str]:
    """The texts that a stream of server-sent events brings."""
    async for line in connection.content:
        if line.startswith(b"data: "):
            yield line[6:].decode()


async def listen(server: JackfieldServer, inbox: Inbox, chance: random.Random, *, socket: bool) -> None:
    """Hear events after the inbox's cursor; each connection lasts some events and is then cut."""
    headers = {"X-API-Key": server.key}
    while True:
        left = chance.randint(20, 120)
        inbox.connections += 1
        async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=None)) as session:
            if socket:
                opened: Any = session.ws_connect(f"{server.url}/api/ws?after={inbox.cursor}")
            else:
                opened = session.get(f"{server.url}/api/events", headers={"Last-Event-ID": inbox.cursor})
            async with opened as connection:
                async for text in frames(connection) if socket else lines(connection):
                    event = json.loads(text)
                    if "id" not in event:  # "ready": up to date
                        continue
                    inbox.take(event)
                    left -= 1
                    if left == 0:
                        break


@asynccontextmanager
async def running(*work: Any) -> AsyncIterator[None]:
    """Coroutines that run while the block does."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def an_agent(server: JackfieldServer, key: str, member: str, chance: random.Random, actions: int) -> None:
    """Somebody who does what one does in an inbox, at random."""
    for _ in range(actions):
        chats = (await asyncio.to_thread(server.api, "GET", "/chats?archived=all&limit=200", key=key)).data
        id_ = chance.choice(chats)["id"]
        acts: list[tuple[str, str, dict[str, Any] | None]] = [
            ("POST", f"/chats/{id_}/read", None),
            ("POST", f"/chats/{id_}/close", None),
            ("POST", f"/chats/{id_}/reopen", None),
            ("POST", f"/chats/{id_}/snooze", {"until": "2036-01-01T09:00:00Z"}),
            ("POST", f"/chats/{id_}/mute", None),
            ("POST", f"/chats/{id_}/unmute", None),
            ("POST", f"/chats/{id_}/pin", None),
            ("POST", f"/chats/{id_}/unpin", None),
            ("POST", f"/chats/{id_}/archive", None),
            ("POST", f"/chats/{id_}/unarchive", None),
            ("POST", f"/chats/{id_}/assign", {"assigneeId": chance.choice([member, None])}),
            ("POST", f"/chats/{id_}/messages", {"text": f"answer {chance.random()}"}),
            ("POST", f"/chats/{id_}/notes", {"text": "note"}),
            ("POST", "/chats/bulk", {"ids": [one["id"] for one in chance.sample(chats, 2)], "read": True}),
            ("POST", "/chats/bulk", {"ids": [one["id"] for one in chance.sample(chats, 3)], "assigneeId": member}),
        ]
        method, path, body = chance.choice(acts)
        answer = await asyncio.to_thread(server.api, method, path, json=body, key=key)
        assert answer.status in (200, 201, 202), (method, path, answer)


async def the_network(server: JackfieldServer, chance: random.Random, actions: int) -> None:
    """People who write."""
    for _ in range(actions):
        person = chance.choice(PEOPLE)
        name = chance.choice(["Asha", "Asha Rao"]) + f" {person[-2:]}"
        body = {"from": person, "name": name, "text": f"question {chance.random()}"}
        answer = await asyncio.to_thread(server.request, "POST", "/simulator/1/inbound", json=body)
        assert answer.status == 200, answer


async def test_listeners_keep_the_inbox_from_events_alone(database_url: str, tmp_path: Path) -> None:
    seed = int(os.environ.get("JACKFIELD_SEED", "20361128"))
    chance = random.Random(seed)
    sources = [random.Random(chance.random()) for _ in range(5)]
    with running_server(tmp_path, {"JACKFIELD_DATABASE_URL": database_url}) as server:
        second = server.api("POST", "/keys", json={"name": "second", "scopes": ["*"]}).data["key"]
        first, other = Inbox(), Inbox()
        for person in PEOPLE[:3]:
            server.request("POST", "/simulator/1/inbound", json={"from": person, "name": "Asha", "text": "hello"})
        async with running(
            listen(server, first, sources[0], socket=True), listen(server, other, sources[1], socket=False)
        ):
            async with asyncio.timeout(PATIENCE_S):
                while len(listed(server)) < 3:
                    await asyncio.sleep(0.05)
            await asyncio.gather(
                an_agent(server, server.key, "1", sources[2], ACTIONS // 3),
                an_agent(server, second, "1", sources[3], ACTIONS // 3),
                the_network(server, sources[4], ACTIONS // 3),
            )
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    while True:
                        # One look at all three, which is what is compared below: states go on changing until the last
                        # receipt is in, so a list fetched after the wait may be newer than what was heard.
                        truth = await asyncio.to_thread(listed, server)
                        kept = {"socket": first.shown(), "stream": other.shown()}
                        if all(shown == truth for shown in kept.values()):
                            break
                        await asyncio.sleep(0.2)
        for name, inbox in (("socket", first), ("stream", other)):
            shown = kept[name]
            wrong = {
                (id_, field): (shown.get(id_, {}).get(field), value)
                for id_, chat in truth.items()
                for field, value in chat.items()
                if shown.get(id_, {}).get(field) != value
            }
            assert (wrong, shown.keys() - truth.keys()) == ({}, set()), f"{name}, seed {seed}, {inbox.heard} heard"
            assert inbox.connections > 1, "the connection was never cut"
