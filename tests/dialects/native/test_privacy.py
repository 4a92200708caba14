"""The endpoints of personal data: who may ask, what the answer is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from jackfield.app import build_app
from jackfield.core import Core
from jackfield.server.startup import open_core
from jackfield.settings import Settings

READS = ["contacts:read", "messages:read", "chats:read", "tickets:read", "calls:read", "campaigns:read", "media:read"]
WRITES = ["contacts:write", "messages:write", "chats:write", "tickets:write", "media:write"]


@pytest.fixture
async def core(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[Core]:
    async with open_core(Settings(data_dir=tmp_path, database_url=migrated_sqlite)) as core:
        yield core


@pytest.fixture
async def client(core: Core, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    made = await core.accounts.bootstrap()
    assert made is not None
    transport = httpx.ASGITransport(app=build_app(core, Settings(data_dir=tmp_path)))
    headers = {"X-API-Key": made.api_key}
    async with httpx.AsyncClient(transport=transport, base_url="http://jackfield.test", headers=headers) as client:
        yield client


@pytest.fixture
async def path(client: httpx.AsyncClient) -> str:
    made = await client.post("/api/contacts", json={"name": "Ottilie", "phone": "4915112345678"})
    return f"/api/contacts/{made.json()['data']['id']}/personal-data"


async def key(core: Core, scopes: list[str], channel_id: int | None = None) -> dict[str, str]:
    return {"X-API-Key": (await core.accounts.create_key(1, "k", scopes=scopes, channel_id=channel_id)).secret}


async def test_everything_known_in_the_envelope(client: httpx.AsyncClient, core: Core, path: str) -> None:
    answer = await client.get(path)
    body = answer.json()
    assert (answer.status_code, body["success"]) == (200, True)
    assert body["meta"]["timestamp"]
    assert body["data"]["contact"][0]["name"] == "Ottilie"
    assert body["data"]["identities"][0]["value"] == "4915112345678"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="contact-1.json"'
    (entry,) = (await core.audit.list(1, action="contact.exported")).items
    assert entry.actor.startswith("key:")
    assert (await client.get("/api/contacts/99/personal-data")).json()["error"]["code"] == "CONTACT_NOT_FOUND"


async def test_who_may_see_only_a_part_is_not_given_all(client: httpx.AsyncClient, core: Core, path: str) -> None:
    for missing in READS:
        answer = await client.get(path, headers=await key(core, [one for one in READS if one != missing]))
        assert (answer.status_code, answer.json()["error"]["details"]) == (403, {"scope": missing})
    without = (await client.get(path, headers=await key(core, READS))).json()["data"]
    assert "auditEntries" not in without
    assert (await client.get(path, headers=await key(core, [*READS, "audit:read"]))).json()["data"]["auditEntries"]
    await core.channels.create(1, name="Line", engine="simulator")
    assert (await client.get(path, headers=await key(core, ["*"], 1))).status_code == 403


async def test_erasure_tells_what_went(client: httpx.AsyncClient, core: Core, path: str) -> None:
    for missing in WRITES:
        answer = await client.delete(path, headers=await key(core, [one for one in WRITES if one != missing]))
        assert (answer.status_code, answer.json()["error"]["details"]) == (403, {"scope": missing})
    answer = await client.delete(path, headers=await key(core, WRITES))
    data = answer.json()["data"]
    assert (answer.status_code, data["id"], data["messages"]) == (200, "1", 0)
    assert data["events"] >= 1
    assert (await client.delete(path)).json()["error"]["code"] == "CONTACT_NOT_FOUND"
    listed = (await client.get("/api/suppressions")).json()["data"]
    assert {one["reason"] for one in listed} == {"erased"}
