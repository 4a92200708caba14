"""Files that WhatsApp's business accounts may send: types and sizes by kind, and names that fit the type.

Figures from Meta's media reference (developers.facebook.com, WhatsApp Business Platform, 2026-06-16).
"""

from __future__ import annotations

import mimetypes
from typing import Final

_ENDINGS: Final = {
    "audio/amr": ".amr",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "text/plain": ".txt",
    "video/3gpp": ".3gp",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
}
"""The usual ending of a type that has several, or that Python does not know."""


_MIB: Final = 1024 * 1024
MEDIA_BYTES: Final = {
    "image": 5 * _MIB,
    "video": 16 * _MIB,
    "audio": 16 * _MIB,
    "document": 100 * _MIB,
    "sticker": 500 * 1024,
}
"""Largest file that Meta takes, by kind (a static sticker: 100 KiB, which Meta checks itself)."""
MEDIA_TYPES: Final = {
    "image": frozenset({"image/jpeg", "image/png"}),
    "video": frozenset({"video/mp4", "video/3gpp"}),
    "audio": frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/opus"}),
    "sticker": frozenset({"image/webp"}),
}
"""MIME types that Meta takes, by kind; a document may be anything."""


def file_problem(kind: str, size: int, mime: str) -> str | None:
    """Why Meta would not take a file of this size (bytes) and type as this kind; None when it does."""
    maximum = MEDIA_BYTES.get(kind, MEDIA_BYTES["document"])
    if size > maximum:
        return f"{kind}: {size:,} bytes, at most {maximum:,} are allowed"
    types = MEDIA_TYPES.get(kind)
    plain = mime.partition(";")[0].strip().lower()
    if types is None or plain in types:
        return None
    *others, last = sorted(types)
    allowed = f"{', '.join(others)} or {last}" if others else last
    return f"{kind}: files of type {plain or 'unknown'} are not taken, only {allowed}"


def fitting_name(filename: str | None, mime: str, default: str = "file") -> str:
    """The name (`default` without one) with an ending that says its type, which is added where another one stands."""
    plain = mime.partition(";")[0].strip().lower()
    name = (filename or "").strip() or default
    guessed = mimetypes.guess_type(name)[0]
    ending = _ENDINGS.get(plain) or mimetypes.guess_extension(plain)
    if guessed == plain or ending is None or plain == "application/octet-stream":
        return name
    return name if name.lower().endswith(ending) else f"{name}{ending}"
