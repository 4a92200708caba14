"""Hours of a week: working hours, quiet hours, the times at which a sequence may write."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from ..desk.hours import DAYS

Clock = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""An hour of the day as HH:MM."""


class Hours(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """From `start` to `end` (HH:MM) on some days of the week (none named: on all) in a time zone. An `end` that is not after
    `start` is on the next day."""

    start: Clock
    end: Clock
    days: Annotated[list[str], msgspec.Meta(max_length=7)] = []
    zone: Annotated[str, msgspec.Meta(max_length=64)] = "UTC"

    def contains(self, at: int) -> bool:
        """Whether a time (Unix ms) is inside."""
        return any(begin <= at < end for begin, end in self._around(at))

    def next_start(self, at: int) -> int:
        """The time itself where it is inside, else when they begin next (Unix ms)."""
        if self.contains(at):
            return at
        return min((begin for begin, _ in self._around(at, 8) if begin > at), default=at)

    def next_end(self, at: int) -> int:
        """The time itself where it is outside, else when they end (Unix ms)."""
        return max((end for begin, end in self._around(at) if begin <= at < end), default=at)

    def _around(self, at: int, days: int = 1) -> list[tuple[int, int]]:
        zone = ZoneInfo(self.zone)
        today = datetime.fromtimestamp(at / 1000, UTC).astimezone(zone).date()
        (h1, m1), (h2, m2) = (tuple(map(int, one.split(":"))) for one in (self.start, self.end))
        found = []
        for offset in range(-1, days + 1):
            day = today + timedelta(days=offset)
            if self.days and DAYS[day.weekday()] not in self.days:
                continue
            last = day if (h2, m2) > (h1, m1) else day + timedelta(days=1)
            begin = datetime(day.year, day.month, day.day, h1, m1, tzinfo=zone)
            end = datetime(last.year, last.month, last.day, h2, m2, tzinfo=zone)
            found.append((int(begin.timestamp() * 1000), int(end.timestamp() * 1000)))
        return found


def next_time(after: int, times: Iterable[str], days: Collection[str], zone: str) -> int:
    """The first of the times (HH:MM, on these days or on all) that comes after a moment (Unix ms). What the clock leaves out in
    spring comes by the old offset, an hour later on the clock; what it strikes twice counts once, the first time."""
    place = ZoneInfo(zone)
    today = datetime.fromtimestamp(after / 1000, UTC).astimezone(place).date()
    clocks = [tuple(map(int, one.split(":"))) for one in times]
    found = []
    for offset in range(-1, 9):
        day = today + timedelta(days=offset)
        if days and DAYS[day.weekday()] not in days:
            continue
        found += [
            int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=place).timestamp() * 1000)
            for hour, minute in clocks
        ]
    return min(one for one in found if one > after)
