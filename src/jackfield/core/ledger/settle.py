"""Settling: what becomes of messages whose outcome is unknown (design, decision 6).

Best is the network's own word: a status that carries our id, or a look-up where the network has one. Without it, a policy
decides after a wait: marketing is not sent again, the rest once.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..ground.events import BY_STATE
from ..ground.unit import Unit
from ..models import Message, unsettled
from . import states
from .record import Settled

RESENT = "resent"


class Doubt(msgspec.Struct, kw_only=True):
    """A message whose outcome is unknown since `since` (Unix ms)."""

    id: int
    since: int
    category: str
    resent: bool


class Verdict(msgspec.Struct, kw_only=True):
    """What was found out: `provider_id` (the network has it), or `absent` (it surely has not), or neither (policy)."""

    id: int
    provider_id: str | None = None
    absent: bool = False


async def doubts(session: AsyncSession, channel_id: int, before: int, limit: int = 500) -> list[Doubt]:
    """Uncertain messages of a channel since before `before` (Unix ms)."""
    rows = await session.execute(
        select(Message.id, Message.uncertain_at, Message.category, Message.extra)
        .where(Message.channel_id == channel_id, unsettled(states.UNCERTAIN), Message.uncertain_at <= before)
        .order_by(Message.id)
        .limit(limit)
    )
    return [
        Doubt(id=row.id, since=row.uncertain_at, category=row.category, resent=bool((row.extra or {}).get(RESENT)))
        for row in rows
    ]


async def settle(unit: Unit, channel_id: int, verdicts: Sequence[Verdict]) -> int:
    """Apply what was found out to messages that are still uncertain; gives how many were settled."""
    rows = {
        row.id: row
        for row in (
            await unit.session.execute(
                select(Message)
                .where(Message.id.in_([one.id for one in verdicts]), Message.state == states.UNCERTAIN)
                .with_for_update()
            )
        ).scalars()
    }
    done: list[Settled] = []
    for verdict in verdicts:
        row = rows.get(verdict.id)
        if row is None:
            continue
        if verdict.provider_id is not None:
            row.state, row.provider_id = states.SENT, verdict.provider_id
            row.sent_at = row.sent_at or unit.now
            row.error_code = row.error = None
        elif verdict.absent:
            # Surely not sent, so this is no resend: the attempt never happened.
            row.state, row.due_at, row.attempts = states.QUEUED, unit.now, max(0, row.attempts - 1)
            row.error_code = row.error = None
            row.provider_id = None
        elif row.category == "marketing" or (row.extra or {}).get(RESENT):
            row.state, row.failed_at = states.FAILED, unit.now
            row.error_code = "outcome_unknown"
            row.error = "It may have gone out; the network never said, so it is not sent again."
        else:
            row.state, row.due_at = states.QUEUED, unit.now
            row.extra = {**(row.extra or {}), RESENT: True}
        _announce(unit, row)
        done.append(
            Settled(id=row.id, state=row.state, provider_id=row.provider_id, code=row.error_code, error=row.error)
        )
    await unit.session.flush()
    if done:
        unit.notify("settled", done)
        unit.notify(f"channel:{channel_id}")
    return len(done)


def _announce(unit: Unit, row: Message) -> None:
    event = BY_STATE.get(row.state)
    if event is not None:
        unit.emit(
            row.workspace_id,
            event(
                id=row.id,
                peer=row.peer,
                kind=row.kind,
                timestamp=unit.now,
                state=row.state,
                provider_id=row.provider_id,
                campaign_id=row.campaign_id or None,
                contact_id=row.contact_id,
                tag=row.tag,
                template=row.template,
                code=row.error_code,
                error=row.error,
            ),
            row.channel_id,
        )
