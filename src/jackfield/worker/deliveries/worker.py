"""`DeliveryWorker`: what is owed to webhook endpoints goes out, and one dead endpoint never delays another.

Every endpoint with something due gets a task of its own. Endpoints that were not seen working lately share a pool of
connections apart from those that were, and begin with one connection each, so that a crowd of dead ones that
swallow each request until its timeout cannot take the place of the living.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import structlog

from jackfield.core import URGENT, Core, SafeClient, Wake, WebhookFormat

from .health import Health, Pace
from .resources import Resources
from .turn import EndpointTurn

log = structlog.get_logger(__name__)

GAP = 0.02
"""Seconds between two looks for work at least: under load every commit wakes us."""


class DeliveryWorker:
    """The worker."""

    def __init__(
        self,
        core: Core,
        formats: Mapping[str, WebhookFormat],
        *,
        pace: Pace | None = None,
        client: SafeClient | None = None,
        max_endpoints: int = 512,
        max_connections: int = 256,
    ) -> None:
        """`max_endpoints` have their turn at once; `max_connections` are for endpoints that work, and half as many
        more for the others. The client is opened and closed here."""
        self._bus = core.bus
        self._options = core.options
        self._resources = Resources(
            core.webhooks.outbox,
            formats,
            client or SafeClient(allow=core.options.egress_allow),
            pace or Pace(),
            core.networks,
            core.meters,
            tracer=core.store.tracer,
            max_connections=max_connections,
        )
        self._max_endpoints = max_endpoints
        self._wake = Wake()
        self._turns: dict[int, EndpointTurn] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._health: dict[int, Health] = {}
        self._seeker: asyncio.Task[None] | None = None
        self._next_due: int | None = None
        """When the next delivery is to be tried (Unix ms), as far as we know."""
        self._owed: set[int] = set()
        """Endpoints that something new is owed to, since the last look."""
        self._must_look = True
        """Whether the database is to be asked, because it may hold what nobody has told of."""
        self._subscriptions: list[Callable[[], None]] = []

    @property
    def delivered(self) -> int:
        """Deliveries since start that got their 2xx, or for which there was nothing to send."""
        return self._resources.delivered

    @property
    def failed(self) -> int:
        """Failed attempts since start."""
        return self._resources.failed

    @property
    def parked(self) -> int:
        """Deliveries given up since start."""
        return self._resources.parked

    async def start(self) -> None:
        """Begin. What an earlier process had in hand is free at once when no other can be at work, else when its
        claims lapse."""
        await self._resources.client.open()
        if self._options.exclusive:
            await self._resources.outbox.forget_claims()
        self._subscriptions = [
            self._bus.subscribe("deliveries", self._look_soon),
            self._bus.subscribe("owed", self._hear_owed),
        ]
        self._seeker = asyncio.create_task(self._seek(), name="webhook-deliveries")

    async def close(self, timeout: float = 20.0) -> None:
        """Finish what is in flight, record it, and stop. Past `timeout` seconds the rest is broken off; it is
        delivered again later. Call before the core closes."""
        for end in self._subscriptions:
            end()
        if self._seeker is not None:
            self._seeker.cancel()
            await asyncio.wait([self._seeker])
        for turn in self._turns.values():
            turn.halt()
        tasks = list(self._tasks.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=timeout)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        await self._resources.client.close()

    def _look_soon(self, _payload: object = None) -> None:
        self._must_look = True
        self._wake.set()

    def _hear_owed(self, endpoints: Sequence[int]) -> None:
        self._owed.update(endpoints)
        self._wake.set()

    async def _seek(self) -> None:
        loop = asyncio.get_running_loop()
        look_at = loop.time()
        while True:
            owed, self._owed = self._owed, set()
            try:
                if self._must_look or loop.time() >= look_at or not owed <= self._turns.keys():
                    self._must_look = False
                    await self._look()
                    look_at = loop.time() + self._until_next()
                else:
                    # Under load every commit owes something to those who have their turn already: a look at all
                    # endpoints would cost as much as the claim that follows.
                    for endpoint_id in owed:
                        self._turns[endpoint_id].poke()
            except Exception:
                log.exception("looking for webhook deliveries failed")
                look_at = loop.time() + self._options.poll_seconds
            await asyncio.sleep(GAP)
            await self._wake.wait(max(look_at - loop.time(), 0.0))

    def _until_next(self) -> float:
        """Seconds until the database is to be asked again at the latest."""
        now = asyncio.get_running_loop().time()
        waits = [health.next_probe - now for health in self._health.values() if health.resting]
        if self._next_due is not None:
            # It may have fallen due since the question was asked.
            waits.append(max((self._next_due - self._resources.now()) / 1000, 0.001))
        return min([self._options.poll_seconds, *(wait for wait in waits if wait > 0)])

    async def _look(self) -> None:
        # As of before the read, or a mark made during it would look as if somebody had taken it away.
        marked = {id_ for id_, health in self._health.items() if health.resting and health.marked}
        waiting = await self._resources.outbox.find_waiting(self._resources.now())
        self._next_due = min((one.next_due for one in waiting if one.next_due is not None), default=None)
        now = asyncio.get_running_loop().time()
        ready: list[int] = []
        for one in waiting:
            id_ = one.endpoint_id
            urgent = one.first_due == URGENT
            health = self._health.get(id_)
            changed = id_ in marked and one.failing_since is None
            # What we keep claimed while it rests counts too.
            if one.first_due is None and not changed and not (health is not None and health.hold):
                continue
            if id_ in self._turns:
                self._turns[id_].poke()
                continue
            if health is not None and changed:
                health.reset()
            elif health is not None and health.resting and now < health.next_probe and not urgent:
                continue
            if self._resources.is_left(id_) and not urgent:
                continue
            ready.append(id_)
        room = self._max_endpoints - len(self._turns)
        self._resources.crowded = len(ready) > room
        # Who had no turn for longest goes first.
        ready.sort(key=lambda id_: self._health[id_].turn if id_ in self._health else 0.0)
        for id_ in ready[:room]:
            self._begin(id_, now)

    def _begin(self, endpoint_id: int, now: float) -> None:
        health = self._health.get(endpoint_id)
        if health is None:
            if len(self._health) > 20_000:
                self._health = {id_: one for id_, one in self._health.items() if one.resting or id_ in self._turns}
            health = self._health[endpoint_id] = Health(self._resources.pace)
        health.turn = now
        turn = EndpointTurn(self._resources, endpoint_id, health)
        self._turns[endpoint_id] = turn
        task = asyncio.create_task(turn.run(), name=f"webhook-{endpoint_id}")
        self._tasks[endpoint_id] = task
        task.add_done_callback(lambda task: self._ended(endpoint_id, task))

    def _ended(self, endpoint_id: int, task: asyncio.Task[None]) -> None:
        del self._turns[endpoint_id], self._tasks[endpoint_id]
        if not task.cancelled() and task.exception() is not None:
            log.error("webhook endpoint's turn failed", endpoint=endpoint_id, exc_info=task.exception())
            self._resources.leave(endpoint_id)
        self._look_soon()
