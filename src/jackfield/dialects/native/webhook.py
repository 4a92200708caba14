"""The native webhook payload: MultiWA's, with more fields.

`{event, profileId, timestamp, data}`, signed in `X-MultiWA-Signature` over the raw body, as MultiWA's clients expect
it (native-notes of the API contract); the Standard Webhooks headers go along on every delivery.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

from jackfield.core import BY_TYPE, BaseFormat, Fact, Rendered, Target, hex_hmac, lookup

from .answers.chats import ChatTarget

TYPES: Mapping[str, str] = {
    "text": "chat",
    "contacts": "vcard",
    "poll": "poll_creation",
    "buttons": "interactive",
    "list": "interactive",
    "cta_url": "interactive",
    "button_reply": "buttons_response",
    "list_reply": "list_response",
}
"""Our kinds of content in the words of whatsapp-web.js, which MultiWA's clients know; others keep their name."""

_SUFFIXES = {"private": "@c.us", "group": "@g.us", "newsletter": "@newsletter"}
TIMES = frozenset({"timestamp", "expires_at", "until", "due_at"})
"""Fields of events in Unix ms that are told as ISO 8601."""
_defaults: dict[str, dict[str, Any]] = {
    name: {
        field.name: field.default_factory() if field.default is msgspec.NODEFAULT else field.default
        for field in msgspec.structs.fields(kind)
        if not field.required
    }
    for name, kind in BY_TYPE.items()
}
"""What storage leaves out of each event, because it has its default value."""
_plain = msgspec.json.Decoder(dict[str, Any])
_encode = msgspec.json.Encoder().encode


def iso(ms: int) -> str:
    """Unix ms as ISO 8601 with milliseconds and Z."""
    # By whole seconds, because a float of ms / 1000 may round the last digit.
    return f"{_second(ms // 1000)}.{ms % 1000:03d}Z"


@lru_cache(1024)
def _second(seconds: int) -> str:
    # What is told under load is of the last few seconds, two times in each event: a hundredth of a message's CPU.
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:-6]


def chat_id(address: str | None, kind: str = "private", network: str | None = None) -> str | None:
    """An address as MultiWA writes it: digits get the suffix of their kind, a Telegram chat id has none."""
    if not address or "@" in address or network == "telegram" or not address.isdigit():
        return address
    return address + _SUFFIXES.get(kind, "@c.us")


class NativeFormat(BaseFormat):
    """MultiWA's webhooks."""

    name = "native"
    default_events: Sequence[str] = ("*",)
    event_names: Mapping[str, Sequence[str]] = {
        "message": ("message.received",),
        "message.ack": ("message.sent", "message.delivered", "message.read", "message.failed"),
        "message.status": ("message.sent", "message.delivered", "message.read", "message.failed"),
        "connection.update": ("session.connected", "session.disconnected"),
        "session.status": ("session.connected", "session.disconnected", "session.qr"),
        "qr": ("session.qr",),
    }

    def render(self, event: Fact, endpoint: Target) -> Rendered | None:
        """The payload of any event."""
        facts = _plain.decode(event.data)
        body = _encode(
            {
                "event": event.type,
                "profileId": None if event.channel_id is None else str(event.channel_id),
                "timestamp": iso(event.created_at),
                "data": event_data(event, facts),
            }
        )
        headers = {
            "Content-Type": "application/json",
            "X-MultiWA-Event": event.type,
            "X-MultiWA-Signature": "sha256=" + hex_hmac(endpoint.secret, body),
        }
        if endpoint.old_secret is not None:
            headers["X-MultiWA-Signature-Old"] = "sha256=" + hex_hmac(endpoint.old_secret, body)
        return Rendered(headers, body)


def event_data(event: Fact, facts: dict[str, Any]) -> dict[str, Any]:
    """What an event says, in the words of the native API."""
    family = event.type.partition(".")[0]
    facts = {**_defaults.get(event.type, {}), **facts}
    if family == "message":
        return _message(event, facts)
    data = {camel(name): _value(name, value) for name, value in facts.items()}
    if event.type == "session.qr":
        data["qr"] = data.get("code")
    elif event.type == "session.connected":
        data |= {"status": "connected", "phone": facts.get("address") or event.channel_address}
    elif event.type == "session.disconnected":
        data.setdefault("reason", "")
        data["status"] = "disconnected"
    elif family == "call":
        data["from"] = chat_id(facts.get("caller"), network=event.channel_network)
        data.setdefault("isVideo", False)
    elif event.type == "chat.updated":
        data = _chat(event, facts)
    elif event.type in ("campaign.finished", "campaign.progress"):
        data["status"] = data.get("state")
    return data


def _chat(event: Fact, facts: dict[str, Any]) -> dict[str, Any]:
    """A chat as lists show it, without its last message."""
    kind = facts["chat_kind"]
    until = {name: facts[name] if facts[name] > event.created_at else 0 for name in ("muted_until", "snoozed_until")}
    snoozed = facts["status"] == "open" and until["snoozed_until"] > 0
    return {
        "id": str(facts["id"]),
        "chatId": chat_id(facts["peer"], kind, event.channel_network),
        "kind": kind,
        "name": facts["name"] or facts["contact_name"] or facts["peer"],
        "contactId": _id(facts["contact_id"]),
        "contactName": facts["contact_name"],
        "unread": facts["unread"],
        "archived": facts["archived"],
        "pinned": facts["pinned"],
        "mutedUntil": iso(until["muted_until"]) if until["muted_until"] else None,
        "status": "snoozed" if snoozed else facts["status"],
        "snoozedUntil": iso(until["snoozed_until"]) if snoozed else None,
        "assigneeId": _id(facts["assignee_id"]),
        "departmentId": _id(facts["department_id"]),
        "windowUntil": iso(facts["window_until"]) if facts["window_until"] else None,
        "windowOpen": facts["window_until"] > event.created_at,
        "target": target_of(facts["target_kind"], facts["target_warn_at"], facts["target_due_at"], event.created_at),
        "lastMessageId": _id(facts["last_message_id"]),
        "lastAt": iso(facts["last_at"]) if facts["last_at"] else None,
    }


def target_of(kind: str | None, warn_at: int, due_at: int, now: int) -> ChatTarget | None:
    """The target of a chat that is due next."""
    if not due_at or kind is None:
        return None
    state = "missed" if due_at <= now else "due_soon" if warn_at <= now else "running"
    return {"kind": kind, "state": state, "warnAt": iso(warn_at), "dueAt": iso(due_at)}


def _message(event: Fact, facts: dict[str, Any]) -> dict[str, Any]:
    network = event.channel_network
    kind = facts.get("chat_kind", "private")
    peer = chat_id(facts["peer"], kind, network)
    own = chat_id(event.channel_address, network=network)
    sender = chat_id(facts.get("sender"), network=network)
    incoming = facts.get("direction", "out") == "in"
    content = facts.get("content") or {}
    type_ = TYPES.get(facts["kind"], facts["kind"])
    if type_ == "audio" and content.get("voice"):
        type_ = "ptt"
    code, error = facts.get("code"), facts.get("error")
    data: dict[str, Any] = {
        "id": str(facts["id"]),
        "messageId": str(facts["id"]),
        "providerId": facts.get("provider_id"),
        "chatId": peer,
        "from": peer if incoming else own,
        "to": own if incoming else peer,
        "author": sender if kind != "private" else None,
        "senderName": facts.get("sender_name"),
        "body": facts.get("body", ""),
        "type": type_,
        "kind": facts["kind"],
        "hasMedia": bool(facts.get("has_media", False)),
        "isGroup": kind == "group",
        "fromMe": bool(facts.get("from_me", not incoming)),
        "direction": facts.get("direction", "out"),
        "status": facts.get("state") or event.type.partition(".")[2],
        "timestamp": iso(facts["timestamp"]),
        "contactId": _id(facts.get("contact_id")),
        "campaignId": _id(facts.get("campaign_id")),
        "template": facts.get("template"),
        "tag": facts.get("tag"),
        "replyTo": facts.get("reply_to"),
        "chat": None,
        "error": None,
    }
    if facts.get("automation_id") is not None:
        data["automationId"] = str(facts["automation_id"])
        data["automationStep"] = facts.get("automation_step") or ""
    if facts.get("survey_id") is not None:
        data["surveyId"] = str(facts["survey_id"])
    if facts.get("automation_sources"):
        data["automationSources"] = facts["automation_sources"]
    if facts.get("chat_id") is not None:
        data["chat"] = {
            "id": str(facts["chat_id"]),
            "unread": facts.get("unread") or 0,
            "contactName": facts.get("contact_name"),
        }
    if facts.get("due_at"):
        data["scheduledAt"] = iso(facts["due_at"])
    if code is not None or error is not None:
        entry = lookup(code)
        data["error"] = {
            "code": code,
            "message": error or entry.title,
            "title": entry.title,
            "cause": entry.cause,
            "remedy": entry.remedy,
            "retryable": entry.retryable,
            "link": entry.link,
        }
    if content:
        data["content"] = content
    data |= message_facts(facts)
    if "target" in facts:
        data["target"] = facts["target"]
    if event.type == "message.reaction":
        data["emoji"] = facts.get("body", "")
    return data


def message_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """How a message came to be, where something is known of it: its advertisement, its product, forwarded."""
    shown: dict[str, Any] = {}
    for name in ("referral", "referred_product"):
        if facts.get(name):
            shown[camel(name)] = {camel(key): value for key, value in facts[name].items()}
    if facts.get("forwarded"):
        shown["forwarded"] = facts["forwarded"]
    return shown


def _id(value: int | None) -> str | None:
    # 0 is the campaign of single messages.
    return str(value) if value else None


def _value(name: str, value: Any) -> Any:
    if name == "id" or name.endswith("_id"):
        return None if value is None else str(value)
    if name in TIMES and isinstance(value, int):
        return iso(value)
    return value


def camel(name: str) -> str:
    """snake_case as camelCase."""
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
