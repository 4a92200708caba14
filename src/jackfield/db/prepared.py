"""Statements that are run with many rows at once, made once.

SQLAlchemy's `execute` with a list of rows makes for each row a dictionary of parameters, then a list, and looks at each
value's type: of the 30 us that the record of a delivery took, SQLite needed 7. Here the columns' types are looked at
once, and the rows go to sqlite3 as they are, in one trip. On PostgreSQL they go the usual way.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import repeat
from typing import Any

import msgspec
from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from .onehop import in_one_hop


class _Column(msgspec.Struct, frozen=True):
    """One parameter of a statement: a row's value under `name`, or the same `constant` for all."""

    name: str
    process: Callable[[Any], Any] | None
    constant: Any = None
    is_constant: bool = False

    def values(self, rows: Sequence[Mapping[str, Any]]) -> Iterable[Any]:
        """The parameter of each row."""
        if self.is_constant:
            return repeat(self.constant, len(rows))
        name, process = self.name, self.process
        return [row[name] for row in rows] if process is None else [process(row[name]) for row in rows]


class _Plan(msgspec.Struct, frozen=True):
    """A statement as SQLite takes it."""

    sql: str
    columns: list[_Column]

    def parameters(self, rows: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
        """What is bound for each row."""
        return list(zip(*(column.values(rows) for column in self.columns), strict=True))


class Prepared:
    """An insert, update or delete that is run with many rows and gives nothing back."""

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._plans: dict[tuple[str, ...], _Plan | None] = {}

    async def run(self, conn: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it with each of these; all have the keys of the first. Raises what SQLAlchemy raises."""
        if not rows:
            return
        plan = self._plan(conn.dialect, tuple(rows[0])) if conn.dialect.name == "sqlite" else None
        if plan is None:
            await conn.execute(self._statement, rows)
            return
        sql, parameters = plan.sql, plan.parameters(rows)

        def run(connection: sqlite3.Connection) -> None:
            connection.executemany(sql, parameters).close()

        await in_one_hop(conn, run)

    def _plan(self, dialect: Any, keys: tuple[str, ...]) -> _Plan | None:
        """The plan for rows with these keys; None where values are made by Python for each row."""
        if keys not in self._plans:
            self._plans[keys] = self._made(dialect, keys)
        return self._plans[keys]

    def _made(self, dialect: Any, keys: tuple[str, ...]) -> _Plan | None:
        compiled = self._statement.compile(dialect=dialect, column_keys=list(keys), for_executemany=True)
        defaults = {column.key: column.default for column in compiled.insert_prefetch}
        if compiled.update_prefetch or not all(default.is_scalar for default in defaults.values()):
            return None
        columns: list[_Column] = []
        for name in compiled.positiontup:
            process = compiled._bind_processors.get(name)
            if name in keys:
                columns.append(_Column(name, process))
                continue
            value = defaults[name].arg if name in defaults else compiled.binds[name].effective_value
            columns.append(_Column(name, None, value if process is None else process(value), True))
        return _Plan(str(compiled), columns)


@cache
def insert_new_into(backend: str, model: Any) -> Prepared:
    """The insert of a model's rows that leaves out those that are there (ON CONFLICT DO NOTHING)."""
    made = sqlite_insert(model) if backend == "sqlite" else postgresql_insert(model)
    return Prepared(made.on_conflict_do_nothing())


@cache
def insert_into(model: Any) -> Prepared:
    """The insert of a model's rows."""
    return Prepared(insert(model))
