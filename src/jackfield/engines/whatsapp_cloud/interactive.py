"""Interactive messages out: buttons, lists, links, products, address, location and flows. Pure functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jackfield.core.port import content as c

from . import limits

Media = Callable[[c.MediaContent, str], dict[str, Any]]
"""Gives a file's `id` or `link` object; the second argument names the field in errors."""

FLOW_VERSION = "3"
"""`flow_message_version`, the only one that Meta documents."""


def interactive_object(content: Any, media: Media) -> dict[str, Any]:
    """The `interactive` object of any of `KINDS`. Raises Rejected when it breaks a limit of the platform."""
    kind, action = KINDS[type(content)](content)
    part: dict[str, Any] = {"type": kind}
    header = content.header
    if header is not None:
        part["header"] = _header(header, kind, media)
    elif kind == "product_list":
        raise limits.missing("interactive.header.text")  # Meta requires it for this kind only
    if content.body or kind != "product":
        # Lists alone take 4,096 characters of body (Meta's interactive list reference).
        maximum = limits.TEXT if kind == "list" else limits.BODY
        part["body"] = {"text": limits.text(content.body, maximum, "interactive.body.text")}
    if content.footer:
        part["footer"] = {"text": limits.text(content.footer, limits.FOOTER, "interactive.footer.text")}
    part["action"] = action
    return part


def _header(header: c.InteractiveHeader, kind: str, media: Media) -> dict[str, Any]:
    if kind in ("product", "catalog_message", "address_message", "location_request_message", "request_contact_info"):
        raise limits.invalid("interactive.header", f"a {kind.replace('_', ' ')} has no header")
    if header.media is not None:
        if kind not in ("button", "cta_url", "flow"):
            raise limits.invalid("interactive.header", f"a {kind.replace('_', ' ')} takes a text header only")
        name = c.kind_of(header.media)
        return {"type": name, name: media(header.media, f"interactive.header.{name}")}
    return {"type": "text", "text": limits.text(header.text, limits.HEADER, "interactive.header.text")}


def _buttons(content: c.Buttons) -> tuple[str, Any]:
    field = "interactive.action.buttons"
    limits.count(content.buttons, 1, limits.BUTTONS, field)
    limits.unique([button.id for button in content.buttons], f"{field}.id")
    limits.unique([button.title for button in content.buttons], f"{field}.title")
    return "button", {
        "buttons": [
            {
                "type": "reply",
                "reply": {
                    "id": limits.text(button.id, limits.BUTTON_ID, f"{field}[{n}].id"),
                    "title": limits.text(button.title, limits.BUTTON_TITLE, f"{field}[{n}].title"),
                },
            }
            for n, button in enumerate(content.buttons)
        ]
    }


def _list(content: c.ListMenu) -> tuple[str, Any]:
    field = "interactive.action.sections"
    limits.count(content.sections, 1, limits.LIST_SECTIONS, field)
    limits.count([row for section in content.sections for row in section.rows], 1, limits.LIST_ROWS, f"{field}.rows")
    limits.unique([row.id for section in content.sections for row in section.rows], f"{field}.rows.id")
    several = len(content.sections) > 1
    sections = []
    for n, section in enumerate(content.sections):
        limits.count(section.rows, 1, limits.LIST_ROWS, f"{field}[{n}].rows")
        title = limits.text(section.title, limits.ROW_TITLE, f"{field}[{n}].title", required=several)
        rows = [_row(row, f"{field}[{n}].rows[{m}]") for m, row in enumerate(section.rows)]
        sections.append({"title": title, "rows": rows} if title else {"rows": rows})
    button = limits.text(content.button, limits.BUTTON_TITLE, "interactive.action.button")
    return "list", {"button": button, "sections": sections}


def _row(row: c.Row, field: str) -> dict[str, str]:
    part = {
        "id": limits.text(row.id, limits.ROW_ID, f"{field}.id"),
        "title": limits.text(row.title, limits.ROW_TITLE, f"{field}.title"),
    }
    if row.description:
        part["description"] = limits.text(row.description, limits.ROW_DESCRIPTION, f"{field}.description")
    return part


def _cta_url(content: c.CtaUrl) -> tuple[str, Any]:
    field = "interactive.action.parameters"
    return "cta_url", {
        "name": "cta_url",
        "parameters": {
            "display_text": limits.text(content.title, limits.BUTTON_TITLE, f"{field}.display_text"),
            "url": limits.link(content.url, f"{field}.url"),
        },
    }


def _product(content: c.Product) -> tuple[str, Any]:
    return "product", {
        "catalog_id": limits.text(content.catalog_id, 256, "interactive.action.catalog_id"),
        "product_retailer_id": limits.text(content.product_id, 256, "interactive.action.product_retailer_id"),
    }


def _product_list(content: c.ProductList) -> tuple[str, Any]:
    field = "interactive.action.sections"
    limits.count(content.sections, 1, limits.PRODUCT_SECTIONS, field)
    products = [product for section in content.sections for product in section.product_ids]
    limits.count(products, 1, limits.PRODUCTS, f"{field}.product_items")
    several = len(content.sections) > 1
    sections = []
    for n, section in enumerate(content.sections):
        title = limits.text(section.title, limits.ROW_TITLE, f"{field}[{n}].title", required=several)
        items = [{"product_retailer_id": product} for product in section.product_ids]
        sections.append({"title": title, "product_items": items} if title else {"product_items": items})
    return "product_list", {
        "catalog_id": limits.text(content.catalog_id, 256, "interactive.action.catalog_id"),
        "sections": sections,
    }


def _catalog(content: c.CatalogMessage) -> tuple[str, Any]:
    action: dict[str, Any] = {"name": "catalog_message"}
    if content.thumbnail_product_id:
        action["parameters"] = {"thumbnail_product_retailer_id": content.thumbnail_product_id}
    return "catalog_message", action


def _address(content: c.AddressRequest) -> tuple[str, Any]:
    parameters: dict[str, Any] = {"country": limits.text(content.country, 2, "interactive.action.parameters.country")}
    if content.values:
        parameters["values"] = content.values
    if content.saved_addresses:
        parameters["saved_addresses"] = content.saved_addresses
    if content.validation_errors:
        parameters["validation_errors"] = content.validation_errors
    return "address_message", {"name": "address_message", "parameters": parameters}


def _location_request(_: c.LocationRequest) -> tuple[str, Any]:
    return "location_request_message", {"name": "send_location"}


def _contact_request(_: c.ContactRequest) -> tuple[str, Any]:
    return "request_contact_info", {"name": "request_contact_info"}


def _flow(content: c.FlowMessage) -> tuple[str, Any]:
    field = "interactive.action.parameters"
    if content.mode not in ("published", "draft"):
        raise limits.invalid(f"{field}.mode", "must be published or draft")
    if content.action not in (None, "navigate", "data_exchange"):
        raise limits.invalid(f"{field}.flow_action", "must be navigate or data_exchange")
    if content.action == "data_exchange" and (content.screen or content.data):
        raise limits.invalid(f"{field}.flow_action", "with data_exchange the flow's endpoint gives screen and data")
    parameters: dict[str, Any] = {
        "flow_message_version": FLOW_VERSION,
        "flow_id": limits.text(content.flow_id, 256, f"{field}.flow_id"),
        "flow_cta": limits.text(content.button, limits.BUTTON_TITLE, f"{field}.flow_cta"),
        "flow_token": content.token or "unused",
        "mode": content.mode,
    }
    if content.action is not None:
        parameters["flow_action"] = content.action
    # Without an action Meta opens the flow's first screen.
    if content.screen or content.data:
        opening: dict[str, Any] = {"screen": content.screen} if content.screen else {}
        if content.data:
            opening["data"] = content.data
        parameters["flow_action"] = "navigate"
        parameters["flow_action_payload"] = opening
    return "flow", {"name": "flow", "parameters": parameters}


KINDS: dict[type, Callable[[Any], tuple[str, Any]]] = {
    c.Buttons: _buttons,
    c.ListMenu: _list,
    c.CtaUrl: _cta_url,
    c.Product: _product,
    c.ProductList: _product_list,
    c.CatalogMessage: _catalog,
    c.AddressRequest: _address,
    c.LocationRequest: _location_request,
    c.ContactRequest: _contact_request,
    c.FlowMessage: _flow,
}
