"""Every field of Chatly's guide, alone and in pairs, with right and wrong values: see `documented`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from jackfield.testing.server import Answer

from ..documented import Table, found_by, unseen
from .conftest import Chatly


def tables(contact: int, template: int, list_id: int) -> list[Table]:
    return [
        Table(
            "whatsapp-contact-store",
            "POST",
            "/whatsapp-contact-store",
            {"name": "John Customer", "phone": "919999999999", "country_id": "101"},
            {"name": "text", "phone": "number", "country_id": "id"},
            ("name",),
            "phone",
        ),
        Table(
            "send-message",
            "POST",
            "/send-message",
            {"receiver_id": contact, "message": "Hello from user API"},
            {"receiver_id": "id", "message": "text"},
            ("message",),
        ),
        Table(
            "send-template",
            "POST",
            "/whatsapp/send-template",
            {"template_id": template, "contact_id": contact, "body_values": ["x"]},
            {"template_id": "id", "contact_id": "id", "body_values": "list", "button_values": "list"},
        ),
        Table(
            "whatsapp-campaign-store",
            "POST",
            "/whatsapp-campaign-store",
            {
                "campaign_name": "May Offer",
                "template_id": template,
                "contact_list_id": list_id,
                "segment_id": 1,
                "body_values": ["x"],
                "send_scheduled": 1,
                "schedule_time": "2035-01-01 10:00:00",
            },
            {
                "campaign_name": "text",
                "template_id": "id",
                "contact_list_id": "id",
                "segment_id": "id",
                "schedule_time": "choice",
            },
            ("campaign_name",),
        ),
        Table(
            "ticket-store",
            "POST",
            "/ticket-store",
            {"department_id": 1, "subject": "Help", "priority": "low"},
            {"department_id": "id", "subject": "text", "priority": "choice"},
            ("subject",),
        ),
    ]


NAMES = [one.name for one in tables(1, 1, 1)]


@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
def test_every_documented_field_is_obeyed_or_refused_by_its_name(chatly: Chatly, number: int) -> None:
    chatly.get("/segment")
    chatly.get("/department")
    lists = chatly.data(chatly.get("/whatsapp-contact-list"))["contact_lists"]
    made = lists or [chatly.data(chatly.post("/whatsapp-contact-list-store", {"name": "Generated"}))]
    contact = chatly.contact(f"9198771{number:05}")
    table = tables(contact, chatly.template("demo_text"), made[0]["id"])[number]

    def send(one: Table, body: Mapping[str, Any]) -> Answer:
        return chatly.json(one.path, dict(body))

    def seen(to: str) -> str:
        return json.dumps(chatly.outbox(f"9198771{number:05}"))

    problems = [*found_by(table, send), *unseen(table, send, seen)]
    assert not problems, "\n".join(problems)
