"""A TCP proxy that stands between a server and what it depends on, and makes that go wrong.

    with tcp_proxy(("127.0.0.1", 5432)) as proxy:
        ...                    # point the server at proxy.port
        proxy.refuse()         # nobody listens any more, and what was open is reset
        proxy.heal()
        proxy.stall()          # a partition: connections stay, no byte passes
        proxy.delay(0.2)       # seconds before each piece goes on, in both directions
        proxy.cut()            # resets what is open; new connections work
        proxy.cut_after(b"COMMIT")   # the next such request goes through, and its answer is lost

All methods may be called from any thread and take effect before they return.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from .server import free_port

T = TypeVar("T")

Target = tuple[str, int] | Path
"""Where connections go on to: host and port, or a Unix socket."""
_PIECE = 65536
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER of no time: the end of a connection is a reset."""


class _Link:
    """One connection with its way on."""

    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self.near, self.far = near, far
        self.deaf = False
        """Whether answers are dropped."""

    def reset(self) -> None:
        """End both halves without a farewell."""
        for writer in (self.near, self.far):
            found = writer.get_extra_info("socket")
            if found is not None and found.family != socket.AF_UNIX:
                with contextlib.suppress(OSError):
                    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()


class TcpProxy:
    """The proxy. With several targets each connection goes to the first that takes it, beginning with another one each
    time. `port` is its own, on 127.0.0.1."""

    def __init__(self, *targets: Target) -> None:
        self._targets: Sequence[Target] = targets
        self._turn = 0
        self._links: set[_Link] = set()
        self._seconds = 0.0
        self._pattern: bytes | None = None
        self._hits = 0
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._open = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tcp-proxy", daemon=True)
        self.port = free_port()

    # -- faults --------------------------------------------------------------------------------------

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        self._do(self._heal)

    def close(self) -> None:
        """End everything."""
        self._do(self._refuse)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def heal(self) -> None:
        """All is well again. Connections that were cut stay so."""
        self._do(self._heal)

    def refuse(self) -> None:
        """Take no connection, and reset those that are open."""
        self._do(self._refuse)

    def stall(self) -> None:
        """Keep all connections and take new ones, and pass nothing on until healed."""

        async def stall() -> None:
            self._open.clear()

        self._do(stall)

    def delay(self, seconds: float) -> None:
        """Let every piece wait so long, in both directions."""

        async def delay() -> None:
            self._seconds = seconds

        self._do(delay)

    def cut(self) -> None:
        """Reset what is open."""
        self._do(self._cut)

    def cut_after(self, pattern: bytes) -> None:
        """Pass on the next piece that holds this on its way to the target, then drop the answer and reset: whoever asked
        does not know whether it was done."""

        async def arm() -> None:
            self._pattern = pattern

        self._do(arm)

    @property
    def hits(self) -> int:
        """How often `cut_after` has struck."""
        return self._hits

    # -- inside --------------------------------------------------------------------------------------

    def _do(self, what: Callable[[], Coroutine[Any, Any, T]]) -> T:
        return asyncio.run_coroutine_threadsafe(what(), self._loop).result(10)

    async def _heal(self) -> None:
        self._seconds, self._pattern = 0.0, None
        self._open.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._take, "127.0.0.1", self.port)

    async def _refuse(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._cut()

    async def _cut(self) -> None:
        for link in list(self._links):
            link.reset()

    async def _take(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        found = await self._connect()
        if found is None:
            near.transport.abort()
            return
        back, far = found
        link = _Link(near, far)
        self._links.add(link)
        try:
            done, rest = await asyncio.wait(
                [
                    asyncio.ensure_future(self._pass_on(reader, far, lambda data: self._struck(link, data))),
                    asyncio.ensure_future(self._pass_on(back, near, lambda _: self._hushed(link))),
                ],
                return_when=asyncio.FIRST_COMPLETED,
            )
            for task in rest:
                task.cancel()
            await asyncio.gather(*done, *rest, return_exceptions=True)
        finally:
            self._links.discard(link)
            for writer in (near, far):
                writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        count = len(self._targets)
        self._turn += 1
        for place in range(count):
            target = self._targets[(self._turn + place) % count]
            with contextlib.suppress(OSError):
                if isinstance(target, Path):
                    return await asyncio.open_unix_connection(str(target))
                return await asyncio.open_connection(*target)
        return None

    async def _pass_on(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, look: Callable[[bytes], Awaitable[bool]]
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(_PIECE):
                if self._seconds:
                    await asyncio.sleep(self._seconds)
                await self._open.wait()
                if not await look(data):
                    continue
                sink.write(data)
                await sink.drain()

    async def _struck(self, link: _Link, data: bytes) -> bool:
        if self._pattern is not None and self._pattern in data:
            self._pattern = None
            self._hits += 1
            link.deaf = True
            link.far.write(data)
            await link.far.drain()
            return False
        return True

    async def _hushed(self, link: _Link) -> bool:
        """What the target answers; the answer to what `cut_after` waited for shows that it was done."""
        if link.deaf:
            link.reset()
            return False
        return True


@contextlib.contextmanager
def tcp_proxy(*targets: Target) -> Iterator[TcpProxy]:
    """A proxy for the length of the block."""
    proxy = TcpProxy(*targets)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.close()
