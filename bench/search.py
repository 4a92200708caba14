"""search: how long `GET /api/search` takes over a million messages, and what keeping their words costs.

`BENCH_ROWS` changes the messages, `BENCH_POSTGRES` (a URL of an empty database) replaces the PostgreSQL of our own.
`python -m bench.search build|ask FOLDER [URL]` makes the data once and asks as often as one likes.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

from jackfield.core import Core, Options
from jackfield.db.database import Database
from jackfield.db.secrets import use_key
from jackfield.engines import load_engines
from jackfield.migrations import upgrade
from jackfield.testing.server import EMAIL, KEY, PASSWORD, JackfieldServer

from ._kit import Figure, folder, postgres
from ._search_world import PEOPLE, fill, questions

QUESTIONS = 200
"""Of each kind."""
WANTED_MS = 50.0
SECRET = "bench-secret-key-0123456789-0123456789"
AGENT_KEY = "bench-agent-key-0123456789"
AGENT = ("chats:read", "messages:read", "contacts:read")


async def build(url: str, place: Path, rows: int, people: int = PEOPLE) -> float:
    """A workspace of that size on two channels, and a small one beside it. Gives the CPU microseconds of this process to
    keep a message's words."""
    use_key(SECRET)
    core = Core(Database(url), engines=load_engines(), options=Options(data_dir=place, node="bench"))
    await upgrade(core.db)
    await core.open()
    try:
        made = await core.accounts.bootstrap("Bench", EMAIL, PASSWORD, KEY)
        assert made is not None
        channels = [(await core.channels.create(made.workspace_id, name=f"Bench {n}")).id for n in (1, 2)]
        await core.accounts.create_key(
            made.workspace_id, "Agent", scopes=AGENT, channel_id=channels[1], secret=AGENT_KEY
        )
        await fill(core, made.workspace_id, channels, rows, people)
        cpu = time.process_time()
        while await core.search_index.step():
            pass
        cost = (time.process_time() - cpu) / rows * 1e6
        other, _ = await core.accounts.create_tenant("Another")
        channel = await core.channels.create(other.id, name="Another")
        await fill(core, other.id, [channel.id], min(rows, 10_000), min(people, 1000))
        while await core.search_index.step():
            pass
        return cost
    finally:
        await core.close()


class Took:
    """Milliseconds at the client and CPU milliseconds of the server, of many questions."""

    def __init__(self, times: list[tuple[float, str]], cpu: float) -> None:
        self.slowest = sorted(times)[-3:]
        ordered = sorted(time for time, _ in times)
        self.median, self.p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99) - 1]
        self.cpu = cpu / len(times) * 1000


def ask(url: str, place: Path, people: int = PEOPLE, count: int = QUESTIONS) -> dict[str, Took]:
    """All questions over HTTP, one after the other."""
    server = JackfieldServer(place, {"JACKFIELD_DATABASE_URL": url, "JACKFIELD_SECRET_KEY": SECRET})
    server.start()
    try:
        assert server.process is not None
        process = psutil.Process(server.process.pid)
        client = http.client.HTTPConnection("127.0.0.1", server.port)

        def took(asked: list[str], key: str, more: str = "") -> Took:
            times = []
            for q in asked[:5]:
                _get(client, q, key, more)
            cpu = sum(process.cpu_times()[:2])
            for q in asked:
                at = time.perf_counter()
                _get(client, q, key, more)
                times.append(((time.perf_counter() - at) * 1000, q))
            return Took(times, sum(process.cpu_times()[:2]) - cpu)

        kinds = questions(people, count)
        found = {name: took(asked, KEY) for name, asked in kinds.items()}
        mixed = [kinds[name][n] for n in range(count // 4) for name in kinds]
        found["an agent of one channel, all of these"] = took(mixed, AGENT_KEY)
        return found
    finally:
        server.stop()


def _get(client: http.client.HTTPConnection, q: str, key: str, more: str) -> Any:
    client.request("GET", f"/api/search?q={quote(q)}{more}", headers={"X-API-Key": key})
    answer = client.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(body[:500])
    return json.loads(body)["data"]


def _figures(label: str, found: dict[str, Took]) -> list[Figure]:
    return [
        Figure(
            f"search, {label}: {name}", took.p99, "ms p99", took.median, "median ms", None, f"<= {WANTED_MS:g}",
            took.p99 <= WANTED_MS, f"{took.cpu:.1f} ms of the server's CPU; slowest {took.slowest[-1][1]!r}",
        )
        for name, took in found.items()
    ]  # fmt: skip


def _on(url: str, place: Path, label: str, rows: int) -> list[Figure]:
    cost = asyncio.run(build(url, place, rows))
    return [*_figures(label, ask(url, place)), Figure(f"search, {label}: words kept", cost, "us/message")]


def measure() -> list[Figure]:
    """search."""
    rows = min(1_000_000, int(os.environ.get("BENCH_ROWS", "1000000")))
    with folder() as place:
        figures = _on(f"sqlite:///{place / 'bench.db'}", place, "SQLite", rows)
    with postgres() as url, folder() as place:
        if url is not None:
            figures += _on(url, place, "PostgreSQL", rows)
    return figures


if __name__ == "__main__":
    what, where = sys.argv[1], Path(sys.argv[2])
    where.mkdir(parents=True, exist_ok=True)
    address = sys.argv[3] if len(sys.argv) > 3 else f"sqlite:///{where / 'bench.db'}"
    if what == "build":
        print(asyncio.run(build(address, where, int(os.environ.get("BENCH_ROWS", "1000000")))))
    else:
        for one in _figures("PostgreSQL" if len(sys.argv) > 3 else "SQLite", ask(address, where)):
            print(one.row(), flush=True)
