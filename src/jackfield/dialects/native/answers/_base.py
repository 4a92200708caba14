"""What answers have in common."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from jackfield.core import states

Time = Annotated[str, Field(json_schema_extra={"format": "date-time"}, description="ISO 8601 in UTC.")]
"""A time."""
Json = dict[str, Any]
"""Data whose shape is not this API's."""
MessageStatus = Annotated[str, Field(json_schema_extra={"enum": [*states.OUTGOING, states.RECEIVED]})]
"""Where a message stands."""
Direction = Annotated[str, Field(json_schema_extra={"enum": ["in", "out"]})]
ChatStatus = Annotated[str, Field(json_schema_extra={"enum": ["open", "snoozed", "done"]})]
ChatKind = Annotated[str, Field(json_schema_extra={"enum": ["private", "group", "newsletter"]})]


class Deleted(TypedDict):
    """An object is gone."""

    id: str
    deleted: bool
