"""Events are read behind the intake, from their table with a position: what the intake stores waits for no rule, and no event
is missed, neither after a crash nor when it commits after a later one. An event meets an automation once
(`automation_matches`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..contacts.consent.may_send import Consent
from ..ground.commit_order import CommitOrder
from ..ground.events import ContactOptedOut, ContactUpdated, MessageReceived
from ..ground.position import EventPosition, keep_position
from ..ground.store import Store
from ..ground.unit import Unit
from ..models import AutomationMatch, AutomationRun, Event
from ..port import Networks
from . import awaiting, tagging
from .active import ActiveRules
from .conditions import number_of
from .document import OnSilence
from .facts import Facts
from .matching import Rule, Rules, is_from_person, text_of
from .occasions import COLUMNS, MAX_TEXT, Occasion
from .rulebook import Rulebook
from .starting import begin, end_runs, go_on

BATCH: Final = 200
"""Events of one transaction."""
_POSITION: Final = "events"


class EventReader:
    """The service that reads. One object for each process."""

    def __init__(self, store: Store, networks: Networks, consent: Consent, rulebook: Rulebook) -> None:
        self._store = store
        self._networks = networks
        self._consent = consent
        self._active = ActiveRules(rulebook)
        self._order = CommitOrder(store.db, Event)
        self._position = EventPosition(store, _POSITION)
        self._awaiting: set[int] = set()
        """Contacts of the events at hand for whom a run waits for one."""
        self.types: set[str] | None = None
        """Types of events that are of interest now; None: not known yet."""

    @property
    def waits(self) -> bool:
        """Whether there are events that others may still come before."""
        return self._order.waits

    async def step(self) -> bool:
        """Read the next events. Gives whether more may be left."""
        async with self._store.db.read() as session:
            rules = await self._active.load(session)
            at = await self._position.find(session)
            waiting = await session.scalar(
                select(AutomationRun.id).where(AutomationRun.waits_for.is_not(None)).limit(1)
            )
            awaited = await session.scalar(
                select(AutomationRun.id).where(AutomationRun.waits_for == awaiting.EVENT).limit(1)
            )
            types = {type_ for one in rules.values() for type_ in one.types}
            if waiting is not None:
                types.add(MessageReceived.type)
            if awaited is not None:
                types |= awaiting.TYPES
            self.types = types
            reached = await self._order.reach(session, at)
            found = await self._next(session, types, at, reached) if types else []
            asked = [id_ for one in found if (id_ := one.contact_told) is not None] if awaited is not None else []
            self._awaiting = await awaiting.who_awaits(session, asked)
        last = found[-1].id if len(found) == BATCH else reached
        pairs = [(one, rules[one.workspace_id] if one.workspace_id in rules else Rules([])) for one in found]
        concerned = [(one, mine) for one, mine in pairs if self._concerns(one, mine)]
        if concerned or self._position.is_due(last):
            async with self._store.unit() as unit:
                if not await self._position.hold(unit):
                    return False
                for one, mine in concerned:
                    await self._meet(unit, one, mine)
                await keep_position(unit, _POSITION, last)
            self._position.kept = last
        self._position.at = last
        # On PostgreSQL there may be more behind what was reached.
        return last < reached or (last > at and not self._store.db.is_sqlite)

    @staticmethod
    async def _next(session: AsyncSession, types: set[str], at: int, reached: int) -> list[Occasion]:
        query = select(*COLUMNS).where(Event.id > at, Event.id <= reached, Event.type.in_(sorted(types)))
        return [Occasion.of(row) for row in await session.execute(query.order_by(Event.id).limit(BATCH))]

    def _concerns(self, one: Occasion, rules: Rules) -> bool:
        """Whether anything may come of an event, as far as it can be told without the database."""
        if isinstance(one.event, MessageReceived):
            return is_from_person(one.event)
        if one.contact_told in self._awaiting:
            return True
        if isinstance(one.event, ContactOptedOut | ContactUpdated):
            return True
        return bool(rules.matching(one.event))

    # -- one event -----------------------------------------------------------------------------------

    async def _meet(self, unit: Unit, one: Occasion, rules: Rules) -> None:
        event = one.event
        contact_id = await one.contact(unit.conn)
        if contact_id is None:
            return
        answered: set[int] = set()
        if contact_id in self._awaiting:
            await awaiting.wake(unit, one, contact_id, self._facts(unit, one, contact_id))
        if isinstance(event, MessageReceived):
            await self._tag(unit, one, event, contact_id, rules)
            woken, answered = await self._answers(unit, one, event)
            # What a step waits for is no goal: the run goes on with it.
            goals = [id_ for id_ in rules.goals_replied if id_ not in woken]
            if goals:
                await self._reach(unit, one, contact_id, goals, "replied")
            if event.kind == "order" and rules.goals_ordered:
                await self._reach(unit, one, contact_id, rules.goals_ordered, "ordered")
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
            if one.at < rule.enabled_at or not await _first_time(unit, one.id, rule.id):
                continue
            await self._start(unit, one, rule, contact_id)

    def _facts(self, unit: Unit, one: Occasion, contact_id: int) -> Facts:
        return Facts(
            unit.conn,
            self._networks,
            self._consent,
            workspace_id=one.workspace_id,
            contact_id=contact_id,
            channel_id=one.channel_id,
            peer=one.peer,
            variables={},
            now=unit.now,
        )

    @staticmethod
    async def _tag(unit: Unit, one: Occasion, event: MessageReceived, contact_id: int, rules: Rules) -> None:
        """The tags that a message gives by itself."""
        given = [
            rule
            for rule in rules.tagging(event)
            if one.at >= rule.enabled_at and await one.is_first_of(unit.conn, rule.document.trigger)
        ]
        if given:
            await tagging.give(unit, one.workspace_id, contact_id, given)

    async def _answers(self, unit: Unit, one: Occasion, event: MessageReceived) -> tuple[set[int], set[int]]:
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
                    runs.updated_at <= one.at,
                )
                .order_by(runs.id)
            )
        ).all()
        woken, answered = set(), set()
        for row in waiting:
            if not await _first_time(unit, one.id, row.automation_id):
                continue
            said = {
                "text": text_of(event)[:MAX_TEXT],
                "id": str(event.content.get("id") or ""),
                "kind": event.kind,
            }
            await go_on(unit, {**row.variables, "_reply": said}, runs.id == row.id)
            woken.add(row.automation_id)
            if row.waits_for == "answer":
                answered.add(row.automation_id)
        return woken, answered

    @staticmethod
    async def _reach(unit: Unit, one: Occasion, contact_id: int, automation_ids: Sequence[int], reason: str) -> None:
        """A goal is reached: the person leaves these automations, if they were in them before the event."""
        await end_runs(
            unit,
            reason,
            AutomationRun.automation_id.in_(automation_ids),
            AutomationRun.contact_id == contact_id,
            AutomationRun.created_at <= one.at,
        )

    async def _start(self, unit: Unit, one: Occasion, rule: Rule, contact_id: int) -> None:
        facts = await one.admits(
            unit.conn, rule, contact_id, networks=self._networks, consent=self._consent, now=unit.now
        )
        if facts is None:
            return
        trigger = rule.document.trigger
        due_at = None
        if isinstance(trigger, OnSilence):
            due_at = await _silent_at(one, trigger, facts)
            if due_at is None:
                return
        await begin(
            unit,
            rule,
            contact_id,
            channel_id=facts.channel_id,
            peer=facts.peer,
            variables=facts.variables,
            due_at=due_at,
            waits_for=None if due_at is None else "silence",
        )


async def _silent_at(one: Occasion, trigger: OnSilence, facts: Facts) -> int | None:
    """When it has been silent for long enough after a message (Unix ms); None for never: there are no working hours."""
    if not trigger.while_open:
        return one.at + trigger.minutes * 60_000
    calendar = await facts.calendar(number_of(trigger.department_id))
    return calendar.add(one.at, trigger.minutes * 60_000)


async def _first_time(unit: Unit, event_id: int, automation_id: int) -> bool:
    """Whether the event meets the automation for the first time; noted so that it does not again."""
    made = (
        unit.upsert(AutomationMatch)
        .values(event_id=event_id, automation_id=automation_id)
        .on_conflict_do_nothing()
        .returning(AutomationMatch.event_id)
    )
    return (await unit.conn.execute(made)).first() is not None
