"""Whom a step gives a chat to."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from ..ground.errors import Invalid
from ..ground.unit import Unit
from ..models import AutomationStep, Chat, Member
from .run import Run


async def pick_member(unit: Unit, run: Run, given: Sequence[str | int], how: str = "in_turn") -> int | None:
    """The next of these members, or the one with the fewest open chats; None where none is named. Raises Invalid."""
    members = [int(one) for one in given if str(one).isdigit()]
    if len(members) < len(given):
        raise Invalid("memberIds: there is no such member")
    if len(members) < 2:
        return members[0] if members else None
    if how == "least_busy":
        query = (
            select(Chat.assignee_id, func.count())
            .where(
                Chat.workspace_id == run.workspace_id,
                Chat.assignee_id.in_(members),
                Chat.status == "open",
                Chat.archived.is_(False),
            )
            .group_by(Chat.assignee_id)
        )
        busy = {row[0]: row[1] for row in await unit.conn.execute(query)}
        return min(members, key=lambda one: busy.get(one, 0))
    taken = select(func.count()).where(
        AutomationStep.automation_id == run.automation_id,
        AutomationStep.step == run.step,
        AutomationStep.outcome == "done",
    )
    return members[int(await unit.conn.scalar(taken) or 0) % len(members)]


async def members_of(unit: Unit, run: Run, department_id: int | None) -> list[str | int]:
    """A department's members, without those who are away; all where everybody is."""
    query = select(Member.id, Member.settings).where(
        Member.workspace_id == run.workspace_id, Member.department_id == department_id, Member.disabled.is_(False)
    )
    rows = (await unit.conn.execute(query.order_by(Member.id))).all()
    here = [row.id for row in rows if not (row.settings or {}).get("away")]
    return [*(here or [row.id for row in rows])]
