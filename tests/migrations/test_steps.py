"""Upgrades while servers work: steps before and after, and the versions side by side."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from jackfield.core import Conflict, Core
from jackfield.db.database import Database
from jackfield.db.secrets import use_key
from jackfield.migrations import SchemaRefused, chain, current, head, inspected, upgrade
from jackfield.migrations.chain import RELEASED, Step, misplaced, needed, pending, steps

from ..conftest import make_core

NEXT = "9000"
LAST = "9001"
FILE = '''"""{title}"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None
{step}


def upgrade() -> None:
    {does}
'''


def _write(folder: Path, revision: str, before: str, kind: str, does: str, title: str = "A step") -> None:
    step = f'step = "{kind}"' if kind else ""
    made = FILE.format(title=title, revision=revision, before=before, step=step, does=does)
    (folder / f"{revision}_made_up.py").write_text(made)


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """This process is the version after this one: one step more that older servers bear, and one that they do not. Undone
    (`undo`), it is this version again."""
    folder = tmp_path / "versions"
    shutil.copytree(chain.VERSIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    before = head()
    add = 'op.add_column("contacts", sa.Column("made_up", sa.Text(), nullable=True))'
    _write(folder, NEXT, before, "pre", add, "A column more")
    _write(folder, LAST, NEXT, "post", 'op.drop_index("ix_chats_pinned", "chats")', "An index less")
    with monkeypatch.context() as patched:
        patched.setattr(chain, "VERSIONS", folder)
        yield patched


@asynccontextmanager
async def opened(url: str, data_dir: Path) -> AsyncIterator[Core]:
    """A core on a database as it is."""
    core = make_core(url, data_dir)
    try:
        yield core
    finally:
        await core.close()


async def _sends(core: Core) -> None:
    """Make an installation and accept a message: what a server needs of the schema."""
    await core.open()
    made = await core.accounts.bootstrap("Test", "owner@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    contact = await core.contacts.create(made.workspace_id, phone="+4915112345678", name="Ada")
    assert (await core.contacts.get(made.workspace_id, contact.id)).name == "Ada"


def test_the_steps_since_the_last_release_follow_it() -> None:
    since = pending(RELEASED)
    assert steps()[: -len(since) or None][-1].revision == RELEASED
    assert needed() in {RELEASED, *(step.revision for step in since)}
    assert Step("0290", "0281", "pre", "From which revision on code works with the schema as it is") in since


async def test_this_version_works_on_the_last_release_and_the_steps_before(database_url: str, tmp_path: Path) -> None:
    """A server of this version beside those of the release before: nothing is done yet that those do not bear."""
    use_key("k")
    db = Database(database_url)
    await upgrade(db, RELEASED)
    schema = await inspected(db)
    assert schema.waiting == pending(RELEASED)
    await db.close()
    async with opened(database_url, tmp_path) as core:
        # A step that says nothing takes this away, until it says what it is: no release is made with one.
        undecided = any(step.kind == "stop" for step in pending(RELEASED))
        await core.migrate(steps="all" if undecided else "pre")
        schema = await core.schema()
        assert schema.is_usable
        assert [step.kind for step in schema.waiting] == ["post"] * len(schema.waiting)
        await _sends(core)


async def test_both_versions_work_between_the_steps(
    migrated_url: str, tmp_path: Path, next_version: pytest.MonkeyPatch
) -> None:
    async with opened(migrated_url, tmp_path) as newer:
        assert not (await newer.schema()).is_usable, "the column is missing"
        with pytest.raises(Conflict, match="jackfield migrate --pre"):
            await newer.migrate(steps="none")
        assert await newer.migrate(steps="pre") == (steps()[-3].revision, NEXT)
        assert (await newer.migrate(steps="none"))[1] == NEXT, "the newer one starts without the last step"
        assert [step.revision for step in (await newer.schema()).waiting] == [LAST]
    next_version.undo()
    async with opened(migrated_url, tmp_path) as older:
        assert await older.migrate() == (NEXT, NEXT), "a server of the older version starts again"
        schema = await older.schema()
        assert (schema.is_ahead, schema.is_usable, schema.is_current) == (True, True, False)
        await _sends(older)


async def test_after_the_last_step_the_older_version_says_why_it_does_not_start(
    migrated_url: str, tmp_path: Path, next_version: pytest.MonkeyPatch
) -> None:
    async with opened(migrated_url, tmp_path) as newer:
        assert (await newer.migrate())[1] == LAST
        assert (await newer.schema()).is_current
    next_version.undo()
    async with opened(migrated_url, tmp_path) as older:
        schema = await older.schema()
        assert (schema.is_ahead, schema.is_usable) == (True, False)
        with pytest.raises(Conflict, match=f"at {LAST}, this version ends with {head()}"):
            await older.migrate()
        with pytest.raises(SchemaRefused):
            await upgrade(older.db)
        assert await current(older.db) == LAST


async def test_while_older_servers_are_connected_the_last_step_waits(
    migrated_postgres: str, tmp_path: Path, next_version: pytest.MonkeyPatch
) -> None:
    older = Database(migrated_postgres, name=f"jackfield/{steps()[-3].revision} shop")
    async with opened(migrated_postgres, tmp_path) as newer, older.read() as session:
        await session.execute(text("SELECT 1"))
        assert (await newer.schema()).older == 1
        assert (await newer.migrate())[1] == NEXT
        assert [step.revision for step in (await newer.schema()).waiting] == [LAST]
        assert (await newer.migrate(steps="all"))[1] == NEXT
        await session.close()
        await older.close()
        assert (await newer.migrate())[1] == LAST


async def test_a_step_that_says_nothing_needs_all_to_stop(
    migrated_postgres: str, tmp_path: Path, next_version: pytest.MonkeyPatch
) -> None:
    """Nobody has thought about it: so nobody is told that it is safe."""
    _write(chain.VERSIONS, "9002", LAST, "", "pass", "Nobody knows")
    chain._read.cache_clear()
    assert '9002 does not say what it is: step = "pre" or "post"' in misplaced()
    older = Database(migrated_postgres, name=f"jackfield/{steps()[-4].revision}")
    async with opened(migrated_postgres, tmp_path) as newer:
        with pytest.raises(Conflict, match="step 9001 is to run after older servers have stopped, and 9002 needs it"):
            await newer.migrate(steps="pre")
        async with older.read() as session:
            await session.execute(text("SELECT 1"))
            with pytest.raises(Conflict, match=r"\(1 connections\), and they do not bear step 9002 \(Nobody knows\)"):
                await newer.migrate()
            assert (await newer.schema()).revision == steps()[-4].revision
            assert (await newer.migrate(anyway=True))[1] == "9002"
    await older.close()


async def test_a_step_waits_for_a_busy_table_without_holding_up_others(
    migrated_postgres: str, next_version: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wants a table that a step waits for would wait behind it; so it lets go, and tries again."""
    monkeypatch.setattr("jackfield.migrations._WAIT_FOR_TABLES", "20ms")
    monkeypatch.setattr("jackfield.migrations._TRIES", 2)
    db, busy = Database(migrated_postgres), Database(migrated_postgres)
    async with busy.transaction() as session:
        await session.execute(text("LOCK TABLE contacts IN ROW EXCLUSIVE MODE"))
        with pytest.raises(SchemaRefused, match=f"Step {NEXT} could not get a table"):
            await upgrade(db)
    await upgrade(db)
    assert await current(db) == LAST
    await db.close()
    await busy.close()


def test_a_release_is_made_of_steps_that_can_be_run_in_two_goes(next_version: pytest.MonkeyPatch) -> None:
    before = misplaced()
    _write(chain.VERSIONS, "9002", LAST, "pre", "pass")
    chain._read.cache_clear()
    assert misplaced() == [*before, f"9002 is pre and comes after {LAST}, which is not: give {LAST} a higher number"]


def test_a_line_that_forks_or_breaks_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, "0001", "", "pre", "pass")
    (tmp_path / "0001_made_up.py").write_text('"""First"""\nrevision = "0001"\ndown_revision = None\nstep = "pre"\n')
    _write(tmp_path, "0002", "0001", "pre", "pass")
    assert chain.steps(tmp_path)[1] == Step("0002", "0001", "pre", "A step")
    _write(tmp_path, "0003", "0001", "pre", "pass")
    chain._read.cache_clear()
    with pytest.raises(ValueError, match="both follow 0001"):
        chain.steps(tmp_path)
    _write(tmp_path, "0003", "0009", "pre", "pass")
    with pytest.raises(ValueError, match="no single line"):
        chain.steps(tmp_path)
    _write(tmp_path, "0003", "0002", "later", "pass")
    with pytest.raises(ValueError, match="step is 'later'"):
        chain.steps(tmp_path)
