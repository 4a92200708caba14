"""Pacing, retries and the breaker: clockwork and pure functions, on a clock that the test turns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jackfield.core.ground.errors import Invalid, LoginRequired, OutcomeUnknown, Rejected, Throttled, Unavailable
from jackfield.core.ledger import states
from jackfield.core.ledger.claim import Claimed
from jackfield.core.ledger.record import Outcome
from jackfield.core.port import Limits, Sent
from jackfield.core.quotas.pacing import Pacing, QuietHours, parse_pacing
from jackfield.worker.breaker import Breaker, Threshold
from jackfield.worker.outcomes import BACKOFF_S, THROTTLE_ATTEMPTS, outcome_of, what_to_do
from jackfield.worker.pacing import Pacer


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, wall: float = 1_790_000_000.0) -> None:
        self.now, self.wall_now = 100.0, wall

    def __call__(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.wall_now

    def move(self, seconds: float) -> None:
        self.now += seconds
        self.wall_now += seconds


def pacer(clock: Clock, limits: Limits, pacing: Pacing | None = None) -> Pacer:
    return Pacer(limits, pacing, clock=clock, wall=clock.wall, seed=1)


def test_rate_and_burst() -> None:
    clock = Clock()
    one = pacer(clock, Limits(rate=80, burst=10))
    assert one.available() == 10
    one.take(10)
    assert one.available() == 0
    assert one.wait() == pytest.approx(1 / 80)
    clock.move(0.1)
    assert one.available() == 8
    clock.move(60)
    assert one.available() == 10, "a pause saves up no more than the burst"


@settings(deadline=None)  # on a busy machine an example may take long
@given(st.lists(st.floats(min_value=0, max_value=2), min_size=1, max_size=60))
def test_never_faster_than_the_rate(pauses: list[float]) -> None:
    clock = Clock()
    limits = Limits(rate=20, burst=5)
    one = pacer(clock, limits)
    sent = 0
    begun = clock.now
    for pause in pauses:
        clock.move(pause)
        count = one.available()
        one.take(count)
        sent += count
        assert sent <= limits.burst + limits.rate * (clock.now - begun) + 1e-6


def test_random_pauses_go_one_by_one() -> None:
    clock = Clock()
    one = pacer(clock, Limits(rate=10, burst=10, delay_ms=(2000, 5000)))
    gaps = []
    for _ in range(50):
        assert one.available() == 1
        one.take(1)
        assert one.available() == 0
        gaps.append(one.wait())
        clock.move(one.wait())
    assert all(2 <= gap <= 5 for gap in gaps)
    assert max(gaps) - min(gaps) > 1.5, "they are drawn, not fixed"


def test_one_recipient_waits_and_others_go() -> None:
    clock = Clock()
    one = pacer(clock, Limits(rate=80, per_recipient_s=6))
    assert one.peer_wait("a") == 0
    assert one.peer_wait("a") == pytest.approx(6)
    assert one.peer_wait("b") == 0
    clock.move(6.01)
    assert one.peer_wait("a") == 0


def test_what_did_not_reach_a_recipient_does_not_hold_up_the_next_try() -> None:
    clock = Clock()
    one = pacer(clock, Limits(rate=80, per_recipient_s=6, group_per_minute=2))
    assert one.peer_wait("a") == 0
    one.peer_spared("a")
    assert one.peer_wait("a") == 0
    assert one.peer_wait("a") == pytest.approx(6)
    assert one.peer_wait("1@g.us") == 0
    one.peer_spared("1@g.us")
    assert one.peer_wait("1@g.us") == 0
    clock.move(6.01)
    assert one.peer_wait("1@g.us") == 0, "only what went out counts for a group's minute"
    clock.move(6.01)
    assert one.peer_wait("1@g.us") > 0
    one.peer_spared("unknown")


def test_a_burst_borrows_from_the_recipients_future() -> None:
    clock = Clock()
    one = pacer(clock, Limits(rate=80, per_recipient_s=6, per_recipient_burst=3))
    assert [one.peer_wait("a") for _ in range(3)] == [0.0, 0.0, 0.0]
    assert one.peer_wait("a") == pytest.approx(6)
    clock.move(6.01)
    assert one.peer_wait("a") == 0
    assert one.peer_wait("a") > 5.9
    clock.move(18)
    assert [one.peer_wait("a") for _ in range(3)] == [0.0, 0.0, 0.0]


def test_groups_have_a_minute_of_their_own() -> None:
    clock = Clock()
    one = pacer(clock, Limits(rate=80, group_per_minute=20))
    assert [one.peer_wait("1@g.us") for _ in range(20)] == [0.0] * 20
    assert one.peer_wait("1@g.us") == pytest.approx(60)
    assert one.peer_wait("2@g.us") == 0


def test_the_daily_cap_leaves_replies() -> None:
    clock = Clock()
    one = pacer(clock, Limits(rate=80, burst=80, daily_cap=5))
    assert states.MARKETING in one.lanes()
    one.take(5)
    assert one.lanes() == (states.SERVICE, states.AUTHENTICATION)
    clock.move(86_400)
    assert states.MARKETING in one.lanes()


def test_warm_up_grows_by_day() -> None:
    one = pacer(Clock(), Limits(rate=80))
    pacing = Pacing(warm_up_start=20, warm_up_growth=2)
    caps = []
    for day in range(4):
        one.configure(Limits(rate=80), pacing, connected_days=day + 0.5)
        caps.append(one.daily_cap)
    assert caps == [20, 40, 80, 160]


@pytest.mark.parametrize(
    ("hour", "quiet"), [(21, False), (22, True), (23, True), (3, True), (7, True), (8, False), (12, False)]
)
def test_quiet_hours_pass_midnight(hour: int, quiet: bool) -> None:
    clock = Clock(datetime(2026, 7, 1, hour, 30, tzinfo=UTC).timestamp())
    one = pacer(clock, Limits(rate=80), Pacing(quiet_hours=QuietHours(start="22:00", end="08:00", timezone="UTC")))
    assert one.is_quiet() is quiet
    assert (states.MARKETING in one.lanes()) is not quiet
    assert states.SERVICE in one.lanes()


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate": 0},
        {"rate": "fast"},
        {"burst": -1},
        {"delayMs": [5, 1]},
        {"delayMs": 5},
        {"quietHours": {"start": "25:00", "end": "08:00"}},
        {"quietHours": {"start": "22:00", "end": "08:00", "timezone": "Mars/Olympus"}},
        {"speed": 3},
    ],
)
def test_wrong_pacing_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="pacing"):
        parse_pacing(wrong)


def claimed(attempts: int = 1) -> Claimed:
    return Claimed(
        id=7, workspace_id=1, campaign_id=0, peer="628", kind="text", content="{}", variables=None, category="service",
        lane=0, tag=None, template=None, source=None, reply_to=None, contact_id=None, attempts=attempts,
        provider_id=None, due_at=0, created_at=0,
    )  # fmt: skip


NOW = 1_000_000


@pytest.mark.parametrize(
    ("answer", "state", "code"),
    [
        (Sent(provider_id="w"), "sent", None),
        (Rejected("131026", "x"), "failed", "131026"),
        (Throttled("130429", "x", 2), "queued", "130429"),
        (Unavailable("503", "x"), "queued", "503"),
        (LoginRequired("190", "x"), "queued", "190"),
        (OutcomeUnknown("timeout", "x"), "uncertain", "timeout"),
        (ValueError("bug"), "uncertain", "internal"),
    ],
)
def test_each_answer_has_its_outcome(answer: Any, state: str, code: str | None) -> None:
    found = outcome_of(claimed(), 1, 2, answer, NOW)
    assert (found.state, found.code) == (state, code)


def test_back_off_grows_and_ends() -> None:
    pauses = []
    for attempt in range(1, len(BACKOFF_S) + 1):
        found = outcome_of(claimed(attempt), 1, 2, Unavailable("down", "x"), NOW)
        assert found.due_at is not None
        pauses.append((found.due_at - NOW) / 1000)
    assert all(low <= pause <= low * 1.25 for low, pause in zip(BACKOFF_S, pauses, strict=True))
    assert outcome_of(claimed(len(BACKOFF_S) + 1), 1, 2, Unavailable("down", "x"), NOW).state == "failed"


def test_throttling_says_nothing_against_the_message() -> None:
    assert outcome_of(claimed(20), 1, 2, Throttled("429", "x", 30), NOW).state == "queued"
    assert outcome_of(claimed(THROTTLE_ATTEMPTS), 1, 2, Throttled("429", "x", 30), NOW).state == "failed"
    one = outcome_of(claimed(3), 1, 2, Throttled("131056", "x", 1, scope="recipient"), NOW)
    assert one.due_at is not None
    assert one.due_at - NOW >= 64_000, "the pair rate waits 4^attempts seconds"


def test_a_channel_that_goes_down_says_what_to_do() -> None:
    said = what_to_do(LoginRequired("190", "Session has expired on Thursday."))
    assert said.startswith("190: Session has expired on Thursday. Make a permanent token")
    assert what_to_do(LoginRequired("some_new_code", "Come back later")) == "some_new_code: Come back later"


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
