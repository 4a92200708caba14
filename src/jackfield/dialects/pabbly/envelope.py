"""Pabbly's answers. Its documentation shows both `"status": "success"` and `"success": true`: ours carry both."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import Request, Response

from .._kit import Failure, json_response
from .._kit import iso as iso
from .._openapi import Answer, answered

DOCUMENTED = frozenset({400, 401, 403, 404, 405, 413, 415, 429, 431})
"""Statuses of the 4xx kind that callers meet; all others are told as 400. 403 (a key that may not), 405 and those of what
a request may be (413, 415, 431) are ours."""


def ok(message: str, data: Any) -> Answer[Any]:
    """A success."""
    return answered(msgspec.json.encode({"status": "success", "success": True, "message": message, "data": data}))


def fail(request: Request, failure: Failure) -> Response:
    """A failure: `error` is for people, `code` is stable (ours)."""
    status = failure.status
    if status < 500 and status not in DOCUMENTED:
        status = 400
    body = {"success": False, "status": "error", "error": failure.message, "code": failure.code}
    return json_response(body, status, failure.headers)


def pagination(total: int, page: int, limit: int, name: str) -> dict[str, Any]:
    """The pagination block; `name` is the key of the total."""
    pages = max(1, -(-total // limit))
    return {
        name: total,
        "totalPages": pages,
        "currentPage": page,
        "limit": limit,
        "hasNextPage": page < pages,
        "hasPrevPage": page > 1,
    }
