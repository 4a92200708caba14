"""Facts of a message are kept and told: in the API, in the event, in the webhook."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jackfield.core import ChannelView, Fact
from jackfield.dialects.native.webhook import event_data

from .conftest import Door, text, value, webhook

REFERRAL = {
    "source_url": "https://fb.me/1",
    "source_type": "ad",
    "source_id": "120226305854810726",
    "headline": "Chat with us",
    "body": "Offer",
    "media_type": "image",
    "image_url": "https://scontent.example/1",
    "ctwa_clid": "Aff-n8ZTODiE79d22KtAwQKj9e_mIEOOj27vDVwFjN80dp4",
    "welcome_message": {"text": "Hi! How can we help?"},
}
SHOWN = {
    "sourceUrl": "https://fb.me/1",
    "sourceType": "ad",
    "sourceId": "120226305854810726",
    "headline": "Chat with us",
    "body": "Offer",
    "mediaType": "image",
    "mediaUrl": "https://scontent.example/1",
    "ctwaClid": REFERRAL["ctwa_clid"],
    "welcomeMessage": "Hi! How can we help?",
}
PRODUCT = {"catalog_id": "194836987003835", "product_retailer_id": "di9ozbzfi4"}


async def came(door: Door, message: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A message of the Cloud API as the native API shows it, and as its webhook tells it."""
    channel = await door.number()
    await door.post(channel.id, webhook(value(message)))
    return await shown_and_told(door, channel)


async def shown_and_told(door: Door, channel: ChannelView) -> tuple[dict[str, Any], dict[str, Any]]:
    (shown,) = await door.messages(channel)
    ((_, data),) = await door.events("message.received")
    fact = Fact(
        id=1,
        workspace_id=1,
        type="message.received",
        data=json.dumps(data),
        created_at=0,
        channel_id=channel.id,
        channel_address="15550783881",
        channel_network=channel.network,
    )
    return shown, event_data(fact, data)


@pytest.mark.parametrize(
    "more", [{}, {"type": "image", "image": {"id": "1", "mime_type": "image/jpeg"}}], ids=["a text", "a picture"]
)
async def test_the_advertisement_that_led_to_a_message_is_told_with_the_click_s_id(
    door: Door, more: dict[str, Any]
) -> None:
    for fact in await came(door, text("wamid.1", referral=REFERRAL, **more)):
        assert fact["referral"] == SHOWN


async def test_a_referral_with_a_video_of_a_post_names_what_it_has(door: Door) -> None:
    part = {"source_type": "post", "video_url": "https://v.example/1", "thumbnail_url": "https://t.example/1"}
    for fact in await came(door, text("wamid.1", referral=part)):
        assert fact["referral"] == {
            "sourceType": "post",
            "mediaUrl": "https://v.example/1",
            "thumbnailUrl": "https://t.example/1",
        }


async def test_the_product_that_a_message_asks_about_is_told(door: Door) -> None:
    context = {"from": "15550783881", "id": "wamid.X", "referred_product": PRODUCT}
    for fact in await came(door, text("wamid.1", context=context)):
        assert fact["referredProduct"] == {"catalogId": "194836987003835", "productId": "di9ozbzfi4"}


@pytest.mark.parametrize(
    ("context", "told"),
    [
        ({"forwarded": True}, "once"),
        ({"frequently_forwarded": True}, "often"),
        ({"forwarded": False}, None),
        ({}, None),
    ],
)
async def test_whether_a_message_was_forwarded_is_told(door: Door, context: dict[str, Any], told: str | None) -> None:
    for fact in await came(door, text("wamid.1", context=context)):
        assert fact.get("forwarded") == told


async def test_a_forwarded_message_of_telegram_is_told_as_such(door: Door) -> None:
    channel, headers = await door.bot()
    person = {"id": 7, "is_bot": False, "first_name": "Kim"}
    said = {
        "message_id": 1,
        "date": 1_790_000_000,
        "chat": {"id": 7, "type": "private"},
        "from": person,
        "text": "Hi",
        "forward_origin": {"type": "hidden_user", "sender_user_name": "Tom", "date": 1},
    }
    await door.client.post(f"/hooks/{channel.id}", json={"update_id": 1, "message": said}, headers=headers)
    for fact in await shown_and_told(door, channel):
        assert fact["forwarded"] == "once"


async def test_a_message_of_which_nothing_is_known_has_no_facts(door: Door) -> None:
    shown, told = await came(door, text("wamid.1"))
    assert (shown["referral"], shown["referredProduct"], shown["forwarded"]) == (None, None, None)
    assert not {"referral", "referredProduct", "forwarded"} & set(told)


CONTENTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "the page of a place": (
        {"type": "location", "location": {"latitude": 1.5, "longitude": 2.5, "name": "n", "url": "https://x.example"}},
        {"type": "location", "url": "https://x.example"},
    ),
    "how an order is paid": (
        {
            "type": "interactive",
            "interactive": {
                "type": "payment_method",
                "payment_method": {"payment_method": "upi", "reference_id": "order-7", "payment_timestamp": 1},
            },
        },
        {"type": "payment_method", "method": "upi", "reference_id": "order-7"},
    ),
    "one product": (
        {
            "type": "interactive",
            "interactive": {
                "type": "product",
                "body": {"text": "Look"},
                "action": {"catalog_id": "1", "product_retailer_id": "p"},
            },
        },
        {"type": "product", "catalog_id": "1", "product_id": "p", "body": "Look"},
    ),
    "several products": (
        {
            "type": "interactive",
            "interactive": {
                "type": "product_list",
                "body": {"text": "Look"},
                "action": {
                    "catalog_id": "1",
                    "sections": [{"title": "New", "product_items": [{"product_retailer_id": "p"}]}],
                },
            },
        },
        {"type": "product_list", "catalog_id": "1", "sections": [{"title": "New", "product_ids": ["p"]}]},
    ),
    "a whole catalog": (
        {
            "type": "interactive",
            "interactive": {
                "type": "catalog_message",
                "body": {"text": "Look"},
                "action": {"name": "catalog_message", "parameters": {"thumbnail_product_retailer_id": "p"}},
            },
        },
        {"type": "catalog", "thumbnail_product_id": "p"},
    ),
}


@pytest.mark.parametrize("case", CONTENTS)
async def test_what_a_message_says_is_kept(door: Door, case: str) -> None:
    part, wanted = CONTENTS[case]
    for fact in await came(door, {**text("wamid.1"), **part}):
        assert wanted.items() <= fact["content"].items()


@pytest.mark.parametrize(
    "group",
    ["Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAzNjM0MDQ2OTQyMzM4MjAZD", "Y2FwaV9ncm91cDox+/A=", "120363404694233820@g.us"],
)
async def test_the_group_that_a_webhook_names_is_taken_as_to(door: Door, group: str) -> None:
    shown, told = await came(door, text("wamid.1", group_id=group))
    assert told["chatId"] == shown["chatId"] == group
    channel = await door.core.channels.get(door.workspace_id, int(shown["profileId"]))
    assert door.core.networks.parse(channel.engine, told["chatId"]) == (group, "group")
    sent = await door.api("POST", "/messages/text", json={"profileId": channel.id, "to": told["chatId"], "text": "Hi"})
    assert sent["to"] == group
