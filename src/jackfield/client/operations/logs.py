"""Live events: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict, Unpack

from jackfield.client._call import Pages
from jackfield.client._resource import Paging, Resource

from .answers_5 import Event

_ListEventsQuery = TypedDict("_ListEventsQuery", {"from": "NotRequired[str | None]"})


class ListEventsQuery(Paging, _ListEventsQuery):
    """What list_events may be told."""

    type: NotRequired[list[str] | None]
    profileId: NotRequired[str | None]
    until: NotRequired[str | None]


class LogsCalls(Resource):
    """Live events: all calls."""

    def list_events(self, **given: Unpack[ListEventsQuery]) -> Pages[Event]:
        """What happened, newest first: the events of webhooks and of the live stream, kept for some weeks."""
        return self._pages(Event, "/logs", given)
