"""The platform's own marketing switch against what a person said: the switch takes back only what the switch did."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from jackfield.core import Core
from jackfield.core.models import Contact, Suppression
from jackfield.core.port import Incoming, MarketingPreference, Report
from jackfield.core.port.content import Text
from jackfield.db.base import now_ms

ANA = "628111222333"


@pytest.fixture
async def channel(core: Core, workspace: int) -> int:
    return (await core.channels.create(workspace, name="Bot", engine="telegram_bot", config={"token": "1:abc"})).id


class Person:
    """What the network reports of one person, and what we then hold of her."""

    def __init__(self, core: Core, workspace: int, channel: int) -> None:
        self.core, self.workspace, self.channel = core, workspace, channel
        self.count = 0

    async def _report(self, report: Report) -> None:
        await self.core.intake.ingest(self.channel, self.workspace, "telegram_bot", [report])

    async def writes(self, text: str) -> None:
        self.count += 1
        await self._report(
            Incoming(
                provider_id=f"m{self.count}",
                chat=ANA,
                sender=ANA,
                content=Text(text=text),
                timestamp=now_ms(),
                identities={"telegram": ANA},
            )
        )

    async def switches(self, on: bool) -> None:
        await self._report(MarketingPreference(identities={"telegram": ANA}, opted_in=on, timestamp=now_ms()))

    async def held(self) -> tuple[bool | None, list[str]]:
        async with self.core.db.read() as session:
            optin = (await session.execute(select(Contact.optin))).scalar_one()
            reasons = list((await session.execute(select(Suppression.reason))).scalars())
        return optin, reasons


@pytest.fixture
def ana(core: Core, workspace: int, channel: int) -> Person:
    return Person(core, workspace, channel)


async def test_the_switch_takes_back_what_the_switch_did(ana: Person) -> None:
    await ana.switches(False)
    assert await ana.held() == (False, ["platform preference"])
    await ana.switches(True)
    assert await ana.held() == (True, [])


async def test_unblocking_does_not_override_a_stop(ana: Person) -> None:
    await ana.writes("STOP")
    await ana.switches(False)
    await ana.switches(True)
    assert await ana.held() == (False, ["keyword 'stop'"])


async def test_a_stop_after_the_switch_outlives_it(ana: Person) -> None:
    await ana.switches(False)
    await ana.writes("stop")
    await ana.switches(True)
    assert await ana.held() == (False, ["keyword 'stop'"])


async def test_who_was_listed_by_hand_stays_listed(ana: Person) -> None:
    await ana.writes("hello")
    await ana.core.contacts.suppressions.add(ana.workspace, ANA, reason="asked on the phone")
    await ana.switches(True)
    optin, reasons = await ana.held()
    assert (optin, reasons) == (None, ["asked on the phone"])


@pytest.mark.parametrize("switched_off", [False, True])
async def test_the_switch_does_not_lift_what_a_form_or_a_colleague_told(
    core: Core, workspace: int, ana: Person, switched_off: bool
) -> None:
    """Unblocking a bot, or resuming offers in the app, is no consent to what was refused elsewhere."""
    await ana.writes("Hello")
    (known,) = (await core.contacts.list(workspace)).items
    await core.contacts.update(workspace, known.id, optin=False)
    if switched_off:
        await ana.switches(False)
    await ana.switches(True)
    assert (await ana.held())[0] is False
