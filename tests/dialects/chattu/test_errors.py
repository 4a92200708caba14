"""Each documented error, provoked; and who may call what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from jackfield.core import AddressRanges
from jackfield.dialects._kit import client_ip
from jackfield.testing.server import Answer, JackfieldServer, running_server

from .conftest import Chattu

KEY_ONLY = [
    ("POST", "/api/add-number"),
    ("POST", "/api/update-webhook"),
    ("POST", "/api/send-message"),
    ("GET", "/api/clients"),
    ("GET", "/api/profile"),
    ("GET", "/api/sent-messages"),
    ("GET", "/api/received-messages/phone"),
    ("GET", "/api/incoming-calls/phone"),
    ("GET", "/api/call-logs"),
    ("GET", "/api/logs"),
    ("GET", "/api/qr/phone"),
    ("POST", "/api/send-group-message"),
]
SESSION_ONLY = [
    ("DELETE", "/clients/phone"),
    ("GET", "/api/chats/phone"),
    ("GET", "/api/chats/phone/9721234567@c.us/messages"),
    ("POST", "/api/chats/phone/9721234567@c.us/send"),
    ("POST", "/api/chats/phone/9721234567@c.us/read"),
    ("GET", "/api/chats/phone/media/1"),
    ("POST", "/api/groups/phone/120363123456789012@g.us/send"),
    ("GET", "/chat"),
]
EITHER = [
    ("POST", "/schedule-message"),
    ("GET", "/scheduled-messages"),
    ("DELETE", "/scheduled-messages/1"),
    ("GET", "/api/groups/phone"),
]


def error(answer: Answer, status: int, code: str) -> dict[str, Any]:
    """The error's body, which must be this one."""
    assert answer.status == status, answer
    body: dict[str, Any] = answer.json
    assert (body["success"], body["status"], body["code"]) == (False, "error", code), body
    assert body["error"] == body["message"]
    assert isinstance(body["error"], str)
    return body


@pytest.fixture(scope="module")
def paired(chattu_server: JackfieldServer) -> tuple[Chattu, Chattu, str]:
    """Calls with the account's key, calls with a client's key, and the client's profile."""
    chattu = Chattu(chattu_server)
    key, profile = chattu.add("phone", "972501112233")
    return chattu, Chattu(chattu_server, key), profile


@pytest.mark.parametrize(("method", "path"), KEY_ONLY)
def test_what_takes_a_key_takes_no_login(chattu: Chattu, method: str, path: str) -> None:
    error(chattu.bare(method, path, json={}), 401, "AUTH_ERROR")
    error(chattu.bare(method, path, json={}, headers={"x-api-key": "nobodys-key-at-all"}), 401, "AUTH_ERROR")
    error(chattu.page(method, path, json={}), 401, "AUTH_ERROR")


@pytest.mark.parametrize(("method", "path"), SESSION_ONLY)
def test_what_takes_a_login_takes_no_key(chattu: Chattu, method: str, path: str) -> None:
    for answer in (
        chattu.bare(method, path, json={}),
        chattu.api(method, path, json={}),
        chattu.bare(method, path, json={}, headers={"Authorization": f"Bearer {chattu.key}"}),
        chattu.bare(method, path, json={}, headers={"Cookie": "jackfield_session=eyJ.eyJ.x"}),
    ):
        if path == "/chat":
            assert (answer.status, answer.headers["content-type"][:9]) == (401, "text/html")
        else:
            error(answer, 401, "AUTH_ERROR")


@pytest.mark.parametrize(("method", "path"), EITHER)
def test_what_takes_both(chattu: Chattu, method: str, path: str) -> None:
    error(chattu.bare(method, path, json={}), 401, "AUTH_ERROR")
    for call in (chattu.api, chattu.page):
        assert call(method, path, json={}).status in (200, 400, 404, 409)


def test_a_clients_key_reaches_only_its_client(paired: tuple[Chattu, Chattu, str]) -> None:
    account, client, _ = paired
    account.api("POST", "/api/add-number", json={"clientId": "other", "phoneNumber": "972509998877"})
    assert [row["clientId"] for row in client.api("GET", "/api/clients").json] == ["phone"]
    assert client.api("GET", "/api/profile").json["clientCount"] == 1
    text = {"number": "9721234567", "message": "x"}
    for path, body in (
        ("/api/send-message", text),
        ("/api/send-group-message", {"groupId": "120363123456789012@g.us", "message": "x"}),
        ("/schedule-message", {**text, "scheduleTime": "2027-01-01T00:00:00Z"}),
        ("/api/update-webhook", {"webhookUrl": "https://example.com/x"}),
        ("/api/add-number", {"phoneNumber": "972509998877"}),
    ):
        error(client.api("POST", path, json={"clientId": "other", **body}), 403, "ACCESS_DENIED")
    for path in ("/api/received-messages", "/api/incoming-calls", "/api/qr", "/api/groups"):
        error(client.api("GET", f"{path}/other"), 403, "ACCESS_DENIED")
    body = {"clientId": "another", "phoneNumber": "972509998877"}
    error(client.api("POST", "/api/add-number", json=body), 403, "ACCESS_DENIED")


def test_clients_that_are_not_there(paired: tuple[Chattu, Chattu, str]) -> None:
    chattu, _, _ = paired
    body = {"clientId": "nobody", "message": "x"}
    group = {"groupId": "120363123456789012@g.us"}
    error(chattu.api("POST", "/api/send-message", json={**body, "number": "9721234567"}), 404, "CLIENT_NOT_FOUND")
    error(chattu.api("POST", "/api/send-group-message", json={**body, **group}), 404, "CLIENT_NOT_FOUND")
    error(chattu.api("GET", "/api/received-messages/999999999999999999999999"), 404, "CLIENT_NOT_FOUND")
    error(chattu.page("GET", "/api/chats/nobody"), 404, "CLIENT_NOT_FOUND")
    error(chattu.page("DELETE", "/clients/nobody", json={"password": chattu.server.password}), 404, "CLIENT_NOT_FOUND")


def test_sending_to_groups(paired: tuple[Chattu, Chattu, str]) -> None:
    chattu, client, profile = paired
    groups = {row["name"]: row["id"] for row in client.api("GET", "/api/groups/phone").json["groups"]}
    good = {"clientId": "phone", "groupId": groups["Team Jakarta"], "message": "x"}

    def send(**changes: Any) -> Answer:
        return client.api("POST", "/api/send-group-message", json={**good, **changes})

    error(send(clientId=None), 400, "INVALID_REQUEST")
    error(send(groupId=""), 400, "INVALID_REQUEST")
    error(send(message=""), 400, "INVALID_REQUEST")
    error(send(message="x" * 4097), 400, "INVALID_REQUEST")
    error(send(mediaUrl="https://example.com/a.jpg"), 400, "INVALID_REQUEST")
    error(send(mediaUrl="https://example.com/a.jpg", mediaType="hologram"), 400, "INVALID_REQUEST")
    error(send(mediaUrl="not a link", mediaType="image"), 400, "MEDIA_ERROR")
    error(send(groupId="9721234567@c.us"), 400, "INVALID_CHAT_TYPE")
    error(send(groupId="120363000000000000@g.us"), 404, "GROUP_NOT_FOUND")
    error(send(groupId="120363000000000000@c.us"), 404, "GROUP_NOT_FOUND")
    error(send(groupId=groups["Announcements (read only)"]), 403, "READ_ONLY_CHAT")

    chattu.server.request(
        "POST", f"/simulator/{profile}/faults", json={"rules": [{"code": "131053", "kind": "reject"}]}
    )
    error(send(mediaUrl="https://example.com/a.jpg", mediaType="image"), 400, "MEDIA_ERROR")
    chattu.server.request("POST", f"/simulator/{profile}/faults", json={"reset": True})

    chattu.server.api("PATCH", f"/profiles/{profile}", json={"pacing": {"dailyCap": 1}})
    client.api("POST", "/api/send-message", json={"clientId": "phone", "number": "9721234567", "message": "the one"})
    error(send(), 403, "PLAN_LIMIT_EXCEEDED")
    chattu.server.api("PATCH", f"/profiles/{profile}", json={"pacing": {}})


def test_sending_to_people(paired: tuple[Chattu, Chattu, str]) -> None:
    chattu, client, profile = paired
    good = {"clientId": "phone", "number": "9721234567", "message": "x"}

    def send(**changes: Any) -> Answer:
        return client.api("POST", "/api/send-message", json={**good, **changes})

    error(send(number="call me"), 400, "INVALID_REQUEST")
    error(send(number="120363123456789012@g.us"), 400, "INVALID_CHAT_TYPE")
    error(send(message=None), 400, "INVALID_REQUEST")
    error(send(mediaUrl="https://example.com/program.exe"), 400, "MEDIA_ERROR")
    error(send(mediaUrl="ftp://example.com/a.jpg"), 400, "MEDIA_ERROR")
    for name in ("a.jpg", "a.JPEG", "a.png", "a.gif", "a.webp", "a.pdf", "a.mp4", "a.mp3?size=1"):
        assert send(mediaUrl=f"https://example.com/{name}", message="").status == 200
    chattu.server.request("POST", f"/simulator/{profile}/faults", json={"codes": ["131009"]})
    body = error(send(), 400, "SEND_FAILED")
    assert body["details"]["provider"]["code"] == "131009"
    chattu.server.request("POST", f"/simulator/{profile}/faults", json={"reset": True})


def test_schedules(paired: tuple[Chattu, Chattu, str]) -> None:
    _, client, _ = paired
    good = {"clientId": "phone", "number": "9721234567", "message": "x", "scheduleTime": "2027-01-01T00:00:00Z"}
    for change in (
        {"scheduleTime": "2025-10-06T18:30:00Z"},
        {"scheduleTime": "tomorrow"},
        {"scheduleTime": None},
        {"message": ""},
        {"number": "x"},
    ):
        error(client.api("POST", "/schedule-message", json={**good, **change}), 400, "INVALID_REQUEST")
    made = client.api("POST", "/schedule-message", json=good).json["id"]
    assert client.api("DELETE", f"/scheduled-messages/{made}").status == 200
    error(client.api("DELETE", f"/scheduled-messages/{made}"), 409, "NOT_CANCELLABLE")
    error(client.api("DELETE", "/scheduled-messages/99999999"), 404, "SCHEDULE_NOT_FOUND")
    error(client.api("DELETE", "/scheduled-messages/x"), 404, "SCHEDULE_NOT_FOUND")


def test_deleting_a_client_and_resetting_a_key(paired: tuple[Chattu, Chattu, str]) -> None:
    chattu, client, _ = paired
    error(chattu.page("DELETE", "/clients/phone"), 400, "PASSWORD_REQUIRED")
    error(chattu.page("DELETE", "/clients/phone", json={"password": ""}), 400, "PASSWORD_REQUIRED")
    error(chattu.page("DELETE", "/clients/phone", json={"password": "wrong"}), 403, "ACCESS_DENIED")
    body = {"username": chattu.server.email, "currentApiKey": "nobodys-key-at-all"}
    error(chattu.bare("POST", "/api/reset-api-key", json=body), 401, "AUTH_ERROR")
    body = {"username": "somebody-else", "currentApiKey": chattu.key}
    error(chattu.bare("POST", "/api/reset-api-key", json=body), 401, "AUTH_ERROR")
    body = {"username": chattu.server.email, "currentApiKey": client.key}
    error(chattu.bare("POST", "/api/reset-api-key", json=body), 403, "ACCESS_DENIED")
    error(chattu.bare("POST", "/api/reset-api-key", json={}), 400, "INVALID_REQUEST")


def test_webhooks_and_numbers(paired: tuple[Chattu, Chattu, str]) -> None:
    chattu, _, _ = paired
    for url in ("javascript:alert(1)", "http://", 7, "https://user:password@example.com/"):
        body = {"clientId": "phone", "webhookUrl": url}
        error(chattu.api("POST", "/api/update-webhook", json=body), 400, "INVALID_REQUEST")
    error(chattu.api("POST", "/api/update-webhook", json={"clientId": "phone"}), 400, "INVALID_REQUEST")
    for body in (
        {"clientId": "a/b", "phoneNumber": "972501234567"},
        {"clientId": "", "phoneNumber": "972501234567"},
        {"clientId": "x", "phoneNumber": "letters"},
        {"clientId": "x", "phoneNumber": "120363123456789012@g.us"},
        {"clientId": "x"},
    ):
        error(chattu.api("POST", "/api/add-number", json=body), 400, "INVALID_REQUEST")


def test_limits_hold_by_address(chattu: Chattu) -> None:
    def spent(maximum: int, method: str, path: str, **kwargs: Any) -> Answer:
        for _ in range(maximum):
            assert chattu.bare(method, path, **kwargs).status != 429
        return chattu.bare(method, path, **kwargs)

    for maximum, method, path in (
        (5, "POST", "/api/reset-api-key"),
        (5, "DELETE", "/clients/phone"),
        (10, "DELETE", "/scheduled-messages/1"),
        (100, "POST", "/api/send-group-message"),
    ):
        answer = spent(maximum, method, path, json={})
        error(answer, 429, "RATE_LIMIT_EXCEEDED")
        assert int(answer.headers["retry-after"]) > 0
    # Another address has its own count, whatever it puts before the proxy's.
    elsewhere = {"X-Forwarded-For": "10.255.0.1"}
    assert chattu.bare("POST", "/api/reset-api-key", json={}, headers=elsewhere).status == 400
    faked = {"X-Forwarded-For": f"10.255.0.2, {chattu.ip}"}
    assert chattu.bare("POST", "/api/reset-api-key", json={}, headers=faked).status == 429


def test_the_chat_limit(chattu: Chattu) -> None:
    for _ in range(60):
        assert chattu.page("POST", "/api/chats/phone/9721234567@c.us/send", json={}).status == 400
    answer = chattu.page("POST", "/api/groups/phone/120363123456789012@g.us/send", json={})
    error(answer, 429, "RATE_LIMIT_EXCEEDED")


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[JackfieldServer]:
    """A server that lets no webhook go to private addresses."""
    with running_server(tmp_path / "strict", {"JACKFIELD_EGRESS_ALLOW": ""}) as running:
        yield running


def test_private_webhooks_are_refused(strict: JackfieldServer) -> None:
    chattu = Chattu(strict)
    for url in ("http://127.0.0.1:8000/x", "http://localhost/x", "http://169.254.169.254/x", "http://[::1]/x"):
        body = {"clientId": "1", "webhookUrl": url}
        error(chattu.api("POST", "/api/update-webhook", json=body), 400, "INVALID_REQUEST")


def test_whose_word_on_addresses_is_believed() -> None:
    def asked(peer: str, forwarded: str, *trusted: str) -> str:
        headers = [(b"x-forwarded-for", forwarded.encode())]
        request = Request({"type": "http", "client": (peer, 1), "headers": headers})
        return client_ip(request, AddressRanges.parse(",".join(trusted)))

    assert asked("198.51.100.7", "10.9.9.9") == "198.51.100.7"
    assert asked("198.51.100.7", "10.9.9.9", "10.0.0.1") == "198.51.100.7"
    assert asked("10.0.0.1", "1.2.3.4, 10.9.9.9", "10.0.0.1") == "10.9.9.9"
    assert asked("10.0.0.1", "1.2.3.4, 10.9.9.9, 10.0.0.2", "10.0.0.1", "10.0.0.2") == "10.9.9.9"
    assert asked("10.0.0.1", "1.2.3.4, 192.0.2.9, 10.7.7.7", "10.0.0.0/8") == "192.0.2.9"


def test_what_is_no_request_at_all(chattu: Chattu) -> None:
    assert error(chattu.api("GET", "/nothing/here"), 404, "NOT_FOUND")
    assert error(chattu.api("PUT", "/api/clients"), 405, "METHOD_NOT_ALLOWED")
    # Refused before any dialect sees it, and in Chattu's words all the same.
    error(chattu.api("GET", "/api/incoming-calls/a%00"), 400, "BAD_REQUEST")
    error(chattu.api("POST", "/api/send-message", body=b"{"), 400, "INVALID_REQUEST")
    error(chattu.api("POST", "/api/send-message", json=[1]), 400, "INVALID_REQUEST")
