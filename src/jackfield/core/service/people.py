"""Who may get a chat: the members of a workspace, whether they are here, and how many chats they have."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import func, select

from ..models import AssignmentRule, Chat, Member, Session

HERE_MS: Final = 15 * 60_000
"""Who used the dashboard within this time is here."""


class Agent(msgspec.Struct, kw_only=True):
    """A member who may get chats; `open` counts the open private chats that they have, without those that are snoozed."""

    id: int
    name: str
    department_id: int | None
    away: bool
    here: bool
    open: int = 0

    def refusal(self, rule: AssignmentRule) -> str | None:
        """Why the rule gives them nothing now: away, offline or full; None where it may."""
        if self.away:
            return "away"
        if rule.online_only and not self.here:
            return "offline"
        return "full" if rule.max_open is not None and self.open >= rule.max_open else None


async def agents_of(reads: Any, workspace_id: int, now: int) -> list[Agent]:
    """The members who can log in, by id."""
    used = select(func.max(Session.last_used_at)).where(Session.member_id == Member.id, Session.expires_at > now)
    query = (
        select(
            Member.id,
            Member.first_name,
            Member.last_name,
            Member.email,
            Member.department_id,
            Member.settings,
            used.scalar_subquery().label("used"),
        )
        .where(Member.workspace_id == workspace_id, Member.disabled.is_(False))
        .order_by(Member.id)
    )
    found = [
        Agent(
            id=row.id,
            name=f"{row.first_name} {row.last_name}".strip() or row.email,
            department_id=row.department_id,
            away=bool((row.settings or {}).get("away")),
            here=(row.used or 0) > now - HERE_MS,
        )
        for row in await reads.execute(query)
    ]
    counts = await _open_chats(reads, [one.id for one in found], now)
    for one in found:
        one.open = counts.get(one.id, 0)
    return found


async def _open_chats(reads: Any, member_ids: Collection[int], now: int) -> dict[int, int]:
    query = (
        select(Chat.assignee_id, func.count())
        .where(
            Chat.assignee_id.in_(member_ids),
            Chat.status == "open",
            Chat.kind == "private",
            Chat.archived.is_(False),
            Chat.snoozed_until <= now,
        )
        .group_by(Chat.assignee_id)
    )
    return {row[0]: int(row[1]) for row in await reads.execute(query)}


def candidates(rule: AssignmentRule, agents: Sequence[Agent], team: int | None = None) -> list[Agent]:
    """Whom the rule means, in the order of their turns: after whoever had the last one. `team` is the chat's own: a rule of
    another one means nobody, and one that is for everybody means its members."""
    if team is not None and rule.department_id not in (None, team):
        return []
    department_id = team if rule.department_id is None else rule.department_id
    by_id = {one.id: one for one in agents}
    if rule.member_ids:
        meant = [by_id[id_] for id_ in rule.member_ids if id_ in by_id]
    elif department_id is not None:
        meant = [one for one in agents if one.department_id == department_id]
    else:
        meant = [*agents]
    ids = [one.id for one in meant]
    start = ids.index(rule.last_member_id) + 1 if rule.last_member_id in ids else 0
    return meant[start:] + meant[:start]


def choose(rule: AssignmentRule, agents: Sequence[Agent], team: int | None = None) -> Agent | None:
    """Whose turn it is for a chat of a team, or of none; None where nobody of those whom the rule means may get a chat now."""
    free = [one for one in candidates(rule, agents, team) if one.refusal(rule) is None]
    if rule.how == "least_busy":
        # Of several with as few chats, the one whose turn it is.
        return min(free, key=lambda one: one.open, default=None)
    return free[0] if free else None
