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

LINK = "https://example.com/media/a.jpg"
ENVELOPE = {"to": "number", "type": "choice", "contact": "object"}


def message(name: str, request: dict[str, Any], fields: dict[str, str], *free: str) -> Table:
    return Table(name, "POST", "/messages", {"to": 919822999999, **request}, {**ENVELOPE, **fields}, free, "to")


TEMPLATE = {"templateName": "text", "headerParams": "list", "bodyParams": "list"}
INTERACTIVE = {"interactiveType": "choice", "bodyText": "text", "footerText": "text"}
ROWS = [{"title": "Shoes", "rows": [{"id": "r1", "title": "Red", "description": "Leather"}]}]
CARDS = {
    "bodyParams": ["John"],
    "carouselBodies": [{"1": "a"}, {"1": "b"}, {"1": "c"}],
    "carouselFileData": [{"link": LINK}] * 3,
    "urlVariables": ["u1", "u2", "u3"],
}

TABLES = [
    message(
        "text template",
        {"type": "template", "templateName": "marketing_template", "headerParams": ["Sir"], "bodyParams": ["John"]},
        TEMPLATE,
        "headerParams.0",
        "bodyParams.0",
    ),
    message(
        "media template",
        {"type": "template", "templateName": "link_docs", "link": LINK, "filename": "a.pdf", "bodyParams": ["x"]},
        {"templateName": "text", "link": "link", "filename": "text", "bodyParams": "list"},
        "filename",
        "bodyParams.0",
    ),
    message(
        "authentication template",
        {"type": "template", "templateName": "auth_code", "copyCodeParam": "123456"},
        {"templateName": "text", "copyCodeParam": "text"},
    ),
    message(
        "CTA template",
        {
            "type": "template",
            "templateName": "cta_offer",
            "bodyParams": ["x"],
            "urlVariables": ["summer"],
            "copyCodeParam": "SAVE20",
        },
        {"templateName": "text", "urlVariables": "list", "copyCodeParam": "text", "quickReplies": "list"},
        "urlVariables.0",
    ),
    message(
        "carousel template",
        {"type": "template", "templateName": "carousel_sale", **CARDS},
        {
            "templateName": "text",
            "bodyParams": "list",
            "carouselBodies": "list",
            "carouselFileData": "list",
            "urlVariables": "list",
        },
        "bodyParams.0",
        "urlVariables.1",
    ),
    message(
        "LTO template",
        {
            "type": "template",
            "templateName": "lto_offer",
            "link": LINK,
            "bodyParams": ["John", "SAVE50"],
            "copyCodeParam": "SAVE50",
            "urlVariables": ["x"],
            "ltoFields": {"unixTimestamp": 2_000_000_000},
        },
        {
            "templateName": "text",
            "link": "link",
            "bodyParams": "list",
            "copyCodeParam": "text",
            "urlVariables": "list",
            "ltoFields": "object",
            "ltoFields.unixTimestamp": "number",
        },
        "bodyParams.0",
    ),
    message("text", {"type": "text", "message": "Hi"}, {"message": "text"}, "message"),
    message(
        "image",
        {"type": "image", "link": LINK, "caption": "c"},
        {"link": "link", "caption": "text"},
        "caption",
    ),
    message("audio", {"type": "audio", "link": LINK}, {"link": "link"}),
    message("video", {"type": "video", "link": LINK, "caption": "c"}, {"link": "link", "caption": "text"}, "caption"),
    message(
        "document",
        {"type": "document", "link": LINK, "caption": "c", "filename": "a.pdf"},
        {"link": "link", "caption": "text", "filename": "text"},
        "caption",
        "filename",
    ),
    message(
        "single product",
        {
            "type": "interactive",
            "interactiveType": "single_product",
            "bodyText": "b",
            "footerText": "f",
            "action": {"catalogId": "1", "productRetailerId": "2"},
        },
        {**INTERACTIVE, "action": "object", "action.catalogId": "text", "action.productRetailerId": "text"},
        "bodyText",
        "footerText",
        "action.catalogId",
        "action.productRetailerId",
    ),
    message(
        "multi product",
        {
            "type": "interactive",
            "interactiveType": "product_list",
            "header": "h",
            "body": "b",
            "footer": "f",
            "action": {"catalogId": "1"},
            "sections": [{"title": "s", "products": [{"productRetailerId": "p"}]}],
        },
        {
            "interactiveType": "choice",
            "header": "text",
            "body": "text",
            "footer": "text",
            "action": "object",
            "action.catalogId": "text",
            "sections": "list",
            "sections.0.title": "text",
            "sections.0.products.0.productRetailerId": "text",
        },
        "header",
        "body",
        "footer",
        "sections.0.title",
        "sections.0.products.0.productRetailerId",
    ),
    message(
        "catalog",
        {
            "type": "interactive",
            "interactiveType": "catalog_message",
            "bodyText": "b",
            "footerText": "f",
            "catalogProductId": "p",
        },
        {**INTERACTIVE, "catalogProductId": "text"},
        "bodyText",
        "footerText",
        "catalogProductId",
    ),
    message(
        "CTA URL",
        {
            "type": "interactive",
            "interactiveType": "cta_url",
            "message": "b",
            "footerText": "f",
            "buttons": [{"title": "Open", "url": "https://example.com"}],
            "header": {"type": "document", "link": LINK, "filename": "a.pdf"},
        },
        {
            "interactiveType": "choice",
            "message": "text",
            "footerText": "text",
            "buttons": "list",
            "buttons.0.title": "text",
            "buttons.0.url": "link",
            "header": "header",
            "header.type": "choice",
            "header.link": "link",
            "header.filename": "text",
        },
        "message",
        "footerText",
        "header.filename",
    ),
    message(
        "list",
        {
            "type": "interactive",
            "interactiveType": "list",
            "bodyText": "b",
            "headerText": "h",
            "footerText": "f",
            "buttonText": "Choose",
            "sections": ROWS,
        },
        {
            **INTERACTIVE,
            "headerText": "text",
            "buttonText": "text",
            "sections": "list",
            "sections.0.title": "text",
            "sections.0.rows": "list",
            "sections.0.rows.0.id": "text",
            "sections.0.rows.0.title": "text",
            "sections.0.rows.0.description": "text",
        },
        "bodyText",
        "headerText",
        "footerText",
        "buttonText",
        "sections.0.title",
        "sections.0.rows.0.id",
        "sections.0.rows.0.title",
        "sections.0.rows.0.description",
    ),
    message(
        "address",
        {
            "type": "interactive",
            "interactiveType": "address_message",
            "bodyText": "b",
            "isoCountryCode": "IN",
            "values": {"name": "A"},
        },
        {
            "interactiveType": "choice",
            "bodyText": "text",
            "isoCountryCode": "choice",
            "values": "object",
            "validationErrors": "object",
        },
        "bodyText",
        "values.name",
    ),
    message(
        "location request",
        {"type": "interactive", "interactiveType": "location_request_message", "bodyText": "b"},
        {"interactiveType": "choice", "bodyText": "text", "isoCountryCode": "choice"},
        "bodyText",
    ),
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
