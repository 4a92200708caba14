"""Campaigns go to people, and to groups that were chosen by name; never to a channel by accident."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select

from jackfield.core import Core, Invalid
from jackfield.core.models import Chat, Contact, Identity, Message
from jackfield.core.networks.intake.messages import IncomingItem, incoming_batch
from jackfield.core.networks.source import Source
from jackfield.core.port import GroupChanged, GroupInfo, Incoming
from jackfield.core.port.content import Text
from jackfield.engines.telegram_bot.incoming import read

from .test_expand import rows_of, step

NEWS = {"id": -1009, "type": "channel", "title": "News"}
TEAM = {"id": -1001, "type": "supergroup", "title": "Team"}


@pytest.fixture
async def channel(core: Core, workspace: int) -> int:
    config = {"token": "4242:AAH-simulated_token"}
    return (await core.channels.create(workspace, name="Bot", engine="telegram_bot", config=config)).id


async def told(core: Core, workspace: int, channel: int, **update: Any) -> None:
    """An update of Telegram's comes in."""
    reports = read({"update_id": 1, **update}, {}).reports
    await core.intake.ingest(channel, workspace, "telegram_bot", reports)


def said(message_id: int, **fields: Any) -> dict[str, Any]:
    return {"message_id": message_id, "date": 1_700_000_000, "text": "Hello", **fields}


async def campaign(core: Core, workspace: int, channel: int, text: str = "Sale", **fields: Any) -> list[Message]:
    made = await core.campaigns.create(workspace, channel, name="Sale", content=Text(text=text), **fields)
    while not (await step(core, made.id)).done:
        pass
    return await rows_of(core, made.id)


async def count(core: Core, model: Any) -> int:
    async with core.db.read() as session:
        return len([*await session.scalars(select(model.id))])


async def test_posts_and_anonymous_administrators_become_no_contacts(core: Core, workspace: int, channel: int) -> None:
    ana = {"id": 111, "is_bot": False, "first_name": "Ana"}
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    await told(core, workspace, channel, channel_post=said(1, chat=NEWS, sender_chat=NEWS))
    await told(core, workspace, channel, message=said(1, chat=TEAM, sender_chat=TEAM, **{"from": anonymous}))
    await told(core, workspace, channel, message=said(2, chat=TEAM, sender_chat=NEWS, **{"from": {"id": 777000}}))
    await told(core, workspace, channel, message=said(3, chat=TEAM, **{"from": {"id": 999, "is_bot": True}}))
    assert await count(core, Contact) == 0
    await told(core, workspace, channel, message=said(4, chat=TEAM, **{"from": ana}))
    assert await count(core, Contact) == 1
    assert await count(core, Chat) == 2
    rows = await campaign(core, workspace, channel, audience={"all": True})
    assert [(row.peer, row.state) for row in rows] == [("111", "queued")]


@pytest.mark.parametrize("address", ["-1009", "@news", "-1001~45"], ids=["a channel", "a public name", "a topic"])
async def test_what_was_kept_as_a_person_before_gets_no_campaign(
    core: Core, workspace: int, channel: int, address: str
) -> None:
    made = (await core.contacts.create(workspace, name="News", phone="38640700009")).id
    async with core.unit() as unit:
        values = {"workspace_id": workspace, "contact_id": made, "kind": "telegram", "value": address}
        await unit.conn.execute(insert(Identity).values(**values, created_at=unit.now))
    rows = await campaign(core, workspace, channel)
    assert [(row.peer, row.state, row.error_code) for row in rows] == [("", "skipped", "no_address")]


async def _groups(core: Core, workspace: int, channel: int) -> None:
    infos = [
        GroupInfo(address="-1001", name="Team", kind="group"),
        GroupInfo(address="-1002", name="Team", kind="group", left=True),
        GroupInfo(address="-1003", name="Friends", kind="group"),
        GroupInfo(address="-1004", name="friends", kind="group"),
        GroupInfo(address="-1009", name="News", kind="newsletter"),
    ]
    await core.intake.ingest(channel, workspace, "telegram_bot", [GroupChanged(group=one) for one in infos])


async def test_groups_chosen_by_name_get_a_campaign_once(core: Core, workspace: int, channel: int) -> None:
    await _groups(core, workspace, channel)
    await core.contacts.create(workspace, name="Ana", phone="38640700001")
    rows = await campaign(core, workspace, channel, "Hi {name}", audience={"groups": ["team", "-1003", "Team"]})
    assert [(row.peer, row.state, row.contact_id) for row in rows] == [
        ("-1001", "queued", None),
        ("-1003", "queued", None),
    ]
    assert [row.variables for row in rows] == [{"name": "Team"}, {"name": "Friends"}]
    both = await campaign(core, workspace, channel, audience={"groups": ["Team"], "all": True})
    assert [row.peer for row in both] == ["-1001", ""], "people beside groups, who have no Telegram here"


@pytest.mark.parametrize(
    ("name", "why"),
    [("Nobody", "no group"), ("Friends", "Several"), ("News", "is a channel"), ("-1002", "has left")],
)
async def test_a_group_that_cannot_be_meant_is_refused_by_name(
    core: Core, workspace: int, channel: int, name: str, why: str
) -> None:
    await _groups(core, workspace, channel)
    with pytest.raises(Invalid, match=why):
        await campaign(core, workspace, channel, audience={"groups": [name]})


async def test_a_group_that_was_left_since_gets_nothing(core: Core, workspace: int, channel: int) -> None:
    await _groups(core, workspace, channel)
    made = await core.campaigns.create(
        workspace, channel, name="Sale", content=Text(text="Sale"), audience={"groups": ["Team"]}
    )
    gone = GroupInfo(address="-1001", name="Team", kind="group", left=True)
    await core.intake.ingest(channel, workspace, "telegram_bot", [GroupChanged(group=gone)])
    await step(core, made.id)
    assert await rows_of(core, made.id) == []


async def test_a_chat_of_a_business_account_is_not_the_chat_with_the_bot(
    core: Core, workspace: int, channel: int
) -> None:
    """One person, two conversations; a campaign goes to the one with the bot."""
    network = core.networks.of("telegram_bot")
    source = Source(channel_id=channel, workspace_id=workspace, network=network)
    for number, chat in enumerate(("111", "111~business-Abc"), start=1):
        incoming = Incoming(
            provider_id=f"{chat}:{number}",
            chat=chat,
            sender="111",
            content=Text(text="Hi"),
            timestamp=number,
            identities={"telegram": "111"},
        )
        await core.writer.submit(incoming_batch, IncomingItem(source=source, message=incoming))
    assert (await count(core, Contact), await count(core, Chat)) == (1, 2)
    assert [row.peer for row in await campaign(core, workspace, channel)] == ["111"]
