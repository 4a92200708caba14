"""Connections that are guarded: real sockets, and a clock that the tests turn."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from jackfield.server.connections import CROWDED, OVERSIZED, ConnectionLimits, Connections, GuardedProtocol

PATIENCE_S = 30.0
SHORT = ConnectionLimits(connections=2, seconds=10)


class Echo:
    """An app that reads what it is sent, waits where it is told to, and answers how it was called."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.gone = asyncio.Event()
        self.seen = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.seen += 1
        if scope["path"] == "/early":
            await self._answer(send, b"no")
            return
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.gone.set()
                return
            more = message.get("more_body", False)
        if scope["path"] == "/wait":
            await self.go_on.wait()
        if scope["path"] == "/large":
            await self._answer(send, bytes(50_000_000))
            return
        flags = ("oversized" if OVERSIZED in scope else "", "crowded" if CROWDED in scope else "")
        await self._answer(send, " ".join(flags).strip().encode() or b"ok")

    async def _answer(self, send: Send, body: bytes) -> None:
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Served:
    """A server, and clients of it."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.app = Echo()
        self.connections = Connections(limits)
        self.port = 0
        self.writers: list[asyncio.StreamWriter] = []
        """Of all clients: a connection is closed when its writer is forgotten."""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Served]:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port = listener.getsockname()[1]
            protocol = self.connections.protocol
            config = uvicorn.Config(self.app, http=protocol, lifespan="off", log_level="error")  # type: ignore[arg-type]
            server = _Server(config)
            job = asyncio.create_task(server.serve([listener]))
            await until(lambda: server.started)
            try:
                yield self
            finally:
                self.app.go_on.set()
                for writer in self.writers:
                    writer.close()
                server.should_exit = server.force_exit = True
                await job

    async def client(self, sent: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter, GuardedProtocol]:
        """A new connection on which this was sent, once the server has it."""
        before = set(self.connections.open)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        await until(lambda: len(set(self.connections.open) - before) == 1)
        (mine,) = set(self.connections.open) - before
        writer.write(sent)
        self.writers.append(writer)
        await until(lambda: not sent or mine._in_headers or mine.cycle is not None)
        return reader, writer, mine


async def until(check: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not check():
            await asyncio.sleep(0.002)


async def end(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the connection is closed."""
    async with asyncio.timeout(PATIENCE_S):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


def later(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with Served(SHORT).running() as served:
        yield served


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n"])
async def test_headers_that_do_not_come_in_time(served: Served, sent: bytes) -> None:
    reader, _, mine = await served.client(sent)
    mine.check(later(9))
    assert not mine.transport.is_closing()
    mine.check(later(11))
    said = await end(reader)
    assert said.startswith(b"HTTP/1.1 408") if sent.endswith(b"\r\n") else b"200" not in said
    assert served.app.seen == 0


async def test_a_second_request_on_a_connection_must_come_in_time_too(served: Served) -> None:
    reader, writer, mine = await served.client(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
    mine.check(later(11))
    assert not mine.transport.is_closing(), "an idle connection is uvicorn's to end"
    writer.write(b"GET / HTTP/1.1\r\n")
    await until(lambda: mine._in_headers)
    mine.check(later(11))
    assert (await end(reader)).startswith(b"HTTP/1.1 408")


POST = b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"


async def test_a_body_that_stops_is_cut_and_the_app_hears_of_it(served: Served) -> None:
    reader, _, mine = await served.client(POST + b"x" * 100)
    await until(lambda: served.app.seen == 1)
    mine.check(later(11))
    assert (await end(reader)).startswith(b"HTTP/1.1 408")
    await asyncio.wait_for(served.app.gone.wait(), PATIENCE_S)


async def test_a_body_that_moves_on_is_let_come(served: Served) -> None:
    reader, writer, mine = await served.client(POST)
    await until(lambda: mine._in_body)
    for span in range(1, 11):
        writer.write(b"x" * 10_000)
        await until(lambda: mine._got >= 10_000 or not mine._in_body)
        if span < 10:
            mine.check(later(11 * span))
    assert b"200" in await reader.readuntil(b"ok")


async def test_a_body_is_not_waited_for_long_once_it_was_answered(served: Served) -> None:
    reader, _, mine = await served.client(b"POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nxx")
    assert b"200" in await reader.readuntil(b"no")
    mine.check(later(11))
    assert await end(reader) == b""


async def test_who_does_not_read_the_answer_is_cut(served: Served) -> None:
    _, _, mine = await served.client(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
    await until(lambda: mine.flow.write_paused)
    mine.check(later(0))
    mine.check(later(11))
    await until(lambda: mine not in served.connections.open)


async def test_who_reads_slowly_but_reads_is_not_cut(served: Served) -> None:
    reader, _, mine = await served.client(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
    await until(lambda: mine.flow.write_paused)
    for span in range(1, 6):
        mine.check(later(11 * (span - 1)))
        await reader.readexactly(4_000_000)
        unsent = mine._unsent
        await until(lambda unsent=unsent: mine.transport.get_write_buffer_size() < unsent)
        mine.check(later(11 * span))
        assert not mine.transport.is_closing()


@pytest.mark.parametrize(
    "headers", [b"".join(b"X-%d: 1\r\n" % n for n in range(101)), b"X-Long: " + b"x" * 33_000 + b"\r\n"]
)
async def test_headers_that_are_too_many_or_too_large(served: Served, headers: bytes) -> None:
    reader, _, _ = await served.client(b"GET / HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n")
    assert b"200" in await reader.readuntil(b"oversized")


async def test_headers_without_an_end(served: Served) -> None:
    reader, writer, _ = await served.client(b"GET / HTTP/1.1\r\nX-Long: ")
    writer.write(b"x" * 70_000)
    said = await end(reader)
    assert said.startswith(b"HTTP/1.1 431")
    assert b"HEADERS_TOO_LARGE" in said
    assert served.app.seen == 0


async def test_large_bodies_are_no_large_headers(served: Served) -> None:
    body = b"x" * 200_000
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
    reader, _, _ = await served.client(head + body)
    assert b"200" in await reader.readuntil(b"ok")


async def test_beyond_the_bound_the_oldest_idle_connection_goes(served: Served) -> None:
    first, _, _ = await served.client()
    second, writer, _ = await served.client()
    third, _, _ = await served.client(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert await end(first) == b""
    assert b"200" in await third.readuntil(b"ok")
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"200" in await second.readuntil(b"ok")


async def test_beyond_the_bound_nothing_that_is_being_answered_is_ended(served: Served) -> None:
    wait = b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"
    busy = [await served.client(wait) for _ in range(2)]
    await until(lambda: served.app.seen == 2)
    third, _, _ = await served.client(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"200" in await third.readuntil(b"crowded")
    served.app.go_on.set()
    for reader, _, _ in busy:
        assert b"200" in await reader.readuntil(b"ok")


async def test_the_clock_runs_by_itself() -> None:
    async with Served(ConnectionLimits(seconds=0.05)).running() as served:
        reader, _, _ = await served.client(b"GET / HTTP/1.1\r\n")
        served.connections.start()
        try:
            assert (await end(reader)).startswith(b"HTTP/1.1 408")
        finally:
            served.connections.stop()
