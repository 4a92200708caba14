"""Files: pictures, videos, sound, documents, stickers."""

from __future__ import annotations

from typing import TypeAlias

from .base import BaseContent


class Media(BaseContent, frozen=True, kw_only=True):
    """A file: exactly one of `url` (public or `media:` + our media id) and `media_id` (the provider's) is set.

    `mime`, `filename` and `size` (bytes) are filled where known.
    """

    url: str | None = None
    media_id: str | None = None
    caption: str | None = None
    filename: str | None = None
    mime: str | None = None
    size: int | None = None
    sha256: str | None = None


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
    """A sticker (webp)."""

    animated: bool = False


MediaContent: TypeAlias = Image | Video | Audio | Document | Sticker

MediaKinds: TypeAlias = Image | Video | Audio | Document | Sticker
"""Every kind of this family. A new kind is added here and exported by the package."""
