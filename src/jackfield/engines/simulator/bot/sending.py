"""The send methods, forwards and copies, with Telegram's checks and words."""

from __future__ import annotations

from typing import Any

from .bot import Bot
from .chats import Chat
from .files import file_object
from .formatting import formatted
from .wire import Fields, Json, bad

TEXT_LIMIT, CAPTION_LIMIT = 4096, 1024


def text_of(fields: Fields) -> Json:
    """A message's text. Raises BotProblem when it is empty or too long."""
    text = fields.text("text")
    if not text.strip():
        raise bad("message text is empty")
    text, entities = _formatted(text, fields, "entities")
    if not text.strip():
        raise bad("message text is empty")
    if len(text) > TEXT_LIMIT:
        raise bad("message is too long")
    return {"text": text, **({"entities": entities} if entities else {})}


def _formatted(text: str, fields: Fields, name: str) -> tuple[str, list[Json]]:
    mode = fields.text("parse_mode")
    # Most texts have no marks, and this is asked for each of them.
    return formatted(text, mode, fields.json(name)) if mode or name in fields else (text, [])


def caption_of(fields: Fields) -> Json:
    """A file's caption, if there is one."""
    caption = fields.text("caption")
    if not caption:
        return {}
    caption, entities = _formatted(caption, fields, "caption_entities")
    if len(caption) > CAPTION_LIMIT:
        raise bad("message caption is too long")
    return {"caption": caption, **({"caption_entities": entities} if entities else {})}


def send_message(bot: Bot, fields: Fields) -> Json:
    """sendMessage."""
    return bot.send(fields, "text", text_of(fields))


def _file_sender(kind: str, captioned: bool = True) -> Any:
    def send(bot: Bot, fields: Fields) -> Json:
        bot.chats.named(fields.values.get("chat_id"))
        given = fields.files.get(kind) or fields.values.get(kind)
        shown = file_object(bot.account.media, fields, given, kind)
        content: Json = {kind: shown}
        if kind == "animation":
            content["document"] = {key: shown[key] for key in ("file_id", "file_unique_id", "file_size", "mime_type")}
        if captioned:
            content |= caption_of(fields)
        return bot.send(fields, kind, content)

    return send


def send_location(bot: Bot, fields: Fields) -> Json:
    """sendLocation; with `live_period` (seconds) it can be moved for so long."""
    place: Json = _point(fields)
    for name in ("live_period", "heading", "proximity_alert_radius"):
        if name in fields:
            place[name] = fields.integer(name)
    live = place.get("live_period")
    if live is not None and not (60 <= live <= 86_400 or live == 0x7FFFFFFF):
        raise bad("live_period is invalid")
    return bot.send(fields, "location", {"location": place})


def _point(fields: Fields) -> Json:
    point = {"latitude": fields.real("latitude"), "longitude": fields.real("longitude")}
    if not (-90 <= point["latitude"] <= 90 and -180 <= point["longitude"] <= 180):
        raise bad("location is invalid")
    return point


def send_venue(bot: Bot, fields: Fields) -> Json:
    """sendVenue."""
    point = _point(fields)
    venue: Json = {"location": point, "title": fields.text("title"), "address": fields.text("address")}
    if not venue["title"]:
        raise bad("venue title must be non-empty")
    return bot.send(fields, "venue", {"venue": venue, "location": point})


def send_contact(bot: Bot, fields: Fields) -> Json:
    """sendContact."""
    card: Json = {"phone_number": fields.text("phone_number"), "first_name": fields.text("first_name")}
    if not card["phone_number"]:
        raise bad("phone number is empty")
    if not card["first_name"]:
        raise bad("contact first name is empty")
    for name in ("last_name", "vcard"):
        if fields.text(name):
            card[name] = fields.text(name)
    return bot.send(fields, "contact", {"contact": card})


def send_poll(bot: Bot, fields: Fields) -> Json:
    """sendPoll."""
    question, options = fields.text("question"), fields.json("options")
    if not 1 <= len(question) <= 300:
        raise bad("poll question must be non-empty" if not question else "poll question length must not exceed 300")
    if not isinstance(options, list):
        raise bad("can't parse options JSON object")
    if not 2 <= len(options) <= 12:
        raise bad("poll must have at least 2 option" if len(options) < 2 else "poll can't have more than 12 options")
    texts = [str(option.get("text", "")) if isinstance(option, dict) else str(option) for option in options]
    if not all(1 <= len(text) <= 100 for text in texts):
        raise bad("poll options length must not exceed 100")
    poll_id = str(5_000_000_000 + bot.number())
    poll = poll_object(
        poll_id, question, texts, fields.flag("allows_multiple_answers"), fields.flag("is_anonymous", True)
    )
    poll["type"] = fields.text("type", "regular")
    if poll["type"] == "quiz":
        poll["correct_option_id"] = fields.integer("correct_option_id", 0)
    message = bot.send(fields, "poll", {"poll": poll})
    bot.polls[poll_id] = (message["chat"]["id"], message["message_id"])
    return message


def poll_object(poll_id: str, question: str, options: list[str], multiple: bool, anonymous: bool) -> Json:
    """A Poll without votes."""
    return {
        "id": poll_id,
        "question": question,
        "options": [{"persistent_id": f"p{n}", "text": text, "voter_count": 0} for n, text in enumerate(options)],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": anonymous,
        "type": "regular",
        "allows_multiple_answers": multiple,
        "allows_revoting": True,
        "members_only": False,
    }


def send_dice(bot: Bot, fields: Fields) -> Json:
    """sendDice; it always shows 4."""
    return bot.send(fields, "dice", {"dice": {"emoji": fields.text("emoji", "\N{GAME DIE}"), "value": 4}})


def send_media_group(bot: Bot, fields: Fields) -> list[Json]:
    """sendMediaGroup: one message per file, under one album id."""
    items = fields.json("media")
    if not isinstance(items, list) or not 2 <= len(items) <= 10:
        raise bad("there must be 2 to 10 items in the media group")
    shown = [media_content(bot, fields, item) for item in items]
    families = {item["type"] if item["type"] in ("audio", "document") else "photo" for item in items}
    if len(families) > 1 or any(item["type"] == "animation" for item in items):
        raise bad("media of these types can't be mixed in an album")
    album = str(13_000_000_000 + bot.number())
    return [
        bot.send(fields, str(item["type"]), {**content, "media_group_id": album})
        for item, content in zip(items, shown, strict=True)
    ]


def media_content(bot: Bot, fields: Fields, item: Any) -> Json:
    """What an InputMedia object puts into a message. Raises BotProblem."""
    if not isinstance(item, dict) or item.get("type") not in ("photo", "video", "audio", "document", "animation"):
        raise bad("can't parse InputMedia: type is wrong")
    kind = str(item["type"])
    content: Json = {kind: file_object(bot.account.media, fields, item.get("media"), kind)}
    return {**content, **caption_of(Fields(item, {}))}


def send_chat_action(bot: Bot, fields: Fields) -> bool:
    """sendChatAction."""
    chat = bot.chats.named(fields.values.get("chat_id"))
    if problem := chat.problem():
        raise problem
    if not fields.text("action"):
        raise bad("wrong parameter action in request")
    bot.account.typing_to = str(chat.id)
    return True


def _source(bot: Bot, fields: Fields) -> Json:
    chat = bot.chats.named(fields.values.get("from_chat_id"))
    message = bot.chats.message(chat.id, fields.integer("message_id"))
    if message is None:
        raise bad("message to forward not found")
    return message


_FRAME = frozenset({"message_id", "date", "chat", "from", "sender_chat", "reply_to_message", "edit_date"})


def _kind(content: Json) -> str:
    return next((name for name in content if name not in ("reply_markup", "media_group_id")), "text")


def forward_message(bot: Bot, fields: Fields) -> Json:
    """forwardMessage."""
    source = _source(bot, fields)
    content = {key: value for key, value in source.items() if key not in _FRAME}
    sender = source.get("from")
    origin: Json = {"type": "user", "date": source["date"], "sender_user": sender}
    if sender is None:
        origin = {
            "type": "channel",
            "date": source["date"],
            "chat": source["chat"],
            "message_id": source["message_id"],
        }
    return bot.send(fields, _kind(content), {**content, "forward_origin": origin})


def copy_message(bot: Bot, fields: Fields) -> Json:
    """copyMessage; the copy does not say where it came from."""
    source = _source(bot, fields)
    content = {key: value for key, value in source.items() if key not in _FRAME and key != "reply_markup"}
    if "caption" in fields:
        content |= caption_of(fields)
    message = bot.send(fields, _kind(content), content)
    return {"message_id": message["message_id"]}


def _copies(bot: Bot, fields: Fields, one: Any) -> list[Json]:
    numbers = fields.json("message_ids")
    if not isinstance(numbers, list) or not numbers:
        raise bad("message identifiers are not specified")
    made = []
    for number in numbers:
        message = one(bot, Fields({**fields.values, "message_id": number}, {}))
        made.append({"message_id": message["message_id"]})
    return made


def leave_chat(bot: Bot, fields: Fields) -> bool:
    """leaveChat."""
    chat: Chat = bot.chats.named(fields.values.get("chat_id"))
    if chat.type == "private":
        raise bad("chat is not a group or channel")
    chat.bot = "left"
    return True


SEND = {
    "sendmessage": send_message,
    "sendphoto": _file_sender("photo"),
    "sendvideo": _file_sender("video"),
    "sendaudio": _file_sender("audio"),
    "sendvoice": _file_sender("voice"),
    "senddocument": _file_sender("document"),
    "sendanimation": _file_sender("animation"),
    "sendsticker": _file_sender("sticker", captioned=False),
    "sendvideonote": _file_sender("video_note", captioned=False),
    "sendlocation": send_location,
    "sendvenue": send_venue,
    "sendcontact": send_contact,
    "sendpoll": send_poll,
    "senddice": send_dice,
    "sendmediagroup": send_media_group,
    "sendchataction": send_chat_action,
    "forwardmessage": forward_message,
    "forwardmessages": lambda bot, fields: _copies(bot, fields, forward_message),
    "copymessage": copy_message,
    "copymessages": lambda bot, fields: _copies(bot, fields, copy_message),
    "leavechat": leave_chat,
}
"""Methods by lower-case name."""
