"""search: how long a question takes over a million messages, and what keeping their words costs."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert

from jackfield.core import Core, now_ms
from jackfield.core.models import Chat, Contact, Message
from jackfield.core.search.service import KINDS

from ._kit import Figure, folder
from .send import prepare

QUESTIONS = 300
WANTED_MS = 50.0
WORDS = 20_000
"""Different words that people use; a few often, most seldom."""


def vocabulary() -> list[str]:
    """The words, the most frequent first."""
    chance = random.Random(7)
    return [f"{chance.choice('bcdfghklmnprstw')}{chance.choice('aeiou')}{n:x}" for n in range(WORDS)]


def questions() -> list[str]:
    """Words frequent and seldom, whole and begun, one or two."""
    chance = random.Random(11)
    words = vocabulary()

    def one() -> str:
        word = words[int(WORDS ** chance.random()) - 1]
        return word[: max(3, chance.randint(3, len(word)))]

    return [" ".join(one() for _ in range(chance.choice((1, 1, 2)))) for _ in range(QUESTIONS)]


async def fill(core: Core, workspace_id: int, channel_id: int, rows: int) -> None:
    """Single messages of eight words each, in ten thousand chats with as many contacts."""
    weights = [1 / (n + 1) for n in range(WORDS)]
    said = random.Random(7).choices(vocabulary(), weights, k=rows * 8)
    now = now_ms()
    names = vocabulary()
    async with core.unit() as unit:
        await unit.conn.execute(
            insert(Contact),
            [
                {
                    "workspace_id": workspace_id, "name": f"{names[n].title()} {names[-n].title()}",
                    "phone": f"62{n:010d}", "created_at": now, "updated_at": now,
                }
                for n in range(10_000)
            ],
        )  # fmt: skip
        await unit.conn.execute(
            insert(Chat),
            [
                {
                    "workspace_id": workspace_id, "channel_id": channel_id, "peer": f"62{n:010d}", "created_at": now,
                    "last_at": now,
                }
                for n in range(10_000)
            ],
        )  # fmt: skip
    for start in range(0, rows, 20_000):
        values: list[dict[str, Any]] = [
            {
                "workspace_id": workspace_id, "channel_id": channel_id, "direction": "in", "state": "received",
                "peer": f"62{n % 10_000:010d}", "kind": "text", "due_at": 0, "created_at": now,
                "content": '{"type":"text","text":"' + " ".join(said[n * 8 : n * 8 + 8]) + '"}',
            }
            for n in range(start, min(start + 20_000, rows))
        ]  # fmt: skip
        async with core.unit() as unit:
            await unit.conn.execute(insert(Message), values)


async def ask(core: Core, workspaces: Sequence[int], kinds: Sequence[str] = ("messages",)) -> tuple[float, float]:
    """Milliseconds of a question, median and 99th percentile; the workspaces take turns."""
    took = []
    for number, q in enumerate(questions()):
        at = time.perf_counter()
        await core.search.find(workspaces[number % len(workspaces)], q, kinds)
        took.append((time.perf_counter() - at) * 1000)
    took.sort()
    return took[len(took) // 2], took[int(len(took) * 0.99)]


async def index(core: Core) -> None:
    """Keep the words of all messages."""
    while await core.search_index.step():
        pass


async def run(rows: int) -> tuple[dict[str, tuple[float, float]], float]:
    """Times of questions by what is asked, and CPU microseconds to keep a message's words."""
    with folder() as place:
        core, workspace_id, channel_id = await prepare(place, 0)
        try:
            await fill(core, workspace_id, channel_id, rows)
            cpu = time.process_time()
            await index(core)
            cost = (time.process_time() - cpu) / rows * 1e6
            took = {
                "messages": await ask(core, [workspace_id]),
                "every kind": await ask(core, [workspace_id], KINDS),
            }
            other, _ = await core.accounts.create_tenant("Another")
            channel = await core.channels.create(other.id, name="Another", engine="simulator", config=None)
            await fill(core, other.id, channel.id, 1000)
            await index(core)
            took["two workspaces"] = await ask(core, [workspace_id, other.id])
            return took, cost
        finally:
            await core.close()


def measure() -> list[Figure]:
    """search."""
    rows = min(1_000_000, int(os.environ.get("BENCH_ROWS", "1000000")))
    times, cost = asyncio.run(run(rows))
    return [
        *(
            Figure(
                f"search: p99 {name}, {rows:,} messages", slowest, "ms", median, "median ms", None, f"<= {WANTED_MS:g}",
                slowest <= WANTED_MS,
            )
            for name, (median, slowest) in times.items()
        ),
        Figure("search: CPU to keep a message's words", cost, "us/message"),
    ]  # fmt: skip
