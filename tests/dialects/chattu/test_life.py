"""The whole life of a paired phone, in one go."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jackfield.testing.server import Answer, running_server, until

from ..conftest import Got, Receiver
from ..document import hold
from .conftest import ENV, Chattu

PEER, CALLER = "628123456789", "628987654321"
GREETING = "שלום לכולם! זה הודעה בעברית"
REJECTION = "מצטער אינני זמין כעת. אנא שלח הודעה ונחזור אליך בהקדם."


def texts(rows: list[dict[str, Any]]) -> list[str]:
    return [row["content"]["text"] for row in rows]


@pytest.fixture
def chattu(tmp_path: Path) -> Iterator[Chattu]:
    """A server of its own: this life ends the first API key."""
    with running_server(tmp_path / "life", ENV) as running:
        hold(running, "/chattu")
        yield Chattu(running)


def test_the_whole_life_of_a_phone(chattu: Chattu, receiver: Receiver) -> None:
    server = chattu.server

    # Added, scanned, connected.
    added = chattu.api("POST", "/api/add-number", json={"clientId": "my-phone", "phoneNumber": "+972 50-765-4321"}).json
    assert (added["status"], added["qrCode"][:22]) == ("pending_auth", "data:image/png;base64,")
    assert chattu.api("GET", "/api/qr/my-phone").headers["content-type"] == "image/png"
    waiting = chattu.api("POST", "/api/send-message", json={"clientId": "my-phone", "number": PEER, "message": "?"})
    assert (waiting.status, waiting.json["code"]) == (409, "CLIENT_NOT_CONNECTED")
    profile = chattu.profile_of("my-phone")
    server.request("POST", f"/simulator/{profile}/scan")
    until(
        lambda: (
            [row["status"] for row in chattu.api("GET", "/api/clients").json if row["clientId"] == "my-phone"]
            == ["Authenticated"]
        ),
        what="authenticated",
    )
    gone = chattu.api("GET", "/api/qr/my-phone")
    assert (gone.status, gone.json["code"]) == (404, "QR_NOT_AVAILABLE")
    phone = Chattu(server, added["apiKey"])

    # Sent, with receipts.
    sent = phone.api("POST", "/api/send-message", json={"clientId": "my-phone", "number": PEER, "message": "Hello"})
    assert sent.json["status"] == "success"
    path = f"/api/chats/my-phone/{PEER}@c.us/messages"
    until(lambda: [row["ack"] for row in chattu.page("GET", path).json["messages"]] == [3], what="the receipts")

    # In, with an automatic answer; a call, rejected with words.
    def answer(got: Got) -> dict[str, str]:
        said = {"message_received": {"response": "Thank you!"}, "call_rejected": {"rejectionMessage": REJECTION}}
        return {"status": "success", **said.get(got.json["event"], {})}

    receiver.answer = answer
    set_ = phone.api("POST", "/api/update-webhook", json={"clientId": "my-phone", "webhookUrl": receiver.url})
    assert set_.json["success"] is True
    chattu.inbound(profile, **{"from": PEER, "name": "Dana", "text": "Are you there?"})
    until(lambda: "Thank you!" in texts(chattu.outbox(profile, PEER)), what="the automatic answer")
    got = receiver.wait(lambda one: one.json["event"] == "message_received")
    assert (got.json["data"]["body"], got.headers["x-api-key"]) == ("Are you there?", added["apiKey"])

    server.request("POST", f"/simulator/{profile}/call", json={"from": CALLER, "isVideo": True})
    until(lambda: texts(chattu.outbox(profile, CALLER)) == [REJECTION], what="the words for the caller")
    got = receiver.wait(lambda one: one.json["event"] == "call_rejected")
    assert (got.json["data"]["from"], got.json["data"]["isVideo"]) == (CALLER, True)
    (call,) = phone.api("GET", "/api/incoming-calls/my-phone").json["calls"]
    assert call["end_time"] is not None
    assert isinstance(call["duration"], int)

    # A group, a channel, and one that may only be read.
    listed = phone.api("GET", "/api/groups/my-phone").json
    names = {row["name"]: row for row in listed["groups"] + listed["channels"]}
    group, channel = names["לקוחות VIP 🌟"]["id"], names["Jackfield Demo News 📰"]["id"]
    answers: dict[str, tuple[Answer, float]] = {}

    def send(to: str) -> None:
        begun = time.monotonic()
        body = {"clientId": "my-phone", "groupId": to, "message": GREETING}
        answers[to] = (phone.api("POST", "/api/send-group-message", json=body), time.monotonic() - begun)

    threads = [threading.Thread(target=send, args=(to,)) for to in (group, channel)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for to in (group, channel):
        done, took = answers[to]
        assert done.status == 200, done
        assert done.json["message"]["body"] == GREETING
        assert done.json["groupId"] == to
        assert 2.0 <= took < 60.0
        (row,) = chattu.outbox(profile, to)
        assert row["id"] == done.json["message"]["id"]["_serialized"]
    closed = names["Announcements (read only)"]["id"]
    refused = phone.api(
        "POST", "/api/send-group-message", json={"clientId": "my-phone", "groupId": closed, "message": "Hi"}
    )
    assert (refused.status, refused.json["code"]) == (403, "READ_ONLY_CHAT")
    assert chattu.outbox(profile, closed) == []

    # Scheduled twice: one goes out in time, one is cancelled.
    soon = (datetime.now(UTC) + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    later = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    ids = [
        chattu.page(
            "POST",
            "/schedule-message",
            json={"clientId": "my-phone", "number": f"+{PEER}", "message": words, "scheduleTime": at},
        ).json["id"]
        for words, at in (("In time", soon), ("Never", later))
    ]
    assert chattu.page("DELETE", f"/scheduled-messages/{ids[1]}").json == {"message": "Schedule cancelled."}

    def states() -> dict[int, str]:
        return {row["id"]: row["status"] for row in chattu.page("GET", "/scheduled-messages").json}

    until(lambda: states()[ids[0]] == "sent", what="the scheduled message")
    assert states()[ids[1]] == "cancelled"
    assert [one for one in texts(chattu.outbox(profile, PEER)) if one in ("In time", "Never")] == ["In time"]
    row = next(row for row in chattu.page("GET", "/scheduled-messages").json if row["id"] == ids[0])
    assert row["sentTime"] >= row["scheduleTime"]

    # A new account key; the old one stops.
    again = chattu.bare("POST", "/api/reset-api-key", json={"username": server.email, "currentApiKey": server.key})
    assert again.json["message"] == "API key reset successfully."
    assert chattu.api("GET", "/api/profile").status == 401
    chattu.key = again.json["newApiKey"]
    assert chattu.api("GET", "/api/profile").json["apiKey"] == chattu.key
    assert phone.api("GET", "/api/sent-messages").status == 200

    # Deleted, for good.
    body = {"password": server.password}
    assert chattu.page("DELETE", "/clients/my-phone", json={"password": "wrong"}).status == 403
    assert chattu.page("DELETE", "/clients/my-phone", json=body).json == {"message": "Client deleted successfully."}
    assert "my-phone" not in [row["clientId"] for row in chattu.api("GET", "/api/clients").json]
    assert phone.api("GET", "/api/sent-messages").status == 401
    assert chattu.page("DELETE", "/clients/my-phone", json=body).status == 404
    log = json.dumps(chattu.api("GET", "/api/logs").json)
    for action in ("key.rotated", "channel.delete_refused", "channel.deleted"):
        assert action in log
