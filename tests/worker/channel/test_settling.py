"""Settling: the network is asked where it can be, else a policy decides after a wait."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from jackfield.core import Unavailable, UncertainMessage, Verdict
from jackfield.worker.channel.settling import Settling
from jackfield.worker.channel.tenure import Tenure

from .conftest import FakeConnection, FakeSession, now, virtual, virtual_loop


class Queue:
    """UncertainMessage messages in memory."""

    def __init__(self, *since: int) -> None:
        self.uncertain = {
            id_: UncertainMessage(id=id_, since=at, category="service", resent=False) for id_, at in enumerate(since, 1)
        }
        self.verdicts: list[Verdict] = []

    async def find_uncertain(self, channel_id: int, before: int) -> list[UncertainMessage]:
        return [one for one in self.uncertain.values() if one.since <= before]

    async def settle(self, channel_id: int, verdicts: Sequence[Verdict]) -> int:
        self.verdicts += verdicts
        for one in verdicts:
            del self.uncertain[one.id]
        return len(verdicts)


class Asked(FakeSession):
    """A network that knows some messages."""

    def __init__(self, **known: str) -> None:
        super().__init__()
        self.known = {key[1:]: value for key, value in known.items()}
        self.failing = False

    async def look_up(self, refs: Sequence[str]) -> dict[str, str]:
        if self.failing:
            raise Unavailable("503", "down")
        return {ref: self.known[ref] for ref in refs if ref in self.known}


def settling(queue: Queue, session: FakeSession, lease: float = 3600) -> tuple[Settling, FakeConnection, Tenure]:
    clock = virtual_loop().time
    tenure = Tenure(7, clock() + lease, clock)
    connection = FakeConnection(session)
    made = Settling(
        queue,  # type: ignore[arg-type]
        5,
        connection,
        tenure,
        wait_seconds=600,
        now=now,
    )
    return made, connection, tenure


@virtual
async def test_the_network_says_what_it_has_and_what_not() -> None:
    queue = Queue(now() - 5000, now() - 5000, now())
    one, _, _ = settling(queue, Asked(m1="w1"))
    await one.step()
    assert queue.verdicts == [Verdict(id=1, provider_id="w1"), Verdict(id=2, absent=True)]
    assert list(queue.uncertain) == [3], "its request may still be on its way"


@virtual
async def test_a_network_that_cannot_be_asked_is_waited_for() -> None:
    queue = Queue(now())
    one, _, tenure = settling(queue, FakeSession())
    task = asyncio.create_task(one.run())
    await asyncio.sleep(599)
    one.wake.set()
    await asyncio.sleep(0)
    assert queue.verdicts == []
    await asyncio.sleep(2)
    one.wake.set()
    await asyncio.sleep(0.01)
    assert queue.verdicts == [Verdict(id=1)]
    tenure.stop()
    await asyncio.wait_for(task, 5)


@virtual
async def test_a_failed_look_up_settles_nothing() -> None:
    queue = Queue(now() - 5000)
    session = Asked(m1="w1")
    session.failing = True
    one, _, _ = settling(queue, session)
    await one.step()
    assert queue.verdicts == []
    session.failing = False
    await one.step()
    assert queue.verdicts == [Verdict(id=1, provider_id="w1")]


@virtual
async def test_nothing_is_settled_without_connection_or_lease() -> None:
    queue = Queue(now() - 5000)
    one, connection, _ = settling(queue, Asked(m1="w1"), lease=6)
    connection.is_up = False
    await one.step()
    connection.is_up = True
    virtual_loop().stall(7)
    await one.step()
    assert queue.verdicts == []
