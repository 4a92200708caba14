"""`jackfield backup`, `restore` and `held`: what they refuse, and what a restored copy holds."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import structlog
from alembic import command
from typer.testing import CliRunner

from jackfield.cli import _common, app
from jackfield.core import Core, Submission, Text
from jackfield.core.backups import archive, restore, sealed
from jackfield.core.ledger.claim import ClaimRequest
from jackfield.migrations import config, head
from jackfield.server.startup import lock_data_dir, open_core
from jackfield.settings import Settings

FAR = 1_924_938_000_000


@pytest.fixture(autouse=True)
def _around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    before = os.umask(0o077)
    for name in [one for one in os.environ if one.startswith("JACKFIELD_") and "TEST" not in one]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("JACKFIELD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JACKFIELD_BACKUP_PASSPHRASE", "the passphrase of the tests")
    monkeypatch.setattr(_common.out, "_width", 200)
    monkeypatch.setattr(sealed, "COST", 2**4)
    yield
    os.umask(before)


@pytest.fixture
def backup(tmp_path: Path, sqlite_template: Path) -> Path:
    """A backup of a small installation, with messages in each state that a restore holds."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "jackfield.db").write_bytes(sqlite_template.read_bytes())

    async def fill(core: Core) -> None:
        await core.accounts.bootstrap("Test", "owner@example.com", "correct horse battery", "test-key-0123456789")
        channel = await core.channels.create(1, name="Line", engine="simulator")
        await core.media.store(1, b"a file", mime="text/plain")
        for number, due in enumerate((None, FAR, None)):
            await core.messages.submit(
                Submission(
                    workspace_id=1,
                    channel_id=channel.id,
                    peer=f"62812000000{number}",
                    content=Text(text="Hello"),
                    due_at=due,
                )
            )
        (claimed,) = (await core.queue.claim(ClaimRequest(channel_id=channel.id, token=0, limit=1))).messages
        assert claimed.peer == "628120000000"

    on_core(fill)
    target = tmp_path / "one.backup"
    assert run("backup", str(target))[0] == 0
    return target


def on_core(work: Any) -> Any:
    """Run something on the configured database."""

    async def once() -> Any:
        core = open_core(Settings())
        async with core:
            return await work(core)

    return asyncio.run(once())


def run(*words: str, **env: str) -> tuple[int, str]:
    """Exit code and output of a command."""
    done = CliRunner().invoke(app, list(words), env=env)
    structlog.reset_defaults()
    return done.exit_code, done.output


def test_a_backup_is_verified_and_overwrites_nothing(backup: Path, tmp_path: Path) -> None:
    before = backup.read_bytes()
    assert backup.stat().st_mode & 0o777 == 0o600
    code, said = run("backup", str(backup))
    assert (code, "exists already" in said, backup.read_bytes() == before) == (1, True, True)
    code, said = run("backup", "--verify", str(backup))
    assert code == 0, said
    assert "3 messages" in said
    assert "whole" in said
    facts = json.loads(run("backup", "--verify", str(backup), "--json")[1])
    assert (facts["media"], facts["mediaMissing"], facts["counts"]["channels"]) == (1, 0, 1)
    assert not list((tmp_path / "data").glob(".backup-*")), "the copy of the database is gone"
    backup.write_bytes(before[:-20])
    code, said = run("backup", "--verify", str(backup))
    assert (code, "damaged or cut off" in said) == (1, True)


def test_a_folder_gets_a_file_by_its_date(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "nightly").mkdir()
    assert run("backup", str(tmp_path / "nightly"))[0] == 0
    (made,) = (tmp_path / "nightly").iterdir()
    assert made.name.startswith("jackfield-20")
    assert made.suffix == ".backup"


def test_the_passphrase_comes_from_a_file_or_the_environment(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JACKFIELD_BACKUP_PASSPHRASE")
    code, said = run("backup", "--verify", str(backup))
    assert (code, "--passphrase-file" in said) == (1, True)
    file = tmp_path / "passphrase"
    file.write_text("the passphrase of the tests\n")
    assert run("backup", "--verify", str(backup), "--passphrase-file", str(file))[0] == 0
    file.write_text("short\n")
    code, said = run("backup", str(tmp_path / "two.backup"), "--passphrase-file", str(file))
    assert (code, "12 or more" in said) == (1, True)
    code, said = run("backup", "--verify", str(backup), "--passphrase-file", str(file))
    assert (code, "passphrase is not that" in said) == (1, True)


def test_what_waited_is_held_until_a_person_decides(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = {"JACKFIELD_DATA_DIR": str(tmp_path / "new")}
    code, said = run("restore", str(backup), "--json", **new)
    assert code == 0, said
    assert json.loads(said)["held"]["messages"] == {"queued": 1, "scheduled": 1, "uncertain": 1}
    rows = json.loads(run("held", "list", "--json", **new)[1])["messages"]
    assert [one["state"] for one in rows] == ["uncertain", "scheduled", "queued"]
    assert run("held", "release", **new)[0] == 2, "neither ids nor --all"
    assert run("held", "cancel", str(rows[1]["id"]), **new) == (0, "1 cancelled.\n")
    assert run("held", "cancel", str(rows[0]["id"]), **new)[0] == 1, "what is in doubt cannot be cancelled"
    assert run("held", "release", str(rows[2]["id"]), **new) == (0, "1 released.\n")
    assert "628120000000" in run("held", "list", **new)[1]
    monkeypatch.setenv("JACKFIELD_DATA_DIR", new["JACKFIELD_DATA_DIR"])

    async def claimed(core: Core) -> list[int]:
        return [one.id for one in (await core.queue.claim(ClaimRequest(channel_id=1, token=0, limit=9))).messages]

    assert on_core(claimed) == [rows[2]["id"]]


def test_it_is_restored_into_an_empty_place_only(backup: Path, tmp_path: Path) -> None:
    code, said = run("restore", str(backup))
    assert (code, "already" in said) == (1, True)
    full = tmp_path / "full"
    full.mkdir()
    (full / "photo.jpg").write_text("mine")
    code, said = run("restore", str(backup), JACKFIELD_DATA_DIR=str(full))
    assert (code, "is not empty" in said, (full / "photo.jpg").read_text()) == (1, True, "mine")
    assert not (full / "secret.key").exists()
    served = tmp_path / "served"
    lock = lock_data_dir(served)
    assert lock is not None
    code, said = run("restore", str(backup), JACKFIELD_DATA_DIR=str(served))
    assert (code, "Stop it first" in said) == (1, True)
    lock.close()


def test_what_does_not_belong_here_is_refused_before_anything_is_written(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = tmp_path / "new"
    code, said = run("restore", str(backup), JACKFIELD_DATA_DIR=str(new), JACKFIELD_SECRET_KEY="k" * 40)
    assert (code, "not the key of the backup" in said) == (1, True)
    code, said = run("restore", str(backup), JACKFIELD_DATA_DIR=str(new), JACKFIELD_DATABASE_URL="postgresql://u@h/d")
    assert (code, "is of SQLite" in said) == (1, True)
    code, said = run("restore", str(backup), JACKFIELD_DATA_DIR=str(new), JACKFIELD_BACKUP_PASSPHRASE="wrong")
    assert (code, "passphrase is not that" in said) == (1, True)
    monkeypatch.setattr(restore, "revisions", lambda: frozenset({"0001"}))
    code, said = run("restore", str(backup), JACKFIELD_DATA_DIR=str(new))
    assert (code, "newer than this version" in said) == (1, True)
    assert not new.exists()


def test_a_restore_that_fails_leaves_the_place_empty(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is gone")

    with monkeypatch.context() as broken:
        broken.setattr(restore, "upgrade", fails)
        code, said = run("restore", str(backup), JACKFIELD_DATA_DIR=str(tmp_path / "new"))
    assert (code, "the disk is gone" in said) == (1, True)
    assert [one.name for one in (tmp_path / "new").iterdir()] == ["worker.lock"]
    assert run("restore", str(backup), JACKFIELD_DATA_DIR=str(tmp_path / "new"))[0] == 0


def test_the_backup_of_an_older_version_is_brought_up_to_this_one(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "data" / "jackfield.db"
    newest = on_core(lambda core: core.revision())
    assert newest == head()

    async def old(core: Core) -> None:
        def down(connection: Any) -> None:
            made = config()
            made.attributes["connection"] = connection
            command.downgrade(made, "-1")

        async with core.db.writer.begin() as connection:
            await connection.run_sync(down)

    on_core(old)
    with closing(sqlite3.connect(database)) as rows:
        assert rows.execute("SELECT version_num FROM alembic_version").fetchone() != (newest,)
    assert run("backup", str(tmp_path / "old.backup"))[0] == 0
    monkeypatch.setenv("JACKFIELD_DATA_DIR", str(tmp_path / "new"))
    code, said = run("restore", str(tmp_path / "old.backup"))
    assert code == 0, said
    assert on_core(lambda core: core.revision()) == newest


def test_a_member_that_leads_out_of_the_folder_is_refused(backup: Path, tmp_path: Path) -> None:
    target = tmp_path / "bad.backup"
    with open(target, "wb") as file, archive.writing(file, "the passphrase of the tests") as made:
        made.add_bytes("channels/../../outside", b"x")
    code, said = run("restore", str(target), JACKFIELD_DATA_DIR=str(tmp_path / "new"))
    assert (code, "no backup holds" in said) == (1, True)
    assert not (tmp_path / "outside").exists()
