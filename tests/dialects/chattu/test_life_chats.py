"""The life of a customer of Chattu, written from Chattu's page before a look at our code: chats, groups and channels."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from jackfield.testing.server import until

from .customer import PEER, Account, Phone, ok, refused

CHAT = {"id", "name", "profilePic", "lastMessage", "timestamp", "unreadCount", "isMuted", "pinned"}
MESSAGE = {"id", "body", "fromMe", "timestamp", "type", "hasMedia", "hasReaction", "reactions", "ack", "filename"}
CHANNEL = {
    "id", "name", "description", "profilePic", "lastMessage", "timestamp", "unreadCount", "isMuted", "pinned", "isReadOnly",
    "type",
}  # fmt: skip
GROUP = CHANNEL | {"participants", "owner", "createdAt"}
HELP = "Hello! How can I help you?"
GREETING = "שלום לכולם! זו הודעה בעברית"
JOHN = f"/api/chats/client-id/{PEER}@c.us"


def said(account: Account, **query: Any) -> list[str]:
    return [one["body"] for one in ok(account.browser.get(f"{JOHN}/messages", params=query))["messages"]]


def test_chats(account: Account, phone: Phone) -> None:
    browser = account.browser
    assert ok(browser.get("/api/chats/client-id")) == {"chats": []}
    group = phone.group("Work group")
    phone.writes("Not here", "1234567894", chat=group)
    phone.writes("The first", "1234567891", name="Tara")
    phone.writes("Hello!", name="John Doe")
    phone.writes("Are you open?")
    until(lambda: said(account) == ["Hello!", "Are you open?"], what="what John wrote")
    body = ok(browser.get("/api/chats/client-id"))
    assert set(body) == {"chats"}
    # Most recent first, and groups are filtered out.
    newest, oldest = body["chats"]
    assert (set(newest), set(oldest)) == (CHAT, CHAT)
    assert newest["id"] == {"_serialized": f"{PEER}@c.us"}
    assert newest["name"] == "John Doe"
    assert newest["profilePic"] is None or newest["profilePic"].startswith("http")
    assert newest["lastMessage"] == {"body": "Are you open?", "timestamp": newest["timestamp"], "fromMe": False}
    assert abs(newest["timestamp"] - time.time()) < 600, "seconds"
    assert (newest["unreadCount"], newest["isMuted"], newest["pinned"]) == (2, False, False)
    # Contact name or phone number.
    assert (oldest["name"], oldest["id"]) == ("Tara", {"_serialized": "1234567891@c.us"})
    assert isinstance(ok(browser.post("/api/chats/client-id/1234567895@c.us/send", json={"message": "Hi"})), dict)
    assert ok(browser.get("/api/chats/client-id"))["chats"][0]["name"] == "1234567895"

    sent = ok(browser.post(f"{JOHN}/send", json={"message": HELP}))
    assert set(sent) == {"success", "message"}
    assert sent["success"] is True
    assert set(sent["message"]) == {"id", "body", "timestamp"}
    assert set(sent["message"]["id"]) == {"_serialized"}
    assert sent["message"]["body"] == HELP
    assert isinstance(sent["message"]["timestamp"], int)
    assert phone.texts() == [HELP]
    refused(browser.post(f"{JOHN}/send", json={}), 400)
    refused(browser.post(f"{JOHN}/send", json={"message": ""}), 400)

    # Sorted from earliest to latest; limit keeps the latest.
    body = ok(browser.get(f"{JOHN}/messages", params={"limit": 50}))
    assert set(body) == {"messages"}
    assert all(set(one) == MESSAGE for one in body["messages"])
    assert [one["body"] for one in body["messages"]] == ["Hello!", "Are you open?", HELP]
    assert [one["fromMe"] for one in body["messages"]] == [False, False, True]
    first, _, last = body["messages"]
    assert (first["type"], first["hasMedia"], first["filename"]) == ("chat", False, None)
    assert first["hasReaction"] is False
    assert first["reactions"] in (None, [])
    assert last["id"] == sent["message"]["id"]
    assert said(account, limit=2) == ["Are you open?", HELP]
    # 1=sent, 2=delivered, 3=read.
    messages = lambda: ok(browser.get(f"{JOHN}/messages"))["messages"]  # noqa: E731
    assert last["ack"] in (1, 2, 3)
    until(lambda: messages()[-1]["ack"] == 3, what="it is read")
    phone.play("inbound", **{"from": PEER, "type": "reaction", "target": last["id"]["_serialized"], "emoji": "👍"})
    until(lambda: any(one["hasReaction"] for one in messages()), what="the reaction")
    (reacted,) = [one for one in messages() if one["hasReaction"]]
    assert reacted["id"] == last["id"]
    assert reacted["reactions"] == [{"reaction": "👍", "senderId": f"{PEER}@c.us"}]
    assert [one["body"] for one in messages()] == ["Hello!", "Are you open?", HELP], "a reaction is no message"

    assert ok(browser.post(f"{JOHN}/read")) == {"success": True}
    # No request body is required; the header is there all the same.
    json_header = {"Content-Type": "application/json"}
    assert ok(browser.post(f"{JOHN}/read", headers=json_header)) == {"success": True}
    listed = ok(browser.get("/api/chats/client-id", headers=json_header))["chats"]
    assert [one["unreadCount"] for one in listed if one["name"] == "John Doe"] == [0]
    # Session authentication, and a client of one's own.
    for path in ("/api/chats/client-id", f"{JOHN}/messages"):
        refused(account.api.get(path), 401)
    refused(browser.get("/api/chats/nobody"), 404)
    # For a complete chat interface, visit /chat in your browser.
    page = browser.get("/chat")
    assert (page.status_code, page.headers["content-type"].partition(";")[0]) == (200, "text/html")


def test_fifty_messages_by_default(account: Account, phone: Phone) -> None:
    for n in range(52):
        phone.writes(f"No. {n}")
    until(lambda: said(account)[-1:] == ["No. 51"], what="all of them")
    assert said(account) == [f"No. {n}" for n in range(2, 52)]


def test_media(account: Account, phone: Phone) -> None:
    photo, offer = b"\xff\xd8\xff\xe0" + b"\x00" * 64, b"%PDF-1.4 a small file"
    first = phone.sends_file(photo, "image", "photo.jpg", "image/jpeg")
    phone.sends_file(offer, "document", "offer.pdf", "application/pdf")
    messages = lambda: ok(account.browser.get(f"{JOHN}/messages"))["messages"]  # noqa: E731
    until(lambda: len(messages()) == 2, what="the files")
    image, document = messages()
    assert image["id"] == {"_serialized": first}
    assert (image["type"], image["hasMedia"], image["filename"]) == ("image", True, "photo.jpg")
    assert (document["type"], document["hasMedia"], document["filename"]) == ("document", True, "offer.pdf")
    for message, data, mime in ((image, photo, "image/jpeg"), (document, offer, "application/pdf")):
        got = account.browser.get(f"/api/chats/client-id/media/{message['id']['_serialized']}")
        assert (got.status_code, got.content, got.headers["content-type"]) == (200, data, mime)
        assert got.headers["content-disposition"] == f'inline; filename="{message["filename"]}"'
    refused(account.browser.get("/api/chats/client-id/media/NOSUCH"), 404)


def test_groups_and_channels(account: Account, phone: Phone) -> None:
    group = phone.group("קבוצת עבודה")
    phone.writes("הודעה אחרונה", chat=group)
    listed = lambda: ok(account.api.get("/api/groups/client-id"))  # noqa: E731
    until(lambda: listed()["groups"][0]["unreadCount"], what="what was written in the group")
    body = listed()
    assert ok(account.browser.get("/api/groups/client-id")) == body
    assert ok(account.client(phone.key).get("/api/groups/client-id")) == body
    assert set(body) == {"groups", "channels", "total"}
    assert body["total"] == len(body["groups"]) + len(body["channels"])
    assert body["channels"]
    for one in body["groups"]:
        assert set(one) == GROUP
        assert one["type"] == "group"
        assert one["id"].endswith("@g.us")
        assert isinstance(one["participants"], int)
        assert one["owner"] is None or re.fullmatch(r"\d+@c\.us", one["owner"])
        assert one["createdAt"] is None or 10**9 < one["createdAt"] < 10**10, "Unix seconds"
    for one in body["channels"]:
        assert set(one) == CHANNEL
        assert one["type"] == "channel"
    # Most recent first.
    first = body["groups"][0]
    assert first == {
        **first,
        "id": group,
        "name": "קבוצת עבודה",
        "participants": 3,
        "lastMessage": {"body": "הודעה אחרונה", "timestamp": first["timestamp"], "fromMe": False},
        "unreadCount": 1,
        "isMuted": False,
        "pinned": False,
        "isReadOnly": False,
    }
    raw = account.api.get("/api/groups/client-id").content.decode("utf-8")
    assert "קבוצת עבודה" in raw
    refused(account.api.get("/api/groups/nobody"), 404)


def test_send_group_message(account: Account, phone: Phone) -> None:
    group = phone.group("קבוצת עבודה")
    body = {"clientId": "client-id", "groupId": group, "message": GREETING}
    begun = time.monotonic()
    utf8 = {"Content-Type": "application/json; charset=utf-8"}
    sent = ok(account.api.post("/api/send-group-message", json=body, headers=utf8))
    # Automatic 2-5 second random delay before sending.
    assert time.monotonic() - begun >= 2
    assert set(sent) == {"success", "message", "groupId", "groupName"}
    assert sent["success"] is True
    assert set(sent["message"]) == {"id", "body", "timestamp", "type"}
    assert set(sent["message"]["id"]) == {"_serialized"}
    assert (sent["message"]["body"], sent["message"]["type"]) == (GREETING, "chat")
    assert isinstance(sent["message"]["timestamp"], int)
    assert (sent["groupId"], sent["groupName"]) == (group, "קבוצת עבודה")
    assert phone.texts(group) == [GREETING]

    post = lambda **more: account.api.post("/api/send-group-message", json={**body, **more})  # noqa: E731
    # 400: missing required fields, invalid media type.
    for missing in body:
        less = {name: value for name, value in body.items() if name != missing}
        refused(account.api.post("/api/send-group-message", json=less), 400)
    media = "https://example.com/image.jpg"
    refused(post(mediaUrl=media), 400)
    refused(post(mediaUrl=media, mediaType="sticker"), 400)
    refused(post(message="x" * 4097), 400)
    refused(post(mediaUrl="no link", mediaType="image"), 400, "MEDIA_ERROR")
    refused(account.plain.post("/api/send-group-message", json=body), 401, "AUTH_ERROR")
    refused(account.browser.post("/api/send-group-message", json=body), 401, "AUTH_ERROR")
    refused(post(clientId="nobody"), 404, "CLIENT_NOT_FOUND")
    refused(post(groupId="120363999999999999@g.us"), 404, "GROUP_NOT_FOUND")
    refused(post(groupId=f"{PEER}@c.us"), 400, "INVALID_CHAT_TYPE")
    closed = phone.group("Read only", read_only=True)
    refused(post(groupId=closed), 403, "READ_ONLY_CHAT")
    assert phone.texts(closed) == []
    # Another client's key.
    second = ok(account.api.post("/api/add-number", json={"clientId": "client-id-2", "phoneNumber": "972512345678"}))
    refused(account.client(second["apiKey"]).post("/api/send-group-message", json=body), 403, "ACCESS_DENIED")
    assert phone.texts(group) == [GREETING]


def test_send_to_a_group_by_session(account: Account, phone: Phone) -> None:
    group = phone.group("קבוצת עבודה")
    path = f"/api/groups/client-id/{group}/send"
    sent = ok(account.browser.post(path, json={"message": GREETING}))
    assert set(sent) == {"success", "message"}
    assert sent["success"] is True
    assert set(sent["message"]) == {"id", "body", "timestamp", "type"}
    assert (sent["message"]["body"], sent["message"]["type"]) == (GREETING, "chat")
    for kind in ("image", "video", "audio", "document"):
        sent = ok(account.browser.post(path, json={"mediaUrl": f"https://example.com/{kind}", "mediaType": kind}))
        assert sent["message"]["type"] == kind
        assert phone.contents(group)[-1]["type"] == kind
    # And to a channel.
    channel = ok(account.browser.get("/api/groups/client-id"))["channels"]
    (open_one,) = [one["id"] for one in channel if one["name"] == "Jackfield Demo News 📰"]
    ok(account.browser.post(f"/api/groups/client-id/{open_one}/send", json={"message": GREETING}))
    assert phone.texts(open_one) == [GREETING]
    refused(account.browser.post(path, json={}), 400)
    refused(account.browser.post(path, json={"mediaUrl": "https://example.com/a.png"}), 400)
    refused(account.api.post(path, json={"message": "By key"}), 401)


@pytest.mark.parametrize("way", ["key", "session"])
def test_limits(account: Account, way: str) -> None:
    """100 requests per 15 minutes by key, 60 per minute by session."""
    who, path, most = (
        (account.api, "/api/send-group-message", 100)
        if way == "key"
        else (account.browser, "/api/groups/client-id/1@g.us/send", 60)
    )
    codes = [who.post(path, json={}).status_code for _ in range(most + 1)]
    assert codes[-1] == 429
    assert 429 not in codes[:-1]
