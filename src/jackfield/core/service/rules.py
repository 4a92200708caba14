"""`Assignments`: the rules of a workspace, in their order, and what they did."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from ...db.base import now_ms
from ..accounts.audit import Audit
from ..accounts.principal import Principal
from ..ground import fields
from ..ground.listing import page_by_id
from ..ground.ownership import chat_of
from ..ground.paging import Page
from ..ground.store import Store
from ..ground.views import view_of
from ..models import AssignmentRule, Channel, ChatAssignment, Department, Member
from .people import Agent, agents_of, candidates, choose

MAX_RULES: Final = 50
HOW: Final = ("round_robin", "least_busy")


class RuleInput(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as it is given; `id` of one that is there already, else it is new.

    For chats on one of `channel_ids`, of people with one of `tags`, while the workspace is `hours` (open or closed), and at
    the first `visit` or again; what is empty asks nothing. To one of `member_ids`, or of the department, else of
    everybody.
    """

    id: int | None = None
    name: str
    enabled: bool = True
    channel_ids: Sequence[int] = ()
    tags: Sequence[str] = ()
    hours: str | None = None
    visit: str | None = None
    how: str = "round_robin"
    member_ids: Sequence[int] = ()
    department_id: int | None = None
    online_only: bool = False
    max_open: int | None = None


class RuleView(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as it is kept."""

    id: int
    name: str
    enabled: bool
    channel_ids: list[int]
    tags: list[str]
    hours: str | None
    visit: str | None
    how: str
    member_ids: list[int]
    department_id: int | None
    online_only: bool
    max_open: int | None


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom a rule means: how many open chats they have, and why they would get none now (away, offline, full)."""

    member_id: int
    name: str
    open: int
    refusal: str | None


class NextView(msgspec.Struct, frozen=True, kw_only=True):
    """Who would get a chat by this rule now; None for nobody."""

    rule_id: int
    member_id: int | None
    candidates: list[Candidate]


class ChatAssignmentView(msgspec.Struct, frozen=True, kw_only=True):
    """That a rule gave a chat to a member (None: who is gone); `created_at` in Unix ms."""

    id: int
    chat_id: int
    member_id: int | None
    rule_id: int
    rule_name: str
    created_at: int


class Assignments:
    """The service."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._audit = Audit(store)

    async def rules(self, workspace_id: int) -> list[RuleView]:
        """The rules in their order: the first that fits and finds somebody gives the chat away."""
        async with self._store.db.read() as session:
            return [_view(one) for one in await _rows(session, workspace_id)]

    async def put(
        self, workspace_id: int, rules: Sequence[RuleInput], *, by: Principal | None = None, ip: str | None = None
    ) -> list[RuleView]:
        """Set all rules; one that is left out is gone. Raises Invalid, by the place of the rule."""
        if len(rules) > MAX_RULES:
            raise fields.refuse("rules", f"Must have at most {MAX_RULES} items.")
        async with self._store.unit() as unit:
            known = {one.id: one for one in await _rows(unit.session, workspace_id)}
            checks = await _checks(unit.session, workspace_id)
            kept: set[int] = set()
            for place, given in enumerate(rules):
                row = known.get(given.id) if given.id is not None else None
                if given.id is not None and (row is None or row.id in kept):
                    raise fields.refuse(f"rules.{place}.id", "There is no such rule, or it is named twice.")
                values = _checked(f"rules.{place}", given, *_with_gone(checks, row))
                if row is None:
                    row = AssignmentRule(workspace_id=workspace_id, created_at=unit.now)
                    unit.session.add(row)
                for name, value in values.items():
                    setattr(row, name, value)
                row.place, row.updated_at = place, unit.now
                await unit.session.flush()
                kept.add(row.id)
            gone = known.keys() - kept
            await unit.session.execute(delete(AssignmentRule).where(AssignmentRule.id.in_(gone)))
            told = {"rules": len(rules), "removed": len(gone)}
            actor = "system" if by is None else by.actor
            await self._audit.record(
                unit, workspace_id, actor, "assignment_rules.changed", f"workspace:{workspace_id}", ip, told
            )
            return [_view(one) for one in await _rows(unit.session, workspace_id)]

    async def next(self, workspace_id: int) -> list[NextView]:
        """Who would get the next chat by each rule, whatever else it asks."""
        async with self._store.db.read() as session:
            rows = await _rows(session, workspace_id)
            agents = await agents_of(session, workspace_id, now_ms()) if rows else []
        return [_next(one, agents) for one in rows]

    async def history(
        self, workspace_id: int, chat_id: int, *, limit: int = 50, cursor: str | None = None
    ) -> Page[ChatAssignmentView]:
        """What rules did with a chat, newest first. Raises NotFound."""
        query = select(ChatAssignment).where(ChatAssignment.chat_id == fields.row_id(chat_id))
        async with self._store.db.read() as session:
            await chat_of(session, workspace_id, chat_id)
            return await page_by_id(
                session, query, ChatAssignment.id, partial(view_of, ChatAssignmentView), limit=limit, cursor=cursor
            )


async def _rows(session: AsyncSession, workspace_id: int) -> Sequence[AssignmentRule]:
    query = select(AssignmentRule).where(AssignmentRule.workspace_id == workspace_id)
    return (await session.scalars(query.order_by(AssignmentRule.place, AssignmentRule.id))).all()


async def _checks(session: AsyncSession, workspace_id: int) -> tuple[set[int], set[int], set[int]]:
    """The ids of the workspace's channels, members and departments."""
    found = [
        set(await session.scalars(select(model.id).where(model.workspace_id == workspace_id)))
        for model in (Channel, Member, Department)
    ]
    return found[0], found[1], found[2]


def _with_gone(
    known: tuple[set[int], set[int], set[int]], row: AssignmentRule | None
) -> tuple[set[int], set[int], set[int]]:
    """With those that a rule names already, who may be gone by now: they do not keep it from being changed."""
    if row is None:
        return known
    channels, members, departments = known
    named = set() if row.department_id is None else {row.department_id}
    return channels | set(row.conditions["channel_ids"]), members | set(row.member_ids), departments | named


def _checked(at: str, given: RuleInput, channels: set[int], members: set[int], departments: set[int]) -> dict[str, Any]:
    """The columns of a rule. Raises Invalid."""
    for name, ids, known, noun in (
        ("profileIds", given.channel_ids, channels, "channel"),
        ("memberIds", given.member_ids, members, "member"),
    ):
        for place, one in enumerate(ids):
            if one not in known:
                raise fields.refuse(f"{at}.{name}.{place}", f"There is no such {noun}.")
    if given.department_id is not None and given.department_id not in departments:
        raise fields.refuse(f"{at}.departmentId", "There is no such department.")
    if given.department_id is not None and given.member_ids:
        raise fields.refuse(f"{at}.memberIds", "Give members or a department, not both.")
    if given.max_open is not None and not 1 <= given.max_open <= 1000:
        raise fields.refuse(f"{at}.maxOpen", "Must be from 1 to 1000.")
    if given.hours is not None:
        fields.choice(f"{at}.hours", given.hours, ("open", "closed"))
    if given.visit is not None:
        fields.choice(f"{at}.visit", given.visit, ("first", "again"))
    return {
        "name": fields.text(f"{at}.name", given.name, maximum=100),
        "enabled": given.enabled,
        "conditions": {
            "channel_ids": list(dict.fromkeys(given.channel_ids)),
            "tags": fields.names(f"{at}.tags", given.tags),
            "hours": given.hours,
            "visit": given.visit,
        },
        "how": fields.choice(f"{at}.how", given.how, HOW),
        "member_ids": list(dict.fromkeys(given.member_ids)),
        "department_id": given.department_id,
        "online_only": given.online_only,
        "max_open": given.max_open,
    }


def _view(row: AssignmentRule) -> RuleView:
    return RuleView(
        id=row.id,
        name=row.name,
        enabled=row.enabled,
        **row.conditions,
        how=row.how,
        member_ids=list(row.member_ids),
        department_id=row.department_id,
        online_only=row.online_only,
        max_open=row.max_open,
    )


def _next(rule: AssignmentRule, agents: Sequence[Agent]) -> NextView:
    chosen = choose(rule, agents)
    return NextView(
        rule_id=rule.id,
        member_id=None if chosen is None else chosen.id,
        candidates=[
            Candidate(member_id=one.id, name=one.name, open=one.open, refusal=one.refusal(rule))
            for one in candidates(rule, agents)
        ],
    )
