"""blast: how soon a broadcast to a search of contacts is accepted (ChitChatLabs' dialect), and what it costs meanwhile.

A real server on SQLite, the simulated network in a process of its own. `BENCH_ROWS` changes the number of contacts
(100,000). Memory is what the server holds more at its peak, from the request until every message is sent, than before.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from jackfield.testing.server import JackfieldServer, running_server, until
from jackfield.testing.simulator import simulator_process

from ._kit import Figure, folder

BASE = "/chitchatlabs/chat-service/apis/message"
MB = 1024 * 1024


def measure() -> Iterator[Figure]:
    """The figures."""
    rows = int(os.environ.get("BENCH_ROWS", "100000"))
    with (
        folder() as home,
        # A process of its own, as the network is: its outbox is not our memory.
        simulator_process("--people", "plain") as network,
        running_server(home / "server", {"JACKFIELD_SIMULATOR_URL": network.url}) as server,
    ):
        _import(server, home, rows)
        headers = {"x-tenant-api-key": server.key}
        spec = {"searchSpec": {"source": "csv"}, "fb_template": "demo_text", "language": "en", "params": ["{{name}}"]}
        assert server.process is not None
        watch = _Watch(server.process.pid)
        begun = time.perf_counter()
        answer = server.request("POST", f"{BASE}/blast", json=spec, headers=headers)
        accepted = time.perf_counter() - begun
        data = answer.data
        assert data["audience"] == rows, data

        def look(expanded: bool) -> dict[str, Any] | None:
            found: dict[str, Any] = server.request("GET", f"{BASE}/blast/{data['id']}", headers=headers).data
            done = not found["expanding"] if expanded else found["status"] == "finished"
            return found if done else None

        until(lambda: look(True), 600, "the recipients are written")
        expanded = time.perf_counter() - begun
        done = until(lambda: look(False), 600, "the blast is over")
        sent = time.perf_counter() - begun
        more = watch.end()
        assert done is not None
        assert done["counts"]["sent"] == rows, done
    name = f"blast to {rows:,}"
    yield Figure(f"{name}: accepted", accepted, "s", wanted="< 5", holds=accepted < 5)
    yield Figure(f"{name}: all recipients written", expanded, "s")
    yield Figure(f"{name}: all sent", sent, "s", note=f"{rows / sent:,.0f} messages/s")
    yield Figure(f"{name}: memory", more / MB, "MB more", wanted="< 200", holds=more / MB < 200)


def _import(server: JackfieldServer, home: Path, rows: int) -> None:
    file = home / "contacts.csv"
    with open(file, "w") as out:
        out.write("phone,name\n")
        out.writelines(f"+9198{n:08},Runner {n}\n" for n in range(rows))
    edge = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n'
    answer = server.request(
        "POST",
        "/api/contacts/import",
        body=edge + file.read_bytes() + b"\r\n--b--\r\n",
        headers={"X-API-Key": server.key, "Content-Type": "multipart/form-data; boundary=b"},
        timeout=600,
    )
    assert answer.status < 300, answer


class _Watch:
    """The most memory that a process holds, beyond what it held at first."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._first = self._most = self._now()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _now(self) -> int:
        # Without what is mapped from files: SQLite maps the database, which is the page cache's memory, not ours.
        memory = self._process.memory_info()
        return int(memory.rss - memory.shared)

    def _run(self) -> None:
        while not self._stop.wait(0.1):
            self._most = max(self._most, self._now())

    def end(self) -> int:
        """Bytes."""
        self._stop.set()
        self._thread.join()
        return self._most - self._first
