"""Ways to become owner or to reach beyond one's channel that were open once, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from jackfield.app import build_app
from jackfield.core import Core
from jackfield.server.startup import bootstrap, open_core
from jackfield.settings import Settings

KEY, PASSWORD = "test-key-0123456789", "correct horse battery"


@pytest.fixture
async def core(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[Core]:
    settings = Settings(
        data_dir=tmp_path,
        database_url=migrated_sqlite,
        owner_email="owner@example.com",
        owner_password=PASSWORD,  # type: ignore[arg-type]
        api_key=KEY,  # type: ignore[arg-type]
    )
    async with open_core(settings) as core:
        await bootstrap(core, settings)
        yield core


class Api:
    """Calls the native API with a key or token."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def __call__(self, key: str, method: str, path: str, json: Any = None) -> httpx.Response:
        return await self._client.request(method, f"/api{path}", json=json, headers={"Authorization": f"Bearer {key}"})

    async def key(self, by: str = KEY, **body: Any) -> str:
        answer = await self(by, "POST", "/keys", {"name": "k", **body})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["key"])

    async def token(self, email: str) -> str:
        body = {"email": email, "password": PASSWORD}
        answer = await self._client.post("/api/auth/login", json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["token"])

    async def owners(self) -> list[str]:
        return [one["email"] for one in (await self(KEY, "GET", "/team?role=owner")).json()["data"]]


@pytest.fixture
async def api(core: Core) -> AsyncIterator[Api]:
    transport = httpx.ASGITransport(app=build_app(core, Settings()))
    async with httpx.AsyncClient(transport=transport, base_url="http://jackfield.test") as client:
        yield Api(client)


async def test_a_key_makes_no_owner(api: Api) -> None:
    for key in (await api.key(scopes=["team:write", "team:read"]), KEY):
        for path in ("/team", "/team/invitations"):
            body = {"email": "mine@example.com", "role": "owner", "password": PASSWORD}
            if path != "/team":
                del body["password"]
            assert (await api(key, "POST", path, body)).status_code == 403
        assert (await api(key, "POST", "/team/1/password", {"password": "another horse battery"})).status_code == 403
        assert (await api(key, "PATCH", "/team/1", {"email": "mine@example.com"})).status_code == 403
        assert (await api(key, "DELETE", "/team/1")).status_code == 403
    assert await api.owners() == ["owner@example.com"]
    await api.token("owner@example.com")


async def test_an_admin_does_not_become_owner_through_a_key(api: Api) -> None:
    body = {"email": "admin@example.com", "role": "admin", "password": PASSWORD}
    admin = (await api(KEY, "POST", "/team", body)).json()["data"]["id"]
    token = await api.token("admin@example.com")
    for caller in (token, await api.key(token)):
        assert (await api(caller, "PATCH", f"/team/{admin}", {"role": "owner"})).status_code == 403
    assert await api.owners() == ["owner@example.com"]
    owner = await api.token("owner@example.com")
    assert (await api(owner, "PATCH", f"/team/{admin}", {"role": "owner"})).status_code == 200


async def test_a_bound_key_stays_with_its_profile(api: Api) -> None:
    await api(KEY, "POST", "/contacts", {"name": "Asha", "phone": "+919876543210"})
    bound = await api.key(profileId="1")
    for method, path, body in (
        ("PATCH", "/workspaces/1", {"name": "Mine"}),
        ("GET", "/audit", None),
        ("GET", "/team", None),
        ("GET", "/contacts", None),
        ("GET", "/contacts/export", None),
        ("GET", "/contacts/1", None),
        ("DELETE", "/contacts/1", None),
        ("GET", "/tickets", None),
        ("POST", "/team", {"email": "mine@example.com", "role": "agent", "password": PASSWORD}),
        ("POST", "/team/1/password", {"password": "another horse battery"}),
        ("POST", "/keys", {"name": "wider"}),
    ):
        answer = await api(bound, method, path, body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN"), (method, path, answer.text)
    assert (await api(KEY, "GET", "/workspaces/1")).json()["data"]["name"] == "Jackfield"
    assert (await api(KEY, "GET", "/contacts/1")).status_code == 200
    assert (await api(bound, "GET", "/chats")).status_code == 200


async def test_agents_change_their_own_password_and_nobody_elses(api: Api) -> None:
    body = {"email": "agent@example.com", "role": "agent", "password": PASSWORD}
    agent = (await api(KEY, "POST", "/team", body)).json()["data"]["id"]
    token = await api.token("agent@example.com")
    for path in (f"/team/{agent}/password", "/team/1/password"):
        assert (await api(token, "POST", path, {"password": "another horse battery"})).status_code == 403
    change = {"currentPassword": PASSWORD, "password": "another horse battery"}
    assert (await api(token, "POST", "/auth/password", change)).status_code == 200


async def test_a_removed_member_loses_keys_and_sessions(api: Api) -> None:
    body = {"email": "admin@example.com", "role": "admin", "password": PASSWORD}
    admin = (await api(KEY, "POST", "/team", body)).json()["data"]["id"]
    token = await api.token("admin@example.com")
    key = await api.key(token)
    assert (await api(KEY, "DELETE", f"/team/{admin}")).status_code == 200
    for caller in (token, key):
        assert (await api(caller, "GET", "/auth/me")).status_code == 401


async def test_keys_of_a_disabled_member_stop_and_those_made_by_them_too(api: Api) -> None:
    body = {"email": "admin@example.com", "role": "admin", "password": PASSWORD}
    admin = (await api(KEY, "POST", "/team", body)).json()["data"]["id"]
    token = await api.token("admin@example.com")
    key = await api.key(token)
    by_key = await api.key(key, scopes=["messages:read"])
    unrelated = await api.key(scopes=["messages:read"])
    for caller in (key, by_key):
        assert (await api(caller, "GET", "/auth/me")).status_code == 200
    assert (await api(KEY, "PATCH", f"/team/{admin}", {"disabled": True})).status_code == 200
    for caller in (token, key, by_key):
        assert (await api(caller, "GET", "/auth/me")).status_code == 401
    assert (await api(unrelated, "GET", "/auth/me")).status_code == 200
    assert (await api(KEY, "PATCH", f"/team/{admin}", {"disabled": False})).status_code == 200
    assert (await api(by_key, "GET", "/auth/me")).status_code == 200
    assert (await api(KEY, "DELETE", f"/team/{admin}")).status_code == 200
    assert (await api(by_key, "GET", "/auth/me")).status_code == 401


async def test_only_the_operator_makes_workspaces(api: Api) -> None:
    async def make(caller: str) -> httpx.Response:
        return await api(caller, "POST", "/workspaces", {"name": "Branch"})

    body = {"email": "admin@example.com", "role": "admin", "password": PASSWORD}
    assert (await api(KEY, "POST", "/team", body)).status_code == 201
    admin, owner = await api.token("admin@example.com"), await api.token("owner@example.com")
    of_admin = await api.key(admin)
    for caller in (admin, of_admin, await api.key(of_admin), await api.key(owner, scopes=["workspace:*"])):
        assert (await make(caller)).status_code == 403
    for caller in (KEY, owner, await api.key(owner), await api.key(KEY)):
        made = await make(caller)
        assert made.status_code == 201
    assert (await make(made.json()["data"]["apiKey"])).status_code == 403
    # Nor does an admin get hold of a key that makes them.
    for caller in (admin, of_admin):
        assert (await api(caller, "POST", "/keys/1/rotate")).status_code == 403
    assert (await api(KEY, "POST", "/keys/1/rotate")).status_code == 200
