"""The queue as the owner of a channel works on it: claim, record, find the uncertain ones, settle them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from functools import partial

from sqlalchemy import func, select, text

from ...db.base import now_ms
from ..contacts.consent.may_send import Consent
from ..ground.store import Store
from ..models import Message
from . import states
from .claim import Claim, Claimed, ClaimRequest, claim_batch, put_back
from .record import Outcome, record_batch
from .settle import UncertainMessage, Verdict, find_uncertain, settle
from .traces import add_traces
from .waiting import release_due

RELEASE_CHUNK = 2000
"""Scheduled messages released per statement."""
DAY_MS = 86_400_000


class Queue:
    """The service. Claims and outcomes of all channels share the transactions of the group commit."""

    def __init__(self, store: Store, consent: Consent) -> None:
        self._store = store
        # One object for all claims: the group commit knows a handler by its identity.
        self._claim_batch = partial(claim_batch, consent=consent)

    async def claim(self, request: ClaimRequest) -> Claim:
        """Take what is due; durable when this returns, so before anything is handed to the network."""
        return await self._store.writer.submit(self._claim_batch, request)

    async def add_traces(self, messages: Sequence[Claimed]) -> None:
        """Give claimed messages the trace contexts that they were accepted in. Only where traces are made."""
        await add_traces(self._store, messages)

    def record(self, outcome: Outcome) -> asyncio.Future[bool]:
        """Record what became of a claimed message; the result, once durable, says whether it was applied."""
        return self._store.writer.submit(record_batch, outcome)

    async def put_back(self, channel_id: int, token: int, held: Collection[int]) -> int:
        """Put back what was claimed under `token` and is not among `held`: the claim was stored, and its owner never heard
        of it, so nothing was sent. Gives how many. Only for the owner, while no claim is under way."""
        async with self._store.unit() as unit:
            return await put_back(unit, channel_id, token, held)

    async def find_uncertain(self, channel_id: int, before: int) -> list[UncertainMessage]:
        """Messages of a channel whose outcome is unknown since before `before` (Unix ms)."""
        async with self._store.db.read() as session:
            return await find_uncertain(session, channel_id, before)

    async def settle(self, channel_id: int, verdicts: Sequence[Verdict]) -> int:
        """Apply what was found out about uncertain messages; gives how many were settled."""
        async with self._store.unit() as unit:
            return await settle(unit, channel_id, verdicts)

    async def sent_today(self, channel_id: int) -> int:
        """How many messages of a channel went out since midnight (UTC)."""
        midnight = now_ms() // DAY_MS * DAY_MS
        query = (
            select(func.count())
            .select_from(Message)
            .where(Message.channel_id == channel_id, Message.direction == "out", Message.sent_at >= midnight)
        )
        async with self._store.db.read() as session:
            return int((await session.execute(query)).scalar_one())

    async def release_due(self) -> int | None:
        """Scheduled messages whose time has come join the queue. Gives when the next one's comes (Unix ms)."""
        next_due = await self._next_scheduled()
        if next_due is None or next_due > now_ms():
            return next_due
        async with self._store.unit() as unit:
            while await release_due(unit, RELEASE_CHUNK) == RELEASE_CHUNK:
                pass
        return await self._next_scheduled()

    async def _next_scheduled(self) -> int | None:
        query = select(func.min(Message.due_at)).where(
            Message.state == states.SCHEDULED, text("messages.state = 'scheduled'"), Message.lane < states.HELD
        )
        async with self._store.db.read() as session:
            return await session.scalar(query)
