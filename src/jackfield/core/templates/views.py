"""`TemplateView`: a message template as the services give it out."""

from __future__ import annotations

from typing import Any

import msgspec


class TemplateView(msgspec.Struct, frozen=True, kw_only=True):
    """Name and language lead to `components` (in Meta's shape). `status`: APPROVED, PENDING, REJECTED, PAUSED, DISABLED.

    Times are Unix ms.
    """

    id: int
    workspace_id: int
    channel_id: int
    provider_id: str | None
    name: str
    language: str
    category: str
    status: str
    quality: str | None
    parameter_format: str
    rejected_reason: str | None
    components: list[dict[str, Any]]
    created_at: int
    updated_at: int
