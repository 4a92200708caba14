"""Ended runs go after their time; who waits, and who may not come again, stays known."""

from __future__ import annotations

from sqlalchemy import func, select, update

from jackfield.core import now_ms
from jackfield.core.models import AutomationRun, AutomationStep

from .conftest import Play

DAY_MS = 86_400_000


async def test_ended_runs_go_with_their_steps(play: Play) -> None:
    say = {"type": "send", "text": "Hello"}
    old = await play.rule(say)
    once = await play.rule(say, limits={"againAfterHours": None})
    waits = await play.rule({"type": "wait", "seconds": 60}, trigger={"type": "message", "match": "any"})
    await play.says("Hi")
    async with play.core.unit() as unit:
        long_ago = now_ms() - 91 * DAY_MS
        await unit.conn.execute(update(AutomationRun).values(created_at=long_ago))
        await unit.conn.execute(
            update(AutomationRun).where(AutomationRun.ended_at.is_not(None)).values(ended_at=long_ago)
        )
    await play.says("Hi again", peer="491700000002")
    assert (await play.core.retention.prune(now_ms())).automation_runs == 0
    play.core.options.automation_retention_days = 90
    assert (await play.core.retention.prune(now_ms())).automation_runs == 1
    assert [len(await play.runs(one)) for one in (old, once, waits)] == [1, 2, 2]
    async with play.core.db.read() as session:
        emptied = await session.scalar(
            select(AutomationRun.variables).where(AutomationRun.automation_id == once.id).order_by(AutomationRun.id)
        )
        assert emptied == {}
        left = select(func.count()).select_from(AutomationStep).where(AutomationStep.automation_id == once.id)
        assert await session.scalar(left) == 1
    await play.says("And once more")
    assert [len(await play.runs(one)) for one in (old, once)] == [2, 2]
    assert (await play.core.retention.prune(now_ms())).automation_runs == 0
