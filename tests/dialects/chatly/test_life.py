"""The whole life: login, contact, list, segment, template, campaigns on both networks, inbox, ticket, webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jackfield.testing.server import JackfieldServer, running_server, until
from jackfield.testing.simulator import SimulatorProcess, simulator_process

from ..conftest import Got, Receiver, shape_problems
from ..document import hold
from ..documented import found_by, unseen
from .conftest import Chatly
from .test_documented import send, telegram

TOKEN = "4242:AAH-simulated_token"
SECRET = "a secret that nobody knows"


@pytest.fixture(scope="module")
def network() -> Iterator[SimulatorProcess]:
    """Telegram, in a process of its own."""
    with simulator_process() as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, network: SimulatorProcess) -> Iterator[JackfieldServer]:
    """A server with a WhatsApp number (profile 1) and a bot, in the zone of the seed's example."""
    with running_server(tmp_path_factory.mktemp("life")) as running:
        hold(running, "/chatly")
        workspace = running.api("GET", "/workspaces").json["data"][0]["id"]
        changed = running.api("PATCH", f"/workspaces/{workspace}", json={"timezone": "Asia/Kolkata"})
        assert changed.status == 200, changed
        config = {"baseUrl": network.url, "token": TOKEN}
        bot = running.api("POST", "/profiles", json={"name": "Bot", "engine": "telegram_bot", "config": config}).data
        running.api("POST", f"/profiles/{bot['id']}/connect")
        until(lambda: running.api("GET", f"/profiles/{bot['id']}/status").data["connected"], what="the bot")
        yield running


@pytest.fixture(scope="module")
def chatly(server: JackfieldServer) -> Chatly:
    """Calls of the owner."""
    return Chatly(server).login()


def bot(network: SimulatorProcess, action: str, body: Any = None) -> Any:
    """A control of the simulated bot."""
    request = urllib.request.Request(
        f"{network.url}/control/bot/{TOKEN}{action}", None if body is None else json.dumps(body).encode()
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())


def test_the_whole_life(chatly: Chatly, receiver: Receiver, network: SimulatorProcess) -> None:
    server, data = chatly.server, chatly.data

    # The webhook, for everything, signed.
    hook = {"webhook_url": receiver.url, "secret": SECRET, "enabled": "1"}
    outside = Chatly(server, "/chatly/auth")
    outside.headers = chatly.headers
    set_ = data(outside.post("/client/webhook", hook))
    assert (set_["webhook_url"], set_["enabled"], set_["has_secret"]) == (receiver.url, True, True)
    assert set_["events"] == set_["available_events"]
    data(outside.post("/client/webhook/test"))

    # A contact, a list, a segment.
    contact = chatly.contact("919999999999")
    list_id = data(chatly.post("/whatsapp-contact-list-store", {"name": "Hot Leads"}))["id"]
    data(chatly.post(f"/whatsapp-contact-list-update/{list_id}", {"name": "May Campaign", "contact_ids[]": contact}))
    friend = data(
        chatly.json(
            "/whatsapp-contact-store",
            {"name": "Jane Doe", "phone": "919999999998", "country_id": 101, "contact_list_id": list_id},
        )
    )["id"]
    stranger = chatly.contact("919999999997", "Not in the list")
    tag = data(chatly.post("/tags", {"name": "VIP"}))["id"]
    data(chatly.post("/tags/store/contact-tag", [("contact_id", contact), ("tag_id[]", tag)]))
    data(chatly.post("/tags/store/contact-tag", {"contact_id": stranger, "tag_id": tag}))
    pairs = data(chatly.get("/tags/contact-tags", contact_id=contact))["contact_tags"]
    assert [(one["contact_id"], one["name"]) for one in pairs] == [(contact, "VIP")]
    server.api("POST", "/segments", json={"name": "VIPs", "filter": {"tags": ["VIP"]}})
    segment = data(chatly.get("/segment"))["segments"][0]["id"]

    # A campaign on WhatsApp: those in the list who are in the segment too.
    form = {
        "campaign_name": "May Offer",
        "template_id": chatly.template("demo_text"),
        "contact_list_id": list_id,
        "segment_id": segment,
        "body_values[]": "{name}",
    }
    campaign = data(chatly.post("/whatsapp-campaign-store", form))
    done = until(
        lambda: [
            row
            for row in data(chatly.get("/whatsapp-campaign"))["campaigns"]
            if row["id"] == campaign["id"] and row["total_read"] == 1
        ],
        what="the campaign",
    )[0]
    assert (done["status"], done["total_contact"], done["contact_list_id"], done["segment_id"]) == (
        "finished",
        1,
        list_id,
        segment,
    )
    (row,) = [row for row in chatly.outbox("919999999999") if row["type"] == "template"]
    assert row["content"]["body"][0]["text"] == "John Customer"
    assert chatly.outbox("919999999998") == chatly.outbox("919999999997") == []

    # Scheduled in the account's zone, changed, started.
    at = (datetime.now() + timedelta(days=2)).strftime("%Y-%m-%d 10:00:00")  # noqa: DTZ005 - a wall clock's day
    later = data(chatly.post("/whatsapp-campaign-store", {**form, "send_scheduled": "1", "schedule_time": at}))
    assert (later["status"], later["schedule_time"]) == ("scheduled", at.replace(" ", "T") + "+05:30")
    changed = {"campaign_name": "June Offer", "body_values[0]": "dear {name}", "send_scheduled": "0"}
    assert data(chatly.post(f"/whatsapp-campaign-update/{later['id']}", changed))["campaign_name"] == "June Offer"
    until(
        lambda: [
            row
            for row in chatly.outbox("919999999999")
            if row["type"] == "template" and row["content"]["body"][0]["text"] == "dear John Customer"
        ],
        what="the changed campaign",
    )
    over = chatly.post(f"/whatsapp-campaign-update/{campaign['id']}", {"campaign_name": "Too late"})
    assert (over.status, list(over.json["data"])) == (422, ["campaign"])

    # The inbox: an answer comes in, is assigned, read, answered, cleared.
    sent = data(chatly.post("/send-message", {"receiver_id": contact, "message": "Hello from user API"}))
    server.request("POST", "/simulator/1/inbound", json={"from": "919999999999", "text": "Tell me more"})
    room = until(
        lambda: [
            one
            for one in data(chatly.get("/chat-rooms"))["chat_rooms"]
            if one["contact_id"] == contact and one["unread_count"] == 1
        ],
        what="the chat room",
    )[0]
    assert (room["last_message"]["message"], room["type"]) == ("Tell me more", "whatsapp")
    staff = data(
        chatly.post(
            "/team-store",
            {
                "first_name": "Maya",
                "last_name": "Agent",
                "email": "maya@example.com",
                "password": "a long password",
                "password_confirmation": "a long password",
            },
        )
    )["id"]
    names = {"first_name": "Maya", "last_name": "Lead", "email": "maya@example.com"}
    assert data(chatly.post(f"/team-update/{staff}", names))["name"] == "Maya Lead"
    assigned = data(chatly.post("/assign-staff", {"contact_id": contact, "staff_id": staff}))
    assert assigned["chat_room_ids"] == [room["id"]]
    messages = data(chatly.get(f"/message/{room['id']}"))["messages"]
    assert [one["message"] for one in messages][-2:] == ["Hello from user API", "Tell me more"]
    assert [one["is_contact_msg"] for one in messages][-2:] == [0, 1]
    data(chatly.call("DELETE", f"/chat/delete/{sent['id']}"))
    left = [one["message"] for one in data(chatly.get(f"/contact-messages/{contact}"))["messages"]]
    assert left[-1] == "Tell me more"
    assert "Hello from user API" not in left
    people = data(chatly.get("/contacts-by-client"))["contacts"]
    assert next(one for one in people if one["id"] == contact)["assignee_id"] == staff
    data(chatly.get(f"/chat/clear/{contact}"))
    assert data(chatly.get(f"/contact-messages/{contact}"))["messages"] == []

    # A ticket, a note.
    department = data(chatly.get("/department"))["departments"][0]["id"]
    ticket = data(
        chatly.json("/ticket-store", {"department_id": department, "subject": "Where is it?", "priority": "High"})
    )
    replied = data(chatly.post("/ticket-reply", {"ticket_id": ticket["id"], "reply": "On its way."}))
    assert (replied["reply"], replied["ticket"]["status"]) == ("On its way.", "answered")
    note = data(chatly.post("/notes", {"contact_id": contact, "note": "Interested"}))
    assert data(chatly.get("/notes", contact_id=contact))["notes"] == [note]
    assert data(chatly.get("/notes", contact_id=friend))["notes"] == []

    # Telegram: a group and a person get a campaign; what they write comes in.
    bot(
        network,
        "",
        {"people": [{"id": 111, "name": "Ana"}], "groups": [{"id": -1001, "title": "Traders", "members": [111]}]},
    )
    bot(network, "/inbound", {"from": 111, "name": "Ana", "text": "Hi bot"})
    bot(network, "/inbound", {"from": 111, "chat": -1001, "text": "Hi all"})
    group = until(lambda: data(chatly.get("/telegram-group"))["groups"], what="the group")[0]
    assert (group["name"], group["group_id"]) == ("Traders", "-1001")
    ana = until(lambda: data(chatly.get("/telegram-contact"))["contacts"], what="the person")[0]
    assert (ana["name"], ana["telegram_id"], ana["type"]) == ("Ana", "111", "telegram")
    fields = [
        ("campaign_name", "News"),
        ("message", "Hello {name}"),
        ("group_id[]", group["id"]),
        ("contact_id[]", ana["id"]),
    ]
    told = data(chatly.post("/telegram-campaign-store", fields))
    until(
        lambda: [
            row
            for row in data(chatly.get("/telegram-campaign"))["campaigns"]
            if row["id"] == told["id"] and row["status"] == "finished"
        ],
        what="the Telegram campaign",
    )
    taken = {str(row["to"]): row["text"] for row in bot(network, "/outbox")}
    assert taken == {"-1001": "Hello Traders", "111": "Hello Ana"}
    answer = data(chatly.post("/send-message", {"receiver_id": ana["id"], "message": "Just you"}))
    assert answer["status"] == "sent"

    # All of it reached the webhook, signed.
    seen = {}
    for name in set_["available_events"]:
        got = receiver.wait(lambda one, name=name: one.json["event"] == name)
        seen[name] = got.json
    for got in receiver.got:
        digest = hmac.new(SECRET.encode(), got.body, hashlib.sha256).hexdigest()
        assert got.headers["x-chatly-signature"] == digest
        assert set(got.json) == {"event", "client_id", "created_at", "data"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+05:30", got.json["created_at"])
    golden = json.loads((Path(__file__).parent / "golden.json").read_text())["webhook"]
    assert shape_problems(golden, seen["contact.created"]) == []
    assert seen["contact.created"]["data"] == golden["data"]
    assert seen["message.sent"]["data"]["message"] == "Hello from user API"
    assert seen["whatsapp.incoming"]["data"]["message"] == "Tell me more"
    assert seen["telegram.incoming"]["data"]["chat_id"] in ("111", "-1001")
    assert seen["ticket.created"]["data"]["subject"] == "Where is it?"
    receiver.wait(lambda one: one.json["event"] == "whatsapp.status" and one.json["data"]["id"] == sent["id"])
    reached = lambda status: receiver.wait(  # noqa: E731
        lambda one: (
            one.json["event"] == "whatsapp.status"
            and (one.json["data"]["id"], one.json["data"]["status"]) == (sent["id"], status)
        )
    )
    for status in ("sent", "delivered", "read"):
        assert reached(status).json["data"]["phone"] == "919999999999"


def test_every_documented_field_of_a_telegram_campaign_is_obeyed_or_refused_by_its_name(
    chatly: Chatly, network: SimulatorProcess
) -> None:
    people = {"people": [{"id": 112, "name": "Bo"}], "groups": [{"id": -1002, "title": "Testers", "members": [112]}]}
    bot(network, "", people)
    bot(network, "/inbound", {"from": 112, "name": "Bo", "text": "Hi bot"})
    bot(network, "/inbound", {"from": 112, "chat": -1002, "text": "Hi all"})
    (group,) = until(
        lambda: [one for one in chatly.data(chatly.get("/telegram-group"))["groups"] if one["name"] == "Testers"],
        what="the group",
    )
    (person,) = until(
        lambda: [one for one in chatly.data(chatly.get("/telegram-contact"))["contacts"] if one["name"] == "Bo"],
        what="the person",
    )
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
