"""One child process as the server sees it: asking, being told, noticing its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable
from typing import Any

from jackfield.core.ground.errors import OutcomeUnknown

from .link import Answer, Ask, Heard, Told, error_of, read_frame, write_frame

PING_S, PONG_S = 10.0, 30.0
"""How often a process is asked whether it lives, and how long it may take to answer before it is killed."""
CLOSE_S = 10.0
"""How long a process may take to end by itself when it is asked to."""
BOOT_S = 120.0
"""The same for its first answer: loading neonize's 18 MB takes 1 to 3 s, and far longer on a busy small machine."""


class ProcessLost(Exception):
    """The process died before it answered; it is surely gone when this is raised."""


class Process:
    """A running child. `told` gets every Told; `ended` is called once with the reason, after all asks have failed."""

    def __init__(
        self,
        maker: str,
        told: Callable[[Told], None],
        ended: Callable[[str], None],
        *,
        ping_s: float = PING_S,
        pong_s: float = PONG_S,
    ) -> None:
        self._maker, self._told, self._ended = maker, told, ended
        self._ping_s, self._pong_s = ping_s, pong_s
        self._asks: dict[int, asyncio.Future[Any]] = {}
        self._count = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._errors: deque[str] = deque(maxlen=20)
        self._closing = False
        self.gone = asyncio.Event()
        self.pid = 0

    async def start(self) -> None:
        """Spawn it. Raises OSError."""
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                f"{__package__}.child",
                str(theirs.fileno()),
                self._maker,
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                # The Go side prints failed sends with numbers in them; that is no log of ours.
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                    # Else neonize marks every private message as a bot's, and phones show that.
                    "NEONIZE_BOT_TAG": "off",
                },
            )
        self.pid = self._process.pid
        self._reader, self._writer = await asyncio.open_connection(sock=ours)
        self._tasks = [
            asyncio.create_task(self._read(), name="whatsapp process"),
            asyncio.create_task(self._ping(), name="whatsapp ping"),
            asyncio.create_task(self._listen(), name="whatsapp stderr"),
        ]

    async def ask(self, channel: int, verb: str, args: dict[str, Any], *, timeout: float | None = None) -> Any:
        """The child's answer. Raises its SendError, ProcessLost when it dies first, OutcomeUnknown after `timeout` s."""
        if self.gone.is_set():
            raise ProcessLost
        self._count += 1
        number = self._count
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asks[number] = future
        try:
            write_frame(self._writer, Ask(number, channel, verb, args))
            async with asyncio.timeout(timeout):
                await self._writer.drain()
                return await future
        except (ConnectionError, OSError) as error:
            if isinstance(error, TimeoutError):
                raise OutcomeUnknown("timeout", f"No answer to {verb} within {timeout:.0f} s.") from None
            await self.gone.wait()
            raise ProcessLost from None
        finally:
            self._asks.pop(number, None)

    def heard(self, channel: int, seq: int) -> None:
        """Tell the child that everything of a channel up to `seq` is durable."""
        if not self.gone.is_set():
            write_frame(self._writer, Heard(channel, seq))

    async def _read(self) -> None:
        try:
            while (frame := await read_frame(self._reader)) is not None:
                if isinstance(frame, Told):
                    self._told(frame)
                elif isinstance(frame, Answer):
                    self._settle(frame)
        finally:
            await self._bury()

    def _settle(self, answer: Answer) -> None:
        future = self._asks.get(answer.id)
        if future is None or future.done():
            return
        if answer.failure is not None:
            future.set_exception(error_of(answer.failure))
        else:
            future.set_result(answer.result)

    async def _bury(self) -> None:
        """Make sure that it is dead, then fail what waits: the files are nobody else's from here on."""
        if self._closing:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_S):
                    await self._process.wait()
        self.kill()
        status = await self._process.wait()
        self.gone.set()
        self._writer.close()
        for future in self._asks.values():
            if not future.done():
                future.set_exception(ProcessLost())
        for task in self._tasks[1:]:
            task.cancel()
        if not self._closing:
            last = next((line for line in reversed(self._errors) if line.strip()), "")
            self._ended(f"exit status {status}" + (f": {last.strip()[:200]}" if last else ""))

    async def _ping(self) -> None:
        patience = max(self._pong_s, BOOT_S)
        while True:
            try:
                await self.ask(0, "ping", {}, timeout=patience)
                patience = self._pong_s
                await asyncio.sleep(self._ping_s)
            except OutcomeUnknown:
                self._errors.append("it no longer answered")
                self.kill()
                return
            except ProcessLost:
                return

    async def _listen(self) -> None:
        assert self._process.stderr is not None
        while line := await self._process.stderr.readline():
            self._errors.append(line.decode(errors="replace"))

    def kill(self) -> None:
        """End it at once."""
        if self._process.returncode is None:
            # Not Process.kill: that reaps a process that has just ended, and its exit status is lost to the watcher.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    async def close(self) -> None:
        """Let it end by itself within `CLOSE_S`, then make it."""
        self._closing = True
        if not self.gone.is_set():
            self._writer.close()
        await self.gone.wait()
        await asyncio.gather(*self._tasks, return_exceptions=True)
