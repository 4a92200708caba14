"""What leaves for Meta: each of the eighteen variants through the WhatsApp Cloud engine to a Graph API over HTTP.

The simulated Graph API validates as Meta does. The payload it received is compared with the one that pywa, an independent
client of the Cloud API, sends for the same message.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import pywa
from pywa import types
from pywa.types import templates as t

from jackfield.core import Core
from jackfield.dialects import DialectOptions
from jackfield.dialects.pabbly.app import build_pabbly
from jackfield.dialects.pabbly.reference import entries
from jackfield.testing.simulator import SimulatorProcess, simulator_process
from jackfield.worker.worker import Worker

NUMBER, WABA, TOKEN, KEY = "106540352242955", "102290129340355", "EAApabbly", "test-key-0123456789"
OTHER = "15551486943"
REQUESTS = {one.slug: one.request for one in entries() if one.path == "/messages" and one.method == "POST"}
FILE = "https://example.com/media/"
EN = t.TemplateLanguage.ENGLISH


@pytest.fixture(scope="module")
def meta() -> Any:
    with simulator_process("--people", "plain", "--delay-scale", "0") as running:
        answer = httpx.post(
            f"{running.url}/control/graph/{NUMBER}",
            json={"accessToken": TOKEN, "wabaId": WABA, "throughput": 0, "pairRate": False, "enforceWindow": False},
        )
        assert answer.status_code == 200, answer.text
        yield running


@pytest.fixture
async def api(lite: Core, meta: SimulatorProcess, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The dialect on a workspace whose default channel is that number, with a worker."""
    made = await lite.accounts.bootstrap("T", "o@example.com", "correct horse battery", KEY)
    assert made is not None
    channel = await lite.channels.create(
        made.workspace_id,
        name="Cloud",
        engine="whatsapp_cloud",
        config={"baseUrl": meta.url, "phoneNumberId": NUMBER, "wabaId": WABA, "accessToken": TOKEN},
    )
    await lite.channels.connect(made.workspace_id, channel.id)
    worker = Worker(lite)
    worker.start()
    async with asyncio.timeout(60):
        while not await lite.templates.count(made.workspace_id, channel.id):
            await asyncio.sleep(0.02)
    app = build_pabbly(lite, DialectOptions())
    transport = httpx.ASGITransport(app=app)
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/v1", headers=headers) as found:
        yield found
    await worker.close()


@pytest.fixture(scope="module")
def wa(meta: SimulatorProcess) -> Any:
    """pywa on the same number."""
    client = pywa.WhatsApp(phone_id=NUMBER, token=TOKEN, waba_id=WABA, session=httpx.Client())
    client.api._session.base_url = f"{meta.url}/v23.0"
    yield client
    client.api._session.close()


def template(name: str, *params: Any) -> Callable[[pywa.WhatsApp], Any]:
    return lambda wa: wa.send_template(OTHER, name, EN, list(params))


def card(n: int, thing: str, link: str) -> Any:
    return t.CarouselCard.params(
        index=n,
        params=[
            t.HeaderImage.params(image=f"{FILE}carousel_{n + 1}.jpg"),
            t.BodyText.params(thing),
            t.URLButton.params(url_variable=link, index=0),
            t.QuickReplyButton.params(callback_data=f"more-{n + 1}", index=1),
        ],
    )


SAME: dict[str, Callable[[pywa.WhatsApp], Any]] = {
    "send-text-template": template("summer_time", t.HeaderText.params("Hi John"), t.BodyText.params("Summer", "25%")),
    "send-media-template": template(
        "link_docs",
        t.HeaderDocument.params(document=f"{FILE}price-list.pdf", filename="Price list.pdf"),
        t.BodyText.params("Thanks"),
    ),
    "send-authentication-template": template(
        "auth_code", t.AuthenticationBody.params(otp="493817"), t.CopyCodeOTPButton.params(otp="493817")
    ),
    "send-cta-buttons-template": template(
        "cta_offer",
        t.BodyText.params("Priya"),
        t.URLButton.params(url_variable="summer", index=0),
        t.CopyCodeButton.params(coupon_code="SAVE20", index=1),
        t.QuickReplyButton.params(callback_data="yes", index=2),
        t.QuickReplyButton.params(callback_data="later", index=3),
    ),
    "send-carousel-template": template(
        "carousel_sale",
        t.BodyText.params("Maria"),
        t.Carousel.params(
            cards=[card(0, "running shoes", "running"), card(1, "sneakers", "sneakers"), card(2, "sandals", "sandals")]
        ),
    ),
    "send-lto-template": template(
        "lto_offer",
        t.HeaderImage.params(image=f"{FILE}lto_offer.jpg"),
        t.BodyText.params("Pablo", "CARIBE25"),
        t.LimitedTimeOffer.params(expiration_time=datetime.fromtimestamp(2000000000, UTC)),
        t.CopyCodeButton.params(coupon_code="CARIBE25", index=0),
        t.URLButton.params(url_variable="summer", index=1),
    ),
    "send-text-message": lambda wa: wa.send_message(OTHER, "Hello from Chatflow", preview_url=True),
    "send-image-message": lambda wa: wa.send_image(OTHER, f"{FILE}photo.jpg", caption="Our new shop"),
    "send-audio-message": lambda wa: wa.send_audio(OTHER, f"{FILE}hello.mp3"),
    "send-video-message": lambda wa: wa.send_video(OTHER, f"{FILE}tour.mp4", caption="A short tour"),
    "send-document-message": lambda wa: wa.send_document(
        OTHER, f"{FILE}a.pdf", caption="Invoice", filename="Invoice.pdf"
    ),
    "send-single-product-message": lambda wa: wa.send_product(
        OTHER, "847458390842216", "SHOE-001", body="Have a look at this one", footer="Free delivery"
    ),
    "send-multi-product-message": lambda wa: wa.send_products(
        OTHER,
        "847458390842216",
        [types.ProductsSection("Trail", ["SHOE-001", "SHOE-002"])],
        "Shoes",
        "Our best sellers",
        footer="Free delivery",
    ),
    "send-catalog-message": lambda wa: wa.send_catalog(
        OTHER, "Everything we have", footer="Free delivery", thumbnail_product_sku="SHOE-001"
    ),
    "send-list-message": lambda wa: wa.send_message(
        OTHER,
        "How can we help?",
        header="Support",
        footer="We answer within an hour",
        buttons=types.SectionList(
            "Choose",
            [
                types.Section(
                    "Orders",
                    [
                        types.SectionRow("Track an order", "track", "Where is it now?"),
                        types.SectionRow("Return something", "row_1_2"),
                    ],
                )
            ],
        ),
    ),
    "send-cta-url-message": lambda wa: wa.send_document(
        OTHER,
        f"{FILE}a.pdf",
        caption="Book your place online",
        filename="Programme.pdf",
        buttons=types.URLButton("Book now", "https://example.com/book"),
    ),
    "send-location-request-message": lambda wa: wa.request_location(OTHER, "Please share your location"),
}
BY_HAND: dict[str, dict[str, Any]] = {
    # Meta's reference of address messages; pywa has no such call.
    "send-address-request-message": {
        "messaging_product": "whatsapp",
        "type": "interactive",
        "interactive": {
            "type": "address_message",
            "body": {"text": "Where shall we deliver?"},
            "action": {
                "name": "address_message",
                "parameters": {
                    "country": "IN",
                    "values": {"name": "Priya", "phone_number": "+919812345678"},
                },
            },
        },
    },
}


def plain(value: Any) -> Any:
    """A payload without what is not its meaning: recipient, our reference, empty parts, numbers as text or not."""
    dropped = ("to", "recipient_type", "biz_opaque_callback_data")
    if isinstance(value, dict):
        found = {key: plain(item) for key, item in value.items() if key not in dropped}
        if found.get("expiration_time_ms") == "2000000000":
            # pywa 4.5 gives seconds; Meta's reference says milliseconds, as the name does.
            found["expiration_time_ms"] += "000"
        # Meta takes component types in either case.
        found |= {key: found[key].lower() for key in ("type", "sub_type") if isinstance(found.get(key), str)}
        return {key: item for key, item in found.items() if item not in (None, [], {})}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return str(value).lower() if isinstance(value, int) and not isinstance(value, bool) else value


def ordered(payload: Any) -> Any:
    """Components in one order; Meta does not care."""
    shown = plain(payload)
    for holder in (shown.get("template") or {}, *((shown.get("template") or {}).get("components") or [])):
        if "components" in holder:
            holder["components"].sort(key=repr)
        for one in holder.get("cards", []):
            one["components"].sort(key=repr)
    return shown


def taken(meta: SimulatorProcess, to: str) -> Any:
    rows = [row for row in meta.outbox_now(NUMBER) if row["to"] == to]
    return rows[-1]["content"]


def test_all_eighteen_are_compared() -> None:
    assert {*SAME, *BY_HAND} == set(REQUESTS)
    assert len(REQUESTS) == 18


async def test_what_meta_receives(api: httpx.AsyncClient, meta: SimulatorProcess, wa: pywa.WhatsApp) -> None:
    # A recipient each: Meta wants six seconds between two messages to one person, and the pacing keeps to it.
    people = {slug: str(15551480000 + n) for n, slug in enumerate(REQUESTS)}
    answers = await asyncio.gather(
        *(api.post("/messages", json={**request, "to": int(people[slug])}) for slug, request in REQUESTS.items())
    )
    for (slug, person), answer in zip(people.items(), answers, strict=True):
        assert answer.status_code == 200, (slug, answer.text)
        body = answer.json()["data"]["metaResponse"]
        assert body["messages"][0]["id"].startswith("wamid.")
        assert body["messages"][0]["message_status"] == "accepted"
        assert body["contacts"] == [{"input": person, "wa_id": person}]
        ours = taken(meta, person)
        if slug in SAME:
            SAME[slug](wa)
            theirs = taken(meta, OTHER)
        else:
            theirs = BY_HAND[slug]
        assert ordered(ours) == ordered(theirs), slug


async def test_the_catalogs_and_templates_of_the_account(api: httpx.AsyncClient) -> None:
    listed = (await api.get("/templates?all=1")).json()["data"]
    assert "carousel_sale" in {one["name"] for one in listed["templates"]}
