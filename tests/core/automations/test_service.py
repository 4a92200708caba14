"""Automations are made, changed, switched on and off; what is wrong with one is told by field."""

from __future__ import annotations

from typing import Any

import pytest

from jackfield.core import Conflict, Core, Invalid, NotFound
from jackfield.core.automations.parse import parse
from jackfield.core.automations.patterns import fits

HOURS = {
    "trigger": {"type": "message", "match": "contains", "words": ["open"]},
    "steps": [{"type": "send", "text": "We are open from 9 to 5."}],
}


def rule(*steps: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A document of these steps, started by any message."""
    return {"trigger": {"type": "message"}, "steps": [*steps] or [{"type": "send", "text": "Hi"}], **fields}


async def test_an_automation_from_its_making_to_its_end(core: Core, workspace: int) -> None:
    service = core.automations
    made = await service.create(workspace, " Hours ", "rule", HOURS)
    assert (made.name, made.kind, made.enabled, made.version, made.hook_token) == ("Hours", "rule", False, 1, None)
    assert [step.id for step in made.document.steps] == ["s1"]
    with pytest.raises(Conflict) as taken:
        await service.create(workspace, "HOURS", "rule", HOURS)
    assert taken.value.code == "AUTOMATION_EXISTS"
    other = await service.create(workspace, "Other", "sequence", rule(goal={"replied": True}), enabled=True)
    assert [one.id for one in (await service.list(workspace)).items] == [other.id, made.id]
    assert [one.id for one in (await service.list(workspace, kind="rule")).items] == [made.id]
    assert [one.id for one in (await service.list(workspace, enabled=True)).items] == [other.id]
    same = await service.update(workspace, made.id, document=HOURS, enabled=True)
    assert (same.version, same.enabled) == (1, True)
    changed = await service.update(workspace, made.id, document=rule(), name="Hello")
    assert (changed.version, changed.name) == (2, "Hello")
    assert sorted(await service.versions(workspace, made.id)) == [1, 2]
    with pytest.raises(Conflict):
        await service.update(workspace, made.id, name="other")
    part = await service.update(workspace, made.id, parts={"limits": {"startsPerDay": 7}})
    assert (part.version, part.document.limits.starts_per_day, part.document.steps) == (3, 7, changed.document.steps)
    with pytest.raises(Invalid) as wrong:
        # Told before it is looked for.
        await service.update(workspace, 999_999, parts={"steps": [{"type": "send", "text": 5}]})
    assert "steps.0.text" in wrong.value.details
    found = await service.find(workspace, "hello")
    assert found is not None
    assert found.id == made.id
    figures = await service.statistics(workspace, made.id)
    assert (figures.runs["done"], [one.step for one in figures.steps]) == (0, ["s1"])
    assert (await service.runs(workspace, made.id, state="waiting")).items == []
    await service.delete(workspace, made.id)
    for attempt in (service.get, service.delete, service.statistics, service.versions, service.stop_all):
        with pytest.raises(NotFound):
            await attempt(workspace, made.id)  # type: ignore[operator]


async def test_one_that_a_program_starts_has_a_secret_address(core: Core, workspace: int) -> None:
    hook = {"trigger": {"type": "webhook"}, "steps": [{"type": "send", "text": "Your order {id} is on its way."}]}
    made = await core.automations.create(workspace, "Order", "rule", hook)
    assert made.hook_token
    assert len(made.hook_token) > 30
    again = await core.automations.update(workspace, made.id, name="Orders")
    assert again.hook_token == made.hook_token
    assert made.hook_token not in repr(made)
    assert (await core.automations.update(workspace, made.id, document=rule())).hook_token is None


async def test_another_workspace_finds_nothing(core: Core, workspace: int) -> None:
    made = await core.automations.create(workspace, "Ours", "rule", HOURS)
    for attempt in (core.automations.get, core.automations.delete, core.automations.runs, core.automations.stop_all):
        with pytest.raises(NotFound):
            await attempt(workspace + 1, made.id)  # type: ignore[operator]
    assert (await core.automations.list(workspace + 1)).items == []


@pytest.mark.parametrize(
    ("document", "field", "told"),
    [
        ({**HOURS, "trigger": {"type": "mesage"}}, "trigger.type", "'mesage' is not one of"),
        ({**HOURS, "trigger": {}}, "trigger.type", "This is needed."),
        ({**HOURS, "trigger": {"type": "message", "wrods": []}}, "trigger.wrods", "There is no such field here."),
        ({**HOURS, "trigger": {"type": "message", "words": [3]}}, "trigger.words.0", "Must be text."),
        ({**HOURS, "trigger": {"type": "message", "match": "exact"}}, "trigger.words", "Name at least one word."),
        ({**HOURS, "trigger": {"type": "message", "days": 0}}, "trigger.days", "Must be at least 1."),
        (
            {**HOURS, "trigger": {"type": "message", "match": "pattern", "pattern": "("}},
            "trigger.pattern",
            "Not a valid regular expression: missing ): (.",
        ),
        ({"trigger": HOURS["trigger"]}, "steps", "This is needed."),
        ({**HOURS, "steps": []}, "steps", "Must have at least 1 items."),
        ({**HOURS, "steps": 3}, "steps", "Must be a list."),
        (rule({"type": "send"}), "steps.0.text", "Write a text, or choose a file or a template."),
        (rule({"type": "send", "text": "x" * 5000}), "steps.0.text", "Must have at most 4096 characters."),
        (rule({"type": "send", "text": "Hi", "next": "nowhere"}), "steps.0.next", "There is no step 'nowhere'."),
        (rule({"type": "end", "id": "a"}, {"type": "end", "id": "a"}), "steps.1.id", "Another step is called 'a'."),
        (rule({"type": "wait"}), "steps.0.seconds", "Say how long to wait, or until which hours."),
        (
            rule({"type": "ask", "text": "Which?", "check": "choice"}),
            "steps.0.choices",
            "Name what can be chosen, by buttons, a menu or choices.",
        ),
        (
            rule({"type": "wait", "until": {"start": "09:00", "end": "17:00", "zone": "Mars"}}),
            "steps.0.until.zone",
            "Must be an IANA time zone such as Europe/Berlin.",
        ),
        (
            rule({"type": "branch", "cases": [{"conditions": [{"type": "variable"}], "next": "end"}]}),
            "steps.0.cases.0.conditions.0.values",
            "Name what it is compared with.",
        ),
        (rule(goal={"replied": True}), "goal", "Only a sequence has a goal."),
        (rule({"type": "webhook", "url": "ftp://x"}), "steps.0.url", "Must begin with https:// or http://."),
    ],
)
def test_what_is_wrong_is_told_by_field(document: dict[str, Any], field: str, told: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse(document, "rule")
    assert told in caught.value.details[field][0]


@pytest.mark.parametrize("wrong", [3, "x", None, [], {"trigger": "\x00"}, {"steps": float("nan")}])
def test_what_is_no_document_is_refused(wrong: Any) -> None:
    with pytest.raises(Invalid):
        parse(wrong, "rule")


def test_an_expression_needs_no_more_time_than_its_text() -> None:
    """What takes Python's own expressions hours: nested repeats over a text that almost fits."""
    assert not fits("^(a+)+$", "a" * 50_000 + "b")
    assert fits("ORDER [0-9]+", "my order 12")
