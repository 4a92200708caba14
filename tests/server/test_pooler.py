"""The whole of it through a pooler in transaction mode, as managed services put one before PostgreSQL.

`JACKFIELD_TEST_PGBOUNCER` names an empty database behind a real PgBouncer, in place of the tests' own pooler.
"""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text

from jackfield.core import Conflict, Submission, make_backup, read_manifest, restore_backup
from jackfield.core.port.content import Text
from jackfield.db.database import Database
from jackfield.db.errors import PoolerBetween
from jackfield.db.postgres import parse_address
from jackfield.migrations import head
from jackfield.worker.worker import Worker

from ..conftest import make_core
from ..db.gateways import Pooler, pooler

PASSPHRASE = "the passphrase of the tests"


@pytest.fixture
async def pool(postgres_url: str) -> AsyncIterator[Pooler]:
    """A pooler with three connections, before an empty database."""
    async with pooler(postgres_url) as made:
        yield made


def _url(pool: Pooler, said: str = "&pgbouncer=true") -> str:
    name = parse_address(pool.url).url.database
    return f"postgresql://postgres@127.0.0.1:{pool.port}/{name}?sslmode=disable{said}"


async def test_what_is_prepared_is_lost_between_transactions(pool: Pooler) -> None:
    """The pooler of these tests does what makes it hard: else all that follows says nothing."""
    async with pooler(pool.url, lenient=True) as lenient:
        connection = await asyncpg.connect(_url(lenient, ""))

        async def ask() -> None:
            for _ in range(lenient.size):
                await connection.fetchval("SELECT 1")

        with pytest.raises(asyncpg.PostgresError, match="prepared statement"):
            await ask()
        connection.terminate()


@pytest.mark.parametrize("lenient", [False, True])
async def test_a_pooler_that_the_address_does_not_name_is_found(
    lenient: bool, postgres_url: str, tmp_path: Path
) -> None:
    async with pooler(postgres_url, lenient=lenient) as made:
        core = make_core(_url(made, ""), tmp_path)
        for ask in (core.migrate, core.schema):
            with pytest.raises(Conflict, match="pgbouncer=true where"):
                await ask()
        await core.close()
        db = Database(_url(made, ""))
        with pytest.raises(PoolerBetween):
            async with db.transaction() as session:
                await session.execute(text("SELECT 1"))
        await db.close()


async def test_a_pooler_whose_connections_are_ours_alone(pool: Pooler) -> None:
    """`pgbouncer=false`: no parameters in the greeting, and the session is set up afterwards."""
    async with pooler(pool.url, size=1) as made:
        db = Database(_url(made, "&pgbouncer=false"))
        async with db.read() as session:
            assert await session.scalar(text("SELECT current_setting('jit')")) == "off"
        await db.close()


async def test_everything_works_through_a_pooler(pool: Pooler, second_postgres_url: str, tmp_path: Path) -> None:
    core = make_core(os.environ.get("JACKFIELD_TEST_PGBOUNCER") or _url(pool), tmp_path / "data")
    assert (await core.migrate())[1] == head()
    await core.open()
    worker = Worker(core)
    try:
        made = await core.accounts.bootstrap(
            "Test", "owner@example.com", "correct horse battery", "test-key-0123456789"
        )
        assert made is not None
        workspace = made.workspace_id
        channel = await core.channels.create(workspace, name="S", engine="simulator", config={"autoScan": True})
        await core.channels.connect(workspace, channel.id)
        worker.start()
        lines = "".join(f"Person {number},+49151{number:08}\n" for number in range(500))
        report = await core.contacts.import_file(workspace, io.BytesIO(f"Name,Phone\n{lines}".encode()))
        assert report.created == 500

        async def send(number: int) -> int:
            item = Submission(
                workspace_id=workspace,
                channel_id=channel.id,
                peer=f"49151{number:08}",
                content=Text(text=f"Hello {number}"),
                idempotency_key=f"key-{number}",
            )
            accepted, settled = await core.messages.submit_and_wait(item, 20)
            assert settled is not None
            assert settled.state in ("sent", "delivered", "read"), settled
            return accepted.id

        assert len(set(await asyncio.gather(*map(send, range(8))))) == 8
        assert len((await core.contacts.list(workspace, {}, limit=10)).items) == 10
        manifest = await make_backup(core.store, core.media, tmp_path / "a.backup", PASSPHRASE)
        assert manifest.counts["contacts"] >= 500
    finally:
        await worker.close()
        await core.close()
    async with pooler(second_postgres_url) as second:
        restored = make_core(_url(second), tmp_path / "new")
        told, _ = read_manifest(tmp_path / "a.backup", PASSPHRASE)
        try:
            await restore_backup(
                tmp_path / "a.backup", PASSPHRASE, told, store=restored.store, media=restored.media, keep_key=False
            )
            assert await restored.revision() == head()
        finally:
            await restored.close()
