"""The core's objects as the native API shows them: pure functions, ids as strings, times as ISO 8601."""

from __future__ import annotations

from typing import Any

import msgspec

from jackfield.core import CampaignView, ChannelView, Counts, MessageView, Standing, explain, states
from jackfield.core import content as contents

from .._jids import to_jid
from . import answers
from .envelope import iso
from .webhook import message_facts


def message(row: MessageView) -> answers.Message:
    """A message of the ledger."""
    content = contents.decode(row.content) if row.content else None
    extra: dict[str, Any] = row.extra or {}
    facts = message_facts(extra)
    shown: answers.Message = {
        "id": str(row.id),
        "messageId": str(row.id),
        "profileId": str(row.channel_id),
        "direction": row.direction,
        "chatId": to_jid(row.peer),
        "to": row.peer if row.direction == "out" else None,
        "from": (row.sender or row.peer) if row.direction == "in" else None,
        "type": row.kind,
        "text": contents.summary(content) if content is not None else None,
        "content": msgspec.to_builtins(content) if content is not None else None,
        "variables": row.variables,
        "status": row.state,
        "category": row.category,
        "campaignId": str(row.campaign_id) if row.campaign_id else None,
        "contactId": str(row.contact_id) if row.contact_id else None,
        "tag": row.tag,
        "template": row.template,
        "source": row.source,
        "replyTo": row.reply_to,
        "referral": facts.get("referral"),
        "referredProduct": facts.get("referredProduct"),
        "forwarded": facts.get("forwarded"),
        "providerId": row.provider_id,
        "attempts": row.attempts,
        "wasUncertain": row.uncertain_at is not None,
        "held": row.held,
        "createdAt": iso(row.created_at),
        "scheduledAt": iso(row.due_at) if row.state == states.SCHEDULED else None,
        "sentAt": iso(row.sent_at),
        "deliveredAt": iso(row.delivered_at),
        "readAt": iso(row.read_at),
        "failedAt": iso(row.failed_at),
        "editedAt": iso(extra.get("edited_at")),
        "deletedAt": iso(extra.get("deleted_at")),
        "timestamp": iso(row.created_at if row.direction == "out" else row.sent_at),
        "error": None,
    }
    if (origin := extra.get("automation")) is not None:
        shown["automationId"], shown["automationStep"] = str(origin["id"]), origin["step"]
        if origin.get("sources"):
            shown["automationSources"] = [{"id": one["id"], "title": one["title"]} for one in origin["sources"]]
    if row.error_code:
        shown["error"] = explanation(row.error_code, row.error)
    return shown


def explanation(code: str, text: str | None) -> answers.Explanation:
    """Why something failed: the error book's words, and the network's own text where it gave one."""
    why: Any = explain(code) or {}
    shown: answers.Explanation = {**why, "message": text or why.get("title")}  # type: ignore[typeddict-item]
    return shown


def login(row: ChannelView) -> answers.LoginStep | None:
    """What a person must do now to log a channel in: scan a QR, type a code, give fields. None when nothing."""
    step: dict[str, Any] | None = row.login
    if not step or (row.status != "pairing" and step.get("type") != "fields"):
        return None
    expires = step.get("expires_at")
    kind = step.get("type")
    if kind == "fields":
        return {"type": kind, "schema": step.get("json_schema"), "why": step.get("why")}
    return {"type": kind, "code": step.get("code"), "expiresAt": iso(int(str(expires))) if expires else None}


def profile(row: ChannelView, *, default_id: int | None = None) -> answers.Profile:
    """A channel as the native API's profile. Its configuration is not shown: it holds secrets."""
    return {
        "id": str(row.id),
        "name": row.name,
        "engine": row.engine,
        "simulated": row.simulated,
        "status": row.status,
        "statusReason": row.status_reason,
        "phone": row.address,
        "phoneNumber": row.address,
        "displayName": row.display_name,
        "key": row.key,
        "isDefault": row.id == default_id,
        "pacing": row.pacing,
        "settings": row.settings,
        "account": account(row.account),
        "createdAt": iso(row.created_at),
        "connectedAt": iso(row.connected_at),
    }


def account(known: dict[str, Any] | None) -> answers.Account | None:
    """What the provider has said of the number: messages per second, people per 24 hours, quality, its last notice."""
    if known is None:
        return None
    notice = known.get("notice")
    return {
        "throughput": known.get("throughput"),
        "messagingLimit": known.get("messaging_limit"),
        "quality": known.get("quality"),
        "notice": notice and {**notice, "at": iso(notice.get("at"))},
    }


def budget(standing: Standing | None) -> answers.Budget | None:
    """How far a budget of new people is used."""
    if standing is None:
        return None
    return {"limit": standing.limit, "used": standing.used, "freeAt": iso(standing.free_at)}


def counted(counts: Counts | None) -> answers.Counted:
    """Counts by state, and the totals that a funnel shows: each stage contains the later ones."""
    if counts is None:
        return {}
    by = counts.by_state
    reached_read = by["read"]
    reached_delivered = by["delivered"] + reached_read
    reached_sent = by["sent"] + reached_delivered
    return {
        "total": counts.total,
        "counts": by,
        "pending": by["queued"] + by["scheduled"] + by["sending"],
        "sent": reached_sent,
        "delivered": reached_delivered,
        "read": reached_read,
        "failed": by["failed"],
        "cancelled": by["cancelled"],
        "skipped": by["skipped"],
        "uncertain": by["uncertain"],
        "wasUncertain": counts.was_uncertain,
    }


def campaign(row: CampaignView, counts: Counts | None = None) -> answers.Campaign:
    """A campaign with its counts."""
    content = contents.decode(row.content) if row.content else None
    return {
        "id": str(row.id),
        "name": row.name,
        "kind": row.kind,
        "profileId": str(row.channel_id),
        "status": row.state,
        "category": row.category,
        "content": msgspec.to_builtins(content) if content is not None else None,
        "audience": row.audience,
        "tag": row.tag,
        "template": row.template,
        "trackLinks": bool(row.options.get("track_links")),
        "preparing": row.expanding,
        "pauseReason": row.pause_reason,
        "scheduledAt": iso(row.scheduled_at),
        "startedAt": iso(row.started_at),
        "finishedAt": iso(row.finished_at),
        "createdAt": iso(row.created_at),
        **counted(counts),
    }


def reason(state: str, code: str | None, count: int) -> answers.Reason:
    """Why so many recipients of a campaign did not get it."""
    why: Any = explain(code) or {}
    shown: answers.Reason = {**why, "status": state, "code": code, "count": count}  # type: ignore[typeddict-item]
    return shown


def batch(row: CampaignView, counts: Counts) -> answers.Batch:
    """A bulk campaign as MultiWA's batch. Its status words: pending, processing, completed, cancelled, paused."""
    words = {"running": "processing", "finished": "completed", "scheduled": "pending", "draft": "pending"}
    settled = counts.total - sum(counts.by_state[state] for state in states.OPEN)
    return {
        "batchId": str(row.id),
        "id": str(row.id),
        "name": row.name,
        "profileId": str(row.channel_id),
        "status": words.get(row.state, row.state),
        "pauseReason": row.pause_reason,
        "progress": round(100 * settled / counts.total) if counts.total else 100,
        "totalMessages": counts.total,
        "options": {
            "delayBetweenMessages": row.options.get("delay_ms", 0),
            "randomizeDelay": row.options.get("randomize", False),
        },
        "createdAt": iso(row.created_at),
        "startedAt": iso(row.started_at),
        "completedAt": iso(row.finished_at),
        **counted(counts),
    }
