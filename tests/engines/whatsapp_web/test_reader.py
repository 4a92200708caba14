"""What a paired phone's events say, without a process: facts of messages, receipts of groups, notices, strange events."""

from __future__ import annotations

import base64
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from neonize.events import EVENT_TO_INT
from neonize.exc import NeonizeError
from neonize.proto import Neonize_pb2 as nz
from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e

from jackfield.core.port import Incoming, MessageDeleted, MessageEdited, Referral, Status, UnknownReport
from jackfield.core.port import content as c
from jackfield.engines.whatsapp_web import jids
from jackfield.engines.whatsapp_web.fake_network import OWN, with_required_fields
from jackfield.engines.whatsapp_web.incoming import KEPT, Reader
from jackfield.engines.whatsapp_web.known import Known

from .conftest import ANA, Line

GROUP = "120363000000000001@g.us"


class Lonely:
    """A phone of which nothing can be asked."""

    def __getattr__(self, name: str) -> Any:
        async def refuse(*args: Any) -> None:
            raise NeonizeError(f"{name}: not connected")

        return refuse


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    phone: Any = Lonely()
    return Reader(Known(phone, tmp_path / "polls"), lambda: jids.make(OWN))


def message(content: e2e.Message, chat: str = ANA) -> nz.Message:
    where = jids.parse(chat)
    source = nz.MessageSource(Chat=where, Sender=jids.make(ANA), IsGroup=where.Server == jids.GROUPS)
    info = nz.MessageInfo(MessageSource=source, ID="IN1", Pushname="Ana", Timestamp=int(time.time()))
    event: nz.Message = with_required_fields(nz.Message(Info=info, Message=content))
    return event


async def read(reader: Reader, event: Any) -> list[Any]:
    return list(await reader.read(EVENT_TO_INT[type(event)], event.SerializeToString()))


async def said(reader: Reader, content: e2e.Message, chat: str = ANA) -> Incoming:
    (report,) = await read(reader, message(content, chat))
    assert isinstance(report, Incoming)
    return report


def text(**context: Any) -> e2e.Message:
    info = e2e.ContextInfo(**context)
    return e2e.Message(extendedTextMessage=e2e.ExtendedTextMessage(text="Hi", contextInfo=info))


async def test_the_advertisement_that_led_here_is_told_as_by_the_cloud_api(reader: Reader) -> None:
    ad = e2e.ContextInfo.ExternalAdReplyInfo(
        title="Sale", body="Half price", mediaType=e2e.ContextInfo.ExternalAdReplyInfo.IMAGE, sourceType="ad",
        sourceID="120", sourceURL="https://fb.me/x", ctwaClid="Aff-click", thumbnailURL="https://t",
        greetingMessageBody="Hello!", thumbnail=b"x" * 50_000,
    )  # fmt: skip
    came = await said(reader, text(externalAdReply=ad))
    assert came.referral == Referral(
        source_type="ad", source_id="120", source_url="https://fb.me/x", headline="Sale", body="Half price",
        media_type="image", thumbnail_url="https://t", ctwa_clid="Aff-click", welcome_message="Hello!",
    )  # fmt: skip
    preview = e2e.ContextInfo.ExternalAdReplyInfo(title="A page", body="Its text")
    assert (await said(reader, text(externalAdReply=preview))).referral is None


@pytest.mark.parametrize(("context", "told"), [
    ({}, None), ({"isForwarded": True, "forwardingScore": 1}, "once"), ({"isForwarded": True, "forwardingScore": 9}, "often"),
])  # fmt: skip
async def test_a_forwarded_message_says_so(reader: Reader, context: dict[str, Any], told: str | None) -> None:
    came = await said(reader, text(**context))
    assert came.forwarded == told
    assert came.reply_to is None


async def test_a_location_keeps_its_link(reader: Reader) -> None:
    point = e2e.LocationMessage(degreesLatitude=1.5, degreesLongitude=2.5, URL="https://x.y")
    assert (await said(reader, e2e.Message(locationMessage=point))).content == c.Location(
        latitude=1.5, longitude=2.5, url="https://x.y"
    )


async def test_the_event_goes_along_raw_without_its_preview(reader: Reader) -> None:
    picture = e2e.ImageMessage(caption="Look", mediaKey=b"k" * 32, JPEGThumbnail=b"x" * 50_000)
    came = await said(reader, e2e.Message(imageMessage=picture))
    assert came.raw is not None
    shown = came.raw["Message"]["imageMessage"]
    assert (shown["caption"], "mediaKey" in shown, "JPEGThumbnail" in shown) == ("Look", True, False)


async def test_an_edit_and_a_deletion_go_along_raw_and_say_where(reader: Reader) -> None:
    key = {"ID": "IN1", "fromMe": False}
    edit = e2e.ProtocolMessage(type=e2e.ProtocolMessage.MESSAGE_EDIT, editedMessage=e2e.Message(conversation="Ho"))
    for change in (edit, e2e.ProtocolMessage(type=e2e.ProtocolMessage.REVOKE)):
        for name, value in key.items():
            setattr(change.key, name, value)
        (told,) = await read(reader, message(e2e.Message(protocolMessage=change), GROUP))
        assert isinstance(told, MessageEdited | MessageDeleted)
        assert told.chat == GROUP
        assert told.raw is not None
        assert "protocolMessage" in told.raw["Message"]


@pytest.mark.parametrize("kind", [nz.Receipt.DELIVERED, nz.Receipt.READ, nz.Receipt.PLAYED, nz.Receipt.SERVER_ERROR])
async def test_a_receipt_of_one_of_a_group_is_that_ones(reader: Reader, kind: Any) -> None:
    source = nz.MessageSource(Chat=jids.parse(GROUP), Sender=jids.make(ANA), IsGroup=True)
    receipt = with_required_fields(nz.Receipt(MessageSource=source, MessageIDs=["3EB0"], Timestamp=1, Type=kind))
    (status,) = await read(reader, receipt)
    assert isinstance(status, Status)
    assert (status.recipient, status.participant) == (GROUP, ANA)


@pytest.mark.parametrize("content", [
    e2e.Message(pinInChatMessage=e2e.PinInChatMessage()), e2e.Message(keepInChatMessage=e2e.KeepInChatMessage()),
], ids=["pinned", "kept"])  # fmt: skip
async def test_what_is_done_to_a_message_is_a_notice(reader: Reader, content: e2e.Message) -> None:
    assert isinstance((await said(reader, content)).content, c.System)


async def test_the_head_of_an_album_is_no_message(reader: Reader) -> None:
    assert await read(reader, message(e2e.Message(albumMessage=e2e.AlbumMessage(expectedImageCount=2)))) == []


SAMPLES: list[Any] = [
    message(text(stanzaID="3EB0", participant=f"{OWN}@s.whatsapp.net")),
    message(e2e.Message(reactionMessage=e2e.ReactionMessage(text="x")), GROUP),
    message(e2e.Message(protocolMessage=e2e.ProtocolMessage(type=e2e.ProtocolMessage.REVOKE))),
    message(e2e.Message(contactMessage=e2e.ContactMessage(displayName="Max", vcard="TEL:1"))),
    with_required_fields(nz.Receipt(MessageIDs=["3EB0"], Timestamp=1, Type=nz.Receipt.READ)),
    with_required_fields(nz.CallOffer()),
    with_required_fields(nz.CallTerminate(reason="timeout")),
    with_required_fields(nz.JoinedGroup()),
]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_whatever_a_phone_is_told_is_read_or_kept(reader: Reader, data: st.DataObject) -> None:
    """Bytes of real events, changed, cut and doubled: kept as they came where reading them fails."""
    event = data.draw(st.sampled_from(SAMPLES))
    body = bytearray(event.SerializeToString())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        how = data.draw(st.sampled_from(("change", "cut", "double")))
        if how == "change" and at < len(body):
            body[at] = data.draw(st.integers(0, 255))
        elif how == "cut":
            del body[at : at + data.draw(st.integers(1, 8))]
        else:
            body[at:at] = body[at : at + 8]
    code = EVENT_TO_INT[type(event)]
    told = await reader.read_or_keep(code, bytes(body))
    try:
        assert len(told) == len(await reader.read(code, bytes(body)))
    except Exception:
        (kept,) = told
        assert isinstance(kept, UnknownReport)
        assert base64.b64decode(kept.raw["body"]) == body


async def test_an_event_that_cannot_be_read_is_kept_and_stops_nothing(line: Line) -> None:
    _, device = await line.pair()
    for code in sorted(KEPT):
        device.write("event", code, b"\xff\xff not a protobuf")
    device.message(ANA, e2e.Message(conversation="behind them"))
    assert (await line.heard.incoming()).content == c.Text(text="behind them")
    kept = line.heard.of(UnknownReport)
    assert len(kept) == len(KEPT)
    assert {one.kind for one in kept} >= {"whatsapp_web:Message", "whatsapp_web:Receipt"}
