"""A campaign through a network that throttles, fails, loses answers, repeats and reorders: nobody twice, nobody missed.

The queue here is the smallest that obeys the engine's word on certainty; the product's own is tested with the worker.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque

from jackfield.core import errorbook
from jackfield.core.ground.errors import OutcomeUnknown, Rejected, Throttled, Unavailable
from jackfield.core.port import Outgoing, Status
from jackfield.core.port import content as c

from .conftest import Line, Meta

RECIPIENTS = 1500
RANK = {"sent": 1, "delivered": 2, "read": 3, "failed": 3}


async def test_every_recipient_exactly_once(line: Line, meta: Meta) -> None:
    session = await line.open()
    await meta.world_control(
        line.number,
        "faults",
        errors=[
            {"code": 130429, "rate": 0.05},
            {"code": 131000, "rate": 0.02},
            {"code": 131026, "rate": 0.01},
            {"code": 131049, "rate": 0.01},
        ],
        drop=0.01,
        duplicateStatuses=0.01,
        disorder=0.01,
    )
    template = c.Template(name="demo_text", language="en", body=[c.Param(text="Asha")])
    waiting = deque(
        Outgoing(id=n, ref=f"m{n}", to=f"62812{n:08d}", content=template, category="marketing")
        for n in range(RECIPIENTS)
    )
    provider_ids: dict[str, str] = {}
    uncertain: set[str] = set()
    tries: Counter[str] = Counter()

    async def work() -> None:
        while waiting:
            message = waiting.popleft()
            tries[message.ref] += 1
            try:
                provider_ids[message.ref] = (await session.send(message)).provider_id
            except (Throttled, Unavailable):
                waiting.append(message)
            except OutcomeUnknown:
                uncertain.add(message.ref)
            except Rejected as error:
                raise AssertionError(error) from error

    await asyncio.gather(*(work() for _ in range(32)))
    assert max(tries.values()) > 1
    assert uncertain

    final: dict[str, Status] = {}
    seen = 0

    def settled() -> bool:
        nonlocal seen
        reports = line.heard.reports
        for status in reports[seen:]:
            if isinstance(status, Status) and status.ref:
                known = final.get(status.ref)
                if known is None or RANK[status.state] > RANK[known.state]:
                    final[status.ref] = status
        seen = len(reports)
        return len(final) == RECIPIENTS and all(RANK[status.state] == 3 for status in final.values())

    await line.heard.until(settled, timeout=60)
    taken = await meta.outbox(line.number)
    assert Counter(row["to"] for row in taken) == Counter(f"62812{n:08d}" for n in range(RECIPIENTS))
    assert {row["ref"]: row["status"] for row in taken} == {ref: status.state for ref, status in final.items()}
    assert all(final[ref].provider_id for ref in uncertain), "the echo settles what was uncertain"
    failed = [status for status in final.values() if status.state == "failed"]
    assert {status.code for status in failed} == {"131026", "131049"}
    for status in failed:
        assert errorbook.known(status.code or "")
        assert errorbook.lookup(status.code).remedy


async def test_webhooks_that_are_refused_come_again(line: Line, meta: Meta) -> None:
    session = await line.open()
    line.receiver.refuse = 3
    await session.send(line.message("x"))
    await line.heard.until(lambda: {s.state for s in line.heard.of(Status)} == {"sent", "delivered", "read"})
    assert line.receiver.statuses.count(500) == 3


async def test_webhooks_may_carry_many_statuses(line: Line, meta: Meta) -> None:
    await meta.control(line.number, batch=100)
    session = await line.open()
    await asyncio.gather(*(session.send(line.message("x", to=f"62812345678{n:02d}")) for n in range(50)))
    await line.heard.until(lambda: len(line.heard.of(Status)) == 150)
    assert len(line.receiver.bodies) < 150
