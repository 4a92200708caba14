"""The survey after a chat is done: who is asked, which answers count, what becomes of them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from jackfield.core import MessageView, decode, now_ms
from jackfield.core.ground.errors import Invalid
from jackfield.core.models import Chat, ChatSurvey
from jackfield.core.port.content import ButtonReply, ListReply, Text
from jackfield.core.service.surveys import SurveyView, question

from .conftest import Desk
from .test_targets import settle

HOUR = 3_600_000
ON = SurveyView(enabled=True, text="How was it?", thanks="Thanks!", comment_text="What was wrong?")


async def switch_on(desk: Desk, survey: SurveyView = ON) -> None:
    await desk.core.surveys.put(desk.workspace, survey)
    await settle(desk)


async def wait(desk: Desk, ms: int = 16_000) -> None:
    """So much time passes for surveys, and what is due is sent."""
    await settle(desk)
    async with desk.core.unit() as unit:
        moved = {name: getattr(ChatSurvey, name) - ms for name in ("send_at", "sent_at", "until", "comment_until")}
        await unit.conn.execute(update(ChatSurvey).values(moved))
    while (due := await desk.core.surveys.step()) is not None and due <= now_ms():
        pass


async def talk(desk: Desk, peer: str, **done: Any) -> None:
    """Somebody writes, is answered, and the chat is done."""
    await desk.write(peer)
    await desk.answer(peer)
    await desk.done(peer, **done)
    await wait(desk)


async def sent(desk: Desk, peer: str) -> list[MessageView]:
    """What was written by itself, oldest first."""
    found = (await desk.core.messages.list(desk.workspace, limit=200)).items[::-1]
    return [one for one in found if one.peer == peer and one.source == "automation"]


def words(view: MessageView) -> str:
    assert view.content is not None
    content: Any = decode(view.content)
    return str(content.text if isinstance(content, Text) else content.body)


async def ids(desk: Desk, peer: str) -> list[str]:
    (asked, *_) = await sent(desk, peer)
    assert asked.content is not None
    content: Any = decode(asked.content)
    return [row.id for row in content.sections[0].rows]


async def test_a_good_rating_is_thanked_for_and_opens_nothing(desk: Desk) -> None:
    await talk(desk, "491")
    assert await sent(desk, "491") == []
    await switch_on(desk)
    await talk(desk, "491", assignee_id=desk.agents[1])
    assert [words(one) for one in await sent(desk, "491")] == ["How was it?"]
    best = (await ids(desk, "491"))[0]
    await desk.write("491", content=ListReply(id=best, title="★★★★★"))
    chat = (await desk.chat("491")).chat
    assert (chat.status, chat.unread) == ("done", 2)
    await wait(desk, 0)
    assert [words(one) for one in await sent(desk, "491")] == ["How was it?", "Thanks!"]
    (told,) = await desk.events("survey.answered")
    assert (told.rating, told.member_id, told.comment) == (5, desk.agents[1], None)
    received = (await desk.events("message.received"))[-1]
    assert received.survey_id == told.id
    (answer,) = (await desk.core.surveys.answers(desk.workspace)).items
    assert (answer.rating, answer.contact_name, answer.member_id) == (5, "Ann", desk.agents[1])
    # The same press once more is what somebody says, and no second rating.
    await desk.write("491", content=ListReply(id=best, title="★★★★★"))
    assert (await desk.chat("491")).chat.status == "open"
    assert len(await desk.events("survey.answered")) == 1


async def test_after_a_low_rating_a_comment_is_asked_for_and_kept(desk: Desk) -> None:
    await switch_on(desk)
    await talk(desk, "491")
    await desk.write("491", content=Text(text=" 2 "))
    await wait(desk, 0)
    assert [words(one) for one in await sent(desk, "491")] == ["How was it?", "What was wrong?"]
    await desk.write("491", content=Text(text="Nobody called me back"))
    await settle(desk)
    # Somebody is to see it.
    assert (await desk.chat("491")).chat.status == "open"
    await desk.write("491", content=Text(text="Hello?"))
    await settle(desk)
    told = await desk.events("survey.answered")
    assert [(one.rating, one.comment) for one in told] == [(2, None), (2, "Nobody called me back")]
    found = (await desk.core.surveys.answers(desk.workspace, commented=True)).items
    assert [one.comment for one in found] == ["Nobody called me back"]
    report = await desk.core.surveys.report(desk.workspace, by="agent", since=now_ms() - 24 * HOUR, until=now_ms() + 1)
    (row,) = report.rows
    assert (row.name, row.figures.asked, row.figures.answered, row.figures.average) == ("A0", 1, 1, 2.0)
    assert (report.sum.content, report.sum.comments) == (0, 1)


async def test_who_is_not_asked(desk: Desk) -> None:
    core = desk.core
    await switch_on(desk)
    # Nobody answered.
    await desk.write("491")
    await desk.done("491")
    await wait(desk)
    assert await sent(desk, "491") == []
    # It was set done by mistake.
    await desk.write("492")
    await desk.answer("492")
    await desk.done("492")
    await settle(desk)
    await desk.change("492", status="open")
    await wait(desk)
    assert await sent(desk, "492") == []
    # The window is closed.
    await desk.write("493")
    await desk.answer("493")
    async with core.unit() as unit:
        await unit.conn.execute(update(Chat).where(Chat.peer == "493").values(window_until=unit.now))
    await desk.done("493")
    await wait(desk)
    assert await sent(desk, "493") == []
    # Somebody refused.
    await desk.write("494", content=Text(text="STOP"))
    before = len(await sent(desk, "494"))
    await desk.answer("494")
    await desk.done("494")
    await wait(desk)
    assert len(await sent(desk, "494")) == before
    # Asked lately; and asked again when the time is over.
    await talk(desk, "495")
    await talk(desk, "495")
    assert len(await sent(desk, "495")) == 1
    await wait(desk, 7 * 24 * HOUR)
    await talk(desk, "495")
    assert len(await sent(desk, "495")) == 2
    # Switched off meanwhile.
    await desk.write("496")
    await desk.answer("496")
    await desk.done("496")
    await settle(desk)
    await core.surveys.put(desk.workspace, SurveyView())
    await wait(desk)
    assert await sent(desk, "496") == []


async def test_a_number_is_a_rating_only_while_it_counts(desk: Desk) -> None:
    await switch_on(desk, SurveyView(enabled=True, scale="thumbs"))
    await desk.write("491", content=Text(text="5"))
    assert (await desk.chat("491")).chat.status == "open"
    await desk.answer("491")
    await desk.done("491")
    await wait(desk)
    await desk.write("491", content=Text(text="3"))
    assert (await desk.chat("491")).chat.status == "open"
    await desk.done("491")
    await desk.write("491", content=Text(text="2"))
    assert (await desk.chat("491")).chat.status == "done"
    (told,) = await desk.events("survey.answered")
    assert told.rating == 1
    await talk(desk, "492")
    await wait(desk, 25 * HOUR)
    await desk.write("492", content=ButtonReply(id="survey:2:5", title="👍"))
    assert (await desk.chat("492")).chat.status == "open"
    assert len(await desk.events("survey.answered")) == 1


def test_the_question_on_each_network() -> None:
    listed: Any = question("How?", "stars", 7, frozenset({"list", "buttons"}))
    assert [row.id for row in listed.sections[0].rows] == [f"survey:7:{n}" for n in (5, 4, 3, 2, 1)]
    buttons: Any = question("How?", "thumbs", 7, frozenset({"list", "buttons"}))
    assert [one.id for one in buttons.buttons] == ["survey:7:5", "survey:7:1"]
    inline: Any = question("How?", "stars", 7, frozenset({"inline_keyboard"}))
    assert inline.rows[0][0].data == "survey:7:5"
    assert question("How?", "thumbs", 7, frozenset()) == Text(text="How?\n1. 👍\n2. 👎")
    plain: Any = question("How?", "stars", 7, frozenset())
    assert plain.text.splitlines()[-1] == "1: ★"


async def test_a_survey_is_checked(lite_desk: Desk) -> None:
    service, ours = lite_desk.core.surveys, lite_desk.workspace
    assert (await service.get(ours)).enabled is False
    for wrong, field in (
        (SurveyView(scale="points"), "scale"),
        (SurveyView(text=" "), "text"),
        (SurveyView(low_rating=5), "lowRating"),
        (SurveyView(rest_days=-1), "restDays"),
        (SurveyView(answer_hours=0), "answerHours"),
    ):
        with pytest.raises(Invalid) as refused:
            await service.put(ours, wrong)
        assert list(refused.value.details) == [field]
    assert await service.put(ours, ON) == await service.get(ours) == ON
