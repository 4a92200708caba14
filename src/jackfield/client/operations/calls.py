"""Calls: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict, Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_3 import CallSettings, PhoneCall
from .inputs_3 import CallSettingsBody
from .inputs_4 import RejectBody

_ListCallsQuery = TypedDict("_ListCallsQuery", {"from": "NotRequired[str | None]"})


class ListCallsQuery(Paging, _ListCallsQuery):
    """What list_calls may be told."""

    profileId: NotRequired[str | None]
    status: NotRequired[str | None]


class GetCallSettingsQuery(TypedDict):
    """What get_call_settings may be told."""

    profileId: NotRequired[str | None]


class CallsCalls(Resource):
    """Calls: all calls."""

    def list_calls(self, **given: Unpack[ListCallsQuery]) -> Pages[PhoneCall]:
        """Calls that came in, newest first."""
        return self._pages(PhoneCall, "/calls", given)

    def get_call_settings(self, **given: Unpack[GetCallSettingsQuery]) -> Call[CallSettings]:
        """A profile's choice."""
        return self._call(CallSettings, "GET", "/calls/settings", **given)

    def update_call_settings(self, **given: Unpack[CallSettingsBody]) -> Call[CallSettings]:
        """Refuse every call at once, with words for the caller if wanted."""
        return self._call(CallSettings, "PUT", "/calls/settings", given)

    def get_call(self, id_: str, /) -> Call[PhoneCall]:
        """One call."""
        return self._call(PhoneCall, "GET", f"/calls/{quoted(id_)}")

    def reject_call(self, id_: str, /, **given: Unpack[RejectBody]) -> Call[PhoneCall]:
        """Refuse a call that rings, and tell the caller something."""
        return self._call(PhoneCall, "POST", f"/calls/{quoted(id_)}/reject", given)
