"""Submission: durable before the answer, many in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, bindparam, case, insert, select, update

from ...db.base import now_ms
from ...db.bulk import among, insert_many
from ...db.prepared import Prepared, insert_new_into
from ..contacts.consent.may_send import Consent, ConsentQuestion, refusal
from ..ground.errors import Conflict, Forbidden
from ..ground.events import AnswerSource, MessageQueued, MessageScheduled
from ..ground.tracing import TRACE
from ..ground.unit import Unit
from ..models import Chat, IdempotencyKey, Message
from ..port.content import Content, MediaContent, Template, encode, kind_of, summary
from . import states
from .chats import known_chats, places_of, tell_chats

IDEMPOTENCY_MS = 24 * 3600 * 1000
"""How long an Idempotency-Key is remembered, in ms."""


class Origin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which automation sends a message, in which run and by which step; kept with the message and told in its events.
    `sources` are the passages that an AI's answer is made of."""

    id: int
    step: str
    run: int
    sources: tuple[AnswerSource, ...] = ()

    def facts(self) -> dict[str, Any]:
        """The fields of an event."""
        facts: dict[str, Any] = {"automation_id": self.id, "automation_step": self.step}
        if self.sources:
            facts["automation_sources"] = list(self.sources)
        return facts


class Submission(msgspec.Struct, kw_only=True):
    """One message to be sent: what a dialect hands to the core.

    `due_at` (Unix ms) in the future schedules it. `idempotency_key` with `fingerprint` (of the request's body) makes a
    repeat give the first answer. `contact_id`, `tag`, `source` are kept for reports.
    """

    workspace_id: int
    channel_id: int
    peer: str
    content: Content
    chat_kind: str = "private"
    category: str = "service"
    due_at: int | None = None
    contact_id: int | None = None
    tag: str | None = None
    source: str | None = None
    reply_to: str | None = None
    idempotency_key: str | None = None
    fingerprint: str = ""
    sender: str | None = None
    member_id: int | None = None
    """The member who wrote it, logged in; None for programs."""
    created_at: int = 0
    automation: Origin | None = None
    """Which automation sends it."""
    trace: str | None = None
    """The trace context that it is accepted in, where that trace is recorded."""
    spellings: tuple[str, ...] = ()
    """Addresses that reach the same person, the peer's own among them: a chat under one of these is used."""


class Accepted(msgspec.Struct, kw_only=True):
    """The ledger has it. `repeated` when an earlier request with the same key had made it."""

    id: int
    state: str
    created_at: int
    repeated: bool = False


def row_of(item: Submission, now: int) -> dict[str, Any]:
    """The ledger row of a submission."""
    scheduled = item.due_at is not None and item.due_at > now
    return {
        "workspace_id": item.workspace_id,
        "channel_id": item.channel_id,
        "direction": "out",
        "state": states.SCHEDULED if scheduled else states.QUEUED,
        "lane": states.LANES[item.category],
        "campaign_id": 0,
        "slot": None,
        "due_at": item.due_at if scheduled else now,
        "peer": item.peer,
        "contact_id": item.contact_id,
        "member_id": item.member_id,
        "sender": item.sender,
        "kind": kind_of(item.content),
        "content": encode(item.content),
        "variables": None,
        "category": item.category,
        "tag": item.tag,
        "template": item.content.name if isinstance(item.content, Template) else None,
        "source": item.source,
        "reply_to": item.reply_to,
        "attempts": 0,
        "extra": _extra(item),
        "created_at": now,
    }


def _extra(item: Submission) -> dict[str, Any] | None:
    """What a row keeps beside its columns."""
    extra: dict[str, Any] = {}
    if item.automation is not None:
        extra["automation"] = msgspec.to_builtins(item.automation)
    if item.trace is not None:
        extra[TRACE] = item.trace
    return extra or None


Answer = Accepted | Conflict | Forbidden
"""What becomes of a submission."""


async def submit_batch(unit: Unit, items: Sequence[Submission], consent: Consent | None = None) -> list[Answer]:
    """Handler of the group commit: insert what is new, answer repeats, keep chats current, wake the runners.

    With `consent`, marketing to people who refused it is answered Forbidden and leaves no row.
    """
    now = now_ms()
    answers: list[Answer | None] = [None] * len(items)
    fresh = list(range(len(items)))
    keyed = [i for i in fresh if items[i].idempotency_key is not None]
    twins: dict[int, int] = {}
    if keyed:
        twins = await _answer_repeats(unit, items, keyed, answers, now)
        fresh = [i for i in fresh if answers[i] is None and i not in twins]
    if consent is not None and fresh:
        reasons = await consent.refusals(unit.conn, [consent_question(items[i]) for i in fresh])
        refused = {i: refusal(reason) for i, reason in zip(fresh, reasons, strict=True) if reason is not None}
        for i, error in refused.items():
            answers[i] = error
        fresh = [i for i in fresh if i not in refused]
    await _into_known_chats(unit, [items[i] for i in fresh if len(items[i].spellings) > 1])
    if fresh:
        rows = [row_of(items[i], now) for i in fresh]
        ids = await insert_many(unit.conn, Message, rows)
        for i, row, id_ in zip(fresh, rows, ids, strict=True):
            answers[i] = Accepted(id=id_, state=row["state"], created_at=now)
        remember = [
            {
                "workspace_id": items[i].workspace_id,
                "key": items[i].idempotency_key,
                "fingerprint": items[i].fingerprint,
                "status": 200,
                "response": msgspec.json.encode(answers[i]).decode(),
                "created_at": now,
            }
            for i in fresh
            if items[i].idempotency_key is not None
        ]
        if remember:
            await unit.conn.execute(insert(IdempotencyKey), remember)
        made = [(items[i], id_, row) for i, id_, row in zip(fresh, ids, rows, strict=True)]
        changed = await touch_chats(unit, [(item, id_) for item, id_, _ in made], now)
        await _tell_submitted(unit, made)
        # What is told of a message is enough for a list that has its chat; others are told whole.
        await tell_chats(unit, changed)
        for channel_id in {items[i].channel_id for i in fresh}:
            # Not the channel's own topic: that has its campaigns looked at too, which cost as much as a claim.
            unit.notify(f"queue:{channel_id}")
        if any(row["state"] == states.SCHEDULED for row in rows):
            unit.notify("scheduled")
    for i, first in twins.items():
        answer = answers[first]
        if isinstance(answer, Accepted):
            if items[first].fingerprint == items[i].fingerprint:
                answers[i] = Accepted(id=answer.id, state=answer.state, created_at=answer.created_at, repeated=True)
            else:
                answers[i] = _reused(items[i].idempotency_key)
        else:
            answers[i] = answer
    return answers  # type: ignore[return-value]


async def _into_known_chats(unit: Unit, items: Sequence[Submission]) -> None:
    """Write to a person under the address of the chat that there is, in whichever spelling it was given."""
    keys = [(item.channel_id, one) for item in items for one in item.spellings]
    if not keys:
        return
    chats = await known_chats(unit, keys)
    for item in items:
        if (item.channel_id, item.peer) not in chats:
            item.peer = next((one for one in item.spellings if (item.channel_id, one) in chats), item.peer)


def _reused(key: str | None) -> Conflict:
    return Conflict(
        f"Idempotency-Key {key!r} was used with another request.",
        code="IDEMPOTENCY_KEY_REUSED",
        details={"key": key},
    )


async def _answer_repeats(
    unit: Unit,
    items: Sequence[Submission],
    keyed: list[int],
    answers: list[Answer | None],
    now: int,
) -> dict[int, int]:
    """Answer what an earlier transaction had accepted; gives the repeats inside this batch (index to the first)."""
    keys = [(items[i].workspace_id, items[i].idempotency_key) for i in keyed]
    known = (
        await unit.conn.execute(
            select(
                IdempotencyKey.workspace_id,
                IdempotencyKey.key,
                IdempotencyKey.fingerprint,
                IdempotencyKey.response,
                IdempotencyKey.created_at,
            ).where(among((IdempotencyKey.workspace_id, IdempotencyKey.key), keys))
        )
    ).all()
    found = {(row.workspace_id, row.key): row for row in known}
    expired = [key for key, row in found.items() if row.created_at < now - IDEMPOTENCY_MS]
    if expired:
        await unit.conn.execute(
            IdempotencyKey.__table__.delete().where(  # type: ignore[attr-defined]
                among((IdempotencyKey.workspace_id, IdempotencyKey.key), expired)
            )
        )
        for key in expired:
            del found[key]
    twins: dict[int, int] = {}
    first: dict[tuple[int, str | None], int] = {}
    for i in keyed:
        key = (items[i].workspace_id, items[i].idempotency_key)
        row = found.get(key)
        if row is not None:
            if row.fingerprint != items[i].fingerprint:
                answers[i] = _reused(items[i].idempotency_key)
            else:
                accepted = msgspec.json.decode(row.response, type=Accepted)
                accepted.repeated = True
                answers[i] = accepted
        elif key in first:
            twins[i] = first[key]
        else:
            first[key] = i
    return twins


def consent_question(item: Submission) -> ConsentQuestion:
    """The question whether a submission may go out."""
    return ConsentQuestion(
        workspace_id=item.workspace_id,
        channel_id=item.channel_id,
        peer=item.peer,
        category=item.category,
        contact_id=item.contact_id,
    )


async def _tell_submitted(unit: Unit, made: Sequence[tuple[Submission, int, dict[str, Any]]]) -> None:
    """Say of each new message that it waits: in the queue, or for its time."""
    places = await places_of(unit, [(item.channel_id, item.peer) for item, _, _ in made])
    for item, id_, row in made:
        place = places.get((item.channel_id, item.peer))
        facts: dict[str, Any] = {
            "id": id_,
            "peer": item.peer,
            "kind": row["kind"],
            "timestamp": row["created_at"],
            "body": summary(item.content),
            "state": row["state"],
            "contact_id": item.contact_id,
            "chat_kind": item.chat_kind,
            "has_media": isinstance(item.content, MediaContent),
            "tag": item.tag,
            "template": row["template"],
            "source": item.source,
            **({} if item.automation is None else item.automation.facts()),
            **({} if place is None else place.facts()),
        }
        event = (
            MessageScheduled(due_at=row["due_at"], **facts)
            if row["state"] == states.SCHEDULED
            else MessageQueued(**facts)
        )
        unit.emit(item.workspace_id, event, item.channel_id)


_newest, _now = bindparam("m", type_=BigInteger()), bindparam("t", type_=BigInteger())
_touch: Final = Prepared(
    update(Chat)
    .where(Chat.channel_id == bindparam("c"), Chat.peer == bindparam("p"))
    .values(
        # Another process's clock may be ahead of ours: a chat never goes back in time.
        last_message_id=case((Chat.last_message_id > _newest, Chat.last_message_id), else_=_newest),
        last_at=case((Chat.last_at > _now, Chat.last_at), else_=_now),
        archived=False,
    )
)


async def touch_chats(unit: Unit, sent: Sequence[tuple[Submission, int]], now: int) -> list[tuple[int, str]]:
    """Make the chats of single sends, or bring them to the top of the inbox.

    Gives those that a list of open chats lacks, by channel and address: new ones, and those that were archived.
    """
    latest: dict[tuple[int, str], tuple[Submission, int]] = {}
    for item, id_ in sent:
        latest[(item.channel_id, item.peer)] = (item, id_)
    keys = list(latest)
    known = await known_chats(unit, keys)
    new = [
        {
            "workspace_id": item.workspace_id,
            "channel_id": item.channel_id,
            "peer": item.peer,
            "kind": item.chat_kind,
            "contact_id": item.contact_id,
            "last_message_id": id_,
            "last_at": now,
            "created_at": now,
        }
        for key, (item, id_) in latest.items()
        if key not in known
    ]
    if new:
        await insert_ignoring(unit, Chat, new)
    old = [{"c": key[0], "p": key[1], "m": latest[key][1], "t": now} for key in known]
    if old:
        await _touch.run(unit.conn, old)
    return [key for key in keys if known.get(key, True)]


async def insert_ignoring(unit: Unit, model: Any, rows: list[dict[str, Any]]) -> None:
    """Insert rows, leaving out those that another transaction made meanwhile (ON CONFLICT DO NOTHING)."""
    await insert_new_into(unit.conn.dialect.name, model).run(unit.conn, rows)
