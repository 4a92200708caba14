"""The recipes of docs/automations.md, each carried out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jackfield.core import Conflict, Invalid, NotFound, SafeClient
from jackfield.core.automations.recipes import RECIPES
from jackfield.core.egress import LOOPBACK
from jackfield.testing.ai_endpoint import ai_endpoint, says

from .conftest import Play

PEER = "491701234567"
BY_KEY = {one.key: one for one in RECIPES}


async def test_all_are_documented_and_valid(lite_play: Play) -> None:
    page = (Path(__file__).parents[3] / "docs" / "automations.md").read_text()
    for recipe in RECIPES:
        assert f"| `{recipe.key}` |" in page
        await lite_play.core.automations.create(lite_play.workspace, recipe.title, recipe.kind, recipe.document)


async def test_welcome(lite_play: Play) -> None:
    await made(lite_play, "welcome")
    for _ in range(2):
        await lite_play.says("Hi")
    assert await lite_play.sent() == ["Hello Ann, thank you for writing. How can we help?"]


async def test_away(lite_play: Play) -> None:
    await lite_play.core.working_times.put(lite_play.workspace, days={})
    await made(lite_play, "away", steps=[{"type": "send", "text": "We are closed now."}])
    for _ in range(2):
        await lite_play.says("Hi")
    assert await lite_play.sent() == ["We are closed now."]


async def test_menu(lite_play: Play) -> None:
    await made(lite_play, "menu")
    await lite_play.says("Help!")
    await lite_play.presses("Talk to us")
    assert (await lite_play.sent())[1:] == ["Somebody will write to you in a moment."]
    await lite_play.says("menu")
    assert len(await lite_play.sent()) == 2


async def test_ai_answers(lite_play: Play) -> None:
    core, workspace = lite_play.core, lite_play.workspace
    await core.knowledge.add(workspace, "Our shop", "# Opening hours\nWe open from 9 to 17.\n\n# Returns\n30 days.")
    await made(lite_play, "ai_answers")
    with ai_endpoint() as endpoint:
        await core.ai_settings.put(workspace, base_url=endpoint.url, model="m")

        def reply(body: dict[str, Any]) -> dict[str, Any]:
            last = json.loads(body["messages"][1]["content"])["conversation"][-1]["text"]
            return says("From 9 to 17.", 1) if "open" in last else says("", confident=False)

        endpoint.reply = reply
        async with SafeClient(allow=LOOPBACK) as client:
            lite_play.client = client
            for question in ("When do you open?", "Do you repair bikes?"):
                await lite_play.says(question)
    sent = await lite_play.messages()
    assert [lite_play.text_of(one) for one in sent] == [
        "From 9 to 17.",
        "Somebody of us will write to you in a moment.",
    ]
    assert [one["title"] for one in sent[0].extra["automation"]["sources"]] == ["Our shop › Opening hours"]


async def test_order_status(lite_play: Play) -> None:
    rule = await made(lite_play, "order_status")
    await lite_play.says("Hello, where is my order?")
    await lite_play.says("17")
    (run,) = await lite_play.runs(rule)
    assert (run.state, run.waits_for) == ("waiting", "call")


async def test_abandoned_cart(lite_play: Play) -> None:
    core = lite_play.core
    rule = await made(lite_play, "abandoned_cart", limits={})
    cart = {
        "customer": {"phone": f"+{PEER}", "name": "Asha Rao"},
        "items": [{"title": "Blue mug"}],
        "url": "https://shop.example.com/cart/17",
    }
    assert rule.hook_token is not None
    for wrong, error in ((None, Invalid), ([], Invalid), ({"customer": {"phone": "x"}}, Invalid)):
        with pytest.raises(error):
            await core.automation_triggers.by_hook(rule.hook_token, wrong)
    with pytest.raises(NotFound):
        await core.automation_triggers.by_hook("guessed", cart)
    workspace, _ = await core.automation_triggers.by_hook(rule.hook_token, cart)
    assert workspace == lite_play.workspace
    with pytest.raises(Conflict) as twice:
        await core.automation_triggers.by_hook(rule.hook_token, cart)
    assert (twice.value.code, twice.value.details) == ("NOT_STARTED", {"reason": "running"})
    await lite_play.settle()
    await lite_play.later(3700)
    assert await lite_play.sent() == ["Hello Asha, your Blue mug is still waiting: https://shop.example.com/cart/17"]
    await lite_play.says("I take it")
    await lite_play.later(90_000)
    assert len(await lite_play.sent()) == 1


async def test_appointment(lite_play: Play) -> None:
    rule = await made(lite_play, "appointment")
    told = {"phone": f"+{PEER}", "name": "Asha", "time": "10:30"}
    assert rule.hook_token is not None
    await lite_play.core.automation_triggers.by_hook(rule.hook_token, told)
    await lite_play.settle()
    assert await lite_play.sent() == ["We expect you tomorrow at 10:30. Will you come?"]
    await lite_play.presses("No")
    tickets = (await lite_play.core.tickets.list(lite_play.workspace)).items
    assert [one.subject for one in tickets] == ["Another appointment for Asha"]


async def test_review(lite_play: Play) -> None:
    await made(lite_play, "review", limits={})
    contact = await lite_play.core.contacts.create(lite_play.workspace, name="Bo", phone=f"+{PEER}")
    await lite_play.core.contacts.update(lite_play.workspace, contact.id, tags_to_add=["ordered"])
    await lite_play.settle()
    await lite_play.later(172_801)
    assert await lite_play.sent() == ["How do you like it, from 1 to 5?"]
    await lite_play.says("2")
    assert (await lite_play.sent())[1:] == ["We are sorry. Somebody will write to you."]
    assert (await lite_play.core.contacts.get(lite_play.workspace, contact.id)).attributes == {"rating": "2"}


async def test_win_back(lite_play: Play) -> None:
    rule = await made(lite_play, "win_back", limits={})
    contact = await lite_play.core.contacts.create(lite_play.workspace, name="Bo", phone=f"+{PEER}")
    run = await lite_play.core.automation_triggers.by_hand(lite_play.workspace, rule.id, contact.id)
    await lite_play.settle()
    assert len(await lite_play.sent()) == 1
    await lite_play.says("Nice")
    (ended,) = await lite_play.runs(rule)
    assert (ended.id, ended.state, ended.reason) == (run.id, "stopped", "replied")


async def test_a_dry_run_over_the_past_and_with_one_message(lite_play: Play) -> None:
    for text in ("what are your opening hours", "menu please", "Menu"):
        await lite_play.says(text)
    tests = lite_play.core.automation_tests
    past = await tests.past(lite_play.workspace, "rule", BY_KEY["menu"].document)
    assert (past.looked_at, past.matched, past.people, past.complete) == (3, 1, 1, True)
    assert (past.found[0].text, past.found[0].contact_name) == ("Menu", "Ann Lee")
    assert [one.text for one in past.found[0].steps] == ["What can we do for you, Ann?"]
    one = await tests.message(lite_play.workspace, "rule", BY_KEY["menu"].document, text="help")
    assert (one.matches, one.steps[0].step) == (True, "menu")
    other = await tests.message(lite_play.workspace, "rule", BY_KEY["menu"].document, text="hello")
    assert (other.matches, other.why) == (False, "trigger")
    with pytest.raises(Invalid):
        await tests.past(lite_play.workspace, "sequence", BY_KEY["abandoned_cart"].document)
    assert await lite_play.sent() == []


async def made(play: Play, key: str, **changes: Any) -> Any:
    """The automation of a recipe, switched on."""
    recipe = BY_KEY[key]
    document = {**recipe.document, **changes}
    steps = document.pop("steps")
    return await play.rule(*steps, kind=recipe.kind, **document)
