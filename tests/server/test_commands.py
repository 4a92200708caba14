"""Commands of the operator on the configured database: second factors, personal data, what came in and was not applied,
what is wrong with the installation."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyotp
import pytest
import structlog
from typer.testing import CliRunner

from jackfield.cli import _common, app, serving
from jackfield.cli.doctor import _archive
from jackfield.core import ArchiveStatus, Core, Unauthenticated, now_ms
from jackfield.core.port import MessageEdited
from jackfield.core.port.content import Text
from jackfield.core.privacy.archive import Due
from jackfield.server.startup import open_core
from jackfield.settings import Settings

EMAIL, PASSWORD = "owner@example.com", "correct horse battery"


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.fixture
def data(tmp_path: Path, migrated_sqlite: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a workspace, its owner and a profile, which the commands here work on."""
    for name in [one for one in os.environ if one.startswith("JACKFIELD_") and "TEST" not in one]:
        monkeypatch.delenv(name)
    # Tables are as wide as they want to be.
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("JACKFIELD_DATA_DIR", str(tmp_path))
    # Read from the environment once, by whichever test imports it first.
    monkeypatch.setattr(_common.out, "_width", 200)

    async def begin(core: Core) -> None:
        await core.accounts.bootstrap("Test", EMAIL, PASSWORD, "test-key-0123456789")
        await core.channels.create(1, name="Line", engine="simulator")

    on_core(begin)
    return tmp_path


def on_core(work: Any) -> Any:
    """Run something on the configured database."""

    async def run() -> Any:
        async with open_core(Settings()) as core:
            await core.migrate()
            return await work(core)

    return asyncio.run(run())


def run(*words: str, answer: str | None = None) -> tuple[int, str]:
    """Exit code and output of a command."""
    done = CliRunner().invoke(app, list(words), input=answer)
    # The command logs to the runner's standard error, which is closed now.
    structlog.reset_defaults()
    return done.exit_code, done.output


def test_an_owners_lost_second_factor_is_removed(data: Path) -> None:
    async def enrol(core: Core) -> None:
        _, token = await core.accounts.login(EMAIL, PASSWORD)
        who = await core.accounts.authenticate_token(token)
        made = await core.accounts.enrol_second_factor(who, PASSWORD)
        await core.accounts.confirm_second_factor(who, pyotp.TOTP(made.secret).at(time.time()))

    async def log_in(core: Core) -> list[str]:
        await core.accounts.login(EMAIL, PASSWORD)
        return [one.actor for one in (await core.audit.list(1, action="second_factor.removed")).items]

    on_core(enrol)
    assert run("member", "remove-second-factor", EMAIL, answer="n\n")[0] == 1
    code, said = run("member", "remove-second-factor", "nobody@example.com", "--yes")
    assert (code, "Nobody logs in" in said) == (1, True), said
    code, said = run("member", "remove-second-factor", EMAIL, "--yes")
    assert (code, "logs in with the password alone now" in said) == (0, True), said
    assert on_core(log_in) == ["system"]
    code, said = run("member", "remove-second-factor", EMAIL, "--yes")
    assert (code, "has no second factor" in said) == (0, True), said


def test_an_owners_lost_password_is_replaced(data: Path) -> None:
    async def old(core: Core) -> str:
        return (await core.accounts.login(EMAIL, PASSWORD))[1]

    async def new(core: Core) -> list[tuple[str, Any]]:
        with pytest.raises(Unauthenticated):
            await core.accounts.login(EMAIL, PASSWORD)
        await core.accounts.login(EMAIL, "quiet harbour lantern 42")
        with pytest.raises(Unauthenticated):
            await core.accounts.authenticate_token(token)
        return [(one.actor, one.data) for one in (await core.audit.list(1, action="member.password_changed")).items]

    token = on_core(old)
    code, said = run("member", "set-password", EMAIL)
    assert (code, "The password is missing: name a file" in said) == (1, True), said
    code, said = run("member", "set-password", EMAIL, "--password-file", str(data / "none"))
    assert (code, "cannot be read" in said) == (1, True), said
    code, said = run("member", "set-password", EMAIL, "--password-file", "-", answer="short\n")
    assert (code, "password" in said) == (1, True), said
    strong = "quiet harbour lantern 42\n"
    code, said = run("member", "set-password", "nobody@example.com", "--password-file", "-", answer=strong)
    assert (code, "Nobody logs in with this e-mail address." in said) == (1, True), said
    file = data / "password"
    file.write_text(strong)
    code, said = run("member", "set-password", f" {EMAIL.upper()}", "--password-file", str(file))
    assert (code, f"{EMAIL} logs in with the new password now" in said) == (0, True), said
    assert "harbour" not in said
    assert on_core(new) == [("system", {"via": "command line"})]


def test_personal_data_is_shown_written_and_erased(data: Path) -> None:
    async def meet(core: Core) -> int:
        return (await core.contacts.create(1, name="Asha Zebrafink", phone="+919876543210")).id

    contact = str(on_core(meet))
    code, said = run("contacts", "personal-data", contact)
    assert (code, json.loads(said)["contact"][0]["name"]) == (0, "Asha Zebrafink")
    file = data / "asha.json"
    code, said = run("contacts", "personal-data", contact, "--output", str(file))
    assert (code, f"Written to {file}." in said) == (0, True), said
    assert json.loads(file.read_text())["contact"][0]["name"] == "Asha Zebrafink"
    assert file.stat().st_mode & 0o777 == 0o600
    assert run("contacts", "personal-data", "77")[0] == 1

    assert run("contacts", "erase", contact, answer="n\n")[0] == 1
    code, said = run("contacts", "erase", contact, answer="y\n")
    assert (code, "Erased: " in said) == (0, True), said
    assert run("contacts", "personal-data", contact)[0] == 1
    code, said = run("contacts", "erase", contact, "--yes")
    assert (code, "not found" in said) == (1, True), said


def test_what_came_in_and_was_not_applied_is_shown_and_replayed(data: Path) -> None:
    async def edit(core: Core) -> None:
        """A change of a message that has not come yet."""
        change = MessageEdited(
            provider_id="m-1", chat="919876543210", content=Text(text="new"), timestamp=1_700_000_000_000
        )
        await core.intake.ingest(1, 1, "simulator", [change])

    assert "Nothing: all that came in was applied." in run("inbound", "problems")[1]
    on_core(edit)
    (row,) = json.loads(run("inbound", "problems", "--json")[1])
    assert row["reason"] == "waits_for_original"
    table = run("inbound", "problems", "--channel", "1")[1]
    assert "waits_for_original" in table
    assert "Nothing" in run("inbound", "problems", "--reason", "unreadable")[1]
    code, said = run("inbound", "problems", "--reason", "nonsense")
    assert (code, "--reason: use one of" in said) == (1, True), said

    code, said = run("inbound", "replay", str(row["id"]))
    assert (code, "is still open" in said) == (0, True), said
    code, said = run("inbound", "replay", "--all")
    assert (code, "1 replayed, 0 applied, 1 still open." in said) == (0, True), said
    for wrong in ((), ("1", "--all")):
        assert run("inbound", "replay", *wrong)[0] == 2
    assert run("inbound", "replay", "77")[0] == 1


def examined(status: int) -> dict[str, dict[str, Any]]:
    """What `doctor` finds, by what it looked at."""
    code, said = run("doctor", "--json")
    assert code == status, said
    # Warnings of the log come before it on the runner's one output.
    return {one["check"]: one for one in json.loads(said[said.index("{\n") :])["findings"]}


def test_the_doctor_finds_nothing_wrong_with_a_right_installation(data: Path) -> None:
    found = examined(0)
    assert {one["state"] for name, one in found.items() if name not in ("server", "disk")} == {"ok"}
    assert found["server"]["remedy"] == "Start it with `jackfield serve`."
    assert found["channel 1 (simulator)"]["text"] == "It is switched off."
    code, said = run("doctor")
    assert (code, "Start it with `jackfield serve`." in said) == (0, True), said
    assert run("--url", "http://127.0.0.1:1", "doctor")[0] == 2


def test_the_doctor_names_what_is_wrong_with_the_remedy(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(core: Core) -> None:
        await core.channels.connect(1, 1)

    on_core(fail)
    assert examined(0)["channel 1 (simulator)"]["state"] == "warning"
    (data / "jackfield.db").chmod(0o644)
    assert "jackfield.db" in examined(0)["permissions"]["text"]
    assert examined(0)["permissions"]["state"] == "ok", "closed by the command before"
    monkeypatch.setenv("JACKFIELD_PUBLIC_URL", "http://messages.example.com")
    assert examined(0)["public address"]["state"] == "warning"
    later = time.time() + 3600
    os.utime(data / "secret.key", (later, later))
    assert "clock is behind" in examined(1)["clock"]["text"]
    os.utime(data / "secret.key")

    kept = (data / "secret.key").read_text()
    (data / "secret.key").write_text("another key, long enough to be one\n")
    assert examined(1)["secret key"]["state"] == "problem"
    (data / "secret.key").unlink()
    assert "There is no secret key" in examined(1)["set-up"]["text"]
    assert not (data / "secret.key").exists(), "it makes none"
    (data / "secret.key").write_text(kept)
    (data / "jackfield.db").write_bytes(b"")
    assert examined(1)["database"]["text"] == "The database is empty."
    (data / "jackfield.db").write_bytes(b"not a database" * 1000)
    assert "does not answer" in examined(1)["database"]["text"]


def test_the_doctor_refuses_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACKFIELD_DATA_DIR", str(tmp_path / "none"))
    monkeypatch.delenv("JACKFIELD_DATABASE_URL", raising=False)
    assert "There is no Jackfield in" in examined(1)["set-up"]["text"]
    assert not (tmp_path / "none").exists()


def test_what_a_server_has_loaded_is_out_of_the_collectors_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[str, tuple[int, ...]]] = []
    for name in ("collect", "freeze", "set_threshold"):
        monkeypatch.setattr(gc, name, lambda *args, name=name: calls.append((name, args)))
    serving.settle_memory()
    assert [name for name, _ in calls] == ["collect", "freeze", "set_threshold"], "garbage is not frozen"
    assert calls[-1][1][0] > 700


def test_the_doctor_tells_of_an_archive_that_is_late() -> None:
    due = Due(messages=3, oldest=now_ms() - 100 * 86_400_000)
    status = ArchiveStatus(after_days=0, own_days=None, messages=0, oldest=None, newest=None, due=Due())
    assert _archive(1, status) is None, "nothing is archived"
    fine = _archive(1, msgspec.structs.replace(status, after_days=99, due=due))
    late = _archive(1, msgspec.structs.replace(status, after_days=60, due=due))
    assert fine is not None
    assert late is not None
    assert (fine.state, late.state) == ("ok", "warning")
    assert "3 messages" in late.text
