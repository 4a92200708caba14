"""A store with the services of accounts and desk, without the rest of the product."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
from argon2 import PasswordHasher

from jackfield.core import Options
from jackfield.core.accounts import Accounts
from jackfield.core.accounts.audit import Audit
from jackfield.core.accounts.passwords import Passwords
from jackfield.core.desk.notes import Notes
from jackfield.core.desk.tickets import Tickets
from jackfield.core.desk.working_hours import WorkingTimes
from jackfield.core.ground.store import Store
from jackfield.core.models import Channel, Chat, Contact, Member, Workspace
from jackfield.db.database import Database
from jackfield.db.secrets import use_key

on_both = pytest.mark.parametrize("db_url", ["sqlite", "postgresql"], indirect=True)
"""For what depends on how the database keeps concurrent transactions apart."""
DEFAULT = os.environ.get("JACKFIELD_TEST_ACCOUNTS_ON", "sqlite")
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class SmallCore(Store):
    """A store with the services under test."""

    def __init__(self, db: Database, options: Options | None = None) -> None:
        super().__init__(db, options=options)
        self.accounts = Accounts(self)
        self.accounts.passwords = Passwords(CHEAP)
        self.tickets = Tickets(self)
        self.notes = Notes(self)
        self.working_times = WorkingTimes(self)
        self.audit = Audit(self)

    async def workspace(self, name: str = "Acme") -> int:
        """A workspace with nobody in it."""
        return await self.add(Workspace(name=name, settings={}, created_at=1))

    async def add(self, row: Any) -> int:
        async with self.unit() as unit:
            unit.session.add(row)
            await unit.session.flush()
            identity: int = row.id
        return identity

    async def password_hash(self, member_id: int) -> str:
        """What is stored of a member's password; no view shows it."""
        async with self.db.read() as session:
            return str((await session.get_one(Member, member_id)).password_hash)

    async def channel(self, workspace_id: int, name: str = "Line") -> int:
        return await self.add(
            Channel(
                workspace_id=workspace_id,
                name=name,
                engine="simulator",
                config="{}",
                settings={},
                pacing={},
                created_at=1,
            )
        )

    async def contact(self, workspace_id: int, name: str = "Ann") -> int:
        return await self.add(Contact(workspace_id=workspace_id, name=name, created_at=1, updated_at=1))

    async def chat(self, workspace_id: int, channel_id: int, peer: str = "491", contact_id: int | None = None) -> int:
        return await self.add(
            Chat(workspace_id=workspace_id, channel_id=channel_id, peer=peer, contact_id=contact_id, created_at=1)
        )


@pytest.fixture
def db_url(request: pytest.FixtureRequest) -> str:
    """SQLite, unless the test asks for both by `on_both`."""
    postgres = getattr(request, "param", DEFAULT) == "postgresql"
    return str(request.getfixturevalue("migrated_postgres" if postgres else "migrated_sqlite"))


@pytest.fixture
async def db(db_url: str) -> AsyncIterator[Database]:
    use_key("a secret for tests")
    db = Database(db_url)
    yield db
    await db.close()


@pytest.fixture
async def core(db: Database) -> AsyncIterator[SmallCore]:
    core = SmallCore(db)
    core.writer.start()
    yield core
    await core.writer.close()
    core.accounts.passwords.close()
