"""Claiming: the owner of a channel takes what is due, under its fencing token.

The claim commits before anything is handed to the network, so that after a crash exactly the rows in `sending` are
those whose outcome is unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from random import uniform
from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from ...db.base import now_ms
from ..contacts.consent.cap import CODE, DAY_MS, cap_of_channel, heard
from ..contacts.consent.may_send import MARKETING, Consent, ConsentQuestion
from ..ground.unit import Unit
from ..models import Campaign, Channel, Message, unsettled
from . import states
from .merged import second_messages
from .transition import Move, load, transition


class ClaimRequest(msgspec.Struct, kw_only=True):
    """Up to `limit` messages of a channel for the owner with `token`. `turn` rotates fairness among campaigns.

    `lanes` may leave lanes out (a breaker is open, quiet hours). `held` says of campaigns with a pause between their
    messages when the next one may go (Unix ms); of those, messages may be claimed so many ms `ahead` of their time, and
    the owner hands each over when it is time.
    """

    channel_id: int
    token: int
    limit: int
    turn: int = 0
    lanes: tuple[int, ...] = (0, 1, 2, 3)
    held: dict[int, int] = {}
    ahead: int = 0


class Claimed(msgspec.Struct, kw_only=True):
    """A message in the owner's hands. `content` is stored JSON, null when the campaign's is meant."""

    id: int
    workspace_id: int
    campaign_id: int
    peer: str
    kind: str
    content: str | None
    variables: dict[str, Any] | None
    category: str
    lane: int
    tag: str | None
    template: str | None
    source: str | None
    reply_to: str | None
    contact_id: int | None
    attempts: int
    provider_id: str | None
    due_at: int
    created_at: int
    trace: str | None = None
    """The trace context that it was accepted in, where traces are made (see `Queue.add_traces`)."""


class Claim(msgspec.Struct, kw_only=True):
    """What was claimed. `lost` when the lease is no longer ours; `next_due` is when the next message falls due.

    `pauses`: the least pause (ms) after each message, by its id, of campaigns that have one.
    """

    messages: list[Claimed]
    lost: bool = False
    pauses: dict[int, int] = {}
    next_due: int | None = None


_COLUMNS = [
    Message.id,
    Message.workspace_id,
    Message.campaign_id,
    Message.peer,
    Message.kind,
    Message.content,
    Message.variables,
    Message.category,
    Message.lane,
    Message.tag,
    Message.template,
    Message.source,
    Message.reply_to,
    Message.contact_id,
    Message.attempts,
    Message.provider_id,
    Message.due_at,
    Message.created_at,
]
_NAMES = [column.key for column in _COLUMNS]
# Statements are made once. A channel that sends one by one claims for every message, and making the seven statements of
# a claim anew cost more (1.5 ms) than running them.
_lease = select(Channel.lease_token).where(Channel.id == bindparam("channel"))
_running = select(Campaign.id, Campaign.category, Campaign.options).where(
    Campaign.channel_id == bindparam("channel"), Campaign.state == "running"
)
_queue = (
    select(*_COLUMNS)
    .where(
        Message.channel_id == bindparam("channel"),
        Message.lane == bindparam("lane"),
        Message.campaign_id == bindparam("campaign"),
        Message.state == states.QUEUED,
    )
    .order_by(Message.due_at, Message.id)
    .limit(bindparam("most"))
)
# A taker of the lease waits for this claim to commit, so it sees our rows in `sending`.
_lease_shared = _lease.with_for_update(read=True)
_queue_unlocked = _queue.with_for_update(skip_locked=True)


async def claim_batch(unit: Unit, items: Sequence[ClaimRequest], consent: Consent | None = None) -> list[Claim]:
    """Handler of the group commit. With `consent`, what must not go out any more is skipped instead of claimed."""
    return [await _claim(unit, item, consent) for item in items]


async def _claim(unit: Unit, request: ClaimRequest, consent: Consent | None) -> Claim:
    now = now_ms()
    conn = unit.conn
    locks = conn.dialect.name == "postgresql"
    channel = {"channel": request.channel_id}
    token = (await conn.execute(_lease_shared if locks else _lease, channel)).scalar()
    if token != request.token:
        return Claim(messages=[], lost=True)
    running = (await conn.execute(_running, channel)).all()
    paced = {row.id: row.options for row in running if row.options.get("delay_ms")}
    pauses: dict[int, int] = {}
    queues: list[tuple[int, int]] = []
    for lane in sorted(request.lanes):
        queues.append((lane, 0))
        ours = sorted(row.id for row in running if states.LANES[row.category] == lane)
        shift = request.turn % len(ours) if ours else 0
        queues.extend((lane, id_) for id_ in ours[shift:] + ours[:shift])
    taken: list[Claimed] = []
    next_due: int | None = None
    for position, (lane, campaign_id) in enumerate(queues):
        room = request.limit - len(taken)
        if room <= 0:
            break
        # Campaigns of one lane share what is left, so that a large one does not starve a small one.
        rivals = sum(1 for other in queues[position:] if other[0] == lane and other[1]) if campaign_id else 1
        share = -(-room // max(1, rivals))
        horizon = now
        if campaign_id in paced:
            # One after the other, whatever is overdue: what waited out a pause or an outage must not go at once.
            horizon = now + request.ahead
            maximum, claim_at = paced_share(
                now, request.held.get(campaign_id, 0), request.ahead, pause_of(paced[campaign_id])
            )
            if not maximum:
                next_due = claim_at if next_due is None else min(next_due, claim_at)
                continue
            share = min(share, maximum)
        place = channel | {"lane": lane, "campaign": campaign_id, "most": share}
        for row in await conn.execute(_queue_unlocked if locks else _queue, place):
            if row.due_at > horizon:
                claim_at = row.due_at - (horizon - now) // 2
                next_due = claim_at if next_due is None else min(next_due, claim_at)
                break
            taken.append(Claimed(**dict(zip(_NAMES, row, strict=True))))
            if campaign_id in paced:
                pauses[row.id] = pause_of(paced[campaign_id])
    refused = await _refused(unit, request.channel_id, taken, consent, now)
    if refused:
        taken = [one for one in taken if one.id not in refused]
        # There may be more behind what was skipped.
        next_due = now if not taken else next_due
    move = Move(to=states.SENDING, at=now, claim=request.token, attempts=1)
    rows = [{"id": one.id, "state": states.QUEUED, "attempts": one.attempts} for one in taken]
    await transition(unit, [(row, move) for row in rows])
    for one in taken:
        one.attempts += 1
    return Claim(messages=taken, next_due=next_due, pauses=pauses)


async def _refused(
    unit: Unit, channel_id: int, taken: Sequence[Claimed], consent: Consent | None, now: int
) -> set[int]:
    """Skip what must not go out: marketing to somebody who has refused it since it was submitted, or has heard enough of it,
    and a campaign's second message to people who turned out to be one. Gives the ids."""
    reasons: dict[int, str] = {}
    if consent is not None:
        asked = [
            ConsentQuestion(
                workspace_id=one.workspace_id,
                channel_id=channel_id,
                peer=one.peer,
                category=one.category,
                contact_id=one.contact_id,
            )
            for one in taken
        ]
        answers = await consent.refusals(unit.conn, asked)
        reasons = {one.id: reason for one, reason in zip(taken, answers, strict=True) if reason is not None}
        reasons |= await _over_cap(unit, channel_id, [one for one in taken if one.id not in reasons], now)
    reasons |= dict.fromkeys(await second_messages(unit, [one for one in taken if one.id not in reasons]), "duplicate")
    if reasons:
        rows = await load(unit, Message.id.in_(list(reasons)))
        await transition(unit, [(row, Move(to=states.SKIPPED, at=now, code=reasons[row["id"]])) for row in rows])
    return set(reasons)


async def _over_cap(unit: Unit, channel_id: int, taken: Sequence[Claimed], now: int) -> dict[int, str]:
    """Marketing to people who have heard as much as the workspace lets them, those before in this claim counted."""
    marketing = [one for one in taken if one.category == MARKETING]
    found = await cap_of_channel(unit.conn, channel_id) if marketing else None
    if found is None:
        return {}
    workspace_id, cap = found
    contacts = {one.peer: one.contact_id for one in marketing if one.contact_id is not None}
    people = {(one.peer, contacts.get(one.peer)) for one in marketing}
    times = await heard(unit.conn, workspace_id, people, now - cap.days * DAY_MS)
    had = {person: len(mine) for person, mine in times.items()}
    over: dict[int, str] = {}
    for one in marketing:
        person = contacts.get(one.peer) or one.peer
        if had[person] >= cap.messages:
            over[one.id] = CODE
        else:
            had[person] += 1
    return over


def paced_share(now: int, free_at: int, ahead: int, pause: int) -> tuple[int, int]:
    """How many messages of a campaign with a `pause` between them may be claimed now, and when the next may be.

    `free_at` is when the next one may go. Claims run up to `ahead` before the sends, so that a claim's own time does not
    slow them down; half of that must be free before the next claim, so that small pauses do not make a claim for every
    message. Times are Unix ms, pauses ms.
    """
    claim_at = free_at - ahead // 2
    if claim_at > now:
        return 0, claim_at
    return max(1, (now + ahead - max(free_at, now)) // pause), now


def pause_of(options: dict[str, Any]) -> int:
    """The least pause (ms) between two messages of a campaign. The times at which its messages are due hold the exact
    one; this is what remains of it when they are overdue."""
    delay = int(options.get("delay_ms") or 0)
    return max(1, round(delay * (uniform(1.0, 1.25) if options.get("randomize") else 0.9)))


async def take_over(unit: Unit, channel_id: int, token: int) -> int:
    """A new owner marks what earlier ones had in their hands: their outcome is unknown. Gives how many."""
    rows = await load(
        unit,
        Message.channel_id == channel_id,
        unsettled(states.SENDING),
        (Message.claim.is_(None)) | (Message.claim != token),
    )
    move = Move(
        to=states.UNCERTAIN, at=unit.now, code="shutdown", error="The server stopped while this was being sent."
    )
    await transition(unit, [(row, move) for row in rows])
    return len(rows)


async def put_back(unit: Unit, channel_id: int, token: int, held: Collection[int]) -> int:
    """What was claimed under `token` and is not among `held` goes back to the queue, as if never claimed. Gives how many."""
    rows = await load(unit, Message.channel_id == channel_id, unsettled(states.SENDING), Message.claim == token)
    move = Move(to=states.QUEUED, at=unit.now, attempts=-1)
    steps = [(row, move) for row in rows if row["id"] not in held]
    await transition(unit, steps)
    return len(steps)
