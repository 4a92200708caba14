"""Working hours, as this API shows them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from ._base import Time


class WorkingSpan(TypedDict):
    """From `start` to `end` (HH:MM); an `end` that is not after `start` is on the next day."""

    start: str
    end: str


class WorkingWeek(TypedDict):
    """The spans of each day; a day without any is closed."""

    mon: list[WorkingSpan]
    tue: list[WorkingSpan]
    wed: list[WorkingSpan]
    thu: list[WorkingSpan]
    fri: list[WorkingSpan]
    sat: list[WorkingSpan]
    sun: list[WorkingSpan]


class Holiday(TypedDict):
    """A date with hours of its own (none: closed), in its year alone or `yearly`."""

    date: str
    name: str
    yearly: bool
    hours: list[WorkingSpan]


class WorkingHours(TypedDict):
    """When somebody works. `source`: whose hours these are, the `department`'s own or the `workspace`'s, or `none`: nobody has
    set any, which means always. `opensAt`, `closesAt`: when they begin and end next, or now; null for never."""

    departmentId: str | None
    source: Annotated[str, Field(json_schema_extra={"enum": ["department", "workspace", "none"]})]
    timezone: str
    days: WorkingWeek
    holidays: list[Holiday]
    open: bool
    opensAt: Time | None
    closesAt: Time | None
