"""Results on their way to the database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from jackfield.core import DeliveryRelease, DeliveryResult, EndpointMark, Outbox, Overloaded, OwedDelivery

log = structlog.get_logger(__name__)

UNRECORDED = 4000
"""Results under way at most: beyond, the lanes wait for the database."""


class Saver:
    """Hands results to the group commit and goes on; `finish` waits for all.

    `busy` are deliveries in hand, or whose result is not durable yet: they must not be claimed again.
    """

    def __init__(self, outbox: Outbox, endpoint_id: int) -> None:
        self._outbox = outbox
        self._endpoint_id = endpoint_id
        self._under_way: set[asyncio.Future[Any]] = set()
        self._releases: set[asyncio.Future[Any]] = set()
        self.busy: set[int] = set()

    def record(self, row: OwedDelivery, *, due_at: int | None = None, claimed_until: int = 0, **values: Any) -> None:
        """What became of an attempt."""
        due = row.due_at if due_at is None else due_at
        result = DeliveryResult(id=row.id, due_at=due, claimed_until=claimed_until, **values)
        self._save(self._submit(self._outbox.record, result, [row.id]))

    def release(self, ids: list[int], due_at: int | None = None) -> None:
        """Give back unsent; `due_at` puts them off."""
        if ids:
            future = self._save(self._submit(self._outbox.release, DeliveryRelease(ids=ids, due_at=due_at), ids))
            self._releases.add(future)
            future.add_done_callback(self._releases.discard)

    def mark(self, failing_since: int | None) -> asyncio.Future[None]:
        """Since when the endpoint only fails (Unix ms), None when it works."""
        item = EndpointMark(endpoint_id=self._endpoint_id, failing_since=failing_since)
        return self._save(self._submit(self._outbox.mark, item, []))

    def _save(self, writing: Awaitable[None]) -> asyncio.Future[None]:
        future = asyncio.ensure_future(writing)
        self._under_way.add(future)
        future.add_done_callback(self._saved)
        return future

    async def released(self) -> None:
        """Wait until all that was given back may be claimed again: what comes after it must not overtake it."""
        while self._releases:
            await asyncio.wait(self._releases)

    async def keep_up(self) -> None:
        """Wait while too much is under way."""
        while len(self._under_way) > UNRECORDED:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)

    async def finish(self) -> None:
        """Wait until all is durable, or has failed."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    def _submit(self, save: Callable[[Any], asyncio.Future[None]], item: Any, ids: list[int]) -> Awaitable[None]:
        try:
            future = save(item)
        except Overloaded:
            return self._submit_later(save, item, ids)
        future.add_done_callback(lambda _: self.busy.difference_update(ids))
        return future

    async def _submit_later(self, save: Callable[[Any], asyncio.Future[None]], item: Any, ids: list[int]) -> None:
        try:
            # The writer is full. A result that is never written means one more delivery, after the claim has lapsed.
            for _ in range(200):
                await asyncio.sleep(0.05)
                try:
                    await save(item)
                    return
                except Overloaded:
                    continue
            log.error("a webhook's result could not be recorded in time", endpoint=self._endpoint_id)
        finally:
            self.busy.difference_update(ids)

    def _saved(self, future: asyncio.Future[Any]) -> None:
        self._under_way.discard(future)
        if not future.cancelled() and future.exception() is not None:
            error = repr(future.exception())
            log.error("a webhook's result could not be recorded", endpoint=self._endpoint_id, error=error)
