"""Every field of Chattu's document, alone and in pairs, with right and wrong values: see `documented`."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from jackfield.testing.server import Answer

from ..documented import Table, found_by, uncovered, unseen
from .conftest import Chattu

LINK = "https://example.com/image.jpg"
GROUP = "group"
"""A group that takes messages; the test puts its id here."""
ADDRESSES = itertools.count()
TABLES = [
    Table(
        "send-message",
        "POST",
        "/api/send-message",
        {"clientId": "1", "number": "12345678901", "message": "Hey!", "mediaUrl": LINK},
        {"clientId": "text", "number": "number", "message": "text", "mediaUrl": "link"},
        ("message",),
        "number",
    ),
    Table(
        "schedule-message",
        "POST",
        "/schedule-message",
        {"clientId": "1", "number": "9721234567", "message": "Later", "scheduleTime": "2035-10-06T18:30:00Z"},
        {"clientId": "text", "number": "number", "message": "text", "scheduleTime": "choice"},
        (),
        "number",
    ),
    Table(
        "update-webhook",
        "POST",
        "/api/update-webhook",
        {"clientId": "1", "webhookUrl": "https://your-domain.example/webhook.php"},
        {"clientId": "text", "webhookUrl": "link"},
    ),
    Table(
        "add-number",
        "POST",
        "/api/add-number",
        {"clientId": "generated", "phoneNumber": "12345678907"},
        {"clientId": "text", "phoneNumber": "number"},
    ),
    Table(
        "reset-api-key",
        "POST",
        "/api/reset-api-key",
        {"username": "your-username", "currentApiKey": "account-api-key"},
        {"username": "text", "currentApiKey": "text"},
    ),
    Table(
        "send-group-message",
        "POST",
        "/api/send-group-message",
        {"clientId": "1", "groupId": GROUP, "message": "Hey!", "mediaUrl": LINK, "mediaType": "image"},
        {"clientId": "text", "groupId": "text", "message": "text", "mediaUrl": "link", "mediaType": "choice"},
        slow=True,
    ),
    Table(
        "groups/send",
        "POST",
        "/api/groups/{clientId}/{groupId}/send",
        {"message": "Hey!", "mediaUrl": LINK, "mediaType": "image"},
        {"message": "text", "mediaUrl": "link", "mediaType": "choice"},
        ("message",),
        at={"clientId": "1", "groupId": GROUP},
    ),
    Table(
        "chats/send",
        "POST",
        "/api/chats/{clientId}/{chatId}/send",
        {"message": "Hello! How can I help you?"},
        {"message": "text"},
        ("message",),
        at={"clientId": "1", "chatId": "9721234567@c.us"},
    ),
    Table(
        "chats/messages",
        "GET",
        "/api/chats/{clientId}/{chatId}/messages",
        {"limit": "50"},
        {"limit": "number"},
        at={"clientId": "1", "chatId": "9721234567@c.us"},
    ),
]
OTHERS = {
    "POST /login": "A wrong name or password is a 401 that tells nobody which; they count as guesses.",
    "DELETE /clients/{clientId}": "Its only field is the password: 400 without, 403 with a wrong one, both documented.",
}
LIMITED = {"reset-api-key", "send-group-message", "groups/send", "chats/send"}
"""Endpoints with a limit of their own, per address or login."""


@pytest.fixture
def caller(chattu: Chattu) -> Iterator[Chattu]:
    yield chattu
    chattu.api("POST", "/api/update-webhook", json={"clientId": "1", "webhookUrl": ""})


def test_every_endpoint_that_takes_something_has_a_table_or_a_reason(chattu: Chattu) -> None:
    document = chattu.server.request("GET", "/chattu/openapi.json").json
    assert uncovered(document, "", TABLES, OTHERS) == []


@pytest.mark.parametrize("table", TABLES, ids=[one.name for one in TABLES])
def test_every_documented_field_is_obeyed_or_refused_by_its_name(caller: Chattu, table: Table) -> None:
    group = next(one["id"] for one in caller.api("GET", "/api/groups/1").json["groups"] if not one["isReadOnly"])
    if "groupId" in table.request:
        table = table._replace(request={**table.request, "groupId": group})
    elif "groupId" in table.at:
        table = table._replace(at={**table.at, "groupId": group})
    key = ""
    if table.name == "reset-api-key":
        key = caller.server.api("POST", "/keys", json={"name": "generated"}).data["key"]
        table = table._replace(request={"username": caller.server.email, "currentApiKey": key})

    def send(one: Table, body: Mapping[str, Any]) -> Answer:
        nonlocal key
        if one.name in LIMITED:
            n = next(ADDRESSES)
            caller.ip = f"10.9.{n // 250}.{n % 250}"
        if body.get("currentApiKey") == one.request.get("currentApiKey") and key:
            body = {**body, "currentApiKey": key}
        call = caller.page if one.at else caller.api
        answer = call(one.method, one.address(body), json=None if one.method == "GET" else dict(body))
        if key and answer.status == 200:
            key = answer.json["newApiKey"]
        elif key and answer.status == 401:
            # A wrong name or key; which, nobody is told.
            answer.status, answer.body = 400, answer.body + b" username currentApiKey"
        if answer.status == 404:
            # The document's own answers for a client or a group that there is not; they name no field.
            told = {"CLIENT_NOT_FOUND": b" clientId", "GROUP_NOT_FOUND": b" groupId"}.get(answer.json["code"])
            if told is not None:
                answer.status, answer.body = 400, answer.body + told
        return answer

    def seen(to: str) -> str:
        return json.dumps([*caller.outbox("1", to), *caller.outbox("1", group), *caller.outbox("1", "9721234567")])

    problems = [*found_by(table, send), *unseen(table, send, seen)]
    assert not problems, "\n".join(problems)
