"""Webhooks out: signed as Meta signs them, retried with growing pauses, several at a time and so not in order.

The number's faults make them late (`webhookDelay`) or come twice (`duplicateWebhooks`).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from random import Random
from typing import Any

import aiohttp
import msgspec

from jackfield.core.port import Report

from ..subscription import Subscription
from . import hooks
from .errors import GraphProblem
from .numbers import Number

PAUSES_S = (0.25, 1.0, 4.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0, 43200.0)
"""Between attempts; Meta goes on with growing pauses for up to 7 days. Shorter at first, for tests' sake."""

WORKERS = 8
_WAITING = 1000
_TIMEOUT = aiohttp.ClientTimeout(total=30, sock_connect=5)


_fast = msgspec.json.Encoder().encode


def encode(payload: dict[str, Any]) -> bytes:
    """A webhook's body as Meta writes it: in ASCII, every other character as a `\\u` escape.

    Meta signs that form; receivers that check the raw bytes and those that escape what they parsed both find it genuine.
    """
    body = _fast(payload)
    return body if body.isascii() else json.dumps(msgspec.json.decode(body), separators=(",", ":")).encode("ascii")


class Deliveries:
    """One number's webhooks. What happens while there is no callback waits at the account, as it does at Meta."""

    def __init__(self, number: Number, client: Callable[[], aiohttp.ClientSession]) -> None:
        self._number = number
        self._client = client
        self._subscription: Subscription | None = None
        self._queue: asyncio.Queue[tuple[bytes, int]] = asyncio.Queue(_WAITING)
        self._workers: list[asyncio.Task[None]] = []
        self._timers: set[asyncio.TimerHandle] = set()
        self._unfinished = 0
        self._random = Random(number.id)
        self._idle = asyncio.Event()
        self._idle.set()
        self.batch = 1
        """Statuses that share one webhook at most. Meta itself sends one nearly always."""
        self.delivered = 0
        self.failed = 0

    @property
    def running(self) -> bool:
        """Whether webhooks go out."""
        return self._subscription is not None and not self._subscription.closed.is_set()

    async def start(self) -> None:
        """Begin, or go on to a new callback."""
        if self.running:
            return
        self._workers = [
            asyncio.create_task(self._work(), name=f"graph webhooks {self._number.id}") for _ in range(WORKERS)
        ]
        self._subscription = self._number.account.subscribe(self._take)

    async def stop(self) -> None:
        """End; what was not delivered is dropped."""
        if self._subscription is not None:
            await self._subscription.close()
            self._subscription = None
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        self._workers = []

    @property
    def waiting(self) -> int:
        """Webhooks that were not delivered yet."""
        return self._unfinished

    async def settle(self) -> None:
        """Return once nothing waits to be delivered."""
        await self._idle.wait()

    async def _take(self, reports: list[Report]) -> None:
        for change in hooks.changes(self._number, reports, self.batch):
            await self.put(change)

    async def put(self, change: dict[str, Any]) -> None:
        """Send one change as a webhook of its own; waits while too many wait already."""
        body = encode(hooks.envelope(self._number, change))
        faults = self._number.account.faults
        minimum, maximum = faults.webhook_delay_ms
        times = 2 if faults.duplicate_webhooks and self._random.random() < faults.duplicate_webhooks else 1
        for n in range(times):
            self._unfinished += 1
            self._idle.clear()
            if maximum or n:
                self._later(body, 0, (self._random.uniform(minimum, maximum) + 100 * n) / 1000)
            else:
                await self._queue.put((body, 0))

    async def _work(self) -> None:
        while True:
            body, attempt = await self._queue.get()
            if await self._post(body):
                self.delivered += 1
                self._finish()
            elif attempt < len(PAUSES_S):
                self._later(body, attempt + 1, PAUSES_S[attempt])
            else:
                self.failed += 1
                self._finish()

    def _finish(self) -> None:
        self._unfinished -= 1
        if not self._unfinished:
            self._idle.set()

    def _later(self, body: bytes, attempt: int, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        holder: list[asyncio.TimerHandle] = []

        def due() -> None:
            self._timers.discard(holder[0])
            try:
                self._queue.put_nowait((body, attempt))
            except asyncio.QueueFull:
                self._later(body, attempt, 0.25)

        holder.append(loop.call_later(seconds, due))
        self._timers.add(holder[0])

    async def _post(self, body: bytes) -> bool:
        """Whether the receiver answered 200; anything else is tried again."""
        number = self._number
        url = number.callback_url
        if url is None:
            return False
        headers = {"Content-Type": "application/json", "User-Agent": "facebookexternalua"}
        if number.app_secret is not None:
            headers["X-Hub-Signature-256"] = f"sha256={sign(number.app_secret, body)}"
        try:
            async with self._client().post(
                url, data=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False
            ) as response:
                await response.read()
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False


def sign(secret: str, body: bytes) -> str:
    """HMAC-SHA256 of the raw body, in hex."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


async def verify(client: aiohttp.ClientSession, url: str, verify_token: str) -> None:
    """Meta's verification of a callback: it must give back the challenge. Raises GraphProblem 2200."""
    challenge = str(secrets.randbelow(2**31))
    query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
    try:
        async with client.get(url, params=query, timeout=_TIMEOUT, allow_redirects=False) as response:
            answer = (await response.content.read(4096)).decode("utf-8", "replace").strip()
            if response.status == 200 and answer == challenge:
                return
            words = (
                f"HTTP Status Code = {response.status}; HTTP Message = {response.reason}"
                if response.status != 200
                else "the answer is not the challenge"
            )
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        words = f"no answer ({type(error).__name__})"
    raise GraphProblem(
        2200, http=400, message=f"(#2200) Callback verification failed with the following errors: {words}"
    )
