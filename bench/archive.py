"""archive: what daily work costs with 10,000 messages, with these and 990,000 archived ones, and with a million in the ledger.

`BENCH_ROWS` changes the million.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from jackfield.core import ClaimRequest, Core, Options, Submission, Text
from jackfield.core.channels.lease import acquire
from jackfield.core.models import Chat
from jackfield.db.base import now_ms
from jackfield.db.database import Database
from jackfield.db.secrets import use_key
from jackfield.engines import load_engines
from jackfield.migrations import upgrade

from ._kit import Figure, folder, postgres

LIVE = 10_000
CHATS = 2_000
TIMES = 100


_COLUMNS = (
    "id, workspace_id, channel_id, direction, state, lane, campaign_id, due_at, peer, kind, content, category, provider_id,"
    " attempts, created_at, sent_at"
)
_ROWS = """
    SELECT i, :workspace, :channel, CASE i % 2 WHEN 0 THEN 'in' ELSE 'out' END,
        CASE i % 2 WHEN 0 THEN 'received' ELSE 'read' END, 0, 0, 0, CAST(62000000000 + i % 2000 AS TEXT), 'text',
        '{"type":"text","text":"Your order has shipped and will reach you tomorrow."}', 'service',
        'wamid.HBgNNjI4MTIzNDU2Nzg5FQIAERgSQjA1NkY5' || CAST(i AS TEXT), 1, CAST(:at AS BIGINT), CAST(:at AS BIGINT)
"""
_SQLITE = f"WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last) {_ROWS} FROM n"
_POSTGRES = f"{_ROWS} FROM generate_series(CAST(:first AS BIGINT), CAST(:last AS BIGINT)) n(i)"


async def fill(core: Core, workspace: int, channel: int, rows: int, *, archived: bool) -> None:
    """So many messages of 2,000 chats, all but the last 10,000 old: in the archive, or in the ledger with the rest."""
    now = now_ms()
    old = now - 100 * 86_400_000
    source = _SQLITE if core.db.is_sqlite else _POSTGRES
    place = {"workspace": workspace, "channel": channel}
    for table, first, last, at in (
        ("archived_messages" if archived else "messages", 1, rows - LIVE, old),
        ("messages", rows - LIVE + 1, rows, now),
    ):
        if first > last:
            continue
        columns, values = (_COLUMNS, source) if table == "messages" else (_COLUMNS + ", archived_at", source)
        if table != "messages":
            values = values.replace("CAST(:at AS BIGINT)\n", "CAST(:at AS BIGINT), CAST(:at AS BIGINT)\n")
        async with core.unit() as unit:
            await unit.conn.execute(
                text(f"INSERT INTO {table} ({columns}) {values}"),
                {**place, "first": first, "last": last, "at": at},
            )
    async with core.unit() as unit:
        await unit.conn.execute(
            insert(Chat),
            [
                {"workspace_id": workspace, "channel_id": channel, "peer": str(62_000_000_000 + n), "last_at": now - n,
                 "last_message_id": rows - (rows - n) % CHATS, "created_at": now}
                for n in range(CHATS)
            ],
        )  # fmt: skip
        if not core.db.is_sqlite:
            await unit.conn.execute(
                text("SELECT setval(pg_get_serial_sequence('messages', 'id'), (SELECT max(id) FROM messages))")
            )


class World:
    """A core with one filling, and the calls that are measured on it."""

    def __init__(self, core: Core, label: str, workspace: int, channel: int) -> None:
        self.core, self.label = core, label
        self._workspace, self._channel, self._token = workspace, channel, 0
        self.took: dict[str, list[float]] = {}

    @classmethod
    async def make(cls, url: str, place: Path, rows: int, label: str, *, archived: bool) -> World:
        """A database with so many messages."""
        core = Core(Database(url), engines=load_engines(), options=Options(data_dir=place, node="bench"))
        await upgrade(core.db)
        await core.open()
        made = await core.accounts.bootstrap("Bench", "owner@example.com", "correct horse battery", "bench-key-123")
        assert made is not None
        world = cls(core, label, made.workspace_id, (await core.channels.create(made.workspace_id, name="Bench")).id)
        await fill(core, made.workspace_id, world._channel, rows, archived=archived)
        async with core.unit() as unit:
            await unit.conn.execute(text("ANALYZE"))
        async with core.unit() as unit:
            lease = await acquire(unit, world._channel, "bench", 3600, force=True)
        assert lease is not None
        world._token = lease.token
        return world

    async def send(self, turn: int) -> None:
        """Accept a message and claim it."""
        peer = str(62_000_000_000 + turn % CHATS)
        item = Submission(workspace_id=self._workspace, channel_id=self._channel, peer=peer, content=Text(text="Hello"))
        await self.core.messages.submit(item)
        request = ClaimRequest(channel_id=self._channel, token=self._token, limit=10)
        assert len((await self.core.queue.claim(request)).messages) == 1

    async def turn(self, turn: int) -> None:
        """Time each call once."""
        core, ws = self.core, self._workspace
        calls: dict[str, Callable[[], Awaitable[Any]]] = {
            "accept, claim": lambda: self.send(turn),
            "inbox, 50 chats": lambda: core.chats.chats(ws),
            "a chat, 50": lambda: core.chats.history(ws, self._channel, str(62_000_000_000 + turn % CHATS)),
            "messages, 50": lambda: core.messages.list(ws),
            "messages, counted": lambda: core.messages.list(ws, total=True),
            "usage of a day": lambda: core.usage.report(ws, since=now_ms() - 86_400_000, until=now_ms()),
        }
        for name, call in calls.items():
            begun = time.perf_counter()
            await call()
            self.took.setdefault(name, []).append((time.perf_counter() - begun) * 1000)


async def compare(worlds: list[World]) -> list[Figure]:
    """The same calls in turn, so that what else the machine does is shared; the tenth percentile of each."""
    for turn in range(TIMES):
        for world in worlds:
            await world.turn(turn)
    figures = [
        Figure(f"{world.label}: {name}", sorted(took[5:])[TIMES // 10], "ms", None, "", None)
        for name in worlds[0].took
        for world in worlds
        for took in (world.took[name],)
    ]
    last = worlds[-1]
    last.core.options.archive_after_days = 60
    begun = time.perf_counter()
    moved = await last.core.archive.run(last._workspace, limit=20_000)
    figures.append(
        Figure(f"{last.label}: archived", moved / (time.perf_counter() - begun), "messages/s", None, "", None)
    )
    for world in worlds:
        await world.core.close()
    return figures


def measure() -> Iterator[Figure]:
    """The figures on SQLite, and on PostgreSQL when there is one."""
    use_key("bench")
    rows = int(os.environ.get("BENCH_ROWS", "1000000"))
    kinds = ((LIVE, False, f"{LIVE} only"), (rows, True, "and archived"), (rows, False, f"{rows} live"))

    async def on(places: list[tuple[str, Path]], label: str) -> list[Figure]:
        worlds = [
            await World.make(url, place, size, f"{label} {kind}", archived=archived)
            for (url, place), (size, archived, kind) in zip(places, kinds, strict=True)
        ]
        return await compare(worlds)

    with ExitStack() as stack:
        folders = [stack.enter_context(folder()) for _ in kinds]
        yield from asyncio.run(on([(f"sqlite:///{one / 'bench.db'}", one) for one in folders], "SQLite"))
    with ExitStack() as stack:
        folders = [stack.enter_context(folder()) for _ in kinds]
        urls = [stack.enter_context(postgres()) for _ in kinds]
        given = [(url, one) for url, one in zip(urls, folders, strict=True) if url is not None]
        if len({url for url, _ in given}) == len(kinds):
            yield from asyncio.run(on(given, "PostgreSQL"))
