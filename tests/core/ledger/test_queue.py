"""The queue as the owner of a channel sees it: claims and outcomes, what is scheduled, what went out today."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from jackfield.core import Core
from jackfield.core.ledger import queue
from jackfield.core.ledger.claim import ClaimRequest
from jackfield.core.ledger.record import Outcome
from jackfield.core.ledger.settle import Verdict
from jackfield.core.models import Message
from jackfield.db.base import now_ms

from .test_ledger import channel, own, state_of, submission

__all__ = ["channel"]


async def claimed(core: Core, channel: int, token: int) -> list[int]:
    claim = await core.queue.claim(ClaimRequest(channel_id=channel, token=token, limit=10))
    return [one.id for one in claim.messages]


def result(channel: int, token: int, id_: int, state: str, **fields: str) -> Outcome:
    return Outcome(id=id_, channel_id=channel, token=token, state=state, at=now_ms(), **fields)  # type: ignore[arg-type]


async def test_what_is_claimed_and_recorded_counts_for_today(core: Core, workspace: int, channel: int) -> None:
    sent, waiting = [(await core.messages.submit(submission(workspace, channel, f"62811{n}"))).id for n in (1, 2)]
    token = await own(core, channel)
    assert await claimed(core, channel, token) == [sent, waiting]
    assert await core.queue.sent_today(channel) == 0
    assert await core.queue.record(result(channel, token, sent, "sent", provider_id="w1"))
    assert not await core.queue.record(result(channel, token - 1, waiting, "uncertain")), "an old owner only guesses"
    assert await core.queue.sent_today(channel) == 1
    yesterday = now_ms() - 2 * queue.DAY_MS
    async with core.unit() as unit:
        await unit.conn.execute(update(Message).where(Message.id == sent).values(sent_at=yesterday))
    assert await core.queue.sent_today(channel) == 0


async def test_what_is_uncertain_is_found_after_its_time_and_settled(core: Core, workspace: int, channel: int) -> None:
    known, unknown = [(await core.messages.submit(submission(workspace, channel, f"62811{n}"))).id for n in (1, 2)]
    token = await own(core, channel)
    await claimed(core, channel, token)
    for id_ in (known, unknown):
        assert await core.queue.record(result(channel, token, id_, "uncertain", code="timeout"))
    assert await core.queue.find_uncertain(channel, now_ms() - 60_000) == []
    assert [one.id for one in await core.queue.find_uncertain(channel, now_ms())] == [known, unknown]
    verdicts = [Verdict(id=known, provider_id="w1"), Verdict(id=unknown, absent=True)]
    assert await core.queue.settle(channel, verdicts) == 2
    assert await core.queue.settle(channel, verdicts) == 0, "once"
    assert [(await state_of(core, workspace, id_)).state for id_ in (known, unknown)] == ["sent", "queued"]


async def test_what_is_due_is_released_and_the_next_time_told(
    core: Core, workspace: int, channel: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await core.queue.release_due() is None
    monkeypatch.setattr(queue, "RELEASE_CHUNK", 2)
    later = now_ms() + 3_600_000
    ids = [
        (await core.messages.submit(submission(workspace, channel, f"62811{n}", due_at=later + n))).id for n in range(4)
    ]
    assert await core.queue.release_due() == later
    async with core.unit() as unit:
        await unit.conn.execute(update(Message).where(Message.id.in_(ids[:3])).values(due_at=now_ms() - 1))
    assert await core.queue.release_due() == later + 3, "more than one statement takes"
    states = [(await state_of(core, workspace, id_)).state for id_ in ids]
    assert states == ["queued", "queued", "queued", "scheduled"]


async def test_a_claim_that_its_owner_never_heard_of_goes_back(core: Core, workspace: int, channel: int) -> None:
    unheard, held = [(await core.messages.submit(submission(workspace, channel, f"62811{n}"))).id for n in (1, 2)]
    token = await own(core, channel)
    assert await claimed(core, channel, token) == [unheard, held]
    assert await core.queue.put_back(channel, token - 1, {held}) == 0, "another owner's claims are not ours to judge"
    assert await core.queue.put_back(channel, token, {held}) == 1
    found = [await state_of(core, workspace, id_) for id_ in (unheard, held)]
    assert [one.state for one in found] == ["queued", "sending"]
    assert found[0].attempts == 0, "nothing was attempted"
    assert await claimed(core, channel, token) == [unheard]
