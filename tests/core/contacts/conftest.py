"""A core of storage and contacts, on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from jackfield.core import Options
from jackfield.core.contacts import Contacts
from jackfield.core.ground.bus import LocalBus
from jackfield.core.ground.unit import Unit, unit_of_work
from jackfield.core.models import Workspace
from jackfield.core.port import Networks
from jackfield.db.database import Database, sqlite_url
from jackfield.db.groupcommit import GroupCommit
from jackfield.db.secrets import use_key
from jackfield.engines import load_engines


class SmallCore:
    """`db`, `bus`, `unit()`, `writer`, `options` and the contacts."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.options = Options()
        self.bus = LocalBus()
        self.writer: GroupCommit[Unit] = GroupCommit(self.unit)
        self.told: list[Any] = []
        self.bus.subscribe("events", self.told.extend)
        store: Any = self
        self.contacts = Contacts(store, Networks(load_engines()))

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


@pytest.fixture
async def small(migrated_url: str) -> AsyncIterator[SmallCore]:
    use_key("a key for tests")
    db = Database(migrated_url)
    small = SmallCore(db)
    small.writer.start()
    yield small
    await small.writer.close()
    await db.close()


@pytest.fixture(scope="session")
def small_core(sqlite_template: Path) -> Callable[[Path], SmallCore]:
    """Makes a core on a new SQLite database in a folder: for tests that need many."""

    def make(folder: Path) -> SmallCore:
        path = folder / "small.db"
        shutil.copy(sqlite_template, path)
        return SmallCore(Database(sqlite_url(path)))

    return make


@pytest.fixture
async def ws(small: SmallCore) -> int:
    return await small.workspace()
