"""Every operation of the OpenAPI document with a foreign key, with a narrow key, with none, and with its own example."""

from __future__ import annotations

import hmac
import json
import re
from typing import Any

import pytest

from jackfield.testing.server import Answer, JackfieldServer, until

from .conftest import multipart, number

PUBLIC = {
    ("post", "/auth/login"),
    ("post", "/auth/invitations/accept"),
    ("get", "/setup"),
    ("post", "/setup"),
    ("post", "/automations/hooks/{token}"),
}
AUTOMATION = {"trigger": {"type": "message"}, "steps": [{"type": "end"}]}
OWN_LISTS = 200
"""What a foreign key may see of a list: its own, empty or not, but nothing of ours."""


def document(server: JackfieldServer) -> dict[str, Any]:
    found: dict[str, Any] = server.request("GET", "/api/openapi.json").json
    return found


def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation) for path, methods in schema["paths"].items() for method, operation in methods.items()
    ]


def example_of(schema: dict[str, Any], operation: dict[str, Any]) -> tuple[bytes | None, dict[str, str]]:
    """The operation's own example as a body, with its headers."""
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        return multipart(file=("a.csv", b"Name,Phone\nA,+6281234567890\n"))
    if "application/json" not in content:
        return None, {}
    given = content["application/json"]
    if "example" in given:
        body = given["example"]
    else:
        place = given["schema"]
        names = [place.get("$ref", ""), *(one.get("$ref", "") for one in place.get("anyOf", []))]
        name = next(one for one in names if one).rpartition("/")[2]
        body = schema["components"]["schemas"][name].get("example", {})
    return json.dumps(body).encode(), {"Content-Type": "application/json"}


def is_refused(answer: Answer, *statuses: int) -> None:
    assert answer.status in statuses, answer
    body = answer.json
    assert body["success"] is False
    assert body["error"]["code"]
    assert body["message"] == body["error"]["message"]


@pytest.fixture(scope="module")
def things(native: JackfieldServer) -> dict[str, str]:
    """One object of ours of every kind, by the noun of its path."""
    api = native.api
    contact = api("POST", "/contacts", json={"name": "Walk", "phone": number(200)}).data["id"]
    message = api("POST", "/messages/text?wait=10", json={"to": number(200), "text": "walk"}).data["id"]
    native.request("POST", "/simulator/1/inbound", json={"from": number(201), "text": "hello"})
    native.request("POST", "/simulator/1/call", json={"from": number(202)})
    hook = api("POST", "/webhooks", json={"url": f"{native.url}/healthz", "events": ["contact.created"]}).data["id"]
    delivery = api("POST", f"/webhooks/{hook}/test").data["id"]
    chat = until(lambda: next(iter(api("GET", "/chats").data), None))
    call = until(lambda: next(iter(api("GET", "/calls").data), None))
    file, headers = multipart(file=("a.txt", b"file"))
    assert chat is not None
    assert call is not None
    return {
        "messages": message,
        "schedules": api(
            "POST", "/schedules", json={"to": number(200), "content": "x", "scheduledAt": "2030-01-01T00:00:00Z"}
        ).data["id"],
        "bulk": api("POST", "/bulk/send", json={"messages": [{"to": number(200), "content": "x"}]}).data["id"],
        "campaigns": api("POST", "/campaigns", json={"name": "W", "content": "Hi", "start": False}).data["id"],
        "templates": until(lambda: api("GET", "/templates").data)[0]["id"],
        "catalogs": until(lambda: api("GET", "/catalogs").data)[0]["id"],
        "media": api("POST", "/media", body=file, headers=headers).data["id"],
        "contacts": contact,
        "contact-notes": api("POST", f"/contacts/{contact}/notes", json={"text": "n"}).data["id"],
        "lists": api("POST", "/lists", json={"name": "Walk"}).data["id"],
        "tags": api("POST", "/tags", json={"name": "Walk"}).data["id"],
        "attributes": api("POST", "/attributes", json={"name": "Walk"}).data["id"],
        "segments": api("POST", "/segments", json={"name": "Walk"}).data["id"],
        "suppressions": api("POST", "/suppressions", json={"address": number(203)}).data["address"],
        "chats": chat["id"],
        "chat-notes": api("POST", f"/chats/{chat['id']}/notes", json={"text": "n"}).data["id"],
        "automations": api("POST", "/automations", json={"name": "Walk", **AUTOMATION}).data["id"],
        "knowledge": api("POST", "/knowledge", json={"name": "Walk", "text": "w"}).data["id"],
        "canned-replies": api("POST", "/canned-replies", json={"shortcut": "walk", "text": "w"}).data["id"],
        "saved-views": api("POST", "/saved-views", json={"name": "Walk"}).data["id"],
        "groups": api("POST", "/groups", json={"name": "Walk", "participants": []}).data["id"],
        "newsletters": api("POST", "/newsletters", json={"name": "Walk"}).data["id"],
        "calls": call["id"],
        "departments": api("POST", "/departments", json={"name": "Walk"}).data["id"],
        "tickets": api("POST", "/tickets", json={"subject": "Walk"}).data["id"],
        "webhooks": hook,
        "inbound": inbound_problem(native),
        "deliveries": delivery,
        "team": "1",
        "auth": "1",
        "invitations": api("POST", "/team/invitations", json={"email": "walk@example.com"}).data["id"],
        "keys": "1",
        "profiles": "1",
        "workspaces": "1",
    }


def inbound_problem(native: JackfieldServer) -> str:
    """The id of something that came in and could not be read."""
    config = {"phoneNumberId": "1", "accessToken": "EAAJ", "appSecret": "secret"}
    profile = native.api("POST", "/profiles", json={"name": "W", "engine": "whatsapp_cloud", "config": config}).data[
        "id"
    ]
    signed = {"X-Hub-Signature-256": "sha256=" + hmac.new(b"secret", b"no JSON", "sha256").hexdigest()}
    assert native.request("POST", f"/hooks/{profile}", body=b"no JSON", headers=signed).status == 200
    found: str = native.api("GET", f"/inbound/problems?profileId={profile}").data[0]["id"]
    return found


def filled(path: str, things: dict[str, str]) -> str:
    """The path with ids of ours."""
    noun = path.split("/")[1]

    def id_for(match: re.Match[str]) -> str:
        name = match.group(1)
        if name == "noteId":
            return things["contact-notes" if noun == "contacts" else "chat-notes"]
        if name == "runId":
            return "1"
        if name == "replyId":
            return things["canned-replies"]
        if name == "deliveryId":
            return things["deliveries"]
        if name == "profileId":
            return things["profiles"]
        if path.startswith("/team/invitations"):
            return things["invitations"]
        return things[noun]

    return re.sub(r"\{(\w+)\}", id_for, path)


def call(server: JackfieldServer, schema: dict[str, Any], method: str, path: str, operation: Any, key: str) -> Answer:
    body, headers = example_of(schema, operation)
    return server.api(method.upper(), path, key=key, body=body, headers=headers)


def test_a_foreign_key_finds_nothing_of_ours(native: JackfieldServer, foreign_key: str, things: dict[str, str]) -> None:
    """Whatever names an object of ours is a 404, as if it were not there."""
    schema = document(native)
    walked = 0
    for method, path, operation in operations(schema):
        if "{" not in path or path.startswith("/auth/"):
            # Sessions are a person's own: keys are refused, whoever's they are.
            continue
        answer = call(native, schema, method, filled(path, things), operation, foreign_key)
        try:
            is_refused(answer, 404)
        except AssertionError as error:
            raise AssertionError(f"{method} {path}: {answer}") from error
        walked += 1
    assert walked > 100


def test_a_foreign_key_sees_nothing_of_ours_in_lists(
    native: JackfieldServer, foreign_key: str, things: dict[str, str]
) -> None:
    schema = document(native)
    for method, path, _ in operations(schema):
        if (
            method != "get"
            or "{" in path
            or path
            in (
                "/events",
                "/openapi.json",
                "/auth/sessions",
                "/auth/second-factor",
                "/auth/profile",
                # Its rows are the calls of the foreign key itself.
                "/usage/requests/export",
            )
        ):
            continue
        own = native.api("GET", "/audit?limit=200", key=foreign_key).data if path == "/audit/export" else []
        asked = f"{path}?q={number(200)}" if path == "/search" else path
        answer = native.api("GET", asked, key=foreign_key)
        if answer.headers["content-type"].startswith("text/csv"):
            assert len(answer.body.splitlines()) == 1 + len(own), path
            continue
        if answer.status != OWN_LISTS:
            # The other workspace has no profile, so what needs one is not found.
            is_refused(answer, 404)
            continue
        data = answer.json["data"]
        if path == "/search":
            assert not any(data[kind] for kind in ("contacts", "chats", "messages", "campaigns")), data
        ours = (
            "/automations/recipes",
            "/engines",
            "/keys/scopes",
            "/team/roles",
            "/webhooks/events",
            "/suppressions/keywords",
        )
        if path in ours or not isinstance(data, list):
            continue
        for row in data:
            # What it has of its own: its owner, its key, its workspace, its audit entries, its General department.
            assert path in ("/team", "/keys", "/workspaces", "/audit", "/departments"), (path, row)
            assert "example.com" not in json.dumps(row) or "other@example.com" in json.dumps(row), (path, row)


def test_references_to_foreign_objects_are_not_found(
    native: JackfieldServer, foreign_key: str, things: dict[str, str]
) -> None:
    for path, body in (
        ("/messages/text", {"profileId": "1", "to": "628123456789", "text": "x"}),
        ("/messages/image", {"profileId": "1", "to": "628123456789", "url": "https://example.com/a.jpg"}),
        ("/messages/reaction", {"messageId": things["messages"], "emoji": "x"}),
        ("/bulk/send", {"profileId": "1", "messages": [{"to": "628123456789", "content": "x"}]}),
        ("/campaigns", {"profileId": "1", "name": "x", "content": "x"}),
        ("/groups", {"profileId": "1", "name": "x", "participants": []}),
        ("/webhooks", {"profileId": "1", "url": "https://example.com/"}),
        ("/keys", {"profileId": "1", "name": "x"}),
        ("/tickets", {"subject": "x", "contactId": things["contacts"]}),
        ("/tickets", {"subject": "x", "chatId": things["chats"]}),
        ("/tickets", {"subject": "x", "assigneeId": "1"}),
        ("/templates", {"profileId": "1", "name": "x", "language": "en", "components": [{"type": "BODY"}]}),
        ("/calls/settings", {"profileId": "1", "autoReject": True}),
    ):
        method = "PUT" if path == "/calls/settings" else "POST"
        is_refused(native.api(method, path, key=foreign_key, json=body), 404)


def test_a_narrow_key_may_do_nothing_but_its_own(
    native: JackfieldServer, narrow_key: str, things: dict[str, str]
) -> None:
    schema = document(native)
    for method, path, operation in operations(schema):
        if (
            (method, path) in PUBLIC
            or path in ("/auth/me", "/ai/usage", "/survey/answers")
            or path.startswith("/usage")
        ):
            continue
        answer = call(native, schema, method, filled(path, things), operation, narrow_key)
        try:
            is_refused(answer, 403)
        except AssertionError as error:
            raise AssertionError(f"{method} {path}: {answer}") from error
    assert native.api("GET", "/usage", key=narrow_key).status == 200


def test_without_a_key_nothing_is_to_be_had(native: JackfieldServer, things: dict[str, str]) -> None:
    schema = document(native)
    for method, path, operation in operations(schema):
        if (method, path) in PUBLIC:
            continue
        body, headers = example_of(schema, operation)
        is_refused(native.request(method.upper(), "/api" + filled(path, things), body=body, headers=headers), 401)
    for wrong in ({"X-API-Key": "wrong"}, {"Authorization": "Bearer eyJhbGciOiJIUzI1NiJ9.e30.x"}, {"X-API-Key": "ü"}):
        is_refused(native.request("GET", "/api/profiles", headers=wrong), 401)
        is_refused(native.request("POST", "/api/messages/text", json={}, headers=wrong), 401)


def test_a_key_of_another_profile_reaches_nothing_of_this_one(native: JackfieldServer, things: dict[str, str]) -> None:
    profile = native.api("POST", "/profiles", json={"name": "Narrow"}).data["id"]
    key = native.api("POST", "/keys", json={"name": "one profile", "profileId": profile}).data["key"]
    for path in (
        "/profiles/1", f"/messages/{things['messages']}", f"/chats/{things['chats']}", f"/calls/{things['calls']}",
        f"/campaigns/{things['campaigns']}", f"/bulk/batch/{things['bulk']}", f"/templates/{things['templates']}",
        f"/catalogs/{things['catalogs']}", f"/webhooks/{things['webhooks']}", f"/schedules/{things['schedules']}",
        "/groups/profile/1", "/messages?profileId=1", "/chats?profileId=1", "/usage?profileId=1",
        "/logs?profileId=1", "/keys/1",
    ):  # fmt: skip
        is_refused(native.api("GET", path, key=key), 404)
    for path in ("/messages", "/chats", "/campaigns", "/webhooks", "/calls", "/schedules"):
        assert native.api("GET", path, key=key).data == []
    is_refused(
        native.api("POST", "/messages/text", key=key, json={"profileId": "1", "to": "62812345", "text": "x"}), 404
    )
    wider = native.api("POST", "/keys", key=key, json={"name": "wider"})
    is_refused(wider, 403)
    native.api("DELETE", f"/profiles/{profile}").data  # noqa: B018
