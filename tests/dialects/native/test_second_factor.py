"""Logging in with a second factor over HTTP, in the three dialects that have logins; and logins nobody waits for."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest

from jackfield.app import build_app
from jackfield.core import Core
from jackfield.server.startup import bootstrap, open_core
from jackfield.settings import Settings

KEY, EMAIL, PASSWORD = "test-key-0123456789", "owner@example.com", "correct horse battery"


@pytest.fixture
async def core(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[Core]:
    settings = Settings(
        data_dir=tmp_path,
        database_url=migrated_sqlite,
        owner_email=EMAIL,
        owner_password=PASSWORD,  # type: ignore[arg-type]
        api_key=KEY,  # type: ignore[arg-type]
    )
    async with open_core(settings) as core:
        await bootstrap(core, settings)
        yield core


@pytest.fixture
async def client(core: Core) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=build_app(core, Settings()))
    async with httpx.AsyncClient(transport=transport, base_url="http://jackfield.test") as client:
        yield client


async def test_set_up_log_in_and_switch_off(client: httpx.AsyncClient) -> None:
    async def login(**more: str) -> httpx.Response:
        return await client.post("/api/auth/login", json={"email": EMAIL, "password": PASSWORD, **more})

    async def call(method: str, path: str, **body: Any) -> httpx.Response:
        path = f"/api/auth/second-factor{path}"
        return await client.request(method, path, json=body or None, headers={"Authorization": f"Bearer {token}"})

    def code_of(answer: httpx.Response) -> tuple[int, str]:
        return answer.status_code, answer.json()["error"]["code"]

    token = (await login()).json()["data"]["token"]
    made = (await call("POST", "", password=PASSWORD)).json()["data"]
    app = pyotp.parse_uri(made["url"])
    assert isinstance(app, pyotp.TOTP)
    assert (app.secret, app.issuer, app.name) == (made["secret"], "Jackfield", EMAIL)
    confirmed = await call("POST", "/confirm", code=app.at(time.time() - 30))
    assert confirmed.headers["cache-control"] == "no-store"
    recovery = confirmed.json()["data"]["recoveryCodes"]
    state = (await call("GET", "")).json()["data"]
    assert (state["enabled"], state["required"], state["recoveryCodesLeft"]) == (True, False, 10)

    assert code_of(await login()) == (401, "SECOND_FACTOR_REQUIRED")
    assert code_of(await login(code="no such code")) == (401, "INVALID_SECOND_FACTOR")
    assert (await login(code=app.now())).status_code == 200
    chattu = {"username": EMAIL, "password": PASSWORD}
    assert (await client.post("/chattu/login", json=chattu)).status_code == 401
    assert (await client.post("/chattu/login", json={**chattu, "code": recovery[0]})).status_code == 200
    chatly: dict[str, Any] = {"headers": {"apikey": KEY}}
    form = {"email": EMAIL, "password": PASSWORD}
    assert (await client.post("/chatly/auth/api/login", data=form, **chatly)).json()["data"].get("token") is None
    form["code"] = recovery[1]
    assert (await client.post("/chatly/auth/api/login", data=form, **chatly)).json()["data"]["token"]

    assert code_of(await call("POST", "/disable", password="wrong password")) == (400, "VALIDATION_ERROR")
    assert (await call("POST", "/disable", password=PASSWORD)).json()["data"]["enabled"] is False
    assert (await login()).status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/auth/login", {"email": EMAIL, "password": PASSWORD}),
        ("/chattu/login", {"username": EMAIL, "password": PASSWORD}),
    ],
)
async def test_a_hash_is_dropped_when_the_client_has_left(
    core: Core, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, str]
) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def verify(stored: str | None, password: str) -> bool:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return True

    monkeypatch.setattr(core.accounts.passwords, "verify", verify)
    given = [{"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}]
    sent: list[Any] = []

    async def receive() -> Any:
        if given:
            return given.pop()
        await begun.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"jackfield.test"), (b"content-type", b"application/json")],
        "client": ("10.0.0.1", 1),
        "server": ("jackfield.test", 80),
    }
    await asyncio.wait_for(build_app(core, Settings())(scope, receive, send), 30)
    assert (ended.is_set(), sent) == (True, [])
