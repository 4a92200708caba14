"""Pacing: how many messages may go out now, and when the next one may.

The limits are data (an engine's, with the channel's over them); this is the clockwork. Times are seconds of the
loop's monotonic clock unless said otherwise.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from jackfield.core import Pacing, minutes, states
from jackfield.core.port import Limits

ALL_LANES = (states.SERVICE, states.AUTHENTICATION, states.UTILITY, states.MARKETING)
FORGET_PEERS_AT = 100_000
"""Peers whose last time is remembered; beyond, those that may be written to again are forgotten."""
DAY_S = 86_400
WARM_UP_DAYS = 60
"""After so many days a warm-up's cap grows no further."""


class Pacer:
    """One channel's pace. `chat_kind` gives the kind of chat at an address. Not shared between threads."""

    def __init__(
        self,
        limits: Limits,
        pacing: Pacing | None = None,
        *,
        chat_kind: Callable[[str], str] = lambda _: "private",
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        seed: int | None = None,
    ) -> None:
        self.chat_kind = chat_kind
        self._clock = clock
        self._wall = wall
        self._random = Random(seed)
        self._peers: dict[str, float] = {}
        self._groups: dict[str, deque[float]] = {}
        self._slow_until = 0.0
        self._next_at = 0.0
        self.sent_today = 0
        self.day = int(wall() // DAY_S)
        self.configure(limits, pacing or Pacing())
        self._tokens = float(self.limits.burst)
        self._filled_at = clock()

    def configure(self, limits: Limits, pacing: Pacing, connected_at: int | None = None) -> None:
        """Take new limits; what was already used stays used. A warm-up counts its days from `connected_at` (Unix ms)."""
        self.pacing = pacing
        self.limits = pacing.over(limits)
        self._connected_at = connected_at
        self._burst = max(float(self.limits.burst), 1.0)

    @property
    def daily_cap(self) -> int | None:
        """How many messages may go out today; None for any number."""
        cap = self.limits.daily_cap
        if self.pacing.warm_up_start is None:
            return cap
        connected = self._wall() - self._connected_at / 1000 if self._connected_at is not None else 0.0
        days = min(max(int(connected // DAY_S), 0), WARM_UP_DAYS)
        warm = int(self.pacing.warm_up_start * (self.pacing.warm_up_growth or 1.5) ** days)
        return warm if cap is None else min(warm, cap)

    # -- the channel as a whole ----------------------------------------------------------------------

    def _fill(self) -> None:
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self.limits.rate)
        self._filled_at = now
        day = int(self._wall() // DAY_S)
        if day != self.day:
            self.day, self.sent_today = day, 0

    def available(self) -> int:
        """How many messages may be claimed now."""
        self._fill()
        now = self._clock()
        if now < self._slow_until or now < self._next_at:
            return 0
        if self.limits.delay_ms[1] > 0:
            return 1 if self._tokens >= 1 - 1e-9 else 0
        # A hair's breadth for the floating point: 0.1 s at 80/s are 8 messages, not 7.999...
        count = int(self._tokens + 1e-9)
        cap = self.daily_cap
        if cap is not None and self.sent_today < cap:
            # Up to the cap and no further; past it only replies and codes are claimed at all (see lanes).
            count = min(count, cap - self.sent_today)
        return count

    def wait(self) -> float:
        """Seconds until something may be claimed again; 0 when it may now."""
        self._fill()
        now = self._clock()
        wait = max(self._slow_until - now, self._next_at - now, 0.0)
        if self._tokens < 1:
            wait = max(wait, (1 - self._tokens) / self.limits.rate)
        return wait

    def take(self, count: int) -> None:
        """These many were claimed."""
        self._tokens -= count
        self.sent_today += count
        minimum, maximum = self.limits.delay_ms
        if maximum > 0:
            # With random pauses messages go one by one; the pause runs from this send.
            self._next_at = max(self._clock(), self._next_at) + self._random.uniform(minimum, maximum) / 1000

    def give_back(self, count: int) -> None:
        """These many were not sent after all."""
        self._tokens = min(self._burst, self._tokens + count)
        self.sent_today = max(0, self.sent_today - count)

    def slow_down(self, seconds: float) -> None:
        """The network asked for a pause of the whole channel."""
        self._slow_until = max(self._slow_until, self._clock() + seconds)

    def lanes(self) -> tuple[int, ...]:
        """Lanes that may send now: none of marketing in quiet hours, only replies and codes past the daily cap."""
        self._fill()
        lanes: tuple[int, ...] = ALL_LANES
        cap = self.daily_cap
        if cap is not None and self.sent_today >= cap:
            lanes = (states.SERVICE, states.AUTHENTICATION)
        if self.is_quiet():
            lanes = tuple(lane for lane in lanes if lane != states.MARKETING)
        return lanes

    def is_quiet(self) -> bool:
        """Whether it is quiet hours now."""
        quiet = self.pacing.quiet_hours
        if quiet is None:
            return False
        local = datetime.fromtimestamp(self._wall(), ZoneInfo(quiet.timezone))
        now, start, end = local.hour * 60 + local.minute, minutes(quiet.start), minutes(quiet.end)
        return start <= now < end if start <= end else now >= start or now < end

    # -- one peer ------------------------------------------------------------------------------------

    def peer_wait(self, peer: str) -> float:
        """Seconds until this peer may have the next message; 0 when it may now (then it is counted)."""
        now = self._clock()
        pace = self.limits.per_recipient_s
        if pace > 0:
            # A burst borrows from the peer's future: after it, one message per pace as before.
            wait = self._peers.get(peer, 0.0) - (self.limits.per_recipient_burst - 1) * pace - now
            if wait > 0:
                return wait
        if self.limits.group_per_minute is not None and self.chat_kind(peer) == "group":
            times = self._groups.setdefault(peer, deque())
            while times and times[0] <= now - 60:
                times.popleft()
            if len(times) >= self.limits.group_per_minute:
                return times[0] + 60 - now
            times.append(now)
        if pace > 0:
            if len(self._peers) >= FORGET_PEERS_AT:
                self._peers = {one: free_at for one, free_at in self._peers.items() if free_at > now}
            self._peers[peer] = max(self._peers.get(peer, 0.0), now) + pace
        return 0.0

    def return_peer(self, peer: str) -> None:
        """What was counted for this peer last did not reach the network, so it does not hold up the next one."""
        if peer in self._peers:
            self._peers[peer] -= self.limits.per_recipient_s
        times = self._groups.get(peer)
        if times:
            times.pop()
