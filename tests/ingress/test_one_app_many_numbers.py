"""One Meta app with many numbers: one callback address, and each part of a callback reaches the profile it concerns."""

from __future__ import annotations

import json

import pytest

from .conftest import NUMBER, SECRET, Door, signature, text, value, webhook

OTHER, THIRD = "200000000000001", "300000000000001"


@pytest.mark.parametrize("hook", ["whatsapp", "the first one's", "the other one's"])
async def test_each_message_reaches_the_profile_that_has_the_number(door: Door, hook: str) -> None:
    first, other = await door.number(), await door.number(OTHER)
    place = {"whatsapp": "whatsapp", "the first one's": first.id, "the other one's": other.id}[hook]
    mixed = webhook(value(text("wamid.1", "to the first")), value(text("wamid.2", "to the other"), number=OTHER))
    assert (await door.post(place, mixed)).status_code == 200
    assert [one["text"] for one in await door.messages(first)] == ["to the first"]
    assert [one["text"] for one in await door.messages(other)] == ["to the other"]
    assert await door.problems() == []


async def test_receipts_reach_the_profile_that_has_the_number(door: Door) -> None:
    first, other = await door.number(), await door.number(OTHER)
    echo = {"from": "15550783881", "to": "16505551234", "id": "wamid.E", "timestamp": "1790000000", "type": "text"}
    echoes = {"metadata": {"phone_number_id": OTHER}, "message_echoes": [{**echo, "text": {"body": "On it"}}]}
    await door.post(first.id, webhook(echoes, field="smb_message_echoes"))
    receipt = {"id": "wamid.E", "status": "read", "timestamp": "1790000009", "recipient_id": "16505551234"}
    await door.post("whatsapp", webhook(value(number=OTHER, statuses=[receipt])))
    (message,) = await door.messages(other)
    assert (message["direction"], message["status"]) == ("out", "read")
    assert await door.messages(first) == []


async def test_an_unknown_number_is_a_problem_that_can_be_replayed_once_it_has_a_profile(door: Door) -> None:
    first = await door.number()
    for hook in (first.id, "whatsapp"):
        assert (await door.post(hook, webhook(value(text("wamid.1"), number=OTHER)))).status_code == 200
    (problem,) = await door.problems()
    assert (problem["reason"], problem["kind"], problem["profileId"]) == ("unknown_number", OTHER, str(first.id))
    path = f"/inbound/problems/{problem['id']}/replay"
    assert (await door.api("POST", path))["status"] == "open"
    other = await door.number(OTHER)
    assert (await door.api("POST", path))["status"] == "resolved"
    assert len(await door.messages(other)) == 1
    assert await door.messages(first) == []


async def test_the_signature_is_checked_with_the_secret_of_the_app_that_has_the_number(door: Door) -> None:
    """Whoever has an app of their own cannot write into the profiles of another."""
    own = await door.number()
    victim = await door.number(OTHER, secret="another app's secret")
    forged = webhook(value(text("wamid.forged"), number=OTHER))
    assert (await door.post(own.id, forged)).status_code == 200
    assert (await door.post("whatsapp", forged)).status_code == 200
    assert await door.messages(victim) == []
    assert [one["reason"] for one in await door.problems()] == ["unknown_number"]
    assert (await door.post("whatsapp", forged, secret="another app's secret")).status_code == 200
    assert len(await door.messages(victim)) == 1


@pytest.mark.parametrize(
    "payload",
    [webhook(value(text("wamid.1"))), webhook(value(text("wamid.1"), number=OTHER)), {"entry": []}, b"no JSON"],
    ids=["a known number", "an unknown number", "nothing", "not JSON"],
)
async def test_a_signature_of_no_app_is_refused_and_leaves_nothing(door: Door, payload: object) -> None:
    channel = await door.number()
    await door.number(THIRD, secret=None)
    assert (await door.post("whatsapp", payload, secret="guessed")).status_code == 401
    assert (await door.post("whatsapp", payload, secret="")).status_code == 401
    assert await door.messages(channel) == []
    assert await door.problems() == []


async def test_meta_verifies_the_shared_address_with_the_token_of_any_profile(door: Door) -> None:
    await door.number(verifyToken="one")
    await door.number(OTHER, verifyToken="two")
    for token, status in (("one", 200), ("two", 200), ("three", 403)):
        query = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": "4711"}
        answer = await door.client.get("/hooks/whatsapp", params=query)
        assert answer.status_code == status
        assert (answer.text == "4711") == (status == 200)
    assert (await door.client.put("/hooks/whatsapp")).status_code == 405


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
@pytest.mark.parametrize("hook", ["whatsapp", "whatsapp/", "1", "1/"])
async def test_another_method_is_told_what_the_address_takes(door: Door, method: str, hook: str) -> None:
    await door.number()
    answer = await door.client.request(method, f"/hooks/{hook}")
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["allow"].split(", "))


async def test_a_bot_s_address_says_that_it_takes_posts(door: Door) -> None:
    bot, _ = await door.bot()
    answer = await door.client.get(f"/hooks/{bot.id}")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_a_slash_too_many_in_the_callback_s_address_loses_nothing(door: Door) -> None:
    """Providers follow no redirect."""
    channel = await door.number(verifyToken="one")
    for number, hook in enumerate((f"{channel.id}/", "whatsapp/")):
        query = {"hub.mode": "subscribe", "hub.verify_token": "one", "hub.challenge": "4711"}
        assert (await door.client.get(f"/hooks/{hook}", params=query)).text == "4711"
        assert (await door.post(hook, webhook(value(text(f"wamid.{number}"))))).status_code == 200
    assert len(await door.messages(channel)) == 2
    bot, headers = await door.bot()
    said = {"message_id": 1, "date": 1_790_000_000, "chat": {"id": 7, "type": "private"}, "text": "Hi"}
    update = {"update_id": 1, "message": {**said, "from": {"id": 7, "is_bot": False, "first_name": "Kim"}}}
    assert (await door.client.post(f"/hooks/{bot.id}/", json=update, headers=headers)).status_code == 200
    assert len(await door.messages(bot)) == 1


async def test_what_stands_beside_messages_is_kept_too(door: Door) -> None:
    """Errors of the account, and lists that this version has no name for, in a webhook that also has messages."""
    channel = await door.number()
    error = {"code": 131060, "title": "This message is currently unavailable."}
    news = {"of_next_year": [{"id": "n1", "what": "new"}], "errors": [error]}
    assert (await door.post(channel.id, webhook(value(text("wamid.1"), **news)))).status_code == 200
    assert len(await door.messages(channel)) == 1
    kinds = {one["kind"]: one for one in await door.problems()}
    assert set(kinds) == {"errors", "messages:of_next_year"}
    # Replayed by a version that understands it no better, it stays, and the message is there once.
    for one in kinds.values():
        await door.api("POST", f"/inbound/problems/{one['id']}/replay")
    assert len(await door.messages(channel)) == 1
    assert len(await door.problems()) == 2


async def test_a_body_that_cannot_be_read_is_kept_at_a_profile_of_the_app(door: Door) -> None:
    await door.number(THIRD, secret="another app's secret")
    channel = await door.number()
    assert (await door.post("whatsapp", b"no JSON")).status_code == 200
    (problem,) = await door.problems()
    assert (problem["reason"], problem["profileId"]) == ("unreadable", str(channel.id))


async def test_what_concerns_the_business_account_reaches_all_its_numbers(door: Door) -> None:
    first, other = await door.number(), await door.number(OTHER)
    strange = await door.number(THIRD, waba="999")
    change = {
        "event": "APPROVED",
        "message_template_id": 1,
        "message_template_name": "hello",
        "message_template_language": "en",
    }
    for hook in ("whatsapp", first.id):
        await door.post(hook, webhook(change, field="message_template_status_update"))
    told = await door.told("template.changed")
    assert told == [first.id, other.id, first.id, other.id]
    assert strange.id not in told


async def test_what_is_said_of_a_number_by_its_phone_number_reaches_that_number(door: Door) -> None:
    first, other = await door.number(), await door.number(OTHER)
    await door.core.channels.set_status(other.id, "connected", address="15559998888")
    change = {"display_phone_number": "+1 555-999-8888", "event": "FLAGGED", "current_limit": "TIER_1K"}
    for hook in ("whatsapp", first.id):
        await door.post(hook, webhook(change, field="phone_number_quality_update"))
    assert await door.told("account.notice") == [other.id, other.id]


async def test_a_profile_that_was_made_just_now_is_found(door: Door) -> None:
    await door.number()
    await door.post("whatsapp", webhook(value(text("wamid.1"))))
    other = await door.number(OTHER)
    await door.post("whatsapp", webhook(value(text("wamid.2"), number=OTHER)))
    assert len(await door.messages(other)) == 1


async def test_a_signed_body_is_the_one_that_counts(door: Door) -> None:
    channel = await door.number()
    body = json.dumps(webhook(value(text("wamid.1")))).encode()
    changed = body.replace(b"Hi", b"Ho")
    answer = await door.client.post(
        "/hooks/whatsapp", content=changed, headers={"X-Hub-Signature-256": signature(body, SECRET)}
    )
    assert answer.status_code == 401
    assert await door.messages(channel) == []
    assert NUMBER.encode() in body
