"""Every field of Chatly's guide, alone and in pairs, with right and wrong values: see `documented`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from jackfield.testing.server import Answer

from ..documented import Table, found_by, uncovered, unseen
from .conftest import Chatly

PAGES = {"page": "number", "per_page": "number", "limit": "number"}
MEDIA = {"image": "link", "document": "link", "video": "link"}
LINK = "https://example.com/a.jpg"
SENDS = {"template_id": "id", "body_values": "list", "button_values": "list", "header_values": "list", **MEDIA}
PLAN = {
    "campaign_name": "text",
    "contact_list_id": "id",
    "segment_id": "id",
    "send_scheduled": "flag",
    "schedule_time": "choice",
}
STAFF = {"first_name": "text", "last_name": "text", "email": "choice"}
PASSWORDS = {"password": "text", "password_confirmation": "text"}
LATER = {"send_scheduled": 1, "schedule_time": "2035-01-01 10:00:00"}


def listed(path: str, more: Mapping[str, str] | None = None, **at: str) -> Table:
    """A list with its pages."""
    return Table(path, "GET", path, {}, {**(more or {}), **PAGES}, at=at)


def telegram(group: int, contact: int) -> Table:
    """The campaign of a bot."""
    path = "/telegram-campaign-store"
    request = {"campaign_name": "News", "message": "Hello", "group_id": [group], "contact_id": [contact], **LATER}
    fields = {**PLAN, "message": "text", "group_id": "ids", "contact_id": "ids", **MEDIA}
    return Table(path, "POST", path, request, fields, ("campaign_name",), filled=("message",))


def tables(ids: Mapping[str, int]) -> list[Table]:
    """All of them; `ids` are those of what there is."""

    def post(path: str, request: dict[str, Any], fields: Mapping[str, str], *free: str, **more: Any) -> Table:
        return Table(path, "POST", path, request, fields, free, **more)

    template = {"template_id": ids["template"], "body_values": ["x"]}
    campaign = {
        "campaign_name": "May Offer",
        **template,
        "contact_list_id": ids["list"],
        "segment_id": ids["segment"],
        **LATER,
    }
    password = {"password": "a long password 1", "password_confirmation": "a long password 1"}
    staff = {"first_name": "Asha", "last_name": "Rao", "email": "x@example.com"}
    return [
        post(
            "/whatsapp-contact-store",
            {"name": "John Customer", "phone": "919999999999", "country_id": "101"},
            {"name": "text", "phone": "number", "country_id": "id", "email": "choice", "contact_list_id": "ids"},
            "name",
            to="phone",
        ),
        post(
            "/whatsapp-contact-list-store",
            {"name": "x"},
            {"name": "text", "contact_ids": "ids"},
            "name",
            fresh={"name": "List {}"},
        ),
        post(
            "/whatsapp-contact-list-update/{id}",
            {"name": "x"},
            {"name": "text", "contact_ids": "ids"},
            "name",
            fresh={"name": "List {}"},
            at={"id": str(ids["list"])},
        ),
        post(
            "/send-message",
            {"receiver_id": ids["contact"], "message": "Hello from user API"},
            {"receiver_id": "id", "message": "text", "image": "link", "document": "link"},
            "message",
        ),
        post(
            "/whatsapp/send-template",
            {**template, "contact_id": ids["contact"]},
            {**SENDS, "contact_id": "id"},
            "body_values.0",
        ),
        post("/whatsapp-campaign-store", campaign, {**SENDS, **PLAN}, "campaign_name", filled=("body_values.0",)),
        post(
            "/whatsapp-campaign-update/{id}",
            campaign,
            {**SENDS, **PLAN},
            "campaign_name",
            at={"id": str(ids["campaign"])},
            filled=("body_values.0",),
        ),
        post(
            "/assign-staff",
            {"contact_id": ids["contact"], "staff_id": ids["staff"]},
            {"contact_id": "id", "staff_id": "id", "chat_room_id": "id"},
        ),
        post(
            "/ticket-store",
            {"department_id": ids["department"], "subject": "Help", "priority": "low"},
            {"department_id": "id", "subject": "text", "priority": "choice", "body": "text", "contact_id": "id"},
            "subject",
        ),
        post(
            "/ticket-reply",
            {"ticket_id": ids["ticket"], "reply": "On its way"},
            {"ticket_id": "id", "reply": "text", "status": "choice"},
            "reply",
        ),
        post(
            "/team-store",
            {**staff, **password},
            {**STAFF, **PASSWORDS},
            "first_name",
            "last_name",
            fresh={"email": "staff{}@example.com"},
        ),
        post(
            "/team-update/{id}",
            {**staff, **password},
            {**STAFF, **PASSWORDS},
            "first_name",
            "last_name",
            fresh={"email": "staff{}@example.com"},
            at={"id": str(ids["staff"])},
        ),
        post(
            "/notes",
            {"contact_id": ids["contact"], "note": "Interested", "title": "Call"},
            {"contact_id": "id", "note": "text", "title": "text"},
            "note",
            "title",
        ),
        post("/tags", {"name": "x", "color": "#22c55e"}, {"name": "text", "color": "text"}, fresh={"name": "Tag {}"}),
        post(
            "/tags/store/contact-tag",
            {"contact_id": ids["contact"], "tag_id": [ids["tag"]]},
            {"contact_id": "id", "tag_id": "ids"},
        ),
        post(
            "/client/webhook",
            {
                "webhook_url": "https://example.com/hook",
                "events": ["contact.created"],
                "enabled": 1,
                "secret": "12345678",
            },
            {"webhook_url": "link", "events": "ids", "enabled": "flag", "secret": "text"},
        ),
        listed("/whatsapp-contact", {"search": "word"}),
        listed("/template", {"search": "word", "channel_id": "id"}),
        listed("/ticket", {"status": "choice"}),
        listed("/notes", {"contact_id": "id"}),
        listed("/tags/contact-tags", {"contact_id": "id"}),
        listed("/message/{chat_room_id}", chat_room_id=str(ids["room"])),
        listed("/contact-messages/{contactId}", contactId=str(ids["contact"])),
        *map(
            listed,
            (
                "/whatsapp-contact-list",
                "/segment",
                "/whatsapp-campaign",
                "/telegram-contact",
                "/telegram-campaign",
                "/chat-rooms",
                "/contacts-by-client",
                "/team",
                "/tags",
            ),
        ),
    ]


ANY = dict.fromkeys(
    ("template", "list", "segment", "contact", "campaign", "staff", "department", "ticket", "tag", "room"), 1
)
NAMES = [f"{one.method} {one.path}" for one in tables(ANY)]
OTHERS = {"POST /login": "Wrong values are wrong credentials, a 401 that tells nobody which; they count as guesses."}


@pytest.fixture(scope="module")
def ids(chatly: Chatly) -> dict[str, int]:
    """What the tables name."""
    data = chatly.data
    contact = chatly.contact("919877100000")
    data(chatly.json("/send-message", {"receiver_id": contact, "message": "First"}))
    found = {
        "contact": contact,
        "template": chatly.template("demo_text"),
        "list": data(chatly.json("/whatsapp-contact-list-store", {"name": "Generated"}))["id"],
        "segment": data(chatly.get("/segment"))["segments"][0]["id"],
        "department": data(chatly.get("/department"))["departments"][0]["id"],
        "tag": data(chatly.json("/tags", {"name": "Generated"}))["id"],
        "staff": data(
            chatly.json(
                "/team-store",
                {
                    "first_name": "Asha",
                    "last_name": "Rao",
                    "email": "generated@example.com",
                    "password": "a long password 1",
                    "password_confirmation": "a long password 1",
                },
            )
        )["id"],
    }
    found["ticket"] = data(
        chatly.json("/ticket-store", {"department_id": found["department"], "subject": "Help", "priority": "low"})
    )["id"]
    rooms = data(chatly.get("/contacts-by-client", per_page=200))["contacts"]
    found["room"] = next(one["chat_room_id"] for one in rooms if one["id"] == contact)
    (store,) = (one for one in tables({**ANY, **found}) if one.path == "/whatsapp-campaign-store")
    found["campaign"] = data(chatly.json(store.path, store.request))["id"]
    return found


def send(chatly: Chatly, table: Table, body: Mapping[str, Any]) -> Answer:
    """A request of a table, as JSON or as a query."""
    if table.path.startswith("/client/"):
        chatly = outside(chatly)
    return chatly.get(table.address(body)) if table.method == "GET" else chatly.json(table.address(body), dict(body))


def outside(chatly: Chatly) -> Chatly:
    """The same caller at the addresses of the dashboard."""
    found = Chatly(chatly.server, "/chatly/auth")
    found.headers = chatly.headers
    return found


@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
def test_every_documented_field_is_obeyed_or_refused_by_its_name(
    chatly: Chatly, ids: dict[str, int], number: int
) -> None:
    table = tables(ids)[number]
    try:
        problems = list(found_by(table, lambda one, body: send(chatly, one, body)))
        problems += unseen(
            table, lambda one, body: send(chatly, one, body), lambda to: json.dumps(chatly.outbox("919877100000"))
        )
    finally:
        if table.path == "/client/webhook":
            outside(chatly).json(table.path, {"webhook_url": ""})
    assert not problems, "\n".join(problems)


def test_every_endpoint_that_takes_something_has_a_table_or_a_reason(chatly: Chatly) -> None:
    document = chatly.server.request("GET", "/chatly/openapi.json").json
    paths = {path.removeprefix("/auth/api").removeprefix("/auth"): one for path, one in document["paths"].items()}
    assert uncovered({**document, "paths": paths}, "", [*tables(ANY), telegram(1, 1)], OTHERS) == []
