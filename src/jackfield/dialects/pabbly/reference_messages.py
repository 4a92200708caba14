"""The eighteen documented ways to send a message, and the list of messages."""

from __future__ import annotations

from typing import Any

from .reference import Entry, Param, may, need

TO = need("to", "integer | string", "Recipient's number with its dialing code, such as 15551486942.")
CONTACT = may(
    "contact", "object", "Contact details (name, email, optin, tags, attributes): upserts the recipient's contact."
)
NAME = need("templateName", "string", "Name of an approved template.")
LANGUAGE = may("languageCode", "string", "The template's language; without it the approved one that was made first.")
BODY_PARAMS = may("bodyParams", "array", "Values of the body's variables, in their order.")
HEADER_PARAMS = may("headerParams", "array", "Values of the header's variables, in their order.")
CODE = may("copyCodeParam", "string", "The code of a copy-code or one-time-password button.")
URLS = may("urlVariables", "array", "Values of dynamic URL buttons, in the order of the buttons.")
QUICK = may("quickReplies", "array", "Payloads of the quick-reply buttons, in the order of the buttons.")
BODY = need("bodyText", "string", "Body text, at most 1024 characters.")
FOOTER = may("footerText", "string", "Footer text, at most 60 characters.")
CATALOG = need("action.catalogId", "string", "The catalog's id at Meta.")

SENT = {
    "status": "success",
    "success": True,
    "message": "Message sent",
    "data": {
        "to": "15551486942",
        "chatId": "67923764000000000000002a",
        "messageId": "679237640000000000000539",
        "metaResponse": {
            "messaging_product": "whatsapp",
            "contacts": [{"input": "15551486942", "wa_id": "15551486942"}],
            "messages": [{"id": "wamid.HBgLMTU1NTE0ODY5NDIVAgARGBI=", "message_status": "accepted"}],
            "status": 200,
        },
    },
}


def _type(kind: str) -> Param:
    return need("type", "string", f'"{kind}".')


def _interactive(kind: str) -> tuple[Param, Param]:
    return _type("interactive"), need("interactiveType", "string", f'"{kind}".')


def _send(slug: str, title: str, about: str, params: tuple[Param, ...], request: dict[str, Any]) -> Entry:
    return Entry(
        tag="messages",
        slug=slug,
        title=title,
        method="POST",
        path="/messages",
        about=about,
        params=(TO, *params, CONTACT),
        request={"to": 15551486942, **request},
        response=SENT,
    )


CARDS = 3
MESSAGES: tuple[Entry, ...] = (
    _send(
        "send-text-template",
        "Send a text template",
        "A template whose header, if any, is text.",
        (_type("template"), NAME, LANGUAGE, HEADER_PARAMS, BODY_PARAMS),
        {
            "type": "template",
            "templateName": "summer_time",
            "headerParams": ["Hi John"],
            "bodyParams": ["Summer", "25%"],
        },
    ),
    _send(
        "send-media-template",
        "Send a media template",
        "A template whose header is an image, a video or a document.",
        (
            _type("template"),
            NAME,
            LANGUAGE,
            need("link", "string", "URL of the header's file."),
            may("filename", "string", "Name under which a document is shown."),
            BODY_PARAMS,
        ),
        {
            "type": "template",
            "templateName": "link_docs",
            "link": "https://example.com/media/price-list.pdf",
            "filename": "Price list.pdf",
            "bodyParams": ["Thanks"],
        },
    ),
    _send(
        "send-authentication-template",
        "Send an authentication template",
        "A one-time password: one code fills text and button.",
        (_type("template"), NAME, LANGUAGE, CODE),
        {"type": "template", "templateName": "auth_code", "copyCodeParam": "493817"},
    ),
    _send(
        "send-cta-buttons-template",
        "Send a template with buttons",
        "Dynamic URLs, a code to copy and quick replies.",
        (_type("template"), NAME, LANGUAGE, BODY_PARAMS, URLS, CODE, QUICK),
        {
            "type": "template",
            "templateName": "cta_offer",
            "bodyParams": ["Priya"],
            "urlVariables": ["summer"],
            "copyCodeParam": "SAVE20",
            "quickReplies": ["yes", "later"],
            "contact": {"name": "Priya", "attributes": [{"name": "city", "value": "Pune"}]},
        },
    ),
    _send(
        "send-carousel-template",
        "Send a carousel template",
        "Two to ten cards, each with a file, text and buttons of its own.",
        (
            _type("template"),
            NAME,
            LANGUAGE,
            BODY_PARAMS,
            need("carouselBodies", "array", "One object per card with the values of its text's variables."),
            need("carouselFileData", "array", "One object per card with the URL of its header's file."),
            URLS,
            CODE,
            QUICK,
        ),
        {
            "type": "template",
            "templateName": "carousel_sale",
            "languageCode": "en",
            "bodyParams": ["Maria"],
            "carouselBodies": [{"1": "running shoes"}, {"1": "sneakers"}, {"1": "sandals"}],
            "carouselFileData": [{"link": f"https://example.com/media/carousel_{n + 1}.jpg"} for n in range(CARDS)],
            "urlVariables": ["running", "sneakers", "sandals"],
            "quickReplies": ["more-1", "more-2", "more-3"],
        },
    ),
    _send(
        "send-lto-template",
        "Send a limited-time offer template",
        "An offer that expires, with an image or video and a code to copy.",
        (
            _type("template"),
            NAME,
            LANGUAGE,
            need("link", "string", "URL of the header's image or video."),
            BODY_PARAMS,
            CODE,
            URLS,
            may("ltoFields", "object", "Needed when the offer expires."),
            may("ltoFields.unixTimestamp", "integer", "The offer's end, Unix time in seconds."),
            QUICK,
        ),
        {
            "type": "template",
            "templateName": "lto_offer",
            "languageCode": "en",
            "link": "https://example.com/media/lto_offer.jpg",
            "bodyParams": ["Pablo", "CARIBE25"],
            "copyCodeParam": "CARIBE25",
            "urlVariables": ["summer"],
            "ltoFields": {"unixTimestamp": 2000000000},
        },
    ),
    _send(
        "send-text-message",
        "Send text",
        "Plain text, at most 4096 characters.",
        (_type("text"), need("message", "string", "The text.")),
        {"type": "text", "message": "Hello from Chatflow"},
    ),
    _send(
        "send-image-message",
        "Send an image",
        "JPEG or PNG, at most 5 MB on WhatsApp.",
        (
            _type("image"),
            need("link", "string", "URL of the image."),
            may("caption", "string", "Text below it, at most 1024 characters."),
        ),
        {"type": "image", "link": "https://example.com/media/photo.jpg", "caption": "Our new shop"},
    ),
    _send(
        "send-audio-message",
        "Send sound",
        "AAC, AMR, MP3, M4A or OGG, at most 16 MB on WhatsApp.",
        (_type("audio"), need("link", "string", "URL of the file.")),
        {"type": "audio", "link": "https://example.com/media/hello.mp3"},
    ),
    _send(
        "send-video-message",
        "Send a video",
        "MP4 or 3GP, at most 16 MB on WhatsApp.",
        (
            _type("video"),
            need("link", "string", "URL of the video."),
            may("caption", "string", "Text below it, at most 1024 characters."),
        ),
        {"type": "video", "link": "https://example.com/media/tour.mp4", "caption": "A short tour"},
    ),
    _send(
        "send-document-message",
        "Send a document",
        "Any file, at most 100 MB on WhatsApp.",
        (
            _type("document"),
            need("link", "string", "URL of the file."),
            may("caption", "string", "Text below it, at most 1024 characters."),
            may("filename", "string", "Name under which it is shown."),
        ),
        {
            "type": "document",
            "link": "https://example.com/media/a.pdf",
            "caption": "Invoice",
            "filename": "Invoice.pdf",
        },
    ),
    _send(
        "send-single-product-message",
        "Send one product",
        "A product of a catalog.",
        (
            *_interactive("single_product"),
            BODY,
            FOOTER,
            need("action", "object", "Which product."),
            CATALOG,
            need("action.productRetailerId", "string", "The product's retailer id."),
        ),
        {
            "type": "interactive",
            "interactiveType": "single_product",
            "bodyText": "Have a look at this one",
            "footerText": "Free delivery",
            "action": {"catalogId": "847458390842216", "productRetailerId": "SHOE-001"},
        },
    ),
    _send(
        "send-multi-product-message",
        "Send several products",
        "Up to 30 products in up to 10 sections. Without `interactiveType`, sections with products say as much.",
        (
            _type("interactive"),
            may("interactiveType", "string", '"product_list".'),
            need("header", "string", "Header text, at most 60 characters."),
            need("body", "string", "Body text, at most 1024 characters."),
            may("footer", "string", "Footer text, at most 60 characters."),
            need("action", "object", "Which catalog."),
            CATALOG,
            need("sections", "array", "At most 10 sections with at most 30 products in all."),
            need("sections[].title", "string", "At most 24 characters."),
            need("sections[].products", "array", "The section's products."),
            need("sections[].products[].productRetailerId", "string", "A product's retailer id."),
        ),
        {
            "type": "interactive",
            "interactiveType": "product_list",
            "header": "Shoes",
            "body": "Our best sellers",
            "footer": "Free delivery",
            "action": {"catalogId": "847458390842216"},
            "sections": [
                {
                    "title": "Trail",
                    "products": [{"productRetailerId": "SHOE-001"}, {"productRetailerId": "SHOE-002"}],
                }
            ],
        },
    ),
    _send(
        "send-catalog-message",
        "Send the catalog",
        "The whole catalog behind a button.",
        (
            *_interactive("catalog_message"),
            BODY,
            FOOTER,
            may("catalogProductId", "string", "Retailer id of the product that is shown."),
        ),
        {
            "type": "interactive",
            "interactiveType": "catalog_message",
            "bodyText": "Everything we have",
            "footerText": "Free delivery",
            "catalogProductId": "SHOE-001",
        },
    ),
    _send(
        "send-list-message",
        "Send a list",
        "A menu to choose from. (The vendor prints this table under the heading of CTA URL.)",
        (
            *_interactive("list"),
            BODY,
            need("buttonText", "string", "The button that opens the menu, at most 20 characters."),
            need("sections", "array", "At most 10 sections with at most 10 rows in all."),
            need("sections[].title", "string", "At most 24 characters."),
            need("sections[].rows", "array", "At least one row."),
            may("sections[].rows[].id", "string", "What the answer names; made up when left out."),
            need("sections[].rows[].title", "string", "At most 24 characters."),
            may("sections[].rows[].description", "string", "At most 72 characters."),
            may("headerText", "string", "At most 60 characters."),
            FOOTER,
        ),
        {
            "type": "interactive",
            "interactiveType": "list",
            "bodyText": "How can we help?",
            "buttonText": "Choose",
            "headerText": "Support",
            "footerText": "We answer within an hour",
            "sections": [
                {
                    "title": "Orders",
                    "rows": [
                        {"id": "track", "title": "Track an order", "description": "Where is it now?"},
                        {"title": "Return something"},
                    ],
                }
            ],
        },
    ),
    _send(
        "send-cta-url-message",
        "Send a link as a button",
        "One button that opens a URL. (The vendor prints this table under the heading of List.)",
        (
            *_interactive("cta_url"),
            need("message", "string", "Body text, at most 1024 characters."),
            need("buttons", "array", "Exactly one button."),
            need("buttons[].title", "string", "At most 20 characters."),
            need("buttons[].url", "string", "What it opens."),
            may("header", "object", "A header."),
            may("header.type", "string", '"text", "image", "video" or "document".'),
            may("header.text", "string", "A text header's text, at most 60 characters."),
            may("header.link", "string", "A file's URL; needed for the other three."),
            may("header.filename", "string", "Needed for a document."),
            FOOTER,
        ),
        {
            "type": "interactive",
            "interactiveType": "cta_url",
            "message": "Book your place online",
            "buttons": [{"title": "Book now", "url": "https://example.com/book"}],
            "header": {"type": "document", "link": "https://example.com/media/a.pdf", "filename": "Programme.pdf"},
        },
    ),
    _send(
        "send-address-request-message",
        "Ask for an address",
        "A form for a postal address (India and Singapore on WhatsApp).",
        (
            *_interactive("address_message"),
            BODY,
            need("isoCountryCode", "string", "Country code of two letters."),
            may("values", "object", "Values to begin with."),
            may("validationErrors", "object", "What is wrong with values given before, by field."),
        ),
        {
            "type": "interactive",
            "interactiveType": "address_message",
            "bodyText": "Where shall we deliver?",
            "isoCountryCode": "IN",
            "values": {"name": "Priya", "phone_number": "+919812345678"},
        },
    ),
    _send(
        "send-location-request-message",
        "Ask for a location",
        "A button that shares where the recipient is.",
        (*_interactive("location_request_message"), BODY, may("isoCountryCode", "string", "Not used.")),
        {
            "type": "interactive",
            "interactiveType": "location_request_message",
            "bodyText": "Please share your location",
        },
    ),
    Entry(
        tag="messages",
        slug="list-messages",
        title="List messages",
        method="GET",
        path="/messages",
        about="Messages in and out, newest first. `next` leads to the next page.",
        query=(
            may("to", "string", "Messages with this number (also `mobile`)."),
            may("status", "string", "queued, sending, sent, delivered, read, failed, received, ..."),
            may("direction", "string", "incoming or outgoing."),
            may("type", "string", "text, image, template, ..."),
            may("templateName", "string", "Messages of this template."),
            may("broadcastId", "string", "Messages of this broadcast."),
            may("tag", "string", "Messages with this tag."),
            may("from", "string", "Since this time (ISO 8601)."),
            may("until", "string", "Before this time (ISO 8601)."),
            may("limit", "integer", "Page size: default 25, at most 100."),
            may("cursor", "string", "From `next`."),
        ),
        response={
            "status": "success",
            "success": True,
            "message": "Messages fetched successfully",
            "data": {
                "messages": [
                    {
                        "_id": "679237640000000000000539",
                        "chatId": "67923764000000000000002a",
                        "waMessageId": "wamid.HBgLMTU1NTE0ODY5NDIVAgARGBI=",
                        "direction": "outgoing",
                        "from": None,
                        "to": "15551486942",
                        "type": "text",
                        "message": "Hello from Chatflow",
                        "link": None,
                        "mediaId": None,
                        "templateName": None,
                        "status": "delivered",
                        "errorCode": None,
                        "error": None,
                        "tag": None,
                        "source": "pabbly",
                        "createdAt": "2025-01-23T12:35:48.000Z",
                        "sentAt": "2025-01-23T12:35:48.310Z",
                        "deliveredAt": "2025-01-23T12:35:49.020Z",
                        "readAt": None,
                        "failedAt": None,
                    }
                ],
                "next": None,
                "count": 1,
            },
        },
    ),
)
