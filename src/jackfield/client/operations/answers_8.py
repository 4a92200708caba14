"""What calls answer.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Any

from jackfield.client._resource import Answer

from .answers_7 import WorkingSpan, WorkingWeek


class Holiday(Answer):
    """A date with hours of its own (none: closed), in its year alone or `yearly`."""

    date: str
    name: str
    yearly: bool
    hours: list[WorkingSpan]


class WorkingHours(Answer):
    """When somebody works. `source`: whose hours these are, the `department`'s own or the `workspace`'s, or
    `none`: nobody has set any, which means always. `opensAt`, `closesAt`: when they begin and end next, or
    now; null for never."""

    department_id: str | None
    source: str
    timezone: str
    days: WorkingWeek
    holidays: list[Holiday]
    open: bool
    opens_at: str | None
    closes_at: str | None


class Workspace(Answer):
    """A workspace."""

    id: str
    name: str
    timezone: str
    default_country: str | None
    default_profile_id: str | None
    settings: dict[str, Any]
    created_at: str | None
