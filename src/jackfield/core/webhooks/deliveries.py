"""The log of deliveries: what was owed, what came back, and doing it again."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Row, Select, func, literal_column, or_, select, update

from ..ground.errors import Conflict, NotFound
from ..ground.fields import choice, row_id
from ..ground.paging import Page, check_limit, decode_cursor, encode_cursor
from ..ground.store import Store
from ..ground.unit import Unit
from ..models import Delivery, Endpoint, Event
from .signing import message_id

URGENT = 0
"""A `due_at` that goes before all others, and is tried even while the endpoint rests after failures."""

STATES = ("pending", "delivered", "parked", "cancelled")
PENDING = Delivery.state == literal_column("'pending'")
"""As a literal: SQLite uses a partial index only for a condition it can read when it plans."""


class DeliveryView(msgspec.Struct, kw_only=True):
    """One delivery as people read it. Times are Unix ms; `duration_ms` is the last attempt's.

    `webhook_id` is what the receiver saw; `data` is the event's JSON and `channel_id` where it happened (in the single
    view, and in lists on request); `next_at` is when it is tried again, None when that is over.
    """

    id: int
    endpoint_id: int
    event_id: int
    event_type: str
    webhook_id: str
    state: str
    attempts: int
    next_at: int | None
    status: int | None
    excerpt: str | None
    error: str | None
    duration_ms: int | None
    created_at: int
    finished_at: int | None
    data: str | None = None
    channel_id: int | None = None


_COLUMNS = (
    Delivery.id,
    Delivery.endpoint_id,
    Delivery.event_id,
    Event.type,
    Delivery.state,
    Delivery.attempts,
    Delivery.due_at,
    Delivery.status,
    Delivery.excerpt,
    Delivery.error,
    Delivery.duration_ms,
    Delivery.created_at,
    Delivery.finished_at,
)


class Deliveries:
    """The service."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def list(
        self,
        workspace_id: int,
        *,
        endpoint_id: int | None = None,
        state: str | None = None,
        event_type: str | None = None,
        since: int | None = None,
        until: int | None = None,
        limit: int = 50,
        cursor: str | None = None,
        offset: int | None = None,
        with_data: bool = False,
    ) -> Page[DeliveryView]:
        """Deliveries, newest first. `state` also takes "failed": given up, or failed and to be tried again.

        `offset` leaves out so many, instead of a cursor, and has all that match counted; `with_data` gives each its
        event's JSON and channel. Raises NotFound for another workspace's endpoint, Invalid for a bad state, limit or cursor.
        """
        limit = check_limit(limit)
        query = _query(workspace_id)
        if endpoint_id is not None:
            async with self._store.db.read() as session:
                owner = await session.scalar(select(Endpoint.workspace_id).where(Endpoint.id == row_id(endpoint_id)))
            if owner != workspace_id:
                raise NotFound("There is no such webhook.")
            query = query.where(Delivery.endpoint_id == endpoint_id)
        if state == "failed":
            query = query.where(or_(Delivery.state == "parked", PENDING & (Delivery.error.is_not(None))))
        elif state is not None:
            query = query.where(Delivery.state == choice("state", state, (*STATES, "failed")))
        if event_type is not None:
            query = query.where(Event.type == event_type)
        if since is not None:
            query = query.where(Delivery.created_at >= since)
        if until is not None:
            query = query.where(Delivery.created_at < until)
        if cursor and offset is None:
            (before,) = decode_cursor(cursor, tuple[int])
            query = query.where(Delivery.id < before)
        total: int | None = None
        async with self._store.db.read() as session:
            if offset is not None:
                total = await session.scalar(select(func.count()).select_from(query.subquery()))
                query = query.offset(offset)
            if with_data:
                query = query.add_columns(Event.data, Event.channel_id)
            rows = (await session.execute(query.order_by(Delivery.id.desc()).limit(limit + 1))).all()
        following = encode_cursor(rows[limit - 1].id) if len(rows) > limit else None
        items = [_view(row) for row in rows[:limit]]
        if with_data:
            for item, row in zip(items, rows, strict=False):
                item.data, item.channel_id = row.data, row.channel_id
        return Page(items=items, cursor=following, total=total)

    async def get(self, workspace_id: int, delivery_id: int) -> DeliveryView:
        """One delivery with its event's data. Raises NotFound."""
        async with self._store.db.read() as session:
            query = (
                _query(workspace_id).add_columns(Event.data, Event.channel_id).where(Delivery.id == row_id(delivery_id))
            )
            row = (await session.execute(query)).first()
        if row is None:
            raise NotFound("There is no such delivery.")
        view = _view(row)
        view.data, view.channel_id = row.data, row.channel_id
        return view

    async def replay(self, workspace_id: int, delivery_id: int) -> None:
        """Deliver once more, at once, with the whole schedule before it again. Raises NotFound, Conflict when the
        endpoint is disabled."""
        async with self._store.unit() as unit:
            row = (
                await unit.conn.execute(
                    select(Delivery.id, Endpoint.enabled)
                    .join(Endpoint, Endpoint.id == Delivery.endpoint_id)
                    .where(Delivery.id == row_id(delivery_id), Delivery.workspace_id == workspace_id)
                )
            ).first()
            if row is None:
                raise NotFound("There is no such delivery.")
            _must_be_on(row.enabled)
            await unit.conn.execute(
                update(Delivery)
                .where(Delivery.id == delivery_id)
                .values(state="pending", attempts=0, due_at=URGENT, claimed_until=0, finished_at=None)
            )
            unit.notify("deliveries")

    async def replay_failed(
        self, workspace_id: int, endpoint_id: int, *, since: int | None = None, chunk: int = 5000
    ) -> int:
        """Deliver again what was given up or waits after a failure (made since a time, Unix ms); gives how many.

        Raises NotFound, Conflict when the endpoint is disabled.
        """
        total = after = 0
        while True:
            async with self._store.unit() as unit:
                await self._check(unit, workspace_id, endpoint_id)
                query = select(Delivery.id).where(
                    Delivery.endpoint_id == endpoint_id,
                    Delivery.id > after,
                    or_(Delivery.state == "parked", PENDING & Delivery.error.is_not(None)),
                )
                if since is not None:
                    query = query.where(Delivery.created_at >= since)
                ids = list((await unit.conn.execute(query.order_by(Delivery.id).limit(chunk))).scalars())
                if ids:
                    again = {"state": "pending", "attempts": 0, "finished_at": None}
                    await unit.conn.execute(
                        update(Delivery).where(Delivery.id.in_(ids)).values(due_at=unit.now, claimed_until=0, **again)
                    )
                    if not total:
                        # The oldest goes first even while the endpoint rests, and opens the way for the others.
                        await unit.conn.execute(update(Delivery).where(Delivery.id == ids[0]).values(due_at=URGENT))
                    unit.notify("deliveries")
            total += len(ids)
            if len(ids) < chunk:
                return total
            after = ids[-1]

    @staticmethod
    async def _check(unit: Unit, workspace_id: int, endpoint_id: int) -> None:
        row = (
            await unit.conn.execute(
                select(Endpoint.enabled).where(
                    Endpoint.id == row_id(endpoint_id), Endpoint.workspace_id == workspace_id
                )
            )
        ).first()
        if row is None:
            raise NotFound("There is no such webhook.")
        _must_be_on(row.enabled)


def _must_be_on(enabled: bool) -> None:
    if not enabled:
        raise Conflict("The webhook is disabled; enable it first.", code="WEBHOOK_DISABLED")


def _query(workspace_id: int) -> Select[*tuple[Any, ...]]:
    return select(*_COLUMNS).join(Event, Event.id == Delivery.event_id).where(Delivery.workspace_id == workspace_id)


def _view(row: Row[Any]) -> DeliveryView:
    return DeliveryView(
        id=row.id,
        endpoint_id=row.endpoint_id,
        event_id=row.event_id,
        event_type=row.type,
        webhook_id=message_id(row.event_id, row.endpoint_id),
        state=row.state,
        attempts=row.attempts,
        next_at=row.due_at if row.state == "pending" else None,
        status=row.status,
        excerpt=row.excerpt,
        error=row.error,
        duration_ms=row.duration_ms,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
