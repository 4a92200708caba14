"""What people send to us and we to nobody: replies, orders, votes, notices."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from .base import BaseContent


class ButtonReply(BaseContent, frozen=True, kw_only=True, tag="button_reply"):
    """Incoming: a pressed button (reply button, template quick reply or inline button)."""

    id: str
    title: str


class ListReply(BaseContent, frozen=True, kw_only=True, tag="list_reply"):
    """Incoming: a chosen row of a list."""

    id: str
    title: str
    description: str | None = None


class FlowReply(BaseContent, frozen=True, kw_only=True, tag="flow_reply"):
    """Incoming: a completed flow's data."""

    data: dict[str, Any]
    name: str | None = None
    body: str | None = None


class OrderItem(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an order; price as text in the currency's main unit."""

    product_id: str
    quantity: int
    price: str
    currency: str


class Order(BaseContent, frozen=True, kw_only=True, tag="order"):
    """Incoming: an order from a catalog."""

    catalog_id: str
    items: list[OrderItem]
    text: str | None = None


class PaymentMethod(BaseContent, frozen=True, kw_only=True, tag="payment_method"):
    """Incoming: how a person means to pay an order (`reference_id` is the order's); `data` is all that the network told."""

    method: str
    reference_id: str | None = None
    data: dict[str, Any] = msgspec.field(default_factory=dict)


class PollVote(BaseContent, frozen=True, kw_only=True, tag="poll_vote"):
    """Incoming: the options chosen in a poll (`target` is the poll's provider id)."""

    target: str
    options: list[str]


class System(BaseContent, frozen=True, kw_only=True, tag="system"):
    """A notice of the network or of ours, such as a number change."""

    text: str
    kind: str = "system"


class UnknownContent(BaseContent, frozen=True, kw_only=True, tag="unsupported"):
    """Incoming: something we or the provider's API cannot show; kept raw."""

    raw: dict[str, Any] = msgspec.field(default_factory=dict)
    note: str | None = None


IncomingKinds: TypeAlias = (
    ButtonReply | ListReply | FlowReply | Order | PaymentMethod | PollVote | System | UnknownContent
)
"""Every kind of this family. A new kind is added here and exported by the package."""
