"""A refusal holds for the person: over all identities and merges, by every way in, up to the last moment."""

from __future__ import annotations

import itertools
import os
from random import Random
from typing import Any

import pytest
from sqlalchemy import select, update

from jackfield.core import Core, Forbidden
from jackfield.core.campaigns import BulkMessage
from jackfield.core.campaigns.expand import expand_step
from jackfield.core.contacts.consent.may_send import ConsentQuestion
from jackfield.core.ground.events import load
from jackfield.core.ledger import states
from jackfield.core.ledger.claim import ClaimRequest
from jackfield.core.ledger.submit import Submission
from jackfield.core.models import Event, Message
from jackfield.core.port import Incoming
from jackfield.core.port.content import Text
from jackfield.db.base import now_ms

PHONE, OTHER, BSUID = "447700900801", "447700900802", "GB.7777"
_ids = itertools.count(1)


class House:
    """A workspace with one channel, and what the tests do there."""

    def __init__(self, core: Core, workspace: int, channel: int) -> None:
        self.core, self.workspace, self.channel = core, workspace, channel
        self.token = 0

    async def contact(self, phone: str = PHONE, **fields: Any) -> int:
        return (await self.core.contacts.create(self.workspace, phone=phone, on_duplicate="merge", **fields)).id

    async def says(self, text: str, sender: str, **identities: str) -> None:
        message = Incoming(
            provider_id=f"in-{next(_ids)}",
            chat=sender,
            sender=sender,
            content=Text(text=text),
            timestamp=now_ms(),
            identities=identities,
        )
        await self.core.intake.ingest(self.channel, self.workspace, "simulator", [message])

    async def single(self, peer: str = PHONE, category: str = "marketing", **fields: Any) -> int:
        item = Submission(
            workspace_id=self.workspace,
            channel_id=self.channel,
            peer=peer,
            content=Text(text="offer"),
            category=category,
            **fields,
        )
        return (await self.core.messages.submit(item)).id

    async def bulk(self, *peers: str, category: str = "marketing") -> list[tuple[str, str | None]]:
        messages = [BulkMessage(peer=peer, content=Text(text="offer")) for peer in peers]
        row = await self.core.campaigns.create_bulk(self.workspace, self.channel, messages, category=category)
        return await self.rows(row.id)

    async def campaign(self) -> int:
        row = await self.core.campaigns.create(self.workspace, self.channel, name="All", content=Text(text="offer"))
        return row.id

    async def expand(self, campaign: int) -> None:
        async with self.core.unit() as unit:
            await expand_step(unit, self.core.networks, campaign)

    async def rows(self, campaign: int) -> list[tuple[str, str | None]]:
        async with self.core.db.read() as session:
            query = select(Message.state, Message.error_code).where(Message.campaign_id == campaign)
            return [(row[0], row[1]) for row in await session.execute(query.order_by(Message.id))]

    async def found(self, address: str) -> int:
        """The contact behind an address, in whatever spelling."""
        if not address.startswith("GB.") and (
            contact := await self.core.contacts.find(self.workspace, "phone", address)
        ):
            return contact.id
        if address.startswith("GB."):
            contact = await self.core.contacts.find(self.workspace, "bsuid", address)
        else:
            other = address[:4] + address[5:] if len(address) == 13 else address[:4] + "9" + address[4:]
            contact = await self.core.contacts.find(self.workspace, "phone", other)
        assert contact is not None, address
        return contact.id

    async def time_passes(self) -> None:
        """What is scheduled becomes due."""
        async with self.core.unit() as unit:
            await unit.conn.execute(
                update(Message).where(Message.state == states.SCHEDULED).values(due_at=now_ms() - 1)
            )
        await self.core.queue.release_due()

    async def claim(self) -> list[Any]:
        if not self.token:
            lease = await self.core.leases.acquire(self.channel)
            assert lease is not None
            self.token = lease.token
        claimed = []
        while True:
            got = await self.core.queue.claim(ClaimRequest(channel_id=self.channel, token=self.token, limit=100))
            claimed.extend(got.messages)
            if not got.messages:
                return claimed


@pytest.fixture
async def house(core: Core, workspace: int) -> House:
    return House(core, workspace, (await core.channels.create(workspace, name="One")).id)


@pytest.mark.parametrize("refusal", ["optin", "suppressed", "blocked"])
async def test_bulk_skips_who_refused_with_the_reason(house: House, refusal: str) -> None:
    await house.contact(
        **({"optin": False} if refusal == "optin" else {"blocked": True} if refusal == "blocked" else {})
    )
    if refusal == "suppressed":
        await house.core.contacts.suppressions.add(house.workspace, PHONE)
    code = {"optin": "opted_out"}.get(refusal, refusal)
    assert await house.bulk(PHONE, OTHER) == [(states.SKIPPED, code), (states.QUEUED, None)]
    assert await house.bulk(PHONE, category="utility") == [(states.QUEUED, None)]


async def test_single_marketing_is_refused_in_words_and_leaves_no_row(house: House) -> None:
    await house.contact(optin=False)
    with pytest.raises(Forbidden, match="opted out of marketing") as caught:
        await house.single()
    assert caught.value.code == "SKIPPED"
    assert caught.value.details == {"reason": "opted_out"}
    for category in ("service", "utility", "authentication"):
        assert await house.single(category=category)


async def test_stop_under_a_user_id_holds_for_the_phone(house: House) -> None:
    await house.contact(identities={"bsuid": BSUID})
    await house.says("Stop\u200e", BSUID, bsuid=BSUID)
    assert await house.bulk(PHONE, BSUID) == [(states.SKIPPED, "opted_out")] * 2


async def test_a_listed_address_holds_for_the_persons_other_number(house: House) -> None:
    await house.core.contacts.suppressions.add(house.workspace, PHONE)
    await house.contact(identities={"phone": [OTHER]})
    assert await house.bulk(OTHER) == [(states.SKIPPED, "suppressed")]


@pytest.mark.parametrize(
    ("kept", "listed"),
    [("5511987654321", "551187654321"), ("525512345678", "5215512345678"), ("5491123456789", "541123456789")],
    ids=["Brazil", "Mexico", "Argentina"],
)
async def test_a_number_listed_in_its_other_spelling_holds_for_the_persons_other_identities(
    house: House, kept: str, listed: str
) -> None:
    await house.contact(kept, identities={"phone": [OTHER], "bsuid": BSUID})
    await house.core.contacts.suppressions.add(house.workspace, listed)
    assert await house.bulk(kept, listed, OTHER, BSUID) == [(states.SKIPPED, "suppressed")] * 4
    campaign = await house.campaign()
    await house.expand(campaign)
    assert [state for state, _ in await house.rows(campaign)] == [states.SKIPPED]


async def test_a_listed_linked_id_holds_for_the_phone(house: House) -> None:
    await house.contact(identities={"lid": "99887766554433"})
    await house.core.contacts.suppressions.add(house.workspace, "99887766554433@lid")
    assert await house.bulk(PHONE) == [(states.SKIPPED, "suppressed")]


async def test_a_refusal_survives_a_merge_and_tells_its_source(house: House) -> None:
    winner = await house.contact()
    loser = await house.contact(OTHER)
    await house.says("*STOP*", OTHER)
    await house.core.contacts.merge(house.workspace, winner, loser)
    assert await house.bulk(PHONE, OTHER) == [(states.SKIPPED, "opted_out")] * 2
    refusal = (await house.core.contacts.get(house.workspace, winner)).refusal
    assert refusal is not None
    assert refusal.source == "keyword 'stop'"
    assert refusal.at > 0


async def test_start_under_one_identity_lifts_stop_under_another(house: House) -> None:
    contact = await house.contact(identities={"bsuid": BSUID})
    await house.says("stop", PHONE)
    await house.says("start", BSUID, bsuid=BSUID)
    assert await house.bulk(PHONE, BSUID) == [(states.QUEUED, None)] * 2
    assert (await house.core.contacts.get(house.workspace, contact)).refusal is None


async def test_a_deleted_contacts_refusal_stays(house: House) -> None:
    contact = await house.contact(optin=False)
    await house.core.contacts.delete(house.workspace, contact)
    await house.contact()
    assert await house.bulk(PHONE) == [(states.SKIPPED, "suppressed")]


async def test_a_refusal_after_submission_holds_at_the_claim(house: House) -> None:
    single = await house.single()
    service = await house.single(category="service")
    await house.bulk(PHONE)
    await house.says("stop", PHONE)
    assert [one.id for one in await house.claim()] == [service]
    row = await house.core.messages.get(house.workspace, single)
    assert (row.state, row.error_code) == (states.SKIPPED, "opted_out")
    async with house.core.db.read() as session:
        told = (await session.scalars(select(Event.data).where(Event.type == "message.skipped"))).all()
    found = [load("message.skipped", one) for one in told]
    assert sorted((one.id, one.peer, one.code) for one in found)[0] == (single, PHONE, "opted_out")  # type: ignore[attr-defined]
    assert len(found) == 2, "the single message and the campaign's, the service message not"


async def test_two_who_turn_out_to_be_one_get_a_campaign_once(house: House) -> None:
    first, second = await house.contact(), await house.contact(OTHER)
    campaign = await house.campaign()
    await house.expand(campaign)
    await house.core.contacts.merge(house.workspace, second, first)
    assert len(await house.claim()) == 1
    assert sorted(await house.rows(campaign), key=str) == [(states.SENDING, None), (states.SKIPPED, "duplicate")]


async def test_the_question_can_be_asked_of_one(house: House) -> None:
    await house.contact(optin=False)
    asked = ConsentQuestion(workspace_id=house.workspace, channel_id=house.channel, peer=PHONE, category="marketing")
    async with house.core.db.read() as session:
        assert not await house.core.consent.may_send(session, asked)


@pytest.mark.slow
async def test_random_people_and_sends_never_break_a_refusal(house: House) -> None:
    """People with several identities and spellings that meet, refuse and agree in any order, between sends by all ways
    in: single, scheduled, bulk, campaigns, campaigns triggered by the API."""
    rounds = 40 if os.environ.get("JACKFIELD_CHAOS") else 4
    random = Random(20261127)
    refused: set[str] = set()
    same: dict[str, set[str]] = {}
    triggered = await house.core.campaigns.create(
        house.workspace, house.channel, name="Welcome", content=Text(text="offer"), kind="api", category="marketing"
    )
    for round_ in range(rounds):
        # A person has one or two addresses from the start: a number, a user id, or a number in its two spellings.
        people: list[tuple[str, ...]] = [
            *((f"4477{round_:03}{i:05}",) for i in range(5)),
            *((f"4478{round_:03}{i:05}", f"GB.{round_:03}{i:05}") for i in range(2)),
            *((f"5511987{round_:03}{i:03}", f"551187{round_:03}{i:03}") for i in range(2)),
        ]
        for first, *further in people:
            optin = random.choice((None, None, True, False))
            user_id = {"identities": {"bsuid": further[0]}} if further and further[0][0] == "G" else {}
            await house.contact(first, optin=optin, **user_id)
            for address in (first, *further):
                same[address] = {first, *further}
            refused |= same[first] if optin is False else set()
        addresses = [address for one in people for address in one]
        campaign = await house.campaign()
        for _ in range(24):
            one, two = random.sample(addresses, 2)
            match random.choice(("stop", "start", "merge", "bulk", "single", "expand", "later", "list", "api")):
                case "stop":
                    word = random.choice(("STOP", "Parar!", "*стоп*", "退订", "Stop. Thank you"))
                    await house.says(word, one, **identities_of(one))
                    refused |= same[one]
                case "start":
                    await house.says("Start", one, **identities_of(one))
                    refused -= same[one]
                case "list":
                    await house.core.contacts.suppressions.add(house.workspace, one)
                    refused |= same[one]
                case "merge" if one not in same[two]:
                    ids = [await house.found(address) for address in (one, two)]
                    await house.core.contacts.merge(house.workspace, ids[0], ids[1])
                    joined = same[one] | same[two]
                    refused |= joined if refused & joined else set()
                    for address in joined:
                        same[address] = joined
                case "bulk":
                    await house.bulk(*addresses)
                case "expand":
                    await house.expand(campaign)
                case "single" | "later" | "api" as way:
                    due = {"due_at": now_ms() + 3_600_000} if way == "later" else {}
                    try:
                        if way == "api":
                            whom = await house.core.contacts.get(house.workspace, await house.found(one))
                            await house.core.campaigns.trigger(triggered, whom, Text(text="offer"))
                        else:
                            await house.single(one, **due)
                    except Forbidden:
                        assert one in refused, (way, one)
                    else:
                        assert one not in refused, (way, one)
        await house.expand(campaign)
        await house.time_passes()
        claimed = await house.claim()
        assert not {message.peer for message in claimed} & refused
        reached = [frozenset(same[message.peer]) for message in claimed if message.campaign_id == campaign]
        assert len(reached) == len(set(reached))


def identities_of(address: str) -> dict[str, str]:
    """What a network tells of who writes from an address."""
    return {"bsuid": address} if address.startswith("GB.") else {}
