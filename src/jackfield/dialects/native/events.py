"""What webhooks, `GET /events` and `WS /ws` say, as schemas: OpenAPI's `webhooks`, and an AsyncAPI document.

The data of most events is the core's, field by field, in this API's words; messages and chats have shapes of their own.
"""

from __future__ import annotations

import inspect
from types import UnionType
from typing import Any, NotRequired, Union, get_args, get_origin, get_type_hints

import msgspec
from pydantic import TypeAdapter
from typing_extensions import TypedDict

from jackfield import __version__
from jackfield.core import BY_TYPE

from .answers._base import Direction, Json, Time
from .answers.chats import ChatState
from .answers.messages import AnswerSource
from .webhook import TIMES, camel

REF = "#/components/schemas/"


class EventChat(TypedDict):
    """The chat of a message as it stands after the event."""

    id: str
    unread: int
    contactName: str | None


class EventError(TypedDict):
    """Why a message failed, and what helps."""

    code: str | None
    message: str
    title: str
    cause: str
    remedy: str
    retryable: bool
    link: str | None


_From = TypedDict("_From", {"from": str | None})
"""`from` is a word of Python's."""


class EventMessage(_From):
    """A message as events tell it. `chat` is null for messages of campaigns."""

    id: str
    messageId: str
    providerId: str | None
    chatId: str | None
    to: str | None
    author: str | None
    senderName: str | None
    body: str
    type: str
    kind: str
    hasMedia: bool
    isGroup: bool
    fromMe: bool
    direction: Direction
    status: str
    timestamp: Time
    contactId: str | None
    campaignId: str | None
    template: str | None
    tag: str | None
    replyTo: str | None
    chat: EventChat | None
    error: EventError | None
    automationId: NotRequired[str]
    automationStep: NotRequired[str]
    automationSources: NotRequired[list[AnswerSource]]
    surveyId: NotRequired[str]
    scheduledAt: NotRequired[Time]
    content: NotRequired[Json]
    referral: NotRequired[Json]
    referredProduct: NotRequired[Json]
    forwarded: NotRequired[str]
    target: NotRequired[str]
    emoji: NotRequired[str]


class EventChatState(ChatState):
    """A chat as lists show it, without its last message."""

    chatId: str | None
    contactName: str | None
    lastMessageId: str | None


_MORE: dict[str, dict[str, Any]] = {
    "session.qr": {"qr": {"type": "string"}},
    "session.connected": {"status": {"const": "connected"}, "phone": {"type": ["string", "null"]}},
    "session.disconnected": {"status": {"const": "disconnected"}},
    "campaign.finished": {"status": {"type": "string"}},
    "campaign.progress": {"status": {"type": "string"}},
}
"""What an event says beside the core's fields."""
_CALL = {"from": {"type": ["string", "null"]}, "isVideo": {"type": "boolean"}}


def name_of(event: str) -> str:
    """What the schema of an event is called: `message.received` is MessageReceivedEvent."""
    return "".join(word.title() for word in event.replace("_", ".").split(".")) + "Event"


def schemas() -> dict[str, Any]:
    """The schema of every event as webhooks carry it, by name, and those that they refer to."""
    shapes = {"message": EventMessage, "chat.updated": EventChatState}
    made, more = TypeAdapter.json_schemas(
        [(name, "serialization", TypeAdapter(kind)) for name, kind in shapes.items()], ref_template=REF + "{model}"
    )
    found: dict[str, Any] = dict(more["$defs"])
    for event, kind in BY_TYPE.items():
        known = made.get((event, "serialization")) or (
            made[("message", "serialization")] if event.startswith("message.") else None
        )
        found[name_of(event)] = {
            "title": name_of(event),
            "type": "object",
            "description": about(event),
            "required": ["event", "profileId", "timestamp", "data"],
            "properties": {
                "event": {"type": "string", "const": event},
                "profileId": {"type": ["string", "null"]},
                "timestamp": {"type": "string", "format": "date-time"},
                "data": known or _data(event, kind),
            },
        }
    return found


def about(event: str) -> str:
    """What an event means, in a sentence or two."""
    return " ".join((inspect.getdoc(BY_TYPE[event]) or "").split())


def _data(event: str, kind: type[msgspec.Struct]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    properties = {camel(field.name): _field(field.name, hints[field.name]) for field in msgspec.structs.fields(kind)}
    properties |= _MORE.get(event, {}) | (_CALL if event.startswith("call.") else {})
    return {"type": "object", "required": list(properties), "properties": properties}


def _field(name: str, hint: Any) -> dict[str, Any]:
    """A field of the core's in this API's words: ids are text, and times are ISO 8601."""
    optional = get_origin(hint) in (Union, UnionType) and type(None) in get_args(hint)
    if name == "id" or name.endswith("_id"):
        return {"type": ["string", "null"] if optional else "string"}
    if name in TIMES:
        return {"type": ["string", "null"] if optional else "string", "format": "date-time"}
    schema: dict[str, Any] = msgspec.json.schema(hint)
    return schema


def webhooks() -> dict[str, Any]:
    """OpenAPI's `webhooks`: what is sent to a webhook of this format, for each event."""
    return {
        event: {
            "post": {
                "operationId": "on" + name_of(event),
                "tags": ["Webhook events"],
                "summary": event,
                "description": about(event),
                "security": [],
                "parameters": [
                    {"name": name, "in": "header", "required": True, "schema": {"type": "string"}, "description": text}
                    for name, text in (
                        ("X-MultiWA-Event", "The event's type."),
                        ("X-MultiWA-Signature", "`sha256=` and the HMAC of the raw body, in hex."),
                        ("webhook-id", "The delivery's id, the same at each try (Standard Webhooks)."),
                        ("webhook-timestamp", "Unix seconds (Standard Webhooks)."),
                        ("webhook-signature", "`v1,` and the signature (Standard Webhooks)."),
                    )
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": REF + name_of(event)}}},
                },
                "responses": {
                    "2XX": {"description": "It has arrived."},
                    "4XX": {"description": "It has not; it is tried again."},
                },
            }
        }
        for event in BY_TYPE
    }


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI document of `WS /ws` and `GET /events`, which tell the same."""
    messages = {
        name_of(event): {
            "name": event,
            "title": event,
            "summary": about(event),
            "contentType": "application/json",
            "payload": {
                "allOf": [
                    {
                        "type": "object",
                        "required": ["id", "cursor"],
                        "properties": {"id": {"type": "string"}, "cursor": {"type": "string"}},
                    },
                    {"$ref": REF + name_of(event)},
                ]
            },
        }
        for event in BY_TYPE
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Jackfield: live events",
            "version": __version__,
            "description": "Events as they happen, by WebSocket and as server-sent events. `cursor` of each is where to "
            "resume (`?after=`). `?type=` narrows them to types or families, `?profileId=` to a profile.",
        },
        "channels": {
            name: {
                "address": address,
                "description": text,
                "messages": {one: {"$ref": f"#/components/messages/{one}"} for one in messages},
            }
            for name, address, text in (
                ("socket", "/api/ws", "A WebSocket; each text frame is one event."),
                ("stream", "/api/events", "Server-sent events; `data` of each is one event, its `id` the cursor."),
            )
        },
        "operations": {
            f"receiveFrom{name.title()}": {"action": "receive", "channel": {"$ref": f"#/channels/{name}"}}
            for name in ("socket", "stream")
        },
        "components": {"messages": messages, "schemas": schemas()},
    }
