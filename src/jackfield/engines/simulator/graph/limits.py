"""The limits of Meta's that are counted over time: messages, people, templates, files.

Figures from Meta's pages on throughput (2026-05-21), messaging limits (in force since 2025-10-07), media (2026-06-16) and
templates; the pair rate and the limit on failed fetches are what solution providers report.
"""

from __future__ import annotations

import time

STANDARD, HIGH, COEXISTENCE = 80, 1000, 20
"""Messages a second, in and out together, by throughput level."""

PAIR_EVERY_S = 6.0
PAIR_BURST = 45
"""To one person about one message per 6 s, where a burst of 45 borrows from the future."""

UPLOADS = 25
"""Uploads a second per number."""

LINK_S = 300
"""How long a file's link may be fetched, in seconds."""

_DAY_S = 24 * 3600.0
_HOUR_S = 3600.0


class Bucket:
    """A token bucket: `rate` a second, `burst` at once."""

    __slots__ = ("at", "burst", "rate", "tokens")

    def __init__(self, rate: float, burst: float) -> None:
        self.rate = rate
        self.burst = burst
        self.tokens = burst
        self.at = time.monotonic()

    def take(self, now: float) -> bool:
        """Take one token if there is one."""
        tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if tokens < 1:
            self.tokens = tokens
            return False
        self.tokens = tokens - 1
        return True

    def spend(self, now: float) -> None:
        """Take one token, there or not: what has come in cannot be refused, but it counts."""
        tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        self.tokens = max(tokens - 1, -self.burst)


def tier(text: str) -> int | None:
    """How many people "TIER_10K" means; None for no limit. Raises ValueError."""
    name = text.upper().removeprefix("TIER_")
    if name in ("UNLIMITED", "-1"):
        return None
    digits = name.removesuffix("K")
    if not digits.isdigit():
        raise ValueError(
            f"messagingLimit must be TIER_250, TIER_2K, TIER_10K, TIER_100K or TIER_UNLIMITED, not {text!r}"
        )
    return int(digits) * (1000 if name.endswith("K") else 1)


class Audience:
    """The people written to outside their service window within 24 h, which all numbers of an account share."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}

    def admit(self, person: str, maximum: int, now: float) -> bool:
        """Whether this person may be written to too; counts them if so. `most` people per 24 h."""
        at = self._at
        while at:
            oldest = next(iter(at))
            if now - at[oldest] < _DAY_S:
                break
            del at[oldest]
        if person not in at and len(at) >= maximum:
            return False
        # Written to again, a person counts from now: the order of the dict is that of the times.
        at.pop(person, None)
        at[person] = now
        return True

    def __len__(self) -> int:
        return len(self._at)


class TemplateQuota:
    """How many templates an account may keep and make, and how often an approved one may be edited."""

    def __init__(self) -> None:
        self.kept = 250
        self.per_hour = 100
        self.edits_per_day = 1
        self.edits_per_month = 10
        self._made: list[float] = []
        self._edits: dict[str, list[float]] = {}

    def make(self, now: float) -> bool:
        """Count a creation; False when there were too many within the hour."""
        self._made = [at for at in self._made if now - at < _HOUR_S]
        if len(self._made) >= self.per_hour:
            return False
        self._made.append(now)
        return True

    def edit(self, provider_id: str, now: float) -> str | None:
        """Count an edit of an approved template; the words of the refusal when there were too many."""
        times = [at for at in self._edits.get(provider_id, []) if now - at < 30 * _DAY_S]
        if sum(now - at < _DAY_S for at in times) >= self.edits_per_day:
            return f"an approved template can be edited {self.edits_per_day} time(s) within 24 hours"
        if len(times) >= self.edits_per_month:
            return f"an approved template can be edited {self.edits_per_month} times within 30 days"
        self._edits[provider_id] = [*times, now]
        return None


class FailedFetches:
    """Who asks for too many files that are not there is refused all files for a while."""

    def __init__(self, maximum: int = 20, block_s: float = 1800.0) -> None:
        self._most = maximum
        self._block_s = block_s
        self._failed: list[float] = []
        self._until = 0.0

    def blocked(self, now: float) -> bool:
        """Whether nothing is given now."""
        return now < self._until

    def count(self, now: float) -> None:
        """One more that failed."""
        self._failed = [at for at in self._failed if now - at < _HOUR_S] + [now]
        if len(self._failed) > self._most:
            self._until = now + self._block_s
