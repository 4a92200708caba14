"""Bad input of every kind gets the documented envelope with a 4xx."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import jwt
import pytest

from jackfield.testing.server import Answer, JackfieldServer

from .conftest import multipart, number


def refused(answer: Answer, status: int, code: str | None = None, field: str | None = None) -> None:
    assert answer.status == status, answer
    body = answer.json
    assert body["success"] is False
    assert body["message"] == body["error"]["message"]
    assert body["meta"]["timestamp"].endswith("Z")
    if code is not None:
        assert body["error"]["code"] == code
    if field is not None:
        assert field in body["error"]["details"]


TEXT = {"to": "628123456789", "text": "x"}
WRONG_TEXTS: list[tuple[dict[str, Any], str]] = [
    ({"to": "628123456789"}, "text"),
    ({"to": "628123456789", "text": ""}, "text"),
    ({"to": "628123456789", "text": "   "}, "text"),
    ({"to": "628123456789", "text": "a\x00b"}, "text"),
    ({"to": "628123456789", "text": "x" * 65537}, "text"),
    ({"to": "628123456789", "text": ["x"]}, "text"),
    ({"text": "x"}, "to"),
    ({"to": "abc", "text": "x"}, "to"),
    ({"to": "12", "text": "x"}, "to"),
    ({"to": {"a": 1}, "text": "x"}, "to"),
    ({**TEXT, "category": "nonsense"}, "category"),
    ({**TEXT, "tag": "x" * 201}, "tag"),
    ({**TEXT, "scheduledAt": "tomorrow"}, "scheduledAt"),
    ({**TEXT, "scheduledAt": "9999-01-01T00:00:00Z"}, "scheduledAt"),
]


@pytest.mark.parametrize(("body", "field"), WRONG_TEXTS)
def test_wrong_texts(native: JackfieldServer, body: dict[str, Any], field: str) -> None:
    refused(native.api("POST", "/messages/text", json=body), 400, field=field)


WRONG: list[tuple[str, str, dict[str, Any], str]] = [
    ("POST", "/messages/image", {"to": "628123456789"}, "url"),
    ("POST", "/messages/image", {"to": "628123456789", "url": "ftp://x"}, "url"),
    ("POST", "/messages/image", {"to": "628123456789", "url": "javascript:alert(1)"}, "url"),
    ("POST", "/messages/image", {"to": "628123456789", "url": "https://x.y/\x00"}, "url"),
    ("POST", "/messages/location", {"to": "628123456789", "latitude": 91, "longitude": 0}, "latitude"),
    ("POST", "/messages/location", {"to": "628123456789", "latitude": "x", "longitude": 0}, "latitude"),
    ("POST", "/messages/location", {"to": "628123456789", "longitude": 0}, "latitude"),
    ("POST", "/messages/contact", {"to": "628123456789", "name": "A"}, "phone"),
    ("POST", "/messages/poll", {"to": "628123456789", "question": "?", "options": ["a"]}, "options"),
    ("POST", "/messages/poll", {"to": "628123456789", "question": "?", "options": ["a", "a"]}, "options"),
    ("POST", "/messages/interactive", {"to": "628123456789", "type": "nonsense"}, "type"),
    ("POST", "/messages/interactive", {"to": "628123456789", "type": "buttons", "body": "b"}, "buttons"),
    ("POST", "/messages", {"to": "628123456789", "type": "button_reply", "content": {"id": "1", "title": "t"}}, "type"),
    ("POST", "/messages", {"to": "628123456789", "type": "template", "content": {}}, "content.name"),
    ("POST", "/schedules", {"to": "628123456789", "content": "x"}, "scheduledAt"),
    ("POST", "/bulk/send", {"messages": []}, "messages"),
    ("POST", "/bulk/send", {"messages": [{"content": "x"}]}, "messages.0.chatId"),
    (
        "POST",
        "/bulk/send",
        {"messages": [{"to": "628123456789", "type": "image", "content": {}}]},
        "messages.0.content.url",
    ),
    ("POST", "/bulk/send", {"messages": "x"}, "messages"),
    ("POST", "/contacts", {"name": "A\x00"}, "name"),
    ("POST", "/contacts", {"phone": "nonsense"}, "phone"),
    ("POST", "/contacts", {"phone": True}, "phone"),
    ("POST", "/contacts", {}, "phone"),
    ("POST", "/contacts", {"name": "A", "email": "x"}, "email"),
    ("POST", "/contacts", {"name": "A", "tags": "x"}, "tags"),
    ("POST", "/webhooks", {"url": "nonsense"}, "url"),
    ("POST", "/webhooks", {"url": "https://example.com", "events": ["nonsense"]}, "events"),
    ("POST", "/webhooks", {"url": "https://example.com", "secret": "short"}, "secret"),
    ("POST", "/segments", {"name": "x", "filter": {"nonsense": 1}}, "filter.nonsense"),
    ("POST", "/keys", {"name": "x", "scopes": ["nonsense"]}, "scopes"),
    ("POST", "/team", {"email": "x", "password": "correct horse battery"}, "email"),
    ("POST", "/team", {"email": "a@example.com", "password": "short"}, "password"),
    ("POST", "/profiles", {"name": "x", "engine": "nonsense"}, "engine"),
    ("POST", "/profiles", {"name": "x", "pacing": {"rate": -1}}, "pacing"),
    ("POST", "/tickets", {"subject": ""}, "subject"),
    ("PUT", "/suppressions/keywords", {"stop": {"english": ["x"]}}, "stop.english"),
]


@pytest.mark.parametrize(("method", "path", "body", "field"), WRONG)
def test_wrong_fields(native: JackfieldServer, method: str, path: str, body: dict[str, Any], field: str) -> None:
    answer = native.api(method, path, json=body)
    refused(answer, 400)
    assert field in json.dumps(answer.json["error"]["details"]), answer


@pytest.mark.parametrize(
    "path",
    [
        "/contacts?limit=0",
        "/contacts?limit=x",
        "/contacts?page=0",
        "/contacts?sort=nonsense",
        "/contacts?filter=x",
        "/messages?cursor=x",
        "/messages?cursor=WzE4NDQ2NzQ0MDczNzA5NTUxNjE1XQ",
        "/messages?status=nonsense",
        "/messages?from=x",
        "/chats?archived=x",
        "/usage?by=nonsense",
        "/usage?from=2000-01-01T00:00:00Z",
        "/logs?type=nonsense",
        "/webhooks?page=9999999999999999999",
    ],
)
def test_wrong_queries(native: JackfieldServer, path: str) -> None:
    refused(native.api("GET", path), 400)


@pytest.mark.parametrize("path", ["/messages/text", "/messages/image", "/contacts", "/bulk/send"])
def test_bodies_that_are_no_json(native: JackfieldServer, path: str) -> None:
    headers = {"Content-Type": "application/json"}
    for body in (b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"text": "\xed\xa0\x80"}'):
        refused(native.api("POST", path, body=body, headers=headers), 400)
    for body in (b"[]", b'"x"', b"1", b"null"):
        refused(native.api("POST", path, body=body, headers=headers), 400)


@pytest.mark.parametrize("path", ["/messages/text", "/messages/image", "/contacts", "/contacts/import"])
def test_huge_bodies_are_refused_before_they_are_read(native: JackfieldServer, path: str) -> None:
    head = (
        f"POST /api{path} HTTP/1.1\r\nHost: x\r\nX-API-Key: {native.key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: 50000000000\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", native.port)) as raw:
        raw.sendall(head.encode() + b"{")
        raw.settimeout(10)
        said = raw.recv(65536)
        while b'"TOO_LARGE"' not in said and (piece := raw.recv(65536)):
            said += piece
    assert said.startswith(b"HTTP/1.1 413")
    assert b'"TOO_LARGE"' in said


def test_huge_bodies_without_a_length(native: JackfieldServer) -> None:
    for path in ("/messages/text", "/contacts"):
        with socket.create_connection(("127.0.0.1", native.port)) as raw:
            raw.settimeout(10)
            raw.sendall(
                f"POST /api{path} HTTP/1.1\r\nHost: x\r\nX-API-Key: {native.key}\r\n"
                "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
            )
            try:
                for _ in range(80):
                    raw.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")
            except OSError:
                pass
            assert raw.recv(65536).startswith(b"HTTP/1.1 413"), path


def test_addresses_and_methods_that_do_not_exist(native: JackfieldServer) -> None:
    refused(native.api("GET", "/nonsense"), 404, "NOT_FOUND")
    refused(native.api("GET", "/v1/nonsense"), 404, "NOT_FOUND")
    refused(native.api("DELETE", "/messages"), 405, "METHOD_NOT_ALLOWED")
    refused(native.api("GET", "/messages/text/x/y"), 404, "NOT_FOUND")


@pytest.mark.parametrize("id_", ["0", "-1", "x", "99999999", "9223372036854775808", "1" * 30, "%F0%9F%98%80", "1.5"])
@pytest.mark.parametrize(
    "noun",
    ["messages", "contacts", "campaigns", "profiles", "webhooks", "chats", "lists", "tickets", "keys", "media", "team"],
)
def test_ids_that_do_not_exist(native: JackfieldServer, noun: str, id_: str) -> None:
    refused(native.api("GET", f"/{noun}/{id_}"), 404)


def test_logins(native: JackfieldServer) -> None:
    def login(email: str, password: str) -> Answer:
        return native.request("POST", "/api/auth/login", json={"email": email, "password": password})

    refused(login(native.email, "wrong password"), 401, "INVALID_CREDENTIALS")
    refused(login("nobody@example.com", "wrong password"), 401, "INVALID_CREDENTIALS")
    token = login(native.email, native.password).data["token"]
    head, claims, signature = token.split(".")
    headers = {"Authorization": f"Bearer {head}.{claims}.{signature[::-1]}"}
    refused(native.request("GET", "/api/auth/me", headers=headers), 401, "INVALID_TOKEN")
    read = jwt.decode(token, options={"verify_signature": False})
    forged = jwt.encode({**read, "exp": int(time.time()) + 9999}, "x" * 32, algorithm="HS256")
    refused(native.request("GET", "/api/auth/me", headers={"Authorization": f"Bearer {forged}"}), 401, "INVALID_TOKEN")
    unsigned = jwt.encode(read, "", algorithm="none")
    refused(
        native.request("GET", "/api/auth/me", headers={"Authorization": f"Bearer {unsigned}"}), 401, "INVALID_TOKEN"
    )


def test_expired_and_revoked_keys(native: JackfieldServer) -> None:
    soon = int(time.time() * 1000) + 1500
    short = native.api("POST", "/keys", json={"name": "short", "expiresAt": soon}).data
    assert native.api("GET", "/profiles", key=short["key"]).status == 200
    revoked = native.api("POST", "/keys", json={"name": "revoked"}).data
    assert native.api("GET", "/profiles", key=revoked["key"]).status == 200
    native.api("DELETE", f"/keys/{revoked['id']}").data  # noqa: B018
    refused(native.api("GET", "/profiles", key=revoked["key"]), 401, "UNAUTHORIZED")
    refused(native.api("POST", "/messages/text", key=revoked["key"], json=TEXT), 401, "UNAUTHORIZED")
    rotated = native.api("POST", f"/keys/{short['id']}/rotate").data
    refused(native.api("GET", "/profiles", key=short["key"]), 401, "UNAUTHORIZED")
    deadline = time.monotonic() + 10
    while native.api("GET", "/profiles", key=rotated["key"]).status == 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    refused(native.api("GET", "/profiles", key=rotated["key"]), 401, "UNAUTHORIZED")


def test_what_an_engine_cannot_say_is_refused_before_it_is_stored(native: JackfieldServer) -> None:
    profile = native.api(
        "POST",
        "/profiles",
        json={
            "name": "Cloud",
            "engine": "whatsapp_cloud",
            "config": {"phoneNumberId": "1", "accessToken": "t", "appSecret": "s", "verifyToken": "v"},
        },
    ).data["id"]
    before = native.api("GET", f"/messages?profileId={profile}").data
    poll = {"profileId": profile, "to": number(1), "question": "?", "options": ["a", "b"]}
    refused(native.api("POST", "/messages/poll", json=poll), 422, "UNSUPPORTED")
    content = {"question": "?", "options": ["a", "b"]}
    bulk = {"profileId": profile, "messages": [{"to": number(1), "type": "poll", "content": content}]}
    refused(native.api("POST", "/bulk/send", json=bulk), 422, "UNSUPPORTED")
    refused(native.api("POST", "/newsletters", json={"profileId": profile, "name": "x"}), 409, "PROFILE_NOT_CONNECTED")
    assert native.api("GET", f"/messages?profileId={profile}").data == before == []
    native.api("DELETE", f"/profiles/{profile}").data  # noqa: B018


def test_files_that_are_no_contacts(native: JackfieldServer) -> None:
    for name, data in (
        ("a.csv", b""),
        ("a.csv", b"\x00\x01\x02" * 100),
        ("a.xlsx", b"PK\x03\x04nonsense"),
        ("a.csv", b"a,b\n"),
    ):
        body, headers = multipart(file=(name, data))
        refused(native.api("POST", "/contacts/import", body=body, headers=headers), 400)
    body, headers = multipart(file=("a.csv", b"Name,Phone\nA,+628123\n"), mapping="no json")
    refused(native.api("POST", "/contacts/import", body=body, headers=headers), 400, field="mapping")
    body, headers = multipart(defaultCountry="DE")
    refused(native.api("POST", "/contacts/import", body=body, headers=headers), 400)
    body, headers = multipart(file=("a.txt", b""))
    refused(native.api("POST", "/media", body=body, headers=headers), 400, "MEDIA_EMPTY")


def test_what_cannot_be_done_now(native: JackfieldServer) -> None:
    sent = native.api("POST", "/messages/text?wait=10", json={**TEXT, "to": number(2)}).data["id"]
    refused(native.api("POST", f"/messages/{sent}/cancel"), 409, "NOT_CANCELLABLE")
    refused(native.api("POST", f"/messages/{sent}/read"), 409, "NOT_INCOMING")
    later = native.api("POST", "/schedules", json={"to": number(2), "content": "x", "scheduledAt": "2030-01-01"}).data[
        "id"
    ]
    refused(native.api("POST", f"/messages/{later}/reply", json={"text": "x"}), 409, "MESSAGE_NOT_SENT")
    changed = native.api("PATCH", f"/messages/{later}", json={"text": "another"}).data
    assert (changed["status"], changed["text"]) == ("scheduled", "another")
    assert native.api("DELETE", f"/messages/{later}").data["status"] == "cancelled"
    refused(native.api("POST", "/workspaces", key=_agent(native), json={}), 403)


def _agent(native: JackfieldServer) -> str:
    key: str = native.api("POST", "/keys", json={"name": "agent", "scopes": ["messages:*"]}).data["key"]
    return key
