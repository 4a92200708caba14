"""Files: pictures, videos, sound, documents, stickers."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from .base import BaseContent
from .plain import Entity


class Media(BaseContent, frozen=True, kw_only=True):
    """A file: exactly one of `url` (public or `media:` + our media id) and `media_id` (the provider's) is set.

    `mime`, `filename` and `size` (bytes) are filled where known. `album` is what files have in common that were sent
    together. `entities` and `format` are those of the caption, as of a text.
    """

    url: str | None = None
    media_id: str | None = None
    caption: str | None = None
    filename: str | None = None
    mime: str | None = None
    size: int | None = None
    sha256: str | None = None
    album: str | None = None
    entities: list[Entity] = msgspec.field(default_factory=list)
    format: str | None = None


class Image(Media, frozen=True, kw_only=True, tag="image"):
    """A picture."""


class Video(Media, frozen=True, kw_only=True, tag="video"):
    """A film clip."""


class Audio(Media, frozen=True, kw_only=True, tag="audio"):
    """Sound; `voice` marks a voice note."""

    voice: bool = False


class Document(Media, frozen=True, kw_only=True, tag="document"):
    """Any file, shown with its name."""


class Sticker(Media, frozen=True, kw_only=True, tag="sticker"):
    """A sticker (webp). `emoji` is what it stands for."""

    animated: bool = False
    emoji: str | None = None


class Album(BaseContent, frozen=True, kw_only=True, tag="album"):
    """Two to ten files that are shown together, as one message: pictures and films, or only sound, or only documents."""

    items: list[Image | Video | Audio | Document]


MediaContent: TypeAlias = Image | Video | Audio | Document | Sticker

MediaKinds: TypeAlias = Image | Video | Audio | Document | Sticker | Album
"""Every kind of this family. A new kind is added here and exported by the package."""
