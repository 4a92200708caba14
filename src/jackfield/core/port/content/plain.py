"""Texts, places, contact cards, polls and reactions."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from .base import BaseContent


class Entity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of a text with a look or a meaning of its own, as Telegram has them: `type` is bold, italic, underline,
    strikethrough, spoiler, code, pre, blockquote, text_link, text_mention, custom_emoji, url, bot_command and others.

    `offset` and `length` count UTF-16 code units, as JavaScript does. `url` is where a text_link leads, `user` the id of
    whom a text_mention names, `language` that of the program text in a pre, `custom_emoji_id` the emoji shown.
    """

    type: str
    offset: int
    length: int
    url: str | None = None
    user: str | None = None
    language: str | None = None
    custom_emoji_id: str | None = None


class Text(BaseContent, frozen=True, kw_only=True, tag="text"):
    """Plain text. `preview` asks for a link preview.

    `entities` are its formatted pieces; `format` (html or markdown) says instead that the text holds marks, which the
    network is to read. Both only where the network knows them.
    """

    text: str
    preview: bool = True
    entities: list[Entity] = msgspec.field(default_factory=list)
    format: str | None = None


class Location(BaseContent, frozen=True, kw_only=True, tag="location"):
    """A point on the map, in degrees; `url` is a page about the place, of one that came in."""

    latitude: float
    longitude: float
    name: str | None = None
    address: str | None = None
    url: str | None = None


class ContactCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One person on a contact card; `phones` as given. `raw` keeps the provider's fields that we do not name."""

    name: str
    phones: list[str] = []
    emails: list[str] = []
    organization: str | None = None
    raw: dict[str, Any] | None = None


class Contacts(BaseContent, frozen=True, kw_only=True, tag="contacts"):
    """One or more contact cards."""

    contacts: list[ContactCard]


class Poll(BaseContent, frozen=True, kw_only=True, tag="poll"):
    """A question with answers to choose from."""

    question: str
    options: list[str]
    multiple: bool = False


class Reaction(BaseContent, frozen=True, kw_only=True, tag="reaction"):
    """An emoji on a message (`target` is the provider's id of it); an empty emoji takes it back.

    With `custom_emoji_id` it is a picture of the network's own, and `emoji` only stands for it.
    """

    target: str
    emoji: str
    custom_emoji_id: str | None = None


PlainKinds: TypeAlias = Text | Location | Contacts | Poll | Reaction
"""Every kind of this family. A new kind is added here and exported by the package."""
