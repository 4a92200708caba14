"""Pacing is data on the channel (design, decision 7): an engine's limits, with what the channel overrides."""

from __future__ import annotations

from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from ..ground.errors import Invalid
from ..port import Limits


class PacedChannel(Protocol):
    """A channel, as far as its quotas go: a row or a view of it."""

    @property
    def id(self) -> int: ...
    @property
    def workspace_id(self) -> int: ...
    @property
    def engine(self) -> str: ...
    @property
    def pacing(self) -> dict[str, Any]: ...
    @property
    def account(self) -> dict[str, Any] | None: ...
    @property
    def connected_at(self) -> int | None: ...


class QuietHours(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """No marketing between `start` and `end` ("HH:MM", may pass midnight) in the time zone."""

    start: str
    end: str
    timezone: str = "UTC"

    def check(self) -> None:
        """Raises Invalid for a time or zone that does not exist."""
        minutes(self.start)
        minutes(self.end)
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            raise Invalid(f"pacing.quietHours.timezone: there is no time zone {self.timezone!r}") from None


class Pacing(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """How fast a channel may send. None means: as the engine's limits say.

    `rate` messages per second, `burst` how many at once after a pause, `delay_ms` a random pause between messages
    [least, most], `per_recipient_s` least seconds between two messages to one peer, `group_per_minute` to one group,
    `daily_cap` messages per day (UTC), `warm_up_start` and `warm_up_growth` a cap that grows daily from the day of
    connection, `unique_per_24h` recipients outside the service window per rolling 24 h, `budget_group` a name under
    which several channels share that budget (one business portfolio), `quiet_hours` for marketing.
    """

    rate: float | None = None
    burst: int | None = None
    concurrency: int | None = None
    delay_ms: tuple[int, int] | None = None
    per_recipient_s: float | None = None
    group_per_minute: int | None = None
    daily_cap: int | None = None
    warm_up_start: int | None = None
    warm_up_growth: float | None = None
    unique_per_24h: int | None = msgspec.field(default=None, name="uniquePer24h")
    budget_group: str | None = None
    quiet_hours: QuietHours | None = None

    def over(self, limits: Limits) -> Limits:
        """The engine's limits with these put over them."""
        changes = {
            name: value
            for name in ("rate", "burst", "concurrency", "delay_ms", "per_recipient_s", "group_per_minute", "daily_cap")
            if (value := getattr(self, name)) is not None
        }
        return msgspec.structs.replace(limits, **changes)


def minutes(text: str) -> int:
    """ "HH:MM" as minutes of the day. Raises Invalid."""
    hours, _, rest = text.partition(":")
    if not (hours.isdigit() and rest.isdigit() and int(hours) < 24 and int(rest) < 60):
        raise Invalid(f"pacing.quietHours: {text!r} is not a time HH:MM")
    return int(hours) * 60 + int(rest)


def parse_pacing(data: Any) -> Pacing:
    """Pacing from a caller's mapping. Raises Invalid that names the field."""
    try:
        pacing = msgspec.convert(data or {}, type=Pacing)
    except msgspec.ValidationError as error:
        raise Invalid(f"pacing: {error}", details={"pacing": [str(error)]}) from None
    problems = [
        name
        for name in ("rate", "burst", "concurrency", "daily_cap", "unique_per_24h", "warm_up_start", "warm_up_growth")
        if (value := getattr(pacing, name)) is not None and value <= 0
    ]
    if pacing.per_recipient_s is not None and pacing.per_recipient_s < 0:
        problems.append("per_recipient_s")
    if pacing.delay_ms is not None and not 0 <= pacing.delay_ms[0] <= pacing.delay_ms[1] <= 3_600_000:
        problems.append("delay_ms")
    if problems:
        spelled = {one.name: one.encode_name for one in msgspec.structs.fields(Pacing)}
        problems = [spelled[name] for name in problems]
        raise Invalid(f"pacing: {', '.join(problems)} out of range", details={"pacing": problems})
    if pacing.quiet_hours is not None:
        pacing.quiet_hours.check()
    return pacing
