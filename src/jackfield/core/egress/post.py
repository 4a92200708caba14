"""Posting: an HTTP/1.1 client that can do one thing, a POST whose body and answer are in memory, behind the guard of
addresses.

Each message and each webhook is one such request. aiohttp's client, which is made for everything, took a quarter of the
server's CPU in the whole loop; this one, on the parser that uvicorn uses too, takes less than half of that, most of it
in the kernel (see docs/performance.md). What else is fetched goes through aiohttp as before.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import zlib
from collections import deque
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

import httptools
import msgspec
from aiohttp.abc import AbstractResolver
from yarl import URL

from ..ground.addresses import AllowList
from .addresses import NOTHING, Blocked
from .guard import Guard

MAX_HEAD: Final = 65536
"""Bytes of an answer's headers at most."""
_ZIPPED: Final = frozenset({"gzip", "x-gzip", "deflate"})


class PostError(Exception):
    """A request that got no answer; `why` is in words without the URL.

    `kind`: "url", "blocked", "dns", "tls", "connect", "slow" (no connection within the time) and "closed" (the poster)
    say that the request surely did not arrive; with "timeout", "disconnected" (without a byte of an answer) and
    "broken" it may have.
    """

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(kind, why)
        self.kind = kind
        self.why = why


class Answer(msgspec.Struct, frozen=True):
    """What the other side said. `body` is cut at the limit asked for; header names are lower case, and of repeated ones
    the last counts."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Place(NamedTuple):
    """Where connections lead."""

    host: str
    port: int
    tls: bool


@lru_cache(2048)
def _target(url: str) -> tuple[_Place, bytes]:
    """The place of a URL, and the first lines of a request to it. Parsing costs more than signing, and the same few are
    called over and over. Raises PostError."""
    try:
        parsed = URL(url)
        host, port = parsed.raw_host, parsed.port
    except ValueError:
        host = port = None
    if not host or not port or parsed.scheme not in ("http", "https"):
        raise PostError("url", "the URL is not usable")
    head = f"POST {parsed.raw_path_qs} HTTP/1.1\r\nHost: {parsed.host_port_subcomponent}\r\n"
    return _Place(host, port, parsed.scheme == "https"), head.encode()


@lru_cache(1)
def _trusted() -> ssl.SSLContext:
    """The system's authorities, read once."""
    return ssl.create_default_context()


def header_lines(headers: Mapping[str, str]) -> bytes:
    """Headers as they go over the wire. Raises ValueError for one that would end its line."""
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    if lines.count("\n") != len(headers) or lines.count("\r") != len(headers) or "\0" in lines:
        raise ValueError("a header contains a line break")
    return lines.encode()


class _Connection(asyncio.Protocol):
    """One connection: one request at a time."""

    def __init__(self, poster: Poster) -> None:
        self.idle_since = 0.0
        self.reusable = True
        self._poster = poster
        self._parser = httptools.HttpResponseParser(self)
        self._waiting: asyncio.Future[Answer] | None = None

    def ask(self, request: bytes, seconds: float, max_answer: int, partial: bool) -> asyncio.Future[Answer]:
        """Send; the result is the answer, or a PostError."""
        loop = asyncio.get_running_loop()
        self.reusable = False
        self._head = 0
        self._status: int | None = None
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._size = 0
        self._max_answer = max_answer
        self._partial = partial
        self._waiting = loop.create_future()
        self._timer = loop.call_later(seconds, self._expire)
        self._transport.write(request)
        return self._waiting

    def is_open(self) -> bool:
        """Whether it may be used for another request."""
        return self.reusable and not self._transport.is_closing()

    def abort(self) -> None:
        """Close at once; whoever waits is told that it broke."""
        self._transport.abort()
        self._fail("broken", "the connection was closed")

    # -- what asyncio tells --------------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        """Connected."""
        self._transport: asyncio.Transport = transport

    def data_received(self, data: bytes) -> None:
        """A part of an answer."""
        if self._waiting is None:
            self._unasked()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._fail("broken", "the answer is not HTTP")
            return
        if self._status is None:
            self._head += len(data)
            if self._head > MAX_HEAD:
                self._fail("broken", "the answer's headers are too long")

    def connection_lost(self, error: Exception | None) -> None:
        """Closed by the other side, or by us."""
        self.reusable = False
        self._poster.lost(self)
        if self._status is not None and (self._partial or self._ends_with_connection):
            self._finish()
        elif error is not None or self._status is not None:
            self._fail("broken", f"the connection broke: {type(error).__name__ if error else 'cut within the answer'}")
        else:
            self._fail("disconnected", "the server closed the connection without an answer")

    def _expire(self) -> None:
        if self._status is not None and self._partial:
            self._finish()
        else:
            self._fail("timeout", "no answer in time")

    # -- what the parser tells -----------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """An answer begins."""
        if self._waiting is None:
            self._unasked()

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """All headers."""
        status = self._parser.get_status_code()
        if status >= 200:
            self._status = status
            self._keeps = self._parser.should_keep_alive()
            self._ends_with_connection = not {"content-length", "transfer-encoding"} & self._headers.keys()

    def on_body(self, data: bytes) -> None:
        """A part of the body."""
        self._body.append(data)
        self._size += len(data)
        if self._size >= self._max_answer and self._partial:
            self._keeps = False
            self._finish()
        elif self._size > self._max_answer:
            self._fail("broken", "the answer is too long")

    def on_message_complete(self) -> None:
        """All of it. After an answer that only asks for patience (1xx) the real one follows."""
        if self._status is None:
            self._headers = {}
        elif self._waiting is not None:
            self.reusable = self._keeps
            self._finish()

    def _unasked(self) -> None:
        """Nobody asked: whatever it is, it must not be taken for the answer to the next request."""
        self._headers = {}
        self.reusable = False
        self._transport.abort()

    # -- the end -------------------------------------------------------------------------------------

    def _finish(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            return
        self._timer.cancel()
        if not self.reusable:
            self._transport.abort()
        if waiting.done():
            return
        assert self._status is not None
        body = b"".join(self._body)
        # Asked for as it is; a proxy in between may compress it all the same.
        if self._headers.get("content-encoding", "").lower() in _ZIPPED:
            try:
                body = zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body, self._max_answer)
            except zlib.error:
                waiting.set_exception(PostError("broken", "the answer cannot be decompressed"))
                return
        waiting.set_result(Answer(self._status, self._headers, body[: self._max_answer]))

    def _fail(self, kind: str, why: str) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            return
        self._timer.cancel()
        self._transport.abort()
        if not waiting.done():
            waiting.set_exception(PostError(kind, why))


class Poster:
    """Connections that are kept for the next request to the same place.

    `limit` bounds the requests in flight (0: not at all; the caller does). An idle connection is closed after
    `keepalive` seconds; what a name resolves to is remembered for `remember` seconds.
    """

    def __init__(
        self,
        allow: AllowList = NOTHING,
        *,
        resolver: AbstractResolver | None = None,
        limit: int = 0,
        keepalive: float = 15.0,
        remember: float = 10.0,
    ) -> None:
        self._guard = Guard(allow, resolver, remember=remember)
        self._limit = limit
        self._keepalive = keepalive
        self._idle: dict[_Place, list[_Connection]] = {}
        self._asking: set[_Connection] = set()
        self._dials: set[asyncio.Timeout] = set()
        self._in_flight = 0
        self._queue: deque[asyncio.Future[None]] = deque()
        self._sweeper: asyncio.TimerHandle | None = None
        self._closed = False

    async def post(
        self,
        url: str,
        body: bytes,
        headers: bytes,
        *,
        total: float,
        connect: float,
        answer: float | None = None,
        max_answer: int = 65536,
        partial: bool = False,
    ) -> Answer:
        """POST with these header lines (see `header_lines`). Raises PostError.

        All within `total` seconds, the connection within `connect` and the answer within `answer` seconds of the request.
        With `partial`, an answer that is longer than `max_answer` bytes, or whose body breaks off or never ends, counts as
        far as it came; else it is broken. Redirects are answers like any other.
        """
        place, first = _target(url)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + total
        await self._enter(min(connect, total))
        connection: _Connection | None = None
        try:
            connection = self._take(place) or await self._dial(place, min(connect, deadline - loop.time()))
            request = b"%b%bContent-Length: %d\r\n\r\n%b" % (first, headers, len(body), body)
            left = deadline - loop.time()
            self._asking.add(connection)
            return await connection.ask(request, left if answer is None else min(answer, left), max_answer, partial)
        except asyncio.CancelledError:
            if connection is not None:
                connection.abort()
            raise
        finally:
            if connection is not None:
                self._asking.discard(connection)
                self._keep(place, connection)
            self._leave()

    def close(self) -> None:
        """Close all connections: requests in flight are broken, those without a connection fail with "closed"."""
        self._closed = True
        for waiter in self._queue:
            if not waiter.done():
                waiter.set_exception(PostError("closed", "the client is being closed"))
        for dial in self._dials:
            dial.reschedule(0.0)
        for connection in [*self._asking, *(one for kept in self._idle.values() for one in kept)]:
            connection.abort()
        self._idle.clear()
        if self._sweeper is not None:
            self._sweeper.cancel()

    # -- turns ---------------------------------------------------------------------------------------

    async def _enter(self, seconds: float) -> None:
        """Wait for a turn where requests in flight are limited."""
        if self._closed:
            raise PostError("closed", "the client is being closed")
        if not self._limit or self._in_flight < self._limit:
            self._in_flight += 1
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(waiter)
        try:
            async with asyncio.timeout(seconds):
                await waiter
        except BaseException as error:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                # It got its turn in the moment in which it gave up.
                self._leave()
            if isinstance(error, TimeoutError):
                raise PostError("slow", "no connection within the time allowed") from None
            raise

    def _leave(self) -> None:
        while self._queue:
            waiter = self._queue.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._in_flight -= 1

    # -- connections ---------------------------------------------------------------------------------

    def _take(self, place: _Place) -> _Connection | None:
        """The connection that was used last: the others may then grow old and go."""
        kept = self._idle.get(place)
        oldest = asyncio.get_running_loop().time() - self._keepalive
        while kept:
            connection = kept.pop()
            if connection.is_open() and connection.idle_since > oldest:
                return connection
            connection.abort()
        return None

    def _keep(self, place: _Place, connection: _Connection) -> None:
        if self._closed or not connection.is_open():
            return
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        self._idle.setdefault(place, []).append(connection)
        if self._sweeper is None:
            self._sweeper = loop.call_later(self._keepalive, self._sweep)

    def _sweep(self) -> None:
        """Close what was idle for too long."""
        loop = asyncio.get_running_loop()
        oldest = loop.time() - self._keepalive
        for place, kept in list(self._idle.items()):
            young = [one for one in kept if one.idle_since > oldest]
            for one in kept[: len(kept) - len(young)]:
                one.abort()
            if young:
                self._idle[place] = young
            else:
                del self._idle[place]
        self._sweeper = loop.call_later(self._keepalive, self._sweep) if self._idle else None

    def lost(self, connection: _Connection) -> None:
        """A connection is gone; it is not kept any longer."""
        for kept in self._idle.values():
            if connection in kept:
                kept.remove(connection)
                return

    async def _dial(self, place: _Place, seconds: float) -> _Connection:
        loop = asyncio.get_running_loop()
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                self._dials.add(limit)
                dialled = await self._guard.connect(place.host, place.port)
                _, connection = await loop.create_connection(
                    lambda: _Connection(self),
                    sock=dialled,
                    ssl=_trusted() if place.tls else None,
                    server_hostname=place.host.rstrip(".") if place.tls else None,
                )
        except Blocked as error:
            raise PostError("blocked", str(error)) from None
        except socket.gaierror as error:
            raise PostError("dns", _words(error)) from None
        except UnicodeError:
            raise PostError("url", "the URL is not usable") from None
        except (ssl.SSLError, ssl.CertificateError) as error:
            raise PostError("tls", _words(error)) from None
        except OSError as error:
            if self._closed:
                raise PostError("closed", "the client is being closed") from None
            if limit.expired():
                raise PostError("slow", "no connection within the time allowed") from None
            raise PostError("connect", _words(error)) from None
        finally:
            self._dials.discard(limit)
        if self._closed:
            connection.abort()
            raise PostError("closed", "the client is being closed")
        return connection


def _words(error: OSError) -> str:
    return str(error.strerror or type(error).__name__)[:200]
