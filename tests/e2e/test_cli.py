"""The command line as programs and people use it: every command, its JSON, its errors; with and without a server."""

from __future__ import annotations

import csv
import inspect
import json
import os
import shutil
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from jackfield.cli import COMMANDS, app, walk
from jackfield.testing.server import JackfieldServer, until

from .cli_shell import Shell
from .conftest import Profile

CONTACTS = """Name,Telefon,Mail
Asha,+91 98765 43210,asha@example.com
Budi,0812-3456-7890,budi@example.com
Nobody,not a number,
Asha again,+919876543210,asha2@example.com
"""


# -- without a server ----------------------------------------------------------------------------------


def test_help_of_every_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACKFIELD_DATA_DIR", str(tmp_path / "data"))
    found = [words for words, _ in walk(typer.main.get_command(app))]
    assert len(found) >= 20
    for words in found:
        ended = CliRunner().invoke(app, [*words, "--help"])
        assert ended.exit_code == 0, (words, ended)
        assert "Usage:" in ended.output
        assert all(name in ended.output for name in (w[-1] for w in found if w[:-1] == words and w != words)), words
    assert not (tmp_path / "data").exists(), "help touches nothing"


def test_the_table_of_commands_says_what_they_say() -> None:
    for name, entry in COMMANDS.items():
        said = inspect.cleandoc(entry.load(name).help).split("\n\n")[0]
        assert " ".join(said.split()) == entry.help, name


def test_help_and_version_import_no_command() -> None:
    """They cost 0.1 s of CPU, not 2.5 s; a shell asks with every Tab."""
    code = (
        "import sys; from jackfield.cli import app; app(sys.argv[1:], standalone_mode=False); "
        "print(*(name for name in ('jackfield.core', 'jackfield.client', 'sqlalchemy') if name in sys.modules))"
    )
    for option in ("--help", "--version"):
        done = subprocess.run([sys.executable, "-c", code, option], capture_output=True, text=True, check=True)
        assert "Jackfield" in done.stdout
        assert done.stdout.splitlines()[-1].strip() == "", done.stdout


def test_commands_at_a_server_elsewhere_import_no_database() -> None:
    """`jackfield campaign list --url ...` costs half of what it cost with the core: 1.3 s of CPU for 3.0 s where the
    machine is busy, and 57 MB for 112 MB."""
    modules = sorted({entry.module for entry in COMMANDS.values() if not entry.here_only})
    assert "campaigns" in modules
    code = (
        "import sys; from importlib import import_module; "
        "[import_module(f'jackfield.cli.{name}') for name in sys.argv[1:]]; "
        "print(*(name for name in ('sqlalchemy', 'jackfield.dialects', 'jackfield.worker') if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, *modules], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_as_a_module(tmp_path: Path) -> None:
    """`python -m jackfield`, as the documentation writes it where nothing is installed on PATH."""
    env = {**os.environ, "JACKFIELD_DATA_DIR": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-m", "jackfield", "campaign", "show", "77"], env=env, capture_output=True, text=True
    )
    assert ended.returncode == 1
    assert f"There is no Jackfield in {tmp_path}: use --url, JACKFIELD_DATA_DIR or `jackfield init`." in ended.stderr
    assert "Traceback" not in ended.stderr


def test_migrate(empty: Shell) -> None:
    first = empty("migrate")
    assert first.status == 0
    assert "was at nothing" in first.out
    second = empty("migrate").out.split()
    assert second[4] == second[-1].rstrip("."), "already there"


def test_a_command_finds_an_installation_and_never_makes_one(empty: Shell, sqlite_template: Path) -> None:
    for words in (["channel", "list"], ["send", "6281234567890", "Hi"], ["secrets", "rotate"]):
        said = empty.refused(*words)
        assert f"There is no Jackfield in {empty.data_dir}" in said
        assert "jackfield init" in said
        assert not empty.data_dir.exists(), words
    empty.data_dir.mkdir()
    shutil.copy(sqlite_template, empty.data_dir / "jackfield.db")
    assert "There is no Jackfield in" in empty.refused("key", "list"), "a schema alone is no installation"
    (empty.data_dir / "jackfield.db").write_bytes(b"")
    assert "There is no Jackfield in" in empty.refused("key", "list"), "nor is an empty file"


def test_init_makes_an_installation_and_keeps_its_secrets_out_of_the_output(empty: Shell) -> None:
    made = empty("init", "--name", "Shop", "--email", "owner@example.com")
    assert made.status == 0, made
    file = empty.data_dir / "first-credentials.txt"
    assert str(file) in made.out
    assert file.stat().st_mode & 0o777 == 0o600
    owner, password, key = (line.partition(": ")[2] for line in file.read_text().splitlines())
    assert owner == "owner@example.com"
    assert key.startswith("jf_")
    assert not any(secret in made.out + made.err for secret in (password, key))
    assert [one["name"] for one in empty("key", "list", "--json").json] == ["First key"]
    assert empty("channel", "list", "--json").json == [], "no simulator unless it is asked for"
    assert "There is a Jackfield here already" in empty.refused("init")
    assert file.read_text().splitlines()[2].endswith(key), "nothing was made anew"


def test_init_repeats_nothing_that_was_chosen(empty: Shell) -> None:
    assert "e-mail" in empty.refused("init", "--email", "nobody").lower()
    chosen = {"JACKFIELD_OWNER_PASSWORD": "correct horse battery", "JACKFIELD_API_KEY": "test-key-0123456789"}
    made = empty("init", "--email", "owner@example.com", "--simulator", **chosen)
    assert made.status == 0, made
    assert not (empty.data_dir / "first-credentials.txt").exists()
    assert [one["engine"] for one in empty("channel", "list", "--json").json] == ["simulator"]


def test_keys(shell: Shell) -> None:
    made = shell("key", "create", "Shop", "--scope", "messages:write", "--days", "30", "--json").json
    assert made["key"].startswith("jf_")
    plain = shell("key", "create", "Other").out.strip()
    assert plain.startswith("jf_")
    assert plain != made["key"]
    listed = {key["name"]: key for key in shell("key", "list", "--json").json}
    assert listed.keys() == {"First key", "Shop", "Other"}
    assert listed["Shop"]["scopes"] == ["messages:write"]
    days = datetime.fromisoformat(listed["Shop"]["expiresAt"]) - datetime.now(UTC)
    assert timedelta(days=29) < days <= timedelta(days=30)
    table = shell("key", "list").out
    assert "Shop" in table
    assert made["key"] not in table + json.dumps(listed), "a list shows no secret"

    assert f"Key {made['id']} is revoked." in shell("key", "revoke", made["id"]).out
    assert {key["name"] for key in shell("key", "list", "--json").json} == {"First key", "Other"}
    gone = next(key for key in shell("key", "list", "--revoked", "--json").json if key["name"] == "Shop")
    assert gone["revokedAt"]
    shell.refused("key", "revoke", "999")
    assert "nonsense" in shell.refused("key", "create", "Bad", "--scope", "nonsense")
    shell.refused("key", "create", "Bad", "--channel", "999")
    shell.refused("key", "create", "Bad", "--days", "0", status=2)


def test_import(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(CONTACTS)
    refused = tmp_path / "refused.csv"
    mapping = ["--map", "name=Name", "--map", "phone=Telefon", "--map", "email=Mail"]
    report = shell(
        "import", str(file), *mapping, "--default-country", "ID", "--list", "Leads", "--refused", str(refused), "--json"
    ).json
    assert (report["created"], report["merged"], report["skipped"]) == (2, 1, 0)
    assert report["refusedTotal"] == 1
    assert report["refused"][0]["line"] == 4
    assert report["refused"][0]["value"] == "not a number"
    assert report["refused"][0]["reason"]
    with open(refused, newline="", encoding="utf-8-sig") as rows:
        assert [row["import: line"] for row in csv.DictReader(rows)] == ["4"]

    again = shell("import", str(file), *mapping, "--default-country", "ID", "--on-duplicate", "skip", "--json").json
    assert (again["created"], again["merged"], again["skipped"]) == (0, 0, 3)
    people = shell("import", str(file), "--default-country", "ID")
    assert people.status == 0
    assert "0 created, 3 merged, 0 skipped, 1 refused" in people.out
    assert "not a number" in people.out

    shell.refused("import", str(tmp_path / "missing.csv"), status=2)
    assert "FIELD=COLUMN" in shell.refused("import", str(file), "--map", "phone")
    assert "Fax" in shell.refused("import", str(file), "--map", "phone=Fax")
    assert "merge" in shell.refused("import", str(file), "--on-duplicate", "explode")
    assert "XX" in shell.refused("import", str(file), "--default-country", "XX")
    binary = tmp_path / "photo.xlsx"
    binary.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    shell.refused("import", str(binary))
    blank = tmp_path / "blank.csv"
    blank.write_text("")
    shell.refused("import", str(blank))


def test_channels(shell: Shell) -> None:
    assert [(one["id"], one["engine"]) for one in shell("channel", "list", "--json").json] == [("1", "simulator")]
    added = shell("channel", "add", "Shop", "--config", '{"autoScan": true}', "--alias", "shop", "--json").json
    assert added["engine"] == "simulator"
    paired = shell("channel", "pair", "shop")
    assert paired.status == 0
    assert paired.out.startswith("Connected as ")
    assert "channel pair" in shell("channel", "add", "Phone").out
    unscanned = shell("channel", "pair", "3", "--seconds", "1")
    assert unscanned.status == 1
    assert "Scan with WhatsApp" in unscanned.out
    assert any(block in unscanned.out for block in "█▀▄"), "the QR code is in the terminal"
    assert "was not scanned" in unscanned.err
    table = shell("channel", "list").out
    assert "Shop" in table
    assert "Phone" in table

    assert "telegraph" in shell.refused("channel", "add", "X", "--engine", "telegraph")
    shell.refused("channel", "add", "X", "--config", "{oops")
    shell.refused("channel", "add", "X", "--config", "[]")
    assert "autoScan" in shell.refused("channel", "add", "X", "--config", '{"autoScan": "perhaps"}')
    assert "shop" in shell.refused("channel", "add", "X", "--alias", "shop")
    shell.refused("channel", "add", " ")
    assert "channel list" in shell.refused("channel", "pair", "99")
    shell.refused("channel", "pair", "nobody's")


def test_send(shell: Shell) -> None:
    sent = shell("send", "+62 812-3456-7890", "Hello", "--json").json
    assert sent["to"] == "6281234567890"
    assert sent["status"] in ("sent", "delivered", "read")
    assert sent["providerId"]
    assert sent["simulated"] is True
    again = shell("send", "6281234567890", "Hello again").out
    assert "sent" in again
    assert "nothing left for a real phone" in again
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert shell("send", "6281234567890", "Later", "--at", later, "--json").json["status"] == "scheduled"
    assert "--at" in shell.refused("send", "6281234567890", "Later", "--at", "tomorrow")
    assert "country code" in shell.refused("send", "[/red]", "Hello")
    assert "channel list" in shell.refused("send", "6281234567890", "Hello", "--channel", "99")
    shell.refused("send", "6281234567890", "")
    shell("channel", "add", "Phone", "--alias", "phone")
    waiting = shell("send", "6281234567890", "Hello", "--channel", "phone", "--wait", "0.2")
    assert waiting.status == 0
    assert "queued" in waiting.out
    assert "connected" in waiting.out


def test_broadcast(people: Shell) -> None:
    sent = people("broadcast", "Hi {name}", "--list", "Friends", "--watch", "--json").json
    assert sent["status"] == "finished"
    assert sum(sent["counts"][state] for state in ("sent", "delivered", "read")) == 2
    shown = people("broadcast", "Hi", "--all", "--name", "Everyone [/bold]", "--watch")
    assert shown.status == 0
    assert "Everyone [/bold]: finished" in shown.out
    assert "Recipients" in shown.out
    assert "nothing left for a real phone" in shown.out
    waiting = people("broadcast", "Hi", "--all")
    assert waiting.status == 0
    assert "jackfield serve" in waiting.out, "nobody sends: it says so"
    assert "--list" in people.refused("broadcast", "Hi")
    people.refused("broadcast", "Hi", "--list", "Strangers")
    people.refused("broadcast", "Hi", "--tag", "nobody")
    people.refused("broadcast", "", "--all")
    assert "{nmae}" in people.refused("broadcast", "Hi {nmae}", "--all")
    assert "Nobody" in people.refused("broadcast", "Hi", "--group", "Nobody")
    seen = people("broadcast", "Hi {last_name}", "--list", "Friends", "--missing", "skip", "--dry-run", "--json").json
    assert (seen["contacts"], seen["missing"]) == (2, "skip")
    assert [one["name"] for one in seen["placeholders"]] == ["last_name"]
    dry = people("broadcast", "Hi {email}", "--list", "Friends", "--fallback", "email=x", "--dry-run")
    assert "Nothing was sent" in dry.out
    assert "{email}" in dry.out
    assert "NAME=TEXT" in people.refused("broadcast", "Hi", "--all", "--fallback", "email")


def test_campaigns(people: Shell) -> None:
    at = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    first = people("broadcast", "Hi {name}", "--all", "--name", "One [red]", "--json").json["id"]
    second = people("broadcast", "Hi", "--all", "--at", at, "--json").json
    assert second["status"] == "scheduled"
    listed = people("campaign", "list", "--json").json
    assert [(one["id"], one["status"]) for one in listed] == [(second["id"], "scheduled"), (first, "running")]
    assert len(people("campaign", "list", "--limit", "1", "--json").json) == 1
    assert "One [red]" in people("campaign", "list").out
    assert "paused" in people("campaign", "pause", first).out
    shown = people("campaign", "show", first, "--json").json
    assert (shown["status"], shown["pauseReason"], shown["failures"]) == ("paused", "by hand", [])
    assert "Paused: by hand" in people("campaign", "show", first).out
    assert "running" in people("campaign", "resume", first).out
    over = people("campaign", "show", first, "--watch", "--json").json
    assert over["status"] == "finished"
    # The simulator's own people may have been taken over meanwhile.
    assert sum(over["counts"].values()) >= 2
    assert "cancelled" in people("campaign", "cancel", second["id"]).out
    assert "cancelled" in people.refused("campaign", "resume", second["id"])
    for verb in ("show", "pause", "resume", "cancel"):
        assert "campaign list" in people.refused("campaign", verb, "99")
        people.refused("campaign", verb, "abc", status=2)
        people.refused("campaign", verb, "9" * 30, status=2)


def test_nothing_there_yet(shell: Shell) -> None:
    assert "broadcast" in shell("campaign", "list").out
    assert shell("campaign", "list", "--json").json == []
    shell.refused("key", "list", "--workspace", "99")
    shell.refused("campaign", "list", "--workspace", "9" * 30, status=2)


def test_what_stands_in_the_way_is_said(shell: Shell, tmp_path: Path) -> None:
    assert "JACKFIELD_PORT" in shell.refused("serve", status=2, JACKFIELD_PORT="many")
    assert "JACKFIELD_SIMULATOR_PEOPLE" in shell.refused("demo", status=2, JACKFIELD_SIMULATOR_PEOPLE="odd")
    shell.refused("key", "list", JACKFIELD_DATABASE_URL="mysql://root@localhost/x")
    assert "JACKFIELD_DATABASE_URL" in shell.refused(
        "migrate", JACKFIELD_DATABASE_URL="postgresql://nobody:secret-word@127.0.0.1:1/none"
    )
    for name in ("key", "channel", "campaign"):
        err = shell.refused(name, "list", JACKFIELD_DATABASE_URL="postgresql://nobody:secret-word@127.0.0.1:1/none")
        assert "secret-word" not in err
    file = tmp_path / "file"
    file.write_text("")
    shell.refused("key", "list", JACKFIELD_DATA_DIR=str(file))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "jackfield.db").write_bytes(b"this is no database" * 100)
    assert "database" in shell.refused("key", "list", JACKFIELD_DATA_DIR=str(tmp_path / "broken"))
    shell.refused("frobnicate", status=2)
    shell.refused("send", "6281234567890", status=2)
    shell.refused("simulator", "--people", "odd", status=2)
    shell.refused("simulator", "--delay-scale", "-1", status=2)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert "JACKFIELD_PORT" in shell.refused("serve", JACKFIELD_PORT=str(taken.getsockname()[1]))


# -- beside a running server ---------------------------------------------------------------------------


def test_commands_beside_a_server(beside: Shell, shared_server: JackfieldServer, tmp_path: Path) -> None:
    server = shared_server
    assert "Another Jackfield" in beside.refused("serve", JACKFIELD_PORT="0")

    sent = beside("send", "628111000111", "From the terminal", "--json").json
    assert sent["status"] in ("sent", "delivered", "read")
    assert server.outbox()[-1]["text"] == "From the terminal", "the server sent it"

    file = tmp_path / "people.csv"
    file.write_text("Name,Phone\n" + "".join(f"P{i},+62877{i:07d}\n" for i in range(200)))
    assert beside("import", str(file), "--list", "All", "--json").json["created"] == 200
    assert beside("broadcast", "Hello {name}", "--list", "All", "--watch", "--json").json["status"] == "finished"
    assert len({one["to"] for one in server.outbox()}) == 201

    server.api("PATCH", "/profiles/1", json={"pacing": {"rate": 40, "burst": 1}})
    until(lambda: server.api("GET", "/profiles/1").data["pacing"], what="the pace is set")
    running = beside("broadcast", "Hello {name}", "--list", "All", "--json").json["id"]
    until(lambda: server.api("GET", f"/campaigns/{running}").data["sent"] > 5, what="the server sends it")
    assert "paused" in beside("campaign", "pause", running).out
    profile = Profile(server, "1")
    profile.turns()
    before = profile.taken()
    turns = profile.turns()
    assert profile.taken() == before + turns, "once the pause is known nothing more goes out"
    assert beside("campaign", "show", running, "--json").json["counts"]["queued"] > 50
    assert "cancelled" in beside("campaign", "cancel", running).out
    assert "Waits" not in beside("campaign", "show", running).out
    server.api("PATCH", "/profiles/1", json={"pacing": {"dailyCap": 1}})
    waiting = beside("broadcast", "Hello {name}", "--list", "All", "--json").json["id"]
    until(lambda: server.api("GET", f"/campaigns/{waiting}/stats").data["held"], what="the cap is used up")
    held = beside("campaign", "show", waiting, "--json").json["held"]
    told = f"Waits until {held['until']}: The profile has sent its 1 messages for today (UTC)."
    assert told in " ".join(beside("campaign", "show", waiting).out.split())
    assert "cancelled" in beside("campaign", "cancel", waiting).out
    server.api("PATCH", "/profiles/1", json={"pacing": {}})

    added = beside("channel", "add", "Second", "--config", '{"autoScan": true}', "--json").json["id"]
    assert "Connected" in beside("channel", "pair", added).out
    listed = {one["id"]: one["status"] for one in beside("channel", "list", "--json").json}
    assert listed[added] == "connected"

    server.request("POST", f"/simulator/{added}/faults", json={"code": 131026, "kind": "reject"})
    failed = beside("send", "628111000222", "Hello", "--channel", added)
    assert failed.status == 1
    assert "131026" in failed.err
    assert "Check the number" in failed.err, "it says what to do"
    failed = beside("send", "628111000222", "Hello", "--channel", added, "--json")
    assert failed.status == 1
    assert json.loads(failed.out)["error"]["code"] == "131026"


def test_keys_beside_a_server(beside: Shell, shared_server: JackfieldServer) -> None:
    made = beside("key", "create", "Short-lived", "--json").json
    assert shared_server.api("GET", "/profiles", key=made["key"]).status == 200
    beside("key", "revoke", made["id"])
    until(lambda: shared_server.api("GET", "/profiles", key=made["key"]).status == 401, 5, "the key is refused")


# -- at a server elsewhere -----------------------------------------------------------------------------


def test_commands_at_a_server_elsewhere(afar: Shell, shared_server: JackfieldServer, tmp_path: Path) -> None:
    server = shared_server
    added = afar("channel", "add", "Afar", "--config", '{"autoScan": true}', "--alias", "afar", "--json").json
    assert added["engine"] == "simulator"
    assert afar("channel", "pair", "afar").out.startswith("Connected as ")
    phone = afar("channel", "add", "Phone afar", "--json").json["id"]
    unscanned = afar("channel", "pair", phone, "--seconds", "1")
    assert unscanned.status == 1
    assert any(block in unscanned.out for block in "█▀▄"), "the QR code is in the terminal"
    assert "was not scanned" in unscanned.err
    states = {one["id"]: one["status"] for one in afar("channel", "list", "--json").json}
    assert (states[added["id"]], states[phone]) == ("connected", "pairing")

    sent = afar("send", "+62 811-000-999", "From afar", "--channel", "afar", "--json").json
    assert sent["to"] == "62811000999"
    assert sent["status"] in ("sent", "delivered", "read")
    assert server.outbox(added["id"])[-1]["text"] == "From afar"
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert afar("send", "62811000999", "Later", "--at", later, "--json").json["status"] == "scheduled"
    server.request("POST", f"/simulator/{added['id']}/faults", json={"code": 131026, "kind": "reject"})
    failed = afar("send", "628111000222", "Hello", "--channel", "afar")
    assert failed.status == 1
    assert "131026" in failed.err
    assert "Check the number" in failed.err, "it says what to do"
    server.request("POST", f"/simulator/{added['id']}/faults", json={})

    file, refused = tmp_path / "people.csv", tmp_path / "refused.csv"
    file.write_text("Name,Phone\n" + "".join(f"Q{i},+62866{i:07d}\n" for i in range(50)) + "Nobody,none\n")
    report = afar("import", str(file), "--list", "Afar", "--refused", str(refused), "--json").json
    assert (report["created"], report["refusedTotal"]) == (50, 1)
    with open(refused, newline="", encoding="utf-8-sig") as rows:
        assert [row["import: line"] for row in csv.DictReader(rows)] == ["52"]
    assert "0 created, 50 merged, 0 skipped, 1 refused" in afar("import", str(file)).out

    over = afar("broadcast", "Hi {name}", "--list", "Afar", "--channel", "afar", "--watch", "--json").json
    assert over["status"] == "finished"
    assert sum(over["counts"].values()) == 50
    assert over["id"] in {one["id"] for one in afar("campaign", "list", "--limit", "1", "--json").json}
    shown = afar("campaign", "show", over["id"], "--json").json
    assert (shown["status"], shown["failures"]) == ("finished", [])
    at = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    waiting = afar("broadcast", "Hi", "--list", "Afar", "--channel", "afar", "--at", at, "--json").json["id"]
    assert "cancelled" in afar("campaign", "cancel", waiting).out
    afar.refused("broadcast", "Hi", "--list", "Strangers")
    assert "campaign list" in afar.refused("campaign", "pause", "999999")
    assert "channel list" in afar.refused("send", "62811000999", "Hello", "--channel", "nobody's")
    assert "country code" in afar.refused("send", "[/red]", "Hello")

    made = afar("key", "create", "From afar", "--scope", "messages:write", "--days", "3", "--json").json
    assert made["key"].startswith("jf_")
    assert made["id"] in {key["id"] for key in afar("key", "list", "--json").json}
    assert made["key"] not in afar("key", "list").out
    assert "campaigns:read" in afar.refused("campaign", "list", JACKFIELD_API_KEY=made["key"])
    assert "revoked" in afar("key", "revoke", made["id"]).out
    assert made["key"] not in afar.refused("channel", "list", JACKFIELD_API_KEY=made["key"])
    assert not afar.data_dir.exists(), "nothing was made here"


def test_how_a_server_is_named(empty: Shell, shared_server: JackfieldServer) -> None:
    url, key = shared_server.url, shared_server.key
    assert empty("channel", "list", "--url", url, "--key", key, "--json").json
    assert empty("--url", url + "/api", "--key", key, "channel", "list", "--json").json
    assert "--key" in empty.refused("channel", "list", "--url", url, status=2)
    assert "address" in empty.refused("channel", "list", "--url", "example.com", "--key", key, status=2)
    assert "--url" in empty.refused("--key", key, "channel", "list", status=2)
    assert "--workspace" in empty.refused("channel", "list", "--url", url, "--key", key, "--workspace", "1", status=2)
    assert "only" in empty.refused("--url", url, "migrate", status=2)
    wrong = empty.refused("channel", "list", "--url", url, "--key", "jf_wrong")
    assert "jf_wrong" not in wrong
    assert "JACKFIELD_API_KEY" in wrong
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        assert "--url" in empty.refused("channel", "list", "--url", address, "--key", key)
    assert not empty.data_dir.exists(), "nothing was made here"
