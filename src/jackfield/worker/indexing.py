"""The words of new messages are kept for search, beside the sends and in a small share of the time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from jackfield.core import Core, Wake

from .steps import forever

REST: Final = 15
"""After a step so many times its duration is rested: search takes less than a tenth of what there is."""
LEAST_REST_S: Final = 0.02
WAITS_S: Final = 0.25
"""How soon is looked again for what others may still come before."""
IDLE_S: Final = 30.0
"""How often is looked for what another process wrote, or was written before this one ran."""


class Indexer:
    """Keeps the index of messages up to date, some moments behind."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._wake = Wake()
        self._end_subscription: Callable[[], None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._ended = False

    def start(self) -> None:
        """Begin."""
        self._wake.set()
        self._end_subscription = self._core.bus.subscribe("events", self._hear)
        self._task = asyncio.create_task(forever(self._step, lambda: self._ended), name="worker-search")

    async def close(self) -> None:
        """Stop; what is left is kept by the next run."""
        self._ended = True
        if self._end_subscription is not None:
            self._end_subscription()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _hear(self, _stored: Any) -> None:
        self._wake.set()

    async def _step(self) -> None:
        await self._wake.wait(WAITS_S if self._core.search_index.waits else IDLE_S)
        clock = asyncio.get_running_loop().time
        more = True
        while more and not self._ended:
            begun = clock()
            more = await self._core.search_index.step()
            await asyncio.sleep(max(LEAST_REST_S, REST * (clock() - begun)))
