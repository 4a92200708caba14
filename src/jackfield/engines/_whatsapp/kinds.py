"""Kinds of messages that WhatsApp has."""

from __future__ import annotations

from typing import Final

PLAIN: Final = frozenset({"text", "image", "video", "audio", "document", "sticker", "location", "contacts", "reaction"})
"""What every phone can send."""

INTERACTIVE: Final = frozenset(
    {"buttons", "list", "cta_url", "product", "product_list", "catalog", "address", "location_request",
     "contact_request", "flow"}
)  # fmt: skip
"""What a business account can send."""
