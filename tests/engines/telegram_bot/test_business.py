"""Telegram in business use: topics, albums, business accounts, formatted texts, payments, and who is nobody."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from jackfield.core.ground.errors import Rejected
from jackfield.core.port import AccountNotice, CallbackRequest, Incoming, MessageDeleted, PeerKnown, UnknownReport
from jackfield.core.port import content as c
from jackfield.engines.telegram_bot.incoming import NO_PAYMENTS, read
from jackfield.engines.telegram_bot.incoming_content import amount
from jackfield.engines.telegram_bot.network import NETWORK

from .conftest import ANA, GROUP, Line, Network

FORUM = -1007
TOPIC = f"{FORUM}~45"
BUSINESS = f"{ANA}~business-Abc_1"
NEWS = {"id": -1009, "type": "channel", "title": "News"}
PERSON = {"id": ANA, "is_bot": False, "first_name": "Ana"}
TEAM = {"id": GROUP, "type": "supergroup", "title": "Team"}


def message(**fields: Any) -> dict[str, Any]:
    private = {"id": ANA, "type": "private", "first_name": "Ana"}
    return {"message_id": 7, "date": 1_700_000_000, "chat": private, "from": PERSON, **fields}


def came(kind: str = "message", **fields: Any) -> Incoming:
    (found,) = [one for one in read({"update_id": 1, kind: message(**fields)}, {}).reports if isinstance(one, Incoming)]
    return found


# -- who is nobody -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("channel_post", {"chat": NEWS, "sender_chat": NEWS}),
        ("message", {"chat": TEAM, "from": {"id": 1087968824, "is_bot": True, "first_name": "Group"}, "sender_chat": TEAM}),
        ("message", {"chat": TEAM, "from": {"id": 136817688, "is_bot": True, "first_name": "C"}, "sender_chat": NEWS}),
        ("message", {"chat": TEAM, "from": {"id": 777000, "first_name": "Telegram"}, "is_automatic_forward": True}),
        ("message", {"chat": TEAM, "from": {"id": 999, "is_bot": True, "first_name": "Another bot"}}),
    ],
    ids=["a channel post", "an anonymous administrator", "a person in a channel's name", "a forwarded post", "a bot"],
)  # fmt: skip
def test_what_is_no_person_becomes_no_contact(kind: str, fields: dict[str, Any]) -> None:
    if kind == "channel_post":
        fields = {**fields, "from": None}
    said = came(kind, text="Sale!", **fields)
    assert (said.identities, said.is_person) == ({}, False)


def test_bots_that_join_are_not_made_known() -> None:
    people = [PERSON, {"id": 4242, "is_bot": True, "first_name": "Jackfield Bot"}]
    reports = read({"update_id": 1, "message": message(chat=TEAM, new_chat_members=people)}, {}).reports
    assert [one.identities["telegram"] for one in reports if isinstance(one, PeerKnown)] == [str(ANA)]


def test_the_press_of_an_anonymous_administrator_is_nobodys() -> None:
    query = {
        "id": "1",
        "from": {"id": 1087968824, "is_bot": True, "first_name": "Group"},
        "data": "y",
        "message": message(chat=TEAM),
    }
    (pressed,) = read({"update_id": 1, "callback_query": query}, {}).reports
    assert isinstance(pressed, Incoming)
    assert (pressed.is_person, pressed.identities) == (False, {})


# -- topics ------------------------------------------------------------------------------------------


async def _forum(network: Network) -> None:
    topics = {"45": "Orders", "46": "Returns"}
    await network.control(groups=[{"id": FORUM, "title": "Shop", "members": [ANA], "topics": topics}])


async def test_a_topic_is_a_conversation_of_its_own(line: Line, network: Network) -> None:
    session = await line.open()
    await _forum(network)
    await network.control("inbound", **{"from": str(ANA), "chat": FORUM, "topic": 45, "type": "text", "text": "Hi"})
    first = await line.heard.incoming(1)
    assert (first.chat, first.chat_kind, first.chat_name, first.group_name) == (TOPIC, "group", "Shop: Orders", "Shop")
    assert first.reply_to is None, "the topic's opening is no message that was answered"
    sent = await session.send(line.message(c.Text(text="Hello"), to=first.chat, reply_to=first.provider_id))
    assert sent.provider_id.startswith(f"{FORUM}:")
    (row,) = await network.outbox()
    assert (row["content"]["message_thread_id"], row["content"]["is_topic_message"]) == (45, True)
    assert row["content"]["reply_to_message"]["text"] == "Hi"
    number = int(sent.provider_id.rpartition(":")[2])
    said = {"from": str(ANA), "chat": FORUM, "topic": 45, "type": "text", "text": "Thanks", "replyTo": str(number)}
    await network.control("inbound", **said)
    answer = await line.heard.incoming(2)
    assert (answer.chat, answer.reply_to, answer.chat_name) == (TOPIC, sent.provider_id, None)
    with pytest.raises(Rejected, match="thread"):
        await session.send(line.message(c.Text(text="Hello"), to=f"{FORUM}~99"))
    await session.typing(TOPIC, True)


def test_a_thread_of_replies_is_no_topic() -> None:
    """Telegram numbers threads in every supergroup; what is a topic says so."""
    answered = message(chat=TEAM, message_id=3)
    said = came(chat=TEAM, text="Yes", message_thread_id=3, reply_to_message=answered)
    assert (said.chat, said.reply_to) == (str(GROUP), f"{GROUP}:3")


def test_a_topic_that_opens_or_closes_is_a_notice() -> None:
    forum = {"id": FORUM, "type": "supergroup", "title": "Shop", "is_forum": True}
    where = {"chat": forum, "message_thread_id": 45, "is_topic_message": True}
    opened = came(**where, message_id=45, forum_topic_created={"name": "Orders"})
    assert opened.content == c.System(text="Ana opened the topic Orders.", kind="topic_opened")
    assert opened.chat_name == "Shop: Orders"
    assert came(**where, forum_topic_closed={}).content == c.System(text="Ana closed the topic.", kind="topic_closed")
    renamed = came(**where, forum_topic_edited={"name": "Sales"})
    assert (renamed.content, renamed.chat_name) == (
        c.System(text="Ana named the topic Sales.", kind="topic_changed"),
        "Shop: Sales",
    )


@pytest.mark.parametrize(
    "key",
    ["write_access_allowed", "video_chat_started", "message_auto_delete_timer_changed", "boost_added",
     "chat_background_set", "proximity_alert_triggered", "giveaway_completed", "checklist_tasks_done"],
)  # fmt: skip
@pytest.mark.parametrize("details", [{}, {"a": 1}])
def test_what_telegram_shows_as_a_line_of_its_own_is_a_notice(key: str, details: dict[str, Any]) -> None:
    """Nobody wrote it, so nothing is unread and no window opens."""
    said = came(**{key: details})
    assert isinstance(said.content, c.System)
    assert said.content.kind == key


@pytest.mark.parametrize("key", ["users_shared", "chat_shared", "story", "game", "checklist", "paid_media"])
def test_what_a_person_sent_is_a_message_though_it_has_no_form_here(key: str) -> None:
    said = came(**{key: {"a": 1}})
    assert isinstance(said.content, c.UnknownContent)
    assert said.content.note == key


@pytest.mark.parametrize(
    ("address", "kind", "identity"),
    [
        (TOPIC, "group", None),
        ("@shop~3", "newsletter", None),
        (BUSINESS, "private", ("telegram", str(ANA))),
        (f"tg:{ANA}", "private", ("telegram", str(ANA))),
    ],
)
def test_addresses_of_topics_and_business_chats(address: str, kind: str, identity: Any) -> None:
    parsed, found = NETWORK.addressing.parse(address)
    assert found == kind
    assert NETWORK.addressing.identity(parsed) == identity


# -- albums ------------------------------------------------------------------------------------------


async def test_an_album_goes_out_as_one_message_and_is_deleted_whole(line: Line, network: Network) -> None:
    session = await line.open()
    items: list[Any] = [
        c.Image(url="https://example.com/a.jpg", caption="Both"),
        c.Video(url="https://example.com/b.mp4"),
    ]
    sent = await session.send(line.message(c.Album(items=items)))
    rows = await network.outbox()
    assert [row["type"] for row in rows] == ["photo", "video"]
    assert len({row["content"]["media_group_id"] for row in rows}) == 1
    assert rows[0]["content"]["caption"] == "Both"
    await session.delete(str(ANA), sent.provider_id)
    assert [row["status"] for row in await network.outbox()] == ["deleted", "deleted"]


@pytest.mark.parametrize(
    "items",
    [
        [c.Image(url="https://example.com/a.jpg")],
        [c.Image(url="https://example.com/a.jpg")] * 11,
        [c.Image(url="https://example.com/a.jpg"), c.Document(url="https://example.com/a.pdf")],
        [c.Audio(url="https://example.com/a.ogg", voice=True)] * 2,
    ],
    ids=["one alone", "eleven", "a picture and a document", "voice notes"],
)
async def test_what_telegram_shows_in_no_album_is_refused_in_words(line: Line, items: list[Any]) -> None:
    session = await line.open()
    with pytest.raises(Rejected) as refused:
        await session.send(line.message(c.Album(items=items)))
    assert refused.value.code == "telegram:400:album"


async def test_files_that_came_together_keep_their_album(line: Line, network: Network) -> None:
    await line.open()
    for kind in ("image", "video"):
        await network.control("inbound", **{"from": str(ANA), "type": kind, "album": "13001"})
    await line.heard.incoming(2)
    assert [one.content.album for one in line.heard.of(Incoming)] == ["13001", "13001"]


# -- business accounts -------------------------------------------------------------------------------


async def test_a_chat_of_a_business_account_is_answered_in_its_name(line: Line, network: Network) -> None:
    session = await line.open()
    await network.control(business=[{"id": "Abc_1", "user": 222}])
    (notice,) = await line.heard.until(AccountNotice)
    assert (notice.kind, notice.message) == ("business_connection", "The bot answers for the business account of Ben.")
    await network.control("inbound", **{"from": str(ANA), "business": "Abc_1", "type": "text", "text": "Open today?"})
    asked = await line.heard.incoming(1)
    assert (asked.chat, asked.sender, asked.chat_kind, asked.from_me) == (BUSINESS, str(ANA), "private", False)
    assert asked.identities["telegram"] == str(ANA)
    sent = await session.send(line.message(c.Text(text="Yes"), to=asked.chat, reply_to=asked.provider_id))
    (row,) = await network.outbox()
    assert row["content"]["business_connection_id"] == "Abc_1"
    assert row["content"]["reply_to_message"]["text"] == "Open today?"
    await session.edit(asked.chat, sent.provider_id, c.Text(text="Yes, until six"))
    await session.typing(asked.chat, True)
    with pytest.raises(Rejected, match="business account"):
        await session.send(line.message(c.Reaction(target=asked.provider_id, emoji="👍"), to=asked.chat))
    await session.delete(asked.chat, sent.provider_id)
    assert [one["status"] for one in await network.outbox()] == ["deleted"]
    await network.control(business=[{"id": "Abc_1", "user": 222, "canReply": False}])
    await line.heard.until(AccountNotice, 2)
    with pytest.raises(Rejected):
        await session.send(line.message(c.Text(text="Hello"), to=BUSINESS))


def test_what_the_owner_writes_from_the_phone_is_ours_and_names_the_person() -> None:
    said = came(
        "business_message", text="Soon", business_connection_id="Abc_1", **{"from": {"id": 222, "is_bot": False}}
    )
    assert (said.from_me, said.chat, said.provider_id) == (True, BUSINESS, f"{BUSINESS}:7")
    own = message(text="Yes", business_connection_id="Abc_1", sender_business_bot={"id": 1}, **{"from": {"id": 222}})
    assert read({"update_id": 1, "business_message": own}, {}).reports == [], "what the bot sent comes back"


def test_messages_deleted_in_a_business_account_are_deleted_here() -> None:
    gone = {"business_connection_id": "Abc_1", "chat": {"id": ANA, "type": "private"}, "message_ids": [7, 8]}
    reports = read({"update_id": 1, "deleted_business_messages": gone}, {}).reports
    assert [one.provider_id for one in reports if isinstance(one, MessageDeleted)] == [f"{BUSINESS}:7", f"{BUSINESS}:8"]


# -- formatted texts ---------------------------------------------------------------------------------


def test_links_behind_words_and_other_entities_are_kept() -> None:
    entities = [
        {"type": "text_link", "offset": 0, "length": 4, "url": "https://example.com/x"},
        {"type": "text_mention", "offset": 5, "length": 3, "user": {"id": 5, "first_name": "B"}},
        {"type": "custom_emoji", "offset": 9, "length": 2, "custom_emoji_id": "51"},
        {"type": "broken"},
    ]
    kept = [
        c.Entity(type="text_link", offset=0, length=4, url="https://example.com/x"),
        c.Entity(type="text_mention", offset=5, length=3, user="5"),
        c.Entity(type="custom_emoji", offset=9, length=2, custom_emoji_id="51"),
    ]
    assert came(text="here Bob 😀", entities=entities).content == c.Text(text="here Bob 😀", entities=kept)
    photo = [{"file_id": "f", "width": 1, "height": 1}]
    pictured = came(photo=photo, caption="here Bob 😀", caption_entities=entities).content
    assert isinstance(pictured, c.Image)
    assert pictured.entities == kept


@pytest.mark.parametrize(
    ("content", "text", "entities"),
    [
        (c.Text(text="<b>Sale</b> &lt;now&gt;", format="html"), "Sale <now>", [("bold", 0, 4)]),
        (c.Text(text="😀 *Sale* \\!", format="markdown"), "😀 Sale !", [("bold", 3, 4)]),
        (c.Text(text="Sale", entities=[c.Entity(type="italic", offset=0, length=4)]), "Sale", [("italic", 0, 4)]),
        (c.Text(text="*Sale* <b>"), "*Sale* <b>", []),
    ],
    ids=["html", "markdown", "entities", "as typed"],
)
async def test_formatting_goes_out(
    line: Line, network: Network, content: c.Text, text: str, entities: list[Any]
) -> None:
    session = await line.open()
    await session.send(line.message(content))
    (row,) = await network.outbox()
    assert row["content"]["text"] == text
    shown = [(one["type"], one["offset"], one["length"]) for one in row["content"].get("entities", [])]
    assert shown == entities


async def test_a_formatted_caption_goes_out_and_wrong_marks_are_refused(line: Line, network: Network) -> None:
    session = await line.open()
    await session.send(line.message(c.Image(url="https://example.com/a.jpg", caption="<i>New</i>", format="html")))
    (row,) = await network.outbox()
    assert row["content"]["caption_entities"] == [{"type": "italic", "offset": 0, "length": 3}]
    for wrong in (c.Text(text="<b>Sale", format="html"), c.Text(text="Sale!", format="markdown")):
        with pytest.raises(Rejected, match="can't parse entities"):
            await session.send(line.message(wrong))
    with pytest.raises(Rejected, match="no format"):
        await session.send(line.message(c.Text(text="Sale", format="rtf")))


# -- stickers, reactions, payments -------------------------------------------------------------------


async def test_a_sticker_says_its_emoji(line: Line, network: Network) -> None:
    await line.open()
    await network.control("inbound", **{"from": str(ANA), "type": "sticker", "emoji": "👍"})
    sticker = (await line.heard.incoming(1)).content
    assert (sticker.emoji, c.summary(sticker)) == ("👍", "👍")


@pytest.mark.parametrize(
    ("new", "wanted"),
    [
        ([{"type": "custom_emoji", "custom_emoji_id": "51"}], ("✨", "51")),
        ([{"type": "paid"}], ("⭐", None)),
        ([{"type": "custom_emoji", "custom_emoji_id": "51"}, {"type": "emoji", "emoji": "🔥"}], ("🔥", None)),
        ([], ("", None)),
    ],
    ids=["a custom emoji", "a paid star", "an emoji beside it", "taken back"],
)
def test_reactions_of_every_type_come_in(new: list[Any], wanted: Any) -> None:
    changed = {"chat": TEAM, "message_id": 7, "user": PERSON, "date": 1, "new_reaction": new}
    (reacted,) = read({"update_id": 9, "message_reaction": changed}, {}).reports
    assert isinstance(reacted, Incoming)
    assert isinstance(reacted.content, c.Reaction)
    assert (reacted.content.emoji, reacted.content.custom_emoji_id) == wanted


async def test_a_custom_emoji_can_be_a_reaction_of_ours(line: Line, network: Network) -> None:
    session = await line.open()
    sent = await session.send(line.message(c.Text(text="One")))
    await session.send(line.message(c.Reaction(target=sent.provider_id, emoji="✨", custom_emoji_id="51")))
    (row,) = await network.outbox()
    assert row["content"]["reactions"] == [{"type": "custom_emoji", "custom_emoji_id": "51"}]


@pytest.mark.parametrize(
    ("fields", "body", "name"),
    [
        ({"successful_payment": {"currency": "EUR", "total_amount": 1050}}, "Paid 10.50 EUR.", "payment"),
        ({"refunded_payment": {"currency": "XTR", "total_amount": 5}}, "Got 5 stars back.", "refund"),
        ({"web_app_data": {"data": '{"size": 4}', "button_text": "Order"}}, '{"size": 4}', "Order"),
    ],
    ids=["a payment", "a refund", "a web app"],
)  # fmt: skip
def test_what_forms_of_telegram_tell_is_kept(fields: dict[str, Any], body: str, name: str) -> None:
    told = came(**fields).content
    assert isinstance(told, c.FlowReply)
    assert (told.body, told.name, c.summary(told)) == (body, name, body)
    ((_, sent),) = fields.items()
    assert all(told.data[key] == value for key, value in sent.items() if key != "button_text")


@pytest.mark.parametrize(
    ("units", "currency", "said"), [(500, "JPY", "500 JPY"), (1234, "KWD", "1.234 KWD"), (7, "USD", "0.07 USD")]
)
def test_a_price_is_written_as_its_currency_is(units: int, currency: str, said: str) -> None:
    assert amount(units, currency) == said


async def test_an_attempt_to_pay_is_refused_in_words(line: Line, network: Network) -> None:
    """By polling and by webhook: unanswered, the person would wait until it runs out."""
    await line.open()
    query = await network.control("pay", **{"from": str(ANA)})
    await line.heard.until(UnknownReport)
    async with asyncio.timeout(30):
        while not network.bot.answers[query["id"]]:
            await asyncio.sleep(0.005)
    assert network.bot.answers[query["id"]] == {"ok": False, "error_message": NO_PAYMENTS}


@pytest.mark.parametrize(
    ("kind", "method"),
    [("pre_checkout_query", "answerPreCheckoutQuery"), ("shipping_query", "answerShippingQuery")],
)
def test_a_webhook_refuses_a_payment_in_its_answer(line: Line, kind: str, method: str) -> None:
    query = {"id": "q1", "from": PERSON, "currency": "EUR", "total_amount": 1, "invoice_payload": "o1"}
    answer = _post(line, msgspec.json.encode({"update_id": 1, kind: query}))
    reply = msgspec.json.decode(answer.body)
    assert (reply["method"], reply["ok"], reply[f"{kind}_id"]) == (method, False, "q1")
    assert [one.kind for one in answer.reports if isinstance(one, UnknownReport)] == [f"telegram:{kind}"]


# -- what is not quite JSON --------------------------------------------------------------------------


def _post(line: Line, body: bytes) -> Any:
    config = line.config(webhookSecret="right")
    headers = {"x-telegram-bot-api-secret-token": "right"}
    return line.engine.parse_callback(config, CallbackRequest(method="POST", headers=headers, query={}, body=body))


@pytest.mark.parametrize(
    "cut",
    [b"cut \xf0\x9f", rb"cut \ud83d", rb"\udc00 cut"],
    ids=["bytes that are no UTF-8", "half an emoji, escaped", "the second half alone"],
)
def test_half_a_character_loses_no_update(line: Line, cut: bytes) -> None:
    body = msgspec.json.encode({"update_id": 1, "message": message(text="HERE")}).replace(b"HERE", cut)
    answer = _post(line, body)
    assert answer.status == 200
    (said,) = [one for one in answer.reports if isinstance(one, Incoming)]
    assert isinstance(said.content, c.Text)
    assert "cut" in said.content.text
    assert "\ufffd" in said.content.text


def test_what_is_no_update_is_kept_as_it_came(line: Line) -> None:
    for body in (b"", b"[]", b"[" * 100_000, b"\xff\xfe"):
        answer = _post(line, body)
        (kept,) = answer.reports
        assert isinstance(kept, UnknownReport)
        assert (answer.status, kept.unreadable, kept.callback) == (200, True, body)
