"""Pacing, on a clock that the test turns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jackfield.core.ground.errors import Invalid
from jackfield.core.ledger import states
from jackfield.core.port import Limits, Network
from jackfield.core.quotas.pacing import Pacing, QuietHours, parse_pacing
from jackfield.engines.telegram_bot.network import NETWORK as TELEGRAM
from jackfield.engines.whatsapp_web.network import NETWORK as WHATSAPP
from jackfield.worker.channel.pacing import Pacer


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


def pacer(
    clock: Clock,
    limits: Limits,
    pacing: Pacing | None = None,
    chat_kind: Callable[[str], str] = WHATSAPP.addressing.chat_kind,
) -> Pacer:
    return Pacer(limits, pacing, chat_kind=chat_kind, clock=clock, wall=clock.wall, seed=1)


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
    one.return_peer("a")
    assert one.peer_wait("a") == 0
    assert one.peer_wait("a") == pytest.approx(6)
    assert one.peer_wait("120363021234567890@g.us") == 0
    one.return_peer("120363021234567890@g.us")
    assert one.peer_wait("120363021234567890@g.us") == 0
    clock.move(6.01)
    assert one.peer_wait("120363021234567890@g.us") == 0, "only what went out counts for a group's minute"
    clock.move(6.01)
    assert one.peer_wait("120363021234567890@g.us") > 0
    one.return_peer("unknown")


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
    assert [one.peer_wait("120363021234567890@g.us") for _ in range(20)] == [0.0] * 20
    assert one.peer_wait("120363021234567890@g.us") == pytest.approx(60)
    assert one.peer_wait("120363021234567891@g.us") == 0


def test_the_daily_cap_leaves_replies() -> None:
    clock = Clock()
    one = pacer(clock, Limits(rate=80, burst=80, daily_cap=5))
    assert states.MARKETING in one.lanes()
    one.take(5)
    assert one.lanes() == (states.SERVICE, states.AUTHENTICATION)
    clock.move(86_400)
    assert states.MARKETING in one.lanes()


def test_warm_up_grows_by_day() -> None:
    clock = Clock()
    one = pacer(clock, Limits(rate=80))
    one.configure(Limits(rate=80), Pacing(warm_up_start=20, warm_up_growth=2), int(clock.wall() * 1000))
    caps = []
    clock.move(43_200)
    for _ in range(4):
        # Configured once: the days pass by themselves.
        caps.append(one.daily_cap)
        clock.move(86_400)
    assert caps == [20, 40, 80, 160]


def test_warm_up_begins_with_the_connection_and_stays_below_the_cap() -> None:
    clock = Clock()
    one = pacer(clock, Limits(rate=80, daily_cap=50), Pacing(warm_up_start=20, warm_up_growth=2))
    assert one.daily_cap == 20
    one.configure(Limits(rate=80, daily_cap=50), one.pacing, int(clock.wall() * 1000))
    clock.move(400 * 86_400)
    assert one.daily_cap == 50


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


@pytest.mark.parametrize(
    ("network", "group", "person"),
    [(WHATSAPP, "120363021234567890@g.us", "6281234567890"), (TELEGRAM, "-1001234567890", "7001234567")],
    ids=["whatsapp", "telegram"],
)
def test_the_engine_says_which_addresses_are_groups(network: Network, group: str, person: str) -> None:
    one = pacer(Clock(), Limits(rate=1000, group_per_minute=1), chat_kind=network.addressing.chat_kind)
    assert [one.peer_wait(group), one.peer_wait(person), one.peer_wait(person)] == [0.0, 0.0, 0.0]
    assert one.peer_wait(group) == pytest.approx(60)


def test_an_engine_with_letters_for_groups_is_paced_too() -> None:
    one = pacer(
        Clock(), Limits(rate=1000, group_per_minute=1), chat_kind=lambda peer: "group" if "#" in peer else "private"
    )
    assert [one.peer_wait("#room"), one.peer_wait("-5"), one.peer_wait("-5")] == [0.0, 0.0, 0.0]
    assert one.peer_wait("#room") > 0
