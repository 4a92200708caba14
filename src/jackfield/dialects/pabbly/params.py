"""What callers give, read liberally: the documentation's tables call lists and objects "string", numbers "integer".

A list may come as a list, as JSON text of one, or as a single value; an object also as JSON text; a truth value also
as "true" and "false". What cannot be meant is refused with the field's name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from jackfield.core import Invalid, unix_ms

UTC: Final = ZoneInfo("UTC")

_SURROGATE = re.compile(r"[\ud800-\udfff]")


def bad(field: str, why: str) -> Invalid:
    """The error for one field."""
    return Invalid(f"{field} {why}", details={field: [why]})


def required(field: str) -> Invalid:
    """The error for a field that is missing."""
    return bad(field, "is required.")


def body_of(value: Any) -> dict[str, Any]:
    """A request's body as an object."""
    if not isinstance(value, dict):
        raise Invalid("The body must be a JSON object.", code="INVALID_JSON")
    return value


def plain(value: Any, field: str, maximum: int) -> str:
    """A text that can be kept; numbers are taken as text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise bad(field, "must be text.")
    if "\x00" in value or _SURROGATE.search(value):
        raise bad(field, "contains characters that cannot be stored.")
    if len(value) > maximum:
        raise bad(field, f"must be at most {maximum} characters.")
    return value


def text(data: Mapping[str, Any], *names: str, maximum: int = 1024, place: str = "") -> str | None:
    """The one of these fields, spellings of the same, that is there and not empty. Raises Invalid for two that differ."""
    first: tuple[str, str] | None = None
    for name in names:
        value = data.get(name)
        if value is not None and value != "":
            found = plain(value, place + name, maximum)
            if not found.strip():
                continue
            if first is None:
                first = name, found
            elif found != first[1]:
                raise bad(place + name, f"means the same as {place}{first[0]}; give one of them.")
    return None if first is None else first[1]


def only(data: Mapping[str, Any], known: Collection[str], kind: str) -> None:
    """Raises Invalid that names a field which this kind of message does not have, unless it is empty."""
    for name, value in data.items():
        if name not in known and value not in (None, "", [], {}):
            raise bad(name, f"is not a field of {kind}.")


def must(data: Mapping[str, Any], *names: str, maximum: int = 1024, place: str = "") -> str:
    """As `text`. Raises Invalid when none is there."""
    found = text(data, *names, maximum=maximum, place=place)
    if found is None:
        raise required(place + names[0])
    return found


def one_of(data: Mapping[str, Any], name: str, allowed: Sequence[str], place: str = "") -> str:
    """One of a few words."""
    found = must(data, name, maximum=100, place=place)
    if found not in allowed:
        raise bad(place + name, f"must be one of: {', '.join(allowed)}.")
    return found


def parsed(value: Any) -> Any:
    """A list or object that came as JSON text; everything else as it is."""
    if isinstance(value, str) and value.strip()[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def items(data: Mapping[str, Any], name: str, *, maximum: int, place: str = "") -> list[Any]:
    """A list of whatever; empty when it is not there."""
    value = parsed(data.get(name))
    if value is None or value == "":
        return []
    found = value if isinstance(value, list) else [value]
    if len(found) > maximum:
        raise bad(place + name, f"must have at most {maximum} entries.")
    return found


def texts(data: Mapping[str, Any], name: str, *, maximum: int = 100, place: str = "") -> list[str]:
    """A list of texts; empty when it is not there."""
    return [
        plain("" if one is None else one, f"{place}{name}[{n}]", 4096)
        for n, one in enumerate(items(data, name, maximum=maximum, place=place))
    ]


def names(data: Mapping[str, Any], name: str) -> list[str] | None:
    """A list of names, also separated by commas; None when it is not there at all."""
    if data.get(name) is None:
        return None
    value = parsed(data[name])
    if isinstance(value, str):
        return [one.strip() for one in plain(value, name, 10_000).split(",") if one.strip()]
    return [one.strip() for one in texts({name: value}, name, maximum=1000) if one.strip()]


def obj(data: Mapping[str, Any], name: str, place: str = "") -> dict[str, Any] | None:
    """An object; None when it is not there."""
    value = parsed(data.get(name))
    if value is None or value == "":
        return None
    if not isinstance(value, dict):
        raise bad(place + name, "must be an object.")
    return value


def flag(data: Mapping[str, Any], name: str) -> bool | None:
    """A truth value; None when it is not there."""
    value = data.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise bad(name, "must be true or false.")


def truthy(value: str | None) -> bool:
    """Whether a query parameter that counts "with any truthy value" is given and means yes."""
    return (value or "").strip().lower() not in ("", "0", "false", "no", "off", "null", "undefined")


def integer(value: Any, name: str, default: int, *, minimum: int = 1, maximum: int = 10_000_000) -> int:
    """A whole number, also as text."""
    if value is None or value == "":
        return default
    if isinstance(value, str) and re.fullmatch(r"\s*-?\d{1,12}\s*", value, re.ASCII):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not minimum <= value <= maximum:
        raise bad(name, f"must be a whole number from {minimum}.")
    return value


def link(data: Mapping[str, Any], name: str, place: str = "") -> str | None:
    """A link that an engine may fetch: http, https, or `media:` and the id of an uploaded file."""
    value = text(data, name, maximum=4096, place=place)
    if value is None:
        return None
    value = value.strip()
    if re.fullmatch(r"media:\d{1,18}", value, re.ASCII):
        return value
    if not re.fullmatch(r"https?://[^\s/?#]+[^\s]*", value):
        raise bad(place + name, "must be an http or https link.")
    return value


def timestamp(data: Mapping[str, Any], name: str, zone: ZoneInfo = UTC) -> int | None:
    """A time as ISO 8601, in `zone` unless it says otherwise, in Unix ms; None when it is not there."""
    value = data.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            ms = unix_ms(value, zone)
        except (ValueError, OverflowError):
            ms = -1
        # The year 2100 is beyond any plan and within every database.
        if 0 <= ms < 4_102_444_800_000:
            return ms
    raise bad(name, 'must be a time such as "2026-03-13T04:20:14.007Z".')
