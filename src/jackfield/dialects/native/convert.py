"""From MultiWA's spelling of a message to the core's content: pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from jackfield.core import (
    Audio,
    ContactCard,
    Content,
    Document,
    Image,
    Invalid,
    Location,
    MediaContent,
    Poll,
    Reaction,
    Sticker,
    Text,
    Video,
)
from jackfield.core import content as contents

from .envelope import camel

MEDIA: dict[str, type[MediaContent]] = {
    "image": Image,
    "video": Video,
    "audio": Audio,
    "voice": Audio,
    "document": Document,
    "sticker": Sticker,
}


def invalid(field: str, why: str) -> Invalid:
    """The error for one field."""
    return Invalid(f"{field}: {why}", details={field: [why]})


def _text(data: Mapping[str, Any], field: str, place: str, *, required: bool = True, most: int = 65536) -> str | None:
    value = data.get(field)
    if value is None or value == "":
        if required:
            raise invalid(f"{place}{field}", "Is required.")
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise invalid(f"{place}{field}", "Must be text.")
    if len(value) > most:
        raise invalid(f"{place}{field}", f"At most {most} characters.")
    if "\x00" in value:
        raise invalid(f"{place}{field}", "Must not contain NUL characters.")
    return value


def _number(data: Mapping[str, Any], field: str, place: str, bound: float) -> float:
    value = data.get(field)
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            value = None
    if not isinstance(value, int | float) or isinstance(value, bool) or not -bound <= value <= bound:
        raise invalid(f"{place}{field}", f"Must be a number between {-bound:g} and {bound:g}.")
    return float(value)


def check_url(url: str, place: str) -> str:
    """A link that an engine may fetch: http, https, or `media:` and the id of an uploaded file."""
    if url.startswith("media:") and url[6:].isdigit():
        return url
    if not url.startswith(("http://", "https://")) or len(url) > 4096 or any(c.isspace() for c in url):
        raise invalid(f"{place}url", "Must be an http or https link, or media:ID of an uploaded file.")
    return url


_FREE = frozenset({"values", "data", "saved_addresses", "validation_errors", "action", "raw"})
"""Fields whose insides are the caller's own and keep their names."""


def snake(name: str) -> str:
    """camelCase as snake_case."""
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name)


def plain(value: Any, place: str) -> Any:
    """Names in the core's spelling, at every depth. Raises Invalid for NUL in a text."""
    if isinstance(value, str) and "\x00" in value:
        raise invalid(place.rstrip("."), "Must not contain NUL characters.")
    if isinstance(value, list):
        return [plain(one, f"{place}{index}.") for index, one in enumerate(value)]
    if isinstance(value, Mapping):
        return {
            snake(name): one if snake(name) in _FREE else plain(one, f"{place}{name}.") for name, one in value.items()
        }
    return value


def interactive(data: Mapping[str, Any], place: str) -> dict[str, Any]:
    """The core's fields of what is not a kind of MultiWA's: `text` for `body`, a header given as text or as a file."""
    fields = {name: one for name, one in plain(data, place).items() if name != "type"}
    if "body" not in fields and "text" in fields and "rows" not in fields:
        fields["body"] = fields.pop("text")
    header = fields.get("header")
    if isinstance(header, str):
        fields["header"] = {"text": header}
    elif isinstance(header, Mapping) and "type" in header and "media" not in header:
        kind = str(header["type"])
        given = {name: one for name, one in header.items() if name != "type"}
        if kind == "text":
            fields["header"] = {"text": given.get("text")}
        elif kind in ("image", "video", "document"):
            fields["header"] = {"media": msgspec.to_builtins(content_of(kind, given, f"{place}header."))}
    return fields


def content_of(kind: str, data: Any, place: str = "content.") -> Content:
    """Content of a type with MultiWA's fields (`text`, `url`, `caption`, ...). Raises Invalid that names the field."""
    if isinstance(data, str):
        data = {"text": data} if kind == "text" else {"url": data}
    if not isinstance(data, Mapping):
        raise invalid(place.rstrip(".") or "content", "Must be an object.")
    if kind in ("text", "chat"):
        field = "text" if "text" in data or "body" not in data else "body"
        return Text(text=_text(data, field, place) or "", preview=bool(data.get("previewUrl", True)))
    if kind in MEDIA:
        link = data.get("url") or data.get("link") or data.get("mediaUrl")
        media_id = data.get("mediaId", data.get("media_id"))
        if media_id is not None and link is None:
            link = f"media:{media_id}"
        url = check_url(_text({"url": link}, "url", place, most=4096) or "", place)
        fields: dict[str, Any] = {"url": url}
        if kind not in ("sticker", "audio", "voice"):
            fields["caption"] = _text(data, "caption", place, required=False, most=4096)
        if kind == "document":
            fields["filename"] = _text(data, "filename", place, required=False, most=240)
        if kind == "voice" or (kind == "audio" and data.get("voice")):
            fields["voice"] = True
        return MEDIA[kind](**fields)
    if kind == "location":
        return Location(
            latitude=_number(data, "latitude", place, 90),
            longitude=_number(data, "longitude", place, 180),
            name=_text(data, "description" if "description" in data else "name", place, required=False, most=1000),
            address=_text(data, "address", place, required=False, most=1000),
        )
    if kind in ("contact", "contacts"):
        cards = data.get("contacts") if isinstance(data.get("contacts"), list) else [data]
        shown = []
        for index, card in enumerate(cards or []):
            where = f"{place}contacts.{index}." if len(cards or []) > 1 else place
            if not isinstance(card, Mapping):
                raise invalid(where.rstrip("."), "Must be an object.")
            phone = _text(card, "phone", where, most=40)
            emails = card.get("emails") if isinstance(card.get("emails"), list) else []
            shown.append(
                ContactCard(
                    name=_text(card, "name", where, most=200) or "",
                    phones=[phone or ""],
                    emails=[str(one) for one in emails or [] if one],
                    organization=_text(card, "organization", where, required=False, most=200),
                )
            )
        return contents.Contacts(contacts=shown)
    if kind == "poll":
        options = data.get("options")
        if not isinstance(options, list) or not 2 <= len(options) <= 12:
            raise invalid(f"{place}options", "Two to twelve options are needed.")
        texts = [
            _text({"option": one}, "option", f"{place}options.{i}.", most=100) or "" for i, one in enumerate(options)
        ]
        if len(set(texts)) != len(texts):
            raise invalid(f"{place}options", "Options must differ.")
        return Poll(
            question=_text(data, "question", place, most=255) or "",
            options=texts,
            multiple=bool(data.get("allowMultiple", False)),
        )
    if kind == "reaction":
        return Reaction(
            target=_text(data, "messageId" if "messageId" in data else "target", place, most=500) or "",
            emoji=_text(data, "emoji", place, required=False, most=64) or "",
        )
    if kind not in KINDS:
        raise invalid(f"{place.removesuffix('content.')}type", f"Must be one of {', '.join(sorted(KINDS))}.")
    fields = interactive(data, place)
    _required(kind, fields, place)
    try:
        return contents.parse({**fields, "type": kind})
    except Invalid as error:
        raise _named(error, place) from None


KINDS = contents.KINDS | {"voice", "contact", "chat"}
"""What `type` may say: the kinds of the ledger, and MultiWA's words for some."""
_NEEDED: dict[str, tuple[str, ...]] = {
    "buttons": ("body", "buttons"),
    "list": ("body", "button", "sections"),
    "cta_url": ("body", "title", "url"),
    "product": ("catalog_id", "product_id"),
    "product_list": ("body", "catalog_id", "sections"),
    "catalog": ("body",),
    "address": ("body", "country"),
    "location_request": ("body",),
    "flow": ("body", "flow_id", "button"),
    "inline_keyboard": ("text", "rows"),
}
"""What each kind must have, and not empty. How much of it is too much is the platform's affair."""
_INSIDE: dict[str, tuple[str, ...]] = {
    "buttons": ("id", "title"),
    "rows": ("id", "title"),
    "product_ids": (),
}


def _required(kind: str, fields: Mapping[str, Any], place: str) -> None:
    """Raises Invalid that names a field which is missing or empty, which no network takes."""
    for name in _NEEDED.get(kind, ()):
        value = fields.get(name)
        if value is None or value == [] or (isinstance(value, str) and not value.strip()):
            raise invalid(place + camel(name), "Is required.")
    if kind == "cta_url":
        check_url(str(fields["url"]), place)
    if kind == "buttons":
        _filled("buttons", fields["buttons"], place)
    elif kind in ("list", "product_list") and isinstance(fields["sections"], list):
        inside = "rows" if kind == "list" else "product_ids"
        for index, section in enumerate(fields["sections"]):
            where = f"{place}sections.{index}."
            if isinstance(section, Mapping):
                if not section.get(inside):
                    raise invalid(where + camel(inside), "Is required.")
                _filled(inside, section[inside], where)


def _filled(name: str, items: Any, place: str) -> None:
    """Raises Invalid for an item of a list (buttons, rows) that has nothing to show or to answer with."""
    for index, item in enumerate(items if isinstance(items, list) else []):
        for field in _INSIDE[name]:
            value = item.get(field, "-") if isinstance(item, Mapping) else "-"
            if isinstance(value, str) and not value.strip():
                raise invalid(f"{place}{camel(name)}.{index}.{field}", "Is required.")


_MISSING = re.compile(r"Object missing required field `(\w+)`")
_PLACE = re.compile(r" - at `\$\.?(.*)`$")


def _named(error: Invalid, place: str) -> Invalid:
    """The error for the field that the core's words are about, in this API's spelling."""
    text = error.message.removeprefix("content: ")
    found = _PLACE.search(text)
    where = camel(re.sub(r"\[(\d+)\]", r".\1", found.group(1))).strip(".") if found else ""
    text = text[: found.start()] if found else text
    missing = _MISSING.match(text)
    if missing is not None:
        where, text = f"{where}.{camel(missing.group(1))}".strip("."), "Is required."
    return invalid(f"{place}{where}".rstrip(".") or "content", text[:1].upper() + text[1:])
