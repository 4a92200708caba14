"""What is answered. The vendor documents no answers: these are ours (docs/dialects/chitchatlabs.md)."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import Request, Response

from jackfield.core import CampaignView, Counts, MessageView, lookup

from .._kit import Failure, json_response
from .._kit import iso as iso
from .._openapi import Answer, answered

SKIPPED = {
    "no_address": "The contact has no number.",
    "blocked": "The contact is blocked.",
    "opted_out": "The contact has opted out of marketing.",
    "suppressed": "The number is on the suppression list.",
    "heard_enough": "The contact has had as much marketing as the workspace allows.",
}


def ok(data: Any, **more: Any) -> Answer[Any]:
    """A success."""
    return answered(msgspec.json.encode({"success": True, "data": data, **more}))


def fail(request: Request, failure: Failure) -> Response:
    """A failure."""
    error: dict[str, Any] = {"code": failure.code, "message": failure.message}
    if failure.details is not None:
        error["details"] = failure.details
    return json_response({"success": False, "error": error}, failure.status, failure.headers)


def explained(code: str | None, words: str | None) -> dict[str, Any] | None:
    """A failure with its type, its remedy and the provider's page."""
    if code is None:
        return None
    if code in SKIPPED:
        return {"code": code, "type": "skipped", "message": SKIPPED[code]}
    entry = lookup(code)
    return {
        "code": code,
        "type": entry.title,
        "message": words or entry.cause,
        "remedy": entry.remedy,
        "link": entry.link,
    }


def message(row: MessageView) -> dict[str, Any]:
    """A message, as the vendor's Messages tab shows it."""
    return {
        "id": str(row.id),
        "to": row.peer,
        "status": row.state,
        "fb_template": row.template,
        "tag": row.tag,
        "campaignId": str(row.campaign_id) if row.campaign_id else None,
        "providerMessageId": row.provider_id,
        "error": explained(row.error_code, row.error),
        "createdAt": iso(row.created_at),
        "sentAt": iso(row.sent_at),
        "deliveredAt": iso(row.delivered_at),
        "readAt": iso(row.read_at),
        "failedAt": iso(row.failed_at),
    }


def skip(row: MessageView) -> dict[str, Any]:
    """A contact that a blast left out."""
    code = row.error_code or "skipped"
    return {"mobile": row.peer or None, "contactId": row.contact_id, "code": code, "reason": SKIPPED.get(code, code)}


def blast(row: CampaignView, audience: int | None, counts: Counts, skipped: list[MessageView]) -> dict[str, Any]:
    """A blast. `audience` is how many contacts matched when it was asked for; `counts` grow while it is `expanding`."""
    states = counts.by_state
    return {
        "id": str(row.id),
        "status": row.state,
        "expanding": row.expanding,
        "fb_template": row.template,
        "tag": row.tag,
        "audience": audience if audience is not None else int(row.options.get("audience") or counts.total),
        "counts": {
            "total": counts.total,
            "queued": states["queued"] + states["scheduled"] + states["sending"],
            "sent": states["sent"] + states["delivered"] + states["read"],
            "delivered": states["delivered"] + states["read"],
            "read": states["read"],
            "failed": states["failed"],
            "skipped": states["skipped"],
            "uncertain": states["uncertain"],
        },
        "skipped": [skip(one) for one in skipped],
        "createdAt": iso(row.created_at),
    }
