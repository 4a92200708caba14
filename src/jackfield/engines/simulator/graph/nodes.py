"""All of the Graph API that is not sending: media, templates, numbers, profile, catalogs, subscriptions."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Sequence
from typing import Any

from jackfield.core.port import CatalogInfo, ProductInfo, TemplateInfo

from ..account import Account
from ..templates import TemplateProblem
from . import template_rules
from .errors import GraphProblem, required, unknown_object
from .limits import LINK_S, TemplateQuota
from .numbers import Number, pick

Query = dict[str, str]

_MIB = 1024 * 1024
MEDIA_TYPES: dict[str, int] = {
    "image/jpeg": 5 * _MIB,
    "image/png": 5 * _MIB,
    "image/webp": 500 * 1024,
    "video/mp4": 16 * _MIB,
    "video/3gpp": 16 * _MIB,
    "audio/aac": 16 * _MIB,
    "audio/mp4": 16 * _MIB,
    "audio/mpeg": 16 * _MIB,
    "audio/amr": 16 * _MIB,
    "audio/ogg": 16 * _MIB,
    "audio/opus": 16 * _MIB,
    "text/plain": 100 * _MIB,
    "application/pdf": 100 * _MIB,
    "application/vnd.ms-powerpoint": 100 * _MIB,
    "application/msword": 100 * _MIB,
    "application/vnd.ms-excel": 100 * _MIB,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": 100 * _MIB,
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": 100 * _MIB,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": 100 * _MIB,
}
"""What may be uploaded, with the largest size in bytes (Meta's media reference)."""


def page(rows: Sequence[Any], query: Query, show: Callable[[Any], dict[str, Any]], url: str) -> dict[str, Any]:
    """A page of rows with Graph's cursors. Raises GraphProblem for a cursor that is not ours."""
    try:
        limit = min(max(int(query.get("limit") or 25), 1), 1000)
        start = _position(query["after"]) + 1 if query.get("after") else 0
        if query.get("before"):
            start = max(0, _position(query["before"]) - limit)
    except ValueError:
        raise GraphProblem(100, "Invalid parameter: the cursor or limit is not valid") from None
    chosen = rows[start : start + limit]
    answer: dict[str, Any] = {"data": [show(row) for row in chosen]}
    if chosen:
        last = start + len(chosen) - 1
        answer["paging"] = {"cursors": {"before": _cursor(start), "after": _cursor(last)}}
        if last + 1 < len(rows):
            answer["paging"]["next"] = f"{url}?limit={limit}&after={_cursor(last)}"
        if start:
            answer["paging"]["previous"] = f"{url}?limit={limit}&before={_cursor(start)}"
    return answer


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"row:{position}".encode()).decode().rstrip("=")


def _position(cursor: str) -> int:
    text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    if not text.startswith("row:"):
        raise ValueError(cursor)
    return int(text[4:])


# -- media -------------------------------------------------------------------------------------------


def upload(number: Number, fields: dict[str, str], data: bytes | None, mime: str, filename: str) -> dict[str, Any]:
    """Keep an uploaded file; gives its id. Raises GraphProblem."""
    number.admit_upload()
    if fields.get("messaging_product") != "whatsapp":
        raise required("messaging_product")
    if data is None:
        raise required("file")
    mime = mime.partition(";")[0].strip().lower()
    if mime in ("", "application/octet-stream"):
        mime = fields.get("type", "").partition(";")[0].strip().lower()
    maximum = MEDIA_TYPES.get(mime)
    if maximum is None:
        known = ", ".join(sorted(MEDIA_TYPES))
        raise GraphProblem(
            100, f"Param file must be a file with one of the following types: {known}. Received file of type '{mime}'."
        )
    if not data or len(data) > maximum:
        raise GraphProblem(131053, f"Media upload error: the file has {len(data)} bytes, 1 to {maximum} are allowed")
    return {"id": number.account.media.put(data, mime, filename)}


def media_node(number: Number, media_id: str, found: tuple[bytes, str, str | None], origin: str) -> dict[str, Any]:
    """A file's node, with the link to fetch it from for the next five minutes."""
    data, mime, _ = found
    until = int(time.time()) + LINK_S
    url = f"{origin}/whatsapp_business/attachments/?mid={media_id}&source=getMedia&ext={until}"
    if mime.startswith("link/"):  # what a person sent is on somebody else's server
        url, mime = data.decode(), mime.removeprefix("link/")
    return {
        "messaging_product": "whatsapp",
        "url": url,
        "mime_type": mime,
        "sha256": number.account.media.digest(data),
        "file_size": len(data),
        "id": media_id,
    }


# -- templates ---------------------------------------------------------------------------------------


_SCORED = 1_767_225_600
"""When templates were last scored (Unix s); the simulated Meta scores none anew."""


def template_node(template: TemplateInfo) -> dict[str, Any]:
    """A template as its node."""
    node: dict[str, Any] = {
        "id": template.provider_id,
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "status": template.status,
        "components": template.components,
        "parameter_format": template.parameter_format,
        "quality_score": {"score": template.quality or "UNKNOWN", "date": _SCORED},
        "rejected_reason": template.rejected_reason or "NONE",
    }
    return node


def list_templates(account: Account, query: Query, url: str) -> dict[str, Any]:
    """`GET /{waba}/message_templates`, filtered as Meta filters."""
    rows = account.templates.all()
    for key in ("name", "language", "category", "status"):
        wanted = query.get(key)
        if wanted:
            options = {text.strip().lower() for text in wanted.strip("[]").replace('"', "").split(",")}
            rows = [row for row in rows if str(getattr(row, key)).lower() in options]
    if query.get("name_or_content"):
        rows = [row for row in rows if query["name_or_content"].lower() in row.name]
    fields = query.get("fields")
    answer = page(rows, query, lambda row: pick(template_node(row), fields), url)
    if query.get("summary"):
        count = len(account.templates.all())
        answer["summary"] = {
            "total_count": len(rows),
            "message_template_count": count,
            "message_template_limit": 250,
            "are_translations_complete": False,
        }
    return answer


def create_template(account: Account, body: dict[str, Any], quota: TemplateQuota, *, strict: bool) -> dict[str, Any]:
    """`POST /{waba}/message_templates`. Raises GraphProblem."""
    for key in ("name", "language", "category"):
        if not isinstance(body.get(key), str) or not body[key]:
            raise required(key)
    components = body.get("components")
    if not isinstance(components, list) or not all(isinstance(part, dict) for part in components):
        raise required("components")
    if str(body["category"]).upper() not in ("MARKETING", "UTILITY", "AUTHENTICATION"):
        raise GraphProblem(100, "Param category must be one of {UTILITY, MARKETING, AUTHENTICATION}.")
    template_rules.check(components, str(body["category"]), strict=strict)
    if str(body["category"]).upper() == "AUTHENTICATION":
        components = template_rules.worded(components)
    if len(account.templates.all()) >= quota.kept:
        raise template_rules.refused(
            f"the account has {quota.kept} templates, as many as it may", 2388019, "Message Template Limit Exceeded"
        )
    if not quota.make(time.monotonic()):
        raise GraphProblem(80007, f"At most {quota.per_hour} templates can be made in an hour.")
    try:
        template = account.templates.create(
            body["name"],
            body["language"],
            body["category"],
            components,
            str(body.get("parameter_format", "POSITIONAL")),
        )
    except TemplateProblem as problem:
        taken = "already" in problem.message
        raise template_rules.refused(problem.message, 2388024 if taken else None) from None
    return {"id": template.provider_id, "status": template.status, "category": template.category}


def edit_template(
    account: Account, template: TemplateInfo, body: dict[str, Any], quota: TemplateQuota, *, strict: bool
) -> dict[str, Any]:
    """`POST /{template_id}`. Raises GraphProblem."""
    components = body.get("components")
    if components is not None:
        if not isinstance(components, list):
            raise GraphProblem(100, "Param components must be an array.")
        template_rules.check(components, template.category, strict=strict)
    if template.status == "APPROVED" and strict:
        words = quota.edit(template.provider_id, time.monotonic())
        if words is not None:
            raise template_rules.refused(words, title="Template Cannot Be Edited")
    try:
        account.templates.edit(template.provider_id, components, body.get("category"))
    except TemplateProblem as problem:
        raise template_rules.refused(problem.message) from None
    return {"success": True, "id": template.provider_id, "name": template.name, "category": template.category}


def delete_template(account: Account, query: Query) -> dict[str, Any]:
    """`DELETE /{waba}/message_templates?name=`. Raises GraphProblem."""
    name = query.get("name")
    if not name:
        raise required("name")
    try:
        account.templates.delete(name, query.get("hsm_id"))
    except TemplateProblem:
        raise GraphProblem(100, message="Invalid parameter: Message Template Not Found", subcode=2593002) from None
    return {"success": True}


# -- the account ------------------------------------------------------------------------------------


def account_node(first: Number) -> dict[str, Any]:
    """A WhatsApp Business Account as its node; `first` is the number that holds its templates."""
    return {
        "id": first.waba_id,
        "name": first.account.name,
        "currency": "USD",
        "timezone_id": "1",
        "country": "ID",
        "message_template_namespace": f"jackfield_{first.waba_id}",
        "account_review_status": "APPROVED",
        "business_verification_status": "verified",
        "ownership_type": "CLIENT_OWNED",
        "status": "ACTIVE",
    }


# -- catalogs ----------------------------------------------------------------------------------------


def catalog_node(catalog: CatalogInfo) -> dict[str, Any]:
    """A catalog as its node."""
    return {
        "id": catalog.provider_id,
        "name": catalog.name,
        "vertical": catalog.vertical,
        "product_count": catalog.product_count,
    }


def product_node(product: ProductInfo) -> dict[str, Any]:
    """A product as its node, without the fields that are not set."""
    node = {
        "id": product.provider_id,
        "retailer_id": product.retailer_id,
        "name": product.name,
        "description": product.description,
        "price": product.price,
        "sale_price": product.sale_price,
        "currency": product.currency,
        "availability": product.availability,
        "image_url": product.image_url,
        "url": product.url,
        "brand": product.brand,
        "condition": product.condition,
        "product_group": {"id": product.group_id, "retailer_id": product.group_id} if product.group_id else None,
    }
    return {key: value for key, value in node.items() if value is not None}


def catalog(account: Account, catalog_id: str) -> tuple[CatalogInfo, list[ProductInfo]]:
    """A catalog and its products. Raises GraphProblem."""
    for info, products in account.catalogs:
        if info.provider_id == catalog_id:
            return info, products
    raise unknown_object(catalog_id)


def list_products(account: Account, catalog_id: str, query: Query, url: str) -> dict[str, Any]:
    """`GET /{catalog_id}/products`. Raises GraphProblem."""
    _, products = catalog(account, catalog_id)
    fields = query.get("fields") or "id,name,retailer_id"
    return page(products, query, lambda row: pick(product_node(row), fields), url)


def commerce(account: Account, number: Number) -> dict[str, Any]:
    """`GET /{phone_number_id}/whatsapp_commerce_settings`."""
    chosen = next((info.provider_id for info, _ in account.catalogs if info.selected), None)
    settings: dict[str, Any] = {"is_cart_enabled": True, "is_catalog_visible": number.catalog_visible}
    return {"data": [{**settings, "id": chosen} if chosen else settings]}


# -- profile -----------------------------------------------------------------------------------------


def profile(number: Number, fields: str | None) -> dict[str, Any]:
    """`GET /{phone_number_id}/whatsapp_business_profile`."""
    node = {"messaging_product": "whatsapp", **number.profile}
    return {"data": [pick(node, fields, ("messaging_product",))]}


def update_profile(number: Number, body: dict[str, Any], known: Callable[[str], str | None]) -> dict[str, Any]:
    """`POST /{phone_number_id}/whatsapp_business_profile`; `known` gives the type behind a handle. Raises GraphProblem."""
    if body.get("messaging_product") != "whatsapp":
        raise required("messaging_product")
    limits = {"about": 139, "address": 256, "description": 512, "email": 128}
    for key, value in body.items():
        if key == "messaging_product":
            continue
        if key == "profile_picture_handle":
            if not (known(str(value)) or "").startswith("image/"):
                raise GraphProblem(100, "Param profile_picture_handle must be the handle of an uploaded picture.")
            continue
        if key not in number.profile:
            raise GraphProblem(100, f'Unexpected key "{key}" on param "whatsapp_business_profile".')
        if key == "websites" and (
            not isinstance(value, list) or len(value) > 2 or any(len(str(v)) > 256 for v in value)
        ):
            raise GraphProblem(100, "Param websites must be an array of at most 2 addresses of at most 256 characters.")
        if isinstance(value, str) and len(value) > limits.get(key, 512):
            raise GraphProblem(100, f"Param {key} must be at most {limits.get(key, 512)} characters long.")
    for key, value in body.items():
        if key in number.profile:
            number.profile[key] = value
        elif key == "profile_picture_handle":
            number.profile["profile_picture_url"] = f"https://pps.whatsapp.net/v/{_cursor(len(str(value)))}.jpg"
    return {"success": True}
