"""Checks of single fields that people fill in, with the same words in every format.

Each raises `Invalid` whose `details` name the field, so that a form can show the message where it belongs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import phonenumbers

from .errors import Invalid

# One @, no blanks or control characters; a domain without a dot is allowed for hosts of one's own (owner@localhost).
# What lies between is the mail server's business.
_EMAIL = re.compile(r"[^@\s\x00-\x20<>,;:\"()\[\]\\]+@[^@\s\x00-\x20<>,;:\"()\[\]\\]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Lone surrogates can come in through JSON escapes; neither database stores them.
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def refuse(field: str, message: str) -> Invalid:
    """The error for one wrong field."""
    return Invalid(f"{field}: {message}", details={field: [message]})


def text(field: str, value: Any, *, maximum: int = 255, required: bool = True) -> str:
    """A text without control characters (line breaks and tabs may stay), trimmed, at most `most` characters."""
    if not isinstance(value, str):
        raise refuse(field, "Must be text.")
    if _CONTROL.search(value) or _SURROGATE.search(value):
        raise refuse(field, "Must not contain control characters.")
    trimmed: str = value.strip()
    if required and not trimmed:
        raise refuse(field, "Must not be empty.")
    if len(trimmed) > maximum:
        raise refuse(field, f"Must be at most {maximum} characters.")
    return trimmed


def choice(field: str, value: Any, allowed: Collection[str]) -> str:
    """One of a few words."""
    if not isinstance(value, str) or value not in allowed:
        raise refuse(field, f"Must be one of: {', '.join(sorted(allowed))}.")
    return value


def email(value: Any, field: str = "email") -> str:
    """An e-mail address in lower case, at most 254 characters (RFC 5321's path limit)."""
    value = text(field, value, maximum=254).lower()
    if not _EMAIL.fullmatch(value):
        raise refuse(field, "Must be an e-mail address.")
    return str(value)


def timezone(value: Any, field: str = "timezone") -> str:
    """The name of a time zone (IANA, such as Europe/Berlin)."""
    value = text(field, value, maximum=64)
    try:
        zone: tzinfo = ZoneInfo(value)
    except (ValueError, LookupError, OSError):
        raise refuse(field, "Must be an IANA time zone such as Europe/Berlin.") from None
    return str(zone)


def country(value: Any, field: str = "default_country") -> str:
    """A country as ISO 3166 alpha-2, upper case, among those whose phone numbers are known."""
    value = text(field, value, maximum=2).upper()
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise refuse(field, "Must be a country code of two letters such as DE.")
    return str(value)


def settings(current: Mapping[str, Any], changes: Any, field: str = "settings") -> dict[str, Any]:
    """`current` with these top-level keys changed; None takes one away. At most 64 KiB as JSON."""
    if not isinstance(changes, Mapping) or not all(isinstance(key, str) for key in changes):
        raise refuse(field, "Must be an object.")
    merged = {**current, **changes}
    merged = {key: value for key, value in merged.items() if value is not None}
    try:
        encoded = msgspec.json.encode(merged)
    except (TypeError, ValueError, RecursionError):
        raise refuse(field, "Must be plain JSON.") from None
    if len(encoded) > 65_536:
        raise refuse(field, "Must be at most 64 KiB.")
    return merged


def names(field: str, values: Iterable[Any], *, maximum: int = 64) -> list[str]:
    """A list of words without repeats, in the order given."""
    if isinstance(values, (str, bytes)):
        raise refuse(field, "Must be a list.")
    return list(dict.fromkeys(text(field, one, maximum=maximum) for one in values))


def row_id(value: Any) -> int:
    """An id to look up: itself, or 0, which no row has, for what neither database can hold."""
    if isinstance(value, int) and 0 < value < 1 << 63:
        return int(value)
    return 0


def timestamp(field: str, value: Any) -> int:
    """A time in Unix milliseconds, before the year 10000."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 253_402_300_800_000:
        raise refuse(field, "Must be a time in Unix milliseconds.")
    return int(value)


def folded(name: str) -> str:
    """A name as compared: case and width do not count, nor how many blanks there are."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def storable(text: str) -> str:
    """A text from outside as both databases can store it: without NUL, and with U+FFFD for half a character."""
    if text.isprintable():
        return text
    return text.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
