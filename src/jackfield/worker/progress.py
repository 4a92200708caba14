"""The progress of campaigns, told by a few events instead of one for each of their messages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from jackfield.core import Core, Settled, Wake

from .steps import forever

log = structlog.get_logger(__name__)

EVERY_S: Final = 1.0
"""Least time between two tellings."""
SHARE: Final = 20
"""Counting may take a twentieth of the time: large campaigns are told less often."""


class ProgressTeller:
    """Notes which campaigns moved in this process, and has them told once in a while. The sends wait for none of it."""

    def __init__(self, core: Core, *, every_s: float = EVERY_S) -> None:
        self._core = core
        self._every_s = every_s
        self._moved: set[int] = set()
        self._wake = Wake()
        self._end_subscription: Callable[[], None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._ended = False

    def start(self) -> None:
        """Begin."""
        self._end_subscription = self._core.bus.subscribe("settled", self._hear)
        self._task = asyncio.create_task(forever(self._step, lambda: self._ended), name="worker-progress")

    async def close(self) -> None:
        """Stop; what moved last is told."""
        self._ended = True
        if self._end_subscription is not None:
            self._end_subscription()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        try:
            await self._tell()
        except Exception:
            log.exception("the progress of campaigns could not be told")

    def _hear(self, settled: Sequence[Settled]) -> None:
        moved = {one.campaign_id for one in settled}
        moved.discard(0)
        if moved:
            self._moved |= moved
            self._wake.set()

    async def _step(self) -> None:
        await self._wake.wait()
        clock = asyncio.get_running_loop().time
        begun = clock()
        await self._tell()
        await asyncio.sleep(max(self._every_s, SHARE * (clock() - begun)))

    async def _tell(self) -> None:
        moved, self._moved = self._moved, set()
        if moved:
            await self._core.campaign_watch.tell(moved)
