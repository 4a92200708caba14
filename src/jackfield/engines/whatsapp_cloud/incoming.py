"""Webhooks in: Meta's JSON as reports. Pure functions; the signature was checked before.

One webhook may carry several entries, changes, messages and statuses. What is not understood becomes an
`UnknownReport` with the change raw, so that nothing is lost and Meta still gets its 200.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

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
from .messages import content_of, edited_content_of, forwarded_of, referral_of, referred_product_of
from .people import address_of as _address
from .people import cards_of
from .people import identities_of as _identities
from .people import phone_of as _phone

_STATES = {"sent": "sent", "delivered": "delivered", "read": "read", "played": "read", "failed": "failed"}
"""`played` is a voice note that was listened to: read, and more."""

Value = Mapping[str, Any]

_STRANGE = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError)
"""What reading JSON of another shape than documented raises."""

_LATEST_MS = 253_402_300_800_000
"""The year 10000: no time of a message."""


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
        if not isinstance(changes, list) or not changes:
            alone = msgspec.json.encode({"entry": [entry]})
            raw = entry if isinstance(entry, dict) else {"value": entry}
            reports.append(UnknownReport(kind="entry", raw=raw, callback=alone))
            continue
        for change in changes:
            reports += [_with_frame(one, change, entry) for one in _change(change, entry, phone_number_id)]
    return reports or [UnknownReport(kind="webhook", raw=data)]


def _with_frame(report: Report, change: Any, entry: Mapping[str, Any]) -> Report:
    """A report that could not be read, with the webhook in which the same would come alone."""
    if not isinstance(report, UnknownReport) or not isinstance(change, dict) or report.kind == "other_number":
        return report
    value = change.get("value")
    if isinstance(value, dict):
        held = [key for key, rows in value.items() if isinstance(rows, list) and report.raw in rows]
        if held:
            others = {"messages", "statuses", "message_echoes", "history", "calls"} - {held[0]}
            alone = {key: one for key, one in value.items() if key not in others}
            change = {**change, "value": {**alone, held[0]: [report.raw]}}
        elif report.raw and all(key in value and value[key] is one for key, one in report.raw.items()):
            change = {**change, "value": report.raw}
    callback = msgspec.json.encode({"entry": [{"id": entry.get("id"), "changes": [change]}]})
    return msgspec.structs.replace(report, callback=callback)


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
        found = notices.notice(field, value, entry) if handler is None else [*handler(value), *_beside(field, value)]
    except _STRANGE:
        found = []
    return found or [UnknownReport(kind=field or "change", raw=change)]


# -- who ---------------------------------------------------------------------------------------------


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
    """Unix ms of Meta's Unix seconds (text or number). Raises ValueError for what is no time."""
    ms = int(float(timestamp) * 1000) if timestamp else 0
    if not 0 <= ms < _LATEST_MS:
        raise ValueError("not a time")
    return ms


def _rows(value: Value, key: str) -> Iterable[Any]:
    """The rows of a list; what stands in its place is the only one, so that it is kept raw."""
    rows = value.get(key)
    return rows if isinstance(rows, list) else [] if rows is None else [rows]


def _each(value: Value, key: str, convert: Callable[[Any], Iterable[Report]]) -> list[Report]:
    """The reports of each row; a row that cannot be read is kept raw and does not harm the others."""
    reports: list[Report] = []
    for row in _rows(value, key):
        try:
            reports += convert(row)
        except _STRANGE:
            reports.append(UnknownReport(kind=key, raw=row if isinstance(row, dict) else {"value": row}))
    return reports


# -- messages and statuses ---------------------------------------------------------------------------


def _messages(value: Value) -> list[Report]:
    reports = _each(value, "messages", lambda row: _message(row, value))
    reports += _each(value, "statuses", _status)
    if value.get("errors"):
        # An error that concerns no message of ours, such as an incoming one that Meta could not take.
        reports.append(UnknownReport(kind="errors", raw=_alone(value, "errors")))
    return reports


def _alone(value: Value, name: str) -> dict[str, Any]:
    """A list of a value, with what says of whom it is."""
    return {key: one for key, one in value.items() if key in _FRAME or key == name}


def _beside(field: str, value: Value) -> list[Report]:
    """Lists that stand beside those that the field is known to have, each kept raw by itself."""
    others = [key for key, rows in value.items() if key not in _KNOWN[field] and isinstance(rows, list) and rows]
    return [UnknownReport(kind=f"{field}:{key}", raw=_alone(value, key)) for key in others]


def _message(message: Mapping[str, Any], value: Value, *, history: bool = False) -> Iterable[Report]:
    kind = message.get("type")
    contact = _contact_for(value, message)
    identities = _identities(message.get("from"), contact, message, "from_")
    sender = _address(identities)
    group = message.get("group_id")
    if kind == "edit":
        original = message["edit"]
        yield MessageEdited(
            provider_id=str(original["original_message_id"]),
            content=edited_content_of(original["message"]),
            timestamp=_ms(message.get("timestamp")),
            chat=str(group or sender or "") or None,
            raw=dict(message),
        )
        return
    if kind == "revoke":
        yield MessageDeleted(
            provider_id=str(message["revoke"]["original_message_id"]),
            timestamp=_ms(message.get("timestamp")),
            chat=str(group or sender or "") or None,
            raw=dict(message),
        )
        return
    if kind == "system":
        now, moved = _moved(message, identities)
        yield from moved
        # The notice stands where the chat has gone along to, and names nobody else any more.
        identities, sender = (now, _address(now)) if moved else (identities, sender)
    if kind == "contacts":
        for phone in cards_of(message, identities.get("bsuid", "")):
            if identities.setdefault("phone", phone) == phone and sender != phone:
                yield PeerKnown(identities={**identities, "phone": phone})
    if not sender:
        raise ValueError("nobody sent this message")
    context = message.get("context") or {}
    yield Incoming(
        provider_id=_id(message),
        chat=str(group or sender),
        sender=sender,
        content=content_of(message),
        timestamp=_ms(message.get("timestamp")),
        sender_name=_name(contact),
        identities=identities,
        chat_kind="group" if group else "private",
        reply_to=context.get("id") if kind != "system" else None,
        referral=referral_of(message),
        referred_product=referred_product_of(context),
        forwarded=forwarded_of(context),
        raw=dict(message),
        history=history,
    )


def _id(row: Mapping[str, Any]) -> str:
    """A message's id. Raises ValueError: two messages without one would be taken for the same."""
    id_ = row["id"]
    if not isinstance(id_, str | int) or isinstance(id_, bool) or not str(id_).strip():
        raise ValueError("the message has no id")
    return str(id_)


def _moved(message: Mapping[str, Any], sender: Mapping[str, str]) -> tuple[dict[str, str], list[Report]]:
    """A person changed number or user id: who they are now, and the report of it; nothing for other notices."""
    system = message.get("system") or {}
    now = {
        "phone": _phone(system.get("new_wa_id") or system.get("wa_id")),
        "bsuid": system.get("user_id"),
        "parent_bsuid": system.get("parent_user_id"),
    }
    identities = {kind: str(value) for kind, value in now.items() if value}
    before = {
        "phone": sender.get("phone") if identities.get("phone") else None,
        "bsuid": system.get("previous_user_id") or sender.get("bsuid"),
        "parent_bsuid": system.get("previous_parent_user_id") or sender.get("parent_bsuid"),
    }
    previous = {
        kind: str(value) for kind, value in before.items() if value and str(value) != identities.get(kind, str(value))
    }
    if not identities or not previous:
        # A number that changed without a word on who had it before, or a notice of another kind.
        return dict(sender), [PeerKnown(identities={**sender, **identities})] if identities else []
    return identities, [PeerKnown(identities=identities, previous=previous)]


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
    group = status.get("recipient_type") == "group" or str(status.get("recipient_id") or "").endswith("@g.us")
    identities = _identities(None if group else status.get("recipient_id"), {}, status, "recipient_")
    yield Status(
        provider_id=str(status["id"]),
        state=state,
        timestamp=_ms(status.get("timestamp")),
        ref=status.get("biz_opaque_callback_data"),
        code=code,
        message=message,
        recipient=_address(identities) or None,
        identities={} if group else identities,
        participant=_participant(status, identities) if group else None,
        raw=dict(status),
    )


def _participant(status: Mapping[str, Any], identities: Mapping[str, str]) -> str | None:
    """Whom of a group a status is about; the group itself is nobody."""
    named = status.get("recipient_participant_id") or status.get("participant_recipient_id")
    named = named or status.get("recipient_participant_user_id")
    address = _phone(named) or (str(named) if named else "") or _address(identities)
    return address if address and address != str(status.get("recipient_id")) else None


# -- coexistence: what the phone app does -------------------------------------------------------------


def _echoes(value: Value) -> list[Report]:
    """`smb_message_echoes`: what staff wrote in the WhatsApp Business app."""
    own = _own(value)

    def convert(row: Mapping[str, Any]) -> Iterable[Report]:
        if row.get("type") in ("edit", "revoke"):
            return _message({**row, "from": row.get("from") or own}, {})
        contact = _contact_for(value, {"from": row.get("to"), "user_id": row.get("to_user_id")})
        identities = _identities(row.get("to"), contact, row, "to_")
        named = [PeerKnown(identities=identities, name=_name(contact))] if len(identities) > 1 or contact else []
        return [*named, _own_message(row, own, history=False, peer=_address(identities))]

    return _each(value, "message_echoes", convert)


def _own(value: Value) -> str:
    metadata = value.get("metadata")
    return _phone(metadata.get("display_phone_number")) if isinstance(metadata, dict) else ""


def _own_message(row: Mapping[str, Any], own: str, *, history: bool, peer: str = "") -> Incoming:
    chat = peer or _address(_identities(row.get("to"), {}, row, "to_"))
    if not chat:
        raise ValueError("the echo names no recipient")
    context = row.get("context") or {}
    return Incoming(
        provider_id=_id(row),
        chat=chat,
        sender=_phone(row.get("from")) or own,
        content=content_of(row),
        timestamp=_ms(row.get("timestamp")),
        from_me=True,
        reply_to=context.get("id"),
        forwarded=forwarded_of(context),
        raw=dict(row),
        history=history,
    )


def _history(value: Value) -> list[Report]:
    """`history`: up to six months of chats, in chunks, after a number in the app was connected."""
    own = _own(value)
    reports: list[Report] = []
    for chunk in _rows(value, "history"):
        if not isinstance(chunk, dict):
            reports.append(UnknownReport(kind="history", raw={"value": chunk}))
            continue
        if chunk.get("errors"):
            reports.append(UnknownReport(kind="history:declined", raw=dict(chunk)))
        for thread in _rows(chunk, "threads"):
            if not isinstance(thread, dict):
                reports.append(UnknownReport(kind="history", raw={"value": thread}))
                continue
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

_FRAME = frozenset({"messaging_product", "metadata", "contacts"})
_KNOWN: dict[str, frozenset[str]] = {
    "messages": _FRAME | {"messages", "statuses", "errors"},
    "smb_message_echoes": _FRAME | {"message_echoes"},
    "history": _FRAME | {"history", "messages"},
    "smb_app_state_sync": _FRAME | {"state_sync"},
    "user_preferences": _FRAME | {"user_preferences"},
    "calls": _FRAME | {"calls", "statuses"},
    "user_id_update": _FRAME | {"user_id_update"},
}
"""What each field's webhook has, by Meta's reference; a list beside these is of a later version."""
