"""Content to Bot API calls: a table of kinds, with the limits that are checked here before anything is sent.

Texts go without a parse mode unless they ask for one, so that what a person typed arrives as typed. What Telegram has no
exact form for is refused in words (`Rejected` with code UNSUPPORTED) and not approximated; reply buttons, lists and links
of WhatsApp's interactive messages do have one, the inline keyboard.

Limits: https://core.telegram.org/bots/api#sendmessage and #sending-files.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from jackfield.core.ground.errors import NotFound, Rejected
from jackfield.core.port import MediaStore, Outgoing
from jackfield.core.port import content as c

from .places import Ids, Place, ids_of
from .vendor import bot, tg

if TYPE_CHECKING:
    from .vendor import TelegramMethod

    Call: TypeAlias = TelegramMethod[Any]
    File: TypeAlias = tg.InputFile | str
    Markup: TypeAlias = tg.InlineKeyboardMarkup | tg.ReplyKeyboardMarkup

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
UPLOAD_LIMIT = 50 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024
DATA_LIMIT = 64
"""Characters, characters, bytes, bytes, bytes."""


# -- files -------------------------------------------------------------------------------------------


def files_in(content: c.Content) -> list[c.MediaContent]:
    """The files that a content needs."""
    if isinstance(content, c.Image | c.Video | c.Audio | c.Document | c.Sticker):
        return [content]
    if isinstance(content, c.Album):
        return list(content.items)
    if isinstance(content, c.Buttons | c.ListMenu | c.CtaUrl) and content.header is not None:
        return [content.header.media] if content.header.media is not None else []
    return []


async def load(media: c.MediaContent, store: MediaStore | None) -> File:
    """A file as Telegram takes it: its own id, an address that it fetches itself, or the stored bytes.

    Raises Rejected when the stored file is missing or larger than a bot may upload.
    """
    if media.media_id:
        return media.media_id
    url = media.url or ""
    if not url.startswith("media:"):
        if not url.startswith(("http://", "https://")):
            raise Rejected("MEDIA_NOT_FOUND", "The message names no file.")
        return url
    if store is None:
        raise Rejected("MEDIA_NOT_FOUND", "The channel has no media store to read the file from.")
    try:
        data, _mime, name = await store.read(url.removeprefix("media:"))
    except NotFound as error:
        raise Rejected("MEDIA_NOT_FOUND", error.message) from None
    limit = PHOTO_LIMIT if isinstance(media, c.Image) else UPLOAD_LIMIT
    if len(data) > limit:
        raise Rejected(
            "MEDIA_TOO_LARGE",
            f"The file has {len(data) / 1048576:.1f} MB; Telegram takes {limit // 1048576} MB from a bot"
            + (" as a picture; send it as a document." if isinstance(media, c.Image) else "."),
        )
    return tg.BufferedInputFile(data, filename=media.filename or name or _default_name(media))


def _default_name(media: c.MediaContent) -> str:
    endings = {"image": "jpg", "video": "mp4", "audio": "mp3", "document": "bin", "sticker": "webp"}
    kind = c.kind_of(media)
    return f"{kind}.{'ogg' if isinstance(media, c.Audio) and media.voice else endings[kind]}"


# -- texts and buttons -------------------------------------------------------------------------------


PARSE_MODES = {"html": "HTML", "markdown": "MarkdownV2"}
"""Telegram's names of the marks that a text may hold."""


def _look(content: c.Text | c.MediaContent, entities: str) -> dict[str, Any]:
    """How a text or caption is formatted; nothing is formatted that does not ask for it."""
    if content.format is not None:
        if content.format not in PARSE_MODES:
            raise Rejected("telegram:400:format", f"Telegram knows no format {content.format!r}; use html or markdown.")
        return {"parse_mode": PARSE_MODES[content.format]}
    if not content.entities:
        return {"parse_mode": None}
    return {"parse_mode": None, entities: [_entity(one) for one in content.entities]}


def _entity(given: c.Entity) -> tg.MessageEntity:
    user = None
    if given.user is not None and given.user.isdigit():
        user = tg.User(id=int(given.user), is_bot=False, first_name=given.user)
    return tg.MessageEntity(
        type=given.type,
        offset=given.offset,
        length=given.length,
        url=given.url,
        user=user,
        language=given.language,
        custom_emoji_id=given.custom_emoji_id,
    )


def _text(value: str, marked: bool = False) -> str:
    """The text, checked; the marks of a `marked` one do not count, so that Telegram itself says whether it is too long."""
    if not value.strip():
        raise Rejected("telegram:400:empty", "The text is empty; Telegram does not send empty messages.")
    if len(value) > TEXT_LIMIT and not marked:
        raise Rejected(
            "telegram:400:too_long",
            f"The text has {len(value)} characters; Telegram takes at most {TEXT_LIMIT}. Shorten it or send several.",
        )
    return value


def _caption(value: str | None, marked: bool = False) -> str | None:
    if value and len(value) > CAPTION_LIMIT and not marked:
        raise Rejected(
            "telegram:400:too_long",
            f"The caption has {len(value)} characters; Telegram takes at most {CAPTION_LIMIT} below a file. "
            "Shorten it or send the text as a message of its own.",
        )
    return value or None


def _button(title: str, *, data: str | None = None, url: str | None = None) -> tg.InlineKeyboardButton:
    if url:
        return tg.InlineKeyboardButton(text=title, url=url)
    data = title if data is None else data
    size = len(data.encode())
    if not 1 <= size <= DATA_LIMIT:
        raise Rejected(
            "telegram:400:buttons", f"The data of button {title!r} has {size} bytes; Telegram takes 1 to {DATA_LIMIT}."
        )
    return tg.InlineKeyboardButton(text=title, callback_data=data)


def _keyboard(content: c.Content) -> Markup | None:
    """The buttons below a message."""
    if isinstance(content, c.InlineKeyboard):
        rows = [[_button(item.text, data=item.data, url=item.url) for item in row] for row in content.rows]
    elif isinstance(content, c.Buttons):
        rows = [[_button(item.title, data=item.id)] for item in content.buttons]
    elif isinstance(content, c.ListMenu):
        rows = [[_button(row.title, data=row.id)] for section in content.sections for row in section.rows]
    elif isinstance(content, c.CtaUrl):
        rows = [[_button(content.title, url=content.url)]]
    elif isinstance(content, c.LocationRequest):
        ask = tg.KeyboardButton(text="\N{ROUND PUSHPIN}", request_location=True)
        return tg.ReplyKeyboardMarkup(keyboard=[[ask]], one_time_keyboard=True, resize_keyboard=True)
    elif isinstance(content, c.ContactRequest):
        ask = tg.KeyboardButton(text="\N{BLACK TELEPHONE}", request_contact=True)
        return tg.ReplyKeyboardMarkup(keyboard=[[ask]], one_time_keyboard=True, resize_keyboard=True)
    else:
        return None
    return tg.InlineKeyboardMarkup(inline_keyboard=rows)


def _interactive_text(content: c.Buttons | c.ListMenu | c.CtaUrl | c.LocationRequest | c.ContactRequest) -> str:
    """Header, body, described rows and footer as paragraphs of one text."""
    parts = [content.header.text if content.header else None, content.body]
    if isinstance(content, c.ListMenu):
        described = [row for section in content.sections for row in section.rows if row.description]
        parts.append("\n".join(f"{row.title}: {row.description}" for row in described))
    parts.append(content.footer)
    return "\n\n".join(part for part in parts if part)


# -- the table ---------------------------------------------------------------------------------------


def to_call(message: Outgoing, place: Place, files: Sequence[File]) -> Call:
    """The call that sends a message; `files` are what `load` made of `files_in`. Raises Rejected."""
    content = message.content
    file = files[0] if files else None
    if isinstance(content, c.Reaction):
        return _react(content)
    common: dict[str, Any] = place.fields()
    if message.reply_to:
        answered = ids_of(message.reply_to)
        elsewhere = None if answered.chat == place.chat else answered.chat
        common["reply_parameters"] = tg.ReplyParameters(
            message_id=answered.message, chat_id=elsewhere, allow_sending_without_reply=True
        )
    markup = _keyboard(content)
    if markup is not None:
        common["reply_markup"] = markup
    if isinstance(content, c.Text):
        preview = None if content.preview else tg.LinkPreviewOptions(is_disabled=True)
        look = _look(content, "entities")
        return bot.SendMessage(
            text=_text(content.text, content.format is not None), link_preview_options=preview, **look, **common
        )
    if isinstance(content, c.InlineKeyboard):
        return bot.SendMessage(text=_text(content.text), parse_mode=None, **common)
    if isinstance(content, c.Buttons | c.ListMenu | c.CtaUrl | c.LocationRequest | c.ContactRequest):
        text = _interactive_text(content)
        media = content.header.media if content.header else None
        if media is not None and file is not None:
            return _send_file(media, file, {"caption": _caption(text), "parse_mode": None}, common)
        return bot.SendMessage(text=_text(text), parse_mode=None, **common)
    if isinstance(content, c.Image | c.Video | c.Audio | c.Document | c.Sticker):
        assert file is not None
        return _send_file(content, file, _captioned(content), common)
    if isinstance(content, c.Album):
        return bot.SendMediaGroup(media=_album(content, files), **common)
    return _send_other(content, common)


def _captioned(content: c.MediaContent) -> dict[str, Any]:
    caption = _caption(content.caption, content.format is not None)
    return {"caption": caption, **_look(content, "caption_entities")}


ALBUM = (2, 10)
"""Fewest and most files of an album (https://core.telegram.org/bots/api#sendmediagroup)."""


def _album(content: c.Album, files: Sequence[File]) -> list[Any]:
    fewest, maximum = ALBUM
    if not fewest <= len(content.items) <= maximum:
        raise Rejected("telegram:400:album", f"An album has {fewest} to {maximum} files, not {len(content.items)}.")
    families = {type(one) if isinstance(one, c.Audio | c.Document) else c.Image for one in content.items}
    if len(families) > 1 or any(isinstance(one, c.Audio) and one.voice for one in content.items):
        raise Rejected(
            "telegram:400:album",
            "Telegram shows pictures and films together; sound and documents only among their own, voice notes not at all.",
        )
    return [_input_media(one, file) for one, file in zip(content.items, files, strict=True)]


def _input_media(media: c.MediaContent, file: File) -> Any:
    """A file as an album or an edit holds it."""
    if isinstance(media, c.Image):
        kind: type[tg.InputMedia] = tg.InputMediaPhoto
    elif isinstance(media, c.Video):
        kind = tg.InputMediaVideo
    else:
        kind = tg.InputMediaAudio if isinstance(media, c.Audio) else tg.InputMediaDocument
    return kind(media=file, **_captioned(media))


def _send_file(media: c.MediaContent, file: File, caption: dict[str, Any], common: dict[str, Any]) -> Call:
    captioned = {**caption, **common}
    if isinstance(media, c.Image):
        return bot.SendPhoto(photo=file, **captioned)
    if isinstance(media, c.Video):
        return bot.SendVideo(video=file, supports_streaming=True, **captioned)
    if isinstance(media, c.Audio):
        return bot.SendVoice(voice=file, **captioned) if media.voice else bot.SendAudio(audio=file, **captioned)
    if isinstance(media, c.Sticker):
        return bot.SendSticker(sticker=file, **common)
    return bot.SendDocument(document=file, **captioned)


def _send_other(content: c.Content, common: dict[str, Any]) -> Call:
    if isinstance(content, c.Location):
        point: dict[str, Any] = {"latitude": content.latitude, "longitude": content.longitude}
        if not all(math.isfinite(value) for value in point.values()):
            raise Rejected("telegram:400", "Latitude and longitude must be numbers of degrees.")
        if content.name or content.address:
            title, address = content.name or content.address or "", content.address or content.name or ""
            return bot.SendVenue(title=title, address=address, **point, **common)
        return bot.SendLocation(**point, **common)
    if isinstance(content, c.Contacts):
        return _send_contact(content, common)
    if isinstance(content, c.Poll):
        options: list[tg.InputPollOption | str] = [
            tg.InputPollOption(text=option, text_parse_mode=None) for option in content.options
        ]
        return bot.SendPoll(
            question=content.question,
            question_parse_mode=None,
            options=options,
            allows_multiple_answers=content.multiple,
            # Anonymous polls never tell who chose what, so no answer would come in.
            is_anonymous=False,
            **common,
        )
    raise Rejected("UNSUPPORTED", f"Telegram has no message of the kind {c.kind_of(content)!r}.")


def _send_contact(content: c.Contacts, common: dict[str, Any]) -> Call:
    if len(content.contacts) != 1:
        raise Rejected(
            "UNSUPPORTED", f"Telegram sends one contact card per message, not {len(content.contacts)}; send each alone."
        )
    card = content.contacts[0]
    if not card.phones:
        raise Rejected("telegram:400", f"The card of {card.name!r} has no phone number, which Telegram requires.")
    first, _, last = card.name.partition(" ")
    return bot.SendContact(
        phone_number=card.phones[0], first_name=first or card.phones[0], last_name=last or None, **common
    )


def _react(content: c.Reaction) -> Call:
    target = ids_of(content.target)
    if target.place.business is not None:
        raise Rejected("UNSUPPORTED", "A bot cannot react in the chats of a business account.")
    # Telegram's list has the bare characters: U+2764, not U+2764 U+FE0F (variation selector).
    emoji = content.emoji.replace("\N{VARIATION SELECTOR-16}", "")
    chosen: list[Any] = [tg.ReactionTypeEmoji(emoji=emoji)] if emoji else []
    if content.custom_emoji_id is not None:
        chosen = [tg.ReactionTypeCustomEmoji(custom_emoji_id=content.custom_emoji_id)]
    return bot.SetMessageReaction(chat_id=target.chat, message_id=target.message, reaction=chosen)


def to_edit(ids: Ids, content: c.Content, file: File | None) -> Call:
    """The call that changes a sent message: its text and buttons, its file, or only its caption. Raises Rejected."""
    where: dict[str, Any] = {**ids.place.fields(), "message_id": ids.message}
    if isinstance(content, c.Text):
        preview = None if content.preview else tg.LinkPreviewOptions(is_disabled=True)
        look = _look(content, "entities")
        return bot.EditMessageText(
            text=_text(content.text, content.format is not None), link_preview_options=preview, **look, **where
        )
    if isinstance(content, c.InlineKeyboard):
        return bot.EditMessageText(
            text=_text(content.text), parse_mode=None, reply_markup=_inline(_keyboard(content)), **where
        )
    if isinstance(content, c.Image | c.Video | c.Audio | c.Document):
        if file is None:
            return bot.EditMessageCaption(**_captioned(content), **where)
        return bot.EditMessageMedia(media=_input_media(content, file), **where)
    raise Rejected("UNSUPPORTED", f"Telegram cannot change a message into the kind {c.kind_of(content)!r}.")


def _inline(markup: Markup | None) -> tg.InlineKeyboardMarkup | None:
    return markup if isinstance(markup, tg.InlineKeyboardMarkup) else None
