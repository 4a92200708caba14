"""Content to WhatsApp's end-to-end messages. Imported in child processes only.

Messages are built here from neonize's protobuf types, with files uploaded through it; its own builders would probe
every file with ffmpeg. What a linked device cannot send so that phones show it (buttons, lists, templates, catalogs)
is refused in words.
"""

from __future__ import annotations

import asyncio
import io
import shutil
import time
from typing import Any, TypeAlias

import msgspec
from neonize.builder import build_edit
from neonize.proto.Neonize_pb2 import JID, UploadResponse
from neonize.proto.waCommon.WACommon_pb2 import MessageKey
from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e
from neonize.utils.enum import MediaType
from PIL import Image

from jackfield.core.ground.errors import Rejected
from jackfield.core.port import content as c

from . import jids
from .phone import Phone
from .requirements import missing_converter

TEXT_LIMIT = 65_536
"""Characters; longer texts are not shown by the phones (WhatsApp's own client stops there)."""
MOST_PIXELS = 50_000_000
"""Pixels of a picture that is unpacked, 150 MB of memory; phones make up to 50 million, a bomb of a few kB many more."""
THUMBNAIL = 96
"""Pixels of the longer side; WhatsApp's own previews are about as large."""


class File(msgspec.Struct):
    """A file on its way out."""

    data: bytes
    mime: str
    name: str | None = None


class Quote(msgspec.Struct):
    """What an answer quotes: the quoted id, its author as WhatsApp writes it, and its content where still known."""

    message_id: str
    author: str
    content: e2e.Message | None = None


Built: TypeAlias = e2e.Message


async def build(phone: Phone, chat: JID, me: JID, content: c.Content, file: File | None, quote: Quote | None) -> Built:
    """The message; files are uploaded on the way. Raises Rejected, or NeonizeError when an upload fails."""
    if isinstance(content, c.Reaction):
        return _reaction(chat, me, content)
    context = _context(quote)
    if isinstance(content, c.Text):
        return _text(content.text, context)
    if isinstance(content, c.Image | c.Video | c.Audio | c.Document | c.Sticker):
        if file is None:
            raise Rejected("MEDIA_NOT_FOUND", "The message names no file.")
        return await _media(phone, content, file, context)
    if isinstance(content, c.Location):
        location = e2e.LocationMessage(
            degreesLatitude=content.latitude,
            degreesLongitude=content.longitude,
            name=content.name or "",
            address=content.address or "",
            contextInfo=context,
        )
        return e2e.Message(locationMessage=location)
    if isinstance(content, c.Contacts):
        return _contacts(content, context)
    if isinstance(content, c.Poll):
        return _poll(content, context)
    raise Rejected("UNSUPPORTED", f"A paired phone cannot send messages of the kind {c.kind_of(content)!r}.")


def _context(quote: Quote | None) -> e2e.ContextInfo | None:
    if quote is None:
        return None
    quoted = quote.content or e2e.Message(conversation="")
    return e2e.ContextInfo(stanzaID=quote.message_id, participant=quote.author, quotedMessage=quoted)


def _text(text: str, context: e2e.ContextInfo | None = None) -> Built:
    if not text:
        raise Rejected("EMPTY", "The text is empty.")
    if len(text) > TEXT_LIMIT:
        raise Rejected("TOO_LONG", f"The text has {len(text)} characters; WhatsApp shows at most {TEXT_LIMIT}.")
    if context is None:
        return e2e.Message(conversation=text)
    return e2e.Message(extendedTextMessage=e2e.ExtendedTextMessage(text=text, contextInfo=context))


def _reaction(chat: JID, me: JID, content: c.Reaction) -> Built:
    message_id, author = jids.split(content.target)
    key = MessageKey(remoteJID=jids.full(chat), fromMe=author is None, ID=message_id)
    if author is not None and chat.Server == jids.GROUPS:
        key.participant = jids.full(author)
    reaction = e2e.ReactionMessage(key=key, text=content.emoji, senderTimestampMS=int(time.time() * 1000))
    return e2e.Message(reactionMessage=reaction)


def _contacts(content: c.Contacts, context: e2e.ContextInfo | None) -> Built:
    cards = [e2e.ContactMessage(displayName=card.name, vcard=vcard(card)) for card in content.contacts]
    if not cards:
        raise Rejected("EMPTY", "There is no contact card to send.")
    if len(cards) == 1:
        if context is not None:
            cards[0].contextInfo.CopyFrom(context)
        return e2e.Message(contactMessage=cards[0])
    name = f"{len(cards)} contacts"
    return e2e.Message(
        contactsArrayMessage=e2e.ContactsArrayMessage(displayName=name, contacts=cards, contextInfo=context)
    )


def vcard(card: c.ContactCard) -> str:
    """A contact card as vCard 3.0; `waid` makes the number one that can be tapped."""

    def text(value: str) -> str:
        for plain, escaped in (("\\", "\\\\"), ("\n", "\\n"), (",", "\\,"), (";", "\\;")):
            value = value.replace(plain, escaped)
        return value

    lines = ["BEGIN:VCARD", "VERSION:3.0", f"N:;{text(card.name)};;;", f"FN:{text(card.name)}"]
    for phone in card.phones:
        digits = "".join(filter(str.isdigit, phone))
        lines.append(f"TEL;type=CELL;waid={digits}:+{digits}")
    lines += [f"EMAIL:{text(email)}" for email in card.emails]
    if card.organization:
        lines.append(f"ORG:{text(card.organization)}")
    return "\n".join([*lines, "END:VCARD"])


def _poll(content: c.Poll, context: e2e.ContextInfo | None) -> Built:
    if not 2 <= len(content.options) <= 12 or len(set(content.options)) != len(content.options):
        raise Rejected("POLL", "A poll needs 2 to 12 different answers.")
    options = [e2e.PollCreationMessage.Option(optionName=option) for option in content.options]
    poll = e2e.PollCreationMessage(
        name=content.question,
        options=options,
        selectableOptionsCount=0 if content.multiple else 1,
        contextInfo=context,
    )
    # The first form is for any number of answers, the third for one, as WhatsApp's own clients send them.
    return e2e.Message(pollCreationMessage=poll) if content.multiple else e2e.Message(pollCreationMessageV3=poll)


# -- files -------------------------------------------------------------------------------------------


async def _media(phone: Phone, content: c.MediaContent, file: File, context: e2e.ContextInfo | None) -> Built:
    if not file.data:
        raise Rejected("MEDIA_NOT_FOUND", "The file is empty.")
    if isinstance(content, c.Image):
        uploaded = await phone.upload(file.data, MediaType.MediaImage)
        width, height, thumbnail = await asyncio.to_thread(_preview, file.data)
        image = e2e.ImageMessage(mimetype=file.mime, width=width, height=height, JPEGThumbnail=thumbnail)
        return e2e.Message(imageMessage=_filled(image, uploaded, content.caption, context))
    if isinstance(content, c.Video):
        uploaded = await phone.upload(file.data, MediaType.MediaVideo)
        video = e2e.VideoMessage(mimetype=file.mime)
        return e2e.Message(videoMessage=_filled(video, uploaded, content.caption, context))
    if isinstance(content, c.Audio):
        if content.voice:
            file = await _as_voice(file)
        uploaded = await phone.upload(file.data, MediaType.MediaAudio)
        audio = e2e.AudioMessage(mimetype=file.mime, PTT=content.voice)
        return e2e.Message(audioMessage=_filled(audio, uploaded, None, context))
    if isinstance(content, c.Sticker):
        file = await asyncio.to_thread(_as_sticker, file)
        uploaded = await phone.upload(file.data, MediaType.MediaImage)
        sticker = e2e.StickerMessage(mimetype="image/webp", isAnimated=content.animated, width=512, height=512)
        return e2e.Message(stickerMessage=_filled(sticker, uploaded, None, context))
    uploaded = await phone.upload(file.data, MediaType.MediaDocument)
    name = content.filename or file.name or "document"
    document = e2e.DocumentMessage(mimetype=file.mime, fileName=name, title=name)
    return e2e.Message(documentMessage=_filled(document, uploaded, content.caption, context))


def _filled(part: Any, uploaded: UploadResponse, caption: str | None, context: e2e.ContextInfo | None) -> Any:
    """The fields that every file message shares."""
    part.URL = uploaded.url
    part.directPath = uploaded.DirectPath
    part.mediaKey = uploaded.MediaKey
    part.fileEncSHA256 = uploaded.FileEncSHA256
    part.fileSHA256 = uploaded.FileSHA256
    part.fileLength = uploaded.FileLength
    part.mediaKeyTimestamp = int(time.time())
    if caption:
        part.caption = caption
    if context is not None:
        part.contextInfo.CopyFrom(context)
    return part


def _check_pixels(picture: Image.Image) -> None:
    """Raises ValueError for a picture that would unpack to too much. Only its header has been read so far."""
    if picture.width * picture.height > MOST_PIXELS:
        raise ValueError("too many pixels")


def _preview(data: bytes) -> tuple[int, int, bytes]:
    """Width, height and a small JPEG of a picture; nothing for one that cannot be read."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            _check_pixels(picture)
            width, height = picture.size
            small = picture.convert("RGB")
            small.thumbnail((THUMBNAIL, THUMBNAIL))
            out = io.BytesIO()
            small.save(out, "JPEG", quality=60)
    except (OSError, ValueError, Image.DecompressionBombError):
        return 0, 0, b""
    return width, height, out.getvalue()


def _as_sticker(file: File) -> File:
    """A sticker must be WebP of 512 pixels; other pictures are converted."""
    if file.mime == "image/webp":
        return file
    try:
        with Image.open(io.BytesIO(file.data)) as picture:
            _check_pixels(picture)
            shape = picture.convert("RGBA")
            shape.thumbnail((512, 512))
            square = Image.new("RGBA", (512, 512))
            square.paste(shape, ((512 - shape.width) // 2, (512 - shape.height) // 2))
            out = io.BytesIO()
            square.save(out, "WEBP")
    except (OSError, ValueError, Image.DecompressionBombError):
        raise Rejected("MEDIA_TYPE", "The sticker is not a readable picture.") from None
    return File(out.getvalue(), "image/webp", file.name)


async def _as_voice(file: File) -> File:
    """Voice notes must be Opus in Ogg, or phones do not play them; other sound is converted by ffmpeg."""
    mime = "audio/ogg; codecs=opus"
    if file.data[:4] == b"OggS":
        return File(file.data, mime, file.name)
    program = shutil.which("ffmpeg")
    if program is None:
        raise Rejected("MEDIA_TYPE", f"A voice note must be an Ogg file with Opus. {missing_converter()}")
    line = ["-v", "error", "-i", "pipe:0", "-vn", "-ac", "1", "-c:a", "libopus", "-b:a", "32k", "-f", "ogg", "pipe:1"]
    process = await asyncio.create_subprocess_exec(
        program,
        *line,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    out, _ = await process.communicate(file.data)
    if process.returncode != 0 or not out:
        raise Rejected("MEDIA_TYPE", "The sound file could not be turned into a voice note.")
    return File(out, mime, file.name)


def edited(chat: JID, message_id: str, content: c.Content) -> Built:
    """The message that changes a sent text. Raises Rejected for anything but text."""
    if not isinstance(content, c.Text):
        raise Rejected("UNSUPPORTED", "On a paired phone only texts can be edited.")
    return build_edit(chat, message_id, _text(content.text))
