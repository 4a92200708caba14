"""Groups and newsletters: from the network, and kept."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import select

from jackfield.core import Core
from jackfield.core.ground.errors import Conflict, Forbidden, Invalid, NotFound, Unsupported
from jackfield.core.ground.events import GroupChanged
from jackfield.core.models import Channel, Event
from jackfield.engines.simulator.account import Account
from jackfield.engines.simulator.faults import Faults


async def test_the_list_comes_from_the_network_and_is_kept(core: Core, channel: Channel, phone: Account) -> None:
    rows = await core.groups.list(channel, kind="group")
    assert {row.name for row in rows} == {group.name for group in phone.groups.all()}
    vip = next(row for row in rows if row.name == "לקוחות VIP 🌟")
    assert (vip.participants, vip.owner, vip.read_only) == (6, phone.phone, False)
    assert [row.kind for row in await core.groups.newsletters(channel)] == ["newsletter", "newsletter"]

    phone.groups.leave(vip.address)
    phone.groups.renamed(rows[0].address if rows[0].id != vip.id else rows[1].address, "Renamed there")
    names = {row.name for row in await core.groups.list(channel)}
    assert "Renamed there" in names
    assert vip.name not in names

    phone.set_faults(Faults(offline=True))
    assert {row.name for row in await core.groups.list(channel)} == names
    assert "Renamed there" in {row.name for row in await core.groups.list(channel, refresh=False)}


async def test_a_group_is_made_changed_and_left(core: Core, channel: Channel, phone: Account) -> None:
    made = await core.groups.create(channel, " Team ", ["628111111111", "628111111111", "628222222222"], "About us")
    address = made.address
    assert (made.name, made.description, made.participants) == ("Team", "About us", 3)
    assert {member.address for member in made.members} == {phone.phone, "628111111111", "628222222222"}

    changed = await core.groups.update(channel, address, name="Crew")
    assert (changed.name, changed.description) == ("Crew", "About us")
    await core.groups.participants(channel, address, ["628333333333"], "add")
    await core.groups.participants(channel, address, ["628333333333"], "promote")
    view = await core.groups.info(channel, address)
    assert next(one.is_admin for one in view.members if one.address == "628333333333")
    await core.groups.participants(channel, address, ["628333333333"], "demote")
    view = await core.groups.participants(channel, address, ["628333333333"], "remove")
    assert view.participants == 3

    link = await core.groups.invite_link(channel, address)
    assert await core.groups.invite_link(channel, address) == link
    assert await core.groups.invite_link(channel, address, revoke=True) != link

    await core.groups.leave(channel, address)
    with pytest.raises(NotFound) as missing:
        await core.groups.info(channel, address)
    assert missing.value.code == "GROUP_NOT_FOUND"
    async with core.db.read() as session:
        facts = list(await session.scalars(select(Event).where(Event.type == GroupChanged.type).order_by(Event.id)))
    assert '"left":true' in facts[-1].data

    letter = await core.groups.create_newsletter(channel, "News", None)
    assert letter.kind == "newsletter"


async def test_what_a_number_may_not_do(core: Core, channel: Channel, phone: Account) -> None:
    rows = {row.name: row for row in await core.groups.list(channel)}
    closed = rows["Announcements (read only)"]
    with pytest.raises(Forbidden) as read_only:
        await core.groups.ensure_writable(channel, closed.address)
    assert read_only.value.code == "READ_ONLY_CHAT"
    with pytest.raises(Forbidden) as no_admin:
        await core.groups.update(channel, rows["Team Jakarta"].address, name="Mine")
    assert no_admin.value.code == "GROUP_FORBIDDEN"
    assert (await core.groups.ensure_writable(channel, rows["Team Jakarta"].address)).name == "Team Jakarta"
    with pytest.raises(NotFound):
        await core.groups.ensure_writable(channel, "120363000000000000@g.us")
    with pytest.raises(NotFound):
        await core.groups.ensure_writable(channel, "120363000000000000@newsletter")
    with pytest.raises(Invalid):
        await core.groups.create(channel, " ", [])
    with pytest.raises(Invalid):
        await core.groups.participants(channel, closed.address, ["1"], "praise")

    phone.set_faults(Faults(offline=True))
    with pytest.raises(Conflict) as away:
        await core.groups.create(channel, "Later", [])
    assert away.value.code in ("NETWORK_UNAVAILABLE", "PROFILE_NOT_CONNECTED")
    # What is kept still says that the group is read-only.
    with pytest.raises(Forbidden):
        await core.groups.ensure_writable(channel, closed.address)


async def test_an_engine_without_groups_says_so(core: Core, workspace: int) -> None:
    made = await core.channels.create(workspace, name="Down")
    assert await core.groups.list(made) == []
    with pytest.raises(Conflict):
        await core.groups.create(made, "Group", [])
    core.channels.live[made.id] = object()  # type: ignore[assignment]
    made = msgspec.structs.replace(made, status="connected")
    assert await core.groups.list(made) == []
    with pytest.raises(Unsupported):
        await core.groups.create(made, "Group", [])
    del core.channels.live[made.id]
