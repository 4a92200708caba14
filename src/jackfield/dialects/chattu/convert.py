"""Between Chattu's words and the core's: pure functions."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from jackfield.core import (
    Audio,
    CallView,
    ChannelView,
    ChatView,
    Content,
    Document,
    GroupView,
    Image,
    Invalid,
    MediaContent,
    MessageView,
    Reaction,
    Text,
    Video,
    duration,
    now_ms,
    states,
)
from jackfield.core import content as contents

from .._jids import to_jid
from .wire import client_id, invalid, iso, seconds

KINDS: Final[Mapping[str, type[Image] | type[Video] | type[Audio] | type[Document]]] = {
    "image": Image,
    "video": Video,
    "audio": Audio,
    "document": Document,
}
"""`mediaType` to content."""

EXTENSIONS: Final[Mapping[str, str]] = {
    "jpg": "image",
    "jpeg": "image",
    "png": "image",
    "gif": "image",
    "webp": "image",
    "pdf": "document",
    "mp4": "video",
    "mp3": "audio",
}
"""The file types that send-message supports (seed), to the kind of message that shows them."""

TYPES: Final[Mapping[str, str]] = {
    "text": "chat",
    "contacts": "vcard",
    "poll": "poll_creation",
    "button_reply": "buttons_response",
    "list_reply": "list_response",
}
"""Our kinds in the words of whatsapp-web.js, which Chattu's documentation uses; others keep their name."""

ACKS: Final[Mapping[str, int]] = {states.SENT: 1, states.DELIVERED: 2, states.READ: 3, states.FAILED: -1}
"""States to `ack` (seed: 1 sent, 2 delivered, 3 read; whatsapp-web.js: 0 pending, -1 error)."""

_CHANNEL_AS_PERSON = re.compile(r"(120363[0-9]{9,24})@c\.us\Z")
_BARE_GROUP = re.compile(r"120363[0-9]{9,24}\Z")


def group_address(given: str) -> str:
    """A group or channel id as the ledger keeps it.

    The seed prints channels as "120363...@c.us" where WhatsApp itself says "...@newsletter"; both are taken, and a
    bare "120363..." means a group. Raises Invalid (INVALID_CHAT_TYPE) for anything else.
    """
    text = given.strip()
    if found := _CHANNEL_AS_PERSON.match(text):
        return found.group(1) + "@newsletter"
    if _BARE_GROUP.match(text):
        return text + "@g.us"
    if text.lower().endswith(("@g.us", "@newsletter")):
        return text.lower()
    raise Invalid(f"{text[:60]!r} is not a group or channel.", code="INVALID_CHAT_TYPE")


def media_url(url: str) -> str:
    """A link that can be a file's. Raises Invalid (MEDIA_ERROR)."""
    try:
        parts = urlsplit(url)
        bad = parts.scheme not in ("http", "https") or not parts.hostname or any(c.isspace() for c in url)
    except ValueError:
        bad = True
    if bad or len(url) > 2048:
        raise invalid("mediaUrl", "Must be an http or https link to a file.", "MEDIA_ERROR")
    return url


def content_of(message: str, url: str, media_type: str | None = None) -> Content:
    """What to send: a text, or the file behind `url` with the text as its caption. Raises Invalid.

    `media_type` None goes by the file's name, as send-message does.
    """
    if media_type is not None and media_type not in KINDS:
        raise invalid("mediaType", f"Must be one of {', '.join(KINDS)}.")
    if not url:
        if not message.strip():
            raise Invalid("Either message or mediaUrl must be provided.", code="INVALID_REQUEST")
        return Text(text=message)
    url = media_url(url)
    name = urlsplit(url).path.rpartition("/")[2]
    if media_type is None:
        media_type = EXTENSIONS.get(name.rpartition(".")[2].lower())
        if media_type is None:
            known = ", ".join(f".{one}" for one in EXTENSIONS)
            raise invalid("mediaUrl", f"Supported file types: {known}.", "MEDIA_ERROR")
    kind = KINDS[media_type]
    caption = message if message.strip() else None
    if kind is Document:
        return Document(url=url, caption=caption, filename=name[:240] or None)
    return kind(url=url, caption=caption)


def as_taken(content: Content, types: Mapping[str, Collection[str]]) -> Content:
    """The file as a network takes it that has only these MIME types by kind: one of another type goes as a document.

    Chattu sends what a paired phone sends, GIF and WebP pictures among it; a business account would refuse those, after
    the caller has been told that they are on their way.
    """
    if not isinstance(content, Image | Video | Audio):
        return content
    path = urlsplit(content.url or "").path
    mime, _ = mimetypes.guess_type(path)
    taken = types.get(contents.kind_of(content))
    if mime is None or taken is None or mime in taken:
        return content
    return Document(url=content.url, caption=content.caption, filename=path.rpartition("/")[2][:240] or None)


def type_of(content: Content | None, kind: str) -> str:
    """A message's type as the seed names them: chat, image, video, audio, ptt, document, ..."""
    if isinstance(content, Audio) and content.voice:
        return "ptt"
    return TYPES.get(kind, kind)


def _body(content: Content | None) -> str:
    if isinstance(content, MediaContent):
        return content.caption or ""
    return contents.summary(content) if content is not None else ""


def serialized(row: MessageView) -> dict[str, str]:
    """A message's id; ours until the network has given it one."""
    return {"_serialized": row.provider_id or str(row.id)}


def written_at(row: MessageView) -> int:
    """When a message was written, in Unix ms."""
    return row.sent_at or row.created_at


def last_message(view: ChatView | None) -> dict[str, Any] | None:
    """The last message of a chat, in short."""
    row = view.last if view is not None else None
    if row is None or view is None or row.id <= view.chat.cleared_before or (row.extra or {}).get("hidden"):
        return None
    content = contents.decode(row.content) if row.content else None
    return {
        "body": contents.summary(content) if content else "",
        "timestamp": seconds(written_at(row)),
        "fromMe": row.direction == "out",
    }


def chat(view: ChatView, picture: str | None) -> dict[str, Any]:
    """A private chat. `picture` is the link to the person's profile picture."""
    row = view.chat
    name = (view.contact.name or view.contact.phone) if view.contact is not None else None
    return {
        "id": {"_serialized": to_jid(row.peer)},
        "name": name or row.name or row.peer,
        "profilePic": picture,
        "lastMessage": last_message(view),
        "timestamp": seconds(row.last_at),
        "unreadCount": row.unread,
        "isMuted": row.muted_until > now_ms(),
        "pinned": row.pinned,
    }


def group(row: GroupView, view: ChatView | None) -> dict[str, Any]:
    """A group with all documented fields."""
    fields = _group(row, view)
    return {
        "id": fields.pop("id"),
        "name": fields.pop("name"),
        "description": fields.pop("description"),
        "profilePic": fields.pop("profilePic"),
        "participants": row.participants,
        "owner": to_jid(row.owner) if row.owner else None,
        "createdAt": seconds(row.created_at) if row.created_at else None,
        **fields,
        "type": "group",
    }


def newsletter(row: GroupView, view: ChatView | None) -> dict[str, Any]:
    """A channel with all documented fields."""
    return {**_group(row, view), "type": "channel"}


def _group(row: GroupView, view: ChatView | None) -> dict[str, Any]:
    chat_ = view.chat if view is not None else None
    return {
        "id": row.address,
        "name": row.name,
        "description": row.description,
        "profilePic": row.picture_url,
        "lastMessage": last_message(view),
        "timestamp": seconds(chat_.last_at if chat_ is not None and chat_.last_at else row.created_at),
        "unreadCount": chat_.unread if chat_ is not None else 0,
        "isMuted": chat_ is not None and chat_.muted_until > now_ms(),
        "pinned": chat_ is not None and chat_.pinned,
        "isReadOnly": row.read_only,
    }


def messages(rows: Sequence[MessageView], own: str | None) -> list[dict[str, Any]]:
    """A chat's messages, earliest first; reactions stand at the message that they are on.

    `rows` come newest first; `own` is the channel's address, under which our reactions appear.
    """
    shown: list[tuple[MessageView, Content | None]] = []
    reactions: dict[str, dict[str, str]] = {}
    for row in reversed(rows):
        content = contents.decode(row.content) if row.content else None
        if isinstance(content, Reaction):
            sender = (own or "") if row.direction == "out" else (row.sender or row.peer)
            reactions.setdefault(content.target, {})[to_jid(sender)] = content.emoji
        else:
            shown.append((row, content))
    return [_message(row, content, reactions.get(row.provider_id or "", {})) for row, content in shown]


def _message(row: MessageView, content: Content | None, reactions: Mapping[str, str]) -> dict[str, Any]:
    given = [{"reaction": emoji, "senderId": sender} for sender, emoji in reactions.items() if emoji]
    deleted = "deleted_at" in (row.extra or {})
    media = isinstance(content, MediaContent) and not deleted
    if row.direction == "in":
        # Incoming ones are delivered to us; read once somebody here has read them.
        ack = 3 if row.read_at else 2
    else:
        ack = ACKS.get(row.state, 0)
    return {
        "id": serialized(row),
        "body": "" if deleted else _body(content),
        "fromMe": row.direction == "out",
        "timestamp": seconds(written_at(row)),
        "type": "revoked" if deleted else type_of(content, row.kind),
        "hasMedia": media,
        "hasReaction": bool(given),
        "reactions": given or None,
        "ack": ack,
        "filename": content.filename if isinstance(content, MediaContent) and media else None,
    }


# -- the lists of the account --------------------------------------------------------------------------


def client(channel: ChannelView, key: str) -> dict[str, Any]:
    """One of GET /api/clients."""
    up = channel.status == "connected"
    return {
        "clientId": client_id(channel),
        "phoneNumber": str(channel.settings.get("phone_number") or channel.address or ""),
        "apiKey": key,
        "connectedNumber": to_jid(channel.address) if up and channel.address else "Not Connected",
        "status": "Authenticated" if up else "Pending Authentication",
    }


def sent_message(row: MessageView, channel: ChannelView) -> dict[str, Any]:
    """One of GET /api/sent-messages. All of them were sent; how far they came is `ack` in the chat."""
    content = contents.decode(row.content) if row.content else None
    return {
        "id": row.id,
        "clientId": client_id(channel),
        "senderNumber": channel.address or str(channel.settings.get("phone_number") or ""),
        "recipient": row.peer,
        "message": contents.summary(content) if content is not None else f"[{row.kind}]",
        "status": "sent",
        "sentAt": iso(row.sent_at),
    }


def received_message(row: MessageView, channel: ChannelView) -> dict[str, Any]:
    """One of GET /api/received-messages."""
    content = contents.decode(row.content) if row.content else None
    return {
        "id": row.id,
        "client_id": client_id(channel),
        "sender": row.sender or row.peer,
        "message": contents.summary(content) if content is not None else "",
        "received_at": iso(written_at(row)),
    }


def call(row: CallView, channel: ChannelView) -> dict[str, Any]:
    """One incoming call."""
    return {
        "id": row.id,
        "client_id": client_id(channel),
        "call_from": to_jid(row.caller),
        "is_video": row.is_video,
        "start_time": iso(row.started_at),
        "end_time": iso(row.ended_at),
        "duration": duration(row),
        "created_at": iso(row.created_at),
    }


def schedule(row: MessageView, channel: ChannelView) -> dict[str, Any]:
    """A scheduled message. Beyond the documented states it can be `failed`, which the seed is silent about."""
    content = contents.decode(row.content) if row.content else None
    words = {states.CANCELLED: "cancelled", states.FAILED: "failed", states.SKIPPED: "failed"}
    gone = row.state in (states.SENT, states.DELIVERED, states.READ)
    return {
        "id": row.id,
        "clientId": client_id(channel),
        "recipient": f"+{row.peer}" if row.peer.isdigit() else row.peer,
        "message": contents.summary(content) if content is not None else "",
        "scheduleTime": iso(row.due_at),
        "status": "sent" if gone else words.get(row.state, "pending"),
        "createdAt": iso(row.created_at),
        "sentTime": iso(row.sent_at) if gone else None,
    }
