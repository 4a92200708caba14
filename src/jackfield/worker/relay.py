"""The relay: every event is copied to a JetStream stream, in order, by one process of the cluster at a time.

What the stream has last says where to go on: behind our cursor, where NATS has lost what it acknowledged, and the hole is filled;
before it, where an acknowledgement was lost. Each message names the one before it (`Nats-Expected-Last-Msg-Id`), so that neither
a process that was replaced nor a message that was refused among many under way can break the order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import structlog

from jackfield.core import CONNECTED, EVENTS_ELSEWHERE, TEST_EVENT, Core, NatsBus, RelayLease, Stored, Wake

from .steps import forever

if TYPE_CHECKING:
    from nats.js import JetStreamContext

log = structlog.get_logger(__name__)

ACK_S: Final = 10.0
"""How long NATS may take for a batch."""
GAP_S: Final = 0.05
"""How soon is looked again where an event may still come before those that are there."""
DUPLICATES_S: Final = 120.0
"""How long the stream knows a message that it has."""

Encode = Callable[[Sequence[Stored]], Awaitable[list[bytes]]]


class _LostLease(Exception):
    """Another process copies now."""


class EventRelay:
    """Copies events to the stream `stream` while NATS is connected and no other process does. `encode` writes them."""

    def __init__(self, core: Core, bus: NatsBus, stream: str, encode: Encode) -> None:
        self._core = core
        self._bus = bus
        self._stream = stream
        self._subjects = f"{bus.prefix}.events"
        self._encode = encode
        self._wake = Wake()
        self._ends: list[Callable[[], None]] = []
        self._task: asyncio.Task[None] | None = None
        self._ended = False

    def start(self) -> None:
        """Begin."""
        topics = ("events", EVENTS_ELSEWHERE, CONNECTED)
        self._ends = [self._bus.subscribe(topic, self._wake.set) for topic in topics]
        self._task = asyncio.create_task(forever(self._step, lambda: self._ended), name="worker-relay")

    async def close(self) -> None:
        """Stop; another process may go on at once."""
        self._ended = True
        for end in self._ends:
            end()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _step(self) -> None:
        options = self._core.options
        client = self._bus.client
        lease = await self._core.event_log.acquire() if client is not None else None
        if client is None or lease is None:
            await self._wake.wait(min(options.poll_seconds, options.lease_seconds / 2))
            # Events of others wake us too; who does not copy has no hurry.
            await asyncio.sleep(GAP_S)
            return
        self._core.event_log.copies = True
        try:
            await self._copy(client.jetstream(timeout=ACK_S), lease)
        except _LostLease:
            log.warning("another process copies the events now")
        except Exception as error:
            if self._bus.client is not None:
                log.warning("events could not be copied to the stream", stream=self._stream, error=repr(error)[:200])
            await asyncio.sleep(1.0)
        finally:
            self._core.event_log.copies = False
            await self._core.event_log.release(lease.token)

    async def _copy(self, stream: JetStreamContext, lease: RelayLease) -> None:
        event_log, options = self._core.event_log, self._core.options
        connects = self._bus.state.connects
        position = await self._position(stream, lease)
        last: str | None = None
        loop = asyncio.get_running_loop()
        kept_at = loop.time()
        # After a cut NATS may have less than it said: then the stream is asked again.
        while self._bus.client is not None and self._bus.state.connects == connects:
            events = await event_log.after(position)
            if events:
                last = await self._publish(stream, events, last)
                position = events[-1].id
            if events or loop.time() - kept_at > options.lease_seconds / 4:
                kept_at = loop.time()
                if not await event_log.keep(lease.token, position):
                    raise _LostLease
            if not events:
                await self._wake.wait(
                    GAP_S if event_log.waits else min(options.poll_seconds, options.lease_seconds / 4)
                )

    async def _position(self, stream: JetStreamContext, lease: RelayLease) -> int:
        """The id to go on after. Makes the stream where there is none."""
        from nats.js.api import StreamConfig
        from nats.js.errors import NotFoundError

        try:
            info = await stream.stream_info(self._stream)
        except NotFoundError:
            info = await stream.add_stream(
                StreamConfig(
                    name=self._stream,
                    subjects=[f"{self._subjects}.>"],
                    max_age=self._core.options.event_retention_days * 86_400.0,
                    duplicate_window=DUPLICATES_S,
                )
            )
        try:
            message = await stream.get_last_msg(self._stream, f"{self._subjects}.>")
            known = (message.headers or {}).get("Nats-Msg-Id", "")
        except NotFoundError:
            known = ""
        if known.isascii() and known.isdigit() and int(known) <= lease.newest:
            if int(known) < lease.cursor:
                log.warning("the stream lacks events that it had; they are copied again", after=int(known))
            return int(known)
        if info.state.last_seq == 0:
            return lease.start
        return lease.cursor

    async def _publish(self, stream: JetStreamContext, events: Sequence[Stored], last: str | None) -> str | None:
        """Have these acknowledged; gives the id of the last one. Raises what NATS answers, and TimeoutError."""
        told = [one for one in events if one.type != TEST_EVENT]
        acknowledged: list[asyncio.Future[Any]] = []
        for one, body in zip(told, await self._encode(told), strict=True):
            headers = {"Nats-Msg-Id": str(one.id)}
            if last is not None:
                headers["Nats-Expected-Last-Msg-Id"] = last
            subject = f"{self._subjects}.{one.workspace_id}.{one.type}"
            acknowledged.append(await stream.publish_async(subject, body, stream=self._stream, headers=headers))
            last = str(one.id)
        async with asyncio.timeout(ACK_S):
            await asyncio.gather(*acknowledged)
        self._core.event_log.copied += len(told)
        return last
