"""What the network sent is kept for some days, encrypted, and shown with the message."""

from __future__ import annotations

import pytest
from sqlalchemy import text as sql

from .conftest import PERSON, Door, text, value, webhook


def edit(id_: str, original: str, body: str, at: int = 1_790_000_100) -> dict[str, object]:
    """The person edits a message."""
    changed = {"original_message_id": original, "message": {"type": "text", "text": {"body": body}}}
    return {"from": PERSON, "id": id_, "timestamp": str(at), "type": "edit", "edit": changed}


async def test_a_message_and_its_edits_are_shown_as_they_came(door: Door) -> None:
    channel = await door.number()
    came, changed = text("wamid.1", fresh="a field of next year"), edit("wamid.2", "wamid.1", "Ho")
    await door.post(channel.id, webhook(value(came, changed)))
    (message,) = await door.messages(channel)
    raw = await door.api("GET", f"/messages/{message['id']}/raw")
    assert [(one["kind"], one["payload"]) for one in raw] == [("message", came), ("edit", changed)]


async def test_an_update_of_telegram_is_shown_as_it_came(door: Door) -> None:
    channel, headers = await door.bot()
    person = {"id": 7, "is_bot": False, "first_name": "Kim"}
    said = {"message_id": 1, "date": 1_790_000_000, "chat": {"id": 7, "type": "private"}, "from": person, "text": "Hi"}
    await door.client.post(f"/hooks/{channel.id}", json={"update_id": 1, "message": said}, headers=headers)
    (message,) = await door.messages(channel)
    (raw,) = await door.api("GET", f"/messages/{message['id']}/raw")
    assert raw["payload"] == {"update_id": 1, "message": said}


async def test_it_is_encrypted_at_rest(door: Door) -> None:
    channel = await door.number()
    await door.post(channel.id, webhook(value(text("wamid.1", "words of a person"))))
    async with door.core.db.read() as session:
        stored = (await session.execute(sql("SELECT payload FROM raw_payloads"))).scalar_one()
    assert b"words" not in bytes(stored)


async def test_it_is_removed_in_batches_when_its_time_is_over(door: Door) -> None:
    channel = await door.number()
    await door.post(channel.id, webhook(value(*(text(f"wamid.{place}") for place in range(5)))))
    (*_, last) = await door.messages(channel)
    async with door.core.db.read() as session:
        at = (await session.execute(sql("SELECT max(created_at) FROM raw_payloads"))).scalar_one()
    assert await door.core.inbound.prune_raw(at, batch=2) == 0
    assert await door.core.inbound.prune_raw(at + 1, batch=2) == 5
    assert await door.api("GET", f"/messages/{last['id']}/raw") == []


async def test_without_retention_nothing_is_kept(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door.core.options, "raw_retention_days", 0)
    channel = await door.number()
    await door.post(channel.id, webhook(value(text("wamid.1"), edit("wamid.2", "wamid.1", "Ho"))))
    (message,) = await door.messages(channel)
    assert message["text"] == "Ho"
    assert await door.api("GET", f"/messages/{message['id']}/raw") == []
