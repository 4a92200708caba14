"""Recording: what became of claimed messages, and what the network says of them later.

A fact (the network took it, delivered it) is recorded whoever reports it, also an owner that has lost its lease
meanwhile. A return to the queue is accepted only from the owner that holds the claim, because another may have settled
the message since.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import and_, or_, select

from ...db.bulk import among
from ..ground.unit import Unit
from ..models import ArchivedMessage, Message
from ..port import Status
from . import states
from .archive import recall
from .transition import Move, Row, Settled, load, load_by_id, load_sent_as, transition

__all__ = ["Outcome", "Settled", "StatusItem", "record_batch", "status_batch"]


class Outcome(msgspec.Struct, kw_only=True):
    """What became of one claimed message.

    `state`: sent (with `provider_id`), failed, uncertain, or queued (surely not sent; again at `due_at`, Unix ms;
    `free` gives the attempt back because none was made). `token` is the claim's; `held` see port.Sent.
    """

    id: int
    channel_id: int
    token: int
    state: str
    at: int
    provider_id: str | None = None
    code: str | None = None
    message: str | None = None
    due_at: int | None = None
    free: bool = False
    raw: dict[str, Any] | None = None
    held: str | None = None


class StatusItem(msgspec.Struct, kw_only=True):
    """A status report of a channel's network."""

    channel_id: int
    status: Status


_OUTCOMES = frozenset({states.SENT, states.FAILED, states.UNCERTAIN, states.QUEUED})


async def record_batch(unit: Unit, items: Sequence[Outcome]) -> list[bool]:
    """Handler of the group commit; True where the outcome was applied."""
    rows = {row["id"]: row for row in await load_by_id(unit, [item.id for item in items])}
    steps: list[tuple[Row, Move]] = []
    places: list[int] = []
    answers = [False] * len(items)
    for place, item in enumerate(items):
        row = rows.get(item.id)
        if row is not None and _is_believed(row, item):
            if row["state"] == states.UNCERTAIN and item.state == states.QUEUED:
                # Taken over meanwhile: the new owner may send it now.
                unit.notify(f"channel:{row['channel_id']}")
            steps.append((row, _move_of(item)))
            places.append(place)
    for place, changed in zip(places, await transition(unit, steps), strict=True):
        # A delivery report may have come first and left nothing to add to "sent".
        answers[place] = changed or items[place].state == states.SENT
    return answers


def _is_believed(row: Row, item: Outcome) -> bool:
    """Whether the outcome is a fact, or comes from the owner that holds the claim. Raises ValueError for no outcome."""
    if item.state not in _OUTCOMES:
        raise ValueError(f"{item.state!r} is no outcome of a send")
    if item.state == states.SENT:
        return True
    if row["claim"] != item.token:
        return False
    # An owner that stalled past its lease still knows what did not go out: it was not handed over, the network was not
    # reached, took nothing for now, or refused it. While nobody has settled the message since it was taken over, that is
    # better than a guess.
    known = item.state in (states.FAILED, states.QUEUED)
    return row["state"] == states.SENDING or (row["state"] == states.UNCERTAIN and known)


def _move_of(item: Outcome) -> Move:
    if item.state == states.SENT:
        return Move(
            to=states.SENT,
            at=item.at,
            provider_id=item.provider_id,
            extra=_extra_of(item),
            raw=item.raw,
        )
    if item.state == states.QUEUED and item.free:
        return Move(to=states.QUEUED, at=item.at, due_at=item.due_at, attempts=-1, raw=item.raw)
    return Move(
        to=item.state,
        at=item.at,
        code=item.code,
        error=item.message,
        provider_id=item.provider_id if item.state == states.UNCERTAIN else None,
        due_at=item.due_at if item.state == states.QUEUED else None,
        raw=item.raw,
    )


def _extra_of(item: Outcome) -> dict[str, Any] | None:
    extra: dict[str, Any] = {}
    if item.raw is not None:
        extra["answer"] = item.raw
    if item.held is not None:
        extra["held"] = item.held
    return extra or None


_REPORTED = frozenset({states.SENT, states.DELIVERED, states.READ, states.FAILED})


async def status_batch(unit: Unit, items: Sequence[StatusItem]) -> list[bool]:
    """Handler of the group commit: the network's words on messages of ours, in any order, any number of times.

    True where a report changed anything.
    """
    return [changed for changed, _ in await apply_statuses(unit, items)]


async def apply_statuses(unit: Unit, items: Sequence[StatusItem]) -> list[tuple[bool, Row | None]]:
    """As `status_batch`; with the message that each report is of, None for one that is not ours."""
    refs = [int(item.status.ref) for item in items if item.status.ref and item.status.ref.isdigit()]
    by_channel: dict[int, set[str]] = {}
    for item in items:
        by_channel.setdefault(item.channel_id, set()).add(item.status.provider_id)
    if len(by_channel) == 1 and not refs:
        ((channel_id, provider_ids),) = by_channel.items()
        rows = await load_sent_as(unit, channel_id, list(provider_ids))
    else:
        conditions = [
            (Message.channel_id == channel_id) & Message.provider_id.in_(ids) for channel_id, ids in by_channel.items()
        ]
        if refs:
            conditions.append(Message.id.in_(refs) & Message.channel_id.in_(list(by_channel)))
        rows = await load(unit, or_(*conditions) & (Message.direction == "out"))
    known = {one for row in rows for one in (row["provider_id"], str(row["id"])) if one}
    lost = [item for item in items if not known & {item.status.provider_id, item.status.ref}]
    if lost and (ids := await _recalled(unit, lost)):
        # What is said of a message so late that it is archived already changes it all the same.
        rows += await load_by_id(unit, ids)
    by_id = {(row["channel_id"], row["id"]): row for row in rows}
    by_provider = {(row["channel_id"], row["provider_id"]): row for row in rows if row["provider_id"]}
    steps: list[tuple[Row, Move]] = []
    places: list[int] = []
    answers: list[tuple[bool, Row | None]] = [(False, None)] * len(items)
    for place, item in enumerate(items):
        status = item.status
        known_as = (item.channel_id, status.provider_id)
        row = by_provider.get(known_as)
        if row is None and status.ref and status.ref.isdigit():
            row = by_id.get((item.channel_id, int(status.ref)))
            if row is not None and status.provider_id and not row["provider_id"]:
                # The echo of our id came before (or instead of) the answer to the send.
                by_provider[known_as] = row
        answers[place] = (False, row)
        if row is not None and status.state in _REPORTED and status.participant is None:
            steps.append((row, _move_of_status(status)))
            places.append(place)
    for place, changed in zip(places, await transition(unit, steps), strict=True):
        answers[place] = (changed, answers[place][1])
    return answers


async def _recalled(unit: Unit, items: Sequence[StatusItem]) -> list[int]:
    """Ids of those archived messages that reports are of; they are brought back."""
    channels = {item.channel_id for item in items}
    mine = and_(ArchivedMessage.channel_id.in_(channels), ArchivedMessage.direction == "out")
    refs = [int(item.status.ref) for item in items if item.status.ref and item.status.ref.isdigit()]
    keys = {(item.channel_id, item.status.provider_id) for item in items}
    meant = or_(
        among((ArchivedMessage.channel_id, ArchivedMessage.provider_id), keys),
        *([ArchivedMessage.id.in_(refs)] if refs else []),
    )
    ids = list((await unit.conn.execute(select(ArchivedMessage.id).where(mine, meant))).scalars())
    if ids:
        await recall(unit, ArchivedMessage.id.in_(ids))
    return ids


def _move_of_status(status: Status) -> Move:
    return Move(
        to=status.state,
        at=status.timestamp,
        code=status.code,
        error=status.message,
        provider_id=status.provider_id,
        reported=True,
    )
