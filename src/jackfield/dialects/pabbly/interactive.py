"""Interactive messages. The documentation prints the tables of list and CTA URL under each other's heading: what
counts is `interactiveType`, and every field is taken under both spellings (`bodyText`, `message`, `body`).

Limits are those of the tables; where they name none, Meta's own (field.md, Interactive).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jackfield.core import content as c

from .._strict import known_fields
from . import params
from .fields import ENVELOPE, OF_INTERACTIVE

TYPES = (
    "single_product",
    "product_list",
    "catalog_message",
    "list",
    "cta_url",
    "address_message",
    "location_request_message",
)
BODY = 1024
SHORT = 60
SECTIONS = 10
ROWS = 10
PRODUCTS = 30
_FILES: dict[str, type[c.Image] | type[c.Video] | type[c.Document]] = {
    "image": c.Image,
    "video": c.Video,
    "document": c.Document,
}


def interactive_of(data: Mapping[str, Any]) -> c.Content:
    """The content. Raises Invalid that names the field."""
    kind = data.get("interactiveType")
    if kind is None and any("products" in one for one in _sections(data, required=False)):
        # The table of product_list marks the type as optional.
        kind = "product_list"
    if kind is None or kind == "":
        raise params.required("interactiveType")
    if not isinstance(kind, str) or kind not in TYPES:
        raise params.bad("interactiveType", f"must be one of: {', '.join(TYPES)}.")
    params.only(data, ENVELOPE | OF_INTERACTIVE[kind], f"an interactive message of type {kind}")
    return _READERS[kind](data)


def _header_text(data: Mapping[str, Any]) -> str | None:
    """The header's text: `headerText`, or `header` as text or as {text}."""
    header = _header(data)
    if header is None:
        return params.text(data, "headerText", "header", maximum=SHORT)
    kind = params.text(header, "type", maximum=20, place="header.") or "text"
    if kind != "text" or params.text(header, "link", maximum=4096, place="header."):
        raise params.bad("header.type", "must be text: this message cannot have a header with a file.")
    known_fields(header, ("type", "text"), "header.")
    text = params.text(header, "text", maximum=SHORT, place="header.")
    if text is None:
        raise params.required("header.text")
    return text


def _header(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """`header` where it is an object, also as JSON text of one. Raises Invalid for a bare link, whose kind nobody knows."""
    header = params.parsed(data.get("header"))
    if isinstance(header, str) and re.match(r"\s*(https?://|media:\d)", header):
        raise params.bad("header", 'must be an object such as {"type": "image", "link": "https://..."} for a file.')
    return header if isinstance(header, Mapping) and header else None


def _text_header(data: Mapping[str, Any]) -> c.InteractiveHeader | None:
    found = _header_text(data)
    return c.InteractiveHeader(text=found) if found is not None else None


def _common(data: Mapping[str, Any], *body: str) -> dict[str, Any]:
    return {
        "body": params.must(data, *body, maximum=BODY),
        "footer": params.text(data, "footerText", "footer", maximum=SHORT),
    }


def _action(data: Mapping[str, Any], *known: str) -> dict[str, Any]:
    action = params.obj(data, "action")
    if action is None:
        raise params.required("action")
    known_fields(action, known, "action.")
    return action


def _single_product(data: Mapping[str, Any]) -> c.Content:
    common = _common(data, "bodyText", "body", "message")
    action = _action(data, "catalogId", "productRetailerId")
    return c.Product(
        catalog_id=params.must(action, "catalogId", maximum=100, place="action."),
        product_id=params.must(action, "productRetailerId", maximum=100, place="action."),
        **common,
    )


def _product_list(data: Mapping[str, Any]) -> c.Content:
    header = _text_header(data)
    if header is None:
        raise params.required("header")
    common = _common(data, "body", "bodyText", "message")
    action = _action(data, "catalogId")
    catalog = params.must(action, "catalogId", maximum=100, place="action.")
    sections = []
    for n, one in enumerate(_sections(data)):
        place = f"sections[{n}]."
        known_fields(one, ("title", "products"), place)
        title = params.must(one, "title", maximum=24, place=place)
        products = params.items(one, "products", maximum=PRODUCTS, place=place)
        if not products:
            raise params.required(f"{place}products")
        ids = []
        for m, product in enumerate(products):
            where = f"{place}products[{m}]."
            row = product if isinstance(product, Mapping) else {"productRetailerId": product}
            known_fields(row, ("productRetailerId",), where)
            ids.append(params.must(row, "productRetailerId", maximum=100, place=where))
        sections.append(c.ProductSection(title=title, product_ids=ids))
    if sum(len(one.product_ids) for one in sections) > PRODUCTS:
        raise params.bad("sections", f"must have at most {PRODUCTS} products in all.")
    return c.ProductList(header=header, catalog_id=catalog, sections=sections, **common)


def _catalog(data: Mapping[str, Any]) -> c.Content:
    return c.CatalogMessage(
        thumbnail_product_id=params.text(data, "catalogProductId", maximum=100),
        **_common(data, "bodyText", "body", "message"),
    )


def _list(data: Mapping[str, Any]) -> c.Content:
    common = _common(data, "bodyText", "body", "message")
    button = params.must(data, "buttonText", maximum=20)
    sections, rows, taken = [], 0, set()
    for n, one in enumerate(_sections(data)):
        place = f"sections[{n}]."
        known_fields(one, ("title", "rows"), place)
        title = params.must(one, "title", maximum=24, place=place)
        found = params.items(one, "rows", maximum=ROWS, place=place)
        if not found:
            raise params.required(f"{place}rows")
        shown = []
        for m, row in enumerate(found):
            where = f"{place}rows[{m}]."
            if not isinstance(row, Mapping):
                raise params.bad(where.rstrip("."), "must be an object.")
            known_fields(row, ("id", "title", "description"), where)
            id_ = params.text(row, "id", maximum=200, place=where) or f"row_{n + 1}_{m + 1}"
            if id_ in taken:
                raise params.bad(f"{where}id", "must differ from the other rows' ids.")
            taken.add(id_)
            shown.append(
                c.Row(
                    id=id_,
                    title=params.must(row, "title", maximum=24, place=where),
                    description=params.text(row, "description", maximum=72, place=where),
                )
            )
        rows += len(shown)
        sections.append(c.Section(title=title, rows=shown))
    if rows > ROWS:
        raise params.bad("sections", f"must have at most {ROWS} rows in all.")
    return c.ListMenu(header=_text_header(data), button=button, sections=sections, **common)


def _sections(data: Mapping[str, Any], *, required: bool = True) -> list[Mapping[str, Any]]:
    found = params.items(data, "sections", maximum=SECTIONS if required else 10_000)
    if not required:
        return [one for one in found if isinstance(one, Mapping)]
    if not found:
        raise params.required("sections")
    for n, one in enumerate(found):
        if not isinstance(one, Mapping):
            raise params.bad(f"sections[{n}]", "must be an object.")
    return found


def _cta_url(data: Mapping[str, Any]) -> c.Content:
    common = _common(data, "message", "bodyText", "body")
    buttons = params.items(data, "buttons", maximum=100)
    if not buttons:
        raise params.required("buttons")
    if len(buttons) != 1 or not isinstance(buttons[0], Mapping):
        raise params.bad("buttons", "must have exactly one button, an object with title and url.")
    known_fields(buttons[0], ("title", "url"), "buttons[0].")
    title = params.must(buttons[0], "title", maximum=20, place="buttons[0].")
    url = params.link(buttons[0], "url", "buttons[0].")
    if url is None:
        raise params.required("buttons[0].url")
    return c.CtaUrl(header=_media_header(data), title=title, url=url, **common)


def _media_header(data: Mapping[str, Any]) -> c.InteractiveHeader | None:
    header = _header(data)
    if header is None:
        return _text_header(data)
    known_fields(header, ("type", "text", "link", "filename"), "header.")
    kind = params.one_of(header, "type", ("text", *_FILES), place="header.") if header.get("type") else "text"
    if kind == "text":
        for name in ("link", "filename"):
            if header.get(name):
                raise params.bad(f"header.{name}", "is not taken by a header of type text.")
        found = params.text(header, "text", maximum=SHORT, place="header.") or params.text(
            data, "headerText", maximum=SHORT
        )
        if found is None:
            raise params.required("header.text")
        return c.InteractiveHeader(text=found)
    for place, other in (("header.text", header.get("text")), ("headerText", data.get("headerText"))):
        if other:
            raise params.bad(place, f"is not taken beside a header of type {kind}.")
    link = params.link(header, "link", "header.")
    if link is None:
        raise params.required("header.link")
    filename = params.text(header, "filename", maximum=240, place="header.")
    if kind != "document" and filename is not None:
        raise params.bad("header.filename", "is only for a document.")
    if kind == "document" and filename is None:
        raise params.required("header.filename")
    return c.InteractiveHeader(media=_FILES[kind](url=link, filename=filename if kind == "document" else None))


def _address(data: Mapping[str, Any]) -> c.Content:
    common = _common(data, "bodyText", "body", "message")
    country = params.must(data, "isoCountryCode", maximum=2).upper()
    if not re.fullmatch(r"[A-Z]{2}", country):
        raise params.bad("isoCountryCode", 'must be a country code of two letters such as "IN".')
    errors = params.obj(data, "validationErrors")
    return c.AddressRequest(
        country=country,
        values=params.obj(data, "values"),
        validation_errors=None
        if errors is None
        else {key: params.plain(value, f"validationErrors.{key}", 500) for key, value in errors.items()},
        **common,
    )


def _location(data: Mapping[str, Any]) -> c.Content:
    country = params.text(data, "isoCountryCode", maximum=2)
    if country is not None and not re.fullmatch(r"[A-Za-z]{2}", country):
        raise params.bad("isoCountryCode", 'must be a country code of two letters such as "IN".')
    return c.LocationRequest(body=params.must(data, "bodyText", "body", "message", maximum=BODY))


_READERS = {
    "single_product": _single_product,
    "product_list": _product_list,
    "catalog_message": _catalog,
    "list": _list,
    "cta_url": _cta_url,
    "address_message": _address,
    "location_request_message": _location,
}
