"""Times that people plan for: read in a zone, and not in the past."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from ...db.base import now_ms
from .errors import Invalid

LATE_MS: Final = 60_000
"""How far behind our clock a caller's may be: a time that has only just passed means now."""


def unix_ms(text: str, zone: ZoneInfo) -> int:
    """ISO 8601 as Unix ms; without a zone of its own it is read in `zone`.

    A local time that a change of the clock leaves out is read as if the clock had not been changed yet (02:30 becomes
    03:30); of one that comes twice the first is meant. Raises ValueError, OverflowError.
    """
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone, fold=0)
    return int(moment.timestamp() * 1000)


def must_lie_ahead(at: int | None, field: str = "scheduledAt") -> None:
    """Raises Invalid for a planned time (Unix ms) that has passed."""
    if at is not None and at < now_ms() - LATE_MS:
        raise Invalid(f"{field}: must be in the future", details={field: ["Must be in the future."]})
