"""The sender: claims at the channel's pace, hands over, and gives back what surely did not go out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from jackfield.core import (
    Budget,
    Claim,
    ClaimRequest,
    CommitUnknown,
    LoginRequired,
    Outcome,
    SendError,
    Throttled,
    Unavailable,
)
from jackfield.core.ledger.claim import paced_share
from jackfield.core.port import Limits, Outgoing, Sent
from jackfield.core.port.content import Text
from jackfield.core.quotas.budgets import Taken

from .conftest import Desk, FakeManySession, FakeQueue, FakeSession, claimed, now, virtual, virtual_loop


@virtual
async def test_what_is_claimed_is_sent_and_recorded() -> None:
    session = FakeSession(0.1)
    desk = Desk(session)
    desk.queue.put(claimed(id_) for id_ in range(1, 11))
    await desk.run_for(5)
    assert sorted(desk.queue.states()) == [(id_, "sent") for id_ in range(1, 11)]
    assert {one.token for one in desk.queue.outcomes} == {7}
    assert desk.recorder.in_flight == 0
    assert session.most_open == 4, "as many at once as the limits allow"


@virtual
async def test_a_network_that_takes_many_gets_them_together() -> None:
    session = FakeManySession(0.1)
    desk = Desk(session)
    desk.queue.put(claimed(id_) for id_ in range(1, 31))
    await desk.run_for(1)
    assert sorted(desk.queue.states()) == [(id_, "sent") for id_ in range(1, 31)]


@virtual
async def test_no_more_is_claimed_than_the_pace_lets_out() -> None:
    desk = Desk(FakeSession(), limits=Limits(rate=10, burst=1, concurrency=4))
    desk.queue.put(claimed(id_) for id_ in range(1, 101))
    began = now()
    task = asyncio.create_task(desk.sender.run())
    await asyncio.sleep(2)
    assert 19 <= len(desk.queue.outcomes) <= 22
    assert now() - began == 2000
    await desk.stop(task)


@virtual
async def test_nothing_is_claimed_while_the_channel_is_down() -> None:
    desk = Desk(None)
    desk.queue.put([claimed(1)])
    task = asyncio.create_task(desk.sender.run())
    await asyncio.sleep(60)
    assert desk.queue.requests == []
    desk.connection.session, desk.connection.is_up = FakeSession(), True
    desk.sender.wake.set()
    await asyncio.sleep(0.1)
    assert desk.queue.states() == [(1, "sent")]
    await desk.stop(task)


@virtual
async def test_a_stall_longer_than_the_lease_gives_back_what_was_not_handed_over() -> None:
    session = FakeSession(1.0)
    desk = Desk(session, lease=6.0, limits=Limits(rate=1000, burst=1000, concurrency=2))
    desk.sender._capacity = lambda: 10  # type: ignore[method-assign]
    desk.queue.on_claim = lambda: virtual_loop().stall(8.0)
    desk.queue.put(claimed(id_) for id_ in range(1, 11))
    task = asyncio.create_task(desk.sender.run())
    await asyncio.sleep(10)
    assert session.begun == [], "the lease was over before the first was handed over"
    assert sorted(desk.queue.states()) == [(id_, "queued") for id_ in range(1, 11)]
    assert all(one.free and one.due_at is None for one in desk.queue.outcomes), "at once, and no attempt is lost"
    assert desk.recorder.in_flight == 0
    await desk.stop(task)


@virtual
async def test_a_stall_never_gives_back_what_the_network_has() -> None:
    session = FakeSession(10.0)
    desk = Desk(session, lease=6.0, limits=Limits(rate=1000, burst=1000, concurrency=4))
    desk.queue.put([claimed(1, "a"), claimed(2, "b"), claimed(3, "a")])
    task = asyncio.create_task(desk.sender.run())
    await asyncio.sleep(1)
    assert sorted(session.begun) == [1, 2]
    virtual_loop().stall(8.0)
    await asyncio.sleep(20)
    # The third waited for the first, which goes to the same peer.
    assert sorted(desk.queue.states()) == [(1, "sent"), (2, "sent"), (3, "queued")]
    await desk.stop(task)


@virtual
async def test_a_stall_gives_back_a_batch_that_was_not_handed_over() -> None:
    session = FakeManySession()
    desk = Desk(session, lease=6.0)
    desk.queue.on_claim = lambda: virtual_loop().stall(8.0)
    desk.queue.put(claimed(id_) for id_ in range(1, 6))
    await desk.run_for(1)
    assert session.begun == []
    assert sorted(desk.queue.states()) == [(id_, "queued") for id_ in range(1, 6)]


@virtual
async def test_a_lost_lease_ends_the_claims() -> None:
    desk = Desk(FakeSession())
    desk.queue.lost = True
    await asyncio.wait_for(desk.sender.run(), 5)
    assert desk.tenure.lost
    assert not desk.tenure.may_act()


@virtual
async def test_a_channel_that_goes_down_gives_back_what_waits() -> None:
    session = FakeSession(1.0)
    session.answers[1] = LoginRequired("190", "expired")
    desk = Desk(session, limits=Limits(rate=1000, burst=1000, concurrency=2))
    desk.queue.put([claimed(1, "a"), claimed(2, "a")])
    await desk.run_for(3)
    assert desk.queue.states() == [(1, "queued"), (2, "queued")]
    assert session.begun == [1], "the second was never handed over"
    assert [one.free for one in desk.queue.outcomes] == [True, True]


@virtual
async def test_one_peer_gets_one_message_at_a_time_in_order() -> None:
    session = FakeSession(0.2)
    desk = Desk(session)
    desk.queue.put([claimed(1, "a"), claimed(2, "a"), claimed(3, "b"), claimed(4, "a")])
    await desk.run_for(3)
    assert [id_ for id_ in session.begun if id_ != 3] == [1, 2, 4]
    assert session.most_open == 2


@virtual
async def test_the_end_gives_back_what_waits_and_leaves_what_hangs_uncertain() -> None:
    session = FakeSession(3600)
    desk = Desk(session, limits=Limits(rate=1000, burst=1000, concurrency=4))
    desk.queue.put([claimed(1, "a"), claimed(2, "a"), claimed(3, "b")])
    began = now()
    await desk.run_for(1)
    assert sorted(desk.queue.states()) == [(1, "uncertain"), (2, "queued"), (3, "uncertain")]
    assert now() - began == 11_000, "open sends may take ten seconds"


@virtual
async def test_a_changed_pace_is_taken_before_the_next_claim() -> None:
    desk = Desk(FakeSession())
    desk.sender.outdated = True
    desk.queue.put([claimed(1)])
    await desk.run_for(1)
    assert (desk.refreshed, desk.sender.outdated) == (1, False)


@virtual
async def test_a_pause_of_the_whole_channel_stops_the_claims() -> None:
    session = FakeSession()
    session.answers[1] = Throttled("130429", "slow down", 30)
    desk = Desk(session)
    desk.queue.put([claimed(1)])
    task = asyncio.create_task(desk.sender.run())
    await asyncio.sleep(1)
    desk.queue.put([claimed(2)])
    await asyncio.sleep(25)
    assert desk.queue.states() == [(1, "queued")]
    await asyncio.sleep(10)
    assert desk.queue.states()[-1] == (2, "sent")
    await desk.stop(task)


@virtual
async def test_a_future_that_an_engine_cancels_does_not_end_the_sends() -> None:
    session = FakeSession()
    session.answers = {id_: asyncio.CancelledError() for id_ in range(1, 5)}
    desk = Desk(session, limits=Limits(rate=1000, burst=1000, concurrency=2))
    desk.queue.put(claimed(id_) for id_ in range(1, 7))
    await desk.run_for(3)
    assert sorted(desk.queue.states()) == [*((id_, "uncertain") for id_ in range(1, 5)), (5, "sent"), (6, "sent")]


class _Budgets:
    """Refuses everybody of the lanes that may be refused, until a time."""

    def __init__(self, free_at: int) -> None:
        self.free_at = free_at
        self.failing = False

    async def take(self, budget: Budget, *, peers: dict[str, bool], **_: Any) -> Taken:
        if self.failing:
            raise OSError("no database")
        return Taken({peer for peer, anyway in peers.items() if not anyway}, self.free_at)


@virtual
async def test_a_used_up_budget_holds_campaigns_but_neither_codes_nor_replies() -> None:
    desk = Desk(FakeSession(), budgets=_Budgets(now() + 60_000))
    desk.sender.budget = Budget(250, "channel:5")
    code = claimed(2, lane=1, category="authentication", campaign_id=9)
    desk.queue.put([claimed(1, lane=3, campaign_id=9), code, claimed(3)])
    due = now() + 60_000
    await desk.run_for(1)
    assert sorted(desk.queue.states()) == [(1, "queued"), (2, "sent"), (3, "sent")]
    (held,) = [one for one in desk.queue.outcomes if one.id == 1]
    assert (held.due_at, held.free) == (due, True)


@virtual
async def test_a_budget_that_cannot_be_asked_gives_everything_back() -> None:
    budgets = _Budgets(0)
    budgets.failing = True
    desk = Desk(FakeSession(), budgets=budgets)
    desk.sender.budget = Budget(250, "channel:5")
    desk.queue.put([claimed(1, lane=3, campaign_id=9)])
    task = asyncio.create_task(desk.sender.run())
    await asyncio.sleep(1)
    assert isinstance(task.exception(), OSError)
    assert desk.queue.states() == [(1, "queued")]
    assert desk.recorder.in_flight == 0


class _Campaigns:
    def __init__(self) -> None:
        self.asked: list[set[int]] = []

    async def contents(self, ids: set[int]) -> dict[int, Text]:
        self.asked.append(ids)
        return {id_: Text(text="Hi {name}") for id_ in ids}


@virtual
async def test_a_campaigns_content_is_read_once() -> None:
    campaigns = _Campaigns()
    desk = Desk(FakeSession(), campaigns=campaigns)
    for id_ in (1, 2):
        desk.queue.put([claimed(id_, content=None, campaign_id=9, variables={"name": "Ann"})])
    task = asyncio.create_task(desk.sender.run())
    await asyncio.sleep(1)
    desk.queue.put([claimed(3, content=None, campaign_id=9)])
    await asyncio.sleep(1)
    assert campaigns.asked == [{9}]
    assert len(desk.queue.outcomes) == 3
    await desk.stop(task)


@virtual
async def test_a_network_that_is_down_is_tried_now_and_then() -> None:
    session = FakeSession()
    session.answers = {id_: Unavailable("503", "down") for id_ in range(1, 200)}
    desk = Desk(session, limits=Limits(rate=1000, burst=1000, concurrency=1))
    desk.queue.put(claimed(id_) for id_ in range(1, 200))
    await desk.run_for(120)
    assert 8 < len(session.begun) < 20, "the pauses grow to half a minute"


class _PacedQueue(FakeQueue):
    """A campaign of messages that fall due one after the other, in a database that takes its time for a claim."""

    def __init__(self, desk: Desk, count: int, pause: int, claim_s: float) -> None:
        super().__init__()
        self.pause, self.claim_s = pause, claim_s
        self.waiting = [
            claimed(id_, campaign_id=9, lane=3, due_at=now() + (id_ - 1) * pause) for id_ in range(1, count + 1)
        ]
        self.most_in_hand = 0
        desk.queue = desk.sender._queue = desk.recorder._queue = self  # type: ignore[assignment]
        self.wake = desk.sender.wake.set

    async def claim(self, request: ClaimRequest) -> Claim:
        await asyncio.sleep(self.claim_s)
        self.requests.append(request)
        maximum, next_at = paced_share(now(), request.held.get(9, 0), request.ahead, self.pause)
        due = [one for one in self.waiting if one.due_at <= now() + request.ahead][: min(maximum, request.limit)]
        if not due:
            if self.waiting and maximum:
                next_at = self.waiting[0].due_at - request.ahead // 2
            return Claim(messages=[], next_due=next_at if self.waiting else None)
        self.waiting = self.waiting[len(due) :]
        return Claim(messages=due, pauses={one.id: self.pause for one in due})

    def record(self, outcome: Outcome) -> asyncio.Future[bool]:
        in_hand = 1500 - len(self.waiting) - len(self.outcomes)
        self.most_in_hand = max(self.most_in_hand, in_hand)
        return super().record(outcome)


@virtual
async def test_small_pauses_between_messages_are_kept_and_few_messages_are_in_hand() -> None:
    session = FakeManySession(0.05)
    times: list[int] = []
    send_many = session.send_many

    async def timed(messages: Sequence[Outgoing]) -> list[Sent | SendError]:
        times.extend(now() for _ in messages)
        return await send_many(messages)

    session.send_many = timed  # type: ignore[method-assign]
    desk = Desk(session, limits=Limits(rate=2000, burst=2000, concurrency=4))
    queue = _PacedQueue(desk, 1500, 2, claim_s=0.03)
    began = now()
    await desk.run_for(6)
    assert len(times) == 1500
    assert session.begun == sorted(session.begun)
    assert times[-1] - began < 3300, "1,500 messages at a pause of 2 ms take three seconds"
    assert min(later - earlier for earlier, later in zip(times, times[2:], strict=False)) >= 1, "never a heap at once"
    assert queue.most_in_hand < 180, "what a crash leaves uncertain"
    assert len(queue.requests) < 200, "not one claim for each message"


@virtual
@pytest.mark.parametrize("pause", [2, 50])
async def test_what_a_small_pause_lost_to_a_slow_claim_is_made_up_for(pause: int) -> None:
    """A claim that takes 0.3 s holds the sends up by 0.2 s. Long pauses are kept, whatever was lost."""
    times: list[int] = []
    session = FakeManySession(0.0)
    send_many = session.send_many

    async def timed(messages: Sequence[Outgoing]) -> list[Sent | SendError]:
        times.extend(now() for _ in messages)
        return await send_many(messages)

    session.send_many = timed  # type: ignore[method-assign]
    desk = Desk(session, limits=Limits(rate=2000, burst=2000, concurrency=4))
    count = 3000 // pause
    queue = _PacedQueue(desk, count, pause, claim_s=0.01)
    claim = queue.claim

    async def sometimes_slow(request: ClaimRequest) -> Claim:
        queue.claim_s = 0.3 if len(queue.requests) % 8 == 7 else 0.01
        return await claim(request)

    desk.queue.claim = sometimes_slow  # type: ignore[method-assign]
    began = now()
    await desk.run_for(8)
    assert len(times) == count
    if pause == 50:
        assert min(later - earlier for earlier, later in pairwise(times)) >= 49
        return
    assert min(later - earlier for earlier, later in zip(times, times[2:], strict=False)) >= 1, "never a heap at once"
    assert times[-1] - began < 3100, "3 s, as asked for"


@virtual
async def test_the_end_gives_back_what_waits_for_its_time() -> None:
    desk = Desk(FakeSession())
    queue = _PacedQueue(desk, 20, 90, claim_s=0.0)
    await desk.run_for(0.15)
    assert desk.recorder.in_flight == 0
    assert {state for _, state in queue.states()} == {"sent", "queued"}


@virtual
async def test_a_claim_that_failed_is_put_back_before_the_next() -> None:
    desk = Desk(FakeSession())
    whole = desk.queue.claim

    async def cut(request: ClaimRequest) -> Claim:
        desk.queue.claim = whole  # type: ignore[method-assign]
        raise CommitUnknown

    desk.queue.claim = cut  # type: ignore[method-assign]
    desk.queue.put([claimed(1)])
    with pytest.raises(CommitUnknown):
        await desk.sender.run()
    assert not desk.recorder.claiming
    await desk.run_for(1.0)
    assert desk.queue.put_back_of == [set()], "once, and nothing was in our hands"
    assert desk.queue.states() == [(1, "sent")]
