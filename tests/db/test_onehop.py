"""The driver that makes one trip to SQLite's thread per statement finds what SQLAlchemy's own finds."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from jackfield.db.database import Database, sqlite_url
from jackfield.db.onehop import in_one_hop


@pytest.fixture
async def db(tmp_path: Path) -> Any:
    database = Database(sqlite_url(tmp_path / "jackfield.db"))
    async with database.transaction() as session:
        await session.execute(text("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT UNIQUE)"))
    yield database
    await database.close()


async def add(db: Database, *names: str) -> None:
    async with db.transaction() as session:
        await session.execute(text("INSERT INTO things (name) VALUES (:name)"), [{"name": name} for name in names])


async def test_a_statement_is_one_trip(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await add(db, "a", "b")
    trips: list[Any] = []
    real = aiosqlite.Connection._execute

    async def counted(self: Any, fn: Any, *args: Any, **kwargs: Any) -> Any:
        trips.append(fn)
        return await real(self, fn, *args, **kwargs)  # type: ignore[no-untyped-call]

    async with db.read() as session:
        await session.execute(text("SELECT 1"))
    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    async with db.read() as session:
        found = (await session.execute(text("SELECT id, name FROM things ORDER BY id"))).all()
    assert found == [(1, "a"), (2, "b")]
    assert len(trips) == 2, "the statement with the transaction's begin, and its end"


async def test_rows_counts_and_ids_are_told(db: Database) -> None:
    async with db.transaction() as session:
        added = await session.execute(text("INSERT INTO things (name) VALUES ('a')"))
        assert (added.lastrowid, added.rowcount) == (1, 1)  # type: ignore[attr-defined]
        many = await session.execute(text("INSERT INTO things (name) VALUES (:name)"), [{"name": n} for n in "bcd"])
        assert many.rowcount == 3  # type: ignore[attr-defined]
        changed = await session.execute(text("UPDATE things SET name = name || '!' WHERE id > 2 RETURNING id, name"))
        assert changed.keys() == ["id", "name"]
        assert sorted(changed.all()) == [(3, "c!"), (4, "d!")]
        nothing = await session.execute(text("UPDATE things SET name = 'x' WHERE id = 99"))
        assert nothing.rowcount == 0  # type: ignore[attr-defined]
        empty = await session.execute(text("SELECT * FROM things WHERE id = 99"))
        assert (list(empty.keys()), empty.all()) == (["id", "name"], [])


async def test_parts_of_a_result_are_taken_as_asked(db: Database) -> None:
    await add(db, *"abcdef")
    async with db.read() as session:
        result = await session.execute(text("SELECT name FROM things ORDER BY id"))
        assert result.fetchone() == ("a",)
        assert result.fetchmany(2) == [("b",), ("c",)]
        assert result.scalars().all() == ["d", "e", "f"]
        streamed = await session.stream(text("SELECT name FROM things ORDER BY id"))
        assert [row.name async for row in streamed] == list("abcdef")


async def test_errors_keep_their_kinds_and_the_connection(db: Database) -> None:
    await add(db, "a")
    with pytest.raises(IntegrityError):
        await add(db, "b", "a")
    with pytest.raises(OperationalError):
        async with db.read() as session:
            await session.execute(text("SELECT * FROM nowhere"))
    async with db.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM things"))).scalar_one() == 1


async def test_a_transaction_cut_short_leaves_the_database_free(db: Database) -> None:
    async def write() -> None:
        async with db.transaction() as session:
            await session.execute(text("INSERT INTO things (name) VALUES ('never')"))
            await session.execute(
                text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n LIMIT 20000")
            )

    for steps in range(40):
        task = asyncio.create_task(write())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(25), db.transaction() as session:
        await session.execute(text("DELETE FROM things"))
    async with db.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM things"))).scalar_one() == 0


async def test_a_transaction_that_could_not_begin_writes_nothing(db: Database, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "jackfield.db", isolation_level=None)
    try:
        async with db.writer.connect() as connection:
            await connection.execute(text("PRAGMA busy_timeout=1"))
            await connection.rollback()
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(OperationalError, match="locked"):
                await connection.execute(text("INSERT INTO things (name) VALUES ('a')"))
            other.execute("ROLLBACK")
            await connection.execute(text("INSERT INTO things (name) VALUES ('b')"))
            await connection.rollback()
    finally:
        other.close()
    async with db.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM things"))).scalar_one() == 0


async def test_a_statement_of_a_cancelled_transaction_is_undone(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was cancelled while the statement waited for the database's thread."""
    at_work, go_on = asyncio.Event(), threading.Event()

    async def write() -> None:
        async with db.transaction() as session:
            raw = await (await session.connection()).get_raw_connection()
            waits = raw.driver_connection._tx  # type: ignore[union-attr]
            waits.put_nowait((asyncio.get_running_loop().create_future(), go_on.wait))
            at_work.set()
            await session.execute(text("INSERT INTO things (name) VALUES ('never')"))

    task = asyncio.create_task(write())
    await at_work.wait()
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with db.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM things"))).scalar_one() == 0


async def test_a_transaction_without_a_statement_makes_no_trip(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async with db.read() as session:
        await session.execute(text("SELECT 1"))
    monkeypatch.setattr(aiosqlite.Connection, "_execute", None)
    async with db.read() as session:
        await session.connection()
    monkeypatch.undo()


async def test_many_statements_are_one_trip_in_the_transaction(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def work(connection: Any) -> int:
        for name in "abc":
            connection.execute("INSERT INTO things (name) VALUES (?)", (name,))
        return 3

    trips: list[Any] = []
    real = aiosqlite.Connection._execute

    async def counted(self: Any, fn: Any, *args: Any, **kwargs: Any) -> Any:
        trips.append(fn)
        return await real(self, fn, *args, **kwargs)  # type: ignore[no-untyped-call]

    async with db.transaction() as session:
        connection = await session.connection()
        monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
        assert await in_one_hop(connection, work) == 3
        assert len(trips) == 1, "with the BEGIN"
        monkeypatch.undo()
        await session.rollback()
    async with db.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM things"))).scalar() == 0


async def test_errors_of_such_a_trip_keep_their_kinds_and_tell_no_values(db: Database) -> None:
    await add(db, "secret")
    with pytest.raises(IntegrityError) as caught:
        async with db.transaction() as session:
            await in_one_hop(
                await session.connection(), lambda raw: raw.execute("INSERT INTO things (name) VALUES (?)", ("secret",))
            )
    assert "secret" not in str(caught.value)
    with pytest.raises(OperationalError):
        async with db.transaction() as session:
            await in_one_hop(await session.connection(), lambda raw: raw.execute("SELECT * FROM nowhere"))
    await add(db, "other")
