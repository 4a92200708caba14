"""Content in: one message object of a webhook as our content. Pure functions.

Shapes follow Meta's messages webhook reference (developers.facebook.com, WhatsApp Business Platform, 2026-05-21).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from jackfield.core.port import Referral, ReferredProduct
from jackfield.core.port import content as c

Message = Mapping[str, Any]


def content_of(message: Message) -> c.Content:
    """What the message says. What we or the API cannot show becomes `UnknownContent`, raw; never fails."""
    kind = message.get("type")
    convert = _CONVERTERS.get(kind) if isinstance(kind, str) else None
    if convert is not None:
        try:
            return convert(message)
        except (KeyError, TypeError, ValueError, AttributeError, msgspec.MsgspecError):
            pass  # a shape that Meta has not documented is kept raw rather than lost
    return _unknown(message)


def edited_content_of(message: Message) -> c.Content:
    """What an edited message says now. Of a file often the caption alone is told: then the content names no file."""
    kind = message.get("type")
    part = message.get(kind) if isinstance(kind, str) else None
    if kind in _FILES and isinstance(part, dict) and not part.get("id"):
        caption = part.get("caption")
        content: c.Content = _FILES[kind](caption=None if caption is None else str(caption))
        return content
    return content_of(message)


_FILES: dict[str, Any] = {"image": c.Image, "video": c.Video, "document": c.Document, "audio": c.Audio}


def _unknown(message: Message) -> c.UnknownContent:
    errors = message.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    data = first.get("error_data")
    note = (data.get("details") if isinstance(data, dict) else None) or first.get("title") or message.get("type")
    return c.UnknownContent(raw=dict(message), note=str(note) if note else None)


def _text(message: Message) -> c.Content:
    return c.Text(text=str(message["text"]["body"]))


def _media(kind: type[Any]) -> Callable[[Message], c.Content]:
    tag = str(kind.__struct_config__.tag)

    def convert(message: Message) -> c.Content:
        part = message[tag]
        given: dict[str, Any] = {
            "media_id": str(part["id"]),
            "caption": part.get("caption"),
            "filename": part.get("filename"),
            "mime": part.get("mime_type"),
            "sha256": part.get("sha256"),
        }
        if kind is c.Audio:
            given["voice"] = bool(part.get("voice", False))
        elif kind is c.Sticker:
            given["animated"] = bool(part.get("animated", False))
        content: c.Content = kind(**given)
        return content

    return convert


def _location(message: Message) -> c.Content:
    part = message["location"]
    return c.Location(
        latitude=float(part["latitude"]),
        longitude=float(part["longitude"]),
        name=part.get("name"),
        address=part.get("address"),
        url=part.get("url"),
    )


def _contacts(message: Message) -> c.Content:
    return c.Contacts(contacts=[_card(card) for card in message["contacts"]])


def _card(card: Mapping[str, Any]) -> c.ContactCard:
    names = card.get("name") or {}
    phones = [str(row.get("phone") or row.get("wa_id") or "") for row in card.get("phones") or []]
    name = names.get("formatted_name") or " ".join(
        str(names[key]) for key in ("first_name", "middle_name", "last_name") if names.get(key)
    )
    return c.ContactCard(
        name=name or next((phone for phone in phones if phone), "?"),
        phones=[phone for phone in phones if phone],
        emails=[str(row["email"]) for row in card.get("emails") or [] if row.get("email")],
        organization=(card.get("org") or {}).get("company"),
        raw=dict(card),
    )


def _reaction(message: Message) -> c.Content:
    part = message["reaction"]
    # Without an emoji the person took the reaction back.
    return c.Reaction(target=str(part["message_id"]), emoji=str(part.get("emoji") or ""))


def _button(message: Message) -> c.Content:
    part = message["button"]
    return c.ButtonReply(id=str(part.get("payload") or part["text"]), title=str(part["text"]))


def _interactive(message: Message) -> c.Content:
    part = message["interactive"]
    kind = part["type"]
    reply = part.get(kind) or {}
    if kind == "button_reply":
        return c.ButtonReply(id=str(reply["id"]), title=str(reply["title"]))
    if kind == "list_reply":
        return c.ListReply(id=str(reply["id"]), title=str(reply["title"]), description=reply.get("description"))
    if kind == "nfm_reply":
        answer = reply.get("response_json") or "{}"
        data = msgspec.json.decode(answer) if isinstance(answer, str) else answer
        if not isinstance(data, dict):
            data = {"value": data}
        return c.FlowReply(data=data, name=reply.get("name"), body=reply.get("body"))
    if kind == "payment_method":
        chosen = part["payment_method"]
        return c.PaymentMethod(
            method=str(chosen["payment_method"]),
            reference_id=_text_or_none(chosen.get("reference_id")),
            data=dict(chosen),
        )
    if kind in _PRODUCTS:
        return _PRODUCTS[kind](part)
    if kind == "call_permission_reply":
        words = {"accept": "Calls are allowed", "reject": "Calls are not allowed"}
        return c.System(text=words.get(str(reply.get("response")), "Call permission"), kind="call_permission_reply")
    return _unknown(message)


def _product(part: Message) -> c.Content:
    action = part["action"]
    return c.Product(
        body=_words(part, "body"),
        footer=_words(part, "footer") or None,
        catalog_id=str(action["catalog_id"]),
        product_id=str(action["product_retailer_id"]),
    )


def _product_list(part: Message) -> c.Content:
    action = part["action"]
    sections = [
        c.ProductSection(
            title=str(section.get("title") or ""),
            product_ids=[str(item["product_retailer_id"]) for item in section["product_items"]],
        )
        for section in action["sections"]
    ]
    return c.ProductList(
        body=_words(part, "body"),
        footer=_words(part, "footer") or None,
        catalog_id=str(action["catalog_id"]),
        sections=sections,
    )


def _catalog(part: Message) -> c.Content:
    shown = (part.get("action") or {}).get("parameters") or {}
    return c.CatalogMessage(
        body=_words(part, "body"),
        footer=_words(part, "footer") or None,
        thumbnail_product_id=_text_or_none(shown.get("thumbnail_product_retailer_id")),
    )


_PRODUCTS: dict[str, Callable[[Message], c.Content]] = {
    "product": _product,
    "product_list": _product_list,
    "catalog_message": _catalog,
}
"""Messages on products, as staff send them from the phone and histories tell them."""


def _words(part: Message, name: str) -> str:
    return str((part.get(name) or {}).get("text") or "")


def _text_or_none(value: Any) -> str | None:
    return str(value) if value else None


def referral_of(message: Message) -> Referral | None:
    """The advertisement or post that led to the message (Meta's messages webhook, `referral`)."""
    part = message.get("referral")
    if not isinstance(part, dict):
        return None
    greeting = part.get("welcome_message")
    return Referral(
        source_type=_text_or_none(part.get("source_type")),
        source_id=_text_or_none(part.get("source_id")),
        source_url=_text_or_none(part.get("source_url")),
        headline=_text_or_none(part.get("headline")),
        body=_text_or_none(part.get("body")),
        media_type=_text_or_none(part.get("media_type")),
        media_url=_text_or_none(part.get("image_url") or part.get("video_url")),
        thumbnail_url=_text_or_none(part.get("thumbnail_url")),
        ctwa_clid=_text_or_none(part.get("ctwa_clid")),
        welcome_message=_text_or_none(greeting.get("text") if isinstance(greeting, dict) else greeting),
    )


def referred_product_of(context: Message) -> ReferredProduct | None:
    """The product that a message was written from."""
    part = context.get("referred_product")
    if not isinstance(part, dict) or not part.get("product_retailer_id"):
        return None
    return ReferredProduct(
        catalog_id=_text_or_none(part.get("catalog_id")), product_id=str(part["product_retailer_id"])
    )


def forwarded_of(context: Message) -> str | None:
    """Whether a message was forwarded: once, or often."""
    if context.get("frequently_forwarded"):
        return "often"
    return "once" if context.get("forwarded") else None


def _order(message: Message) -> c.Content:
    part = message["order"]
    items = [
        c.OrderItem(
            product_id=str(item["product_retailer_id"]),
            quantity=int(item["quantity"]),
            price=_price(item.get("item_price", "0")),
            currency=str(item.get("currency", "")),
        )
        for item in part["product_items"]
    ]
    return c.Order(catalog_id=str(part.get("catalog_id") or ""), items=items, text=part.get("text") or None)


def _price(value: Any) -> str:
    """Meta gives a number or its text; 7.0 and "7" are both "7"."""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _system(message: Message) -> c.Content:
    part = message["system"]
    kind = str(part.get("type") or "system")
    return c.System(text=str(part.get("body") or kind.replace("_", " ")), kind=kind)


def _welcome(_: Message) -> c.Content:
    return c.System(text="The chat was opened for the first time", kind="request_welcome")


_CONVERTERS: dict[str, Callable[[Message], c.Content]] = {
    "text": _text,
    "image": _media(c.Image),
    "video": _media(c.Video),
    "audio": _media(c.Audio),
    "voice": lambda message: _media(c.Audio)({**message, "audio": {"voice": True, **message["voice"]}}),
    "document": _media(c.Document),
    "sticker": _media(c.Sticker),
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "button": _button,
    "interactive": _interactive,
    "order": _order,
    "system": _system,
    "request_welcome": _welcome,
}
