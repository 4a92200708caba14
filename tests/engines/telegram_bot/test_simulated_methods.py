"""The simulated Bot API as bots' own libraries need it: entities, parse modes, and the methods of rarer use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from jackfield.engines.simulator.bot.formatting import find_entities, parse_marks
from jackfield.engines.simulator.bot.wire import BotProblem

from .conftest import ANA, BOT, GROUP, TOKEN, Network


class Caller:
    """Calls methods as any HTTP client does."""

    def __init__(self, network: Network, client: aiohttp.ClientSession) -> None:
        self._url, self._client = f"{network.url}/bot{TOKEN}", client

    async def __call__(self, method: str, **fields: Any) -> Any:
        async with self._client.post(f"{self._url}/{method}", json=fields) as response:
            answer = await response.json()
        assert answer["ok"], answer
        return answer["result"]

    async def refused(self, method: str, **fields: Any) -> str:
        async with self._client.post(f"{self._url}/{method}", json=fields) as response:
            answer = await response.json()
        assert not answer["ok"]
        return str(answer["description"])


@pytest.fixture
async def call(network: Network) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as client:
        yield Caller(network, client)


def pieces(text: str, entities: list[Any]) -> list[tuple[str, str]]:
    """Entities with the text that they mark."""
    units = text.encode("utf-16-le")
    return [
        (one["type"], units[one["offset"] * 2 : (one["offset"] + one["length"]) * 2].decode("utf-16-le"))
        for one in entities
    ]


# -- what comes in -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("/start", [("bot_command", "/start")]),
        ("/start ref_1", [("bot_command", "/start")]),
        ("😀 /help@my_bot now", [("bot_command", "/help@my_bot")]),
        ("a/b and 1/2", []),
        (
            "see https://example.com/a?b=1, or example.org.",
            [("url", "https://example.com/a?b=1"), ("url", "example.org")],
        ),
        ("write to a.b@example.com or @somebody", [("email", "a.b@example.com"), ("mention", "@somebody")]),
        ("#sale $USD #1", [("hashtag", "#sale"), ("cashtag", "$USD")]),
        ("call +44 20 7946 0958", [("phone_number", "+44 20 7946 0958")]),
    ],
)
def test_texts_of_people_have_the_entities_that_telegram_finds(text: str, wanted: list[Any]) -> None:
    assert pieces(text, find_entities(text)) == wanted


async def test_a_command_of_a_person_fires_in_bots(call: Caller, network: Network) -> None:
    """grammY and Telegraf hear a command by its entity alone; so do captions."""
    await network.control("inbound", **{"from": str(ANA), "type": "text", "text": "/start now"})
    await network.control("inbound", **{"from": str(ANA), "type": "image", "caption": "see #sale"})
    text, picture = [one["message"] for one in await call("getUpdates")]
    assert text["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert picture["caption_entities"] == [{"type": "hashtag", "offset": 4, "length": 5}]


# -- what goes out -----------------------------------------------------------------------------------

MARKS: list[tuple[str, str, str, str]] = [
    ("HTML", "<b>bold <i>both</i></b> &amp; <u>u</u>", "bold both & u", "bold=bold both,italic=both,underline=u"),
    ("html", '😀 <a href="https://example.com/?a=1&amp;b=2">link</a>', "😀 link", "text_link=link"),
    ("HTML", '<a href="tg://user?id=5">Bob</a> <tg-spoiler>x</tg-spoiler>', "Bob x", "text_mention=Bob,spoiler=x"),
    ("HTML", '<pre><code class="language-python">a &lt; b</code></pre>', "a < b", "pre=a < b"),
    ("HTML", "<blockquote expandable>q</blockquote>", "q", "expandable_blockquote=q"),
    ("MarkdownV2", r"*bold _both_* __under__ \-", "bold both under -", "bold=bold both,italic=both,underline=under"),
    ("MarkdownV2", "~s~ ||x||", "s x", "strikethrough=s,spoiler=x"),
    ("MarkdownV2", "[link](https://example.com/a\\)b) `co*de`", "link co*de", "text_link=link,code=co*de"),
    ("MarkdownV2", "![👍](tg://emoji?id=51)", "👍", "custom_emoji=👍"),
    ("MarkdownV2", "```py\na = 1\n```", "a = 1\n", "pre=a = 1\n"),
    ("MarkdownV2", ">one\n>two\nthree", "one\ntwo\nthree", "blockquote=one\ntwo"),
    ("Markdown", "*bold* _i_ `c` 1.5!", "bold i c 1.5!", "bold=bold,italic=i,code=c"),
    ("Markdown", "[link](https://example.com)", "link", "text_link=link"),
]


@pytest.mark.parametrize(("mode", "text", "plain", "wanted"), MARKS)
def test_marks_are_applied(mode: str, text: str, plain: str, wanted: str) -> None:
    shown, entities = parse_marks(text, mode)
    assert shown == plain
    assert ",".join(f"{kind}={marked}" for kind, marked in pieces(shown, entities)) == wanted


@pytest.mark.parametrize(
    ("mode", "text", "words"),
    [
        ("HTML", "<b>bold", 'Can\'t find end tag corresponding to start tag "b"'),
        ("HTML", "<b>x</i>", "Unmatched end tag"),
        ("HTML", "x</b>", "Unexpected end tag at byte offset 1"),
        ("HTML", "<h1>x</h1>", 'Unsupported start tag "h1" at byte offset 0'),
        ("HTML", "1 < 2", "Unsupported start tag"),
        ("MarkdownV2", "Sale!", "Character '!' is reserved and must be escaped"),
        ("MarkdownV2", "*bold", "Can't find end of Bold entity"),
        ("MarkdownV2", "`code", "Can't find end of Code entity"),
        ("MarkdownV2", "[x](y", "Can't find end of a URL"),
        ("Markdown", "a_b", "Can't find end of the entity starting at byte offset 1"),
        ("rtf", "x", "unsupported parse_mode"),
    ],
)
async def test_wrong_marks_are_refused_in_telegrams_words(call: Caller, mode: str, text: str, words: str) -> None:
    with pytest.raises(BotProblem, match="Bad Request"):
        parse_marks(text, mode)
    assert words in await call.refused("sendMessage", chat_id=ANA, text=text, parse_mode=mode)


async def test_a_text_of_marks_alone_is_empty_and_entities_must_fit(call: Caller) -> None:
    assert "empty" in await call.refused("sendMessage", chat_id=ANA, text="<b> </b>", parse_mode="HTML")
    outside = [{"type": "bold", "offset": 0, "length": 9}]
    assert "ends after" in await call.refused("sendMessage", chat_id=ANA, text="Hi", entities=outside)
    long = await call("sendMessage", chat_id=ANA, text=f"<b>{'x' * 4096}</b>", parse_mode="HTML")
    assert len(long["text"]) == 4096, "marks do not count"
    edited = await call(
        "editMessageText", chat_id=ANA, message_id=long["message_id"], text="_i_", parse_mode="MarkdownV2"
    )
    assert (edited["text"], edited["entities"]) == ("i", [{"type": "italic", "offset": 0, "length": 1}])


# -- methods -----------------------------------------------------------------------------------------


async def test_a_bot_says_who_it_is(call: Caller) -> None:
    assert await call("setMyName", name="Shop") is True
    assert (await call("getMyName"))["name"] == "Shop"
    assert (await call("getMe"))["first_name"] == "Shop"
    await call("setMyName", name="Laden", language_code="de")
    assert (await call("getMyName", language_code="de"))["name"] == "Laden"
    await call("setMyDescription", description="We sell shoes.")
    assert (await call("getMyDescription"))["description"] == "We sell shoes."
    await call("setMyShortDescription", short_description="Shoes")
    assert (await call("getMyShortDescription", language_code="fr"))["short_description"] == "Shoes"
    assert "too long" in await call.refused("setMyName", name="x" * 65)


async def test_menus_pictures_and_members(call: Caller) -> None:
    assert await call("getChatMenuButton") == {"type": "commands"}
    button = {"type": "web_app", "text": "Order", "web_app": {"url": "https://example.com"}}
    await call("setChatMenuButton", chat_id=ANA, menu_button=button)
    assert await call("getChatMenuButton", chat_id=ANA) == button
    assert await call("getChatMenuButton") == {"type": "commands"}
    assert "type is wrong" in await call.refused("setChatMenuButton", menu_button={"type": "x"})
    assert await call("getUserProfilePhotos", user_id=ANA) == {"total_count": 0, "photos": []}
    assert await call.refused("getUserProfilePhotos", user_id=987654) == "Bad Request: user not found"
    assert await call("getChatMembersCount", chat_id=GROUP) == await call("getChatMemberCount", chat_id=GROUP) == 3
    assert (await call("getMyDefaultAdministratorRights"))["can_manage_chat"] is False
    assert [one["custom_emoji_id"] for one in await call("getCustomEmojiStickers", custom_emoji_ids=["5"])] == ["5"]


async def test_an_administrator_manages_topics_and_members(call: Caller, network: Network) -> None:
    assert "rights" in await call.refused("createForumTopic", chat_id=GROUP, name="Orders")
    await network.control("members", chat=GROUP, bot="administrator", by=ANA)
    topic = (await call("createForumTopic", chat_id=GROUP, name="Orders"))["message_thread_id"]
    sent = await call("sendMessage", chat_id=GROUP, text="Hi", message_thread_id=topic)
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (topic, True)
    await call("closeForumTopic", chat_id=GROUP, message_thread_id=topic)
    closed = {"chat_id": GROUP, "text": "Hi", "message_thread_id": topic}
    assert await call.refused("sendMessage", **closed) == "Bad Request: TOPIC_CLOSED"
    await call("reopenForumTopic", chat_id=GROUP, message_thread_id=topic)
    await call("editForumTopic", chat_id=GROUP, message_thread_id=topic, name="Sales")
    await call("deleteForumTopic", chat_id=GROUP, message_thread_id=topic)
    assert "thread not found" in await call.refused("sendMessage", **closed)
    await call("setChatTitle", chat_id=GROUP, title="The team")
    assert (await call("getChat", chat_id=GROUP))["title"] == "The team"
    await call("banChatMember", chat_id=GROUP, user_id=222)
    assert (await call("getChatMember", chat_id=GROUP, user_id=222))["status"] == "kicked"
    await call("unbanChatMember", chat_id=GROUP, user_id=222)
    assert (await call("exportChatInviteLink", chat_id=GROUP)).startswith("https://t.me/+")


async def test_a_payment_is_answered_once_and_with_words_when_refused(call: Caller, network: Network) -> None:
    query = await network.control("pay", **{"from": str(ANA), "amount": 500})
    (update,) = await call("getUpdates")
    assert update["pre_checkout_query"]["total_amount"] == 500
    answer = {"pre_checkout_query_id": query["id"], "ok": False}
    assert "error message" in await call.refused("answerPreCheckoutQuery", **answer)
    await call("answerPreCheckoutQuery", **answer, error_message="Sold out")
    assert "too old" in await call.refused("answerPreCheckoutQuery", **answer, error_message="Sold out")
    assert network.bot.answers[query["id"]]["error_message"] == "Sold out"


async def test_what_is_in_no_album_together_is_refused(call: Caller) -> None:
    mixed = [
        {"type": "photo", "media": "https://example.com/a.jpg"},
        {"type": "document", "media": "https://example.com/a"},
    ]
    assert "can't be mixed" in await call.refused("sendMediaGroup", chat_id=ANA, media=mixed)
    assert (await call("getMe"))["id"] == BOT
