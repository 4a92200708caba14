"""The engine end to end on fake phones in real child processes: login, sends, receipts, incoming, groups, calls."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from neonize.proto import Neonize_pb2 as nz
from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e
from neonize.utils.enum import ReceiptType
from PIL import Image

from jackfield.core.ground.errors import LoginRequired, OutcomeUnknown, Rejected, Throttled, Unavailable
from jackfield.core.port import (
    Disconnected,
    Done,
    Incoming,
    LoginChanged,
    MessageDeleted,
    MessageEdited,
    PeerKnown,
    ShowCode,
    ShowQr,
    Status,
    claims,
)
from jackfield.core.port import content as c
from jackfield.engines.whatsapp_web import jids
from jackfield.engines.whatsapp_web.fake_network import OWN
from jackfield.engines.whatsapp_web.session import WhatsAppWebSession

from .conftest import ANA, Line

GROUP = "120363000000000001@g.us"


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (200, 100), (10, 200, 30)).save(out, "PNG")
    return out.getvalue()


# -- login


async def test_pairing_by_qr_then_reopening_needs_no_phone(line: Line) -> None:
    session = await line.open()
    assert line.network.devices == [], "an unpaired channel connects nowhere by itself"
    await session.start_login()
    device = await line.network.device()
    (shown,) = await line.heard.until(LoginChanged)
    assert isinstance(shown.step, ShowQr)
    assert shown.step.code == "2@first,code"
    device.write("qr", "2@second,code")
    again = (await line.heard.until(LoginChanged, 2))[1].step
    assert again.expires_at < shown.step.expires_at, "the first code lives a minute, the next 20 s"
    device.scan()
    await line.heard.done()
    assert line.heard.of(LoginChanged)[-1].step == Done(address=OWN, name="Shop")
    assert (await session.account()).address == OWN
    await session.close()

    await line.open()
    await line.heard.done(2)


async def test_pairing_by_code(line: Line) -> None:
    session = await line.open()
    await session.start_login("4915100000001")
    steps = [report.step for report in await line.heard.until(LoginChanged, 2)]
    code = next(step for step in steps if isinstance(step, ShowCode))
    assert code.code == "ABCD-EFGH"
    assert line.network.calls["PairPhone"][0][0] == ("4915100000001", True)


async def test_nobody_scans(line: Line) -> None:
    session = await line.open()
    await session.start_login()
    device = await line.network.device()
    await line.heard.until(LoginChanged)
    device.write("end", None)
    (down,) = await line.heard.until(Disconnected)
    assert down.permanent
    assert "Nobody scanned" in down.reason


@pytest.mark.parametrize(
    ("event", "words", "code"),
    [
        (nz.LoggedOut(OnConnect=False, Reason=2), "unlinked on the phone", "LOGGED_OUT"),
        (nz.TemporaryBan(Code=2, Expire=3600), "too many people blocked it", "BANNED"),
        (nz.StreamReplaced(), "Another program", "LOGGED_OUT"),
        (nz.ClientOutdated(), "pip install -U", "LOGGED_OUT"),
        (nz.ConnectFailure(Reason=4, Message=""), "account is gone", "LOGGED_OUT"),
    ],
)
async def test_the_end_of_a_login_is_told_with_its_reason(line: Line, event: Any, words: str, code: str) -> None:
    session, device = await line.pair()
    device.event(event)
    (down,) = await line.heard.until(Disconnected)
    assert down.permanent
    assert words in down.reason
    sent = len(line.network.sent)
    with pytest.raises(LoginRequired) as refused:
        await session.send(line.message(c.Text(text="hi")))
    assert refused.value.code == code
    assert len(line.network.sent) == sent


async def test_logging_out(line: Line) -> None:
    session, _ = await line.pair()
    await session.log_out()
    (down,) = await line.heard.until(Disconnected)
    assert down.permanent
    assert len(line.network.calls["logout"]) == 1


# -- sending


async def test_every_kind_goes_out(line: Line) -> None:
    line.store.files |= {
        "p": (_png(), "image/png", "a.png"),
        "v": (b"video", "video/mp4", "a.mp4"),
        "o": (b"OggS" + b"\0" * 40, "audio/ogg", "a.ogg"),
        "d": (b"%PDF", "application/pdf", "a.pdf"),
    }
    session, _ = await line.pair()
    cards = [c.ContactCard(name="Max; Muster", phones=["+49 151 1"]), c.ContactCard(name="Eva", phones=["+49 151 2"])]
    contents: list[tuple[c.Content, str]] = [
        (c.Text(text="Hello"), "conversation"),
        (c.Image(url="media:p", caption="Look"), "imageMessage"),
        (c.Video(url="media:v"), "videoMessage"),
        (c.Audio(url="media:o", voice=True), "audioMessage"),
        (c.Document(url="media:d", filename="terms.pdf"), "documentMessage"),
        (c.Sticker(url="media:p"), "stickerMessage"),
        (c.Location(latitude=1.5, longitude=2.5, name="Shop"), "locationMessage"),
        (c.Contacts(contacts=cards[:1]), "contactMessage"),
        (c.Contacts(contacts=cards), "contactsArrayMessage"),
        (c.Poll(question="Tea?", options=["yes", "no"]), "pollCreationMessageV3"),
        (c.Poll(question="Which?", options=["a", "b"], multiple=True), "pollCreationMessage"),
        (c.Reaction(target="3EB0AA", emoji="👍"), "reactionMessage"),
    ]
    for content, _ in contents:
        sent = await session.send(line.message(content))
        assert sent.provider_id == line.network.sent[-1][2]
    messages = [message for _, message, _ in line.network.sent]
    for message, (_, kind) in zip(messages, contents, strict=True):
        assert message.HasField(kind), kind  # type: ignore[arg-type]
        assert len(message.messageContextInfo.messageSecret) == 32
    image, voice = messages[1].imageMessage, messages[3].audioMessage
    assert (image.caption, image.width, image.height, image.mimetype) == ("Look", 200, 100, "image/png")
    assert image.JPEGThumbnail.startswith(b"\xff\xd8")
    assert voice.PTT
    assert voice.mimetype == "audio/ogg; codecs=opus"
    assert messages[4].documentMessage.fileName == "terms.pdf"
    sticker = line.network.calls["upload"][4][0][0]
    assert sticker[8:12] == b"WEBP", "a picture is converted"
    assert "FN:Max\\; Muster" in messages[7].contactMessage.vcard
    assert "waid=491511:+491511" in messages[7].contactMessage.vcard
    assert messages[11].reactionMessage.key.fromMe
    asked = line.network.calls["is_on_whatsapp"]
    assert len(asked) == 1, "a number is looked up once"


async def test_answers_edits_deletes_typing_and_read_marks(line: Line) -> None:
    session, device = await line.pair()
    device.message(ANA, e2e.Message(conversation="A question"), message_id="Q1")
    asked = await line.heard.incoming()
    assert asked.provider_id == f"Q1/{ANA}"
    sent = await session.send(line.message(c.Text(text="An answer"), reply_to=asked.provider_id))
    context = line.network.sent[-1][1].extendedTextMessage.contextInfo
    assert (context.stanzaID, context.participant) == ("Q1", f"{ANA}@s.whatsapp.net")
    assert context.quotedMessage.conversation == "A question"
    await session.send(line.message(c.Reaction(target=asked.provider_id, emoji="❤️")))
    key = line.network.sent[-1][1].reactionMessage.key
    assert (key.ID, key.fromMe, key.remoteJID) == ("Q1", False, f"{ANA}@s.whatsapp.net")
    await session.edit(ANA, sent.provider_id, c.Text(text="Corrected"))
    edit = line.network.sent[-1][1].editedMessage.message.protocolMessage
    assert (edit.key.ID, edit.editedMessage.conversation) == (sent.provider_id, "Corrected")
    await session.delete(ANA, sent.provider_id)
    revoke = line.network.sent[-1][1].protocolMessage
    assert (revoke.key.ID, revoke.key.fromMe) == (sent.provider_id, True)
    await session.typing(ANA, True)
    assert line.network.calls["send_chat_presence"][0][0][0].User == ANA
    await session.mark_read(ANA, [asked.provider_id, sent.provider_id])
    args, kwargs = line.network.calls["mark_read"][0]
    assert args == ("Q1",)
    assert (kwargs["sender"].User, kwargs["receipt"]) == (ANA, ReceiptType.READ)
    with pytest.raises(Rejected, match="only texts"):
        await session.edit(ANA, sent.provider_id, c.Location(latitude=1, longitude=2))


async def test_receipts_become_statuses(line: Line) -> None:
    session, device = await line.pair()
    message = line.message(c.Text(text="Hello"))
    sent = await session.send(message)
    device.receipt(nz.Receipt.DELIVERED, sent.provider_id, sender=ANA)
    device.receipt(nz.Receipt.READ, sent.provider_id, sender=ANA)
    device.receipt(nz.Receipt.RETRY, sent.provider_id, sender=ANA)
    statuses = await line.heard.until(Status, 2)
    assert [(s.state, s.ref, s.recipient) for s in statuses] == [
        ("delivered", message.ref, ANA),
        ("read", message.ref, ANA),
    ]


@pytest.mark.parametrize(
    ("problem", "kind", "code"),
    [
        ("server returned error 429", Throttled, "429"),
        ("server returned error 403", Rejected, "NOT_GROUP_MEMBER"),
        ("server returned error 479", Rejected, "479"),
        ("server returned error 503", Unavailable, "503"),
        ("failed to send message node: websocket not connected", Unavailable, "DISCONNECTED"),
        ("failed to get device list: info query timed out", Unavailable, "DISCONNECTED"),
        ("the store doesn't contain a device JID", LoginRequired, "LOGGED_OUT"),
        ("timed out waiting for message send response", OutcomeUnknown, "timeout"),
        ("failed to send message node: broken pipe", OutcomeUnknown, "outcome_unknown"),
        ("something new", OutcomeUnknown, "outcome_unknown"),
    ],
)
async def test_failures_say_whether_they_are_certain(line: Line, problem: str, kind: type, code: str) -> None:
    session, _ = await line.pair()

    def fail(to: Any, message: Any) -> None:
        raise ValueError(problem)

    line.network.answers["send_message"] = fail
    with pytest.raises(kind) as failed:
        await session.send(line.message(c.Text(text="hi")))
    assert type(failed.value) is kind
    assert failed.value.code == code


async def test_what_cannot_be_sent_is_said(line: Line) -> None:
    session, _ = await line.pair()
    wanted: list[tuple[Any, str, str]] = [
        (c.Text(text="hi"), "4915120000000", "NOT_ON_WHATSAPP"),
        (c.Text(text="hi"), "nobody", "BAD_ADDRESS"),
        (c.Text(text=""), ANA, "EMPTY"),
        (c.Template(name="t", language="en"), ANA, "UNSUPPORTED"),
        (c.Image(url="media:gone"), ANA, "MEDIA_NOT_FOUND"),
        (c.Image(url="http://127.0.0.1/x.png"), ANA, "MEDIA_NOT_FOUND"),
        (c.Poll(question="?", options=["one"]), ANA, "POLL"),
    ]
    for content, to, code in wanted:
        with pytest.raises(Rejected) as refused:
            await session.send(line.message(content, to=to))
        assert refused.value.code == code
    assert line.network.sent == []


async def test_a_restriction_stops_strangers_and_not_answers(line: Line) -> None:
    session, device = await line.pair()
    device.message(ANA, e2e.Message(conversation="Hi"))
    await line.heard.incoming()

    def restricted(to: Any, message: Any) -> None:
        if to.User != ANA:
            raise ValueError("server returned error 463")

    line.network.answers["send_message"] = restricted
    for number in ("4915130000001", "4915130000002"):
        with pytest.raises(Rejected) as refused:
            await session.send(line.message(c.Text(text="hello stranger"), to=number))
        assert refused.value.code == "463"
    tried = {numbers[0] for numbers, _ in line.network.calls["is_on_whatsapp"]}
    assert tried == {"+4915130000001"}, "the second stranger is not even tried"
    assert (await session.send(line.message(c.Text(text="hello Ana")))).provider_id
    await session.close()
    again = await line.open()
    await line.heard.done(2)
    assert again.breaker.open, "a restart does not forget the restriction"
    assert not again.breaker.is_stranger(ANA, None)


# -- incoming


async def test_every_kind_comes_in(line: Line) -> None:
    session, device = await line.pair()
    media: dict[str, Any] = {"URL": "u", "directPath": "d", "mediaKey": b"k" * 32, "fileSHA256": b"s" * 32}
    said: list[tuple[e2e.Message, Any]] = [
        (e2e.Message(conversation="Hello"), c.Text(text="Hello")),
        (e2e.Message(extendedTextMessage=e2e.ExtendedTextMessage(text="Link")), c.Text(text="Link")),
        (e2e.Message(imageMessage=e2e.ImageMessage(caption="Look", mimetype="image/jpeg", **media)), c.Image),
        (e2e.Message(videoMessage=e2e.VideoMessage(mimetype="video/mp4", **media)), c.Video),
        (e2e.Message(audioMessage=e2e.AudioMessage(mimetype="audio/ogg; codecs=opus", PTT=True, **media)), c.Audio),
        (e2e.Message(documentMessage=e2e.DocumentMessage(fileName="a.pdf", **media)), c.Document),
        (e2e.Message(stickerMessage=e2e.StickerMessage(isAnimated=True, **media)), c.Sticker),
        (
            e2e.Message(locationMessage=e2e.LocationMessage(degreesLatitude=1.5, degreesLongitude=2.5, name="Shop")),
            c.Location(latitude=1.5, longitude=2.5, name="Shop"),
        ),
        (
            e2e.Message(
                contactMessage=e2e.ContactMessage(
                    displayName="Max", vcard="BEGIN:VCARD\nTEL;type=CELL:+49 1\nEND:VCARD"
                )
            ),
            c.Contacts,
        ),
        (
            e2e.Message(
                buttonsResponseMessage=e2e.ButtonsResponseMessage(selectedButtonID="y", selectedDisplayText="Yes")
            ),
            c.ButtonReply(id="y", title="Yes"),
        ),
        (
            e2e.Message(
                listResponseMessage=e2e.ListResponseMessage(
                    title="One", singleSelectReply=e2e.ListResponseMessage.SingleSelectReply(selectedRowID="r1")
                )
            ),
            c.ListReply(id="r1", title="One"),
        ),
        (
            e2e.Message(ephemeralMessage=e2e.FutureProofMessage(message=e2e.Message(conversation="Vanishing"))),
            c.Text(text="Vanishing"),
        ),
        (e2e.Message(eventMessage=e2e.EventMessage(name="Party")), c.UnknownContent),
    ]
    for number, (message, wanted) in enumerate(said, start=1):
        device.message(ANA, message)
        came = await line.heard.incoming(number)
        assert (came.chat, came.sender, came.sender_name, came.chat_kind) == (ANA, ANA, "Ana", "private")
        assert came.identities == {"phone": ANA}
        if isinstance(wanted, type):
            assert isinstance(came.content, wanted)
        else:
            assert came.content == wanted
    image = line.heard.of(Incoming)[2].content
    assert (image.caption, image.mime) == ("Look", "image/jpeg")
    assert line.heard.of(Incoming)[4].content.voice
    line.network.answers["download_any"] = lambda message: b"bytes of " + message.imageMessage.directPath.encode()
    assert await session.download(image.media_id) == (b"bytes of d", "image/jpeg")
    assert line.network.calls["download_any"][0][0][0].imageMessage.mediaKey == b"k" * 32
    device.message(ANA, e2e.Message(senderKeyDistributionMessage=e2e.SenderKeyDistributionMessage(groupID="g")))
    device.message(ANA, e2e.Message(conversation="last"))
    assert (await line.heard.incoming(len(said) + 1)).content == c.Text(text="last")


async def test_reactions_votes_edits_and_deletes_come_in(line: Line) -> None:
    session, device = await line.pair()
    sent = await session.send(line.message(c.Poll(question="Tea?", options=["yes", "no"])))
    reaction = e2e.Message()
    reaction.reactionMessage.text = "🔥"
    reaction.reactionMessage.key.ID = sent.provider_id
    reaction.reactionMessage.key.fromMe = False
    device.message(ANA, reaction)
    assert (await line.heard.incoming()).content == c.Reaction(target=sent.provider_id, emoji="🔥")
    vote = e2e.Message()
    vote.pollUpdateMessage.pollCreationMessageKey.ID = sent.provider_id
    digest = hashlib.sha256(b"no").digest()
    line.network.answers["decrypt_poll_vote"] = lambda event: e2e.PollVoteMessage(selectedOptions=[digest])
    device.message(ANA, vote)
    assert (await line.heard.incoming(2)).content == c.PollVote(target=sent.provider_id, options=["no"])
    written = device.message(ANA, e2e.Message(conversation="Helo"))
    edit = e2e.Message()
    edit.editedMessage.message.protocolMessage.type = e2e.ProtocolMessage.MESSAGE_EDIT
    edit.editedMessage.message.protocolMessage.key.ID = written
    edit.editedMessage.message.protocolMessage.editedMessage.conversation = "Hello"
    device.message(ANA, edit)
    (edited,) = await line.heard.until(MessageEdited)
    assert (edited.provider_id, edited.content) == (f"{written}/{ANA}", c.Text(text="Hello"))
    revoke = e2e.Message()
    revoke.protocolMessage.type = e2e.ProtocolMessage.REVOKE
    revoke.protocolMessage.key.ID = written
    device.message(ANA, revoke)
    (deleted,) = await line.heard.until(MessageDeleted)
    assert deleted.provider_id == f"{written}/{ANA}"


async def test_people_behind_a_lid_are_known_by_number(line: Line) -> None:
    session, device = await line.pair()
    device.message("777@lid", e2e.Message(conversation="Hi"), alternative=ANA)
    came = await line.heard.incoming()
    assert (came.chat, came.sender) == (ANA, ANA)
    assert came.identities == {"phone": ANA, "lid": "777"}
    device.message("888@lid", e2e.Message(conversation="Hi"))
    came = await line.heard.incoming(2)
    assert (came.chat, came.identities) == ("888@lid", {"lid": "888"})
    line.network.answers["get_pn_from_lid"] = lambda jid: jids.make(ANA)
    assert await session.phone_of("999") == ANA
    (known,) = await line.heard.until(PeerKnown)
    assert known.identities == {"phone": ANA, "lid": "999"}


async def test_own_phone_and_groups(line: Line) -> None:
    _, device = await line.pair()
    device.message(OWN, e2e.Message(conversation="From the phone"), chat=ANA, from_me=True, message_id="OWN1")
    echo = await line.heard.incoming()
    assert (echo.from_me, echo.chat, echo.provider_id) == (True, ANA, "OWN1")
    device.message(ANA, e2e.Message(conversation="Hi all"), chat=GROUP)
    said = await line.heard.incoming(2)
    assert (said.chat, said.sender, said.chat_kind) == (GROUP, ANA, "group")
    quoting = e2e.ContextInfo(stanzaID="OWN1", participant=f"{OWN}@s.whatsapp.net")
    device.message(ANA, e2e.Message(extendedTextMessage=e2e.ExtendedTextMessage(text="Re", contextInfo=quoting)))
    assert (await line.heard.incoming(3)).reply_to == "OWN1"


def test_the_claims() -> None:
    assert claims(WhatsAppWebSession) == [
        "pairing",
        "reactions",
        "polls",
        "edits",
        "deletes",
        "typing",
        "read_receipts",
        "groups",
        "join_requests",
        "newsletters",
        "calls",
        "contact_check",
        "pictures",
        "lid_to_phone",
        "media_download",
        "account",
    ]
