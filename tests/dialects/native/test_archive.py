"""The archive over the API: the policy, a run, finding, and reading on from a chat."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import insert

from jackfield.app import build_app
from jackfield.core import Core, now_ms
from jackfield.core.models import Message
from jackfield.dialects.native.routes import archive
from jackfield.server.startup import open_core
from jackfield.settings import Settings

DAY_MS = 86_400_000
PHONE = "4915112345678"


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
        channel = await core.channels.create(made.workspace_id, name="Line", engine="simulator")
        await core.contacts.create(made.workspace_id, name="Ottilie", phone=PHONE)
        async with core.unit() as unit:
            for days in (100, 90, 80, 1):
                await unit.conn.execute(
                    insert(Message).values(
                        workspace_id=made.workspace_id,
                        channel_id=channel.id,
                        state="read",
                        peer=PHONE,
                        content='{"type":"text","text":"x"}',
                        created_at=now_ms() - days * DAY_MS,
                        sent_at=now_ms() - days * DAY_MS,
                    )
                )
        yield client


async def test_the_policy_a_run_and_finding(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = (await client.get("/api/archive")).json()["data"]
    assert shown == {
        "afterDays": 0, "ownAfterDays": None, "messages": 0, "oldestAt": None, "newestAt": None, "due": 0, "dueSince": None,
    }  # fmt: skip
    set_ = (await client.put("/api/archive", json={"afterDays": 60})).json()["data"]
    assert (set_["afterDays"], set_["ownAfterDays"], set_["due"]) == (60, 60, 3)
    assert set_["dueSince"] is not None
    for wrong in (29, -1, "x", 1e9):
        refused = await client.put("/api/archive", json={"afterDays": wrong})
        assert refused.status_code == 400
        assert "afterDays" in refused.json()["error"]["details"]
    monkeypatch.setattr(archive, "MOST_AT_ONCE", 2)
    assert (await client.post("/api/archive/run")).json()["data"] == {"archived": 2, "left": True}
    assert (await client.post("/api/archive/run")).json()["data"] == {"archived": 1, "left": False}
    listed = (await client.get("/api/messages")).json()["data"]
    assert [one["id"] for one in listed] == ["4"]
    page = (await client.get("/api/archive/messages?contactId=1&limit=2")).json()
    assert [one["id"] for one in page["data"]] == ["3", "2"]
    rest = (await client.get(f"/api/archive/messages?contactId=1&limit=2&cursor={page['meta']['cursor']}")).json()
    assert [one["id"] for one in rest["data"]] == ["1"]
    one = (await client.get("/api/archive/messages?id=2")).json()["data"]
    assert one == [(await client.get("/api/messages/2")).json()["data"]]
    assert (await client.get("/api/archive/messages?contactId=9")).json()["error"]["code"] == "CONTACT_NOT_FOUND"
    assert (await client.get("/api/archive/messages?campaignId=1")).json()["data"] == []
    shown = (await client.get("/api/archive")).json()["data"]
    assert (shown["messages"], shown["due"]) == (3, 0)


async def test_who_may(client: httpx.AsyncClient, core: Core) -> None:
    async def with_(scope: str, method: str, path: str) -> int:
        key = (await core.accounts.create_key(1, "k", scopes=[scope])).secret
        body = {"afterDays": 0} if method == "PUT" else None
        return (await client.request(method, f"/api{path}", json=body, headers={"X-API-Key": key})).status_code

    assert await with_("messages:read", "GET", "/archive/messages") == 200
    assert await with_("workspace:read", "GET", "/archive/messages") == 403
    assert await with_("workspace:read", "GET", "/archive") == 200
    for method, path in (("PUT", "/archive"), ("POST", "/archive/run")):
        assert await with_("workspace:read", method, path) == 403
        assert await with_("workspace:write", method, path) == 200


async def test_a_key_of_one_channel_finds_its_own_alone(client: httpx.AsyncClient, core: Core) -> None:
    await client.put("/api/archive", json={"afterDays": 60})
    await client.post("/api/archive/run")
    other = await core.channels.create(1, name="Other", engine="simulator")
    for channel, found in ((1, 3), (other.id, 0)):
        key = await core.accounts.create_key(1, "k", scopes=["messages:read"], channel_id=channel)
        answer = await client.get("/api/archive/messages", headers={"X-API-Key": key.secret})
        assert len(answer.json()["data"]) == found
