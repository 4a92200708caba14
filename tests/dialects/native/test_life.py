"""The life of a MultiWA customer in a fresh workspace: its API page word for word, and what its own clients send beside it."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest

from jackfield.testing.server import Answer, JackfieldServer, until

from ..conftest import Receiver
from ..newcomer import PASSWORD, Newcomer

TO = "628123456789"


class Customer(Newcomer):
    """Base URL http://localhost:3001/api, header X-API-Key."""

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        sent = {"X-API-Key": self.key} if headers is None else headers
        return self.server.request(method, f"/api{path}", json=body, headers=sent)

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        """The success response: `success`, `data`, and `meta` with a timestamp."""
        answer = self.call(method, path, body)
        assert answer.status < 300, (path, body, answer)
        assert answer.json["success"] is True
        assert answer.json["meta"]["timestamp"].endswith("Z")
        return answer.json["data"]

    def refused(self, method: str, path: str, body: Any = None, status: int = 400) -> dict[str, Any]:
        """The error response: `success` false, `error` with code and message."""
        answer = self.call(method, path, body)
        assert answer.status == status, (path, body, answer)
        assert answer.json["success"] is False
        error: dict[str, Any] = answer.json["error"]
        assert error["code"]
        assert error["message"]
        return error

    def connected(self, profile: str) -> bool:
        return bool(self.ok("GET", f"/profiles/{profile}")["status"] == "connected")


@pytest.fixture(scope="module")
def customer(native: JackfieldServer) -> Customer:
    return Customer(native, "MultiWA")


def test_authentication(customer: Customer) -> None:
    for headers in ({}, {"X-API-Key": "wrong"}, {"Authorization": "Bearer wrong"}):
        assert customer.call("GET", "/profiles", headers=headers).status == 401
    login = {"email": customer.email, "password": PASSWORD}
    token = customer.call("POST", "/auth/login", login, headers={}).data["token"]
    assert customer.call("GET", "/profiles", headers={"Authorization": f"Bearer {token}"}).status == 200


def test_profiles(customer: Customer) -> None:
    made = customer.ok("POST", "/profiles", {"name": "Shop", "engine": "mock"})["id"]
    assert made in [one["id"] for one in customer.ok("GET", "/profiles")]
    customer.ok("POST", f"/profiles/{made}/connect")
    assert until(lambda: customer.ok("GET", f"/profiles/{made}/qr")["qr"], what="the code")
    customer.scan(made)
    until(lambda: customer.connected(made), what="the profile is connected")
    customer.ok("POST", f"/profiles/{made}/disconnect")
    until(lambda: not customer.connected(made), what="the profile is disconnected")
    customer.ok("DELETE", f"/profiles/{made}")
    customer.refused("GET", f"/profiles/{made}", status=404)


SENDS: list[tuple[str, dict[str, Any]]] = [
    ("text", {"text": "Hello"}),
    ("image", {"url": "https://example.com/a.jpg", "caption": "c"}),
    ("video", {"url": "https://example.com/a.mp4", "caption": "c"}),
    ("document", {"url": "https://example.com/a.pdf", "filename": "a.pdf"}),
    ("location", {"latitude": -6.2, "longitude": 106.8, "description": "Jakarta"}),
    ("contact", {"name": "Jane", "phone": "628987654321"}),
    ("poll", {"question": "Q?", "options": ["a", "b"], "allowMultiple": True}),
    ("audio", {"url": "https://example.com/a.mp3"}),
    ("location", {"latitude": -6.2, "longitude": 106.8, "name": "Office", "address": "Street 1"}),
    ("contact", {"contacts": [{"name": "Jane", "phone": "628987654321", "organization": "Org"}]}),
]


def test_messages_of_each_kind(customer: Customer) -> None:
    profile = {"profileId": customer.profile}
    sent = []
    for kind, body in SENDS:
        for to in (TO, f"{TO}@c.us"):
            data = customer.ok("POST", f"/messages/{kind}", {**profile, "to": to, **body})
            assert (data["status"], data["timestamp"][-1]) == ("queued", "Z")
            sent.append(data["messageId"])

    def status(message: str) -> Any:
        return customer.ok("GET", f"/messages/{message}")["status"]

    for message in sent:
        until(lambda message=message: status(message) in ("delivered", "read"), what="it arrives")  # type: ignore[misc]
    assert len(customer.outbox(TO)) == len(sent)
    customer.ok("POST", "/messages/reply", {**profile, "to": TO, "quotedMessageId": sent[0], "text": "Re"})
    customer.ok("POST", "/messages/reaction", {**profile, "messageId": sent[0], "emoji": "\U0001f44d"})
    for kind, body, field in (
        ("text", {"text": "x"}, "to"),
        ("text", {"to": TO}, "text"),
        ("poll", {"to": TO, "question": "Q", "options": ["a"]}, "options"),
        ("location", {"to": TO, "latitude": 91, "longitude": 0}, "latitude"),
        ("image", {"to": TO}, "url"),
    ):
        error = customer.refused("POST", f"/messages/{kind}", {**profile, **body})
        assert (error["code"], [*error["details"]]) == ("VALIDATION_ERROR", [field])


def test_send_bulk_with_variables(customer: Customer) -> None:
    messages = [
        {
            "chatId": f"{to}@c.us",
            "type": "text",
            "content": {"text": "Hello {name}!"},
            "variables": {"name": name},
        }
        for to, name in (("628111000001", "John"), ("628111000002", "Jane"))
    ]
    options = {"delayBetweenMessages": 5000, "randomizeDelay": True}
    batch = customer.ok("POST", "/bulk/send", {"profileId": customer.profile, "messages": messages, "options": options})
    path = f"/bulk/batch/{batch['batchId']}"
    assert batch["batchId"] in [one["batchId"] for one in customer.ok("GET", "/bulk/batches")]
    until(lambda: customer.outbox("628111000001"), what="the first one is sent")
    assert customer.ok("POST", f"{path}/cancel")["status"] == "cancelled"
    assert customer.ok("GET", path)["status"] == "cancelled"
    assert [one["text"] for one in customer.outbox("628111000001")] == ["Hello John!"]
    assert customer.outbox("628111000002") == []
    kinds = [{"chatId": TO, "type": kind, "content": content} for kind, content in SENDS if kind != "contact"]
    body = {"profileId": customer.profile, "messages": kinds, "options": {"delayBetweenMessages": 2}}
    batch = customer.ok("POST", "/bulk/send", body)
    path = f"/bulk/batch/{batch['batchId']}"
    until(lambda: customer.ok("GET", path)["status"] == "completed", what="the batch is completed")
    body = {"profileId": customer.profile, "messages": [*kinds, {**messages[0], "variables": {"nmae": "John"}}]}
    assert f"messages.{len(kinds)}.content.text" in customer.refused("POST", "/bulk/send", body)["details"]
    assert "batch" in customer.refused("GET", "/bulk/batch/nope", status=404)["message"]


def test_groups(customer: Customer) -> None:
    profile, query = {"profileId": customer.profile}, f"?profileId={customer.profile}"
    made = customer.ok("POST", "/groups", {**profile, "name": "Team", "participants": [TO], "description": "d"})
    group = f"/groups/{made['id']}"
    assert made["id"].endswith("@g.us")
    assert made["id"] in [one["id"] for one in customer.ok("GET", f"/groups/profile/{customer.profile}")]
    shown = customer.ok("GET", group + query)
    assert (shown["name"], shown["description"], bool(shown["participants"])) == ("Team", "d", True)
    assert customer.ok("PATCH", group, {**profile, "name": "Crew"})["name"] == "Crew"
    for action in ("add", "promote", "demote", "remove"):
        customer.ok("POST", f"{group}/participants/{action}", {**profile, "participants": ["628987654321"]})
    link = customer.ok("GET", f"{group}/invite-link{query}")["link"]
    assert link.startswith("https://")
    assert customer.ok("POST", f"{group}/invite-link/revoke", profile)["link"] != link
    customer.ok("POST", "/messages/text", {**profile, "to": made["id"], "text": "Hi all"})
    until(lambda: customer.outbox(made["id"]), what="the group has it")
    customer.ok("POST", f"{group}/leave", profile)


def test_contacts(customer: Customer) -> None:
    profile = {"profileId": customer.profile}
    body = {**profile, "phone": "628777777777", "name": "Budi", "tags": ["vip"], "metadata": {"k": "v"}}
    made = customer.call("POST", "/contacts", body).json
    assert (made["success"], made["tags"], made["metadata"]) == (True, ["vip"], {"k": "v"})
    path = f"/contacts/{made['id']}"
    for method, name in (("PATCH", "Budi S"), ("PUT", "Budi T")):
        assert customer.ok(method, path, {"name": name})["name"] == name
    assert customer.ok("GET", path)["name"] == "Budi T"
    assert set(customer.ok("POST", f"{path}/tags", {"tags": ["gold"]})["tags"]) == {"vip", "gold"}
    assert customer.ok("DELETE", f"{path}/tags?tags=gold")["tags"] == ["vip"]
    found = customer.ok("GET", f"/contacts?tags=vip&profileId={customer.profile}")
    assert [one["id"] for one in found] == [made["id"]]
    assert customer.ok("GET", "/contacts?tags=vip&offset=1&limit=1") == []
    customer.ok("DELETE", path)
    customer.refused("GET", path, status=404)


def test_webhooks_tell_what_happens_and_are_signed(customer: Customer, receiver: Receiver) -> None:
    hook = {"url": receiver.url, "events": ["*"], "profileId": customer.profile}
    made = customer.ok("POST", "/webhooks", hook)
    assert made["id"] in [one["id"] for one in customer.ok("GET", "/webhooks")]
    customer.refused("POST", "/webhooks", {**hook, "events": ["nope.event"]})
    customer.refused("POST", "/webhooks", {"events": ["*"]})
    customer.incoming("628555555555", text="Hello shop")
    got = receiver.wait(lambda one: one.json["event"] == "message.received")
    assert got.json["profileId"] == customer.profile
    assert {name: got.json["data"][name] for name in ("from", "body", "type", "hasMedia")} == {
        "from": "628555555555@c.us",
        "body": "Hello shop",
        "type": "chat",
        "hasMedia": False,
    }
    # As `verifyWebhookSignature` of its clients: the secret's text as it was configured.
    signed = hmac.new(made["secret"].encode(), got.body, hashlib.sha256).hexdigest()
    assert got.headers["x-multiwa-signature"] == f"sha256={signed}"
    assert got.headers["x-multiwa-event"] == "message.received"
    customer.ok("POST", "/messages/text", {"profileId": customer.profile, "to": TO, "text": "told"})
    for event in ("message.sent", "message.delivered", "message.read"):
        receiver.wait(lambda one, event=event: one.json["event"] == event)
    customer.ok("POST", f"/profiles/{customer.profile}/disconnect")
    receiver.wait(lambda one: one.json["event"] == "session.disconnected")
    customer.ok("POST", f"/profiles/{customer.profile}/connect")
    receiver.wait(lambda one: one.json["event"] == "session.connected")
    customer.ok("DELETE", f"/webhooks/{made['id']}")
