"""MultiWA's TypeScript client (packages/sdk): how it calls, and what its types expect of the answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from jackfield.testing.server import Answer, JackfieldServer

MESSAGE = {
    "id": str, "profileId": str, "conversationId": str, "messageId": str, "direction": str, "senderJid": str,
    "type": str, "status": str, "timestamp": str,
}  # fmt: skip
CONTACT = {"id": str, "phone": str, "name": str, "tags": list, "metadata": dict, "createdAt": str, "updatedAt": str}
CONVERSATION = {"id": str, "profileId": str, "jid": str, "type": str, "unreadCount": int, "createdAt": str}
TEMPLATE = {
    "id": str, "profileId": str, "name": str, "category": str, "messageType": str, "content": dict, "variables": list,
    "createdAt": str,
}  # fmt: skip
WEBHOOK = {"id": str, "profileId": str, "url": str, "events": list, "enabled": bool, "createdAt": str}
STATS = {"total": int, "pending": int, "sent": int, "delivered": int, "read": int, "failed": int}
BROADCAST = {
    "id": str, "profileId": str, "name": str, "message": dict, "recipients": dict, "status": str, "stats": dict,
    "createdAt": str,
}  # fmt: skip
AUTOMATION = {
    "id": str, "profileId": str, "name": str, "isActive": bool, "priority": int, "triggerType": str,
    "triggerConfig": dict, "conditions": list, "actions": list, "cooldownSecs": int, "stats": dict, "createdAt": str,
}  # fmt: skip
DELETED = {"success": bool}
LOG = {"id": str, "event": str, "payload": dict, "success": bool, "createdAt": str}
PROVEN = (
    {f"messages.send{one}" for one in
     ("Text", "Image", "Video", "Audio", "Document", "Location", "Contact", "Reaction", "Reply")}
    | {"messages.list", "messages.get"}
    | {f"contacts.{one}" for one in
       ("create", "list", "get", "update", "delete", "import", "importCsv", "exportCsv", "addTags", "removeTags",
        "validatePhone", "validateBulk")}
    | {f"conversations.{one}" for one in ("list", "get", "getMessages", "archive", "unarchive", "markAsRead")}
    | {f"templates.{one}" for one in ("create", "list", "get", "update", "delete", "preview", "duplicate")}
    | {f"webhooks.{one}" for one in ("create", "list", "get", "update", "delete", "test", "getLogs")}
    | {f"broadcasts.{one}" for one in
       ("create", "list", "get", "update", "delete", "schedule", "start", "pause", "resume", "cancel", "getStats",
        "getRecipients")}
    | {f"automations.{one}" for one in
       ("create", "list", "get", "update", "delete", "toggle", "test", "getStats", "reorder")}
)  # fmt: skip
"""All methods of the client."""


class Sdk:
    """Makes the calls as the client's `request` does: the key and a content type always, a body and a query if any."""

    def __init__(self, server: JackfieldServer) -> None:
        self._server = server
        self.seen: set[str] = set()

    def ask(self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None) -> Answer:
        """One request, as JavaScript spells its query: `String(value)`."""
        given = {name: _string(value) for name, value in (query or {}).items() if value is not None}
        headers = {"X-API-Key": self._server.key, "Content-Type": "application/json"}
        return self._server.request(
            method,
            f"/api/v1{path}" + (f"?{urlencode(given)}" if given else ""),
            body=json.dumps(body).encode() if body is not None else None,
            headers=headers,
        )

    def call(
        self,
        name: str,
        shape: Mapping[str, type],
        method: str,
        path: str,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """A method whose typed answer is an object: its fields stand at top level."""
        answer = self.ask(method, path, body, query)
        assert 200 <= answer.status < 300, (name, answer)
        found: dict[str, Any] = answer.json
        assert found["success"] is True
        holds(name, shape, found)
        self.seen.add(name)
        return found

    def pages(
        self, name: str, shape: Mapping[str, type], path: str, query: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """A method whose typed answer is `PaginatedResponse<T>`."""
        found = self.call(name, {"data": list, "total": int, "limit": int, "offset": int}, "GET", path, None, query)
        assert found["limit"] == (query or {}).get("limit", 50)
        assert found["offset"] == (query or {}).get("offset", 0)
        for one in found["data"]:
            holds(name, shape, one)
        rows: list[dict[str, Any]] = found["data"]
        return rows


def holds(name: str, shape: Mapping[str, type], found: Mapping[str, Any]) -> None:
    for field, kind in shape.items():
        assert field in found, (name, field, found)
        assert type(found[field]) is kind, (name, field, found[field])


def _string(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, list) else str(value)


def all_called(sdk: Sdk) -> None:
    """Every method of the parts of the client that were called was called."""
    called = {one.split(".")[0] for one in sdk.seen}
    assert {one for one in PROVEN if one.split(".")[0] in called} == sdk.seen
