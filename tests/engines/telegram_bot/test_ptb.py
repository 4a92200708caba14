"""python-telegram-bot, an independent client, sends every kind to the stand-alone Bot API and reads every update."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
import telegram as ptb
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter
from telegram.request import HTTPXRequest

from .conftest import ANA, BOT, GROUP, TOKEN, Network

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture
async def bot(network: Network) -> AsyncIterator[ptb.Bot]:
    request = HTTPXRequest(connection_pool_size=8, read_timeout=10, pool_timeout=5)
    polls = HTTPXRequest(connection_pool_size=2, read_timeout=10, pool_timeout=5)
    made = ptb.Bot(
        TOKEN,
        base_url=f"{network.url}/bot",
        base_file_url=f"{network.url}/file/bot",
        request=request,
        get_updates_request=polls,
    )
    async with made:
        yield made


def _file(name: str, data: bytes = PNG) -> ptb.InputFile:
    return ptb.InputFile(io.BytesIO(data), filename=name)


async def test_the_bot_introduces_itself(bot: ptb.Bot) -> None:
    assert bot.id == BOT
    assert bot.username == "jackfield_4242_bot"


async def test_every_file_kind_is_sent_and_fetched_back(bot: ptb.Bot, network: Network) -> None:
    sent = await bot.send_photo(ANA, _file("a.png"), caption="A photo")
    assert sent.caption == "A photo"
    assert sent.photo[-1].width == 1280
    file = await bot.get_file(sent.photo[-1].file_id)
    assert bytes(await file.download_as_bytearray()) == PNG

    assert (await bot.send_video(ANA, _file("a.mp4"))).video is not None
    assert (await bot.send_audio(ANA, _file("a.mp3"), title="Song")).audio is not None
    assert (await bot.send_voice(ANA, _file("a.ogg"))).voice is not None
    document = await bot.send_document(ANA, _file("a.pdf"), caption="Terms")
    assert document.document is not None
    assert document.document.file_name == "a.pdf"
    assert (await bot.send_animation(ANA, _file("a.gif"))).animation is not None
    assert (await bot.send_sticker(ANA, _file("a.webp"))).sticker is not None
    assert (await bot.send_video_note(ANA, _file("a.mp4"))).video_note is not None
    again = await bot.send_document(ANA, document.document.file_id)
    assert again.document is not None
    by_url = await bot.send_photo(ANA, "https://example.com/pictures/cat.jpg")
    assert by_url.photo
    kinds = [row["type"] for row in await network.outbox()]
    assert ",".join(kinds) == "photo,video,audio,voice,document,animation,sticker,video_note,document,photo"


async def test_every_other_kind(bot: ptb.Bot) -> None:
    text = await bot.send_message(ANA, "Hello <b>you</b>")
    assert (text.text, text.chat.type, text.from_user and text.from_user.is_bot) == (
        "Hello <b>you</b>",
        "private",
        True,
    )
    reply = await bot.send_message(ANA, "Again", reply_parameters=ptb.ReplyParameters(text.message_id))
    assert reply.reply_to_message is not None
    assert reply.reply_to_message.message_id == text.message_id
    place = await bot.send_location(ANA, 48.1, 11.5)
    assert place.location is not None
    venue = await bot.send_venue(ANA, 48.1, 11.5, "Shop", "Main St 1")
    assert venue.venue is not None
    assert venue.venue.title == "Shop"
    card = await bot.send_contact(ANA, "+4915112345678", "Max", last_name="Muster")
    assert card.contact is not None
    poll = await bot.send_poll(ANA, "Tea?", ["yes", "no"], is_anonymous=False)
    assert poll.poll is not None
    assert [option.text for option in poll.poll.options] == ["yes", "no"]
    assert (await bot.stop_poll(ANA, poll.message_id)).is_closed
    assert (await bot.send_dice(ANA)).dice is not None
    keyboard = ptb.InlineKeyboardMarkup([[ptb.InlineKeyboardButton("Yes", callback_data="y")]])
    asked = await bot.send_message(ANA, "Sure?", reply_markup=keyboard)
    assert asked.reply_markup == keyboard
    album = await bot.send_media_group(
        ANA, [ptb.InputMediaPhoto(PNG, filename="1.png"), ptb.InputMediaVideo(PNG, filename="2.mp4")]
    )
    assert len({message.media_group_id for message in album}) == 1
    assert await bot.send_chat_action(ANA, "typing")
    forwarded = await bot.forward_message(GROUP, ANA, text.message_id)
    assert forwarded.forward_origin is not None
    copied = await bot.copy_message(GROUP, ANA, text.message_id)
    assert copied.message_id > forwarded.message_id


async def test_the_rarer_kinds(bot: ptb.Bot, network: Network) -> None:
    moving = await bot.send_location(ANA, 48.1, 11.5, live_period=600)
    assert moving.location is not None
    assert moving.location.live_period is not None
    moved = await bot.edit_message_live_location(ANA, moving.message_id, latitude=48.2, longitude=11.6)
    assert isinstance(moved, ptb.Message)
    assert moved.location is not None
    assert moved.location.latitude == 48.2
    stopped = await bot.stop_message_live_location(ANA, moving.message_id)
    assert isinstance(stopped, ptb.Message)
    assert stopped.location is not None
    assert stopped.location.live_period is None
    with pytest.raises(BadRequest, match="can't be edited"):
        await bot.edit_message_live_location(ANA, moving.message_id, latitude=1, longitude=1)
    game = await bot.send_game(ANA, "chess")
    assert game.game is not None
    assert game.game.title == "chess"
    prices = [ptb.LabeledPrice("Tea", 300), ptb.LabeledPrice("Post", 50)]
    bill = await bot.send_invoice(ANA, "Tea", "Green tea", "order-1", "XTR", prices, provider_token="")
    assert bill.invoice is not None
    assert (bill.invoice.total_amount, bill.invoice.currency) == (350, "XTR")
    with pytest.raises(BadRequest, match=r"(?i)payment_provider_invalid"):
        await bot.send_invoice(ANA, "Tea", "Green tea", "order-1", "EUR", prices)
    paid = await bot.send_paid_media(ANA, 5, [ptb.InputPaidMediaPhoto(PNG)], caption="Look")
    assert paid.paid_media is not None
    assert (paid.paid_media.star_count, paid.paid_media.paid_media[0].type) == (5, "photo")
    live = await bot.send_live_photo(ANA, _file("a.mp4"), _file("a.png"))
    assert live.live_photo is not None
    assert live.live_photo.photo
    assert await bot.send_message_draft(ANA, 7, "I am wri")
    tasks = ptb.InputChecklist("To do", [ptb.InputChecklistTask(1, "Tea")])
    with pytest.raises(BadRequest, match=r"(?i)business connection not found"):
        await bot.send_checklist("none", ANA, tasks)
    assert [row["type"] for row in await network.outbox()] == [
        "location",
        "game",
        "invoice",
        "paid_media",
        "live_photo",
    ]


async def test_every_message_type_of_the_client_is_known(bot: ptb.Bot) -> None:
    """Whatever python-telegram-bot can send is answered as a method, if only with a refusal. A gift is none: it goes
    to a profile and not into a chat."""
    from jackfield.engines.simulator.bot.app import _SEND

    names = {name.replace("_", "") for name in dir(bot) if name.startswith("send_")}
    assert names - {"sendgift"} <= set(_SEND)


async def test_changes_to_sent_messages(bot: ptb.Bot, network: Network) -> None:
    text = await bot.send_message(ANA, "One")
    edited = await bot.edit_message_text("Two", ANA, text.message_id)
    assert isinstance(edited, ptb.Message)
    assert edited.text == "Two"
    assert edited.edit_date is not None
    with pytest.raises(BadRequest, match=r"(?i)message is not modified"):
        await bot.edit_message_text("Two", ANA, text.message_id)
    photo = await bot.send_photo(ANA, _file("a.png"))
    captioned = await bot.edit_message_caption(ANA, photo.message_id, caption="New")
    assert isinstance(captioned, ptb.Message)
    assert captioned.caption == "New"
    swapped = await bot.edit_message_media(ptb.InputMediaDocument(PNG, filename="b.pdf"), ANA, photo.message_id)
    assert isinstance(swapped, ptb.Message)
    assert swapped.document is not None
    assert not swapped.photo
    keyboard = ptb.InlineKeyboardMarkup([[ptb.InlineKeyboardButton("Go", url="https://example.com")]])
    marked = await bot.edit_message_reply_markup(ANA, text.message_id, reply_markup=keyboard)
    assert isinstance(marked, ptb.Message)
    assert await bot.set_message_reaction(ANA, text.message_id, "👍")
    with pytest.raises(BadRequest, match=r"(?i)reaction_invalid"):
        await bot.set_message_reaction(ANA, text.message_id, "🥖")
    assert await bot.delete_message(ANA, text.message_id)
    with pytest.raises(BadRequest, match=r"(?i)message to delete not found"):
        await bot.delete_message(ANA, text.message_id)
    assert await bot.delete_messages(ANA, [photo.message_id])
    assert {row["status"] for row in await network.outbox()} == {"deleted"}


async def test_chats_and_members(bot: ptb.Bot, network: Network) -> None:
    private = await bot.get_chat(ANA)
    assert (private.first_name, private.username) == ("Ana", "ana")
    group = await bot.get_chat(GROUP)
    assert (group.title, group.type) == ("Team", "supergroup")
    assert await bot.get_chat_member_count(GROUP) == 3
    assert isinstance(await bot.get_chat_member(GROUP, ANA), ptb.ChatMemberOwner)
    assert isinstance(await bot.get_chat_member(GROUP, 222), ptb.ChatMemberMember)
    assert [member.user.id for member in await bot.get_chat_administrators(GROUP)] == [ANA]
    await network.control("members", chat=GROUP, bot="administrator", by=ANA)
    assert isinstance(await bot.get_chat_member(GROUP, BOT), ptb.ChatMemberAdministrator)
    assert await bot.leave_chat(GROUP)
    with pytest.raises(Forbidden):
        await bot.send_message(GROUP, "Anybody there?")


async def test_every_update_is_understood(bot: ptb.Bot, network: Network) -> None:
    wanted = [*ptb.Update.ALL_TYPES]
    assert await bot.get_updates(allowed_updates=wanted) == ()
    keyboard = ptb.InlineKeyboardMarkup([[ptb.InlineKeyboardButton("Yes", callback_data="y")]])
    asked = await bot.send_message(ANA, "Sure?", reply_markup=keyboard)
    poll = await bot.send_poll(ANA, "Tea?", ["yes", "no"], is_anonymous=False)
    written = []
    bodies: list[dict[str, Any]] = [
        {"type": "text", "text": "/start"},
        {"type": "image", "caption": "Look"},
        {"type": "video"},
        {"type": "audio"},
        {"type": "voice"},
        {"type": "document"},
        {"type": "sticker"},
        {"type": "location", "latitude": 1.5, "longitude": 2.5},
        {"type": "location", "latitude": 1.5, "longitude": 2.5, "placeName": "Cafe", "address": "Main St 1"},
        {"type": "contact", "contactName": "Max Muster", "phones": ["+4915112345678"]},
        {"type": "poll", "question": "Lunch?", "options": ["pizza", "salad"]},
        {"type": "text", "text": "Re", "replyTo": f"{ANA}:{asked.message_id}"},
        {"type": "button", "id": "y", "title": "Yes"},
        {"type": "reaction", "target": f"{ANA}:{asked.message_id}", "emoji": "🔥"},
        {"type": "poll_vote", "target": f"{ANA}:{poll.message_id}", "options": ["no"]},
    ]
    for body in bodies:
        written.append(await network.control("inbound", **{"from": str(ANA), "name": "Ana", **body}))
    await network.control("edit", chat=ANA, message=written[0]["message_id"], type="text", text="/help")
    await network.control("inbound", **{"from": "222", "chat": GROUP, "type": "text", "text": "hi all"})
    channel = {"id": -1009, "type": "channel", "title": "News", "members": {"111": "creator"}}
    await network.control(groups=[channel])
    await network.control("inbound", **{"from": str(ANA), "chat": -1009, "type": "text", "text": "Extra!"})
    await network.control("members", chat=GROUP, bot="administrator")
    await network.control("members", chat=GROUP, join=[333], leave=[222])
    await network.control(blocked=[ANA])
    await network.control(unblocked=[ANA])
    await network.control(groups=[{"id": -5, "type": "group", "title": "Old"}])
    await network.control(migrate={"-5": -1005})

    updates = await bot.get_updates(allowed_updates=wanted)
    numbers = [update.update_id for update in updates]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    messages = [update.message for update in updates if update.message]
    kinds = ["text", "photo", "video", "audio", "voice", "document", "sticker", "location", "venue", "contact", "poll"]
    for message, kind in zip(messages, kinds, strict=False):
        assert getattr(message, kind), kind
    assert messages[11].reply_to_message is not None
    pressed = next(update.callback_query for update in updates if update.callback_query)
    assert (pressed.data, pressed.message and pressed.message.message_id) == ("y", asked.message_id)
    assert await pressed.answer()
    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        await pressed.answer()
    reacted = next(update.message_reaction for update in updates if update.message_reaction)
    assert reacted.new_reaction[0] == ptb.ReactionTypeEmoji("🔥")
    voted = next(update.poll_answer for update in updates if update.poll_answer)
    assert (voted.option_ids, voted.poll_id) == ((1,), poll.poll and poll.poll.id)
    edited = next(update.edited_message for update in updates if update.edited_message)
    assert edited.text == "/help"
    post = next(update.channel_post for update in updates if update.channel_post)
    assert (post.text, post.sender_chat and post.sender_chat.title) == ("Extra!", "News")
    assert [m.new_chat_members[0].id for m in messages if m.new_chat_members] == [333]
    assert [m.left_chat_member.id for m in messages if m.left_chat_member] == [222]
    assert sum(update.chat_member is not None for update in updates) == 2
    mine = [update.my_chat_member for update in updates if update.my_chat_member]
    assert [change.new_chat_member.status for change in mine] == ["administrator", "kicked", "member"]
    assert [m.migrate_to_chat_id for m in messages if m.migrate_to_chat_id] == [-1005]
    assert [m.migrate_from_chat_id for m in messages if m.migrate_from_chat_id] == [-5]
    assert await bot.get_updates(offset=numbers[-1] + 1) == ()


async def test_kinds_not_asked_for_do_not_come(bot: ptb.Bot, network: Network) -> None:
    sent = await bot.send_message(ANA, "One")
    reaction = {"from": str(ANA), "type": "reaction", "target": f"{ANA}:{sent.message_id}", "emoji": "👍"}
    await network.control("inbound", **reaction)
    assert await bot.get_updates() == ()


async def test_refusals_read_as_telegrams(bot: ptb.Bot, network: Network) -> None:
    with pytest.raises(BadRequest, match=r"(?i)chat not found"):
        await bot.send_message(999, "Hello stranger")
    with pytest.raises(BadRequest, match=r"(?i)message text is empty"):
        await bot.send_message(ANA, " ")
    with pytest.raises(BadRequest, match=r"(?i)message is too long"):
        await bot.send_message(ANA, "x" * 4097)
    with pytest.raises(BadRequest, match=r"(?i)caption is too long"):
        await bot.send_photo(ANA, _file("a.png"), caption="x" * 1025)
    with pytest.raises(BadRequest, match=r"(?i)wrong file identifier"):
        await bot.send_photo(ANA, "no-such-file")
    wide = ptb.InlineKeyboardButton("Wide", callback_data="x" * 65)
    with pytest.raises(BadRequest, match=r"(?i)button_data_invalid"):
        await bot.send_message(ANA, "x", reply_markup=ptb.InlineKeyboardMarkup([[wide]]))
    await network.control(blocked=[ANA])
    with pytest.raises(Forbidden, match=r"(?i)blocked by the user"):
        await bot.send_message(ANA, "Hello?")
    await network.control(groups=[{"id": -5, "type": "group", "title": "Old"}], migrate={"-5": -1005})
    with pytest.raises(ptb.error.ChatMigrated) as moved:
        await bot.send_message(-5, "Hello group")
    assert moved.value.new_chat_id == -1005
    await network.control(revoked=True)
    with pytest.raises((InvalidToken, Forbidden)):
        await bot.send_message(222, "Hello")


async def test_limits_when_enforced(bot: ptb.Bot, network: Network) -> None:
    await network.control(limits=True)
    for _ in range(3):
        await bot.send_message(ANA, "burst")
    with pytest.raises(RetryAfter) as slow:
        await bot.send_message(ANA, "one too many")
    assert int(slow.value.retry_after) == 1
    for _ in range(20):
        await bot.send_message(GROUP, "to all")
    with pytest.raises(RetryAfter) as slower:
        await bot.send_message(GROUP, "one too many")
    assert 2 <= int(slower.value.retry_after) <= 3


async def test_two_pollers_are_told(bot: ptb.Bot, network: Network) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=5))
    while not network.bot.updates.polled:
        await asyncio.sleep(0.005)
    second = asyncio.create_task(bot.get_updates(timeout=5))
    with pytest.raises(Conflict, match="terminated by other getUpdates"):
        await first
    await network.control("inbound", **{"from": str(ANA), "type": "text", "text": "hi"})
    assert len(await second) == 1
    assert await bot.set_webhook("http://127.0.0.1:9/never", secret_token="abc")
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()
    assert (await bot.get_webhook_info()).url == "http://127.0.0.1:9/never"
    assert await bot.delete_webhook()
