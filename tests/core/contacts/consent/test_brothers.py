"""Further instances of what the field's reports showed about refusals, found by ourselves."""

from __future__ import annotations

import io
import itertools
from typing import Any

import pytest

from jackfield.core import Core
from jackfield.core.campaigns import BulkMessage
from jackfield.core.contacts.consent.keywords import Keywords
from jackfield.core.contacts.people.phones import Phone, normalise
from jackfield.core.models import Channel
from jackfield.core.port import Incoming
from jackfield.core.port.content import ButtonReply, Image, ListReply, Text
from jackfield.db.base import now_ms

KEYWORDS = Keywords({})
_ids = itertools.count(1)


@pytest.mark.parametrize(
    "written",
    [
        "Stop it", "🅢🅣🅞🅟", "🆂🆃🅾🅿 🙏", "St0p", "ЅТОР", "CTOП", "STOP - unsubscribe", "stop/unsubscribe!",
        "Stop, unsubscribe me, please", "s\u0336t\u0336o\u0336p\u0336", "UNSUBSCRIBE ALL", "désabonnez-moi svp",
        "Keine Werbung mehr, danke", "הסר אותי בבקשה", "ยกเลิกครับ", "หยุด ค่ะ", "配信停止してください", "수신 거부 해주세요",
        "itigil po", "stop ya", "stop dong 🙏", "Отпишись!", "не писать", "बन्द करें", "拒收。",
        "não quero mais", "No más mensajes", "İPTAL ET", "listeden çıkar lütfen", "ΑΚΥΡΩΣΗ", "nao quero mais receber",
    ],
)  # fmt: skip
def test_further_dresses_of_a_refusal_are_understood(written: str) -> None:
    meant = KEYWORDS.meaning_of(written)
    assert meant is not None
    assert meant[0] == "stop"


@pytest.mark.parametrize(
    "written",
    [
        "don't stop", "Don’t stop!", "never stop", "stop start", "start stop", "stop or start", "no stop", "Stop loss",
        "stop at 5", "bitte nicht stoppen", "ne pas arrêter", "não parar", "لا تتوقف", "别停止", "не стоп", "basta così?",
        "cancel order 55", "stop 2 please", "ya", "na", "dur bakalım", "please", "10", "0 1 3",
    ],
)  # fmt: skip
def test_further_sentences_that_merely_contain_a_word_stay_messages(written: str) -> None:
    assert KEYWORDS.meaning_of(written) is None


async def say(core: Core, channel: Channel, content: Any, sender: str, **fields: Any) -> None:
    message = Incoming(
        provider_id=f"b-{next(_ids)}", chat=sender, sender=sender, content=content, timestamp=now_ms(), **fields
    )
    await core.intake.ingest(channel.id, channel.workspace_id, channel.engine, [message])


@pytest.mark.parametrize(
    "content",
    [
        ListReply(id="9", title="Unsubscribe"),
        ButtonReply(id="STOP_PROMOTIONS", title="Stop promotions"),
        ButtonReply(id="x", title="🛑 Abmelden"),
        Image(media_id="m", caption="STOP please"),
    ],
    ids=["list", "meta's own button", "dressed", "under a picture"],
)
async def test_a_choice_that_says_stop_is_a_refusal_whatever_it_was_chosen_from(
    core: Core, workspace: int, content: Any
) -> None:
    channel = await core.channels.create(workspace, name="One")
    await say(core, channel, content, "628111111111")
    made = await core.contacts.find(workspace, "phone", "628111111111")
    assert made is not None
    assert made.optin is False


@pytest.mark.parametrize(
    ("known", "imported"),
    [
        ("551187654321", "+55 11 98765-4321"),
        ("5215512345678", "+52 55 1234 5678"),
        ("525512345678", "521 55 1234 5678"),
        ("541123456789", "+54 9 11 2345-6789"),
    ],
)
async def test_a_file_that_spells_the_number_otherwise_makes_nobody_new(
    core: Core, workspace: int, known: str, imported: str
) -> None:
    """Neither a second contact nor a campaign for who refused under the network's form."""
    channel = await core.channels.create(workspace, name="One")
    await say(core, channel, Text(text="STOP"), known)
    file = io.BytesIO(f"Name,Phone\nAna,{imported}\n".encode())
    report = await core.contacts.import_file(workspace, file, filename="a.csv")
    assert (report.created, report.merged) == (0, 1)
    digits = normalise(imported, "MX" if known[:2] == "52" else None)
    assert isinstance(digits, Phone)
    peers = [BulkMessage(peer=one, content=Text(text="Sale")) for one in (known, digits.digits)]
    row = await core.campaigns.create_bulk(workspace, channel.id, peers, category="marketing")
    counted = (await core.campaigns.counts(row)).by_state
    assert counted["skipped"] >= 1
    assert counted["queued"] == 0
