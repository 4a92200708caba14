"""pace: whether a bulk send with a small pause between its messages goes at that pause, and what a kill leaves uncertain.

`python -m bench.pace 1500 2` sends so many with so many milliseconds between them (the whole way: HTTP, SQLite, the
simulator), then as many again to a server that is killed in the middle.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from jackfield.testing.server import JackfieldServer, until

from ._kit import Figure, folder

BULK = 1500
DELAY_MS = 2
LEAST_SHARE = 0.8
"""Of the pace that the pause asks for."""
MOST_UNCERTAIN_MS = 250
"""Claims run so far ahead of the sends; what is claimed when the process dies is uncertain."""


def bulk(server: JackfieldServer, count: int, delay_ms: int, first: int) -> str:
    """A bulk send that begins at once; gives its id."""
    messages = [
        {"chatId": f"62812{first + number:07}@c.us", "type": "text", "content": {"text": "Hello"}}
        for number in range(count)
    ]
    body = {"profileId": "1", "messages": messages, "options": {"delayBetweenMessages": delay_ms}}
    return str(server.api("POST", "/bulk/send", json=body).data["batchId"])


def taken(server: JackfieldServer) -> int:
    """How many messages the network took."""
    return int(server.request("GET", "/simulator/1/outbox?limit=1").json["total"])


def rate_of(server: JackfieldServer, count: int, delay_ms: int, first: int) -> tuple[float, list[int]]:
    """Messages per second of a bulk send, and the gaps between them (ms)."""
    bulk(server, count, delay_ms, first)
    until(lambda: taken(server) >= first + count, 300)
    times = sorted(one["ms"] for one in server.outbox("1"))[first:]
    return (count - 1) / max(times[-1] - times[0], 1) * 1000, [later - earlier for earlier, later in pairwise(times)]


def measure(count: int = BULK, delay_ms: int = DELAY_MS) -> Iterator[Figure]:
    """The figures on SQLite."""
    with folder() as place:
        server = JackfieldServer(Path(place), {"JACKFIELD_LOG_LEVEL": "warning"})
        server.start(300.0)
        try:
            flat, _ = rate_of(server, count, 0, 0)
            rate, gaps = rate_of(server, count, delay_ms, count)
            most = min(flat, 1000 / delay_ms)
            yield Figure(
                f"bulk with a pause of {delay_ms} ms",
                rate,
                "messages/s",
                flat,
                "messages/s without a pause",
                rate / most,
                f">= {LEAST_SHARE}",
                rate / most >= LEAST_SHARE,
                f"{1000 / delay_ms:,.0f}/s asked for; gaps: median {statistics.median(gaps):.0f}, longest {max(gaps)} ms",
            )
            bulk(server, count, delay_ms, 2 * count)
            until(lambda: taken(server) >= 2 * count + count // 3, 300)
            server.kill()
            allowed = round(MOST_UNCERTAIN_MS / delay_ms * 1.2)
            with closing(sqlite3.connect(place / "jackfield.db")) as database:
                (left,) = database.execute("SELECT count(*) FROM messages WHERE state = 'sending'").fetchone()
            yield Figure(
                "uncertain after a kill in it",
                left,
                "messages",
                wanted=f"<= {allowed}",
                holds=left <= allowed,
                note=f"of {count:,}",
            )
        finally:
            server.stop()


if __name__ == "__main__":
    begun = time.perf_counter()
    for figure in measure(*map(int, sys.argv[1:])):
        print(figure.row(), flush=True)
    print(f"{time.perf_counter() - begun:.0f} s")
