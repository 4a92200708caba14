"""Daily caps as callers meet them: a send beyond the cap is refused at once, not kept for tomorrow.

The worker's pacer holds the same cap for what is in the ledger already (campaigns). Replies inside the service window
and one-time passwords are let through by both. Days are UTC.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import msgspec
from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ...db.base import now_ms
from ..ground.errors import LimitReached
from ..ground.store import Store
from ..ledger import states
from ..models import AnyMessage, Channel, Chat, Message
from .pacing import PacedChannel

DAY_MS: Final = 86_400_000
KNOWN_S: Final = 30.0
"""How long a channel's cap is believed: a warm-up raises it daily, another process may have changed it."""
COUNTED_S: Final = 1.0
"""How long a count from the database serves; what this process accepts is added at once."""
LOOK_BACK_DAYS: Final = 31
"""What is sent today was put into the ledger within so many days."""


class _Cap(msgspec.Struct):
    limit: int | None
    until: float
    day: int = 0
    count: int = 0
    counted_until: float = 0.0


class UsedUp(msgspec.Struct, frozen=True, kw_only=True):
    """A daily cap that is reached: how many messages it allows, and when the next day begins (Unix ms)."""

    limit: int
    until: int


class DailyCaps:
    """The caps of all channels, in memory where it counts."""

    def __init__(self, store: Store, cap_of: Callable[[PacedChannel], int | None]) -> None:
        self._store = store
        self._cap_of = cap_of
        self._caps: dict[int, _Cap] = {}
        store.bus.subscribe("channels", lambda _: self._caps.clear())

    def free(self, channel_id: int) -> bool:
        """Whether the channel is known to have no cap; never waits, for hot routes."""
        known = self._caps.get(channel_id)
        return known is not None and known.limit is None and known.until > time.monotonic()

    async def check(self, channel_id: int, peer: str, category: str) -> None:
        """Count one more message. Raises LimitReached (DAILY_LIMIT_REACHED) with limit, count and resetAt."""
        cap = await self._cap(channel_id)
        if cap.limit is None:
            return
        day = now_ms() // DAY_MS
        if cap.day != day or cap.counted_until < time.monotonic():
            async with self._store.db.read() as session:
                cap.count = await count_today(session, channel_id, day * DAY_MS)
            cap.day, cap.counted_until = day, time.monotonic() + COUNTED_S
        if cap.count < cap.limit:
            cap.count += 1
            return
        if category == "authentication" or (category == "service" and await self._in_window(channel_id, peer)):
            return
        reset = (day + 1) * DAY_MS
        raise LimitReached(
            f"The profile has sent its {cap.limit} messages for today.",
            code="DAILY_LIMIT_REACHED",
            details={
                "limit": cap.limit,
                "count": cap.count,
                "resetAt": datetime.fromtimestamp(reset / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            },
            retry_after=(reset - now_ms()) / 1000,
        )

    async def used_up(self, channel_id: int) -> UsedUp | None:
        """The channel's cap when today's messages are all sent; None while there is room, or no cap."""
        cap = await self._cap(channel_id)
        if cap.limit is None:
            return None
        midnight = now_ms() // DAY_MS * DAY_MS
        async with self._store.db.read() as session:
            count = await count_today(session, channel_id, midnight)
        return UsedUp(limit=cap.limit, until=midnight + DAY_MS) if count >= cap.limit else None

    async def _cap(self, channel_id: int) -> _Cap:
        known = self._caps.get(channel_id)
        if known is not None:
            if known.until > time.monotonic():
                return known
            # One asks again; the many that send meanwhile go by what was known until now.
            known.until = time.monotonic() + COUNTED_S
        async with self._store.db.read() as session:
            channel = await session.get(Channel, channel_id)
        # In a thread: an engine is imported when it is first asked for, which takes a second or more.
        limit = None if channel is None else await asyncio.to_thread(self._cap_of, channel)
        fresh = _Cap(limit=limit, until=time.monotonic() + KNOWN_S)
        if known is not None:
            fresh.day, fresh.count, fresh.counted_until = known.day, known.count, known.counted_until
        self._caps[channel_id] = fresh
        return fresh

    async def _in_window(self, channel_id: int, peer: str) -> bool:
        async with self._store.db.read() as session:
            until = await session.scalar(
                select(Chat.window_until).where(Chat.channel_id == channel_id, Chat.peer == peer)
            )
        return bool(until and until > now_ms())


async def count_today(session: AsyncSession, channel_id: int, midnight: int) -> int:
    """Messages of a channel that went out since midnight (Unix ms), or were accepted singly and are about to."""
    minimum = await id_at(session, midnight - LOOK_BACK_DAYS * DAY_MS)
    query = (
        select(func.count())
        .select_from(Message)
        .where(
            Message.id >= minimum,
            Message.channel_id == channel_id,
            Message.direction == "out",
            or_(
                Message.sent_at >= midnight,
                and_(Message.campaign_id == 0, Message.state.in_((states.QUEUED, states.SENDING, states.UNCERTAIN))),
            ),
        )
    )
    return int(await session.scalar(query) or 0)


async def id_at(session: AsyncSession, at: int, model: AnyMessage = Message) -> int:
    """The first message id made at or after a time (Unix ms); ids rise with time, so a few probes find it.

    An index on the time of making would cost every message a write; this costs a report some 20 look-ups.
    """
    low, high = 0, int(await session.scalar(select(func.max(model.id))) or 0) + 1
    while low < high:
        middle = (low + high) // 2
        row = (
            await session.execute(
                select(model.id, model.created_at).where(model.id >= middle).order_by(model.id).limit(1)
            )
        ).first()
        if row is None or row.created_at >= at:
            high = middle
        else:
            low = row.id + 1
    return low
