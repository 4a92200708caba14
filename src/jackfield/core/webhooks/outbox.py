"""`Outbox`: what the deliveries' worker asks of the database: find, claim, record, release.

Claims make one process at a time work for an endpoint, so that its order holds in a cluster too: whoever finds a row
among the first that are due claimed by somebody else leaves the endpoint alone. On PostgreSQL the endpoint's row is
locked (SKIP LOCKED) while one claims, so no two can claim at once. A claim lapses with `claimed_until`: what a dead
process had in hand is delivered again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec
from sqlalchemy import bindparam, select, update

from ...db.prepared import Prepared
from ..ground.events import AccountNotice
from ..ground.store import Store
from ..ground.unit import Unit
from ..ledger.traces import find_traces
from ..models import AuditEntry, Channel, Delivery, Endpoint, Event
from .deliveries import PENDING, URGENT
from .formats import Fact, Target

PROBE_CHOICE = 16
"""How many of the first due rows a probe chooses from, and in which a foreign claim is looked for."""


class WaitingEndpoint(msgspec.Struct):
    """An endpoint that is switched on, when the first of what is due to it now fell due, and when the next will (Unix
    ms; None for nothing)."""

    endpoint_id: int
    first_due: int | None
    failing_since: int | None
    next_due: int | None = None


class OwedDelivery(msgspec.Struct, kw_only=True):
    """One claimed delivery. `key` orders: deliveries of one key go one after the other."""

    id: int
    event: Fact
    attempts: int
    due_at: int
    created_at: int
    claimed_until: int
    key: str
    trace: str | None = None
    """The trace context of the message that it tells of, where traces are made (see `Outbox.add_traces`)."""


class DeliveryRequest(msgspec.Struct, kw_only=True):
    """Up to `limit` due rows of an endpoint. `busy` are ids in our hands that must not come again, `held` ids whose
    claim is ours and may. `probe` asks for one row only: the first of some key, one that is not among `tried` where
    possible. With `any_key` it may be a later one, if all are of one key."""

    endpoint_id: int
    limit: int
    until: int
    busy: AbstractSet[int]
    held: Sequence[int] = ()
    probe: bool = False
    tried: AbstractSet[int] = frozenset()
    any_key: bool = False


class ClaimedDeliveries(msgspec.Struct, kw_only=True):
    """The answer. `target` is None when the endpoint is gone or switched off; `foreign` when another process works for
    it."""

    rows: list[OwedDelivery]
    target: Target | None = None
    failing_since: int | None = None
    foreign: bool = False


class DeliveryResult(msgspec.Struct, kw_only=True):
    """What became of one attempt."""

    id: int
    state: str
    attempts: int
    due_at: int
    claimed_until: int
    status: int | None
    excerpt: str | None
    error: str | None
    duration_ms: int | None
    finished_at: int | None


class DeliveryRelease(msgspec.Struct, kw_only=True):
    """Rows given back unsent; `due_at` puts them off."""

    ids: list[int]
    due_at: int | None = None


class EndpointMark(msgspec.Struct, kw_only=True):
    """Since when an endpoint only fails (an earlier time stays), or None: it works again."""

    endpoint_id: int
    failing_since: int | None


class _Key(msgspec.Struct):
    peer: str | None = None
    caller: str | None = None
    address: str | None = None
    id: int | None = None


_decode_key = msgspec.json.Decoder(_Key).decode


def key_of(event: Fact) -> str:
    """By whom an event keeps its order: the chat's peer, else the object that it is of."""
    try:
        key = _decode_key(event.data)
    except msgspec.DecodeError:
        return event.type
    peer = key.peer or key.caller
    if peer:
        return f"{event.channel_id} {peer}"
    return f"{event.channel_id} {event.type.partition('.')[0]} {key.id or key.address or ''}"


_endpoint = (
    select(*Endpoint.__table__.columns)
    .where(Endpoint.id == bindparam("endpoint"))
    # NO KEY UPDATE, because new deliveries hold a key share lock on the endpoint they refer to.
    .with_for_update(skip_locked=True, key_share=True)
)
_row = (
    select(
        Delivery.id,
        Delivery.event_id,
        Delivery.attempts,
        Delivery.due_at,
        Delivery.created_at,
        Delivery.claimed_until,
        Event.workspace_id,
        Event.channel_id,
        Event.type,
        Event.data,
        Event.created_at.label("happened_at"),
        Channel.key.label("channel_key"),
        Channel.name.label("channel_name"),
        Channel.engine.label("channel_engine"),
        Channel.address.label("channel_address"),
    )
    .join(Event, Event.id == Delivery.event_id)
    .outerjoin(Channel, Channel.id == Event.channel_id)
    .where(Delivery.endpoint_id == bindparam("endpoint"), PENDING, Delivery.due_at <= bindparam("now"))
    .order_by(Delivery.due_at, Delivery.id)
    .limit(bindparam("most"))
)
_first_due = (
    select(Delivery.due_at)
    .where(
        Delivery.endpoint_id == Endpoint.id,
        PENDING,
        Delivery.due_at <= bindparam("now"),
        Delivery.claimed_until <= bindparam("now"),
    )
    .order_by(Delivery.due_at, Delivery.id)
    .limit(1)
    .correlate(Endpoint)
    .scalar_subquery()
)
_next_due = (
    select(Delivery.due_at)
    .where(Delivery.endpoint_id == Endpoint.id, PENDING, Delivery.due_at > bindparam("now"))
    .order_by(Delivery.due_at, Delivery.id)
    .limit(1)
    .correlate(Endpoint)
    .scalar_subquery()
)
_waiting = select(
    Endpoint.id, _first_due.label("first_due"), Endpoint.failing_since, _next_due.label("next_due")
).where(Endpoint.enabled.is_(True))
_record = Prepared(
    update(Delivery)
    .where(Delivery.id == bindparam("b_id"), PENDING)
    .values(
        {
            name: bindparam(f"b_{name}", type_=getattr(Delivery, name).type)
            for name in DeliveryResult.__struct_fields__
            if name != "id"
        }
    )
)
_take = (
    update(Delivery)
    .where(Delivery.id.in_(bindparam("ids", expanding=True)))
    .values(claimed_until=bindparam("until", type_=Delivery.claimed_until.type))
)


class _About(msgspec.Struct):
    """Which message an event is about."""

    id: int = 0


class Outbox:
    """The service. What many endpoints do at once shares the transactions of the group commit."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def find_waiting(self, now: int) -> list[WaitingEndpoint]:
        """All endpoints that are switched on, each at the price of two looks into the index of what is due and
        unclaimed. `now` is in Unix ms."""
        async with self._store.db.read() as session:
            rows = await session.execute(_waiting, {"now": now})
            return [WaitingEndpoint(row.id, row.first_due, row.failing_since, row.next_due) for row in rows]

    async def forget_claims(self) -> None:
        """Free what an earlier run had in hand. Only for a process that alone works on the database."""
        async with self._store.unit() as unit:
            await unit.conn.execute(update(Delivery).where(PENDING, Delivery.claimed_until > 0).values(claimed_until=0))

    async def claim(self, request: DeliveryRequest) -> ClaimedDeliveries:
        """Take what is due to an endpoint; durable when this returns."""
        return await self._store.writer.submit(_claim_batch, request)

    async def add_traces(self, rows: Sequence[OwedDelivery]) -> None:
        """Give deliveries the trace contexts of the messages that they tell of. Only where traces are made."""
        about = {
            row.id: msgspec.json.decode(row.event.data, type=_About).id
            for row in rows
            if row.event.type.startswith("message.")
        }
        found = await find_traces(self._store, about.values())
        for row in rows:
            row.trace = found.get(about.get(row.id, 0))

    def record(self, result: DeliveryResult) -> asyncio.Future[None]:
        """Record what became of an attempt. A delivery that was finished or taken away meanwhile stays as it is.

        As `release` and `mark`: done when durable; raises Overloaded at once when the writer is full.
        """
        return self._store.writer.submit(_record_batch, result)

    def release(self, item: DeliveryRelease) -> asyncio.Future[None]:
        """Give deliveries back unsent."""
        return self._store.writer.submit(_release_batch, item)

    def mark(self, item: EndpointMark) -> asyncio.Future[None]:
        """Note since when an endpoint only fails, or that it works again."""
        return self._store.writer.submit(_mark_batch, item)

    async def park_overdue(self, endpoint_id: int, due_before: int, error: str, *, chunk: int = 2000) -> int:
        """Give up what has been due since before a time, in pieces; gives how many."""
        total = 0
        while True:
            async with self._store.unit() as unit:
                some = (
                    select(Delivery.id)
                    .where(
                        Delivery.endpoint_id == endpoint_id,
                        PENDING,
                        Delivery.due_at < due_before,
                        Delivery.claimed_until <= unit.now,
                    )
                    .order_by(Delivery.due_at, Delivery.id)
                    .limit(chunk)
                )
                ids = list((await unit.conn.execute(some)).scalars())
                if ids:
                    await unit.conn.execute(
                        update(Delivery)
                        .where(Delivery.id.in_(ids), PENDING)
                        .values(state="parked", error=error, finished_at=unit.now)
                    )
            total += len(ids)
            if len(ids) < chunk:
                return total

    async def switch_off(self, target: Target, reason: str) -> None:
        """Disable an endpoint, and say so: in its reason, in the audit log, and as an event. What waits stays."""
        async with self._store.unit() as unit:
            changed = await unit.conn.execute(
                update(Endpoint)
                .where(Endpoint.id == target.id, Endpoint.enabled.is_(True))
                .values(enabled=False, disabled_reason=reason)
            )
            if not changed.rowcount:
                return
            unit.session.add(
                AuditEntry(
                    workspace_id=target.workspace_id,
                    actor="system",
                    action="webhook.disabled",
                    target=f"webhook:{target.id}",
                    data={"reason": reason},
                    created_at=unit.now,
                )
            )
            notice = AccountNotice(kind="webhook_disabled", message=f"Webhook {target.id} was disabled: {reason}")
            unit.emit(target.workspace_id, notice, target.channel_id)


async def _claim_batch(unit: Unit, requests: Sequence[DeliveryRequest]) -> list[ClaimedDeliveries]:
    """Handler of the group commit."""
    return [await _claim(unit, request) for request in requests]


async def _claim(unit: Unit, request: DeliveryRequest) -> ClaimedDeliveries:
    conn, now = unit.conn, unit.now
    endpoint = (await conn.execute(_endpoint, {"endpoint": request.endpoint_id})).first()
    if endpoint is None:
        return ClaimedDeliveries(rows=[], foreign=conn.dialect.name == "postgresql")
    if not endpoint.enabled:
        return ClaimedDeliveries(rows=[])
    target = _target(endpoint, now)
    maximum = max(request.limit, PROBE_CHOICE) + len(request.busy)
    found = (await conn.execute(_row, {"endpoint": request.endpoint_id, "now": now, "most": maximum})).all()
    ours = request.busy | set(request.held)
    foreign = any(row.claimed_until > now and row.id not in ours for row in found)
    free = [row for row in found if row.id not in request.busy and (row.claimed_until <= now or row.id in ours)]
    if foreign:
        # What a person asked for goes out all the same: it has no place in the order.
        free = [row for row in free if row.due_at == URGENT]
    chosen = [_owed(row, request.until) for row in free[: PROBE_CHOICE if request.probe else request.limit]]
    if request.probe:
        chosen = _choose(chosen, request)
    taken = [row.id for row in chosen]
    if taken:
        await conn.execute(_take, {"ids": taken, "until": request.until})
    back = [id_ for id_ in request.held if id_ not in taken]
    if back:
        await conn.execute(update(Delivery).where(Delivery.id.in_(back), PENDING).values(claimed_until=0))
    return ClaimedDeliveries(
        rows=chosen,
        target=target,
        failing_since=endpoint.failing_since,
        foreign=foreign and not chosen,
    )


def _choose(rows: list[OwedDelivery], request: DeliveryRequest) -> list[OwedDelivery]:
    """One to probe with. Not always the same, or one payload that a receiver chokes on would keep it shut for all."""
    if not rows or rows[0].due_at == URGENT:
        return rows[:1]
    first_of_key = list({row.key: row for row in reversed(rows)}.values())[::-1]
    among = rows if request.any_key and len(first_of_key) == 1 else first_of_key
    fresh = [row for row in among if row.id not in request.tried]
    return (fresh or among)[:1]


def _target(endpoint: Any, now: int) -> Target:
    old = endpoint.old_secret if endpoint.old_secret_until and endpoint.old_secret_until > now else None
    return Target(
        id=endpoint.id,
        workspace_id=endpoint.workspace_id,
        channel_id=endpoint.channel_id,
        url=endpoint.url,
        secret=endpoint.secret,
        old_secret=old,
        format=endpoint.format,
        settings=endpoint.settings,
    )


def _owed(row: Any, until: int) -> OwedDelivery:
    event = Fact(
        id=row.event_id,
        workspace_id=row.workspace_id,
        channel_id=row.channel_id,
        type=row.type,
        data=row.data,
        created_at=row.happened_at,
        channel_key=row.channel_key,
        channel_name=row.channel_name,
        channel_engine=row.channel_engine,
        channel_address=row.channel_address,
    )
    return OwedDelivery(
        id=row.id,
        event=event,
        attempts=row.attempts,
        due_at=row.due_at,
        created_at=row.created_at,
        claimed_until=until,
        key=key_of(event),
    )


async def _record_batch(unit: Unit, results: Sequence[DeliveryResult]) -> list[None]:
    """Handler of the group commit. A delivery that was finished or taken away meanwhile stays as it is."""
    await _record.run(
        unit.conn, [{f"b_{name}": getattr(one, name) for name in DeliveryResult.__struct_fields__} for one in results]
    )
    return [None] * len(results)


async def _release_batch(unit: Unit, items: Sequence[DeliveryRelease]) -> list[None]:
    """Handler of the group commit."""
    for item in items:
        changes = {"claimed_until": 0} if item.due_at is None else {"claimed_until": 0, "due_at": item.due_at}
        await unit.conn.execute(update(Delivery).where(Delivery.id.in_(item.ids), PENDING).values(changes))
    return [None] * len(items)


async def _mark_batch(unit: Unit, items: Sequence[EndpointMark]) -> list[None]:
    """Handler of the group commit."""
    for item in items:
        statement = update(Endpoint).where(Endpoint.id == item.endpoint_id)
        if item.failing_since is not None:
            statement = statement.where(Endpoint.failing_since.is_(None))
        await unit.conn.execute(statement.values(failing_since=item.failing_since))
    return [None] * len(items)
