"""Group commit: what arrives together commits together (design, decision 3).

Callers submit items to named handlers; one loop takes all that waits, gives each handler its items inside one
transaction, commits once, and only then answers. A commit costs about the same for one row as for
five hundred, so the price per message falls with load while every answer still means "durable".

A batch that fails is rolled back and its items are run again one by one, so that a bad item fails alone. One whose commit
was cut off is not run again: it may have been stored, and who submitted an item knows whether asking twice does harm.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from time import perf_counter
from typing import Any, Generic, TypeVar

import structlog

from .errors import CommitUnknown, ReadOnly, StorageUnavailable
from .errors import Overloaded as Overloaded

U = TypeVar("U")
I = TypeVar("I")  # noqa: E741 - item
R = TypeVar("R")

Handler = Callable[[U, Sequence[I]], Awaitable[Sequence[R]]]
"""Applies many items inside one transaction; gives one result per item, in order. An item's result may be an
exception instance: that item alone fails, with the rest of the batch committed."""

log = structlog.get_logger(__name__)


class GroupCommit(Generic[U]):
    """The writer. `begin` opens a unit of work as an async context manager that commits at its end."""

    def __init__(
        self,
        begin: Callable[[], AbstractAsyncContextManager[U]],
        *,
        max_batch: int = 1000,
        max_waiting: int = 100_000,
    ) -> None:
        self._begin = begin
        self._max_batch = max_batch
        self._max_waiting = max_waiting
        self._waiting: list[tuple[Any, Any, asyncio.Future[Any]]] = []
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self.batches = 0
        self.items = 0
        self.seconds = 0.0
        """Time spent in transactions since the start."""

    @property
    def waiting(self) -> int:
        """How many items wait for their transaction."""
        return len(self._waiting)

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run(), name="group-commit")

    async def close(self) -> None:
        """Write what waits, then stop."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await self._task
            self._task = None

    def submit(self, handler: Handler[U, I, R], item: I) -> asyncio.Future[R]:
        """Queue one item. The future is done once it is durable, or failed. Raises Overloaded when full."""
        if self._closing:
            raise Overloaded("shutting down")
        if len(self._waiting) >= self._max_waiting:
            raise Overloaded(f"{self._max_waiting} writes are waiting")
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((handler, item, future))
        self._wake.set()
        return future

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            if not self._waiting:
                if self._closing:
                    return
                self._wake.clear()
                continue
            batch = self._waiting[: self._max_batch]
            del self._waiting[: self._max_batch]
            if not self._waiting and not self._closing:
                self._wake.clear()
            began = perf_counter()
            try:
                await self._write(batch)
            except BaseException as error:  # the loop must outlive whatever a handler does
                for _, _, future in batch:
                    if not future.done():
                        future.set_exception(error if isinstance(error, Exception) else RuntimeError("writer stopped"))
                if not isinstance(error, Exception):
                    raise
            finally:
                self.seconds += perf_counter() - began

    async def _write(self, batch: list[tuple[Any, Any, asyncio.Future[Any]]]) -> None:
        self.batches += 1
        self.items += len(batch)
        try:
            try:
                answers = await self._apply(batch)
            except ReadOnly:
                # Nothing was stored, and the next connection leads to the new primary where there is one.
                answers = await self._apply(batch)
        except Exception as error:
            if len(batch) == 1 or isinstance(error, StorageUnavailable | CommitUnknown):
                # With the disk full, or the database away, one by one would fail a thousand times over.
                for _, _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                return
            log.warning("group commit failed, retrying one by one", items=len(batch), error=repr(error))
            for one in batch:
                await self._write([one])
            return
        for future, answer in answers:
            if future.done():
                continue
            if isinstance(answer, BaseException):
                future.set_exception(answer)
            else:
                future.set_result(answer)

    async def _apply(self, batch: list[tuple[Any, Any, asyncio.Future[Any]]]) -> list[tuple[asyncio.Future[Any], Any]]:
        answers: list[tuple[asyncio.Future[Any], Any]] = []
        async with self._begin() as unit:
            start = 0
            # Runs of one handler keep the order of arrival between handlers.
            while start < len(batch):
                handler = batch[start][0]
                end = start
                while end < len(batch) and batch[end][0] is handler:
                    end += 1
                items = [item for _, item, _ in batch[start:end]]
                results = await handler(unit, items)
                answers.extend(zip((future for _, _, future in batch[start:end]), results, strict=True))
                start = end
        return answers
