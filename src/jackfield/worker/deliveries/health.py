"""How an endpoint does, and when it may be tried: a state machine without clock, network or database.

An endpoint is *up* or *resting*. While it is up each delivery has its own schedule. When it cannot be reached it
rests: nothing is sent but one probe now and then, and what waits keeps its place and its attempts, so that an outage
of any length uses up no attempt and changes no order. The first probe that succeeds ends the rest.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from enum import Enum

import msgspec


class Failure(Enum):
    """What a failed attempt says of its endpoint."""

    UNREACHABLE = "unreachable"  # no connection: the payload cannot be the reason
    SLOW_DOWN = "slow down"  # 429, 502, 503, 504: it asks for a pause
    NO_ANSWER = "no answer"  # a timeout or a broken connection: it, or this payload
    REFUSED = "refused"  # any other answer than 2xx
    GONE = "gone"  # 410: it wants no more


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """The times, as data. Seconds throughout.

    `retries` are the pauses before each attempt of one delivery, the first being 0: eight attempts over 27.6 hours,
    then it is parked (design, decision 12). `probes` are the pauses between probes of a resting endpoint, the last
    repeating: dense at first, because most outages are restarts. `disable_after` is how long an endpoint may only fail.
    `proof` is how long a success speaks for the endpoint, `most_wait` bounds a Retry-After, `claim` is how
    long a claim lasts, `turn` how long one endpoint may keep its place when others wait for one.
    """

    retries: Sequence[float] = (0, 5, 300, 1800, 7200, 18000, 36000, 36000)
    probes: Sequence[float] = (5, 5, 5, 10, 10, 15, 15, 30, 30, 60)
    disable_after: float = 5 * 86400
    most_wait: float = 3600
    proof: float = 5.0
    claim: float = 30.0
    turn: float = 2.0
    jitter: float = 0.1

    def pause(self, attempts: int) -> float | None:
        """Seconds until the next attempt after so many, None when there is none."""
        if attempts >= len(self.retries):
            return None
        return self.retries[attempts] * random.uniform(1 - self.jitter, 1 + self.jitter)

    @property
    def span(self) -> float:
        """From the first attempt to the last."""
        return float(sum(self.retries))

    def steps(self, age: float) -> int:
        """How many attempts the schedule would have made of a delivery due for so long: at least one."""
        made, total = 0, 0.0
        for pause in self.retries:
            total += pause
            if total > age:
                break
            made += 1
        return max(made, 1)


class Health:
    """One endpoint's. Times are of the event loop's clock where nothing else is said.

    `marked`: the database knows that it fails (`marking`: is being told).
    """

    MAX_WIDTH = 8
    """Attempts in flight at once at most."""
    FAILURES_TO_REST = 3
    """Different deliveries that fail in a row make a failing endpoint, whatever they were answered."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.turn = 0.0
        """When it last had a turn."""
        self.held: dict[str, tuple[int, int]] = {}
        """Keys that wait behind a failed delivery: until when (Unix ms), and its id."""
        self.hold: list[int] = []
        """Deliveries that we keep claimed while it rests, so that other processes leave it to us."""
        self.reset()

    def reset(self) -> None:
        """As if never seen: at first, and when a person changed or enabled it."""
        self.width = 1
        self.resting = False
        self.rested_at = 0.0
        self.next_probe = 0.0
        self.probes = 0
        self.last_ok = -1e9
        self.marked = self.marking = False
        self.tried: set[int] = set()
        self._failed: set[int] = set()
        self._suspects: dict[int, float] = {}
        self._successes = 0

    def proven(self, now: float) -> bool:
        """Whether it worked lately, and so may use many connections."""
        return now - self.last_ok < 60

    def succeeded(self, now: float, began: float) -> None:
        """An attempt that was begun then got its 2xx. It begins narrow and widens: an endpoint never seen up holds one
        connection only."""
        self.last_ok = now
        if self.resting and began < self.rested_at:
            return
        self.resting = False
        self.probes = 0
        self.tried.clear()
        self._failed.clear()
        self._successes += 1
        if self.width < self.MAX_WIDTH and self._successes >= self.width:
            self._successes = 0
            self.width = min(self.width * 2, self.MAX_WIDTH)

    def failed(self, now: float, delivery_id: int, failure: Failure, retry_after: float | None) -> bool:
        """An attempt failed; gives whether the endpoint rests now."""
        self._failed.add(delivery_id)
        self._successes = 0
        wait = min(retry_after or 0.0, self.pace.most_wait)
        if failure is not Failure.UNREACHABLE:
            # Without a connection the payload cannot be to blame: then the oldest is tried until it goes.
            self.tried.add(delivery_id)
        blamed = self._suspect(now, delivery_id, failure)
        if self.resting:
            self.next_probe = max(self.next_probe, now + wait)
            return True
        if failure is Failure.SLOW_DOWN:
            self.width = max(1, self.width // 2)
        down = failure in (Failure.UNREACHABLE, Failure.SLOW_DOWN) and not blamed
        if down or len(self._failed) >= self.FAILURES_TO_REST:
            lately = now - self.last_ok < self.pace.proof
            self.resting = True
            self.rested_at = now
            self.width = 1 if failure is not Failure.SLOW_DOWN else self.width
            self.probes = 0
            # One slip of an endpoint that worked a moment ago is worth a short pause only.
            self.next_probe = now + max(min(1.0, self.pace.probes[0]) if lately else self.pace.probes[0], wait)
            return True
        return False

    def _suspect(self, now: float, delivery_id: int, failure: Failure) -> bool:
        """Whether a delivery itself is to blame: it failed before, others passed since, and now it fails again."""
        if failure is Failure.UNREACHABLE:
            return False
        blamed = self._suspects.get(delivery_id, now) < self.last_ok
        if len(self._suspects) > 1000:
            self._suspects.clear()
        self._suspects[delivery_id] = now
        return blamed

    def probed(self, now: float) -> None:
        """A probe failed (`failed` was told already): when the next one is."""
        self.probes += 1
        pause = self.pace.probes[min(self.probes, len(self.pace.probes) - 1)]
        self.next_probe = max(self.next_probe, now + pause * random.uniform(1 - self.pace.jitter, 1 + self.pace.jitter))
