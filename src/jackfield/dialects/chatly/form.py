"""Requests' fields, whatever they came as, and checks that collect what is wrong as Laravel does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from fastapi import Request
from starlette.datastructures import UploadFile

from jackfield.core import Invalid, now_ms, unix_ms

from .. import DialectOptions
from .._kit import MAX_ID, decode_json, read_body
from .._limits import MOST_FIELDS, MOST_FILES
from .._strict import FORM, JSON, URLENCODED, content_type
from . import php

TRUE: Final = frozenset({"1", "true", "on", "yes"})
FALSE: Final = frozenset({"0", "false", "off", "no"})


class Form:
    """The fields of one request. Checks note what is wrong; `check` raises it all at once."""

    def __init__(self, data: Mapping[str, Any], files: Mapping[str, UploadFile] | None = None) -> None:
        self.data = dict(data)
        self.files = dict(files or {})
        self.errors: dict[str, list[str]] = {}
        self._spelled: dict[str, str] = {}

    def fail(self, name: str, message: str) -> None:
        """Note what is wrong with a field; it is told under the spelling that the caller chose."""
        spelled = self._spelled.get(name, name)
        if spelled != name:
            message = message.replace(f"The {_words(name)} ", f"The {_words(spelled)} ", 1)
            message = message.replace(f"The selected {_words(name)} ", f"The selected {_words(spelled)} ", 1)
        known = self.errors.setdefault(spelled, [])
        if message not in known:
            known.append(message)

    def failed(self, name: str) -> bool:
        """Whether something is wrong with a field, under whatever spelling."""
        return self._spelled.get(name, name) in self.errors

    def check(self) -> None:
        """Raises Invalid with all that was noted."""
        if self.errors:
            first = next(iter(self.errors.values()))[0]
            raise Invalid(first, details=self.errors)

    def raw(self, *names: str) -> Any:
        """The value of a field that has these spellings; two that differ are noted."""
        given = [name for name in names if self.data.get(name) not in (None, "")]
        if not given:
            return None
        first, *others = given
        self._spelled[names[0]] = first
        for other in others:
            if self.data[other] != self.data[first]:
                self.errors.setdefault(other, []).append(
                    f"The {_words(other)} means the same as the {_words(first)}; give one of them."
                )
        return self.data[first]

    def has(self, *names: str) -> bool:
        """Whether one of these fields is there at all, be it empty."""
        return any(name in self.data or name in self.files for name in names)

    def need(self, *names: str, required: bool) -> Any:
        """The value, noted as missing where it must be there."""
        value = self.raw(*names)
        if value is None and required:
            self.fail(names[0], f"The {_words(names[0])} field is required.")
        return value

    def text(self, *names: str, required: bool = True, maximum: int = 255) -> str:
        """A text, trimmed; "" when it is missing or wrong."""
        value = self.need(*names, required=required)
        if value is None:
            return ""
        if isinstance(value, bool | list | dict) or not isinstance(value, str | int | float):
            self.fail(names[0], f"The {_words(names[0])} must be a string.")
            return ""
        text: str = str(value).strip()
        if any(ord(c) < 32 and c not in "\t\n\r" for c in text) or any("\ud800" <= c <= "\udfff" for c in text):
            self.fail(names[0], f"The {_words(names[0])} contains characters that cannot be stored.")
            return ""
        if required and not text:
            self.fail(names[0], f"The {_words(names[0])} field is required.")
        if len(text) > maximum:
            self.fail(names[0], f"The {_words(names[0])} must not be greater than {maximum} characters.")
            return ""
        return text

    def id(self, *names: str, required: bool = True) -> int | None:
        """A whole number that may be an id; None when it is missing or wrong."""
        value = self.need(*names, required=required)
        if value is None:
            return None
        found = integer(value)
        if found is None:
            self.fail(names[0], f"The {_words(names[0])} must be an integer.")
        return found

    def ids(self, *names: str, required: bool = False) -> list[int]:
        """Several ids: an array, one value, or numbers with commas between them."""
        value = self.need(*names, required=required)
        if value is None:
            return []
        items = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
        found = [integer(item) for item in items if item not in ("", None)]
        if None in found or not found or len(found) > 1000:
            self.fail(names[0], f"The {_words(names[0])} must be an array of integers.")
            return []
        return [one for one in found if one is not None]

    def flag(self, *names: str) -> bool | None:
        """True, false, or None when it is left out or empty."""
        value = self.raw(*names)
        if value is None or isinstance(value, bool):
            return value
        word = str(value).strip().lower() if isinstance(value, str | int) else "?"
        if word in TRUE:
            return True
        if word in FALSE:
            return False
        self.fail(names[0], f"The {_words(names[0])} field must be true or false.")
        return None

    def values(self, name: str) -> list[str] | dict[str, str]:
        """Values by place or by name: an array, a JSON array or object as text, or one value."""
        value = self.raw(name)
        if value is None:
            return []
        if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                pass
        if isinstance(value, Mapping):
            found = {str(key): _plain(one) for key, one in value.items()}
            if None not in found.values() and len(found) <= 100:
                return {key: one for key, one in found.items() if one is not None}
        else:
            items = [_plain(one) for one in (value if isinstance(value, list) else [value])]
            if None not in items and len(items) <= 100:
                return [one for one in items if one is not None]
        self.fail(name, f"The {_words(name)} must be an array of strings.")
        return []

    def future_time(self, name: str, zone: ZoneInfo, *, required: bool) -> int | None:
        """A time ahead, as Unix ms: "2026-05-14 10:00:00" in the workspace's zone, or ISO 8601 with its own."""
        value = self.need(name, required=required)
        if value is None:
            return None
        try:
            ms = unix_ms(str(value), zone)
        except (ValueError, OverflowError):
            self.fail(name, f"The {_words(name)} is not a valid date.")
            return None
        if not now_ms() < ms < now_ms() + 10 * 366 * 86_400_000:
            self.fail(name, f"The {_words(name)} must be a date after now.")
            return None
        return ms


def integer(value: Any) -> int | None:
    """A number that may be an id, from an integer or digits; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip() if isinstance(value, str) or value.bit_length() < 70 else ""
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        return None
    return int(text) if 0 < int(text) <= MAX_ID else None


def _plain(value: Any) -> str | None:
    if isinstance(value, Mapping):
        # Some clients send [{"text": "..."}] or [{"value": "..."}].
        value = value.get("text", value.get("value"))
    if isinstance(value, bool | None) or not isinstance(value, str | int | float):
        return None
    text = str(value)
    return None if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text) or len(text) > 4096 else text


def _words(name: str) -> str:
    return name.replace("_", " ")


# -- reading -------------------------------------------------------------------------------------------


async def read_form(request: Request, options: DialectOptions) -> Form:
    """The fields of a request: its query's, and its body's before those.

    Raises Invalid for a body that cannot be parsed, HTTPException 413 for one that is too large.
    """
    query = _pairs(parse_qsl(request.url.query, keep_blank_values=True))
    if request.method in ("GET", "HEAD"):
        return Form(query)
    if not _has_body(request):
        return Form(query)
    kind = content_type(request, FORM, URLENCODED, JSON)
    if kind == FORM:
        form = await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS)
        files: dict[str, UploadFile] = {}
        pairs: list[tuple[str, Any]] = []
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                if value.filename:
                    files[name.removesuffix("[]")] = value
            else:
                pairs.append((name, value))
        return Form({**query, **_pairs(pairs)}, files)
    raw = await read_body(request, options.max_body)
    if kind == URLENCODED:
        return Form({**query, **_pairs(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))})
    if not raw.strip():
        return Form(query)
    try:
        data = await decode_json(raw)
    except Invalid as error:
        raise Invalid(error.message, details={"body": [error.message]}) from None
    if not isinstance(data, dict):
        raise Invalid("The body must be an object.", details={"body": ["The body must be an object."]})
    # A name with brackets may come in JSON too: "body_values[]": ["a"].
    return Form({**query, **{key.removesuffix("[]"): value for key, value in data.items()}})


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    try:
        return php.parse(pairs)
    except php.TooMuch as error:
        raise Invalid(str(error), details={"body": [str(error)]}) from None


def _has_body(request: Request) -> bool:
    """Whether a body comes: HTTP says so in the headers."""
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
