"""The life of a customer of Chatly with a Telegram bot, and the page on which webhooks are set."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from jackfield.testing.server import JackfieldServer, until
from jackfield.testing.simulator import SimulatorProcess, simulator_process

from ..conftest import Got, Receiver
from ..document import Document
from ..documented import found_by, unseen
from .conftest import Chatly
from .customer import Shop, ok, refused
from .test_documented import send, telegram
from .test_life_sending import event

TOKEN = "4242:AAH-simulated_token"


@pytest.fixture(scope="module")
def network() -> Iterator[SimulatorProcess]:
    """Telegram, in a process of its own."""
    with simulator_process() as running:
        yield running


@pytest.fixture(scope="module")
def shop(chatly_server: JackfieldServer, chatly_document: Document, network: SimulatorProcess) -> Iterator[Shop]:
    """A fresh workspace with a bot and nothing else."""
    made = Shop(chatly_server, chatly_document, number=False)
    for path in ("/telegram-group", "/telegram-contact", "/telegram-campaign"):
        assert made.list(path) == []
    config = {"baseUrl": network.url, "token": TOKEN}
    profile = made.native("POST", "/profiles", {"name": "Bot", "engine": "telegram_bot", "config": config})["id"]
    made.native("POST", f"/profiles/{profile}/connect")
    until(lambda: made.native("GET", f"/profiles/{profile}/status")["connected"], what="the bot")
    yield made
    made.close()


@pytest.fixture(scope="module")
def chatly(shop: Shop) -> Chatly:
    """The same caller, for the tables of fields."""
    made = Chatly(shop.server)
    made.headers = {"apikey": shop.key, "Authorization": shop.api.headers["Authorization"]}
    return made


def bot(network: SimulatorProcess, action: str, body: Any = None) -> Any:
    """A control of the simulated bot."""
    request = urllib.request.Request(
        f"{network.url}/control/bot/{TOKEN}{action}", None if body is None else json.dumps(body).encode()
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())


def meet(shop: Shop, network: SimulatorProcess, person: tuple[int, str], group: tuple[int, str]) -> tuple[Any, Any]:
    """A person writes to the bot, and in a group that it is in: the group and the contact as listed."""
    (number, name), (chat, title) = person, group
    world = {"people": [{"id": number, "name": name}], "groups": [{"id": chat, "title": title, "members": [number]}]}
    bot(network, "", world)
    bot(network, "/inbound", {"from": number, "name": name, "text": "Hi bot"})
    bot(network, "/inbound", {"from": number, "chat": chat, "text": "Hi all"})
    found = lambda path, name: [one for one in shop.list(path) if one["name"] == name]  # noqa: E731
    return (
        until(lambda: found("/telegram-group", title), what="the group")[0],
        until(lambda: found("/telegram-contact", name), what="the person")[0],
    )


def test_telegram(shop: Shop, network: SimulatorProcess, receiver: Receiver) -> None:
    """Use this if the user has connected Telegram and wants to manage Telegram campaigns through API."""
    shop.webhook(webhook_url=receiver.url, enabled="1")
    group, ana = meet(shop, network, (111, "Ana"), (-1001, "Traders"))
    assert group["group_id"] == "-1001"
    assert (ana["telegram_id"], ana["type"]) == ("111", "telegram")
    _, data = event(receiver, "telegram.incoming")
    assert data["message"] in ("Hi bot", "Hi all")
    assert data["chat_id"] in ("111", "-1001")

    assert refused(shop.post("/telegram-campaign-store"), 422)
    fields = {"campaign_name": "News", "message": "Hello {name}", "group_id[]": group["id"], "contact_id[]": ana["id"]}
    ok(shop.post("/telegram-campaign-store", **fields))
    until(lambda: [one["status"] for one in shop.list("/telegram-campaign")] == ["finished"], what="the campaign")
    (campaign,) = shop.list("/telegram-campaign")
    assert (campaign["campaign_name"], campaign["campaign_type"]) == ("News", "telegram")
    taken = {str(row["to"]): row["text"] for row in bot(network, "/outbox")}
    assert taken == {"-1001": "Hello Traders", "111": "Hello Ana"}
    sent = ok(shop.post("/send-message", receiver_id=ana["id"], message="Just you"))
    assert sent["status"] == "sent"
    # Two chats on Telegram, of which one is with a person.
    assert {room["type"] for room in shop.list("/chat-rooms")} == {"telegram"}
    said = [one["message"] for one in shop.list(f"/contact-messages/{ana['id']}")]
    assert sorted(said) == ["Hello Ana", "Hi bot", "Just you"]
    shop.webhook(webhook_url="")


def test_every_documented_field_of_a_telegram_campaign_is_obeyed_or_refused_by_its_name(
    shop: Shop, chatly: Chatly, network: SimulatorProcess
) -> None:
    group, person = meet(shop, network, (112, "Bo"), (-1002, "Testers"))
    table = telegram(group["id"], person["id"])
    problems = list(found_by(table, lambda one, body: send(chatly, one, body)))
    problems += unseen(table, lambda one, body: send(chatly, one, body), lambda to: campaigns_of(chatly))
    assert not problems, "\n".join(problems)


def campaigns_of(chatly: Chatly) -> str:
    return json.dumps(chatly.data(chatly.get("/telegram-campaign")))


def test_the_webhook_page(chatly: Chatly, receiver: Receiver) -> None:
    outside = Chatly(chatly.server, "/chatly/auth/en")
    outside.headers = dict(chatly.headers)
    data = chatly.data

    def ask(fields: Any) -> Any:
        return data(outside.post("/client/webhook", fields))

    some = ask(
        [("webhook_url", receiver.url), ("events[]", "contact.created"), ("events[]", "ticket.created"), ("secret", "")]
    )
    assert (some["events"], some["has_secret"]) == (["contact.created", "ticket.created"], False)
    chatly.contact("918777777701")
    got: Got = receiver.wait(lambda one: one.json["event"] == "contact.created")
    assert "x-chatly-signature" not in got.headers
    assert got.json["data"]["phone"] == "918777777701"
    off = ask({"enabled": "0"})
    assert (off["enabled"], off["events"], off["webhook_url"]) == (False, some["events"], receiver.url)
    assert outside.post("/client/webhook/test").status == 422
    for fields, name in (
        ({"events[]": "everything"}, "events"),
        ({"webhook_url": "javascript:x"}, "webhook_url"),
        ({"secret": "short"}, "secret"),
        ({"enabled": "perhaps"}, "enabled"),
    ):
        answer = outside.post("/client/webhook", fields)
        assert (answer.status, list(answer.json["data"])) == (422, [name]), answer

    # A person who is logged in at the dashboard, by cookie alone.
    token = outside.headers.pop("Authorization").partition(" ")[2]
    del outside.headers["apikey"]
    assert outside.get("/client/webhook").status == 401
    outside.headers["Cookie"] = f"jackfield_session={token}"
    assert outside.post("/client/webhook", {"enabled": "1"}).status == 403, (
        "a page of another site could have sent this"
    )
    outside.headers["Sec-Fetch-Site"] = "same-origin"
    assert data(outside.get("/client/webhook"))["enabled"] is False
    gone = ask({"webhook_url": ""})
    assert (gone["webhook_url"], gone["events"]) == (None, [])
