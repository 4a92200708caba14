"""Every component that pywa has for templates: it makes the template at the simulated Meta, and sends it with values."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from pywa_async import errors, types
from pywa_async.types import templates as t

from .conftest import Meta
from .test_pywa import NUMBER, PERSON, Client, client

__all__ = ["client"]

PICTURE = b"\x89PNG picture"
SECTIONS = [types.ProductsSection("New", ["a", "b"])]
SOON = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=2)


def image() -> t.HeaderImage:
    return t.HeaderImage(example=PICTURE, mime_type="image/png")


def buttons(*given: Any) -> t.Buttons:
    return t.Buttons(buttons=list(given))


BODY = t.BodyText(text="Good day to you")
OTP_APPS = [t.OTPSupportedApp(package_name="com.example.app", signature_hash="12345678901")]

EVERY: dict[str, tuple[str, list[Any], list[Any]]] = {
    "text header, by name": (
        "UTILITY",
        [
            t.HeaderText("News for {{name}} today", name="Asha"),
            t.BodyText("Hello {{name}}, it is {{day}} today.", name="Asha", day="Monday"),
            t.FooterText(text="Jackfield"),
        ],
        [t.HeaderText.params(name="Budi"), t.BodyText.params(name="Budi", day="Sunday")],
    ),
    "picture header": ("MARKETING", [image(), BODY], [t.HeaderImage.params(image="https://example.com/a.jpg")]),
    "uploaded picture": (
        "MARKETING",
        [image(), BODY],
        [t.HeaderImage.params(image=PICTURE, mime_type="image/png")],
    ),
    "video header": (
        "MARKETING",
        [t.HeaderVideo(example=b"video", mime_type="video/mp4"), BODY],
        [t.HeaderVideo.params(video="https://example.com/a.mp4")],
    ),
    "gif header": (
        "MARKETING",
        [t.HeaderGIF(example=b"video", mime_type="video/mp4"), BODY],
        [t.HeaderGIF.params(gif="https://example.com/a.mp4")],
    ),
    "document header": (
        "UTILITY",
        [t.HeaderDocument(example=b"%PDF", mime_type="application/pdf"), BODY],
        [t.HeaderDocument.params(document="https://example.com/a.pdf", filename="a.pdf")],
    ),
    "location header": (
        "UTILITY",
        [t.HeaderLocation(), BODY],
        [t.HeaderLocation.params(lat=1.0, lon=2.0, name="Shop", address="Main street")],
    ),
    "product header": (
        "MARKETING",
        [t.HeaderProduct(), BODY, buttons(t.SPMButton(text="View"))],
        [t.HeaderProduct.params(catalog_id="1", sku="a")],
    ),
    "quick replies and links": (
        "MARKETING",
        [
            BODY,
            buttons(
                t.QuickReplyButton(text="Yes"),
                t.QuickReplyButton(text="No"),
                t.URLButton(text="Open", url="https://example.com/{{1}}", example="x"),
                t.PhoneNumberButton(text="Call", phone_number="+6281234567890"),
                t.CopyCodeButton(example="SAVE20"),
            ),
        ],
        [
            t.QuickReplyButton.params(callback_data="yes", index=0),
            t.URLButton.params(url_variable="summer", index=2),
            t.CopyCodeButton.params(coupon_code="SAVE30", index=4),
        ],
    ),
    "flow": (
        "UTILITY",
        [BODY, buttons(t.FlowButton(text="Start", flow_id="1", flow_action=types.FlowActionType.NAVIGATE))],
        [t.FlowButton.params(index=0, flow_token="tok", flow_action_data={"a": 1})],
    ),
    "catalog": (
        "MARKETING",
        [BODY, buttons(t.CatalogButton(text="View catalog"))],
        [t.CatalogButton.params(thumbnail_product_sku="a", index=0)],
    ),
    "products": (
        "MARKETING",
        [t.HeaderText("New in the shop"), BODY, buttons(t.MPMButton(text="View items"))],
        [t.MPMButton.params(product_sections=SECTIONS, thumbnail_product_sku="a", index=0)],
    ),
    "call": ("UTILITY", [BODY, buttons(t.VoiceCallButton(text="Call us"))], []),
    "call permission": ("UTILITY", [BODY, buttons(t.CallPermissionRequestButton())], []),
    "contact info": ("UTILITY", [BODY, buttons(t.ContactInfoRequestButton())], []),
    "limited-time offer": (
        "MARKETING",
        [
            image(),
            t.LimitedTimeOffer(text="Only today", has_expiration=True),
            BODY,
            buttons(
                t.CopyCodeButton(example="SAVE20"),
                t.URLButton(text="Open", url="https://example.com/{{1}}", example="x"),
            ),
        ],
        [
            t.HeaderImage.params(image="https://example.com/a.jpg"),
            t.LimitedTimeOffer.params(expiration_time=SOON),
            t.CopyCodeButton.params(coupon_code="SAVE30", index=0),
            t.URLButton.params(url_variable="x", index=1),
        ],
    ),
    "carousel": (
        "MARKETING",
        [
            BODY,
            t.Carousel(
                cards=[
                    t.CarouselCard(
                        components=[image(), t.BodyText(text="A card"), buttons(t.QuickReplyButton(text="Me"))]
                    )
                    for _ in range(2)
                ]
            ),
        ],
        [
            t.Carousel.params(
                cards=[
                    t.CarouselCard.params(
                        index=n,
                        params=[
                            t.HeaderImage.params(image="https://example.com/a.jpg"),
                            t.QuickReplyButton.params(callback_data="me", index=0),
                        ],
                    )
                    for n in range(2)
                ]
            )
        ],
    ),
    "code to copy": (
        "AUTHENTICATION",
        [
            t.AuthenticationBody(add_security_recommendation=True),
            t.AuthenticationFooter(code_expiration_minutes=5),
            buttons(t.CopyCodeOTPButton(text="Copy")),
        ],
        [t.AuthenticationBody.params(otp="123456"), t.CopyCodeOTPButton.params(otp="123456")],
    ),
    "code by one tap": (
        "AUTHENTICATION",
        [
            t.AuthenticationBody(add_security_recommendation=True),
            buttons(t.OneTapOTPButton(text="Copy", autofill_text="Fill in", supported_apps=OTP_APPS)),
        ],
        [t.AuthenticationBody.params(otp="123456"), t.OneTapOTPButton.params(otp="123456")],
    ),
    "code by no tap": (
        "AUTHENTICATION",
        [
            t.AuthenticationBody(add_security_recommendation=True),
            buttons(
                t.ZeroTapOTPButton(
                    text="Copy", autofill_text="Fill in", supported_apps=OTP_APPS, zero_tap_terms_accepted=True
                )
            ),
        ],
        [t.AuthenticationBody.params(otp="123456"), t.ZeroTapOTPButton.params(otp="123456")],
    ),
}


@pytest.mark.parametrize(("category", "components", "values"), EVERY.values(), ids=EVERY.keys())
async def test_every_component_is_made_and_sent(
    client: Client, meta: Meta, category: str, components: list[Any], values: list[Any]
) -> None:
    named = any("{{name}}" in str(getattr(part, "text", "")) for part in components)
    template = t.Template(
        name="every",
        category=t.TemplateCategory(category),
        language=t.TemplateLanguage.ENGLISH,
        components=components,
        parameter_format=t.ParamFormat.NAMED if named else t.ParamFormat.POSITIONAL,
    )
    made = await client.wa.create_template(template, app_id="1122334455667788")
    await client.until(lambda heard: any(isinstance(one, types.TemplateStatusUpdate) for one in heard))
    found = await client.wa.get_template(made.id)
    assert type(found.components[0]) is type(components[0])
    sent = await client.wa.send_template(PERSON, "every", t.TemplateLanguage.ENGLISH, values)
    assert [row["id"] for row in await meta.outbox(NUMBER)] == [sent.id]


async def test_a_broken_rule_is_what_pywa_takes_it_for(client: Client) -> None:
    template = t.Template(
        name="wrong",
        category=t.TemplateCategory.UTILITY,
        language=t.TemplateLanguage.ENGLISH,
        components=[t.BodyText("{{1}} at the start", "a")],
        parameter_format=t.ParamFormat.POSITIONAL,
    )
    with pytest.raises(errors.WhatsAppError) as refused:
        await client.wa.create_template(template)
    assert refused.value.subcode in tuple(errors.TemplateLeadingOrTrailingParametersNotAllowed.__error_codes__ or ())


async def test_quality_and_category_change(client: Client, meta: Meta) -> None:
    await meta.world_control(NUMBER, "template", name="demo_text", quality="RED")
    await meta.world_control(NUMBER, "template", name="demo_text", category="UTILITY")
    await client.until(lambda heard: len(heard) == 2)
    quality = next(one for one in client.heard if isinstance(one, types.TemplateQualityUpdate))
    category = next(one for one in client.heard if isinstance(one, types.TemplateCategoryUpdate))
    assert (quality.template_name, str(quality.new_quality_score)) == ("demo_text", "RED")
    assert (str(quality.previous_quality_score), str(category.previous_category)) == ("GREEN", "MARKETING")
    assert str(category.new_category) == "UTILITY"
    found = await client.wa.get_template(quality.template_id)
    assert str(found.category) == "UTILITY"
