"""What the figures share: processes, load, medians, the table."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httptools


@dataclass
class Figure:
    """One measured figure. `value` in `unit`; `ratio` to the machine's limit measured beside it, `wanted` the bound."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    limit_name: str = ""
    ratio: float | None = None
    wanted: str = ""
    holds: bool | None = None
    note: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def row(self) -> str:
        """The figure as one line of the table."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        limit = "" if self.limit is None else f"{self.limit:,.0f} {self.limit_name}"
        mark = "" if self.holds is None else ("yes" if self.holds else "NO")
        return f"{self.name:34} {self.value:>12,.1f} {self.unit:12} {limit:34} {ratio:>6} {self.wanted:12} {mark:4} {self.note}"


HEADER = (
    f"{'figure':34} {'value':>12} {'unit':12} {'limit of this machine, same run':34} {'ratio':>6} {'wanted':12} holds"
)


@contextlib.contextmanager
def postgres() -> Iterator[str | None]:
    """The URL of an empty PostgreSQL database: `BENCH_POSTGRES`, else one of a server of our own, else None."""
    given = os.environ.get("BENCH_POSTGRES")
    if given:
        yield given
        return
    try:
        import pgserver
    except ImportError:
        yield None
        return
    # Right under the temporary folder: as root the server runs as another user, and a socket's name must be short.
    made = tempfile.mkdtemp(prefix="jf-pg-")
    os.chmod(made, 0o755)
    server = pgserver.get_server(Path(made) / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(made, ignore_errors=True)


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    made = tempfile.mkdtemp(prefix="jackfield-bench-")
    try:
        yield Path(made)
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextlib.contextmanager
def process(*command: str, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process that ends with the block."""
    running = subprocess.Popen([sys.executable, *command], env={**os.environ, **(env or {})})
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            running.kill()


@contextlib.contextmanager
def campaign_finished(bus: Any) -> Iterator[asyncio.Future[None]]:
    """Done once an event tells that a campaign has finished."""
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def heard(events: list[Any]) -> None:
        if not done.done() and any(event.type == "campaign.finished" for event in events):
            done.set_result(None)

    end = bus.subscribe("events", heard)
    try:
        yield done
    finally:
        end()


def median(measure: Callable[[], float], times: int = 3) -> float:
    """The median of several runs."""
    return statistics.median(measure() for _ in range(times))


class _Client(asyncio.Protocol):
    """One keep-alive connection that posts the same request again and again."""

    def __init__(self, request: bytes, load: Load) -> None:
        self._request = request
        self._load = load
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if self._load.answered(status):
            self._parser = httptools.HttpResponseParser(self)
            self._transport.write(self._request)
        else:
            self._transport.close()

    def connection_lost(self, _: Exception | None) -> None:
        self._load.closed()


class Load:
    """A closed loop of requests over several connections, for a number of answers."""

    def __init__(self, total: int) -> None:
        self._left = total
        self.bad = 0
        self._open = 0
        self._done: asyncio.Future[None]

    def answered(self, status: int) -> bool:
        """Count an answer; whether to go on."""
        if not 200 <= status < 300:
            self.bad += 1
        self._left -= 1
        return self._left > 0

    def closed(self) -> None:
        """A connection ended."""
        self._open -= 1
        if self._open == 0 and not self._done.done():
            self._done.set_result(None)

    async def run(self, host: str, port: int, request: bytes, connections: int) -> float:
        """Seconds for all answers."""
        loop = asyncio.get_running_loop()
        self._done = loop.create_future()
        self._open = connections
        begun = time.perf_counter()
        for _ in range(connections):
            await loop.create_connection(lambda: _Client(request, self), host, port)
        await self._done
        return time.perf_counter() - begun


def post(path: str, body: Any, headers: dict[str, str]) -> bytes:
    """A raw POST request of JSON; a body that is bytes goes as it is."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", "Host: bench", f"Content-Length: {len(data)}", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + data


def rate(port: int, request: bytes, total: int, connections: int = 64) -> float:
    """Answers per second of a server on loopback. Raises RuntimeError when any answer was no success."""
    import uvloop

    load = Load(total)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        seconds = runner.run(load.run("127.0.0.1", port, request, connections))
    if load.bad:
        raise RuntimeError(f"{load.bad} of {total} answers were failures")
    return total / seconds
