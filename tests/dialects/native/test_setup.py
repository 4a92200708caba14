"""The first owner and one's own profile over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from jackfield.app import build_app
from jackfield.core import Core
from jackfield.settings import Settings

from ..conftest import KEY

EMAIL, PASSWORD = "boss@example.com", "correct horse battery"


@pytest.fixture
async def core(begun: Core) -> Core:
    return begun


@pytest.fixture
async def client(core: Core) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=build_app(core, Settings()))
    async with httpx.AsyncClient(transport=transport, base_url="http://jackfield.test") as client:
        yield client


async def test_somebody_becomes_the_owner_once(core: Core, client: httpx.AsyncClient) -> None:
    async def needed() -> bool:
        return bool((await client.get("/api/setup")).json()["data"]["needed"])

    body = {"code": core.accounts.setup_code(), "email": EMAIL, "password": PASSWORD, "workspaceName": "Shop"}
    assert await needed()
    foreign = {"Origin": "http://elsewhere.test", "Sec-Fetch-Site": "cross-site"}
    answer = await client.post("/api/setup", json={**body, "cookie": True}, headers=foreign)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "CROSS_ORIGIN")
    answer = await client.post("/api/setup", json={**body, "code": "aaaa-bbbb-cccc-dddd"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "INVALID_SETUP_CODE")
    answer = await client.post("/api/setup", json={**body, "timezone": "Mars/Base"})
    assert answer.status_code == 400
    assert "timezone" in answer.json()["error"]["details"]
    assert await needed()

    own = {"Origin": "http://jackfield.test", "Sec-Fetch-Site": "same-origin"}
    answer = await client.post("/api/setup", json={**body, "cookie": True}, headers=own)
    assert answer.status_code == 201
    assert "token" not in answer.json()["data"]
    assert answer.json()["data"]["user"]["role"] == "owner"
    assert answer.cookies
    me = (await client.get("/api/auth/me")).json()["data"]
    assert (me["role"], me["workspace"]["name"]) == ("owner", "Shop")
    assert not await needed()
    answer = await client.post("/api/setup", json={**body, "email": "second@example.com"}, headers=own)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "SETUP_DONE")
    keyed = {"X-API-Key": KEY}
    made = await client.post("/api/workspaces", json={"name": "Branch"}, headers=keyed)
    assert made.status_code == 201, "the first key is the owner's"


async def test_an_agent_changes_their_own_name_and_language_and_nothing_else(
    core: Core, client: httpx.AsyncClient
) -> None:
    await core.accounts.create_member(1, "agent@example.com", PASSWORD)
    login = await client.post("/api/auth/login", json={"email": "agent@example.com", "password": PASSWORD})
    headers = {"Authorization": f"Bearer {login.json()['data']['token']}"}
    answer = await client.patch("/api/auth/profile", json={"firstName": "Ayu"}, headers=headers)
    assert answer.json()["data"]["firstName"] == "Ayu"
    answer = await client.patch("/api/auth/profile", json={"role": "owner"}, headers=headers)
    assert answer.status_code == 400
    for wrong in ("", "pt_BR", "x", "he; DROP", 7):
        answer = await client.patch("/api/auth/profile", json={"language": wrong}, headers=headers)
        assert (answer.status_code, list(answer.json()["error"]["details"])) == (400, ["language"])
    assert (await client.get("/api/auth/profile", headers=headers)).json()["data"]["language"] is None
    answer = await client.patch("/api/auth/profile", json={"language": "pt-BR"}, headers=headers)
    assert answer.json()["data"]["language"] == "pt-BR"
    shown = (await client.get("/api/auth/profile", headers=headers)).json()["data"]
    assert (shown["firstName"], shown["lastName"], shown["role"]) == ("Ayu", "", "agent")
    again = await client.post("/api/auth/login", json={"email": "agent@example.com", "password": PASSWORD})
    assert again.json()["data"]["user"]["language"] == "pt-BR"
    assert (await client.get("/api/auth/profile", headers={"X-API-Key": KEY})).status_code == 403
