"""live: 1,000 WebSocket clients on one process receive every event while messages are being sent.

25 messages a second through the API make 100 events (queued, sent, delivered, read); each goes to every client. The clients
are bare protocols in a process of their own, on the same cores. Latency is from the event's own time, which is when its
transaction began, to its arrival.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from jackfield.testing.server import JackfieldServer, until

from ._kit import Figure, folder

CLIENTS = 1000
MESSAGES_PER_SECOND = 25
EVENTS = 4
"""Events of a message."""
SECONDS = 15.0
QUIET_S = 3.0
"""After so long without an event there are no more."""
WANTED_MS = 250.0
WANTED_US = 25.0
"""CPU of the server for a frame; accepting and sending the messages is in it."""
SAMPLES = 50
"""Clients that note how late each event is; the others count, which leaves the cores to the server."""


class Listener(asyncio.Protocol):
    """A WebSocket client that counts events and notes how late they are. Frames of a server are not masked."""

    def __init__(self, key: str, board: Board) -> None:
        self._board = board
        board.clients += 1
        self._samples = board.clients <= SAMPLES
        self._ready = False
        self._data = bytearray()
        self._open = False
        nonce = base64.b64encode(os.urandom(16)).decode()
        self._hello = (
            f"GET /api/ws?type=message.* HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\nX-API-Key: {key}\r\n\r\n"
        ).encode()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(self._hello)

    def data_received(self, data: bytes) -> None:
        now = time.time()
        self._data += data
        if not self._open:
            end = self._data.find(b"\r\n\r\n")
            if end < 0:
                return
            if b" 101 " not in self._data[:32]:
                raise RuntimeError(bytes(self._data[:300]))
            del self._data[: end + 4]
            self._open = True
        while len(self._data) >= 2:
            size, start = self._data[1], 2
            if size == 126:
                size, start = int.from_bytes(self._data[2:4], "big"), 4
            elif size == 127:
                size, start = int.from_bytes(self._data[2:10], "big"), 10
            if len(self._data) < start + size:
                return
            if self._ready and not self._samples and self._data[0] == 0x81:
                self._board.events += 1
            else:
                self._frame(self._data[0] & 15, bytes(self._data[start : start + size]), now)
            del self._data[: start + size]

    def _frame(self, opcode: int, body: bytes, now: float) -> None:
        if opcode == 9:
            self._transport.write(b"\x8a" + bytes((0x80 | len(body),)) + b"\0\0\0\0" + body)
        elif opcode == 8:
            self._board.closed += 1
        elif b'"event":"ready"' in body:
            self._board.ready += 1
            self._ready = True
        else:
            self._board.arrived(body, now)

    def connection_lost(self, _: Exception | None) -> None:
        self._board.lost += 1


class Board:
    """What all clients saw."""

    def __init__(self) -> None:
        self.clients = self.ready = self.closed = self.lost = self.events = 0
        self.late: list[float] = []
        self._times: dict[bytes, float] = {}

    def arrived(self, body: bytes, now: float) -> None:
        """One event at one client."""
        self.events += 1
        at = body.find(b'"timestamp":"') + 13
        text = body[at : at + 24]
        made = self._times.get(text)
        if made is None:
            made = self._times[text] = datetime.fromisoformat(text.decode()).timestamp()
        self.late.append((now - made) * 1000)


async def clients(port: int, key: str, count: int, seconds: float) -> dict[str, Any]:
    """Connect, say so on standard output, listen, and tell what came."""
    loop = asyncio.get_running_loop()
    board = Board()
    for start in range(0, count, 50):
        await asyncio.gather(
            *(
                loop.create_connection(lambda: Listener(key, board), "127.0.0.1", port)
                for _ in range(min(50, count - start))
            )
        )
    while board.ready < count:
        await asyncio.sleep(0.02)
    print("ready", flush=True)
    begun = time.process_time()
    await asyncio.sleep(seconds)
    # On a busy machine more is under way: until nothing comes any more.
    seen = -1
    while seen < board.events:
        seen = board.events
        await asyncio.sleep(QUIET_S)
    late = sorted(board.late) or [0.0]
    return {
        "events": board.events,
        "cpu": time.process_time() - begun,
        "p50": late[len(late) // 2],
        "p99": late[int(len(late) * 0.99)],
        "max": late[-1],
        "lost": board.lost + board.closed,
    }


def _round(server: JackfieldServer, count: int) -> tuple[int, float, dict[str, Any]]:
    """Messages sent while so many listen, CPU seconds of the server meanwhile, and what the listeners tell."""
    import psutil

    assert server.process is not None
    process = psutil.Process(server.process.pid)
    listen = subprocess.Popen(
        [sys.executable, "-m", "bench.live", str(server.port), server.key, str(count), str(SECONDS)],
        stdout=subprocess.PIPE,
    )
    try:
        assert listen.stdout is not None
        assert listen.stdout.readline().strip() == b"ready"
        before = sum(process.cpu_times()[:2])
        sent = _send(server)
        told = json.loads(listen.stdout.readline())
        return sent, sum(process.cpu_times()[:2]) - before, told
    finally:
        listen.terminate()
        listen.wait(10)


def measure() -> list[Figure]:
    """The figures."""
    with folder() as place:
        server = JackfieldServer(place, {"JACKFIELD_SIMULATOR_PEOPLE": "plain"})
        server.start()
        try:
            until(lambda: server.api("GET", "/profiles/1/status").data["connected"])
            sent, cpu, told = _round(server, CLIENTS)
        finally:
            server.stop()
    wanted = sent * EVENTS * CLIENTS
    rate = told["events"] / SECONDS
    cost = cpu / max(1, told["events"]) * 1e6
    return [
        Figure(
            "live: WebSocket deliveries",
            rate,
            "events/s",
            None,
            "",
            told["events"] / wanted,
            "all of them",
            told["events"] >= wanted and not told["lost"],
            f"{CLIENTS} clients x {sent * EVENTS / SECONDS:.0f} events/s; server {cpu / SECONDS:.0%} of a core",
        ),
        Figure(
            "live: CPU of the server",
            cost,
            "us/frame",
            None,
            "",
            None,
            f"<= {WANTED_US:.0f} us",
            cost <= WANTED_US,
            f"the sends included; the clients took {told['cpu']:.0f} s of CPU",
        ),
        Figure(
            "live: delay at the client, p99",
            told["p99"],
            "ms",
            None,
            "",
            None,
            f"< {WANTED_MS:.0f} ms",
            told["p99"] < WANTED_MS,
            f"p50 {told['p50']:.0f} ms, most {told['max']:.0f} ms",
        ),
    ]


def _send(server: JackfieldServer) -> int:
    """Send at the pace, however long an answer takes; gives how many messages."""
    sent = 0
    begun = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        while (passed := time.monotonic() - begun) < SECONDS:
            if sent <= passed * MESSAGES_PER_SECOND:
                body = {"to": str(628100000000 + sent), "text": "Live figures"}
                pool.submit(lambda body=body: server.api("POST", "/messages/text", json=body).data)
                sent += 1
            else:
                time.sleep(0.005)
    return sent


if __name__ == "__main__":
    import uvloop

    port_, key_, count_, seconds_ = sys.argv[1:]
    print(json.dumps(uvloop.run(clients(int(port_), key_, int(count_), float(seconds_)))), flush=True)
