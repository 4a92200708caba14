"""pywa, a client of Meta's Cloud API that others wrote, against the simulated Meta: our picture is not only ours.

It sends every kind of message it has, manages templates, media and the profile, and parses every webhook that the
simulator emits; whatever it cannot parse, or parses into nothing, fails the test.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import fastapi
import httpx
import pytest
import pywa_async
from pywa_async import errors, types
from pywa_async.types import templates as t

from jackfield.core.port import content as c

from .conftest import Meta

NUMBER = "106540352242933"
WABA = "102290129340399"
PERSON = "6281234567890"


class Client:
    """pywa's client, and all that its handlers were called with."""

    def __init__(self, meta: Meta) -> None:
        self.meta = meta
        self.heard: list[Any] = []
        self._news = asyncio.Condition()
        app = fastapi.FastAPI()
        self.wa = pywa_async.WhatsApp(
            phone_id=NUMBER,
            token="EAApywa",
            waba_id=WABA,
            server=app,
            webhook_endpoint="/hooks/pywa",
            verify_token="verify-pywa",
            app_secret="pywa-secret",
            session=httpx.AsyncClient(),
            filter_updates=True,
        )
        self.wa.api._session.base_url = f"{meta.url}/v23.0"
        meta.receivers["/hooks/pywa"] = app
        for name in HANDLERS:
            getattr(self.wa, name)()(self._hear)

    async def _hear(self, _: pywa_async.WhatsApp, update: Any) -> None:
        async with self._news:
            self.heard.append(update)
            self._news.notify_all()

    async def until(self, ready: Callable[[list[Any]], bool], timeout: float = 60) -> None:
        async with asyncio.timeout(timeout):
            async with self._news:
                await self._news.wait_for(lambda: ready(self.heard))


HANDLERS = [
    "on_message",
    "on_callback_button",
    "on_callback_selection",
    "on_flow_completion",
    "on_message_status",
    "on_phone_number_change",
    "on_template_status_update",
    "on_template_quality_update",
    "on_template_category_update",
    "on_user_marketing_preferences",
    "on_call_connect",
    "on_call_terminate",
    "on_edited_message",
    "on_deleted_message",
    "on_outgoing_message",
    "on_account_update",
]


@pytest.fixture
async def client(meta: Meta) -> AsyncIterator[Client]:
    """pywa on a number without limits, its webhooks verified and signed."""
    found = Client(meta)
    await meta.control(
        NUMBER,
        accessToken="EAApywa",
        appSecret="pywa-secret",
        verifyToken="verify-pywa",
        wabaId=WABA,
        throughput=0,
        pairRate=False,
        enforceWindow=False,
        callbackUrl=f"{meta.url}/hooks/pywa",
    )
    yield found
    await meta.control(NUMBER, callbackUrl=None)
    await found.wa.api._session.aclose()


Send = Callable[[pywa_async.WhatsApp], Awaitable[Any]]

SENDS: dict[str, Send] = {
    "text": lambda wa: wa.send_message(PERSON, "Hi", preview_url=True, reply_to_message_id="wamid.x", tracker="t1"),
    "buttons": lambda wa: wa.send_message(
        PERSON, "Choose", header="H", footer="F", buttons=[types.Button("Yes", "y"), types.Button("No", "n")]
    ),
    "url button": lambda wa: wa.send_message(PERSON, "Look", buttons=types.URLButton("Open", "https://example.com")),
    "call button": lambda wa: wa.send_message(PERSON, "Call", buttons=types.VoiceCallButton("Call us")),
    "call permission": lambda wa: wa.send_message(PERSON, "May we?", buttons=types.CallPermissionRequestButton()),
    "list": lambda wa: wa.send_message(
        PERSON,
        "Menu",
        buttons=types.SectionList("Open", [types.Section("Food", [types.SectionRow("Soup", "1", "hot")])]),
    ),
    "flow": lambda wa: wa.send_message(
        PERSON,
        "Fill in",
        buttons=types.FlowButton(
            "Start", flow_id="1", flow_action_type=types.FlowActionType.NAVIGATE, flow_action_screen="FIRST"
        ),
    ),
    "image": lambda wa: wa.send_image(PERSON, "https://example.com/a.jpg", caption="A"),
    "image with buttons": lambda wa: wa.send_image(
        PERSON, "https://example.com/a.jpg", caption="A", buttons=[types.Button("Yes", "y")]
    ),
    "video": lambda wa: wa.send_video(PERSON, "https://example.com/a.mp4", caption="V"),
    "document": lambda wa: wa.send_document(PERSON, "https://example.com/a.pdf", filename="a.pdf", caption="D"),
    "audio": lambda wa: wa.send_audio(PERSON, "https://example.com/a.mp3"),
    "voice": lambda wa: wa.send_voice(PERSON, "https://example.com/a.ogg"),
    "sticker": lambda wa: wa.send_sticker(PERSON, "https://example.com/a.webp"),
    "uploaded image": lambda wa: wa.send_image(PERSON, b"\x89PNG picture", mime_type="image/png", caption="bytes"),
    "reaction": lambda wa: wa.send_reaction(PERSON, "👍", "wamid.x"),
    "reaction taken back": lambda wa: wa.remove_reaction(PERSON, "wamid.x"),
    "location": lambda wa: wa.send_location(PERSON, -6.2, 106.8, "Monas", "Jakarta"),
    "location request": lambda wa: wa.request_location(PERSON, "Where?"),
    "contact info request": lambda wa: wa.request_contact_info(PERSON, "Who?"),
    "contact": lambda wa: wa.send_contact(
        PERSON,
        types.Contact(
            name=types.Contact.Name(formatted_name="Ana Silva", first_name="Ana"),
            phones=[types.Contact.Phone(phone="+55 11 99999-0000", type="CELL")],
        ),
    ),
    "catalog": lambda wa: wa.send_catalog(PERSON, "All of it", thumbnail_product_sku="a"),
    "product": lambda wa: wa.send_product(PERSON, "1", "sku", body="This one"),
    "products": lambda wa: wa.send_products(PERSON, "1", [types.ProductsSection("All", ["a", "b"])], "Ours", "Look"),
    "pin": lambda wa: wa.pin_message("Y2FwaV9ncm91cDo1NTU", "wamid.x", expiration_days=7),
    "template": lambda wa: wa.send_template(
        PERSON,
        "cta_offer",
        t.TemplateLanguage.ENGLISH,
        [
            t.BodyText.params("Priya"),
            t.URLButton.params(url_variable="summer", index=0),
            t.CopyCodeButton.params(coupon_code="SAVE20", index=1),
            t.QuickReplyButton.params(callback_data="yes", index=2),
        ],
    ),
    "template with a picture": lambda wa: wa.send_template(
        PERSON, "market_bros", t.TemplateLanguage.ENGLISH, [t.HeaderImage.params(image="https://example.com/a.jpg")]
    ),
    "template with a document": lambda wa: wa.send_template(
        PERSON,
        "link_docs",
        t.TemplateLanguage.ENGLISH,
        [t.HeaderDocument.params(document="https://example.com/a.pdf"), t.BodyText.params("Thanks")],
    ),
    "authentication": lambda wa: wa.send_template(
        PERSON,
        "auth_code",
        t.TemplateLanguage.ENGLISH,
        [t.AuthenticationBody.params(otp="123456"), t.CopyCodeOTPButton.params(otp="123456")],
    ),
    "to a user id": lambda wa: wa.send_message("ID.1234567890", "Hi"),
    "read mark": lambda wa: wa.mark_message_as_read("wamid.x"),
    "typing": lambda wa: wa.indicate_typing("wamid.x"),
}


@pytest.mark.parametrize("send", SENDS.values(), ids=SENDS.keys())
async def test_every_kind_of_message_is_taken(client: Client, meta: Meta, send: Send) -> None:
    result = await send(client.wa)
    outbox = await meta.outbox(NUMBER)
    if isinstance(result, types.SentMessage):
        assert [row["id"] for row in outbox] == [result.id]
        if outbox[0]["to"] == PERSON:
            await client.until(lambda heard: sum(isinstance(u, types.MessageStatus) for u in heard) == 3)
            assert {update.id for update in client.heard} == {result.id}
    else:
        assert result
        assert outbox == []


async def test_a_carousel_of_cards(client: Client, meta: Meta) -> None:
    cards = [
        types.ImageCarouselCard(
            image="https://example.com/a.jpg", body="A", buttons=types.URLButton("Go", "https://example.com")
        )
        for _ in range(2)
    ]
    sent = await client.wa.send_carousel(to=PERSON, body="Two", cards=cards)
    assert [row["id"] for row in await meta.outbox(NUMBER)] == [sent.id]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"code": 130429}, errors.RateLimitHit),
        ({"code": 131056}, errors.TooManyMessages),
        ({"code": 132015}, errors.TemplatePaused),
        ({"code": 131000}, errors.UnknownError),
        ({"code": 190}, errors.ExpiredAccessToken),
        ({"code": 368}, errors.TemporarilyBlocked),
        ({"code": 131026, "kind": "reject"}, errors.MessageUndeliverable),
    ],
    ids=str,
)
async def test_errors_are_what_pywa_takes_them_for(
    client: Client, meta: Meta, fault: dict[str, Any], expected: type[Exception]
) -> None:
    await meta.world_control(NUMBER, "faults", **fault)
    with pytest.raises(expected):
        await client.wa.send_message(PERSON, "Hi")


async def test_validation_errors(client: Client) -> None:
    with pytest.raises(errors.TemplateNotExists):
        await client.wa.send_template(PERSON, "nothing", t.TemplateLanguage.ENGLISH, [])
    with pytest.raises(errors.TemplateParamCountMismatch):
        await client.wa.send_template(PERSON, "demo_text", t.TemplateLanguage.ENGLISH, [])
    with pytest.raises(errors.InvalidParameter):
        await client.wa.send_message(PERSON, "x", buttons=[types.Button("x" * 21, "y")])
    with pytest.raises(errors.RecipientCannotBeSender):
        await client.wa.send_message(client.meta.world.account(NUMBER).phone, "x")


async def test_a_failed_message_is_parsed_with_its_error(client: Client, meta: Meta) -> None:
    await meta.world_control(NUMBER, "faults", code=131026)
    await client.wa.send_message(PERSON, "Hi", tracker="ref-9")
    await client.until(lambda heard: any(getattr(u, "error", None) for u in heard))
    (failed,) = [u for u in client.heard if isinstance(u, types.MessageStatus) and u.error]
    assert isinstance(failed.error, errors.MessageUndeliverable)
    assert failed.tracker == "ref-9"
    assert failed.status is types.MessageStatusType.FAILED


INBOUND: dict[str, tuple[dict[str, Any], type[Any], Callable[[Any], object]]] = {
    "text": ({"text": "hello"}, types.Message, lambda m: m.text == "hello" and m.from_user.wa_id == PERSON),
    "image": ({"type": "image", "caption": "A"}, types.Message, lambda m: m.image.id and m.caption == "A"),
    "video": ({"type": "video"}, types.Message, lambda m: m.video.mime_type == "video/mp4"),
    "audio": ({"type": "audio"}, types.Message, lambda m: m.audio.id),
    "document": ({"type": "document"}, types.Message, lambda m: m.document.filename),
    "sticker": ({"type": "sticker"}, types.Message, lambda m: m.sticker.id),
    "location": (
        {"type": "location", "latitude": 1, "longitude": 2},
        types.Message,
        lambda m: m.location.latitude == 1,
    ),
    "contacts": (
        {"type": "contacts", "contacts": [{"name": "Ana Silva", "phones": ["+55 11"]}]},
        types.Message,
        lambda m: m.contacts[0].name.formatted_name == "Ana Silva",
    ),
    "reaction": (
        {"type": "reaction", "target": "wamid.x", "emoji": "🙂"},
        types.Message,
        lambda m: m.reaction.emoji == "🙂",
    ),
    "order": (
        {"type": "order", "catalogId": "9", "items": [{"productId": "a", "quantity": 2, "price": "7.5"}]},
        types.Message,
        lambda m: m.order.products[0].price == 7.5,
    ),
    "unsupported": ({"type": "unsupported"}, types.Message, lambda m: m.type is types.MessageType.UNSUPPORTED),
    "button": ({"type": "button", "id": "yes", "title": "Yes"}, types.CallbackButton, lambda m: m.data == "yes"),
    "list": ({"type": "list", "id": "1", "title": "Soup"}, types.CallbackSelection, lambda m: m.title == "Soup"),
    "flow": ({"type": "flow", "data": {"a": 1}}, types.FlowCompletion, lambda m: m.response["a"] == 1),
    "system": ({"type": "system", "text": "Budi moved"}, types.PhoneNumberChange, lambda m: m.new_wa_id),
}


@pytest.mark.parametrize(("fields", "kind", "fits"), INBOUND.values(), ids=INBOUND.keys())
async def test_every_incoming_kind_is_parsed(
    client: Client, meta: Meta, fields: dict[str, Any], kind: type[Any], fits: Callable[[Any], object]
) -> None:
    answer = await meta.world_control(NUMBER, "inbound", **{"from": PERSON, "name": "Budi"}, **fields)
    await client.until(lambda heard: bool(heard))
    (update,) = client.heard
    assert isinstance(update, kind)
    assert update.id == answer["data"]["id"]
    assert update.metadata.phone_number_id == NUMBER
    assert fits(update)


async def test_what_else_happens_is_parsed(client: Client, meta: Meta) -> None:
    account = meta.world.account(NUMBER)
    message = account.receive(c.Text(text="hi"), PERSON, reply_to="wamid.before")
    account.receive(c.Text(text="without a phone"), "ID.12345678901234567")
    account.edited(message.provider_id, c.Text(text="hi!"))
    account.deleted(message.provider_id)
    account.prefers(PERSON, False)
    account.receive(c.Text(text="from the phone"), PERSON, chat=PERSON, from_me=True)
    call = account.call(PERSON)
    account.reject_call(call.call_id)
    account.pause_template("demo_text", "en")
    await meta.http.post(
        f"{meta.url}/control/graph/{NUMBER}/webhook",
        json={
            "field": "account_update",
            "value": {"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": "SPAM"}},
        },
    )
    expected = {
        types.Message: 2,
        types.EditedMessage: 1,
        types.DeletedMessage: 1,
        types.UserMarketingPreferences: 1,
        types.OutgoingMessage: 1,
        types.CallConnect: 1,
        types.CallTerminate: 1,
        types.TemplateStatusUpdate: 1,
        types.AccountUpdate: 1,
    }
    await client.until(lambda heard: len(heard) == sum(expected.values()))
    assert {kind: sum(type(update) is kind for update in client.heard) for kind in expected} == expected
    preference = next(u for u in client.heard if isinstance(u, types.UserMarketingPreferences))
    assert not preference
    hidden = next(u for u in client.heard if type(u) is types.Message and u.text == "without a phone")
    assert hidden.from_user.wa_id is None
    assert hidden.from_user.bsuid == "ID.12345678901234567"


async def test_media_up_and_down(client: Client, meta: Meta) -> None:
    media = await client.wa.upload_media(b"%PDF-1.4 x", mime_type="application/pdf", filename="a.pdf")
    url = await client.wa.get_media_url(media.id)
    assert url.mime_type == "application/pdf"
    assert await client.wa.get_media_bytes(url.url) == b"%PDF-1.4 x"
    assert await client.wa.delete_media(media.id)
    with pytest.raises(errors.WhatsAppError):
        await client.wa.get_media_url(media.id)


async def test_templates(client: Client) -> None:
    created = await client.wa.create_template(
        t.Template(
            name="greeting",
            category=t.TemplateCategory.UTILITY,
            language=t.TemplateLanguage.ENGLISH,
            components=[
                t.HeaderText("News for {{1}} today", "Asha"),
                t.BodyText("Hello {{1}}, how are you?", "Asha"),
                t.FooterText(text="Jackfield"),
                t.Buttons(
                    buttons=[
                        t.QuickReplyButton(text="Fine"),
                        t.URLButton(text="Open", url="https://example.com/{{1}}", example="x"),
                    ]
                ),
            ],
            parameter_format=t.ParamFormat.POSITIONAL,
        )
    )
    assert created.id
    await client.until(lambda heard: any(isinstance(u, types.TemplateStatusUpdate) for u in heard))
    update = next(u for u in client.heard if isinstance(u, types.TemplateStatusUpdate))
    assert (update.new_status, update.template_name) == (t.TemplateStatus.APPROVED, "greeting")
    found = await client.wa.get_template(created.id)
    assert found.name == "greeting"
    assert [type(part).__name__ for part in found.components] == ["HeaderText", "BodyText", "FooterText", "Buttons"]
    names = [template.name async for template in _all(await client.wa.get_templates())]
    assert "greeting" in names
    assert len(names) >= 15
    assert await client.wa.delete_template("greeting")


async def _all(result: Any) -> AsyncIterator[Any]:
    while True:
        for template in result:
            yield template
        if not result.has_next:
            return
        result = await result.next()


async def test_number_profile_and_commerce(client: Client) -> None:
    number = await client.wa.get_business_phone_number()
    assert number.id == NUMBER
    assert number.throughput == {"level": "HIGH"}
    assert len(await client.wa.get_business_phone_numbers()) == 1
    await client.wa.update_business_profile(about="We sell soup", industry=types.Industry.RETAIL)
    assert (await client.wa.get_business_profile()).about == "We sell soup"
    assert (await client.wa.get_commerce_settings()).is_catalog_visible
    assert await client.wa.register_phone_number("123456")
