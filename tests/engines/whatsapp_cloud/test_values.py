"""WhatsApp's rules for a template's values: refused before sending, folded where the sender chose it, and kept by the
simulator in both its forms."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jackfield.core.ground.errors import Invalid, Rejected
from jackfield.core.port import Outgoing
from jackfield.core.port import content as c
from jackfield.core.templates import CardValues, Values, compose
from jackfield.engines.simulator.network import NETWORK as SIMULATOR
from jackfield.engines.simulator.seeddata import templates
from jackfield.engines.simulator.templates import TemplateProblem
from jackfield.engines.simulator.templates import check as network_check
from jackfield.engines.whatsapp_cloud.convert import payload
from jackfield.engines.whatsapp_cloud.network import NETWORK as CLOUD

from .conftest import Line, Meta
from .test_graph import call

BAD_SPACING = {
    "a line break": "Flat 2\nMain Road 5",
    "a line break of Windows": "Flat 2\r\nMain Road 5",
    "the line separator of rich text": "Flat 2\u2028Main Road 5",
    "a tab": "Flat 2\tMain Road 5",
    "five spaces": "Flat 2     Main Road 5",
}
FOLDED = "Flat 2 Main Road 5"
ALL = {one.name: one for one in templates()}


def offer(**fields: Any) -> c.Template:
    return c.Template(**{"name": "demo_text", "language": "en", **fields})


def body(text: str, fold: bool = False) -> c.Template:
    return offer(body=[c.Param(text="fine"), c.Param(text=text, fold=fold)])


@pytest.mark.parametrize("network", [CLOUD, SIMULATOR], ids=lambda one: str(one.engine))
@pytest.mark.parametrize("text", BAD_SPACING.values(), ids=BAD_SPACING)
def test_a_value_with_breaks_or_wide_gaps_is_refused_when_it_is_submitted(network: Any, text: str) -> None:
    with pytest.raises(Invalid) as caught:
        network.check(body(text))
    assert caught.value.code == "TEMPLATE_PARAMS"
    assert list(caught.value.details) == ["body.2"]
    assert "WhatsApp refuses" in caught.value.message
    network.check(body(text, fold=True))
    network.check(body("four    spaces and \u00a0 others"))


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (offer(header=c.HeaderParam(text=[c.Param(text="a\nb")])), "header.1"),
        (offer(body=[c.Param(text="a\nb", name="street")]), "body.street"),
        (offer(buttons=[c.ButtonParam(index=1, kind="url", text="a\tb")]), "buttons.1"),
        (offer(cards=[c.CardParam(), c.CardParam(body=[c.Param(text="a\nb")])]), "cards.1.body.1"),
        (offer(header=c.HeaderParam(text=[c.Param(text="x" * 61)])), "header.1"),
        (offer(header=c.HeaderParam(text=[]), body=[c.Param(text="x" * 1025)]), "body.1"),
        (offer(body=[c.Param(text="x" * 32_769)]), "body.1"),
        (offer(buttons=[c.ButtonParam(index=0, kind="copy_code", text="SIXTEEN-LETTERS!")]), "buttons.0"),
        (offer(buttons=[c.ButtonParam(index=0, kind="url", text="x" * 2001)]), "buttons.0"),
        (offer(name="Demo Text"), "name"),
        (offer(name="größe"), "name"),
        (offer(language="a-language-too-long"), "language"),
    ],
)
def test_whatever_whatsapp_refuses_of_a_template_is_named_by_its_field(content: c.Template, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        CLOUD.check(content)
    assert list(caught.value.details) == [field]


def test_a_value_that_is_still_to_be_filled_in_is_measured_when_it_is_sent() -> None:
    CLOUD.check(offer(header=c.HeaderParam(text=[c.Param(text="{" + "a" * 60 + "}")])))
    filled = c.personalise(body("{address}"), {"address": "Flat 2\nMain Road 5"})
    with pytest.raises(Rejected) as caught:
        payload(Outgoing(id=1, ref="1", to="6281234567890", content=filled))
    assert caught.value.code == "132018"
    assert "template.body parameter 2" in caught.value.message


@pytest.mark.parametrize("text", BAD_SPACING.values(), ids=BAD_SPACING)
def test_a_value_goes_out_on_one_line_where_the_sender_chose_that(text: str) -> None:
    filled = c.personalise(body("{address}", fold=True), {"address": f" {text}\n"})
    sent = payload(Outgoing(id=1, ref="1", to="6281234567890", content=filled))
    assert [one["text"] for one in sent["template"]["components"][0]["parameters"]] == ["fine", FOLDED]


@pytest.mark.parametrize(
    ("fold", "marked"),
    [
        (True, ["header.1", "body.1", "body.2"]),
        (["body.2"], ["body.2"]),
        (["header.1", "body.1"], ["header.1", "body.1"]),
        (False, []),
    ],
)
def test_folding_is_a_choice_for_each_value(fold: Any, marked: list[str]) -> None:
    content = compose(ALL["summer_time"], Values(header=["Hi"], body=["Summer", "25%"], fold=fold))
    assert content.header is not None
    values = {f"header.{n}": one for n, one in enumerate(content.header.text, 1)}
    values |= {f"body.{n}": one for n, one in enumerate(content.body, 1)}
    assert [field for field, one in values.items() if one.fold] == marked


def test_folding_reaches_the_cards_of_a_carousel_and_names_a_place_that_is_none() -> None:
    card = CardValues(body=["thing"], link="https://example.com/x.jpg", urls=["u"], quick_replies=["q"])
    content = compose(ALL["carousel_sale"], Values(body=["Maria"], cards=[card] * 3, fold=["cards.1.body.1"]))
    assert [one.body[0].fold for one in content.cards] == [False, True, False]
    with pytest.raises(Invalid, match=r"there is no value 'body\.9'"):
        compose(ALL["summer_time"], Values(header=["Hi"], body=["Summer", "25%"], fold=["body.9"]))


@pytest.mark.parametrize("text", BAD_SPACING.values(), ids=BAD_SPACING)
def test_the_simulated_network_refuses_what_meta_refuses(text: str) -> None:
    filled = compose(ALL["summer_time"], Values(header=["Hi"], body=["Summer", text]))
    with pytest.raises(TemplateProblem) as caught:
        network_check(ALL["summer_time"], filled)
    assert caught.value.code == "132018"
    network_check(
        ALL["summer_time"], compose(ALL["summer_time"], Values(header=["Hi"], body=["Summer", text], fold=True))
    )
    code = compose(ALL["cta_offer"], Values(body=["Priya"], urls=[text], code="SAVE", quick_replies=["yes", "no"]))
    with pytest.raises(TemplateProblem) as caught:
        network_check(ALL["cta_offer"], code)
    assert caught.value.code == "132018"


def _texts(*values: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": value} for value in values]


@pytest.mark.parametrize(
    ("header", "values", "code"),
    [
        ("Hi", ["Summer", "a\nb"], 132018),
        ("Hi\tJohn", ["Summer", "b"], 132018),
        ("Hi", ["a     b", "b"], 132018),
        ("x" * 61, ["Summer", "b"], 132005),
    ],
)
async def test_the_simulated_graph_api_refuses_what_meta_refuses(
    meta: Meta, header: str, values: list[str], code: int
) -> None:
    components = [{"type": "header", "parameters": _texts(header)}, {"type": "body", "parameters": _texts(*values)}]
    template = {"name": "summer_time", "language": {"code": ALL["summer_time"].language}, "components": components}
    sent = {"messaging_product": "whatsapp", "to": "6281234567890", "type": "template", "template": template}
    status, answer = await call(meta, "POST", "/v23.0/123456/messages", sent)
    assert (status, answer["error"]["code"]) == (400, code)


async def test_a_message_that_meta_holds_back_is_known_as_held(line: Line, meta: Meta) -> None:
    await meta.world_control(line.number, "faults", heldTemplates=["summer_time"])
    session = await line.open()
    values = Values(header=["Hi"], body=["Summer", "25%"])
    held = await session.send(line.message(compose(ALL["summer_time"], values)))
    assert held.held == "held_for_quality_assessment"
    other = await session.send(line.message(compose(ALL["marketing_template"], Values(header=["A"], body=["B"]))))
    plain = await session.send(line.message("hello"))
    assert (other.held, plain.held) == (None, None)


def test_a_template_stored_without_the_choice_reads_as_before() -> None:
    stored = '{"type":"template","name":"a","language":"en","body":[{"text":"x"}]}'
    assert c.decode(stored) == c.Template(name="a", language="en", body=[c.Param(text="x")])
    assert msgspec.json.encode(c.Param(text="x")) == b'{"text":"x"}'
