"""The envelope: `{success, data, meta: {timestamp}}`, and for failures `{success: false, error: {code, message}}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import msgspec
from fastapi import Request, Response

from jackfield.core import Page, now_ms

from .._kit import Failure, json_response
from .._kit import iso as iso
from .._problems import Problems
from . import answers
from .errors import not_found_code

T = TypeVar("T")
_SNAKE = re.compile(r"(?<=[a-z0-9])_([a-z])")


class Ok(Response, Generic[T]):
    """A success whose `data` is a T; routes say so in what they return, and the OpenAPI document says it after them."""


class Paged(Ok[list[T]]):
    """A page of a list of T."""


def ok(data: T, status: int = 200, *, beside: Mapping[str, Any] | None = None) -> Ok[T]:
    """A success. `beside`: what MultiWA's client, whose types have no envelope, reads at top level."""
    body = {**(beside or {}), "success": True, "data": data, "meta": {"timestamp": iso(now_ms())}}
    return Ok(msgspec.json.encode(body), status, media_type="application/json")


def paged(page: Page[Any], items: list[T], *, beside: Mapping[str, Any] | None = None) -> Paged[T]:
    """A page of a list: `meta.cursor` opens the next one, `meta.total` is there where it was counted. `beside` as in `ok`."""
    meta: dict[str, Any] = {
        "timestamp": iso(now_ms()),
        "cursor": page.cursor,
        "hasMore": page.cursor is not None,
    }
    if page.total is not None:
        meta["total"] = page.total
    body = {**(beside or {}), "success": True, "data": items, "meta": meta}
    return Paged(msgspec.json.encode(body), media_type="application/json")


def deleted(id_: object) -> Ok[answers.Deleted]:
    """An object is gone."""
    return ok({"id": str(id_), "deleted": True})


def camel(name: str) -> str:
    """snake_case as camelCase, in each part of a path."""
    return _SNAKE.sub(lambda found: found.group(1).upper(), name)


def spelled(message: str, details: Any) -> tuple[str, Any]:
    """A failure's words in this API's spelling: the core's fields in camelCase, ids as text, a provider's code under a name.
    Fields that were found in the request itself stay as the caller wrote them."""
    if isinstance(details, str | int):
        return message, {"providerCode": str(details)}
    if not isinstance(details, dict) or isinstance(details, Problems):
        return message, details
    shown: dict[str, Any] = {}
    for name, value in details.items():
        ours = name if str(name).startswith(("filter.", "audience.")) else camel(str(name))
        if ours != name and message.startswith(f"{name}:"):
            message = ours + message[len(name) :]
        known_id = ours == "id" and isinstance(value, int)
        shown[ours] = str(value) if known_id else value
    return message, shown


def fail(request: Request, failure: Failure) -> Response:
    """A failure. `message` is repeated at top level, where MultiWA's own clients look for it."""
    code = failure.code if failure.code != "NOT_FOUND" else not_found_code(failure.message)
    message, details = spelled(failure.message, failure.details)
    error: dict[str, Any] = {"code": code, "message": message}
    if details is not None:
        error["details"] = details
    # MultiWA's clients look for the figures of the daily limit beside the code.
    figures = details if failure.code == "DAILY_LIMIT_REACHED" and isinstance(details, dict) else {}
    return json_response(
        {
            **figures,
            "success": False,
            "error": error,
            "message": message,
            "meta": {"timestamp": iso(now_ms())},
        },
        failure.status,
        failure.headers,
    )
