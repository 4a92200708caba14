"""A move of many contacts, templates and scheduled messages from one real server into another, compared row by row.

    python bench/moving.py --contacts 100000 --templates 200 --scheduled 5000 --dialect multiwa

moves twice, and prints seconds and rows a second. Each dialect shows what it shows: scheduled messages come through Chattu
(the last 500) and MultiWA (200 of each profile).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from jackfield.client import Client
from jackfield.testing.server import JackfieldServer, until

DIALECTS = ("multiwa", "chatly", "pabbly", "chattu")
AT = "2031-01-01T08:00:00Z"


def fill(server: JackfieldServer, contacts: int, templates: int, scheduled: int) -> None:
    """Make what is to be moved."""
    with Client(server.url, server.key, timeout=3600) as client:
        lines = ["phone,name,tags,optin,city"]
        lines += [f"+62812{n:08},Person {n},vip,yes,Town {n % 100}" for n in range(contacts)]
        client.contacts.import_file("\n".join(lines).encode(), list="Customers").now()
        for n in range(templates):
            body = {"name": f"moved_{n}", "language": "en", "category": "UTILITY"}
            client.post("/templates", {**body, "components": [{"type": "BODY", "text": f"Number {n}"}]}).now()
    for n in range(scheduled):
        body = {"clientId": "1", "number": f"62812{n:08}", "message": f"Planned {n}", "scheduleTime": AT}
        done = server.request("POST", "/chattu/schedule-message", json=body, headers={"x-api-key": server.key})
        assert done.status == 200, done


def move(source: JackfieldServer, target: JackfieldServer, key: str, dialect: str, folder: Path) -> Any:
    """The command in a process of its own; gives its report."""
    place = "" if dialect == "multiwa" else f"/{dialect}"
    words = ["migrate-from", dialect, "--url", source.url + place, "--state", str(folder / f"{dialect}.json")]
    words += ["--user", source.email] if dialect in ("chatly", "chattu") else []
    env = {**os.environ, "JACKFIELD_SOURCE_KEY": source.key, "JACKFIELD_SOURCE_PASSWORD": source.password}
    env |= {"JACKFIELD_URL": target.url, "JACKFIELD_API_KEY": key}
    done = subprocess.run(
        [sys.executable, "-m", "jackfield", *words, "--scheduled", "--json"], env=env, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def rows(server: JackfieldServer, key: str) -> dict[str, tuple[Any, ...]]:
    """All contacts by number, as they should be equal."""
    with Client(server.url, key) as client:
        found = [
            (one["phone"], one["name"], one["optin"], sorted(one["tags"]), one["attributes"], len(one["lists"]))
            for one in client.pages("/contacts", limit=200)
        ]
    assert len({one[0] for one in found}) == len(found), "a double"
    return {one[0]: one for one in found}


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=2000)
    parser.add_argument("--templates", type=int, default=20)
    parser.add_argument("--scheduled", type=int, default=100)
    parser.add_argument("--dialect", choices=DIALECTS, action="append")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        source, target = JackfieldServer(folder / "source"), JackfieldServer(folder / "target")
        try:
            source.start()
            target.start()
            fill(source, given.contacts, given.templates, given.scheduled)
            for dialect in given.dialect or DIALECTS:
                one_dialect(source, target, dialect, folder, given.contacts)
        finally:
            source.stop()
            target.stop()


def one_dialect(source: JackfieldServer, target: JackfieldServer, dialect: str, folder: Path, contacts: int) -> None:
    """Move twice into a workspace of its own, compare, print."""
    key = target.api("POST", "/workspaces", json={"name": dialect}).data["apiKey"]
    number = target.api("POST", "/profiles", key=key, json={"name": "Number", "engine": "simulator"}).data["id"]
    target.api("POST", f"/profiles/{number}/connect", key=key)
    target.request("POST", f"/simulator/{number}/scan")
    until(lambda: len(target.api("GET", "/templates?limit=200", key=key).data) >= 16, what="templates are read")
    for run in ("first", "second"):
        begun = time.perf_counter()
        report = move(source, target, key, dialect, folder)
        seconds = time.perf_counter() - begun
        seen = sum(one["seen"] for one in report["counts"].values())
        print(f"{dialect}, {run}: {seen} rows in {seconds:.1f} s, {seen / seconds:.0f} a second")
        print("   " + json.dumps({kind: one for kind, one in report["counts"].items() if one["seen"]}))
    if dialect != "chattu":
        here, there = rows(target, key), rows(source, source.key)
        wrong = [one for one in there if one.startswith("62812") and here.get(one) != there[one]]
        assert not wrong, wrong[:5]
        assert len([one for one in here if one.startswith("62812")]) == contacts
        print(f"   {len(here)} contacts are equal, row by row")


if __name__ == "__main__":
    main()
