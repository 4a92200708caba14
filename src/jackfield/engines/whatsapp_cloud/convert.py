"""Content out: our content as the Graph API's message payload. Pure functions.

`payload` gives the body of `POST /{phone-number-id}/messages`; what breaks a limit of the platform is refused here,
before anything is sent, with the code that Meta would use and words that name the field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from jackfield.core.ground.errors import Rejected
from jackfield.core.port import Outgoing
from jackfield.core.port import content as c

from . import interactive, limits, template
from .network import GROUP

_BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")

STORED = "media:"
"""How a content's url names a file in our own store."""


class Upload(NamedTuple):
    """A stored file at the provider: its media id there, and the name under which it was stored here."""

    id: str
    filename: str | None = None


Uploads = Mapping[str, Upload]
"""By our `media:ID`."""

_NONE: Uploads = {}


def recipient(to: str) -> dict[str, str]:
    """The fields that address a message: `to` for a phone number or group, `recipient` for a user id.

    Meta accepts business-scoped user ids ("DE.1234", "DE.ENT.1234") in `recipient` since May 2026. Raises Rejected.
    """
    if to.isascii() and to.isdigit():
        if not 5 <= len(to) <= 20:
            raise Rejected("BAD_ADDRESS", f"to: {to} is not a phone number in international form")
        return {"recipient_type": "individual", "to": to}
    if _BSUID.fullmatch(to):
        return {"recipient_type": "individual", "recipient": to}
    if GROUP.fullmatch(to):
        return {"recipient_type": "group", "to": to}
    raise Rejected("BAD_ADDRESS", f"to: {to!r} is neither a phone number in digits nor a business-scoped user id")


def payload(message: Outgoing, uploads: Uploads = _NONE) -> dict[str, Any]:
    """The whole body of a send. `uploads` has the provider's media id of every stored file that the content names.

    `biz_opaque_callback_data` carries our reference; Meta echoes it in every status webhook, which is what settles
    a send whose answer was lost. Raises Rejected when the platform would refuse the content.
    """
    body: dict[str, Any] = {"messaging_product": "whatsapp", **recipient(message.to)}
    kind, part = content_part(message.content, uploads)
    body["type"] = kind
    body[kind] = part
    # Meta refuses a reaction in context: its target says what it belongs to.
    if message.reply_to and kind != "reaction":
        body["context"] = {"message_id": message.reply_to}
    if message.ref:
        body["biz_opaque_callback_data"] = message.ref[: limits.CALLBACK_DATA]
    if kind == "template" and "recipient" in body and message.category == "authentication":
        raise Rejected("131062", "to: authentication templates need a phone number, not a business-scoped user id")
    return body


def content_part(content: c.Content, uploads: Uploads = _NONE) -> tuple[str, Any]:
    """The Graph message type and its object. Raises Rejected, with code UNSUPPORTED for what WhatsApp cannot say."""
    convert = _CONVERTERS.get(type(content))
    if convert is None:
        raise Rejected("UNSUPPORTED", f"WhatsApp's Cloud API cannot send content of type {c.kind_of(content)}")
    return convert(content, uploads)


def media_object(item: c.MediaContent, uploads: Uploads, field: str) -> dict[str, Any]:
    """`{"id": ...}` or `{"link": ...}` of a file, a document's with its name. Raises Rejected when it has neither."""
    filename = item.filename
    if item.media_id:
        part = {"id": item.media_id}
    elif not item.url:
        raise limits.missing(f"{field}.url")
    elif item.url.startswith(STORED):
        uploaded = uploads.get(item.url)
        if uploaded is None:
            raise Rejected("MEDIA_NOT_FOUND", f"{field}: the stored file {item.url} was not uploaded")
        part = {"id": uploaded.id}
        filename = filename or uploaded.filename
    else:
        part = {"link": limits.link(item.url, f"{field}.url")}
    if filename and isinstance(item, c.Document):
        # Without it the recipient sees "Untitled".
        part["filename"] = filename
    return part


def stored_media(content: c.Content) -> Iterator[c.MediaContent]:
    """The files of our own store that must be uploaded before this content can be sent."""
    if isinstance(content, c.Image | c.Video | c.Audio | c.Document | c.Sticker):
        items: list[Any] = [content]
    elif isinstance(content, c.Template):
        items = [header.media for header in (content.header, *(card.header for card in content.cards)) if header]
    else:
        header = getattr(content, "header", None)
        items = [header.media] if header is not None else []
    for item in items:
        if item is not None and item.url and item.url.startswith(STORED) and not item.media_id:
            yield item


# -- each kind ---------------------------------------------------------------------------------------


def _text(content: c.Text, _: Uploads) -> tuple[str, Any]:
    return "text", {"body": limits.text(content.text, limits.TEXT, "text.body"), "preview_url": content.preview}


def _media(content: Any, uploads: Uploads) -> tuple[str, Any]:
    kind = c.kind_of(content)
    part = media_object(content, uploads, kind)
    if content.caption and kind in ("image", "video", "document"):
        part["caption"] = limits.text(content.caption, limits.CAPTION, f"{kind}.caption")
    if kind == "audio" and content.voice:
        part["voice"] = True
    return kind, part


def _location(content: c.Location, _: Uploads) -> tuple[str, Any]:
    return "location", location_object(content, "location")


def location_object(content: c.Location, field: str) -> dict[str, Any]:
    """A point on the map. Raises Rejected when it is not on the globe."""
    if not (-90 <= content.latitude <= 90 and -180 <= content.longitude <= 180):
        raise limits.invalid(field, "latitude is from -90 to 90 and longitude from -180 to 180 degrees")
    part: dict[str, Any] = {"latitude": content.latitude, "longitude": content.longitude}
    if content.name:
        part["name"] = content.name
    if content.address:
        part["address"] = content.address
    return part


def _contacts(content: c.Contacts, _: Uploads) -> tuple[str, Any]:
    limits.count(content.contacts, 1, limits.CONTACTS, "contacts")
    return "contacts", [_card(card, f"contacts[{n}]") for n, card in enumerate(content.contacts)]


def _card(card: c.ContactCard, field: str) -> dict[str, Any]:
    """One contact card. Meta wants `formatted_name` and at least one other part of the name."""
    part: dict[str, Any] = {key: value for key, value in (card.raw or {}).items() if value is not None}
    name = limits.text(card.name, 1024, f"{field}.name")
    given = part.get("name")
    names = dict(given) if isinstance(given, dict) else {}
    names["formatted_name"] = name
    if not any(value for key, value in names.items() if key != "formatted_name"):
        names["first_name"] = name
    part["name"] = names
    if card.phones and not part.get("phones"):
        part["phones"] = [{"phone": phone, "type": "CELL"} for phone in card.phones]
    if card.emails and not part.get("emails"):
        part["emails"] = [{"email": email, "type": "WORK"} for email in card.emails]
    if card.organization and not part.get("org"):
        part["org"] = {"company": card.organization}
    return part


def _reaction(content: c.Reaction, _: Uploads) -> tuple[str, Any]:
    return "reaction", {
        "message_id": limits.text(content.target, 1024, "reaction.message_id"),
        "emoji": content.emoji,
    }


def _template(content: c.Template, uploads: Uploads) -> tuple[str, Any]:
    def media(item: c.MediaContent, field: str) -> dict[str, Any]:
        return media_object(item, uploads, field)

    return "template", template.template_object(content, media, location_object)


def _interactive(content: Any, uploads: Uploads) -> tuple[str, Any]:
    def media(item: c.MediaContent, field: str) -> dict[str, Any]:
        return media_object(item, uploads, field)

    return "interactive", interactive.interactive_object(content, media)


_CONVERTERS: dict[type, Callable[[Any, Uploads], tuple[str, Any]]] = {
    c.Text: _text,
    c.Image: _media,
    c.Video: _media,
    c.Audio: _media,
    c.Document: _media,
    c.Sticker: _media,
    c.Location: _location,
    c.Contacts: _contacts,
    c.Reaction: _reaction,
    c.Template: _template,
    **dict.fromkeys(interactive.KINDS, _interactive),
}
