"""What calls answer.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Any

from jackfield.client._resource import Answer

from .answers_4 import UsageRow


class UsageSums(Answer):
    """Counts of messages; `sent` contains delivered and read."""

    total: int
    received: int
    sent: int
    delivered: int
    read: int
    failed: int
    skipped: int
    pending: int


class UsageReport(Answer):
    """Messages by group."""

    from_: str | None
    by: str
    until: str | None
    rows: list[UsageRow]
    sum: UsageSums


class Webhook(Answer):
    """A subscription. `secret` is shown when it is made or changed."""

    id: str
    url: str
    events: list[str]
    format: str
    profile_id: str | None
    enabled: bool
    disabled_reason: str | None
    failing_since: str | None
    settings: dict[str, Any]
    created_at: str | None
    secret: str | None = None


class Workspace(Answer):
    """A workspace."""

    id: str
    name: str
    timezone: str
    default_country: str | None
    default_profile_id: str | None
    settings: dict[str, Any]
    created_at: str | None
