"""The tools as an assistant meets them: by the protocol's own client, over stdio and over HTTP."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from jackfield.testing.server import JackfieldServer, running_server, until

TOOLS = {
    "find_contacts", "find_chats", "read_conversation", "send_message", "draft_campaign", "campaign_statistics",
    "message_statistics",
}  # fmt: skip
NUMBER = "6281234511001"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JackfieldServer]:
    """A server that knows one person, who has written."""
    with running_server(tmp_path_factory.mktemp("assistants")) as running:
        running.api("POST", "/contacts", json={"name": "Wulan", "phone": NUMBER, "tags": ["tea"]})
        running.request("POST", "/simulator/1/inbound", json={"from": NUMBER, "text": "Is there green tea?"})
        until(lambda: running.api("GET", "/chats").data, what="the chat")
        yield running


@asynccontextmanager
async def assistant(server: JackfieldServer, way: str, key: str, mode: Any = "auto") -> AsyncIterator[Client]:
    """An assistant that is connected by stdio or HTTP."""
    if way == "stdio":
        command = ["-m", "jackfield", "--url", server.url, "--key", key, "mcp"]
        async with Client(StdioServerParameters(command=sys.executable, args=command, env=dict(server.env))) as client:
            yield client
        return
    async with httpx2.AsyncClient(headers={"X-API-Key": key}, timeout=60) as http:
        transport = streamable_http_client(f"{server.url}/mcp", http_client=http)
        async with Client(transport, mode=mode) as client:
            yield client


async def use(client: Client, tool: str, **arguments: Any) -> Any:
    """What a tool gives."""
    found = await client.call_tool(tool, arguments)
    assert not found.is_error, found.content
    return found.structured_content


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    """The words with which a tool fails."""
    found = await client.call_tool(tool, arguments)
    assert found.is_error
    return str(getattr(found.content[0], "text", ""))


@pytest.mark.parametrize("way", ["stdio", "http"])
async def test_an_assistant_at_work(server: JackfieldServer, way: str) -> None:
    async with assistant(server, way, server.key) as client:
        tools = {one.name: one for one in (await client.list_tools()).tools}
        assert set(tools) == TOOLS
        assert tools["send_message"].annotations is not None
        assert tools["send_message"].annotations.destructive_hint is True

        people = await use(client, "find_contacts", text="Wulan")
        assert [one["phone"] for one in people["contacts"]] == [NUMBER]
        assert (await use(client, "find_contacts", tag="coffee"))["contacts"] == []
        chat = (await use(client, "find_chats", text="Wulan"))["chats"][0]
        sent = await use(client, "send_message", to=NUMBER, text=f"Yes, by {way}.")
        assert sent["status"] in ("queued", "sending", "sent", "delivered", "read")
        told = (await use(client, "read_conversation", chat_id=chat["id"]))["messages"]
        assert {"Is there green tea?", f"Yes, by {way}."} <= {one["text"] for one in told}
        assert (await use(client, "message_statistics", by="status"))["figures"]

        draft = await use(client, "draft_campaign", name=f"Tea {way}", text="Hi {first_name}", tags=["tea"])
        assert draft["status"] == "draft"
        figures = await use(client, "campaign_statistics", campaign_id=draft["id"])
        assert figures["status"] == "draft"
    row = server.api("GET", f"/campaigns/{draft['id']}").data
    assert (row["status"], row["startedAt"]) == ("draft", None)
    audit = server.api("GET", "/audit").data
    assert any(one["action"].startswith("campaign.") and one["actor"].startswith("key:") for one in audit)


@pytest.mark.parametrize("way", ["stdio", "http"])
async def test_scopes_hold_and_refusals_have_words(server: JackfieldServer, way: str) -> None:
    narrow = server.api("POST", "/keys", json={"name": f"narrow {way}", "scopes": ["contacts:read"]}).data["key"]
    async with assistant(server, way, narrow) as client:
        assert (await use(client, "find_contacts", text="Wulan"))["contacts"]
        text = f"Not by {way}."
        assert "FORBIDDEN" in await refused(client, "send_message", to=NUMBER, text=text)
        assert "FORBIDDEN" in await refused(client, "draft_campaign", name="No", text=text, tags=["tea"])
        assert "limit" in await refused(client, "find_contacts", limit=5000)
    assert text not in [row["content"].get("text") for row in server.outbox()]


async def test_older_clients_are_served(server: JackfieldServer) -> None:
    async with assistant(server, "http", server.key, mode="legacy") as client:
        assert client.protocol_version < "2026"
        assert {one.name for one in (await client.list_tools()).tools} == TOOLS
        assert (await use(client, "find_contacts", text="Wulan"))["contacts"]


def test_nobody_gets_in_without_a_key(server: JackfieldServer) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    for headers in ({}, {"X-API-Key": "wrong"}, {"Cookie": "jackfield_session=x"}):
        answer = server.request("POST", "/mcp", json=body, headers=headers)
        assert (answer.status, answer.json["success"]) == (401, False)
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_server_does_not_pay_for_what_nobody_uses() -> None:
    code = (
        "import sys, jackfield.app, jackfield.cli; print([name for name in ('mcp', 'httpx2') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=True)
    assert done.stdout.strip() == "[]"
