"""The bus of a cluster on a real NATS server: what crosses, what does not, and what happens while the server is away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from nats.aio.client import Client
from structlog.testing import capture_logs

from jackfield.core import NatsBus, Settled, SettledElsewhere
from jackfield.core.ground.bus import EVENTS_ELSEWHERE, SETTLED_ELSEWHERE
from jackfield.core.ground.unit import Stored
from jackfield.testing.nats import NatsServer, connected, eventually, nats_server


@asynccontextmanager
async def buses(*urls: str, prefix: str = "jackfield") -> AsyncIterator[list[NatsBus]]:
    """Started buses, one for each address; they may not be connected yet."""
    made = [NatsBus(url, prefix=prefix) for url in urls]
    for one in made:
        await one.start()
    try:
        yield made
    finally:
        for one in made:
            await one.close()


def heard(bus: NatsBus, *topics: str) -> list[tuple[str, Any]]:
    """What the listeners of these topics are told, as it comes."""
    told: list[tuple[str, Any]] = []
    for topic in topics:
        bus.subscribe(topic, lambda payload, topic=topic: told.append((topic, payload)))
    return told


async def test_other_processes_hear_and_nobody_hears_himself_twice(nats: NatsServer) -> None:
    async with buses(nats.url) as (first,):
        await eventually(lambda: first.state.connected)
        async with buses(nats.url) as (second,):
            await connected(first, second)
            here = heard(first, "keys", "channel:7", "channel-status", "calls")
            there = heard(second, "keys", "channel:8", "channel-status", "calls")
            first.publish("keys", None)
            first.publish("channel:8", "changed")
            first.publish("channel-status", 8)
            first.publish("calls", (8, 1))
            await eventually(lambda: len(there) >= 3)
            # What the second says afterwards comes after whatever the server would have echoed.
            second.publish("channel-status", 9)
            await eventually(lambda: ("channel-status", 9) in here)
            assert sorted(there, key=str) == [
                ("channel-status", 8),
                ("channel-status", 9),
                ("channel:8", "changed"),
                ("keys", None),
            ]
            assert here == [("keys", None), ("channel-status", 8), ("calls", (8, 1)), ("channel-status", 9)]


async def test_no_contents_travel(nats: NatsServer) -> None:
    wire: list[bytes] = []
    spy = Client()
    await spy.connect(nats.url)

    async def keep(message: Any) -> None:
        wire.append(message.data)

    await spy.subscribe(">", cb=keep)
    await spy.flush()
    async with buses(nats.url, nats.url) as (first, second):
        await connected(first, second)
        there = heard(second, EVENTS_ELSEWHERE, SETTLED_ELSEWHERE, "events", "settled")
        event = Stored(id=5, workspace_id=1, channel_id=2, type="message.received", data="SECRET", created_at=1)
        first.publish("events", [event])
        settled = Settled(
            id=3,
            state="failed",
            provider_id="SECRET",
            code="131026",
            error="SECRET",
            raw={"to": "SECRET"},
            workspace_id=1,
            channel_id=2,
            campaign_id=4,
            reported=True,
        )
        first.publish("settled", [settled])
        await eventually(lambda: len(there) >= 2)
        assert there == [
            (EVENTS_ELSEWHERE, None),
            (
                SETTLED_ELSEWHERE,
                [
                    SettledElsewhere(
                        id=3, workspace_id=1, channel_id=2, campaign_id=4, state="failed", code="131026", reported=True
                    )
                ],
            ),
        ]
    await spy.flush()
    await eventually(lambda: any(b"131026" in one for one in wire))
    await spy.close()
    assert not any(b"SECRET" in one for one in wire)


async def test_the_owner_of_a_channel_is_not_told_by_way_of_the_network(nats: NatsServer) -> None:
    async with buses(nats.url, nats.url) as (first, second):
        await connected(first, second)
        here, there = heard(first, "channel:1"), heard(second, "channel:1", "keys")
        first.publish("channel:1", "changed")
        first.publish("keys", None)
        await eventually(lambda: ("keys", None) in there)
        assert here == [("channel:1", "changed")]
        assert there == [("keys", None)]


async def test_many_settled_are_told_in_several_messages(nats: NatsServer) -> None:
    async with buses(nats.url, nats.url) as (first, second):
        await connected(first, second)
        there = heard(second, SETTLED_ELSEWHERE)
        first.publish(
            "settled", [Settled(id=i, state="sent", provider_id=None, code=None, error=None) for i in range(4500)]
        )
        await eventually(lambda: sum(len(told) for _, told in there) == 4500)
        assert [one.id for _, told in there for one in told] == list(range(4500))
        assert len(there) == 3


async def test_who_was_cut_off_looks_again_and_has_the_others_look(tmp_path: Path) -> None:
    server = NatsServer(tmp_path / "nats")
    async with buses(server.url, server.url) as (first, second):
        here = heard(first, "keys", "channel:1", EVENTS_ELSEWHERE)
        # There is no server yet: this process hears, the other one does not, and nothing waits.
        first.publish("keys", None)
        assert here == [("keys", None)]
        assert first.state.connected is False
        server.start()
        try:
            await connected(first, second)
            await eventually(lambda: ("channel:1", "changed") in here)
            assert (EVENTS_ELSEWHERE, None) in here
            there = heard(second, "keys")
            server.stop()
            await eventually(lambda: first.state.connected is False and second.state.connected is False)
            here.clear()
            first.publish("keys", None)
            await eventually(lambda: first.state.dropped >= 2)
            assert there == []
            server.start()
            await eventually(lambda: first.state.connects == 2 and second.state.connects == 2)
            await eventually(lambda: ("keys", None) in there and ("channel:1", "changed") in here)
            there.clear()
            first.publish("keys", None)
            await eventually(lambda: there)
        finally:
            server.stop()


async def test_what_cannot_be_read_is_left(nats: NatsServer) -> None:
    stranger = Client()
    await stranger.connect(nats.url)
    async with buses(nats.url) as (bus,):
        await eventually(lambda: bus.state.connected)
        there = heard(bus, "keys", "channel-status", "channel:1", "no-such-topic")
        for body in (b"\xff", b"{}", b"[[[1, 2]]]", b'[[["no-such-topic", null]]]', b'[[["channel:1", "drop table"]]]'):
            await stranger.publish("jackfield.bus", body)
        await stranger.publish("elsewhere.bus", msgspec.json.encode([[["keys", None]], []]))
        await stranger.publish("jackfield.bus", msgspec.json.encode([[["channel-status", 4]], []]))
        await eventually(lambda: ("channel-status", 4) in there)
        assert there == [("channel:1", None), ("channel-status", 4)]
    await stranger.close()


async def test_credentials_open_the_server_and_are_shown_nowhere(tmp_path: Path) -> None:
    options = ("--user", "jackfield", "--pass", "right-password")
    with nats_server(tmp_path / "nats", options) as server, capture_logs() as logs:
        address = server.url.removeprefix("nats://")
        async with buses(
            f"nats://jackfield:right-password@{address}", f"nats://jackfield:wrong-password@{address}"
        ) as (right, wrong):
            await eventually(lambda: right.state.connected)
            await eventually(lambda: any(line["log_level"] == "warning" for line in logs))
            assert wrong.state.connected is False
            assert "password" not in repr(right) + repr(wrong)
    assert "password" not in str(logs)


async def test_an_address_with_tls_sends_nothing_in_clear_text(nats: NatsServer) -> None:
    with capture_logs() as logs:
        async with buses(nats.url.replace("nats://", "tls://jackfield:secret-word@")) as (bus,):
            await eventually(lambda: len(logs) >= 2)
            assert not bus.state.connected
    assert "secret-word" not in str(logs)


async def test_no_address_is_no_bus() -> None:
    with pytest.raises(ValueError, match="no NATS server"):
        NatsBus(" , ")


async def test_an_address_that_means_nothing_leaves_the_process_running() -> None:
    async with buses("nats://[") as (bus,):
        told = heard(bus, "keys")
        bus.publish("keys")
        assert told == [("keys", None)]
