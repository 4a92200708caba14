"""The ledger: submissions, idempotency, claims under a token, outcomes, statuses in any order, settling."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select, update

from jackfield.core import Core
from jackfield.core.campaigns import BulkMessage
from jackfield.core.channels.lease import acquire, release, renew
from jackfield.core.ground.errors import Conflict, NotFound
from jackfield.core.ledger.claim import ClaimRequest, claim_batch
from jackfield.core.ledger.record import Outcome, StatusItem, record_batch, status_batch
from jackfield.core.ledger.settle import Verdict, find_uncertain, settle
from jackfield.core.ledger.submit import Submission
from jackfield.core.models import Chat, Contact, Event, Message
from jackfield.core.port import Incoming, Status
from jackfield.core.port.content import Text
from jackfield.db.base import now_ms


@pytest.fixture
async def channel(core: Core, workspace: int) -> int:
    return (await core.channels.create(workspace, name="One")).id


def submission(workspace: int, channel: int, to: str = "628111111111", **fields: Any) -> Submission:
    return Submission(
        workspace_id=workspace, channel_id=channel, peer=to, content=Text(text=fields.pop("text", "hi")), **fields
    )


async def claim(core: Core, channel: int, token: int, limit: int = 100) -> Any:
    return await core.writer.submit(claim_batch, ClaimRequest(channel_id=channel, token=token, limit=limit))


async def own(core: Core, channel: int, owner: str = "a") -> int:
    async with core.unit() as unit:
        lease = await acquire(unit, channel, owner, 60)
    assert lease is not None
    return lease.token


async def outcome(core: Core, channel: int, token: int, id_: int, state: str, **fields: Any) -> bool:
    return bool(
        await core.writer.submit(
            record_batch,
            Outcome(id=id_, channel_id=channel, token=token, state=state, at=now_ms(), **fields),
        )
    )


async def status(core: Core, channel: int, provider_id: str, state: str, **fields: Any) -> bool:
    report = Status(provider_id=provider_id, state=state, timestamp=now_ms(), **fields)
    return bool(await core.writer.submit(status_batch, StatusItem(channel_id=channel, status=report)))


async def state_of(core: Core, workspace: int, message: int) -> Message:
    return await core.messages.get(workspace, message)


async def test_concurrent_submissions_share_transactions(core: Core, workspace: int, channel: int) -> None:
    before = core.writer.batches
    answers = await asyncio.gather(
        *(core.messages.submit(submission(workspace, channel, f"62811{i:07d}")) for i in range(500))
    )
    assert len({one.id for one in answers}) == 500
    assert core.writer.batches - before <= 20, "hundreds of submissions take a handful of commits"


async def test_one_bad_submission_fails_alone(core: Core, workspace: int, channel: int) -> None:
    items = [submission(workspace, channel, f"62811{i:07d}") for i in range(20)]
    items[7].channel_id = 999_999
    answers = await asyncio.gather(*(core.messages.submit(item) for item in items), return_exceptions=True)
    assert [i for i, one in enumerate(answers) if isinstance(one, BaseException)] == [7]
    async with core.db.read() as session:
        assert (await session.execute(select(func.count()).select_from(Message))).scalar_one() == 19


async def test_a_repeat_gets_the_first_answer(core: Core, workspace: int, channel: int) -> None:
    item = submission(workspace, channel, idempotency_key="order-7", fingerprint="f1")
    first = await core.messages.submit(item)
    again = await core.messages.submit(item)
    assert (again.id, again.created_at, again.repeated) == (first.id, first.created_at, True)
    with pytest.raises(Conflict) as other:
        await core.messages.submit(submission(workspace, channel, idempotency_key="order-7", fingerprint="f2"))
    assert other.value.code == "IDEMPOTENCY_KEY_REUSED"
    twins = await asyncio.gather(
        *(
            core.messages.submit(submission(workspace, channel, idempotency_key="order-8", fingerprint="f"))
            for _ in range(20)
        )
    )
    assert len({one.id for one in twins}) == 1, "twenty equal requests at once make one message"


async def test_a_chat_never_goes_back_in_time(core: Core, workspace: int, channel: int) -> None:
    await core.messages.submit(submission(workspace, channel))
    ahead = now_ms() + 60_000
    async with core.unit() as unit:
        await unit.conn.execute(update(Chat).values(last_at=ahead, archived=True))
    second = await core.messages.submit(submission(workspace, channel))
    async with core.db.read() as session:
        chat = (await session.execute(select(Chat))).scalar_one()
    assert (chat.last_at, chat.last_message_id, chat.archived) == (ahead, second.id, False)
    async with core.unit() as unit:
        await unit.conn.execute(update(Chat).values(last_at=1, last_message_id=None))
    third = await core.messages.submit(submission(workspace, channel))
    async with core.db.read() as session:
        chat = (await session.execute(select(Chat))).scalar_one()
    assert (chat.last_at > 1, chat.last_message_id) == (True, third.id)


async def test_only_the_owner_claims(core: Core, workspace: int, channel: int) -> None:
    await core.messages.submit(submission(workspace, channel))
    token = await own(core, channel)
    async with core.unit() as unit:
        assert await acquire(unit, channel, "b", 60) is None, "held by another"
    assert (await claim(core, channel, token - 1)).lost
    claimed = await claim(core, channel, token)
    assert len(claimed.messages) == 1
    assert claimed.messages[0].attempts == 1
    assert not (await claim(core, channel, token)).messages, "what is claimed is not claimed again"


async def test_a_new_owner_finds_what_was_in_flight_uncertain(core: Core, workspace: int, channel: int) -> None:
    accepted = await core.messages.submit(submission(workspace, channel))
    token = await own(core, channel)
    await claim(core, channel, token)
    async with core.unit() as unit:
        await release(unit, channel, token)
    other = await own(core, channel, "b")
    assert other == token + 1
    row = await state_of(core, workspace, accepted.id)
    assert (row.state, row.uncertain_at is not None) == ("uncertain", True)
    # The old owner comes back: a guess is not believed, a fact is.
    assert not await outcome(core, channel, token, accepted.id, "uncertain")
    assert await outcome(core, channel, token, accepted.id, "sent", provider_id="wamid.1")
    assert (await state_of(core, workspace, accepted.id)).state == "sent"
    async with core.unit() as unit:
        assert await renew(unit, "a", {channel: token}, 60) == {}
        assert channel in await renew(unit, "b", {channel: other}, 60)


async def test_statuses_in_any_order_never_go_back(core: Core, workspace: int, channel: int) -> None:
    accepted = await core.messages.submit(submission(workspace, channel))
    token = await own(core, channel)
    await claim(core, channel, token)
    # The delivery report overtakes the answer to the send: it carries our id.
    assert await status(core, channel, "wamid.9", "delivered", ref=str(accepted.id))
    assert await outcome(core, channel, token, accepted.id, "sent", provider_id="wamid.9")
    row = await state_of(core, workspace, accepted.id)
    assert (row.state, row.provider_id) == ("delivered", "wamid.9")
    assert row.sent_at is not None
    assert await status(core, channel, "wamid.9", "read")
    assert not await status(core, channel, "wamid.9", "read"), "a duplicate changes nothing"
    assert not await status(core, channel, "wamid.9", "delivered")
    assert not await status(core, channel, "wamid.9", "failed", code="131026", message="Undeliverable")
    assert (await state_of(core, workspace, accepted.id)).state == "read"
    async with core.db.read() as session:
        types = list((await session.execute(select(Event.type).order_by(Event.id))).scalars())
    assert types == ["message.queued", "chat.updated", "message.delivered", "message.read"]


async def test_delivered_can_follow_failed(core: Core, workspace: int, channel: int) -> None:
    accepted = await core.messages.submit(submission(workspace, channel))
    token = await own(core, channel)
    await claim(core, channel, token)
    await outcome(core, channel, token, accepted.id, "sent", provider_id="w")
    assert await status(core, channel, "w", "failed", code="131026", message="Undeliverable")
    row = await state_of(core, workspace, accepted.id)
    assert (row.state, row.error_code) == ("failed", "131026")
    assert await status(core, channel, "w", "delivered")
    row = await state_of(core, workspace, accepted.id)
    assert (row.state, row.error_code) == ("delivered", None)


async def test_settling(core: Core, workspace: int, channel: int) -> None:
    ids = {}
    for name, category in (("found", "marketing"), ("absent", "marketing"), ("ad", "marketing"), ("code", "utility")):
        ids[name] = (
            await core.messages.submit(submission(workspace, channel, f"6281{len(ids)}000000", category=category))
        ).id
    token = await own(core, channel)
    await claim(core, channel, token)
    for id_ in ids.values():
        await outcome(core, channel, token, id_, "uncertain", code="timeout", message="no answer")
    async with core.db.read() as session:
        assert len(await find_uncertain(session, channel, now_ms())) == 4
    verdicts = [
        Verdict(id=ids["found"], provider_id="w1"),
        Verdict(id=ids["absent"], absent=True),
        Verdict(id=ids["ad"]),
        Verdict(id=ids["code"]),
    ]
    async with core.unit() as unit:
        assert await settle(unit, channel, verdicts) == 4
    rows = {name: await state_of(core, workspace, id_) for name, id_ in ids.items()}
    assert {name: row.state for name, row in rows.items()} == {
        "found": "sent",
        "absent": "queued",
        "ad": "failed",
        "code": "queued",
    }
    assert rows["ad"].error_code == "outcome_unknown"
    # The one that was sent once more is not sent a third time.
    await claim(core, channel, token)
    await outcome(core, channel, token, ids["code"], "uncertain", code="timeout", message="no answer")
    async with core.unit() as unit:
        await settle(unit, channel, [Verdict(id=ids["code"])])
    assert (await state_of(core, workspace, ids["code"])).state == "failed"
    assert all(row.uncertain_at is not None for row in rows.values()), "it stays on record that the outcome was unknown"


async def test_replies_go_before_campaigns(core: Core, workspace: int, channel: int) -> None:
    await core.campaigns.create_bulk(
        workspace, channel, [BulkMessage(peer=f"62811{i:07d}", content=Text(text="ad")) for i in range(50)]
    )
    reply = await core.messages.submit(submission(workspace, channel))
    token = await own(core, channel)
    claimed = (await claim(core, channel, token, 5)).messages
    assert claimed[0].id == reply.id


async def test_campaigns_share_fairly(core: Core, workspace: int, channel: int) -> None:
    big = await core.campaigns.create_bulk(
        workspace, channel, [BulkMessage(peer=f"62811{i:07d}", content=Text(text="big")) for i in range(200)]
    )
    small = await core.campaigns.create_bulk(
        workspace, channel, [BulkMessage(peer=f"62812{i:07d}", content=Text(text="small")) for i in range(10)]
    )
    token = await own(core, channel)
    claimed = (await claim(core, channel, token, 20)).messages
    by_campaign = {one.campaign_id for one in claimed}
    assert by_campaign == {big.id, small.id}


async def test_cancel(core: Core, workspace: int, channel: int) -> None:
    accepted = await core.messages.submit(submission(workspace, channel, due_at=now_ms() + 60_000))
    assert accepted.state == "scheduled"
    assert (await core.messages.cancel(workspace, accepted.id)).state == "cancelled"
    with pytest.raises(Conflict):
        await core.messages.cancel(workspace, accepted.id)
    with pytest.raises(NotFound):
        await core.messages.cancel(workspace + 1, accepted.id)


def incoming(provider_id: str, **fields: Any) -> Incoming:
    chosen = {"chat": "628222", "sender": "628222", "sender_name": "Ana", "timestamp": now_ms(), **fields}
    return Incoming(provider_id=provider_id, content=Text(text=chosen.pop("text", "hello")), **chosen)


async def test_incoming_once_and_in_order(core: Core, workspace: int, channel: int) -> None:
    reports = [incoming("m1"), incoming("m2"), incoming("m1"), incoming("m3")]
    await core.intake.ingest(channel, workspace, "simulator", reports)
    await core.intake.ingest(channel, workspace, "simulator", reports)
    page = await core.chats.chats(workspace)
    (view,) = page.items
    assert view.chat.unread == 3
    assert view.contact is not None
    assert view.contact.name == "Ana"
    assert view.chat.window_until > now_ms() + 23 * 3600 * 1000
    history = (await core.chats.history(workspace, channel, "628222")).items
    assert [row.provider_id for row in history] == ["m3", "m2", "m1"]
    async with core.db.read() as session:
        types = list((await session.execute(select(Event.type).order_by(Event.id))).scalars())
    # The chat is told as it stands after the whole batch; a redelivery is no news.
    assert types == ["contact.created", "chat.updated", "message.received", "message.received", "message.received"]


async def test_first_messages_at_once_make_one_chat(core: Core, workspace: int, channel: int) -> None:
    await asyncio.gather(*(core.intake.ingest(channel, workspace, "simulator", [incoming(f"a{i}")]) for i in range(30)))
    async with core.db.read() as session:
        assert (await session.execute(select(func.count()).select_from(Chat))).scalar_one() == 1
        assert (await session.execute(select(func.count()).select_from(Contact))).scalar_one() == 1
        assert (await session.execute(select(func.count()).select_from(Message))).scalar_one() == 30


async def test_identities_that_meet_become_one_contact(core: Core, workspace: int, channel: int) -> None:
    await core.intake.ingest(channel, workspace, "simulator", [incoming("p", identities={"phone": "628222"})])
    await core.intake.ingest(
        channel, workspace, "simulator", [incoming("l", chat="77@lid", sender="77@lid", identities={"lid": "77"})]
    )
    async with core.db.read() as session:
        assert (await session.execute(select(func.count()).select_from(Contact))).scalar_one() == 2
    await core.intake.ingest(
        channel, workspace, "simulator", [incoming("b", identities={"phone": "628222", "lid": "77"})]
    )
    async with core.db.read() as session:
        (contact,) = (await session.execute(select(Contact))).scalars()
        messages = list((await session.execute(select(Message.contact_id))).scalars())
    assert messages == [contact.id] * 3


async def test_stop_means_stop(core: Core, workspace: int, channel: int) -> None:
    await core.intake.ingest(channel, workspace, "simulator", [incoming("s", text=" Stop. ")])
    async with core.db.read() as session:
        (contact,) = (await session.execute(select(Contact))).scalars()
    assert contact.optin is False
    campaign = await core.campaigns.create(workspace, channel, name="Ad", content=Text(text="Buy, {name}"))
    from jackfield.core.campaigns.expand import expand_step

    async with core.unit() as unit:
        await expand_step(unit, core.networks, campaign.id)
    counts = await core.campaigns.counts(campaign)
    assert (counts.by_state["skipped"], counts.total) == (1, 1)


async def test_a_blocked_contact_stays_out_of_the_inbox(core: Core, workspace: int, channel: int) -> None:
    await core.intake.ingest(channel, workspace, "simulator", [incoming("1")])
    async with core.unit() as unit:
        (contact,) = (await unit.session.execute(select(Contact))).scalars()
        contact.blocked = True
    await core.intake.ingest(channel, workspace, "simulator", [incoming("2")])
    (view,) = (await core.chats.chats(workspace)).items
    assert view.chat.unread == 1
    async with core.db.read() as session:
        received = await session.execute(
            select(func.count()).select_from(Event).where(Event.type == "message.received")
        )
        assert received.scalar_one() == 1


async def test_a_campaign_with_a_pause_is_claimed_a_little_ahead(core: Core, workspace: int, channel: int) -> None:
    people = [BulkMessage(peer=f"62899000{n:03}", content=Text(text="x")) for n in range(100)]
    row = await core.campaigns.create_bulk(workspace, channel, people, delay_ms=2)
    token = await own(core, channel)

    async def ahead(held: int) -> Any:
        request = ClaimRequest(channel_id=channel, token=token, limit=100, held={row.id: held}, ahead=100)
        return await core.queue.claim(request)

    first = await ahead(0)
    assert len(first.messages) == 50, "the messages of the next tenth of a second"
    assert set(first.pauses.values()) == {2}
    busy = await ahead(now_ms() + 60_000)
    assert busy.messages == [], "their time has not come"
    assert busy.next_due > now_ms() + 30_000
    second = await ahead(now_ms())
    assert [one.id for one in second.messages] == [
        one + len(first.messages) for one in (found.id for found in first.messages[: len(second.messages)])
    ]
