"""Each step does what it says, says why it did not, and is taken once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jackfield.core import Invalid, SafeClient
from jackfield.core.automations.running import RunDriver

from .conftest import Play

PEER = "491701234567"


async def outcomes(play: Play, automation_id: int) -> dict[str, tuple[int, int, int]]:
    """Of each step: done, skipped, failed."""
    figures = await play.core.automations.statistics(play.workspace, automation_id)
    return {one.step: (one.done, one.skipped, one.failed) for one in figures.steps}


async def test_a_menu_with_a_question_a_branch_and_a_hand_over(play: Play) -> None:
    member = await play.core.accounts.create_member(play.workspace, "ann@example.org", "correct horse")
    rule = await play.rule(
        {
            "type": "ask",
            "id": "menu",
            "text": "What can we do, {first_name}?",
            "buttons": [{"id": "o", "title": "Order"}, {"id": "p", "title": "A person"}],
            "check": "choice",
            "again": "Please choose one.",
        },
        {
            "type": "branch",
            "cases": [
                {"conditions": [{"type": "variable", "values": ["a person"]}], "next": "person"},
            ],
        },
        {"type": "ask", "text": "Which number?", "check": "number", "attribute": "order", "variable": "order"},
        {"type": "send", "text": "Order {order} is on its way.", "next": "end"},
        {"type": "hand_over", "id": "person", "seconds": 3600, "memberIds": [member.id]},
        trigger={"type": "message", "match": "exact", "words": ["menu"]},
    )
    await play.says("Menu")
    await play.says("what?")
    await play.presses("Order", "o")
    await play.says("twelve")
    await play.says("12")
    assert await play.sent() == [
        "What can we do, Ann?", "Please choose one.", "Which number?", "Which number?", "Order 12 is on its way."
    ]  # fmt: skip
    contact = await play.core.contacts.find(play.workspace, "phone", PEER)
    assert contact is not None
    assert contact.attributes == {"order": "12"}
    (run,) = await play.runs(rule)
    assert run.state == "done"
    await play.says("menu")
    await play.says("2")
    chat = (await play.core.chats.chats(play.workspace)).items[0].chat
    assert (chat.status, chat.assignee_id) == ("open", member.id)
    await play.says("menu")
    assert len(await play.sent()) == 6, "a person has the chat"
    assert (await outcomes(play, rule.id))["person"] == (1, 0, 0)


async def test_a_question_that_nobody_answers(play: Play) -> None:
    rule = await play.rule(
        {"type": "ask", "text": "Your name?", "timeoutSeconds": 60, "otherwise": "bye"},
        {"type": "send", "text": "Thank you"},
        {"type": "send", "id": "bye", "text": "Another time then"},
        trigger={"type": "message", "match": "exact", "words": ["go"]},
    )
    await play.says("go")
    await play.later(30)
    assert await play.sent() == ["Your name?"]
    await play.later(40)
    assert await play.sent() == ["Your name?", "Another time then"]
    figures = await play.core.automations.statistics(play.workspace, rule.id)
    assert figures.steps[0].reasons == {"no_answer": 1}


async def test_labels_the_chat_a_note_and_a_ticket(play: Play) -> None:
    await play.rule(
        {"type": "tag", "add": ["Lead"], "remove": ["Cold"]},
        {"type": "list", "add": ["News"]},
        {"type": "attribute", "attribute": "said", "value": "{message}"},
        {"type": "note", "text": "{name} wrote: {message}"},
        {"type": "ticket", "subject": "Call {name}", "priority": "high"},
        {"type": "chat", "status": "done"},
        trigger={"type": "message", "match": "contains", "words": ["call"]},
    )
    await play.says("please call me")
    contact = await play.core.contacts.find(play.workspace, "phone", PEER)
    assert contact is not None
    assert (contact.tags, contact.lists, contact.attributes) == (["Lead"], ["News"], {"said": "please call me"})
    chat = (await play.core.chats.chats(play.workspace)).items[0].chat
    assert chat.status == "done"
    notes = await play.core.notes.chat_notes(play.workspace, chat.id)
    assert [one.text for one in notes.items] == ["Ann Lee wrote: please call me"]
    (ticket,) = (await play.core.tickets.list(play.workspace)).items
    assert (ticket.subject, ticket.priority, ticket.contact_id) == ("Call Ann Lee", "high", contact.id)


async def test_chats_go_to_members_in_turn_or_to_the_least_busy(play: Play) -> None:
    members = [
        (await play.core.accounts.create_member(play.workspace, f"{name}@example.org", "correct horse")).id
        for name in ("a", "b")
    ]
    rule = await play.rule({"type": "assign", "memberIds": members})
    for peer in ("491700000001", "491700000002", "491700000003"):
        await play.says("Hi", peer=peer)
    given = [one.chat.assignee_id for one in (await play.core.chats.chats(play.workspace)).items]
    assert sorted(given, key=str) == sorted([members[0], members[1], members[0]])
    await play.core.automations.update(play.workspace, rule.id, enabled=False)
    await play.rule({"type": "assign", "memberIds": members, "how": "least_busy"})
    await play.says("Hi", peer="491700000004")
    chat = await play.core.chats.chat_by_peer(play.workspace, play.channel.id, "491700000004")
    assert chat is not None
    assert chat.chat.assignee_id == members[1]


async def test_chats_go_to_a_team(play: Play) -> None:
    core, ours = play.core, play.workspace
    sales = (await core.tickets.create_department(ours, "Sales")).id
    members = [
        (await core.accounts.create_member(ours, f"{name}@example.org", "correct horse")).id for name in ("a", "b", "c")
    ]
    for one in members[:2]:
        await core.accounts.update_member(ours, one, department_id=sales)
    steps = {
        "team": {"type": "assign", "departmentId": str(sales), "how": "nobody"},
        "turn": {"type": "assign", "departmentId": str(sales)},
        "named": {"type": "assign", "departmentId": sales, "memberIds": [members[2]]},
        "gone": {"type": "assign", "departmentId": "424242"},
        "person": {"type": "hand_over", "departmentId": str(sales)},
    }
    for word, step in steps.items():
        await play.rule(step, trigger={"type": "message", "match": "exact", "words": [word]})

    async def given(word: str, peer: str) -> tuple[int | None, int | None]:
        await play.says(word, peer=peer)
        view = await core.chats.chat_by_peer(ours, play.channel.id, peer)
        assert view is not None
        return view.chat.department_id, view.chat.assignee_id

    assert await given("turn", "491700000001") == (sales, members[0])
    assert await given("turn", "491700000002") == (sales, members[1])
    assert await given("team", "491700000001") == (sales, None)
    assert await given("named", "491700000001") == (sales, members[2])
    assert await given("person", "491700000003") == (sales, None)
    # A team that is not there fails the step, and leaves the chat.
    assert await given("gone", "491700000004") == (None, None)
    # Who is away is passed over, as long as somebody is here.
    await core.accounts.update_member(ours, members[0], settings={"away": True})
    assert await given("turn", "491700000005") == (sales, members[1])
    with pytest.raises(Invalid) as refused:
        await play.rule({"type": "assign", "departmentId": "x", "how": "nobody", "memberIds": ["1"]})
    assert set(refused.value.details) == {"steps.0.departmentId", "steps.0.memberIds"}


async def test_a_failing_step_ends_the_run_and_too_many_rest_the_automation(play: Play) -> None:
    rule = await play.rule(
        {"type": "tag", "add": ["seen"]},
        {"type": "assign", "memberIds": ["424242"]},
        {"type": "send", "text": "never"},
        limits={"restAfterFailures": 2},
    )
    for _ in range(3):
        await play.says("Hi")
    assert [(one.state, one.reason) for one in await play.runs(rule)] == [("failed", "validation_error")] * 2
    view = await play.core.automations.get(play.workspace, rule.id)
    assert (view.enabled, view.rest_reason) == (True, "step s2: validation_error")
    (told,) = [json.loads(one) for one in await play.events("automation.rested")]
    assert told == {"id": rule.id, "name": rule.name, "reason": "step s2: validation_error"}
    entries = await play.core.audit.list(play.workspace, action="automation.rested")
    assert [one.target for one in entries.items] == [f"automation:{rule.id}"]
    assert (await play.core.automations.update(play.workspace, rule.id, enabled=True)).rest_reason is None


async def test_automations_start_and_stop_each_other(play: Play) -> None:
    other = await play.rule(
        {"type": "wait", "seconds": 60}, {"type": "send", "text": "{order}"}, trigger={"type": "manual"}
    )
    await play.rule(
        {"type": "start", "automationId": str(other.id)}, trigger={"type": "message", "match": "exact", "words": ["go"]}
    )
    await play.rule({"type": "stop"}, trigger={"type": "message", "match": "exact", "words": ["halt"]})
    await play.says("go")
    await play.says("go")
    assert [one.state for one in await play.runs(other)] == ["waiting"]
    await play.says("halt")
    assert [(one.state, one.reason) for one in await play.runs(other)] == [("stopped", "by_automation")]


async def test_what_starts_itself_in_a_circle_ends(play: Play) -> None:
    one = await play.rule({"type": "end"}, trigger={"type": "manual"})
    two = await play.rule({"type": "start", "automationId": one.id}, {"type": "send", "text": "x"})
    await play.core.automations.update(
        play.workspace,
        one.id,
        document={"trigger": {"type": "manual"}, "steps": [{"type": "start", "automationId": two.id}]},
    )
    await play.says("Hi")
    assert 1 < len(await play.sent()) <= 30
    loop = await play.rule(
        {"type": "tag", "id": "a", "add": ["x"]},
        {"type": "tag", "next": "a", "remove": ["x"]},
        trigger={"type": "message", "match": "exact", "words": ["loop"]},
    )
    await play.says("loop", peer="491700000009")
    assert [(run.state, run.reason) for run in await play.runs(loop)] == [("failed", "circle")]


async def test_two_machines_stop_talking(play: Play) -> None:
    """Each message of ours is answered by another machine at once."""
    rule = await play.rule({"type": "send", "text": "We have got your message."}, limits={"perChatHour": 5})
    for _ in range(12):
        await play.says("This is an automatic answer.")
    assert len(await play.sent()) == 5
    assert {run.reason for run in (await play.runs(rule))[5:]} == {"too_many_messages"}


async def test_outside_the_window_a_template_goes_out_or_nothing(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    network = play.core.networks.of(play.channel.engine)
    monkeypatch.setattr(type(network), "has_service_window", True)
    contact = await play.core.contacts.create(play.workspace, name="Bo", phone="+491701234567")
    rule = await play.rule(
        {"type": "send", "text": "Free text", "category": "utility"},
        {
            "type": "send",
            "text": "Free text",
            "category": "utility",
            "outsideWindow": {"name": "hello", "language": "en", "values": ["{name}"]},
        },
        trigger={"type": "tag", "tag": "go"},
    )
    await play.core.contacts.update(play.workspace, contact.id, tags_to_add=["go"])
    await play.settle()
    (message,) = await play.messages()
    assert message.template == "hello"
    assert '"Bo"' in str(message.content)
    figures = await play.core.automations.statistics(play.workspace, rule.id)
    assert [one.reasons for one in figures.steps] == [{"window_closed": 1}, {}]


class Program:
    """A program that is called; its answers are given, or what goes wrong."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.calls = [*answers], []

    async def post(self, url: str, body: bytes, headers: dict[str, str], **_: Any) -> Any:
        self.calls.append((url, json.loads(body), headers["webhook-id"]))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_a_program_is_asked_and_its_answer_used(play: Play) -> None:
    from jackfield.core.egress.client import Answer

    rule = await play.rule(
        {
            "type": "webhook",
            "url": "https://shop.example.com/orders",
            "body": {"order": "{message}", "deep": [{"who": "{name} {nobody}"}]},
            "variables": {"status": "order.status", "eta": "order.days.0"},
            "otherwise": "sorry",
        },
        {"type": "send", "text": "{status}, {eta} days", "next": "end"},
        {"type": "send", "id": "sorry", "text": "We will look for it."},
    )
    await play.says("A-17")
    (run,) = await play.runs(rule)
    assert (run.state, run.waits_for) == ("waiting", "call")
    program: Any = Program(Answer(200, {}, b'{"order": {"status": "sent", "days": [2, 3]}}'), Answer(500, {}, b""))
    driver = play.core.automation_runs
    assert isinstance(driver, RunDriver)
    await play.later(61)
    turn = await _call_again(play, run.id)
    assert turn is not None
    client: SafeClient = program
    await driver.call(client, turn)
    await play.settle()
    assert await play.sent() == ["sent, 2 days"]
    url, body, mark = program.calls[0]
    assert (url, mark) == ("https://shop.example.com/orders", f"automation-{run.id}-0")
    assert (body["order"], body["deep"]) == ("A-17", [{"who": "Ann Lee "}])
    assert body["contact"]["phone"] == PEER
    await driver.call(client, turn)
    await play.settle()
    assert await play.sent() == ["sent, 2 days"], "an answer that comes late changes nothing"


async def _call_again(play: Play, run_id: int) -> Any:
    """The call that a run waits for, as it is made after a crash."""
    from sqlalchemy import update

    from jackfield.core.models import AutomationRun

    async with play.core.unit() as unit:
        await unit.conn.execute(update(AutomationRun).where(AutomationRun.id == run_id).values(due_at=1))
    turn = await play.core.automation_runs.step()
    return turn.calls[0] if turn.calls else None
