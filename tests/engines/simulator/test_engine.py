"""The engine over both lines: whatever holds in process holds over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from jackfield.core.ground.errors import LoginRequired, OutcomeUnknown, Rejected, SendError, Throttled, Unavailable
from jackfield.core.port import (
    CAPABILITIES,
    AccountInfo,
    Disconnected,
    Done,
    GroupChanged,
    Incoming,
    IncomingCall,
    LoginChanged,
    MarketingPreference,
    MessageDeleted,
    MessageEdited,
    PeerKnown,
    Sent,
    ShowCode,
    ShowQr,
    Status,
    claims,
)
from jackfield.core.port.content import (
    Poll,
    Reaction,
    System,
    Text,
)
from jackfield.engines.simulator.config import SimulatorConfig, defaults
from jackfield.engines.simulator.engine import SimulatorEngine

from .conftest import Phone, message, session_of

Maker = Callable[..., Awaitable[Phone]]


def test_claims_everything() -> None:
    assert set(claims(SimulatorEngine.session_type)) == set(CAPABILITIES)


async def test_send_and_receipts(phone: Maker) -> None:
    one = await phone()
    sent = await session_of(one).send(message(1, content=Text(text="Halo Budi")))
    await one.heard.until(lambda: len(one.heard.of(Status)) == 2)
    states = one.heard.of(Status)
    assert [status.state for status in states] == ["delivered", "read"]
    assert {(status.ref, status.provider_id) for status in states} == {("m1", sent.provider_id)}
    (row,) = await one.outbox()
    assert row["id"] == sent.provider_id
    assert (row["ref"], row["to"], row["type"], row["text"]) == ("m1", "628111222333", "text", "Halo Budi")
    assert row["status"] == "read"


async def test_many_in_one_request_and_no_deduplication(phone: Maker) -> None:
    one = await phone()
    outcomes = await session_of(one).send_many([message(n % 3) for n in range(6)])
    assert all(isinstance(outcome, Sent) for outcome in outcomes)
    assert [row["ref"] for row in await one.outbox()] == ["m0", "m1", "m2", "m0", "m1", "m2"]


async def test_the_sender_may_choose_the_id(phone: Maker) -> None:
    one = await phone()
    assert (await session_of(one).send(message(1, message_id="3EB0AA"))).provider_id == "3EB0AA"
    await session_of(one).edit("628111222333", "3EB0AA", Text(text="changed"))
    assert (await one.outbox())[0]["text"] == "changed"
    await session_of(one).delete("628111222333", "3EB0AA")
    assert (await one.outbox())[0]["status"] == "deleted"
    with pytest.raises(Rejected, match="no message"):
        await session_of(one).delete("628111222333", "nonsense")


async def test_look_up_tells_what_was_taken(phone: Maker) -> None:
    one = await phone()
    await one.control("faults", drop=1)
    with pytest.raises(OutcomeUnknown):
        await session_of(one).send(message(1))
    await one.control("faults", reset=True)
    found = await session_of(one).look_up(["m1", "m2"])
    assert list(found) == ["m1"]
    await one.heard.until(lambda: any(s.state == "sent" and s.ref == "m1" for s in one.heard.of(Status)))


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (131008, Rejected),
        (132015, Rejected),
        (130429, Throttled),
        (131056, Throttled),
        (131016, Unavailable),
        (190, LoginRequired),
    ],
)
async def test_refusals_by_code(phone: Maker, code: int, error: type[SendError]) -> None:
    one = await phone()
    await one.control("faults", errors=[{"code": code, "count": 1, "retryAfter": 7}])
    with pytest.raises(error) as caught:
        await session_of(one).send(message(1))
    assert caught.value.code == str(code)
    if isinstance(caught.value, Throttled):
        assert caught.value.retry_after == 7
        assert caught.value.scope == ("recipient" if code == 131056 else "channel")
    await session_of(one).send(message(2))
    assert [row["ref"] for row in await one.outbox()] == ["m2"]


@pytest.mark.parametrize("code", ["131026", "131047", "131049", "130472", "131050"])
async def test_failures_that_come_later(phone: Maker, code: str) -> None:
    one = await phone()
    await one.control("faults", code=int(code), to="6281")
    await session_of(one).send(message(1))
    await one.heard.until(lambda: bool(one.heard.of(Status)))
    (status,) = one.heard.of(Status)
    assert (status.state, status.code) == ("failed", code)
    assert status.message


async def test_refused_before_taking(phone: Maker) -> None:
    one = await phone()
    await one.control("faults", refuse=1)
    with pytest.raises(Unavailable):
        await session_of(one).send(message(1))
    assert await one.outbox() == []


async def test_offline_and_back(phone: Maker) -> None:
    one = await phone()
    await one.control("faults", offline=True)
    await one.heard.until(lambda: bool(one.heard.of(Disconnected)))
    assert not one.heard.of(Disconnected)[0].permanent
    with pytest.raises(Unavailable):
        await session_of(one).send(message(1))
    await one.control("inbound", from_="6285", text="while you were away")
    await one.control("faults", offline=False)
    await one.heard.until(lambda: bool(one.heard.of(Incoming)))
    assert isinstance(one.heard.of(LoginChanged)[-1].step, Done)


async def test_pairing_by_scan(phone: Maker) -> None:
    one = await phone(auto_scan=False)
    session = session_of(one)
    with pytest.raises(LoginRequired):
        await session.send(message(1))
    await session.start_login()
    await one.heard.until(lambda: bool(one.heard.of(LoginChanged)))
    step = one.heard.of(LoginChanged)[0].step
    assert isinstance(step, ShowQr)
    assert step.code.startswith("2@")
    assert not one.state
    await one.control("scan")
    await one.heard.until(lambda: isinstance(one.heard.of(LoginChanged)[-1].step, Done))
    assert one.state
    await session.send(message(2))
    await one.heard.until(lambda: bool(one.heard.of(PeerKnown)))


async def test_pairing_code_by_phone_number(phone: Maker) -> None:
    one = await phone(auto_scan=False)
    await session_of(one).start_login("628123456789")
    await one.heard.until(lambda: bool(one.heard.of(LoginChanged)))
    step = one.heard.of(LoginChanged)[0].step
    assert isinstance(step, ShowCode)
    assert len(step.code) == 9


async def test_stays_paired_across_sessions_until_logged_out(phone: Maker) -> None:
    one = await phone()
    await session_of(one).close()
    await one.control("inbound", from_="6285", text="anybody there?")
    await one.open()
    await one.heard.until(lambda: bool(one.heard.of(Incoming)))
    await one.control("logout", reason="Removed on the phone")
    await one.heard.until(lambda: bool(one.heard.of(Disconnected)))
    assert one.heard.of(Disconnected)[0] == Disconnected(reason="Removed on the phone", permanent=True)
    with pytest.raises(LoginRequired, match="Removed on the phone"):
        await session_of(one).send(message(1))
    assert not one.state
    await session_of(one).close()
    one.config.auto_scan = False
    session = await one.open()
    await session.start_login()
    await one.heard.until(lambda: isinstance(one.heard.of(LoginChanged)[-1].step, ShowQr))
    await one.control("scan")
    await one.heard.until(lambda: isinstance(one.heard.of(LoginChanged)[-1].step, Done))
    assert len(one.heard.of(Disconnected)) == 1
    await session.send(message(2))


async def test_logged_out_while_nobody_was_connected(phone: Maker) -> None:
    one = await phone()
    await session_of(one).close()
    await one.control("logout", reason="Banned for spam")
    await one.open()
    await one.heard.until(lambda: bool(one.heard.of(Disconnected)))
    assert one.heard.of(Disconnected)[0].reason == "Banned for spam"
    assert not one.state


async def test_a_login_that_was_given_up_does_not_disturb_the_next(phone: Maker) -> None:
    one = await phone(auto_scan=False)
    await session_of(one).start_login()
    await one.heard.until(lambda: bool(one.heard.of(LoginChanged)))
    await session_of(one).close()
    first = one.heard.of(LoginChanged)[0].step
    one.heard.reports.clear()
    session = await one.open()
    assert (await one.control("account"))["data"]["login"] is None
    await session.start_login()
    await one.heard.until(lambda: bool(one.heard.of(LoginChanged)))
    assert one.heard.of(LoginChanged)[0].step != first


async def test_the_newer_session_takes_over(phone: Maker) -> None:
    one = await phone()
    first = session_of(one)
    second = Phone(one.config, one.id)
    second.state = one.state
    session = await second.open()
    await one.control("inbound", from_="6285", text="to the new one")
    await second.heard.until(lambda: bool(second.heard.of(Incoming)))
    assert not one.heard.of(Incoming)
    await session.close()
    await first.close()


async def test_happenings_come_again_until_they_are_durable(phone: Maker) -> None:
    one = await phone()
    one.heard.failures = 2
    await one.control("inbound", from_="6285", text="keep me")
    await one.heard.until(lambda: bool(one.heard.of(Incoming)))
    assert [incoming.content for incoming in one.heard.of(Incoming)] == [Text(text="keep me")]


@pytest.mark.parametrize(
    "body",
    [
        {"type": "text", "text": "hi"},
        {"type": "image", "caption": "look"},
        {"type": "image", "url": "https://example.com/a.jpg"},
        {"type": "video"},
        {"type": "audio"},
        {"type": "voice"},
        {"type": "document", "filename": "a.pdf"},
        {"type": "sticker"},
        {"type": "location", "latitude": -6.2, "longitude": 106.8},
        {"type": "contact", "contactName": "Budi", "phone": "628222"},
        {"type": "button", "id": "yes", "title": "Yes"},
        {"type": "list", "id": "row", "title": "Row"},
        {"type": "reaction", "target": "wamid.1", "emoji": "❤️"},
        {"type": "order", "items": [{"productId": "SHOE-001", "quantity": 2, "price": "79.99"}]},
        {"type": "poll_vote", "target": "wamid.2", "options": ["A"]},
        {"type": "flow", "data": {"a": 1}},
        {"type": "unsupported", "raw": {"x": 1}},
    ],
    ids=lambda body: str(body["type"]),
)
async def test_incoming_of_every_type(phone: Maker, body: dict[str, object]) -> None:
    one = await phone()
    told = (await one.control("inbound", from_="+6285", name="Asha", **body))["data"]
    await one.heard.until(lambda: bool(one.heard.of(Incoming)))
    (incoming,) = one.heard.of(Incoming)
    assert incoming.provider_id == told["id"]
    assert (incoming.chat, incoming.sender, incoming.sender_name) == ("6285", "6285", "Asha")
    media_id = getattr(incoming.content, "media_id", None)
    if media_id:
        data, mime = await session_of(one).download(media_id)
        assert len(data) == incoming.content.size
        assert mime == incoming.content.mime


async def test_download_of_a_file_that_is_not_there(phone: Maker) -> None:
    one = await phone()
    with pytest.raises(Rejected):
        await session_of(one).download("1")


async def test_calls_ring_and_are_rejected(phone: Maker) -> None:
    one = await phone()
    call_id = (await one.control("call", from_="6285", isVideo=True))["data"]["callId"]
    await one.heard.until(lambda: bool(one.heard.of(IncomingCall)))
    ringing = one.heard.of(IncomingCall)[0]
    assert (ringing.call_id, ringing.caller, ringing.is_video, ringing.ended_at) == (call_id, "6285", True, None)
    await session_of(one).reject_call(call_id, "6285")
    await one.heard.until(lambda: len(one.heard.of(IncomingCall)) == 2)
    assert one.heard.of(IncomingCall)[1].status == "rejected"
    with pytest.raises(Rejected):
        await session_of(one).reject_call(call_id, "6285")


async def test_groups(phone: Maker) -> None:
    one = await phone()
    session = session_of(one)
    groups = await session.list_groups()
    assert any("🎉" in group.name for group in groups)
    closed = next(group for group in groups if group.read_only)
    with pytest.raises(Rejected):
        await session.send(message(1, to=closed.address))
    mine = await session.create_group("Pelanggan 🛒", ["628111", "628222"], "our customers")
    assert [p.address for p in mine.participants or []][1:] == ["628111", "628222"]
    mine = await session.change_participants(mine.address, ["628333"], "add")
    mine = await session.change_participants(mine.address, ["628333"], "promote")
    assert next(p for p in mine.participants or [] if p.address == "628333").is_admin
    mine = await session.change_participants(mine.address, ["628333"], "demote")
    mine = await session.change_participants(mine.address, ["628111"], "remove")
    assert {p.address for p in mine.participants or []} >= {"628222", "628333"}
    mine = await session.update_group(mine.address, name="Baru", description=None)
    assert (await session.group_info(mine.address)).name == "Baru"
    assert mine.description == "our customers"
    link = await session.invite_link(mine.address)
    assert link == await session.invite_link(mine.address)
    assert link != await session.invite_link(mine.address, revoke=True)
    await session.send(message(2, to=mine.address))
    await session.leave_group(mine.address)
    with pytest.raises(Rejected):
        await session.send(message(3, to=mine.address))
    with pytest.raises(Rejected):
        await session.change_participants(closed.address, ["628333"], "add")
    assert {"newsletter"} == {letter.kind for letter in await session.list_newsletters()}
    assert (await session.create_newsletter("News", None)).address.endswith("@newsletter")
    await one.control("group", name="Invited", participants=["628777"])
    await one.heard.until(lambda: bool(one.heard.of(GroupChanged)))


async def test_group_messages_come_with_their_group(phone: Maker) -> None:
    one = await phone()
    group = (await session_of(one).list_groups())[0]
    await one.control("inbound", from_="628555", text="hi all", chat=group.address)
    await one.heard.until(lambda: bool(one.heard.of(Incoming)))
    (incoming,) = one.heard.of(Incoming)
    assert (incoming.chat, incoming.chat_kind, incoming.chat_name) == (group.address, "group", group.name)
    assert incoming.sender == "628555"


async def test_catalogs(phone: Maker) -> None:
    one = await phone()
    catalogs = await session_of(one).list_catalogs()
    assert [catalog.product_count for catalog in catalogs] == [0, 6, 0, 1, 5, 6]
    assert [catalog.name for catalog in catalogs if catalog.selected] == ["Shoes_Catalog"]
    for catalog in catalogs:
        products = [product async for product in session_of(one).list_products(catalog.provider_id)]
        assert len(products) == catalog.product_count
    with pytest.raises(Rejected):
        [product async for product in session_of(one).list_products("1")]


async def test_the_small_things(phone: Maker) -> None:
    one = await phone()
    session = session_of(one)
    info = await session.account()
    assert isinstance(info, AccountInfo)
    assert info.address.isdigit()
    checks = await session.check_contacts(["628111222333", "12"])
    assert [check.exists for check in checks] == [True, False]
    await session.typing("628111", True)
    incoming = (await one.control("inbound", from_="628111", text="hi"))["data"]["id"]
    await session.mark_read("628111", [incoming])
    shown = (await one.control("account"))["data"]
    assert shown["typingTo"] == "628111"
    assert shown["readMarks"] == [incoming]
    await session.send(message(1, content=Poll(question="Which?", options=["a", "b"])))
    await session.send(message(2, content=Reaction(target=incoming, emoji="👍")))
    with pytest.raises(Rejected):
        await session.send(message(3, content=System(text="x")))
    # A paired phone may write to itself.
    assert (await session.send(message(4, to=info.address))).provider_id
    await one.control("edited", id=incoming, type="text", text="hi!")
    await one.control("deleted", id=incoming)
    await one.control("preference", from_="628111", optedIn=False)
    await one.heard.until(lambda: bool(one.heard.of(MarketingPreference)))
    assert one.heard.of(MessageEdited)[0].content == Text(text="hi!")
    assert one.heard.of(MessageDeleted)[0].provider_id == incoming


async def test_silence_is_heard_of_later(phone: Maker) -> None:
    one = await phone()
    await one.control("faults", silence="session")
    await session_of(one).send(message(1))
    await one.control("inbound", from_="6285", text="hello?")
    before = len(one.heard.reports)
    assert (await one.control("account"))["data"]["waiting"] >= 1
    assert len(one.heard.reports) == before
    await session_of(one).close()
    await one.open()
    await one.heard.until(lambda: bool(one.heard.of(Incoming)))


def test_a_channel_follows_the_operators_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    config = SimulatorConfig.model_validate({"autoScan": True, "delayScale": 2})
    assert config.network() == ("", 0, "plain", 2.0)
    monkeypatch.setenv("JACKFIELD_SIMULATOR_URL", "http://127.0.0.1:4004/")
    monkeypatch.setenv("JACKFIELD_SIMULATOR_PEOPLE", "lively")
    monkeypatch.setenv("JACKFIELD_SIMULATOR_SEED", "9")
    assert config.network() == ("http://127.0.0.1:4004", 9, "lively", 2.0)
    assert SimulatorConfig(url="", people="plain", seed=1).network()[:3] == ("", 1, "plain")
    monkeypatch.setattr(defaults, "seed", 5)
    assert config.network()[1] == 5
