"""Our rows in Pabbly's shapes: pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import phonenumbers

from jackfield.core import (
    MEDIA,
    CampaignView,
    CatalogView,
    ContactView,
    LabelView,
    MediaContent,
    MessageView,
    ProductInfo,
    TemplateView,
    decode,
    parts,
    required,
    summary,
)

from . import ids
from .envelope import iso


def calling_code(digits: str | None) -> str:
    """The country's calling code of E.164 digits; "" where there is none."""
    for length in (1, 2, 3):
        code = (digits or "")[:length]
        if code and int(code) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return code
    return ""


def contact(
    view: ContactView, attribute_ids: Mapping[str, str], broadcasts: Sequence[tuple[int, int]]
) -> dict[str, Any]:
    """A contact. `status` is active with `optin` true and inactive with false, as in all of the documentation's examples.

    `broadcasts` are those that reached it: when each was made (Unix ms), and its id.
    """
    return {
        "_id": ids.encode(view.created_at, view.id),
        "name": view.name,
        "countryCode": calling_code(view.phone),
        "mobile": view.phone or "",
        "status": "active" if view.optin else "inactive",
        "source": view.source,
        "optin": bool(view.optin),
        "attributes": [
            {"name": name, "value": value, "_id": attribute_ids.get(name.casefold(), "")}
            for name, value in view.attributes.items()
        ],
        "incomingBlocked": view.blocked,
        "broadcastIds": [ids.encode(*one) for one in broadcasts],
        "list": view.lists,
        "tags": view.tags,
        "__v": version(view.created_at, view.updated_at),
        "createdAt": iso(view.created_at),
        "updatedAt": iso(view.updated_at),
    }


def version(created_at: int, updated_at: int) -> int:
    """`__v`: 0 at first, and more with each change. Changes are not counted here, so it is the ms up to the last one."""
    return max(0, updated_at - created_at)


def created_contact(view: ContactView) -> dict[str, Any]:
    """A contact as `POST /contacts` answers it."""
    return {
        "mobile": view.phone or "",
        "name": view.name,
        "optin": bool(view.optin),
        "incomingBlocked": view.blocked,
        "tags": view.tags,
        "attributes": [{"name": name, "value": value} for name, value in view.attributes.items()],
        "source": view.source,
        "list": ["all", *view.lists],
        "_id": ids.encode(view.created_at, view.id),
    }


def contact_list(view: LabelView) -> dict[str, Any]:
    """A contact list."""
    return {
        "_id": ids.encode(view.created_at, view.id),
        "name": view.name,
        "createdAt": iso(view.created_at),
        "incomingBlocked": False,
        "tags": [],
        "optin": True,
        "attributes": [],
    }


def tag(view: LabelView) -> dict[str, Any]:
    """A tag."""
    return {
        "_id": ids.encode(view.created_at, view.id),
        "name": view.name,
        "createdAt": iso(view.created_at),
        "firstMessage": view.first_message,
        "keywords": [*view.keywords],
    }


# -- templates ---------------------------------------------------------------------------------------


def template(row: TemplateView, setting_id: str) -> dict[str, Any]:
    """A template."""
    return {
        "_id": ids.encode(row.created_at, row.id),
        "settingId": setting_id,
        "waTemplateId": row.provider_id or "",
        "name": row.name,
        "language": row.language,
        "components": row.components,
        "status": row.status,
        "category": row.category,
        "__v": version(row.created_at, row.updated_at),
        "createdAt": iso(row.created_at),
        "updatedAt": iso(row.updated_at),
        "type": template_type(row),
    }


def template_type(row: TemplateView) -> str:
    """text, image, video, document, location, carousel or lto."""
    by_type = parts(row.components)
    if "CAROUSEL" in by_type:
        return "carousel"
    if "LIMITED_TIME_OFFER" in by_type:
        return "lto"
    shape = str((by_type.get("HEADER") or {}).get("format") or "TEXT").upper()
    return MEDIA.get(shape, "location" if shape == "LOCATION" else "text")


def custom_fields(row: TemplateView) -> dict[str, list[dict[str, str]]]:
    """What must be filled in, with the examples the template was approved with."""
    found: dict[str, list[dict[str, str]]] = {"headerParams": [], "bodyParams": [], "link": [], "copyCodeParam": []}
    for one in required(row):
        if one.card is not None:
            continue
        value = one.example or ""
        if one.place in ("header", "body") and one.kind == "text":
            key = f"{{{{{one.key}}}}}"
            help_ = f"Enter the {one.place.capitalize()} Parameter {key} e.g. {value}"
            found[f"{one.place}Params"].append({"key": key, "value": value, "helpText": help_})
        elif one.place == "header" and one.kind in ("image", "video", "document"):
            help_ = f"Enter the link of the {one.kind} e.g. {value}"
            found["link"].append({"key": "link", "value": value, "helpText": help_})
        elif one.kind in ("copy_code", "otp"):
            help_ = f"Enter the code to copy e.g. {value}" if value else "Enter the code to copy"
            found["copyCodeParam"].append({"key": "copyCodeParam", "value": value, "helpText": help_})
    if row.category == "AUTHENTICATION":
        # One code fills text and button alike, so the text's variable is not asked for a second time.
        found["bodyParams"] = []
    return found


# -- messages ----------------------------------------------------------------------------------------


def meta_response(peer: str, message_id: str, status: str, raw: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Meta's answer to a send, as the provider gave it, else in its words."""
    shown: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "contacts": [{"input": peer, "wa_id": peer}],
        "messages": [{"id": message_id, "message_status": status}],
    }
    if raw and isinstance(raw.get("messages"), list) and raw["messages"]:
        shown["contacts"] = raw.get("contacts") or shown["contacts"]
        shown["messages"] = [{"message_status": status, **one} for one in raw["messages"] if isinstance(one, dict)]
    return shown


def media_id(content: MediaContent) -> str | None:
    """The id under which `GET /media` knows a message's file; None for a file behind a link."""
    stored = (content.url or "").removeprefix("media:")
    return content.media_id or (stored if stored.isdigit() else None)


def message(row: MessageView, chat_id: str | None) -> dict[str, Any]:
    """A message of `GET /messages` (the documentation names the endpoint but no shape)."""
    content = decode(row.content) if row.content else None
    body = summary(content) if content is not None else ""
    return {
        "_id": ids.encode(row.created_at, row.id),
        "chatId": chat_id,
        "waMessageId": row.provider_id,
        "direction": "incoming" if row.direction == "in" else "outgoing",
        "from": row.peer if row.direction == "in" else None,
        "to": row.peer if row.direction != "in" else None,
        "type": row.kind,
        "message": body,
        "link": content.url if isinstance(content, MediaContent) else None,
        "mediaId": media_id(content) if isinstance(content, MediaContent) else None,
        "templateName": row.template,
        "status": row.state,
        "errorCode": row.error_code,
        "error": row.error,
        "tag": row.tag,
        "source": row.source,
        "createdAt": iso(row.created_at),
        "sentAt": iso(row.sent_at),
        "deliveredAt": iso(row.delivered_at),
        "readAt": iso(row.read_at),
        "failedAt": iso(row.failed_at),
    }


# -- broadcasts --------------------------------------------------------------------------------------


def broadcast(row: CampaignView) -> dict[str, Any]:
    """A broadcast; what the caller gave is kept in the campaign's options and shown again."""
    shown = dict(row.options.get("pabbly") or {})
    scheduled = row.state == "scheduled"
    shown["status"] = "scheduled" if scheduled else "live" if row.state in ("running", "draft") else row.state
    shown |= {
        "_id": ids.encode(row.created_at, row.id),
        "createdAt": iso(row.created_at),
        "updatedAt": iso(row.updated_at),
    }
    if row.started_at is not None and row.kind != "api":
        shown["startedAt"] = iso(row.started_at)
    shown["__v"] = version(row.created_at, row.updated_at)
    return shown


# -- catalogs ----------------------------------------------------------------------------------------


def catalog(row: CatalogView) -> dict[str, Any]:
    """A catalog."""
    return {
        "catalogId": row.provider_id,
        "name": row.name,
        "productCount": row.product_count,
        "type": row.vertical,
    }


def product(info: ProductInfo, catalog_id: str) -> dict[str, Any]:
    """A product variant."""
    return {
        "productId": info.provider_id,
        "retailerId": info.retailer_id,
        "retailerProductGroupId": info.group_id,
        "catalogId": catalog_id,
        "name": info.name,
        "description": info.description or "",
        "price": info.price or "",
        "salePrice": info.sale_price,
        "currency": info.currency or "",
        "availability": info.availability or "",
        "status": "active",
        "imageUrl": info.image_url or "",
        "url": info.url or "",
        "brand": info.brand or "",
        "condition": info.condition or "",
    }
