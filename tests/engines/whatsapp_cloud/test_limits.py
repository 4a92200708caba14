"""What Meta counts over time and checks of templates: enforced by the simulated one, and how the engine takes it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from jackfield.core.ground.errors import LoginRequired, Rejected, Throttled
from jackfield.core.port import AccountNotice, Disconnected, Incoming, Status
from jackfield.core.port import content as c
from jackfield.engines.simulator.graph.limits import Audience, FailedFetches, TemplateQuota, tier

from .conftest import Line, Meta
from .test_graph import call

WABA = "102290129340398"


def demo(line: Line, to: str) -> Any:
    return line.message(c.Template(name="demo_text", language="en", body=[c.Param(text="A")]), to=to)


# -- over time ---------------------------------------------------------------------------------------


async def test_the_messaging_limit_counts_people_outside_their_window(line: Line, meta: Meta) -> None:
    session = await line.open()
    meta.world.account(line.number).receive(c.Text(text="hi"), "628000000009")
    await meta.control(line.number, messagingLimit="TIER_2")
    for to in ("628000000001", "628000000002", "628000000001", "628000000009"):
        await session.send(demo(line, to))
    with pytest.raises(LoginRequired) as reached:
        await session.send(demo(line, "628000000003"))
    assert reached.value.code == "131048"
    assert "messaging limit" in reached.value.message
    await session.send(line.message("replies are not counted", to="628000000003"))
    assert (await session.account()).messaging_limit == 2


async def test_a_changed_limit_is_told_by_webhook(line: Line, meta: Meta) -> None:
    await line.open()
    await meta.control(line.number, messagingLimit="TIER_10K", quality="RED", throughput=80)
    await line.heard.until(lambda: len(line.heard.of(AccountNotice)) == 4)
    told = {notice.kind: notice for notice in line.heard.of(AccountNotice)[1:]}
    assert told["business_capability_update"].messaging_limit == 10_000
    assert {notice.throughput for notice in line.heard.of(AccountNotice)} == {1000, None, 80}
    await meta.control(line.number, status="BANNED")
    await line.heard.until(lambda: bool(line.heard.of(Disconnected)))
    assert line.heard.of(Disconnected)[0].permanent


async def test_in_coexistence_a_number_sends_twenty_a_second(line: Line, meta: Meta) -> None:
    await meta.control(line.number, coexistence=True)
    session = await line.open()
    assert (await session.account()).throughput == 20
    sends = (session.send(line.message("x", to=f"62800000{n:04d}")) for n in range(60))
    with pytest.raises(Throttled) as fast:
        await asyncio.gather(*sends)
    assert fast.value.code == "130429"
    assert "20 a second" in fast.value.message
    with pytest.raises(AssertionError):
        await meta.control(line.number, messagingLimit="many")


def test_people_are_forgotten_after_a_day() -> None:
    people = Audience()
    assert people.admit("a", 2, 0)
    assert people.admit("b", 2, 10)
    assert not people.admit("c", 2, 20)
    assert people.admit("a", 2, 30), "who was written to already costs nothing"
    assert people.admit("c", 2, 86_411), "b is a day old"
    assert len(people) == 2
    assert [tier(name) for name in ("TIER_250", "TIER_2K", "TIER_UNLIMITED")] == [250, 2000, None]


def test_templates_and_files_are_counted() -> None:
    quota = TemplateQuota()
    quota.per_hour = 2
    assert [quota.make(at) for at in (0, 1, 2, 3600)] == [True, True, False, True]
    assert quota.edit("1", 0) is None
    assert "24 hours" in (quota.edit("1", 3600) or "")
    assert all(quota.edit("1", day * 86_400) is None for day in range(1, 10))
    assert "30 days" in (quota.edit("1", 10 * 86_400) or "")
    fetches = FailedFetches(maximum=2)
    for at in (0.0, 1.0, 2.0):
        assert not fetches.blocked(at)
        fetches.count(at)
    assert fetches.blocked(1801.0)
    assert not fetches.blocked(1803.0)


async def test_a_files_link_ends(line: Line, meta: Meta) -> None:
    session = await line.open()
    uploaded = await session.upload(b"%PDF-1.4 x", mime="application/pdf")
    assert await session.download(uploaded) == (b"%PDF-1.4 x", "application/pdf")
    status, node = await call(meta, "GET", f"/v23.0/{uploaded}", token="EAAJtoken")
    assert status == 200
    old = str(node["url"]).rpartition("=")[0] + "=1700000000"
    async with meta.http.get(old, headers={"Authorization": "Bearer EAAJtoken"}) as response:
        assert response.status == 404
    for _ in range(21):
        await call(meta, "GET", "/v23.0/123456789012345", token="EAAJtoken", phone_number_id=line.number)
    status, answer = await call(meta, "GET", f"/v23.0/{uploaded}", token="EAAJtoken")
    assert (status, answer["error"]["code"]) == (429, 80007)


async def test_uploads_come_too_fast(line: Line) -> None:
    session = await line.open()
    with pytest.raises(Throttled):
        await asyncio.gather(*(session.upload(b"x", mime="text/plain") for _ in range(60)))


# -- templates ---------------------------------------------------------------------------------------

BODY = {"type": "BODY", "text": "Hello"}


def body(text: str, **example: Any) -> dict[str, Any]:
    return {"type": "BODY", "text": text} | ({"example": example} if example else {})


def buttons(*given: dict[str, Any]) -> list[dict[str, Any]]:
    return [BODY, {"type": "BUTTONS", "buttons": list(given)}]


QUICK = {"type": "QUICK_REPLY", "text": "Yes"}
URL = {"type": "URL", "text": "Go", "url": "https://example.com"}

WRONG: list[tuple[list[dict[str, Any]], int | None, str]] = [
    ([body("x" * 1025)], 2388040, "1025 characters"),
    ([BODY, {"type": "HEADER", "format": "TEXT", "text": "x" * 61}], 2388040, "header"),
    ([BODY, {"type": "HEADER", "format": "TEXT", "text": "{{1}} and {{2}}"}], 2388047, "one variable"),
    ([BODY, {"type": "HEADER", "format": "IMAGE"}], 2388043, "example"),
    ([BODY, {"type": "HEADER", "format": "HOLOGRAM"}], None, "HOLOGRAM"),
    ([BODY, {"type": "FOOTER", "text": "x" * 61}], 2388040, "footer"),
    ([BODY, {"type": "FOOTER", "text": "{{1}}"}], 2388073, "footer"),
    ([body("Hi {{1}}, good day")], 2388043, "example"),
    ([body("{{1}}, good day", body_text=[["a"]])], 2388299, "start or end"),
    ([body("Good day {{2}} to you", body_text=[["a"]])], 2388072, "without gaps"),
    (buttons(*[QUICK] * 11), None, "at most 10"),
    (buttons({**QUICK, "text": "x" * 26}), 2388040, "button"),
    (buttons({**URL, "url": "https://e.com/" + "x" * 2000}), 2388040, "url"),
    (buttons({**URL, "url": "https://e.com/{{1}}/{{2}}"}), None, "one variable"),
    (buttons({**URL, "url": "https://e.com/{{1}}"}), 2388043, "example"),
    (buttons(URL, URL, URL), None, "at most 2"),
    (buttons(QUICK, URL, QUICK), None, "stand together"),
    (buttons({"type": "COPY_CODE", "example": ["x" * 21]}), 2388040, "code"),
    (buttons({"type": "TELEPORT", "text": "x"}), None, "TELEPORT"),
    ([BODY, {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "x" * 17}}], 2388040, "offer"),
    ([BODY, {"type": "CAROUSEL", "cards": [{"components": [BODY]}] * 11}], None, "1 to 10 cards"),
    ([{"type": "HEADER", "format": "TEXT", "text": "x"}], None, "BODY"),
]


@pytest.mark.parametrize(
    ("components", "subcode", "words"), WRONG, ids=[f"{n}-{row[2]}" for n, row in enumerate(WRONG)]
)
async def test_a_template_that_breaks_a_rule(
    line: Line, meta: Meta, components: list[dict[str, Any]], subcode: int | None, words: str
) -> None:
    made = {"name": "wrong", "language": "en", "category": "UTILITY", "components": components}
    status, answer = await call(meta, "POST", f"/v23.0/{WABA}/message_templates", made, token="EAAJtoken")
    error = answer["error"]
    assert (status, error["code"], error.get("error_subcode")) == (400, 100, subcode)
    assert words in error["error_user_msg"]
    session = await line.open()
    with pytest.raises(Rejected) as refused:
        await session.create_template("wrong", "en", "UTILITY", components, "POSITIONAL")
    assert refused.value.code == str(subcode or 100)
    assert words in refused.value.message


async def test_an_account_has_only_so_many_templates(line: Line, meta: Meta) -> None:
    session = await line.open()
    await meta.control(line.number, templateLimit=17, templatesPerHour=2)
    made = await session.create_template("one", "en", "UTILITY", [BODY], "POSITIONAL")
    with pytest.raises(Rejected) as full:
        await session.create_template("two", "en", "UTILITY", [BODY], "POSITIONAL")
    assert full.value.code == "2388019"
    await meta.control(line.number, templateLimit=250)
    await session.create_template("two", "en", "UTILITY", [BODY], "POSITIONAL")
    with pytest.raises(Throttled):
        await session.create_template("three", "en", "UTILITY", [BODY], "POSITIONAL")
    await line.heard.until(
        lambda: sum(type(report).__name__ == "TemplateChanged" for report in line.heard.reports) == 2
    )
    await session.edit_template(made.provider_id, [body("Good day")], None)
    await line.heard.until(
        lambda: sum(type(report).__name__ == "TemplateChanged" for report in line.heard.reports) == 3
    )
    with pytest.raises(Rejected) as again:
        await session.edit_template(made.provider_id, [body("Good evening")], None)
    assert "24 hours" in again.value.message


# -- files as handles --------------------------------------------------------------------------------


async def test_examples_of_our_store_are_uploaded_for_a_template(line: Line) -> None:
    session = await line.open()
    stored = await line.files.store(b"\x89PNG", mime="image/png", filename="a.png")
    header = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [f"media:{stored}"]}}
    card = {"components": [header, body("A card")]}
    components = [body("Look"), {"type": "CAROUSEL", "cards": [card, card]}]
    made = await session.create_template("pictures", "en", "MARKETING", [header, BODY], "POSITIONAL")
    assert made.components[0]["example"]["header_handle"][0].startswith("4::")
    many = await session.create_template("cards", "en", "MARKETING", components, "POSITIONAL")
    assert many.components[1]["cards"][1]["components"][0]["example"]["header_handle"][0].startswith("4::")
    assert components[1]["cards"][0] is card, "what the caller gave stays as it is"
    word = await line.files.store(b"x", mime="text/plain")
    for wrong in (word, "77"):
        header["example"] = {"header_handle": [f"media:{wrong}"]}
        with pytest.raises(Rejected):
            await session.create_template("other", "en", "MARKETING", [header, BODY], "POSITIONAL")


async def test_a_profile_picture_of_our_store(line: Line) -> None:
    session = await line.open()
    before = (await session.business_profile())["profile_picture_url"]
    stored = await line.files.store(b"\x89PNG", mime="image/png")
    await session.update_business_profile({"profile_picture": f"media:{stored}", "about": "Soup"})
    after = await session.business_profile()
    assert after["about"] == "Soup"
    assert after["profile_picture_url"] != before


async def test_an_upload_goes_on_where_it_broke(meta: Meta) -> None:
    query = {"file_length": "6", "file_type": "image/png", "file_name": "a.png"}
    _, session = await call(meta, "POST", "/v23.0/app/uploads", **query)
    url = f"{meta.url}/v23.0/{session['id']}"

    async def put(offset: int, data: bytes) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": "OAuth any", "file_offset": str(offset)}
        async with meta.http.post(url, data=data, headers=headers) as response:
            return response.status, await response.json()

    assert (await put(0, b"abc"))[1]["file_offset"] == 3
    assert (await put(0, b"abc"))[0] == 400
    async with meta.http.get(url, headers={"Authorization": "OAuth any"}) as response:
        assert (await response.json())["file_offset"] == 3
    assert (await put(3, b"def"))[1]["h"].startswith("4::")
    assert (await put(6, b""))[0] == 400
    status, _ = await call(meta, "POST", "/v23.0/app/uploads", **{**query, "file_type": "text/plain"})
    assert status == 400


async def test_the_accounts_node_and_the_tokens_app(line: Line, meta: Meta) -> None:
    status, node = await call(meta, "GET", f"/v23.0/{WABA}", token="EAAJtoken", fields="id,name,currency")
    assert (status, set(node)) == (200, {"id", "name", "currency"})
    status, app = await call(meta, "GET", "/v23.0/app", token="EAAJtoken", fields="id")
    assert (status, set(app)) == (200, {"id"})


# -- buttons of template messages --------------------------------------------------------------------


async def test_flow_catalog_and_product_buttons(line: Line, meta: Meta) -> None:
    session = await line.open()
    components = [
        {"type": "HEADER", "format": "LOCATION"},
        BODY,
        {
            "type": "BUTTONS",
            "buttons": [
                {"type": "FLOW", "text": "Sign up", "flow_id": "1"},
                {"type": "CATALOG", "text": "View catalog"},
                {"type": "MPM", "text": "View items"},
            ],
        },
    ]
    await session.create_template("wide", "en", "MARKETING", components, "POSITIONAL")
    await line.heard.until(lambda: any(type(report).__name__ == "TemplateChanged" for report in line.heard.reports))
    products = {"sections": [{"title": "New", "product_items": [{"product_retailer_id": "a"}]}]}
    message = c.Template(
        name="wide",
        language="en",
        header=c.HeaderParam(location=c.Location(latitude=1, longitude=2, name="Shop", address="Main street")),
        buttons=[
            c.ButtonParam(index=0, kind="flow", text="tok", action={"flow_action_data": {"a": 1}}),
            c.ButtonParam(index=1, kind="catalog"),
            c.ButtonParam(index=2, kind="mpm", action=products),
        ],
    )
    await session.send(line.message(message))
    (sent,) = await meta.outbox(line.number)
    flow, catalog, mpm = (part for part in sent["content"]["template"]["components"] if part["type"] == "button")
    assert flow["parameters"] == [{"type": "action", "action": {"flow_token": "tok", "flow_action_data": {"a": 1}}}]
    assert "parameters" not in catalog
    assert mpm["parameters"] == [{"type": "action", "action": products}]
    del sent["content"]["template"]["components"][1]
    status, answer = await call(meta, "POST", f"/v23.0/{line.number}/messages", sent["content"], token="EAAJtoken")
    assert (status, answer["error"]["code"]) == (400, 131009), "a flow's button must be named"
    sent["content"]["template"]["components"][1]["sub_type"] = "phone_number"
    status, answer = await call(meta, "POST", f"/v23.0/{line.number}/messages", sent["content"], token="EAAJtoken")
    assert "QUICK_REPLY" in answer["error"]["message"]


# -- webhooks on request -----------------------------------------------------------------------------


async def test_webhooks_come_late_twice_and_out_of_order(line: Line, meta: Meta) -> None:
    session = await line.open()
    await meta.world_control(line.number, "faults", webhookDelay=[1, 60], duplicateWebhooks=1.0)
    account = meta.world.account(line.number)
    told = [account.receive(c.Text(text=str(n)), f"6280000{n:05d}").provider_id for n in range(20)]
    await line.heard.until(lambda: len(line.heard.of(Incoming)) == 40)
    came = [report.provider_id for report in line.heard.of(Incoming)]
    assert sorted(came) == sorted(told * 2)
    assert list(dict.fromkeys(came)) != told
    await meta.world_control(line.number, "faults", reset=True)
    await session.send(line.message("x"))
    await line.heard.until(lambda: len(line.heard.of(Status)) == 3)
