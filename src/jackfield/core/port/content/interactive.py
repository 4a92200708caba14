"""Messages with something to press: buttons, lists, links, products, flows."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from .base import BaseContent
from .media import Document, Image, Video


class InteractiveHeader(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Header of an interactive message: text or one media file."""

    text: str | None = None
    media: Image | Video | Document | None = None


class Interactive(BaseContent, frozen=True, kw_only=True):
    """What all interactive kinds share."""

    body: str
    header: InteractiveHeader | None = None
    footer: str | None = None


class ReplyButton(msgspec.Struct, frozen=True, kw_only=True):
    """A button that answers with its `id`."""

    id: str
    title: str


class Buttons(Interactive, frozen=True, kw_only=True, tag="buttons"):
    """Up to three reply buttons."""

    buttons: list[ReplyButton]


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A selectable row of a list."""

    id: str
    title: str
    description: str | None = None


class Section(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A titled group of rows; one that stands alone needs no title."""

    title: str = ""
    rows: list[Row]


class ListMenu(Interactive, frozen=True, kw_only=True, tag="list"):
    """A menu that opens from a button."""

    button: str
    sections: list[Section]


class CtaUrl(Interactive, frozen=True, kw_only=True, tag="cta_url"):
    """A button that opens a link."""

    title: str
    url: str


class Product(Interactive, frozen=True, kw_only=True, tag="product"):
    """One product of a catalog."""

    catalog_id: str
    product_id: str
    body: str = ""


class ProductSection(msgspec.Struct, frozen=True, kw_only=True):
    """A titled group of products, by retailer id."""

    title: str = ""
    product_ids: list[str]


class ProductList(Interactive, frozen=True, kw_only=True, tag="product_list"):
    """Several products of a catalog in sections."""

    catalog_id: str
    sections: list[ProductSection]


class CatalogMessage(Interactive, frozen=True, kw_only=True, tag="catalog"):
    """The whole catalog; `thumbnail_product_id` is the product shown."""

    thumbnail_product_id: str | None = None


class AddressRequest(Interactive, frozen=True, kw_only=True, tag="address"):
    """Asks for a postal address. `country` is the ISO code."""

    country: str
    values: dict[str, Any] | None = None
    saved_addresses: list[dict[str, Any]] | None = None
    validation_errors: dict[str, str] | None = None


class LocationRequest(Interactive, frozen=True, kw_only=True, tag="location_request"):
    """Asks for the recipient's location."""


class ContactRequest(Interactive, frozen=True, kw_only=True, tag="contact_request"):
    """Asks for the recipient's phone number; the answer is a contact card with it."""


class FlowMessage(Interactive, frozen=True, kw_only=True, tag="flow"):
    """Opens a WhatsApp Flow.

    `action` is "navigate" (to `screen`, with `data`) or "data_exchange" (the flow's own endpoint gives the first screen);
    without it the flow opens at `screen`, or at its first one.
    """

    flow_id: str
    button: str
    token: str | None = None
    mode: str = "published"
    action: str | None = None
    screen: str | None = None
    data: dict[str, Any] | None = None


class InlineButton(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A Telegram inline button: answers with `data`, or opens `url`."""

    text: str
    data: str | None = None
    url: str | None = None


class InlineKeyboard(BaseContent, frozen=True, kw_only=True, tag="inline_keyboard"):
    """Text with rows of inline buttons (Telegram)."""

    text: str
    rows: list[list[InlineButton]]


InteractiveKinds: TypeAlias = (
    Buttons
    | ListMenu
    | CtaUrl
    | Product
    | ProductList
    | CatalogMessage
    | AddressRequest
    | LocationRequest
    | ContactRequest
    | FlowMessage
    | InlineKeyboard
)
"""Every kind of this family. A new kind is added here and exported by the package."""
