"""Groups that are known without asking a network. On both databases."""

from __future__ import annotations

from jackfield.core import Core, Text
from jackfield.core.port import Incoming
from jackfield.db.base import now_ms


async def test_a_group_known_by_what_was_written_in_it_is_kept(core: Core, workspace: int) -> None:
    one = (await core.channels.create(workspace, name="One")).id
    two = (await core.channels.create(workspace, name="Two")).id
    for channel, chat in ((one, "111@g.us"), (two, "222@g.us")):
        report = Incoming(
            provider_id=f"in-{chat}",
            chat=chat,
            chat_kind="group",
            chat_name="Team",
            sender="628111111111",
            content=Text(text="hi"),
            timestamp=now_ms(),
        )
        await core.intake.ingest(channel, workspace, "simulator", [report])
    (first,) = await core.groups.known(workspace, [one])
    assert (first.address, first.name, first.kind, first.channel_id) == ("111@g.us", "Team", "group", one)
    assert [group.id for group in await core.groups.known(workspace, [one])] == [first.id]
    assert {group.address for group in await core.groups.known(workspace, [one, two])} == {"111@g.us", "222@g.us"}
    assert [*await core.groups.known(workspace + 1, [one, two])] == []
    assert [*await core.groups.known(workspace, [])] == []
