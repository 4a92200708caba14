"""What waits or was on its way when a backup was made may have gone out since. A restored copy cannot know: it holds all of
it, and a person decides.

Campaigns are paused. Single messages are moved to a lane that nobody claims from (`states.HELD`), in whatever state they
are, so that a due time or a policy that puts one back into the queue sends nothing either.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, and_, func, or_, select, text, update

from ..campaigns.state import move
from ..ground.store import Store
from ..ground.unit import Unit
from ..ledger import states
from ..ledger.transition import Move, hold, let_go, load, transition
from ..models import Campaign, Channel, Message, of_campaign, unsettled

HELD_CODE: Final = "held_after_restore"
_WAITING: Final = (states.SCHEDULED, states.QUEUED)
_CHUNK: Final = 2000


class HeldCampaign(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign that was paused. `was` is its state before; `waiting` of its messages had not gone out when the backup was
    made, `uncertain` were on their way."""

    id: int
    workspace_id: int
    name: str
    kind: str
    was: str
    waiting: int
    uncertain: int


class HeldMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A single message that is held. `due_at` in Unix ms, 0 for at once."""

    id: int
    workspace_id: int
    channel_id: int
    to: str
    state: str
    due_at: int


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """What was held: campaigns, and how many single messages of each state."""

    campaigns: list[HeldCampaign]
    messages: dict[str, int]


class Holds:
    """The service."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def begin(self, taken_at: int) -> Holding:
        """Hold everything that waits or was on its way, in a copy of what was at `taken_at` (Unix ms)."""
        moment = datetime.fromtimestamp(taken_at / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
        async with self._store.unit() as unit:
            await _interrupt(unit)
            campaigns = await _pause(unit, f"restored from the backup of {moment}")
            for state in _WAITING:
                await hold(unit, state, HELD_CODE, f"Restored from the backup of {moment}: it may have gone out since.")
            await hold(unit, states.UNCERTAIN)
            # Whoever held the sessions is gone.
            await unit.conn.execute(update(Channel).values(lease_owner=None, lease_until=0))
        return Holding(campaigns=campaigns, messages=await self.counts())

    async def counts(self) -> dict[str, int]:
        """Held single messages by state."""
        query = select(Message.state, func.count()).where(_held()).group_by(Message.state)
        async with self._store.db.read() as session:
            return {row.state: row[1] for row in await session.execute(query)}

    async def list(self, limit: int | None = None) -> AsyncIterator[HeldMessage]:
        """Held single messages, oldest first."""
        after, left = 0, limit
        while left is None or left > 0:
            query = (
                select(
                    Message.id, Message.workspace_id, Message.channel_id, Message.peer, Message.state, Message.due_at
                )
                .where(_held(), Message.id > after)
                .order_by(Message.id)
                .limit(_CHUNK if left is None else min(left, _CHUNK))
            )
            async with self._store.db.read() as session:
                rows = (await session.execute(query)).all()
            for row in rows:
                yield HeldMessage(
                    id=row.id,
                    workspace_id=row.workspace_id,
                    channel_id=row.channel_id,
                    to=row.peer,
                    state=row.state,
                    due_at=row.due_at,
                )
            if not rows:
                return
            after, left = rows[-1].id, None if left is None else left - len(rows)

    async def release(self, ids: Sequence[int] | None = None) -> int:
        """Let held messages go (None: all): what is due is sent, what is scheduled waits for its time. Gives how many."""
        done = 0
        for which in _which(ids):
            async with self._store.unit() as unit:
                rows = (await unit.conn.execute(select(Message.id, Message.channel_id).where(_held(), which))).all()
                await let_go(unit, [row.id for row in rows], HELD_CODE)
                done += len(rows)
                for channel_id in {row.channel_id for row in rows}:
                    unit.notify(f"channel:{channel_id}")
                unit.notify("scheduled")
        return done

    async def cancel(self, ids: Sequence[int] | None = None) -> int:
        """Never send held messages (None: all) that wait; those in doubt stay as they are. Gives how many."""
        done = 0
        for which in _which(ids):
            while True:
                async with self._store.unit() as unit:
                    rows = await load(unit, _held(), which, Message.state.in_(_WAITING), limit=_CHUNK)
                    cancelled = Move(to=states.CANCELLED, at=unit.now)
                    await transition(unit, [(row, cancelled) for row in rows])
                done += len(rows)
                if len(rows) < _CHUNK:
                    break
        return done


def _held() -> ColumnElement[bool]:
    """Held messages that are open, in the words of the three partial indexes."""
    return and_(
        Message.lane >= states.HELD,
        or_(
            text("messages.state = 'queued'"),
            text("messages.state = 'scheduled'"),
            text("messages.state = 'uncertain'"),
        ),
    )


def _which(ids: Sequence[int] | None) -> list[Any]:
    if ids is None:
        return [Message.id > 0]
    return [Message.id.in_(ids[start : start + _CHUNK]) for start in range(0, len(ids), _CHUNK)]


async def _interrupt(unit: Unit) -> None:
    """What was being sent is in doubt."""
    move_ = Move(
        to=states.UNCERTAIN,
        at=unit.now,
        code="restored",
        error="It was being sent when the backup was made.",
    )
    while True:
        rows = await load(unit, unsettled(states.SENDING), limit=_CHUNK)
        await transition(unit, [(row, move_) for row in rows])
        if len(rows) < _CHUNK:
            return


async def _pause(unit: Unit, reason: str) -> list[HeldCampaign]:
    found = (
        await unit.session.execute(
            select(Campaign).where(Campaign.state.in_(("running", "scheduled"))).order_by(Campaign.id)
        )
    ).scalars()
    paused: list[HeldCampaign] = []
    for one in list(found):
        was = one.state
        await move(unit, one, "paused", reason)
        query = (
            select(Message.state, func.count())
            .where(of_campaign(one.id), Message.state.in_((*_WAITING, states.UNCERTAIN)))
            .group_by(Message.state)
        )
        counts = {row.state: row[1] for row in await unit.conn.execute(query)}
        paused.append(
            HeldCampaign(
                id=one.id,
                workspace_id=one.workspace_id,
                name=one.name,
                kind=one.kind,
                was=was,
                waiting=sum(counts.get(state, 0) for state in _WAITING),
                uncertain=counts.get(states.UNCERTAIN, 0),
            )
        )
    return paused
