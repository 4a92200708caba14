"""Working hours: when a workspace or a department works, and what follows from it. Pure arithmetic, without a database.

A span belongs to the day on which it begins, also where it ends on the next one: what began on the eve of a holiday goes on to
its end. Times are those of the wall clock. One that the clock leaves out in spring is the moment at which it jumps, one that it
strikes twice in autumn is the first of both.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import msgspec

from ..ground import fields

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MIN: Final = 1440
HORIZON_DAYS: Final = 400
"""How far is looked for working hours: over a year, so that yearly holidays do not hide them."""
MAX_SPANS: Final = 12
"""Spans of one day."""
MAX_HOLIDAYS: Final = 400
_DAY_MS: Final = 86_400_000
_LEAP_YEAR: Final = 2000


class Span(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From `start` to `end` (HH:MM). An `end` that is not after `start` is on the next day; 24:00 is midnight."""

    start: Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    end: Annotated[str, msgspec.Meta(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]

    @property
    def minutes(self) -> tuple[int, int]:
        """Begin and end in minutes of the wall clock since the midnight before."""
        begin, end = (int(one[:2]) * 60 + int(one[3:]) for one in (self.start, self.end))
        return begin, end if end > begin else end + DAY_MIN


class Holiday(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A date (YYYY-MM-DD) with hours of its own; none: closed. `yearly`: in every year, whichever stands in the date; the
    29th of February then is one only where there is one."""

    date: str
    name: str = ""
    yearly: bool = False
    hours: list[Span] = []


class WorkingHours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The spans of each day of the week (mon ... sun; one that is left out is closed), and the holidays, in a time zone."""

    timezone: str
    days: dict[str, list[Span]] = {}
    holidays: list[Holiday] = []


def always(timezone: str) -> WorkingHours:
    """Hours without an end: what holds where nobody has set any."""
    return WorkingHours(timezone=timezone, days={day: [Span(start="00:00", end="24:00")] for day in DAYS})


def checked(timezone: str, days: Mapping[str, Iterable[Mapping[str, Any]]], holidays: Sequence[Any]) -> WorkingHours:
    """Working hours from what somebody sent, in order. Raises Invalid that names the wrong field by its path
    (`days.mon.1.end`, `holidays.0.date`)."""
    zone = fields.timezone(timezone)
    for day in days:
        if day not in DAYS:
            raise fields.refuse(f"days.{day}", f"Must be of {', '.join(DAYS)}.")
    week = {day: _spans(f"days.{day}", days.get(day, ())) for day in DAYS}
    for number, day in enumerate(DAYS):
        after = DAYS[(number + 1) % 7]
        if week[day] and week[after] and week[day][-1].minutes[1] - DAY_MIN > week[after][0].minutes[0]:
            raise fields.refuse(
                f"days.{day}.{len(week[day]) - 1}.end", f"Runs into the first span of the next day ({after})."
            )
    if len(holidays) > MAX_HOLIDAYS:
        raise fields.refuse("holidays", f"Must have at most {MAX_HOLIDAYS} items.")
    found: list[Holiday] = []
    seen: set[tuple[bool, str]] = set()
    for place, given in enumerate(holidays):
        one = _holiday(f"holidays.{place}", given)
        key = (one.yearly, one.date[5:] if one.yearly else one.date)
        if key in seen:
            raise fields.refuse(f"holidays.{place}.date", "Is named twice.")
        seen.add(key)
        found.append(one)
    found.sort(key=lambda one: one.date)
    return WorkingHours(timezone=zone, days={day: spans for day, spans in week.items() if spans}, holidays=found)


def _holiday(at: str, given: Any) -> Holiday:
    if not isinstance(given, Mapping):
        raise fields.refuse(at, "Must be an object.")
    said = given.get("date")
    try:
        day = date.fromisoformat(said) if isinstance(said, str) and len(said) == 10 else None
    except ValueError:
        day = None
    if day is None:
        raise fields.refuse(f"{at}.date", "Must be a date such as 2026-12-25.")
    return Holiday(
        date=day.isoformat(),
        name=fields.text(f"{at}.name", given.get("name") or "", maximum=100, required=False),
        yearly=bool(given.get("yearly")),
        hours=_spans(f"{at}.hours", given.get("hours") or ()),
    )


def _spans(at: str, given: Iterable[Any]) -> list[Span]:
    """The spans of one day in their order. Raises Invalid for a wrong one, and for two that overlap."""
    found: list[tuple[int, Span]] = []
    for place, one in enumerate(given):
        if place >= MAX_SPANS:
            raise fields.refuse(at, f"Must have at most {MAX_SPANS} items.")
        try:
            span = msgspec.convert(one, type=Span)
        except msgspec.ValidationError as error:
            wrong = "end" if "`$.end`" in str(error) or "`end`" in str(error) else "start"
            raise fields.refuse(f"{at}.{place}.{wrong}", "Must be a time such as 09:30.") from None
        if span.start == span.end != "00:00":
            raise fields.refuse(f"{at}.{place}.end", "Must be another time than the start.")
        found.append((place, span))
    found.sort(key=lambda one: one[1].minutes)
    for (_, before), (place, span) in pairwise(found):
        if span.minutes[0] < before.minutes[1]:
            raise fields.refuse(f"{at}.{place}.start", f"Overlaps with {before.start} to {before.end}.")
    return [span for _, span in found]


class Calendar:
    """Working hours as moments (Unix ms)."""

    def __init__(self, hours: WorkingHours) -> None:
        self.hours = hours
        self._zone = ZoneInfo(hours.timezone)
        self._week = [[span.minutes for span in hours.days.get(day, ())] for day in DAYS]
        self._dates = {one.date: one for one in hours.holidays if not one.yearly}
        self._yearly = {one.date[5:]: one for one in hours.holidays if one.yearly}

    def holiday(self, day: date) -> Holiday | None:
        """The holiday of a date; one of this year alone goes before a yearly one."""
        said = day.isoformat()
        return self._dates.get(said) or self._yearly.get(said[5:])

    def local(self, at: int) -> datetime:
        """A moment by the wall clock."""
        return datetime.fromtimestamp(at / 1000, UTC).astimezone(self._zone)

    def is_open(self, at: int) -> bool:
        """Whether it is within working hours at a moment."""
        today = self.local(at).date()
        days = (today - timedelta(days=1), today)
        return any(begin <= at < end for day in days for begin, end in self._of(day))

    def opens_at(self, at: int) -> int | None:
        """The moment itself where it is within working hours, else when they begin next; None for never."""
        return next((max(begin, at) for begin, end in self._from(at) if end > at), None)

    def closes_at(self, at: int) -> int | None:
        """The moment itself where it is outside working hours, else when they end; None for never."""
        closes = at
        for begin, end in self._from(at):
            if begin > closes:
                break
            closes = max(closes, end)
        return closes if closes < at + (HORIZON_DAYS - 2) * _DAY_MS else None

    def closed_since(self, at: int) -> int | None:
        """Since when it is outside working hours: when they ended last, 0 where there were none in a year; None where it is
        within them."""
        if self.is_open(at):
            return None
        today = self.local(at).date()
        for back in range(HORIZON_DAYS):
            days = (today - timedelta(days=back), today - timedelta(days=back + 1))
            ended = [end for day in days for _, end in self._of(day) if end <= at]
            if ended:
                return max(ended)
        return 0

    def add(self, at: int, worked: int) -> int | None:
        """The moment at which so many milliseconds of working hours have gone by since another; None for never."""
        left = worked
        for begin, end in self._from(at):
            start = max(begin, at)
            if end - start >= left > 0 or (left <= 0 and end > start):
                return start + left
            left -= max(end - start, 0)
            # The next span may begin before this one ends.
            at = max(at, end)
        return None

    def between(self, at: int, until: int) -> int:
        """The milliseconds of working hours between two moments; a year of them at most."""
        worked = 0
        for begin, end in self._from(at):
            if begin >= until:
                break
            worked += max(min(end, until) - max(begin, at), 0)
            # The next span may begin before this one ends.
            at = max(at, end)
        return worked

    def _from(self, at: int) -> Iterator[tuple[int, int]]:
        """Spans in the order in which they begin, from one that a moment may be inside. They may touch, and where a holiday
        has hours of its own, overlap. A day is reckoned when it is asked for: a year takes milliseconds."""
        today = self.local(at).date()
        for offset in range(-1, HORIZON_DAYS):
            yield from self._of(today + timedelta(days=offset))

    def _of(self, day: date) -> list[tuple[int, int]]:
        """The spans that begin on a day."""
        holiday = self.holiday(day)
        spans = self._week[day.weekday()] if holiday is None else [one.minutes for one in holiday.hours]
        moments = [(self._moment(day, begin), self._moment(day, end)) for begin, end in spans]
        return [(begin, end) for begin, end in moments if end > begin]

    def _moment(self, day: date, minutes: int) -> int:
        wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)  # noqa: DTZ001 - of the wall clock
        last = int(wall.replace(tzinfo=self._zone).timestamp())
        if self._wall(last) == wall:
            return last * 1000
        # The clock leaves it out: the first second at which it shows a later time.
        first = int(wall.replace(tzinfo=self._zone, fold=1).timestamp())
        seconds = range(first, last + 1)
        return seconds[bisect_left(seconds, wall, key=self._wall)] * 1000

    def _wall(self, second: int) -> datetime:
        return datetime.fromtimestamp(second, self._zone).replace(tzinfo=None)
