"""Jobs: small tasks beside a channel's loops, and loops that outlive their faults."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from .tenure import Tenure

log = structlog.get_logger(__name__)

RESTART_S = 1.0
"""Pause before a loop that failed begins again."""


class Jobs:
    """Tasks that nobody waits for until the channel ends."""

    def __init__(self, channel_id: int) -> None:
        self._channel_id = channel_id
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin one."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a channel's job failed", channel=self._channel_id, exc_info=error)

    async def finish(self, timeout: float) -> None:
        """Wait for all, at most `timeout` seconds; then the rest is cancelled."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=timeout)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def keep_running(loop: Callable[[], Awaitable[None]], tenure: Tenure, name: str) -> None:
    """Run a loop until it returns. Whatever fails inside is logged, and it begins again after a pause."""
    while not tenure.stopping:
        try:
            await loop()
            return
        except Exception:
            log.exception("a channel's loop failed", loop=name)
            await asyncio.sleep(RESTART_S)
