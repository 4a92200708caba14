"""A message or campaign with a file at an address inside is refused when it is saved, by whichever API."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from jackfield.app import build_app
from jackfield.core import Core
from jackfield.core.models import Campaign, Message
from jackfield.settings import Settings

from .conftest import KEY

INSIDE = "http://169.254.169.254/latest/meta-data/a.png"


@pytest.fixture
async def core(begun: Core) -> Core:
    return begun


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (
            "/api/schedules",
            {"to": "628123456789", "type": "image", "content": {"url": INSIDE}, "scheduledAt": "2030-01-01"},
        ),
        ("/api/messages/image", {"to": "628123456789", "url": INSIDE}),
        (
            "/api/bulk/send",
            {"messages": [{"to": "628123456789", "type": "image", "content": {"url": INSIDE}}]},
        ),
        ("/api/campaigns", {"name": "C", "type": "image", "content": {"url": INSIDE}}),
        (
            "/chattu/api/send-message",
            {"clientId": "1", "number": "628123456789", "message": "", "mediaUrl": INSIDE},
        ),
        ("/pabbly/api/v1/messages", {"to": "628123456789", "type": "image", "link": INSIDE}),
    ],
)
async def test_a_file_at_an_address_inside_is_refused(core: Core, path: str, body: dict[str, Any]) -> None:
    transport = httpx.ASGITransport(app=build_app(core, Settings()))
    headers = {"X-API-Key": KEY}
    async with httpx.AsyncClient(transport=transport, base_url="http://jackfield.test", headers=headers) as client:
        answer = await client.post(path, json=body)
    assert answer.status_code == 400, answer.text
    assert "169.254.169.254" in answer.text
    async with core.db.read() as session:
        for model in (Message, Campaign):
            assert await session.scalar(select(func.count()).select_from(model)) == 0
