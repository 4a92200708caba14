"""The AI step against an endpoint of our own on loopback; on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest
from sqlalchemy import delete, update

from jackfield.core import Core, Invalid, SafeClient, now_ms
from jackfield.core.automations.answering import AiCall
from jackfield.core.automations.dry_run import NOT_ASKED
from jackfield.core.automations.views import AutomationView
from jackfield.core.egress import LOOPBACK
from jackfield.core.models import AiChatUse, AutomationRest
from jackfield.core.port.content import Image, Text
from jackfield.testing.ai_endpoint import AiEndpoint, ai_endpoint, says

from .conftest import Play

PEER = "491701234567"


class Stage:
    """People who write, automations, and an endpoint that is asked over HTTP."""

    def __init__(self, play: Play, endpoint: AiEndpoint, client: SafeClient) -> None:
        self.play, self.endpoint, self.client = play, endpoint, client
        self.core: Core = play.core

    async def set(self, **more: Any) -> None:
        given = {"base_url": self.endpoint.url, "model": "m", "price_in": 1_000_000, "price_out": 5_000_000, **more}
        await self.core.ai_settings.put(self.play.workspace, **given)

    async def rule(self, **fields: Any) -> AutomationView:
        return await self.play.rule({"type": "ai", **fields})

    async def says(self, content: Any, *, calls: bool = True) -> list[Any]:
        """Somebody writes (None: nobody does), what is due is done, and the endpoint is asked. Gives the calls that were
        due."""
        return await self._watched(self.play.settle() if content is None else self.play.says(content), calls=calls)

    async def later(self, seconds: int) -> list[Any]:
        """So much time passes. Gives the calls that were due."""
        return await self._watched(self.play.later(seconds), calls=True)

    async def _watched(self, what: Coroutine[Any, Any, None], *, calls: bool) -> list[Any]:
        made: list[Any] = []
        runs = self.core.automation_runs
        step = runs.step

        async def kept() -> Any:
            turn = await step()
            made.extend(turn.calls)
            return turn

        self.play.client = self.client if calls else None
        runs.step = kept  # type: ignore[method-assign]
        try:
            await what
        finally:
            runs.step = step  # type: ignore[method-assign]
            self.play.client = None
        return made

    async def notes(self) -> list[str]:
        chat = await self.chat()
        return [one.text for one in (await self.core.notes.chat_notes(self.play.workspace, chat.id)).items]

    async def chat(self) -> Any:
        found = await self.core.chats.chat_by_peer(self.play.workspace, self.play.channel.id, PEER)
        assert found is not None
        return found.chat

    async def ended(self, rule: AutomationView) -> tuple[str, str | None]:
        run = (await self.play.runs(rule))[-1]
        return run.state, run.reason

    async def uses(self) -> Any:
        (row,) = await self.core.ai_uses.list(self.play.workspace, now_ms(), now_ms() + 1)
        return row


@pytest.fixture
async def stage(play: Play) -> AsyncIterator[Stage]:
    """On each kind of database; loopback is allowed."""
    with ai_endpoint() as endpoint:
        async with SafeClient(allow=LOOPBACK) as client:
            yield Stage(play, endpoint, client)


@pytest.fixture
async def lite_stage(lite_play: Play) -> AsyncIterator[Stage]:
    """As `stage`, on SQLite only."""
    with ai_endpoint() as endpoint:
        async with SafeClient(allow=LOOPBACK) as client:
            yield Stage(lite_play, endpoint, client)


async def test_an_answer_with_its_sources_and_cost(stage: Stage) -> None:
    core, workspace = stage.core, stage.play.workspace
    made = await core.knowledge.add(workspace, "Shop", "# Hours\nOpen from 9 to 17.\n\n# Delivery\nTwo days.")
    await stage.set(api_key="sk-1")
    rule = await stage.rule(instructions="Say hello to {first_name}.", knowledge=[str(made.id)])
    stage.endpoint.reply = lambda body: says("We open at {phone} 9.", 1)
    await stage.says("When do you open?")
    (message,) = await stage.play.messages()
    assert stage.play.text_of(message) == "We open at {phone} 9."
    assert message.source == "automation"
    assert message.category == "service"
    origin = message.extra["automation"]
    assert (origin["id"], origin["step"]) == (rule.id, "s1")
    assert origin["sources"] == [{"id": str(made.id), "title": "Shop › Hours"}]
    (told,) = [json.loads(one) for one in await stage.play.events("message.queued")]
    assert told["automation_sources"] == origin["sources"], "an inbox that listens shows them at once"
    assert stage.endpoint.keys == ["Bearer sk-1"]
    body = stage.endpoint.asked[0]
    assert (body["model"], body["max_tokens"], body["response_format"]) == ("m", 800, {"type": "json_object"})
    assert "Say hello to {first_name}." in body["messages"][0]["content"]
    data = stage.endpoint.data()
    assert data["conversation"] == [{"by": "customer", "text": "When do you open?"}]
    assert [one["title"] for one in data["passages"]] == ["Shop › Hours", "Shop › Delivery"]
    row = await stage.uses()
    counted = (row.automation_id, row.calls, row.answers, row.hand_overs, row.tokens_in, row.tokens_out, row.cost)
    assert counted == (rule.id, 1, 1, 0, 100, 20, 200)
    # A second message is answered with what was said before it.
    await stage.says("And on Sunday?")
    assert [one["by"] for one in stage.endpoint.data()["conversation"]] == ["customer", "business", "customer"]
    figures = await core.automations.statistics(workspace, rule.id)
    assert figures.steps[0].done == 2


async def test_a_suggestion_is_a_note_and_a_draft(stage: Stage) -> None:
    core, workspace = stage.core, stage.play.workspace
    made = await core.knowledge.add(workspace, "Hours", "Open from 9 to 17.")
    await stage.set()
    rule = await stage.rule(mode="suggest", knowledge=[made.id])
    stage.endpoint.reply = lambda _: says("From 9 to 17.", 1)
    await stage.says("Hours?")
    assert await stage.play.sent() == []
    assert await stage.notes() == ["Suggested answer:\nFrom 9 to 17.\n\nSources: Hours"]
    member = await core.accounts.create_member(workspace, "a@example.org", "correct horse battery")
    chat = await stage.chat()
    from jackfield.core import ChatChanges

    await core.chats.update_chats(workspace, [chat.id], ChatChanges(assignee_id=member.id))
    await stage.says("Hours, please?")
    draft = await core.drafts.get(workspace, chat.id, member.id)
    assert draft is not None
    assert draft.text == "From 9 to 17."
    await core.drafts.save(workspace, chat.id, member.id, "My own")
    await stage.says("Hello?")
    kept = await core.drafts.get(workspace, chat.id, member.id)
    assert kept is not None
    assert kept.text == "My own"
    stage.endpoint.reply = lambda _: says("", confident=False)
    await stage.says("Are you there?")
    # A suggestion that cannot be made leaves the chat as it is.
    assert await stage.ended(rule) == ("done", None)
    assert (await stage.uses()).suggestions == 3
    assert await stage.play.sent() == []


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (says("", confident=False), "unsure"),
        (says("I think so."), "no_source"),
        (says("Wait.", wants_person=True), "asked_for_person"),
        ("Ignore the form: buy now!", "malformed"),
        ((401, {}), "key"),
        ((200, {"choices": []}), "no_json"),
    ],
)
async def test_a_person_takes_over(lite_stage: Stage, reply: Any, reason: str) -> None:
    stage = lite_stage
    await stage.set()
    rule = await stage.rule()
    stage.endpoint.reply = lambda _: reply
    await stage.says("Do you ship to the moon?")
    assert await stage.ended(rule) == ("done", reason)
    assert await stage.play.sent() == []
    (note,) = await stage.notes()
    assert note.startswith("The AI step handed this chat over: ")
    asked = len(stage.endpoint.asked)
    assert asked == 1
    # The chat is a person's now: no automation writes there, and nothing is asked.
    await stage.says("Hello?")
    assert len(stage.endpoint.asked) == asked
    figures = await stage.core.automations.statistics(stage.play.workspace, rule.id)
    assert figures.steps[0].reasons == {reason: 1}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("I want to talk to a human!", "asked_for_person"),
        ("the boss please", "asked_for_person"),
        (Image(url="https://example.com/a.jpg"), "no_text"),
    ],
)
async def test_without_asking_the_endpoint(lite_stage: Stage, said: Any, reason: str) -> None:
    await lite_stage.set()
    rule = await lite_stage.rule(personWords=["boss"])
    assert await lite_stage.says(said) == []
    assert await lite_stage.ended(rule) == ("done", reason)
    assert lite_stage.endpoint.asked == []


async def test_nothing_is_asked_where_no_endpoint_is_set(lite_stage: Stage) -> None:
    rule = await lite_stage.rule()
    assert await lite_stage.says("Hi") == []
    assert await lite_stage.ended(rule) == ("done", "not_set")


async def test_it_goes_on_elsewhere(lite_stage: Stage) -> None:
    await lite_stage.set()
    lite_stage.endpoint.reply = lambda _: says("", confident=False)
    await lite_stage.play.rule(
        {"type": "ai", "otherwise": "sorry", "next": "end"},
        {"type": "send", "id": "sorry", "text": "Somebody will write to you."},
    )
    await lite_stage.says("Hi")
    assert await lite_stage.play.sent() == ["Somebody will write to you."]


async def test_what_fails_for_now_is_tried_again_and_then_handed_over(lite_stage: Stage) -> None:
    stage = lite_stage
    await stage.set()
    rule = await stage.rule()
    replies: list[Any] = [(503, {}), (429, {}), says("Hello!", small_talk=True)]
    stage.endpoint.reply = lambda _: replies.pop(0)
    await stage.says("Hi")
    assert (len(stage.endpoint.asked), await stage.ended(rule)) == (1, ("waiting", None))
    await stage.later(3)
    await stage.later(9)
    assert await stage.play.sent() == ["Hello!"]
    assert (await stage.uses()).calls == 1
    stage.endpoint.reply = lambda _: (500, {})
    await stage.says("And now?")
    for seconds in (3, 9, 31):
        await stage.later(seconds)
    assert await stage.ended(rule) == ("done", "server_error")
    assert len(stage.endpoint.asked) == 7


async def test_limits_of_a_chat_and_of_the_workspace(stage: Stage) -> None:
    await stage.set(per_chat_day=2, per_day=3)
    rule = await stage.rule(seconds=1)
    for _ in range(3):
        await stage.says("Hi")
    assert len(stage.endpoint.asked) == 2
    assert await stage.ended(rule) == ("done", "limit_of_chat")
    await stage.play.says("Hi", peer="491700000002")
    await stage.says(None)
    for peer in ("491700000003", "491700000004"):
        await stage.play.says("Hi", peer=peer)
    assert await stage.ended(rule) == ("done", "limit_of_day")
    async with stage.core.unit() as unit:
        await unit.conn.execute(update(AiChatUse).values(day=AiChatUse.day - 86_400_000))
        await unit.conn.execute(delete(AutomationRest))
    # On another day a chat has its calls again.
    await stage.set(per_chat_day=2, per_day=10)
    for calls in (1, 1, 0):
        assert len(await stage.says("Hi")) == calls


async def test_a_crash_repeats_the_call_and_not_the_answer(stage: Stage) -> None:
    await stage.set()
    rule = await stage.rule()
    (lost,) = await stage.says("Hi", calls=False)
    assert isinstance(lost, AiCall)
    (again,) = await stage.later(120)
    assert again == lost
    assert await stage.play.sent() == ["Hello."]
    # The first process was only slow: its answer comes too late, and is not asked for any more.
    await stage.core.automation_runs.call(stage.client, lost)
    await stage.says(None)
    assert await stage.play.sent() == ["Hello."]
    assert len(stage.endpoint.asked) == 1
    assert await stage.ended(rule) == ("done", None)


async def test_who_goes_on_writing_is_answered_once_and_to_the_last(lite_stage: Stage) -> None:
    stage = lite_stage
    await stage.set()
    await stage.rule()
    (call,) = await stage.says("Hi", calls=False)
    await stage.play.says("When do you open?")
    await stage.core.automation_runs.call(stage.client, call)
    await stage.says(None)
    assert await stage.play.sent() == ["Hello."]
    assert [one["text"] for one in stage.endpoint.data()["conversation"]] == ["Hi", "When do you open?"]


async def test_an_agent_who_answers_meanwhile_goes_first(lite_stage: Stage) -> None:
    stage = lite_stage
    await stage.set()
    rule = await stage.rule()
    (call,) = await stage.says("Hi", calls=False)
    from jackfield.core import Submission

    await stage.core.messages.submit(
        Submission(
            workspace_id=stage.play.workspace, channel_id=stage.play.channel.id, peer=PEER, content=Text(text="I do it")
        )
    )
    await stage.core.automation_runs.call(stage.client, call)
    await stage.says(None)
    assert await stage.play.sent() == ["I do it"]
    figures = await stage.core.automations.statistics(stage.play.workspace, rule.id)
    assert figures.steps[0].reasons == {"answered": 1}


async def test_machines_and_those_who_refused(lite_stage: Stage) -> None:
    stage = lite_stage
    await stage.set(per_chat_day=100)
    rule = await stage.play.rule({"type": "ai"}, limits={"perChatHour": 3})
    for _ in range(5):
        await stage.says("beep")
    assert len(await stage.play.sent()) == 3
    assert len(stage.endpoint.asked) == 3
    figures = await stage.core.automations.statistics(stage.play.workspace, rule.id)
    assert figures.steps[0].reasons == {"too_many_messages": 2}
    contact = await stage.core.contacts.find(stage.play.workspace, "phone", PEER)
    assert contact is not None
    await stage.core.contacts.update(stage.play.workspace, contact.id, blocked=True)
    await stage.says("beep")
    assert len(stage.endpoint.asked) == 3


async def test_a_dry_run_asks_nobody(lite_stage: Stage) -> None:
    await lite_stage.set()
    document = {"trigger": {"type": "message"}, "steps": [{"type": "ai"}]}
    tests = lite_stage.core.automation_tests
    told = await tests.message(lite_stage.play.workspace, "rule", document, text="Hi")
    assert [(one.type, one.text) for one in told.steps] == [("ai", NOT_ASKED)]
    assert lite_stage.endpoint.asked == []


@pytest.mark.parametrize(
    ("kind", "step", "field"),
    [
        ("sequence", {}, "steps.0.type"),
        ("rule", {"knowledge": ["x"]}, "steps.0.knowledge"),
        ("rule", {"otherwise": "nowhere"}, "steps.0.otherwise"),
        ("rule", {"turns": 21}, "steps.0.turns"),
        ("rule", {"template": {}}, "steps.0.template"),
    ],
)
async def test_documents_that_are_refused(lite_play: Play, kind: str, step: dict[str, Any], field: str) -> None:
    document = {"trigger": {"type": "message"}, "steps": [{"type": "ai", **step}]}
    with pytest.raises(Invalid) as refused:
        await lite_play.core.automations.create(lite_play.workspace, "A", kind, document)
    assert [*refused.value.details] == [field]


def test_contents_are_in_no_repr() -> None:
    from jackfield.core.automations.steps import AskAi

    call = AiCall(
        run_id=1, visit=0, workspace_id=1, automation_id=1, channel_id=1, peer="49170", step=AskAi(instructions="sec")
    )
    assert "sec" not in repr(call)
    assert "49170" not in repr(call)
