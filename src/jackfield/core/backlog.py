"""What waits, as the database has it: every queue with its depth and how long the oldest has waited.

Every question is a look into a partial index: what is done, paused or in the future costs nothing, and nothing is counted
beyond `MOST_COUNTED`.
"""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import Any, Final

import msgspec
from sqlalchemy import TextClause, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.base import now_ms
from .ground.store import Store
from .ledger.states import HELD, LANES
from .models import Channel, Endpoint, Event, Message, Relay, SearchPosition
from .models.channel import NEEDS_A_PERSON

MOST_COUNTED: Final = 2_000
"""A queue's depth is told up to here; a longer one is told to be so long."""
FRESH_S: Final = 10.0
"""A look is good for so long, however many ask."""
SHARE: Final = 0.01
"""A look that took long is good for longer, so that looking takes no more than this share of a connection's time."""
PATIENCE_S: Final = 3.0
"""How long a look may take before it is given up."""


class Waiting(msgspec.Struct, frozen=True):
    """One queue: how many wait, and for how many seconds the oldest has been due (0: none is)."""

    items: int = 0
    oldest: float = 0.0

    def beside(self, other: Waiting) -> Waiting:
        """Both together."""
        return Waiting(self.items + other.items, max(self.oldest, other.oldest))


class BacklogView(msgspec.Struct, kw_only=True):
    """All queues at a moment. `lanes` are the lanes of the send queue, `channels` the same by channel (its id), `endpoints`
    what is owed to webhook endpoints that are switched on (by id), `others` the rest by name. `states` counts the channels
    that are wanted up, or need a person, by engine and status. `seconds` is how long the look took."""

    lanes: dict[str, Waiting]
    channels: dict[int, Waiting]
    endpoints: dict[int, Waiting]
    others: dict[str, Waiting]
    states: dict[tuple[str, str], int]
    failing: int
    """Endpoints that are switched on and only fail."""
    disabled: int
    """Endpoints that were switched off because they failed."""
    seconds: float = 0.0


_CASES: Final = " ".join(f"WHEN '{category}' THEN {lane}" for category, lane in LANES.items())
_LANES: Final = " UNION ALL ".join(f"SELECT {lane} AS lane" for lane in sorted(LANES.values()))
# A paused campaign waits for a person, not for us; what a person must release first is in lanes of its own.
_queues: Final = text(f"""
    WITH queues AS (
        SELECT c.id AS channel_id, l.lane AS lane, 0 AS campaign_id FROM channels c CROSS JOIN ({_LANES}) l
        WHERE EXISTS (SELECT 1 FROM messages m WHERE m.channel_id = c.id AND m.state = 'queued')
        UNION ALL
        SELECT channel_id, CASE category {_CASES} END, id FROM campaigns
        WHERE state = 'running' AND state IN ('running', 'scheduled')
    )
    SELECT q.channel_id, q.lane,
        (SELECT count(*) FROM (
            SELECT 1 FROM messages m WHERE m.channel_id = q.channel_id AND m.lane = q.lane
            AND m.campaign_id = q.campaign_id AND m.state = 'queued' LIMIT :most) counted) AS items,
        (SELECT m.due_at FROM messages m WHERE m.channel_id = q.channel_id AND m.lane = q.lane
            AND m.campaign_id = q.campaign_id AND m.state = 'queued' ORDER BY m.due_at LIMIT 1) AS oldest
    FROM queues q
""")  # noqa: S608 - of our own words
# What a person asked for again is due at 0 and has not waited since then. All are due at some time: to say so has the
# partial index taken, where SQLite took the one of all deliveries (measured: 300,000 read to count 60,000).
_deliveries: Final = text("""
    SELECT e.id,
        (SELECT count(*) FROM (
            SELECT 1 FROM deliveries d WHERE d.endpoint_id = e.id AND d.state = 'pending' AND d.due_at >= 0
            LIMIT :most) counted) AS items,
        (SELECT d.due_at FROM deliveries d WHERE d.endpoint_id = e.id AND d.state = 'pending' AND d.due_at > 0
            ORDER BY d.due_at LIMIT 1) AS oldest
    FROM endpoints e WHERE e.enabled = true
""")
_OTHERS: Final[dict[str, TextClause]] = {
    "scheduled": text("""
        SELECT count(*), min(due_at) FROM (SELECT due_at FROM messages
        WHERE state = 'scheduled' AND due_at <= :now AND lane < :held ORDER BY due_at LIMIT :most) found
    """),
    "sending": text("""
        SELECT count(*), NULL FROM (SELECT 1 FROM channels c CROSS JOIN messages m
        WHERE m.channel_id = c.id AND m.state = 'sending' AND m.state IN ('sending', 'uncertain') LIMIT :most) found
    """),
    "uncertain": text("""
        SELECT count(*), min(uncertain_at) FROM (SELECT uncertain_at FROM channels c CROSS JOIN messages m
        WHERE m.channel_id = c.id AND m.state = 'uncertain' AND m.state IN ('sending', 'uncertain') LIMIT 1000) found
    """),
    "automations": text("""
        SELECT count(*), min(due_at) FROM (SELECT due_at FROM automation_runs
        WHERE due_at IS NOT NULL AND due_at <= :now ORDER BY due_at LIMIT :most) found
    """),
    "requests": text("""
        SELECT count(*), min(created_at) FROM owner_requests WHERE taken_at IS NULL AND expires_at > :now
    """),
}
"""Queues that are no lanes: number and since when the oldest waits. Scheduled messages and automations are in it once they
are due; `requests` are calls of a channel's session for the process that holds it."""
OTHERS: Final = (*_OTHERS, "webhooks", "search", "stream")
"""Names of all queues that are no lanes. `search` counts the ids of messages whose words are not kept yet, `stream` events
that are not copied to the stream yet."""


class Backlog:
    """The service. Many may ask: one looks, and what it saw is good for some seconds."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: BacklogView | None = None
        self._good_until = 0.0
        self._turn = asyncio.Lock()

    async def look(self) -> BacklogView:
        """What waits, as of a few seconds ago at most. Raises TimeoutError, StorageUnavailable, or what the database
        raises."""
        async with self._turn:
            now = perf_counter()
            if self._seen is None or now >= self._good_until:
                async with asyncio.timeout(PATIENCE_S), self._store.db.read() as session:
                    seen = await _look(session)
                took = perf_counter() - now
                seen.seconds = took
                self._seen, self._good_until = seen, now + max(FRESH_S, took / SHARE)
            return self._seen


async def _look(session: AsyncSession) -> BacklogView:
    now = now_ms()
    most = {"most": MOST_COUNTED}

    def waiting(items: int, since: int | None) -> Waiting:
        return Waiting(int(items), max(0.0, (now - since) / 1000) if since else 0.0)

    names = {lane: category for category, lane in LANES.items()}
    lanes = dict.fromkeys(LANES, Waiting())
    channels: dict[int, Waiting] = {}
    for channel_id, lane, items, oldest in await session.execute(_queues, most):
        if items:
            one = waiting(items, oldest)
            lanes[names[lane]] = lanes[names[lane]].beside(one)
            channels[channel_id] = channels.get(channel_id, Waiting()).beside(one)
    endpoints = {id_: waiting(items, oldest) for id_, items, oldest in await session.execute(_deliveries, most)}
    others: dict[str, Waiting] = {}
    asked = {"now": now, "held": HELD, **most}
    for name, query in _OTHERS.items():
        items, since = (await session.execute(query, asked)).one()
        others[name] = waiting(items, since)
    total = Waiting()
    for one in endpoints.values():
        total = total.beside(one)
    others["webhooks"] = total
    others["search"] = await _behind(session, select(SearchPosition.message_id), select(func.max(Message.id)), 0)
    others["stream"] = await _behind(session, select(Relay.cursor), select(func.max(Event.id)))
    # One that was logged out is no longer wanted up by us, and by nobody else forgotten.
    wanted = or_(Channel.wanted == "up", Channel.status.in_(NEEDS_A_PERSON))
    states = select(Channel.engine, Channel.status, func.count()).where(wanted)
    counted = await session.execute(states.group_by(Channel.engine, Channel.status))
    failing = select(func.count()).where(Endpoint.enabled.is_(True), Endpoint.failing_since.is_not(None))
    disabled = select(func.count()).where(Endpoint.enabled.is_(False), Endpoint.disabled_reason.is_not(None))
    return BacklogView(
        lanes=lanes,
        channels=channels,
        endpoints=endpoints,
        others=others,
        states={(engine, status): number for engine, status, number in counted},
        failing=int(await session.scalar(failing) or 0),
        disabled=int(await session.scalar(disabled) or 0),
    )


async def _behind(session: AsyncSession, position: Any, newest: Any, first: int | None = None) -> Waiting:
    """How many ids a reader is behind. `first` is where it begins; None: it may not read at all."""
    at = await session.scalar(position)
    at = first if at is None else at
    return Waiting() if at is None else Waiting(max(0, int(await session.scalar(newest) or 0) - int(at)))
