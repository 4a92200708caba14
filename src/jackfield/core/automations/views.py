"""What the service of automations hands out. Times in Unix ms."""

from __future__ import annotations

from typing import Any

import msgspec

from ..models import Automation
from .document import Document


class AutomationView(msgspec.Struct, frozen=True, kw_only=True):
    """A rule or a sequence. `hook_token` is the secret part of its own address, None unless a webhook starts it.
    `rest_reason` says why it rests after too many failures. `live` are the people in it now, None where not counted."""

    id: int
    workspace_id: int
    name: str
    kind: str
    enabled: bool
    version: int
    document: Document
    hook_token: str | None
    failures: int
    rest_reason: str | None
    created_at: int
    updated_at: int
    live: int | None = None

    def __repr__(self) -> str:
        """Without the document, which holds messages, and without the secret."""
        return f"AutomationView(id={self.id}, version={self.version})"


class RunView(msgspec.Struct, frozen=True, kw_only=True):
    """A person's way through an automation; see models.AutomationRun."""

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
    reason: str | None
    created_at: int
    updated_at: int
    ended_at: int | None


class StepCount(msgspec.Struct, kw_only=True):
    """How people fared at a step: how many took it (`done`), were not written to or had nothing to do (`skipped`), made it
    fail, and are at it now (`waiting`)."""

    step: str
    done: int = 0
    skipped: int = 0
    failed: int = 0
    waiting: int = 0
    reasons: dict[str, int] = {}


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """How often people came into an automation: in all, since a time, and when they did last (Unix ms)."""

    count: int = 0
    since: int = 0
    last_at: int | None = None


class Statistics(msgspec.Struct, kw_only=True):
    """Runs by state, and what became of people at each step."""

    runs: dict[str, int]
    steps: list[StepCount]


def automation_view(row: Automation, live: int | None = None, document: Document | None = None) -> AutomationView:
    """The view of a row; `document` is its newest version where that is at hand."""
    return AutomationView(
        id=row.id,
        workspace_id=row.workspace_id,
        name=row.name,
        kind=row.kind,
        enabled=row.enabled,
        version=row.version,
        document=document_of(row.document) if document is None else document,
        hook_token=row.hook_token,
        failures=row.failures,
        rest_reason=row.rest_reason,
        created_at=row.created_at,
        updated_at=row.updated_at,
        live=live,
    )


def document_of(stored: dict[str, Any]) -> Document:
    """A document from its stored form."""
    return msgspec.convert(stored, type=Document)
