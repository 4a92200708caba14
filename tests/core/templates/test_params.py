"""What templates need, whether values fit, and how they read: over the simulator's own account of templates."""

from __future__ import annotations

import msgspec
import pytest

from jackfield.core.ground.errors import Invalid
from jackfield.core.port import TemplateInfo
from jackfield.core.port import content as c
from jackfield.core.templates import (
    ButtonValue,
    CardValues,
    Values,
    check,
    compose,
    lane_of,
    preview,
    required,
    variables,
)
from jackfield.engines.simulator.seeddata import templates
from jackfield.engines.simulator.templates import check as network_check

ALL = {one.name: one for one in templates()}
CARDS = [
    CardValues(body=[f"thing {n}"], link="https://example.com/x.jpg", urls=[f"u{n}"], quick_replies=[f"q{n}"])
    for n in range(3)
]
COMPLETE = {
    "market_bros": Values(link="https://example.com/a.jpg"),
    "interactive_marketing": Values(
        header=["Sir"], body=["a", "b", "c", "d"], code="X1", quick_replies=["one", "two", "three", "four"]
    ),
    "marketing_template": Values(header=["A"], body=["B"]),
    "link_docs": Values(link="https://example.com/a.pdf", filename="a.pdf", body=["x"]),
    "video_with_param": Values(link="https://example.com/a.mp4", body=["John", "how"]),
    "a_marketing_strategy": Values(),
    "summer_time": Values(header=["Hi John"], body=["Summer", "25%"]),
    "auth_code": Values(code="123456"),
    "cta_offer": Values(body=["Priya"], urls=["summer"], code="SAVE", quick_replies=["yes", "no"]),
    "carousel_sale": Values(body=["Maria"], cards=CARDS),
    "lto_offer": Values(
        link="https://example.com/a.jpg", body=["P", "C"], code="C", urls=["x"], offer_expires_at=1_900_000_000_000
    ),
}


@pytest.mark.parametrize("name", COMPLETE)
def test_complete_values_fit_here_and_at_the_network(name: str) -> None:
    content = compose(ALL[name], COMPLETE[name])
    check(content, ALL[name])
    network_check(ALL[name], content)


@pytest.mark.parametrize("name", [one for one in COMPLETE if required(ALL[one])])
def test_nothing_given_names_the_first_that_is_missing(name: str) -> None:
    template = ALL[name]
    with pytest.raises(Invalid) as caught:
        check(c.Template(name=name, language=template.language), template)
    assert caught.value.code == "TEMPLATE_PARAMS"
    assert name in caught.value.message
    assert caught.value.details


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("summer_time", Values(header=["x"], body=["only one"]), "{{2}} has no value (1 of 2 are given)"),
        ("summer_time", Values(header=["x"], body=["a", " "]), "{{2}} is empty"),
        ("summer_time", Values(header=["x"], body=["a", "b", "c"]), "has 2 variables, 3 values are given"),
        ("summer_time", Values(body=["a", "b"]), "the header's {{1}} has no value"),
        ("market_bros", Values(), "the header's image is missing"),
        ("market_bros", Values(link="https://e.com/x", kind="video"), "takes an image, a video is given"),
        ("auth_code", Values(), "the body's {{1}} has no value"),
        ("cta_offer", Values(body=["a"], urls=["x"]), "button 2 (Copy offer code) has no value"),
        ("lto_offer", Values(link="https://e.com/x", body=["a", "b"], code="c", urls=["u"]), "expiry time is missing"),
        ("carousel_sale", Values(body=["M"], cards=CARDS[:2]), "has 3 carousel cards, 2 are given"),
        ("carousel_sale", Values(body=["M"], cards=[*CARDS, CARDS[0]]), "has 3 carousel cards, 4 are given"),
        ("alpha_city", Values(header=["x"]), "has no header"),
    ],
)
def test_what_does_not_fit_is_named(name: str, values: Values, words: str) -> None:
    with pytest.raises(Invalid) as caught:
        check(compose(ALL[name], values), ALL[name])
    assert caught.value.code == "TEMPLATE_PARAMS"
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("alpha_city", Values(link="https://e.com/x"), "no header that takes a file"),
        ("alpha_city", Values(location=c.Location(latitude=1, longitude=2)), "no header that takes a place"),
        ("alpha_city", Values(code="1"), "no button that copies a code"),
        ("alpha_city", Values(urls=["1"]), "fewer dynamic URL buttons"),
        ("alpha_city", Values(quick_replies=["1"]), "fewer quick replies"),
    ],
)
def test_what_has_no_place_is_refused(name: str, values: Values, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        compose(ALL[name], values)


WIDE = TemplateInfo(
    provider_id="1",
    name="wide",
    language="en",
    category="MARKETING",
    status="APPROVED",
    components=[
        {"type": "HEADER", "format": "LOCATION"},
        {"type": "BODY", "text": "Come in"},
        {
            "type": "BUTTONS",
            "buttons": [
                {"type": "FLOW", "text": "Sign up", "flow_id": "1"},
                {"type": "CATALOG", "text": "View catalog"},
                {"type": "MPM", "text": "View items"},
                {"type": "QUICK_REPLY", "text": "No"},
                {"type": "URL", "text": "Site", "url": "https://example.com"},
            ],
        },
    ],
)
PLACE = c.Location(latitude=1, longitude=2, name="Shop")
PRODUCTS = {"sections": [{"title": "New", "product_items": [{"product_retailer_id": "a"}]}]}


def test_any_button_is_filled_by_its_place() -> None:
    content = compose(
        WIDE,
        Values(
            location=PLACE,
            quick_replies=["no"],
            buttons=[
                ButtonValue(index=0, text="tok", action={"flow_action_data": {"a": 1}}),
                ButtonValue(index=1, action={"thumbnail_product_retailer_id": "a"}),
                ButtonValue(index=2, action=PRODUCTS),
            ],
        ),
    )
    check(content, WIDE)
    assert content.header == c.HeaderParam(location=PLACE)
    assert [(one.index, one.kind, one.text) for one in content.buttons] == [
        (0, "flow", "tok"),
        (1, "catalog", None),
        (2, "mpm", None),
        (3, "quick_reply", "no"),
    ]
    assert content.buttons[2].action == PRODUCTS


def test_a_flow_button_is_named_even_without_a_value() -> None:
    content = compose(WIDE, Values(location=PLACE, buttons=[ButtonValue(index=2, action=PRODUCTS)]))
    assert [(one.index, one.kind) for one in content.buttons] == [(0, "flow"), (2, "mpm")]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (Values(buttons=[ButtonValue(index=4, text="x")]), "button 5 takes no value"),
        (Values(buttons=[ButtonValue(index=7, text="x")]), "has no button 8"),
    ],
)
def test_a_button_that_takes_no_value_is_named(values: Values, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        compose(WIDE, values)


def test_required_gives_examples() -> None:
    found = required(ALL["interactive_marketing"])
    assert [(one.place, one.kind, one.key, one.example) for one in found] == [
        ("header", "text", "1", "Sir"),
        ("body", "text", "1", "doing well"),
        ("body", "text", "2", "product"),
        ("body", "text", "3", "Shalimar"),
        ("body", "text", "4", "Shalimar"),
        ("button", "copy_code", "0", "Shalimar"),
    ]
    cards = [one for one in required(ALL["carousel_sale"]) if one.card == 1]
    assert [(one.place, one.kind) for one in cards] == [("header", "image"), ("body", "text"), ("button", "url")]
    assert cards[2].example == "sneakers"
    assert [one.kind for one in required(ALL["lto_offer"])][-1] == "time"


NAMED = TemplateInfo(
    provider_id="1",
    name="named",
    language="en",
    category="UTILITY",
    status="APPROVED",
    parameter_format="NAMED",
    components=[
        {
            "type": "BODY",
            "text": "Hi {{first_name}}, order {{order}} is on its way.",
            "example": {
                "body_text_named_params": [
                    {"param_name": "first_name", "example": "Ana"},
                    {"param_name": "order", "example": "#1"},
                ]
            },
        }
    ],
)


def test_named_parameters_go_by_name_or_place() -> None:
    by_name = compose(NAMED, Values(body={"order": "7", "first_name": "Ana"}))
    by_place = compose(NAMED, Values(body=["Ana", "7"]))
    assert by_name == by_place
    check(by_name, NAMED)
    assert [one.example for one in required(NAMED)] == ["Ana", "#1"]
    with pytest.raises(Invalid, match="order"):
        check(compose(NAMED, Values(body={"first_name": "Ana"})), NAMED)
    with pytest.raises(Invalid, match="no variable"):
        check(compose(NAMED, Values(body={"first_name": "Ana", "order": "1", "more": "2"})), NAMED)


def test_preview() -> None:
    shown = preview(ALL["summer_time"])
    assert (shown.header, shown.body) == (
        "Summer time, Asha!",
        "Our summer sale runs until Sunday. Show this message in the shop and get 20% off.",
    )
    filled = preview(ALL["cta_offer"], compose(ALL["cta_offer"], COMPLETE["cta_offer"]))
    assert filled.body == "Hello Priya, our new collection has arrived."
    assert filled.buttons[0] == {"type": "url", "text": "View offer", "url": "https://example.com/offers/summer"}
    assert filled.buttons[1]["code"] == "SAVE"
    odd = compose(ALL["demo_text"], Values(body=[r"\1 \g<0> {{1}}"]))
    assert preview(ALL["demo_text"], odd).body == r"Some demo text \1 \g<0> {{1}}"
    carousel = preview(ALL["carousel_sale"], compose(ALL["carousel_sale"], COMPLETE["carousel_sale"]))
    assert carousel.cards[0].body == "Lightweight thing 0 from our new season."
    assert preview(NAMED).body == "Hi Ana, order #1 is on its way."


def test_lanes_and_variables() -> None:
    assert lane_of(ALL["auth_code"]) == "authentication"
    assert lane_of(ALL["link_docs"]) == "utility"
    assert lane_of(msgspec.structs.replace(NAMED, category="WHATEVER")) == "marketing"
    assert variables("{{2}} {{1}} {{10}} {{2}}") == ["1", "2", "10"]
    assert variables("{{b}} {{a}}") == ["b", "a"]
