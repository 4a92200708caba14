"""A connection that breaks in mid-commit: nobody knows whether it was stored, so nobody stores it again blindly."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from jackfield.db.database import Database
from jackfield.db.errors import CommitUnknown, StorageUnavailable
from jackfield.db.groupcommit import GroupCommit
from jackfield.testing.proxy import Target, TcpProxy, tcp_proxy


@pytest.fixture
def proxy(postgres_url: str) -> Iterator[TcpProxy]:
    """Stands before PostgreSQL."""
    parts = urlsplit(postgres_url)
    folder = parse_qs(parts.query).get("host", [""])[0]
    port = parts.port or 5432
    target: Target = Path(folder) / f".s.PGSQL.{port}" if folder else (parts.hostname or "127.0.0.1", port)
    with tcp_proxy(target) as made:
        yield made


@pytest.fixture
async def db(proxy: TcpProxy, postgres_url: str) -> AsyncIterator[Database]:
    """A database behind the proxy, with a table."""
    parts = urlsplit(postgres_url)
    user = parts.username or "postgres"
    made = Database(f"postgresql://{user}@127.0.0.1:{proxy.port}{parts.path}")
    async with made.transaction() as session:
        await session.execute(text("CREATE TABLE things (name TEXT)"))
    yield made
    proxy.heal()
    await made.close()


async def names(db: Database) -> list[str]:
    async with db.read() as session:
        return list((await session.scalars(text("SELECT name FROM things ORDER BY name"))).all())


async def test_a_commit_that_is_cut_off_says_so(db: Database, proxy: TcpProxy) -> None:
    proxy.cut_after(b"COMMIT")
    with pytest.raises(CommitUnknown, match="as a whole, or not at all"):
        async with db.transaction() as session:
            await session.execute(text("INSERT INTO things VALUES ('a')"))
    assert proxy.hits == 1
    assert await names(db) == ["a"], "it was stored, which the caller could not know"


async def test_what_was_cut_before_the_commit_was_surely_not_stored(db: Database, proxy: TcpProxy) -> None:
    async def cut_between() -> None:
        async with db.transaction() as session:
            await session.execute(text("INSERT INTO things VALUES ('a')"))
            proxy.cut()
            await session.execute(text("INSERT INTO things VALUES ('b')"))

    with pytest.raises(StorageUnavailable, match="nothing was stored"):
        await cut_between()
    assert await names(db) == []


async def test_a_database_out_of_reach_is_told_in_words_for_people(db: Database, proxy: TcpProxy) -> None:
    proxy.refuse()
    with pytest.raises(StorageUnavailable) as write:
        async with db.transaction() as session:
            await session.execute(text("INSERT INTO things VALUES ('a')"))
    with pytest.raises(StorageUnavailable) as read:
        await names(db)
    assert write.value.message == read.value.message == StorageUnavailable.AWAY
    assert str(proxy.port) not in repr(write.value)
    proxy.heal()
    assert await names(db) == []


async def test_a_batch_whose_commit_is_cut_off_is_not_written_twice(db: Database, proxy: TcpProxy) -> None:
    async def add(session: AsyncSession, items: Sequence[str]) -> list[None]:
        for item in items:
            await session.execute(text("INSERT INTO things VALUES (:name)"), {"name": item})
        return [None] * len(items)

    writer: GroupCommit[AsyncSession] = GroupCommit(db.transaction)
    proxy.cut_after(b"COMMIT")
    asked = [writer.submit(add, name) for name in ("a", "b", "c")]
    writer.start()
    for one in asked:
        with pytest.raises(CommitUnknown):
            await one
    await writer.submit(add, "d")
    await writer.close()
    assert await names(db) == ["a", "b", "c", "d"]
