"""Recording: what became of claimed messages, and what the network says of them later.

Both end in one transition rule (core.states). A fact (the network took it, delivered it) is recorded whoever
reports it, also an owner that has lost its lease meanwhile; a return to the queue is accepted only from the
owner that holds the claim, because another may have settled the message since.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, or_, select, update

from ..ground.events import BY_STATE
from ..ground.unit import Unit
from ..models import Message
from ..port import content as contents
from ..port.engine import Status
from . import states


class Outcome(msgspec.Struct, kw_only=True):
    """What became of one claimed message.

    `state`: sent (with `provider_id`), failed, uncertain, or queued (surely not sent; again at `due_at`, Unix ms;
    `free` gives the attempt back because none was made). `token` is the claim's.
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


class StatusItem(msgspec.Struct, kw_only=True):
    """A status report of a channel's network."""

    channel_id: int
    status: Status


_COLUMNS = (
    Message.id,
    Message.workspace_id,
    Message.channel_id,
    Message.state,
    Message.claim,
    Message.attempts,
    Message.campaign_id,
    Message.peer,
    Message.kind,
    Message.content,
    Message.contact_id,
    Message.provider_id,
    Message.tag,
    Message.template,
    Message.source,
    Message.due_at,
    Message.sent_at,
    Message.delivered_at,
    Message.read_at,
    Message.failed_at,
    Message.uncertain_at,
    Message.error_code,
    Message.error,
    Message.extra,
    Message.direction,
)
_NAMES = tuple(column.key for column in _COLUMNS)
_CHANGED = (
    "state",
    "attempts",
    "provider_id",
    "due_at",
    "sent_at",
    "delivered_at",
    "read_at",
    "failed_at",
    "uncertain_at",
    "error_code",
    "error",
    "extra",
)
_update = (
    update(Message)
    .where(Message.id == bindparam("b_id"))
    .values({name: bindparam(f"b_{name}", type_=getattr(Message, name).type) for name in _CHANGED})
)


class Settled(msgspec.Struct, kw_only=True):
    """What waiters and runners learn after the commit. `reported`: the network said it later, of its own accord."""

    id: int
    state: str
    provider_id: str | None
    code: str | None
    error: str | None
    raw: dict[str, Any] | None = None
    workspace_id: int = 0
    channel_id: int = 0
    campaign_id: int = 0
    reported: bool = False


async def _load(unit: Unit, where: Any) -> list[dict[str, Any]]:
    query = select(*_COLUMNS).where(where)
    if unit.conn.dialect.name == "postgresql":
        # In the order of ids, so that two processes that report on the same messages cannot wait for each other.
        query = query.order_by(Message.id).with_for_update()
    return [dict(zip(_NAMES, row, strict=True)) for row in await unit.conn.execute(query)]


async def record_batch(unit: Unit, items: Sequence[Outcome]) -> list[bool]:
    """Handler of the group commit; True where the outcome was applied."""
    rows = {row["id"]: row for row in await _load(unit, Message.id.in_([item.id for item in items]))}
    changed: dict[int, dict[str, Any]] = {}
    settled: list[Settled] = []
    answers: list[bool] = []
    for item in items:
        row = rows.get(item.id)
        applied = row is not None and _apply_outcome(unit, row, item)
        answers.append(applied)
        if applied and row is not None:
            changed[item.id] = row
            settled.append(_settled(row, item.raw))
    await _save(unit, changed.values())
    if settled:
        unit.notify("settled", settled)
    return answers


def _settled(row: dict[str, Any], raw: dict[str, Any] | None, *, reported: bool = False) -> Settled:
    return Settled(
        id=row["id"],
        state=row["state"],
        provider_id=row["provider_id"],
        code=row["error_code"],
        error=row["error"],
        raw=raw,
        workspace_id=row["workspace_id"],
        channel_id=row["channel_id"],
        campaign_id=row["campaign_id"],
        reported=reported,
    )


def _apply_outcome(unit: Unit, row: dict[str, Any], item: Outcome) -> bool:
    old = row["state"]
    if item.state == states.SENT:
        if item.provider_id and not row["provider_id"]:
            row["provider_id"] = item.provider_id
        row["sent_at"] = row["sent_at"] or item.at
        if item.raw is not None:
            row["extra"] = {**(row["extra"] or {}), "answer": item.raw}
        if states.may_move(old, states.SENT):
            row["state"] = states.SENT
            row["error_code"] = row["error"] = None
            _emit(unit, row, item.at)
        # A delivery report may have come first; then only the facts are filled in.
        return True
    if old != states.SENDING or row["claim"] != item.token:
        return False
    row["error_code"], row["error"] = item.code, item.message
    if item.state == states.QUEUED:
        row["state"] = states.QUEUED
        row["due_at"] = item.due_at if item.due_at is not None else row["due_at"]
        if item.free:
            row["attempts"] = max(0, row["attempts"] - 1)
            row["error_code"] = row["error"] = None
    elif item.state == states.FAILED:
        row["state"] = states.FAILED
        row["failed_at"] = item.at
        _emit(unit, row, item.at)
    elif item.state == states.UNCERTAIN:
        row["state"] = states.UNCERTAIN
        row["uncertain_at"] = item.at
        if item.provider_id and not row["provider_id"]:
            row["provider_id"] = item.provider_id
        _emit(unit, row, item.at)
    else:
        raise ValueError(f"no outcome {item.state!r}")
    return True


_ORDER = {"sent": 1, "delivered": 2, "read": 3}


async def status_batch(unit: Unit, items: Sequence[StatusItem]) -> list[bool]:
    """Handler of the group commit: the network's words on messages of ours, in any order, any number of times."""
    refs = [int(item.status.ref) for item in items if item.status.ref and item.status.ref.isdigit()]
    by_channel: dict[int, set[str]] = {}
    for item in items:
        by_channel.setdefault(item.channel_id, set()).add(item.status.provider_id)
    conditions = [
        (Message.channel_id == channel_id) & Message.provider_id.in_(ids) for channel_id, ids in by_channel.items()
    ]
    if refs:
        conditions.append(Message.id.in_(refs) & Message.channel_id.in_(list(by_channel)))
    rows = await _load(unit, or_(*conditions) & (Message.direction == "out"))
    by_id = {(row["channel_id"], row["id"]): row for row in rows}
    by_provider = {(row["channel_id"], row["provider_id"]): row for row in rows if row["provider_id"]}
    changed: dict[int, dict[str, Any]] = {}
    settled: list[Settled] = []
    answers: list[bool] = []
    for item in items:
        status = item.status
        row = by_provider.get((item.channel_id, status.provider_id))
        if row is None and status.ref and status.ref.isdigit():
            row = by_id.get((item.channel_id, int(status.ref)))
        moved = row is not None and _apply_status(unit, row, status)
        answers.append(moved)
        if moved and row is not None:
            changed[row["id"]] = row
            by_provider[(item.channel_id, row["provider_id"])] = row
            settled.append(_settled(row, None, reported=True))
    await _save(unit, changed.values())
    if settled:
        unit.notify("settled", settled)
    return answers


def _apply_status(unit: Unit, row: dict[str, Any], status: Status) -> bool:
    old, new = row["state"], status.state
    touched = False
    if not row["provider_id"] and status.provider_id:
        # The echo of our id arrived before (or instead of) the answer to the send.
        row["provider_id"] = status.provider_id
        touched = True
    column = {"sent": "sent_at", "delivered": "delivered_at", "read": "read_at", "failed": "failed_at"}.get(new)
    if column is None:
        return touched
    if row[column] is None and (new != "failed" or states.may_move(old, new)):
        row[column] = status.timestamp
        touched = True
    if old == states.QUEUED and row["claim"] is not None:
        # It was put back as surely unsent, and the network has it after all: never send it again.
        old = states.SENDING
    if old != new and states.may_move(old, new):
        row["state"] = new
        if new == states.FAILED:
            row["error_code"], row["error"] = status.code, status.message
        elif row["error_code"] is not None:
            row["error_code"] = row["error"] = None
        if new in _ORDER and row["sent_at"] is None:
            row["sent_at"] = status.timestamp
        _emit(unit, row, status.timestamp)
        touched = True
    return touched


async def _save(unit: Unit, rows: Any) -> None:
    values = [{"b_id": row["id"], **{f"b_{name}": row[name] for name in _CHANGED}} for row in rows]
    if values:
        await unit.conn.execute(_update, values)


def _emit(unit: Unit, row: dict[str, Any], at: int) -> None:
    body = ""
    if row["content"]:
        body = contents.summary(contents.decode(row["content"]))
    unit.emit(
        row["workspace_id"],
        BY_STATE[row["state"]](
            id=row["id"],
            peer=row["peer"],
            kind=row["kind"],
            timestamp=at,
            body=body,
            state=row["state"],
            provider_id=row["provider_id"],
            campaign_id=row["campaign_id"] or None,
            contact_id=row["contact_id"],
            tag=row["tag"],
            template=row["template"],
            source=row["source"],
            code=row["error_code"],
            error=row["error"],
            has_media=row["kind"] in ("image", "video", "audio", "document", "sticker"),
        ),
        row["channel_id"],
    )
