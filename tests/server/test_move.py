"""`jackfield move`: the database goes over whole, or not at all."""

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
from sqlalchemy import text
from typer.testing import CliRunner

from jackfield.cli import app
from jackfield.core import Core, Submission, Text
from jackfield.core.backups import move
from jackfield.db.database import Database
from jackfield.server.startup import lock_data_dir, open_core
from jackfield.settings import Settings


@pytest.fixture(autouse=True)
def _around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sqlite_template: Path) -> Iterator[None]:
    before = os.umask(0o077)
    for name in [one for one in os.environ if one.startswith("JACKFIELD_") and "TEST" not in one]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("JACKFIELD_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    file(tmp_path).write_bytes(sqlite_template.read_bytes())
    on_core(fill)
    yield
    os.umask(before)


def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "jackfield.db"


def on_core(work: Any) -> Any:
    """Run something on the configured database."""

    async def once() -> Any:
        async with open_core(Settings()) as core:
            return await work(core)

    return asyncio.run(once())


async def fill(core: Core) -> None:
    """People, messages, a secret, words to search for, text keys in an order of their own, and ids that are used up."""
    await core.accounts.bootstrap("Test", "owner@example.com", "correct horse battery", "test-key-0123456789")
    channel = await core.channels.create(
        1, name="Line", engine="whatsapp_cloud", config={"phoneNumberId": "1", "accessToken": "sealed-token"}
    )
    line = await core.channels.create(1, name="Try", engine="simulator")
    for number in range(5):
        await core.contacts.create(1, name=f"Étienne {number}", phone=f"62812000000{number}", tags=["vip"])
        item = Submission(
            workspace_id=1,
            channel_id=line.id,
            peer=f"62812000000{number}",
            content=Text(text="the quagga speaks \U0001f993"),
        )
        await core.messages.submit(item)
    gone = await core.contacts.create(1, name="Gone", phone="628130000000")
    await core.contacts.delete(1, gone.id)

    async def answer() -> tuple[str, int]:
        return "{}", 200

    for key in ("b", "A", "ä", "a", "B"):
        await core.accounts.once(1, key, "mark", answer)
    while await core.search_index.step():
        pass
    assert core.channels.config_of(channel)
    await core.sealing.check(adopt=False)


def run(*words: str, **env: str) -> tuple[int, str]:
    """Exit code and output of a command."""
    done = CliRunner().invoke(app, list(words), env=env)
    structlog.reset_defaults()
    return done.exit_code, done.output


def rows(path: Path) -> dict[str, list[Any]]:
    """All that is in a SQLite file; of the full-text index what it finds, since its own tables are as they were written."""
    with closing(sqlite3.connect(path)) as conn:
        names = [name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        plain = sorted(name for name in names if not name.startswith("search_") or name == "search_positions")
        found = {name: sorted(conn.execute(f'SELECT * FROM "{name}"'), key=repr) for name in plain}
        quagga = "SELECT rowid FROM search_messages WHERE search_messages MATCH '\"quagga\"' ORDER BY rowid"
        return found | {"quagga": list(conn.execute(quagga))}


async def tables(url: str) -> int:
    db = Database(url)
    async with db.reader.connect() as conn:
        found = await conn.execute(text("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"))
        number = int(found.scalar_one())
    await db.close()
    return number


def test_there_and_back_nothing_is_lost(tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(move, "PAGE", 2)
    before = rows(file(tmp_path))
    assert len(before["quagga"]) == 5
    code, said = run("move", JACKFIELD_MOVE_TO=postgres_url)
    assert code == 0, said
    assert "each was read on both sides and is the same" in said
    assert not file(tmp_path).exists(), "no server starts on it by accident"
    assert rows(tmp_path / "data" / "jackfield.db.moved") == before

    async def look(core: Core) -> int:
        people = (await core.contacts.list(1)).items
        assert sorted(one.name for one in people) == [f"Étienne {number}" for number in range(5)]
        found = (await core.channels.list(1))[0]
        assert core.channels.config_of(found).model_dump()["access_token"].get_secret_value() == "sealed-token"
        new = await core.contacts.create(1, name="New", phone="628140000000")
        await core.contacts.delete(1, new.id)
        return int(new.id)

    monkeypatch.setenv("JACKFIELD_DATABASE_URL", postgres_url)
    assert on_core(look) == 7, "an id that was used up before the move is not given again"
    code, said = run("move", "--to", "sqlite", "--json")
    assert code == 0, said
    assert {"name": "contacts", "rows": 5} in json.loads(said)
    monkeypatch.delenv("JACKFIELD_DATABASE_URL")
    after = rows(file(tmp_path))
    told = {"events", "audit_entries", "sqlite_sequence", "name_changes"}
    assert {name for name in before if before[name] != after.get(name)} <= told
    assert after["quagga"] == before["quagga"]
    assert dict(after["sqlite_sequence"])["contacts"] == 7


def test_what_is_in_the_way_is_said_and_nothing_is_written(tmp_path: Path, postgres_url: str) -> None:
    for words, why in (
        (("--to", "sqlite"), "SQLite already"),
        (("--to", "mysql://x"), "write postgresql://"),
        (("--to", "postgresql://u:secret-word@host/x?frobnicate=1"), "frobnicate"),
    ):
        code, said = run("move", *words)
        assert code == 1, said
        assert why in said
        assert "secret-word" not in said
    lock = lock_data_dir(tmp_path / "data")
    assert lock is not None
    with lock:
        assert "Stop it first" in run("move", JACKFIELD_MOVE_TO=postgres_url)[1]
    with closing(sqlite3.connect(file(tmp_path))) as conn, conn:
        conn.execute("UPDATE contacts SET name = 'a' || char(0) || 'b' WHERE id = 3")
    code, said = run("move", JACKFIELD_MOVE_TO=postgres_url)
    assert code == 1
    assert "contacts 3: name holds a NUL character" in said
    assert asyncio.run(tables(postgres_url)) == 0
    assert file(tmp_path).exists()


def test_a_database_that_is_in_use_or_not_empty_is_left_alone(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def beside(url: str) -> tuple[int, str]:
        db = Database(url, name="jackfield/0001")
        async with db.reader.connect():
            done = await asyncio.to_thread(run, "move", "--to", url)
        await db.close()
        return done

    code, said = asyncio.run(beside(postgres_url))
    assert (code, "stop them first" in said) == (1, True), said
    assert run("move", JACKFIELD_MOVE_TO=postgres_url)[0] == 0
    monkeypatch.setenv("JACKFIELD_DATABASE_URL", postgres_url)
    code, said = run("move", "--to", postgres_url)
    assert (code, "not empty" in said) == (1, True), said
    assert asyncio.run(tables(postgres_url)) > 60


def test_a_row_that_differs_ends_the_move(tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = move._set_last_ids

    async def then_changed(target: Database, lasts: dict[str, int]) -> None:
        await copied(target, lasts)
        async with target.writer.begin() as conn:
            await conn.execute(text("UPDATE tags SET name = 'Somebody' WHERE id = 1"))

    monkeypatch.setattr(move, "_set_last_ids", then_changed)
    code, said = run("move", JACKFIELD_MOVE_TO=postgres_url)
    assert code == 1
    assert "tags 1 is not the same after the move" in said
    assert "Somebody" not in said
    assert asyncio.run(tables(postgres_url)) == 0
    assert file(tmp_path).exists()
