"""Whether what is being done now is done by an automation: what it changes is told as such, and starts no other one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_automatic: ContextVar[bool] = ContextVar("automatic", default=False)


@contextmanager
def automatically() -> Iterator[None]:
    """What this task does inside the block is done by an automation."""
    token = _automatic.set(True)
    try:
        yield
    finally:
        _automatic.reset(token)


def is_automatic() -> bool:
    """Whether an automation does it."""
    return _automatic.get()
