"""Marketing to somebody who refused it, by each API: refused in its own envelope, and nothing is kept to be sent later.

Pabbly, ChitChatLabs and Chatly send marketing as templates, which a live number reads: their tests stand in their folders
(`test_a_message_of_marketing_to_somebody_who_refused_it_is_not_sent` and `test_api_campaign` of Pabbly, `test_to_lists_...`
for its broadcasts; `test_a_single_message_of_marketing_...` and `test_marketing_leaves_out_who_refused_it` of ChitChatLabs;
`test_marketing_to_somebody_who_refused_it` of Chatly).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from jackfield.app import build_app
from jackfield.core import Core
from jackfield.core.models import Message
from jackfield.settings import Settings

from .conftest import KEY

PERSON, OTHER = "628123456789", "628123456780"


@pytest.fixture
async def client(begun: Core) -> AsyncIterator[httpx.AsyncClient]:
    """Calls in-process, of a workspace in which one person has refused and another has not."""
    transport = httpx.ASGITransport(app=build_app(begun, Settings()), raise_app_exceptions=False)
    headers = {"X-API-Key": KEY}
    async with httpx.AsyncClient(transport=transport, base_url="http://jackfield.test", headers=headers) as client:
        made = await client.post("/api/contacts", json={"phone": PERSON, "optin": False})
        assert made.status_code == 201
        yield client


@pytest.mark.parametrize("spelling", [PERSON, "+62 812-3456-789", f"{PERSON}@s.whatsapp.net"])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/messages/text", {"text": "Sale"}),
        ("/api/messages/location", {"latitude": 1, "longitude": 2}),
        ("/api/messages/interactive", {"type": "location_request", "body": "Where are you?"}),
        ("/api/schedules", {"type": "text", "content": {"text": "Sale"}, "scheduledAt": "2030-01-01T00:00:00Z"}),
    ],
    ids=["text", "location", "interactive", "schedule"],
)
async def test_the_native_api_refuses_a_message(
    begun: Core, client: httpx.AsyncClient, path: str, body: dict[str, Any], spelling: str
) -> None:
    answer = await client.post(path, json={"to": spelling, "category": "marketing", **body})
    assert answer.status_code == 403, answer.text
    error = answer.json()["error"]
    assert (error["code"], error["details"]) == ("SKIPPED", {"reason": "opted_out"})
    assert error["message"] == "The contact has opted out of marketing."
    async with begun.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Message)) == 0


async def test_the_native_api_leaves_the_person_out_of_a_bulk_message(begun: Core, client: httpx.AsyncClient) -> None:
    messages = [{"to": one, "type": "text", "content": {"text": "Sale"}} for one in (PERSON, OTHER)]
    answer = await client.post("/api/bulk/send", json={"messages": messages})
    assert answer.status_code < 300, answer.text
    async with begun.db.read() as session:
        rows = await session.execute(select(Message.peer, Message.state, Message.error_code).order_by(Message.id))
        assert [tuple(row) for row in rows] == [(PERSON, "skipped", "opted_out"), (OTHER, "queued", None)]


async def test_chattu_sends_answers_which_a_refusal_of_marketing_does_not_concern(
    begun: Core, client: httpx.AsyncClient
) -> None:
    """Chattu has neither templates nor categories: what is sent there is service."""
    body = {"clientId": "1", "number": PERSON, "message": "Your order is here"}
    answer = await client.post("/chattu/api/send-message", json=body)
    assert answer.status_code == 200, answer.text
    async with begun.db.read() as session:
        assert (await session.scalars(select(Message.category))).all() == ["service"]
