"""Limits of time on PostgreSQL, and what becomes of connections after a fail-over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from jackfield.core import StorageUnavailable
from jackfield.db.database import Database
from jackfield.db.errors import ReadOnly
from jackfield.db.groupcommit import GroupCommit
from jackfield.db.postgres import Limits, parse_address
from jackfield.migrations import current, head, upgrade

from .gateways import pooler

SLOW = """CREATE FUNCTION slow() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
 IF NOT EXISTS (SELECT FROM pg_class WHERE relname = 'schema_facts') THEN PERFORM pg_sleep(0.6); END IF; END $$"""
"""Makes the first step after 0281 slow."""
BRIEF = Limits(statement=0.2, lock=0.1, idle=0.2)


@pytest.fixture(params=["plain", "alone", "pooled"])
async def brief(request: pytest.FixtureRequest, postgres_url: str) -> AsyncIterator[Database]:
    """A database whose patience is short: as it is, behind a pooler of our own connections, behind one of transactions."""
    name = parse_address(postgres_url).url.database
    async with pooler(postgres_url, size=1 if request.param == "alone" else 3) as made:
        said = "true" if request.param == "pooled" else "false"
        url = f"postgresql://postgres@127.0.0.1:{made.port}/{name}?pgbouncer={said}&sslmode=disable"
        db = Database(postgres_url if request.param == "plain" else url, limits=BRIEF)
        yield db
        await db.close()


async def test_a_statement_that_takes_too_long_is_ended_and_nothing_stored(brief: Database) -> None:
    async with brief.transaction() as session:
        await session.execute(text("CREATE TABLE things (id int)"))

    async def store() -> None:
        async with brief.transaction() as session:
            await session.execute(text("INSERT INTO things VALUES (1)"))
            await session.execute(text("SELECT pg_sleep(20)"))

    with pytest.raises(StorageUnavailable, match="took too long"):
        await store()
    with pytest.raises(StorageUnavailable, match="took too long"):
        async with brief.read() as session:
            await session.execute(text("SELECT pg_sleep(20)"))
    async with brief.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM things")) == 0
    assert brief.problem is None, "that is no lack of room"


async def test_whoever_waits_too_long_for_a_row_gives_up(postgres_url: str) -> None:
    db = Database(postgres_url, limits=BRIEF)
    async with db.transaction() as session:
        await session.execute(text("CREATE TABLE things (id int)"))
    patient = Database(postgres_url)
    async with patient.transaction() as holder:
        await holder.execute(text("LOCK TABLE things"))
        with pytest.raises(StorageUnavailable, match="took too long"):
            async with db.transaction() as session:
                await session.execute(text("INSERT INTO things VALUES (1)"))
    await db.close()
    await patient.close()


async def test_a_transaction_in_which_nothing_happens_is_ended(postgres_url: str) -> None:
    """One that was forgotten would keep PostgreSQL from cleaning up."""
    db, watch = Database(postgres_url, limits=BRIEF), Database(postgres_url)

    async def forget() -> None:
        async with db.transaction() as session:
            pid = await session.scalar(text("SELECT pg_backend_pid()"))
            await _until_gone(watch, pid)
            await session.execute(text("SELECT 1"))

    with pytest.raises(StorageUnavailable):
        await forget()
    async with db.read() as session:
        assert await session.scalar(text("SELECT 1")) == 1
    await db.close()
    await watch.close()


async def _until_gone(db: Database, pid: int | None) -> None:
    async with asyncio.timeout(10):
        while True:
            async with db.read() as session:
                if not await session.scalar(
                    text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid"), {"pid": pid}
                ):
                    return
            await asyncio.sleep(0.02)


async def test_migrations_are_exempt(postgres_url: str) -> None:
    db, plain = Database(postgres_url, limits=Limits(statement=0.5)), Database(postgres_url)
    await upgrade(plain, "0281")
    async with plain.transaction() as session:
        await session.execute(text(SLOW))
        await session.execute(text("CREATE EVENT TRIGGER slow ON ddl_command_start EXECUTE FUNCTION slow()"))
    await upgrade(db)
    assert await current(plain) == head()
    await db.close()
    await plain.close()


@pytest.fixture
async def demoted(postgres_url: str) -> AsyncIterator[Database]:
    """A pool whose connections lead to a server that only reads since a fail-over; new ones lead to the new primary."""
    name = parse_address(postgres_url).url.database
    admin, db = Database(postgres_url), Database(postgres_url)
    async with admin.transaction() as session:
        await session.execute(text("CREATE TABLE things (id int)"))
        await session.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    async with db.read() as one, db.read() as other:
        await one.execute(text("SELECT 1"))
        await other.execute(text("SELECT 1"))
    async with admin.transaction() as session:
        await session.execute(text(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'))
    yield db
    await db.close()
    await admin.close()


async def test_after_a_fail_over_the_connections_are_made_anew(demoted: Database) -> None:
    with pytest.raises(ReadOnly):
        async with demoted.transaction() as session:
            await session.execute(text("INSERT INTO things VALUES (1)"))
    for number in (2, 3):
        async with demoted.transaction() as session:
            await session.execute(text(f"INSERT INTO things VALUES ({number})"))
    async with demoted.read() as session:
        assert (await session.scalars(text("SELECT id FROM things ORDER BY id"))).all() == [2, 3]


async def test_what_waits_to_be_written_is_written_to_the_new_primary_once(demoted: Database) -> None:
    calls = 0

    async def put(session: AsyncSession, items: Sequence[int]) -> list[int]:
        nonlocal calls
        calls += 1
        for item in items:
            await session.execute(text(f"INSERT INTO things VALUES ({item})"))
        return list(items)

    writer: GroupCommit[AsyncSession] = GroupCommit(demoted.transaction)
    waiting = [writer.submit(put, number) for number in range(5)]
    writer.start()
    assert await asyncio.gather(*waiting) == [0, 1, 2, 3, 4]
    await writer.close()
    assert calls == 2
    async with demoted.read() as session:
        assert (await session.scalars(text("SELECT id FROM things ORDER BY id"))).all() == [0, 1, 2, 3, 4]


async def test_a_server_that_only_reads_is_told_as_away(demoted: Database, postgres_url: str) -> None:
    """As long as the address still leads to the old primary."""
    name = parse_address(postgres_url).url.database
    admin = Database(postgres_url + "&options=-c%20default_transaction_read_only%3Doff")
    async with admin.transaction() as session:
        await session.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    writer: GroupCommit[AsyncSession] = GroupCommit(demoted.transaction)

    async def put(session: AsyncSession, items: Sequence[int]) -> list[int]:
        await session.execute(text("INSERT INTO things VALUES (1)"))
        return list(items)

    waiting = writer.submit(put, 1)
    writer.start()
    with pytest.raises(StorageUnavailable, match="cannot reach its database"):
        await waiting
    await writer.close()
    await admin.close()


async def test_ended_sessions_are_replaced_unseen(postgres_url: str) -> None:
    """A server that was restarted: the pool looks before it gives a connection out."""
    db, admin = Database(postgres_url), Database(postgres_url)
    async with db.read() as session:
        pid = await session.scalar(text("SELECT pg_backend_pid()"))
    async with admin.read() as session:
        await session.scalar(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    await _until_gone(admin, pid)
    async with db.transaction() as session:
        assert await session.scalar(text("SELECT pg_backend_pid()")) != pid
    await db.close()
    await admin.close()
