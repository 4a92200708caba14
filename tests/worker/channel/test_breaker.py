"""The breaker: campaigns that fail are paused, with the reason."""

from __future__ import annotations

from collections.abc import Callable

from jackfield.core.ledger.record import Outcome
from jackfield.worker.channel.breaker import Breaker, Threshold


def outcome(state: str, code: str | None = None) -> Outcome:
    return Outcome(id=1, channel_id=1, token=1, state=state, at=0, code=code)


def watch_all(breaker: Breaker, outcomes: list[Outcome]) -> str | None:
    found: Callable[[Outcome], str | None] = lambda one: breaker.watch(5, one)  # noqa: E731
    return next((reason for reason in map(found, outcomes) if reason), None)


def test_the_breaker_opens_with_the_reason() -> None:
    breaker = Breaker(Threshold(window=10, ratio=0.5))
    assert watch_all(breaker, [outcome("sent")] * 6 + [outcome("failed", "131026")] * 4) is None
    reason = watch_all(breaker, [outcome("failed", "131026")])
    assert reason is not None
    assert "131026" in reason
    assert "undeliverable" in reason.lower()


def test_failures_that_come_later_open_the_breaker_too() -> None:
    breaker = Breaker(Threshold(window=10, ratio=0.8))
    reasons = []
    for _ in range(10):
        assert breaker.watch(5, outcome("sent")) is None
        reasons.append(breaker.heard(5, "failed", "131026"))
    assert reasons[:-1] == [None] * 9
    assert "10 of the last 10" in (reasons[-1] or "")
    assert all(breaker.heard(6, "delivered", None) is None for _ in range(10))
    assert breaker.heard(6, "read", None) is None
    assert breaker.heard(6, "failed", "131026") is None
    unpaid = breaker.heard(6, "failed", "131042")
    assert unpaid is not None
    assert "Billing" in unpaid


def test_a_locked_account_pauses_at_once() -> None:
    reason = Breaker().watch(5, outcome("failed", "131042"))
    assert reason is not None
    assert "131042" in reason
