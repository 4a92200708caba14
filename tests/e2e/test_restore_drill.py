"""The drill: a busy server is backed up, its machine is lost, and the backup brings everything back; nothing goes out until a
person lets it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner

from jackfield.cli import _common, app
from jackfield.core.backups import sealed
from jackfield.testing.server import JackfieldServer, running_server, until

PASSPHRASE = "the passphrase of the drill"
PEOPLE = [("628120000001", "Asha"), ("628120000002", "Budi"), ("628120000003", "Citra")]
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 2000
FAR = "2031-01-01T09:00:00Z"
DEVICE = "channels/1/whatsapp_web/device.db"


@pytest.fixture(autouse=True)
def _around(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = os.umask(0o077)
    for name in [one for one in os.environ if one.startswith("JACKFIELD_") and "TEST" not in one]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("JACKFIELD_BACKUP_PASSPHRASE", PASSPHRASE)
    monkeypatch.setattr(_common.out, "_width", 200)
    monkeypatch.setattr(sealed, "COST", 2**4)
    yield
    os.umask(before)


def command(data_dir: Path, database_url: str, *words: str) -> tuple[int, str]:
    """A command on an installation, in another process than its server."""
    env = {"JACKFIELD_DATA_DIR": str(data_dir), "JACKFIELD_DATABASE_URL": database_url}
    done = CliRunner().invoke(app, list(words), env=env)
    structlog.reset_defaults()
    return done.exit_code, done.output


def _made(path: Path) -> Path:
    """A path whose folder is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def every(server: JackfieldServer, path: str) -> dict[str, Any]:
    """All rows of a list, by id."""
    rows: dict[str, Any] = {}
    cursor = ""
    while True:
        answer = server.api("GET", f"{path}?limit=100{cursor}").json
        rows |= {str(one["id"]): one for one in answer["data"]}
        if answer["meta"]["cursor"] is None:
            return rows
        cursor = f"&cursor={answer['meta']['cursor']}"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_drill(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    old_url = "" if kind == "sqlite" else str(request.getfixturevalue("postgres_url"))
    new_url = "" if kind == "sqlite" else str(request.getfixturevalue("second_postgres_url"))
    old, new, backup = tmp_path / "old", tmp_path / "new", tmp_path / "night.backup"
    with running_server(old, {"JACKFIELD_DATABASE_URL": old_url}) as server, ExitStack() as stack:
        for phone, name in PEOPLE:
            assert server.api("POST", "/contacts", json={"phone": phone, "firstName": name}).status in (200, 201)
        body = (
            b'--XyZ\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n%b\r\n--XyZ--\r\n' % PICTURE
        )
        headers = {"Content-Type": "multipart/form-data; boundary=XyZ"}
        picture = server.api("POST", "/media", body=body, headers=headers).data["id"]
        for phone, _ in PEOPLE:
            done = server.api("POST", "/messages/text", json={"to": phone, "text": "Before"}).data["id"]
            server.message(done, "sent", "delivered", "read")
        later = server.api(
            "POST", "/messages/text", json={"to": PEOPLE[0][0], "text": "Later", "scheduledAt": FAR}
        ).data["id"]
        messages = [{"chatId": f"62813{i:08d}", "type": "text", "content": {"text": "Campaign"}} for i in range(200)]
        batch = {"profileId": "1", "messages": messages, "options": {"delayBetweenMessages": 1000}}
        campaign = server.api("POST", "/bulk/send", json=batch).data["batchId"]
        until(lambda: server.api("GET", f"/campaigns/{campaign}").data["counts"]["queued"] < 200, what="it runs")
        # A channel of a paired phone has a database of its own, which its owner has open.
        device = stack.enter_context(closing(sqlite3.connect(_made(old / DEVICE))))
        device.execute("PRAGMA journal_mode=WAL")
        device.execute("CREATE TABLE keys (name TEXT)")
        device.execute("INSERT INTO keys VALUES ('the key of the device')")
        device.commit()
        contacts = every(server, "/contacts")

        code, said = command(old, old_url, "backup", str(backup), "--json")

        assert code == 0, said
        facts = json.loads(said)
        assert facts["counts"]["contacts"] == len(contacts)
        assert backup.stat().st_mode & 0o777 == 0o600
        assert PICTURE[:64] not in backup.read_bytes()
        lost = server.api("POST", "/messages/text", json={"to": PEOPLE[1][0], "text": "After"}).data["id"]
        known = every(server, "/messages")
        # The machine is gone.
        server.kill()
    shutil.rmtree(old)

    code, said = command(new, new_url, "restore", str(backup))
    assert code == 0, said
    assert f"jackfield campaign resume {campaign}" in said
    with closing(sqlite3.connect(new / DEVICE)) as device:
        assert device.execute("SELECT name FROM keys").fetchall() == [("the key of the device",)]
    assert "Single messages held: 1 (1 scheduled)" in said
    code, said = command(new, new_url, "held", "list", "--json")
    assert [(one["id"], one["to"], one["state"]) for one in json.loads(said)["messages"]] == [
        (int(later), PEOPLE[0][0], "scheduled")
    ]

    with running_server(new, {"JACKFIELD_DATABASE_URL": new_url}) as server:
        assert every(server, "/contacts").keys() == contacts.keys()
        restored = every(server, "/messages")
        assert lost not in restored
        assert len(restored) == facts["counts"]["messages"]
        assert {id_: one["to"] for id_, one in restored.items()} == {id_: known[id_]["to"] for id_ in restored}
        link = server.api("GET", f"/media/{picture}/download")
        assert link.body == PICTURE
        shown = server.api("GET", f"/campaigns/{campaign}").data
        assert shown["status"] == "paused"
        assert "restored from the backup" in shown["pauseReason"]
        # What goes out is what is sent now, and nothing else.
        for turn in range(3):
            sent = server.api("POST", "/messages/text", json={"to": "628999000999", "text": f"Turn {turn}"}).data["id"]
            server.message(sent, "sent", "delivered", "read")
        assert {one["to"] for one in server.outbox()} == {"628999000999"}
        # A person lets it go.
        assert command(new, new_url, "held", "release", later)[0] == 0
        assert command(new, new_url, "held", "list", "--json")[1].count('"total": 0') == 1
        assert server.api("GET", f"/messages/{later}").data.get("error") is None
        assert command(new, new_url, "campaign", "resume", campaign)[0] == 0
        until(
            lambda: any(one["to"].startswith("62813") for one in server.outbox()),
            what="the campaign goes on",
        )
        assert server.api("GET", f"/messages/{later}").data["status"] == "scheduled", "its time has not come"
