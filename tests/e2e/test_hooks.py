"""The providers' door as anybody on the internet can knock at it."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from jackfield.testing.server import JackfieldServer, until

from .providers import SECRET, VERIFY, reachable_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JackfieldServer]:
    with reachable_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def hook(server: JackfieldServer) -> str:
    """The callbacks of a Cloud API profile that is not connected: what comes is taken all the same."""
    config = {
        "baseUrl": "http://127.0.0.1:9", "phoneNumberId": "106540352242922", "accessToken": "EAAJ",
        "appSecret": SECRET, "verifyToken": VERIFY,
    }  # fmt: skip
    body = {"name": "Door", "engine": "whatsapp_cloud", "config": config}
    return f"/hooks/{server.api('POST', '/profiles', json=body).data['id']}"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/hooks/999999", 404),
        ("POST", "/hooks/abc", 404),
        ("POST", "/hooks/1", 404),
        ("POST", "/hooks/" + "9" * 40, 404),
        ("POST", "{hook}", 401),
        ("GET", "{hook}", 403),
        ("GET", "{hook}?hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1", 403),
        ("PUT", "{hook}", 405),
    ],
)
def test_who_does_not_belong_here(server: JackfieldServer, hook: str, method: str, path: str, status: int) -> None:
    answer = server.request(method, path.format(hook=hook), body=b"{}")
    assert answer.status == status
    assert SECRET.encode() not in answer.body


def test_meta_may_verify(server: JackfieldServer, hook: str) -> None:
    answer = server.request("GET", f"{hook}?hub.mode=subscribe&hub.verify_token={VERIFY}&hub.challenge=4711")
    assert (answer.status, answer.body) == (200, b"4711")


def test_a_body_that_is_too_large(server: JackfieldServer, hook: str) -> None:
    answer = server.request("POST", hook, body=b"x" * (4 * 1024 * 1024 + 1))
    assert answer.status == 413


def test_a_caller_who_hangs_up(server: JackfieldServer, hook: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as caller:
        caller.sendall(f"POST {hook} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf of".encode())
    until(lambda: server.request("GET", "/healthz").status == 200)
    assert server.request("POST", hook, body=b"{}").status == 401, "the next one is heard"
    assert b"Traceback" not in server.log.read_bytes()


def test_what_is_signed_and_strange_is_taken(server: JackfieldServer, hook: str) -> None:
    """Meta would send it for a week; it is kept raw instead."""
    import hashlib
    import hmac

    change = {
        "field": "something_new",
        "value": {"metadata": {"phone_number_id": "106540352242922"}, "news": [1, None]},
    }
    for payload in ({"entry": [{"id": "1", "changes": [change]}]}, [], {"entry": None}, {"entry": [7]}, "text"):
        body = json.dumps(payload).encode()
        signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        answer = server.request("POST", hook, body=body, headers={"X-Hub-Signature-256": signature})
        assert answer.status == 200, payload
    assert b"Traceback" not in server.log.read_bytes()
