"""Budgets of new people: how many a number, or several of one portfolio, may write to first in 24 hours.

Meta's messaging limits belong to the business portfolio: unique people outside the service window per rolling 24 hours,
250, 2,000, 10,000, 100,000 or no limit (developers.facebook.com, WhatsApp, messaging limits). A campaign that runs
into the limit is refused message by message and hurts the number; held to it, the rest of the campaign goes out as the
window moves on.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from ...db.base import now_ms
from ..ground.store import Store
from ..models import BudgetUse, Chat
from .pacing import PacedChannel, Pacing, parse_pacing

WINDOW_MS: Final = 86_400_000
COUNTED_S: Final = 2.0
"""How long a count serves while the limit is far; near it every taking counts anew."""


class Budget(msgspec.Struct, frozen=True):
    """`limit` people per rolling 24 hours, counted under `key`: the channel's own, or one that channels share."""

    limit: int
    key: str


class Taken(msgspec.Struct):
    """Who may not be written to now, and when (Unix ms) there is room again."""

    refused: set[str]
    free_at: int


class Standing(msgspec.Struct):
    """How far a budget is used; `free_at` (Unix ms) is when it has room again, None while it has."""

    limit: int
    used: int
    free_at: int | None


def budget_of(channel: PacedChannel) -> Budget | None:
    """The budget that a channel is held to: its pacing's, else the limit that the provider told; None without."""
    return budget_for(channel.id, parse_pacing(channel.pacing), channel.account)


def budget_for(channel_id: int, pacing: Pacing, account: Mapping[str, Any] | None) -> Budget | None:
    """As `budget_of`, for a channel's parsed pacing and what the provider told of its account."""
    limit = pacing.unique_per_24h
    if limit is None:
        told = (account or {}).get("messaging_limit")
        limit = told if isinstance(told, int) and told > 0 else None
    if limit is None:
        return None
    return Budget(limit, f"group:{pacing.budget_group}" if pacing.budget_group else f"channel:{channel_id}")


class Budgets:
    """What was used, in the database: it outlives a restart, and processes share it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._counts: dict[tuple[int, str], tuple[int, float]] = {}

    async def take(self, budget: Budget, *, workspace_id: int, channel_id: int, peers: Mapping[str, bool]) -> Taken:
        """Count these peers as written to. A value says whether the peer is written to in any case (a code, a single
        message: there the network decides); others are refused when the budget is used up.

        Who was written to in the last 24 hours, or is inside the service window, costs nothing.
        """
        now = now_ms()
        async with self._store.unit() as unit:
            session = unit.session
            if not self._store.db.is_sqlite:
                # Channels of one budget in other processes wait here, so that together they stay inside it.
                await session.execute(
                    text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 7))"),
                    {"key": f"{workspace_id}:{budget.key}"},
                )
            fresh = await self._fresh(session, budget, workspace_id, channel_id, list(peers), now)
            if not fresh:
                return Taken(set(), now)
            left = budget.limit - await self._used(session, budget, workspace_id, len(fresh), now)
            allowed: list[str] = []
            refused: set[str] = set()
            for peer in fresh:
                if peers[peer]:
                    allowed.append(peer)
                elif left > 0:
                    allowed.append(peer)
                    left -= 1
                else:
                    refused.add(peer)
            ours = (BudgetUse.workspace_id == workspace_id, BudgetUse.key == budget.key)
            if allowed:
                await session.execute(delete(BudgetUse).where(*ours, BudgetUse.peer.in_(allowed)))
                await unit.conn.execute(
                    insert(BudgetUse),
                    [
                        {"workspace_id": workspace_id, "key": budget.key, "peer": peer, "used_at": now}
                        for peer in allowed
                    ],
                )
                count, at = self._counts[workspace_id, budget.key]
                self._counts[workspace_id, budget.key] = (count + len(allowed), at)
            free_at = now
            if refused:
                free_at = await self._free_at(session, budget, workspace_id, now)
        return Taken(refused, free_at)

    async def standing(self, channel: PacedChannel) -> Standing | None:
        """How far a channel's budget is used; None for a channel without one."""
        budget = budget_of(channel)
        if budget is None:
            return None
        now = now_ms()
        async with self._store.db.read() as session:
            used = await self._count(session, budget, channel.workspace_id, now)
            free_at = await self._free_at(session, budget, channel.workspace_id, now) if used >= budget.limit else None
        return Standing(budget.limit, used, free_at)

    async def prune(self) -> None:
        """Delete uses that are older than 24 hours."""
        async with self._store.unit() as unit:
            await unit.session.execute(delete(BudgetUse).where(BudgetUse.used_at <= now_ms() - WINDOW_MS))

    async def _fresh(
        self, session: AsyncSession, budget: Budget, workspace_id: int, channel_id: int, peers: list[str], now: int
    ) -> list[str]:
        """Those of the peers that would use up some of the budget."""
        known = await session.scalars(
            select(BudgetUse.peer).where(*_counted(budget, workspace_id, now), BudgetUse.peer.in_(peers))
        )
        open_ = await session.scalars(
            select(Chat.peer).where(Chat.channel_id == channel_id, Chat.peer.in_(peers), Chat.window_until > now)
        )
        free = {*known.all(), *open_.all()}
        return [peer for peer in peers if peer not in free]

    async def _used(self, session: AsyncSession, budget: Budget, workspace_id: int, more: int, now: int) -> int:
        """How much is used; a recent count from memory where the limit is far."""
        count, at = self._counts.get((workspace_id, budget.key), (budget.limit, 0.0))
        if count + 2 * more >= budget.limit or time.monotonic() - at > COUNTED_S:
            count = await self._count(session, budget, workspace_id, now)
            self._counts[workspace_id, budget.key] = (count, time.monotonic())
        return count

    async def _count(self, session: AsyncSession, budget: Budget, workspace_id: int, now: int) -> int:
        return int(await session.scalar(select(func.count()).where(*_counted(budget, workspace_id, now))) or 0)

    async def _free_at(self, session: AsyncSession, budget: Budget, workspace_id: int, now: int) -> int:
        """When (Unix ms) there is room for one more: when the oldest use that fills the budget is 24 hours old."""
        times = await session.scalars(
            select(BudgetUse.used_at)
            .where(*_counted(budget, workspace_id, now))
            .order_by(BudgetUse.used_at.desc())
            .offset(budget.limit - 1)
            .limit(1)
        )
        oldest = times.first()
        return (oldest if oldest is not None else now - WINDOW_MS) + WINDOW_MS


def _counted(budget: Budget, workspace_id: int, now: int) -> tuple[Any, ...]:
    return (
        BudgetUse.workspace_id == workspace_id,
        BudgetUse.key == budget.key,
        BudgetUse.used_at > now - WINDOW_MS,
    )
