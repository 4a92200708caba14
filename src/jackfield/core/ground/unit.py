"""The unit of work: what a core command changes, and the events that say so, commit together.

Commands never commit themselves: they run inside `Core.unit()` (or a batch of the group commit, which is the same
thing for many) and `emit` what became true. At the end the events are appended, the deliveries owed to webhook
endpoints are written, all is committed, and only then is anybody woken.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from sqlalchemy import bindparam, event, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from ...db.base import now_ms
from ...db.bulk import insert_many, upsert
from ...db.database import Database
from ...db.prepared import insert_into
from ..models import AuditEntry, Delivery, Endpoint, Event
from .audited import pending, watch
from .bus import Bus
from .events import QUIET, EventData

_encode = msgspec.json.Encoder().encode
_endpoints = select(Endpoint.id, Endpoint.workspace_id, Endpoint.channel_id, Endpoint.events).where(
    Endpoint.workspace_id.in_(bindparam("workspaces", expanding=True)), Endpoint.enabled.is_(True)
)


class Stored(msgspec.Struct):
    """An event as appended: what live listeners get after the commit."""

    id: int
    workspace_id: int
    channel_id: int | None
    type: str
    data: str
    created_at: int


class Unit:
    """One transaction with its events. `session` for ORM work, `conn` for statements on many rows."""

    def __init__(self, session: AsyncSession, conn: AsyncConnection) -> None:
        self.session = session
        self.conn = conn
        self.now = now_ms()
        self._events: list[dict[str, Any]] = []
        self._topics: dict[str, Any] = {}

    def emit(self, workspace_id: int, event: EventData, channel_id: int | None = None) -> None:
        """Say that this became true; appended and owed to subscribers when the unit commits."""
        self._events.append(
            {
                "workspace_id": workspace_id,
                "channel_id": channel_id,
                "type": event.type,
                "data": _encode(event).decode(),
                "created_at": self.now,
            }
        )

    def upsert(self, model: Any) -> Any:
        """An insert that knows ON CONFLICT."""
        return upsert(self.conn.dialect.name, model)

    @asynccontextmanager
    async def part(self) -> AsyncIterator[Unit]:
        """A part that fails alone: when the block raises, what it changed and said is undone and the unit goes on."""
        events, topics = len(self._events), dict(self._topics)
        try:
            async with self.session.begin_nested():
                yield self
        except BaseException:
            del self._events[events:]
            self._topics = topics
            raise

    def notify(self, topic: str, payload: Any = None) -> None:
        """Publish on the bus once committed; the same topic twice is told once, with the last payload."""
        self._topics[topic] = payload

    def gather(self, topic: str, items: list[Any]) -> None:
        """Publish these on the bus once committed; what several calls gather is published as one list."""
        # A new list each time: a part that fails gives the old one back.
        self._topics[topic] = [*self._topics.get(topic, ()), *items]

    async def append_events(self) -> list[Stored]:
        """Write events and what is owed to endpoints. Called by the unit's end."""
        if not self._events:
            return []
        ids = await insert_many(self.conn, Event, self._events)
        stored = [Stored(id=id_, **data) for id_, data in zip(ids, self._events, strict=True)]
        workspaces = {one.workspace_id for one in stored}
        endpoints = (await self.conn.execute(_endpoints, {"workspaces": list(workspaces)})).all()
        if endpoints:
            # Not the unit's own time: it may have begun long ago and waited for a row, and what became true first (and
            # committed first) is to be told first.
            due_at = now_ms()
            owed = [
                {
                    "workspace_id": event.workspace_id,
                    "endpoint_id": endpoint.id,
                    "event_id": event.id,
                    "due_at": due_at,
                    "created_at": self.now,
                }
                for event in stored
                for endpoint in endpoints
                if wants(endpoint.workspace_id, endpoint.channel_id, endpoint.events, event)
            ]
            if owed:
                await insert_into(Delivery).run(self.conn, owed)
                self.gather("owed", list({one["endpoint_id"] for one in owed}))
        return stored

    def tell(self, bus: Bus, stored: list[Stored]) -> None:
        """Wake everybody concerned. Called after the commit."""
        for topic, payload in self._topics.items():
            bus.publish(topic, payload)
        if stored:
            bus.publish("events", stored)


def wants(workspace_id: int, channel_id: int | None, events: list[str], event: Stored) -> bool:
    """Whether an endpoint with this scope and these event types is owed the event."""
    if workspace_id != event.workspace_id:
        return False
    if channel_id is not None and event.channel_id is not None and channel_id != event.channel_id:
        return False
    # A test is owed only to the endpoint it was asked for; webhooks.test writes that delivery itself.
    if event.type == "webhook.test":
        return False
    return event.type in events or ("*" in events and event.type not in QUIET)


@asynccontextmanager
async def unit_of_work(db: Database, bus: Bus) -> AsyncIterator[Unit]:
    """Open a unit; it commits at the end of the block, and rolls back when the block raises."""
    async with db.transaction() as session:
        unit = Unit(session, await session.connection())
        entry = pending()
        changes: dict[str, Any] = {}
        changed: list[bool] = []
        if entry is not None:
            event.listen(session.sync_session, "before_flush", watch(session.sync_session, changes, changed))
        yield unit
        await session.flush()
        stored = await unit.append_events()
        told = entry is not None and not entry.written and bool(changed or stored)
        if entry is not None and told:
            await unit.conn.execute(insert(AuditEntry).values(**entry.values(changes), created_at=unit.now))
    if entry is not None and told:
        entry.written = True
    unit.tell(bus, stored)
