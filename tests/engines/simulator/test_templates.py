"""Templates at the simulator: values that fit, values that do not, and the review."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from jackfield.core.ground.errors import Rejected
from jackfield.core.port import (
    Sent,
    TemplateChanged,
)
from jackfield.core.port.content import (
    ButtonParam,
    CardParam,
    HeaderParam,
    Image,
    Param,
    Template,
)

from .conftest import Phone, message, session_of

Maker = Callable[..., Awaitable[Phone]]


def params(*texts: str) -> list[Param]:
    return [Param(text=text) for text in texts]


GOOD = [
    Template(name="summer_time", language="en", header=HeaderParam(text=params("Asha")), body=params("a", "b")),
    Template(
        name="habit_run_confirmation_message",
        language="en",
        header=HeaderParam(media=Image(url="https://example.com/a.jpg")),
        body=params("a", "b", "c"),
    ),
    Template(
        name="auth_code",
        language="en",
        body=params("123456"),
        buttons=[ButtonParam(index=0, kind="otp", text="123456")],
    ),
    Template(
        name="cta_offer",
        language="en",
        body=params("Priya"),
        buttons=[
            ButtonParam(index=0, kind="url", text="x"),
            ButtonParam(index=1, kind="copy_code", text="SAVE20"),
            ButtonParam(index=2, kind="quick_reply", text="yes"),
        ],
    ),
    Template(
        name="carousel_sale",
        language="en",
        body=params("Maria"),
        cards=[
            CardParam(
                header=HeaderParam(media=Image(url="https://example.com/a.jpg")),
                body=params("x"),
                buttons=[ButtonParam(index=0, kind="url", text="x")],
            )
        ]
        * 3,
    ),
    Template(
        name="lto_offer",
        language="en",
        header=HeaderParam(media=Image(url="https://example.com/a.jpg")),
        body=params("a", "b"),
        buttons=[
            ButtonParam(index=0, kind="copy_code", text="CARIBE25"),
            ButtonParam(index=1, kind="url", text="x"),
        ],
        offer_expires_at=1_900_000_000_000,
    ),
]


@pytest.mark.parametrize("template", GOOD, ids=lambda template: template.name)
async def test_templates_that_fit(phone: Maker, template: Template) -> None:
    one = await phone()
    await session_of(one).send(message(1, content=template, category="marketing"))
    (row,) = await one.outbox()
    assert (row["template"], row["category"]) == (template.name, "marketing")


async def test_templates_that_do_not_fit(phone: Maker) -> None:
    one = await phone()
    session = session_of(one)
    for code, words, template in [
        ("132000", "body", Template(name="summer_time", language="en", header=GOOD[0].header, body=params("a"))),
        ("132000", "header", Template(name="summer_time", language="en", body=params("a", "b"))),
        ("132001", "summer_time", Template(name="summer_time", language="de")),
        ("132001", "nothing", Template(name="nothing", language="en")),
        ("132012", "IMAGE", Template(name="lto_offer", language="en", body=params("a", "b"))),
        ("131008", "index 0", Template(name="auth_code", language="en", body=params("1"))),
        ("132000", "cards", Template(name="carousel_sale", language="en", body=params("a"))),
    ]:
        with pytest.raises(Rejected, match=words) as caught:
            await session.send(message(1, content=template))
        assert caught.value.code == code
    await one.control("faults", pausedTemplates=["alpha_city"])
    outcomes = await session.send_many(
        [message(1), message(2, content=Template(name="alpha_city", language="en")), message(3)]
    )
    assert isinstance(outcomes[0], Sent)
    assert isinstance(outcomes[1], Rejected)
    assert outcomes[1].code == "132015"
    assert isinstance(outcomes[2], Sent)


async def test_templates_are_made_and_reviewed(phone: Maker) -> None:
    one = await phone()
    session = session_of(one)
    assert len(await session.list_templates()) == 16
    body = [{"type": "BODY", "text": "Hi {{1}}"}]
    made = await session.create_template("new_one", "en", "UTILITY", body, "POSITIONAL")
    assert made.status == "PENDING"
    await one.heard.until(lambda: bool(one.heard.of(TemplateChanged)))
    assert one.heard.of(TemplateChanged)[0].status == "APPROVED"
    await session.edit_template(made.provider_id, [{"type": "BODY", "text": "Hello {{1}}"}], None)
    await one.heard.until(lambda: len(one.heard.of(TemplateChanged)) == 2)
    await one.control("template", name="new_one", status="PAUSED")
    await one.heard.until(lambda: one.heard.of(TemplateChanged)[-1].status == "PAUSED")
    await session.delete_template("new_one", None)
    with pytest.raises(Rejected):
        await session.delete_template("new_one", None)
    with pytest.raises(Rejected):
        await session.create_template("Bad Name", "en", "UTILITY", body, "POSITIONAL")
