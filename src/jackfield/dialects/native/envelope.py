"""The envelope: `{success, data, meta: {timestamp}}`, and for failures `{success: false, error: {code, message}}`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import Request, Response

from jackfield.core.page import Page
from jackfield.db.base import now_ms

from .._kit import Failure, json_response
from .errors import not_found_code


def iso(ms: int | None) -> str | None:
    """Unix ms as ISO 8601 in UTC with milliseconds, "2026-02-05T10:00:00.000Z"; None stays None."""
    if ms is None:
        return None
    seconds, rest = divmod(ms, 1000)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{rest:03d}Z"


def ok(data: Any, status: int = 200, **meta: Any) -> Response:
    """A success."""
    return json_response({"success": True, "data": data, "meta": {"timestamp": iso(now_ms()), **meta}}, status)


def paged(page: Page[Any], items: list[Any], **meta: Any) -> Response:
    """A page of a list: `meta.cursor` opens the next one, `meta.total` is there where it was counted."""
    extra: dict[str, Any] = {"cursor": page.cursor, "hasMore": page.cursor is not None}
    if page.total is not None:
        extra["total"] = page.total
    return ok(items, 200, **extra, **meta)


def deleted(id_: object) -> Response:
    """An object is gone."""
    return ok({"id": str(id_), "deleted": True})


def fail(request: Request, failure: Failure) -> Response:
    """A failure. `message` is repeated at top level, where MultiWA's own clients look for it."""
    code = failure.code if failure.code != "NOT_FOUND" else not_found_code(failure.message)
    error: dict[str, Any] = {"code": code, "message": failure.message}
    if failure.details is not None:
        error["details"] = failure.details
    # MultiWA's clients look for the figures of the daily limit beside the code.
    figures = failure.details if failure.code == "DAILY_LIMIT_REACHED" and isinstance(failure.details, dict) else {}
    return json_response(
        {
            **figures,
            "success": False,
            "error": error,
            "message": failure.message,
            "meta": {"timestamp": iso(now_ms())},
        },
        failure.status,
        failure.headers,
    )
