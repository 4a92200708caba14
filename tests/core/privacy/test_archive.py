"""Settled messages of long ago go into the archive; nothing that is asked of them changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from jackfield.core import ArchiveFilter, BulkMessage, Core, Filter, MessageView, NotFound, Text
from jackfield.core.ground.errors import Conflict, Invalid
from jackfield.core.ledger import archive as moving
from jackfield.core.models import ArchivedMessage, Campaign, Chat, Event, Message, MessageText
from jackfield.core.port import Incoming, MessageEdited, Status
from jackfield.core.privacy import archive
from jackfield.core.privacy.retention import DAY_MS
from jackfield.db.base import now_ms

from .test_personal_data import OTHER, PHONE, WORDS, World, tables_with
from .test_personal_data import world as world  # a fixture

OLD = 100 * DAY_MS


@pytest.fixture
async def channel(core: Core, workspace: int) -> int:
    core.options.archive_after_days = 60
    return (await core.channels.create(workspace, name="Line", engine="simulator")).id


async def put(core: Core, workspace: int, channel: int, state: str = "read", *, age: int = OLD, **more: Any) -> int:
    at = now_ms() - age
    values = {
        "direction": "in" if state == "received" else "out",
        "peer": PHONE,
        "created_at": at,
        "sent_at": at,
        **more,
    }
    async with core.unit() as unit:
        row = Message(
            workspace_id=workspace, channel_id=channel, state=state, content='{"type":"text","text":"x"}', **values
        )
        unit.session.add(row)
        await unit.session.flush()
        return row.id


async def counts(core: Core) -> tuple[int, int]:
    """Rows of the ledger and of the archive."""
    async with core.db.read() as session:
        both = [await session.scalar(select(func.count()).select_from(one)) for one in (Message, ArchivedMessage)]
    return both[0] or 0, both[1] or 0


async def came(core: Core, workspace: int, channel: int, provider_id: str, text: str = "hello") -> None:
    message = Incoming(
        provider_id=provider_id, chat=PHONE, sender=PHONE, content=Text(text=text), timestamp=1_700_000_000_000
    )
    await core.intake.ingest(channel, workspace, "simulator", [message])


async def age_all(core: Core) -> None:
    """All messages become old, and no chat shows them."""
    async with core.unit() as unit:
        old = now_ms() - OLD
        await unit.conn.execute(update(Message).values(created_at=old, sent_at=old))


async def test_what_is_settled_and_old_goes_in_steps_and_the_rest_stays(
    core: Core, workspace: int, channel: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "BATCH", 2)
    going = [
        await put(core, workspace, channel, one, age=age)
        for one, age in (("read", OLD), ("failed", OLD), ("received", 61 * DAY_MS), ("sent", OLD), ("skipped", OLD))
    ]
    staying = [
        await put(core, workspace, channel, one, age=age)
        for one, age in (
            *((one, OLD) for one in ("queued", "scheduled", "sending", "uncertain")),
            ("read", 59 * DAY_MS),
        )
    ]
    # Made long ago and sent yesterday.
    staying.append(await put(core, workspace, channel, "sent", sent_at=now_ms() - DAY_MS))
    assert await core.archive.run(workspace) == 5
    assert await core.archive.run(workspace) == 0
    async with core.db.read() as session:
        assert [*await session.scalars(select(Message.id).order_by(Message.id))] == staying
        assert [*await session.scalars(select(ArchivedMessage.id).order_by(ArchivedMessage.id))] == going
    assert core.meters.archived.values == {(): 5}


async def test_what_the_inbox_shows_and_what_a_campaign_still_needs_stays(
    core: Core, workspace: int, channel: int
) -> None:
    for provider_id in ("in-1", "in-2"):
        await came(core, workspace, channel, provider_id)
    campaign = await core.campaigns.create_bulk(
        workspace, channel, [BulkMessage(peer=OTHER, content=Text(text="x"))], name="Sale"
    )
    async with core.unit() as unit:
        await unit.conn.execute(update(Message).where(Message.campaign_id > 0).values(state="sent"))
    await age_all(core)
    assert await core.archive.run(workspace) == 1, "the chat shows its last message, and the campaign goes on"
    async with core.unit() as unit:
        await unit.conn.execute(update(Campaign).where(Campaign.id == campaign.id).values(state="finished"))
    assert await core.archive.run(workspace) == 1
    (chat,) = (await core.chats.chats(workspace)).items
    assert chat.last is not None


async def test_a_step_that_breaks_off_leaves_everything_where_it_was(
    core: Core, workspace: int, channel: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await put(core, workspace, channel)

    def broken(*_: Any) -> Any:
        raise OSError("the process dies between the two halves")

    with monkeypatch.context() as patch:
        patch.setattr(moving, "insert", broken)
        with pytest.raises(OSError, match="halves"):
            await core.archive.run(workspace)
    assert await counts(core) == (3, 0)
    assert await core.archive.run(workspace) == 3
    with monkeypatch.context() as patch:
        patch.setattr(moving, "insert", broken)
        with pytest.raises(OSError, match="halves"):
            async with core.unit() as unit:
                await moving.recall(unit, ArchivedMessage.peer == PHONE)
    assert await counts(core) == (0, 3)


async def test_a_late_report_is_applied_and_told(core: Core, workspace: int, channel: int) -> None:
    first = await put(core, workspace, channel, "sent", provider_id="wamid.1")
    second = await put(core, workspace, channel, "sent", provider_id="wamid.2")
    assert await core.archive.run(workspace) == 2
    reports = [
        Status(provider_id="wamid.1", state="delivered", timestamp=now_ms()),
        Status(provider_id="", ref=str(second), state="read", timestamp=now_ms()),
        Status(provider_id="wamid.9", state="read", timestamp=now_ms()),
    ]
    await core.intake.ingest(channel, workspace, "simulator", reports)
    states = {one: (await core.messages.get(workspace, one)).state for one in (first, second)}
    assert states == {first: "delivered", second: "read"}
    async with core.db.read() as session:
        told = [*await session.scalars(select(Event.type).where(Event.type.in_(("message.delivered", "message.read"))))]
    assert sorted(told) == ["message.delivered", "message.read"]
    assert await counts(core) == (2, 0)
    (problem,) = (await core.inbound.list(workspace)).items
    assert problem.reason == "unknown_message"
    assert await core.archive.run(workspace) == 2


async def test_a_chat_is_read_on_into_the_archive(core: Core, workspace: int, channel: int) -> None:
    ids = [await put(core, workspace, channel, "uncertain" if n == 1 else "read") for n in range(6)]
    ids += [await put(core, workspace, channel, age=DAY_MS) for _ in range(2)]
    assert await core.archive.run(workspace) == 5

    async def page(**how: Any) -> tuple[list[int], str | None]:
        found = await core.chats.history(workspace, channel, PHONE, **how)
        return [one.id for one in found.items], found.cursor

    newest = ids[::-1]
    seen: list[int] = []
    cursor: str | None = None
    while True:
        some, cursor = await page(limit=3, cursor=cursor)
        seen += some
        if cursor is None:
            break
    assert seen == newest
    assert (await page(limit=3, page=2))[0] == newest[3:6]
    assert (await core.chats.history(workspace, channel, PHONE, limit=1, total=True)).total == 8
    around, cursor = await page(limit=4, around=ids[2])
    assert around == [ids[4], ids[3], ids[2], ids[1]]
    assert (await page(limit=4, cursor=cursor))[0] == [ids[0]]
    assert (await page(limit=2, newer_than=ids[1]))[0] == [ids[3], ids[2]]
    with pytest.raises(NotFound):
        await page(around=999_999)


async def test_reports_count_as_before(core: Core, workspace: int, channel: int) -> None:
    messages = [BulkMessage(peer=f"49151{n:08d}", content=Text(text="x")) for n in range(4)]
    campaign = await core.campaigns.create_bulk(workspace, channel, messages, name="Sale")
    at = now_ms() - OLD
    async with core.unit() as unit:
        for n, values in enumerate(
            (
                {"state": "read", "read_at": at + 1},
                {"state": "failed", "error_code": "131026", "failed_at": at},
                {"state": "skipped", "error_code": "opted_out"},
                {"state": "delivered", "delivered_at": at, "uncertain_at": at},
            )
        ):
            mine = (Message.campaign_id == campaign.id, Message.peer == f"49151{n:08d}")
            await unit.conn.execute(update(Message).where(*mine).values(created_at=at, sent_at=at, **values))
        await unit.conn.execute(update(Campaign).where(Campaign.id == campaign.id).values(state="finished"))
    await put(core, workspace, channel, "received")
    await put(core, workspace, channel, age=DAY_MS, member_id=1)
    span = {"since": now_ms() - 200 * DAY_MS, "until": now_ms()}

    async def all_reports() -> list[Any]:
        listed = await core.messages.list(workspace, Filter(campaign_id=campaign.id), limit=3, total=True)
        return [
            await core.campaigns.counts(campaign),
            await core.campaigns.failures(campaign),
            await core.campaigns.timeline(campaign, "day"),
            [piece async for piece in core.campaigns.export(campaign)],
            [one.id for one in listed.items],
            (listed.cursor, listed.total),
            [await core.usage.report(workspace, by=by, **span) for by in ("day", "campaign", "state", "channel")],
            await core.responses.report(workspace, **span),
            await core.campaigns.that_reached(workspace, ["4915100000000", "4915100000001"]),
        ]

    before = await all_reports()
    assert before[0].total == 4
    assert await core.archive.run(workspace) == 5
    assert await all_reports() == before
    assert (await counts(core))[0] == 1


async def test_what_comes_again_is_known_and_what_is_edited_comes_back(
    core: Core, workspace: int, channel: int
) -> None:
    for provider_id in ("in-1", "in-2"):
        await came(core, workspace, channel, provider_id)
    while await core.search_index.step():
        pass
    await age_all(core)
    assert await core.archive.run(workspace) == 1
    async with core.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(MessageText)) == 1
    await came(core, workspace, channel, "in-1")
    assert await counts(core) == (1, 1), "a phone that tells its history again"
    edited = MessageEdited(provider_id="in-1", content=Text(text="mended"), timestamp=now_ms(), chat=PHONE)
    await core.intake.ingest(channel, workspace, "simulator", [edited])
    found = await core.messages.find(workspace, channel, "in-1")
    assert found is not None
    assert "mended" in (found.content or "")
    assert await counts(core) == (2, 0)
    await core.archive.run(workspace)
    await core.chats.hide(workspace, found.id)
    assert found.id not in [one.id for one in (await core.chats.history(workspace, channel, PHONE)).items]
    await core.archive.run(workspace)
    with pytest.raises(Conflict):
        await core.messages.cancel(workspace, found.id)


async def test_the_archive_is_found_by_id_person_campaign_and_time(core: Core, workspace: int, channel: int) -> None:
    person = await core.contacts.create(workspace, name="Ottilie", phone=PHONE)
    mine = [await put(core, workspace, channel) for _ in range(3)]
    other = await put(core, workspace, channel, peer=OTHER, campaign_id=7, age=OLD + DAY_MS)
    await core.archive.run(workspace)

    async def found(**chosen: Any) -> list[int]:
        ids: list[int] = []
        cursor: str | None = None
        while True:
            page = await core.archive.find(workspace, ArchiveFilter(**chosen), limit=2, cursor=cursor)
            ids += [one.id for one in page.items]
            cursor = page.cursor
            if cursor is None:
                return ids

    assert await found() == [other, *mine[::-1]]
    assert await found(id=mine[1]) == [mine[1]]
    assert await found(contact_id=person.id) == mine[::-1]
    assert await found(campaign_id=7) == [other]
    assert await found(until=now_ms() - OLD - DAY_MS // 2) == [other]
    assert await found(since=now_ms() - OLD - DAY_MS // 2) == mine[::-1]
    assert await found(channel_id=channel + 1) == []
    assert (await core.archive.find(workspace + 1, ArchiveFilter())).items == []
    with pytest.raises(NotFound):
        await found(contact_id=999)


async def test_a_workspace_chooses_for_itself(core: Core, workspace: int, channel: int) -> None:
    await put(core, workspace, channel, age=50 * DAY_MS)
    assert (await core.archive.status(workspace)).due.messages == 0
    assert (await core.archive.choose(workspace, 40)).due.messages == 1
    for wrong in (1, 29, -1, 40_000):
        with pytest.raises(Invalid, match="afterDays"):
            await core.archive.choose(workspace, wrong)
    off = await core.archive.choose(workspace, 0)
    assert (off.after_days, off.own_days) == (0, 0)
    assert await core.archive.run_all(now_ms()) == 0
    core.options.archive_after_days = 10
    status = await core.archive.choose(workspace, None)
    assert (status.after_days, status.own_days) == (30, None), "never less than 30 days"
    core.options.raw_retention_days = 45
    assert (await core.archive.status(workspace)).after_days == 45, "with what the network sent"
    assert await core.archive.run_all(now_ms()) == 1
    status = await core.archive.status(workspace)
    assert (status.messages, status.due.messages) == (1, 0)
    assert status.oldest == status.newest
    assert core.archive.left.messages == 0
    (entry, *_) = (await core.audit.list(workspace, action="archive.changed")).items
    assert entry.data == {"afterDays": None}


async def test_a_pass_that_was_not_finished_says_what_it_left(
    core: Core, workspace: int, channel: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(core, workspace, channel)
    monkeypatch.setattr(archive, "PASS_S", -1)
    assert await core.archive.run_all(now_ms()) == 0
    assert core.archive.left.messages == 1
    assert core.archive.left.oldest < now_ms() - OLD + DAY_MS


async def test_what_is_kept_long_enough_goes_from_the_archive_too(core: Core, workspace: int, channel: int) -> None:
    await put(core, workspace, channel)
    await put(core, workspace, channel, age=70 * DAY_MS)
    await core.archive.run(workspace)
    core.options.message_retention_days = 90
    assert (await core.retention.prune(now_ms())).messages == 1
    assert await counts(core) == (0, 1)


async def test_a_person_is_handed_over_and_erased_with_the_archive(world: World, tmp_path: Path) -> None:
    core = world.core
    async with core.unit() as unit:
        settle = update(Message).where(Message.state.in_(("queued", "scheduled")))
        await unit.conn.execute(settle.values(state="sent"))
        await unit.conn.execute(update(Campaign).values(state="finished"))
        # As if other messages had come to every chat since.
        await unit.conn.execute(update(Chat).values(last_message_id=None, last_in_id=None))
    await age_all(core)
    core.options.archive_after_days = 30
    assert await core.archive.run(world.workspace) == 7
    pieces = [piece async for piece in await core.privacy.export(world.workspace, world.contact)]
    handed = b"".join(pieces).decode()
    assert '"archivedMessages":[{' in handed
    assert "the quagga speaks" in handed
    done = await core.privacy.erase(world.workspace, world.contact)
    assert done.messages == 5
    assert {word: await tables_with(core, word) for word in WORDS} == {key: set() for key in WORDS}
    left: list[MessageView] = [*(await core.archive.find(world.workspace, ArchiveFilter())).items]
    assert all(one.peer != PHONE for one in left)


async def test_a_number_that_changes_takes_its_archive_along(core: Core, workspace: int, channel: int) -> None:
    person = await core.contacts.create(workspace, name="Ottilie", phone=PHONE)
    second = await core.contacts.create(workspace, name="Tilly", phone=OTHER)
    one = await put(core, workspace, channel, peer=OTHER, contact_id=second.id)
    await core.archive.run(workspace)
    await core.contacts.merge(workspace, person.id, second.id)
    assert (await core.messages.get(workspace, one)).contact_id == person.id
    found = await core.archive.find(workspace, ArchiveFilter(contact_id=person.id))
    assert [row.id for row in found.items] == [one]
