"""Times as requests give them."""

from __future__ import annotations

from datetime import UTC, datetime

from jackfield.core import now_ms

from .checks import invalid


def parse_time(field: str, value: str | int | None) -> int | None:
    """A time from ISO 8601 (with a zone, or UTC) or Unix seconds or ms. Raises Invalid."""
    if value is None or value == "":
        return None
    if isinstance(value, int):
        ms = value * 1000 if value < 100_000_000_000 else value
    else:
        try:
            moment = datetime.fromisoformat(value.strip())
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
            ms = int(moment.timestamp() * 1000)
        except (ValueError, OverflowError):
            raise invalid(field, "Give a time as ISO 8601, such as 2026-02-05T10:00:00Z.") from None
    if not 0 < ms < now_ms() + 10 * 366 * 86_400_000:
        raise invalid(field, "The time must lie within the next ten years.")
    return ms
