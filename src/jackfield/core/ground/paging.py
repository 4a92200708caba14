"""Pages of a list, by cursor (fast at any depth) or by page number."""

from __future__ import annotations

import base64
from typing import Any, Generic, TypeVar

import msgspec

from .errors import Invalid

T = TypeVar("T")

MAX_LIMIT = 200
_MOST = 2**63 - 1
"""The largest integer that the databases take."""


class Page(msgspec.Struct, Generic[T]):
    """One page. `cursor` opens the next one (None at the end); `total` is set where it was asked for."""

    items: list[T]
    cursor: str | None = None
    total: int | None = None


def encode_cursor(*values: Any) -> str:
    """An opaque cursor after these sort values."""
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def decode_cursor(cursor: str, types: type[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The sort values of a cursor. Raises Invalid for one that we did not make: unreadable, of another list, or with
    what no database can hold (integers beyond 64 bits, NUL and lone surrogates in texts), which would fail only there."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        values: tuple[Any, ...] = msgspec.json.decode(raw, type=types)
    except (ValueError, msgspec.DecodeError, RecursionError):
        raise _foreign() from None
    for value in values:
        if isinstance(value, int) and not -_MOST <= value <= _MOST:
            raise _foreign()
        if isinstance(value, str) and ("\x00" in value or not _is_text(value)):
            raise _foreign()
    return values


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _foreign() -> Invalid:
    return Invalid("cursor: not a cursor of this list", details={"cursor": ["Use the cursor of the previous page."]})


def check_limit(limit: int, *, maximum: int = MAX_LIMIT) -> int:
    """A page size between 1 and `most`. Raises Invalid below 1; larger ones are cut down."""
    if limit < 1:
        raise Invalid("limit: must be at least 1", details={"limit": ["Must be at least 1."]})
    return min(limit, maximum)
