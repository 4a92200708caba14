"""Contacts: one or many, duplicates, replaced and added tags, filters, pages, blocked ones."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from jackfield.dialects.pabbly import ids
from jackfield.testing.server import until

from .conftest import Client


@pytest.fixture(scope="module", autouse=True)
def people(client: Client) -> None:
    """Sixty contacts made through the dialect itself, three of them with both city and taxes."""
    rows = [
        {
            "mobile": f"4477009{n:05}",
            "name": f"Person {n:02}",
            "optin": n % 2 == 0,
            "source": "csv" if n < 10 else "api",
            "tags": ["indian"] if n % 3 == 0 else ["engineer"],
            "attributes": [
                {"name": "city", "value": "london" if n < 5 else "leeds"},
                {"name": "taxes", "value": str(n % 2)},
            ],
        }
        for n in range(60)
    ]
    data = client.ok("POST", "/contacts", {"contacts": rows})
    assert (len(data["createdContacts"]), data["failedCount"]) == (60, 0)


def only(client: Client, **query: Any) -> list[str]:
    pairs = urlencode({"mobile": "4477009", **query})
    return [one["name"] for one in client.ok("GET", f"/contacts/?{pairs}")["contacts"]]


def test_some_of_many_fail(client: Client) -> None:
    answer = client(
        "POST",
        "/contacts",
        [
            {"mobile": 447711000001, "name": "New"},
            {"mobile": "447700900000", "name": "Known"},
            {"mobile": "447711000002", "tags": ["no such tag"]},
            {"mobile": "447711000003", "attributes": [{"name": "no such attribute", "value": "1"}]},
            {"mobile": "not a number"},
            {"name": "without"},
            "nonsense",
        ],
    ).json
    data = answer["data"]
    assert answer["message"] == "1 contact saved successfully"
    assert [one["mobile"] for one in data["createdContacts"]] == ["447711000001"]
    assert data["failedCount"] == len(data["failedContacts"]) == 6
    reasons = [one["reason"] for one in data["failedContacts"]]
    assert "exists already" in reasons[0]
    assert "no such tag" in reasons[1]
    assert "no such attribute" in reasons[2]
    assert "mobile" in reasons[3]
    assert "mobile is required" in reasons[4]


def test_duplicates_are_skipped_or_overwritten(client: Client) -> None:
    first = {"mobile": "447722000001", "name": "Ann", "tags": ["indian"], "optin": True}
    assert client.ok("POST", "/contacts", first)["failedCount"] == 0
    skipped = client.ok("POST", "/contacts", {**first, "name": "Bob"})
    assert (skipped["createdContacts"], skipped["failedCount"]) == ([], 1)
    assert client.ok("GET", "/contacts?mobile=447722000001")["contacts"][0]["name"] == "Ann"
    over = client.ok("POST", "/contacts", {**first, "name": "Bob", "tags": ["engineer"], "onDuplicate": "overwrite"})
    assert over["createdContacts"][0]["name"] == "Bob"
    (now,) = client.ok("GET", "/contacts?mobile=447722000001")["contacts"]
    assert (now["name"], now["tags"]) == ("Bob", ["engineer"])
    client.refused("POST", "/contacts", {**first, "onDuplicate": "explode"})


def test_a_single_bad_contact_is_an_error(client: Client) -> None:
    assert "no such" in client.refused("POST", "/contacts", {"mobile": "447733000001", "tags": ["no such"]})["error"]
    assert (
        "settings"
        in client.refused(
            "POST", "/contacts", {"mobile": "447733000001", "attributes": [{"name": "shoe", "value": "9"}]}
        )["error"]
    )
    assert client.ok("GET", "/contacts?mobile=447733000001")["contacts"] == []
    assert (
        client.ok("POST", "/contacts", {"mobile": "447733000001", "attributes": '[{"name":"city","value":""}]'})[
            "createdContacts"
        ][0]["attributes"]
        == []
    )


def test_change_tags_and_attributes(client: Client) -> None:
    client.ok("POST", "/contacts", {"mobile": "447744000001", "name": "C", "tags": ["indian", "engineer"]})
    (row,) = client.ok("GET", "/contacts?mobile=447744000001")["contacts"]
    path = f"/contacts/{row['_id']}"
    assert ids.decode(row["_id"], "Contact") > 0
    assert client.ok("PUT", path, {"tags": ["architect"]})["tags"] == ["architect"]
    assert client.ok("PUT", path, {"tagsToAdd": ["indian"], "tagsToRemove": "architect"})["tags"] == ["indian"]
    filled = client.ok("PUT", path, {"attributes": [{"name": "city", "value": "york"}, {"name": "taxes", "value": 5}]})
    assert [(one["name"], one["value"]) for one in filled["attributes"]] == [("city", "york"), ("taxes", "5")]
    assert all(ids.looks_like(one["_id"]) for one in filled["attributes"])
    gone = client.ok("PUT", path, {"attributes": [{"name": "city", "value": ""}]})
    assert [one["name"] for one in gone["attributes"]] == ["taxes"]
    changed = client.ok("PUT", path, {"mobile": "+44 7744 000002", "optin": False, "name": "D"})
    assert (changed["mobile"], changed["optin"], changed["status"], changed["name"]) == (
        "447744000002",
        False,
        "inactive",
        "D",
    )
    for bad in ({"tags": ["no such"]}, {"tagsToAdd": ["no such"]}, {"mobile": "447700900001"}, {"optin": "perhaps"}):
        client.refused("PUT", path, bad)
    assert client.ok("GET", path)["tags"] == ["indian"]


def test_filters(client: Client) -> None:
    assert len(only(client, limit=100)) == 25
    assert only(client, name="person 07") == ["Person 07"]
    assert only(client, order=1)[:3] == ["Person 00", "Person 01", "Person 02"]
    assert only(client, order=-1)[0] == "Person 59"
    assert only(client, source="csv", optin="true", order=1) == [f"Person {n:02}" for n in (0, 2, 4, 6, 8)]
    assert only(client, tags="indian", source="csv", order=1) == [f"Person {n:02}" for n in (0, 3, 6, 9)]
    assert len(only(client, tags="indian,engineer", source="csv")) == 10
    city = {"attributes[0][name]": "city", "attributes[0][value]": "london"}
    assert only(client, order=1, **city) == [f"Person {n:02}" for n in range(5)]
    both = {**city, "attributes[1][name]": "taxes", "attributes[1][value]": "1"}
    assert only(client, order=1, **both) == ["Person 01", "Person 03"]
    twice = {**city, "attributes[1][name]": "city", "attributes[1][value]": "leeds"}
    assert only(client, **twice) == []
    assert only(client, incomingBlocked="true") == []


def test_pages(client: Client) -> None:
    data = client.ok("GET", "/contacts/?mobile=4477009&limit=25")
    assert (data["totalCount"], data["currentPage"], data["remainingCount"], data["count"]) == (60, 1, 35, 25)
    names = [one["name"] for one in data["contacts"]]
    while data["next"]:
        assert data["next"].startswith(f"{client.server.url}/pabbly/api/v1/contacts?")
        data = client.ok("GET", data["next"].split("/pabbly/api/v1", 1)[1])
        names += [one["name"] for one in data["contacts"]]
    assert names == [f"Person {n:02}" for n in reversed(range(60))]
    assert (data["currentPage"], data["remainingCount"], data["count"]) == (3, 0, 10)
    skipped = client.ok("GET", "/contacts?mobile=4477009&limit=10&skip=33&order=1")
    assert [one["name"] for one in skipped["contacts"]] == [f"Person {n:02}" for n in range(33, 43)]
    both = client.ok("GET", "/contacts?mobile=4477009&limit=10&skip=33&page=1&order=1")
    assert both["contacts"][0]["name"] == "Person 00"
    assert client.ok("GET", "/contacts?mobile=4477009&page=9")["contacts"] == []


def test_blocked_contacts_are_kept_out(client: Client) -> None:
    server = client.server
    client.ok("POST", "/contacts", {"mobile": "447755000001", "name": "Troll", "incomingBlocked": True})
    client.ok("POST", "/contacts", {"mobile": "447755000002", "name": "Friend"})
    for sender in ("447755000001", "447755000002"):
        server.request("POST", "/simulator/1/inbound", json={"from": sender, "text": "hello"})
    until(lambda: client.ok("GET", "/messages?direction=incoming&to=447755000002")["messages"], what="the friend's")
    assert client.ok("GET", "/messages?direction=incoming&to=447755000001")["messages"] == []
    chats = server.api("GET", "/chats?limit=100").data
    assert "447755000002" in str(chats)
    assert "447755000001" not in str(chats)
    assert [one["name"] for one in client.ok("GET", "/contacts?incomingBlocked=true")["contacts"]] == ["Troll"]


def test_the_contact_of_a_message_is_upserted(client: Client) -> None:
    said = {"name": "Maya", "attributes": [{"name": "city", "value": "goa"}], "tags": ["indian"]}
    client.ok("POST", "/messages", {"to": 919812300001, "type": "text", "message": "hi", "contact": said})
    client.ok(
        "POST", "/messages", {"to": "919812300001", "type": "text", "message": "hi", "contact": {"name": "Maya R"}}
    )
    (row,) = client.ok("GET", "/contacts?mobile=919812300001")["contacts"]
    assert (row["name"], row["tags"], row["attributes"][0]["value"]) == ("Maya R", ["indian"], "goa")
