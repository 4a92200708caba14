"""Texts, places, contact cards, polls and reactions."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from .base import BaseContent


class Text(BaseContent, frozen=True, kw_only=True, tag="text"):
    """Plain text. `preview` asks for a link preview."""

    text: str
    preview: bool = True


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
    """An emoji on a message (`target` is the provider's id of it); an empty emoji takes it back."""

    target: str
    emoji: str


PlainKinds: TypeAlias = Text | Location | Contacts | Poll | Reaction
"""Every kind of this family. A new kind is added here and exported by the package."""
