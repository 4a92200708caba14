"""Every method of MultiWA's TypeScript client (packages/sdk): its exact call, and what its types expect of the answer."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from jackfield.testing.server import Answer, JackfieldServer, until

from .conftest import number

SECRET = "whsec_" + b64encode(bytes(range(32))).decode()
PIXEL = b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()
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


@pytest.fixture(scope="module")
def sdk(native: JackfieldServer) -> Sdk:
    return Sdk(native)


def test_messages(native: JackfieldServer, sdk: Sdk) -> None:
    to = {"profileId": "1", "to": number(8000)}
    link = "https://example.com/a.bin"
    first = sdk.call("messages.sendText", MESSAGE, "POST", "/messages/text", {**to, "text": "first"})
    assert (first["direction"], first["type"], first["profileId"]) == ("outgoing", "text", "1")
    for kind, fields in (
        ("Image", {"url": link, "caption": "c"}),
        ("Video", {"url": link, "caption": "c"}),
        ("Audio", {"url": link, "ptt": True}),
        ("Document", {"url": link, "filename": "a.pdf", "caption": "c"}),
        ("Location", {"latitude": -6.2, "longitude": 106.8, "name": "Office", "address": "Jl. 1"}),
        ("Contact", {"contacts": [{"name": "Siti", "phone": "+62811222333", "organization": "Org"}]}),
    ):
        sdk.call(f"messages.send{kind}", MESSAGE, "POST", f"/messages/{kind.lower()}", {**to, **fields})
    native.message(first["id"], "sent", "delivered", "read")
    reaction = {"profileId": "1", "messageId": first["messageId"], "emoji": "👍"}
    sdk.call("messages.sendReaction", MESSAGE, "POST", "/messages/reaction", reaction)
    reply = {**to, "quotedMessageId": first["messageId"], "text": "second"}
    second = sdk.call("messages.sendReply", MESSAGE, "POST", "/messages/reply", reply)
    sent = native.message(first["id"])
    assert native.message(second["id"])["replyTo"] == sent["providerId"]
    # MultiWA's specification knows no recipient here: it is that of the message.
    alone = sdk.ask("POST", "/messages/reply", {"profileId": "1", "quotedMessageId": first["id"], "text": "third"})
    assert native.message(alone.json["id"])["to"] == to["to"]
    missing = sdk.ask("POST", "/messages/reply", {**to, "text": "x"})
    assert "quotedMessageId" in missing.json["error"]["details"]
    got = sdk.call("messages.get", {**MESSAGE, "content": dict}, "GET", f"/messages/{first['id']}")
    assert got["content"]["text"] == "first"
    listed = sdk.pages(
        "messages.list", MESSAGE, f"/conversations/{first['conversationId']}/messages", {"limit": 2, "offset": 2}
    )
    assert len(listed) == 2


def test_a_file_in_the_request(native: JackfieldServer, sdk: Sdk) -> None:
    to = {"profileId": "1", "to": number(8001)}
    for text in (PIXEL, f"data:image/png;base64,{PIXEL}"):
        sent = sdk.ask("POST", "/messages/image", {**to, "base64": text, "caption": "c"})
        message = native.message(sent.json["id"], "sent", "delivered", "read")
        assert message["content"]["url"].startswith("media:")
    for fields in (
        {"base64": "no base64!"},
        {"base64": "data:image/png;base64,"},
        {"base64": PIXEL, "url": "http://e"},
    ):
        refused = sdk.ask("POST", "/messages/image", {**to, **fields})
        assert refused.status == 400
        assert "base64" in refused.json["error"]["details"]
    once = {"X-API-Key": native.key, "Idempotency-Key": number(8002), "Content-Type": "application/json"}
    body = json.dumps({**to, "base64": PIXEL}).encode()
    answers = [native.request("POST", "/api/v1/messages/image", body=body, headers=once).json for _ in range(2)]
    assert answers[0]["id"] == answers[1]["id"]


def test_contacts(native: JackfieldServer, sdk: Sdk) -> None:
    phone, tag = number(8010), f"sdk-{number(8010)}"
    body = {"profileId": "1", "phone": phone, "name": "Budi", "tags": [tag], "metadata": {"city": "Bandung"}}
    made = sdk.call("contacts.create", CONTACT, "POST", "/contacts", body)
    assert made["metadata"] == {"city": "Bandung"}
    place = f"/contacts/{made['id']}"
    assert sdk.call("contacts.get", CONTACT, "GET", place)["phone"] == phone
    changed = sdk.call("contacts.update", CONTACT, "PUT", place, {"name": "Budi S.", "metadata": {"city": "Solo"}})
    assert (changed["name"], changed["metadata"]) == ("Budi S.", {"city": "Solo"})
    added = sdk.call("contacts.addTags", CONTACT, "POST", f"{place}/tags", {"tags": ["sdk a", "sdk b"]})
    assert {"sdk a", "sdk b", tag} == set(added["tags"])
    removed = sdk.call("contacts.removeTags", CONTACT, "DELETE", f"{place}/tags", None, {"tags": ["sdk a", "sdk b"]})
    assert removed["tags"] == [tag]
    item = {name: kind for name, kind in CONTACT.items() if name != "metadata"}
    listed = sdk.pages("contacts.list", item, "/contacts", {"profileId": "1", "search": phone, "tags": [tag]})
    assert [one["id"] for one in listed] == [made["id"]]
    counted = {"created": int, "updated": int, "failed": int, "errors": list}
    rows = [{"phone": number(8011), "name": "A", "tags": [tag, "with, comma"]}, {"phone": phone}, {"phone": "nobody"}]
    imported = sdk.call("contacts.import", counted, "POST", "/contacts/import", {"profileId": "1", "contacts": rows})
    assert (imported["created"], imported["updated"], imported["failed"]) == (1, 1, 1)
    assert "nobody" in imported["errors"][0]
    csv = f"phone,name,tags\n{number(8012)},B,{tag}\n"
    imported = sdk.call(
        "contacts.importCsv", counted, "POST", "/contacts/import/csv", {"profileId": "1", "csvData": csv}
    )
    assert (imported["created"], imported["failed"]) == (1, 0)
    exported = sdk.call(
        "contacts.exportCsv", {"csv": str, "count": int, "filename": str}, "GET", "/contacts/export/csv", None,
        {"profileId": "1", "tags": [tag]},
    )  # fmt: skip
    assert exported["count"] == 3
    assert all(number(seed) in exported["csv"] for seed in (8010, 8011, 8012))
    found = native.api("GET", f"/contacts?phone={number(8011)}").data[0]
    assert set(found["tags"]) == {tag, "with, comma"}
    checked = {"phone": str, "validFormat": bool, "isIndonesian": bool, "onWhatsApp": bool}
    one = sdk.call("contacts.validatePhone", checked, "GET", f"/contacts/profile/1/validate/{phone}")
    assert (one["validFormat"], one["isIndonesian"]) == (True, True)
    many = sdk.call(
        "contacts.validateBulk", {"total": int, "valid": int, "results": list}, "POST",
        "/contacts/profile/1/validate", {"phones": [phone, "nobody"]},
    )  # fmt: skip
    assert (many["total"], many["valid"]) == (2, 1)
    sdk.call("contacts.delete", DELETED, "DELETE", place)
    assert sdk.ask("GET", place).status == 404


def test_conversations(native: JackfieldServer, sdk: Sdk) -> None:
    peer = number(8020)
    native.request("POST", "/simulator/1/inbound", json={"from": peer, "text": "hello", "name": "Sdk Chat"})

    def look() -> list[dict[str, Any]]:
        query = {"profileId": "1", "search": peer, "type": "user", "archived": False, "limit": 5, "offset": 0}
        return sdk.pages("conversations.list", CONVERSATION, "/conversations", query)

    chat = until(look)[0]
    assert (chat["type"], chat["jid"], chat["unreadCount"]) == ("user", f"{peer}@c.us", 1)
    place = f"/conversations/{chat['id']}"
    assert sdk.call("conversations.get", CONVERSATION, "GET", place)["id"] == chat["id"]
    messages = sdk.pages("conversations.getMessages", MESSAGE, f"{place}/messages", {"limit": 10})
    assert (messages[0]["direction"], messages[0]["senderJid"]) == ("incoming", f"{peer}@c.us")
    assert messages[0]["conversationId"] == chat["id"]
    for method in ("POST", "PUT"):
        sdk.call("conversations.archive", CONVERSATION, method, f"{place}/archive")
        assert native.api("GET", f"/chats/{chat['id']}").data["archived"] is True
        sdk.call("conversations.unarchive", CONVERSATION, method, f"{place}/unarchive")
        assert native.api("GET", f"/chats/{chat['id']}").data["archived"] is False
        assert sdk.call("conversations.markAsRead", CONVERSATION, method, f"{place}/read")["unreadCount"] == 0
    assert isinstance(sdk.ask("GET", "/conversations/unread-count").json["count"], int)


def test_specified_mark_messages_read(native: JackfieldServer, sdk: Sdk) -> None:
    """ "POST /messages/mark-read": "Specific message IDs to mark as read (omit for entire chat)"."""
    peer = number(8060)
    for text in ("one", "two", "three"):
        native.request("POST", "/simulator/1/inbound", json={"from": peer, "text": text})
    query = {"profileId": "1", "search": peer}

    def unread() -> int | None:
        found = sdk.ask("GET", "/conversations", query=query).json["data"]
        return found[0]["unreadCount"] if found else None

    until(lambda: unread() == 3)
    query_ = {"direction": "incoming", "type": "text", "limit": 3, "offset": 0}
    listed = sdk.ask("GET", "/messages/profile/1", query=query_).json["data"]
    ids = [one["id"] for one in listed if one["senderJid"] == f"{peer}@c.us"]
    assert len(ids) == 3
    body = {"profileId": "1", "chatId": peer, "messageIds": ids[:1]}
    assert sdk.ask("POST", "/messages/mark-read", body).json["messageIds"] == ids[:1]
    assert unread() == 2
    whole = sdk.ask("POST", "/messages/mark-read", {"profileId": "1", "chatId": f"{peer}@c.us"})
    assert (whole.status, whole.json["chatId"], unread()) == (200, f"{peer}@c.us", 0)
    other = sdk.ask("POST", "/messages/mark-read", {**body, "chatId": number(8061)})
    assert (other.status, list(other.json["error"]["details"])) == (400, ["messageIds.0"])
    for wrong, status, field in (
        ({"messageIds": ["987654321"]}, 404, "messageIds.0"),
        ({"messageIds": []}, 400, "messageIds"),
        ({"chatId": "nobody"}, 400, "chatId"),
        ({"chatId": None}, 400, "chatId"),
        ({"profileId": None}, 400, "profileId"),
        ({"all": True}, 400, "all"),
    ):
        refused = sdk.ask("POST", "/messages/mark-read", {**body, **wrong})
        assert refused.status == status, (wrong, refused)
        assert field in refused.json["message"]
    assert sdk.ask("POST", "/messages/mark-read", {"profileId": "1", "chatId": number(8061)}).status == 404


def test_specified_delete_message_for_everyone(native: JackfieldServer, sdk: Sdk) -> None:
    """ "POST /messages/delete-for-everyone": "WhatsApp message ID to delete"; ours is taken too."""
    to = {"profileId": "1", "to": number(8062)}
    sent = [sdk.ask("POST", "/messages/text", {**to, "text": text}).json["id"] for text in ("a", "b")]
    theirs = native.message(sent[0], "sent", "delivered", "read")["providerId"]
    native.message(sent[1], "sent", "delivered", "read")
    for given in (theirs, sent[1]):
        body = {"profileId": "1", "chatId": to["to"], "messageId": given}
        answer = sdk.ask("POST", "/messages/delete-for-everyone", body)
        assert (answer.status, answer.json["messageId"]) == (200, given), answer
    assert all(native.api("GET", f"/messages/{id_}").data["deletedAt"] for id_ in sent)
    elsewhere = sdk.ask("POST", "/messages/delete-for-everyone", {**body, "chatId": number(8063)})
    assert (elsewhere.status, list(elsewhere.json["error"]["details"])) == (400, ["messageId"])
    assert sdk.ask("POST", "/messages/delete-for-everyone", {**body, "messageId": "wamid.none"}).status == 404


def test_specified_schedule_a_message(native: JackfieldServer, sdk: Sdk) -> None:
    """ "POST /messages/schedule", "GET /messages/schedule/:profileId", "DELETE /messages/schedule/:id"."""
    shape = {"id": str, "profileId": str, "to": str, "type": str, "content": dict, "status": str, "createdAt": str}
    at = "2031-03-01T10:00:00.000Z"
    body = {"profileId": "1", "to": number(8064), "type": "text", "content": {"text": "Later"}, "scheduledAt": at}
    made = sdk.ask("POST", "/messages/schedule", body)
    assert made.status == 201
    holds("schedule", shape, made.json)
    assert (made.json["status"], made.json["scheduledAt"], made.json["content"]["text"]) == ("pending", at, "Later")
    assert native.api("GET", f"/schedules/{made.json['id']}").data["status"] == "scheduled"
    listed = sdk.ask("GET", "/messages/schedule/1", query={"status": "pending"}).json["data"]
    assert [one["to"] for one in listed if one["id"] == made.json["id"]] == [f"{number(8064)}@c.us"]
    gone = sdk.ask("DELETE", f"/messages/schedule/{made.json['id']}")
    assert (gone.status, gone.json["status"]) == (200, "cancelled")
    assert made.json["id"] not in [one["id"] for one in sdk.ask("GET", "/messages/schedule/1").json["data"]]
    past = sdk.ask("POST", "/messages/schedule", {**body, "scheduledAt": "2020-01-01T00:00:00Z"})
    none = sdk.ask("POST", "/messages/schedule", {name: one for name, one in body.items() if name != "scheduledAt"})
    for refused in (past, none):
        assert (refused.status, list(refused.json["error"]["details"])) == (400, ["scheduledAt"])
    sent = sdk.ask("GET", "/messages/schedule/1", query={"status": "sent"})
    assert (sent.status, list(sent.json["error"]["details"])) == (400, ["status"])
    assert sdk.ask("DELETE", "/messages/schedule/987654321").status == 404


def test_specified_set_typing_presence(native: JackfieldServer, sdk: Sdk) -> None:
    body = {"profileId": "1", "to": number(8065)}
    for state, typing in (("composing", True), ("available", False)):
        assert sdk.ask("POST", "/messages/typing", {**body, "state": state}).json["data"]["typing"] is typing
    for wrong, field in (({"state": "recording"}, "state"), ({"state": "available", "on": True}, "state"),
                         ({"duration": 5000}, "duration")):  # fmt: skip
        refused = sdk.ask("POST", "/messages/typing", {**body, **wrong})
        assert (refused.status, list(refused.json["error"]["details"])) == (400, [field])


def test_templates(native: JackfieldServer, sdk: Sdk) -> None:
    name = f"sdk_{number(8030)}"
    body = {
        "profileId": "1",
        "name": name,
        "category": "notification",
        "messageType": "text",
        "content": {"text": "Hello {{name}}! Welcome to {{company}}, friend."},
    }
    made = sdk.call("templates.create", TEMPLATE, "POST", "/templates", body)
    assert (made["content"], made["variables"]) == (body["content"], ["name", "company"])
    place = f"/templates/{made['id']}"
    assert sdk.call("templates.get", TEMPLATE, "GET", place)["name"] == name
    preview = sdk.call(
        "templates.preview", {"rendered": dict, "variables": list}, "POST", f"{place}/preview",
        {"variables": {"name": "John", "company": "Acme"}},
    )  # fmt: skip
    assert preview["rendered"] == {"text": "Hello John! Welcome to Acme, friend."}
    for variables, field in (({"name": "John"}, "company"), ({"name": "a", "company": "b", "x": "c"}, "x")):
        refused = sdk.ask("POST", f"{place}/preview", {"variables": variables})
        assert f"variables.{field}" in refused.json["error"]["details"]
    changed = sdk.call(
        "templates.update", TEMPLATE, "PUT", place, {"content": {"text": "Hi {{name}}, how are you?", "footer": "Acme"}}
    )
    assert changed["content"] == {"text": "Hi {{name}}, how are you?", "footer": "Acme"}
    copy = sdk.call("templates.duplicate", TEMPLATE, "POST", f"{place}/duplicate", {"name": f"{name}_2"})
    assert (copy["name"], copy["content"]) == (f"{name}_2", changed["content"])
    item = {field: TEMPLATE[field] for field in ("id", "profileId", "name", "category", "createdAt")}
    listed = sdk.pages("templates.list", item, "/templates", {"profileId": "1", "search": name, "limit": 10})
    assert {one["name"] for one in listed} == {name, f"{name}_2"}
    numbered = sdk.ask(
        "POST", "/templates", {**body, "name": f"{name}_3", "content": "Order {{1}} comes at {{2}} today."}
    )
    assert numbered.json["variables"] == ["1", "2"]
    for template in (made, copy, numbered.json):
        sdk.call("templates.delete", DELETED, "DELETE", f"/templates/{template['id']}")
    for fields, field in (
        ({"messageType": "image"}, "messageType"),
        ({"name": "Welcome Message"}, "name"),
        ({"content": {"text": "x", "url": "https://example.com/a.jpg"}}, "content.url"),
        ({"content": {"text": "Hi {{1}} and {{name}} there"}}, "content.text"),
    ):
        refused = sdk.ask("POST", "/templates", {**body, **fields})
        assert refused.status == 400
        assert any(field in one for one in refused.json["error"]["details"]), refused
    assert "welcome_message" in sdk.ask("POST", "/templates", {**body, "name": "Welcome Message"}).json["message"]


def test_webhooks(native: JackfieldServer, sdk: Sdk) -> None:
    body = {"profileId": "1", "url": f"{native.url}/healthz", "events": ["message.received"], "secret": SECRET}
    made = sdk.call("webhooks.create", {**WEBHOOK, "secret": str}, "POST", "/webhooks", body)
    place = f"/webhooks/{made['id']}"
    assert sdk.call("webhooks.get", WEBHOOK, "GET", place)["url"] == body["url"]
    changed = sdk.call("webhooks.update", WEBHOOK, "PUT", place, {"events": ["message.failed"]})
    assert changed["events"] == ["message.failed"]
    # Its type is a bare array; the rows are in `data`, and have those fields.
    listed = sdk.call("webhooks.list", {"data": list}, "GET", "/webhooks", None, {"profileId": "1"})
    assert made["id"] in [one["id"] for one in listed["data"]]
    for one in listed["data"]:
        holds("webhooks.list", WEBHOOK, one)
    tested = sdk.call("webhooks.test", {"statusCode": int, "responseTime": int}, "POST", f"{place}/test")
    assert (tested["delivered"], tested["statusCode"]) == (False, 405)
    sdk.ask("POST", f"{place}/test")
    logs = sdk.pages("webhooks.getLogs", LOG, f"{place}/logs", {"limit": 1, "offset": 1})
    assert (logs[0]["event"], logs[0]["success"], logs[0]["statusCode"]) == ("webhook.test", False, 405)
    sdk.call("webhooks.delete", DELETED, "DELETE", place)
    refused = sdk.ask("POST", "/webhooks", {**body, "headers": {"X-A": "b"}})
    assert (refused.status, list(refused.json["error"]["details"])) == (400, ["headers"])


def test_a_secret_of_the_clients_own_signs_as_its_verify_function_reads_it(
    native: JackfieldServer, sdk: Sdk, receiver: Any
) -> None:
    secret = "the secret that I had there"
    body = {"profileId": "1", "url": receiver.url, "events": ["message.received"], "secret": secret}
    made = sdk.ask("POST", "/webhooks", body)
    assert (made.status, made.json["secret"]) == (201, secret)
    native.request("POST", "/simulator/1/inbound", json={"from": number(8050), "text": "Hi"})
    got = receiver.wait(lambda one: one.json["data"].get("from") == f"{number(8050)}@c.us")
    wanted = "sha256=" + hmac.new(secret.encode(), got.body, hashlib.sha256).hexdigest()
    assert got.headers["x-multiwa-signature"] == wanted
    sdk.ask("DELETE", f"/webhooks/{made.json['id']}")
    for wrong in ("short", "whsec_no base64", "a" * 257):
        refused = sdk.ask("POST", "/webhooks", {**body, "secret": wrong})
        assert (refused.status, list(refused.json["error"]["details"])) == (400, ["secret"])


def test_broadcasts(native: JackfieldServer, sdk: Sdk) -> None:
    tag, phone = f"sdk-{number(8040)}", number(8040)
    contact = native.api("POST", "/contacts", json={"phone": phone, "name": "B", "tags": [tag]}).data
    body = {
        "profileId": "1",
        "name": "Autumn",
        "message": {"type": "text", "text": "Sale!"},
        "recipients": {"type": "tags", "value": [tag]},
        "settings": {"delayMin": 3000, "delayMax": 10000},
    }
    made = sdk.call("broadcasts.create", BROADCAST, "POST", "/broadcast", body)
    assert (made["status"], made["message"], made["recipients"]) == ("draft", body["message"], body["recipients"])
    place = f"/broadcast/{made['id']}"
    assert sdk.call("broadcasts.get", BROADCAST, "GET", place)["id"] == made["id"]
    # A number that is nobody's yet becomes a contact.
    other = {"type": "contacts", "value": [contact["id"], number(8041)]}
    changed = sdk.call(
        "broadcasts.update",
        BROADCAST,
        "PUT",
        place,
        {"name": "Winter", "recipients": other, "settings": {"delayMin": 0}},
    )
    new = native.api("GET", f"/contacts?phone={number(8041)}").data[0]["id"]
    assert (changed["name"], changed["recipients"]["value"]) == ("Winter", [contact["id"], new])
    planned = sdk.call(
        "broadcasts.schedule", BROADCAST, "POST", f"{place}/schedule", {"scheduledAt": "2030-01-01T08:00:00.000Z"}
    )
    assert (planned["status"], planned["scheduledAt"]) == ("scheduled", "2030-01-01T08:00:00.000Z")
    started = sdk.call("broadcasts.start", {"recipientCount": int}, "POST", f"{place}/start")
    assert started["recipientCount"] == 2
    stats = {**STATS, "successRate": int, "progress": int}
    until(lambda: sdk.call("broadcasts.getStats", stats, "GET", f"{place}/stats")["progress"] == 100)
    rows = sdk.pages("broadcasts.getRecipients", MESSAGE, f"{place}/recipients", {"limit": 1, "offset": 1})
    assert [one["to"] for one in rows] == [number(8041)]
    until(lambda: sdk.ask("GET", place).json["status"] == "completed")
    paused = sdk.ask("POST", "/broadcast", {**body, "settings": {"delayMin": 3_600_000}}).json["id"]
    for verb, status in (("start", "running"), ("pause", "paused"), ("resume", "running"), ("cancel", "failed")):
        name = f"broadcasts.{verb}"
        assert sdk.call(name, BROADCAST, "POST", f"/broadcast/{paused}/{verb}")["status"] == status
    listed = sdk.pages("broadcasts.list", BROADCAST, "/broadcast", {"profileId": "1", "status": "failed"})
    assert paused in [one["id"] for one in listed]
    draft = sdk.ask("POST", "/broadcast", {**body, "recipients": {"type": "all", "value": []}}).json["id"]
    sdk.call("broadcasts.delete", DELETED, "DELETE", f"/broadcast/{draft}")
    assert sdk.ask("GET", f"/broadcast/{draft}").status == 404
    kept = sdk.ask("DELETE", place)
    assert (kept.status, kept.json["error"]["code"]) == (409, "CAMPAIGN_STATE")
    for fields, field in (
        ({"settings": {"batchSize": 50}}, "settings.batchSize"),
        ({"settings": {"retryFailed": True}}, "settings.retryFailed"),
        ({"settings": {"retryAttempts": 3}}, "settings.retryAttempts"),
        ({"settings": {"delayMin": 2, "delayMax": 1}}, "settings.delayMax"),
        ({"message": {"type": "image", "url": "https://example.com/a.jpg", "mimetype": "image/jpeg"}}, "mimetype"),
        ({"message": {"content": {"text": "x"}, "priority": 1}}, "message.priority"),
        ({"recipients": {"type": "contacts", "value": ["nobody"]}}, "recipients.value.0"),
        ({"recipients": {"type": "tags", "value": []}}, "recipients.value"),
    ):
        refused = sdk.ask("POST", "/broadcast", {**body, **fields})
        assert refused.status == 400
        assert any(field in one for one in refused.json["error"]["details"]), refused


def answered(native: JackfieldServer, peer: str, text: str, *wanted: str) -> None:
    """Somebody writes; these texts are the answers, oldest first."""
    native.request("POST", "/simulator/1/inbound", json={"from": peer, "text": text, "name": "Asha"})
    sent = until(lambda: len(found := texts_to(native, peer)) >= len(wanted) and found)
    assert sent == [*wanted]


def texts_to(native: JackfieldServer, peer: str) -> list[str]:
    rows = native.api("GET", f"/messages?to={peer}&direction=out&sort=createdAt").data
    return [one["content"]["text"] for one in rows]


RULE = {
    "profileId": "1",
    "name": "Sdk greeting",
    "triggerType": "keyword",
    "triggerConfig": {"keywords": ["sdkhello", "a|b (c)"], "matchMode": "contains"},
    "actions": [{"type": "reply", "message": "Hello {{name}}!"}, {"type": "add_tag", "tags": ["sdk greeted"]}],
}


def test_automations(native: JackfieldServer, sdk: Sdk) -> None:
    made = sdk.call("automations.create", AUTOMATION, "POST", "/automation", RULE)
    assert (made["isActive"], made["cooldownSecs"], made["maxTriggersPerDay"]) == (True, 0, None)
    assert made["triggerConfig"] == {**RULE["triggerConfig"], "caseSensitive": False}
    assert made["actions"] == [{**RULE["actions"][0], "messageType": "text"}, RULE["actions"][1]]
    # That it answers people who write alone is shown, where MultiWA's would answer in groups too.
    assert made["conditions"] == [{"type": "not_group"}]
    place, peer = f"/automation/{made['id']}", number(8070)
    assert sdk.call("automations.get", AUTOMATION, "GET", place)["name"] == RULE["name"]
    answered(native, peer, "well, SDKHELLOs to you", "Hello Asha!")
    until(lambda: native.api("GET", f"/contacts?phone={peer}").data[0]["tags"] == ["sdk greeted"])
    shape = {"triggerCount": int, "lastTriggered": str, "todayCount": int}
    stats = sdk.call("automations.getStats", shape, "GET", f"{place}/stats")
    assert (stats["triggerCount"], stats["todayCount"]) == (1, 1)
    tested = {"matches": bool, "matchDetails": dict}
    yes = sdk.call("automations.test", {**tested, "actions": list}, "POST", f"{place}/test", {"message": "xa|b (c)x"})
    assert (yes["matches"], yes["actions"]) == (True, made["actions"])
    no = sdk.call("automations.test", tested, "POST", f"{place}/test", {"message": "a or b"})
    assert (no["matches"], no["actions"]) == (False, None)
    off = sdk.call("automations.toggle", AUTOMATION, "PUT", f"{place}/toggle")
    assert off["isActive"] is False
    query = {"profileId": "1", "triggerType": "keyword", "isActive": False}
    listed = sdk.call("automations.list", {"data": list}, "GET", "/automation", None, query)["data"]
    assert [one["id"] for one in listed] == [made["id"]]
    holds("automations.list", AUTOMATION, listed[0])
    assert sdk.ask("GET", "/automation", query={**query, "isActive": True}).json["data"] == []
    change = {"actions": [{"type": "reply", "message": "Bye"}], "cooldownSecs": 3600, "maxTriggersPerDay": 50}
    changed = sdk.call("automations.update", AUTOMATION, "PUT", place, change)
    assert (changed["cooldownSecs"], changed["maxTriggersPerDay"]) == (3600, 50)
    assert (changed["triggerConfig"], changed["name"]) == (made["triggerConfig"], RULE["name"])
    assert sdk.ask("PUT", place, {"maxTriggersPerDay": None}).json["maxTriggersPerDay"] is None
    assert sdk.call("automations.toggle", AUTOMATION, "PUT", f"{place}/toggle")["isActive"] is True
    other = number(8071)
    answered(native, other, "sdkhello", "Bye")
    # Within the cooldown it does not answer the same person again; somebody else it does.
    native.request("POST", "/simulator/1/inbound", json={"from": other, "text": "sdkhello"})
    answered(native, number(8072), "sdkhello", "Bye")
    assert texts_to(native, other) == ["Bye"]
    sdk.call("automations.delete", DELETED, "DELETE", place)
    assert sdk.ask("GET", place).status == 404


def test_automations_begin_in_their_order(native: JackfieldServer, sdk: Sdk) -> None:
    ids = []
    for text in ("one", "two", "three"):
        body = {**RULE, "name": f"Sdk {text}", "actions": [{"type": "reply", "message": text}]}
        ids.append(sdk.ask("POST", "/automation", {**body, "triggerConfig": {"keywords": ["sdkorder"]}}).json["id"])
    answered(native, number(8073), "sdkorder", "one", "two", "three")
    order = [ids[2], ids[0], ids[1]]
    sdk.call("automations.reorder", DELETED, "POST", "/automation/reorder", {"profileId": "1", "order": order})
    listed = sdk.ask("GET", "/automation", query={"profileId": "1"}).json["data"]
    assert [one["id"] for one in listed] == order
    answered(native, number(8074), "sdkorder", "three", "one", "two")
    for wrong, field in (([*order, "987654"], "order.3"), ([ids[0], ids[0]], "order.1"), ([], "order")):
        refused = sdk.ask("POST", "/automation/reorder", {"profileId": "1", "order": wrong})
        assert (refused.status, list(refused.json["error"]["details"])) == (400, [field])
    for id_ in ids:
        sdk.ask("DELETE", f"/automation/{id_}")


ROUND: tuple[dict[str, Any], ...] = (
    {"triggerConfig": {"keywords": ["Hi", "a.b"], "matchMode": "exact", "caseSensitive": True}},
    {"triggerConfig": {"keywords": ["x\\y"], "matchMode": "startsWith", "caseSensitive": False}},
    {"triggerConfig": {"keywords": ["x", "y"], "matchMode": "endsWith", "caseSensitive": False}},
    {"triggerConfig": {"keywords": ["word"], "matchMode": "word", "caseSensitive": False}},
    {"triggerType": "regex", "triggerConfig": {"pattern": "^#[0-9]+$", "flags": "i"}},
    {"triggerType": "regex", "triggerConfig": {"pattern": "a.c", "flags": "ms"}},
    {"triggerType": "new_contact", "triggerConfig": {}},
    {"triggerType": "message_type", "triggerConfig": {"types": ["image", "audio"]}},
    {"triggerType": "all", "triggerConfig": {}},
    {"conditions": [{"type": "message_type", "types": ["text"]}, {"type": "contact_tag", "tags": ["vip"]},
                    {"type": "match_text", "operator": "not_contains", "value": "stop"},
                    {"type": "match_text", "operator": "equals", "value": "go"},
                    {"type": "time_range", "startHour": 9, "endHour": 24},
                    {"type": "day_of_week", "days": [0, 1, 6]}]},
    {"actions": [{"type": "send_image", "url": "https://example.com/a.jpg", "caption": "{{phone}}"},
                 {"type": "send_video", "url": "https://example.com/a.mp4"},
                 {"type": "send_audio", "url": "https://example.com/a.mp3"},
                 {"type": "send_document", "url": "https://example.com/a.pdf", "filename": "a.pdf"},
                 {"type": "delay", "seconds": 5}, {"type": "remove_tag", "tags": ["vip", "old"]},
                 {"type": "webhook", "url": "https://example.com/hook", "method": "POST"},
                 {"type": "assign_agent", "assignedUserId": "1"}]},
)  # fmt: skip


@pytest.mark.parametrize("fields", ROUND, ids=str)
def test_what_an_automation_was_made_of_is_shown_as_it_was_written(sdk: Sdk, fields: dict[str, Any]) -> None:
    made = sdk.ask("POST", "/automation", {**RULE, "name": "Sdk round", "isActive": False, **fields})
    assert made.status == 201, made
    shown = sdk.ask("GET", f"/automation/{made.json['id']}").json
    sdk.ask("DELETE", f"/automation/{made.json['id']}")
    assert shown["conditions"].pop(0) == {"type": "not_group"}
    for name, value in fields.items():
        assert shown[name] == value, shown[name]


def test_what_automations_have_not_is_refused_by_its_name(native: JackfieldServer, sdk: Sdk) -> None:
    def action(**fields: Any) -> dict[str, Any]:
        return {"actions": [RULE["actions"][0], fields]}

    def condition(**fields: Any) -> dict[str, Any]:
        return {"conditions": [fields]}

    for fields, field in (
        ({"triggerType": "schedule"}, "triggerType"),
        ({"triggerConfig": {"keywords": []}}, "triggerConfig.keywords"),
        ({"triggerConfig": {"keywords": ["a"], "matchMode": "fuzzy"}}, "triggerConfig.matchMode"),
        ({"triggerConfig": {"keywords": ["a"], "language": "en"}}, "triggerConfig.language"),
        ({"triggerType": "regex", "triggerConfig": {"pattern": "(?=a)"}}, "triggerConfig"),
        ({"triggerType": "regex", "triggerConfig": {"pattern": "a", "flags": "y"}}, "triggerConfig.flags"),
        ({"triggerType": "message_type", "triggerConfig": {"types": ["reaction"]}}, "triggerConfig.types"),
        ({"triggerType": "message_type", "triggerConfig": {"types": ["smell"]}}, "triggerConfig.types"),
        (condition(type="is_group"), "conditions.0.type"),
        (condition(type="moon"), "conditions.0.type"),
        (condition(type="contact_tag", tags=["a", "b"]), "conditions.0.tags"),
        (condition(type="match_text", operator="endsWith", value="a"), "conditions.0.operator"),
        (condition(type="match_text", value="a", caseSensitive=True), "conditions.0.caseSensitive"),
        (condition(type="time_range", startHour=9, endHour=9), "conditions.0.endHour"),
        (condition(type="day_of_week", days=[7]), "conditions.0.days"),
        (action(type="ai_reply"), "actions.1.type"),
        (action(type="send_poll", question="?", options=["a"]), "actions.1.type"),
        (action(type="stop_processing"), "actions.1.type"),
        (action(type="reply", message="Hi {{time}}"), "actions.1.message"),
        (action(type="reply", message="Hi {name}"), "actions.1.message"),
        (action(type="reply", message=""), "actions.1.message"),
        (action(type="reply", message="Hi", simulateTyping=True), "actions.1.simulateTyping"),
        (action(type="send_image", url="a.jpg"), "actions.1.url"),
        (action(type="send_image", base64="aGk="), "actions.1.url"),
        (action(type="send_audio", url="https://example.com/a", ptt=True), "actions.1.ptt"),
        (action(type="webhook", url="https://example.com", method="GET"), "actions.1.method"),
        (action(type="delay", seconds=0), "actions.1.seconds"),
        ({"actions": []}, "actions"),
        ({"cooldownSecs": -1}, "cooldownSecs"),
        ({"maxTriggersPerDay": 0}, "maxTriggersPerDay"),
        ({"priority": 3}, "priority"),
    ):  # fmt: skip
        refused = sdk.ask("POST", "/automation", {**RULE, **fields})
        assert refused.status == 400, (fields, refused)
        assert list(refused.json["error"]["details"]) == [field], (fields, refused)
    assert sdk.ask("POST", "/automation", {**RULE, "profileId": "987654"}).status == 404
    # A rule of ours that does more is not shown as less, and not changed from here.
    ours = {"name": "Sdk menu", "trigger": {"type": "message"}, "steps": [{"type": "ask", "text": "What?"}]}
    made = native.api("POST", "/automations", json=ours).data["id"]
    for method, path in (("GET", ""), ("PUT", ""), ("PUT", "/toggle"), ("DELETE", ""), ("GET", "/stats")):
        answer = sdk.ask(
            method, f"/automation/{made}{path}", {"cooldownSecs": 1} if path == "" and method == "PUT" else None
        )
        assert (answer.status, answer.json["error"]["code"]) == (422, "UNSUPPORTED"), answer
    assert made not in [one["id"] for one in sdk.ask("GET", "/automation", query={"profileId": "1"}).json["data"]]
    native.api("DELETE", f"/automations/{made}")


def test_specified_auto_reply(native: JackfieldServer, sdk: Sdk) -> None:
    """ "Keywords that trigger this reply", "Cooldown in seconds per contact", "Response message"."""
    body = {"profileId": "1", "keywords": ["sdkhalo", "sdkhi"], "response": "Welcome {{name}}!"}
    made = sdk.ask("POST", "/autoreply", body)
    assert made.status == 201, made
    holds("autoreply", AUTOMATION, made.json)
    assert (made.json["name"], made.json["cooldownSecs"]) == ("Autoreply: sdkhalo, sdkhi...", 60)
    again = sdk.ask("POST", "/autoreply", {**body, "isActive": False, "privateOnly": True, "matchMode": "exact"})
    assert (again.status, again.json["isActive"]) == (201, False)
    listed = sdk.ask("GET", "/autoreply", query={"profileId": "1"}).json["data"]
    assert [one["id"] for one in listed] == [again.json["id"], made.json["id"]]
    answered(native, number(8080), "oh sdkHALO", "Welcome Asha!")
    place = f"/autoreply/{made.json['id']}"
    changed = sdk.ask(
        "PUT", place, {"keywords": ["sdkbye"], "matchMode": "startsWith", "response": "Bye", "cooldownSecs": 0}
    )
    assert changed.json["triggerConfig"] == {
        "keywords": ["sdkbye"], "matchMode": "startsWith", "caseSensitive": False
    }  # fmt: skip
    assert sdk.ask("GET", place).json["actions"][0]["message"] == "Bye"
    answered(native, number(8081), "sdkbyebye", "Bye")
    assert sdk.ask("PUT", f"{place}/toggle").json["isActive"] is False
    for wrong, field in (
        ({"privateOnly": False}, "privateOnly"),
        ({"matchMode": "endsWith"}, "matchMode"),
        ({"keywords": []}, "keywords"),
        ({"response": "Hi {{time}}"}, "response"),
        ({"delay": 3}, "delay"),
    ):
        refused = sdk.ask("POST", "/autoreply", {**body, **wrong})
        assert (refused.status, list(refused.json["error"]["details"])) == (400, [field]), refused
    for one in listed:
        assert sdk.ask("DELETE", f"/autoreply/{one['id']}").status == 200
    assert sdk.ask("GET", place).status == 404


def test_every_method_was_called(sdk: Sdk) -> None:
    """Runs last; with a part of the tests alone it has nothing to say."""
    called = {one.split(".")[0] for one in sdk.seen}
    assert {one for one in PROVEN if one.split(".")[0] in called} == sdk.seen
