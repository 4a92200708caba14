"""Live events: the same facts as webhooks carry, to whoever listens now, and from any event on to who comes back.

One feed per process hears the events of its own commits on the bus and finds those of other processes in the table: at
once where the bus says that there are some, else by polling.
It works only while somebody listens. Ids may commit out of their order (on PostgreSQL two transactions take 10 and 11,
and 11 commits first), so the feed keeps the ids that it has not seen yet, and an event's *position* is the id up to
which all is known to have been told: who resumes from a position misses nothing, and sees an event twice at worst.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any, Final

import msgspec
import structlog
from sqlalchemy import Select, func, or_, select

from ..ground.bus import EVENTS_ELSEWHERE, Wake
from ..ground.errors import JackfieldError
from ..ground.events import WebhookTest
from ..ground.paging import Page, check_limit, decode_cursor, encode_cursor
from ..ground.store import Store
from ..ground.unit import Stored
from ..models import Event
from . import parse_events

log = structlog.get_logger(__name__)

PAGE: Final = 500
"""Events per read of a backlog."""
OVERLAP: Final = 4096
"""Ids before the end of a backlog that are read once more when following begins, for those that committed late."""
GAP_SECONDS: Final = 30.0
"""An id that has not shown itself in this time belongs to a transaction that was rolled back."""
MOST_GAPS: Final = 2000
LOOK_GAP_S: Final = 0.005
"""Least pause between two looks at the table: what other processes commit meanwhile is read together."""
MOST_HELD: Final = 20_000
"""Events that may happen while a listener is still reading its backlog's last page."""


class TooSlow(JackfieldError):
    """The listener reads slower than things happen; it may come back and resume."""

    code = "SLOW_READER"


class LiveEvent(msgspec.Struct):
    """An event on its way to listeners. `encoded` keeps each form in which it was written, made once for all."""

    stored: Stored
    position: int
    encoded: dict[str, bytes] = {}


Deliver = Callable[[list[LiveEvent]], None]
"""Takes what happened, at once: must not block, wait or raise."""


class Subscription:
    """One listener: what it wants, and where it is.

    `types` None is all types, `channel_id` None all channels; what belongs to no channel is told in either case.
    """

    def __init__(
        self,
        live: Live,
        workspace_id: int,
        deliver: Deliver,
        *,
        types: frozenset[str] | None = None,
        channel_id: int | None = None,
    ) -> None:
        self.workspace_id = workspace_id
        self.types = types
        self.channel_id = channel_id
        self._live = live
        self._deliver = deliver
        self._held: list[LiveEvent] | None = None
        self.overflown = False

    def wants(self, event: Stored) -> bool:
        """Whether this listener is told of the event (its workspace is looked at elsewhere)."""
        if self.types is not None and event.type not in self.types:
            return False
        return self.channel_id is None or event.channel_id is None or event.channel_id == self.channel_id

    def push(self, events: list[LiveEvent]) -> None:
        """Called by the feed with events of this workspace."""
        if self.types is not None or self.channel_id is not None:
            events = [one for one in events if self.wants(one.stored)]
        if not events:
            return
        if self._held is None:
            self._deliver(events)
        elif len(self._held) + len(events) > MOST_HELD:
            self.overflown = True
        else:
            self._held.extend(events)

    async def follow(self, after: int | None = None) -> AsyncIterator[list[LiveEvent]]:
        """The backlog after a position, page by page; when this ends, events go to `deliver` as they happen.

        Nothing is missed between the two, and nothing that was given is given again. Without `after` there is no
        backlog. Raises TooSlow when too much happens while the last page is read.
        """
        live = self._live
        if after is None:
            await live.attach(self)
            return
        sent: set[int] = set()
        at = after
        while True:
            page = await live.read(self, at)
            if page:
                at = page[-1].stored.id
                sent.update(one.stored.id for one in page)
                sent = {one for one in sent if one > at - OVERLAP}
                yield page
            if len(page) < PAGE:
                break
        self._held = []
        await live.attach(self)
        at = max(after, at - OVERLAP)
        while True:
            page = await live.read(self, at)
            fresh = [one for one in page if one.stored.id not in sent]
            if fresh:
                sent.update(one.stored.id for one in fresh)
                yield fresh
            if self.overflown:
                raise TooSlow("More happens than is read.")
            if len(page) < PAGE:
                break
            at = page[-1].stored.id
        held, self._held = self._held, None
        rest = [one for one in held if one.stored.id not in sent]
        if rest:
            self._deliver(rest)

    def close(self) -> None:
        """Listen no more."""
        self._live.detach(self)


class Live:
    """The feed of this process, and the log of events."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._listeners: dict[int, list[Subscription]] = {}
        self._high = 0
        self._gaps: dict[int, float] = {}
        self._task: asyncio.Task[None] | None = None
        self._ends: list[Callable[[], None]] = []
        self._starting = asyncio.Lock()
        self._wake = Wake()

    @property
    def position(self) -> int:
        """The id up to which everything was told, while somebody listens."""
        return next(iter(self._gaps)) - 1 if self._gaps else self._high

    @property
    def listeners(self) -> int:
        """How many listen."""
        return sum(len(group) for group in self._listeners.values())

    # -- listening -----------------------------------------------------------------------------------

    async def attach(self, subscription: Subscription) -> None:
        """Tell this listener from now on."""
        async with self._starting:
            if self._task is None:
                await self._start()
            self._listeners.setdefault(subscription.workspace_id, []).append(subscription)

    def detach(self, subscription: Subscription) -> None:
        """Tell it no more. The feed stops with its last listener."""
        group = self._listeners.get(subscription.workspace_id, [])
        if subscription in group:
            group.remove(subscription)
            if not group:
                del self._listeners[subscription.workspace_id]
        if not self._listeners:
            self._stop()

    async def _start(self) -> None:
        # Heard first, looked up then: what commits in between is in both, and told once.
        self._gaps.clear()
        self._high = 0
        early: list[Stored] = []
        end = self._store.bus.subscribe("events", early.extend)
        try:
            async with self._store.db.read() as session:
                self._high = int(await session.scalar(select(func.max(Event.id))) or 0)
        finally:
            end()
        self._ends = [
            self._store.bus.subscribe("events", self._heard),
            self._store.bus.subscribe(EVENTS_ELSEWHERE, self._wake.set),
        ]
        self._heard(early)
        self._task = asyncio.create_task(self._poll(), name="live-events")

    def _stop(self) -> None:
        for end in self._ends:
            end()
        self._ends = []
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def close(self) -> None:
        """Stop; listeners hear nothing more."""
        self._listeners.clear()
        self._stop()

    # -- the feed ------------------------------------------------------------------------------------

    def _heard(self, stored: Iterable[Stored]) -> None:
        """Tell what is new of these, and keep count of what is missing between them."""
        now = time.monotonic()
        fresh: dict[int, list[Stored]] = {}
        for event in sorted(stored, key=lambda one: one.id):
            if event.id > self._high:
                if event.id - self._high <= MOST_GAPS:
                    self._gaps.update((missing, now) for missing in range(self._high + 1, event.id))
                self._high = event.id
            elif self._gaps.pop(event.id, None) is None:
                continue
            if event.type != WebhookTest.type and event.workspace_id in self._listeners:
                fresh.setdefault(event.workspace_id, []).append(event)
        while len(self._gaps) > MOST_GAPS:
            del self._gaps[next(iter(self._gaps))]
        position = self.position
        for workspace_id, events in fresh.items():
            told = [LiveEvent(one, min(one.id, position)) for one in events]
            for listener in tuple(self._listeners.get(workspace_id, ())):
                listener.push(told)

    async def _poll(self) -> None:
        """Find what other processes committed, and what committed late."""
        pause = max(self._store.options.poll_seconds, 0.05)
        while True:
            await self._wake.wait(pause)
            try:
                await self._look()
            except Exception:
                log.exception("live events could not be looked for")
            await asyncio.sleep(LOOK_GAP_S)

    async def _look(self) -> None:
        over = time.monotonic() - GAP_SECONDS
        for missing in [one for one, since in self._gaps.items() if since < over]:
            del self._gaps[missing]
        while True:
            high = self._high
            late = list(self._gaps)[-500:]
            new = Event.id > high
            query = select(Event).where(or_(new, Event.id.in_(late)) if late else new).order_by(Event.id).limit(PAGE)
            async with self._store.db.read() as session:
                rows = [stored_event(row) for row in (await session.execute(query)).scalars()]
            self._heard(rows)
            if len(rows) < PAGE:
                return

    # -- the table -----------------------------------------------------------------------------------

    async def read(self, subscription: Subscription, after: int) -> list[LiveEvent]:
        """Events that a listener wants, after an id, in the order of ids, at most PAGE."""
        query = _wanted(
            select(Event).where(Event.id > after),
            subscription.workspace_id,
            subscription.types,
            subscription.channel_id,
        )
        async with self._store.db.read() as session:
            rows = (await session.execute(query.order_by(Event.id).limit(PAGE))).scalars()
            told = [stored_event(row) for row in rows]
        position = self.position or None
        return [LiveEvent(one, one.id if position is None else min(one.id, position)) for one in told]

    async def log(
        self,
        workspace_id: int,
        *,
        types: Sequence[str] | None = None,
        channel_id: int | None = None,
        only_channel: bool = False,
        since: int | None = None,
        until: int | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[LiveEvent]:
        """Events of a workspace, newest first; of one channel, with those of no channel unless `only_channel`. Times in
        Unix ms, `until` excluded. Raises Invalid."""
        limit = check_limit(limit)
        query = _wanted(select(Event), workspace_id, types_of(types), channel_id)
        if only_channel and channel_id is not None:
            query = query.where(Event.channel_id == channel_id)
        if since is not None:
            query = query.where(Event.created_at >= since)
        if until is not None:
            query = query.where(Event.created_at < until)
        if cursor:
            (before,) = decode_cursor(cursor, tuple[int])
            query = query.where(Event.id < before)
        async with self._store.db.read() as session:
            rows = [
                stored_event(row)
                for row in (await session.execute(query.order_by(Event.id.desc()).limit(limit + 1))).scalars()
            ]
        more = len(rows) > limit
        rows = rows[:limit]
        events = [LiveEvent(one, one.id) for one in rows]
        return Page(items=events, cursor=encode_cursor(rows[-1].id) if more else None)


def types_of(names: Sequence[str] | None, aliases: Any = None) -> frozenset[str] | None:
    """The event types meant by a caller's names (families and other spellings too); None for all. Raises Invalid."""
    if not names:
        return None
    found = parse_events([one for name in names for one in name.split(",") if one.strip()], aliases)
    return None if "*" in found else frozenset(found)


def _wanted(
    query: Select[Event], workspace_id: int, types: frozenset[str] | None, channel_id: int | None
) -> Select[Event]:
    query = query.where(Event.workspace_id == workspace_id)
    if types is not None:
        query = query.where(Event.type.in_(sorted(types)))
    else:
        query = query.where(Event.type != WebhookTest.type)
    if channel_id is not None:
        query = query.where(or_(Event.channel_id == channel_id, Event.channel_id.is_(None)))
    return query


def stored_event(row: Event) -> Stored:
    """An event as live listeners get it."""
    return Stored(
        id=row.id,
        workspace_id=row.workspace_id,
        channel_id=row.channel_id,
        type=row.type,
        data=row.data,
        created_at=row.created_at,
    )
