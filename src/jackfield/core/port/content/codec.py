"""Every kind of content as one type, and the only way to and from its stored form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias, get_args

import msgspec

from ...ground.errors import Invalid
from .incoming import ButtonReply, FlowReply, IncomingKinds, ListReply, System
from .interactive import InlineKeyboard, Interactive, InteractiveKinds
from .media import Album, Media, MediaKinds, Sticker
from .plain import PlainKinds, Poll, Reaction, Text
from .template import Template

Content: TypeAlias = PlainKinds | MediaKinds | Template | InteractiveKinds | IncomingKinds

KINDS: Final = frozenset(str(kind.__struct_config__.tag) for kind in get_args(Content))
"""Every kind of content by its tag."""

_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Content)
_encoder = msgspec.json.Encoder()
_HTTP: Final = re.compile(r"\s*https?:", re.IGNORECASE)


def encode(content: Content) -> str:
    """The stored form: compact JSON text."""
    return _encoder.encode(content).decode()


def decode(stored: str | bytes) -> Content:
    """The content of a stored form."""
    content: Content = _decoder.decode(stored)
    return content


def parse(data: Mapping[str, Any]) -> Content:
    """Content from a caller's mapping (already in our field names).

    Raises `Invalid` that names what is wrong.
    """
    try:
        content: Content = msgspec.convert(data, type=Content)
    except msgspec.ValidationError as error:
        raise Invalid(f"content: {error}") from error
    return content


def kind_of(content: Content) -> str:
    """The tag under which this content is stored, such as "text" or "product_list"."""
    return str(content.__struct_config__.tag)


def stored_files(content: Content) -> set[int]:
    """Ids of our own files (`media:ID`) that a message shows, wherever in it they stand."""
    if isinstance(content, Text):
        return set()
    found: set[int] = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            url = value.get("url")
            if isinstance(url, str) and url.startswith("media:") and url[6:].isdigit():
                found.add(int(url[6:]))
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(msgspec.to_builtins(content))
    return found


def linked_files(content: Content) -> set[str]:
    """The http and https addresses of a message's files, wherever in it they stand. Links that people follow are none."""
    if isinstance(content, Text):
        return set()
    found: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, Media) and value.url is not None and _HTTP.match(value.url):
            found.add(value.url)
        if isinstance(value, msgspec.Struct):
            for name in value.__struct_fields__:
                walk(getattr(value, name))
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(content)
    return found


def summary(content: Content) -> str:
    """One line for lists and notifications: the text, caption or a bracketed kind."""
    if isinstance(content, Text | InlineKeyboard):
        return content.text
    if isinstance(content, Media):
        said = content.emoji if isinstance(content, Sticker) else content.caption
        return said or f"[{kind_of(content)}]"
    if isinstance(content, Album):
        return next((one.caption for one in content.items if one.caption), "[album]")
    if isinstance(content, FlowReply) and content.body:
        return content.body
    if isinstance(content, Interactive):
        return content.body
    if isinstance(content, Template):
        return f"[template {content.name}]"
    if isinstance(content, Poll):
        return content.question
    if isinstance(content, ButtonReply | ListReply):
        return content.title
    if isinstance(content, Reaction):
        return content.emoji
    if isinstance(content, System):
        return content.text
    return f"[{kind_of(content)}]"
