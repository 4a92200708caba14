"""A stand-alone simulator for tests: the network in a process of its own, which outlives whoever is tested.

    async with stand_alone_simulator() as sim:
        ...  # point a channel, or an engine's baseUrl, at sim.url
        assert len(await sim.outbox("1")) == 100

`simulator_process` is the same for synchronous tests and fixtures.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from .server import free_port

_START_S = 90.0


class ControlFailed(Exception):
    """A control was refused: its HTTP status and the answer."""

    def __init__(self, status: int, answer: Any) -> None:
        super().__init__(f"{status}: {answer}")
        self.status = status
        self.answer = answer


class SimulatorProcess:
    """A running stand-alone simulator. Methods that end in `_now` block; the others are for asyncio."""

    def __init__(self, *arguments: str, port: int | None = None, env: Mapping[str, str] | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._arguments = arguments
        self._env = {**os.environ, **(env or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id. Raises RuntimeError when it is not running."""
        if self._process is None:
            raise RuntimeError("the simulator is not running")
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it is healthy. Raises RuntimeError with its output when it does not come up."""
        command = [sys.executable, "-m", "jackfield.engines.simulator", "--port", str(self.port), *self._arguments]
        self._process = subprocess.Popen(  # noqa: S603 - our own module under our own interpreter
            command, env=self._env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                assert self._process.stderr is not None
                raise RuntimeError(f"the simulator ended at once: {self._process.stderr.read().decode()[-2000:]}")
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:  # noqa: S310 - loopback
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.05)
        self.kill()
        raise RuntimeError(f"the simulator was not healthy within {_START_S:.0f} s")

    def kill(self) -> None:
        """End it as a crash would; `start` brings up a new, empty network on the same port."""
        self._end(graceful=False)

    def stop(self) -> None:
        """End it in good order."""
        self._end(graceful=True)

    def _end(self, *, graceful: bool) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if graceful:
            process.terminate()
        else:
            process.kill()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stderr is not None:
            process.stderr.close()

    # -- controls ------------------------------------------------------------------------------------

    def control_now(self, key: str, action: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """One control of one account; see docs/engines/simulator.md. Raises ControlFailed."""
        request = urllib.request.Request(  # noqa: S310 - loopback
            f"{self.url}/world/{quote(key, safe='')}/{action}", data=msgspec.json.encode(body or {}), method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - loopback
                result: dict[str, Any] = msgspec.json.decode(answer.read())
                return result
        except urllib.error.HTTPError as problem:
            raise ControlFailed(problem.code, msgspec.json.decode(problem.read())) from None

    async def control(self, key: str, action: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """One control of one account. Raises ControlFailed."""
        return await asyncio.to_thread(self.control_now, key, action, body)

    def outbox_now(self, key: str, **filters: Any) -> list[dict[str, Any]]:
        """What the network took from this account, oldest first (`to`, `ref`, `status`, `after`, `limit`)."""
        rows: list[dict[str, Any]] = self.control_now(key, "outbox", filters)["data"]
        return rows

    async def outbox(self, key: str, **filters: Any) -> list[dict[str, Any]]:
        """What the network took from this account, oldest first."""
        return await asyncio.to_thread(lambda: self.outbox_now(key, **filters))

    async def faults(self, key: str, **faults: Any) -> dict[str, Any]:
        """Make things go wrong; without arguments, heal everything."""
        data: dict[str, Any] = (await self.control(key, "faults", faults or {"reset": True}))["data"]
        return data

    async def scan(self, key: str) -> None:
        """The phone scans the QR."""
        await self.control(key, "scan")

    async def inbound(self, key: str, from_: str, text: str | None = None, **fields: Any) -> dict[str, Any]:
        """A person writes; gives the message's id."""
        body = {"from": from_, **({} if text is None else {"text": text}), **fields}
        data: dict[str, Any] = (await self.control(key, "inbound", body))["data"]
        return data

    async def call(self, key: str, from_: str, *, is_video: bool = False) -> dict[str, Any]:
        """A person calls; gives the call's id."""
        data: dict[str, Any] = (await self.control(key, "call", {"from": from_, "isVideo": is_video}))["data"]
        return data

    async def reset(self, key: str) -> None:
        """Empty the outbox and heal everything."""
        await self.control(key, "reset")

    def address(self, path: str, **query: Any) -> str:
        """An address on this server."""
        return f"{self.url}{path}" + (f"?{urlencode(query)}" if query else "")


@contextmanager
def simulator_process(*arguments: str, port: int | None = None) -> Iterator[SimulatorProcess]:
    """A stand-alone simulator for the length of the block; `arguments` as for `jackfield simulator`."""
    simulator = SimulatorProcess(*arguments, port=port)
    simulator.start()
    try:
        yield simulator
    finally:
        simulator.kill()


@asynccontextmanager
async def stand_alone_simulator(
    *,
    seed: int = 0,
    people: str = "plain",
    latency_ms: float | None = None,
    delay_scale: float | None = None,
    port: int | None = None,
) -> AsyncIterator[SimulatorProcess]:
    """A stand-alone simulator for the length of the block. `delay_scale` 0 makes people act at once."""
    arguments = ["--seed", str(seed), "--people", people]
    if latency_ms is not None:
        arguments += ["--latency", str(latency_ms)]
    if delay_scale is not None:
        arguments += ["--delay-scale", str(delay_scale)]
    simulator = SimulatorProcess(*arguments, port=port)
    await asyncio.to_thread(simulator.start)
    try:
        yield simulator
    finally:
        await asyncio.to_thread(simulator.kill)
