"""lists: p99 of listing messages, campaign recipients, chats and contacts with a million rows of each.

`BENCH_ROWS` changes the size; `BENCH_POSTGRES` (a URL of an empty database) replaces the PostgreSQL of our own.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from jackfield.core import ChatFilter, Core, Options
from jackfield.core.ground.paging import encode_cursor
from jackfield.core.ledger.service import Filter
from jackfield.core.models import (
    Campaign,
    Chat,
    Contact,
    ContactList,
    ContactListMember,
    ContactTag,
    Identity,
    Message,
    Tag,
)
from jackfield.db.base import now_ms
from jackfield.db.database import Database
from jackfield.db.secrets import use_key
from jackfield.engines import load_engines
from jackfield.migrations import upgrade

from ._kit import Figure, folder, postgres

TIMES = 200
BOUND_MS = 50.0
STATES = ("read", "delivered", "sent", "failed", "skipped")
SHARES = (70, 20, 8, 1, 1)


async def fill(core: Core, workspace_id: int, channel_id: int, rows: int) -> None:
    """A million contacts, chats and messages; the messages belong to ten campaigns."""
    now = now_ms()
    chance = random.Random(1)
    async with core.unit() as unit:
        for number in range(1, 11):
            await unit.conn.execute(
                insert(Campaign).values(
                    id=number, workspace_id=workspace_id, channel_id=channel_id, name=f"C{number}", kind="bulk",
                    state="finished", category="marketing", audience={}, options={}, created_at=now, updated_at=now,
                )
            )  # fmt: skip
        tags = [{"id": i, "workspace_id": workspace_id, "name": n, "folded": n, "created_at": now}
                for i, n in enumerate(("most", "few"), 1)]  # fmt: skip
        await unit.conn.execute(insert(Tag), tags)
        await unit.conn.execute(insert(ContactList), tags[:1])
    for start in range(0, rows, 10_000):
        ids = range(start + 1, min(start + 10_000, rows) + 1)
        picked = chance.choices(STATES, SHARES, k=len(ids))
        async with core.unit() as unit:
            await unit.conn.execute(
                insert(Contact),
                [
                    {"id": i, "workspace_id": workspace_id, "name": f"Person {i * 7919 % rows}", "phone": f"62{i:011d}",
                     "source": "csv", "blocked": False, "created_at": now, "updated_at": now,
                     "last_seen_at": now - i if i % 3 else None}
                    for i in ids
                ],
            )  # fmt: skip
            await unit.conn.execute(
                insert(Identity),
                [
                    {"workspace_id": workspace_id, "contact_id": i, "kind": "phone", "value": f"62{i:011d}",
                     "created_at": now}
                    for i in ids
                ],
            )  # fmt: skip
            await unit.conn.execute(insert(ContactTag), [{"contact_id": i, "tag_id": 1 if i % 100 else 2} for i in ids])
            await unit.conn.execute(insert(ContactListMember), [{"contact_id": i, "list_id": 1} for i in ids])
            await unit.conn.execute(
                insert(Chat),
                [
                    {"id": i, "workspace_id": workspace_id, "channel_id": channel_id, "peer": f"62{i:011d}",
                     "contact_id": i, "last_message_id": i, "last_at": now - (i * 7919 % rows), "unread": i % 50 == 0,
                     "created_at": now}
                    for i in ids
                ],
            )  # fmt: skip
            await unit.conn.execute(
                insert(Message),
                [
                    {"id": i, "workspace_id": workspace_id, "channel_id": channel_id, "direction": "out",
                     "state": state, "lane": 3, "campaign_id": 1 + i % 10, "slot": str(i), "due_at": now,
                     "peer": f"62{i:011d}", "contact_id": i, "kind": "text", "content": '{"type":"text","text":"Hi"}',
                     "category": "marketing", "tag": "rare" if i % 5000 == 0 else None,
                     "provider_id": f"wamid.{i:012d}", "attempts": 1, "created_at": now, "sent_at": now}
                    for i, state in zip(ids, picked, strict=True)
                ],
            )  # fmt: skip
    async with core.unit() as unit:
        await unit.conn.execute(text("ANALYZE"))
        if not core.db.is_sqlite:
            for table in ("contacts", "chats", "messages", "campaigns", "tags", "contact_lists"):
                await unit.conn.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
                )


async def p99(call: Callable[[int], Awaitable[Any]]) -> float:
    """The 99th percentile in ms of many calls; the first few warm up."""
    took = []
    for turn in range(TIMES + 5):
        begun = time.perf_counter()
        await call(turn)
        took.append((time.perf_counter() - begun) * 1000)
    return sorted(took[5:])[int(TIMES * 0.99) - 1]


async def run(url: str, place: Path, rows: int, label: str) -> list[Figure]:
    """All lists on one database."""
    use_key("bench")
    core = Core(Database(url), engines=load_engines(), options=Options(data_dir=place, node="bench"))
    await upgrade(core.db)
    await core.open()
    made = await core.accounts.bootstrap("Bench", "owner@example.com", "correct horse battery", "bench-key-123")
    assert made is not None
    channel = await core.channels.create(made.workspace_id, name="Bench")
    await fill(core, made.workspace_id, channel.id, rows)
    ws = made.workspace_id
    chance = random.Random(2)

    def deep() -> str:
        return encode_cursor(chance.randrange(1000, rows))

    calls: dict[str, Callable[[int], Awaitable[Any]]] = {
        "messages, newest": lambda _: core.messages.list(ws),
        "messages, anywhere": lambda _: core.messages.list(ws, cursor=deep()),
        "messages, failed only": lambda _: core.messages.list(ws, Filter(state="failed"), cursor=deep()),
        "messages, by tag": lambda _: core.messages.list(ws, Filter(tag="rare"), cursor=deep()),
        "messages, to one peer": lambda t: core.messages.list(ws, Filter(peer=f"62{1 + t * 997 % rows:011d}")),
        "recipients of a campaign": lambda t: core.messages.list(
            ws, Filter(campaign_id=1 + t % 10), cursor=deep(), newest_first=False
        ),
        "recipients that failed": lambda t: core.messages.list(
            ws, Filter(campaign_id=1 + t % 10, state="failed"), newest_first=False
        ),
        "chats, newest": lambda _: core.chats.chats(ws),
        "chats, one channel": lambda _: core.chats.chats(ws, ChatFilter(channel_id=channel.id)),
        "one conversation": lambda t: core.chats.history(ws, channel.id, f"62{1 + t * 997 % rows:011d}"),
        "contacts, newest": lambda _: core.contacts.list(ws),
        "contacts, anywhere": lambda _: core.contacts.list(ws, cursor=deep()),
        "contacts, by name": lambda t: core.contacts.list(
            ws, sort="name", descending=False, cursor=encode_cursor(f"Person {t * 997 % rows}", 0)
        ),
        "contacts, last seen": lambda _: core.contacts.list(ws, sort="last_seen"),
        "contacts, with a tag of most": lambda _: core.contacts.list(ws, {"tags": ["most"]}, cursor=deep()),
        "contacts, with a tag of few": lambda _: core.contacts.list(ws, {"tags": ["few"]}, cursor=deep()),
        "contacts, of a list": lambda _: core.contacts.list(ws, {"lists": ["most"]}, cursor=deep()),
        "contacts, by number": lambda t: core.contacts.list(ws, q=f"+62{1 + t * 997 % rows:011d}"),
    }
    figures = []
    for name, call in calls.items():
        value = await p99(call)
        figures.append(
            Figure(f"{label}: {name}", value, "ms p99", None, "", None, f"<= {BOUND_MS:.0f}", value <= BOUND_MS)
        )
    await core.close()
    return figures


def measure() -> list[Figure]:
    """The figures on SQLite, and on PostgreSQL when one is given."""
    import uvloop

    rows = int(os.environ.get("BENCH_ROWS", "1000000"))
    figures = []
    with folder() as place, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures += runner.run(run(f"sqlite:///{place / 'bench.db'}", place, rows, "SQLite"))
        with postgres() as url:
            if url is not None:
                figures += runner.run(run(url, place, rows, "PostgreSQL"))
    return figures
