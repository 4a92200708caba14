"""Every endpoint of the seed by HTTP: requests as documented, answers as MultiWA's clients expect them."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest

from jackfield.testing.server import JackfieldServer, until

from .conftest import number

SEED_BULK = """{
"profileId": "profile-123",
"messages": [
{
"chatId": "628123456789@c.us",
"type": "text",
"content": { "text": "Hello {name}!" },
"variables": { "name": "John" }
},
{
"chatId": "628987654321@c.us",
"type": "text",
"content": { "text": "Hello {name}!" },
"variables": { "name": "Jane" }
}
],
"options": {
"delayBetweenMessages": 5000,
"randomizeDelay": true
}
}"""
"""The body of section 7.5 of the specification, as printed."""

KINDS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("text", {"text": "Hello!"}, {"type": "text", "text": "Hello!"}),
    (
        "image",
        {"url": "https://example.com/a.jpg", "caption": "A"},
        {"type": "image", "url": "https://example.com/a.jpg", "caption": "A"},
    ),
    ("video", {"url": "https://example.com/a.mp4"}, {"type": "video", "url": "https://example.com/a.mp4"}),
    (
        "document",
        {"url": "https://example.com/a.pdf", "filename": "a.pdf", "caption": "Bill"},
        {"type": "document", "url": "https://example.com/a.pdf", "filename": "a.pdf", "caption": "Bill"},
    ),
    (
        "location",
        {"latitude": -6.2, "longitude": "106.8", "description": "Office"},
        {"type": "location", "latitude": -6.2, "longitude": 106.8, "name": "Office"},
    ),
    (
        "contact",
        {"name": "Siti", "phone": "+62 811"},
        {"type": "contacts", "contacts": [{"name": "Siti", "phones": ["+62 811"]}]},
    ),
    (
        "poll",
        {"question": "Lunch?", "options": ["Rice", "Noodles"], "allowMultiple": True},
        {"type": "poll", "question": "Lunch?", "options": ["Rice", "Noodles"], "multiple": True},
    ),
]


@pytest.mark.parametrize("base", ["/api", "/api/v1"])
@pytest.mark.parametrize(("kind", "fields", "content"), KINDS, ids=[kind for kind, _, _ in KINDS])
def test_sends(native: JackfieldServer, base: str, kind: str, fields: dict[str, Any], content: dict[str, Any]) -> None:
    to = number(len(kind))
    answer = native.request(
        "POST",
        f"{base}/messages/{kind}",
        json={"profileId": "1", "to": f"{to}@c.us", **fields},
        headers={"x-api-key": native.key},
    )
    assert answer.status == 200
    body = answer.json
    assert body["success"] is True
    assert set(body["data"]) >= {"messageId", "status", "timestamp"}
    assert body["data"]["timestamp"].endswith("Z")
    assert body["meta"]["timestamp"].endswith("Z")
    row = native.message(body["data"]["messageId"], "sent", "delivered", "read")
    assert row["content"] == content
    assert row["to"] == to


@pytest.mark.parametrize("kind", [kind for kind, _, _ in KINDS])
def test_recipients_as_people_write_them(native: JackfieldServer, kind: str) -> None:
    fields = next(fields for name, fields, _ in KINDS if name == kind)
    group = native.api("POST", "/groups", json={"profileId": "1", "name": "G", "participants": []}).data["id"]
    news = native.api("POST", "/newsletters", json={"name": "N"}).data["id"]
    for given, meant in (
        ("+62 812-3456-789", "628123456789"),
        ("628123456789@c.us", "628123456789"),
        (628123456789, "628123456789"),
        (group, group),
        (news, news),
    ):
        for name in ("to", "chatId"):
            answer = native.api("POST", f"/messages/{kind}", json={name: given, **fields})
            assert answer.data["to"] == meant


def test_the_seeds_bulk_example_as_pasted(native: JackfieldServer) -> None:
    pasted = SEED_BULK.replace("profile-123", native.profile)
    answer = native.api("POST", "/bulk/send", body=pasted.encode(), headers={"Content-Type": "application/json"})
    batch = answer.data
    assert batch["totalMessages"] == 2
    assert batch["options"] == {"delayBetweenMessages": 5000, "randomizeDelay": True}
    shown = native.api("GET", f"/bulk/batch/{batch['batchId']}").data
    assert shown["status"] in ("processing", "completed")
    assert sum(shown["counts"].values()) == 2
    listed = native.api("GET", "/bulk/batches").data
    assert batch["batchId"] in [one["batchId"] for one in listed]
    rows = native.api("GET", f"/messages?campaignId={batch['batchId']}").data
    assert sorted(row["content"]["text"] for row in rows) == ["Hello Jane!", "Hello John!"]
    ended = native.api("POST", f"/bulk/batch/{batch['batchId']}/cancel")
    assert ended.data["status"] == "cancelled"
    # The second message waits for its pause of at least 2.5 s, so the cancel always catches it.
    counts = native.api("GET", f"/bulk/batch/{batch['batchId']}").data["counts"]
    assert counts["cancelled"] >= 1


def test_bulk_skips_who_opted_out_and_says_so(native: JackfieldServer) -> None:
    out, into = number(71), number(72)
    native.api("POST", "/suppressions", json={"address": out}).data  # noqa: B018
    body = {"messages": [{"chatId": one, "content": {"text": "Sale"}} for one in (out, into)]}
    batch = native.api("POST", "/bulk/send", json=body).data

    def over() -> dict[str, Any] | None:
        shown: dict[str, Any] = native.api("GET", f"/bulk/batch/{batch['batchId']}").data
        return shown if shown["status"] == "completed" else None

    shown = until(over)
    assert shown is not None
    assert shown["skipped"] == 1
    (row,) = native.api("GET", f"/messages?campaignId={batch['batchId']}&status=skipped").data
    assert (row["to"], row["error"]["code"]) == (out, "suppressed")


def test_groups(native: JackfieldServer) -> None:
    people = [number(31), number(32)]
    made = native.api(
        "POST", "/groups", json={"profileId": "1", "name": "Friends", "participants": people, "description": "Us"}
    ).data
    address = made["id"]
    assert address.endswith("@g.us")
    assert made["owner"].endswith("@c.us")
    assert {one["phone"] for one in made["participants"]} >= set(people)
    assert set(made["participants"][0]) == {"id", "phone", "pushName", "isAdmin", "isSuperAdmin"}
    listed = native.api("GET", "/groups/profile/1").data
    assert {"id", "name", "description", "owner", "createdAt", "participantsCount"} <= set(listed[0])
    assert address in [one["id"] for one in listed]
    assert native.api("GET", f"/groups/{address}?profileId=1").data["name"] == "Friends"
    changed = native.api("PATCH", f"/groups/{address}", json={"profileId": "1", "name": "Best friends"}).data
    assert changed["name"] == "Best friends"

    def admins() -> set[str]:
        found = native.api("GET", f"/groups/{address}?profileId=1").data["participants"]
        return {one["phone"] for one in found if one["isAdmin"] and one["phone"] in [*people, number(33)]}

    def act(action: str, whom: str) -> dict[str, Any]:
        body = {"profileId": "1", "participants": [f"{whom}@c.us"]}
        shown: dict[str, Any] = native.api("POST", f"/groups/{address}/participants/{action}", json=body).data
        return shown

    assert number(33) in {one["phone"] for one in act("add", number(33))["participants"]}
    act("promote", number(33))
    assert admins() == {number(33)}
    act("demote", number(33))
    assert admins() == set()
    assert number(33) not in {one["phone"] for one in act("remove", number(33))["participants"]}
    link = native.api("GET", f"/groups/{address}/invite-link?profileId=1").data["link"]
    assert link.startswith("https://")
    assert native.api("POST", f"/groups/{address}/invite-link/revoke", json={"profileId": "1"}).data["link"] != link
    native.api("POST", f"/groups/{address}/leave", json={"profileId": "1"}).data  # noqa: B018
    assert native.api("GET", f"/groups/{address}?profileId=1").status == 404


def test_profiles(native: JackfieldServer) -> None:
    made = native.api("POST", "/profiles", json={"name": "Second", "engine": "mock", "config": {"autoScan": False}})
    assert made.status == 201
    profile = made.data
    assert profile["engine"] == "simulator"
    assert profile["id"] in [one["id"] for one in native.api("GET", "/profiles").data]
    path = f"/profiles/{profile['id']}"
    assert native.api("GET", path).data["name"] == "Second"
    assert native.api("POST", f"{path}/connect").data["status"] == "pairing"
    shown = native.api("GET", f"{path}/qr").data
    assert shown["qr"].startswith("data:image/png;base64,")
    picture = native.api("GET", f"{path}/qr", headers={"Accept": "image/png"})
    assert picture.body.startswith(b"\x89PNG")
    native.request("POST", f"/simulator/{profile['id']}/scan")
    until(lambda: native.api("GET", f"{path}/status").data["connected"])
    assert native.api("POST", f"{path}/disconnect").data["status"] == "disconnected"
    assert native.api("PUT", path, json={"name": "Third"}).data["name"] == "Third"
    assert native.api("DELETE", path).status == 200
    assert native.api("GET", path).json["error"]["code"] == "PROFILE_NOT_FOUND"


def test_contacts(native: JackfieldServer) -> None:
    made = native.api(
        "POST",
        "/contacts",
        json={"name": "Budi", "phone": f"+{number(41)}", "tags": ["vip"], "attributes": {"city": "X"}},
    )
    assert made.status == 201
    contact = made.data
    assert (contact["phone"], contact["tags"], contact["attributes"]) == (number(41), ["vip"], {"city": "X"})
    path = f"/contacts/{contact['id']}"
    again = native.api("POST", "/contacts", json={"name": "Other", "phone": number(41)})
    assert (again.status, again.json["error"]["code"]) == (409, "CONTACT_EXISTS")
    assert native.api("GET", path).data == contact
    assert native.api("PATCH", path, json={"name": "Budi S."}).data["name"] == "Budi S."
    assert native.api("PUT", path, json={"email": "b@example.com"}).data["email"] == "b@example.com"
    assert native.api("POST", f"{path}/tags", json={"tags": ["gold", "VIP"]}).data["tags"] == ["gold", "vip"]
    assert native.api("DELETE", f"{path}/tags", json={"tags": ["gold"]}).data["tags"] == ["vip"]
    listed = native.api("GET", "/contacts?q=Budi%20S.&page=1&limit=10").json
    assert [one["id"] for one in listed["data"]] == [contact["id"]]
    assert listed["meta"]["total"] == 1
    assert native.api("DELETE", path).status == 200
    assert native.api("GET", path).json["error"]["code"] == "CONTACT_NOT_FOUND"


def test_webhooks(native: JackfieldServer, receiver: Any) -> None:
    made = native.api(
        "POST",
        "/webhooks",
        json={
            "url": receiver.url,
            "secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3",
            "events": ["message.received"],
            "profileId": "1",
        },
    )
    assert made.status == 201
    hook = made.data
    path = f"/webhooks/{hook['id']}"
    assert hook["id"] in [one["id"] for one in native.api("GET", "/webhooks").data]
    assert "secret" not in native.api("GET", path).data
    tested = native.api("POST", f"{path}/test").data
    assert (tested["event"], tested["delivered"]) == ("webhook.test", True)
    native.request("POST", "/simulator/1/inbound", json={"from": number(51), "text": "Hi"})
    got = receiver.wait(lambda one: one.headers["x-multiwa-event"] == "message.received")
    signed = "sha256=" + hmac.new(b"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3", got.body, hashlib.sha256).hexdigest()
    assert got.headers["x-multiwa-signature"] == signed
    assert got.json["profileId"] == "1"
    assert (got.json["data"]["from"], got.json["data"]["type"]) == (f"{number(51)}@c.us", "chat")

    def delivered() -> list[Any]:
        # What has arrived is noted a moment later.
        log: list[Any] = native.api("GET", f"{path}/deliveries?status=delivered").data
        return log if {one["event"] for one in log} == {"webhook.test", "message.received"} else []

    log = until(delivered)
    assert log
    first = log[0]["id"]
    whole = native.api("GET", f"{path}/deliveries/{first}").data
    sent = next(one.json for one in receiver.got if one.headers["webhook-id"] == whole["messageId"])
    assert (whole["data"], whole["profileId"]) == (sent["data"], sent["profileId"])
    assert native.api("POST", f"{path}/deliveries/{first}/replay").status == 200
    assert native.api("POST", f"{path}/replay").data == {"replayed": 0}
    rotated = native.api("POST", f"{path}/rotate").data
    assert rotated["secret"] != hook["secret"]
    assert native.api("DELETE", path).status == 200
    assert native.api("GET", path).status == 404


def test_one_webhook_per_profile(native: JackfieldServer, receiver: Any) -> None:
    first = native.api("POST", "/profiles/1/webhook", json={"url": receiver.url}).data
    second = native.api("POST", "/profiles/1/webhook", json={"url": receiver.url, "events": ["session.*"]}).data
    assert first["id"] == second["id"]
    assert second["profileId"] == "1"
    native.api("POST", "/profiles/1/webhook", json={"url": ""}).data  # noqa: B018
    assert native.api("GET", f"/webhooks/{first['id']}").status == 404


def test_both_ways_to_authenticate(native: JackfieldServer) -> None:
    login = native.request("POST", "/api/auth/login", json={"email": native.email, "password": native.password}).data
    for headers in ({"Authorization": f"Bearer {login['token']}"}, {"Authorization": f"Bearer {native.key}"}):
        assert native.request("GET", "/api/v1/profiles", headers=headers).status == 200


def test_the_daily_limit(native: JackfieldServer) -> None:
    profile = native.api("POST", "/profiles", json={"name": "Capped", "pacing": {"dailyCap": 2}}).data["id"]
    sends = [
        native.api("POST", f"/messages/{kind}", json={"profileId": profile, "to": number(60), **fields})
        for kind, fields in (
            ("text", {"text": "1"}),
            ("image", {"url": "https://example.com/a.jpg"}),
            ("text", {"text": "3"}),
            ("image", {"url": "https://example.com/a.jpg"}),
        )
    ]
    assert [one.status for one in sends] == [200, 200, 429, 429]
    for refused in sends[2:]:
        body = refused.json
        assert body["error"]["code"] == "DAILY_LIMIT_REACHED"
        assert (body["limit"], body["count"]) == (2, 2)
        assert body["error"]["details"] == {name: body[name] for name in ("limit", "count", "resetAt")}
        assert body["resetAt"].endswith("T00:00:00.000Z")
        assert int(refused.headers["retry-after"]) > 0
    native.api("DELETE", f"/profiles/{profile}").data  # noqa: B018


def test_a_repeat_under_one_key_is_sent_once(native: JackfieldServer) -> None:
    headers = {"Idempotency-Key": "the same"}
    body = {"to": number(61), "url": "https://example.com/a.jpg"}
    first, second = (native.api("POST", "/messages/image", json=body, headers=headers).data for _ in range(2))
    assert first["messageId"] == second["messageId"]
    other = native.api("POST", "/messages/image", json={**body, "caption": "x"}, headers=headers)
    assert (other.status, other.json["error"]["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
