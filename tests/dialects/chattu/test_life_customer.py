"""The life of a customer of Chattu, written from Chattu's page before a look at our code: clients, messages, webhooks.

Chats, groups and channels are in `test_life_chats`.
"""

from __future__ import annotations

import base64
import json
import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from jackfield.testing.server import JackfieldServer, until

from ..conftest import Got, Receiver
from .customer import PEER, PHONE, PNG, Account, Phone, ok, profile_of, refused

ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
DEFAULT_REJECTION = "מצטער אינני זמין כעת."
HEY = {"clientId": "client-id", "number": "12345678901", "message": "Hey! Its a test message"}
EVERY_CALL = [
    ("POST", "/api/add-number"), ("POST", "/api/update-webhook"), ("POST", "/api/send-message"), ("GET", "/api/clients"),
    ("GET", "/api/profile"), ("GET", "/api/sent-messages"), ("GET", "/api/received-messages/client-id"),
    ("GET", "/api/incoming-calls/client-id"), ("GET", "/api/call-logs"), ("GET", "/api/logs"), ("GET", "/api/qr/client-id"),
    ("GET", "/api/groups/client-id"), ("POST", "/api/send-group-message"), ("GET", "/api/chats/client-id"),
    ("GET", "/api/chats/client-id/9721234567@c.us/messages"), ("POST", "/api/chats/client-id/9721234567@c.us/send"),
    ("POST", "/api/chats/client-id/9721234567@c.us/read"), ("GET", "/api/chats/client-id/media/X"),
    ("POST", "/api/groups/client-id/1@g.us/send"), ("POST", "/schedule-message"), ("GET", "/scheduled-messages"),
    ("DELETE", "/scheduled-messages/1"), ("DELETE", "/clients/client-id"),
]  # fmt: skip


def test_every_call_wants_a_key_or_a_session(account: Account) -> None:
    for method, path in EVERY_CALL:
        body: dict[str, Any] = {"json": {}} if method == "POST" else {}
        refused(account.plain.request(method, path, **body), 401, "AUTH_ERROR")
        refused(account.plain.request(method, path, headers={"x-api-key": "wrong"}, **body), 401, "AUTH_ERROR")


def test_add_number(account: Account) -> None:
    assert ok(account.api.get("/api/clients")) == []
    profile = ok(account.api.get("/api/profile"))
    assert set(profile) == {"username", "role", "apiKey", "clientCount"}
    assert (profile["username"], profile["apiKey"], profile["clientCount"]) == (account.email, account.key, 0)
    assert isinstance(profile["role"], str)

    number = {"clientId": "client-id", "phoneNumber": "12345678901"}
    added = ok(account.api.post("/api/add-number", json=number))
    assert set(added) == {"status", "message", "qrCode", "apiKey"}
    assert (added["status"], added["message"]) == ("pending_auth", "QR Code generated for authentication")
    head, _, data = added["qrCode"].partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(data, validate=True).startswith(PNG)
    assert added["apiKey"] != account.key
    waiting = {
        "clientId": "client-id",
        "phoneNumber": "12345678901",
        "apiKey": added["apiKey"],
        "connectedNumber": "Not Connected",
        "status": "Pending Authentication",
    }
    assert ok(account.api.get("/api/clients")) == [waiting]
    assert ok(account.api.get("/api/profile"))["clientCount"] == 1
    # This endpoint returns a PNG image, not JSON.
    picture = account.api.get("/api/qr/client-id")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert picture.content.startswith(PNG)

    # Nothing is sent from a phone that is not linked.
    refused(account.api.post("/api/send-message", json=HEY), 409, "CLIENT_NOT_CONNECTED")
    account.scan(profile_of(account, "client-id"))
    connected = {**waiting, "connectedNumber": "12345678901@c.us", "status": "Authenticated"}
    until(lambda: ok(account.api.get("/api/clients")) == [connected], what="authenticated")
    # If the client is already connected, the status will be "connected" and qrCode will be null.
    again = ok(account.api.post("/api/add-number", json=number))
    assert set(again) == {"status", "message", "qrCode", "apiKey"}
    assert (again["status"], again["qrCode"], again["apiKey"]) == ("connected", None, added["apiKey"])
    # Once authenticated, the QR code expires.
    refused(account.api.get("/api/qr/client-id"), 404)
    refused(account.api.get("/api/qr/nobody"), 404)
    for body in ({}, {"clientId": "x"}, {"phoneNumber": "12345678902"}):
        refused(account.api.post("/api/add-number", json=body), 400)
    assert len(ok(account.api.get("/api/clients"))) == 1


def test_reset_api_key(account: Account, phone: Phone) -> None:
    """It takes the current key in the body, and neither a session nor the header."""
    body = {"username": account.email, "currentApiKey": account.key}
    reset = ok(account.plain.post("/api/reset-api-key", json=body))
    assert set(reset) == {"message", "newApiKey"}
    assert reset["message"] == "API key reset successfully."
    assert reset["newApiKey"] != account.key
    assert ok(account.client(phone.key).get("/api/sent-messages")) == [], "a client's own key stays"
    refused(account.api.get("/api/profile"), 401)
    assert ok(account.client(reset["newApiKey"]).get("/api/profile"))["apiKey"] == reset["newApiKey"]
    # 5 attempts per hour per IP, then 429.
    codes = [account.plain.post("/api/reset-api-key", json=body).status_code for _ in range(5)]
    assert codes == [401] * 4 + [429]


def test_delete_client(account: Account, phone: Phone) -> None:
    def delete(who: httpx.Client, client_id: str, **body: str) -> httpx.Response:
        return who.request("DELETE", f"/clients/{client_id}", json=body)

    # Cannot be called via API key.
    refused(delete(account.api, "client-id", password=account.password), 401)
    refused(delete(account.browser, "client-id"), 400, "Password is required")
    refused(delete(account.browser, "client-id", password="not it"), 403, "Invalid password")
    refused(delete(account.browser, "nobody", password=account.password), 404, "Client not found")
    gone = ok(delete(account.browser, "client-id", password=account.password))
    assert gone == {"message": "Client deleted successfully."}
    assert ok(account.api.get("/api/clients")) == []
    refused(account.client(phone.key).get("/api/profile"), 401)
    # Security events are logged for audit.
    logged = account.api.get("/api/logs").text
    assert "channel.delete_refused" in logged
    assert "channel.deleted" in logged
    # 5 attempts per hour per IP.
    last = [delete(account.browser, "nobody", password=account.password).status_code for _ in range(2)]
    assert 429 in last


def test_send_message(account: Account, phone: Phone) -> None:
    send = lambda **more: account.api.post("/api/send-message", json={**HEY, **more})  # noqa: E731
    ok(send())
    # Its own key will do.
    ok(account.client(phone.key).post("/api/send-message", json={**HEY, "message": "By its own key"}))
    assert phone.texts("12345678901") == ["Hey! Its a test message", "By its own key"]
    for name, kind in (
        ("a.jpg", "image"), ("a.jpeg", "image"), ("a.png", "image"), ("a.gif", None), ("a.webp", "image"),
        ("a.pdf", "document"), ("a.mp4", "video"), ("a.mp3", "audio"),
    ):  # fmt: skip
        ok(send(message=name, mediaUrl=f"https://example.com/{name}"))
        got = [one for one in phone.contents("12345678901") if one.get("url") == f"https://example.com/{name}"]
        assert got, name
        assert kind in (got[0]["type"], None), name
    alone = {name: value for name, value in HEY.items() if name != "message"}
    ok(account.api.post("/api/send-message", json={**alone, "mediaUrl": "https://example.com/alone.png"}))
    refused(send(mediaUrl="https://example.com/a.exe"), 400)
    # Either a text message or media attachment must be included.
    refused(account.api.post("/api/send-message", json=alone), 400)
    for missing in ("number", "clientId"):
        less = {name: value for name, value in HEY.items() if name != missing}
        refused(account.api.post("/api/send-message", json=less), 400)
    refused(send(clientId="nobody"), 404)

    sent = ok(account.api.get("/api/sent-messages"))
    assert isinstance(sent, list)
    assert len(sent) == 11
    for row in sent:
        assert set(row) == {"id", "clientId", "senderNumber", "recipient", "message", "status", "sentAt"}
        assert isinstance(row["id"], int)
        assert (row["clientId"], row["senderNumber"]) == ("client-id", PHONE)
        assert (row["recipient"], row["status"]) == ("12345678901", "sent")
        assert ISO.fullmatch(row["sentAt"]), row
    assert {"Hey! Its a test message", "By its own key"} <= {row["message"] for row in sent}


SCHEDULED = {"id", "clientId", "recipient", "message", "scheduleTime", "status", "createdAt", "sentTime"}


def test_schedule(account: Account, phone: Phone) -> None:
    browser, at = account.browser, "2031-10-06T18:30:00Z"
    body = {"clientId": "client-id", "number": "9721234568", "message": "Scheduled hello", "scheduleTime": at}
    assert ok(browser.get("/scheduled-messages")) == []
    ok(browser.post("/schedule-message", json=body))
    (row,) = ok(browser.get("/scheduled-messages"))
    assert set(row) == SCHEDULED
    assert isinstance(row["id"], int)
    assert ISO.fullmatch(row["createdAt"])
    # As printed: number 9721234567 is the recipient +9721234567.
    assert row == {
        **row,
        "clientId": "client-id",
        "recipient": "+9721234568",
        "message": "Scheduled hello",
        "scheduleTime": at,
        "status": "pending",
        "sentTime": None,
    }
    # "With country code, e.g., +972".
    ok(browser.post("/schedule-message", json={**body, "number": "+9721234569"}))
    assert {one["recipient"] for one in ok(browser.get("/scheduled-messages"))} == {"+9721234568", "+9721234569"}
    for missing in body:
        less = {name: value for name, value in body.items() if name != missing}
        refused(browser.post("/schedule-message", json=less), 400)
    refused(browser.post("/schedule-message", json={**body, "scheduleTime": "tomorrow"}), 400)
    refused(browser.post("/schedule-message", json={**body, "clientId": "nobody"}), 404)
    # No request body is required, the header is there all the same.
    path = f"/scheduled-messages/{row['id']}"
    gone = browser.delete(path, headers={"Content-Type": "application/json"})
    assert ok(gone) == {"message": "Schedule cancelled."}
    states = {one["id"]: one["status"] for one in ok(browser.get("/scheduled-messages"))}
    assert states[row["id"]] == "cancelled"
    assert browser.delete(path).status_code in (400, 404, 409), "only a pending one is cancelled"
    # 10 operations per 15 minutes per IP.
    codes = [browser.delete(f"/scheduled-messages/{900_000 + n}").status_code for n in range(9)]
    assert codes == [404] * 8 + [429]


def test_schedule_goes_out(account: Account, phone: Phone) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    body = {"clientId": "client-id", "number": "9721234568", "message": "Scheduled hello", "scheduleTime": soon}
    ok(account.browser.post("/schedule-message", json=body))
    until(lambda: ok(account.browser.get("/scheduled-messages"))[0]["status"] == "sent", what="it is sent")
    assert phone.texts("9721234568") == ["Scheduled hello"]
    assert ISO.fullmatch(ok(account.browser.get("/scheduled-messages"))[0]["sentTime"])


def test_received_messages(account: Account, phone: Phone) -> None:
    path = "/api/received-messages/client-id"
    phone.writes("Hello!")
    body = until(lambda: [one for one in [ok(account.api.get(path))] if one["messages"]], what="received")[0]
    assert set(body) == {"status", "messages"}
    assert body["status"] == "success"
    (row,) = body["messages"]
    assert set(row) == {"id", "client_id", "sender", "message", "received_at"}
    assert isinstance(row["id"], int)
    assert (row["client_id"], row["sender"], row["message"]) == ("client-id", PEER, "Hello!")
    assert ISO.fullmatch(row["received_at"])
    assert ok(account.client(phone.key).get(path)) == body
    refused(account.api.get("/api/received-messages/nobody"), 404)
    # The last 100.
    for n in range(102):
        phone.writes(f"No. {n}")
    last = {f"No. {n}" for n in range(2, 102)}
    until(lambda: {one["message"] for one in ok(account.api.get(path))["messages"]} == last, what="the last 100")


def test_calls(account: Account, phone: Phone) -> None:
    path = "/api/incoming-calls/client-id"
    assert ok(account.api.get(path)) == {"status": "success", "calls": []}
    phone.play("call", **{"from": PEER, "isVideo": False})
    body = until(lambda: [one for one in [ok(account.api.get(path))] if one["calls"]], what="a call")[0]
    assert set(body) == {"status", "calls"}
    (call,) = body["calls"]
    fields = {"id", "client_id", "call_from", "is_video", "start_time", "end_time", "duration", "created_at"}
    assert set(call) == fields
    assert isinstance(call["id"], int)
    assert (call["client_id"], call["call_from"], call["is_video"]) == ("client-id", f"{PEER}@c.us", False)
    assert ISO.fullmatch(call["start_time"])
    assert ISO.fullmatch(call["created_at"])
    # If no rejection message is returned, the system uses the default one.
    until(lambda: phone.texts() == [DEFAULT_REJECTION], what="the words for the caller")
    phone.play("call", **{"from": PEER, "isVideo": True})
    videos = lambda: sorted(one["is_video"] for one in ok(account.api.get(path))["calls"])  # noqa: E731
    until(lambda: videos() == [False, True], what="a second call")
    assert PEER in json.dumps(ok(account.api.get("/api/call-logs")))
    ok(account.api.get("/api/logs"))
    refused(account.api.get("/api/incoming-calls/nobody"), 404)
    # The last 50 calls of all clients. Nobody is told, so that 50 are soon over.
    account.native("PATCH", f"/profiles/{phone.profile}", {"settings": {"auto_reject_calls": False}})
    for n in range(50):
        phone.play("call", **{"from": f"12345{n:06d}"})
    until(lambda: len(ok(account.api.get(path))["calls"]) == 52, what="52 calls")
    assert len(ok(account.api.get("/api/call-logs"))["calls"]) == 50


def test_the_last_100_sent_messages(account: Account, phone: Phone) -> None:
    many = [{"chatId": f"9721{n:06d}@c.us", "type": "text", "content": {"text": f"No. {n}"}} for n in range(101)]
    account.native("POST", "/bulk/send", {"messages": many, "options": {"delayBetweenMessages": 0}})
    last = lambda: [one["message"] for one in ok(account.api.get("/api/sent-messages"))]  # noqa: E731
    until(lambda: "No. 100" in last(), what="all are sent")
    assert sorted(last()) == sorted(f"No. {n}" for n in range(1, 101))


def test_another_account(account: Account, phone: Phone, chattu_server: JackfieldServer) -> None:
    """Client must belong to the authenticated user."""
    other = Account(chattu_server, account.document)
    assert ok(other.api.get("/api/clients")) == []
    for path in ("/api/received-messages/client-id", "/api/incoming-calls/client-id", "/api/groups/client-id"):
        refused(other.api.get(path), 404)
    refused(other.api.post("/api/send-message", json=HEY), 404)
    refused(other.browser.get("/api/chats/client-id"), 404)
    refused(other.browser.request("DELETE", "/clients/client-id", json={"password": other.password}), 404)
    assert phone.texts("12345678901") == []
    # A name of one's own is free, whoever else has it.
    assert ok(other.api.post("/api/add-number", json={"clientId": "client-id", "phoneNumber": "972512345678"}))[
        "qrCode"
    ]
    other.close()


def told(receiver: Receiver, phone: Phone, event: str, **wanted: str) -> dict[str, Any]:
    """The data of a webhook without its time, which is now in milliseconds."""

    def right(one: Got) -> bool:
        return one.json["event"] == event and wanted.items() <= one.json["data"].items()

    got = receiver.wait(right)
    assert got.headers["content-type"] == "application/json"
    assert got.headers["x-api-key"] == phone.key, "your-client-api-key"
    assert set(got.json) == {"event", "data"}
    data: dict[str, Any] = got.json["data"]
    stamp = data.pop("timestamp")
    assert isinstance(stamp, int)
    assert abs(stamp / 1000 - time.time()) < 600
    return data


def test_webhooks(account: Account, phone: Phone, receiver: Receiver) -> None:
    set_ = lambda body: account.api.post("/api/update-webhook", json=body)  # noqa: E731
    ok(set_({"clientId": "client-id", "webhookUrl": receiver.url}))
    # Sent when a message is successfully sent via the API.
    ok(account.api.post("/api/send-message", json={**HEY, "number": PEER, "message": "Hello from the API"}))
    assert told(receiver, phone, "message_sent") == {
        "from": "client-id",
        "to": PEER,
        "body": "Hello from the API",
        "message": "Hello from the API",
        "type": "sent_message",
    }
    # You can return a response message that will be automatically sent back to the sender.
    thanks = "Thank you for your message! We'll get back to you soon."
    receiver.answer = lambda _: {"status": "success", "response": thanks}
    phone.writes("Hello, this is a test message")
    assert told(receiver, phone, "message_received") == {
        "from": PEER,
        "to": "client-id",
        "body": "Hello, this is a test message",
        "message": "Hello, this is a test message",
        "type": "received_message",
    }
    until(lambda: thanks in phone.texts(), what="the response")
    # Return a custom rejection message that will be sent to the caller.
    receiver.answer = lambda _: {"status": "success", "rejectionMessage": "We ring back soon."}
    phone.play("call", **{"from": "1234567891"})
    assert told(receiver, phone, "call_rejected") == {
        "from": "1234567891",
        "to": "client-id",
        "isVideo": False,
        "type": "call_rejected",
    }
    until(lambda: phone.texts("1234567891") == ["We ring back soon."], what="the caller is told")
    # "message" in the answer is none for anybody, and without rejectionMessage the default is sent.
    receiver.answer = lambda _: {"status": "success", "message": "Webhook received successfully."}
    phone.writes("Anyone?", "1234567893")
    told(receiver, phone, "message_received", **{"from": "1234567893"})
    phone.play("call", **{"from": "1234567892"})
    until(lambda: phone.texts("1234567892") == [DEFAULT_REJECTION], what="the default words")
    assert phone.texts("1234567893") == []
    refused(set_({"webhookUrl": receiver.url}), 400)
    refused(set_({"clientId": "nobody", "webhookUrl": receiver.url}), 404)
    # URL must be publicly accessible (no localhost/private IPs).
    for private in ("http://192.168.1.10/hook", "http://10.0.0.1/hook", "not a url"):
        refused(set_({"clientId": "client-id", "webhookUrl": private}), 400)
