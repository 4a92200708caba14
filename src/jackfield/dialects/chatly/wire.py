"""Chatly's envelope, `{success, message, data}` with message keys in snake case, and times in the workspace's zone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from fastapi import Request, Response

from .._kit import Failure, json_response
from .._openapi import Answer, answered

RETRIEVED: Final = "data_retrieved_successfully"

_STATUS: Final = {400: 422, 409: 422, 413: 422, 502: 500}
"""Chatly documents 401, 403, 422 and 500; what else can be wrong with a request is 422."""

_ENGINES: Final = {"PROFILE_NOT_CONNECTED": "whatsapp_not_connected", "NETWORK_UNAVAILABLE": "network_unavailable"}
"""What a person must put right at the channel: Chatly's 500, "check WhatsApp connection"."""

_LIMITS: Final = frozenset({"DAILY_LIMIT_REACHED", "TOO_MANY_WEBHOOKS", "LIMIT_REACHED"})
"""The user's own limits: Chatly's 403."""


def fail(request: Request, failure: Failure) -> Response:
    """A failure. `data` maps fields to messages; `error` holds the words where no field is to blame."""
    status = _STATUS.get(failure.status, failure.status)
    message = failure.code.lower()
    if failure.code in _ENGINES:
        status, message = 500, _ENGINES[failure.code]
    elif failure.code in _LIMITS:
        status, message = 403, "user_limit_reached"
    elif status == 422:
        message = "validation_failed"
    elif failure.status == 500:
        message = "server_error"
    fields = _fields(failure.details) if status == 422 else {}
    return json_response(
        {"success": False, "message": message, "data": fields or {"error": [failure.message]}}, status, failure.headers
    )


def _fields(details: Any) -> dict[str, list[str]]:
    if not isinstance(details, dict):
        return {}
    return {
        str(key): [str(one) for one in value] for key, value in details.items() if isinstance(value, list) and value
    }


def ok(data: dict[str, Any], message: str = RETRIEVED, status: int = 200) -> Answer[Any]:
    """A success; `data` is always an object."""
    return answered(msgspec.json.encode({"success": True, "message": message, "data": data}), status)


def zone_of(name: str) -> ZoneInfo:
    """A time zone by name, UTC for one that this system does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def local(ms: int | None, zone: ZoneInfo) -> str | None:
    """Unix ms as "2026-05-14T10:00:00+05:30"; None stays None."""
    if ms is None:
        return None
    return datetime.fromtimestamp(ms // 1000, UTC).astimezone(zone).isoformat()
