"""Failures of the database, for those who answer callers and may not know which library talks to it."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

StorageError = SQLAlchemyError
"""Any failure of the database. Its text may hold what was to be stored: show it to nobody."""


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
