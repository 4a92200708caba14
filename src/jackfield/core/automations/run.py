"""A run as it is while steps are taken."""

from __future__ import annotations

from typing import Any

import msgspec


class Run(msgspec.Struct, kw_only=True):
    """A row of runs while steps are taken; see models.AutomationRun."""

    id: int
    workspace_id: int
    automation_id: int
    version: int
    contact_id: int
    channel_id: int | None
    peer: str | None
    state: str
    step: str
    visit: int
    due_at: int | None
    waits_for: str | None
    variables: dict[str, Any]
    reason: str | None
    updated_at: int
    ended_at: int | None
