"""Statuses of messages of ours, and what they tell besides: who the recipient is, and who of a group has read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import update

from ...ground.unit import Unit
from ...ledger.record import StatusItem, apply_statuses
from ...models import Message
from ...port import Status
from ..inbound.problems import Problem, of_report
from ..source import Source
from .people import Told, recipients_told

MAX_PARTICIPANTS = 1024
"""Most people of a group whose receipts are kept per message; a group has no more."""


class ReportedStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A status as a channel's network reports it."""

    source: Source
    status: Status


async def reported_batch(unit: Unit, items: Sequence[ReportedStatus]) -> list[Problem | None]:
    """Handler of the group commit; gives what is to be kept of a receipt whose message is not known."""
    answers = await apply_statuses(
        unit, [StatusItem(channel_id=item.source.channel_id, status=item.status) for item in items]
    )
    told = [
        Told(source=item.source, peer=row["peer"], identities=item.status.identities)
        for item, (_, row) in zip(items, answers, strict=True)
        if row is not None and item.status.identities and item.status.participant is None
    ]
    if told:
        await recipients_told(unit, told)
    for item, (_, row) in zip(items, answers, strict=True):
        if row is not None and item.status.participant is not None:
            await _participant(unit, row, item.status)
    return [None if row is not None else _unknown(item) for item, (_, row) in zip(items, answers, strict=True)]


def _unknown(item: ReportedStatus) -> Problem:
    """Of a message that was sent elsewhere, or whose echo has not come yet: then it is applied when that comes."""
    key = item.source.network.message_key(item.status.provider_id)
    return of_report(item.source, item.status, "unknown_message", subject=key)


async def _participant(unit: Unit, row: dict[str, Any], status: Status) -> None:
    """Keep what became of a message at one person of a group, in the message's `extra.participants`."""
    extra = dict(row["extra"] or {})
    people = dict(extra.get("participants") or {})
    known = dict(people.get(status.participant) or {})
    if status.participant not in people and len(people) >= MAX_PARTICIPANTS:
        return
    known.setdefault(status.state, status.timestamp)
    if status.code:
        known["code"] = status.code
    people[status.participant] = known
    extra["participants"] = people
    row["extra"] = extra
    await unit.conn.execute(update(Message).where(Message.id == row["id"]).values(extra=extra))
