"""Golden payloads: what each kind of content is on the Graph API's wire, and what is refused before it leaves."""

from __future__ import annotations

from typing import Any

import pytest

from jackfield.core.ground.errors import Rejected
from jackfield.core.port import Outgoing
from jackfield.core.port import content as c
from jackfield.engines.whatsapp_cloud.convert import Upload, content_part, payload, stored_media

GOLDEN: list[tuple[str, c.Content, dict[str, Any]]] = [
    ("text", c.Text(text="Hi"), {"type": "text", "text": {"body": "Hi", "preview_url": True}}),
    (
        "image by link",
        c.Image(url="https://example.com/a.jpg", caption="A"),
        {"type": "image", "image": {"link": "https://example.com/a.jpg", "caption": "A"}},
    ),
    ("image by id", c.Image(media_id="123"), {"type": "image", "image": {"id": "123"}}),
    ("stored image", c.Image(url="media:7"), {"type": "image", "image": {"id": "900"}}),
    ("video", c.Video(media_id="1", caption="V"), {"type": "video", "video": {"id": "1", "caption": "V"}}),
    ("voice", c.Audio(media_id="1", voice=True), {"type": "audio", "audio": {"id": "1", "voice": True}}),
    ("audio has no caption", c.Audio(media_id="1", caption="x"), {"type": "audio", "audio": {"id": "1"}}),
    (
        "document",
        c.Document(media_id="1", filename="a.pdf", caption="D"),
        {"type": "document", "document": {"id": "1", "caption": "D", "filename": "a.pdf"}},
    ),
    ("sticker", c.Sticker(media_id="1"), {"type": "sticker", "sticker": {"id": "1"}}),
    (
        "location",
        c.Location(latitude=1.5, longitude=-2.0, name="N", address="A"),
        {"type": "location", "location": {"latitude": 1.5, "longitude": -2.0, "name": "N", "address": "A"}},
    ),
    (
        "contacts",
        c.Contacts(
            contacts=[
                c.ContactCard(name="Ana Silva", phones=["+55 1"], emails=["a@example.com"], organization="Acme"),
                c.ContactCard(
                    name="Bo",
                    phones=["+1"],
                    raw={"name": {"formatted_name": "old", "last_name": "B"}, "birthday": "2000-01-01"},
                ),
            ]
        ),
        {
            "type": "contacts",
            "contacts": [
                {
                    "name": {"formatted_name": "Ana Silva", "first_name": "Ana Silva"},
                    "phones": [{"phone": "+55 1", "type": "CELL"}],
                    "emails": [{"email": "a@example.com", "type": "WORK"}],
                    "org": {"company": "Acme"},
                },
                {
                    "name": {"formatted_name": "Bo", "last_name": "B"},
                    "birthday": "2000-01-01",
                    "phones": [{"phone": "+1", "type": "CELL"}],
                },
            ],
        },
    ),
    (
        "reaction",
        c.Reaction(target="wamid.x", emoji="👍"),
        {"type": "reaction", "reaction": {"message_id": "wamid.x", "emoji": "👍"}},
    ),
    (
        "reaction taken back",
        c.Reaction(target="wamid.x", emoji=""),
        {"type": "reaction", "reaction": {"message_id": "wamid.x", "emoji": ""}},
    ),
    (
        "template without values",
        c.Template(name="hello", language="en"),
        {"type": "template", "template": {"name": "hello", "language": {"code": "en"}}},
    ),
    (
        "template with everything",
        c.Template(
            name="all",
            language="en_US",
            header=c.HeaderParam(media=c.Document(media_id="5", filename="a.pdf")),
            body=[c.Param(text="Asha"), c.Param(text="7")],
            buttons=[
                c.ButtonParam(index=0, kind="url", text="summer"),
                c.ButtonParam(index=1, kind="quick_reply", text="yes"),
                c.ButtonParam(index=2, kind="copy_code", text="SAVE20"),
                c.ButtonParam(index=3, kind="flow", action={"flow_token": "t", "flow_action_data": {"a": 1}}),
                c.ButtonParam(index=4, kind="catalog", action={"thumbnail_product_retailer_id": "sku"}),
                c.ButtonParam(
                    index=5,
                    kind="mpm",
                    action={"thumbnail_product_retailer_id": "sku", "sections": [{"title": "A", "product_items": []}]},
                ),
            ],
            offer_expires_at=1767225600000,
        ),
        {
            "type": "template",
            "template": {
                "name": "all",
                "language": {"code": "en_US"},
                "components": [
                    {
                        "type": "header",
                        "parameters": [{"type": "document", "document": {"id": "5", "filename": "a.pdf"}}],
                    },
                    {"type": "body", "parameters": [{"type": "text", "text": "Asha"}, {"type": "text", "text": "7"}]},
                    {
                        "type": "button",
                        "sub_type": "url",
                        "index": "0",
                        "parameters": [{"type": "text", "text": "summer"}],
                    },
                    {
                        "type": "button",
                        "sub_type": "quick_reply",
                        "index": "1",
                        "parameters": [{"type": "payload", "payload": "yes"}],
                    },
                    {
                        "type": "button",
                        "sub_type": "copy_code",
                        "index": "2",
                        "parameters": [{"type": "coupon_code", "coupon_code": "SAVE20"}],
                    },
                    {
                        "type": "button",
                        "sub_type": "flow",
                        "index": "3",
                        "parameters": [{"type": "action", "action": {"flow_token": "t", "flow_action_data": {"a": 1}}}],
                    },
                    {
                        "type": "button",
                        "sub_type": "catalog",
                        "index": "4",
                        "parameters": [{"type": "action", "action": {"thumbnail_product_retailer_id": "sku"}}],
                    },
                    {
                        "type": "button",
                        "sub_type": "mpm",
                        "index": "5",
                        "parameters": [
                            {
                                "type": "action",
                                "action": {
                                    "thumbnail_product_retailer_id": "sku",
                                    "sections": [{"title": "A", "product_items": []}],
                                },
                            }
                        ],
                    },
                    {
                        "type": "limited_time_offer",
                        "parameters": [
                            {"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": 1767225600000}}
                        ],
                    },
                ],
            },
        },
    ),
    (
        "template with named values and a location",
        c.Template(
            name="visit",
            language="en",
            header=c.HeaderParam(location=c.Location(latitude=1, longitude=2, name="Shop")),
            body=[c.Param(text="Asha", name="first_name")],
        ),
        {
            "type": "template",
            "template": {
                "name": "visit",
                "language": {"code": "en"},
                "components": [
                    {
                        "type": "header",
                        "parameters": [
                            {"type": "location", "location": {"latitude": 1, "longitude": 2, "name": "Shop"}}
                        ],
                    },
                    {
                        "type": "body",
                        "parameters": [{"type": "text", "parameter_name": "first_name", "text": "Asha"}],
                    },
                ],
            },
        },
    ),
    (
        "authentication",
        c.Template(
            name="code",
            language="en",
            body=[c.Param(text="123456")],
            buttons=[c.ButtonParam(index=0, kind="otp", text="123456")],
        ),
        {
            "type": "template",
            "template": {
                "name": "code",
                "language": {"code": "en"},
                "components": [
                    {"type": "body", "parameters": [{"type": "text", "text": "123456"}]},
                    {
                        "type": "button",
                        "sub_type": "url",
                        "index": "0",
                        "parameters": [{"type": "text", "text": "123456"}],
                    },
                ],
            },
        },
    ),
    (
        "carousel",
        c.Template(
            name="cards",
            language="en",
            body=[c.Param(text="x")],
            cards=[
                c.CardParam(
                    header=c.HeaderParam(media=c.Image(url="media:7")),
                    body=[c.Param(text="y")],
                    buttons=[c.ButtonParam(index=0, kind="quick_reply", text="p")],
                )
            ],
        ),
        {
            "type": "template",
            "template": {
                "name": "cards",
                "language": {"code": "en"},
                "components": [
                    {"type": "body", "parameters": [{"type": "text", "text": "x"}]},
                    {
                        "type": "carousel",
                        "cards": [
                            {
                                "card_index": 0,
                                "components": [
                                    {"type": "header", "parameters": [{"type": "image", "image": {"id": "900"}}]},
                                    {"type": "body", "parameters": [{"type": "text", "text": "y"}]},
                                    {
                                        "type": "button",
                                        "sub_type": "quick_reply",
                                        "index": "0",
                                        "parameters": [{"type": "payload", "payload": "p"}],
                                    },
                                ],
                            }
                        ],
                    },
                ],
            },
        },
    ),
    (
        "buttons",
        c.Buttons(
            body="B",
            footer="F",
            header=c.InteractiveHeader(media=c.Image(media_id="1")),
            buttons=[c.ReplyButton(id="y", title="Yes")],
        ),
        {
            "type": "interactive",
            "interactive": {
                "type": "button",
                "header": {"type": "image", "image": {"id": "1"}},
                "body": {"text": "B"},
                "footer": {"text": "F"},
                "action": {"buttons": [{"type": "reply", "reply": {"id": "y", "title": "Yes"}}]},
            },
        },
    ),
    (
        "list",
        c.ListMenu(
            body="B",
            header=c.InteractiveHeader(text="H"),
            button="Open",
            sections=[c.Section(title="S", rows=[c.Row(id="1", title="One", description="first")])],
        ),
        {
            "type": "interactive",
            "interactive": {
                "type": "list",
                "header": {"type": "text", "text": "H"},
                "body": {"text": "B"},
                "action": {
                    "button": "Open",
                    "sections": [{"title": "S", "rows": [{"id": "1", "title": "One", "description": "first"}]}],
                },
            },
        },
    ),
    (
        "link button",
        c.CtaUrl(body="B", title="Go", url="https://example.com"),
        {
            "type": "interactive",
            "interactive": {
                "type": "cta_url",
                "body": {"text": "B"},
                "action": {"name": "cta_url", "parameters": {"display_text": "Go", "url": "https://example.com"}},
            },
        },
    ),
    (
        "product without body",
        c.Product(catalog_id="1", product_id="sku"),
        {
            "type": "interactive",
            "interactive": {"type": "product", "action": {"catalog_id": "1", "product_retailer_id": "sku"}},
        },
    ),
    (
        "product list",
        c.ProductList(
            body="B",
            header=c.InteractiveHeader(text="H"),
            catalog_id="1",
            sections=[c.ProductSection(title="S", product_ids=["a"])],
        ),
        {
            "type": "interactive",
            "interactive": {
                "type": "product_list",
                "header": {"type": "text", "text": "H"},
                "body": {"text": "B"},
                "action": {
                    "catalog_id": "1",
                    "sections": [{"title": "S", "product_items": [{"product_retailer_id": "a"}]}],
                },
            },
        },
    ),
    (
        "catalog",
        c.CatalogMessage(body="B", thumbnail_product_id="a"),
        {
            "type": "interactive",
            "interactive": {
                "type": "catalog_message",
                "body": {"text": "B"},
                "action": {"name": "catalog_message", "parameters": {"thumbnail_product_retailer_id": "a"}},
            },
        },
    ),
    (
        "address",
        c.AddressRequest(body="B", country="IN", values={"name": "A"}, validation_errors={"in_pin_code": "no"}),
        {
            "type": "interactive",
            "interactive": {
                "type": "address_message",
                "body": {"text": "B"},
                "action": {
                    "name": "address_message",
                    "parameters": {
                        "country": "IN",
                        "values": {"name": "A"},
                        "validation_errors": {"in_pin_code": "no"},
                    },
                },
            },
        },
    ),
    (
        "location request",
        c.LocationRequest(body="B"),
        {
            "type": "interactive",
            "interactive": {
                "type": "location_request_message",
                "body": {"text": "B"},
                "action": {"name": "send_location"},
            },
        },
    ),
    (
        "contact request",
        c.ContactRequest(body="B"),
        {
            "type": "interactive",
            "interactive": {
                "type": "request_contact_info",
                "body": {"text": "B"},
                "action": {"name": "request_contact_info"},
            },
        },
    ),
    (
        "flow",
        c.FlowMessage(body="B", flow_id="1", button="Go", token="t", screen="S", data={"a": 1}),
        {
            "type": "interactive",
            "interactive": {
                "type": "flow",
                "body": {"text": "B"},
                "action": {
                    "name": "flow",
                    "parameters": {
                        "flow_message_version": "3",
                        "flow_id": "1",
                        "flow_cta": "Go",
                        "flow_token": "t",
                        "mode": "published",
                        "flow_action": "navigate",
                        "flow_action_payload": {"screen": "S", "data": {"a": 1}},
                    },
                },
            },
        },
    ),
]


def outgoing(content: c.Content, **fields: Any) -> Outgoing:
    return Outgoing(**{"id": 1, "ref": "r1", "to": "6281234567890", "content": content, **fields})


@pytest.mark.parametrize(("content", "expected"), [row[1:] for row in GOLDEN], ids=[row[0] for row in GOLDEN])
def test_golden(content: c.Content, expected: dict[str, Any]) -> None:
    body = payload(outgoing(content), {"media:7": Upload("900")})
    assert body == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "6281234567890",
        "biz_opaque_callback_data": "r1",
        **expected,
    }


def test_every_outgoing_kind_is_golden() -> None:
    said = {type(row[1]) for row in GOLDEN}
    silent = {
        c.Poll,
        c.InlineKeyboard,
        c.ButtonReply,
        c.ListReply,
        c.FlowReply,
        c.Order,
        c.PaymentMethod,
        c.PollVote,
        c.Album,
    }
    assert said | silent | {c.System, c.UnknownContent} == set(c.Content.__args__)
    for kind, content in (("poll", c.Poll(question="q", options=["a"])), ("system", c.System(text="x"))):
        with pytest.raises(Rejected) as refused:
            content_part(content)
        assert refused.value.code == "UNSUPPORTED"
        assert kind in refused.value.message


def test_replies_name_their_message_and_reactions_do_not() -> None:
    assert payload(outgoing(c.Text(text="x"), reply_to="wamid.a"))["context"] == {"message_id": "wamid.a"}
    assert "context" not in payload(outgoing(c.Reaction(target="wamid.a", emoji="👍"), reply_to="wamid.b"))


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("14155550123", {"recipient_type": "individual", "to": "14155550123"}),
        ("DE.1234567890", {"recipient_type": "individual", "recipient": "DE.1234567890"}),
        ("US.ENT.11815799212886844830", {"recipient_type": "individual", "recipient": "US.ENT.11815799212886844830"}),
        ("Y2FwaV9ncm91cDo1NTU", {"recipient_type": "group", "to": "Y2FwaV9ncm91cDo1NTU"}),
    ],
)
def test_recipients(to: str, expected: dict[str, str]) -> None:
    body = payload(outgoing(c.Text(text="x"), to=to))
    assert {key: body[key] for key in ("recipient_type", "to", "recipient") if key in body} == expected


@pytest.mark.parametrize("to", ["", "+1415", "123", "1" * 21, "a@s.whatsapp.net", "120363@g.us", "de.123", "١٢٣٤٥٦٧"])
def test_bad_recipients(to: str) -> None:
    with pytest.raises(Rejected) as refused:
        payload(outgoing(c.Text(text="x"), to=to))
    assert refused.value.code == "BAD_ADDRESS"


def test_stored_files_are_found_wherever_they_are() -> None:
    picture = c.Image(url="media:1")
    assert list(stored_media(picture)) == [picture]
    assert list(stored_media(c.Image(url="https://example.com/a"))) == []
    assert list(stored_media(c.Text(text="media:1"))) == []
    header = c.HeaderParam(media=picture)
    template = c.Template(name="x", language="en", header=header, cards=[c.CardParam(header=header), c.CardParam()])
    assert list(stored_media(template)) == [picture, picture]
    buttons = c.Buttons(body="b", header=c.InteractiveHeader(media=picture), buttons=[])
    assert list(stored_media(buttons)) == [picture]


# -- the check against the template -------------------------------------------------------------------
