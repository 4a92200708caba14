"""Settling: find out what became of sends whose outcome is unknown.

The worker looks for such sends at all its channels at once and wakes those that have some.
"""

from __future__ import annotations

from collections.abc import Callable

from jackfield.core import Queue, SendError, Verdict, Wake, now_ms
from jackfield.core.port import CanLookUp

from .sender import Connected
from .tenure import Tenure

LOOK_UP_AFTER_MS = 2000
"""How long a send must have been uncertain before the network is asked: the request may still be on its way."""


class Settling:
    """The uncertain sends of one channel. `wait_seconds` is how long a network is waited for that cannot be asked."""

    def __init__(
        self,
        queue: Queue,
        channel_id: int,
        connection: Connected,
        tenure: Tenure,
        *,
        wait_seconds: float,
        now: Callable[[], int] = now_ms,
    ) -> None:
        self._queue = queue
        self._channel_id = channel_id
        self._connection = connection
        self._tenure = tenure
        self.wake = Wake()
        self._wait_ms = int(wait_seconds * 1000)
        self._now = now
        tenure.on_stop(self.wake.set)

    async def run(self) -> None:
        """Look whenever woken, until stopped."""
        while not self._tenure.stopping:
            await self.step()
            await self.wake.wait()

    async def step(self) -> None:
        """Settle what can be settled now: by the network's word where it can be asked, else by policy after a wait."""
        session = self._connection.session
        if session is None or not self._connection.is_up or not self._tenure.may_act():
            return
        can_ask = isinstance(session, CanLookUp)
        wait = LOOK_UP_AFTER_MS if can_ask else self._wait_ms
        found = await self._queue.find_uncertain(self._channel_id, self._now() - wait)
        if not found:
            return
        if isinstance(session, CanLookUp):
            try:
                known = await session.look_up([str(one.id) for one in found])
            except SendError:
                return
            verdicts = [
                Verdict(id=one.id, provider_id=known.get(str(one.id)), absent=str(one.id) not in known) for one in found
            ]
        else:
            verdicts = [Verdict(id=one.id) for one in found]
        await self._queue.settle(self._channel_id, verdicts)
