"""What happens in chats, read behind the intake from the table of events: clocks start and end by it, and surveys are planned.

As the automations do, with a position of its own that commits with what came of the events: nothing is counted twice or missed,
neither after a crash nor where another process works on the same database. Nothing is read while no workspace has targets or a
survey.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..ground.commit_order import CommitOrder
from ..ground.events import ChatUpdated, EventData, MessageReceived, MessageSent, load
from ..ground.position import EventPosition, keep_position, stored_position
from ..ground.store import Store
from ..ground.unit import Unit
from ..models import Event, Message, ReplyTarget, Survey
from .clocks import Clocks, place_of
from .surveys import Surveys

BATCH: Final = 200
"""Events of one transaction."""
_POSITION: Final = "service"
_TYPES: Final = frozenset({MessageReceived.type, MessageSent.type, ChatUpdated.type})
_MOVED: Final = frozenset({"assigned", "team"})
"""What gives a chat other targets."""


class ServiceReader:
    """The reader. One object for each process."""

    def __init__(self, store: Store, surveys: Surveys) -> None:
        self._store = store
        self._surveys = surveys
        self._order = CommitOrder(store.db, Event)
        self._position = EventPosition(store, _POSITION)
        self.types: frozenset[str] = _TYPES
        """Types of events that are of interest now."""

    @property
    def waits(self) -> bool:
        """Whether there are events that others may still come before."""
        return self._order.waits

    async def step(self) -> bool:
        """Read the next events. Gives whether more may be left."""
        async with self._store.db.read() as session:
            asking = select(Survey.workspace_id).where(Survey.enabled.is_(True))
            mine = frozenset(await session.scalars(select(ReplyTarget.workspace_id).union(asking)))
            self.types = _TYPES if mine else frozenset()
            at = await self._position.find(session)
            reached = await self._order.reach(session, at)
            rows = await self._next(session, mine, at, reached) if mine else []
        last = rows[-1].id if len(rows) == BATCH else reached
        found = [(row, event) for row in rows if _concerns(event := load(row.type, row.data))]
        if found or self._position.is_due(last):
            async with self._store.unit() as unit:
                if not await self._position.hold(unit):
                    return False
                stored = await stored_position(unit.conn, _POSITION) or 0
                for row, event in found:
                    # Another process may have read it since we looked.
                    if row.id > stored:
                        await self._meet(unit, row, event)
                await keep_position(unit, _POSITION, last)
            self._position.kept = last
        self._position.at = last
        return last < reached or (last > at and not self._store.db.is_sqlite)

    async def _next(self, session: AsyncSession, workspaces: frozenset[int], at: int, reached: int) -> list[Any]:
        query = select(Event.id, Event.type, Event.data, Event.created_at).where(
            Event.id > at,
            Event.id <= reached,
            Event.type.in_(sorted(self.types)),
            Event.workspace_id.in_(sorted(workspaces)),
        )
        return list(await session.execute(query.order_by(Event.id).limit(BATCH)))

    async def _meet(self, unit: Unit, row: Any, event: EventData) -> None:
        chat_id = event.id if isinstance(event, ChatUpdated) else getattr(event, "chat_id", None)
        place = None if chat_id is None else await place_of(unit.conn, chat_id)
        if place is None:
            return
        clocks = Clocks(unit, place)
        if isinstance(event, MessageReceived):
            if event.survey_id is not None:
                # The rating of a chat that is done.
                return
            if event.from_me:
                # Written at the phone itself.
                await clocks.answered(row.created_at)
            else:
                await clocks.heard(row.created_at)
                await self._surveys.heard(unit, place, event.body)
        elif isinstance(event, MessageSent):
            if await unit.conn.scalar(select(Message.member_id).where(Message.id == event.id)) is not None:
                await clocks.answered(row.created_at)
        elif isinstance(event, ChatUpdated):
            if "done" in event.became:
                await clocks.closed(row.created_at)
                await self._surveys.closed(unit, place)
            elif _MOVED.intersection(event.became):
                await clocks.assigned()


def _concerns(event: EventData) -> bool:
    """Whether anything may come of an event, as far as it can be told without the database."""
    if isinstance(event, MessageReceived):
        return event.chat_kind == "private" and event.kind not in ("system", "reaction") and event.chat_id is not None
    if isinstance(event, MessageSent):
        return event.chat_kind == "private" and not event.campaign_id and event.chat_id is not None
    return isinstance(event, ChatUpdated) and bool(({"done"} | _MOVED).intersection(event.became))
