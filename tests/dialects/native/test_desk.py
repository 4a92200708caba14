"""Canned replies, drafts, saved views, and the places of a chat's history, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from jackfield.testing.server import JackfieldServer, until

from .conftest import multipart, number
from .test_inbox import chat_with


@pytest.fixture(scope="module")
def token(native: JackfieldServer) -> str:
    """The owner's login."""
    body = {"email": native.email, "password": native.password}
    found: str = native.api("POST", "/auth/login", json=body).data["accessToken"]
    return found


def as_person(native: JackfieldServer, token: str, method: str, path: str, json: Any = None) -> Any:
    """A call by a login."""
    headers = {"Authorization": f"Bearer {token}", "X-API-Key": ""}
    answer = native.request(method, f"/api{path}", json=json, headers=headers)
    assert answer.status < 300, answer
    return answer.json["data"]


def test_a_canned_reply_from_its_making_to_a_chat(native: JackfieldServer, token: str) -> None:
    phone = number(850)
    chat = chat_with(native, phone)
    file, headers = multipart(file=("map.txt", b"here"))
    media = native.api("POST", "/media", body=file, headers=headers).data["id"]
    body = {"shortcut": "/Where", "text": "{name}, we are here. {agent}", "mediaIds": [media]}
    made = native.api("POST", "/canned-replies", json=body)
    assert made.status == 201
    reply = made.data
    assert (reply["shortcut"], [one["filename"] for one in reply["media"]]) == ("Where", ["map.txt"])
    assert [one["id"] for one in native.api("GET", "/canned-replies?q=wh").data] == [reply["id"]]
    filled = native.api("GET", f"/chats/{chat['id']}/canned-replies/{reply['id']}").data
    assert (filled["text"], len(filled["media"])) == (f"P {phone}, we are here. ", 1)
    twice = native.api("POST", "/canned-replies", json={"shortcut": "where", "text": "x"})
    assert (twice.status, twice.json["error"]["code"]) == (409, "CANNED_REPLY_EXISTS")
    nothing = native.api("POST", "/canned-replies", json={"shortcut": "nothing"})
    assert (nothing.status, list(nothing.json["error"]["details"])) == (400, ["text"])
    changed = native.api("PATCH", f"/canned-replies/{reply['id']}", json={"mediaIds": [], "text": "Here."}).data
    assert (changed["text"], changed["media"]) == ("Here.", [])
    assert native.api("DELETE", f"/canned-replies/{reply['id']}").data["deleted"] is True
    assert native.api("GET", f"/canned-replies/{reply['id']}").status == 404


def test_a_key_of_one_profile_reads_canned_replies_and_changes_none(native: JackfieldServer) -> None:
    key = native.api("POST", "/keys", json={"name": "bound", "profileId": "1"}).data["key"]
    reply = native.api("POST", "/canned-replies", json={"shortcut": "bound", "text": "x"}).data["id"]
    assert native.api("GET", f"/canned-replies/{reply}", key=key).status == 200
    for method, path, body in (
        ("POST", "/canned-replies", {"shortcut": "other", "text": "x"}),
        ("PATCH", f"/canned-replies/{reply}", {"text": "y"}),
        ("DELETE", f"/canned-replies/{reply}", None),
        ("POST", "/saved-views", {"name": "x"}),
    ):
        assert native.api(method, path, key=key, json=body).status == 403, path


def test_drafts_are_of_people(native: JackfieldServer, token: str) -> None:
    chat = chat_with(native, number(851))
    path = f"/chats/{chat['id']}/draft"
    message = chat["lastMessage"]["id"]
    kept = as_person(native, token, "PUT", path, {"text": "Dear ", "replyTo": message})
    assert (kept["chatId"], kept["text"], kept["replyTo"]) == (chat["id"], "Dear ", message)
    assert as_person(native, token, "GET", path) == kept
    assert kept in as_person(native, token, "GET", "/drafts?limit=200")
    assert native.api("GET", path).data["text"] == ""
    assert native.api("PUT", path, json={"text": "x"}).status == 403
    assert as_person(native, token, "PUT", path, {"text": ""})["updatedAt"] is None
    assert as_person(native, token, "DELETE", path)["deleted"] is True


def test_saved_views_hold_filters_of_the_list(native: JackfieldServer, token: str) -> None:
    body = {"name": "Waiting", "filter": {"unanswered": True, "assigneeId": "me", "profileId": "1"}}
    own = as_person(native, token, "POST", "/saved-views", body)
    assert (own["shared"], own["filter"]) == (False, body["filter"])
    shared = native.api("POST", "/saved-views", json={"name": "VIPs", "filter": {"tag": "vip"}}).data
    assert shared["shared"] is True
    seen = {one["id"] for one in as_person(native, token, "GET", "/saved-views?limit=200")}
    assert {own["id"], shared["id"]} <= seen
    assert own["id"] not in {one["id"] for one in native.api("GET", "/saved-views?limit=200").data}
    assert native.api("GET", f"/saved-views/{own['id']}").status == 404
    wrong = native.api("POST", "/saved-views", json={"name": "x", "filter": {"colour": "red"}})
    assert (wrong.status, list(wrong.json["error"]["details"])) == (400, ["filter.colour"])
    renamed = as_person(native, token, "PATCH", f"/saved-views/{own['id']}", {"name": "Mine"})
    assert (renamed["name"], renamed["filter"]) == ("Mine", body["filter"])
    for one in (own, shared):
        as_person(native, token, "DELETE", f"/saved-views/{one['id']}")


def test_a_chat_is_opened_around_a_message(native: JackfieldServer) -> None:
    phone = number(852)
    for text in ("one", "two", "three", "four", "five"):
        chat = chat_with(native, phone, text)
    path = f"/chats/{chat['id']}/messages"
    ids = [one["id"] for one in native.api("GET", path).data]
    answer = native.api("GET", f"{path}?around={ids[2]}&limit=2")
    assert [one["id"] for one in answer.data] == ids[1:3]
    older = native.api("GET", f"{path}?limit=2&cursor={answer.json['meta']['cursor']}")
    assert [one["id"] for one in older.data] == ids[3:5]
    assert [one["id"] for one in native.api("GET", f"{path}?newerThan={ids[1]}&limit=2").data] == ids[:1]
    assert native.api("GET", f"{path}?around=999999999").status == 404
    both = native.api("GET", f"{path}?around={ids[2]}&newerThan={ids[2]}")
    assert (both.status, list(both.json["error"]["details"])) == (400, ["around"])
    assert native.api("GET", f"/chats/{chat['id']}/files").data == []
    later = native.api("POST", path, json={"text": "later", "scheduledAt": "2030-01-01T00:00:00Z"}).data
    assert later["status"] == "scheduled"
    told = native.api("GET", "/logs?type=message.scheduled&limit=50").data
    (event,) = [one["data"] for one in told if one["data"]["id"] == later["id"]]
    assert (event["chat"]["id"], event["scheduledAt"]) == (chat["id"], "2030-01-01T00:00:00.000Z")
    assert native.api("DELETE", f"/schedules/{later['id']}").status == 200


def test_one_search_finds_what_the_caller_may_see(native: JackfieldServer) -> None:
    phone = number(853)
    chat = chat_with(native, phone, f"the wombat of {phone} is late")

    def found() -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = native.api("GET", f"/search?q=wombat%20{phone}&kinds=messages").data["messages"]
        return rows

    (message,) = until(found) or []
    assert message["chat"] == {"id": chat["id"], "name": f"P {phone}"}
    assert message["message"]["text"] == f"the wombat of {phone} is late"
    assert message["snippet"]["text"] == f"the wombat of {phone} is late"
    assert message["snippet"]["ranges"] == [{"start": 4, "end": 10}, {"start": 14, "end": 14 + len(phone)}]
    everything = native.api("GET", f"/search?q={phone}").data
    assert [one["phone"] for one in everything["contacts"]] == [phone]
    assert [one["id"] for one in everything["chats"]] == [chat["id"]]
    key = native.api("POST", "/keys", json={"name": "chats", "scopes": ["chats:read"]}).data["key"]
    less = native.api("GET", f"/search?q={phone}", key=key).data
    assert {name: len(rows) for name, rows in less.items() if name != "cursors"} == {
        "contacts": 0, "chats": 1, "messages": 0, "campaigns": 0,
    }  # fmt: skip
    bound = native.api("POST", "/profiles", json={"name": "Elsewhere"}).data["id"]
    key = native.api("POST", "/keys", json={"name": "bound", "profileId": bound}).data["key"]
    elsewhere = native.api("GET", f"/search?q={phone}", key=key).data
    assert not any(elsewhere[name] for name in ("contacts", "chats", "messages", "campaigns"))
    for query, field in (
        ("q=", "q"), ("q=x&kinds=stars", "kinds"), ("q=x&limit=51", "limit"), (f"q={'x' * 201}", "q"),
        ("q=%20", "q"), ("q=x&cursor=x", "cursor"), ("q=x&kinds=messages&cursor=x", "cursor"),
    ):  # fmt: skip
        refused = native.api("GET", f"/search?{query}")
        assert (refused.status, list(refused.json["error"]["details"])) == (400, [field])
