"""Automations and service targets of the whole database: events are read as they come, what is due goes on.

Nothing is done while nothing happens: the next due time is known, and what makes a run due, or happens that an automation
may want to know, wakes this.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

import structlog

from jackfield.core import Core, SafeClient, Stored, Wake, now_ms

from .steps import forever

log = structlog.get_logger(__name__)

IDLE_S: Final = 30.0
"""How often is looked in any case, where this process alone works on the database."""
WAITS_S: Final = 0.02
"""How soon is looked again for an event that another process may still be storing."""
MAX_CALLS: Final = 20
"""Calls of programs that are open at once; the others wait."""
GAP_S: Final = 0.005
"""Least pause between two turns, so that sends and replies come in between."""


class Automator:
    """Reads events and drives runs. `now` gives Unix ms."""

    def __init__(self, core: Core, *, now: Callable[[], int] = now_ms) -> None:
        self._core = core
        self._now = now
        self._wake = Wake()
        self._subscriptions: list[Callable[[], None]] = []
        self._task: asyncio.Task[None] | None = None
        self._calls: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(MAX_CALLS)
        self._client = SafeClient(allow=core.options.egress_allow)
        self._is_open = False
        self._next_due: int | None = None
        self._ended = False

    def start(self) -> None:
        """Begin."""
        self._wake.set()
        self._subscriptions = [
            self._core.bus.subscribe("events", self._hear),
            self._core.bus.subscribe("automations", self._wake.set),
            self._core.bus.subscribe("automation-runs", self._wake.set),
            self._core.bus.subscribe("service", self._wake.set),
        ]
        self._task = asyncio.create_task(forever(self._turn, lambda: self._ended), name="worker-automations")

    async def close(self) -> None:
        """Stop. A call that is under way is made again after a while, with the same id."""
        self._ended = True
        for end in self._subscriptions:
            end()
        tasks = [*self._calls, *([] if self._task is None else [self._task])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._is_open:
            await self._client.close()

    def _hear(self, stored: Sequence[Stored]) -> None:
        types = self._core.automation_events.types
        service = self._core.reply_targets.reader.types
        if types is None or any(one.type in types or one.type in service for one in stored):
            self._wake.set()

    async def _turn(self) -> None:
        await self._wake.wait(self._pause())
        more = True
        while more and not self._ended:
            more = await self._core.automation_events.step()
            clocks = await self._clocks()
            starts = await self._core.automation_schedules.step()
            turn = await self._core.automation_runs.step()
            for call in turn.calls:
                await self._call(call)
            self._next_due = min((one for one in (turn.next_due, starts, clocks) if one is not None), default=None)
            # A run that went on may wait for something now that was of no interest before.
            more = more or turn.taken > 0 or (self._next_due is not None and self._next_due <= self._now())
            await asyncio.sleep(GAP_S)

    async def _clocks(self) -> int | None:
        """Read what happened in chats, then tell what is due by now. Gives when the next target is due."""
        targets = self._core.reply_targets
        more = True
        while more and not self._ended:
            more = await targets.reader.step()
            await asyncio.sleep(GAP_S if more else 0)
        times = (await targets.step(), await self._core.surveys.step())
        return min((one for one in times if one is not None), default=None)

    def _pause(self) -> float:
        """Seconds until there is something to do, as far as it is known."""
        options = self._core.options
        longest = IDLE_S if options.exclusive else options.poll_seconds
        if self._core.automation_events.waits or self._core.reply_targets.reader.waits:
            longest = min(longest, WAITS_S)
        if self._next_due is None:
            return longest
        return min(longest, max((self._next_due - self._now()) / 1000, 0.0) + 0.002)

    async def _call(self, call: Any) -> None:
        if not self._is_open:
            await self._client.open()
            self._is_open = True
        task = asyncio.create_task(self._made(call), name="automation-call")
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _made(self, call: Any) -> None:
        async with self._slots:
            try:
                await self._core.automation_runs.call(self._client, call)
            except Exception as error:
                # The run is due again when the call is thought lost.
                log.error("a call of an automation could not be kept", run=call.run_id, error=type(error).__name__)
