"""What calls take.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict


class WorkspaceChange(TypedDict):
    """What to change; given settings are merged, null takes one out."""

    name: NotRequired[str | None]
    timezone: NotRequired[str | None]
    defaultCountry: NotRequired[str | None]
    defaultProfileId: NotRequired[str | int | None]
    settings: NotRequired[dict[str, Any] | None]


class jackfield__dialects__native__routes__automation_tests__TestBody(TypedDict):
    """What to try: a document (`trigger`, `conditions`, `steps` as of an automation) with the messages of some
    days, or with one `text`."""

    kind: NotRequired[Literal["rule", "sequence"]]
    trigger: dict[str, Any]
    conditions: NotRequired[list[dict[str, Any]]]
    steps: list[dict[str, Any]]
    limits: NotRequired[dict[str, Any]]
    goal: NotRequired[dict[str, Any] | None]
    days: NotRequired[int]
    text: NotRequired[str | None]
    button: NotRequired[str | None]
    contactId: NotRequired[str | int | None]
    profileId: NotRequired[str | int | None]


class jackfield__dialects__native__routes__campaigns__TestBody(TypedDict):
    """To whom."""

    to: str | int
    variables: NotRequired[dict[str, Any]]
