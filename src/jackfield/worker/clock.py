"""The clock: what was scheduled starts when its time has come, what was cancelled is emptied, what is out of date is deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from jackfield.core import Core, Wake, now_ms

from .steps import forever

GAP_S = 0.05
"""Least pause between two looks at what is scheduled."""
SWEEP_EVERY_S = 2.0
PRUNE_AFTER_S = 60.0
"""The first pruning comes so long after the start."""
PRUNE_EVERY_S = 3600.0
"""How often what is out of date is deleted: old answers, invitations, events, finished deliveries, and what has
been kept as long as the operator wants."""
DAY_MS = 86_400_000


class Clock:
    """Schedules and sweeps of the whole database. `now` gives Unix ms; waits use the event loop's clock."""

    def __init__(self, core: Core, *, now: Callable[[], int] = now_ms) -> None:
        self._core = core
        self._now = now
        self._wake = Wake()
        self._tasks: list[asyncio.Task[None]] = []
        self._end_subscription: Callable[[], None] | None = None
        self._next_due: int | None = None
        """When something is due next (Unix ms), as far as we know."""
        self._prune_at = 0.0
        self._archive_in = PRUNE_AFTER_S
        self._ended = False

    def start(self) -> None:
        """Begin."""
        self._prune_at = asyncio.get_running_loop().time() + PRUNE_AFTER_S
        self._end_subscription = self._core.bus.subscribe("scheduled", self._wake.set)
        self._tasks = [
            asyncio.create_task(forever(self._tick, self._has_ended), name="worker-schedule"),
            asyncio.create_task(forever(self._sweep, self._has_ended), name="worker-sweep"),
            asyncio.create_task(forever(self._archive, self._has_ended), name="worker-archive"),
        ]

    async def close(self) -> None:
        """Stop."""
        self._ended = True
        if self._end_subscription is not None:
            self._end_subscription()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _has_ended(self) -> bool:
        return self._ended

    async def _tick(self) -> None:
        """What was scheduled for now joins the queue."""
        wait = self._core.options.poll_seconds
        if self._next_due is not None:
            # A little later than the clock says, for the parts of a millisecond.
            wait = min(wait, max((self._next_due - self._now()) / 1000, 0.0) + 0.002)
        await self._wake.wait(wait)
        self._next_due = None
        times = (await self._core.queue.release_due(), await self._core.running_campaigns.release_due())
        self._next_due = min((one for one in times if one is not None), default=None)
        await asyncio.sleep(GAP_S)

    async def _sweep(self) -> None:
        """Cancelled campaigns lose the rest of their queue; what is out of date is deleted now and then."""
        await asyncio.sleep(SWEEP_EVERY_S)
        await self._core.running_campaigns.empty_cancelled()
        time = asyncio.get_running_loop().time()
        if time >= self._prune_at:
            self._prune_at = time + PRUNE_EVERY_S
            await self._core.accounts.prune()
            await self._core.budgets.prune()
            await self._core.owner_requests.prune()
            events_until = self._now() - self._core.options.event_retention_days * DAY_MS
            await self._core.webhooks.prune(events_until)
            await self._core.inbound.prune(events_until)
            await self._core.inbound.prune_raw(self._now() - self._core.options.raw_retention_days * DAY_MS)
            await self._core.retention.prune(self._now())

    async def _archive(self) -> None:
        """What is settled for long goes into the archive, beside the sweep: the first time it may take a while."""
        await asyncio.sleep(self._archive_in)
        self._archive_in = PRUNE_EVERY_S
        await self._core.archive.run_all(self._now())
