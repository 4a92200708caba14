"""Pabbly's 24-hex ids: 8 hex of the creation time (s) and 16 hex of our id, as MongoDB's begin with their time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jackfield.core import NotFound


def encode(created_at: int, id_: int) -> str:
    """The id of a row made at `created_at` (Unix ms)."""
    return f"{created_at // 1000 & 0xFFFFFFFF:08x}{id_:016x}"


def looks_like(text: str) -> bool:
    """Whether this can be such an id."""
    return len(text) == 24 and all(char in "0123456789abcdefABCDEF" for char in text)


def decode(given: str, what: str) -> int:
    """Our id. Raises NotFound for text that cannot be one."""
    if looks_like(given):
        id_ = int(given[8:], 16)
        if 0 < id_ < 1 << 63:
            return id_
    raise missing(what, given)


def missing(what: str, given: object) -> NotFound:
    """The error for an id that leads nowhere."""
    return NotFound(f"{what} not found: {str(given)[:60]!r}.", code="NOT_FOUND")


@contextmanager
def named(what: str, given: object) -> Iterator[None]:
    """A NotFound of the core, which names our own id, becomes one that names the id that was given."""
    try:
        yield
    except NotFound:
        raise missing(what, given) from None


def check(given: str, created_at: int, id_: int, what: str) -> None:
    """Raises NotFound when the time in an id is not that of the row it leads to."""
    if encode(created_at, id_) != given.lower():
        raise missing(what, given)
