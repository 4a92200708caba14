"""A Bot API request's fields, however they came, and the errors that answer it.

The Bot API takes a call's fields from the query, a form, multipart or JSON alike, in forms as text
(https://core.telegram.org/bots/api#making-requests).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

import msgspec
from python_multipart import create_form_parser

Json: TypeAlias = dict[str, Any]

_decode = msgspec.json.Decoder().decode
encode = msgspec.json.Encoder().encode


class BotProblem(Exception):
    """An answer with `ok: false`."""

    def __init__(self, status: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters

    def body(self) -> bytes:
        """As the Bot API writes it."""
        answer: Json = {"ok": False, "error_code": self.status, "description": self.description}
        if self.parameters:
            answer["parameters"] = self.parameters
        return encode(answer)


def bad(description: str) -> BotProblem:
    """A 400 with Telegram's prefix."""
    return BotProblem(400, f"Bad Request: {description}")


def too_many(seconds: float) -> BotProblem:
    """A 429; Telegram gives whole seconds."""
    wait = max(1, int(-(-seconds // 1)))
    return BotProblem(429, f"Too Many Requests: retry after {wait}", {"retry_after": wait})


class Upload(msgspec.Struct, frozen=True):
    """A file of a multipart request."""

    data: bytes
    filename: str
    mime: str


class Fields:
    """A call's fields. Getters read text and JSON values alike and raise BotProblem on what Telegram would refuse."""

    __slots__ = ("files", "values")

    def __init__(self, values: Json, files: Mapping[str, Upload]) -> None:
        self.values = values
        self.files = files

    def text(self, name: str, default: str = "") -> str:
        """A text field; numbers count as text."""
        value = self.values.get(name)
        if value is None:
            return default
        return value if isinstance(value, str) else encode(value).decode()

    def integer(self, name: str, default: int | None = None) -> int:
        """A whole number. Raises BotProblem when it is missing without default, or not a number."""
        value = self.values.get(name)
        if value is None or value == "":
            if default is None:
                raise bad(f"{name} is empty")
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad(f"{name} must be an integer") from None

    def real(self, name: str) -> float:
        """A number with a fraction."""
        try:
            return float(self.values[name])
        except KeyError:
            raise bad(f"{name} is empty") from None
        except (TypeError, ValueError):
            raise bad(f"{name} must be a number") from None

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean; in forms "true", "True", "yes" and "1" are true, as with Telegram."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, str):
            return value.lower() in ("true", "yes", "1")
        return bool(value)

    def json(self, name: str) -> Any:
        """An object or list, in forms as JSON text. None when missing."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return _decode(value)
        except msgspec.DecodeError:
            raise bad(f"can't parse {name.replace('_', ' ')} JSON object") from None

    def __contains__(self, name: str) -> bool:
        value = self.values.get(name)
        return (value is not None and value != "") or name in self.files


def parse(query: bytes, content_type: str, body: bytes) -> Fields:
    """The fields of a request. Raises BotProblem on a body that cannot be read."""
    values: Json = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True)) if query else {}
    files: dict[str, Upload] = {}
    if body:
        kind = content_type.partition(";")[0].strip().lower()
        if kind == "application/json":
            try:
                found = _decode(body)
            except msgspec.DecodeError:
                raise bad("can't parse JSON object") from None
            if not isinstance(found, dict):
                raise bad("can't parse JSON object")
            values.update(found)
        elif kind == "application/x-www-form-urlencoded":
            values.update(parse_qsl(body.decode(), keep_blank_values=True))
        elif kind == "multipart/form-data":
            _multipart(content_type, body, values, files)
    return Fields(values, files)


def _multipart(content_type: str, body: bytes, values: Json, files: dict[str, Upload]) -> None:
    def on_field(field: Any) -> None:
        values[_name(field.field_name)] = (field.value or b"").decode()

    def on_file(file: Any) -> None:
        file.file_object.seek(0)
        mime = getattr(file, "content_type", None) or b"application/octet-stream"
        files[_name(file.field_name)] = Upload(file.file_object.read(), _name(file.file_name) or "file", _name(mime))
        file.close()

    headers: Any = {"Content-Type": content_type.encode(), "Content-Length": str(len(body)).encode()}
    try:
        parser = create_form_parser(headers, on_field, on_file, config={"MAX_MEMORY_FILE_SIZE": 64 * 1024 * 1024})
        parser.write(body)
        parser.finalize()
    except Exception:
        raise bad("can't parse multipart body") from None


def _name(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value or "")
