"""Every method of MultiWA's TypeScript client (packages/sdk): its exact call, and what its types expect of the answer."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from typing import Any

from jackfield.testing.server import JackfieldServer, until

from .conftest import number
from .multiwa import (
    BROADCAST,
    CONTACT,
    CONVERSATION,
    DELETED,
    LOG,
    MESSAGE,
    STATS,
    TEMPLATE,
    WEBHOOK,
    Sdk,
    all_called,
    holds,
)

SECRET = "whsec_" + b64encode(bytes(range(32))).decode()
PIXEL = b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()


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


def test_every_method_was_called(sdk: Sdk) -> None:
    """Runs last; with a part of the tests alone it has nothing to say."""
    all_called(sdk)
