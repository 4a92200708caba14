"""Usage: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict, Unpack

from jackfield.client._call import Call
from jackfield.client._resource import Resource

from .answers_1 import ApiUses
from .answers_6 import UsageReport

_GetUsageQuery = TypedDict("_GetUsageQuery", {"from": "NotRequired[str | None]"})


class GetUsageQuery(_GetUsageQuery):
    """What get_usage may be told."""

    by: NotRequired[str]
    until: NotRequired[str | None]
    profileId: NotRequired[str | None]


_GetRequestUsageQuery = TypedDict("_GetRequestUsageQuery", {"from": "NotRequired[str | None]"})


class GetRequestUsageQuery(_GetRequestUsageQuery):
    """What get_request_usage may be told."""

    until: NotRequired[str | None]
    api: NotRequired[str | None]


class UsageCalls(Resource):
    """Usage: all calls."""

    def get_usage(self, **given: Unpack[GetUsageQuery]) -> Call[UsageReport]:
        """Messages in and out, by day, hour, profile (or `channel`, the same), template, tag, campaign, category
        or status. `sent` contains delivered and read, as in a funnel. Days and hours are UTC."""
        return self._call(UsageReport, "GET", "/usage", **given)

    def get_request_usage(self, **given: Unpack[GetRequestUsageQuery]) -> Call[ApiUses]:
        """How often each call was made, by day (UTC) and API, the latest day first. Counts are written every few
        seconds."""
        return self._call(ApiUses, "GET", "/usage/requests", **given)
