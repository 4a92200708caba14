"""One timer heap per world: no task and no timer handle per message."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Callable
from typing import Any

_GRAIN_S = 0.004
"""Timers due within this many seconds fire together, so that a burst costs one wake-up, not thousands."""


class Clock:
    """Calls back after a delay. Bound to whichever event loop runs when it is used; without one, timers wait."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._count = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._handle: asyncio.TimerHandle | None = None
        self._armed_for = 0.0

    @staticmethod
    def now_ms() -> int:
        """Unix time in ms."""
        return time.time_ns() // 1_000_000

    def after(self, delay_ms: float, call: Callable[..., None], *args: Any) -> None:
        """Call `call(*args)` once, `delay_ms` from now."""
        due = time.monotonic() + delay_ms / 1000
        self._count += 1
        heapq.heappush(self._heap, (due, self._count, call, args))
        if self._handle is None or due < self._armed_for - _GRAIN_S or self._loop is None or self._loop.is_closed():
            self.arm()

    def arm(self) -> None:
        """See that the next timer fires on the running loop; without a running loop, later calls will see to it."""
        if not self._heap:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        due = self._heap[0][0]
        if self._handle is not None and self._loop is loop and not self._handle.cancelled() and self._armed_for <= due:
            return
        if self._handle is not None and self._loop is not None and not self._loop.is_closed():
            self._handle.cancel()
        self._loop = loop
        self._armed_for = max(due, time.monotonic() + _GRAIN_S)
        self._handle = loop.call_later(self._armed_for - time.monotonic(), self._fire)

    def _fire(self) -> None:
        self._handle = None
        until = time.monotonic() + _GRAIN_S
        heap = self._heap
        # A burst of a million timers is worked off in slices, so that the loop still answers in between.
        for _ in range(2000):
            if not heap or heap[0][0] > until:
                break
            _, _, call, args = heapq.heappop(heap)
            call(*args)
        self.arm()

    def __len__(self) -> int:
        return len(self._heap)
