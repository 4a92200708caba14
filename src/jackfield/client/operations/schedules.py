"""Schedules: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_1 import Accepted
from .answers_4 import Message
from .inputs_4 import ScheduleBody


class ListSchedulesQuery(Paging):
    """What list_schedules may be told."""

    profileId: NotRequired[str | None]


class SchedulesCalls(Resource):
    """Schedules: all calls."""

    def list_schedules(self, **given: Unpack[ListSchedulesQuery]) -> Pages[Message]:
        """Those that wait for their time, the next first."""
        return self._pages(Message, "/schedules", given)

    def create_schedule(self, *, key: str | None = None, **given: Unpack[ScheduleBody]) -> Call[Accepted]:
        """The message goes out at `scheduledAt`; its id is a message's."""
        return self._call(Accepted, "POST", "/schedules", given, key=key)

    def get_schedule(self, id_: str, /) -> Call[Message]:
        """The message as it is now."""
        return self._call(Message, "GET", f"/schedules/{quoted(id_)}")

    def delete_schedule(self, id_: str, /) -> Call[Message]:
        """It will not go out; cancelling it twice changes nothing."""
        return self._call(Message, "DELETE", f"/schedules/{quoted(id_)}")

    def cancel_schedule(self, id_: str, /) -> Call[Message]:
        """It will not go out; cancelling it twice changes nothing."""
        return self._call(Message, "POST", f"/schedules/{quoted(id_)}/cancel")
