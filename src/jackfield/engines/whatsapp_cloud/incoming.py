"""Webhooks in: Meta's JSON as reports. Pure functions; the signature was checked before.

One webhook may carry several entries, changes, messages and statuses. What is not understood becomes an
`UnknownReport` with the change raw, so that nothing is lost and Meta still gets its 200.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jackfield.core.port import (
    Incoming,
    IncomingCall,
    MarketingPreference,
    MessageDeleted,
    MessageEdited,
    PeerKnown,
    Report,
    Status,
    UnknownReport,
)

from . import notices
from .errors import error_object
from .messages import content_of

_NOT_DIGITS = re.compile(r"\D+")
_STATES = {"sent": "sent", "delivered": "delivered", "read": "read", "played": "read", "failed": "failed"}
"""`played` is a voice note that was listened to: read, and more."""

Value = Mapping[str, Any]


def parse(data: Any, phone_number_id: str) -> list[Report]:
    """The reports of one webhook for the number `phone_number_id`; never fails.

    An app has one callback for all its numbers unless each has its own, so messages of another number may arrive;
    they are reported as unknown rather than put into the wrong channel.
    """
    reports: list[Report] = []
    entries = data.get("entry") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        return [UnknownReport(kind="webhook", raw=data if isinstance(data, dict) else {"value": data})]
    for entry in entries:
        changes = entry.get("changes") if isinstance(entry, dict) else None
        for change in changes if isinstance(changes, list) else []:
            reports += _change(change, entry, phone_number_id)
    return reports


def _change(change: Any, entry: Mapping[str, Any], phone_number_id: str) -> list[Report]:
    if not isinstance(change, dict) or not isinstance(change.get("value"), dict):
        return [UnknownReport(kind="change", raw=change if isinstance(change, dict) else {"value": change})]
    field, value = str(change.get("field", "")), change["value"]
    metadata = value.get("metadata")
    number = str(metadata.get("phone_number_id") or "") if isinstance(metadata, dict) else ""
    if number and number != phone_number_id:
        return [UnknownReport(kind="other_number", raw=change)]
    handler = _FIELDS.get(field)
    try:
        if handler is not None:
            return handler(value)
        found = notices.notice(field, value, entry)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        found = []
    return found or [UnknownReport(kind=field or "change", raw=change)]


# -- who ---------------------------------------------------------------------------------------------


def _phone(value: Any) -> str:
    return _NOT_DIGITS.sub("", str(value)) if value else ""


def _identities(phone: Any, contact: Mapping[str, Any], source: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """All names of a person: phone, bsuid, parent_bsuid and username.

    The phone may be absent since usernames came (Meta's page on business-scoped user ids, 2026-05).
    """
    profile = contact.get("profile")
    found = {
        "phone": _phone(phone or contact.get("wa_id")),
        "bsuid": source.get(f"{prefix}user_id") or contact.get("user_id"),
        "parent_bsuid": source.get(f"{prefix}parent_user_id") or contact.get("parent_user_id"),
        "username": profile.get("username") if isinstance(profile, dict) else None,
    }
    return {kind: str(value) for kind, value in found.items() if value}


def _address(identities: Mapping[str, str]) -> str:
    """The address to answer to: the phone where it is known, else the user id."""
    return identities.get("phone") or identities.get("bsuid") or identities.get("parent_bsuid") or ""


def _contact_for(value: Value, message: Mapping[str, Any]) -> Mapping[str, Any]:
    contacts = value.get("contacts")
    rows = [row for row in contacts if isinstance(row, dict)] if isinstance(contacts, list) else []
    sender, user = message.get("from"), message.get("from_user_id") or message.get("user_id")
    for row in rows:
        if (sender and row.get("wa_id") == sender) or (user and row.get("user_id") == user):
            return row
    return rows[0] if len(rows) == 1 else {}


def _name(contact: Mapping[str, Any]) -> str | None:
    profile = contact.get("profile")
    return (profile.get("name") or profile.get("username")) if isinstance(profile, dict) else None


def _ms(timestamp: Any) -> int:
    """Unix ms of Meta's Unix seconds (text or number)."""
    return int(float(timestamp) * 1000) if timestamp else 0


def _rows(value: Value, key: str) -> Iterable[Any]:
    rows = value.get(key)
    return rows if isinstance(rows, list) else []


def _each(value: Value, key: str, convert: Callable[[Any], Iterable[Report]]) -> list[Report]:
    """The reports of each row; a row that cannot be read is kept raw and does not harm the others."""
    reports: list[Report] = []
    for row in _rows(value, key):
        try:
            reports += convert(row)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            reports.append(UnknownReport(kind=key, raw=row if isinstance(row, dict) else {"value": row}))
    return reports


# -- messages and statuses ---------------------------------------------------------------------------


def _messages(value: Value) -> list[Report]:
    reports = _each(value, "messages", lambda row: _message(row, value))
    reports += _each(value, "statuses", _status)
    if not reports and value.get("errors"):
        # An error that concerns no message of ours, such as an incoming one that Meta could not take.
        reports.append(UnknownReport(kind="errors", raw=dict(value)))
    return reports


def _message(message: Mapping[str, Any], value: Value, *, history: bool = False) -> Iterable[Report]:
    kind = message.get("type")
    contact = _contact_for(value, message)
    if kind == "edit":
        original = message["edit"]
        yield MessageEdited(
            provider_id=str(original["original_message_id"]),
            content=content_of(original["message"]),
            timestamp=_ms(message.get("timestamp")),
        )
        return
    if kind == "revoke":
        yield MessageDeleted(
            provider_id=str(message["revoke"]["original_message_id"]), timestamp=_ms(message.get("timestamp"))
        )
        return
    identities = _identities(message.get("from"), contact, message, "from_")
    sender = _address(identities)
    if not sender:
        raise ValueError("nobody sent this message")
    if kind == "system":
        yield from _moved(message)
    group = message.get("group_id")
    context = message.get("context") or {}
    yield Incoming(
        provider_id=str(message["id"]),
        chat=str(group or sender),
        sender=sender,
        content=content_of(message),
        timestamp=_ms(message.get("timestamp")),
        sender_name=_name(contact),
        identities=identities,
        chat_kind="group" if group else "private",
        reply_to=context.get("id") if kind != "system" else None,
        raw=dict(message),
        history=history,
    )


def _moved(message: Mapping[str, Any]) -> Iterable[Report]:
    """A person changed number or user id: who they are now."""
    system = message.get("system") or {}
    now = {
        "phone": _phone(system.get("wa_id") or system.get("new_wa_id")),
        "bsuid": system.get("user_id"),
        "parent_bsuid": system.get("parent_user_id"),
    }
    identities = {kind: str(value) for kind, value in now.items() if value}
    if identities:
        yield PeerKnown(identities=identities)


def _status(status: Mapping[str, Any]) -> Iterable[Report]:
    state = _STATES.get(str(status.get("status")))
    if state is None:
        yield UnknownReport(kind=f"status:{status.get('status')}", raw=dict(status))
        return
    code = message = None
    if state == "failed":
        errors = status.get("errors")
        first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
        error = error_object(first)
        code = error.code if error else "unknown"
        message = error.words if error else "Meta gave no reason"
    yield Status(
        provider_id=str(status["id"]),
        state=state,
        timestamp=_ms(status.get("timestamp")),
        ref=status.get("biz_opaque_callback_data"),
        code=code,
        message=message,
        recipient=_phone(status.get("recipient_id")) or status.get("recipient_user_id"),
        raw=dict(status),
    )


# -- coexistence: what the phone app does -------------------------------------------------------------


def _echoes(value: Value) -> list[Report]:
    """`smb_message_echoes`: what staff wrote in the WhatsApp Business app."""
    own = _own(value)

    def convert(row: Mapping[str, Any]) -> Iterable[Report]:
        if row.get("type") in ("edit", "revoke"):
            return _message({**row, "from": row.get("from") or own}, {})
        return [_own_message(row, own, history=False)]

    return _each(value, "message_echoes", convert)


def _own(value: Value) -> str:
    metadata = value.get("metadata")
    return _phone(metadata.get("display_phone_number")) if isinstance(metadata, dict) else ""


def _own_message(row: Mapping[str, Any], own: str, *, history: bool, peer: str = "") -> Incoming:
    identities = {"phone": _phone(row.get("to")), "bsuid": str(row.get("to_user_id") or "")}
    chat = peer or _address({kind: value for kind, value in identities.items() if value})
    if not chat:
        raise ValueError("the echo names no recipient")
    return Incoming(
        provider_id=str(row["id"]),
        chat=chat,
        sender=_phone(row.get("from")) or own,
        content=content_of(row),
        timestamp=_ms(row.get("timestamp")),
        from_me=True,
        reply_to=(row.get("context") or {}).get("id"),
        raw=dict(row),
        history=history,
    )


def _history(value: Value) -> list[Report]:
    """`history`: up to six months of chats, in chunks, after a number in the app was connected."""
    own = _own(value)
    reports: list[Report] = []
    for chunk in _rows(value, "history"):
        if not isinstance(chunk, dict):
            continue
        if chunk.get("errors"):
            reports.append(UnknownReport(kind="history:declined", raw=dict(chunk)))
        for thread in _rows(chunk, "threads"):
            peer = _phone(thread.get("id")) or str((thread.get("context") or {}).get("user_id") or "")

            def convert(row: Mapping[str, Any], peer: str = peer) -> Iterable[Report]:
                if own and _phone(row.get("from")) == own:
                    return [_own_message(row, own, history=True, peer=peer), *_past_status(row)]
                return _message({**row, "from": row.get("from") or peer}, value, history=True)

            reports += _each(thread, "messages", convert)
    # Media of past messages follow as messages of their own.
    reports += _each(value, "messages", lambda row: _message(row, value, history=True))
    return reports


def _past_status(row: Mapping[str, Any]) -> Iterable[Report]:
    """What became of a message of ours that the history tells of, where it says more than that it was sent."""
    context = row.get("history_context") or {}
    state = {"DELIVERED": "delivered", "READ": "read", "PLAYED": "read"}.get(str(context.get("status") or "").upper())
    if state is not None:
        yield Status(provider_id=str(row["id"]), state=state, timestamp=_ms(row.get("timestamp")))


def _app_state(value: Value) -> list[Report]:
    """`smb_app_state_sync`: the address book of the phone app."""

    def convert(row: Mapping[str, Any]) -> Iterable[Report]:
        contact = row.get("contact") or {}
        identities = _identities(contact.get("phone_number"), {}, contact)
        if row.get("type") != "contact" or row.get("action") == "remove" or not identities:
            return [UnknownReport(kind="smb_app_state_sync", raw=dict(row))]
        return [PeerKnown(identities=identities, name=contact.get("full_name") or contact.get("first_name"))]

    return _each(value, "state_sync", convert)


# -- preferences, calls, user ids ---------------------------------------------------------------------


def _preferences(value: Value) -> list[Report]:
    def convert(row: Mapping[str, Any]) -> Iterable[Report]:
        contact = _contact_for(value, {"from": row.get("wa_id"), "user_id": row.get("user_id")})
        identities = _identities(row.get("wa_id"), contact, row)
        choice = str(row["value"]).lower()
        if row.get("category") != "marketing_messages" or choice not in ("stop", "resume", "signup") or not identities:
            return [UnknownReport(kind="user_preferences", raw=dict(row))]
        return [
            MarketingPreference(identities=identities, opted_in=choice != "stop", timestamp=_ms(row.get("timestamp")))
        ]

    return _each(value, "user_preferences", convert)


def _calls(value: Value) -> list[Report]:
    def convert(row: Mapping[str, Any]) -> Iterable[Report]:
        contact = _contact_for(value, row)
        identities = _identities(row.get("from"), contact, row, "from_")
        if str(row.get("direction", "USER_INITIATED")) != "USER_INITIATED" or not _address(identities):
            return [UnknownReport(kind="calls", raw=dict(row))]
        at = _ms(row.get("timestamp"))
        over = row.get("event") == "terminate"
        status = "ringing"
        if over:
            # COMPLETED comes with a duration only when somebody answered.
            status = "ended" if row.get("duration") or row.get("start_time") else "missed"
        return [
            IncomingCall(
                call_id=str(row["id"]),
                caller=_address(identities),
                started_at=_ms(row.get("start_time")) or at,
                ended_at=(_ms(row.get("end_time")) or at) if over else None,
                status=status,
                identities=identities,
            )
        ]

    reports = _each(value, "calls", convert)
    reports += [UnknownReport(kind="calls", raw=dict(row)) for row in _rows(value, "statuses")]
    return reports


def _user_ids(value: Value) -> list[Report]:
    """`user_id_update`: a person has a new business-scoped user id."""

    def convert(row: Mapping[str, Any]) -> Iterable[Report]:
        fresh = row.get("user_id")
        ids = {"phone": _phone(row.get("wa_id"))}
        ids["bsuid"] = str(fresh.get("current") or "") if isinstance(fresh, dict) else str(fresh or "")
        identities = {kind: value for kind, value in ids.items() if value}
        if not identities:
            return [UnknownReport(kind="user_id_update", raw=dict(row))]
        return [PeerKnown(identities=identities)]

    return _each(value, "user_id_update", convert)


_FIELDS: dict[str, Callable[[Value], list[Report]]] = {
    "messages": _messages,
    "smb_message_echoes": _echoes,
    "history": _history,
    "smb_app_state_sync": _app_state,
    "user_preferences": _preferences,
    "calls": _calls,
    "user_id_update": _user_ids,
}
