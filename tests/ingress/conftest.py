"""The providers' door in-process: a core on each kind of database, and requests as providers sign them."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from jackfield.app import build_app
from jackfield.core import ChannelView, Core
from jackfield.core.models import Event
from jackfield.settings import Settings

KEY = "test-key-0123456789"
SECRET = "the app's secret"
NUMBER = "106540352242922"
WABA = "102290129340398"
PERSON = "16505551234"


def signature(body: bytes, secret: str = SECRET) -> str:
    """As Meta signs."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def text(id_: str, body: str = "Hi", **fields: Any) -> dict[str, Any]:
    """A text from the person."""
    return {"from": PERSON, "id": id_, "timestamp": "1790000000", "type": "text", "text": {"body": body}, **fields}


def value(*messages: Any, number: str = NUMBER, **fields: Any) -> dict[str, Any]:
    """What a change of the field `messages` says."""
    return {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": number},
        "contacts": [{"profile": {"name": "Kim"}, "wa_id": PERSON}],
        "messages": list(messages),
        **fields,
    }


def webhook(*values: dict[str, Any], field: str = "messages", waba: str = WABA) -> dict[str, Any]:
    """A webhook with one change for each value."""
    changes = [{"field": field, "value": one} for one in values]
    return {"object": "whatsapp_business_account", "entry": [{"id": waba, "changes": changes}]}


class Door:
    """Posts callbacks, and asks the API what became of them."""

    def __init__(self, core: Core, client: httpx.AsyncClient, workspace_id: int) -> None:
        self.core = core
        self.client = client
        self.workspace_id = workspace_id

    async def number(
        self, number: str = NUMBER, *, secret: str | None = SECRET, waba: str | None = WABA, **fields: Any
    ) -> ChannelView:
        """A Cloud API profile."""
        config = {"phoneNumberId": number, "accessToken": "EAAJ", "appSecret": secret, "wabaId": waba, **fields}
        return await self.core.channels.create(
            self.workspace_id, name=f"Number {number}", engine="whatsapp_cloud", config=config
        )

    async def bot(self) -> tuple[ChannelView, dict[str, str]]:
        """A Telegram profile, and the header that Telegram sends."""
        config = {"token": "123456:AAbbccddeeffgghhiijjkkllmmnnooppqqr"}
        made = await self.core.channels.create(self.workspace_id, name="Bot", engine="telegram_bot", config=config)
        secret = self.core.channels.config_of(made).callback_secret()  # type: ignore[attr-defined]
        return made, {"x-telegram-bot-api-secret-token": secret}

    async def post(self, hook: object, payload: Any, *, secret: str = SECRET) -> httpx.Response:
        """A signed callback of Meta's; bytes go as they are."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        return await self.client.post(
            f"/hooks/{hook}", content=body, headers={"X-Hub-Signature-256": signature(body, secret)}
        )

    async def api(self, method: str, path: str, **options: Any) -> Any:
        """The data of an answer of the native API."""
        answer = await self.client.request(method, f"/api{path}", headers={"X-API-Key": KEY}, **options)
        assert answer.status_code < 300, answer.text
        return answer.json()["data"]

    async def problems(self, **filters: Any) -> list[dict[str, Any]]:
        """Problems by the API."""
        found: list[dict[str, Any]] = await self.api("GET", "/inbound/problems", params=filters)
        return found

    async def messages(self, channel: ChannelView) -> list[dict[str, Any]]:
        """The messages of a profile, oldest first."""
        found: list[dict[str, Any]] = await self.api(
            "GET", "/messages", params={"profileId": channel.id, "sort": "createdAt"}
        )
        return found

    async def events(self, *types: str) -> list[tuple[str, dict[str, Any]]]:
        """Events of these types, oldest first."""
        async with self.core.db.read() as session:
            rows = await session.scalars(select(Event).where(Event.type.in_(types)).order_by(Event.id))
            return [(row.type, json.loads(row.data)) for row in rows]

    async def told(self, type_: str) -> list[int | None]:
        """Of which channels events of a type tell, oldest first."""
        async with self.core.db.read() as session:
            query = select(Event.channel_id).where(Event.type == type_).order_by(Event.id)
            return list(await session.scalars(query))


@pytest.fixture
async def door(core: Core, workspace: int) -> AsyncIterator[Door]:
    """The door on each kind of database."""
    transport = httpx.ASGITransport(app=build_app(core, Settings()), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://jackfield.test") as client:
        yield Door(core, client, workspace)
