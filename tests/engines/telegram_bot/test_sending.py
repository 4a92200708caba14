"""The engine's sends over HTTP: every kind, and every way in which one can fail."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from jackfield.core.ground.errors import LoginRequired, OutcomeUnknown, Rejected, Throttled, Unavailable
from jackfield.core.port import Disconnected, Done, GroupChanged, LoginChanged, claims
from jackfield.core.port import content as c
from jackfield.engines.telegram_bot.session import TelegramSession

from .conftest import ANA, GROUP, TOKEN, Line, Network, Served

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64

KINDS: list[tuple[c.Content, str]] = [
    (c.Text(text="Hello *you* <b>"), "text"),
    (c.Text(text="https://example.com", preview=False), "text"),
    (c.Image(url="media:m1", caption="A photo"), "photo"),
    (c.Image(url="https://example.com/cat.jpg"), "photo"),
    (c.Video(url="media:m1"), "video"),
    (c.Audio(url="media:m1"), "audio"),
    (c.Audio(url="media:m1", voice=True), "voice"),
    (c.Document(url="media:m1", filename="terms.pdf", caption="Terms"), "document"),
    (c.Sticker(url="media:m1"), "sticker"),
    (c.Location(latitude=48.1, longitude=11.5), "location"),
    (c.Location(latitude=48.1, longitude=11.5, name="Shop", address="Main St 1"), "venue"),
    (c.Contacts(contacts=[c.ContactCard(name="Max Muster", phones=["+4915112345678"])]), "contact"),
    (c.Poll(question="Tea?", options=["yes", "no"], multiple=True), "poll"),
    (c.InlineKeyboard(text="Sure?", rows=[[c.InlineButton(text="Yes", data="y")]]), "text"),
    (c.Buttons(body="Choose", footer="Soon", buttons=[c.ReplyButton(id="a", title="A")]), "text"),
    (
        c.Buttons(
            body="Choose",
            header=c.InteractiveHeader(media=c.Image(url="media:m1")),
            buttons=[c.ReplyButton(id="a", title="A")],
        ),
        "photo",
    ),
    (c.CtaUrl(body="Look", title="Shop", url="https://example.com"), "text"),
    (
        c.ListMenu(
            body="Menu",
            button="Open",
            sections=[c.Section(title="S", rows=[c.Row(id="r1", title="One", description="The first")])],
        ),
        "text",
    ),
    (c.LocationRequest(body="Where are you?"), "text"),
    (c.ContactRequest(body="Which number is yours?"), "text"),
]


@pytest.fixture
def stocked(line: Line) -> Line:
    line.store.files["m1"] = (PNG, "image/png", "stored.png")
    return line


async def test_every_kind_goes_out(stocked: Line, network: Network) -> None:
    session = await stocked.open()
    for content, _ in KINDS:
        sent = await session.send(stocked.message(content))
        assert sent.provider_id.startswith(f"{ANA}:")
    rows = await network.outbox()
    assert [row["type"] for row in rows] == [kind for _, kind in KINDS]
    texts = [row["content"].get("text") for row in rows if row["type"] == "text"]
    assert texts[0] == "Hello *you* <b>"
    assert texts[3] == "Choose\n\nSoon"
    assert texts[5] == "Menu\n\nOne: The first"
    assert rows[1]["content"].get("entities") is None
    assert rows[7]["content"]["document"]["file_name"] == "terms.pdf"
    assert rows[12]["content"]["poll"]["is_anonymous"] is False
    assert rows[15]["content"]["caption"] == "Choose"
    assert rows[15]["content"]["reply_markup"]["inline_keyboard"] == [[{"text": "A", "callback_data": "a"}]]


async def test_replies_reactions_edits_deletes_and_typing(stocked: Line, network: Network) -> None:
    session = await stocked.open()
    first = await session.send(stocked.message(c.Text(text="One")))
    await session.send(stocked.message(c.Text(text="Two"), reply_to=first.provider_id))
    await session.send(stocked.message(c.Text(text="Three"), reply_to=f"{ANA}:999"))
    liked = await session.send(stocked.message(c.Reaction(target=first.provider_id, emoji="❤️")))
    assert liked.provider_id.startswith(f"{first.provider_id}:reaction")
    await session.send(stocked.message(c.Reaction(target=first.provider_id, emoji="")))
    await session.edit(str(ANA), first.provider_id, c.Text(text="One, corrected"))
    await session.edit(str(ANA), first.provider_id, c.Text(text="One, corrected"))
    photo = await session.send(stocked.message(c.Image(url="media:m1")))
    await session.edit(str(ANA), photo.provider_id, c.Image(caption="Now with words"))
    await session.edit(str(ANA), photo.provider_id, c.Document(url="media:m1", filename="now.pdf"))
    await session.typing(str(ANA), True)
    await session.typing(str(ANA), False)
    rows = await network.outbox()
    assert [row.get("text") for row in rows] == ["One, corrected", "Two", "Three", None]
    assert rows[1]["content"]["reply_to_message"]["text"] == "One"
    assert "reactions" not in rows[0]["content"]
    assert rows[3]["content"]["document"]["file_name"] == "now.pdf"
    await session.delete(str(ANA), first.provider_id)
    assert (await network.outbox())[0]["status"] == "deleted"
    with pytest.raises(Rejected) as gone:
        await session.delete(str(ANA), first.provider_id)
    assert gone.value.code == "telegram:400:message_not_found"


async def test_the_claims_and_the_account(line: Line) -> None:
    session = await line.open()
    assert claims(TelegramSession) == ["reactions", "polls", "edits", "deletes", "typing", "media_download", "account"]
    account = await session.account()
    assert account.address == "@jackfield_4242_bot"
    done = line.heard.of(LoginChanged)[0].step
    assert done == Done(address="@jackfield_4242_bot", name="Jackfield Bot")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (c.Text(text="x" * 4097), "telegram:400:too_long"),
        (c.Text(text=" "), "telegram:400:empty"),
        (c.Image(url="media:m1", caption="x" * 1025), "telegram:400:too_long"),
        (c.Image(url="media:gone"), "MEDIA_NOT_FOUND"),
        (c.Image(), "MEDIA_NOT_FOUND"),
        (c.Image(url="media:large"), "MEDIA_TOO_LARGE"),
        (c.InlineKeyboard(text="x", rows=[[c.InlineButton(text="A", data="x" * 65)]]), "telegram:400:buttons"),
        (c.Contacts(contacts=[]), "UNSUPPORTED"),
        (c.Template(name="hello", language="en"), "UNSUPPORTED"),
        (c.Reaction(target="nonsense", emoji="👍"), "telegram:400:message_not_found"),
    ],
)
async def test_what_cannot_be_sent_is_said_before_sending(stocked: Line, content: c.Content, code: str) -> None:
    stocked.store.files["large"] = (b"\0" * (10 * 1024 * 1024 + 1), "image/jpeg", None)
    session = await stocked.open()
    calls = session._api.calls
    with pytest.raises(Rejected) as refused:
        await session.send(stocked.message(content))
    assert refused.value.code == code
    assert session._api.calls - calls == 0


@pytest.mark.parametrize(
    ("control", "to", "code"),
    [
        ({"blocked": [ANA]}, ANA, "telegram:403:blocked"),
        ({"deactivated": [ANA]}, ANA, "telegram:403:deactivated"),
        ({}, 999, "telegram:400:chat_not_found"),
        ({"groups": [{"id": -7, "bot": "kicked"}]}, -7, "telegram:403:kicked"),
        ({"groups": [{"id": -7, "bot": "left"}]}, -7, "telegram:403:not_member"),
        ({"groups": [{"id": -7, "canSend": False}]}, -7, "telegram:400:no_rights"),
        ({"faults": {"errors": [{"code": "telegram:not_started"}]}}, ANA, "telegram:403:not_started"),
    ],
)
async def test_refusals_are_final_and_explained(
    line: Line, network: Network, control: dict[str, Any], to: int, code: str
) -> None:
    session = await line.open()
    await network.control(**control)
    with pytest.raises(Rejected) as refused:
        await session.send(line.message(c.Text(text="hi"), to=str(to)))
    assert refused.value.code == code
    assert refused.value.message.endswith(")")


async def test_an_address_that_is_none(line: Line) -> None:
    session = await line.open()
    with pytest.raises(Rejected) as refused:
        await session.send(line.message(c.Text(text="hi"), to="somebody"))
    assert refused.value.code == "BAD_ADDRESS"


async def test_throttling_is_obeyed_and_aimed(line: Line, network: Network) -> None:
    session = await line.open()
    await network.control(faults={"code": "telegram:429", "count": 1, "retryAfter": 7})
    with pytest.raises(Throttled) as slow:
        await session.send(line.message(c.Text(text="hi")))
    assert (slow.value.retry_after, slow.value.scope) == (7, "channel")
    await network.control(faults={}, limits=True)
    for _ in range(3):
        await session.send(line.message(c.Text(text="burst")))
    with pytest.raises(Throttled) as slow:
        await session.send(line.message(c.Text(text="one too many")))
    assert (slow.value.retry_after, slow.value.scope) == (1, "recipient")
    for _ in range(20):
        await session.send(line.message(c.Text(text="to all"), to=str(GROUP)))
    with pytest.raises(Throttled) as slow:
        await session.send(line.message(c.Text(text="one too many"), to=str(GROUP)))
    assert slow.value.scope == "recipient"


async def test_a_moved_group_is_followed(line: Line, network: Network) -> None:
    session = await line.open()
    await session._poller.stop()  # type: ignore[union-attr]
    await network.control(groups=[{"id": -5, "type": "group", "title": "Team"}], migrate={"-5": -1005})
    network.bot.updates.drop()
    sent = await session.send(line.message(c.Text(text="hi"), to="-5"))
    assert sent.provider_id.startswith("-1005:")
    old, new = (report.group for report in await line.heard.until(GroupChanged, 2))
    assert (old.address, old.left) == ("-5", True)
    assert (new.address, new.name, new.left) == ("-1005", "Team", False)
    await session.send(line.message(c.Text(text="again"), to="-5"))
    assert [row["to"] for row in await network.outbox()] == ["-1005", "-1005"]
    await session.close()
    again = await line.open()
    assert again.memory.current("-5") == "-1005"


async def test_a_lost_answer_leaves_the_outcome_unknown(line: Line, network: Network) -> None:
    session = await line.open()
    await network.control(faults={"drop": 1.0})
    with pytest.raises(OutcomeUnknown):
        await session.send(line.message(c.Text(text="hi")))
    assert len(await network.outbox()) == 1


async def test_server_errors_say_whether_they_are_certain(line: Line, network: Network) -> None:
    session = await line.open()
    await network.control(faults={"code": "telegram:502", "count": 1})
    with pytest.raises(Unavailable):
        await session.send(line.message(c.Text(text="hi")))
    await network.control(faults={"reset": True, "code": "telegram:500", "count": 1})
    with pytest.raises(OutcomeUnknown):
        await session.send(line.message(c.Text(text="hi")))
    assert await network.outbox() == []


async def test_no_way_to_the_network_is_certain(line: Line, network: Network) -> None:
    line.url = "http://127.0.0.1:9"
    with pytest.raises(Unavailable) as away:
        await line.open()
    assert TOKEN not in str(away.value)


async def test_an_answer_that_is_none(line: Line, serve: Any) -> None:
    async def page(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await receive()
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
            await send({"type": "http.response.body", "body": b"<p/>"})

    served: Served = await serve(page)
    line.url = served.url
    with pytest.raises(OutcomeUnknown) as strange:
        await line.open()
    assert strange.value.code == "bad_answer"


async def test_a_silent_server_is_an_unknown_outcome(
    line: Line, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await line.open()
    monkeypatch.setattr("jackfield.engines.telegram_bot.session.CALL_SECONDS", 0.1)
    await network.control(faults={"latency": 2000})
    with pytest.raises(OutcomeUnknown) as silent:
        await session.send(line.message(c.Text(text="hi")))
    assert silent.value.code == "timeout"


async def test_a_revoked_token_stops_everything(line: Line, network: Network) -> None:
    session = await line.open()
    await session._poller.stop()  # type: ignore[union-attr]
    await network.control(revoked=True)
    with pytest.raises(LoginRequired):
        await session.send(line.message(c.Text(text="hi")))
    calls = session._api.calls
    for _ in range(3):
        with pytest.raises(LoginRequired):
            await session.send(line.message(c.Text(text="hi")))
    assert session._api.calls == calls, "a dead token must not be tried again"
    down = line.heard.of(Disconnected)
    assert [(report.permanent, "BotFather" in report.reason) for report in down] == [(True, True)]


async def test_a_wrong_token_is_refused_at_open(line: Line, network: Network) -> None:
    await network.control(revoked=True)
    with pytest.raises(LoginRequired) as refused:
        await line.open()
    assert TOKEN not in f"{refused.value!r} {refused.value}"


async def test_closing_waits_for_what_is_in_flight(line: Line, network: Network) -> None:
    session = await line.open()
    await network.control(faults={"latency": 200})
    sending = asyncio.create_task(session.send(line.message(c.Text(text="hi"))))
    await asyncio.sleep(0)
    await session.close()
    assert (await sending).provider_id
    with pytest.raises(Unavailable):
        await session.send(line.message(c.Text(text="late")))
