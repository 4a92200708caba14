"""The seed's examples as printed: each answer has the documented structure, key for key and type for type."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from jackfield.testing.server import Answer, JackfieldServer, until

from ..conftest import Receiver, shape_problems
from .conftest import Chattu

PHONE, PEER = "9721234567", "1234567890"


def check(golden: dict[str, Any], name: str, answer: Answer) -> Any:
    """The answer's JSON, held against the example of this name."""
    assert answer.status == 200, answer
    got = answer.json
    assert shape_problems(golden[name]["response"], got, frozenset(golden[name].get("nullable", ()))) == []
    return got


@pytest.fixture(scope="module")
def paired(chattu_server: JackfieldServer) -> tuple[Chattu, str, str]:
    """Calls, the client's own key and its profile; the client is `client-id`, as in the seed."""
    chattu = Chattu(chattu_server)
    key, profile = chattu.add("client-id", PHONE)
    return chattu, key, profile


def test_clients_and_profile(paired: tuple[Chattu, str, str], golden: dict[str, Any]) -> None:
    chattu, key, _ = paired
    request = golden["add-number"]["request"]
    again = check(golden, "add-number", chattu.api("POST", "/api/add-number", json=request))
    assert again == {"status": "connected", "message": "Client is already connected", "qrCode": None, "apiKey": key}

    fresh = check(
        golden,
        "add-number",
        chattu.api("POST", "/api/add-number", json={"clientId": "client-id-2", "phoneNumber": "972512345678"}),
    )
    assert fresh["status"] == "pending_auth"
    assert fresh["message"] == golden["add-number"]["response"]["message"]
    assert base64.b64decode(fresh["qrCode"].removeprefix("data:image/png;base64,")).startswith(b"\x89PNG")
    picture = chattu.api("GET", "/api/qr/client-id-2")
    assert (picture.status, picture.headers["content-type"]) == (200, "image/png")
    assert picture.body.startswith(b"\x89PNG")

    rows = {row["clientId"]: row for row in check(golden, "clients", chattu.api("GET", "/api/clients"))}
    assert rows["client-id"] == {
        "clientId": "client-id",
        "phoneNumber": PHONE,
        "apiKey": key,
        "connectedNumber": f"{PHONE}@c.us",
        "status": "Authenticated",
    }
    assert rows["client-id-2"] == {
        **golden["clients"]["response"][1],
        "apiKey": fresh["apiKey"],
    }
    profile = check(golden, "profile", chattu.api("GET", "/api/profile"))
    assert profile == {
        "username": chattu.server.email,
        "role": "admin",
        "apiKey": chattu.key,
        "clientCount": len(rows),
    }


def test_schedules(paired: tuple[Chattu, str, str], golden: dict[str, Any]) -> None:
    chattu, _, _ = paired
    request = {**golden["schedule-message"]["request"], "scheduleTime": "2027-10-06T18:30:00Z"}
    made = chattu.api("POST", "/schedule-message", json=request)
    assert made.status == 200, made
    rows = check(golden, "scheduled-messages", chattu.page("GET", "/scheduled-messages"))
    printed = golden["scheduled-messages"]["response"][0]
    assert rows[0] == {
        **printed,
        "id": made.json["id"],
        "scheduleTime": "2027-10-06T18:30:00Z",
        "createdAt": rows[0]["createdAt"],
    }
    answer = chattu.page("DELETE", f"/scheduled-messages/{made.json['id']}")
    assert check(golden, "cancel-schedule", answer) == golden["cancel-schedule"]["response"]
    assert chattu.api("GET", "/scheduled-messages").json[0]["status"] == "cancelled"


def test_messages_in_and_out(paired: tuple[Chattu, str, str], golden: dict[str, Any]) -> None:
    chattu, key, profile = paired
    sent = chattu.api("POST", "/api/send-message", json=golden["send-message"]["request"])
    assert (sent.status, sent.json["success"], sent.json["status"]) == (200, True, "success")
    (row,) = chattu.outbox(profile, "12345678901")
    assert row["id"] == sent.json["messageId"]
    assert row["type"] == "image"

    one = Chattu(chattu.server, key)
    listed = check(golden, "sent-messages", one.api("GET", "/api/sent-messages"))
    assert listed[0]["message"] == golden["send-message"]["request"]["message"]
    assert (listed[0]["senderNumber"], listed[0]["recipient"]) == (PHONE, "12345678901")

    chattu.inbound(profile, **{"from": PEER, "name": "John Doe", "text": "Hello!"})
    got = until(lambda: one.api("GET", "/api/received-messages/client-id").json["messages"], what="received")
    check(golden, "received-messages", one.api("GET", "/api/received-messages/client-id"))
    assert (got[0]["sender"], got[0]["message"], got[0]["client_id"]) == (PEER, "Hello!", "client-id")

    logs = one.api("GET", "/api/logs").json
    assert logs["status"] == "success"
    assert any(line["type"] == "message.received" for line in logs["logs"])


def test_calls(paired: tuple[Chattu, str, str], golden: dict[str, Any]) -> None:
    chattu, _, profile = paired
    assert chattu.server.request("POST", f"/simulator/{profile}/call", json={"from": PEER}).status == 200
    rows = until(lambda: chattu.api("GET", "/api/incoming-calls/client-id").json["calls"], what="a call")
    check(golden, "incoming-calls", chattu.api("GET", "/api/incoming-calls/client-id"))
    assert (rows[0]["call_from"], rows[0]["is_video"]) == (f"{PEER}@c.us", False)
    until(lambda: chattu.api("GET", "/api/call-logs").json["calls"][0]["duration"] is not None, what="its end")
    assert chattu.api("GET", "/api/call-logs").json["calls"][0]["client_id"] == "client-id"


def test_the_chat_interface(paired: tuple[Chattu, str, str], golden: dict[str, Any]) -> None:
    chattu, _, profile = paired
    peer = "9725550001"
    first = chattu.inbound(profile, **{"from": peer, "name": "John Doe", "text": "Hello!"})
    chattu.inbound(profile, **{"from": peer, "type": "reaction", "target": first["id"], "emoji": "👍"})
    path = f"/api/chats/client-id/{peer}@c.us/messages"
    until(lambda: any(row["hasReaction"] for row in chattu.page("GET", path).json["messages"]), what="the reaction")
    (row,) = check(golden, "messages", chattu.page("GET", f"{path}?limit=50"))["messages"]
    printed = golden["messages"]["response"]["messages"][0]
    reactions = [{"reaction": "👍", "senderId": f"{peer}@c.us"}]
    assert row == {
        **printed,
        "id": {"_serialized": first["id"]},
        "timestamp": row["timestamp"],
        "reactions": reactions,
        "ack": 2,
    }

    chats = check(golden, "chats", chattu.page("GET", "/api/chats/client-id"))["chats"]
    chat = next(one for one in chats if one["id"]["_serialized"] == f"{peer}@c.us")
    times = [one["timestamp"] for one in chats]
    assert times == sorted(times, reverse=True)
    assert (chat["name"], chat["unreadCount"]) == ("John Doe", 2)
    assert not [one for one in chats if one["id"]["_serialized"].endswith("@g.us")]

    request = golden["chat-send"]["request"]
    sent = check(golden, "chat-send", chattu.page("POST", f"/api/chats/client-id/{peer}@c.us/send", json=request))
    assert sent["message"]["body"] == request["message"]
    check(golden, "chat-read", chattu.page("POST", f"/api/chats/client-id/{peer}@c.us/read"))
    rows = until(
        lambda: [one for one in chattu.page("GET", path).json["messages"] if one["ack"] == 3 and one["fromMe"]],
        what="the read receipt",
    )
    assert rows[0]["id"] == sent["message"]["id"]
    chats = chattu.page("GET", "/api/chats/client-id").json["chats"]
    chat = next(one for one in chats if one["id"]["_serialized"] == f"{peer}@c.us")
    assert (chat["unreadCount"], chat["lastMessage"]["fromMe"]) == (0, True)


def test_media_comes_back_as_it_was(paired: tuple[Chattu, str, str]) -> None:
    chattu, _, profile = paired
    data = b"%PDF-1.4 a small file"
    sent = chattu.inbound(
        profile,
        **{
            "from": PEER,
            "type": "document",
            "data": base64.b64encode(data).decode(),
            "mime": "application/pdf",
            "filename": "הצעה.pdf",
        },
    )
    path = f"/api/chats/client-id/media/{sent['id']}"
    until(lambda: chattu.page("GET", path).status == 200, what="the file")
    answer = chattu.page("GET", path)
    assert (answer.body, answer.headers["content-type"]) == (data, "application/pdf")
    assert answer.headers["content-disposition"].startswith("inline; filename=")
    assert "filename*=UTF-8''%D7%94" in answer.headers["content-disposition"]
    row = chattu.page("GET", f"/api/chats/client-id/{PEER}@c.us/messages").json["messages"][-1]
    assert (row["hasMedia"], row["type"], row["filename"]) == (True, "document", "הצעה.pdf")


def test_groups_and_channels(paired: tuple[Chattu, str, str], golden: dict[str, Any]) -> None:
    chattu, key, _ = paired
    got = check(golden, "groups", Chattu(chattu.server, key).api("GET", "/api/groups/client-id"))
    names = {row["name"]: row for row in got["groups"] + got["channels"]}
    assert {"לקוחות VIP 🌟", "مجموعة المتجر الرئيسي", "أخبار السوق"} <= set(names)
    assert got["total"] == len(names)
    assert names["Announcements (read only)"]["isReadOnly"]
    assert names["לקוחות VIP 🌟"]["participants"] == 6
    assert chattu.page("GET", "/api/groups/client-id").json["total"] == got["total"]

    group = names["Team Jakarta"]["id"]
    request = golden["group-send"]["request"]
    answer = chattu.page("POST", f"/api/groups/client-id/{group}/send", json={"message": request["message"]})
    sent = check(golden, "group-send", answer)
    assert sent["message"]["type"] == "chat"
    with_file = check(golden, "group-send", chattu.page("POST", f"/api/groups/client-id/{group}/send", json=request))
    assert with_file["message"]["type"] == "image"
    first = chattu.page("GET", "/api/groups/client-id").json["groups"][0]
    assert (first["id"], first["lastMessage"]["body"]) == (group, request["message"])


def test_webhook_payloads(paired: tuple[Chattu, str, str], golden: dict[str, Any], receiver: Receiver) -> None:
    chattu, key, profile = paired
    printed = golden["update-webhook"]["request"]
    assert chattu.api("POST", "/api/update-webhook", json=printed).status == 200
    answer = chattu.api("POST", "/api/update-webhook", json={**printed, "webhookUrl": receiver.url})
    assert (answer.status, answer.json["webhookUrl"]) == (200, receiver.url)

    text = golden["message_received"]["payload"]["data"]["body"]
    chattu.inbound(profile, **{"from": PEER, "text": text})
    chattu.api(
        "POST", "/api/send-message", json={"clientId": "client-id", "number": PEER, "message": "Hello from the API"}
    )
    chattu.server.request("POST", f"/simulator/{profile}/call", json={"from": PEER})
    for name in ("message_received", "message_sent", "call_rejected"):
        got = receiver.wait(lambda one, name=name: one.json["event"] == name)
        example = golden[name]["payload"]
        assert shape_problems(example, got.json) == []
        assert got.json == {"event": name, "data": {**example["data"], "timestamp": got.json["data"]["timestamp"]}}
        assert got.headers["x-api-key"] == key
        assert got.headers["content-type"] == "application/json"
    off = chattu.api("POST", "/api/update-webhook", json={"clientId": "client-id", "webhookUrl": ""})
    assert off.json["webhookUrl"] is None
