"""Failures of the database, for those who answer callers and may not know which library talks to it."""

from __future__ import annotations

import errno
import re
import sqlite3
from collections.abc import Iterator
from typing import Final

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class Overloaded(Exception):
    """More is waiting to be written than the writer may hold; try again in a moment."""


StorageError = SQLAlchemyError
"""Any failure of the database. Its text may hold what was to be stored: show it to nobody."""


class StorageUnavailable(Exception):
    """Nothing can be stored now: the disk is full or fails, or the database is out of reach. Nothing was stored; the
    message is for people."""

    FULL: Final = "The server's disk is full; nothing was stored. Try again later."
    FAILS: Final = "The server cannot write to its disk; nothing was stored. Try again later."
    AWAY: Final = "The server cannot reach its database; nothing was stored. Try again later."
    SLOW: Final = "The database took too long; nothing was stored. Try again later."

    @property
    def message(self) -> str:
        """What to tell the caller."""
        return str(self)


class ReadOnly(StorageUnavailable):
    """The connection leads to a server that only reads, as one does that was the primary until a fail-over. Nothing was
    stored, and the connections are dropped: the same may be tried again at once."""

    def __init__(self) -> None:
        super().__init__(self.AWAY)


class PoolerBetween(Exception):
    """The address leads to a pooler, and does not say so."""

    def __init__(self) -> None:
        super().__init__(
            "A pooler such as PgBouncer stands before the database. Say so in its address: pgbouncer=true where it gives each"
            " transaction any of its connections (pool_mode=transaction), pgbouncer=false where a connection is ours alone"
        )


class CommitUnknown(Exception):
    """The connection to the database broke during a commit: all of it was stored, or nothing. Who can ask the same again
    without harm does; nobody does so blindly."""

    UNKNOWN: Final = (
        "The connection to the database broke while this was being stored: it was stored as a whole, or not at all."
    )

    def __init__(self) -> None:
        super().__init__(self.UNKNOWN)

    @property
    def message(self) -> str:
        """What to tell the caller."""
        return str(self)


_FULL_ERRNO: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FAILING_ERRNO: Final = frozenset({errno.EIO, errno.EROFS})
_OS_ERROR: Final = re.compile(r"\(os error (\d+)\)")
"""How the object store's library names the system's error; it gives no number."""
_SQLSTATES: Final = {"53100": StorageUnavailable.FULL, "58030": StorageUnavailable.FAILS}
"""PostgreSQL's disk_full and io_error."""
_READ_ONLY: Final = "25006"
"""read_only_sql_transaction."""
_TOO_LONG: Final = ("57014", "55P03")
"""query_canceled and lock_not_available: what the limits of time end."""
_ENDED: Final = ("57P01", "57P02", "57P03", "57P05", "25P03")
"""The server goes down or comes up; it closed a session that was idle, or idle inside a transaction."""


def storage_problem(error: BaseException) -> StorageUnavailable | None:
    """The failure as one of the disk, where it is one; None for all others."""
    if isinstance(error, StorageUnavailable):
        return error
    for one in _causes(error):
        said = _reason_of(one)
        if said is not None:
            return StorageUnavailable(said)
    return None


def _reason_of(error: BaseException) -> str | None:
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None) or 0
        if code & 0xFF == sqlite3.SQLITE_FULL:
            return StorageUnavailable.FULL
        return StorageUnavailable.FAILS if code & 0xFF == sqlite3.SQLITE_IOERR else None
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return _SQLSTATES.get(state)
    number = error.errno if isinstance(error, OSError) else None
    if number is None and type(error).__module__.startswith("obstore"):
        found = _OS_ERROR.search(str(error))
        number = int(found[1]) if found else None
    if number in _FULL_ERRNO:
        return StorageUnavailable.FULL
    return StorageUnavailable.FAILS if number in _FAILING_ERRNO else None


def is_cut(error: BaseException) -> bool:
    """Whether the connection to the database broke, or could not be made: of what it did last nobody knows more than that
    it was not a commit that was answered."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    for one in _causes(error):
        state = getattr(one, "sqlstate", None)
        # Class 08: connection.
        if isinstance(state, str) and (state[:2] == "08" or state in _ENDED):
            return True
    return False


def is_read_only(error: BaseException) -> bool:
    """Whether the server only reads."""
    return any(getattr(one, "sqlstate", None) == _READ_ONLY for one in _causes(error))


def is_too_long(error: BaseException) -> bool:
    """Whether a limit of time ended a statement."""
    return any(getattr(one, "sqlstate", None) in _TOO_LONG for one in _causes(error))


def is_pooler(error: BaseException) -> bool:
    """Whether a pooler refused what a PostgreSQL takes: a parameter of the session."""
    return any("unsupported startup parameter" in str(one) for one in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception, and those that it wraps."""
    seen: set[int] = set()
    queue: list[BaseException | None] = [error]
    while queue:
        one = queue.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        queue += [getattr(one, "orig", None), one.__cause__]


def refuses_text(error: Exception) -> bool:
    """Whether the database cannot keep a text of the request: NUL, or half of a surrogate pair."""
    if not isinstance(error, DBAPIError):
        return False
    said = str(error.orig)
    return "invalid byte sequence" in said or "0x00" in said or "surrogates not allowed" in said


def misses_reference(error: Exception) -> bool:
    """Whether a row refers to one that does not exist (any more)."""
    return isinstance(error, IntegrityError) and "foreign key" in str(error).lower()


def database_failure(error: BaseException) -> BaseException | None:
    """The database's or its driver's own exception, where `error` is or wraps one; None for all others.

    Its message may contain values that were to be stored.
    """
    if isinstance(error, SQLAlchemyError):
        return getattr(error, "orig", None) or error
    return error if type(error).__module__.partition(".")[0] == "asyncpg" else None


_PASSING_CLASSES = ("08", "25", "40", "53", "55", "57", "58")
"""Classes of SQLSTATE that say nothing against the data: connection, transaction state, rollback, resources, locks,
operators, system (PostgreSQL manual, appendix A)."""


def passes(error: BaseException) -> bool:
    """Whether the same may well succeed later: the database is out of reach or busy, or the server is.

    What remains says that this data cannot be stored, however often it is tried.
    """
    if isinstance(
        error, (Overloaded, StorageUnavailable, CommitUnknown, OSError, TimeoutError, PoolTimeout, OperationalError)
    ):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    state = getattr(getattr(error, "orig", error), "sqlstate", None)
    return isinstance(state, str) and state[:2] in _PASSING_CLASSES
