"""Views of messages: what the row leaves out is filled in, and nothing is written back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from jackfield.core import Core, MessageView
from jackfield.core.campaigns.expand import expand_step
from jackfield.core.ledger.submit import Submission
from jackfield.core.models import Message
from jackfield.core.port.content import Text, decode


async def test_a_view_has_the_text_and_the_contact_that_the_row_leaves_out(core: Core, workspace: int) -> None:
    ana = await core.contacts.create(workspace, name="Ana Kos", phone="38640700001")
    channel = await core.channels.create(workspace, name="One")
    campaign = await core.campaigns.create(workspace, channel.id, name="All", content=Text(text="Hi {name}"))
    async with core.unit() as unit:
        await expand_step(unit, core.networks, campaign.id)
    single = Submission(workspace_id=workspace, channel_id=channel.id, peer="38640700001", content=Text(text="Hello"))
    await core.messages.submit(single)
    page = await core.messages.list(workspace)
    texts = [decode(view.content or "") for view in page.items]
    assert texts == [Text(text="Hello"), Text(text="Hi Ana Kos")]
    assert [view.contact_id for view in page.items] == [ana.id, ana.id]
    assert all(isinstance(view, MessageView) for view in page.items)
    with pytest.raises(AttributeError):
        page.items[0].state = "sent"  # type: ignore[misc]
    async with core.db.read() as session:
        rows = (await session.execute(select(Message.content, Message.contact_id).order_by(Message.id))).all()
    assert [(row.content is None, row.contact_id) for row in rows] == [(True, ana.id), (False, None)]
