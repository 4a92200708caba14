"""What Meta checks of a message before it takes it: shape and limits of each type.

Codes as observed and documented: 100 for top-level parameters and text length, 131008 for what is missing, 131009 for
what is not allowed, 131051 for a type that does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from .errors import GraphProblem, invalid, missing, required

TYPES = "AUDIO, CONTACTS, DOCUMENT, IMAGE, INTERACTIVE, LOCATION, PIN, REACTION, STICKER, TEMPLATE, TEXT, VIDEO"

_NOT_DIGITS = re.compile(r"\D+")
_BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
_GROUP = re.compile(r"Y2FwaV9ncm91cDo[A-Za-z0-9+/=_-]+")


def recipient(body: dict[str, Any]) -> tuple[str, bool]:
    """Whom the message is for, and whether that is a business-scoped user id. Raises GraphProblem."""
    to = body.get("to")
    if to:
        text = str(to)
        if body.get("recipient_type") == "group" or _GROUP.fullmatch(text):
            return text, False
        if text.isdigit():
            digits = text
        else:
            digits = _NOT_DIGITS.sub("", text)
            if re.search(r"[A-Za-z]", text):
                raise GraphProblem(131009, "Recipient phone number is not valid")
        if not 5 <= len(digits) <= 20:
            raise GraphProblem(131009, "Recipient phone number is not valid")
        return digits, False
    user = body.get("recipient")
    if not user:
        raise required("to")
    if not isinstance(user, str) or not _BSUID.fullmatch(user):
        raise GraphProblem(131009, "Recipient is not a valid business-scoped user ID")
    return user, True


def message_type(body: dict[str, Any]) -> str:
    """The message's type, with the object that it names. Raises GraphProblem."""
    kind = body.get("type", "text")
    if not isinstance(kind, str) or kind not in _CHECKS:
        raise GraphProblem(100, f'Param type must be one of {{{", ".join(TYPES)}}} - got "{kind}".')
    if kind not in body:
        raise missing(f"The parameter {kind} is required for messages of type {kind}.")
    return kind


def content(kind: str, body: dict[str, Any]) -> None:
    """Check the object of any type but template. Raises GraphProblem."""
    part = body[kind]
    if kind == "contacts":
        if not isinstance(part, list):
            raise GraphProblem(100, "Param contacts must be an array.")
    elif not isinstance(part, dict):
        raise GraphProblem(100, f"Param {kind} must be a JSON object.")
    _CHECKS[kind](part)


def _text(part: dict[str, Any]) -> None:
    words = part.get("body")
    if not words or not isinstance(words, str):
        raise GraphProblem(100, "The parameter text['body'] is required.")
    if len(words) > 4096:
        raise GraphProblem(100, "Param text['body'] must be at most 4096 characters long.")


def media(kind: str, part: dict[str, Any], *, caption: bool = True) -> None:
    """A file: `id` or `link`, not both. Raises GraphProblem."""
    if bool(part.get("id")) == bool(part.get("link")):
        raise missing(f"Either {kind}.id or {kind}.link is required, and not both.")
    link = part.get("link")
    if link and not str(link).startswith(("http://", "https://")):
        raise invalid(f"{kind}.link is not a valid URI")
    if part.get("caption") and len(str(part["caption"])) > 1024:
        raise invalid(f"{kind}.caption is too long: at most 1024 characters")
    if part.get("caption") and not caption:
        raise GraphProblem(100, f"Unexpected key \"caption\" on param '{kind}'.")


def _media(kind: str) -> Callable[[dict[str, Any]], None]:
    return lambda part: media(kind, part, caption=kind not in ("audio", "sticker"))


def _location(part: dict[str, Any]) -> None:
    for key, maximum in (("latitude", 90), ("longitude", 180)):
        try:
            value = float(part[key])
        except KeyError:
            raise missing(f"location.{key} is required") from None
        except (TypeError, ValueError):
            raise invalid(f"location.{key} must be a number") from None
        if not -maximum <= value <= maximum:
            raise invalid(f"location.{key} must be between -{maximum} and {maximum}")


def _contacts(part: Sequence[Any]) -> None:
    if not part:
        raise missing("contacts must have at least one contact")
    if len(part) > 257:
        raise invalid("contacts must have at most 257 contacts")
    for n, card in enumerate(part):
        name = card.get("name") if isinstance(card, dict) else None
        if not isinstance(name, dict) or not name.get("formatted_name"):
            raise missing(f"contacts[{n}].name.formatted_name is required")
        if not any(name.get(key) for key in ("first_name", "last_name", "middle_name", "suffix", "prefix")):
            raise missing(f"contacts[{n}].name needs at least one field besides formatted_name")


def _reaction(part: dict[str, Any]) -> None:
    if not part.get("message_id"):
        raise missing("reaction.message_id is required")
    if not isinstance(part.get("emoji", ""), str):
        raise invalid("reaction.emoji must be text")


def _pin(part: dict[str, Any]) -> None:
    if not part.get("message_id") or part.get("type") not in ("pin", "unpin"):
        raise missing("pin.message_id and pin.type are required")


# -- interactive -------------------------------------------------------------------------------------


def _interactive(part: dict[str, Any]) -> None:
    kind = part.get("type")
    check = _INTERACTIVE.get(str(kind).lower())
    if check is None:
        raise invalid(f"interactive.type is not valid: {kind}")
    header = part.get("header")
    if header is not None:
        shape = header.get("type") if isinstance(header, dict) else None
        if shape not in ("text", "image", "video", "document", "gif"):
            raise invalid("interactive.header.type is not valid")
        if shape == "text":
            length("Header text", header.get("text"), 60)
        else:
            media(f"interactive.header.{shape}", header.get(shape) or {}, caption=False)
    body = part.get("body")
    if body is not None or kind not in ("product", "carousel"):
        length("Body text", body.get("text") if isinstance(body, dict) else None, 4096 if kind == "list" else 1024)
    footer = part.get("footer")
    if footer is not None:
        length("Footer text", footer.get("text") if isinstance(footer, dict) else None, 60)
    action = part.get("action")
    if not isinstance(action, dict):
        raise missing("interactive.action is required")
    check(action, part)


def length(name: str, value: Any, maximum: int, minimum: int = 1) -> None:
    """Text of `least` to `most` characters. Raises GraphProblem in Meta's words."""
    if value is None or value == "":
        raise missing(f"{name} is required")
    if not isinstance(value, str) or not minimum <= len(value) <= maximum:
        raise invalid(f"{name} length invalid. Min length: {minimum}, Max length: {maximum}")


def _count(name: str, items: Any, maximum: int) -> list[Any]:
    if not isinstance(items, list | tuple) or not 1 <= len(items) <= maximum:
        raise invalid(f"{name} count invalid. Min count: 1, Max count: {maximum}")
    return list(items)


def _distinct(name: str, values: list[Any]) -> None:
    if len(set(values)) != len(values):
        raise invalid(f"Duplicated {name}: {max(values, key=values.count)}")


def _buttons(action: dict[str, Any], _: dict[str, Any]) -> None:
    replies = [dict(button.get("reply") or {}) for button in _count("Buttons", action.get("buttons"), 3)]
    for reply in replies:
        length("Button id", reply.get("id"), 256)
        length("Button title", reply.get("title"), 20)
    _distinct("button id", [reply["id"] for reply in replies])
    _distinct("button title", [reply["title"] for reply in replies])


def _list(action: dict[str, Any], _: dict[str, Any]) -> None:
    length("Button", action.get("button"), 20)
    sections = _count("Sections", action.get("sections"), 10)
    rows = [row for section in sections for row in section.get("rows") or []]
    _count("Total row", rows, 10)
    for section in sections:
        if len(sections) > 1:
            length("Section title", section.get("title"), 24)
    for row in rows:
        length("Row id", row.get("id"), 200)
        length("Row title", row.get("title"), 24)
        if row.get("description"):
            length("Row description", row["description"], 72)
    _distinct("row id", [row["id"] for row in rows])


def _cta(action: dict[str, Any], _: dict[str, Any]) -> None:
    parameters = action.get("parameters") or {}
    length("Display text", parameters.get("display_text"), 20)
    if not str(parameters.get("url", "")).startswith(("http://", "https://")):
        raise invalid("URL is not valid")


def _product(action: dict[str, Any], _: dict[str, Any]) -> None:
    for key in ("catalog_id", "product_retailer_id"):
        if not action.get(key):
            raise missing(f"interactive.action.{key} is required")


def _products(action: dict[str, Any], part: dict[str, Any]) -> None:
    if not part.get("header"):
        raise missing("interactive.header is required for product lists")
    if not action.get("catalog_id"):
        raise missing("interactive.action.catalog_id is required")
    sections = _count("Sections", action.get("sections"), 10)
    items = [item for section in sections for item in section.get("product_items") or []]
    _count("Product items", items, 30)
    if not all(item.get("product_retailer_id") for item in items):
        raise missing("product_items.product_retailer_id is required")


def _named(*names: str) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    def check(action: dict[str, Any], _: dict[str, Any]) -> None:
        if action.get("name") not in names:
            raise invalid(f"interactive.action.name must be {' or '.join(names)}")

    return check


def _address(action: dict[str, Any], part: dict[str, Any]) -> None:
    _named("address_message")(action, part)
    if not (action.get("parameters") or {}).get("country"):
        raise missing("interactive.action.parameters.country is required")


def _flow(action: dict[str, Any], part: dict[str, Any]) -> None:
    _named("flow")(action, part)
    parameters = action.get("parameters") or {}
    if not parameters.get("flow_id") and not parameters.get("flow_name"):
        raise missing("flow_id or flow_name is required")
    if str(parameters.get("flow_message_version")) != "3":
        raise invalid("flow_message_version must be 3")
    length("Flow CTA", parameters.get("flow_cta"), 30)
    if parameters.get("mode", "published") not in ("published", "draft"):
        raise invalid("mode must be published or draft")
    opening = parameters.get("flow_action", "navigate")
    if opening not in ("navigate", "data_exchange"):
        raise invalid("flow_action must be navigate or data_exchange")
    if opening == "data_exchange" and parameters.get("flow_action_payload"):
        raise invalid("flow_action_payload must not be given when flow_action is data_exchange")


def _carousel(action: dict[str, Any], _: dict[str, Any]) -> None:
    cards = action.get("cards")
    if not isinstance(cards, list) or not 2 <= len(cards) <= 10:
        raise invalid("Cards count invalid. Min count: 2, Max count: 10")


_INTERACTIVE: dict[str, Callable[[dict[str, Any], dict[str, Any]], None]] = {
    "button": _buttons,
    "list": _list,
    "cta_url": _cta,
    "product": _product,
    "product_list": _products,
    "catalog_message": _named("catalog_message"),
    "address_message": _address,
    "location_request_message": _named("send_location"),
    "flow": _flow,
    "voice_call": _named("voice_call"),
    "call_permission_request": _named("call_permission_request"),
    "request_contact_info": _named("request_contact_info"),
    "carousel": _carousel,
}

_CHECKS: dict[str, Callable[[Any], None]] = {
    "text": _text,
    **{kind: _media(kind) for kind in ("image", "video", "audio", "document", "sticker")},
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "interactive": _interactive,
    "pin": _pin,
    "template": lambda part: None,  # checked against the template itself, see templates.py
}
