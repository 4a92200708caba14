"""`jackfield secrets rotate`, with the key in the data folder and in the environment."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner

from jackfield.cli import app
from jackfield.core import Core
from jackfield.server.startup import lock_data_dir, open_core
from jackfield.settings import Settings

OLD, NEW = "the old key, long enough to be one", "the new key, long enough to be one"


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.fixture
def data(tmp_path: Path, migrated_sqlite: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a migrated database, which the commands here work on."""
    for name in [one for one in os.environ if one.startswith("JACKFIELD_SECRET")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("JACKFIELD_DATA_DIR", str(tmp_path))
    return tmp_path


def on_core(work: Any) -> Any:
    """Run something on the configured database."""

    async def run() -> Any:
        core = open_core(Settings())
        try:
            return await work(core)
        finally:
            await core.close()

    return asyncio.run(run())


async def begin(core: Core) -> str:
    await core.sealing.check()
    made = await core.accounts.bootstrap("Test", "owner@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    return made.api_key


async def shown(core: Core) -> str:
    await core.sealing.check(adopt=False)
    return await core.accounts.reveal(1, 1)


def rotate() -> tuple[int, str]:
    done = CliRunner().invoke(app, ["secrets", "rotate"])
    # The command logs to the runner's standard error, which is closed now.
    structlog.reset_defaults()
    return done.exit_code, done.output


def test_the_key_in_the_data_folder(data: Path) -> None:
    key = on_core(begin)
    before = (data / "secret.key").read_text()
    lock = lock_data_dir(data)
    assert lock is not None
    code, said = rotate()
    assert (code, "Stop it, then run this again" in said) == (1, True), said
    lock.close()
    assert (data / "secret.key").read_text() == before

    code, said = rotate()
    assert code == 0, said
    after = (data / "secret.key").read_text()
    assert len(after.splitlines()) == 1
    assert after != before
    assert on_core(shown) == key
    (data / "secret.key").write_text(before)
    code, said = rotate()
    assert (code, "sealed with another secret key" in said) == (1, True), said


def test_a_change_that_was_cut_off_goes_on(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = on_core(begin)

    async def cut(*_: Any) -> int:
        raise OSError(5, "the power is gone")

    with monkeypatch.context() as patch:
        patch.setattr("jackfield.core.ground.sealing.Sealing.reseal", cut)
        assert rotate()[0] == 1
    both = (data / "secret.key").read_text().splitlines()
    assert len(both) == 2
    assert on_core(shown) == key, "a server that starts in between reads everything"
    code, said = rotate()
    assert (code, "it goes on" in said) == (0, True), said
    assert (data / "secret.key").read_text().splitlines() == both[:1]
    assert on_core(shown) == key


def test_the_key_in_the_environment(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACKFIELD_SECRET_KEY", OLD)
    key = on_core(begin)
    monkeypatch.setenv("JACKFIELD_SECRET_KEY", NEW)
    code, said = rotate()
    assert (code, "JACKFIELD_SECRET_KEY_OLD to the old one" in said) == (1, True), said
    monkeypatch.setenv("JACKFIELD_SECRET_KEY_OLD", NEW)
    assert "are the same key" in rotate()[1]
    monkeypatch.setenv("JACKFIELD_SECRET_KEY_OLD", OLD)
    lock = lock_data_dir(data)
    assert lock is not None
    code, said = rotate()
    assert (code, "does not know the new key" in said) == (1, True), said

    async def start(core: Core) -> None:
        await core.migrate(adopt_key=True)

    on_core(start)  # as a server does that was restarted with both keys
    code, said = rotate()
    assert (code, "take JACKFIELD_SECRET_KEY_OLD away" in said) == (0, True), said
    lock.close()
    monkeypatch.delenv("JACKFIELD_SECRET_KEY_OLD")
    assert on_core(shown) == key
