"""What a run may wait for besides time and the person's words: something that happens to them or their chat, or that
nobody answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..ground.events import ChatUpdated, ContactUpdated, EventData, LinkClicked, MessageRead, MessageReceived
from ..ground.unit import Unit
from ..ledger import states
from ..models import AutomationRun, AutomationStep, Message
from .conditions import ChatIs, Condition, HasTag, InList
from .facts import Facts
from .occasions import Occasion
from .run import Run
from .starting import go_on
from .steps import Wait

EVENT: Final = "event"
"""What a run that waits for one `waits_for`."""
NAMED: Final = frozenset({"tag", "list", "attribute"})
"""Events that are of one name."""
TYPES: Final = frozenset(one.type for one in (ChatUpdated, ContactUpdated, LinkClicked, MessageRead, MessageReceived))
"""Types of the stored events that may end such a wait."""
HAPPENED: Final = "_event"
"""The variable of a run for which it has happened."""
_AWAITS: Final = "_awaits"


async def begin_wait(unit: Unit, run: Run, step: Wait, facts: Facts) -> tuple[dict[str, Any], bool]:
    """What to note in the run's variables, and whether it is so already."""
    awaited: dict[str, Any] = {"event": step.event}
    if step.event in NAMED:
        awaited |= {"name": (step.name or "").casefold(), "value": step.value}
    noted = {_AWAITS: awaited}
    if step.event == "read":
        last = (
            select(AutomationStep.message_id)
            .where(AutomationStep.run_id == run.id, AutomationStep.message_id.is_not(None))
            .order_by(AutomationStep.visit.desc())
            .limit(1)
        )
        awaited["message"] = await unit.conn.scalar(last)
        state = await unit.conn.scalar(select(Message.state).where(Message.id == awaited["message"]))
        return noted, state == states.READ
    name = step.name or ""
    lasting: dict[str, Condition] = {"tag": HasTag(tag=name), "list": InList(list=name), "done": ChatIs(status="done")}
    already = lasting.get(step.event or "")
    return noted, already is not None and await facts.hold([already])


def is_met(awaited: Mapping[str, Any], event: EventData) -> bool:
    """Whether an event is the one that a run waits for."""
    what, name = awaited.get("event"), awaited.get("name")
    if isinstance(event, MessageRead):
        return what == "read" and event.id == awaited.get("message")
    if isinstance(event, MessageReceived):
        return what == "ordered" and event.kind == "order"
    if isinstance(event, LinkClicked):
        return what == "link"
    if isinstance(event, ChatUpdated):
        return what == "done" and "done" in event.became and event.chat_kind == "private"
    if isinstance(event, ContactUpdated):
        changed: Iterable[str] = ()
        if what == "tag":
            changed = event.tags_added
        elif what == "list":
            changed = event.lists_added
        elif what == "attribute":
            changed = event.attributes
        return name in [one.casefold() for one in changed]
    return False


async def who_awaits(session: AsyncSession, contact_ids: Iterable[int]) -> set[int]:
    """Those of these contacts who are in a run that waits for an event."""
    ids = sorted(set(contact_ids))
    if not ids:
        return set()
    query = select(AutomationRun.contact_id).where(AutomationRun.waits_for == EVENT, AutomationRun.contact_id.in_(ids))
    return {*await session.scalars(query)}


async def wake(unit: Unit, one: Occasion, contact_id: int, facts: Facts) -> None:
    """Runs of the contact that wait for this event go on."""
    runs = AutomationRun
    waiting = (
        await unit.conn.execute(
            select(runs.id, runs.variables)
            # What happened before the wait began is not what is waited for.
            .where(runs.waits_for == EVENT, runs.contact_id == contact_id, runs.updated_at <= one.at)
            .order_by(runs.id)
        )
    ).all()
    for row in waiting:
        awaited = row.variables.get(_AWAITS) or {}
        if is_met(awaited, one.event) and await _has_value(awaited, facts):
            await go_on(unit, {**row.variables, HAPPENED: True}, runs.id == row.id)


async def _has_value(awaited: Mapping[str, Any], facts: Facts) -> bool:
    """Whether the attribute has the value that is waited for; what waits for none of it has it always."""
    wanted = awaited.get("value")
    if awaited.get("event") != "attribute" or wanted is None:
        return True
    person = await facts.person()
    found = {} if person is None else {name.casefold(): value for name, value in person.attributes.items()}
    return str(found.get(awaited["name"], "")).strip().casefold() == str(wanted).strip().casefold()


async def was_answered(unit: Unit, run: Run, trigger: Any) -> bool:
    """Whether somebody answered while silence was waited for. What automations sent is no answer of ours."""
    query = (
        select(Message.direction)
        .where(
            Message.channel_id == run.channel_id,
            Message.peer == run.peer,
            Message.kind.not_in(("reaction", "system")),
            func.coalesce(Message.source, "") != "automation",
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    last = await unit.conn.scalar(query)
    return bool(last != ("in" if trigger.by == "us" else "out"))
