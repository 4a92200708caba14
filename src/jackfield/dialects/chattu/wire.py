"""Chattu's shapes: bodies as they come, errors as they go, times and texts as its documentation prints them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import msgspec
from fastapi import Request, Response

from jackfield.core import ChannelView, Invalid

from .._kit import Failure, decode_json, json_response, read_body
from .._openapi import Answer, answered
from .._strict import JSON, URLENCODED, content_type, known_fields

DEFAULT_REJECTION: Final = "מצטער אינני זמין כעת."
""""Sorry, I am not available now": what a caller is told when the webhook says nothing (seed, "call_rejected").

The seed prints it as UTF-8 read in a Thai code page; these are the letters behind it."""

MAX_TEXT: Final = 4096
"""Longest text, in characters (seed, send-group-message)."""

CODES: Final[Mapping[str, str]] = {
    "UNAUTHORIZED": "AUTH_ERROR",
    "INVALID_CREDENTIALS": "AUTH_ERROR",
    "INVALID_TOKEN": "AUTH_ERROR",
    "TOKEN_EXPIRED": "AUTH_ERROR",
    "FORBIDDEN": "ACCESS_DENIED",
    "GROUP_FORBIDDEN": "ACCESS_DENIED",
    "PROFILE_NOT_FOUND": "CLIENT_NOT_FOUND",
    "PROFILE_NOT_CONNECTED": "CLIENT_NOT_CONNECTED",
    "VALIDATION_ERROR": "INVALID_REQUEST",
    "INVALID_RECIPIENT": "INVALID_REQUEST",
    "INVALID_JSON": "INVALID_REQUEST",
    "RATE_LIMITED": "RATE_LIMIT_EXCEEDED",
}
"""The core's codes in Chattu's words; others stay as they are."""


def fail(request: Request, failure: Failure) -> Response:
    """A failure. The seed names codes and statuses but prints no body, so it holds what a client may look for."""
    status = {422: 400}.get(failure.status, failure.status)
    body: dict[str, Any] = {
        "success": False,
        "status": "error",
        "error": failure.message,
        "code": CODES.get(failure.code, failure.code),
        "message": failure.message,
    }
    if failure.details is not None:
        body["details"] = failure.details
    return json_response(body, status, failure.headers)


def ok(data: Any, status: int = 200) -> Answer[Any]:
    """A success, exactly as given: Chattu has no envelope."""
    return answered(msgspec.json.encode(data), status)


def iso(ms: int | None) -> str | None:
    """Unix ms as "2025-11-01T12:00:00Z", which has no fractions; None stays None."""
    return None if ms is None else f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%dT%H:%M:%S}Z"


def seconds(ms: int | None) -> int:
    """Unix ms as Unix seconds; 0 for None."""
    return (ms or 0) // 1000


def client_id(channel: ChannelView) -> str:
    """The name under which Chattu's clients know a channel: the one they gave, else our id."""
    return channel.key or str(channel.id)


def invalid(field: str, why: str, code: str = "INVALID_REQUEST") -> Invalid:
    """The error for one field."""
    return Invalid(f"{field}: {why}", code=code, details={field: [why]})


@contextmanager
def named(field: str) -> Iterator[None]:
    """An error of the core about a value becomes one about the field that it came in."""
    try:
        yield
    except Invalid as error:
        _, separator, rest = error.message.partition(": ")
        raise invalid(field, rest if separator else error.message, error.code) from None


async def body_of(request: Request, limit: int, *names: str) -> dict[str, Any]:
    """The body as a mapping of these fields: JSON, or a form with the same names.

    Raises Invalid, HTTPException 413 and 415.
    """
    raw = await read_body(request, limit)
    data: Any
    if raw and content_type(request, JSON, URLENCODED) == URLENCODED:
        try:
            data = dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=200))
        except ValueError:
            raise Invalid("The form has too many fields.", code="INVALID_REQUEST") from None
    else:
        data = await decode_json(raw)
    if not isinstance(data, dict):
        raise Invalid("The body must be a JSON object.", code="INVALID_REQUEST")
    known_fields(data, names)
    return data


def text(data: Mapping[str, Any], field: str, *, required: bool = True, maximum: int = 1000) -> str:
    """A text of a body; whole numbers count as text. Empty when it is missing and not required. Raises Invalid."""
    value = data.get(field)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if value.bit_length() < 256 else None
        if value is None:
            raise invalid(field, "Must be text.")
    if value is None or value == "":
        if required:
            raise invalid(field, "Is required.")
        return ""
    if not isinstance(value, str):
        raise invalid(field, "Must be text.")
    return clean(field, value, maximum=maximum, required=required)


def clean(field: str, value: str, *, maximum: int, required: bool = True) -> str:
    """The same text if every database can keep it. Raises Invalid."""
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise invalid(field, "Must not contain NUL or unpaired surrogate characters.")
    if required and not value.strip():
        raise invalid(field, "Is required.")
    if len(value) > maximum:
        raise invalid(field, f"At most {maximum} characters.")
    return value


def flag(data: Mapping[str, Any], field: str) -> bool | None:
    """True, false, or None when it is left out. Raises Invalid."""
    value = data.get(field)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false", "1", "0"):
        return value.lower() in ("true", "1")
    raise invalid(field, "Must be true or false.")


def time_ahead(field: str, value: str) -> int:
    """ISO 8601 as Unix ms, in the future. Without a zone it is UTC, as the vendor's reference says. Raises Invalid."""
    from jackfield.core import now_ms, unix_ms

    try:
        ms = unix_ms(value, ZoneInfo("UTC"))
    except (ValueError, OverflowError):
        raise invalid(field, "Give a time in UTC as ISO 8601, such as 2025-10-06T18:30:00Z.") from None
    if ms <= now_ms():
        raise invalid(field, "Must be in the future.")
    if ms > now_ms() + 10 * 366 * 86_400_000:
        raise invalid(field, "Must be within the next ten years.")
    return ms
