"""loop: the whole loop as a user sees it: accepted over HTTP, sent through the Cloud API, statuses in, webhooks out.

What the server costs in CPU per message, beside one bare POST of the same message by aiohttp in the same run.
`python -m bench.loop 20000` takes so many messages. With JACKFIELD_BENCH_SPY=/path/to/py-spy each run leaves a profile.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from jackfield.testing.server import JackfieldServer, until

from . import _world
from ._kit import Figure, folder, post, postgres
from ._spy import profiled
from ._world import Meta, Pool, Receiver, Served
from .idle import cpu_seconds

MESSAGES = 10_000
LATENCY_S = 0.1
"""How long Meta takes for a message."""
IN_FLIGHT = 512
"""Messages that the sender has not had an answer for, at most."""
CONNECTIONS = 64
TIMEOUT_S = 600.0
QUIET_S = 2.0
"""So long after the last webhook no further one is expected."""
STEPS: dict[str, tuple[bool, bool, float]] = {
    "sent": (False, False, 2.0),
    "sent, 3 statuses in": (True, False, 4.0),
    "sent, 3 statuses in, 3 webhooks out": (True, True, 6.0),
}
"""What a run consists of, and how many bare POSTs it may cost at most."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What one run showed. CPU in microseconds per message, times in milliseconds."""

    cpu_us: float
    per_second: float
    accept_ms: tuple[float, float]
    network_ms: tuple[float, float]


def spread(seconds: list[float]) -> tuple[float, float]:
    """Median and 99th percentile, in ms."""
    ordered = sorted(seconds)
    return 1000 * statistics.median(ordered), 1000 * ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]


def person(number: int) -> str:
    """The phone number of the nth recipient."""
    return f"9198{number:08d}"


async def serve(answer: Callable[[asyncio.Transport, bytes, bytes], None]) -> int:
    """Answer on a port of loopback; gives the port."""
    server = await asyncio.get_running_loop().create_server(lambda: Served(answer), "127.0.0.1", 0, backlog=4096)
    return int(server.sockets[0].getsockname()[1])


async def wait_for(check: Callable[[], bool], what: str) -> None:
    """Wait until it is so. Raises TimeoutError."""
    begun = time.monotonic()
    while not check():
        if time.monotonic() - begun > TIMEOUT_S:
            raise TimeoutError(f"not within {TIMEOUT_S:g} s: {what}")
        await asyncio.sleep(0.02)


def prepare(server: JackfieldServer, graph: int, sink: int | None) -> str:
    """A Cloud API profile without a pace of its own, and an endpoint that wants every event; gives the profile's id."""
    pacing = {"rate": 1_000_000, "burst": 1_000_000, "perRecipientS": 0}
    body = {
        "name": "Cloud",
        "engine": "whatsapp_cloud",
        "config": _world.config(f"http://127.0.0.1:{graph}"),
        "pacing": pacing,
    }
    profile = str(server.api("POST", "/profiles", json=body).data["id"])
    server.api("POST", f"/profiles/{profile}/connect").data  # noqa: B018 - fails loudly
    until(lambda: server.api("GET", f"/profiles/{profile}/status").data["connected"], 60, "the profile is connected")
    if sink is not None:
        hook = {"url": f"http://127.0.0.1:{sink}/in", "events": ["message.sent", "message.delivered", "message.read"]}
        server.api("POST", "/webhooks", json=hook).data  # noqa: B018 - fails loudly
    return profile


async def run(server: JackfieldServer, total: int, *, statuses: bool, webhooks: bool) -> Seen:
    """Send so many messages, and wait until all that belongs to them has happened."""
    meta, receiver = Meta(LATENCY_S), Receiver()
    graph = await serve(meta.answer)
    sink = await serve(receiver.answer) if webhooks else None
    profile = await asyncio.to_thread(prepare, server, graph, sink)
    sender = Pool()
    await sender.open(server.port, CONNECTIONS)
    if statuses:
        hooks = Pool()
        await hooks.open(server.port, CONNECTIONS)
        meta.hook = (hooks, profile)
    begun_at: dict[str, float] = {}
    accepted: list[float] = []
    bad: list[int] = []

    def send() -> None:
        to = person(len(begun_at))
        begun_at[to] = time.perf_counter()
        body = {"profileId": profile, "to": to, "text": _world.TEXT}
        sender.send(post("/api/messages/text", body, {"X-API-Key": server.key}), answered)

    def answered(status: int, seconds: float) -> None:
        accepted.append(seconds)
        if status != 200:
            bad.append(status)
        if len(begun_at) < total:
            send()

    assert server.process is not None
    with profiled(server.process.pid, f"loop-{statuses:d}{webhooks:d}"):
        before, begun = cpu_seconds(server.process.pid), time.perf_counter()
        for _ in range(min(IN_FLIGHT, total)):
            send()
        await wait_for(lambda: len(meta.taken) == total or bool(bad), "all messages at the network")
        if bad:
            raise RuntimeError(f"answers were {sorted(set(bad))}")
        if statuses:
            await wait_for(lambda: meta.acknowledged == 3 * total, "all statuses taken")
        took = time.perf_counter() - begun
        if webhooks:
            # One that was read before its "delivered" was taken tells of two steps only.
            await wait_for(
                lambda: receiver.got >= 2 * total and time.perf_counter() - receiver.last > QUIET_S,
                "all webhooks delivered",
            )
            took = max(took, receiver.last - begun)
        if meta.refused:
            raise RuntimeError(f"{meta.refused} statuses were refused")
        # What was done is recorded a moment later.
        await asyncio.sleep(0.5)
        used = cpu_seconds(server.process.pid) - before
    return Seen(
        cpu_us=1e6 * used / total,
        per_second=total / took,
        accept_ms=spread(accepted),
        network_ms=spread([at - begun_at[to] for to, at in meta.taken.items()]),
    )


_BARE = """
import asyncio, json, os, resource, sys
import aiohttp, uvloop
port, total, flight = map(int, sys.argv[1:4])
async def main():
    url, left = f"http://127.0.0.1:{port}/v23.0/1/messages", iter(range(total))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        async def lane():
            for number in left:
                body = {"messaging_product": "whatsapp", "to": f"9198{number:08d}", "type": "text", "text": {"body": sys.argv[4]}}
                async with session.post(url, json=body, headers={"Authorization": "Bearer " + "x" * 194}) as answer:
                    assert answer.status == 200
                    await answer.json()
        first = resource.getrusage(resource.RUSAGE_SELF)
        await asyncio.gather(*(lane() for _ in range(flight)))
        last = resource.getrusage(resource.RUSAGE_SELF)
    print(1e6 * (last.ru_utime + last.ru_stime - first.ru_utime - first.ru_stime) / total)
uvloop.run(main())
"""


async def bare(total: int) -> float:
    """CPU in microseconds of one POST of such a message by aiohttp, with as many in flight and nothing else."""
    port = await serve(Meta(LATENCY_S).answer)
    command = ("-c", _BARE, str(port), str(total), str(IN_FLIGHT), _world.TEXT)
    child = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    said, _ = await child.communicate()
    if child.returncode:
        raise RuntimeError("the bare client failed")
    return float(said)


def on_uvloop(work: Callable[[], Awaitable[Any]]) -> Any:
    """Run on uvloop, as the server does."""
    import uvloop

    async def main() -> Any:
        return await work()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main())


def one_run(total: int, statuses: bool, webhooks: bool, database: str | None) -> Seen:
    """A run on a fresh server."""
    with folder() as place:
        env = {"JACKFIELD_SIMULATOR": "0", "JACKFIELD_LOG_LEVEL": "warning"}
        server = JackfieldServer(Path(place), env | ({"JACKFIELD_DATABASE_URL": database} if database else {}))
        server.start(300.0)
        try:
            seen: Seen = on_uvloop(lambda: run(server, total, statuses=statuses, webhooks=webhooks))
            return seen
        finally:
            server.stop()


def measure(total: int = MESSAGES) -> Iterator[Figure]:
    """The figures, on SQLite and on PostgreSQL."""
    for kind in ("SQLite", "PostgreSQL"):
        for step, (statuses, webhooks, maximum) in STEPS.items():
            limit: float = on_uvloop(lambda: bare(total))
            if kind == "SQLite":
                seen = one_run(total, statuses, webhooks, None)
            else:
                with postgres() as url:
                    if url is None:
                        return
                    seen = one_run(total, statuses, webhooks, url)
            ratio = seen.cpu_us / limit
            yield Figure(
                f"loop: {step}, {kind}",
                seen.cpu_us,
                "us CPU",
                limit,
                "us a bare POST",
                ratio,
                f"<= {maximum:g}",
                ratio <= maximum,
                f"{seen.per_second:,.0f} messages/s; accepted in {seen.accept_ms[0]:,.0f} ms (p99 {seen.accept_ms[1]:,.0f}),"
                f" at the network in {seen.network_ms[0]:,.0f} (p99 {seen.network_ms[1]:,.0f})",
            )


if __name__ == "__main__":
    for figure in measure(int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES):
        print(figure.row(), flush=True)
