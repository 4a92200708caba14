"""Handing an account's happenings to whoever listens, in the same process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from jackfield.core.port import Report

if TYPE_CHECKING:
    from .account import Account

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 5.0


class Subscription:
    """One listener. `close` ends it; what was not acknowledged stays for the next."""

    def __init__(
        self,
        account: Account,
        callback: Callable[[list[Report]], Awaitable[None]],
        on_down: Callable[[str], Awaitable[None]] | None,
        on_up: Callable[[], Awaitable[None]] | None,
        limit: int,
    ) -> None:
        self._account = account
        self._callback = callback
        self._on_down = on_down
        self._on_up = on_up
        self._limit = limit
        self._down = account.faults.offline
        self._told_down = False
        self.closed = asyncio.Event()
        """Set when it has ended, also by a newer subscriber."""
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._pump(), name=f"simulator happenings {account.key}")

    def note(self, offline: bool) -> None:
        """The network went away or came back."""
        self._down = offline

    async def _pump(self) -> None:
        happenings = self._account.happenings
        pause = _FIRST_PAUSE_S
        while not self.closed.is_set():
            try:
                if self._down != self._told_down:
                    await self._tell_connection(self._down)
                    continue
                if self._down or not happenings.ready:
                    # The account wakes us for both.
                    await (asyncio.sleep(0.02) if self._down else happenings.wait())
                    continue
                reports, upto = happenings.batch(self._limit)
                await self._callback(reports)
                happenings.ack(upto)
                pause = _FIRST_PAUSE_S
                # Yield even when the callback never suspends, or a busy account would starve the loop.
                await asyncio.sleep(0)
            except asyncio.CancelledError:
                raise
            except Exception:
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)

    async def _tell_connection(self, down: bool) -> None:
        if down and self._on_down is not None:
            await self._on_down("The network cannot be reached.")
        elif not down and self._on_up is not None:
            await self._on_up()
        self._told_down = down

    def end(self) -> None:
        """End at once; a batch in the callback's hands is not acknowledged."""
        self.closed.set()
        if not self._loop.is_closed():
            if asyncio._get_running_loop() is self._loop:
                self._task.cancel()
            else:
                self._loop.call_soon_threadsafe(self._task.cancel)

    async def close(self) -> None:
        """End, and wait until the callback is left."""
        self.end()
        await asyncio.gather(self._task, return_exceptions=True)
