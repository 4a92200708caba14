"""Automations that go by working hours: the away text once for each chat, waits until they begin, and dry runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from jackfield.core import Invalid
from jackfield.core.automations.recipes import RECIPES
from jackfield.core.desk.hours import DAYS
from jackfield.core.models import AutomationRun, Event

from .conftest import Play

AWAY = next(one for one in RECIPES if one.key == "away")
DAY_MS = 86_400_000
OTHER = "491709999999"
CLOSED = [{"type": "working_hours", "negate": True}]


def on(days: int, start: str = "09:00", end: str = "17:00") -> dict[str, Any]:
    """Hours of one day of the week, so many days from today (UTC)."""
    day = datetime.now(UTC) + timedelta(days=days)
    return {DAYS[day.weekday()]: [{"start": start, "end": end}]}


async def always(play: Play, **fields: Any) -> None:
    await play.core.working_times.put(
        play.workspace, days={day: [{"start": "00:00", "end": "24:00"}] for day in DAYS}, **fields
    )


async def test_the_away_text_goes_out_once_for_each_chat_until_it_opens(play: Play) -> None:
    core = play.core
    rule = await play.rule(*AWAY.document["steps"], **{k: v for k, v in AWAY.document.items() if k != "steps"})
    await play.says("Hi")
    assert await play.sent() == []  # Nobody has set hours: it is always open.
    await core.working_times.put(play.workspace, days=on(2))
    opens = (datetime.now(UTC) + timedelta(days=2)).date()
    for _ in range(3):
        await play.says("Hi")
    await play.says("Hi", OTHER)
    text = f"We are closed now and will be back on {opens} at 09:00."
    assert (await play.sent(), await play.sent(OTHER)) == ([text], [text])
    (message,) = await play.messages()
    assert message.extra is not None
    assert (message.extra["automation"]["id"], message.extra["automation"]["step"]) == (rule.id, "s1")
    # The same person on another channel has another chat.
    line, play.channel = play.channel, await core.channels.create(play.workspace, name="Second")
    await play.says("Hi")
    assert len(await play.sent()) == 2
    play.channel = line
    # What came in before the hours that were over last is of another night.
    async with core.unit() as unit:
        await unit.conn.execute(update(AutomationRun).values(created_at=AutomationRun.created_at - 6 * DAY_MS))
    for _ in range(2):
        await play.says("Hi")
    assert len(await play.sent()) == 3
    await always(play)
    await play.says("Hi")
    assert len(await play.sent()) == 3


async def test_the_hours_of_a_department(lite_play: Play) -> None:
    core = lite_play.core
    sales = (await core.tickets.create_department(lite_play.workspace, "Sales")).id
    await core.working_times.put(lite_play.workspace, days={})
    await always(lite_play, department_id=sales)
    for words, asked in (("ours", {}), ("sales", {"departmentId": str(sales)}), ("gone", {"departmentId": 999})):
        await lite_play.rule({"type": "send", "text": words}, conditions=[{"type": "working_hours", **asked}])
        await lite_play.rule(
            {"type": "send", "text": f"not {words}"}, conditions=[{"type": "working_hours", "negate": True, **asked}]
        )
    await lite_play.says("Hi")
    assert await lite_play.sent() == ["not ours", "sales", "not gone"]


async def test_the_text_tells_when_the_department_opens(lite_play: Play) -> None:
    core = lite_play.core
    sales = (await core.tickets.create_department(lite_play.workspace, "Sales")).id
    await core.working_times.put(lite_play.workspace, days=on(3), timezone="Asia/Jakarta")
    await core.working_times.put(lite_play.workspace, department_id=sales, days=on(2, "10:30", "12:00"))
    condition = {"type": "working_hours", "negate": True, "departmentId": sales}
    await lite_play.rule({"type": "send", "text": "{opens_time}"}, conditions=[condition])
    await lite_play.rule({"type": "send", "text": "{opens_time}"}, conditions=[])
    await lite_play.says("Hi")
    assert await lite_play.sent() == ["10:30", "09:00"]


async def test_a_wait_until_it_opens(lite_play: Play) -> None:
    core = lite_play.core
    await core.working_times.put(lite_play.workspace, days=on(2))
    step = {"type": "wait", "untilOpen": True}
    rule = await lite_play.rule(step, {"type": "send", "text": "We are here"})
    await lite_play.says("Hi")
    (run,) = await lite_play.runs(rule)
    assert run.due_at is not None
    assert datetime.fromtimestamp(run.due_at / 1000, UTC).strftime("%H:%M") == "09:00"
    # It is asked again when the time has come: the shop stays closed that day.
    await core.working_times.put(lite_play.workspace, days=on(3))
    await lite_play.later(3 * 86_400)
    (run,) = await lite_play.runs(rule)
    assert (run.state, await lite_play.sent()) == ("waiting", [])
    await always(lite_play)
    await lite_play.later(4 * 86_400)
    assert await lite_play.sent() == ["We are here"]
    await core.working_times.put(lite_play.workspace, days={})
    await lite_play.says("Hi")
    figures = await core.automations.statistics(lite_play.workspace, rule.id)
    assert figures.steps[0].reasons == {"never_open": 1}


async def test_silence_counts_in_working_hours(lite_play: Play) -> None:
    core = lite_play.core
    await core.working_times.put(lite_play.workspace, days=on(2))
    trigger = {"type": "no_answer", "minutes": 30, "whileOpen": True}
    rule = await lite_play.rule({"type": "note", "text": "Late"}, trigger=trigger)
    await lite_play.says("Hi")
    (run,) = await lite_play.runs(rule)
    assert (run.waits_for, run.state) == ("silence", "waiting")
    assert run.due_at is not None
    opens = (datetime.now(UTC) + timedelta(days=2)).date()
    assert datetime.fromtimestamp(run.due_at / 1000, UTC).strftime("%Y-%m-%d %H:%M") == f"{opens} 09:30"
    # Without any hours to come nobody is late.
    await core.working_times.put(lite_play.workspace, days={})
    await lite_play.says("Hi", OTHER)
    assert len(await lite_play.runs(rule)) == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"conditions": [{"type": "working_hours", "departmentId": "sales"}]}, "conditions.0.departmentId"),
        ({"steps": [{"type": "wait", "untilOpen": True, "departmentId": "-1"}]}, "steps.0.departmentId"),
        (
            {"steps": [{"type": "wait", "untilOpen": True, "until": {"start": "09:00", "end": "10:00"}}]},
            "steps.0.untilOpen",
        ),
        ({"steps": [{"type": "wait"}]}, "steps.0.seconds"),
        ({"trigger": {"type": "no_answer", "minutes": 5, "departmentId": "x"}}, "trigger.departmentId"),
    ],
)
async def test_what_is_wrong_is_told(lite_play: Play, fields: dict[str, Any], field: str) -> None:
    document = {"trigger": {"type": "message"}, "steps": [{"type": "end"}], **fields}
    with pytest.raises(Invalid) as caught:
        await lite_play.core.automations.create(lite_play.workspace, "A", "rule", document)
    assert list(caught.value.details or {}) == [field]


async def test_a_dry_run_asks_the_hours_of_then(lite_play: Play) -> None:
    core = lite_play.core
    await core.working_times.put(lite_play.workspace, days=on(-2, "00:00", "24:00"))
    await lite_play.says("Hi")
    document = {"trigger": {"type": "message"}, "conditions": CLOSED, "steps": [{"type": "end"}]}
    assert (await core.automation_tests.past(lite_play.workspace, "rule", document, days=7)).matched == 1
    async with core.unit() as unit:
        await unit.conn.execute(update(Event).values(created_at=Event.created_at - 2 * DAY_MS))
    assert (await core.automation_tests.past(lite_play.workspace, "rule", document, days=7)).matched == 0
