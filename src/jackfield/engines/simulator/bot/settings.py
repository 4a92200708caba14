"""What a bot sets about itself and its chats: name, descriptions, menu buttons, forum topics, invitations, members; and
its answers to payments."""

from __future__ import annotations

from typing import Any

from .bot import Bot
from .chats import Chat
from .doings import leave
from .wire import Fields, Json, bad

_MOST = {"name": 64, "description": 512, "short_description": 120}
"""Most characters (https://core.telegram.org/bots/api#setmyname and the following)."""


def _setter(what: str) -> Any:
    def put(bot: Bot, fields: Fields) -> bool:
        value = fields.text(what)
        if len(value) > _MOST[what]:
            raise bad(f"bot {what.replace('_', ' ')} is too long")
        key = f"{what}:{fields.text('language_code')}"
        if value:
            bot.about[key] = value
        else:
            bot.about.pop(key, None)
        if what == "name" and not fields.text("language_code"):
            bot.user["first_name"] = value or bot.account.name
        return True

    return put


def _getter(what: str) -> Any:
    def get(bot: Bot, fields: Fields) -> Json:
        default = bot.user["first_name"] if what == "name" else ""
        found = bot.about.get(f"{what}:{fields.text('language_code')}")
        return {what: found if found is not None else bot.about.get(f"{what}:", default)}

    return get


def set_menu_button(bot: Bot, fields: Fields) -> bool:
    """setChatMenuButton; without a chat for everybody."""
    chat = _private(bot, fields)
    button = fields.json("menu_button") or {"type": "default"}
    kind = button.get("type") if isinstance(button, dict) else None
    if kind not in ("commands", "web_app", "default"):
        raise bad("can't parse menu button: type is wrong")
    if kind == "web_app" and not (button.get("text") and (button.get("web_app") or {}).get("url")):
        raise bad("can't parse menu button: text and web_app are required")
    bot.menus[chat] = button
    return True


def get_menu_button(bot: Bot, fields: Fields) -> Json:
    """getChatMenuButton."""
    return bot.menus.get(_private(bot, fields)) or bot.menus.get(0) or {"type": "commands"}


def _private(bot: Bot, fields: Fields) -> int:
    if "chat_id" not in fields:
        return 0
    chat = bot.chats.named(fields.values["chat_id"])
    if chat.type != "private":
        raise bad("chat must be private")
    return chat.id


def get_photos(bot: Bot, fields: Fields) -> Json:
    """getUserProfilePhotos: nobody here shows one."""
    user = bot.chats.people.get(fields.integer("user_id"))
    if user is None and fields.integer("user_id") != bot.id:
        raise bad("user not found")
    return {"total_count": 0, "photos": []}


def get_connection(bot: Bot, fields: Fields) -> Json:
    """getBusinessConnection."""
    found = bot.connections.get(fields.text("business_connection_id"))
    if found is None:
        raise bad("business connection not found")
    return found


def delete_business(bot: Bot, fields: Fields) -> bool:
    """deleteBusinessMessages."""
    connection = get_connection(bot, fields)
    numbers = fields.json("message_ids")
    if not isinstance(numbers, list) or not numbers:
        raise bad("message identifiers are not specified")
    for chat in bot.chats.all():
        for number in numbers:
            found = bot.chats.message(chat.id, int(number))
            if found is not None and found.get("business_connection_id") == connection["id"]:
                bot.chats.forget(chat.id, int(number))
                bot.account.delete(f"{chat.id}~business-{connection['id']}:{number}")
    return True


# -- payments ----------------------------------------------------------------------------------------


def _answer(name: str) -> Any:
    def answer(bot: Bot, fields: Fields) -> bool:
        query = bot.answers.get(fields.text(name))
        if query is None or "ok" in query:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        good = fields.flag("ok")
        if not good and not fields.text("error_message"):
            raise bad("error message must be non-empty")
        query |= {"ok": good, "error_message": fields.text("error_message") or None}
        return True

    return answer


# -- forum topics ------------------------------------------------------------------------------------


def _forum(bot: Bot, fields: Fields) -> Chat:
    chat = bot.chats.named(fields.values.get("chat_id"))
    if chat.type != "supergroup":
        raise bad("the chat is not a forum")
    if chat.bot != "administrator":
        raise bad("not enough rights to manage topics")
    return chat


def create_topic(bot: Bot, fields: Fields) -> Json:
    """createForumTopic."""
    chat, name = _forum(bot, fields), fields.text("name")
    if not 1 <= len(name) <= 128:
        raise bad("TOPIC_TITLE_EMPTY" if not name else "topic name is too long")
    number = bot.chats.number_for(chat)
    chat.topics[number] = {"name": name, "icon_color": fields.integer("icon_color", 7322096)}
    return {"message_thread_id": number, **chat.topics[number]}


def _topic(change: Any) -> Any:
    def act(bot: Bot, fields: Fields) -> bool:
        chat = _forum(bot, fields)
        number = fields.integer("message_thread_id")
        if number not in chat.topics:
            raise bad("message thread not found")
        change(chat, number, fields)
        return True

    return act


def _rename(chat: Chat, number: int, fields: Fields) -> None:
    if fields.text("name"):
        chat.topics[number]["name"] = fields.text("name")


# -- chats and members -------------------------------------------------------------------------------


def _admin(bot: Bot, fields: Fields) -> Chat:
    chat = bot.chats.named(fields.values.get("chat_id"))
    if chat.type == "private":
        raise bad("method is available only for groups and channels")
    if chat.bot != "administrator":
        raise bad("not enough rights")
    return chat


def set_title(bot: Bot, fields: Fields) -> bool:
    """setChatTitle."""
    chat, title = _admin(bot, fields), fields.text("title")
    if not 1 <= len(title) <= 128:
        raise bad("chat title must be 1 to 128 characters")
    chat.title = title
    return True


def set_description(bot: Bot, fields: Fields) -> bool:
    """setChatDescription."""
    _admin(bot, fields).description = fields.text("description")[:255] or None
    return True


def ban(bot: Bot, fields: Fields) -> bool:
    """banChatMember."""
    chat, user_id = _admin(bot, fields), fields.integer("user_id")
    if user_id in chat.members:
        leave(bot, chat, user_id)
    chat.members[user_id] = "kicked"
    return True


def unban(bot: Bot, fields: Fields) -> bool:
    """unbanChatMember."""
    chat, user_id = _admin(bot, fields), fields.integer("user_id")
    if chat.members.get(user_id) == "kicked":
        del chat.members[user_id]
    return True


def invite_link(bot: Bot, fields: Fields) -> str:
    """exportChatInviteLink."""
    return f"https://t.me/+{abs(_admin(bot, fields).id):x}"


def create_invite(bot: Bot, fields: Fields) -> Json:
    """createChatInviteLink."""
    return {
        "invite_link": f"{invite_link(bot, fields)}{bot.number():x}",
        "creator": bot.user,
        "creates_join_request": fields.flag("creates_join_request"),
        "is_primary": False,
        "is_revoked": False,
    }


def custom_emoji(bot: Bot, fields: Fields) -> list[Json]:
    """getCustomEmojiStickers: every id is one, and stands for a sparkle."""
    ids = fields.json("custom_emoji_ids")
    if not isinstance(ids, list) or len(ids) > 200:
        raise bad("can't parse custom emoji identifiers")
    return [
        {
            "file_id": f"emoji{one}",
            "file_unique_id": f"uemoji{one}",
            "type": "custom_emoji",
            "width": 100,
            "height": 100,
            "is_animated": False,
            "is_video": False,
            "emoji": "\N{SPARKLES}",
            "custom_emoji_id": str(one),
        }
        for one in ids
    ]


def _closed(closed: bool) -> Any:
    return _topic(lambda chat, number, fields: chat.topics[number].update(closed=closed))


def get_topic_icons(bot: Bot, fields: Fields) -> list[Json]:
    """getForumTopicIconStickers: there are none."""
    return []


def get_rights(bot: Bot, fields: Fields) -> Json:
    """getMyDefaultAdministratorRights: none are asked for."""
    names = "is_anonymous can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members"
    more = "can_promote_members can_change_info can_invite_users can_post_stories can_edit_stories can_delete_stories"
    return dict.fromkeys([*names.split(), *more.split()], False)


SETTINGS: dict[str, Any] = {
    **{f"setmy{what.replace('_', '')}": _setter(what) for what in _MOST},
    **{f"getmy{what.replace('_', '')}": _getter(what) for what in _MOST},
    "setchatmenubutton": set_menu_button,
    "getchatmenubutton": get_menu_button,
    "getuserprofilephotos": get_photos,
    "getbusinessconnection": get_connection,
    "deletebusinessmessages": delete_business,
    "answerprecheckoutquery": _answer("pre_checkout_query_id"),
    "answershippingquery": _answer("shipping_query_id"),
    "createforumtopic": create_topic,
    "editforumtopic": _topic(_rename),
    "closeforumtopic": _closed(True),
    "reopenforumtopic": _closed(False),
    "deleteforumtopic": _topic(lambda chat, number, fields: chat.topics.pop(number)),
    "getforumtopiciconstickers": get_topic_icons,
    "setchattitle": set_title,
    "setchatdescription": set_description,
    "banchatmember": ban,
    "kickchatmember": ban,
    "unbanchatmember": unban,
    "exportchatinvitelink": invite_link,
    "createchatinvitelink": create_invite,
    "getcustomemojistickers": custom_emoji,
    "getmydefaultadministratorrights": get_rights,
    "setmydefaultadministratorrights": lambda bot, fields: True,
}
"""Methods by lower-case name."""
