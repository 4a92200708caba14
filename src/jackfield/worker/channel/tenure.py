"""Tenure: how long this process may act for a channel, by its own clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Tenure:
    """The lease as its holder sees it. Times are seconds of the clock that it is given (the event loop's).

    `token` fences what is written under it. `stopping` says that nothing more is to be begun, `lost` that another may
    own the channel: then nothing more is handed to the network either.
    """

    def __init__(self, token: int, until: float, clock: Callable[[], float]) -> None:
        self.token = token
        self.stopping = False
        self.lost = False
        self._until = until
        self._clock = clock
        self._stopped = asyncio.Event()
        self._on_stop: list[Callable[[], None]] = []

    def on_stop(self, call: Callable[[], None]) -> None:
        """Have this called when told to stop: it ends a wait that nothing else would."""
        self._on_stop.append(call)

    def may_act(self) -> bool:
        """Whether the lease surely still holds."""
        return not self.lost and self._clock() < self._until

    def renewed(self, until: float) -> None:
        """The lease holds until then."""
        self._until = until

    def stop(self, *, lost: bool = False) -> None:
        """Begin nothing more; `lost` when the lease is gone."""
        self.stopping = True
        self.lost = self.lost or lost
        self._stopped.set()
        for call in self._on_stop:
            call()

    async def stopped(self) -> None:
        """Wait until told to stop."""
        await self._stopped.wait()
