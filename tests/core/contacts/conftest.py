"""A core of storage and contacts, on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from jackfield.core.bus import LocalBus
from jackfield.core.contacts import Contacts
from jackfield.core.core import Options
from jackfield.core.models import Workspace
from jackfield.core.unit import Unit, unit_of_work
from jackfield.db.base import Base
from jackfield.db.database import Database, sqlite_url
from jackfield.db.groupcommit import GroupCommit
from jackfield.db.secrets import use_key


class SmallCore:
    """`db`, `bus`, `unit()`, `writer`, `options` and the contacts."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.options = Options()
        self.bus = LocalBus()
        self.writer: GroupCommit[Unit] = GroupCommit(self.unit)
        self.told: list[Any] = []
        self.bus.subscribe("events", self.told.extend)
        core: Any = self
        self.contacts = Contacts(core)

    def unit(self) -> AbstractAsyncContextManager[Unit]:
        return unit_of_work(self.db, self.bus)

    async def workspace(self, name: str = "Acme", country: str | None = "IN") -> int:
        async with self.unit() as unit:
            row = Workspace(name=name, default_country=country, settings={}, created_at=unit.now)
            unit.session.add(row)
            await unit.session.flush()
            return row.id

    async def add(self, row: Any) -> int:
        async with self.unit() as unit:
            unit.session.add(row)
            await unit.session.flush()
            number: int = row.id
        return number

    async def scalar(self, statement: Any) -> Any:
        async with self.db.read() as session:
            return await session.scalar(statement)

    async def rows(self, statement: Any) -> list[Any]:
        async with self.db.read() as session:
            return list((await session.execute(statement)).all())


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    pgserver = pytest.importorskip("pgserver")
    folder = Path(tempfile.mkdtemp(prefix="jf-pg-"))
    server = pgserver.get_server(folder, cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the tables and nothing in them, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    engine.dispose()
    return path


_prepared: set[str] = set()


async def _empty_postgres(db: Database) -> None:
    async with db.transaction() as session:
        connection = await session.connection()
        if str(db.url) not in _prepared:
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
            await connection.run_sync(Base.metadata.create_all)
            _prepared.add(str(db.url))
        names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
        await connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


@pytest.fixture(params=["sqlite", "postgresql"])
async def core(request: pytest.FixtureRequest, tmp_path: Path, empty_sqlite: Path) -> AsyncIterator[SmallCore]:
    use_key("a key for tests")
    if request.param == "sqlite":
        path = tmp_path / "test.db"
        shutil.copy(empty_sqlite, path)
        db = Database(sqlite_url(path))
    else:
        db = Database(request.getfixturevalue("postgres_url"))
        await _empty_postgres(db)
    small = SmallCore(db)
    small.writer.start()
    yield small
    await small.writer.close()
    await db.close()


@pytest.fixture
async def ws(core: SmallCore) -> int:
    return await core.workspace()
