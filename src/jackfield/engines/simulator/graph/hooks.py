"""What the network reports, in Meta's webhook JSON.

Shapes follow Meta's webhook references (developers.facebook.com, WhatsApp Business Platform, 2026-05-21): every
value carries `metadata`; people are named in `contacts` with `wa_id` and `user_id`, in status webhooks too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from jackfield.core.port import (
    AccountNotice,
    Incoming,
    IncomingCall,
    MarketingPreference,
    MessageDeleted,
    MessageEdited,
    PeerKnown,
    Report,
    Status,
    TemplateChanged,
    UnknownReport,
)
from jackfield.core.port import content as c

from .contents import content_json
from .errors import webhook_error
from .identities import user_id
from .numbers import Number

Change = dict[str, Any]
"""One `{"field": ..., "value": ...}` of a webhook."""

_PRICES = {"service": "service", "marketing": "marketing", "utility": "utility", "authentication": "authentication"}
_SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"


def envelope(number: Number, change: Change) -> dict[str, Any]:
    """A whole webhook with one change."""
    entry = {"id": number.waba_id, "time": number.account.world.clock.now_ms() // 1000, "changes": [change]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def changes(number: Number, reports: Iterable[Report], maximum: int = 1) -> list[Change]:
    """The changes that tell these reports, in order; up to `most` statuses in a row share one."""
    told: list[Change] = []
    statuses: list[Status] = []

    def flush() -> None:
        if statuses:
            told.append({"field": "messages", "value": _statuses(number, statuses)})
            statuses.clear()

    for report in reports:
        if type(report) is Status:
            statuses.append(report)
            if len(statuses) >= maximum:
                flush()
            continue
        flush()
        tell = _TELL.get(type(report))
        change = tell(number, report) if tell is not None else None
        if change is not None:
            told.append(change)
    flush()
    return told


def _value(number: Number, **fields: Any) -> dict[str, Any]:
    return {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": number.account.phone, "phone_number_id": number.id},
        **fields,
    }


def _seconds(ms: int) -> str:
    return str(ms // 1000)


def _contact(number: Number, address: str, name: str | None = None) -> dict[str, Any]:
    """A row of `contacts`. A person known by user id alone has no `wa_id`."""
    profile = {"name": name or number.account.name_of(address)}
    if address.isdigit():
        return {"profile": profile, "wa_id": address, "user_id": user_id(address)}
    return {"profile": {**profile, "username": f"user.{address[-6:].lower()}"}, "user_id": address}


def _from(address: str) -> dict[str, str]:
    if address.isdigit():
        return {"from": address, "from_user_id": user_id(address)}
    return {"from_user_id": address}


# -- statuses ----------------------------------------------------------------------------------------


def _statuses(number: Number, statuses: list[Status]) -> dict[str, Any]:
    people = {status.recipient or "": None for status in statuses}
    return _value(
        number,
        contacts=[_contact(number, address) for address in people],
        statuses=[_status(number, status) for status in statuses],
    )


def _status(number: Number, status: Status) -> dict[str, Any]:
    to = status.recipient or ""
    row: dict[str, Any] = {
        "id": status.provider_id,
        "status": status.state,
        "timestamp": _seconds(status.timestamp),
        "recipient_id": to,
        "recipient_user_id": user_id(to),
    }
    if not to.isdigit():
        del row["recipient_id"]
    if status.ref:
        row["biz_opaque_callback_data"] = status.ref
    if status.state == "failed":
        row["errors"] = [webhook_error(status.code or "131000", status.message)]
        return row
    entry = number.account.outbox.get(status.provider_id)
    category = _PRICES.get(entry.category, "utility") if entry is not None else "service"
    kind = "free_customer_service" if category == "service" else "regular"
    row["pricing"] = {
        "billable": category != "service",
        "pricing_model": "PMP",
        "category": category,
        "type": kind,
    }
    return row


# -- messages ----------------------------------------------------------------------------------------


def _incoming(number: Number, report: Incoming) -> Change | None:
    message = {
        "id": report.provider_id,
        "timestamp": _seconds(report.timestamp),
        **content_json(number, report.content),
    }
    if report.from_me:
        echo = {"from": number.account.phone, "to": report.chat, **message}
        if not report.chat.isdigit():
            echo.pop("to")
            echo["to_user_id"] = report.chat
        value = _value(number, contacts=[_contact(number, report.chat)], message_echoes=[echo])
        return {"field": "smb_message_echoes", "value": value}
    number.heard()
    row = {**_from(report.sender), **message}
    if report.chat_kind == "group":
        row["group_id"] = report.chat
    reply_to = report.reply_to
    if reply_to is None and isinstance(report.content, _ANSWERS):
        reply_to = _asked(number, report.sender)
    if reply_to:
        row["context"] = {"from": number.account.phone, "id": reply_to}
    if isinstance(report.content, c.System):
        # System webhooks have no contacts array (Meta's reference).
        return {"field": "messages", "value": _value(number, messages=[row])}
    contact = _contact(number, report.sender, report.sender_name)
    value = _value(number, contacts=[contact], messages=[row])
    if report.history:
        return {"field": "history", "value": value}
    return {"field": "messages", "value": value}


# -- all else ----------------------------------------------------------------------------------------


def _writer(number: Number, provider_id: str) -> str:
    """Who wrote this message: edits and deletions name the person, the network's report does not."""
    return next((m.sender for m in reversed(number.account.inbox) if m.provider_id == provider_id), "")


_ANSWERS = (c.ButtonReply, c.ListReply, c.FlowReply)
"""Answers by tapping, which at Meta always name the message that asked."""


def _asked(number: Number, sender: str) -> str:
    """The message that a tapped answer answers: the last one to this person, if it was among the last thousand."""
    entries = number.account.outbox.entries
    return next((entry.id for entry in reversed(entries[-1000:]) if entry.to == sender), number.account.make_id())


def _edited(number: Number, report: MessageEdited) -> Change | None:
    inner = {"id": report.provider_id, **content_json(number, report.content)}
    part = {"original_message_id": report.provider_id, "message": inner}
    return _changed(number, report.provider_id, report.timestamp, "edit", part)


def _deleted(number: Number, report: MessageDeleted) -> Change | None:
    part = {"original_message_id": report.provider_id}
    return _changed(number, report.provider_id, report.timestamp, "revoke", part)


def _changed(number: Number, provider_id: str, timestamp: int, kind: str, part: dict[str, Any]) -> Change | None:
    sender = _writer(number, provider_id)
    if not sender:
        return None
    row = {
        **_from(sender),
        "id": number.account.make_id(),
        "timestamp": _seconds(timestamp),
        "type": kind,
        kind: part,
    }
    return {"field": "messages", "value": _value(number, contacts=[_contact(number, sender)], messages=[row])}


def _call(number: Number, report: IncomingCall) -> Change:
    row: dict[str, Any] = {
        "id": f"wacid.{report.call_id}",
        "to": number.account.phone,
        **_from(report.caller),
        "event": "connect",
        "timestamp": _seconds(report.started_at),
        "direction": "USER_INITIATED",
    }
    if report.ended_at is None:
        row["session"] = {"sdp_type": "offer", "sdp": _SDP}
    else:
        row |= {"event": "terminate", "timestamp": _seconds(report.ended_at), "status": "FAILED"}
        if report.status == "ended":
            seconds = (report.ended_at - report.started_at) // 1000
            row |= {
                "status": "COMPLETED",
                "start_time": _seconds(report.started_at),
                "end_time": _seconds(report.ended_at),
                "duration": seconds,
            }
    return {"field": "calls", "value": _value(number, contacts=[_contact(number, report.caller)], calls=[row])}


def _preference(number: Number, report: MarketingPreference) -> Change:
    address = report.identities.get("phone") or report.identities.get("bsuid") or ""
    (number.opted_out.discard if report.opted_in else number.opted_out.add)(address)
    verb = "resume" if report.opted_in else "stop"
    row: dict[str, Any] = {
        "user_id": user_id(address),
        "detail": f"User requested to {verb} marketing messages",
        "category": "marketing_messages",
        "value": verb,
        "timestamp": report.timestamp // 1000,
    }
    if address.isdigit():
        row["wa_id"] = address
    value = _value(number, contacts=[_contact(number, address)], user_preferences=[row])
    return {"field": "user_preferences", "value": value}


def _template(number: Number, report: TemplateChanged) -> Change | None:
    known = number.account.templates.get(report.name, report.language)
    provider_id = report.provider_id or (known.provider_id if known else "0")
    value: dict[str, Any] = {
        "message_template_id": int(provider_id) if provider_id.isdigit() else provider_id,
        "message_template_name": report.name,
        "message_template_language": report.language,
    }
    if report.status is not None:
        value |= {"event": report.status, "reason": report.reason or "NONE"}
        if known is not None:
            value["message_template_category"] = known.category
        return {"field": "message_template_status_update", "value": value}
    if report.quality is not None:
        previous = report.reason or "UNKNOWN"
        value |= {"previous_quality_score": previous, "new_quality_score": report.quality}
        return {"field": "message_template_quality_update", "value": value}
    if report.category is not None:
        value |= {"previous_category": report.reason or "UTILITY", "new_category": report.category}
        return {"field": "template_category_update", "value": value}
    return None


def _peer(number: Number, report: PeerKnown) -> Change | None:
    """The address book of the phone app; told to numbers in coexistence only."""
    phone = report.identities.get("phone")
    if not number.coexistence or not phone:
        return None
    contact = {"full_name": report.name or phone, "first_name": (report.name or phone).split()[0]}
    row = {
        "type": "contact",
        "contact": {**contact, "phone_number": phone, "user_id": user_id(phone)},
        "action": "add",
        "metadata": {"timestamp": _seconds(number.account.world.clock.now_ms())},
    }
    return {"field": "smb_app_state_sync", "value": _value(number, state_sync=[row])}


def _raw(_: Number, report: AccountNotice | UnknownReport) -> Change:
    return {"field": report.kind, "value": report.raw or {}}


_TELL: dict[type, Callable[[Number, Any], Change | None]] = {
    Incoming: _incoming,
    MessageEdited: _edited,
    MessageDeleted: _deleted,
    IncomingCall: _call,
    MarketingPreference: _preference,
    TemplateChanged: _template,
    PeerKnown: _peer,
    AccountNotice: _raw,
    UnknownReport: _raw,
}
