"""One endpoint's turn: what is due to it is claimed in batches and sent by a few lanes.

Deliveries of one key (a peer, a contact) go one after the other; several keys go at once. Results are recorded by the
group commit while the lanes go on; a result that is lost in a crash means one more delivery, never one less.
"""

from __future__ import annotations

import asyncio
from collections import deque

import structlog

from jackfield.core import TEST_EVENT, URGENT, ClaimedDeliveries, DeliveryRequest, OwedDelivery, Target

from .answers import excerpt
from .health import Failure, Health
from .resources import Resources
from .saver import Saver
from .send import Failed, Lapsed, send

log = structlog.get_logger(__name__)

SMALL, LARGE = 8, 512
"""Deliveries claimed at once, at least and at most."""

FAULT = "fault"
"""How an attempt is counted that failed by our own fault."""
GIVEN_UP = "given up: the endpoint could not be reached in the whole time of the schedule"


class EndpointTurn:
    """Runs until nothing is due, the endpoint rests, or its turn is over."""

    def __init__(self, resources: Resources, endpoint_id: int, health: Health) -> None:
        self._resources = resources
        self._now = resources.now
        self._id = endpoint_id
        self._label = str(endpoint_id)
        self._health = health
        self._target: Target | None = None
        self._keys: deque[str] = deque()
        self._queues: dict[str, deque[OwedDelivery]] = {}
        self._waiting = 0
        self._flying = 0
        self._lanes: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._saver = Saver(resources.outbox, endpoint_id)
        self._halted = False
        self._put_backs = 0
        """How often claims lapsed before their deliveries were begun."""
        self._poked = True
        self._batch = SMALL * health.width
        self._full = False
        self._failing_since: int | None = None
        self._loop = asyncio.get_running_loop()

    def poke(self) -> None:
        """Something new is due."""
        self._poked = True
        self._changed.set()

    def halt(self) -> None:
        """Begin nothing more; what is in flight ends by itself."""
        self._halted = True
        self._changed.set()

    async def run(self) -> None:
        """The turn."""
        try:
            if not self._health.resting or await self._probe():
                await self._work()
        except asyncio.CancelledError:
            for lane in self._lanes:
                lane.cancel()
            raise
        finally:
            self._halted = True
            if self._lanes:
                await asyncio.wait(self._lanes)
            self._saver.release(self._drop_all())
            await self._saver.finish()

    async def _work(self) -> None:
        started = self._loop.time()
        claimed_at = started - 2.0  # the first claim says nothing of the endpoint's speed
        while True:
            if self._wants_more():
                now = self._loop.time()
                if self._resources.crowded and now - started > self._resources.pace.turn:
                    self.halt()
                else:
                    # As many as last a second or so: a slow endpoint must not sit on claims that lapse.
                    if now - claimed_at > 3.0:
                        self._batch = max(self._batch // 2, SMALL)
                    elif now - claimed_at < 1.0 and self._full:
                        self._batch = min(self._batch * 2, LARGE)
                    claimed_at = now
                    await self._refill()
            self._open_lanes()
            if not self._flying and (self._halted or not (self._waiting or self._poked)):
                return
            if not self._wants_more():
                self._changed.clear()
                await self._changed.wait()

    def _wants_more(self) -> bool:
        return self._poked and not self._halted and self._waiting < max(self._batch // 2, SMALL)

    async def _refill(self) -> None:
        self._poked = False
        before = self._put_backs
        claimed = await self._claim(self._batch)
        if self._put_backs != before:
            # What waited here lapsed while this was being claimed. It comes first, so this goes back as well.
            self._saver.release([row.id for row in claimed.rows])
            self._poked = True
            return
        put_off: set[str] = set()
        for row in claimed.rows:
            if self._must_wait(row, put_off):
                due = max(row.due_at, self._health.held[row.key][0])
                self._saver.release([row.id], due_at=due)
            else:
                self._queue(row)
        here = {row.id for row in claimed.rows} if put_off else set()
        for key in put_off:
            if self._health.held[key][1] in here:
                del self._health.held[key]
        # A full batch means that there may be more.
        self._full = len(claimed.rows) >= self._batch
        self._poked = self._poked or self._full

    def _must_wait(self, row: OwedDelivery, put_off: set[str]) -> bool:
        """Whether a delivery waits behind an earlier one of its key that failed and will be tried again shortly."""
        held = self._health.held.get(row.key)
        if held is None:
            return False
        due, first = held
        if row.key in put_off:
            return row.id > first
        if row.id <= first:
            if row.id == first:
                del self._health.held[row.key]
            return False
        if due <= self._now() and (row.due_at, row.id) > held:
            # In the order of claims the one that failed would have come before: it is no more.
            del self._health.held[row.key]
            return False
        put_off.add(row.key)
        return True

    def _queue(self, row: OwedDelivery) -> None:
        queue = self._queues.get(row.key)
        if queue is None:
            self._queues[row.key] = deque((row,))
            self._keys.append(row.key)
        else:
            queue.append(row)
        self._waiting += 1

    async def _claim(self, limit: int, *, probe: bool = False) -> ClaimedDeliveries:
        health = self._health
        await self._saver.released()
        request = DeliveryRequest(
            endpoint_id=self._id,
            limit=limit,
            until=self._now() + int(self._resources.pace.claim * 1000),
            busy=frozenset(self._saver.busy),
            held=tuple(health.hold),
            probe=probe,
            tried=frozenset(health.tried),
            any_key=health.probes >= 5,
        )
        claimed = await self._resources.outbox.claim(request)
        if self._resources.tracer is not None and claimed.rows:
            await self._resources.outbox.add_traces(claimed.rows)
        for owed in claimed.rows:
            if owed.event.channel_engine is not None:
                owed.event.channel_network = self._resources.networks.of(owed.event.channel_engine).name
        health.hold = [id_ for id_ in health.hold if id_ not in request.held]
        if claimed.target is not None:
            self._target = claimed.target
        elif not claimed.foreign:
            # Deleted or switched off meanwhile.
            self.halt()
        if claimed.foreign and not request.busy:
            self._resources.leave(self._id)
        self._failing_since = claimed.failing_since
        if claimed.failing_since is not None:
            health.marked = health.marking = True
        elif claimed.target is not None and health.marked:
            health.marked = health.marking = False
            if health.resting:
                health.reset()
        self._saver.busy.update(row.id for row in claimed.rows)
        return claimed

    # -- probing -------------------------------------------------------------------------------------

    async def _probe(self) -> bool:
        """Try a resting endpoint with one delivery. True when it is up again."""
        while True:
            claimed = await self._claim(1, probe=True)
            if not self._health.resting:
                for row in claimed.rows:
                    self._queue(row)
                return True
            if not claimed.rows:
                return False
            if claimed.rows[0].id in self._health.tried:
                self._health.tried.clear()
            if await self._attempt(claimed.rows[0]):
                break
        if not self._health.resting:
            return True
        self._health.probed(self._loop.time())
        await self._give_up()
        return False

    async def _give_up(self) -> None:
        """After a failed probe: park what is overdue, and switch off an endpoint that only fails for days."""
        if self._failing_since is None:
            return
        pace, now = self._resources.pace, self._now()
        if now - self._failing_since >= pace.disable_after * 1000:
            await self._disable(f"it only failed for {pace.disable_after / 86400:g} days")
        elif self._overdue(0, now):
            before = now - int(pace.span * 1000)
            number = await self._resources.outbox.park_overdue(self._id, before, GIVEN_UP)
            self._parked(number)
            if number:
                log.warning("webhook deliveries given up; they can be replayed", endpoint=self._id, count=number)

    def _parked(self, number: int) -> None:
        self._resources.parked += number
        self._resources.meters.webhooks_parked.add((), number)

    def _overdue(self, due: int, now: int) -> bool:
        """Whether what is due since then has waited out the whole schedule behind a failing endpoint that we tried
        often enough: time in which nobody tried does not count."""
        pace, since = self._resources.pace, self._failing_since
        if since is None or self._health.probes + 1 < len(pace.retries):
            return False
        return now - max(since, due) >= pace.span * 1000

    # -- sending -------------------------------------------------------------------------------------

    def _open_lanes(self) -> None:
        if self._halted:
            return
        wanted = min(self._health.width, len(self._lanes) + len(self._keys))
        while len(self._lanes) < wanted:
            lane = asyncio.create_task(self._lane())
            self._lanes.add(lane)
            lane.add_done_callback(self._lane_ended)

    def _lane_ended(self, lane: asyncio.Task[None]) -> None:
        self._lanes.discard(lane)
        if not lane.cancelled() and lane.exception() is not None:
            log.error("webhook lane failed", endpoint=self._id, exc_info=lane.exception())
            self._halted = True
        self._changed.set()

    async def _lane(self) -> None:
        while self._keys and not self._halted and len(self._lanes) <= self._health.width:
            key = self._keys.popleft()
            queue = self._queues[key]
            row = queue.popleft()
            self._waiting -= 1
            self._flying += 1
            try:
                await self._attempt(row)
            finally:
                self._flying -= 1
                if self._queues.get(key):
                    self._keys.append(key)
                else:
                    self._queues.pop(key, None)
            if self._wants_more() or len(self._lanes) < self._health.width:
                self._changed.set()
            await self._saver.keep_up()

    async def _attempt(self, row: OwedDelivery) -> bool:
        """Deliver one, and record what came of it. True when that says something of the endpoint."""
        target = self._target
        assert target is not None
        began = self._loop.time()
        try:
            status, said = await send(self._resources, self._health, row, target)
        except Failed as failed:
            took = self._loop.time() - began
            self._note(FAULT if failed.failure is None else failed.failure.name.lower(), took)
            await self._failed(row, failed, int(took * 1000))
            return failed.failure is not None
        except Lapsed:
            self._put_back(row)
            return False
        now = self._loop.time()
        if status is not None:
            self._note("delivered", now - began)
            if self._health.marked:
                self._health.marked = self._health.marking = False
                log.info("webhook endpoint works again", endpoint=self._id, workspace=target.workspace_id)
                self._saver.mark(None)
            self._health.succeeded(now, began)
        self._resources.delivered += 1
        self._saver.record(
            row,
            state="delivered",
            attempts=row.attempts + (status is not None),
            status=status,
            excerpt=said,
            error=None,
            duration_ms=int((now - began) * 1000) if status is not None else None,
            finished_at=self._now(),
        )
        return status is not None

    def _note(self, outcome: str, seconds: float) -> None:
        """Count an attempt."""
        meters = self._resources.meters
        meters.webhook_attempts.add((self._label, outcome))
        meters.webhook_seconds.observe((self._label,), seconds)

    def _tell(self, row: OwedDelivery, failed: Failed, text: str) -> None:
        """Log a failure: not its words, which may be the receiver's own."""
        log.warning(
            text,
            endpoint=self._id,
            workspace=row.event.workspace_id,
            delivery=row.id,
            event_type=row.event.type,
            outcome=FAULT if failed.failure is None else failed.failure.name.lower(),
            status=failed.status,
        )

    def _put_back(self, row: OwedDelivery) -> None:
        """The claim is too old to begin under. All that waits is about as old, and comes again in its order."""
        self._put_backs += 1
        self._saver.release([row.id, *self._drop_all()])
        self.poke()

    def _drop_all(self) -> list[int]:
        """Ids of all that waits, which is forgotten here. Keys in flight keep their place, so that none is in two
        lanes."""
        ids = [one.id for queue in self._queues.values() for one in queue]
        for key in self._keys:
            del self._queues[key]
        for queue in self._queues.values():
            queue.clear()
        self._keys.clear()
        self._waiting = 0
        return ids

    async def _failed(self, row: OwedDelivery, failed: Failed, duration_ms: int) -> None:
        pace, health, now = self._resources.pace, self._health, self._now()
        self._resources.failed += 1
        due = row.due_at if row.due_at != URGENT else now
        attempts, state, claimed_until = row.attempts + 1, "pending", 0
        resting = False
        if failed.failure is not None and failed.failure is not Failure.GONE:
            resting = health.failed(self._loop.time(), row.id, failed.failure, failed.retry_after)
        pause = pace.pause(attempts)
        if row.event.type == TEST_EVENT or failed.failure is Failure.GONE:
            # A person watches a test; it is not tried again behind their back.
            state = "parked"
        elif resting and self._overdue(due, now):
            state, attempts = "parked", max(row.attempts, len(pace.retries))
        elif resting:
            # The endpoint's failure, not this delivery's: it keeps its place, and uses up attempts no faster than
            # the schedule would have.
            attempts = max(row.attempts, pace.steps((now - due) / 1000))
            claimed_until = int(now + (health.next_probe - self._loop.time()) * 1000) + 2000
            health.hold.append(row.id)
        elif pause is None:
            state = "parked"
        else:
            due = now + int(max(pause, min(failed.retry_after or 0, pace.most_wait)) * 1000)
            if attempts == 1:
                self._hold_key(row, due)
        if state == "parked":
            self._parked(1)
            self._tell(row, failed, "webhook delivery given up; it can be replayed")
        self._saver.record(
            row,
            state=state,
            attempts=attempts,
            due_at=due,
            claimed_until=claimed_until,
            status=failed.status,
            excerpt=excerpt(failed.body),
            error=failed.error,
            duration_ms=duration_ms,
            finished_at=now if state == "parked" else None,
        )
        if resting:
            self.halt()
            if not health.marking:
                health.marking = True
                self._tell(row, failed, "webhook endpoint fails; it is tried now and then")
                await self._saver.mark(now)
                health.marked = True
        if failed.failure is Failure.GONE:
            await self._disable("it answered 410 Gone")

    def _hold_key(self, row: OwedDelivery, due: int) -> None:
        """Others of the key wait out the first, short pause behind the one that failed; after longer ones they pass."""
        held = self._health.held
        if len(held) > 1000:
            long_ago = self._now() - 600_000
            self._health.held = held = {key: one for key, one in held.items() if one[0] > long_ago}
        held[row.key] = (due, row.id)
        queue = self._queues.get(row.key)
        if queue:
            self._waiting -= len(queue)
            self._saver.release([one.id for one in queue], due_at=due)
            queue.clear()

    async def _disable(self, reason: str) -> None:
        self.halt()
        if self._target is not None:
            log.warning("webhook disabled", endpoint=self._id, reason=reason)
            await self._resources.outbox.switch_off(self._target, reason)
