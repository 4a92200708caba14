"""The inbox: its filters and counts, chats that are done or snoozed, several at once, and what listeners are told."""

from __future__ import annotations

from typing import Any

from jackfield.testing.server import JackfieldServer, until

from .conftest import number


def chat_with(native: JackfieldServer, phone: str, text: str = "hello") -> dict[str, Any]:
    """The chat of somebody who has just written."""
    native.request("POST", "/simulator/1/inbound", json={"from": phone, "name": f"P {phone}", "text": text})

    def arrived() -> dict[str, Any] | None:
        found = native.api("GET", f"/chats?q={phone}&archived=all").data
        return found[0] if found and found[0]["lastMessage"]["text"] == text else None

    chat = until(arrived)
    assert chat is not None
    return chat


def ids(native: JackfieldServer, query: str) -> list[str]:
    return [one["id"] for one in native.api("GET", f"/chats?limit=200&{query}").data]


def test_what_came_in_is_told_with_the_chat_as_it_stands(native: JackfieldServer) -> None:
    phone = number(801)
    chat = chat_with(native, phone)
    events = native.api("GET", "/logs?type=chat.updated&limit=200").data
    (told,) = [one["data"] for one in events if one["data"]["id"] == chat["id"]]
    assert (told["chatId"], told["unread"], told["contactName"]) == (f"{phone}@c.us", 1, f"P {phone}")
    assert {name: told[name] for name in ("status", "archived", "pinned", "assigneeId", "windowOpen")} == {
        "status": "open", "archived": False, "pinned": False, "assigneeId": None, "windowOpen": True,
    }  # fmt: skip
    assert told["lastMessageId"] == chat["lastMessage"]["id"]
    # Everything that a list shows of the chat but its last message can be kept from the event.
    same = {name: told[name] for name in told if name in chat}
    assert same == {name: chat[name] for name in same}
    read = native.api("POST", f"/chats/{chat['id']}/read").data
    assert read["unread"] == 0
    newest = native.api("GET", "/logs?type=chat.updated&limit=1").data[0]["data"]
    assert (newest["id"], newest["unread"]) == (chat["id"], 0)


def test_what_is_sent_takes_its_chat_out_of_the_archive_and_says_so(native: JackfieldServer) -> None:
    id_ = chat_with(native, number(811))["id"]
    assert native.api("POST", f"/chats/{id_}/archive").data["archived"] is True
    sent = native.api("POST", f"/chats/{id_}/messages", json={"text": "One more thing"}).data["id"]
    told = [one["data"] for one in native.api("GET", "/logs?type=chat.updated&limit=200").data]
    newest = next(one for one in told if one["id"] == id_)
    assert (newest["archived"], newest["lastMessageId"]) == (False, sent)
    assert native.api("GET", f"/chats/{id_}").data["archived"] is False


def test_done_and_snoozed_chats_come_back_with_the_next_message(native: JackfieldServer) -> None:
    phone = number(802)
    id_ = chat_with(native, phone)["id"]
    assert native.api("POST", f"/chats/{id_}/close").data["status"] == "done"
    assert (id_ in ids(native, "status=done"), id_ in ids(native, "status=open")) == (True, False)
    assert chat_with(native, phone, "again")["status"] == "open"
    snoozed = native.api("POST", f"/chats/{id_}/snooze", json={"until": "2030-01-01T00:00:00Z"}).data
    assert (snoozed["status"], snoozed["snoozedUntil"]) == ("snoozed", "2030-01-01T00:00:00.000Z")
    assert id_ in ids(native, "status=snoozed")
    back = chat_with(native, phone, "and again")
    assert (back["status"], back["snoozedUntil"]) == ("open", None)
    past = native.api("POST", f"/chats/{id_}/snooze", json={"until": "2020-01-01T00:00:00Z"})
    assert (past.status, list(past.json["error"]["details"])) == (400, ["until"])


def test_counts_agree_with_the_lists(native: JackfieldServer) -> None:
    chat_with(native, number(803))
    assigned = chat_with(native, number(804))["id"]
    native.api("POST", f"/chats/{assigned}/assign", json={"assigneeId": "1"}).data  # noqa: B018
    counts = native.api("GET", "/chats/counts?profileId=1").data
    for name, query in (
        ("all", "status=open"),
        ("unread", "status=open&unread=true"),
        ("unanswered", "status=open&unanswered=true"),
        ("unassigned", "status=open&assigneeId=none"),
        ("closing", "status=open&closing=true"),
        ("done", "status=done"),
        ("snoozed", "status=snoozed"),
        ("archived", "archived=true"),
    ):
        assert counts[name] == len(ids(native, f"profileId=1&{query}")), name
    parts = {name: value for name, value in counts.items() if name not in ("profiles", "departments")}
    assert counts["profiles"] == [{"profileId": "1", **parts}]
    body = {"email": native.email, "password": native.password}
    token = native.request("POST", "/api/auth/login", json=body).data["token"]
    headers = {"Authorization": f"Bearer {token}"}
    mine = native.request("GET", "/api/chats?assigneeId=me&status=open", headers=headers).data
    assert assigned in [one["id"] for one in mine]
    assert native.request("GET", "/api/chats/counts", headers=headers).data["mine"] == len(mine)
    assert native.api("GET", "/chats?assigneeId=me").status == 400


def test_chats_are_given_to_teams_and_found_by_them(native: JackfieldServer) -> None:
    chat = chat_with(native, number(807))
    id_ = chat["id"]
    assert chat["departmentId"] is None
    team = native.api("POST", "/departments", json={"name": "Returns"}).data["id"]
    native.api("POST", f"/chats/{id_}/assign", json={"assigneeId": "1"})
    given = native.api("POST", f"/chats/{id_}/assign", json={"departmentId": team}).data
    assert (given["departmentId"], given["assigneeId"]) == (team, "1")
    newest = native.api("GET", "/logs?type=chat.updated&limit=1").data[0]["data"]
    assert (newest["id"], newest["departmentId"]) == (id_, team)
    assert ids(native, f"team={team}") == ids(native, f"departmentId={team}") == [id_]
    assert id_ not in ids(native, "team=none")
    counts = native.api("GET", "/chats/counts").data
    (figures,) = [one for one in counts["departments"] if one["departmentId"] == team]
    assert (figures["all"], figures["unassigned"], counts["team"]) == (1, 0, 0)
    # Whose team: a login has one, a key has none.
    body = {"email": native.email, "password": native.password}
    headers = {"Authorization": f"Bearer {native.request('POST', '/api/auth/login', json=body).data['token']}"}
    joined = native.request("PATCH", "/api/team/1", headers=headers, json={"departmentId": team})
    assert joined.status == 200, joined
    assert [one["id"] for one in native.request("GET", "/api/chats?team=me", headers=headers).data] == [id_]
    assert native.request("GET", "/api/chats/counts", headers=headers).data["team"] == 1
    assert native.api("GET", "/chats?team=me").status == 400
    view = native.api("POST", "/saved-views", json={"name": "Returns", "filter": {"departmentId": team}})
    assert view.data["filter"] == {"departmentId": team}
    for wrong, status in (("99999999", 400), ("x", 404)):
        assert native.api("PATCH", f"/chats/{id_}", json={"departmentId": wrong}).status == status
    assert native.api("POST", f"/chats/{id_}/assign", json={"departmentId": None}).data["departmentId"] is None
    assert native.api("POST", f"/chats/{id_}/assign", json={}).data["assigneeId"] is None
    native.api("PATCH", f"/chats/{id_}", json={"departmentId": team})
    native.api("DELETE", f"/departments/{team}")
    assert native.api("GET", f"/chats/{id_}").data["departmentId"] is None


def test_several_chats_are_changed_at_once(native: JackfieldServer) -> None:
    wanted = [chat_with(native, number(seed))["id"] for seed in (805, 806)]
    body = {"ids": wanted, "pinned": True, "status": "done", "read": True}
    assert native.api("POST", "/chats/bulk", json=body).data == {"changed": 2}
    for id_ in wanted:
        shown = native.api("GET", f"/chats/{id_}").data
        assert (shown["pinned"], shown["status"], shown["unread"]) == (True, "done", 0)
    assert set(ids(native, "")[:2]) == set(wanted)
    missing = native.api("POST", "/chats/bulk", json={"ids": [wanted[0], "99999999"], "pinned": False})
    assert (missing.status, missing.json["error"]["code"]) == (404, "CHAT_NOT_FOUND")
    assert native.api("GET", f"/chats/{wanted[0]}").data["pinned"] is True
    native.api("POST", "/chats/bulk", json={"ids": wanted, "pinned": False}).data  # noqa: B018


def test_a_webhook_for_everything_hears_of_chats_only_by_name(native: JackfieldServer, receiver: Any) -> None:
    hooks = [
        native.api("POST", "/webhooks", json={"url": f"{receiver.url}?{name}", "events": events}).data["id"]
        for name, events in (("all", ["*"]), ("chats", ["chat.*"]))
    ]
    chat_with(native, number(807))
    told = receiver.wait(lambda got: got.json["event"] == "chat.updated")
    assert told.path.endswith("?chats")
    receiver.wait(lambda got: got.json["event"] == "message.received")
    assert {got.json["event"] for got in receiver.got if got.path.endswith("?all")} >= {"message.received"}
    assert not [got for got in receiver.got if got.path.endswith("?all") and got.json["event"] == "chat.updated"]
    for id_ in hooks:
        native.api("DELETE", f"/webhooks/{id_}").data  # noqa: B018
