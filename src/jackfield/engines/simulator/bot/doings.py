"""What people do, as updates for the bot: messages of every kind, edits, presses, reactions, votes, memberships."""

from __future__ import annotations

from collections.abc import Sequence
from time import time
from typing import Any

import msgspec

from jackfield.core.port import Incoming, MarketingPreference, MessageEdited, Report
from jackfield.core.port import content as c
from jackfield.engines.simulator.media import SAMPLES

from .bot import Bot
from .changing import member_object
from .chats import Chat, Kind, Person, Standing
from .files import described
from .formatting import find_entities
from .sending import poll_object
from .wire import Json


def write(
    bot: Bot,
    content: c.Content,
    sender: int,
    name: str | None = None,
    *,
    chat_id: int | None = None,
    reply_to: int | None = None,
    username: str | None = None,
    topic: int | None = None,
    business: str | None = None,
    album: str | None = None,
) -> Json:
    """A person writes, presses, reacts or votes; gives the body of the update that it makes. `topic` is that of a forum,
    `business` the connection of the account that the person writes to, `album` what files have in common.

    Who writes to the bot in private has thereby started it. Raises ValueError when there is no such chat or target.
    """
    fields = {} if username is None else {"username": username}
    private = chat_id is None or chat_id == sender
    chat = bot.chats.start(sender, name, **fields) if private else bot.chats.find(chat_id or 0)
    if chat is None:
        raise ValueError(f"there is no chat {chat_id}")
    person = bot.chats.person(sender, name, **fields)
    if chat.blocked:
        unblock(bot, sender)
    if isinstance(content, c.ButtonReply | c.ListReply):
        return _press(bot, chat, person, content, reply_to)
    if isinstance(content, c.Reaction):
        return _react(bot, chat, person, content)
    if isinstance(content, c.PollVote):
        return _vote(bot, person, content)
    message = _frame(bot, chat, person)
    if business is not None:
        if business not in bot.connections:
            raise ValueError(f"there is no business connection {business}")
        message["business_connection_id"] = business
    if album is not None:
        message["media_group_id"] = album
    if topic is not None:
        if topic not in chat.topics:
            raise ValueError(f"there is no topic {topic}")
        opened = {"name": chat.topics[topic]["name"], "icon_color": 7322096}
        opening = {"message_id": topic, "date": message["date"], "chat": chat.as_json(), "forum_topic_created": opened}
        message |= {"message_thread_id": topic, "is_topic_message": True, "reply_to_message": opening}
    if reply_to is not None:
        answered = bot.chats.message(chat.id, reply_to)
        if answered is not None:
            message["reply_to_message"] = answered
    message |= message_fields(bot, content)
    bot.chats.keep(chat.id, message)
    kind = "business_message" if business is not None else "message"
    bot.updates.put("channel_post" if chat.type == "channel" else kind, message)
    return message


def connect(bot: Bot, connection: str, user_id: int, *, can_reply: bool = True, enabled: bool = True) -> None:
    """Somebody lets the bot answer for their own account, or ends it."""
    person = bot.chats.person(user_id)
    bot.connections[connection] = {
        "id": connection,
        "user": person.as_json(),
        "user_chat_id": user_id,
        "date": int(time()),
        "is_enabled": enabled,
        "rights": {"can_reply": can_reply},
    }
    bot.updates.put("business_connection", bot.connections[connection])


def pay(bot: Bot, user_id: int, currency: str = "EUR", amount: int = 1000, payload: str = "order") -> Json:
    """A person presses "Pay": the bot has ten seconds to say whether it takes the money."""
    query: Json = {
        "id": f"{user_id}{bot.number():06d}",
        "from": bot.chats.person(user_id).as_json(),
        "currency": currency,
        "total_amount": amount,
        "invoice_payload": payload,
    }
    bot.answers[query["id"]] = {}
    bot.updates.put("pre_checkout_query", query)
    return query


def _frame(bot: Bot, chat: Chat, person: Person) -> Json:
    frame: Json = {"message_id": bot.chats.number_for(chat), "date": int(time()), "chat": chat.as_json()}
    if chat.type == "channel":
        return {**frame, "sender_chat": chat.as_json()}
    return {**frame, "from": person.as_json()}


_KINDS: dict[type, str] = {c.Image: "photo", c.Video: "video", c.Document: "document", c.Sticker: "sticker"}


def message_fields(bot: Bot, content: c.Content) -> Json:
    """The message fields of a content; what Telegram has no form for is said as text."""
    if isinstance(content, c.Image | c.Video | c.Audio | c.Document | c.Sticker):
        kind = _KINDS.get(type(content)) or ("voice" if isinstance(content, c.Audio) and content.voice else "audio")
        shown: Json = {kind: _file(bot, kind, content)}
        if isinstance(content, c.Sticker) and content.emoji:
            shown["sticker"]["emoji"] = content.emoji
        if content.caption:
            shown |= {"caption": content.caption, **_marked("caption_entities", content.caption, content.entities)}
        return shown
    if isinstance(content, c.Location):
        point = {"latitude": content.latitude, "longitude": content.longitude}
        if not content.name:
            return {"location": point}
        return {
            "venue": {"location": point, "title": content.name, "address": content.address or ""},
            "location": point,
        }
    if isinstance(content, c.Contacts):
        card = content.contacts[0]
        first, _, last = card.name.partition(" ")
        row: Json = {"phone_number": card.phones[0] if card.phones else "", "first_name": first, **(card.raw or {})}
        return {"contact": {**row, "last_name": last} if last else row}
    if isinstance(content, c.Poll):
        poll = poll_object(str(6_000_000_000 + bot.number()), content.question, content.options, content.multiple, True)
        return {"poll": poll}
    text = c.summary(content) or "..."
    return {"text": text, **_marked("entities", text, content.entities if isinstance(content, c.Text) else [])}


def _marked(name: str, text: str, given: Sequence[c.Entity]) -> Json:
    """The entities of what a person wrote: those given, else what Telegram finds by itself."""
    shown = [_entity(one) for one in given] or find_entities(text)
    return {name: shown} if shown else {}


def _entity(one: c.Entity) -> Json:
    row: Json = msgspec.to_builtins(one)
    user = row.pop("user", None)
    return row if user is None else {**row, "user": {"id": int(user), "is_bot": False, "first_name": f"Person {user}"}}


def _file(bot: Bot, kind: str, content: c.MediaContent) -> Any:
    shelf = bot.account.media
    file_id = content.media_id
    known = shelf.get(file_id) if file_id else None
    if known is None or file_id is None:
        sample, mime, filename = SAMPLES[{"photo": "image", "voice": "audio"}.get(kind, kind)]
        known = (sample, content.mime or mime, content.filename or filename)
        file_id = shelf.put(*known)
    data, mime, name = known
    if kind == "sticker" and content.mime:
        mime = content.mime
    return described(kind, file_id, len(data), mime, content.filename or name)


def edit(bot: Bot, chat_id: int, message_id: int, content: c.Content) -> Json:
    """A person edits their message. Raises ValueError when there is none."""
    message = bot.chats.message(chat_id, message_id)
    if message is None:
        raise ValueError(f"there is no message {chat_id}:{message_id}")
    names = ("message_id", "date", "chat", "from", "sender_chat")
    kept: Json = {key: message[key] for key in names if key in message}
    changed: Json = {**kept, "edit_date": int(time()), **message_fields(bot, content)}
    bot.chats.keep(chat_id, changed)
    bot.updates.put("edited_channel_post" if "sender_chat" in kept else "edited_message", changed)
    return changed


def _press(bot: Bot, chat: Chat, person: Person, content: c.ButtonReply | c.ListReply, message_id: int | None) -> Json:
    number = bot.number()
    message = bot.chats.message(chat.id, message_id) if message_id is not None else _with_button(bot, chat, content.id)
    query: Json = {
        "id": f"{person.id}{number:06d}",
        "from": person.as_json(),
        "chat_instance": str(chat.id),
        "data": content.id,
    }
    if message is not None:
        query["message"] = message
    bot.presses[query["id"]] = query
    bot.updates.put("callback_query", query)
    return query


def _with_button(bot: Bot, chat: Chat, data: str) -> Json | None:
    """The newest message of the bot's with such a button."""
    for entry in reversed(bot.account.outbox.entries[-1000:]):
        if entry.to == str(chat.id):
            message = bot.chats.message(chat.id, int(entry.id.rpartition(":")[2]))
            rows = ((message or {}).get("reply_markup") or {}).get("inline_keyboard") or []
            if any(button.get("callback_data") == data for row in rows for button in row):
                return message
    return None


def _target(given: str) -> tuple[int, int]:
    chat, _, message = given.partition(":")
    try:
        return int(chat), int(message)
    except ValueError:
        raise ValueError(f"{given!r} is not chat:message") from None


def _react(bot: Bot, chat: Chat, person: Person, content: c.Reaction) -> Json:
    _, message_id = _target(content.target)
    changed: Json = {
        "chat": chat.as_json(),
        "message_id": message_id,
        "user": person.as_json(),
        "date": int(time()),
        "old_reaction": [],
        "new_reaction": _reaction(content),
    }
    bot.updates.put("message_reaction", changed)
    return changed


def _reaction(content: c.Reaction) -> list[Json]:
    if content.custom_emoji_id is not None:
        return [{"type": "custom_emoji", "custom_emoji_id": content.custom_emoji_id}]
    return [{"type": "emoji", "emoji": content.emoji}] if content.emoji else []


def _vote(bot: Bot, person: Person, content: c.PollVote) -> Json:
    message = bot.chats.message(*_target(content.target))
    if message is None or "poll" not in message:
        raise ValueError(f"there is no poll {content.target}")
    texts = [option["text"] for option in message["poll"]["options"]]
    try:
        numbers = [texts.index(option) for option in content.options]
    except ValueError:
        raise ValueError(f"the poll's options are {', '.join(texts)}") from None
    answer: Json = {
        "poll_id": message["poll"]["id"],
        "user": person.as_json(),
        "option_ids": numbers,
        "option_persistent_ids": [f"p{number}" for number in numbers],
    }
    bot.updates.put("poll_answer", answer)
    return answer


# -- membership --------------------------------------------------------------------------------------


def _membership(bot: Bot, chat: Chat, actor: Json, user_id: int, old: Standing, new: Standing) -> None:
    changed = {
        "chat": chat.as_json(),
        "from": actor,
        "date": int(time()),
        "old_chat_member": member_object(bot, user_id, old),
        "new_chat_member": member_object(bot, user_id, new),
    }
    bot.updates.put("my_chat_member" if user_id == bot.id else "chat_member", changed)


def block(bot: Bot, user_id: int) -> None:
    """The person blocks the bot."""
    chat = bot.chats.start(user_id)
    chat.blocked = True
    _membership(bot, chat, bot.chats.person(user_id).as_json(), bot.id, "member", "kicked")


def unblock(bot: Bot, user_id: int) -> None:
    """The person lets the bot write again."""
    chat = bot.chats.start(user_id)
    chat.blocked = False
    _membership(bot, chat, bot.chats.person(user_id).as_json(), bot.id, "kicked", "member")


def bot_added(bot: Bot, chat: Chat, actor: int, standing: Standing = "member") -> None:
    """Somebody adds the bot to a group or channel, or changes its standing there ("left", "kicked": removes it)."""
    before, chat.bot = chat.bot, standing
    person = bot.chats.person(actor)
    _membership(bot, chat, person.as_json(), bot.id, before, standing)


def join(bot: Bot, chat: Chat, user_ids: Sequence[int]) -> None:
    """People join a group: a service message, and for an administrator bot the change of membership too."""
    people = [bot.chats.person(user_id) for user_id in user_ids]
    for person in people:
        chat.members[person.id] = "member"
        if chat.bot == "administrator":
            _membership(bot, chat, person.as_json(), person.id, "left", "member")
    if chat.type != "channel":
        shown = [person.as_json() for person in people]
        bot.updates.put("message", {**_frame(bot, chat, people[0]), "new_chat_members": shown})


def leave(bot: Bot, chat: Chat, user_id: int) -> None:
    """Somebody leaves a group."""
    person = bot.chats.person(user_id)
    chat.members.pop(user_id, None)
    if chat.bot == "administrator":
        _membership(bot, chat, person.as_json(), user_id, "member", "left")
    if chat.type != "channel":
        bot.updates.put("message", {**_frame(bot, chat, person), "left_chat_member": person.as_json()})


def migrate(bot: Bot, chat_id: int, new_id: int) -> Chat:
    """A group becomes a supergroup: the old id only points to the new one. Raises ValueError when there is none."""
    old = bot.chats.find(chat_id)
    if old is None:
        raise ValueError(f"there is no chat {chat_id}")
    actor = bot.chats.person(next(iter(old.members), 777000))
    kind: Kind = "supergroup"
    new = bot.chats.add(
        Chat(id=new_id, type=kind, title=old.title, description=old.description, members=old.members, bot=old.bot)
    )
    old.moved_to = new_id
    bot.updates.put("message", {**_frame(bot, old, actor), "migrate_to_chat_id": new_id})
    bot.updates.put("message", {**_frame(bot, new, actor), "migrate_from_chat_id": chat_id})
    return new


# -- what the world's people do by themselves --------------------------------------------------------


async def tell(bot: Bot, reports: list[Report]) -> None:
    """The world's happenings as updates; receipts have no update in Telegram, and bots get no calls."""
    for report in reports:
        try:
            _tell_one(bot, report)
        except ValueError:
            # A happening that names what is no Telegram chat or message: nobody to tell it to.
            continue


def _tell_one(bot: Bot, report: Report) -> None:
    if isinstance(report, Incoming) and not report.from_me:
        chat_id, sender = int(report.chat), int(report.sender)
        chat = bot.chats.find(chat_id)
        if sender < 0 and chat is not None and chat.members:
            sender = next(iter(chat.members))
        reply = int(report.reply_to.rpartition(":")[2]) if report.reply_to else None
        if sender > 0:
            write(bot, report.content, sender, report.sender_name, chat_id=chat_id, reply_to=reply)
    elif isinstance(report, MessageEdited):
        edit(bot, *_target(report.provider_id), report.content)
    elif isinstance(report, MarketingPreference):
        user_id = int(report.identities.get("telegram") or report.identities.get("phone") or 0)
        (unblock if report.opted_in else block)(bot, user_id)
