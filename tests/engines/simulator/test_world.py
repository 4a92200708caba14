"""The world itself: the outbox, the queue of happenings, pairing, the service window, cost per message."""

from __future__ import annotations

import asyncio
import time
import tracemalloc
from typing import Any

import pytest

from jackfield.core.port import Disconnected, Done, Incoming, LoginChanged, Report, ShowQr, Status
from jackfield.core.port.content import Text
from jackfield.engines.simulator.happenings import Happenings
from jackfield.engines.simulator.world import Parcel, Taken, World


def text(n: int) -> Parcel:
    return Parcel(ref=str(n), to=str(628_000_000_000 + n), kind="text", payload=b'{"type":"text","text":"Hello Asha"}')


def test_ids_lead_back_to_their_entry_and_differ_between_runs() -> None:
    account = World(epoch=1).account("1", paired=True)
    ids = [answer.provider_id for answer in account.take([text(n) for n in range(50)]) if isinstance(answer, Taken)]
    assert len(set(ids)) == 50
    found = account.outbox.get(ids[30])
    assert found is not None
    assert found.ref == "30"
    assert account.outbox.get("wamid.nonsense") is None
    assert account.outbox.get(ids[30][:-8] + "FFFFFFFF") is None
    later = World(epoch=2).account("1", paired=True)
    (answer,) = later.take([text(0)])
    assert isinstance(answer, Taken)
    assert answer.provider_id not in ids


def test_numbers_and_names_depend_on_seed_and_key_alone() -> None:
    assert World(1).account("a").phone == World(1).account("a").phone
    assert World(1).account("a").phone != World(1).account("b").phone
    assert World(1).account("a", phone="4915123").phone == "4915123"
    assert World(1).account("a").contacts() == World(1).account("a").contacts()


async def test_the_queue_shows_again_what_was_not_acknowledged() -> None:
    queue = Happenings()
    queue.listen()
    for n in range(5):
        queue.put(Status(provider_id=str(n), state="sent", timestamp=0))
    reports, upto = queue.batch(3)
    assert [getattr(report, "provider_id", "") for report in reports] == ["0", "1", "2"]
    assert queue.batch(3) == (reports, upto)
    queue.ack(upto)
    queue.ack(upto)
    reports, upto = queue.batch(10)
    assert [getattr(report, "provider_id", "") for report in reports] == ["3", "4"]
    queue.ack(upto)
    waiting = asyncio.ensure_future(queue.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    queue.put(Status(provider_id="5", state="sent", timestamp=0))
    await waiting


def test_an_account_that_nobody_hears_does_not_grow_without_end() -> None:
    queue = Happenings()
    for n in range(100_010):
        queue.put(Status(provider_id=str(n), state="sent", timestamp=0))
    assert len(queue) == 100_000
    reports, upto = queue.batch(1)
    assert getattr(reports[0], "provider_id", "") == "10"
    assert upto == 11


async def test_the_code_rotates_and_runs_out() -> None:
    world = World(qr_rotate_s=0.02, qr_rotations=3)
    account = world.account("1")
    heard: list[Report] = []
    over = asyncio.Event()

    async def hear(reports: list[Report]) -> None:
        heard.extend(reports)
        if any(isinstance(report, Disconnected) for report in reports):
            over.set()

    subscription = account.subscribe(hear)
    account.pairing.start()
    await asyncio.wait_for(over.wait(), 60)
    codes = [
        report.step.code for report in heard if isinstance(report, LoginChanged) and isinstance(report.step, ShowQr)
    ]
    assert len(set(codes)) == 3
    assert isinstance(heard[-1], Disconnected)
    assert not account.paired
    heard.clear()
    account.pairing.start()
    account.scan()
    await account.settle()
    steps = [report.step for report in heard if isinstance(report, LoginChanged)]
    assert isinstance(steps[0], ShowQr)
    assert steps[0].code not in codes
    assert steps[-1] == Done(address=account.phone, name=account.name)
    await subscription.close()


async def test_the_service_window_where_it_is_enforced() -> None:
    account = World(scale=0).account("1", paired=True, enforce_window=True)
    heard: list[Any] = []

    async def hear(reports: list[Report]) -> None:
        heard.extend(reports)

    account.subscribe(hear)
    template = Parcel(ref="t", to="6285", kind="template", template="alpha_city")
    account.take([Parcel(ref="a", to="6285", kind="text"), template])
    await account.settle()
    assert {(entry.ref, entry.state, entry.code) for entry in account.outbox.entries} == {
        ("a", "failed", "131047"),
        ("t", "read", None),
    }
    account.receive(Text(text="hi"), "6285")
    account.take([Parcel(ref="b", to="6285", kind="text")])
    await account.settle()
    assert account.outbox.entries[-1].state == "read"
    account.set_last_heard("6285", 0)
    assert not account.window_open("6285")


async def test_what_happens_while_nobody_listens_is_kept() -> None:
    account = World(scale=0).account("1", paired=True)
    account.take([text(1)])
    account.receive(Text(text="hello"), "6285", name="Asha")
    heard: list[Any] = []

    async def hear(reports: list[Report]) -> None:
        heard.extend(reports)

    subscription = account.subscribe(hear)
    await account.settle()
    assert [report.state for report in heard if isinstance(report, Status)] == ["delivered", "read"]
    assert [report.sender_name for report in heard if isinstance(report, Incoming)] == ["Asha"]
    await subscription.close()
    account.receive(Text(text="again"), "6285")
    account.subscribe(hear)
    await account.settle()
    assert len([report for report in heard if isinstance(report, Incoming)]) == 2


def test_a_world_outlives_its_event_loop() -> None:
    account = World(behaviour=None, scale=0.1).account("1", paired=True)
    heard: list[Any] = []

    async def hear(reports: list[Report]) -> None:
        heard.extend(reports)

    async def send(n: int) -> None:
        account.subscribe(hear)
        account.take([text(n)])
        if n:
            await account.settle()

    asyncio.run(send(0))
    asyncio.run(send(1))
    assert [entry.state for entry in account.outbox.entries] == ["read", "read"]


def test_watchers_see_each_change() -> None:
    account = World(scale=0).account("1", paired=True)
    seen: list[str] = []
    stop = account.watch(lambda entry: seen.append(entry.state))
    account.take([text(1)])
    assert seen == ["delivered", "read", "read"]
    stop()
    account.take([text(2)])
    assert len(seen) == 3


@pytest.mark.parametrize(("scale", "limit_us"), [(0.0, 15.0), (1.0, 40.0)])
async def test_taking_a_message_is_cheap(scale: float, limit_us: float) -> None:
    """Measured 3 us at zero latency and 8 us with timers; the limits leave room for a busy machine."""
    best = 1e9
    for attempt in range(3):
        account = World(attempt, scale=scale).account("1", paired=True)
        batch = [text(n) for n in range(10_000)]
        start = time.thread_time()
        for n in range(0, len(batch), 200):
            account.take(batch[n : n + 200])
        best = min(best, (time.thread_time() - start) / len(batch) * 1e6)
    assert best < limit_us


def test_a_million_messages_fit_in_500_mb() -> None:
    account = World(scale=0).account("1", paired=True)
    count = 50_000
    tracemalloc.start()
    for n in range(0, count, 500):
        account.take([text(m) for m in range(n, n + 500)])
        account.happenings.clear()
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used / count < 500
