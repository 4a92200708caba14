"""Connections that are guarded: clients that send nothing, or hardly anything, are cut, and there are only so many.

Uvicorn ends idle keep-alive connections and no others. This is its own protocol with a clock: headers must come in time,
a body and the reading of an answer must make progress, headers may only be so large.
"""

from __future__ import annotations

import asyncio
import resource
from typing import Any, Final

import msgspec
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .request_ids import new_request_id

log = structlog.get_logger(__name__)

OVERSIZED: Final = "jackfield.oversized"
"""Key of the scope of a request whose headers are too many or too large; to be refused, in its dialect's words."""
CROWDED: Final = "jackfield.crowded"
"""Key of the scope of a request on a connection beyond the bound; only health checks are answered on it."""
RESERVE: Final = 64
"""Connections beyond the bound that are still taken, so that health checks get through."""
SWEEP_S: Final = 1.0
"""How often all connections are looked at."""


class ConnectionLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What a client may take its time over. Times in seconds, sizes in bytes."""

    connections: int = 2000
    seconds: float = 10.0
    """Headers must be complete within it, and in each such span a body or an answer must move on."""
    rate: int = 500
    """Least bytes per second of a body that comes, and of an answer that goes."""
    header_bytes: int = 32 * 1024
    headers: int = 100


class Connections:
    """All HTTP connections of a server. Give `protocol` to uvicorn, and call `start` and `stop` around serving."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self.open: dict[GuardedProtocol, None] = {}
        """The oldest first."""
        self._timer: asyncio.TimerHandle | None = None

    def protocol(self, **options: Any) -> GuardedProtocol:
        """A connection's protocol, as uvicorn makes one."""
        return GuardedProtocol(self, **options)

    def start(self) -> None:
        """Begin to look at the connections, every second."""
        self._timer = asyncio.get_running_loop().call_later(min(SWEEP_S, self.limits.seconds), self._sweep)

    def stop(self) -> None:
        """No longer look."""
        if self._timer is not None:
            self._timer.cancel()

    def _sweep(self) -> None:
        self.start()
        now = asyncio.get_running_loop().time()
        for one in list(self.open):
            one.check(now)

    def make_room(self) -> bool:
        """End the oldest connection on which nothing is being answered. False where there is none."""
        for one in self.open:
            if not one.busy:
                one.cut()
                return True
        return False


class GuardedProtocol(HttpToolsProtocol):
    """A connection with its clock. What it does for each request is a few assignments; the rest is done each second."""

    def __init__(self, guard: Connections, **options: Any) -> None:
        super().__init__(**options)
        self._guard = guard
        self._limits = guard.limits
        self._crowded = False
        self._in_headers = False
        self._in_body = False
        self._since = 0.0
        """When the present wait for the client began, or its progress was last looked at."""
        self._chunk = 0
        self._got = 0
        """Bytes of the present request; in the body, those since progress was last looked at."""
        self._answer_since = 0.0
        self._unsent = 0
        """Bytes of the answer that waited when `_answer_since` was set; 0: none were seen to wait."""

    @property
    def busy(self) -> bool:
        """Whether a request is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def _waits_for_client(self) -> bool:
        """Whether it is the client's turn to send: the app takes what comes, and has asked for the body if need be."""
        return not self.flow.read_paused and not (self.cycle is not None and self.cycle.waiting_for_100_continue)

    # -- what uvicorn calls --------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connects."""
        bound = self._limits.connections
        count = len(self.connections)
        if count >= bound and not self._guard.make_room():
            self._crowded = True
            if count >= bound + RESERVE:
                transport.abort()
        super().connection_made(transport)
        self._since = self.loop.time()
        self._guard.open[self] = None

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self._guard.open.pop(self, None)
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        """From here on the socket's own pings tell whether the client is there."""
        self._guard.open.pop(self, None)
        super().handle_websocket_upgrade()

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        self._chunk = len(data)
        self._got += len(data)
        super().data_received(data)
        if self._in_headers and self._got > 2 * self._limits.header_bytes and not self.transport.is_closing():
            self._refuse(431, b"HEADERS_TOO_LARGE", b"The headers are too large.")

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_headers = True
        self._since = self.loop.time()
        self._got = self._chunk

    def on_headers_complete(self) -> None:
        """A request's headers are there."""
        self._in_headers, self._in_body = False, True
        headers, limits = self.headers, self._limits
        if self._crowded:
            self.scope[CROWDED] = True  # type: ignore[typeddict-unknown-key]
        if len(headers) > limits.headers or (
            self._got > limits.header_bytes
            and len(self.url) + sum(len(name) + len(value) for name, value in headers) > limits.header_bytes
        ):
            self.scope[OVERSIZED] = True  # type: ignore[typeddict-unknown-key]
        super().on_headers_complete()
        self._got = 0

    def on_message_complete(self) -> None:
        """A request is there whole."""
        self._in_body = False
        super().on_message_complete()

    # -- the clock -----------------------------------------------------------------------------------

    def check(self, now: float) -> None:
        """Cut the connection where its client is too slow. `now` is the loop's time."""
        self._check_reader(now)
        waited = now - self._since
        if waited < self._limits.seconds:
            return
        if self._in_headers or (self.cycle is None and not self._in_body):
            self.cut()
        elif self._in_body:
            if self.cycle is not None and self.cycle.response_complete:
                # The answer went out before the body was there; the client had its time to read it.
                self.cut()
            elif self._waits_for_client and self._got < self._limits.rate * waited:
                self.cut()
            else:
                self._since, self._got = now, 0

    def _check_reader(self, now: float) -> None:
        """Cut the connection where an answer waits in our memory and the client does not read it."""
        unsent = self.transport.get_write_buffer_size() if self.flow.write_paused or self.transport.is_closing() else 0
        if not unsent or not self._unsent or unsent > self._unsent:
            self._answer_since, self._unsent = now, unsent
        elif now - self._answer_since >= self._limits.seconds:
            if self._unsent - unsent < self._limits.rate * (now - self._answer_since):
                self.transport.abort()
            self._answer_since, self._unsent = now, unsent

    def cut(self) -> None:
        """End the connection; a client that began a request is told why."""
        if self.transport.is_closing():
            return
        if self._in_headers and not self.busy:
            self._refuse(408, b"REQUEST_TIMEOUT", b"The request did not come in time.")
        elif self._in_body and self.cycle is not None and not self.cycle.response_started:
            self._refuse(408, b"REQUEST_TIMEOUT", b"The request did not come in time.")
            # What is still read of it, is told that the client is gone.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        else:
            self.transport.close()

    def _refuse(self, status: int, code: bytes, message: bytes) -> None:
        body = (
            b'{"success":false,"error":{"code":"' + code + b'","message":"' + message + b'"},'
            b'"message":"' + message + b'"}'
        )
        phrase = {408: b"Request Timeout", 431: b"Request Header Fields Too Large"}[status]
        self.transport.write(
            b"HTTP/1.1 %d %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\nx-request-id: %s\r\n"
            b"connection: close\r\n\r\n%s" % (status, phrase, len(body), new_request_id().encode(), body)
        )
        self.transport.close()


def raise_open_files(wanted: int) -> None:
    """Let this process have `wanted` open files, or as many as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    maximum = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < maximum:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (maximum, hard))
        except (OSError, ValueError):
            log.warning("the number of open files could not be raised", open_files=soft, wanted=wanted)
