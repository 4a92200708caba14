"""How a network describes what it keeps: groups, templates, catalogs, numbers, the account."""

from __future__ import annotations

from typing import Any

import msgspec


class GroupParticipant(msgspec.Struct, frozen=True, kw_only=True):
    """A member of a group; `address` as in `Outgoing.to`."""

    address: str
    name: str | None = None
    is_admin: bool = False
    is_super_admin: bool = False


class GroupInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A group or newsletter as the network describes it. `kind`: "group" or "newsletter"; times are Unix ms.

    `participants` and `read_only` are None where they are not told (the core then keeps what it had).
    """

    address: str
    name: str
    kind: str = "group"
    description: str | None = None
    owner: str | None = None
    created_at: int | None = None
    read_only: bool | None = False
    picture_url: str | None = None
    participants: list[GroupParticipant] | None = None
    left: bool = False


class TemplateInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A template as the provider describes it; `components` in Meta's own shape. Status APPROVED, PAUSED, ..."""

    provider_id: str
    name: str
    language: str
    category: str
    status: str
    components: list[dict[str, Any]]
    quality: str | None = None
    parameter_format: str = "POSITIONAL"
    rejected_reason: str | None = None


class ProductInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A product variant of a catalog. Prices are text in the currency's minor unit, as Meta gives them."""

    provider_id: str
    retailer_id: str
    name: str
    description: str | None = None
    price: str | None = None
    sale_price: str | None = None
    currency: str | None = None
    availability: str | None = None
    image_url: str | None = None
    url: str | None = None
    brand: str | None = None
    condition: str | None = None
    group_id: str | None = None


class CatalogInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A catalog linked to the account; `selected` marks the one that the number shows."""

    provider_id: str
    name: str
    product_count: int
    vertical: str = "commerce"
    selected: bool = False


class NumberCheck(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a phone number (digits) is on the network, and under which address."""

    phone: str
    exists: bool
    address: str | None = None


class AccountInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The connected number or bot, as the provider describes it (see AccountNotice for units)."""

    address: str
    name: str | None = None
    quality: str | None = None
    throughput: int | None = None
    messaging_limit: int | None = None
    raw: dict[str, Any] | None = None
