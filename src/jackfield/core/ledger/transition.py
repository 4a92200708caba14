"""The one place where a message's state changes, with its times, its error, and the event that tells of it.

Whatever happens to a message (claimed, sent, reported on, settled, found in flight after a crash, cancelled) ends in
`transition`. So a move that `may_move` forbids happens nowhere, and the same fact is told by the same event.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, select, update

from ...db.prepared import Prepared
from ..ground.events import BY_STATE, EventData
from ..ground.tracing import TRACE
from ..ground.unit import Unit
from ..models import Message
from ..port import content as contents
from . import states
from .chats import places_of

Row = dict[str, Any]
"""A message's columns by name, as `load` gives them; `transition` keeps them current."""


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to a message: it goes into state `to`, at the time `at` (Unix ms).

    `code` and `error` say why it failed, is uncertain, or goes back to the queue. `provider_id` is the network's id, kept
    where none is known yet; `forget_provider_id` deletes one that turned out to be of no message. `due_at` is when it
    may go out (Unix ms), `claim` the token of its new owner, `attempts` is added to those made. `extra` is merged into
    the row's. `reported`: the network said it of its own accord. `raw` is the network's whole answer, for those who wait.
    """

    to: str
    at: int
    code: str | None = None
    error: str | None = None
    provider_id: str | None = None
    forget_provider_id: bool = False
    due_at: int | None = None
    claim: int | None = None
    attempts: int = 0
    extra: dict[str, Any] | None = None
    reported: bool = False
    raw: dict[str, Any] | None = None


class Settled(msgspec.Struct, kw_only=True):
    """What waiters and runners learn after the commit. `reported`: the network said it later, of its own accord;
    `held` see `held`."""

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
    held: str | None = None
    trace: str | None = None
    """The trace context that the message was accepted in."""


_COLUMNS: Final = (
    Message.id,
    Message.workspace_id,
    Message.channel_id,
    Message.state,
    Message.claim,
    Message.attempts,
    Message.campaign_id,
    Message.peer,
    Message.kind,
    Message.category,
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
)
_NAMES: Final = tuple(column.key for column in _COLUMNS)
_WRITTEN: Final = tuple(
    (name, f"new_{name}")
    for name in (
        "state", "attempts", "provider_id", "due_at", "sent_at", "delivered_at", "read_at", "failed_at", "uncertain_at",
        "error_code", "error", "extra",
    )
)  # fmt: skip
_write_one: Final = Prepared(
    update(Message)
    .where(Message.id == bindparam("row_id"))
    .values({name: bindparam(new, type_=getattr(Message, name).type) for name, new in _WRITTEN})
)
_TIMES: Final = {
    states.SENT: "sent_at",
    states.DELIVERED: "delivered_at",
    states.READ: "read_at",
    states.FAILED: "failed_at",
}
"""What the network says of a message, and where its time is kept."""
_ARRIVED: Final = frozenset({states.SENT, states.DELIVERED, states.READ})
_EXPLAINED: Final = frozenset({states.QUEUED, states.FAILED, states.UNCERTAIN, states.SKIPPED})
"""States that keep the reason why a message came there."""
_SHARED: Final = frozenset({states.QUEUED, states.SENDING, states.UNCERTAIN, states.CANCELLED})
"""States whose columns depend on the move alone, not on what the row held before."""
_IDS_PER_STATEMENT: Final = 5000


_BY_ID: Final = select(*_COLUMNS).where(Message.id.in_(bindparam("ids", expanding=True)))
_BY_ID_LOCKED: Final = _BY_ID.order_by(Message.id).with_for_update()


_SENT_AS: Final = select(*_COLUMNS).where(
    Message.channel_id == bindparam("channel"),
    Message.provider_id.in_(bindparam("provider_ids", expanding=True)),
    Message.direction == "out",
)
_SENT_AS_LOCKED: Final = _SENT_AS.order_by(Message.id).with_for_update()


async def load_by_id(unit: Unit, ids: Sequence[int]) -> list[Row]:
    """As `load`, of the messages with these ids; by a statement that was made once."""
    query = _BY_ID_LOCKED if unit.conn.dialect.name == "postgresql" else _BY_ID
    return [dict(zip(_NAMES, row, strict=True)) for row in await unit.conn.execute(query, {"ids": ids})]


async def load_sent_as(unit: Unit, channel_id: int, provider_ids: Sequence[str]) -> list[Row]:
    """As `load`, of the messages of a channel that the network knows by these ids; by a statement that was made once."""
    query = _SENT_AS_LOCKED if unit.conn.dialect.name == "postgresql" else _SENT_AS
    found = await unit.conn.execute(query, {"channel": channel_id, "provider_ids": provider_ids})
    return [dict(zip(_NAMES, row, strict=True)) for row in found]


async def load(unit: Unit, *where: Any, limit: int | None = None) -> list[Row]:
    """The rows to be moved, locked until the unit ends. With `limit`: some of them, without those that others hold."""
    query = select(*_COLUMNS).where(*where).limit(limit)
    if unit.conn.dialect.name == "postgresql":
        # In the order of ids, so that two processes that change the same messages cannot wait for each other.
        query = (
            query.order_by(Message.id).with_for_update() if limit is None else query.with_for_update(skip_locked=True)
        )
    return [dict(zip(_NAMES, row, strict=True)) for row in await unit.conn.execute(query)]


async def transition(unit: Unit, steps: Sequence[tuple[Row, Move]]) -> list[bool]:
    """Carry out moves in their order; gives for each whether it changed anything of its row.

    A move that is not legal from the row's state (`may_move`) changes no state and tells nothing. What the network says
    is kept all the same where it is news: the time of a receipt that another one overtook, an id that was unknown.

    Rows that share one Move object are written by one statement; these need only `id`, `state` and `attempts` when the
    new state has no event. Others come from `load`.
    """
    if not steps:
        return []
    changed: list[bool] = []
    touched: dict[int, Row] = {}
    settled: list[Settled] = []
    told: list[tuple[type[EventData], Row, dict[str, Any]]] = []
    for row, move in steps:
        old = row["state"]
        moved, news = _apply(row, move)
        changed.append(news)
        if news:
            touched[row["id"]] = row
        if moved and move.to != states.SENDING and old != states.SCHEDULED:
            settled.append(_settled(row, move))
        if moved and (event := BY_STATE.get(move.to)) is not None:
            # Taken now: a later move of the same row changes it.
            told.append((event, row, _facts(row, move.at)))
    await _tell(unit, told)
    first = steps[0][1]
    if first.to in _SHARED and all(move is first for _, move in steps) and _depends_on_nothing(first):
        await _write_together(unit, list(touched), first)
    elif touched:
        await _write_one.run(
            unit.conn, [{"row_id": id_, **{new: row[name] for name, new in _WRITTEN}} for id_, row in touched.items()]
        )
    if settled:
        unit.gather("settled", settled)
    return changed


def _apply(row: Row, move: Move) -> tuple[bool, bool]:
    """Change the row in memory; gives whether it moved, and whether anything of it is new."""
    old, new = row["state"], move.to
    column = _TIMES.get(new)
    if column is not None and old == states.QUEUED and row["claim"] is not None:
        # It was put back as surely unsent, and the network has it after all: never send it again.
        old = states.SENDING
    moved = news = states.may_move(old, new)
    if column is not None or moved:
        if move.provider_id and not row["provider_id"]:
            row["provider_id"] = move.provider_id
            news = True
        if move.extra is not None:
            row["extra"] = {**(row["extra"] or {}), **move.extra}
            news = True
    if column is not None and row[column] is None and (moved or new != states.FAILED):
        row[column] = move.at
        news = True
    if not moved:
        return False, news
    row["state"] = new
    if new in _ARRIVED:
        row["error_code"] = row["error"] = None
        row["sent_at"] = row["sent_at"] or move.at
    elif new in _EXPLAINED:
        row["error_code"], row["error"] = move.code, move.error
    if new == states.UNCERTAIN:
        row["uncertain_at"] = move.at
    if move.forget_provider_id:
        row["provider_id"] = None
    if move.due_at is not None:
        row["due_at"] = move.due_at
    if move.claim is not None:
        row["claim"] = move.claim
    row["attempts"] = max(0, row["attempts"] + move.attempts)
    return True, True


def _depends_on_nothing(move: Move) -> bool:
    return move.attempts >= 0 and move.extra is None and move.provider_id is None and not move.forget_provider_id


async def _write_together(unit: Unit, ids: list[int], move: Move) -> None:
    values: dict[str, Any] = {"state": move.to}
    if move.to in _EXPLAINED:
        values |= {"error_code": move.code, "error": move.error}
    if move.to == states.UNCERTAIN:
        values["uncertain_at"] = move.at
    if move.due_at is not None:
        values["due_at"] = move.due_at
    if move.claim is not None:
        values["claim"] = move.claim
    if move.attempts:
        values["attempts"] = Message.attempts + move.attempts
    for start in range(0, len(ids), _IDS_PER_STATEMENT):
        some = ids[start : start + _IDS_PER_STATEMENT]
        await unit.conn.execute(update(Message).where(Message.id.in_(some)).values(**values))


def _settled(row: Row, move: Move) -> Settled:
    return Settled(
        id=row["id"],
        state=row["state"],
        provider_id=row["provider_id"],
        code=row["error_code"],
        error=row["error"],
        raw=move.raw,
        workspace_id=row["workspace_id"],
        channel_id=row["channel_id"],
        campaign_id=row["campaign_id"],
        reported=move.reported,
        held=held(row["state"], row["extra"]),
        trace=None if row["extra"] is None else row["extra"].get(TRACE),
    )


async def hold(unit: Unit, state: str, code: str | None = None, error: str | None = None) -> None:
    """Have all single messages in a state wait for a person (`states.HELD`), with the reason where there is a code."""
    values: dict[str, Any] = {"lane": Message.lane + states.HELD}
    if code is not None:
        values |= {"error_code": code, "error": error}
    await unit.conn.execute(
        update(Message)
        .where(Message.state == state, Message.campaign_id == 0, Message.lane < states.HELD)
        .values(**values)
    )


async def let_go(unit: Unit, ids: Sequence[int], code: str) -> None:
    """Have held messages wait no more, and forget the reason with this code."""
    for start in range(0, len(ids), _IDS_PER_STATEMENT):
        which = Message.id.in_(ids[start : start + _IDS_PER_STATEMENT])
        await unit.conn.execute(update(Message).where(which).values(lane=Message.lane - states.HELD))
        await unit.conn.execute(
            update(Message).where(which, Message.error_code == code).values(error_code=None, error=None)
        )


def held(state: str, extra: dict[str, Any] | None) -> str | None:
    """The network's word for why it keeps a message back that it took; None once it has gone on."""
    return (extra or {}).get("held") if state == states.SENT else None


def origin_facts(extra: dict[str, Any] | None) -> dict[str, Any]:
    """Which automation sent a message, as its events tell it; empty for one that people or programs sent."""
    origin = (extra or {}).get("automation")
    return {} if not origin else {"automation_id": origin["id"], "automation_step": origin["step"]}


def _facts(row: Row, at: int) -> dict[str, Any]:
    """What an event says of a message, as the row stands now."""
    return {
        "id": row["id"],
        "peer": row["peer"],
        "kind": row["kind"],
        "timestamp": at,
        "body": contents.summary(contents.decode(row["content"])) if row["content"] else "",
        "state": row["state"],
        "provider_id": row["provider_id"],
        "campaign_id": row["campaign_id"] or None,
        "contact_id": row["contact_id"],
        "tag": row["tag"],
        "template": row["template"],
        "source": row["source"],
        "code": row["error_code"],
        "error": row["error"],
        "held": held(row["state"], row["extra"]),
        **origin_facts(row["extra"]),
        "has_media": row["kind"] in ("image", "video", "audio", "document", "sticker"),
    }


async def _tell(unit: Unit, told: Sequence[tuple[type[EventData], Row, dict[str, Any]]]) -> None:
    """Emit events of messages. Those of single messages say how their chats stand; a campaign's are in none."""
    places = await places_of(unit, [(row["channel_id"], row["peer"]) for _, row, _ in told if not row["campaign_id"]])
    for event, row, facts in told:
        place = None if row["campaign_id"] else places.get((row["channel_id"], row["peer"]))
        more = {} if place is None else place.facts()
        unit.emit(row["workspace_id"], event(**facts, **more), row["channel_id"])
