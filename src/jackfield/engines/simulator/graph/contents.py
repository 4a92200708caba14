"""What a person says, as Meta's message objects carry it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from jackfield.core.port import content as c

from .errors import webhook_error
from .identities import user_id
from .numbers import Number


def content_json(number: Number, content: c.Content) -> dict[str, Any]:
    """`{"type": kind, kind: {...}}` of what a person says."""
    tell = _CONTENT.get(type(content))
    if tell is not None:
        return tell(number, content)
    if isinstance(content, c.UnknownContent) and content.raw.get("type"):
        return {key: value for key, value in content.raw.items() if key not in ("id", "from", "timestamp")}
    note = content.note if isinstance(content, c.UnknownContent) else None
    error = webhook_error("131051", note or "Message type is currently not supported.")
    return {"type": "unsupported", "errors": [error], "unsupported": {"type": "unknown"}}


def _text(_: Number, content: c.Text) -> dict[str, Any]:
    return {"type": "text", "text": {"body": content.text}}


def _media(number: Number, content: Any) -> dict[str, Any]:
    kind = c.kind_of(content)
    media_id = content.media_id or number.account.media.put(
        (content.url or "").encode(), f"link/{content.mime or _MIMES[kind]}", content.filename
    )
    stored = number.account.media.get(media_id)
    mime = content.mime or (stored[1] if stored else _MIMES[kind])
    part: dict[str, Any] = {
        "mime_type": mime.removeprefix("link/"),
        "sha256": content.sha256 or number.account.media.digest(stored[0] if stored else b""),
        "id": media_id,
    }
    if content.caption and kind in ("image", "video", "document"):
        part["caption"] = content.caption
    if kind == "document":
        part["filename"] = content.filename or "document"
    if isinstance(content, c.Audio):
        part["voice"] = content.voice
    if isinstance(content, c.Sticker):
        part["animated"] = content.animated
    return {"type": kind, kind: part}


_MIMES = {
    "image": "image/jpeg",
    "video": "video/mp4",
    "audio": "audio/ogg; codecs=opus",
    "document": "application/pdf",
    "sticker": "image/webp",
}


def _location(_: Number, content: c.Location) -> dict[str, Any]:
    part: dict[str, Any] = {"latitude": content.latitude, "longitude": content.longitude}
    part |= {key: value for key, value in (("name", content.name), ("address", content.address)) if value}
    return {"type": "location", "location": part}


def _contacts(_: Number, content: c.Contacts) -> dict[str, Any]:
    cards = []
    for card in content.contacts:
        first, _space, last = card.name.partition(" ")
        name = {"formatted_name": card.name, "first_name": first}
        row: dict[str, Any] = {"name": {**name, "last_name": last} if last else name}
        row["phones"] = [
            {"phone": phone, "wa_id": "".join(filter(str.isdigit, phone)), "type": "CELL"} for phone in card.phones
        ]
        if card.emails:
            row["emails"] = [{"email": email, "type": "WORK"} for email in card.emails]
        if card.organization:
            row["org"] = {"company": card.organization}
        cards.append(row)
    return {"type": "contacts", "contacts": cards}


def _reaction(_: Number, content: c.Reaction) -> dict[str, Any]:
    part = {"message_id": content.target}
    if content.emoji:
        part["emoji"] = content.emoji
    return {"type": "reaction", "reaction": part}


def _button(_: Number, content: c.ButtonReply) -> dict[str, Any]:
    reply = {"id": content.id, "title": content.title}
    return {"type": "interactive", "interactive": {"type": "button_reply", "button_reply": reply}}


def _list(_: Number, content: c.ListReply) -> dict[str, Any]:
    reply = {"id": content.id, "title": content.title}
    if content.description:
        reply["description"] = content.description
    return {"type": "interactive", "interactive": {"type": "list_reply", "list_reply": reply}}


def _flow(_: Number, content: c.FlowReply) -> dict[str, Any]:
    answer = msgspec.json.encode({"flow_token": "unused", **content.data}).decode()
    reply = {"name": content.name or "flow", "body": content.body or "Sent", "response_json": answer}
    return {"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": reply}}


def _order(_: Number, content: c.Order) -> dict[str, Any]:
    items = [
        {
            "product_retailer_id": item.product_id,
            "quantity": item.quantity,
            "item_price": _number_of(item.price),
            "currency": item.currency,
        }
        for item in content.items
    ]
    part: dict[str, Any] = {"catalog_id": content.catalog_id, "product_items": items}
    if content.text:
        part["text"] = content.text
    return {"type": "order", "order": part}


def _number_of(price: str) -> float | int:
    value = float(price)
    return int(value) if value.is_integer() else value


def _system(number: Number, content: c.System) -> dict[str, Any]:
    kind = content.kind if content.kind != "system" else "user_changed_number"
    part = {"body": content.text, "type": kind}
    if kind == "user_changed_number":
        # A new number follows from the words, so that the same notice always means the same person.
        fresh = "628" + "".join(str(ord(char) % 10) for char in (content.text * 9)[:9])
        part |= {"wa_id": fresh, "user_id": user_id(fresh)}
    return {"type": "system", "system": part}


_CONTENT: dict[type, Callable[[Number, Any], dict[str, Any]]] = {
    c.Text: _text,
    **dict.fromkeys((c.Image, c.Video, c.Audio, c.Document, c.Sticker), _media),
    c.Location: _location,
    c.Contacts: _contacts,
    c.Reaction: _reaction,
    c.ButtonReply: _button,
    c.ListReply: _list,
    c.FlowReply: _flow,
    c.Order: _order,
    c.System: _system,
}
