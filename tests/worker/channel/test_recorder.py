"""The recorder: outcomes reach the ledger, and tell on pace, peers, breaker and login."""

from __future__ import annotations

import asyncio

import pytest

from jackfield.core import (
    CommitUnknown,
    LoginRequired,
    OutcomeUnknown,
    Overloaded,
    Rejected,
    Settled,
    StorageUnavailable,
    Throttled,
)
from jackfield.core.port import Limits, Sent

from .conftest import Desk, claimed, now, virtual


@virtual
async def test_in_flight_counts_down_when_an_outcome_is_durable() -> None:
    desk = Desk(None)
    desk.recorder.in_flight = 2
    await desk.recorder.record(claimed(1), Sent(provider_id="w"))
    await asyncio.sleep(0)
    assert desk.recorder.in_flight == 1
    desk.recorder.give_back(claimed(2))
    await asyncio.sleep(0)
    assert desk.recorder.in_flight == 0
    assert desk.queue.states() == [(1, "sent"), (2, "queued")]


@virtual
async def test_an_unforeseen_failure_is_uncertain() -> None:
    desk = Desk(None)
    await desk.recorder.record(claimed(1), ValueError("bug"))
    await desk.recorder.record(claimed(2), OutcomeUnknown("timeout", "no answer"))
    assert [(one.state, one.code) for one in desk.queue.outcomes] == [
        ("uncertain", "internal"),
        ("uncertain", "timeout"),
    ]


@virtual
async def test_a_logout_is_told_and_costs_no_attempt() -> None:
    desk = Desk(None)
    await desk.recorder.record(claimed(1), LoginRequired("190", "expired"))
    assert len(desk.logged_out) == 1
    (outcome,) = desk.queue.outcomes
    assert (outcome.state, outcome.free) == ("queued", True)


@virtual
async def test_a_campaign_that_cannot_go_on_is_paused_with_the_reason() -> None:
    desk = Desk(None)
    await desk.recorder.record(claimed(1, campaign_id=9), Rejected("131042", "unpaid"))
    ((workspace, campaign, reason),) = desk.paused
    assert (workspace, campaign) == (1, 9)
    assert "131042" in reason


@virtual
async def test_a_failure_that_is_told_later_pauses_too() -> None:
    desk = Desk(None)
    later = Settled(
        id=1,
        state="failed",
        provider_id="w",
        code="131042",
        error="unpaid",
        workspace_id=1,
        campaign_id=9,
        reported=True,
    )
    desk.recorder.hear(later)
    assert [one[:2] for one in desk.paused] == [(1, 9)]


@virtual
async def test_a_throttled_peer_keeps_its_order() -> None:
    desk = Desk(None, limits=Limits(rate=80, burst=80, per_recipient_s=6))
    first, second = claimed(1, "a"), claimed(2, "a")
    assert desk.peers.begin(first)
    assert not desk.peers.begin(second)
    desk.recorder.in_flight = 2
    await desk.recorder.record(first, Throttled("131056", "pair rate", 1, scope="recipient"))
    second_back, first_back = desk.queue.outcomes
    assert (first_back.id, second_back.id) == (1, 2)
    assert first_back.due_at is not None
    assert second_back.due_at is not None
    assert now() < first_back.due_at < second_back.due_at
    assert desk.pacer.available() > 0, "the rest of the channel goes on"


@virtual
async def test_an_outcome_is_recorded_again_until_the_database_is_back() -> None:
    desk = Desk(None)
    desk.recorder.take([claimed(1)])
    desk.queue.failing = [StorageUnavailable(StorageUnavailable.AWAY), CommitUnknown(), Overloaded("full")]
    with pytest.raises(StorageUnavailable):
        await desk.recorder.record(claimed(1), Sent(provider_id="w"))
    await asyncio.sleep(0)
    assert (desk.recorder.in_flight, desk.recorder.held) == (1, {1})
    await desk.recorder.settled()
    assert desk.queue.states() == [(1, "sent")]
    assert (desk.recorder.in_flight, desk.recorder.held) == (0, set())


@virtual
async def test_no_outcome_is_recorded_again_while_a_claim_is_under_way() -> None:
    desk = Desk(None)
    desk.recorder.take([claimed(1)])
    desk.queue.failing = [CommitUnknown()]
    desk.recorder.claiming = True
    desk.recorder.give_back(claimed(1))
    await asyncio.sleep(60)
    assert desk.queue.states() == []
    desk.recorder.claiming = False
    await desk.recorder.settled()
    assert desk.queue.states() == [(1, "queued")]


@virtual
async def test_an_outcome_that_can_never_be_stored_is_given_up() -> None:
    desk = Desk(None)
    desk.recorder.take([claimed(1)])
    desk.queue.failing = [ValueError("no such text")]
    with pytest.raises(ValueError, match="no such text"):
        await desk.recorder.record(claimed(1), Sent(provider_id="w"))
    await asyncio.sleep(0)
    await desk.recorder.settled()
    assert desk.recorder.in_flight == 0
    assert desk.recorder.held == {1}, "it may have gone out: it is not to be put back"
