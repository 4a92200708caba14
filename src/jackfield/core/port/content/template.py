"""Approved templates and the values of their variables."""

from __future__ import annotations

from typing import Any

import msgspec

from .base import BaseContent
from .media import Document, Image, Video
from .plain import Location


class Param(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One value for a template variable; `name` for named parameters, else the place in the list counts.

    With `fold`, an engine whose network refuses line breaks and the like in a value makes them single spaces; without,
    it refuses the message.
    """

    text: str
    name: str | None = None
    fold: bool = False


class HeaderParam(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A template header's value: `text` parameters, or one media file, or a location."""

    text: list[Param] = []
    media: Image | Video | Document | None = None
    location: Location | None = None


class ButtonParam(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A template button's value.

    `kind`: "url" (`text` is the suffix), "quick_reply" (`text` is the payload), "copy_code" (`text` is the
    code), "otp" (`text` is the code), "flow" (`action` holds token and data), "catalog" and "mpm" (`action`
    holds thumbnail and sections). `index` counts the template's buttons from 0.
    """

    index: int
    kind: str
    text: str | None = None
    action: dict[str, Any] | None = None


class CardParam(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One carousel card's values."""

    header: HeaderParam | None = None
    body: list[Param] = []
    buttons: list[ButtonParam] = []


class Template(BaseContent, frozen=True, kw_only=True, tag="template"):
    """An approved template with its values. `offer_expires_at` is the limited-time offer's end in Unix ms."""

    name: str
    language: str
    header: HeaderParam | None = None
    body: list[Param] = msgspec.field(default_factory=list)
    buttons: list[ButtonParam] = msgspec.field(default_factory=list)
    cards: list[CardParam] = msgspec.field(default_factory=list)
    offer_expires_at: int | None = None
