"""Further instances of what the field's reports showed about refusals, found by ourselves."""

from __future__ import annotations

import io
import itertools
from typing import Any

import pytest
from sqlalchemy import func, select

from jackfield.core import Core
from jackfield.core.campaigns import BulkMessage
from jackfield.core.contacts.consent.keywords import STOP_REPLY_KEY, Keywords
from jackfield.core.contacts.people.phones import Phone, normalise
from jackfield.core.models import Channel, Message
from jackfield.core.port import Incoming, MessageEdited
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
        "Un-subscribe", "un subscribe please", "un sub-scribe me", "S T O P please", "please: s t o p", "С Т О П", "с.т.о.п.",
        "退 订", "ה ס ר", "ス ト ッ プ", "수신거부해주세요", "ق ف", "stop!!!", "STOP.", "stop…", "'stop'", "„Stop“", "«СТОП»",
        "[STOP]",
        "> stop", "#stop", "-STOP-", "\"STOP\" please", "stoppp", "STOOOOP!!", "no moreeee", "Hi, stop", "ok stop",
        "hello, unsubscribe me please", "Hola, baja por favor", "привет, стоп", "namaste, band karo", "لغو۱۱", "لغو 11",
        "Reply STOP", "unsub", "unsuscribe", "take me off your list", "Don’t message me!", "🛑", "🛑🛑", "🚫", "⛔️",
    ],
)  # fmt: skip
def test_further_dresses_of_a_refusal_are_understood(written: str) -> None:
    meant = KEYWORDS.meaning_of(written)
    assert meant is not None
    assert meant[0] == "stop"


@pytest.mark.parametrize("written", ["dur", "Dur!", "取消", "取消。", "отказ", "Отказ.", "거부", "ret", "停"])
def test_words_that_are_also_ordinary_refuse_when_they_stand_alone(written: str) -> None:
    """Who answers a marketing message with nothing but "cancel" or "refusal" refuses it."""
    meant = KEYWORDS.meaning_of(written)
    assert meant is not None
    assert meant[0] == "stop"


@pytest.mark.parametrize(
    "written",
    [
        "dur bir dakika", "bir dur ya", "取消订单", "请取消我的订单", "取消了", "停车", "отказ от доставки", "у меня отказ банка",
        "거부감이 들어요", "주문 거부 이유", "ret cevabı geldi", "iptal edildi mi", "ยกเลิกออเดอร์", "hủy đơn hàng", "إلغاء الطلب",
        "解除方法", "cancella l'ordine", "vou sair", "parar aqui", "end of the day", "ok, end of story", "Stop by", "no thanks",
        "🚫 smoking", "🛑 road closed", "🚫🚗", "✋", "🖐️", "👎", "🙅", "stop 🚗 here", "not interested", "hi", "ok", "hello ok",
    ],
)  # fmt: skip
def test_an_ordinary_sentence_with_such_a_word_is_no_refusal(written: str) -> None:
    assert KEYWORDS.meaning_of(written) is None


@pytest.mark.parametrize("written", ["ok, commencer", "hola, alta", "st art", "staaart", "привет, начать"])
def test_consent_is_read_more_narrowly_than_refusal(written: str) -> None:
    """To begin a talk is no subscription."""
    assert KEYWORDS.meaning_of(written) is None


def test_a_sign_means_stop_only_where_stop_does() -> None:
    assert Keywords({"stop_words": {"de": ["schluss"]}}).meaning_of("🛑") is None


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


async def test_a_word_that_was_mistyped_and_corrected_is_a_refusal(core: Core, workspace: int) -> None:
    """Nor does an edit in a group, or of what staff wrote, say anything of the person."""
    channel = await core.channels.create(workspace, name="One")
    for sender, fields, refuses in (
        ("628111111111", {}, True),
        ("628111111112", {"from_me": True}, False),
        ("628111111113", {"chat_kind": "group"}, False),
    ):
        await say(core, channel, Text(text="stpo"), sender, **fields)
        edited = MessageEdited(provider_id=f"b-{next(_ids) - 1}", content=Text(text="stop"), timestamp=now_ms() + 1)
        await core.intake.ingest(channel.id, workspace, channel.engine, [edited])
        made = await core.contacts.find(workspace, "phone", sender)
        assert (made is not None and made.optin is False) is refuses, fields


async def test_the_word_of_somebody_who_is_blocked_counts(core: Core, workspace: int) -> None:
    """A block is lifted one day; the refusal stays. Nothing is answered to them."""
    await core.accounts.update_workspace(workspace, settings={STOP_REPLY_KEY: "As you wish."})
    channel = await core.channels.create(workspace, name="One")
    await say(core, channel, Text(text="Hi"), "628111111111")
    made = await core.contacts.find(workspace, "phone", "628111111111")
    assert made is not None
    await core.contacts.update(workspace, made.id, blocked=True)
    await say(core, channel, Text(text="STOP"), "628111111111")
    await core.contacts.update(workspace, made.id, blocked=False)
    made = await core.contacts.find(workspace, "phone", "628111111111")
    assert made is not None
    assert made.optin is False
    async with core.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Message).where(Message.source == "keyword")) == 0
