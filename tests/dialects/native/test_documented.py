"""Every field of MultiWA's page, alone and in pairs, with right and wrong values: see `documented`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from jackfield.testing.server import Answer, JackfieldServer

from ..documented import NUMBERS, Table, found_by, uncovered, unseen
from .test_rows import ROWS

PAGES = {"page": "number", "limit": "number", "cursor": "choice", "offset": "number"}
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
        filled=("messages.0.content.text",),
    ),
    Table(
        "webhook",
        "POST",
        "/webhooks",
        {"url": "https://example.com/hook", "events": ["message.received"]},
        {"url": "link", "events": "list"},
    ),
    Table(
        "group",
        "POST",
        "/groups",
        {"profileId": "1", "name": "Friends", "participants": ["628123456789"], "description": "Us"},
        {"profileId": "id", "name": "text", "participants": "ids", "description": "text"},
        ("name", "description"),
    ),
    Table(
        "change a group",
        "PATCH",
        "/groups/{groupId}",
        {"profileId": "1", "name": "Best friends", "description": "Us"},
        {"profileId": "id", "name": "text", "description": "text"},
        ("name", "description"),
        at={"groupId": "generated"},
    ),
    *(
        Table(
            f"{action} participants",
            "POST",
            f"/groups/{{groupId}}/participants/{action}",
            {"profileId": "1", "participants": ["628123456789"]},
            {"profileId": "id", "participants": "ids"},
            at={"groupId": "generated"},
        )
        for action in ("add", "promote", "demote", "remove")
    ),
    *(
        Table(path, "GET", path, {"profileId": "1"}, {"profileId": "id"}, at={"groupId": "generated"})
        for path in ("/groups/{groupId}", "/groups/{groupId}/invite-link")
    ),
    Table(
        "leave a group",
        "POST",
        "/groups/{groupId}/leave",
        {"profileId": "1"},
        {"profileId": "id"},
        at={"groupId": "generated"},
    ),
    Table("groups", "GET", "/groups/profile/{profileId}", {}, {"refresh": "flag"}, at={"profileId": "1"}),
    Table(
        "profile",
        "POST",
        "/profiles",
        {"name": "Generated", "engine": "simulator"},
        {"name": "text", "engine": "choice", "config": "object", "pacing": "object", "settings": "object"},
        ("name",),
    ),
    Table(
        "connect",
        "POST",
        "/profiles/{id}/connect",
        {},
        {"phone": "number", "config": "object"},
        at={"id": "1"},
    ),
    Table("batches", "GET", "/bulk/batches", {}, {**PAGES, "status": "choice"}),
    Table(
        "contacts",
        "GET",
        "/contacts",
        {},
        {**PAGES, "q": "word", "search": "word", "segment": "id", "sort": "choice", "tags": "word"},
    ),
    Table(
        "contact card",
        "POST",
        "/contacts",
        {"name": "Budi", "phone": "628123456789", "email": "a@example.com", "tags": ["vip"]},
        {
            "name": "text",
            "phone": "number",
            "email": "choice",
            "tags": "list",
            "lists": "list",
            "attributes": "object",
            "optin": "flag",
            "country": "choice",
            "onDuplicate": "choice",
        },
        ("name", "tags.0"),
        "phone",
    ),
    Table(
        "change a contact",
        "PATCH",
        "/contacts/{id}",
        {"name": "Budi", "email": "a@example.com", "tags": ["vip"]},
        {
            "name": "text",
            "phone": "number",
            "email": "choice",
            "tags": "list",
            "lists": "list",
            "attributes": "object",
            "optin": "flag",
        },
        ("name", "tags.0"),
        at={"id": "generated"},
    ),
    Table(
        "tags of a contact",
        "POST",
        "/contacts/{id}/tags",
        {"tags": ["vip"]},
        {"tags": "list"},
        ("tags.0",),
        at={"id": "generated"},
    ),
    Table("webhooks", "GET", "/webhooks", {}, PAGES),
]


def test_every_endpoint_that_takes_something_has_a_table_or_a_reason(native: JackfieldServer) -> None:
    # Those of the page; what we have beside them is walked by its schema (`test_strict`, `test_walk`, `test_fuzz`).
    document = native.request("GET", "/api/openapi.json").json
    paths = {
        path: {one: operation for one, operation in operations.items() if f"{one.upper()} {path}" in ROWS}
        for path, operations in document["paths"].items()
    }
    assert uncovered({**document, "paths": paths}, "", TABLES, {}) == []


@pytest.fixture(scope="module")
def found(native: JackfieldServer) -> dict[str, str]:
    """Ids in paths, by the name of their parameter."""
    group = {"profileId": "1", "name": "Generated", "participants": ["628123456789"]}
    contact = {"name": "Generated", "phone": str(next(NUMBERS))}
    return {
        "groupId": native.api("POST", "/groups", json=group).data["id"],
        "id": native.api("POST", "/contacts", json=contact).data["id"],
    }


@pytest.mark.parametrize("table", TABLES, ids=[one.name for one in TABLES])
def test_every_documented_field_is_obeyed_or_refused_by_its_name(
    native: JackfieldServer, table: Table, found: dict[str, str]
) -> None:
    if "generated" in table.at.values():
        table = table._replace(at={name: found[name] for name in table.at})
    made: list[str] = []

    def send(one: Table, body: Mapping[str, Any]) -> Answer:
        path = one.address(body) + ("?wait=20" if one.to and one.path.startswith("/messages") else "")
        answer = native.api(one.method, path, json=None if one.method == "GET" else dict(body))
        if one.name == "profile" and answer.status < 300:
            made.append(answer.data["id"])
        elif one.name == "leave a group" and answer.status < 300:
            group = {"profileId": "1", "name": "Generated", "participants": ["628123456789"]}
            found["groupId"] = native.api("POST", "/groups", json=group).data["id"]
        if answer.status == 404:
            # An id that leads nowhere is told by its noun.
            answer.status, answer.body = 400, answer.body + b" profileId segment"
        return answer

    def seen(to: str) -> str:
        return json.dumps([one for one in native.outbox() if one["to"].startswith(to)])

    problems = [*found_by(table, send), *unseen(table, send, seen)]
    for profile in made:
        native.api("DELETE", f"/profiles/{profile}")
    assert not problems, "\n".join(problems)
    for one in native.api("GET", "/webhooks?limit=200").data if table.name == "webhook" else ():
        if one["url"] == table.request["url"]:
            native.api("DELETE", f"/webhooks/{one['id']}")
