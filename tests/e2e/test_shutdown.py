"""SIGTERM: what is in flight is finished and recorded, nothing is left in doubt, and the exit status is 0."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from typing import Any

from jackfield.testing.server import JackfieldServer, until
from jackfield.testing.simulator import simulator_process

RECIPIENTS = 400


def states(data_dir: Path) -> Counter[str]:
    """The ledger's rows by state, read from the file itself."""
    with closing(sqlite3.connect(f"file:{data_dir / 'jackfield.db'}?mode=ro", uri=True)) as db:
        return Counter(dict(db.execute("SELECT state, count(*) FROM messages WHERE direction = 'out' GROUP BY state")))


def test_sigterm_drains_what_is_in_flight(own_process: None, tmp_path: Path) -> None:
    with simulator_process() as network:
        server = JackfieldServer(tmp_path / "server", {"JACKFIELD_SIMULATOR_URL": network.url})
        server.start()
        try:
            until(lambda: server.api("GET", "/profiles/1/status").data["connected"], what="connected")
            # A slow network, so that there always is something in flight.
            network.control_now("1", "faults", {"latency": [200, 600]})
            server.api("PATCH", "/profiles/1", json={"pacing": {"rate": 200, "burst": 20}})
            messages = [
                {"chatId": f"62815{i:07d}", "type": "text", "content": {"text": f"Number {i}"}}
                for i in range(RECIPIENTS)
            ]
            batch = server.api("POST", "/bulk/send", json={"profileId": "1", "messages": messages}).data["batchId"]
            until(lambda: len(network.outbox_now("1", limit=100)) >= 50, what="the campaign is under way")
            assert states(server.data_dir)["sending"] > 0

            accepted, stop = [], threading.Event()
            clients = [threading.Thread(target=_client, args=(server, n, accepted, stop)) for n in range(4)]
            for client in clients:
                client.start()
            until(lambda: len(accepted) >= 20, what="clients are being served")
            began = time.monotonic()
            status = server.stop()
            took = time.monotonic() - began
            stop.set()
            for client in clients:
                client.join()
            assert status == 0, server.log.read_text(errors="replace")[-3000:]
            assert took < 60
            log = server.log.read_text(errors="replace")
            assert log.index("server started") < log.index("server stops") < log.index("server stopped")
            left = states(server.data_dir)
            assert left["sending"] == left["uncertain"] == 0, left
            assert left["queued"] > 0, "the rest waits for the next start"
            # What was answered with a 2xx is in the ledger.
            with closing(sqlite3.connect(server.data_dir / "jackfield.db")) as db:
                kept = {str(id_) for (id_,) in db.execute("SELECT id FROM messages WHERE campaign_id = 0")}
            assert set(accepted) <= kept

            network.control_now("1", "faults", {"reset": True})
            server.start()
            final = until(lambda: _finished(server, batch), 200, "the rest went out")
            for id_ in accepted:
                server.message(id_, "sent", "delivered", "read")
        finally:
            server.stop()
        times = Counter(one["to"] for one in network.outbox_now("1"))
    assert final["wasUncertain"] == 0
    assert final["sent"] == RECIPIENTS
    assert len(times) == RECIPIENTS + len(accepted)
    assert max(times.values()) == 1
    log = server.log.read_text(errors="replace")
    assert "Traceback" not in log, log[-3000:]


def test_sigterm_while_idle_ends_at_once(tmp_path: Path) -> None:
    server = JackfieldServer(tmp_path / "server")
    server.start()
    # The first thing that a connected channel does is to read its templates and catalogs.
    catalogs = until(lambda: server.api("GET", "/catalogs").data, what="the catalogs are read")
    last = catalogs[-1]["id"]
    until(lambda: server.api("GET", f"/catalogs/{last}/products").data, what="their products are read")
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < 30
    assert "Traceback" not in server.log.read_text(errors="replace")


def _client(server: JackfieldServer, number: int, accepted: list[str], stop: threading.Event) -> None:
    """Sends until the server is gone; keeps the ids that were answered with a 2xx."""
    for i in range(5000):
        if stop.is_set():
            return
        body = {"to": f"62816{number}{i:06d}", "text": f"Client {number}, message {i}"}
        try:
            answer = server.api("POST", "/messages/text", json=body, timeout=10)
        except (OSError, HTTPException):
            # No connection, or one that ended in the middle of an answer.
            return
        if answer.status == 200:
            accepted.append(answer.data["id"])
        else:
            assert answer.status in (429, 503), answer
        time.sleep(0.005)


def _finished(server: JackfieldServer, batch: str) -> dict[str, Any] | None:
    found: dict[str, Any] = server.api("GET", f"/bulk/batch/{batch}").data
    return found if found["status"] == "completed" else None
