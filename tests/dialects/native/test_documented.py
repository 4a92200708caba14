"""Every field of MultiWA's page, alone and in pairs, with right and wrong values: see `documented`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from jackfield.testing.server import Answer, JackfieldServer

from ..documented import Table, found_by, unseen

LINK = "https://example.com/a.jpg"


def message(kind: str, request: dict[str, Any], fields: dict[str, str], *free: str) -> Table:
    return Table(
        kind,
        "POST",
        f"/messages/{kind}",
        {"profileId": "1", "to": "628123456789", **request},
        {"profileId": "id", "to": "number", **fields},
        free,
        "to",
    )


TABLES = [
    message("text", {"text": "Hello"}, {"text": "text"}, "text"),
    message("image", {"url": LINK, "caption": "c"}, {"url": "link", "caption": "text"}, "caption"),
    message("video", {"url": LINK, "caption": "c"}, {"url": "link", "caption": "text"}, "caption"),
    message(
        "document",
        {"url": LINK, "filename": "a.pdf", "caption": "c"},
        {"url": "link", "filename": "text", "caption": "text"},
        "filename",
        "caption",
    ),
    message(
        "location",
        {"latitude": 1.5, "longitude": 2.5, "description": "d"},
        {"latitude": "number", "longitude": "number", "description": "text"},
        "description",
    ),
    message("contact", {"name": "N", "phone": "62811"}, {"name": "text", "phone": "text"}, "name", "phone"),
    message(
        "poll",
        {"question": "Q", "options": ["a", "b"], "allowMultiple": False},
        {"question": "text", "options": "list", "allowMultiple": "flag"},
        "question",
        "options.0",
    ),
    Table(
        "bulk",
        "POST",
        "/bulk/send",
        {
            "profileId": "1",
            "messages": [
                {
                    "chatId": "628123456789@c.us",
                    "type": "text",
                    "content": {"text": "Hello {name}!"},
                    "variables": {"name": "John"},
                }
            ],
            "options": {"delayBetweenMessages": 0, "randomizeDelay": True},
        },
        {
            "profileId": "id",
            "messages": "list",
            "messages.0.chatId": "number",
            "messages.0.type": "choice",
            "messages.0.content.text": "text",
            "messages.0.variables": "object",
            "options": "object",
            "options.delayBetweenMessages": "number",
            "options.randomizeDelay": "flag",
        },
    ),
    Table(
        "webhook",
        "POST",
        "/webhooks",
        {"url": "https://example.com/hook", "events": ["message.received"]},
        {"url": "link", "events": "list"},
    ),
]


@pytest.mark.parametrize("table", TABLES, ids=[one.name for one in TABLES])
def test_every_documented_field_is_obeyed_or_refused_by_its_name(native: JackfieldServer, table: Table) -> None:
    def send(one: Table, body: Mapping[str, Any]) -> Answer:
        answer = native.api(one.method, one.path + ("?wait=20" if one.to else ""), json=dict(body))
        if answer.status == 404:
            # An id that leads nowhere is told by its noun.
            answer.status, answer.body = 400, answer.body + b" profileId"
        return answer

    def seen(to: str) -> str:
        return json.dumps([one for one in native.outbox() if one["to"].startswith(to)])

    problems = [*found_by(table, send), *unseen(table, send, seen)]
    assert not problems, "\n".join(problems)
    for one in native.api("GET", "/webhooks?limit=200").data if table.name == "webhook" else ():
        if one["url"] == table.request["url"]:
            native.api("DELETE", f"/webhooks/{one['id']}")
