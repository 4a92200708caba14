"""Live events: what is heard, from where, and what happens to who does not listen."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from jackfield.core import Core
from jackfield.core.ground.events import ContactCreated, SessionQr
from jackfield.core.ground.unit import Stored
from jackfield.core.models import Event
from jackfield.core.webhooks.live import LiveEvent, Subscription, TooSlow
from jackfield.testing.server import JackfieldServer, running_server

from .conftest import number

WAIT = 10


@asynccontextmanager
async def socket(server: JackfieldServer, query: str = "", key: str | None = None) -> AsyncIterator[Any]:
    """A WebSocket listener."""
    async with aiohttp.ClientSession() as session:
        url = f"{server.url}/api/ws{query}"
        async with session.ws_connect(url, headers={"X-API-Key": key or server.key}) as opened:
            yield opened


async def until_ready(ws: Any) -> tuple[list[dict[str, Any]], str]:
    """What came before the listener was up to date, and the position then."""
    before = []
    while True:
        message = await ws.receive_json(timeout=WAIT)
        if message["event"] == "ready":
            return before, message["cursor"]
        before.append(message)


async def send(server: JackfieldServer, to: str) -> str:
    answer = await asyncio.to_thread(server.api, "POST", "/messages/text?wait=5", json={"to": to, "text": "live"})
    return str(answer.data["messageId"])


async def test_a_websocket_hears_what_happens(native: JackfieldServer) -> None:
    async with socket(native, "?type=message.*&profileId=1") as ws:
        before, _ = await until_ready(ws)
        assert before == []
        id_ = await send(native, number(101))
        states = []
        while "read" not in states:
            event = await ws.receive_json(timeout=WAIT)
            assert set(event) == {"id", "cursor", "event", "profileId", "timestamp", "data"}
            if event["data"]["id"] == id_:
                states.append(event["event"].partition(".")[2])
        assert states == ["queued", "sent", "delivered", "read"]


async def test_nothing_is_missed_across_a_reconnect(native: JackfieldServer) -> None:
    ids = []
    async with socket(native, "?type=message.sent") as ws:
        await until_ready(ws)
        await send(native, number(111))
        first = await ws.receive_json(timeout=WAIT)
    for i in range(5):
        ids.append(await send(native, number(112 + i)))
    async with socket(native, f"?type=message.sent&after={first['cursor']}") as ws:
        before, cursor = await until_ready(ws)
        assert [event["data"]["id"] for event in before if event["data"]["id"] in ids] == ids
        assert int(cursor) >= int(before[-1]["id"])
        last = await send(native, number(119))
        assert (await ws.receive_json(timeout=WAIT))["data"]["id"] == last


async def test_server_sent_events_resume_by_last_event_id(native: JackfieldServer) -> None:
    url = f"{native.url}/api/v1/events?type=message.sent"
    async with aiohttp.ClientSession(headers={"X-API-Key": native.key}) as session:

        async def blocks(response: Any) -> AsyncIterator[dict[str, str]]:
            block: dict[str, str] = {}
            async for raw in response.content:
                line = raw.decode().rstrip("\n")
                if line.startswith(":"):
                    continue
                if line:
                    name, _, value = line.partition(": ")
                    block[name] = value
                elif block:
                    yield block
                    block = {}

        async with asyncio.timeout(60):
            async with session.get(url) as response:
                assert response.headers["content-type"].startswith("text/event-stream")
                stream = blocks(response)
                assert (await anext(stream))["event"] == "ready"
                first = await send(native, number(121))
                heard = await anext(stream)
                assert (heard["event"], json.loads(heard["data"])["data"]["id"]) == ("message.sent", first)
            missed = await send(native, number(122))
            async with session.get(url, headers={"Last-Event-ID": heard["id"]}) as response:
                stream = blocks(response)
                again = await anext(stream)
                assert json.loads(again["data"])["data"]["id"] == missed
                assert (await anext(stream))["event"] == "ready"


async def test_the_same_address_inside_the_app(native: JackfieldServer) -> None:
    """A browser can set no headers: the key may stand in the query."""
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{native.url}/api/events?token={native.key}") as response:
            assert response.status == 200
            assert (await response.content.readuntil(b"\n\n")).startswith(b"id: ")


async def test_filters_can_be_changed_while_listening(native: JackfieldServer) -> None:
    async with socket(native, "?type=session.*") as ws:
        await until_ready(ws)
        await ws.send_json({"action": "ping"})
        assert (await ws.receive_json(timeout=WAIT))["event"] == "pong"
        await ws.send_json({"action": "subscribe", "types": ["nonsense"]})
        assert (await ws.receive_json(timeout=WAIT))["data"]["code"] == "VALIDATION_ERROR"
        await ws.send_str("no json")
        assert (await ws.receive_json(timeout=WAIT))["data"]["code"] == "INVALID_JSON"
        await ws.send_json({"action": "subscribe", "types": ["message.sent"], "profileId": "1"})
        assert await ws.receive_json(timeout=WAIT) == {
            "event": "subscribed",
            "types": ["message.sent"],
            "profileId": "1",
        }
        id_ = await send(native, number(131))
        assert (await ws.receive_json(timeout=WAIT))["data"]["id"] == id_


async def test_who_may_not_listen_is_told_so(native: JackfieldServer, narrow_key: str, foreign_key: str) -> None:
    async with aiohttp.ClientSession() as session:
        for path in ("/api/events", "/api/ws"):
            for key, query, status in (
                ("nobody", "", 401),
                (narrow_key, "", 403),
                (foreign_key, "?profileId=1", 404),
                (native.key, "?after=x", 400),
                (native.key, "?type=nonsense", 400),
            ):
                headers = {"X-API-Key": key}
                if path.endswith("ws"):
                    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                        await session.ws_connect(native.url + path + query, headers=headers)
                    assert refused.value.status == status
                else:
                    async with session.get(native.url + path + query, headers=headers) as response:
                        assert response.status == status
                        assert (await response.json())["success"] is False


async def test_a_key_that_is_revoked_hears_nothing_more_at_once(native: JackfieldServer) -> None:
    """By the hint that rights have changed, not by the look that is taken every 15 seconds; others listen on."""
    made = await asyncio.to_thread(native.api, "POST", "/keys", json={"name": "ear", "scopes": ["events:read"]})
    headers = {"X-API-Key": made.data["key"]}
    async with aiohttp.ClientSession() as session, socket(native) as other:
        async with (
            socket(native, key=made.data["key"]) as ws,
            session.get(native.url + "/api/events", headers=headers) as stream,
        ):
            await until_ready(ws)
            await until_ready(other)
            await stream.content.readuntil(b"\n\n")
            await asyncio.to_thread(native.api, "DELETE", f"/keys/{made.data['id']}")
            async with asyncio.timeout(WAIT):
                while (message := await ws.receive()).type is aiohttp.WSMsgType.TEXT:
                    pass
                assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 4401)
                assert b"event: error" in await stream.content.read()
        await other.send_json({"action": "ping"})
        async with asyncio.timeout(WAIT):
            while (await other.receive_json())["event"] != "pong":
                pass


async def test_another_workspace_hears_nothing(native: JackfieldServer, foreign_key: str) -> None:
    async with socket(native, key=foreign_key) as theirs, socket(native, "?type=message.sent") as ours:
        await until_ready(theirs)
        await until_ready(ours)
        await send(native, number(141))
        await ours.receive_json(timeout=WAIT)
        await theirs.send_json({"action": "ping"})
        assert (await theirs.receive_json(timeout=WAIT))["event"] == "pong"


async def test_a_slow_reader_is_cut_off_and_the_rest_hear_on(tmp_path: Path) -> None:
    """A reader that never reads: its buffers fill, it is cut off with the reason, and nobody waits for it."""
    with running_server(tmp_path / "slow") as server:
        lazy = sockets.create_connection(("127.0.0.1", server.port))
        lazy.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 65536)
        lazy.sendall(
            f"GET /api/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            f"X-API-Key: {server.key}\r\n\r\n".encode()
        )
        lazy.recv(4096)
        text = "x" * 60_000
        async with socket(server, "?type=message.received") as ws:
            await until_ready(ws)
            heard = []
            for i in range(150):
                body = {"from": number(150), "text": f"{i} {text}"}
                await asyncio.to_thread(server.request, "POST", "/simulator/1/inbound", json=body)
                heard.append(await ws.receive_json(timeout=WAIT))
        assert len({event["id"] for event in heard}) == 150
        received = b""
        lazy.settimeout(WAIT)
        while b"SLOW_READER" not in received[-200:]:
            piece = lazy.recv(1 << 20)
            assert piece, "the connection ended without a reason"
            received += piece
        lazy.close()


# -- the feed itself, on both databases -----------------------------------------------------------------


class Heard:
    """A listener that collects."""

    def __init__(self, core: Core, workspace_id: int, **wishes: Any) -> None:
        self.events: list[LiveEvent] = []
        self.subscription = Subscription(core.live, workspace_id, self.events.extend, **wishes)

    @property
    def ids(self) -> list[int]:
        return [one.stored.id for one in self.events]

    async def follow(self, after: int | None = None) -> None:
        async for page in self.subscription.follow(after):
            self.events.extend(page)


async def emit(core: Core, workspace_id: int, count: int = 1) -> list[int]:
    """Events in one transaction; their ids."""
    ids: list[int] = []
    end = core.bus.subscribe("events", lambda stored: ids.extend(one.id for one in stored))
    async with core.unit() as unit:
        for i in range(count):
            unit.emit(workspace_id, ContactCreated(id=i + 1, name=str(i)))
    end()
    return ids


async def test_backlog_and_present_join_without_a_gap(core: Core, workspace: int) -> None:
    first = await emit(core, workspace, 1200)
    heard = Heard(core, workspace)
    stop = asyncio.Event()
    made: list[int] = []

    async def busy() -> None:
        while not stop.is_set():
            made.extend(await emit(core, workspace, 3))

    working = asyncio.create_task(busy())
    await heard.follow(after=first[99])
    for _ in range(20):
        await asyncio.sleep(0)
    stop.set()
    await working
    made.extend(await emit(core, workspace))
    assert heard.ids == sorted(set(heard.ids))
    assert heard.ids == first[100:] + made
    heard.subscription.close()
    assert core.live.listeners == 0


async def test_what_commits_late_or_elsewhere_is_found(core: Core, workspace: int) -> None:
    """Ids that commit out of their order, and events of another process: the bus never tells of them."""
    heard = Heard(core, workspace)
    await heard.follow()
    (start,) = await emit(core, workspace)

    def row(id_: int) -> dict[str, Any]:
        data = '{"id": 1, "name": "late"}'
        return {"id": id_, "workspace_id": workspace, "type": "contact.created", "data": data, "created_at": 1}

    # The second of two is told first, by the bus; the first commits after it, unheard.
    second = row(start + 2)
    async with core.unit() as unit:
        await unit.conn.execute(Event.__table__.insert(), [second])  # type: ignore[attr-defined]
    core.bus.publish("events", [Stored(channel_id=None, **second)])
    assert heard.ids == [start, start + 2]
    assert heard.events[-1].position == start
    async with core.unit() as unit:
        await unit.conn.execute(Event.__table__.insert(), [row(start + 1)])  # type: ignore[attr-defined]
    async with asyncio.timeout(WAIT):
        while len(heard.ids) < 3:
            await asyncio.sleep(0.01)
    assert heard.ids == [start, start + 2, start + 1]
    assert core.live.position == start + 2
    # Who left after the second and comes back with its position gets the late one too.
    back = Heard(core, workspace)
    await back.follow(after=heard.events[1].position)
    assert back.ids == [start + 1, start + 2]
    back.subscription.close()
    heard.subscription.close()


async def test_filters_hold_for_backlog_and_present(core: Core, workspace: int) -> None:
    channel = await core.channels.create(workspace, name="One")
    heard = Heard(core, workspace, types=frozenset({"session.qr"}), channel_id=channel.id)
    both = Heard(core, workspace, channel_id=channel.id)

    async def all_kinds() -> None:
        async with core.unit() as unit:
            unit.emit(workspace, SessionQr(code="a"), channel.id)
            unit.emit(workspace, SessionQr(code="b"), channel.id + 1000)
            unit.emit(workspace, ContactCreated(id=1))

    await all_kinds()
    await heard.follow(after=0)
    await both.follow(after=0)
    await all_kinds()
    assert [json.loads(one.stored.data)["code"] for one in heard.events] == ["a", "a"]
    assert [one.stored.type for one in both.events] == ["session.qr", "contact.created"] * 2
    heard.subscription.close()
    both.subscription.close()


async def _rest(core: Core, workspace_id: int, reading: Any) -> None:
    async for _ in reading:
        await emit(core, workspace_id, 10)


async def test_too_much_during_the_last_page_ends_the_listener(lite: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await lite.accounts.bootstrap("T", "o@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    monkeypatch.setattr("jackfield.core.webhooks.live.MOST_HELD", 5)
    await emit(lite, made.workspace_id, 3)
    heard = Heard(lite, made.workspace_id)
    reading = heard.subscription.follow(after=0)
    await anext(reading)
    # The listener is in its last page now; more happens than may be held for it.
    await emit(lite, made.workspace_id, 10)
    with pytest.raises(TooSlow):
        await _rest(lite, made.workspace_id, reading)
    heard.subscription.close()
