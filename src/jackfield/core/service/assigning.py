"""Chats that open without an assignee get one, in the transaction of the message that opened them.

So an automation, which reads events behind the intake, finds the chat assigned, and neither a repeated callback nor a crash
gives a chat away twice. What fails here costs no message: the chat stays nobody's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from ...db.bulk import among
from ..desk.hours import Calendar
from ..desk.working_hours import calendar_of
from ..ground.service_events import ChatAssigned
from ..ground.unit import Unit
from ..models import AssignmentRule, Chat, ChatAssignment, ContactTag, Tag
from .people import Agent, agents_of, choose

log = structlog.get_logger(__name__)


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """A private chat that a person's message opened; `first`: it is new."""

    workspace_id: int
    channel_id: int
    peer: str
    first: bool


async def assign(unit: Unit, openings: Sequence[Opening]) -> set[tuple[int, str]]:
    """Give away those that are nobody's; gives their channels and addresses."""
    if not openings:
        return set()
    try:
        async with unit.part():
            return await _assign(unit, openings)
    except DBAPIError:
        # Another process may be in the way, and the whole is tried again; or the database is out of reach.
        raise
    except Exception as error:
        log.error("chats could not be assigned", error=type(error).__name__)
        return set()


async def _assign(unit: Unit, openings: Sequence[Opening]) -> set[tuple[int, str]]:
    rules = await _rules(unit, {one.workspace_id for one in openings})
    mine = {(one.channel_id, one.peer): one for one in openings if one.workspace_id in rules}
    if not mine:
        return set()
    query = select(Chat.id, Chat.channel_id, Chat.peer, Chat.contact_id, Chat.department_id).where(
        among((Chat.channel_id, Chat.peer), list(mine)), Chat.assignee_id.is_(None)
    )
    chats = (await unit.conn.execute(query.order_by(Chat.id))).all()
    tags = await _tags(unit, {one.contact_id for one in chats if one.contact_id is not None}) if chats else {}
    agents: dict[int, list[Agent]] = {}
    calendars: dict[int, Calendar] = {}
    given: set[tuple[int, str]] = set()
    for row in chats:
        opening = mine[row.channel_id, row.peer]
        workspace_id = opening.workspace_id
        if workspace_id not in agents:
            agents[workspace_id] = await agents_of(unit.conn, workspace_id, unit.now)
            calendars[workspace_id] = await calendar_of(unit.conn, workspace_id)
        is_open = calendars[workspace_id].is_open(unit.now)
        for rule in rules[workspace_id]:
            if not holds(rule, row.channel_id, tags.get(row.contact_id, frozenset()), is_open, opening.first):
                continue
            agent = choose(rule, agents[workspace_id], row.department_id)
            if agent is not None:
                await _give(unit, rule, agent, row)
                given.add((row.channel_id, row.peer))
                break
    return given


async def _rules(unit: Unit, workspaces: set[int]) -> dict[int, list[AssignmentRule]]:
    """The rules that are on, by workspace, in their order. Held, so that turns and numbers of chats are right."""
    on = (AssignmentRule.workspace_id.in_(workspaces), AssignmentRule.enabled.is_(True))
    query = select(AssignmentRule).where(*on)
    if unit.conn.dialect.name == "postgresql":
        query = query.with_for_update()
    found: dict[int, list[AssignmentRule]] = {}
    # In the order of ids, so that two processes cannot wait for each other.
    for rule in sorted(await unit.session.scalars(query.order_by(AssignmentRule.id)), key=lambda one: one.place):
        found.setdefault(rule.workspace_id, []).append(rule)
    return found


async def _tags(unit: Unit, contacts: set[int]) -> dict[int, frozenset[str]]:
    query = select(ContactTag.contact_id, Tag.folded).join(Tag, Tag.id == ContactTag.tag_id)
    found: dict[int, set[str]] = {}
    for contact_id, folded in await unit.conn.execute(query.where(ContactTag.contact_id.in_(contacts))):
        found.setdefault(contact_id, set()).add(folded)
    return {one: frozenset(tags) for one, tags in found.items()}


def holds(rule: AssignmentRule, channel_id: int, tags: frozenset[str], is_open: bool, first: bool) -> bool:
    """Whether a rule is for a chat. All that it asks must hold; of channels and of tags, one."""
    asked: Mapping[str, Any] = rule.conditions
    if asked.get("channel_ids") and channel_id not in asked["channel_ids"]:
        return False
    if asked.get("tags") and tags.isdisjoint(one.casefold() for one in asked["tags"]):
        return False
    if asked.get("hours") is not None and (asked["hours"] == "open") != is_open:
        return False
    return asked.get("visit") is None or (asked["visit"] == "first") == first


async def _give(unit: Unit, rule: AssignmentRule, agent: Agent, chat: Any) -> None:
    agent.open += 1
    rule.last_member_id = agent.id
    department_id = chat.department_id if rule.department_id is None else rule.department_id
    values = {"assignee_id": agent.id, "department_id": department_id}
    await unit.conn.execute(update(Chat).where(Chat.id == chat.id).values(**values))
    await unit.conn.execute(
        insert(ChatAssignment).values(
            workspace_id=rule.workspace_id,
            chat_id=chat.id,
            member_id=agent.id,
            rule_id=rule.id,
            rule_name=rule.name,
            created_at=unit.now,
        )
    )
    told = ChatAssigned(
        chat_id=chat.id,
        peer=chat.peer,
        contact_id=chat.contact_id,
        member_id=agent.id,
        member_name=agent.name,
        rule_id=rule.id,
        rule_name=rule.name,
        timestamp=unit.now,
    )
    unit.emit(rule.workspace_id, told, chat.channel_id)
