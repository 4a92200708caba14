"""Methods on messages that are there, and on chats and members."""

from __future__ import annotations

from time import time
from typing import Any

from .bot import Bot, inline_markup
from .chats import Chat, Standing
from .sending import caption_of, media_content, text_of
from .wire import Fields, Json, bad

_MEDIA = ("photo", "video", "audio", "document", "animation", "voice", "sticker", "video_note")
_SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
REACTIONS = frozenset(
    """
    👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳
    ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈
    😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀
    😡
    """.split()  # noqa: SIM905
)
"""The emoji of ReactionTypeEmoji (https://core.telegram.org/bots/api#reactiontypeemoji)."""


def _edit(bot: Bot, fields: Fields, drop: tuple[str, ...], content: Json) -> Json:
    chat, message = bot.own(fields, "edit")
    if problem := chat.problem():
        raise problem
    changed = {key: value for key, value in message.items() if key not in (*drop, "reply_markup")}
    changed |= content
    markup = inline_markup(fields.json("reply_markup"))
    if markup is not None:
        changed["reply_markup"] = markup
    before = {key: value for key, value in message.items() if key != "edit_date"}
    if {key: value for key, value in changed.items() if key != "edit_date"} == before:
        raise bad(_SAME)
    changed["edit_date"] = int(time())
    return bot.changed(chat, changed)


def edit_text(bot: Bot, fields: Fields) -> Json:
    """editMessageText."""
    content = text_of(fields)
    _, message = bot.own(fields, "edit")
    if "text" not in message:
        raise bad("there is no text in the message to edit")
    return _edit(bot, fields, ("text", "entities"), content)


def edit_caption(bot: Bot, fields: Fields) -> Json:
    """editMessageCaption."""
    _, message = bot.own(fields, "edit")
    if not any(kind in message for kind in _MEDIA):
        raise bad("there is no caption in the message to edit")
    return _edit(bot, fields, ("caption", "caption_entities"), caption_of(fields))


def edit_media(bot: Bot, fields: Fields) -> Json:
    """editMessageMedia."""
    return _edit(
        bot, fields, (*_MEDIA, "caption", "caption_entities"), media_content(bot, fields, fields.json("media"))
    )


def edit_markup(bot: Bot, fields: Fields) -> Json:
    """editMessageReplyMarkup."""
    return _edit(bot, fields, (), {})


def stop_poll(bot: Bot, fields: Fields) -> Json:
    """stopPoll; gives the poll."""
    chat, message = bot.own(fields, "stop")
    if "poll" not in message:
        raise bad("message with poll to stop not found")
    poll: Json = {**message["poll"], "is_closed": True}
    bot.changed(chat, {**message, "poll": poll})
    return poll


def delete_message(bot: Bot, fields: Fields) -> bool:
    """deleteMessage."""
    chat, message = bot.own(fields, "delete")
    bot.chats.forget(chat.id, message["message_id"])
    bot.account.delete(f"{chat.id}:{message['message_id']}")
    return True


def delete_messages(bot: Bot, fields: Fields) -> bool:
    """deleteMessages; those that are gone already are passed over."""
    chat = bot.chats.named(fields.values.get("chat_id"))
    numbers = fields.json("message_ids")
    if not isinstance(numbers, list) or not numbers:
        raise bad("message identifiers are not specified")
    for number in numbers:
        if bot.chats.forget(chat.id, int(number)):
            bot.account.delete(f"{chat.id}:{number}")
    return True


def set_reaction(bot: Bot, fields: Fields) -> bool:
    """setMessageReaction."""
    chat, message = bot.own(fields, "react")
    if problem := chat.problem():
        raise problem
    given = fields.json("reaction") or []
    if len(given) > 1:
        raise bad("REACTIONS_TOO_MANY")
    for item in given:
        custom = item.get("type") == "custom_emoji" and str(item.get("custom_emoji_id", "")).isdigit()
        if not custom and (item.get("type") != "emoji" or item.get("emoji") not in REACTIONS):
            raise bad("REACTION_INVALID")
    bot.changed(chat, {**message, "reactions": given} if given else _without(message, "reactions"))
    return True


def _without(message: Json, key: str) -> Json:
    return {name: value for name, value in message.items() if name != key}


def answer_press(bot: Bot, fields: Fields) -> bool:
    """answerCallbackQuery."""
    if bot.presses.pop(fields.text("callback_query_id"), None) is None:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    return True


# -- chats and members -------------------------------------------------------------------------------

_RIGHTS = """
    can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members can_promote_members
    can_change_info can_invite_users can_post_stories can_edit_stories can_delete_stories
""".split()  # noqa: SIM905
_PERMISSIONS = """
    can_send_messages can_send_audios can_send_documents can_send_photos can_send_videos can_send_video_notes
    can_send_voice_notes can_send_polls can_send_other_messages can_add_web_page_previews can_change_info
    can_invite_users can_pin_messages can_manage_topics
""".split()  # noqa: SIM905


def get_chat(bot: Bot, fields: Fields) -> Json:
    """getChat: a ChatFullInfo."""
    chat = bot.chats.named(fields.values.get("chat_id"))
    if (problem := chat.problem()) and (chat.moved_to is not None or chat.type != "private"):
        raise problem
    gifts = "unlimited_gifts limited_gifts unique_gifts premium_subscription gifts_from_channels".split()  # noqa: SIM905
    full: Json = {
        **chat.as_json(),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }
    if chat.description:
        full["description"] = chat.description
    if chat.type in ("group", "supergroup"):
        full["permissions"] = dict.fromkeys(_PERMISSIONS, chat.can_send)
    return full


def member_object(bot: Bot, user_id: int, standing: Standing) -> Json:
    """A ChatMember of the given standing."""
    user = bot.user if user_id == bot.id else bot.chats.person(user_id).as_json()
    row: Json = {"status": standing, "user": user}
    if standing == "creator":
        row["is_anonymous"] = False
    elif standing == "administrator":
        row |= {"can_be_edited": False, "is_anonymous": False, **dict.fromkeys(_RIGHTS, True)}
        row |= {"can_post_messages": True, "can_edit_messages": True}
    elif standing == "restricted":
        row |= {"is_member": True, "until_date": 0, **dict.fromkeys(_PERMISSIONS, False)}
    elif standing == "kicked":
        row["until_date"] = 0
    return row


def get_member(bot: Bot, fields: Fields) -> Json:
    """getChatMember."""
    chat = bot.chats.named(fields.values.get("chat_id"))
    user_id = fields.integer("user_id")
    if user_id == bot.id:
        return member_object(bot, user_id, chat.bot)
    if chat.type == "private" and user_id == chat.id:
        return member_object(bot, user_id, "member")
    if user_id not in chat.members:
        raise bad("member not found")
    return member_object(bot, user_id, chat.members[user_id])


def get_member_count(bot: Bot, fields: Fields) -> int:
    """getChatMemberCount."""
    chat = bot.chats.named(fields.values.get("chat_id"))
    if chat.type == "private":
        return 2
    inside = sum(standing not in ("left", "kicked") for standing in chat.members.values())
    return inside + (chat.bot not in ("left", "kicked"))


def get_administrators(bot: Bot, fields: Fields) -> list[Json]:
    """getChatAdministrators."""
    chat: Chat = bot.chats.named(fields.values.get("chat_id"))
    if chat.type == "private":
        raise bad("there are no administrators in the private chat")
    heads = [
        member_object(bot, user_id, standing)
        for user_id, standing in chat.members.items()
        if standing in ("creator", "administrator")
    ]
    if chat.bot == "administrator":
        heads.append(member_object(bot, bot.id, "administrator"))
    return heads


def _true(bot: Bot, fields: Fields) -> bool:
    return True


def set_commands(bot: Bot, fields: Fields) -> bool:
    """setMyCommands."""
    bot.commands = fields.json("commands") or []
    return True


CHANGE: dict[str, Any] = {
    "editmessagetext": edit_text,
    "editmessagecaption": edit_caption,
    "editmessagemedia": edit_media,
    "editmessagereplymarkup": edit_markup,
    "stoppoll": stop_poll,
    "deletemessage": delete_message,
    "deletemessages": delete_messages,
    "setmessagereaction": set_reaction,
    "answercallbackquery": answer_press,
    "getchat": get_chat,
    "getchatmember": get_member,
    "getchatmembercount": get_member_count,
    "getchatmemberscount": get_member_count,
    "getchatadministrators": get_administrators,
    "pinchatmessage": _true,
    "unpinchatmessage": _true,
    "unpinallchatmessages": _true,
    "setmycommands": set_commands,
    "deletemycommands": set_commands,
    "getmycommands": lambda bot, fields: bot.commands,
}
"""Methods by lower-case name."""
