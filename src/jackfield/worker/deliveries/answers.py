"""Reading what a receiver answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from .health import Failure

EXCERPT = 500
"""Characters kept of an answer's body."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]+")


def excerpt(body: bytes) -> str | None:
    """The beginning of a body as text that can be stored and shown; None for an empty one."""
    # Four bytes are the longest character of UTF-8.
    text = _CONTROL.sub("", body[: EXCERPT * 4].decode("utf-8", "replace")).strip()
    return text[:EXCERPT] or None


def failure_of(status: int) -> Failure | None:
    """What an answer says of the endpoint; None for success (2xx). Redirects are failures: none is followed."""
    if 200 <= status < 300:
        return None
    if status == 410:
        return Failure.GONE
    if status in (429, 502, 503, 504):
        return Failure.SLOW_DOWN
    return Failure.REFUSED


def words_of(status: int) -> str:
    """The failure in words, for the log."""
    if 300 <= status < 400:
        return f"answered {status}: redirects are not followed"
    return f"answered {status}"


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Retry-After in seconds from `now` (Unix s), from its two forms (RFC 9110, 10.2.3); None without a sensible one.

    Believed only as far as the caller bounds it.
    """
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, moment.astimezone(UTC).timestamp() - datetime.fromtimestamp(now, UTC).timestamp())
