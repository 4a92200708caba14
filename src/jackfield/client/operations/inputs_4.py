"""What calls take.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict


class WorkspaceChange(TypedDict):
    """What to change; given settings are merged, null takes one out."""

    name: NotRequired[str | None]
    timezone: NotRequired[str | None]
    defaultCountry: NotRequired[str | None]
    defaultProfileId: NotRequired[str | int | None]
    settings: NotRequired[dict[str, Any] | None]
