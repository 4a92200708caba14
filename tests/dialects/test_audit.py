"""The audit log has what changes and what is exported, by whichever dialect; and it is only ever added to."""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import jackfield
from jackfield.app import build_app
from jackfield.core import Core
from jackfield.db.errors import Overloaded
from jackfield.server.startup import bootstrap, open_core
from jackfield.settings import Settings
from jackfield.testing.access import access_table

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
    headers = {"X-API-Key": KEY}
    async with httpx.AsyncClient(transport=transport, base_url="http://jackfield.test", headers=headers) as client:
        yield client


async def entries(client: httpx.AsyncClient, action: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get("/api/audit", params={"action": action})).json()["data"]
    return found


async def test_changes_and_exports_are_noted_without_what_was_sent(client: httpx.AsyncClient) -> None:
    secret = "whsec_" + base64.b64encode(b"the secret of this test only").decode()
    for method, path, body in (
        ("POST", "/api/contacts", {"name": "Asha Secret", "phone": "+919876543210"}),
        ("POST", "/api/contacts/1/tags", {"tags": ["vip"]}),
        ("GET", "/api/contacts/export", None),
        ("POST", "/api/segments", {"name": "All", "filter": {"tags": ["vip"]}}),
        ("POST", "/api/suppressions", {"phone": "+919876543211"}),
        (
            "POST",
            "/api/webhooks",
            {"url": "https://93.184.216.34/hook", "secret": secret, "events": ["message.received"]},
        ),
        ("PATCH", "/api/profiles/1", {"name": "Line"}),
        ("PATCH", "/api/workspaces/1", {"name": "Shop"}),
        ("POST", "/pabbly/api/v1/contacts", {"firstName": "Ravi", "countryCode": "91", "mobile": "9876543219"}),
        ("DELETE", "/api/contacts/1", None),
    ):
        answer = await client.request(method, path, json=body)
        assert answer.status_code < 300 or path.startswith("/pabbly"), (path, answer.text)
    changed = await entries(client, "contact.changed")
    calls = [one["data"]["call"] for one in changed]
    assert {"POST /contacts", "POST /contacts/{id}/tags", "DELETE /contacts/{id}"} <= set(calls)
    assert {"POST /segments", "POST /suppressions"} <= set(calls)
    gone = changed[calls.index("DELETE /contacts/{id}")]
    assert (gone["actor"], gone["target"], gone["ip"]) == ("key:1 First key", "contact:1", "127.0.0.1")
    made = changed[calls.index("POST /contacts")]
    assert made["data"] == {"api": "native", "call": "POST /contacts", "fields": ["name", "phone"]}
    assert [one["data"]["call"] for one in await entries(client, "contact.exported")] == ["GET /contacts/export"]
    assert [one["target"] for one in await entries(client, "channel.changed")] == ["channel:1"]
    assert len(await entries(client, "webhook.changed")) == 1
    everything = (await client.get("/api/audit", params={"limit": 200})).text
    assert not [one for one in (secret, "Asha", "919876543210", "93.184.216.34") if one in everything]


async def test_refusals_and_reads_are_not(client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/contacts", json={"phone": "no number"})).status_code == 400
    assert (await client.delete("/api/contacts/99")).status_code == 404
    assert (await client.get("/api/contacts")).status_code == 200
    assert (await client.post("/api/contacts", json={"name": "Asha", "phone": "+919876543210"})).status_code == 201
    assert [one["data"]["call"] for one in await entries(client, "contact.*")] == ["POST /contacts"]


async def test_a_login_is_noted_with_its_session(client: httpx.AsyncClient) -> None:
    wrong = {"email": EMAIL, "password": "wrong password"}
    assert (await client.post("/api/auth/login", json=wrong)).status_code == 401
    token = (await client.post("/api/auth/login", json={**wrong, "password": PASSWORD})).json()["data"]["token"]
    body = {"name": "Asha", "phone": "+919876543210"}
    bearer = {"Authorization": f"Bearer {token}", "X-API-Key": ""}
    assert (await client.post("/api/contacts", json=body, headers=bearer)).status_code == 201
    assert [one["action"] for one in await entries(client, "login.*")] == ["login.succeeded", "login.failed"]
    (one,) = await entries(client, "contact.changed")
    assert (one["actor"], one["data"]["session"]) == (f"member:1 {EMAIL}", 1)


async def test_the_log_is_exported_as_csv_and_the_export_is_in_it(client: httpx.AsyncClient) -> None:
    for n in range(205):
        body = {"name": f"A{n}", "phone": f"+9198765{n:05}"}
        assert (await client.post("/api/contacts", json=body)).status_code == 201
    answer = await client.get("/api/audit/export", params={"action": "contact.*"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert (len(rows), {row["action"] for row in rows}) == (205, {"contact.changed"})
    assert len({row["id"] for row in rows}) == 205
    assert [one["data"]["call"] for one in await entries(client, "audit.exported")] == ["GET /audit/export"]


def test_nothing_changes_or_deletes_an_entry() -> None:
    """No statement of the source does but for privacy's sake (erasure, expiry), and no endpoint offers it."""
    source = Path(jackfield.__file__).parent
    changing = re.compile(
        r"(?:update|delete)\(\s*(?:models\.)?AuditEntry\b|(?:UPDATE|DELETE FROM)\s+audit_entries", re.IGNORECASE
    )
    assert changing.search("update(AuditEntry)")
    found = {file.parent.name for file in source.rglob("*.py") if changing.search(file.read_text(encoding="utf-8"))}
    assert found <= {"privacy"}
    offered = [one for rows in access_table().values() for one in rows if "/audit" in one.path]
    assert {one.method for one in offered} == {"GET"}


async def test_an_entry_tells_what_a_setting_was_and_is(client: httpx.AsyncClient) -> None:
    secret = "whsec_" + base64.b64encode(b"the secret of this test only").decode()
    hook = {"url": "https://93.184.216.34/hook?token=hidden", "secret": secret, "events": ["message.received"]}
    for method, path, body in (
        ("PATCH", "/api/profiles/1", {"name": "Line"}),
        ("PATCH", "/api/workspaces/1", {"name": "Shop", "timezone": "Asia/Kolkata"}),
        ("POST", "/api/webhooks", hook),
        ("PATCH", "/api/webhooks/1", {"events": ["message.sent"], "url": "https://93.184.216.35/other"}),
        ("PATCH", "/api/webhooks/1", {"events": ["message.sent"]}),
    ):
        assert (await client.request(method, path, json=body)).status_code < 300, path
    (channel,) = await entries(client, "channel.changed")
    assert channel["data"]["changes"] == {"name": ["Simulator", "Line"]}
    (workspace,) = await entries(client, "workspace.updated")
    assert workspace["data"]["changes"] == {"name": ["Jackfield", "Shop"], "timezone": ["UTC", "Asia/Kolkata"]}
    same, changed, made = [one["data"] for one in await entries(client, "webhook.changed")]
    assert changed["changes"] == {"events": [["message.received"], ["message.sent"]], "url": "[changed]"}
    assert ("changes" in same, "changes" in made) == (False, False)
    everything = (await client.get("/api/audit", params={"limit": 200})).text
    assert not [one for one in (secret, "hidden", "93.184.216") if one in everything]


async def test_an_entry_commits_with_what_it_tells(
    client: httpx.AsyncClient, core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash between a change and the end of its request leaves no change without its note."""
    person = {"name": "A", "phone": "+919876543210"}
    assert (await client.post("/api/contacts", json=person)).status_code == 201
    assert (await client.post("/api/webhooks", json={"url": "https://93.184.216.34/hook"})).status_code == 201

    async def crash(*_: Any) -> None:
        raise RuntimeError("the server dies before the request has ended")

    monkeypatch.setattr(core.audit, "finish", crash)
    for noun, path, body in (
        ("channel", "/profiles", {"name": "Line"}),
        ("contact", "/contacts", {"name": "Asha"}),
        ("webhook", "/webhooks", {"enabled": False}),
    ):
        assert (await client.patch(f"/api{path}/1", json=body)).status_code == 500
        assert (await entries(client, f"{noun}.changed"))[0]["data"]["call"] == f"PATCH {path}/{{id}}"


async def test_what_the_group_commit_stores_commits_with_its_entry(
    client: httpx.AsyncClient, core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash after a campaign's message was stored leaves no message without its note, and no second note."""
    made = await client.post(
        "/api/campaigns", json={"name": "C", "kind": "api", "content": {"text": "Hello"}, "profileId": "1"}
    )
    assert made.status_code == 201, made.text
    path = f"/api/campaigns/{made.json()['data']['id']}/test"

    async def crash(*_: Any) -> None:
        raise RuntimeError("the server dies before the request has ended")

    monkeypatch.setattr(core.audit, "finish", crash)
    assert (await client.post(path, json={"to": "628123456789"})).status_code == 500
    monkeypatch.undo()
    calls = [one["data"]["call"] for one in await entries(client, "campaign.changed")]
    assert calls == ["POST /campaigns/{id}/test", "POST /campaigns"]
    assert (await client.post(path, json={"to": "628123456789"})).status_code < 300
    calls = [one["data"]["call"] for one in await entries(client, "campaign.changed")]
    assert calls == ["POST /campaigns/{id}/test"] * 2 + ["POST /campaigns"]


async def test_an_export_that_cannot_be_noted_is_not_handed_out(
    client: httpx.AsyncClient, core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = {"name": "Asha", "phone": "+919876543210"}
    assert (await client.post("/api/contacts", json=person)).status_code == 201

    def full(*_: Any) -> None:
        raise Overloaded("100000 writes are waiting")

    monkeypatch.setattr(core.writer, "submit", full)
    answer = await client.get("/api/contacts/export")
    assert answer.status_code == 503, answer.text
    assert "Retry-After" in answer.headers
    assert "Asha" not in answer.text
    monkeypatch.undo()
    assert await entries(client, "contact.exported") == []
    assert "Asha" in (await client.get("/api/contacts/export")).text
    assert [one["data"]["call"] for one in await entries(client, "contact.exported")] == ["GET /contacts/export"]


async def test_what_was_undone_is_not_noted(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("jackfield.core.ground.unit.Unit.append_events", full)
    assert (await client.patch("/api/profiles/1", json={"name": "Line"})).status_code >= 500
    monkeypatch.undo()
    assert await entries(client, "channel.changed") == []
    assert (await client.get("/api/profiles/1")).json()["data"]["name"] == "Simulator"
