"""Contacts inside the whole core: on migrated tables, and as the audience of a campaign."""

from __future__ import annotations

import io

from sqlalchemy import select

from jackfield.core import Core
from jackfield.core.campaigns.expand import expand_step
from jackfield.core.models import Message
from jackfield.core.port.content import Text


async def test_an_imported_file_is_a_campaigns_audience(lite: Core) -> None:
    made = await lite.accounts.bootstrap("Test", "owner@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    ws = made.workspace_id
    channel = await lite.channels.create(ws, name="Line")
    report = await lite.contacts.import_file(
        ws,
        io.BytesIO(
            b"Name,Phone,City,Opt-in\nAsha,+919845012345,Pune,yes\nBo,+919845012346,Goa,yes\nCy,+919845012347,Pune,no\n"
        ),
    )
    assert report.created == 3
    campaign = await lite.campaigns.create(
        ws, channel.id, name="C", content=Text(text="Hello {name}"), audience={"attributes": {"city": "Pune"}}
    )
    async with lite.unit() as unit:
        await expand_step(unit, lite.networks, campaign.id)
    async with lite.db.read() as session:
        rows = (await session.execute(select(Message.peer, Message.state).order_by(Message.id))).all()
    assert [tuple(row) for row in rows] == [("919845012345", "queued"), ("919845012347", "skipped")]
