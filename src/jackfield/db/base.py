"""Declarative base and the column types that all models share.

Times are integers, Unix milliseconds, in every table: the same value on both databases, no time zone to lose,
cheap on the hot path.
"""

from __future__ import annotations

import json
import time
from typing import Annotated, Any

import msgspec
from sqlalchemy import BigInteger, Dialect, Integer, LargeBinary, MetaData, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, mapped_column

from .secrets import is_sealed, open_sealed, seal

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def now_ms() -> int:
    """The time now in Unix milliseconds."""
    return time.time_ns() // 1_000_000


class Json(TypeDecorator[Any]):
    """JSON as text on both databases; never queried inside, so PostgreSQL's jsonb would buy nothing."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class Sealed(TypeDecorator[str]):
    """Text that is encrypted at rest with the instance's secret key (design, decision 13)."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else seal(value.encode())

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else open_sealed(value).decode()


class SealedText(Sealed):
    """As `Sealed`, in a column of text. What was stored before it was sealed is given as it is."""

    impl = Text  # type: ignore[assignment]
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else seal(value.encode()).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return value if value is None or not is_sealed(value) else open_sealed(value.encode()).decode()


BigId = BigInteger().with_variant(Integer, "sqlite")
"""SQLite gives a rowid only to INTEGER PRIMARY KEY."""

Id = Annotated[int, mapped_column(BigId, primary_key=True, autoincrement=True)]
Ref = Annotated[int, mapped_column(BigInteger)]
Ms = Annotated[int, mapped_column(BigInteger)]
Str = Annotated[str, mapped_column(Text)]
JsonDict = Annotated[dict[str, Any], mapped_column(Json, default=dict)]
JsonList = Annotated[list[Any], mapped_column(Json, default=list)]
SealedStr = Annotated[str, mapped_column(Sealed)]
SealedTextStr = Annotated[str, mapped_column(SealedText)]


class Base(DeclarativeBase):
    """Base of all models."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {str: Text, int: BigInteger}  # noqa: RUF012 - SQLAlchemy's own convention
