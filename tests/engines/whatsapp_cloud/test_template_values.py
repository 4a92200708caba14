"""Values for a template's placeholders: what is missing or does not fit is named before it is sent."""

from __future__ import annotations

from typing import Any

import pytest

from jackfield.core.ground.errors import Rejected
from jackfield.core.port import TemplateInfo
from jackfield.core.port import content as c
from jackfield.engines.whatsapp_cloud.template import check


def template(*components: dict[str, Any], **fields: Any) -> TemplateInfo:
    given = {"provider_id": "1", "name": "t", "language": "en", "category": "UTILITY", "status": "APPROVED"}
    return TemplateInfo(**{**given, **fields}, components=list(components))


BODY = {"type": "BODY", "text": "Hi {{1}}, order {{2}} of {{1}}"}
NAMED = {"type": "BODY", "text": "Hi {{first_name}}, order {{order}}"}
URL = {
    "type": "BUTTONS",
    "buttons": [{"type": "QUICK_REPLY", "text": "No"}, {"type": "URL", "text": "Go", "url": "https://x/{{1}}"}],
}
CARD = {"components": [{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "{{1}}!"}]}

UNFIT: list[tuple[TemplateInfo, dict[str, Any], str, str]] = [
    (template(BODY), {"body": ["a"]}, "132000", "Template t (en): the body's {{2}} has no value (1 of 2 are given)"),
    (template(BODY), {"body": ["a", "b", "c"]}, "132000", "2 variables, 3 values"),
    (
        template(NAMED, parameter_format="NAMED"),
        {"body": [("order", "7")]},
        "132000",
        "body's {{first_name}} has no value",
    ),
    (
        template(NAMED, parameter_format="NAMED"),
        {"body": [("order", "7"), ("first_name", "a"), ("x", "y")]},
        "132000",
        "no variable {{x}}",
    ),
    (
        template({"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "x"}),
        {},
        "132012",
        "header needs an image",
    ),
    (
        template({"type": "HEADER", "format": "VIDEO"}),
        {"header": c.HeaderParam(media=c.Image(media_id="1"))},
        "132012",
        "needs a video, an image is given",
    ),
    (template({"type": "HEADER", "format": "LOCATION"}), {}, "132012", "needs a location"),
    (template({"type": "HEADER", "format": "TEXT", "text": "Hi {{1}}"}), {}, "132000", "header's {{1}}"),
    (
        template(BODY),
        {"body": ["a", "b"], "header": c.HeaderParam(text=[c.Param(text="x")])},
        "132000",
        "header does not exist",
    ),
    (template(URL), {}, "131008", "button 2 (Go) has no value"),
    (template(URL), {"buttons": [(1, "url", "x"), (2, "url", "y")]}, "132000", "button 3 does not exist"),
    (
        template({"type": "CAROUSEL", "cards": [CARD, CARD]}),
        {"cards": [c.CardParam()]},
        "132000",
        "2 carousel cards, 1 are given",
    ),
    (
        template({"type": "CAROUSEL", "cards": [CARD]}),
        {"cards": [c.CardParam(header=c.HeaderParam(media=c.Image(media_id="1")))]},
        "132000",
        "card 1, the body's {{1}} has no value",
    ),
    (template(BODY), {"body": ["a", "b"], "cards": [c.CardParam()]}, "132000", "has no carousel"),
    (
        template({"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "x", "has_expiration": True}}),
        {},
        "132000",
        "expiry time is missing",
    ),
    (template({"type": "BODY"}, category="AUTHENTICATION"), {}, "132000", "{{1}} has no value"),
]


def filled(values: dict[str, Any]) -> c.Template:
    body = [c.Param(text=v) if isinstance(v, str) else c.Param(name=v[0], text=v[1]) for v in values.get("body", [])]
    buttons = [c.ButtonParam(index=i, kind=k, text=t) for i, k, t in values.get("buttons", [])]
    rest = {key: values[key] for key in ("header", "cards") if key in values}
    return c.Template(name="t", language="en", body=body, buttons=buttons, **rest)


@pytest.mark.parametrize(("info", "values", "code", "words"), UNFIT, ids=[row[3][-30:] for row in UNFIT])
def test_the_missing_parameter_is_named(info: TemplateInfo, values: dict[str, Any], code: str, words: str) -> None:
    with pytest.raises(Rejected) as refused:
        check(filled(values), info)
    assert refused.value.code == code
    assert words in refused.value.message


def test_what_fits_passes() -> None:
    check(filled({"body": ["a", "b"]}), template(BODY))
    check(filled({"body": [("order", "7"), ("first_name", "a")]}), template(NAMED, parameter_format="NAMED"))
    check(filled({"buttons": [(1, "url", "x")]}), template(URL))
    check(filled({"body": ["anything"]}), None)
