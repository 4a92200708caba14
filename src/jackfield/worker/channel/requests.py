"""Requests of other processes for the session of a channel: taken, carried out, answered."""

from __future__ import annotations

import asyncio

from jackfield.core import FETCH, Core, Taken, Wake, carry_out
from jackfield.core.port.content import MediaContent

from .connection import Connection
from .jobs import Jobs
from .tenure import Tenure

GAP_S = 0.01
"""Least pause between two looks."""


class Requests:
    """The requests for one channel, while this process owns it."""

    def __init__(self, core: Core, channel_id: int, connection: Connection, tenure: Tenure, jobs: Jobs) -> None:
        self.wake = Wake()
        self._core = core
        self._channel_id = channel_id
        self._connection = connection
        self._tenure = tenure
        self._jobs = jobs
        tenure.on_stop(self.wake.set)

    async def run(self) -> None:
        """Take what waits whenever woken, until stopped."""
        while not self._tenure.stopping:
            await self.wake.wait()
            if self._connection.session is None:
                # It is being opened: who asked waits a while, and the next look comes with the poll.
                continue
            while not self._tenure.stopping and self._tenure.may_act():
                taken = await self._core.owner_requests.take(self._channel_id)
                for one in taken:
                    self._jobs.spawn(self._serve(one))
                if not taken:
                    break
            await asyncio.sleep(GAP_S)

    async def _serve(self, taken: Taken) -> None:
        requests = self._core.owner_requests
        if taken.method == FETCH:
            provider_id = taken.arguments.decode()
            content = await self._core.incoming_files.content(self._channel_id, provider_id)
            if isinstance(content, MediaContent):
                self._connection.fetch(provider_id, content)
            await requests.done(taken.id)
            return
        await requests.answer(taken.id, await carry_out(self._connection.session, taken.method, taken.arguments))
