"""The tables of `POST /messages`, one for each kind of message in Pabbly's document: see `documented`."""

from __future__ import annotations

from typing import Any

from ..documented import Table

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

MESSAGES = [
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
]
