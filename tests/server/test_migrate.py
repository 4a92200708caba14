"""`jackfield migrate`: what it says, what it does, and with which status it ends."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from jackfield.cli import app
from jackfield.migrations import chain, head
from jackfield.server.startup_error import StartupError

from ..migrations.test_steps import LAST, NEXT, next_version

__all__ = ["next_version"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a migrated database."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    shutil.copy(sqlite_template, data / "jackfield.db")
    (data / "jackfield.db").chmod(0o600)
    monkeypatch.setenv("JACKFIELD_DATA_DIR", str(data))
    monkeypatch.setenv("JACKFIELD_SECRET_KEY", "secret key of the tests, long enough")
    return data


def run(*words: str) -> tuple[int, str]:
    """A command in this process: its status and what it said."""
    done = CliRunner().invoke(app, [*words])
    # `serve` writes its log to what CliRunner then closes.
    structlog.reset_defaults()
    assert done.exception is None or isinstance(done.exception, SystemExit | StartupError), done.exception
    return done.exit_code, done.output


def test_nothing_to_do(folder: Path) -> None:
    assert run("migrate", "--check") == (0, f"The schema is at {head()}: nothing to do.\n")
    assert json.loads(run("migrate", "--check", "--json")[1])["state"] == "current"


def test_what_waits_is_named_with_what_older_servers_bear(folder: Path, next_version: pytest.MonkeyPatch) -> None:
    before = chain.steps()[-3].revision
    code, said = run("migrate", "--check")
    assert code == 1
    assert said == (
        f"The schema is at {before}, this version ends with {LAST}.\n"
        "2 steps wait:\n"
        f"  {NEXT}  A column more: may run while servers of the release before work\n"
        f"  {LAST}  An index less: after all older servers have stopped; this version works without it\n"
        "Run `jackfield migrate --pre`, replace the servers one by one, and when the last older one has stopped run"
        " `jackfield migrate`.\n"
    )
    code, said = run("migrate", "--check", "--json")
    told = json.loads(said)
    assert (code, told["state"], told["usable"]) == (1, "behind", False)
    assert (told["safeBesideOlder"], told["connectionsOfOlder"]) == ([NEXT], 0)
    assert [step["kind"] for step in told["steps"]] == ["pre", "post"]


def test_the_two_goes_of_a_rolling_upgrade(folder: Path, next_version: pytest.MonkeyPatch) -> None:
    code, said = run("migrate", "--pre")
    assert code == 0
    assert f"and is at {NEXT}." in said
    assert f"1 step waits:\n  {LAST}" in said
    code, said = run("migrate", "--check")
    assert code == 1
    assert "Servers of this version work already" in said
    code, said = run("doctor")
    # The table breaks its lines where the terminal ends.
    told = " ".join(said.replace("│", " ").split())
    assert f"steps wait until no older server works any more: {LAST}" in told
    assert run("migrate") == (0, f"The schema was at {NEXT} and is at {LAST}.\n")
    assert run("migrate", "--check")[0] == 0


def test_a_newer_schema(folder: Path, next_version: pytest.MonkeyPatch) -> None:
    assert run("migrate", "--pre")[0] == 0
    next_version.undo()
    code, said = run("migrate", "--check")
    assert (code, "works with it, beside the newer one" in said) == (3, True)
    with closing(sqlite3.connect(folder / "jackfield.db")) as rows, rows:
        rows.execute("UPDATE schema_facts SET revision = ?", (LAST,))
    code, said = run("migrate", "--check")
    assert (code, "cannot work with it: install the newer one" in said) == (3, True)
    code, said = run("migrate")
    assert (code, "was migrated by a newer version of Jackfield" in said) == (1, True)


def test_a_server_that_may_not_migrate_says_what_it_needs(
    folder: Path, next_version: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JACKFIELD_MIGRATE", "none")
    monkeypatch.setenv("JACKFIELD_PORT", "0")
    code, said = run("serve")
    assert code == 1
    assert f"this version needs {NEXT}: run `jackfield migrate --pre`" in said


def test_without_a_database_the_check_makes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACKFIELD_DATA_DIR", str(tmp_path / "nothing"))
    code, said = run("migrate", "--check")
    assert (code, "There is no database yet." in said) == (1, True)
    assert not (tmp_path / "nothing").exists()


def test_wrong_use_is_refused(folder: Path) -> None:
    assert run("migrate", "--check", "--pre")[0] == 2
    assert run("migrate", "--json")[0] == 2
