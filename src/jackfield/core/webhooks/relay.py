"""`EventLog`: all events in the order of their ids, for the one process that copies them elsewhere. Copied is only what nothing
can come before any more (`ground.commit_order`)."""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import func, or_, select, update

from ...db.base import now_ms
from ..ground.commit_order import CommitOrder
from ..ground.store import Store
from ..ground.unit import Stored
from ..models import Event, Relay
from .live import stored_event

NAME: Final = "events"
AT_ONCE: Final = 200


class RelayLease(msgspec.Struct, frozen=True, kw_only=True):
    """The right to copy, under a token; see `Relay` for the rest."""

    token: int
    start: int
    cursor: int
    newest: int
    """The largest id that the table has given, at the time of the lease."""


class EventLog:
    """The service. `copies` says whether this process is the one that copies, `copied` counts what it has copied."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._order = CommitOrder(store.db, Event)
        self.copied = 0
        self.copies = False

    @property
    def waits(self) -> bool:
        """Whether there are events that others may still come before."""
        return self._order.waits

    # -- the lease -----------------------------------------------------------------------------------

    async def acquire(self) -> RelayLease | None:
        """Become the one that copies; None while another is. The first time ever copying begins with what happens next."""
        options = self._store.options
        now = now_ms()
        async with self._store.unit() as unit:
            newest = int(await unit.conn.scalar(select(func.max(Event.id))) or 0)
            first = {"name": NAME, "token": 0, "until": 0, "start": newest, "cursor": newest}
            await unit.conn.execute(unit.upsert(Relay).values(**first).on_conflict_do_nothing())
            free = or_(Relay.until <= now, Relay.owner.is_(None))
            row = (
                await unit.conn.execute(
                    update(Relay)
                    .where(Relay.name == NAME, free)
                    .values(owner=options.node, token=Relay.token + 1, until=now + int(options.lease_seconds * 1000))
                    .returning(Relay.token, Relay.start, Relay.cursor)
                )
            ).one_or_none()
        if row is None:
            return None
        self._order.begin()
        return RelayLease(token=row.token, start=row.start, cursor=row.cursor, newest=newest)

    async def keep(self, token: int, cursor: int) -> bool:
        """Note how far it is, and hold the lease for longer; False when it is another's."""
        until = now_ms() + int(self._store.options.lease_seconds * 1000)
        async with self._store.unit() as unit:
            changed = await unit.conn.execute(
                update(Relay).where(Relay.name == NAME, Relay.token == token).values(cursor=cursor, until=until)
            )
        return changed.rowcount == 1

    async def release(self, token: int) -> None:
        """Give the lease back, so that another may have it at once."""
        async with self._store.unit() as unit:
            await unit.conn.execute(
                update(Relay).where(Relay.name == NAME, Relay.token == token).values(owner=None, until=0)
            )

    # -- the events ----------------------------------------------------------------------------------

    async def after(self, position: int) -> list[Stored]:
        """The events that follow a position, as far as nothing can come between them any more."""
        async with self._store.db.read() as session:
            reached = await self._order.reach(session, position)
            if reached <= position:
                return []
            query = select(Event).where(Event.id > position, Event.id <= reached).order_by(Event.id).limit(AT_ONCE)
            return [stored_event(row) for row in (await session.execute(query)).scalars()]
