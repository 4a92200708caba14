"""Automations that a time table starts: at each of its times everybody whom it is for comes in, a few in each transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import delete, func, select, update

from ...db.base import now_ms
from ..contacts.consent.may_send import Consent
from ..ground.store import Store
from ..ground.unit import Unit
from ..models import (
    Automation,
    AutomationPosition,
    Contact,
    ContactList,
    ContactListMember,
    ContactTag,
    Tag,
)
from ..port import Networks
from .document import Document, OnSchedule
from .facts import Facts
from .hours import next_time
from .rulebook import Rulebook
from .starting import begin

BATCH: Final = 50
"""People of one transaction."""
MAX_LATE_MS: Final = 6 * 3_600_000
"""How long after its time one is made up for."""
_NEXT: Final = select(func.min(Automation.next_at)).where(Automation.next_at.is_not(None))


def first_time(document: Document, enabled: bool, now: int) -> int | None:
    """When an automation is started next by its time table (Unix ms); None for one that has none, or is off."""
    trigger = document.trigger
    if not enabled or not isinstance(trigger, OnSchedule):
        return None
    return next_time(now, trigger.times, trigger.days, trigger.zone)


class Schedules:
    """The service. How far a time has come is a row (`automation_positions`), which commits with the runs that it starts."""

    def __init__(
        self,
        store: Store,
        networks: Networks,
        consent: Consent,
        rulebook: Rulebook,
        now: Callable[[], int] = now_ms,
    ) -> None:
        self._store = store
        self._networks = networks
        self._consent = consent
        self._rulebook = rulebook
        self._now = now

    async def step(self) -> int | None:
        """Start what is due, for the next people. Gives when something is due next (Unix ms; a time that is over when there is
        more to do now), None for never."""
        async with self._store.db.read() as session:
            due: int | None = await session.scalar(_NEXT)
        now = self._now()
        if due is None or due > now:
            return due
        async with self._store.unit() as unit:
            query = select(Automation).where(Automation.next_at <= now).order_by(Automation.next_at, Automation.id)
            if unit.conn.dialect.name == "postgresql":
                query = query.with_for_update(skip_locked=True)
            row = await unit.session.scalar(query.limit(1))
            if row is not None:
                await self._begin(unit, row, now)
            await unit.session.flush()
            next_due: int | None = await unit.conn.scalar(_NEXT)
        return next_due

    async def _begin(self, unit: Unit, row: Automation, now: int) -> None:
        rule = self._rulebook.rule(row)
        trigger = rule.document.trigger
        assert row.next_at is not None
        position = f"schedule:{row.id}:{row.next_at}"
        people: list[int] = []
        if isinstance(trigger, OnSchedule) and row.rest_reason is None and row.next_at > now - MAX_LATE_MS:
            after = await unit.conn.scalar(
                select(AutomationPosition.event_id).where(AutomationPosition.name == position)
            )
            people = await _people(unit, row.workspace_id, trigger, int(after or 0))
        for contact_id in people:
            facts = Facts(
                unit.conn,
                self._networks,
                self._consent,
                workspace_id=row.workspace_id,
                contact_id=contact_id,
                channel_id=None,
                peer=None,
                variables={},
                now=unit.now,
            )
            if await facts.hold(rule.document.conditions):
                await begin(unit, rule, contact_id)
        if len(people) == BATCH:
            reached = unit.upsert(AutomationPosition).values(name=position, event_id=people[-1])
            await unit.conn.execute(
                reached.on_conflict_do_update(index_elements=["name"], set_={"event_id": people[-1]})
            )
            return
        await unit.conn.execute(delete(AutomationPosition).where(AutomationPosition.name == position))
        await unit.conn.execute(
            update(Automation)
            .where(Automation.id == row.id)
            .values(next_at=first_time(rule.document, row.enabled, now))
        )


async def _people(unit: Unit, workspace_id: int, trigger: OnSchedule, after: int) -> list[int]:
    """The next contacts whom a time table is for, by id."""
    query: Any
    if trigger.list is not None:
        query = (
            select(ContactListMember.contact_id.label("id"))
            .join(ContactList, ContactList.id == ContactListMember.list_id)
            .where(ContactList.workspace_id == workspace_id, ContactList.folded == trigger.list.casefold())
        )
        column: Any = ContactListMember.contact_id
    else:
        query = (
            select(ContactTag.contact_id.label("id"))
            .join(Tag, Tag.id == ContactTag.tag_id)
            .where(Tag.workspace_id == workspace_id, Tag.folded == (trigger.tag or "").casefold())
        )
        column = ContactTag.contact_id
    query = query.join(Contact, Contact.id == column).where(column > after).order_by(column).limit(BATCH)
    return [int(one) for one in (await unit.conn.execute(query)).scalars()]
