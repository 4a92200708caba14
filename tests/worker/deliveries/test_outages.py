"""Endpoints that are down: nobody else waits, nothing is lost or given up early, and all comes once they are back."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any

import msgspec
import pytest
from aiohttp import web
from sqlalchemy import update

from jackfield.core.ground.events import ContactCreated
from jackfield.core.models import Delivery, Endpoint
from jackfield.core.webhooks import PENDING
from jackfield.db.base import now_ms
from jackfield.worker.deliveries import Health, Pace
from jackfield.worker.deliveries.health import Failure

BOTH = pytest.mark.parametrize("home_url", ["sqlite", "postgresql"], indirect=True)


def closed_port() -> int:
    """A port on loopback on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def patient(pace: Pace) -> Pace:
    """Nothing is given up while a test lasts."""
    return msgspec.structs.replace(pace, retries=(0, 0.05, 0.1, 0.1, 60))


@BOTH
async def test_down_at_first_then_all_arrive_in_order(
    home: Any, ws: int, receivers: Any, make_worker: Any, message: Any, patient: Any
) -> None:
    port = closed_port()
    endpoint = await home.webhooks.create(ws, url=f"http://127.0.0.1:{port}/hook")
    worker = await make_worker(patient)
    for n in range(0, 300, 10):
        await home.happen(ws, *(message(i, peer=str(i % 5)) for i in range(n, n + 10)))

    async def probed() -> bool:
        return worker.failed >= 10

    await home.until(probed)
    rows = await home.rows()
    assert {row.state for row in rows} == {"pending"}
    assert max(row.attempts for row in rows) <= 5
    assert (await home.webhooks.get(ws, endpoint.id)).failing_since
    receiver = await receivers(port)
    rows = await home.settled()
    assert {row.state for row in rows} == {"delivered"}
    seen: dict[str, list[int]] = {}
    for body in receiver.bodies:
        seen.setdefault(body["data"]["from"], []).append(int(body["data"]["id"]))
    assert sum(map(len, seen.values())) == 300
    assert all(numbers == sorted(numbers) for numbers in seen.values())

    async def unmarked() -> bool:
        return (await home.webhooks.get(ws, endpoint.id)).failing_since is None

    await home.until(unmarked)


async def test_up_then_down_then_up(
    home: Any, ws: int, receivers: Any, make_worker: Any, message: Any, patient: Any
) -> None:
    receiver = await receivers()
    await home.webhooks.create(ws, url=receiver.url)
    worker = await make_worker(patient)
    await home.happen(ws, *(message(n, peer=str(n % 9)) for n in range(50)))
    await receiver.wait(50)
    await receiver.stop()
    await home.happen(ws, *(message(n, peer=str(n % 9)) for n in range(50, 100)))

    async def noticed() -> bool:
        return worker.failed >= 3

    await home.until(noticed)
    again = await receivers(receiver.port)
    await home.settled()
    got = {int(body["data"]["id"]) for body in receiver.bodies + again.bodies}
    assert got == set(range(100))


async def test_a_receiver_that_answers_503_for_a_while(
    home: Any, ws: int, receiver: Any, make_worker: Any, message: Any, patient: Any
) -> None:
    receiver.reply = lambda request, body: web.Response(status=503)
    await home.webhooks.create(ws, url=receiver.url)
    await make_worker(patient)
    await home.happen(ws, *(message(n, peer=str(n % 9)) for n in range(100)))
    await receiver.wait(8)
    before = len(receiver.got)
    receiver.reply = lambda request, body: web.Response()
    rows = await home.settled()
    assert {row.state for row in rows} == {"delivered"}
    assert max(row.attempts for row in rows) <= 5
    assert len(receiver.got) - before <= 101 + 8


async def test_a_dead_endpoint_delays_nobody(
    home: Any, ws: int, receivers: Any, make_worker: Any, message: Any
) -> None:
    """Beside ten endpoints that swallow each request and ten whose port is closed, the live one has its events at
    once."""
    live = await receivers()
    swallowing = await receivers()

    async def swallow(request: web.Request, body: Any) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    swallowing.reply = swallow
    for _ in range(10):
        await home.webhooks.create(ws, url=swallowing.url)
        await home.webhooks.create(ws, url=f"http://127.0.0.1:{closed_port()}/")
    await home.webhooks.create(ws, url=live.url)
    await make_worker()
    began = time.monotonic()
    for n in range(20):
        await home.happen(ws, *(message(n * 10 + i, peer=str(i)) for i in range(10)))
    await live.wait(200)
    assert time.monotonic() - began < 25
    # Never seen up, each of the swallowing ones holds one connection only.
    assert swallowing.most_flying <= 10


async def test_one_poisonous_event_does_not_hold_up_the_others(
    home: Any, ws: int, receiver: Any, make_worker: Any, message: Any
) -> None:
    receiver.reply = lambda request, body: web.Response(status=503 if body["data"]["id"] == "0" else 200)
    await home.webhooks.create(ws, url=receiver.url)
    await make_worker()
    await home.happen(ws, *(message(n, peer=str(n)) for n in range(30)))

    async def others_done() -> bool:
        return len(await home.rows(state="delivered")) == 29

    await home.until(others_done)


@BOTH
async def test_given_up_only_after_the_whole_time(home: Any, ws: int, make_worker: Any, pace: Any) -> None:
    await home.webhooks.create(ws, url=f"http://127.0.0.1:{closed_port()}/")
    await make_worker()
    began = time.monotonic()
    for n in range(20):
        await home.happen(ws, ContactCreated(id=n))
    rows = await home.settled()
    assert {row.state for row in rows} == {"parked"}
    assert time.monotonic() - began >= pace.span
    assert rows[0].attempts <= len(pace.retries)


async def test_an_endpoint_that_only_fails_for_days_is_disabled(
    home: Any, ws: int, make_worker: Any, pace: Any
) -> None:
    made = await home.webhooks.create(ws, url=f"http://127.0.0.1:{closed_port()}/")
    async with home.unit() as unit:
        await unit.conn.execute(update(Endpoint).values(failing_since=now_ms() - 6 * 86_400_000))
    await make_worker()
    await home.happen(ws, ContactCreated(id=1))

    async def disabled() -> Any:
        found = await home.webhooks.get(ws, made.id)
        return None if found.enabled else found

    found = await home.until(disabled)
    assert found.disabled_reason == "it only failed for 5 days"
    (row, *_) = await home.rows()
    assert row.state in ("pending", "parked")


async def test_a_changed_url_is_tried_at_once(home: Any, ws: int, receiver: Any, make_worker: Any, pace: Any) -> None:
    made = await home.webhooks.create(ws, url=f"http://127.0.0.1:{closed_port()}/")
    worker = await make_worker(msgspec.structs.replace(pace, probes=(3600,)))
    await home.happen(ws, ContactCreated(id=1))

    async def marked() -> Any:
        return worker.failed and (await home.webhooks.get(ws, made.id)).failing_since

    await home.until(marked)
    await home.webhooks.update(ws, made.id, url=receiver.url)
    await receiver.wait(1)


async def test_a_test_and_a_replay_go_through_while_it_rests(
    home: Any, ws: int, receivers: Any, make_worker: Any, pace: Any
) -> None:
    port = closed_port()
    made = await home.webhooks.create(ws, url=f"http://127.0.0.1:{port}/")
    worker = await make_worker(msgspec.structs.replace(pace, probes=(3600,)))
    for n in range(10):
        await home.happen(ws, ContactCreated(id=n))

    async def marked() -> Any:
        return worker.failed and (await home.webhooks.get(ws, made.id)).failing_since

    await home.until(marked)
    await home.webhooks.test(ws, made.id)

    async def test_failed() -> Any:
        return await home.rows(state="parked")

    await home.until(test_failed)
    receiver = await receivers(port)
    assert await home.webhooks.deliveries.replay_failed(ws, made.id)
    await home.settled()
    assert len(receiver.got) >= 10


@BOTH
async def test_another_process_leaves_a_claimed_endpoint_alone(
    home: Any, ws: int, receiver: Any, make_worker: Any, message: Any
) -> None:
    """Order holds in a cluster because one process at a time works for an endpoint."""
    await home.webhooks.create(ws, url=receiver.url)
    await home.happen(ws, *(message(n) for n in range(40)))
    async with home.unit() as unit:
        foreign = update(Delivery).where(Delivery.id.in_([1, 2, 3]), PENDING)
        await unit.conn.execute(foreign.values(claimed_until=now_ms() + 1200))
    began = time.monotonic()
    await make_worker()
    await home.settled()
    assert time.monotonic() - began > 1.0
    assert [int(body["data"]["id"]) for body in receiver.bodies] == list(range(40))


@BOTH
async def test_two_workers_deliver_each_once_and_in_order(
    home: Any, second_core: Any, ws: int, receivers: Any, make_worker: Any, message: Any
) -> None:
    made = [await receivers() for _ in range(3)]
    for one in made:
        await home.webhooks.create(ws, url=one.url)
    first = await make_worker()
    second = await make_worker(core=second_core)
    for n in range(0, 400, 20):
        await home.happen(ws, *(message(i, peer=str(i % 4)) for i in range(n, n + 20)))
    await home.settled()
    assert first.delivered + second.delivered == 1200
    for one in made:
        seen: dict[str, list[int]] = {}
        for body in one.bodies:
            seen.setdefault(body["data"]["from"], []).append(int(body["data"]["id"]))
        assert sum(map(len, seen.values())) == 400
        assert all(numbers == sorted(numbers) for numbers in seen.values())


def test_the_schedule_as_documented() -> None:
    pace = Pace()
    assert len(pace.retries) == 8
    assert 27 < pace.span / 3600 < 28
    assert [pace.steps(age) for age in (0, 4, 5, 304, 305, 99_304, 99_305, 10**6)] == [1, 1, 2, 2, 3, 7, 8, 8]
    assert pace.pause(8) is None
    assert all(4.5 <= (pace.pause(1) or 0) <= 5.5 for _ in range(100))


def test_a_single_slip_is_a_short_pause() -> None:
    health = Health(Pace())
    health.succeeded(100.0, 99.0)
    assert health.failed(101.0, 1, Failure.UNREACHABLE, None)
    assert health.next_probe == 102.0
    health.succeeded(102.5, 102.0)
    assert not health.resting


def test_different_deliveries_that_fail_make_a_failing_endpoint() -> None:
    health = Health(Pace())
    assert not any(health.failed(1.0, 1, Failure.REFUSED, None) for _ in range(10))
    assert not health.failed(2.0, 2, Failure.NO_ANSWER, None)
    assert health.failed(3.0, 3, Failure.REFUSED, None)
    assert health.next_probe == 8.0


def test_a_delivery_that_fails_where_others_pass_is_to_blame_itself() -> None:
    health = Health(Pace())
    assert health.failed(1.0, 1, Failure.SLOW_DOWN, None)
    health.succeeded(7.0, 6.0)
    assert not health.failed(8.0, 1, Failure.SLOW_DOWN, None)
    assert health.failed(9.0, 2, Failure.SLOW_DOWN, None)


def test_probes_thin_out_to_one_a_minute() -> None:
    health = Health(Pace(jitter=0))
    now = 0.0
    health.failed(now, 1, Failure.UNREACHABLE, None)
    moments = []
    for _ in range(14):
        now = health.next_probe
        moments.append(now)
        health.failed(now, 1, Failure.UNREACHABLE, None)
        health.probed(now)
    assert moments == [5, 10, 15, 25, 35, 50, 65, 95, 125, 185, 245, 305, 365, 425]


def test_retry_after_puts_the_next_probe_off() -> None:
    health = Health(Pace())
    health.failed(0.0, 1, Failure.SLOW_DOWN, 120.0)
    assert health.next_probe == 120.0
    health.failed(120.0, 1, Failure.SLOW_DOWN, 1e9)
    health.probed(120.0)
    assert health.next_probe == 120.0 + 3600
