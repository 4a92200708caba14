"""Commands that meet another transaction half-way, run again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError

from .store import Store
from .unit import Unit

T = TypeVar("T")
_TRIES = 5


async def attempt(store: Store, work: Callable[[Unit], Awaitable[T]]) -> T:
    """Run a command in a unit of its own; again when another transaction got in its way.

    That happens on PostgreSQL only: a row that both make, or rows that both lock. `work` must do nothing outside the
    database that it must not do twice.
    """
    for left in range(_TRIES - 1, -1, -1):
        try:
            async with store.unit() as unit:
                return await work(unit)
        except DBAPIError as error:
            if left == 0 or not in_the_way(error):
                raise
    raise AssertionError("the last try returns or raises")


def in_the_way(error: DBAPIError) -> bool:
    """Whether the same transaction may well succeed when it is run again."""
    if isinstance(error, IntegrityError):
        return True
    # 40001 serialization_failure, 40P01 deadlock_detected (PostgreSQL manual, appendix A)
    return getattr(error.orig, "sqlstate", None) in ("40001", "40P01")
