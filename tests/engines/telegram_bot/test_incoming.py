"""What comes in, by polling and by webhook: every kind, once, and in order, whatever breaks in between."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from jackfield.core.port import (
    CallbackAnswer,
    CallbackRequest,
    Disconnected,
    GroupChanged,
    Incoming,
    LoginChanged,
    MarketingPreference,
    MessageEdited,
    PeerKnown,
    UnknownReport,
)
from jackfield.core.port import content as c
from jackfield.engines.telegram_bot.incoming import read
from jackfield.engines.telegram_bot.memory import OFFSET_LIVES_S, Memory

from .conftest import ANA, GROUP, TOKEN, Line, Network, Served

SAID: list[tuple[dict[str, Any], c.Content | type]] = [
    ({"type": "text", "text": "Hello"}, c.Text(text="Hello")),
    ({"type": "image", "caption": "Look"}, c.Image),
    ({"type": "video"}, c.Video),
    ({"type": "audio"}, c.Audio),
    ({"type": "voice"}, c.Audio),
    ({"type": "document"}, c.Document),
    ({"type": "sticker"}, c.Sticker),
    ({"type": "location", "latitude": 1.5, "longitude": 2.5}, c.Location(latitude=1.5, longitude=2.5)),
    (
        {"type": "location", "latitude": 1.5, "longitude": 2.5, "placeName": "Cafe", "address": "Main St 1"},
        c.Location(latitude=1.5, longitude=2.5, name="Cafe", address="Main St 1"),
    ),
    ({"type": "contact", "contactName": "Max Muster", "phones": ["+4915112345678"]}, c.Contacts),
    (
        {"type": "poll", "question": "Lunch?", "options": ["pizza", "salad"]},
        c.Poll(question="Lunch?", options=["pizza", "salad"]),
    ),
]


async def _say(network: Network, **body: Any) -> dict[str, Any]:
    said: dict[str, Any] = await network.control("inbound", **{"from": str(ANA), "name": "Ana", **body})
    return said


async def test_every_kind_comes_in(line: Line, network: Network) -> None:
    session = await line.open()
    for number, (body, wanted) in enumerate(SAID, start=1):
        update = await _say(network, **body)
        came = await line.heard.incoming(number)
        assert came.provider_id == f"{ANA}:{update['message_id']}"
        assert (came.chat, came.sender, came.sender_name, came.chat_kind) == ("111", "111", "Ana", "private")
        assert came.identities == {"telegram": "111", "username": "ana"}
        if isinstance(wanted, type):
            assert isinstance(came.content, wanted)
        else:
            assert came.content == wanted
    photo, voice = line.heard.of(Incoming)[1].content, line.heard.of(Incoming)[4].content
    assert photo.caption == "Look"
    assert voice.voice
    data, mime = await session.download(photo.media_id)
    assert data.startswith(b"\x89PNG")
    assert mime == "image/png"


async def test_answers_to_what_was_sent(line: Line, network: Network) -> None:
    session = await line.open()
    asked = await session.send(
        line.message(c.InlineKeyboard(text="Sure?", rows=[[c.InlineButton(text="Yes", data="y")]]))
    )
    await _say(network, type="button", id="y")
    pressed = await line.heard.incoming(1)
    assert pressed.content == c.ButtonReply(id="y", title="Yes")
    assert pressed.reply_to == asked.provider_id
    await _say(network, type="reaction", target=asked.provider_id, emoji="🔥")
    assert (await line.heard.incoming(2)).content == c.Reaction(target=asked.provider_id, emoji="🔥")
    poll = await session.send(line.message(c.Poll(question="Tea?", options=["yes", "no"])))
    await _say(network, type="poll_vote", target=poll.provider_id, options=["no"])
    assert (await line.heard.incoming(3)).content == c.PollVote(target=poll.provider_id, options=["no"])
    said = await _say(network, type="text", text="Helo")
    await network.control("edit", chat=ANA, message=said["message_id"], type="text", text="Hello")
    (edited,) = await line.heard.until(MessageEdited)
    assert (edited.provider_id, edited.content) == (f"{ANA}:{said['message_id']}", c.Text(text="Hello"))
    await _say(network, type="text", text="Re", replyTo=asked.provider_id)
    assert (await line.heard.incoming(5)).reply_to == asked.provider_id
    ids = [report.provider_id for report in line.heard.of(Incoming)]
    assert len(set(ids)) == len(ids)
    assert network.bot.presses == {}, "the press was acknowledged"


async def test_groups_channels_and_people_become_known(line: Line, network: Network) -> None:
    await line.open()
    await network.control("members", chat=GROUP, bot="administrator", by=ANA)
    (joined,) = await line.heard.until(GroupChanged)
    assert (joined.group.address, joined.group.name, joined.group.kind) == (str(GROUP), "Team", "group")
    await network.control("members", chat=GROUP, join=[333])
    await network.control("members", chat=GROUP, leave=[222])
    people = await line.heard.until(PeerKnown, 3)
    assert {person.identities["telegram"] for person in people} == {"333", "222"}
    notices = [report.content for report in await line.heard.until(Incoming, 2)]
    assert [(notice.kind, notice.text) for notice in notices] == [
        ("member_joined", "Person 333 joined."),
        ("member_left", "Ben left."),
    ]
    await network.control("inbound", **{"from": "222", "chat": GROUP, "type": "text", "text": "hi all"})
    said = await line.heard.incoming(3)
    assert (said.chat, said.sender, said.chat_kind, said.chat_name) == (str(GROUP), "222", "group", "Team")
    await network.control(groups=[{"id": -1009, "type": "channel", "title": "News"}])
    await network.control("inbound", **{"from": str(ANA), "chat": -1009, "type": "text", "text": "Extra!"})
    post = await line.heard.incoming(4)
    assert line.heard.of(GroupChanged)[-1].group.kind == "newsletter"
    assert (post.chat, post.sender, post.chat_kind, post.sender_name) == ("-1009", "-1009", "newsletter", "News")
    before = len(line.heard.of(GroupChanged))
    await network.control("members", chat=GROUP, bot="kicked", by=ANA)
    assert (await line.heard.until(GroupChanged, before + 1))[-1].group.left
    await network.control(groups=[{"id": -5, "type": "group", "title": "Old"}], migrate={"-5": -1005})
    changed = await line.heard.until(GroupChanged, before + 3)
    assert [(report.group.address, report.group.left) for report in changed[before + 1 :]][:2] == [
        ("-5", True),
        ("-1005", False),
    ]


async def test_a_group_joined_long_ago_becomes_known(line: Line, network: Network) -> None:
    """Its first message tells of it, the next ones do not, and a new name does again."""
    await line.open()
    for text in ("one", "two"):
        await network.control("inbound", **{"from": "222", "chat": GROUP, "type": "text", "text": text})
    await line.heard.incoming(2)
    (told,) = line.heard.of(GroupChanged)
    assert (told.group.address, told.group.name, told.group.kind) == (str(GROUP), "Team", "group")
    assert told.group.read_only is None, "a message does not tell"
    assert line.heard.reports.index(told) < line.heard.reports.index(line.heard.of(Incoming)[0])
    await network.control(groups=[{"id": GROUP, "title": "The team", "members": [222]}])
    await network.control("inbound", **{"from": "222", "chat": GROUP, "type": "text", "text": "three"})
    await line.heard.incoming(3)
    assert [one.group.name for one in line.heard.of(GroupChanged)] == ["Team", "The team"]


async def test_blocking_is_the_platforms_opt_out(line: Line, network: Network) -> None:
    await line.open()
    await network.control(blocked=[ANA])
    await network.control(unblocked=[ANA])
    switched = await line.heard.until(MarketingPreference, 2)
    assert [report.opted_in for report in switched] == [False, True]
    assert switched[0].identities == {"telegram": "111", "username": "ana"}


async def test_a_shared_phone_number_is_learnt(line: Line, network: Network) -> None:
    await line.open()
    message = {
        "message_id": 900,
        "date": 1_700_000_000,
        "chat": {"id": ANA, "type": "private", "first_name": "Ana"},
        "from": {"id": ANA, "is_bot": False, "first_name": "Ana"},
        "contact": {"phone_number": "+49 151 1234", "first_name": "Ana", "user_id": ANA},
    }
    await network.control("update", message=message)
    (known,) = await line.heard.until(PeerKnown)
    assert known.identities == {"telegram": "111", "phone": "491511234"}


async def test_odd_updates_block_nothing(line: Line, network: Network) -> None:
    await line.open()
    await network.control("update", message={"message_id": 1})
    await network.control("update", message={"message_id": 2, "date": "?", "chat": None, "text": "x"})
    await _say(network, type="text", text="still here")
    assert (await line.heard.incoming(1)).content == c.Text(text="still here")
    assert [report.kind for report in line.heard.of(UnknownReport)] == ["telegram:message"] * 2
    assert read({"update_id": 1, "brand_new_kind": {}}, {}).reports[0].kind == "telegram:brand_new_kind"  # type: ignore[union-attr]
    assert read({"update_id": 1}, {}).reports[0].kind == "telegram:empty"  # type: ignore[union-attr]


async def test_updates_are_confirmed_only_once_they_are_durable(line: Line, network: Network) -> None:
    """The database fails while updates are at hand, then the process dies: all of them come again."""
    session = await line.open()
    line.heard.failing = True
    await _say(network, type="text", text="one")
    await _say(network, type="text", text="two")
    while not session._poller._failures:  # type: ignore[union-attr]
        await asyncio.sleep(0.005)
    await session.close()
    assert line.heard.of(Incoming) == []
    assert line.states == []
    assert len(network.bot.updates) == 2

    line.heard.failing = False
    again = await line.open()
    texts = [report.content.text for report in await line.heard.until(Incoming, 2)]
    assert texts == ["one", "two"]
    await again.close()
    assert Memory.load(line.state).offset > 0

    third = await line.open()
    await _say(network, type="text", text="three")
    assert (await line.heard.incoming(3)).content.text == "three"
    assert len(line.heard.of(Incoming)) == 3, "what was confirmed does not come again"
    await third.close()


async def test_a_stale_offset_is_not_used() -> None:
    memory = Memory(offset=10, offset_at=1000.0)
    assert memory.fresh_offset(1000.0 + OFFSET_LIVES_S - 1) == 10
    assert memory.fresh_offset(1000.0 + OFFSET_LIVES_S + 1) is None
    assert Memory.load(b"broken").fresh_offset() is None


async def test_an_outage_is_reported_and_healed(line: Line, network: Network) -> None:
    await line.open()
    await network.control(faults={"offline": True})
    network.bot.updates.put("message", {})
    (down,) = await line.heard.until(Disconnected, seconds=10)
    assert not down.permanent
    await network.control(faults={})
    await line.heard.until(LoginChanged, 2)


async def test_another_poller_is_named(line: Line, network: Network) -> None:
    await line.open()
    while not network.bot.updates.polled:
        await asyncio.sleep(0.005)
    async with network._client.post(f"{network.url}/bot{TOKEN}/getUpdates", json={"timeout": 5}) as _:
        (down,) = await line.heard.until(Disconnected)
    assert "Another program" in down.reason


async def test_a_revoked_token_ends_polling(line: Line, network: Network) -> None:
    session = await line.open()
    await network.control(revoked=True)
    network.bot.updates.put("message", {})
    (down,) = await line.heard.until(Disconnected, seconds=10)
    assert down.permanent
    assert "BotFather" in down.reason
    async with asyncio.timeout(60):
        await asyncio.wait([session._poller._task])  # type: ignore[union-attr, list-item]  # nobody polls any more


# -- webhook -----------------------------------------------------------------------------------------


class Hooks:
    """What ingress does: parse, make durable, answer."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.answers: list[CallbackAnswer] = []
        self.failing = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = (await receive())["body"]
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        request = CallbackRequest(method=scope["method"], headers=headers, query={}, body=body)
        answer = self.line.engine.parse_callback(self.line.config(), request)
        if self.failing:
            self.failing -= 1
            answer = CallbackAnswer(status=503)
        self.answers.append(answer)
        if answer.reports:
            await self.line.heard(answer.reports)
        head = [(b"content-type", answer.content_type.encode()), (b"content-length", b"%d" % len(answer.body))]
        await send({"type": "http.response.start", "status": answer.status, "headers": head})
        await send({"type": "http.response.body", "body": answer.body})


async def test_webhook_mode(line: Line, network: Network, serve: Any) -> None:
    hooks = Hooks(line)
    served: Served = await serve(hooks)
    session = await line.open(public_url=served.url)
    assert network.bot.updates.webhook.url == f"{served.url}/hooks/7"
    hooks.failing = 1
    await _say(network, type="text", text="Hello")
    assert (await line.heard.incoming(1)).content == c.Text(text="Hello")
    assert [answer.status for answer in hooks.answers] == [503, 200], "Telegram tries again after a failure"
    await session.send(line.message(c.InlineKeyboard(text="Sure?", rows=[[c.InlineButton(text="Yes", data="y")]])))
    await _say(network, type="button", id="y")
    assert (await line.heard.incoming(2)).content == c.ButtonReply(id="y", title="Yes")
    poll = await session.send(line.message(c.Poll(question="Tea?", options=["yes", "no"])))
    await _say(network, type="poll_vote", target=poll.provider_id, options=["yes"])
    assert (await line.heard.incoming(3)).content == c.PollVote(target=poll.provider_id, options=["yes"])
    while network.bot.presses:
        await asyncio.sleep(0.005)
    await session.close()
    polling = await line.open()
    assert network.bot.updates.webhook is None, "polling again takes the webhook away"
    await polling.close()


async def test_webhook_calls_are_verified(line: Line) -> None:
    config = line.config(webhookSecret="right-one")

    def call(secret: str | None, body: bytes = b'{"update_id": 1}', method: str = "POST") -> CallbackAnswer:
        headers = {} if secret is None else {"x-telegram-bot-api-secret-token": secret}
        request = CallbackRequest(method=method, headers=headers, query={}, body=body)
        return line.engine.parse_callback(config, request)

    assert call("right-one").status == 200
    assert call("wrong").status == 401
    assert call(None).status == 401
    assert call("wrong").reports == []
    kept = call("right-one", b"nonsense")
    assert kept.status == 200, "else Telegram would send it again and nothing else"
    (report,) = kept.reports
    assert isinstance(report, UnknownReport)
    assert (report.unreadable, report.callback) == (True, b"nonsense")
    assert call("right-one", method="GET").status == 405


async def test_the_secret_is_never_empty(line: Line) -> None:
    made = line.config().callback_secret()
    assert len(made) == 64
    assert made == line.config().callback_secret()
    assert line.config(webhookSecret="").callback_secret() == made
    assert TOKEN not in repr(line.config())
    with pytest.raises(ValueError, match="bot token"):
        line.config(token="not-a-token")
    assert msgspec.json.decode(line.config().model_dump_json())["token"] == "**********"
