"""Everybody around a server, in the measuring process: the sender, Meta, and the receiver of webhooks.

Raw HTTP/1.1 on uvloop, so that what is measured is the server and not its surroundings.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from ._kit import post

NUMBER, WABA, SECRET = "106540352242922", "102290129340398", "app-secret-0123456789abcdef"
TOKEN = "EAAG" + "x" * 190
"""As long as Meta's are."""
TEXT = "Hello Asha, your order 12345 has shipped and will reach you tomorrow."
STATUSES = ("sent", "delivered", "read")
_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
_NODE = {
    "id": NUMBER,
    "display_phone_number": "15550783881",
    "verified_name": "Bench",
    "quality_rating": "GREEN",
    "throughput": {"level": "STANDARD"},
    "success": True,
    "data": [],
}


def config(base_url: str) -> dict[str, str]:
    """The configuration of a profile for the number."""
    return {
        "baseUrl": base_url,
        "phoneNumberId": NUMBER,
        "wabaId": WABA,
        "accessToken": TOKEN,
        "appSecret": SECRET,
        "verifyToken": "verify-me",
    }


def signed(path: str, change: dict[str, Any]) -> bytes:
    """A webhook of the number's with one change, signed, as a raw request."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": NUMBER},
        **change,
    }
    entry = {"id": WABA, "changes": [{"field": "messages", "value": value}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    signature = hmac.digest(SECRET.encode(), body, "sha256").hex()
    return post(path, body, {"X-Hub-Signature-256": f"sha256={signature}"})


def content_length(head: bytes) -> int:
    """The length of a body as its headers tell it; chunked bodies do not occur here."""
    low = head.lower()
    at = low.find(b"content-length:")
    if at < 0:
        return 0
    end = low.find(b"\r", at)
    return int(low[at + 15 : end if end > 0 else len(low)])


class Served(asyncio.Protocol):
    """One connection of a server: each request goes to `answer`, which writes what it has to say, now or later."""

    def __init__(self, answer: Callable[[asyncio.Transport, bytes, bytes], None]) -> None:
        self._answer = answer
        self._buffer = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            length = content_length(self._buffer[:end])
            if len(self._buffer) < end + 4 + length:
                return
            head, body = self._buffer[:end], self._buffer[end + 4 : end + 4 + length]
            self._buffer = self._buffer[end + 4 + length :]
            self._answer(self._transport, head, body)


class _Connection(asyncio.Protocol):
    """One request at a time; when it is answered the pool hands out the next."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._buffer = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def send(self, request: bytes, done: Callable[[int, float], None]) -> None:
        """`done` gets the status and the seconds it took."""
        self._done, self._begun = done, time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 or len(self._buffer) < end + 4 + content_length(self._buffer[:end]):
            return
        status, self._buffer = int(self._buffer[9:12]), b""
        self._done(status, time.perf_counter() - self._begun)
        self._pool.free(self)


class Pool:
    """Keep-alive connections to one port."""

    def __init__(self) -> None:
        self._idle: list[_Connection] = []
        self._waiting: deque[tuple[bytes, Callable[[int, float], None]]] = deque()

    async def open(self, port: int, count: int) -> None:
        """Connect."""
        loop = asyncio.get_running_loop()
        for _ in range(count):
            _, connection = await loop.create_connection(lambda: _Connection(self), "127.0.0.1", port)
            self._idle.append(connection)

    def send(self, request: bytes, done: Callable[[int, float], None]) -> None:
        """Send as soon as a connection is free."""
        if self._idle:
            self._idle.pop().send(request, done)
        else:
            self._waiting.append((request, done))

    def free(self, connection: _Connection) -> None:
        """A connection has its answer."""
        if self._waiting:
            connection.send(*self._waiting.popleft())
        else:
            self._idle.append(connection)


class Meta:
    """Graph on loopback: takes messages after `latency` seconds, and posts three signed statuses for each if asked to."""

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._answers: deque[tuple[float, asyncio.Transport, bytes]] = deque()
        self._armed = False
        self.taken: dict[str, float] = {}
        """When each person's message was taken (perf_counter)."""
        self.posted = self.acknowledged = self.refused = 0
        self.hook: tuple[Pool, str] | None = None
        """Where statuses go: connections to the server, and the profile's id."""

    def answer(self, transport: asyncio.Transport, head: bytes, body: bytes) -> None:
        """One request of the server's."""
        line = head.split(b"\r\n", 1)[0]
        if not line.startswith(b"POST") or b"/messages" not in line:
            said = json.dumps(_NODE).encode()
            transport.write(_OK % (len(said), said))
            return
        to = str(json.loads(body)["to"])
        self.taken[to] = time.perf_counter()
        wamid = f"wamid.HBgL{to}FQIAERgSMDAw{len(self.taken):016d}"
        answer = {
            "messaging_product": "whatsapp",
            "contacts": [{"input": to, "wa_id": to}],
            "messages": [{"id": wamid}],
        }
        said = json.dumps(answer).encode()
        loop = asyncio.get_running_loop()
        if self.hook is not None:
            loop.call_later(self._latency + 0.15, self._post_statuses, wamid, to)
        # One timer for all: with one each the timers would be a good part of what this process does.
        self._answers.append((loop.time() + self._latency, transport, _OK % (len(said), said)))
        if not self._armed:
            self._armed = True
            loop.call_later(self._latency, self._flush)

    def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        while self._answers and self._answers[0][0] <= loop.time() + 0.0005:
            _, transport, said = self._answers.popleft()
            if not transport.is_closing():
                transport.write(said)
        self._armed = bool(self._answers)
        if self._answers:
            loop.call_later(max(self._answers[0][0] - loop.time(), 0.0005), self._flush)

    def _post_statuses(self, wamid: str, to: str) -> None:
        assert self.hook is not None
        pool, profile = self.hook
        for status in STATUSES:
            one = {
                "id": wamid,
                "status": status,
                "timestamp": str(int(time.time())),
                "recipient_id": to,
                "conversation": {"id": "b2f1a0c1d2e3f4a5b6c7d8e9f0a1b2c3", "origin": {"type": "utility"}},
                "pricing": {"billable": True, "pricing_model": "PMP", "category": "utility"},
            }
            self.posted += 1
            pool.send(signed(f"/hooks/{profile}", {"statuses": [one]}), self._acknowledged)

    def _acknowledged(self, status: int, _: float) -> None:
        self.acknowledged += 1
        self.refused += status != 200


class Receiver:
    """Takes webhooks and counts them."""

    def __init__(self) -> None:
        self.got = 0
        self.last = 0.0
        """When the last one came (perf_counter)."""

    def answer(self, transport: asyncio.Transport, head: bytes, body: bytes) -> None:
        """One webhook."""
        self.got += 1
        self.last = time.perf_counter()
        transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")
