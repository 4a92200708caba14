"""Everything at once for long, on one real server: memory, open files and latency do not grow, and overload is refused.

`make soak` runs it for 10 minutes, `make soak SOAK=1h` for as long as it says; `make chaos` has half a minute of it. Messages go
out through the stand-alone simulator and a Cloud number, whose statuses come back; people write, webhooks are delivered,
contacts are imported, listeners hear events, and others search and list meanwhile.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from jackfield.testing.server import KEY, until

from .fleet import Box, box

GIVEN = os.environ.get("SOAK", "")
UNITS = {"s": 1, "m": 60, "h": 3600}
LISTENERS = 5
MOST_MEMORY_MB = 60.0
"""The last quarter may take so much more than the second, in which everything has been done at least once."""
MOST_FILES = 20
SLOWER = 2.0
"""The last quarter's median latency is at most so many times the first's, and a quarter of a second."""
RECOVERY_S = 10.0
MOST_REQUESTS = 100
"""Worked on at once; one key may have half of them."""


def seconds_of(given: str) -> float:
    """`10m`, `1h` or `90s` in seconds; 30 where nothing is given."""
    if not given:
        return 30.0
    found = re.fullmatch(r"(\d+)([smh])", given)
    assert found is not None, f"SOAK={given}: a number and s, m or h"
    return float(found[1]) * UNITS[found[2]]


class Sample:
    """One look at the server."""

    def __init__(self, process: psutil.Process) -> None:
        self.at = time.monotonic()
        self.memory = process.memory_info().rss / 1024 / 1024
        self.files = process.num_fds()


class Soak:
    """Everybody around the server. `answers` has what each of them got: when, in how many seconds, with which status."""

    def __init__(self, stage: Box) -> None:
        self.stage = stage
        self.over = threading.Event()
        self.answers: dict[str, list[tuple[float, float, int]]] = {}
        self.heard = 0
        self.cut = 0
        self.accepted = 0
        self.faults: list[str] = []
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def every(self, seconds: float, name: str, work: Callable[[http.client.HTTPConnection, int], int]) -> None:
        """Do this so often in a thread of its own, on one connection, until it is over."""

        def loop() -> None:
            connection = http.client.HTTPConnection("127.0.0.1", self.stage.node.port, timeout=60)
            turn = 0
            while not self.over.is_set():
                begun = time.monotonic()
                try:
                    status = work(connection, turn)
                except (OSError, http.client.HTTPException) as error:
                    connection.close()
                    status = 0
                    with self._lock:
                        self.faults.append(f"{name}: {type(error).__name__}: {error}")
                took = time.monotonic() - begun
                with self._lock:
                    self.answers.setdefault(name, []).append((begun, took, status))
                turn += 1
                self.over.wait(max(0.0, seconds - took))
            connection.close()

        self._start(loop)

    def listen(self) -> None:
        """Hear all events until it is over."""

        def loop() -> None:
            connection = http.client.HTTPConnection("127.0.0.1", self.stage.node.port, timeout=30)
            connection.request("GET", "/api/events", headers={"X-API-Key": KEY})
            answer = connection.getresponse()
            try:
                while not self.over.is_set():
                    line = answer.readline()
                    if not line:
                        break
                    if line.startswith(b"data:"):
                        with self._lock:
                            self.heard += 1
            except OSError as error:
                self.faults.append(f"a listener: {error}")
            if not self.over.is_set():
                self.cut += 1
            connection.close()

        self._start(loop)

    def join(self) -> None:
        """All end."""
        self.over.set()
        for thread in self._threads:
            thread.join(60)

    def _start(self, loop: Callable[[], None]) -> None:
        thread = threading.Thread(target=loop, daemon=True)
        self._threads.append(thread)
        thread.start()


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: Any = None, **headers: str) -> int:
    """The status of one request."""
    payload = body if isinstance(body, bytes) else None if body is None else json.dumps(body)
    kind = {} if isinstance(body, bytes) else {"Content-Type": "application/json"}
    connection.request(method, f"/api{path}", payload, {"X-API-Key": KEY, **kind, **headers})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def people(turn: int) -> bytes:
    """A file of 200 contacts, half of them new."""
    rows = "".join(f"Person {n},+62811{n:07d}\n" for n in range(turn * 100, turn * 100 + 200))
    return (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="people.csv"\r\nContent-Type: text/csv\r\n\r\n'
        + f"name,phone\n{rows}".encode()
        + b"\r\n--x--\r\n"
    )


def everything(soak: Soak) -> None:
    """Begin all of it."""
    stage = soak.stage

    def send(writer: int) -> Callable[[http.client.HTTPConnection, int], int]:
        def one(connection: http.client.HTTPConnection, turn: int) -> int:
            channel = stage.channels[turn % 2]
            body = {"profileId": str(channel), "to": f"628{writer}{turn % 500:08d}", "text": f"soak {writer} {turn}"}
            status = ask(connection, "POST", "/messages/text", body)
            if status < 300:
                with soak._lock:
                    soak.accepted += 1
            return status

        return one

    def write(_: http.client.HTTPConnection, turn: int) -> int:
        stage.network.control_now("1", "inbound", {"from": f"6299{turn % 300:07d}", "text": f"a question {turn}"})
        return 200

    for writer in range(3):
        soak.every(0.2, "send", send(writer))
    soak.every(0.5, "people write", write)
    soak.every(1.0, "search", lambda c, turn: ask(c, "GET", f"/search?q=question+{turn}"))
    soak.every(1.0, "chats", lambda c, _: ask(c, "GET", "/chats?limit=50"))
    soak.every(1.0, "messages", lambda c, _: ask(c, "GET", "/messages?limit=50"))
    soak.every(5.0, "usage", lambda c, _: ask(c, "GET", "/usage"))
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    soak.every(10.0, "import", lambda c, turn: ask(c, "POST", "/contacts/import", people(turn), **form))
    for _ in range(LISTENERS):
        soak.listen()


def quarters(rows: list[Any], begin: float, end: float, at: Callable[[Any], float]) -> list[list[Any]]:
    """The rows of each quarter of the time."""
    found: list[list[Any]] = [[], [], [], []]
    for row in rows:
        found[min(3, int((at(row) - begin) / (end - begin) * 4))].append(row)
    return found


def overload(stage: Box) -> tuple[dict[int, int], bool]:
    """Twice as many requests at once as one key may have, each of which waits for the network: statuses, and whether each that
    was refused said when to come again."""
    statuses: dict[int, int] = {}
    polite = True
    lock = threading.Lock()

    def one(number: int) -> None:
        nonlocal polite
        connection = http.client.HTTPConnection("127.0.0.1", stage.node.port, timeout=60)
        body = json.dumps({"profileId": "1", "to": f"6287{number:08d}", "text": f"crowd {number}"})
        headers = {"X-API-Key": KEY, "Content-Type": "application/json"}
        try:
            connection.request("POST", "/api/messages/text?wait=8", body, headers)
            answer = connection.getresponse()
            answer.read()
            status, told = answer.status, answer.headers.get("Retry-After")
        except OSError:
            status, told = 0, None
        finally:
            connection.close()
        with lock:
            statuses[status] = statuses.get(status, 0) + 1
            polite = polite and (status not in (429, 503) or told is not None)

    stage.network_fault(latency=[4000, 5000])
    crowd = [threading.Thread(target=one, args=(number,), daemon=True) for number in range(MOST_REQUESTS)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join(90)
    stage.heal()
    return statuses, polite


def recovered(stage: Box, seconds: float) -> float:
    """After how many seconds a message is accepted and answered by the network again."""
    begun = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", stage.node.port, timeout=seconds + 20)
    while time.monotonic() - begun < seconds + 20:
        with contextlib.suppress(OSError, http.client.HTTPException):
            body = {"profileId": "1", "to": "628700000001", "text": "after"}
            if ask(connection, "POST", "/messages/text", body) < 300:
                break
        connection.close()
    return time.monotonic() - begun


@pytest.mark.skipif(not (GIVEN or os.environ.get("JACKFIELD_CHAOS")), reason="the long form: make soak")
@pytest.mark.timeout(3 * 3600)
def test_nothing_grows_and_overload_is_refused(tmp_path: Path) -> None:
    length = seconds_of(GIVEN)
    with box(tmp_path, JACKFIELD_MAX_REQUESTS=str(MOST_REQUESTS)) as stage:
        soak = Soak(stage)
        process = psutil.Process(stage.node.pid)
        everything(soak)
        # What happens for the first time takes memory that stays: connections, statements, caches.
        until(lambda: len(soak.answers.get("import", ())) > 0, 120, "the first import")
        samples: list[Sample] = []
        begin = time.monotonic()
        while time.monotonic() - begin < length:
            samples.append(Sample(process))
            soak.over.wait(min(1.0, length / 20))
        end = time.monotonic()
        soak.join()
        statuses, polite = overload(stage)
        back = recovered(stage, RECOVERY_S)
        undone = "SELECT count(*) AS n FROM messages WHERE state IN ('queued', 'sending', 'scheduled', 'uncertain')"
        until(lambda: stage.query(undone)[0]["n"] == 0, 240, "everything is sent")
        owed = "SELECT count(*) AS n FROM deliveries WHERE state = 'pending'"
        until(lambda: stage.query(owed)[0]["n"] == 0, 240, "every webhook is delivered")
        kept = stage.query("SELECT count(*) AS n FROM messages WHERE content LIKE '%soak %'")[0]["n"]
        double = stage.query(
            "SELECT count(*) AS n FROM (SELECT content FROM messages WHERE content LIKE '%soak %'"
            " GROUP BY content HAVING count(*) > 1) twice"
        )[0]["n"]

    looks = quarters(samples, begin, end, lambda one: one.at)
    memory = [statistics.median(one.memory for one in some) for some in looks]
    files = [max(one.files for one in some) for some in looks]
    report = [f"soak of {end - begin:.0f} s: {soak.accepted} accepted, {soak.heard} events heard by {LISTENERS}"]
    report.append("memory, MB by quarter: " + ", ".join(f"{one:.0f}" for one in memory))
    report.append("open files by quarter: " + ", ".join(str(one) for one in files))
    wrong = [f"{len(soak.faults)} faults, such as {soak.faults[0]}"] if soak.faults else []
    for name, answers in sorted(soak.answers.items()):
        timed = [row for row in answers if begin <= row[0] <= end]
        parts = [[took for _, took, _ in some] for some in quarters(timed, begin, end, lambda row: row[0])]
        medians = [statistics.median(one) if one else 0.0 for one in parts]
        report.append(f"{name}: {len(timed)}, ms " + ", ".join(f"{one * 1000:.0f}" for one in medians))
        if medians[0] and medians[3] > medians[0] * SLOWER + 0.25:
            wrong.append(f"{name} became slower: {medians}")
        refused = {status for _, _, status in answers if status >= 400}
        if refused:
            wrong.append(f"{name} was answered {sorted(refused)}")
    report.append(f"overload: {statuses}; accepted again after {back:.1f} s")
    sys.stderr.write("\n" + "\n".join(report) + "\n")
    if memory[3] > memory[1] + MOST_MEMORY_MB:
        wrong.append(f"memory grew: {memory}")
    if files[3] > files[1] + MOST_FILES:
        wrong.append(f"open files grew: {files}")
    if soak.cut or soak.heard == 0:
        wrong.append(f"{soak.cut} listeners were cut off, {soak.heard} events heard")
    if (kept, double) != (soak.accepted, 0):
        wrong.append(f"{soak.accepted} accepted, {kept} kept, {double} doubled")
    if not statuses.get(429) or statuses.get(0) or not polite or statuses.get(500):
        wrong.append(f"overload was answered {statuses}, Retry-After {polite}")
    if back > RECOVERY_S:
        wrong.append(f"it took {back:.1f} s to recover")
    assert not wrong, "\n".join(wrong)
