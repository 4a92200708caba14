"""aiosqlite with one trip to its thread per statement.

A statement through SQLAlchemy's adapter makes four: for the cursor, the execution, the rows and the close. Each trip
hands the interpreter's lock to the other thread and back, for which a busy event loop may keep it waiting 5 ms; under
load the trips were the largest part of a transaction. The BEGIN goes along with the first statement.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

_T = TypeVar("_T")


class OneHopCursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor that exists only while its statement runs; what it found is kept here."""

    __slots__ = ("_description", "_lastrowid", "_rowcount", "_size")

    def __init__(self, adapt_connection: AsyncAdapt_aiosqlite_connection) -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._rows = deque()
        self._description: Any = None
        self._lastrowid: int | None = None
        self._rowcount = -1
        self._size = 1

    @property
    def description(self) -> Any:
        """The columns of what the last statement found, None where it finds nothing."""
        return self._description

    @property
    def rowcount(self) -> int:
        """Rows changed by the last statement, or -1."""
        return self._rowcount

    @property
    def lastrowid(self) -> int:
        """The id of the row inserted last."""
        return cast(int, self._lastrowid)

    @property
    def arraysize(self) -> int:
        """Rows per `fetchmany`."""
        return self._size

    @arraysize.setter
    def arraysize(self, value: int) -> None:
        self._size = value

    def close(self) -> None:
        """Forget the rows; SQLite's own cursor is closed already."""
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        """Nothing is open."""

    async def _execute_async(self, operation: Any, parameters: Any) -> Any:
        def run(connection: sqlite3.Connection) -> Sequence[Any]:
            cursor = connection.cursor()
            try:
                cursor.execute(operation, parameters if parameters is not None else ())
                # Rows first: what RETURNING changes is counted as it is fetched.
                rows = cursor.fetchall() if cursor.description else ()
                self._keep(cursor)
                return rows
            finally:
                cursor.close()

        self._rows = deque(await self._hop(run))

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> Any:
        def run(connection: sqlite3.Connection) -> None:
            cursor = connection.cursor()
            try:
                cursor.executemany(operation, seq_of_parameters)
                self._keep(cursor)
            finally:
                cursor.close()

        await self._hop(run)

    def _keep(self, cursor: sqlite3.Cursor) -> None:
        self._description = cursor.description
        self._rowcount = cursor.rowcount
        self._lastrowid = cursor.lastrowid

    async def run(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        """Run `work` in the thread of the connection, after the BEGIN where the transaction has not begun."""
        return await self._hop(work)

    async def _hop(self, run: Any) -> Any:
        connection = cast(aiosqlite.Connection, self._connection)
        adapter = cast(OneHopConnection, self._adapt_connection)
        adapter.ended = False
        # Taken here and not in the thread: a task that is cancelled rolls back while what it asked for still waits
        # there, and without its BEGIN that would be written at once.
        how, begun = adapter.begins, False

        def begin_and_run(database: sqlite3.Connection) -> Any:
            nonlocal begun
            if how is not None:
                database.execute(how).close()
                begun = True
            return run(database)

        async with adapter._execute_mutex:
            try:
                return await connection._execute(begin_and_run, connection._conn)  # type: ignore[no-untyped-call]
            finally:
                if begun:
                    adapter.begins = None


class OneHopConnection(AsyncAdapt_aiosqlite_connection):
    """A connection whose cursors make one trip. Streams keep SQLAlchemy's own cursor.

    `ended`: nothing was executed since the last commit or rollback, so that the pool's own rollback needs no trip.
    `begins`: how the transaction begins, where it has not: its first statement takes that along.
    """

    __slots__ = ("begins", "ended")

    _cursor_cls: type[AsyncAdapt_aiosqlite_cursor] = OneHopCursor

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.ended = False
        self.begins: str | None = None

    def begin(self, how: str) -> None:
        """Begin a transaction with the next statement: `BEGIN` or `BEGIN IMMEDIATE`, whose errors are then that one's."""
        self.begins = how

    def cursor(self, server_side: bool = False) -> Any:
        """A cursor."""
        if server_side:
            if self.begins is not None:
                how, self.begins = self.begins, None
                super().cursor().execute(how)
            self.ended = False
        return super().cursor(server_side)

    def commit(self) -> None:
        """Commit. Raises sqlite3.OperationalError."""
        if self.begins is None:
            super().commit()
        self.begins = None
        self.ended = True

    def rollback(self) -> None:
        """Roll back what was executed since the last end of a transaction, if anything was."""
        self.begins = None
        if not self.ended:
            super().rollback()
            self.ended = True


class OneHopDriver(AsyncAdapt_aiosqlite_dbapi):
    """What `create_async_engine(module=...)` takes in place of aiosqlite's own adapter."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *arg: Any, **kw: Any) -> OneHopConnection:
        """Open a connection. Raises sqlite3.OperationalError."""
        return OneHopConnection(self, super().connect(*arg, **kw)._connection)


async def in_one_hop(conn: AsyncConnection, work: Callable[[sqlite3.Connection], _T]) -> _T:
    """Run `work` in the thread of SQLite's connection: many statements for one trip, in the transaction that is open.

    Raises SQLAlchemy's own errors, as statements that run through it do.
    """
    if not conn.in_transaction():
        await conn.begin()
    adapted = cast(OneHopConnection, (await conn.get_raw_connection()).dbapi_connection)
    try:
        return cast(_T, await OneHopCursor(adapted).run(work))
    except sqlite3.Error as error:
        # The values are left out of the text: they are people's data.
        raise DBAPIError.instance("(statements of one trip)", None, error, sqlite3.Error) from error
