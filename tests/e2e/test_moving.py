"""`jackfield migrate-from`: one Jackfield is moved into another, through each vendor's API; compared row by row."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from jackfield.cli.moving import Vendor
from jackfield.client import Client
from jackfield.moving import SOURCES
from jackfield.testing.server import JackfieldServer, until

from .cli_shell import Shell, Zygote

NUMBERS = [f"62812340{n:05}" for n in range(60)]
PEOPLE = len(NUMBERS) + 12
"""With those whom the simulated phone knows."""
FIELDS = (
    "name", "phone", "first_name", "last_name", "email", "country", "optin", "blocked", "source", "created_at",
    "last_seen_at",
)  # fmt: skip
WRITERS = NUMBERS[1:4]
"""Those who have written: Chattu knows no others."""
_workspaces = itertools.count(1)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JackfieldServer]:
    """An installation with people of every kind."""
    server = JackfieldServer(tmp_path_factory.mktemp("source"))
    server.start()
    tags = ["vip", "Müller, Söhne", "late"]
    lines = [",".join([*FIELDS, "tags", "lists", "city", "Mobile 2", "labels (attribute)"])]
    for n, phone in enumerate(NUMBERS):
        fields = dict.fromkeys(FIELDS, "") | {
            "phone": f"+{phone}",
            "name": f"Person {n}" if n % 7 else "",
            "email": f"p{n}@example.com" if n % 3 == 0 else "",
            "optin": ("", "yes", "no")[n % 3],
            "blocked": "yes" if n % 11 == 0 else "no",
        }
        groups = (tags[: n % 4], ["Customers", "Leads; north"][: n % 3])
        cells = [*fields.values(), *("".join(f"{one} ::: " for one in names) for names in groups)]
        cells += ["Pune", f"628990000{n:04}", "=1+1"] if n % 2 else ["", "", ""]
        lines.append(",".join(f'"{cell}"' for cell in cells))
    mapping = {"city": "city", "Mobile 2": "Mobile 2", "phone": "phone"}
    with Client(server.url, server.key) as client:
        done = client.contacts.import_file("\n".join(lines).encode(), mapping=mapping).now()
        assert (done.created, done.refused_total) == (len(NUMBERS), 0)
        client.post("/lists", {"name": "Nobody yet"}).now()
        client.post("/tags", {"name": "unused"}).now()
    for phone in WRITERS:
        said = {"from": phone, "text": "Hello"}
        assert server.request("POST", "/simulator/1/inbound", json=said).status < 300
    until(lambda: len(server.api("GET", "/chats").data) == len(WRITERS), what="they have written")
    until(lambda: len(server.api("GET", "/contacts?limit=200").data) == PEOPLE, what="the phone's own are there")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JackfieldServer]:
    """An installation to move to; each test has a workspace of its own in it."""
    server = JackfieldServer(tmp_path_factory.mktemp("target"))
    server.start()
    yield server
    server.stop()


class Move:
    """The command, and the workspace that it moves to."""

    def __init__(self, zygote: Zygote, source: JackfieldServer, target: JackfieldServer, folder: Path) -> None:
        body = {"name": f"Target {next(_workspaces)}"}
        self.source, self.target = source, target
        self.key: str = target.api("POST", "/workspaces", json=body).data["apiKey"]
        self.env = {"JACKFIELD_SOURCE_PASSWORD": source.password, "JACKFIELD_SOURCE_KEY": source.key}
        self.shell = Shell(zygote, folder / "none", JACKFIELD_URL=target.url, JACKFIELD_API_KEY=self.key, **self.env)
        self.state = folder / "state.json"

    def number(self) -> str:
        """A connected number in the workspace; gives its id."""
        body = {"name": "Number", "engine": "simulator"}
        made: str = self.target.api("POST", "/profiles", key=self.key, json=body).data["id"]
        assert self.target.api("POST", f"/profiles/{made}/connect", key=self.key).status < 300
        assert self.target.request("POST", f"/simulator/{made}/scan").status == 200
        until(lambda: len(self.rows("/templates?limit=200")) >= 16, what="its templates are read")
        return made

    def rows(self, path: str) -> list[dict[str, Any]]:
        """A list of the workspace."""
        found: list[dict[str, Any]] = self.target.api("GET", path, key=self.key).data
        return found

    def words(self, dialect: str, url: str | None = None) -> list[str]:
        """The command's words."""
        place = "" if dialect == "multiwa" else f"/{dialect}"
        words = ["migrate-from", dialect, "--url", url or self.source.url + place, "--state", str(self.state)]
        return words + (["--user", self.source.email] if dialect in ("chatly", "chattu") else [])

    def __call__(self, dialect: str, *further: str, url: str | None = None) -> Any:
        """Move; gives the report."""
        ended = self.shell(*self.words(dialect, url), *further, "--json")
        assert self.source.key not in ended.out + ended.err
        assert self.source.password not in ended.out + ended.err
        return ended.json

    def contacts(self) -> dict[str, dict[str, Any]]:
        """All contacts here, by phone number."""
        return _contacts(self.target, self.key)


def _contacts(server: JackfieldServer, key: str) -> dict[str, dict[str, Any]]:
    rows = server.api("GET", "/contacts?limit=200", key=key).data
    assert len({one["phone"] for one in rows}) == len(rows)
    return {one["phone"]: _plain(one) for one in rows}


def _plain(one: dict[str, Any]) -> dict[str, Any]:
    """A contact without what is each installation's own."""
    kept = ("name", "firstName", "lastName", "phone", "email", "optin", "blocked", "attributes")
    names = {"tags": sorted(one["tags"]), "lists": sorted(row["name"] for row in one["lists"])}
    return {name: one[name] for name in kept} | names


@pytest.fixture
def move(zygote: Zygote, source: JackfieldServer, target: JackfieldServer, tmp_path: Path) -> Move:
    """A move into a workspace with nothing in it."""
    return Move(zygote, source, target, tmp_path)


def test_the_command_knows_every_source() -> None:
    assert [*Vendor] == [*SOURCES]


@pytest.mark.parametrize("dialect", ["multiwa", "chatly", "pabbly"])
def test_contacts_come_as_they_are_and_once(move: Move, dialect: str) -> None:
    counted = move(dialect, "--dry-run")
    assert counted["counts"]["contacts"]["seen"] == PEOPLE
    assert move.contacts() == {}
    assert not move.state.exists()

    first = move(dialect)
    assert first["counts"]["contacts"] == {"seen": PEOPLE, "created": PEOPLE, "known": 0, "refused": 0}
    assert first["refused"] == []
    assert first["counts"]["lists"]["created"] == 3
    assert first["counts"]["tags"]["created"] == 4
    wanted = _contacts(move.source, move.source.key)
    for one in wanted.values():
        if dialect == "pabbly":
            # Its API knows nobody who was not asked, and no e-mail addresses.
            one |= {"optin": bool(one["optin"]), "email": None}
    assert move.contacts() == wanted

    again = move(dialect)
    assert again["counts"]["contacts"] == {"seen": PEOPLE, "created": 0, "known": PEOPLE, "refused": 0}
    assert again["counts"]["lists"]["known"] == 3
    assert move.contacts() == wanted
    names = {one["name"] for one in move.target.api("GET", "/lists", key=move.key).data}
    assert names == {"Customers", "Leads; north", "Nobody yet"}


def test_a_move_into_the_database_here_tells_people_what_came(
    source: JackfieldServer, shell: Shell, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    words = ["migrate-from", "pabbly", "--url", f"{source.url}/pabbly", "--key", source.key]
    assert "Nothing was written" in shell(*words, "--dry-run").out
    told = shell(*words, "--report", str(report))
    assert told.status == 0, told
    (line,) = [one for one in told.out.splitlines() if one.strip().startswith("contacts")]
    assert [cell.strip() for cell in line.split("│")] == ["contacts", str(PEOPLE), str(PEOPLE), "0", "0"]
    assert "- webhooks: Pabbly's API does not show them" in told.out
    assert json.loads(report.read_text())["counts"]["contacts"]["created"] == PEOPLE
    (kept,) = (shell.data_dir / "moving").glob("*.json")
    assert kept.stat().st_mode & 0o077 == 0
    assert source.key not in kept.read_text() + told.out + told.err
    assert len(shell("contacts", "list", "--limit", "200", "--json").json) == PEOPLE
    wrong = shell.refused(*words[:-1], "wrong-key")
    assert "does not know this key" in wrong


def test_chattu_shows_who_was_in_touch(move: Move) -> None:
    assert move("chattu")["counts"]["contacts"]["created"] == len(WRITERS)
    wanted = _contacts(move.source, move.source.key)
    assert {phone: one["name"] for phone, one in move.contacts().items()} == {
        phone: wanted[phone]["name"] for phone in WRITERS
    }
    again = move("chattu")
    assert again["counts"]["contacts"] == {"seen": len(WRITERS), "created": 0, "known": len(WRITERS), "refused": 0}
    assert any("Chattu has none" in one for one in again["notMoved"])


def test_what_is_here_stays_and_a_refusal_counts(move: Move) -> None:
    mine = {"phone": f"+{NUMBERS[1]}", "name": "Mine", "optin": False, "attributes": {"city": "Delhi"}}
    assert move.target.api("POST", "/contacts", key=move.key, json=mine).status == 201
    counts = move("multiwa")["counts"]["contacts"]
    assert (counts["created"], counts["known"]) == (PEOPLE - 1, 1)
    found = move.contacts()[NUMBERS[1]]
    assert (found["name"], found["optin"], found["attributes"]["city"]) == ("Mine", False, "Delhi")
    assert found["tags"] == ["vip"]


HOOK = {"url": "http://127.0.0.1:9/hook", "events": ["message.received", "message.failed"]}
BODY = [
    {
        "type": "BODY",
        "text": "Hi {{who}}",
        "example": {"body_text_named_params": [{"param_name": "who", "example": "A"}]},
    }
]
TIMES = [f"2030-01-0{n}T08:00:00.000Z" for n in (1, 2, 3)]


def test_what_is_no_contact_comes_too_and_once(move: Move, tmp_path: Path) -> None:
    there = move.source
    template = {"name": "moved_along", "language": "en", "category": "UTILITY", "parameterFormat": "NAMED"}
    assert there.api("POST", "/templates", json={**template, "components": BODY}).status == 201
    assert there.api("POST", "/webhooks", json=HOOK).status == 201
    agent = {"email": "agent@example.com", "password": there.password}
    assert there.api("POST", "/team", json=agent).status == 201
    for at in TIMES:
        message = {"clientId": "1", "number": NUMBERS[1], "message": f"For {at}", "scheduleTime": at}
        asked = there.request("POST", "/chattu/schedule-message", json=message, headers={"x-api-key": there.key})
        assert asked.status == 200

    filled = {"name": "moved_along", "language": "en", "body": {"who": "{first_name}"}}
    triggered = {
        "Order": {"type": "template", "content": filled},
        "Draft": {"type": "text", "content": {"text": "Hi {name}"}, "start": False},
        "Over": {"type": "text", "content": {"text": "Bye"}},
    }
    for name, body in triggered.items():
        made = there.api("POST", "/campaigns", json={"name": name, "profileId": "1", "kind": "api", **body})
        assert made.status == 201, made
    assert there.api("POST", f"/campaigns/{made.data['id']}/cancel").status == 200

    # Without a number here nothing is made for one, and nothing goes out twice unless it is asked for.
    first = move("multiwa")
    assert first["counts"]["templates"]["created"] == 0
    assert first["counts"]["scheduled"] == {"seen": 3, "created": 0, "known": 0, "refused": 0}
    assert {"templates", "scheduled messages"} <= {one.partition(":")[0] for one in first["notMoved"]}
    assert first["counts"]["webhooks"]["created"] == 1
    number = move.number()

    said = move.shell.refused(*move.words("multiwa"), "--profile", "none")
    assert "there is no channel none here" in said
    assert "goes on where it was" in said
    assert "there is no channel none here" in move.shell.refused(*move.words("multiwa"), "--map", "1=none")
    second = move("multiwa", "--scheduled")
    assert second["refused"] == []
    assert second["counts"]["templates"]["created"] == 1
    assert second["counts"]["scheduled"]["created"] == 3
    assert second["counts"]["webhooks"]["known"] == 1
    assert second["counts"]["api campaigns"] == {"seen": 2, "created": 2, "known": 0, "refused": 0}
    here = {one["name"]: one for one in move.rows("/campaigns")}
    shown = {one["name"]: one for one in there.api("GET", "/campaigns?kind=api").data}
    assert {name: one["status"] for name, one in here.items()} == {"Order": "running", "Draft": "draft"}
    for name, one in here.items():
        assert [one[key] for key in ("kind", "content", "template", "category", "total")] == [
            shown[name][key] for key in ("kind", "content", "template", "category", "total")
        ]
    (made,) = move.rows("/templates?name=moved_along")
    assert (made["language"], made["category"], made["components"]) == ("en", "UTILITY", BODY)
    (hook,) = move.rows("/webhooks")
    assert (hook["url"], hook["events"], hook["enabled"]) == (HOOK["url"], HOOK["events"], False)
    wanted = [(number, NUMBERS[1], at, f"For {at}") for at in TIMES]
    assert [(one["profileId"], one["to"], one["scheduledAt"], one["text"]) for one in move.rows("/schedules")] == wanted

    move.state.unlink()  # What is here is known without it.
    third = move("multiwa", "--scheduled")["counts"]
    assert third["scheduled"] == {"seen": 3, "created": 0, "known": 3, "refused": 0}
    assert third["api campaigns"] == {"seen": 2, "created": 0, "known": 2, "refused": 0}
    move.state.unlink()
    assert move("chattu", "--scheduled")["counts"]["scheduled"]["known"] == 3
    cancelled = move.rows("/schedules")[0]["id"]
    assert move.target.api("DELETE", f"/schedules/{cancelled}", key=move.key).status == 200
    assert move("chattu", "--scheduled")["counts"]["scheduled"]["created"] == 1, "another state knows it not"
    assert len(move.rows("/schedules")) == 3

    move.state.unlink()
    file = tmp_path / "invitations.json"
    told = move("chatly", "--invitations", str(file))
    # Here somebody else logs in with the owner's address, in another workspace.
    assert told["counts"]["team"] == {"seen": 2, "created": 1, "known": 0, "refused": 1}
    assert [(one["kind"], one["value"]) for one in told["refused"]] == [("team", there.email)]
    assert told["counts"]["templates"]["known"] >= 17
    assert file.stat().st_mode & 0o077 == 0
    invited = json.loads(file.read_text())
    assert [(one["email"], one["role"]) for one in invited] == [("agent@example.com", "agent")]
    assert all(one["token"] not in json.dumps(told) for one in invited)
    assert move("chatly", "--invitations", str(file))["counts"]["team"]["known"] == 1


class Gate:
    """In front of a server: hands requests on, and says when one for this place comes, before it is answered."""

    def __init__(self, server: JackfieldServer, place: str) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()
        gate = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if place in self.path and not gate.opened.is_set():
                    gate.reached.set()
                    gate.opened.wait(60)
                kept = {name: self.headers[name] for name in ("Authorization", "X-API-Key") if self.headers[name]}
                try:
                    with urlopen(Request(server.url + self.path, headers=kept)) as answer:
                        status, body = answer.status, answer.read()
                except HTTPError as error:
                    with error:
                        status, body = error.code, error.read()
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    pass  # The one who asked was killed.

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.opened.set()
        self._server.shutdown()
        self._server.server_close()


IN_TENS = "import jackfield.moving.mover as mover; mover.AT_ONCE = 10; from jackfield.cli import app; app()"


def test_a_killed_move_goes_on_where_it_was(move: Move) -> None:
    gate = Gate(move.source, "page=3")
    try:
        words = move.words("pabbly", f"{gate.url}/pabbly")
        with subprocess.Popen([sys.executable, "-c", IN_TENS, *words, "--json"], env=move.shell.env) as process:
            assert gate.reached.wait(60)
            until(
                lambda: move.state.exists() and json.loads(move.state.read_bytes())["cursor"] == "3",
                what="page 2 is kept",
            )
            os.kill(process.pid, signal.SIGKILL)
        gate.opened.set()
        assert len(move.contacts()) == 50
        report = move("pabbly", url=f"{gate.url}/pabbly")
    finally:
        gate.close()
    assert report["counts"]["contacts"] == {"seen": PEOPLE, "created": PEOPLE, "known": 0, "refused": 0}
    assert len(move.contacts()) == PEOPLE
