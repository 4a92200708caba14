"""What a list of chats shows, how many there are of each kind, and what listeners are told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select, update

from jackfield.core import ChatChanges, ChatFilter, Core, Invalid, NotFound, Submission, Text, now_ms
from jackfield.core.models import Chat, Event

HOUR = 3_600_000


class Desk:
    """A workspace with five chats on one channel, and one on another."""

    def __init__(self, core: Core, workspace_id: int, channels: list[int], member_id: int) -> None:
        self.core, self.workspace_id, self.channels, self.member_id = core, workspace_id, channels, member_id
        self.ids: dict[str, int] = {}

    async def set(self, name: str, **values: Any) -> None:
        """Change columns of a chat, past the service."""
        async with self.core.unit() as unit:
            await unit.conn.execute(update(Chat).where(Chat.id == self.ids[name]).values(**values))

    async def names(self, chosen: ChatFilter | None = None, **options: Any) -> list[str]:
        """The chats of a list, by name."""
        found = await self.core.chats.chats(self.workspace_id, chosen or ChatFilter(), **options)
        return [str(view.chat.name) for view in found.items]

    async def told(self, after: int = 0) -> list[Any]:
        """The events of chats, oldest first."""
        async with self.core.db.read() as session:
            query = select(Event).where(Event.type.like("chat.%"), Event.id > after).order_by(Event.id)
            return list(await session.scalars(query))


@pytest.fixture
async def desk(core: Core, workspace: int) -> AsyncIterator[Desk]:
    member = (await core.accounts.create_member(workspace, "agent@example.com", "correct horse")).id
    channels = [
        (await core.channels.create(workspace, name=name, engine="simulator", config=None)).id for name in ("A", "B")
    ]
    made = Desk(core, workspace, channels, member)
    now = now_ms()
    async with core.unit() as unit:
        for index, name in enumerate(("one", "two", "three", "four", "five", "other")):
            row = Chat(
                workspace_id=workspace,
                channel_id=channels[name == "other"],
                peer=f"62812345678{index}",
                name=name,
                last_at=now + index,
                created_at=now,
            )
            unit.session.add(row)
            await unit.session.flush()
            made.ids[name] = row.id
    await made.set("one", pinned=True, unread=2, last_message_id=7, last_in_id=7)
    await made.set("two", assignee_id=member, window_until=now + HOUR)
    await made.set("three", status="done")
    await made.set("four", snoozed_until=now + HOUR, unread=1)
    await made.set("five", archived=True, window_until=now + 5 * HOUR)
    return made


async def test_each_filter_gives_its_chats(desk: Desk) -> None:
    names = desk.names
    assert await names() == ["other", "four", "three", "two", "one"]
    assert await names(ChatFilter(status="open")) == ["other", "two", "one"]
    assert await names(ChatFilter(status="snoozed")) == ["four"]
    assert await names(ChatFilter(status="done")) == ["three"]
    assert await names(ChatFilter(unread=True)) == ["four", "one"]
    assert await names(ChatFilter(unanswered=True)) == ["one"]
    assert await names(ChatFilter(closing=True)) == ["two"]
    assert await names(ChatFilter(assignee_id=desk.member_id)) == ["two"]
    assert await names(ChatFilter(unassigned=True, status="open")) == ["other", "one"]
    assert await names(ChatFilter(archived=True)) == ["five"]
    assert await names(ChatFilter(channel_id=desk.channels[1])) == ["other"]
    assert await names(ChatFilter(archived=None, search="fiv")) == ["five"]


async def test_a_tag_is_the_contact_s(desk: Desk) -> None:
    contact = await desk.core.contacts.create(desk.workspace_id, phone="628123456780", tags=["VIP"])
    await desk.set("one", contact_id=contact.id)
    assert await desk.names(ChatFilter(tag="vip")) == ["one"]
    assert await desk.names(ChatFilter(tag="nobody")) == []


async def test_pinned_ones_come_first_on_every_page(desk: Desk) -> None:
    seen: list[str] = []
    cursor = None
    while True:
        page = await desk.core.chats.chats(desk.workspace_id, pinned_first=True, limit=2, cursor=cursor)
        seen += [str(view.chat.name) for view in page.items]
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == ["one", "other", "four", "three", "two"]
    await desk.set("two", pinned=True)
    first = await desk.core.chats.chats(desk.workspace_id, pinned_first=True, limit=1)
    rest = await desk.core.chats.chats(desk.workspace_id, pinned_first=True, cursor=first.cursor)
    assert [view.chat.name for view in (*first.items, *rest.items)] == ["two", "one", "other", "four", "three"]


async def test_counts_are_what_the_lists_would_give(desk: Desk) -> None:
    found = await desk.core.chats.counts(desk.workspace_id, member_id=desk.member_id)
    first = found[desk.channels[0]]
    assert (first.all, first.unread, first.unanswered, first.mine, first.unassigned) == (2, 1, 1, 1, 1)
    assert (first.closing, first.snoozed, first.done, first.archived) == (1, 1, 1, 1)
    assert found[desk.channels[1]].all == 1
    only = await desk.core.chats.counts(desk.workspace_id, channel_id=desk.channels[1])
    assert list(only) == [desk.channels[1]]


async def test_chats_have_a_team(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    core, ours, one = desk.core, desk.workspace_id, desk.ids["one"]
    sales, support = [(await core.tickets.create_department(ours, name)).id for name in ("Sales", "Support")]
    await core.accounts.update_member(ours, desk.member_id, department_id=sales)
    await core.chats.update_chats(ours, [one, desk.ids["two"]], ChatChanges(department_id=sales))
    await core.chats.update_chat(
        ours, desk.ids["other"], ChatChanges(department_id=support, assignee_id=desk.member_id)
    )
    assert await desk.names(ChatFilter(department_id=sales)) == ["two", "one"]
    assert await desk.names(ChatFilter(department_of=desk.member_id)) == ["two", "one"]
    assert await desk.names(ChatFilter(department_of=999_999)) == []
    assert await desk.names(ChatFilter(teamless=True)) == ["four", "three"]
    found = await core.chats.counts(ours, member_id=desk.member_id)
    assert [found[one].team for one in desk.channels] == [2, 0]
    assert [one.team for one in (await core.chats.counts(ours)).values()] == [0, 0]
    by_team = await core.chats.department_counts(ours)
    assert {id_: (one.all, one.unassigned) for id_, one in by_team.items()} == {sales: (2, 1), support: (1, 0)}
    assert list(await core.chats.department_counts(ours, channel_id=desk.channels[1])) == [support]
    events = await desk.told()
    assert ['"became":["team"]' in event.data for event in events] == [True, True, False]
    assert f'"department_id":{support}' in events[2].data
    assert '"became":["assigned","team"]' in events[2].data
    # To the same team once more is no change of team.
    await core.chats.update_chat(ours, one, ChatChanges(department_id=sales))
    assert '"became"' not in (await desk.told(events[-1].id))[0].data
    with pytest.raises(Invalid) as refused:
        await core.chats.update_chat(ours, one, ChatChanges(department_id=999_999))
    assert list(refused.value.details) == ["departmentId"]
    # A team that is gone leaves its chats, and says so of each, however many there are.
    monkeypatch.setattr("jackfield.core.desk.tickets.CHATS_AT_ONCE", 1)
    last = (await desk.told())[-1].id
    await core.tickets.delete_department(ours, sales)
    assert await core.chats.department_counts(ours) == {support: by_team[support]}
    told = await desk.told(last)
    assert [('"department_id"' in one.data, '"became":["team"]' in one.data) for one in told] == [(False, True)] * 2


async def test_a_change_is_told_whole(desk: Desk) -> None:
    contact = await desk.core.contacts.create(desk.workspace_id, phone="628123456780", name="Budi")
    await desk.set("one", contact_id=contact.id)
    changes = ChatChanges(assignee_id=desk.member_id, status="done", read=True)
    changed = await desk.core.chats.update_chats(desk.workspace_id, [desk.ids["one"], desk.ids["two"]], changes)
    assert changed == 2
    events = await desk.told()
    assert [event.type for event in events] == ["chat.updated", "chat.updated"]
    assert '"contact_name":"Budi"' in events[0].data
    for part in (f'"id":{desk.ids["one"]}', f'"assignee_id":{desk.member_id}', '"status":"done"', '"pinned":true'):
        assert part in events[0].data
    assert '"unread"' not in events[0].data  # its default: nothing unread


async def test_several_chats_are_changed_or_none(desk: Desk) -> None:
    for ids, wrong in (([desk.ids["one"], 999_999], NotFound), ([desk.ids["one"]], Invalid)):
        changes = ChatChanges(pinned=False, assignee_id=999_999 if wrong is Invalid else None)
        with pytest.raises(wrong):
            await desk.core.chats.update_chats(desk.workspace_id, ids, changes)
    assert (await desk.core.chats.chat(desk.workspace_id, desk.ids["one"])).chat.pinned is True
    assert await desk.told() == []
    with pytest.raises(NotFound):
        await desk.core.chats.update_chats(
            desk.workspace_id, [desk.ids["one"]], ChatChanges(), channel_id=desk.channels[1]
        )


async def test_notes_are_told(desk: Desk) -> None:
    notes = desk.core.notes
    made = await notes.add_chat_note(desk.workspace_id, desk.ids["one"], "call back", member_id=desk.member_id)
    await notes.update_chat_note(desk.workspace_id, desk.ids["one"], made.id, "called")
    await notes.delete_chat_note(desk.workspace_id, desk.ids["one"], made.id)
    events = await desk.told()
    assert [event.type for event in events] == ["chat.noted"] * 3
    assert ['"deleted":true' in event.data for event in events] == [False, False, True]
    assert "called" in events[1].data
    assert "called" not in events[2].data


async def test_the_conversations_of_a_contact_who_was_written_to_before_they_were_known(
    core: Core, workspace: int
) -> None:
    channel = await core.channels.create(workspace, name="Line", engine="simulator", config=None)
    for peer in ("919811100001", "919811100002"):
        await core.messages.submit(
            Submission(workspace_id=workspace, channel_id=channel.id, peer=peer, content=Text(text="Hello"))
        )
    late = await core.contacts.create(workspace, name="Late", phone="919811100001")
    (chat,) = await core.chats.of_contact(workspace, late.id)
    assert chat.peer == "919811100001"
    assert list(await core.chats.of_contact(workspace, late.id, channel_id=channel.id + 1)) == []
    # One who has a chat of their own has that alone, and there is no second one with the same address.
    silent = await core.contacts.create(workspace, name="Silent", phone="919811100003")
    assert list(await core.chats.of_contact(workspace, silent.id)) == []
    begun = await core.chats.begin(workspace, channel.id, "919811100003", contact_id=silent.id)
    assert await core.chats.begin(workspace, channel.id, "919811100003", contact_id=silent.id) == begun
    assert [one.id for one in await core.chats.of_contact(workspace, silent.id)] == [begun]
    view = await core.chats.chat(workspace, begun)
    assert (view.chat.contact_id, view.last, view.chat.unread) == (silent.id, None, 0)
