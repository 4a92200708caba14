"""Which exceptions are the database's, for callers that may not know what the database is."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError


def database_failure(error: BaseException) -> BaseException | None:
    """The database's or its driver's own exception, where `error` is or wraps one; None for all others.

    Its message may contain values that were to be stored.
    """
    if isinstance(error, SQLAlchemyError):
        return getattr(error, "orig", None) or error
    return error if type(error).__module__.partition(".")[0] == "asyncpg" else None
