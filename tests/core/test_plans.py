"""What runs for every message reads no table from end to end: its time must not grow with the ledger.

SQLite says of each statement how it finds its rows (EXPLAIN QUERY PLAN, sqlite.org/eqp.html): "SEARCH" by an index,
"SCAN" by reading everything.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select

from jackfield.core import ChatFilter, Core
from jackfield.core.campaigns import BulkMessage
from jackfield.core.campaigns.finish import finish_done
from jackfield.core.channels.lease import acquire
from jackfield.core.ledger.claim import ClaimRequest, claim_batch, take_over
from jackfield.core.ledger.record import Outcome, StatusItem, record_batch, status_batch
from jackfield.core.ledger.service import Filter
from jackfield.core.ledger.settle import find_uncertain
from jackfield.core.ledger.submit import Submission
from jackfield.core.models import Chat, Identity, Message
from jackfield.core.port import Incoming, Status
from jackfield.core.port.content import ButtonReply, Content, Text
from jackfield.db.base import now_ms
from jackfield.db.bulk import among

LARGE = ("messages", "chats", "contacts", "identities", "events", "deliveries", "idempotency_keys", "suppressions")
_ids = itertools.count(1)


@contextmanager
def statements(core: Core) -> Iterator[list[tuple[str, Any]]]:
    """Every statement that is executed inside the block, with its parameters (of many, the first)."""
    seen: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        seen.append((statement, parameters[0] if many else parameters))

    engines = {core.db.writer.sync_engine, core.db.reader.sync_engine}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


async def whole_readings(core: Core, seen: list[tuple[str, Any]]) -> list[str]:
    """Those of the statements that read a large table from end to end."""
    found = []
    async with core.db.read() as session:
        connection = await session.connection()
        for statement, parameters in dict(seen).items():
            if not statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
                continue
            plan = await connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)
            for row in plan:
                words = row[3].split()
                # In an order that an index gives, with a limit, a scan ends after the page.
                if words[0] == "SCAN" and words[1] in LARGE:
                    found.append(f"{row[3]}: {' '.join(statement.split())[:300]}")
    return found


@pytest.fixture
async def channel(lite: Core) -> Any:
    made = await lite.accounts.bootstrap("T", "o@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    return await lite.channels.create(made.workspace_id, name="One")


def incoming(chat: str, content: Content) -> Incoming:
    return Incoming(provider_id=f"in-{next(_ids)}", chat=chat, sender=chat, content=content, timestamp=now_ms())


async def test_nothing_reads_a_whole_table_on_a_message_s_way(lite: Core, channel: Any) -> None:
    core, workspace = lite, channel.workspace_id
    peers = [f"62811{i:07d}" for i in range(5)]

    def item(peer: str, key: str | None = None) -> Submission:
        return Submission(
            workspace_id=workspace,
            channel_id=channel.id,
            peer=peer,
            content=Text(text="x"),
            idempotency_key=key,
            fingerprint="f",
        )

    async with core.unit() as unit:
        lease = await acquire(unit, channel.id, "a", 60)
    assert lease is not None
    with statements(core) as seen:
        for _ in range(2):
            made = await asyncio.gather(*(core.messages.submit(item(peer, f"key {peer}")) for peer in peers))
            await asyncio.gather(*(core.messages.submit(item(peer)) for peer in peers))
        claim = ClaimRequest(channel_id=channel.id, token=lease.token, limit=10)
        await core.writer.submit(claim_batch, claim)
        outcomes = [
            Outcome(
                id=one.id, channel_id=channel.id, token=lease.token, state="sent", at=now_ms(), provider_id=f"p{one.id}"
            )
            for one in made
        ]
        await asyncio.gather(*(core.writer.submit(record_batch, one) for one in outcomes))
        for state in ("delivered", "read"):
            reports = [Status(provider_id=f"p{one.id}", state=state, timestamp=now_ms()) for one in made]
            items = [StatusItem(channel_id=channel.id, status=report) for report in reports]
            await asyncio.gather(*(core.writer.submit(status_batch, one) for one in items))
        for _ in range(2):
            reports = [incoming(peer, Text(text="hi")) for peer in [*peers, "628999999999"]]
            await core.intake.ingest(channel.id, workspace, "simulator", reports)
        await core.intake.ingest(
            channel.id, workspace, "simulator", [incoming(peers[0], ButtonReply(id="1", title="Stop"))]
        )
    assert len(seen) > 50
    assert await whole_readings(core, seen) == []


async def test_nothing_reads_a_whole_table_when_people_read(lite: Core, channel: Any) -> None:
    core, workspace = lite, channel.workspace_id
    await core.intake.ingest(channel.id, workspace, "simulator", [incoming("628111111111", Text(text="hi"))])
    with statements(core) as seen:
        for chat in (await core.chats.chats(workspace, ChatFilter(channel_id=channel.id))).items:
            await core.chats.chat(workspace, chat.chat.id)
            await core.chats.history(workspace, channel.id, chat.chat.peer)
            await core.chats.mark_read(workspace, chat.chat.id)
        for message in (await core.messages.list(workspace)).items:
            await core.messages.get(workspace, message.id)
        await core.contacts.find(workspace, "phone", "628111111111")
    assert await whole_readings(core, seen) == []


async def test_searched_lists_scan_no_large_table(lite: Core, channel: Any) -> None:
    core, workspace = lite, channel.workspace_id
    for number in range(3):
        await core.contacts.create(workspace, name=f"Lynx {number}", phone=f"62811111111{number}")
    await core.intake.ingest(channel.id, workspace, "simulator", [incoming("628111111110", Text(text="hi"))])
    while await core.search_index.step():
        pass
    with statements(core) as seen:
        for q in ("lynx", "628111111", "0"):
            for sort in ("created", "name", "last_seen"):
                assert (await core.contacts.list(workspace, q=q, sort=sort, total=True)).items
            assert (await core.chats.chats(workspace, ChatFilter(search=q), total=True)).items
        assert (await core.contacts.list(workspace, {"phone": "8111"}, total=True)).total == 3
        assert (await core.contacts.list(workspace, {"name": "yn"}, total=True)).total == 3
    assert await whole_readings(core, seen) == []
    # None is looked at for its name: contacts and chats are fetched by their ids.
    lists = [one for one, _ in seen if "FROM contacts" in one or "FROM chats" in one]
    assert lists
    assert [one for one in lists if "lower(contacts.name)" in one and "contacts.id IN" not in one] == []


async def test_many_keys_are_found_by_the_index_and_no_others(lite: Core, channel: Any) -> None:
    core, workspace = lite, channel.workspace_id
    people = [incoming(f"62811{i:07d}", Text(text="hi")) for i in range(6)]
    await core.intake.ingest(channel.id, workspace, "simulator", people)
    peers = [one.chat for one in people]
    pairs = [(channel.id, peers[0]), (channel.id, peers[3]), (channel.id + 1, peers[4])]
    threes = [(workspace, "phone", peers[0]), (workspace, "lid", peers[1]), (workspace + 1, "phone", peers[2])]
    queries = [
        (select(Chat.peer).where(among((Chat.channel_id, Chat.peer), pairs)), [peers[0], peers[3]]),
        (select(Chat.peer).where(among((Chat.channel_id, Chat.peer), pairs[:2])), [peers[0], peers[3]]),
        (select(Chat.peer).where(among((Chat.channel_id, Chat.peer), pairs[2:])), []),
        (select(Chat.peer).where(among((Chat.channel_id, Chat.peer), [])), []),
        (
            select(Identity.value).where(among((Identity.workspace_id, Identity.kind, Identity.value), threes)),
            [peers[0]],
        ),
        (
            select(Message.id).where(among((Message.channel_id, Message.provider_id), [(1, "a"), (2, "b")])),
            [],
        ),
    ]
    with statements(core) as seen:
        async with core.db.read() as session:
            for query, expected in queries:
                assert sorted(await session.scalars(query)) == expected
    assert sum(text.startswith("SELECT") for text, _ in seen) == len(queries)
    assert await whole_readings(core, seen) == []


async def test_what_waits_is_looked_for_without_reading_the_ledger(lite: Core, channel: Any) -> None:
    """Once a second, for all channels of a process."""
    await lite.leases.channels()
    with statements(lite) as seen:
        await lite.leases.channels()
    assert sum(text.startswith("SELECT") for text, _ in seen) == 1, "what did not change is not read again"
    assert await whole_readings(lite, seen) == []
    plans = sorted(await by(lite, seen, "lease_owner"))
    assert len(plans) == 2
    assert "ix_messages_queue (channel_id=?" in plans[0]
    assert "ix_messages_unsettled (channel_id=? AND state=?" in plans[1]


async def by(core: Core, seen: list[tuple[str, Any]], word: str) -> list[str]:
    """How the ledger's rows are found by those of the statements that ask for them by this word."""
    found = []
    async with core.db.read() as session:
        connection = await session.connection()
        for statement, parameters in dict(seen).items():
            if word not in statement or statement.lstrip().upper().startswith("INSERT"):
                continue
            for row in await connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters):
                if " messages " in f" {row[3]} ":
                    found.append(row[3])
    return found


async def test_a_campaign_s_rows_are_found_by_its_own_index(lite: Core, channel: Any) -> None:
    """Not by workspace or channel, which would read all that they ever sent."""
    core, workspace = lite, channel.workspace_id
    people = [BulkMessage(peer=f"62811{i:07d}", content=Text(text="x")) for i in range(5)]
    row = await core.campaigns.create_bulk(workspace, channel.id, people)
    with statements(core) as seen:
        await core.campaigns.counts(row)
        await core.messages.list(workspace, Filter(campaign_id=row.id))
        await core.messages.list(workspace, Filter(campaign_id=row.id, state="failed"), newest_first=False)
        await core.campaigns.failures(row)
        await core.campaigns.replied(row)
        assert [piece async for piece in core.campaigns.export(row)]
        await core.contacts.list(workspace, {"campaign": {"id": row.id, "state": ["read"]}})
        await core.campaigns.pause(workspace, row.id)
        await core.campaigns.resume(workspace, row.id)
        await core.campaigns.cancel(workspace, row.id)
        async with core.unit() as unit:
            await finish_done(unit, channel.id)
    plans = await by(core, seen, "messages.campaign_id = ")
    assert len(plans) >= 8
    indexes = ("ix_messages_campaign", "uq_messages_slot", "ix_messages_queue")
    assert [plan for plan in plans if not any(name in plan for name in indexes)] == []


async def test_what_is_in_doubt_is_found_by_its_own_index(lite: Core, channel: Any) -> None:
    with statements(lite) as seen:
        async with lite.db.read() as session:
            await find_uncertain(session, channel.id, now_ms())
        async with lite.unit() as unit:
            await take_over(unit, channel.id, 7)
    plans = await by(lite, seen, "messages.state IN ('sending', 'uncertain')")
    assert len(plans) == 2
    assert [plan for plan in plans if "ix_messages_unsettled" not in plan] == []
