"""send: campaign messages per second through the worker, CPU per message, and the same with a large ledger."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from jackfield.core import Core, Options
from jackfield.core.campaigns import BulkMessage
from jackfield.core.ledger.submit import Submission
from jackfield.core.models import Message
from jackfield.core.port.content import Text
from jackfield.db.base import now_ms
from jackfield.db.database import Database
from jackfield.db.secrets import use_key
from jackfield.engines import load_engines
from jackfield.engines.simulator.config import SimulatorConfig
from jackfield.engines.simulator.control import control, target_for
from jackfield.migrations import upgrade
from jackfield.worker.worker import Worker

from ._kit import Figure, campaign_finished, folder

CAMPAIGN = 20_000
SMALL = 10_000


async def prepare(place: Path, rows: int) -> tuple[Core, int, int]:
    """A core with a paired simulator channel of zero latency and `rows` settled messages in the ledger."""
    use_key("bench")
    options = Options(data_dir=place, node="bench", exclusive=True, poll_seconds=0.2)
    core = Core(Database(f"sqlite:///{place / 'bench.db'}"), engines=load_engines(), options=options)
    await upgrade(core.db)
    await core.open()
    made = await core.accounts.bootstrap("Bench", "owner@example.com", "correct horse battery", "bench-key-123")
    assert made is not None
    channel = await core.channels.create(
        made.workspace_id,
        name="Bench",
        config={"autoScan": True, "delayScale": 0, "url": ""},
        pacing={"rate": 1_000_000, "burst": 1_000_000},
    )
    await fill(core, made.workspace_id, channel.id, rows)
    await core.channels.connect(made.workspace_id, channel.id)
    return core, made.workspace_id, channel.id


async def fill(core: Core, workspace_id: int, channel_id: int, rows: int) -> None:
    """Put settled messages into the ledger, with all that indexes hold."""
    now = now_ms()
    for start in range(0, rows, 20_000):
        values: list[dict[str, Any]] = [
            {
                "workspace_id": workspace_id,
                "channel_id": channel_id,
                "direction": "out",
                "state": "read",
                "lane": 3,
                "campaign_id": 1_000_000 + i // 100_000,
                "slot": str(i),
                "due_at": now,
                "peer": f"62{(i * 7919) % 10_000_000_000:010d}",
                "kind": "text",
                "content": '{"type":"text","text":"Hello, this is a message of an ordinary length."}',
                "category": "marketing",
                "provider_id": f"wamid.FILL{i:012d}",
                "attempts": 1,
                "created_at": now,
                "sent_at": now,
                "delivered_at": now,
                "read_at": now,
            }
            for i in range(start, min(start + 20_000, rows))
        ]
        async with core.unit() as unit:
            await unit.conn.execute(insert(Message), values)
    if rows:
        async with core.unit() as unit:
            await unit.conn.execute(text("ANALYZE"))


async def run_campaign(core: Core, workspace_id: int, channel_id: int, count: int, offset: int = 0) -> float:
    """Messages per second from the start of the worker's claims to the last one recorded as sent."""
    messages = [
        BulkMessage(peer=f"6281{i + offset:09d}", content=Text(text="Hello, this is a message of an ordinary length."))
        for i in range(count)
    ]
    with campaign_finished(core.bus) as done:
        campaign = await core.campaigns.create_bulk(workspace_id, channel_id, messages)
        begun = time.perf_counter()
        await asyncio.wait_for(done, 300)
        seconds = time.perf_counter() - begun
    counts = await core.campaigns.counts(campaign)
    assert counts.total == count
    return count / seconds


async def send_rate(rows: int, count: int = CAMPAIGN) -> tuple[float, float]:
    """Median messages per second and CPU microseconds per message, with `rows` in the ledger."""
    with folder() as place:
        core, workspace_id, channel_id = await prepare(place, rows)
        worker = Worker(core)
        worker.start()
        try:
            await run_campaign(core, workspace_id, channel_id, 1000)
            rates, costs = [], []
            for turn in range(3):
                cpu = time.process_time()
                rates.append(await run_campaign(core, workspace_id, channel_id, count, (turn + 1) * count))
                costs.append((time.process_time() - cpu) / count * 1e6)
        finally:
            await worker.close()
            await core.close()
    return sorted(rates)[1], sorted(costs)[1]


async def growth(rows: int, count: int = CAMPAIGN) -> tuple[float, float, float]:
    """Messages per second with `rows` in the ledger and with few, and the median of the ratios of neighbouring runs.

    In turns on two ledgers that are open side by side: the machine's own speed drifts by a fifth within a minute.
    """
    with folder() as large_place, folder() as small_place:
        sides = [await prepare(large_place, rows), await prepare(small_place, SMALL)]
        workers = [Worker(core) for core, _, _ in sides]
        rates: tuple[list[float], list[float]] = ([], [])
        try:
            for worker in workers:
                worker.start()
            for turn in range(7):
                for side, found in zip(sides, rates, strict=True):
                    # The first round warms up.
                    size = count if turn else 1000
                    found.append(await run_campaign(*side, size, turn * count))
        finally:
            for worker, (core, _, _) in zip(workers, sides, strict=True):
                await worker.close()
                await core.close()
    large, small = rates[0][1:], rates[1][1:]
    return (
        statistics.median(large),
        statistics.median(small),
        statistics.median(one / other for one, other in zip(large, small, strict=True)),
    )


async def whole_path(count: int = CAMPAIGN) -> float:
    """CPU microseconds per message through accept (the ledger's side), send and record, receipts left out."""
    with folder() as place:
        core, workspace_id, channel_id = await prepare(place, 0)
        worker = Worker(core)
        worker.start()
        try:
            while channel_id not in core.channels.live:
                await asyncio.sleep(0.05)
            # Receipts are another figure: the network takes messages and stays silent.
            row = await core.channels.get(workspace_id, channel_id)
            config = core.channels.config_of(row)
            assert isinstance(config, SimulatorConfig)
            await control(target_for(channel_id, config), "faults", {"silence": True})
            cpu = time.process_time()
            sent = 0

            def settled(items: list[Any]) -> None:
                nonlocal sent
                sent += sum(1 for one in items if one.state == "sent")

            core.bus.subscribe("settled", settled)
            for start in range(0, count, 500):
                await asyncio.gather(
                    *(
                        core.messages.submit(
                            Submission(
                                workspace_id=workspace_id,
                                channel_id=channel_id,
                                peer=f"6281{i:09d}",
                                content=Text(text="Hello, this is a message of an ordinary length."),
                            )
                        )
                        for i in range(start, start + 500)
                    )
                )
            deadline = time.monotonic() + 120
            while sent < count and time.monotonic() < deadline:
                await asyncio.sleep(0.02)
            assert sent >= count
            return (time.process_time() - cpu) / count * 1e6
        finally:
            await worker.close()
            await core.close()


def raw_limit(count: int = 100_000) -> float:
    """Rows per second that this machine's SQLite inserts and updates once, in batches of 500, from one thread."""
    import sqlite3

    with folder() as place:
        connection = sqlite3.connect(place / "raw.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE m (id INTEGER PRIMARY KEY, state TEXT, body TEXT)")
        begun = time.perf_counter()
        for start in range(0, count, 500):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "INSERT INTO m (state, body) VALUES ('queued', ?)", [("x" * 80,) for _ in range(500)]
            )
            connection.execute("COMMIT")
            for state in ("sending", "sent"):
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(
                    "UPDATE m SET state = ? WHERE id = ?", [(state, i) for i in range(start + 1, start + 501)]
                )
                connection.execute("COMMIT")
        seconds = time.perf_counter() - begun
        connection.close()
    return count / seconds


def measure() -> list[Figure]:
    """send, CPU per message, and growth."""
    import uvloop

    def run(awaitable: Any) -> Any:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(awaitable)

    limit = raw_limit()
    figures = []
    small, cost = run(send_rate(SMALL))
    figures.append(
        Figure("send (10 thousand in the ledger)", small, "messages/s", limit, "bare SQLite rows/s", small / limit)
    )
    figures.append(Figure("send: CPU with receipts", cost, "us/message"))
    whole = run(whole_path())
    figures.append(Figure("accept + send + record: CPU", whole, "us/message", None, "", None, "<= 300", whole <= 300))
    for rows in (100_000, 1_000_000):
        if rows > int(os.environ.get("BENCH_ROWS", "1000000")):
            continue
        value, beside, ratio = run(growth(rows))
        figures.append(
            Figure(
                f"growth: send at {rows:,} rows",
                value,
                "messages/s",
                beside,
                "at 10 thousand",
                ratio,
                ">= 0.9",
                ratio >= 0.9,
            )
        )
    return figures


if __name__ == "__main__":
    for figure in measure():
        print(figure.row())
        sys.stdout.flush()
