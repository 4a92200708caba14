"""The engine against the simulated Meta over HTTP: sends, receipts, incoming of every kind, files, templates."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from jackfield.core.ground.errors import Rejected
from jackfield.core.port import (
    AccountNotice,
    Incoming,
    IncomingCall,
    LoginChanged,
    MarketingPreference,
    MessageDeleted,
    MessageEdited,
    Status,
    TemplateChanged,
    claims,
    require,
)
from jackfield.core.port import CanCatalog as Catalogs
from jackfield.core.port import content as c
from jackfield.engines.whatsapp_cloud.session import WhatsAppCloudSession

from .conftest import Line, Meta


async def test_a_text_is_sent_delivered_and_read(line: Line, meta: Meta) -> None:
    session = await line.open()
    sent = await session.send(line.message("Hello"))
    await line.heard.until(lambda: len(line.heard.of(Status)) == 3)
    statuses = line.heard.of(Status)
    assert sorted(status.state for status in statuses) == ["delivered", "read", "sent"]
    assert {status.ref for status in statuses} == {"ref-1"}
    assert {status.provider_id for status in statuses} == {sent.provider_id}
    assert {status.recipient for status in statuses} == {"6281234567890"}
    assert statuses[0].raw is not None
    assert statuses[0].raw["pricing"]["category"] == "service"
    (row,) = await meta.outbox(line.number)
    assert row["ref"] == "ref-1"
    assert row["text"] == "Hello"


async def test_opening_tells_of_the_number(line: Line) -> None:
    await line.open()
    (login,) = line.heard.of(LoginChanged)
    (notice,) = line.heard.of(AccountNotice)
    assert login.step.address.isdigit()
    assert notice.throughput == 1000
    assert notice.messaging_limit == -1
    assert notice.quality == "GREEN"


def test_claims() -> None:
    assert claims(WhatsAppCloudSession) == [
        "reactions",
        "typing",
        "read_receipts",
        "calls",
        "templates",
        "catalogs",
        "media_upload",
        "media_download",
        "account",
        "business_profile",
    ]


EVERY: list[c.Content] = [
    c.Text(text="plain", preview=False),
    c.Image(url="https://example.com/a.jpg", caption="a caption"),
    c.Video(url="https://example.com/a.mp4"),
    c.Audio(url="https://example.com/a.ogg", voice=True),
    c.Document(url="https://example.com/a.pdf", filename="a.pdf", caption="read me"),
    c.Sticker(url="https://example.com/a.webp"),
    c.Location(latitude=-6.2, longitude=106.8, name="Monas", address="Jakarta"),
    c.Contacts(contacts=[c.ContactCard(name="Ana Silva", phones=["+55 11 99999-0000"], emails=["ana@example.com"])]),
    c.Reaction(target="wamid.HBgM", emoji="👍"),
    c.Template(
        name="cta_offer",
        language="en",
        body=[c.Param(text="Priya")],
        buttons=[
            c.ButtonParam(index=0, kind="url", text="summer"),
            c.ButtonParam(index=1, kind="copy_code", text="SAVE20"),
            c.ButtonParam(index=2, kind="quick_reply", text="yes"),
        ],
    ),
    c.Template(
        name="auth_code",
        language="en",
        body=[c.Param(text="123456")],
        buttons=[c.ButtonParam(index=0, kind="otp", text="123456")],
    ),
    c.Template(
        name="link_docs",
        language="en",
        header=c.HeaderParam(media=c.Document(url="https://example.com/a.pdf", filename="a.pdf")),
        body=[c.Param(text="Thanks")],
    ),
    c.Buttons(body="Choose", buttons=[c.ReplyButton(id="y", title="Yes"), c.ReplyButton(id="n", title="No")]),
    c.ListMenu(
        body="Menu",
        button="Open",
        sections=[c.Section(title="Food", rows=[c.Row(id="1", title="Soup", description="hot")])],
    ),
    c.CtaUrl(body="Look", title="Open", url="https://example.com"),
    c.Product(catalog_id="1", product_id="sku"),
    c.ProductList(
        header=c.InteractiveHeader(text="Ours"),
        body="Look",
        catalog_id="1",
        sections=[c.ProductSection(title="All", product_ids=["a", "b"])],
    ),
    c.CatalogMessage(body="Everything", thumbnail_product_id="a"),
    c.AddressRequest(body="Where to?", country="IN", values={"name": "Asha"}),
    c.LocationRequest(body="Where are you?"),
    c.ContactRequest(body="Which number is yours?"),
    c.FlowMessage(body="Fill in", flow_id="1", button="Start", screen="FIRST", data={"a": 1}),
    c.FlowMessage(body="Fill in", flow_id="1", button="Start", action="data_exchange"),
]


@pytest.mark.parametrize("content", EVERY, ids=lambda content: c.kind_of(content))
async def test_every_kind_is_taken(line: Line, meta: Meta, content: c.Content) -> None:
    session = await line.open()
    sent = await session.send(line.message(content, reply_to="wamid.HBgMreply"))
    assert sent.provider_id.startswith("wamid.")
    assert (await meta.outbox(line.number))[0]["id"] == sent.provider_id


INCOMING: list[tuple[dict[str, Any], c.Content]] = [
    ({"type": "text", "text": "hello"}, c.Text(text="hello")),
    (
        {"type": "location", "latitude": 1.5, "longitude": 2.5, "placeName": "Here"},
        c.Location(latitude=1.5, longitude=2.5, name="Here"),
    ),
    ({"type": "button", "id": "yes", "title": "Yes"}, c.ButtonReply(id="yes", title="Yes")),
    (
        {"type": "list", "id": "1", "title": "Soup", "description": "hot"},
        c.ListReply(id="1", title="Soup", description="hot"),
    ),
    ({"type": "reaction", "target": "wamid.x", "emoji": "🙂"}, c.Reaction(target="wamid.x", emoji="🙂")),
    (
        {
            "type": "order",
            "catalogId": "9",
            "items": [{"productId": "a", "quantity": 2, "price": "7.5", "currency": "EUR"}],
        },
        c.Order(catalog_id="9", items=[c.OrderItem(product_id="a", quantity=2, price="7.5", currency="EUR")]),
    ),
    (
        {"type": "flow", "data": {"colour": "red"}},
        c.FlowReply(data={"flow_token": "unused", "colour": "red"}, name="flow", body="Sent"),
    ),
]


@pytest.mark.parametrize(("fields", "expected"), INCOMING, ids=[str(row[0]["type"]) for row in INCOMING])
async def test_every_incoming_kind_arrives(line: Line, meta: Meta, fields: dict[str, Any], expected: c.Content) -> None:
    answer = await meta.world_control(line.number, "inbound", **{"from": "6281234567890", "name": "Budi"}, **fields)
    await line.heard.until(lambda: bool(line.heard.of(Incoming)))
    (message,) = line.heard.of(Incoming)
    assert message.content == expected
    assert message.provider_id == answer["data"]["id"]
    assert message.sender == message.chat == "6281234567890"
    assert message.sender_name == "Budi"
    assert message.identities["phone"] == "6281234567890"
    assert message.identities["bsuid"].startswith("ID.")
    assert message.raw is not None


@pytest.mark.parametrize("kind", ["image", "video", "audio", "document", "sticker"])
async def test_incoming_media_can_be_fetched(line: Line, meta: Meta, kind: str) -> None:
    await meta.world_control(line.number, "inbound", **{"from": "6281234567890"}, type=kind)
    await line.heard.until(lambda: bool(line.heard.of(Incoming)))
    content = line.heard.of(Incoming)[0].content
    assert c.kind_of(content) == kind
    session = await line.open()
    data, mime = await session.download(content.media_id)
    assert data
    assert mime == content.mime.partition(";")[0]
    with pytest.raises(Rejected) as refused:
        await session.download("999999999999")
    assert refused.value.code == "100"


async def test_a_reply_names_its_message_and_a_card_keeps_its_fields(line: Line, meta: Meta) -> None:
    await meta.world_control(
        line.number,
        "inbound",
        **{"from": "6281234567890"},
        type="contacts",
        contacts=[{"name": "Ana Silva", "phones": ["+55 11 99999-0000"], "emails": ["ana@example.com"]}],
        replyTo="wamid.before",
    )
    await line.heard.until(lambda: bool(line.heard.of(Incoming)))
    (message,) = line.heard.of(Incoming)
    assert message.reply_to == "wamid.before"
    (card,) = message.content.contacts
    assert (card.name, card.phones, card.emails) == ("Ana Silva", ["+55 11 99999-0000"], ["ana@example.com"])
    assert card.raw["phones"][0]["wa_id"] == "5511999990000"


async def test_a_person_without_a_phone_is_known_by_user_id(line: Line, meta: Meta) -> None:
    account = meta.world.account(line.number)
    account.receive(c.Text(text="hi"), "ID.12345678901234567")
    await line.heard.until(lambda: bool(line.heard.of(Incoming)))
    (message,) = line.heard.of(Incoming)
    assert message.sender == "ID.12345678901234567"
    assert "phone" not in message.identities
    assert message.identities["username"]
    session = await line.open()
    sent = await session.send(line.message("hello", to=message.sender))
    assert sent.raw is not None
    assert sent.raw["contacts"] == [{"input": message.sender, "user_id": message.sender}]
    with pytest.raises(Rejected) as refused:
        await session.send(line.message(EVERY[10], to=message.sender, category="authentication"))
    assert refused.value.code == "131062"


async def test_what_else_happens(line: Line, meta: Meta) -> None:
    account = meta.world.account(line.number)
    message = account.receive(c.Text(text="hi"), "6281234567890")
    account.edited(message.provider_id, c.Text(text="hi!"))
    account.deleted(message.provider_id)
    account.prefers("6281234567890", False)
    account.receive(c.Text(text="from the phone"), "6281234567890", chat="6281234567890", from_me=True)
    account.call("6281234567890")
    account.pause_template("demo_text", "en")
    account.receive(c.UnknownContent(note="A poll"), "6281234567890")
    account.receive(c.System(text="Budi changed number"), "6281234567890")
    await line.heard.until(
        lambda: (
            len(line.heard.of(Incoming)) == 4
            and all(line.heard.of(kind) for kind in (MessageEdited, MessageDeleted, MarketingPreference))
            and all(line.heard.of(kind) for kind in (IncomingCall, TemplateChanged))
        )
    )
    assert line.heard.of(MessageEdited)[0].content == c.Text(text="hi!")
    assert line.heard.of(MessageDeleted)[0].provider_id == message.provider_id
    assert not line.heard.of(MarketingPreference)[0].opted_in
    (echo,) = [m for m in line.heard.of(Incoming) if m.from_me]
    assert echo.chat == "6281234567890"
    assert echo.sender == account.phone
    assert line.heard.of(TemplateChanged)[0].status == "PAUSED"
    unknown = [m for m in line.heard.of(Incoming) if isinstance(m.content, c.UnknownContent)]
    assert unknown[0].content.note == "A poll"
    call = line.heard.of(IncomingCall)[0]
    session = await line.open()
    await session.reject_call(call.call_id, call.caller)
    await line.heard.until(lambda: len(line.heard.of(IncomingCall)) == 2)
    assert line.heard.of(IncomingCall)[1].ended_at is not None


async def test_stored_files_are_uploaded_once(line: Line, meta: Meta) -> None:
    media_id = await line.files.store(b"\xff\xd8\xff picture", mime="image/jpeg", filename="p.jpg")
    content = c.Image(url=f"media:{media_id}", caption="ours")
    session = await line.open()
    await asyncio.gather(*(session.send(line.message(content, to=f"62812345678{n:02d}")) for n in range(20)))
    assert line.files.reads == 1
    rows = await meta.outbox(line.number)
    assert len(rows) == 20
    (uploaded,) = {row["content"]["image"]["id"] for row in rows}
    assert meta.world.account(line.number).media.get(uploaded) == (b"\xff\xd8\xff picture", "image/jpeg", "p.jpg")
    # Meta loses the file: it is uploaded afresh and the message goes out.
    meta.world.account(line.number).media.remove(uploaded)
    await session.send(line.message(content))
    assert line.files.reads == 2
    with pytest.raises(Rejected) as missing:
        await session.send(line.message(c.Image(url="media:77")))
    assert missing.value.code == "MEDIA_NOT_FOUND"
    big = await line.files.store(b"x" * (6 * 1024 * 1024), mime="image/jpeg")
    with pytest.raises(Rejected) as large:
        await session.send(line.message(c.Image(url=f"media:{big}")))
    assert large.value.code == "MEDIA_TOO_LARGE"


async def test_templates_are_listed_made_edited_checked_and_deleted(line: Line, meta: Meta) -> None:
    session = await line.open()
    before = {template.name for template in await session.list_templates()}
    assert {"market_bros", "auth_code", "cta_offer"} <= before
    body = [
        {"type": "BODY", "text": "Hello {{1}}, you are number {{2}} today.", "example": {"body_text": [["a", "b"]]}}
    ]
    made = await session.create_template("greeting", "en", "utility", body, "POSITIONAL")
    assert made.status == "PENDING"
    await line.heard.until(lambda: any(t.status == "APPROVED" for t in line.heard.of(TemplateChanged)))
    with pytest.raises(Rejected) as short:
        await session.send(line.message(c.Template(name="greeting", language="en", body=[c.Param(text="Asha")])))
    assert short.value.code == "132000"
    assert "{{2}}" in short.value.message
    assert not await meta.outbox(line.number)
    values = [c.Param(text="Asha"), c.Param(text="7")]
    await session.send(line.message(c.Template(name="greeting", language="en", body=values)))
    fewer = [{"type": "BODY", "text": "Hello {{1}}, good day.", "example": {"body_text": [["a"]]}}]
    await session.edit_template(made.provider_id, fewer, None)
    # The memory of the template is stale now; the refusal is checked against a fresh reading before it is told.
    with pytest.raises(Rejected) as refused:
        await session.send(line.message(c.Template(name="greeting", language="en", body=values)))
    assert refused.value.code in ("132000", "132001")
    await session.delete_template("greeting", None)
    assert "greeting" not in {template.name for template in await session.list_templates()}
    with pytest.raises(Rejected) as gone:
        await session.send(line.message(c.Template(name="greeting", language="en")))
    assert gone.value.code == "132001"


async def test_catalogs_products_profile_and_account(line: Line) -> None:
    session = await line.open()
    found = await require(session, Catalogs, "whatsapp_cloud").list_catalogs()
    assert sum(catalog.selected for catalog in found) == 1
    largest = max(found, key=lambda catalog: catalog.product_count)
    products = [product async for product in session.list_products(largest.provider_id)]
    assert len(products) == largest.product_count > 0
    assert products[0].retailer_id
    await session.update_business_profile({"about": "We sell soup"})
    assert (await session.business_profile())["about"] == "We sell soup"
    account = await session.account()
    assert account.quality == "GREEN"


async def test_read_marks_and_typing(line: Line, meta: Meta) -> None:
    session = await line.open()
    account = meta.world.account(line.number)
    message = account.receive(c.Text(text="hi"), "6281234567890")
    await session.mark_read("6281234567890", [message.provider_id])
    assert message.provider_id in account.read_marks
    await session.typing("6281234567890", True, message.provider_id)
    assert account.typing_to
    await session.typing("6281234567890", True, None)
    await session.typing("6281234567890", False, message.provider_id)
