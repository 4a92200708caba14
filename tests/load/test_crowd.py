"""An honest client is served while others do their worst: slow connections, logins, large bodies without a key.

`make load` runs it at full size, with the bounds that are promised; the suite runs a small one with generous bounds.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections import Counter
from pathlib import Path

import msgspec

from jackfield.testing.server import EMAIL, JackfieldServer, running_server

FULL = bool(os.environ.get("JACKFIELD_LOAD"))
MB = 1024 * 1024


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How large a crowd is, and what an honest client must still get. Times in seconds, memory in MB."""

    slow: int
    logins: int
    bodies: int
    body_mb: int = 30
    sends: int
    p99: float
    health: float
    memory: int


SIZE = (
    Size(slow=200, logins=200, bodies=50, sends=300, p99=1.0, health=1.0, memory=400)
    if FULL
    else Size(slow=20, logins=10, bodies=3, body_mb=8, sends=15, p99=30.0, health=30.0, memory=600)
)


class Crowd:
    """Everybody who calls one server."""

    def __init__(self, port: int, key: str) -> None:
        self.port = port
        self.key = key
        self.answers: Counter[str] = Counter()
        """What the dishonest ones were answered: who, and the status."""
        self.over = asyncio.Event()

    async def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> int:
        """The status of one request on a connection of its own."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(self._head(method, path, len(body), headers) + body)
            line = await reader.readline()
            await reader.read()
        finally:
            writer.close()
        return int(line.split()[1])

    @staticmethod
    def _head(method: str, path: str, length: int, headers: dict[str, str]) -> bytes:
        own = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        return (
            f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n"
            f"Content-Type: application/json\r\n{own}\r\n"
        ).encode()

    async def slow(self, number: int) -> None:
        """Connections that hardly move: half of them in their headers, half in a body; a new one where one is cut."""
        while not self.over.is_set():
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                start = b"GET /api/contacts HTTP/1.1\r\nHost: x\r\n"
                if number % 2:
                    start = self._head("POST", "/api/messages/text", 1000, {"X-API-Key": self.key})
                writer.write(start)
                told = asyncio.create_task(reader.readline())
                while not told.done() and not self.over.is_set():
                    writer.write(b"X" if number % 2 else b"X-A: 1\r\n")
                    await asyncio.wait([told], timeout=1)
                if told.done():
                    line = told.result()
                    self.answers[f"slow {line.split()[1].decode() if line else 'cut'}"] += 1
                told.cancel()
                writer.close()

    async def login(self, number: int) -> None:
        """Wrong passwords, one after another."""
        while not self.over.is_set():
            body = json.dumps(
                {"email": f"{number}@example.com" if number % 2 else EMAIL, "password": "x" * 12}
            ).encode()
            with contextlib.suppress(OSError):
                status = await self.ask("POST", "/api/auth/login", body)
                self.answers[f"login {status}"] += 1
                if status in (429, 503):
                    await self.rest()

    async def large(self, size: int) -> None:
        """Large bodies without a key, sent to their end if the server lets them."""
        piece = b'{"messages":[' + b" " * 65536
        while not self.over.is_set():
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.write(self._head("POST", "/api/bulk/send", size, {}))
                line = await reader.readline()
                self.answers[f"large {line.split()[1].decode()}"] += 1
                left = size
                while left > 0 and not self.over.is_set():
                    writer.write(piece[:left])
                    left -= len(piece)
                    await writer.drain()
                writer.close()
            await self.rest()

    async def rest(self) -> None:
        """A second, as Retry-After asks for; or less when all is over."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.over.wait(), 1)

    async def honest(self, sends: int) -> list[float]:
        """Sends of the honest client, one after another: how long each took."""
        loop, took = asyncio.get_running_loop(), []
        for n in range(sends):
            body = json.dumps({"to": "628123456789", "text": f"Hello {n}"}).encode()
            start = loop.time()
            status = await self.ask("POST", "/api/messages/text", body, X_API_Key=self.key)
            took.append(loop.time() - start)
            assert status == 200, status
        return took

    async def health(self) -> list[float]:
        """How long /healthz and /readyz took, until all is over."""
        loop, took = asyncio.get_running_loop(), []
        while not self.over.is_set():
            for path in ("/healthz", "/readyz"):
                start = loop.time()
                assert await self.ask("GET", path) == 200
                took.append(loop.time() - start)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.over.wait(), 0.1)
        return took


def peak_memory(pid: int) -> float:
    """The most memory that a process has had, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


async def crowded(server: JackfieldServer) -> None:
    crowd = Crowd(server.port, server.key)
    others = [asyncio.create_task(crowd.slow(n)) for n in range(SIZE.slow)]
    others += [asyncio.create_task(crowd.login(n)) for n in range(SIZE.logins)]
    others += [asyncio.create_task(crowd.large(SIZE.body_mb * MB)) for _ in range(SIZE.bodies)]
    health = asyncio.create_task(crowd.health())
    async with asyncio.timeout(300):
        while not (crowd.answers["large 401"] and any(one.startswith("login") for one in crowd.answers)):
            await asyncio.sleep(0.05)
        took = sorted(await crowd.honest(SIZE.sends))
        crowd.over.set()
        checks = sorted(await health)
    for one in others:
        one.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    assert server.process is not None
    memory = peak_memory(server.process.pid)
    p99, slowest = took[int(len(took) * 0.99) - 1], checks[-1]
    sys.stdout.write(
        f"sends: median {took[len(took) // 2]:.3f} s, p99 {p99:.3f} s; health: slowest {slowest:.3f} s of {len(checks)};"
        f" memory: {memory:.0f} MB at most; the others: {dict(sorted(crowd.answers.items()))}\n"
    )
    assert set(crowd.answers) <= {
        "large 401",
        "login 401",
        "login 429",
        "login 503",
        "slow 408",
        "slow cut",
    }, crowd.answers
    assert p99 < SIZE.p99
    assert slowest < SIZE.health
    assert memory < SIZE.memory


def test_an_honest_client_is_served_in_a_crowd(own_process: None, tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        asyncio.run(crowded(server))
