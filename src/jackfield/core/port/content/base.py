"""What all kinds of content share."""

from __future__ import annotations

import msgspec


class BaseContent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """Base of all kinds of content."""
