"""reply: how soon a message reaches the provider that is accepted while a bulk send runs flat out.

`python -m bench.reply 4000` sends so many in bulk. A reply goes every tenth of a second; its time is from the request
to its arrival at the provider, so that waiting to be accepted counts.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from jackfield.testing.server import JackfieldServer

from . import _world
from ._kit import Figure, folder, post
from ._world import Meta, Pool
from .loop import LATENCY_S, on_uvloop, person, prepare, serve, spread, wait_for

BULK = 4000
REPLIES = 50
EVERY_S = 0.1
AT_MOST_MS = 250
"""The 99th percentile that is wanted."""
FIRST_REPLY = 50_000_000
"""Replies go to numbers from here on, bulk messages to those from 0."""


async def run(server: JackfieldServer, bulk: int) -> tuple[tuple[float, float], int]:
    """Median and 99th percentile (ms) of the replies, and how many bulk messages were left when the last one went."""
    meta = Meta(LATENCY_S)
    profile = await asyncio.to_thread(prepare, server, await serve(meta.answer), None)
    messages = [{"to": person(number), "type": "text", "content": {"text": _world.TEXT}} for number in range(bulk)]
    body = {"profileId": profile, "messages": messages}
    await asyncio.to_thread(lambda: server.api("POST", "/bulk/send", json=body).data)
    await wait_for(lambda: len(meta.taken) > bulk // 20, "the bulk send runs")
    pool = Pool()
    await pool.open(server.port, REPLIES)
    begun: dict[str, float] = {}
    refused: list[int] = []
    for number in range(FIRST_REPLY, FIRST_REPLY + REPLIES):
        to = person(number)
        begun[to] = time.perf_counter()
        request = {"profileId": profile, "to": to, "text": "On its way."}
        pool.send(
            post("/api/messages/text", request, {"X-API-Key": server.key}),
            lambda status, _: None if status == 200 else refused.append(status),
        )
        await asyncio.sleep(EVERY_S)
        if len(meta.taken) - sum(to in meta.taken for to in begun) >= bulk:
            break
    left = bulk - (len(meta.taken) - sum(to in meta.taken for to in begun))
    await wait_for(lambda: bool(refused) or all(to in meta.taken for to in begun), "all replies at the provider")
    if refused:
        raise RuntimeError(f"answers were {sorted(set(refused))}")
    return spread([meta.taken[to] - at for to, at in begun.items()]), left


def measure(bulk: int = BULK) -> Iterator[Figure]:
    """The figure on SQLite."""
    with folder() as place:
        server = JackfieldServer(Path(place), {"JACKFIELD_SIMULATOR": "0", "JACKFIELD_LOG_LEVEL": "warning"})
        server.start(300.0)
        try:
            (median, late), left = on_uvloop(lambda: run(server, bulk))
        finally:
            server.stop()
    yield Figure(
        "reply beside a bulk send, p99",
        late,
        "ms",
        wanted=f"<= {AT_MOST_MS}",
        holds=late <= AT_MOST_MS,
        note=f"median {median:,.0f} ms; {left:,} of {bulk:,} bulk messages were left",
    )


if __name__ == "__main__":
    for figure in measure(int(sys.argv[1]) if len(sys.argv) > 1 else BULK):
        print(figure.row(), flush=True)
