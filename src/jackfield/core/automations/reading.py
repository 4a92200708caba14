"""Events are read behind the intake, from their table with a position: what the intake stores waits for no rule, and no event
is missed after a crash. An event meets an automation once (`automation_matches`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import func, or_, select, update

from ..contacts.consent.may_send import Consent
from ..ground.events import (
    ContactOptedOut,
    ContactUpdated,
    EventData,
    MessageReceived,
    load,
)
from ..ground.store import Store
from ..ground.unit import Unit
from ..models import AutomationMatch, AutomationPosition, AutomationRun, Chat, Event, Message
from ..port import Networks
from .active import ActiveRules
from .document import OnMessage, OnSilence
from .facts import Facts
from .matching import Rule, Rules, is_from_person, text_of
from .starting import RUNS, begin, end_runs
from .states import RUNNING

BATCH: Final = 200
"""Events of one transaction."""
OVERLAP: Final = 1000
"""Ids that are looked at once more on PostgreSQL, where a transaction may commit after a later one."""
KEEP_AFTER: Final = 2000
"""The position is stored after so many ids in any case."""
_POSITION: Final = "events"
DAY_MS: Final = 86_400_000


class _Read(msgspec.Struct):
    id: int
    workspace_id: int
    channel_id: int | None
    created_at: int
    event: EventData


class EventReader:
    """The service that reads. One object for each process."""

    def __init__(self, store: Store, networks: Networks, consent: Consent) -> None:
        self._store = store
        self._networks = networks
        self._consent = consent
        self._active = ActiveRules()
        self._at: int | None = None
        self._kept = 0
        self._seen: set[int] = set()
        self.types: set[str] | None = None
        """Types of events that are of interest now; None: not known yet."""

    async def step(self) -> bool:
        """Read the next events. Gives whether more may be left."""
        kept: int | None = None
        async with self._store.db.read() as session:
            rules = await self._active.load(session)
            newest = int(await session.scalar(select(func.max(Event.id))) or 0)
            if self._at is None or not self._store.db.is_sqlite:
                kept = await session.scalar(
                    select(AutomationPosition.event_id).where(AutomationPosition.name == _POSITION)
                )
            if self._at is not None and not self._store.db.is_sqlite and kept is not None:
                # Another process may have read on.
                self._at = max(self._at, min(int(kept), newest))
            if self._at is None:
                # The first time there is nothing to be made up for.
                self._at = self._kept = newest if kept is None else min(int(kept), newest)
                if kept is None:
                    self._kept = -1
            waiting = await session.scalar(
                select(AutomationRun.id).where(AutomationRun.waits_for.is_not(None)).limit(1)
            )
            types = {type_ for one in rules.values() for type_ in one.types}
            if waiting is not None:
                types.add(MessageReceived.type)
            self.types = types
            found = await self._next(session, types, newest) if types else []
        last = found[-1].id if len(found) == BATCH else newest
        candidates = [
            (one, rules[one.workspace_id] if one.workspace_id in rules else Rules([]))
            for one in found
            if one.id not in self._seen
        ]
        concerned = [(one, mine) for one, mine in candidates if self._concerns(one, mine)]
        if concerned or last - self._kept >= KEEP_AFTER or self._kept < 0:
            async with self._store.unit() as unit:
                if not await self._hold(unit):
                    return False
                for one, mine in concerned:
                    await self._meet(unit, one, mine)
                await self._keep(unit, last)
            self._kept = last
        if not self._store.db.is_sqlite:
            self._seen = {one for one in self._seen if one > last - OVERLAP} | {one.id for one in found}
        self._at = max(self._at, last)
        return last < newest

    async def _next(self, session: Any, types: set[str], newest: int) -> list[_Read]:
        begin_at = self._at or 0
        if not self._store.db.is_sqlite:
            begin_at = max(0, begin_at - OVERLAP)
        columns = (Event.id, Event.workspace_id, Event.channel_id, Event.type, Event.data, Event.created_at)
        query = select(*columns).where(Event.id > begin_at, Event.id <= newest, Event.type.in_(sorted(types)))
        if self._seen:
            query = query.where(or_(Event.id > (self._at or 0), Event.id.not_in(sorted(self._seen))))
        rows = await session.execute(query.order_by(Event.id).limit(BATCH))
        return [
            _Read(
                id=row.id,
                workspace_id=row.workspace_id,
                channel_id=row.channel_id,
                created_at=row.created_at,
                event=load(row.type, row.data),
            )
            for row in rows
        ]

    @staticmethod
    def _concerns(one: _Read, rules: Rules) -> bool:
        """Whether anything may come of an event, as far as it can be told without the database."""
        if isinstance(one.event, MessageReceived):
            return is_from_person(one.event)
        if isinstance(one.event, ContactOptedOut | ContactUpdated):
            return True
        return bool(rules.matching(one.event))

    async def _hold(self, unit: Unit) -> bool:
        """Take the position, so that one process reads at a time. Gives whether it was free."""
        await unit.conn.execute(
            unit.upsert(AutomationPosition).values(name=_POSITION, event_id=self._at or 0).on_conflict_do_nothing()
        )
        query = select(AutomationPosition.event_id).where(AutomationPosition.name == _POSITION)
        if unit.conn.dialect.name == "postgresql":
            query = query.with_for_update(skip_locked=True)
        return (await unit.conn.execute(query)).first() is not None

    async def _keep(self, unit: Unit, at: int) -> None:
        row = unit.upsert(AutomationPosition).values(name=_POSITION, event_id=at)
        await unit.conn.execute(
            row.on_conflict_do_update(
                index_elements=["name"], set_={"event_id": at}, where=AutomationPosition.event_id < at
            )
        )

    # -- one event -----------------------------------------------------------------------------------

    async def _meet(self, unit: Unit, one: _Read, rules: Rules) -> None:
        event = one.event
        contact_id, channel_id, peer = await self._who(unit, one)
        if contact_id is None:
            return
        answered: set[int] = set()
        if isinstance(event, MessageReceived):
            woken, answered = await self._answers(unit, one, event)
            # What a step waits for is no goal: the run goes on with it.
            goals = [id_ for id_ in rules.goals_replied if id_ not in woken]
            if goals:
                await self._reach(unit, one, contact_id, goals, "replied")
        elif isinstance(event, ContactOptedOut) and rules.sequences:
            await self._reach(unit, one, contact_id, rules.sequences, "refused")
        elif isinstance(event, ContactUpdated) and event.tags_added:
            ended = [id_ for tag in event.tags_added for id_ in rules.goals_tagged.get(tag.casefold(), ())]
            if ended:
                await self._reach(unit, one, contact_id, ended, "tagged")
        if answered:
            # What answers a question of ours is no new request.
            return
        for rule in rules.matching(event):
            # An event from before the automation was on does not concern it.
            if one.created_at < rule.enabled_at or not await _first_time(unit, one.id, rule.id):
                continue
            await self._start(unit, one, rule, contact_id, channel_id, peer)

    async def _who(self, unit: Unit, one: _Read) -> tuple[int | None, int | None, str | None]:
        """Whom an event is about, and where they are."""
        event: Any = one.event
        if event.type.startswith("contact."):
            contact_id = getattr(event, "contact_id", None) or getattr(event, "id", None)
            return contact_id, None, None
        if event.contact_id is None and event.chat_id is not None:
            found = await unit.conn.scalar(select(Chat.contact_id).where(Chat.id == event.chat_id))
            return found, one.channel_id, event.peer
        return event.contact_id, one.channel_id, event.peer

    async def _answers(self, unit: Unit, one: _Read, event: MessageReceived) -> tuple[set[int], set[int]]:
        """Runs that wait for this person to write go on. Gives their automations, and those of them that asked something."""
        runs = AutomationRun
        waiting = (
            await unit.conn.execute(
                select(runs.id, runs.automation_id, runs.waits_for, runs.variables)
                .where(
                    runs.channel_id == one.channel_id,
                    runs.peer == event.peer,
                    runs.waits_for.in_(("answer", "reply")),
                    # What was written before the question is no answer to it.
                    runs.updated_at <= one.created_at,
                )
                .order_by(runs.id)
            )
        ).all()
        woken, answered = set(), set()
        for row in waiting:
            if not await _first_time(unit, one.id, row.automation_id):
                continue
            said = {
                "text": text_of(event)[:4096],
                "id": str(event.content.get("id") or ""),
                "kind": event.kind,
            }
            await unit.conn.execute(
                update(runs)
                .where(runs.id == row.id)
                .values(
                    state=RUNNING,
                    waits_for=None,
                    due_at=unit.now,
                    updated_at=unit.now,
                    variables={**row.variables, "_reply": said},
                )
            )
            unit.notify(RUNS)
            woken.add(row.automation_id)
            if row.waits_for == "answer":
                answered.add(row.automation_id)
        return woken, answered

    @staticmethod
    async def _reach(unit: Unit, one: _Read, contact_id: int, automation_ids: Sequence[int], reason: str) -> None:
        """A goal is reached: the person leaves these automations, if they were in them before the event."""
        await end_runs(
            unit,
            reason,
            AutomationRun.automation_id.in_(automation_ids),
            AutomationRun.contact_id == contact_id,
            AutomationRun.created_at <= one.created_at,
        )

    async def _start(
        self, unit: Unit, one: _Read, rule: Rule, contact_id: int, channel_id: int | None, peer: str | None
    ) -> None:
        trigger, event = rule.document.trigger, one.event
        asks_first = isinstance(trigger, OnMessage) and trigger.first is not None
        if (
            asks_first
            and isinstance(event, MessageReceived)
            and not await is_first(unit.conn, one.channel_id, event, trigger)
        ):
            return
        variables = {"message": text_of(event)[:4096]} if isinstance(event, MessageReceived) else {}
        facts = Facts(
            unit.conn,
            self._networks,
            self._consent,
            workspace_id=one.workspace_id,
            contact_id=contact_id,
            channel_id=channel_id,
            peer=peer,
            variables=variables,
            now=unit.now,
        )
        if await facts.person() is None or not await facts.hold(rule.document.conditions):
            return
        silence = trigger.minutes * 60_000 if isinstance(trigger, OnSilence) else None
        await begin(
            unit,
            rule,
            contact_id,
            channel_id=channel_id,
            peer=peer,
            variables=variables,
            due_at=None if silence is None else one.created_at + silence,
            waits_for=None if silence is None else "silence",
        )


async def _first_time(unit: Unit, event_id: int, automation_id: int) -> bool:
    """Whether the event meets the automation for the first time; noted so that it does not again."""
    made = (
        unit.upsert(AutomationMatch)
        .values(event_id=event_id, automation_id=automation_id)
        .on_conflict_do_nothing()
        .returning(AutomationMatch.event_id)
    )
    return (await unit.conn.execute(made)).first() is not None


async def is_first(reads: Any, channel_id: int | None, event: MessageReceived, trigger: Any) -> bool:
    """Whether the person's message is their first in this chat, ever or in some days."""
    query = (
        select(Message.sent_at, Message.created_at)
        .where(
            Message.channel_id == channel_id,
            Message.peer == event.peer,
            Message.id < event.id,
            Message.direction == "in",
            Message.kind.not_in(("reaction", "system")),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    last = (await reads.execute(query)).first()
    if last is None:
        return True
    return bool(trigger.first == "days" and (last.sent_at or last.created_at) < event.timestamp - trigger.days * DAY_MS)
