"""What a person says, from the controls' JSON: every kind of content that a network can bring."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

from jackfield.core.port import content as c

from .media import SAMPLES, MediaShelf

Fields = Mapping[str, Any]


def content_from(body: Fields, shelf: MediaShelf) -> c.Content:
    """The content that `{"type": ..., ...}` describes; see docs/engines/simulator.md for the fields of each type.

    Raises ValueError that names the type or field at fault.
    """
    kind = str(body.get("type") or "text")
    kind = _ALIASES.get(kind, kind)
    if kind in SAMPLES:
        return _media(kind, body, shelf)
    make = _MAKERS.get(kind)
    if make is None:
        known = sorted([*_MAKERS, *SAMPLES, *_ALIASES])
        raise ValueError(f"a person cannot send {kind!r}; types are {', '.join(known)}")
    return make(body)


def _text(body: Fields, *names: str, default: str | None = None) -> str:
    for name in names:
        value = body.get(name)
        if isinstance(value, Mapping) and isinstance(value.get("body"), str):
            return str(value["body"])
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return str(value)
    if default is None:
        raise ValueError(f"{names[0]} is missing")
    return default


def _maybe(body: Fields, *names: str) -> str | None:
    return _text(body, *names, default="") or None


def _number(body: Fields, *names: str) -> float:
    try:
        return float(_text(body, *names))
    except ValueError:
        raise ValueError(f"{names[0]} must be a number") from None


def _media(kind: str, body: Fields, shelf: MediaShelf) -> c.Content:
    url, data = body.get("url") or body.get("link"), body.get("data")
    sample, mime, filename = SAMPLES[kind]
    mime = _text(body, "mime", "mimeType", default=mime)
    filename = _text(body, "filename", "fileName", default=filename)
    common: dict[str, Any] = {"caption": _maybe(body, "caption", "text"), "mime": mime, "filename": filename}
    if url:
        common |= {"url": str(url), "mime": _maybe(body, "mime", "mimeType"), "filename": _maybe(body, "filename")}
    else:
        if data is not None:
            try:
                sample = base64.b64decode(str(data), validate=True)
            except binascii.Error:
                raise ValueError("data must be base64") from None
        common |= {
            "media_id": shelf.put(sample, mime, filename),
            "size": len(sample),
            "sha256": shelf.digest(sample),
        }
    if kind == "image":
        return c.Image(**common)
    if kind == "video":
        return c.Video(**common)
    if kind == "audio":
        return c.Audio(**common, voice=bool(body.get("voice", body.get("type") in ("voice", "ptt"))))
    if kind == "document":
        return c.Document(**common)
    return c.Sticker(**common, emoji=_maybe(body, "emoji"))


def _contacts(body: Fields) -> c.Contacts:
    cards = body.get("contacts")
    if cards is None:
        phones = body.get("phones") or ([body["phone"]] if body.get("phone") else [])
        cards = [{"name": _text(body, "contactName", "displayName", "text", default="A friend"), "phones": phones}]
    if not isinstance(cards, list) or not all(isinstance(card, Mapping) for card in cards):
        raise ValueError("contacts must be a list of objects")
    return c.Contacts(
        contacts=[
            c.ContactCard(
                name=_text(card, "name"),
                phones=[str(phone) for phone in card.get("phones", [])],
                emails=[str(email) for email in card.get("emails", [])],
            )
            for card in cards
        ]
    )


def _order(body: Fields) -> c.Order:
    items = body.get("items", body.get("productItems"))
    if not isinstance(items, list) or not items:
        raise ValueError("items must be a list with at least one product")
    return c.Order(
        catalog_id=_text(body, "catalogId", "catalog_id", default="847458390842216"),
        items=[
            c.OrderItem(
                product_id=_text(item, "productId", "product_id", "id"),
                quantity=int(_number(item, "quantity") if "quantity" in item else 1),
                price=_text(item, "price", default="0"),
                currency=_text(item, "currency", default="INR"),
            )
            for item in items
        ],
        text=_maybe(body, "text"),
    )


def _options(body: Fields) -> list[str]:
    options = body.get("options", body.get("option"))
    if isinstance(options, str):
        return [options]
    if not isinstance(options, list):
        raise ValueError("options must be a list of the chosen answers")
    return [str(option) for option in options]


_ALIASES = {
    "voice": "audio",
    "ptt": "audio",
    "file": "document",
    "contacts": "contact",
    "button_reply": "button",
    "list_reply": "list",
    "interactive": "button",
    "nfm_reply": "flow",
    "flow_reply": "flow",
    "pollVote": "poll_vote",
    "vote": "poll_vote",
    "unknown": "unsupported",
}

_MAKERS: dict[str, Callable[[Fields], c.Content]] = {
    "text": lambda body: c.Text(text=_text(body, "text", "body", "message")),
    "location": lambda body: c.Location(
        latitude=_number(body, "latitude", "lat"),
        longitude=_number(body, "longitude", "lng", "lon"),
        name=_maybe(body, "placeName", "locationName"),
        address=_maybe(body, "address"),
    ),
    "contact": _contacts,
    "button": lambda body: c.ButtonReply(
        id=_text(body, "id", "payload", "buttonId", "text"), title=_text(body, "title", "text", "id")
    ),
    "list": lambda body: c.ListReply(
        id=_text(body, "id", "rowId", "text"),
        title=_text(body, "title", "text", "id"),
        description=_maybe(body, "description"),
    ),
    "reaction": lambda body: c.Reaction(
        target=_text(body, "target", "messageId", "message_id"),
        emoji=_text(body, "emoji", "text", default="👍"),
        custom_emoji_id=_maybe(body, "customEmojiId"),
    ),
    "order": _order,
    "poll_vote": lambda body: c.PollVote(target=_text(body, "target", "messageId"), options=_options(body)),
    "poll": lambda body: c.Poll(question=_text(body, "question", "text"), options=_options(body)),
    "flow": lambda body: c.FlowReply(data=dict(body.get("data") or {}), name=_maybe(body, "flowName")),
    "unsupported": lambda body: c.UnknownContent(raw=dict(body.get("raw") or {}), note=_maybe(body, "note", "text")),
    "system": lambda body: c.System(text=_text(body, "text")),
}
