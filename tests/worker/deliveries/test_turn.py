"""An endpoint's turn, its saver and the shared resources by themselves: a fake outbox, a fake network, virtual time."""

from __future__ import annotations

import asyncio
from collections import deque
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from structlog.testing import capture_logs

from jackfield.core import (
    ClaimedDeliveries,
    DeliveryRelease,
    DeliveryRequest,
    DeliveryResult,
    EndpointMark,
    Meters,
    Overloaded,
    OwedDelivery,
    Rendered,
    Target,
)
from jackfield.core.egress import EgressError
from jackfield.core.webhooks import Fact
from jackfield.worker.deliveries.health import Failure, Health, Pace
from jackfield.worker.deliveries.resources import Resources
from jackfield.worker.deliveries.saver import UNRECORDED, Saver
from jackfield.worker.deliveries.turn import EndpointTurn

from ..virtual import START_MS, now, virtual, virtual_loop

ENDPOINT = 7
PACE = Pace(jitter=0.0)


def owed(id_: int, key: str = "one", **fields: Any) -> OwedDelivery:
    """A delivery that is due."""
    fact = Fact(id=id_, workspace_id=1, channel_id=None, type="contact.created", data="{}", created_at=START_MS)
    given = {"attempts": 0, "due_at": START_MS, "created_at": START_MS, "claimed_until": START_MS + 86_400_000}
    return OwedDelivery(**{"id": id_, "event": fact, "key": key, **given, **fields})


class FakeOutbox:
    """What is due, and what was recorded of it."""

    def __init__(self, *rows: OwedDelivery) -> None:
        self.due = deque(rows)
        self.target: Target | None = Target(
            id=ENDPOINT,
            workspace_id=1,
            channel_id=None,
            url="http://receiver.example/hook",
            secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            old_secret=None,
            format="plain",
            settings={},
        )
        self.failing_since: int | None = None
        self.foreign = False
        self.requests: list[DeliveryRequest] = []
        self.results: list[DeliveryResult] = []
        self.releases: list[DeliveryRelease] = []
        self.marks: list[int | None] = []
        self.switched_off: list[str] = []
        self.parked_before: list[int] = []
        self.full = 0
        """How many results are refused because the writer is full."""
        self.slow = 0.0
        """Seconds until a result is durable."""

    async def claim(self, request: DeliveryRequest) -> ClaimedDeliveries:
        self.requests.append(request)
        if self.target is None or self.foreign:
            return ClaimedDeliveries(rows=[], foreign=self.foreign)
        count = 1 if request.probe else request.limit
        rows = [self.due.popleft() for _ in range(min(count, len(self.due)))]
        return ClaimedDeliveries(rows=rows, target=self.target, failing_since=self.failing_since)

    def record(self, result: DeliveryResult) -> asyncio.Future[None]:
        if self.full:
            self.full -= 1
            raise Overloaded("The writer is full")
        self.results.append(result)
        return asyncio.ensure_future(asyncio.sleep(self.slow))

    def release(self, release: DeliveryRelease) -> asyncio.Future[None]:
        self.releases.append(release)
        return asyncio.ensure_future(asyncio.sleep(self.slow))

    def mark(self, mark: EndpointMark) -> asyncio.Future[None]:
        assert mark.endpoint_id == ENDPOINT
        self.marks.append(mark.failing_since)
        self.failing_since = mark.failing_since
        return asyncio.ensure_future(asyncio.sleep(0))

    async def switch_off(self, target: Target, reason: str) -> None:
        assert target.id == ENDPOINT
        self.switched_off.append(reason)

    async def park_overdue(self, endpoint_id: int, before: int, reason: str) -> int:
        assert (endpoint_id, "schedule" in reason) == (ENDPOINT, True)
        self.parked_before.append(before)
        return 3


class FakeNetwork:
    """Answers each request after a while, with a status or an error, and keeps what was in flight together."""

    def __init__(self, *answers: int | str, takes: float = 0.1) -> None:
        self.answers = deque(answers)
        self.takes = takes
        self.sent: list[int] = []
        self.flying: set[int] = set()
        self.together = 0
        self.headers: dict[str, str] = {}

    async def post(self, url: str, body: bytes, headers: dict[str, str], *, timeout: float) -> Any:
        assert url == "http://receiver.example/hook"
        assert headers["webhook-id"] == f"evt_{int(body)}_{ENDPOINT}"
        self.sent.append(int(body))
        self.flying.add(int(body))
        self.together = max(self.together, len(self.flying))
        await asyncio.sleep(self.takes)
        self.flying.discard(int(body))
        answer = self.answers.popleft() if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, str):
            raise EgressError(answer, f"The receiver could not be reached: {answer}")
        return SimpleNamespace(status=answer, headers=self.headers, body=b"said")


class PlainFormat:
    """Says the event's id."""

    name = "plain"
    default_events = ()
    event_names: ClassVar[dict[str, Any]] = {}
    reads_answers = False

    def render(self, event: Fact, endpoint: Target) -> Rendered | None:
        return Rendered(headers={}, body=str(event.id).encode())

    def timeout(self, event: Fact) -> float:
        return 10.0


class Desk:
    """A turn with its surroundings."""

    def __init__(self, outbox: FakeOutbox, network: FakeNetwork, pace: Pace = PACE) -> None:
        self.outbox, self.network = outbox, network
        self.health = Health(pace)
        self.resources = Resources(
            outbox,  # type: ignore[arg-type]
            {"plain": PlainFormat()},  # type: ignore[dict-item]
            network,  # type: ignore[arg-type]
            pace,
            SimpleNamespace(),  # type: ignore[arg-type]
            Meters(),
            now=now,
        )

    def turn(self) -> EndpointTurn:
        return EndpointTurn(self.resources, ENDPOINT, self.health)

    async def run(self) -> None:
        await self.turn().run()

    def states(self) -> list[tuple[int, str]]:
        return [(one.id, one.state) for one in self.outbox.results]


@virtual
async def test_deliveries_of_one_key_go_one_after_the_other() -> None:
    desk = Desk(FakeOutbox(*(owed(n) for n in range(1, 21))), FakeNetwork(204))
    await desk.run()
    assert desk.network.sent == list(range(1, 21))
    assert desk.network.together == 1
    assert desk.states() == [(n, "delivered") for n in range(1, 21)]
    assert desk.resources.delivered == 20
    assert all(one.finished_at is not None and one.attempts == 1 for one in desk.outbox.results)


@virtual
async def test_an_endpoint_that_works_gets_several_keys_at_once() -> None:
    rows = [owed(n, key=f"key {n % 10}") for n in range(1, 201)]
    desk = Desk(FakeOutbox(*rows), FakeNetwork(200))
    await desk.run()
    assert sorted(desk.network.sent) == list(range(1, 201))
    assert desk.network.together == Health.MAX_WIDTH
    for key in range(10):
        of_key = [n for n in desk.network.sent if n % 10 == key]
        assert of_key == sorted(of_key)


@virtual
async def test_what_was_refused_is_tried_again_and_its_key_waits() -> None:
    rows = [owed(1, key="a"), owed(2, key="a"), owed(3, key="b")]
    desk = Desk(FakeOutbox(*rows), FakeNetwork(400, 200))
    await desk.run()
    assert desk.network.sent == [1, 3]
    refused = desk.outbox.results[0]
    assert (refused.id, refused.state, refused.status, refused.attempts) == (1, "pending", 400, 1)
    assert refused.due_at - now() <= PACE.retries[1] * 1000
    (put_off,) = desk.outbox.releases
    assert (put_off.ids, put_off.due_at) == ([2], refused.due_at)
    assert not desk.health.resting


@virtual
async def test_an_endpoint_that_cannot_be_reached_rests_and_its_deliveries_keep_their_attempts() -> None:
    rows = [owed(n, key=f"key {n}") for n in range(1, 6)]
    desk = Desk(FakeOutbox(*rows), FakeNetwork("connect"))
    await desk.run()
    assert desk.network.sent == [1]
    assert desk.health.resting
    assert desk.outbox.marks == [now()]
    (result,) = desk.outbox.results
    assert (result.state, result.attempts, result.due_at) == ("pending", 1, START_MS)
    assert sorted(id_ for release in desk.outbox.releases for id_ in release.ids) == [2, 3, 4, 5]
    assert all(release.due_at is None for release in desk.outbox.releases), "they keep their place"


@virtual
async def test_a_probe_that_succeeds_ends_the_rest() -> None:
    desk = Desk(FakeOutbox(owed(1)), FakeNetwork("connect", 200))
    with capture_logs() as lines:
        await desk.run()
        desk.outbox.due.extend([owed(1, attempts=1), owed(2, key="two")])
        await asyncio.sleep(60)
        await desk.run()
    told = [
        (line["event"].partition(";")[0], line["endpoint"], line.get("delivery"), line.get("outcome")) for line in lines
    ]
    assert told == [
        ("webhook endpoint fails", ENDPOINT, 1, "unreachable"),
        ("webhook endpoint works again", ENDPOINT, None, None),
    ]
    counted = {outcome: number for (_, outcome), number in desk.resources.meters.webhook_attempts.values.items()}
    assert counted == {"unreachable": 1, "delivered": 2}
    assert desk.outbox.requests[1].probe
    assert desk.outbox.requests[1].held == (1,)
    assert desk.network.sent == [1, 1, 2]
    assert not desk.health.resting
    assert desk.outbox.marks[-1] is None


@virtual
async def test_a_probe_that_fails_waits_longer_and_in_the_end_gives_up() -> None:
    pace = Pace(jitter=0.0, retries=(0, 5, 10), probes=(5, 10), disable_after=3600)
    desk = Desk(FakeOutbox(owed(1)), FakeNetwork("connect"), pace)
    await desk.run()
    for _ in range(3):
        await asyncio.sleep(10)
        desk.outbox.due.append(owed(1, attempts=1))
        await desk.run()
    assert desk.health.probes == 3
    assert desk.outbox.parked_before, "what waited out the whole schedule is parked"
    assert desk.resources.parked >= 3
    assert desk.outbox.switched_off == []
    await asyncio.sleep(3600)
    desk.outbox.due.append(owed(1, attempts=1))
    await desk.run()
    assert desk.outbox.switched_off == [f"it only failed for {3600 / 86400:g} days"]


@virtual
async def test_410_gone_switches_it_off_and_parks_the_delivery() -> None:
    desk = Desk(FakeOutbox(owed(1), owed(2, key="two")), FakeNetwork(410))
    await desk.run()
    assert desk.outbox.switched_off == ["it answered 410 Gone"]
    assert desk.states() == [(1, "parked")]
    assert desk.resources.meters.webhooks_parked.values == {(): 1}
    assert [release.ids for release in desk.outbox.releases] == [[2]]


@virtual
async def test_an_endpoint_that_is_gone_or_of_another_process_is_left() -> None:
    desk = Desk(FakeOutbox(owed(1)), FakeNetwork(200))
    desk.outbox.target = None
    await desk.run()
    assert not desk.resources.is_left(ENDPOINT)
    desk.outbox.foreign = True
    await desk.run()
    assert desk.resources.is_left(ENDPOINT)
    await asyncio.sleep(1.5)
    assert not desk.resources.is_left(ENDPOINT)
    assert desk.network.sent == []


@virtual
async def test_a_claim_that_would_not_last_is_given_back_unsent() -> None:
    stale = owed(1, claimed_until=START_MS + 5000)
    desk = Desk(FakeOutbox(stale, owed(2)), FakeNetwork(200))
    await desk.run()
    assert desk.network.sent == []
    assert desk.outbox.releases[0].ids == [1, 2]


@virtual
async def test_a_halted_turn_finishes_what_is_in_flight_and_gives_the_rest_back() -> None:
    desk = Desk(FakeOutbox(*(owed(n) for n in range(1, 6))), FakeNetwork(200, takes=5))
    turn = desk.turn()
    running = asyncio.create_task(turn.run())
    await asyncio.sleep(1)
    turn.halt()
    await running
    assert desk.states() == [(1, "delivered")]
    assert [release.ids for release in desk.outbox.releases] == [[2, 3, 4, 5]]


@virtual
async def test_a_crowded_worker_ends_a_long_turn() -> None:
    desk = Desk(FakeOutbox(*(owed(n) for n in range(1, 500))), FakeNetwork(200, takes=0.5))
    desk.resources.crowded = True
    began = virtual_loop().time()
    await desk.run()
    assert virtual_loop().time() - began < 10
    done = {id_ for id_, _ in desk.states()}
    given_back = {id_ for release in desk.outbox.releases for id_ in release.ids}
    still_due = {row.id for row in desk.outbox.due}
    assert done | given_back | still_due == set(range(1, 500))
    assert done & given_back == set()
    assert still_due


@virtual
async def test_results_wait_for_a_full_writer_and_are_busy_until_durable() -> None:
    outbox = FakeOutbox()
    outbox.full = 3
    saver = Saver(outbox, ENDPOINT)  # type: ignore[arg-type]
    saver.busy.add(1)
    fields = {"attempts": 1, "status": 200, "excerpt": None, "error": None, "duration_ms": 1, "finished_at": now()}
    saver.record(owed(1), state="delivered", **fields)
    await asyncio.sleep(0.06)
    assert (outbox.results, saver.busy) == ([], {1})
    await saver.finish()
    assert [one.id for one in outbox.results] == [1]
    assert saver.busy == set()


@virtual
async def test_a_writer_that_stays_full_loses_the_result_and_not_the_delivery() -> None:
    outbox = FakeOutbox()
    outbox.full = 10_000
    saver = Saver(outbox, ENDPOINT)  # type: ignore[arg-type]
    saver.busy.add(1)
    saver.release([1])
    began = virtual_loop().time()
    outbox.release = lambda release: outbox.record(release)  # type: ignore[assignment,arg-type,return-value]
    saver.busy.add(2)
    saver.release([2])
    await saver.finish()
    assert virtual_loop().time() - began == pytest.approx(10, abs=1)
    assert saver.busy == set(), "it may be claimed again once the claim has lapsed"


@virtual
async def test_lanes_wait_while_too_many_results_are_under_way() -> None:
    outbox = FakeOutbox()
    outbox.slow = 30.0
    saver = Saver(outbox, ENDPOINT)  # type: ignore[arg-type]
    for id_ in range(UNRECORDED + 1):
        saver.release([id_])
    began = virtual_loop().time()
    await saver.keep_up()
    assert virtual_loop().time() - began == pytest.approx(30, abs=1)
    await saver.released()
    await saver.finish()


@virtual
async def test_endpoints_that_do_not_work_cannot_take_the_places_of_those_that_do() -> None:
    resources = Desk(FakeOutbox(), FakeNetwork(200)).resources
    working, broken = Health(PACE), Health(PACE)
    working.succeeded(virtual_loop().time(), virtual_loop().time())
    broken.failed(virtual_loop().time(), 1, Failure.UNREACHABLE, None)
    slots = [resources.slot(broken) for _ in range(128)]
    for slot in slots:
        await slot.acquire()
    assert resources.slot(broken).locked()
    assert not resources.slot(working).locked()


@virtual
async def test_what_is_claimed_while_earlier_claims_lapse_does_not_overtake_them() -> None:
    """The claims of 1 and 2 last 13 s, of which an attempt may take 10: 2 has waited too long when 1 is done after 4 s.
    Just then 3 is being claimed, of the same chat."""

    class SlowOutbox(FakeOutbox):
        async def claim(self, request: DeliveryRequest) -> ClaimedDeliveries:
            number = len(self.requests)
            if number == 1:
                self.due.append(owed(3))
                found = await super().claim(request)
                await asyncio.sleep(5)
                # What was given back meanwhile is due again, and 3 with it.
                self.due.extend([owed(2), owed(3)])
                return found
            return await super().claim(request)

    short = START_MS + 13_000
    outbox = SlowOutbox(owed(1, claimed_until=short), owed(2, claimed_until=short))
    desk = Desk(outbox, FakeNetwork(200, takes=4.0))
    turn = desk.turn()
    running = asyncio.create_task(turn.run())
    await asyncio.sleep(1)
    turn.poke()
    await running
    assert [one.ids for one in outbox.releases] == [[2], [3]]
    assert desk.network.sent == [1, 2, 3]
