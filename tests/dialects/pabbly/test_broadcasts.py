"""Broadcasts and API campaigns, down to what the network took."""

from __future__ import annotations

from typing import Any

import pytest

from jackfield.testing.server import until

from .conftest import Client


@pytest.fixture(scope="module", autouse=True)
def people(client: Client) -> None:
    for n, lists in enumerate((["north"], ["north", "south"], ["south"], [])):
        client.person(phone=f"38640700{n:03}", name=f"Ana {n}", lists=lists, attributes={"shop": f"S{n}"})
    client.person(phone="38640700999", lists=["north"], optin=False)


def broadcast(**fields: Any) -> dict[str, Any]:
    plan = {"name": "b", "broadcastType": "broadcast", "messageType": "template", "status": "instant"}
    template = {"templateName": "summer_time", "headerParams": ["{{name}}"], "bodyParams": ["$shop", "$5"]}
    return {**plan, **({} if fields.get("messageType") == "regular" else template), **fields}


def taken(client: Client, broadcast_id: str, count: int) -> dict[str, Any]:
    """What the network took for a broadcast, by number."""

    def look() -> Any:
        rows = client.ok("GET", f"/messages?broadcastId={broadcast_id}&limit=100")["messages"]
        return rows if len([one for one in rows if one["waMessageId"]]) == count else None

    rows = until(look, what=f"{count} messages of {broadcast_id}")
    sent = {one["waMessageId"] for one in rows}
    return {one["to"]: one["content"] for one in client.server.outbox() if one["id"] in sent}


def test_to_lists_with_placeholders(client: Client) -> None:
    data = client.ok("POST", "/broadcasts", broadcast(contactList=["North", "south"]))
    assert data["status"] == "live"
    assert data["startedAt"]
    found = taken(client, data["_id"], 3)
    assert sorted(found) == ["38640700000", "38640700001", "38640700002"]
    assert found["38640700001"]["header"]["text"] == [{"text": "Ana 1"}]
    assert found["38640700001"]["body"] == [{"text": "S1"}, {"text": "$5"}]
    skipped = client.ok("GET", f"/messages?broadcastId={data['_id']}&status=skipped")["messages"]
    assert [(one["to"], one["errorCode"]) for one in skipped] == [("38640700999", "opted_out")]


def test_unassigned_and_all(client: Client) -> None:
    data = client.ok("POST", "/broadcasts", broadcast(contactList=["unassigned", "south"]))
    found = until(
        lambda: (
            (
                rows := {
                    one["to"]
                    for one in client.ok("GET", f"/messages?broadcastId={data['_id']}&limit=100")["messages"]
                    if one["to"].startswith("386")
                }
            )
            and len(rows) >= 3
            and rows
        )
    )
    assert {"38640700001", "38640700002", "38640700003"} <= set(found)
    assert "38640700000" not in found
    regular = {
        "messageType": "regular",
        "regularMessageType": "document",
        "link": "https://example.com/a.pdf",
        "caption": "For {{name}}",
        "filename": "a.pdf",
    }
    data = client.ok("POST", "/broadcasts", broadcast(**regular, contactList=["all"]))
    assert data["regularMessage"] == {
        "type": "document",
        "link": "https://example.com/a.pdf",
        "caption": "For {{name}}",
        "filename": "a.pdf",
    }
    rows = until(
        lambda: [one for one in client.server.outbox() if one["type"] == "document" and one["to"] == "38640700003"]
    )
    assert rows[0]["content"]["caption"] == "For Ana 3"


def test_scheduled(client: Client) -> None:
    data = client.ok(
        "POST", "/broadcasts", broadcast(contactList="north", status="scheduled", scheduleAt="2035-01-01T00:00:00.000Z")
    )
    assert (data["status"], data["scheduleAt"], data["contactList"]) == (
        "scheduled",
        "2035-01-01T00:00:00.000Z",
        ["north"],
    )
    assert "startedAt" not in data
    assert client.ok("GET", f"/messages?broadcastId={data['_id']}")["messages"] == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"contactList": ["nowhere"]}, "nowhere"),
        ({"contactList": []}, "contactList"),
        ({"contactList": ["north"], "status": "scheduled"}, "scheduleAt"),
        ({"contactList": ["north"], "status": "scheduled", "scheduleAt": "soon"}, "scheduleAt"),
        ({"contactList": ["north"], "status": "live"}, "status"),
        ({"contactList": ["north"], "messageType": "regular"}, "regularMessageType"),
        ({"contactList": ["north"], "messageType": "regular", "regularMessageType": "text"}, "message"),
        ({"contactList": ["north"], "messageType": "regular", "regularMessageType": "image"}, "link"),
        ({"contactList": ["north"], "messageType": "regular", "regularMessageType": "sticker"}, "regularMessageType"),
        ({"contactList": ["north"], "templateName": ""}, "templateName"),
        ({"contactList": ["north"], "bodyParams": ["one"]}, "{{2}} has no value"),
        ({"contactList": ["north"], "broadcastType": "bulk"}, "broadcastType"),
    ],
)
def test_refused(client: Client, fields: dict[str, Any], words: str) -> None:
    assert words in client.refused("POST", "/broadcasts", broadcast(**fields))["error"]


def test_api_campaign(client: Client) -> None:
    made = {"name": "welcome", "broadcastType": "api", "templateName": "summer_time", "bodyParams": ["Summer", "25%"]}
    campaign = client.ok("POST", "/broadcasts", {**made, "headerParams": ["Hi John"]})
    assert (campaign["status"], campaign["bodyParams"]) == ("live", ["Summer", "25%"])
    assert "exists" in client.refused("POST", "/broadcasts", made)["error"]
    send = {
        "templateName": "summer_time",
        "campaignName": "welcome",
        "destination": "+386 40 700 500",
        "userName": "Zoja",
        "source": "wa",
    }
    answer = client("POST", "/broadcasts/send", send).json
    assert answer["success"] == "true"
    assert answer["data"]["messages"][0]["message_status"] == "accepted"
    (row,) = client.ok("GET", "/contacts?mobile=38640700500")["contacts"]
    assert (row["name"], row["source"]) == ("Zoja", "wa")
    own = {"headerParams": ["$FirstName"], "bodyParams": ["{{Country}}", "$shop"]}
    own["defaultContactFieldValues"] = {"Country": "Slovenia", "shop": "any shop"}  # type: ignore[assignment]
    client.ok("POST", "/broadcasts/send", {**send, **own})
    client.ok("POST", "/broadcasts/send", {**send, **own, "destination": 38640700001, "userName": "ignored"})
    found = {one["id"]: one["content"] for one in client.server.outbox()}
    rows = client.ok("GET", f"/messages?broadcastId={campaign['_id']}")["messages"]
    sent = [found[one["waMessageId"]] for one in reversed(rows)]
    texts = [[part["text"] for part in (*one["header"]["text"], *one["body"])] for one in sent]
    assert texts == [["Hi John", "Summer", "25%"], ["Zoja", "Slovenia", "any shop"], ["Ana", "Slovenia", "S1"]]
    for fields, status in (
        ({"campaignName": "none"}, 404),
        ({"templateName": "demo_text"}, 400),
        ({"source": "fax"}, 400),
        ({"destination": "abc"}, 400),
        ({"destination": "38640700999"}, 403),
        ({"defaultContactFieldValues": []}, 400),
    ):
        client.refused("POST", "/broadcasts/send", {**send, **fields}, status=status)
