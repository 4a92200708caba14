"""Every field of Pabbly's document, alone and in pairs, with right and wrong values: see `documented`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from jackfield.testing.server import Answer

from ..documented import Table, found_by, uncovered, unseen
from ..native.conftest import multipart
from .conftest import Client
from .message_tables import LINK, MESSAGES

TABLES = [
    *MESSAGES,
    Table(
        "regular broadcast",
        "POST",
        "/broadcasts",
        {
            "name": "generated",
            "broadcastType": "broadcast",
            "messageType": "regular",
            "status": "scheduled",
            "contactList": ["generated"],
            "scheduleAt": "2035-01-01T00:00:00Z",
            "regularMessageType": "image",
            "link": LINK,
            "caption": "c",
        },
        {
            "name": "text",
            "broadcastType": "choice",
            "messageType": "choice",
            "status": "choice",
            "contactList": "list",
            "scheduleAt": "choice",
            "regularMessageType": "choice",
            "link": "link",
            "caption": "text",
        },
        ("name", "caption"),
        filled=("caption",),
    ),
    Table(
        "broadcast of a text",
        "POST",
        "/broadcasts",
        {
            "name": "generated",
            "broadcastType": "broadcast",
            "messageType": "regular",
            "status": "scheduled",
            "contactList": ["generated"],
            "scheduleAt": "2035-01-01T00:00:00Z",
            "regularMessageType": "text",
            "message": "Hi John",
        },
        {"message": "text"},
        ("message",),
        filled=("message",),
    ),
    Table(
        "contact",
        "POST",
        "/contacts",
        {
            "onDuplicate": "overwrite",
            "mobile": "919822999998",
            "name": "A",
            "optin": True,
            "incomingBlocked": False,
            "tags": ["engineer"],
            "attributes": [{"name": "city", "value": "x"}],
        },
        {
            "onDuplicate": "choice",
            "mobile": "number",
            "name": "text",
            "optin": "flag",
            "incomingBlocked": "flag",
            "tags": "ids",
            "attributes": "list",
        },
        ("name", "attributes.0.value"),
        "mobile",
    ),
    Table(
        "template broadcast",
        "POST",
        "/broadcasts",
        {
            "name": "generated",
            "broadcastType": "broadcast",
            "messageType": "template",
            "status": "scheduled",
            "contactList": ["generated"],
            "scheduleAt": "2035-01-01T00:00:00Z",
            "templateName": "link_docs",
            "bodyParams": ["x"],
            "link": LINK,
            "filename": "a.pdf",
        },
        {
            "name": "text",
            "broadcastType": "choice",
            "messageType": "choice",
            "status": "choice",
            "contactList": "list",
            "scheduleAt": "choice",
            "templateName": "text",
            "headerParams": "list",
            "bodyParams": "list",
            "urlVariables": "list",
            "copyCode": "text",
            "link": "link",
            "filename": "text",
        },
        ("name", "bodyParams.0", "filename"),
        filled=("bodyParams.0",),
    ),
    Table(
        "API campaign",
        "POST",
        "/broadcasts",
        {
            "name": "x",
            "broadcastType": "api",
            "templateName": "summer_time",
            "headerParams": ["Hi John"],
            "bodyParams": ["Summer", "25%"],
        },
        {
            "name": "text",
            "broadcastType": "choice",
            "templateName": "text",
            "headerParams": "list",
            "bodyParams": "list",
        },
        ("headerParams.0", "bodyParams.1"),
        fresh={"name": "generated {}"},
    ),
    Table(
        "send an API campaign",
        "POST",
        "/broadcasts/send",
        {
            "templateName": "summer_time",
            "campaignName": "generated",
            "destination": "919812345678",
            "userName": "Alex",
            "source": "api",
            "headerParams": ["{{name}}"],
            "bodyParams": ["{{Country}}", "25%"],
            "defaultContactFieldValues": {"Country": "India"},
        },
        {
            "templateName": "text",
            "campaignName": "text",
            "destination": "number",
            "userName": "text",
            "source": "choice",
            "headerParams": "list",
            "bodyParams": "list",
            "link": "link",
            "filename": "text",
            "defaultContactFieldValues": "object",
        },
        ("userName", "headerParams.0", "bodyParams.1", "defaultContactFieldValues.Country"),
        "destination",
        filled=("headerParams.0", "bodyParams.1"),
    ),
    Table(
        "update a contact",
        "PUT",
        "/contacts/{id}",
        {
            "mobile": "919822999997",
            "name": "A",
            "optin": True,
            "incomingBlocked": False,
            "tags": ["engineer"],
            "attributes": [{"name": "city", "value": "x"}],
        },
        {
            "mobile": "number",
            "name": "text",
            "optin": "flag",
            "incomingBlocked": "flag",
            "tags": "ids",
            "attributes": "list",
            "tagsToAdd": "ids",
            "tagsToRemove": "ids",
        },
        ("name", "attributes.0.value"),
        "mobile",
        at={"id": "generated"},
    ),
    Table("templates", "GET", "/templates", {}, {"limit": "number", "page": "number"}),
    Table(
        "template",
        "GET",
        "/templates/{identifier}",
        {},
        {"by": "choice", "language": "choice"},
        at={"identifier": "summer_time"},
    ),
    Table(
        "messages",
        "GET",
        "/messages",
        {},
        {
            "to": "number",
            "status": "choice",
            "direction": "choice",
            "type": "choice",
            "templateName": "word",
            "broadcastId": "id",
            "tag": "word",
            "from": "choice",
            "until": "choice",
            "limit": "number",
            "cursor": "choice",
        },
    ),
    Table(
        "contacts",
        "GET",
        "/contacts",
        {},
        {
            "name": "word",
            "mobile": "number",
            "tags": "word",
            "order": "choice",
            "optin": "flag",
            "source": "choice",
            "incomingBlocked": "flag",
            "limit": "number",
            "page": "number",
            "skip": "number",
        },
    ),
    Table("media", "GET", "/media", {"id": "generated"}, {"id": "choice"}),
    Table("catalogs", "GET", "/catalogs", {}, {"page": "number", "limit": "number", "search": "word"}),
    Table(
        "products",
        "GET",
        "/catalogs/{catalogId}/products",
        {},
        {"page": "number", "limit": "number", "search": "word"},
        at={"catalogId": "generated"},
    ),
]


def send(client: Client, table: Table, body: Mapping[str, Any]) -> Answer:
    answer = client(table.method, table.address(body), None if table.method == "GET" else dict(body))
    told = OF_404.get(answer.json["code"]) if answer.status == 404 else None
    if told is not None:
        # What there is not is told by its noun, and by what was written.
        answer.status, answer.body = 400, answer.body + told.encode()
    return answer


OF_404 = {
    "TEMPLATE_NOT_FOUND": "templateName language",
    "CAMPAIGN_NOT_FOUND": "campaignName broadcastId",
    "MEDIA_NOT_FOUND": "id",
    "NOT_FOUND": "broadcastId",
}


@pytest.fixture(scope="module", autouse=True)
def found(client: Client) -> dict[str, str]:
    """What the tables name: a list with somebody in it, a campaign, and the ids in paths."""
    client.person(phone="919822000000", lists=["generated"])
    (campaign,) = (one for one in TABLES if one.name == "API campaign")
    client.ok("POST", "/broadcasts", {**campaign.request, "name": "generated"})
    saved = client.ok("POST", "/contacts", {"mobile": "919822000001", "name": "B"})
    file, headers = multipart(file=("a.pdf", b"%PDF-1.4 generated"))
    upload = client.server.api("POST", "/media", body=file, headers=headers).data["id"]
    return {
        "update a contact": saved["createdContacts"][0]["_id"],
        "products": client.ok("GET", "/catalogs")["catalogs"][0]["catalogId"],
        "media": upload,
    }


def test_every_endpoint_that_takes_something_has_a_table_or_a_reason(client: Client) -> None:
    document = client.server.request("GET", "/pabbly/openapi.json").json
    assert uncovered(document, "/api/v1", TABLES, {}) == []


@pytest.mark.parametrize("table", TABLES, ids=[one.name for one in TABLES])
def test_every_documented_field_is_obeyed_or_refused_by_its_name(
    client: Client, table: Table, found: dict[str, str]
) -> None:
    if table.at and table.name in found:
        table = table._replace(at=dict.fromkeys(table.at, found[table.name]))
    elif table.name in found:
        table = table._replace(request=dict.fromkeys(table.request, found[table.name]))

    def seen(to: str) -> str:
        return json.dumps([one for one in client.server.outbox() if one["to"] == to])

    problems = [*found_by(table, lambda one, body: send(client, one, body))]
    problems += unseen(table, lambda one, body: send(client, one, body), seen)
    assert not problems, "\n".join(problems)
