"""An owner that stalls past its lease and wakes again: what it knows goes before what others can only guess."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from jackfield.core import Core
from jackfield.core.models import Channel

from .test_ledger import channel, claim, outcome, own, state_of, submission

__all__ = ["channel"]


async def taken_over(core: Core, workspace: int, channel: int) -> tuple[int, int, int]:
    """A message that a stalled owner has in its hands, its token, and that of the owner after it."""
    sent = await core.messages.submit(submission(workspace, channel))
    first = await own(core, channel)
    await claim(core, channel, first)
    async with core.unit() as unit:
        await unit.conn.execute(update(Channel).where(Channel.id == channel).values(lease_until=0))
    second = await own(core, channel, "b")
    assert (await state_of(core, workspace, sent.id)).state == "uncertain"
    return sent.id, first, second


@pytest.mark.parametrize(
    "known",
    [{"free": True}, {"code": "connection"}, {"code": "telegram:429", "due_at": 1}],
    ids=["not handed over", "no connection", "the network took nothing for now"],
)
async def test_what_surely_did_not_go_out_goes_back_at_once(
    core: Core, workspace: int, channel: int, known: dict[str, Any]
) -> None:
    message, first, second = await taken_over(core, workspace, channel)
    assert await outcome(core, channel, first, message, "queued", **known)
    assert (await state_of(core, workspace, message)).state == "queued"
    assert [one.id for one in (await claim(core, channel, second)).messages] == [message], "the new owner sends it now"


async def test_what_was_sent_again_since_is_not_given_back(core: Core, workspace: int, channel: int) -> None:
    message, first, second = await taken_over(core, workspace, channel)
    assert await outcome(core, channel, first, message, "queued", free=True)
    await claim(core, channel, second)
    assert not await outcome(core, channel, first, message, "queued", free=True)
    assert not await outcome(core, channel, first, message, "queued", code="connection")
    assert (await state_of(core, workspace, message)).state == "sending"


async def test_what_may_have_gone_out_stays_uncertain(core: Core, workspace: int, channel: int) -> None:
    message, first, _ = await taken_over(core, workspace, channel)
    assert not await outcome(core, channel, first, message, "uncertain", code="timeout")
    assert (await state_of(core, workspace, message)).state == "uncertain"
