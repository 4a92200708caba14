"""Incoming messages as the network sent them: kept for some days, for whoever must know what exactly came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from ...ground.unit import Unit
from ...models import RawPayload

_encode = msgspec.json.Encoder().encode


class Raw(msgspec.Struct, frozen=True, kw_only=True):
    """What the network sent of a message. `kind` is message, edit or revoke."""

    channel_id: int
    message_id: int
    kind: str
    payload: dict[str, Any]


class RawView(msgspec.Struct, frozen=True, kw_only=True):
    """What the network sent; `created_at` in Unix ms."""

    kind: str
    payload: Any
    created_at: int


async def keep_raw(unit: Unit, rows: Sequence[Raw]) -> None:
    """Keep what the network sent."""
    if rows:
        await unit.conn.execute(
            insert(RawPayload),
            [
                {
                    "channel_id": row.channel_id,
                    "message_id": row.message_id,
                    "kind": row.kind,
                    "payload": _encode(row.payload).decode(),
                    "created_at": unit.now,
                }
                for row in rows
            ],
        )


async def raw_of(session: AsyncSession, message_id: int) -> list[RawView]:
    """All that is kept of a message, oldest first."""
    rows = await session.scalars(select(RawPayload).where(RawPayload.message_id == message_id).order_by(RawPayload.id))
    return [RawView(kind=row.kind, payload=msgspec.json.decode(row.payload), created_at=row.created_at) for row in rows]


async def prune_raw(unit: Unit, older_than: int, batch: int) -> int:
    """Delete up to so many from before a time (Unix ms), the oldest first; gives how many. The order of ids is that of
    time, so that nothing young is read beyond the first."""
    oldest = (
        await unit.conn.execute(select(RawPayload.id, RawPayload.created_at).order_by(RawPayload.id).limit(batch))
    ).all()
    ids = [row.id for row in oldest if row.created_at < older_than]
    if ids:
        await unit.conn.execute(delete(RawPayload).where(RawPayload.id.in_(ids)))
    return len(ids)
