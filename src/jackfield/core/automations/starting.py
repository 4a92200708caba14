"""People come into an automation: at most one run each at a time, and again only when its limits say so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select, update

from ..desk.working_hours import calendar_of
from ..ground.unit import Unit
from ..models import AutomationRest, AutomationRun, Chat
from .document import department_of
from .matching import Rule
from .states import LIVE, RUNNING, STOPPED, WAITING

RUNS: Final = "automation-runs"
"""Topic of the bus: a run is due."""
MAX_STARTS: Final = 30
"""How often somebody may come into one automation within an hour: what starts itself in a circle ends here."""
HOUR_MS: Final = 3_600_000


async def go_on(unit: Unit, variables: Mapping[str, Any], *where: Any) -> None:
    """Let a run that waits go on at once, with these variables."""
    values = {
        "state": RUNNING,
        "waits_for": None,
        "due_at": unit.now,
        "updated_at": unit.now,
        "variables": {**variables},
    }
    await unit.conn.execute(update(AutomationRun).where(*where).values(**values))
    unit.notify(RUNS)


async def begin(
    unit: Unit,
    rule: Rule,
    contact_id: int,
    *,
    channel_id: int | None = None,
    peer: str | None = None,
    variables: Mapping[str, Any] | None = None,
    due_at: int | None = None,
    waits_for: str | None = None,
) -> tuple[int | None, str | None]:
    """Start a run; gives its id, or None and why there is none: `running` (the person is in it), `again` (they were in it,
    and may not come again yet), `too_often` (a circle), `full` (as many as may today), `resting` (a person has the
    chat)."""
    limits = rule.document.limits
    last = (
        await unit.conn.execute(
            select(AutomationRun.created_at, AutomationRun.state)
            .where(AutomationRun.contact_id == contact_id, AutomationRun.automation_id == rule.id)
            .order_by(AutomationRun.created_at.desc(), AutomationRun.id.desc())
            .limit(MAX_STARTS)
        )
    ).all()
    if any(row.state in LIVE for row in last[:1]):
        return None, "running"
    if last:
        again = limits.again_after_hours
        pause = max((again or 0) * HOUR_MS, limits.again_after_seconds * 1000)
        if again is None or last[0].created_at > unit.now - pause:
            return None, "again"
        if len(last) == MAX_STARTS and last[-1].created_at > unit.now - HOUR_MS:
            return None, "too_often"
    if limits.once_while_closed and last and await _came_while_closed(unit, rule, contact_id, channel_id, peer):
        return None, "again"
    if limits.starts_per_day is not None:
        runs = AutomationRun
        mine = select(runs.created_at).where(runs.automation_id == rule.id).order_by(runs.id.desc())
        oldest = await unit.conn.scalar(mine.offset(limits.starts_per_day - 1).limit(1))
        if oldest is not None and oldest > unit.now - 24 * HOUR_MS:
            return None, "full"
    if await rests_until(unit.conn, channel_id, peer, unit.now):
        return None, "resting"
    row = {
        "workspace_id": rule.workspace_id,
        "automation_id": rule.id,
        "version": rule.version,
        "contact_id": contact_id,
        "channel_id": channel_id,
        "peer": peer,
        "state": RUNNING if waits_for is None else WAITING,
        "step": rule.document.steps[0].id,
        "visit": 0,
        "due_at": unit.now if due_at is None else due_at,
        "waits_for": waits_for,
        "variables": dict(variables or {}),
        "created_at": unit.now,
        "updated_at": unit.now,
    }
    # Another process may begin one in the same moment: the index of live runs lets only one be.
    made = unit.upsert(AutomationRun).values(**row).on_conflict_do_nothing().returning(AutomationRun.id)
    run_id = (await unit.conn.execute(made)).scalar()
    if run_id is None:
        return None, "running"
    unit.notify(RUNS)
    return int(run_id), None


async def _came_while_closed(unit: Unit, rule: Rule, contact_id: int, channel_id: int | None, peer: str | None) -> bool:
    """Whether somebody came in by this chat since working hours ended; never within them."""
    calendar = await calendar_of(unit.conn, rule.workspace_id, department_of(rule.document))
    since = calendar.closed_since(unit.now)
    if since is None:
        return False
    runs = AutomationRun
    query = select(runs.id).where(
        runs.contact_id == contact_id,
        runs.automation_id == rule.id,
        runs.created_at >= since,
        runs.channel_id.is_not_distinct_from(channel_id),
        runs.peer.is_not_distinct_from(peer),
    )
    return (await unit.conn.execute(query.limit(1))).first() is not None


async def rests_until(conn: Any, channel_id: int | None, peer: str | None, now: int) -> int:
    """Until when a person has the chat (Unix ms); 0 when nobody has."""
    if channel_id is None or peer is None:
        return 0
    query = (
        select(AutomationRest.until)
        .join(Chat, Chat.id == AutomationRest.chat_id)
        .where(Chat.channel_id == channel_id, Chat.peer == peer, AutomationRest.until > now)
    )
    return int(await conn.scalar(query) or 0)


async def end_runs(unit: Unit, reason: str, *where: Any) -> int:
    """End the live runs that are meant; gives how many there were."""
    ended = await unit.conn.execute(
        update(AutomationRun)
        .where(AutomationRun.state.in_(LIVE), *where)
        .values(state=STOPPED, reason=reason, due_at=None, waits_for=None, ended_at=unit.now, updated_at=unit.now)
    )
    return int(ended.rowcount)
