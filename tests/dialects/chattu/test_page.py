"""The chat page, the counts of use, and requests of every shape."""

from __future__ import annotations

import json
import random
import re
from typing import Any

from jackfield.core import Core
from jackfield.testing.server import until

from .conftest import Chattu

ROUTES = [
    ("POST", "/login"),
    ("POST", "/logout"),
    ("POST", "/api/add-number"),
    ("POST", "/schedule-message"),
    ("GET", "/scheduled-messages"),
    ("DELETE", "/scheduled-messages/{x}"),
    ("POST", "/api/reset-api-key"),
    ("DELETE", "/clients/{x}"),
    ("POST", "/api/update-webhook"),
    ("POST", "/api/send-message"),
    ("GET", "/api/clients"),
    ("GET", "/api/profile"),
    ("GET", "/api/sent-messages"),
    ("GET", "/api/received-messages/{x}"),
    ("GET", "/api/incoming-calls/{x}"),
    ("GET", "/api/call-logs"),
    ("GET", "/api/logs"),
    ("GET", "/api/chats/{x}"),
    ("GET", "/api/chats/{x}/{x}/messages?limit={x}"),
    ("POST", "/api/chats/{x}/{x}/send"),
    ("POST", "/api/chats/{x}/{x}/read"),
    ("GET", "/api/chats/{x}/media/{x}"),
    ("GET", "/api/groups/{x}"),
    ("POST", "/api/send-group-message"),
    ("POST", "/api/groups/{x}/{x}/send"),
    ("GET", "/chat"),
    ("GET", "/{x}"),
]
FIELDS = [
    "clientId", "phoneNumber", "number", "message", "mediaUrl", "mediaType", "groupId", "scheduleTime", "username",
    "currentApiKey", "password", "webhookUrl", "autoRejectCalls", "autoRejectMessage", "email",
]  # fmt: skip
VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 10**30, 1.5, "", " ", "1", "fuzz", "x" * 5000, "\x00", "\ud800", "🌟" * 20, "../..",
    "%00", "1@c.us", "120363123456789012@g.us", "9721234567", "2027-01-01T00:00:00Z", "9999-99-99", [], [1], {}, {"a": [1]},
    "https://example.com/a.jpg", "http://[::1", "javascript:x", "' OR 1=1 --", "-0", "1e400",
]  # fmt: skip
IDS = [
    "1",
    "0",
    "-1",
    "fuzz",
    "99999999999999999999",
    "%00",
    "%F0%9F%98%80",
    "a%2Fb",
    "..",
    "9721234567@c.us",
    "%ff",
    "x" * 300,
]


def test_nothing_makes_it_stumble(chattu: Chattu) -> None:
    dice = random.Random(7)
    for n in range(250):
        method, path = dice.choice(ROUTES)
        while "{x}" in path:
            path = path.replace("{x}", dice.choice(IDS), 1)
        body: Any = {field: dice.choice(VALUES) for field in dice.sample(FIELDS, dice.randint(0, 8))}
        if dice.random() < 0.1:
            body = dice.choice(VALUES)
        if body and isinstance(body, dict) and dice.random() < 0.5:
            body["clientId"] = "1"
        if path.startswith("/api/add-number"):
            # Each good one would make a phone and wait for its QR code.
            body = {**body, "phoneNumber": "none"} if isinstance(body, dict) else body
        raw = json.dumps(body).encode() if dice.random() < 0.9 else bytes(dice.randrange(256) for _ in range(40))
        call = dice.choice([chattu.api, chattu.page, chattu.bare])
        chattu.ip = f"10.77.{n}.1"
        answer = call(method, path, body=raw if method != "GET" else None, headers={"Content-Type": "application/json"})
        assert answer.status < 500 or answer.status == 502, (method, path, raw, answer)
        if "%00" in path or "/.." in path:
            # Answered before Chattu's part of the server is reached.
            continue
        if answer.status >= 400 and not answer.headers["content-type"].startswith("text/html"):
            assert answer.json["success"] is False
            assert isinstance(answer.json["code"], str)


def test_the_page_needs_a_login_and_is_whole(chattu: Chattu) -> None:
    out = chattu.bare("GET", "/chat")
    assert out.status == 401
    assert ">null</script>" in out.body.decode()
    page = chattu.page("GET", "/chat")
    text = page.body.decode()
    assert page.status == 200
    (data,) = re.findall(r'<script id="clients" type="application/json" nonce="[\w-]+">(.*?)</script>', text)
    assert next(row["id"] for row in json.loads(data)) == "1"
    nonce = re.findall(r'nonce="([\w-]+)"', text)
    assert f"script-src 'nonce-{nonce[0]}'" in page.headers["content-security-policy"]
    assert "http://" not in text
    assert "https://" not in text
    chattu.server.api("PATCH", "/profiles/1", json={"name": "</script><script>alert(1)</script>"})
    assert "<script>alert" not in chattu.page("GET", "/chat").body.decode()
    chattu.server.api("PATCH", "/profiles/1", json={"name": "Simulator"})


def test_the_login_of_programs(chattu: Chattu) -> None:
    wrong = chattu.bare("POST", "/login", json={"username": chattu.server.email, "password": "wrong"})
    assert (wrong.status, wrong.json["code"]) == (401, "AUTH_ERROR")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = f"email={chattu.server.email}&password={chattu.server.password.replace(' ', '+')}".encode()
    assert chattu.bare("POST", "/login", body=body, headers=form).status == 200
    token = chattu.server.request(
        "POST", "/api/auth/login", json={"email": chattu.server.email, "password": chattu.server.password}
    ).data["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert chattu.bare("GET", "/api/chats/1", headers=bearer).status == 200
    assert "Max-Age=0" in chattu.bare("POST", "/logout").headers["set-cookie"]


async def test_use_is_counted(core: Core, workspace: int) -> None:
    for _ in range(3):
        core.api_uses.count(workspace, "chattu", "GET /api/profile")
    core.api_uses.count(workspace + 1000, "chattu", "GET /api/profile")
    await core.api_uses.flush()
    core.api_uses.count(workspace, "chattu", "GET /api/profile")
    await core.api_uses.flush()
    (row,) = await core.api_uses.list(workspace)
    assert (row.dialect, row.operation, row.count, row.day % 86_400_000) == ("chattu", "GET /api/profile", 4, 0)
    assert await core.api_uses.list(workspace, dialect="chatly") == []


def test_requests_are_counted(chattu: Chattu) -> None:
    import sqlite3

    chattu.api("GET", "/api/profile")

    def counted() -> int:
        with sqlite3.connect(f"file:{chattu.server.data_dir / 'jackfield.db'}?mode=ro", uri=True) as db:
            query = "SELECT sum(count) FROM api_uses WHERE dialect = 'chattu' AND operation = 'GET /api/profile'"
            return db.execute(query).fetchone()[0] or 0

    assert until(counted) >= 1
