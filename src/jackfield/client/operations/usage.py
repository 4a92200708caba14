"""Usage: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict, Unpack

from jackfield.client._call import Call
from jackfield.client._resource import Resource

from .answers_1 import ApiUses
from .answers_6 import ResponseReport
from .answers_7 import SurveyReport, TargetReport, UsageReport

_ExportReplyTargetReportQuery = TypedDict("_ExportReplyTargetReportQuery", {"from": "NotRequired[str | None]"})


class ExportReplyTargetReportQuery(_ExportReplyTargetReportQuery):
    """What export_reply_target_report may be told."""

    by: NotRequired[Literal["day", "agent", "team", "profile", "channel"]]
    until: NotRequired[str | None]
    zone: NotRequired[str | None]
    profileId: NotRequired[str | None]
    format: NotRequired[Literal["csv", "xlsx"]]


_GetReplyTargetReportQuery = TypedDict("_GetReplyTargetReportQuery", {"from": "NotRequired[str | None]"})


class GetReplyTargetReportQuery(_GetReplyTargetReportQuery):
    """What get_reply_target_report may be told."""

    by: NotRequired[Literal["day", "agent", "team", "profile", "channel"]]
    until: NotRequired[str | None]
    zone: NotRequired[str | None]
    profileId: NotRequired[str | None]


_ExportSurveyReportQuery = TypedDict("_ExportSurveyReportQuery", {"from": "NotRequired[str | None]"})


class ExportSurveyReportQuery(_ExportSurveyReportQuery):
    """What export_survey_report may be told."""

    by: NotRequired[Literal["day", "agent", "team", "profile", "channel"]]
    until: NotRequired[str | None]
    zone: NotRequired[str | None]
    profileId: NotRequired[str | None]
    format: NotRequired[Literal["csv", "xlsx"]]


_GetSurveyReportQuery = TypedDict("_GetSurveyReportQuery", {"from": "NotRequired[str | None]"})


class GetSurveyReportQuery(_GetSurveyReportQuery):
    """What get_survey_report may be told."""

    by: NotRequired[Literal["day", "agent", "team", "profile", "channel"]]
    until: NotRequired[str | None]
    zone: NotRequired[str | None]
    profileId: NotRequired[str | None]


_ExportUsageQuery = TypedDict("_ExportUsageQuery", {"from": "NotRequired[str | None]"})


class ExportUsageQuery(_ExportUsageQuery):
    """What export_usage may be told."""

    by: NotRequired[str]
    until: NotRequired[str | None]
    profileId: NotRequired[str | None]
    format: NotRequired[Literal["csv", "xlsx"]]


_GetUsageQuery = TypedDict("_GetUsageQuery", {"from": "NotRequired[str | None]"})


class GetUsageQuery(_GetUsageQuery):
    """What get_usage may be told."""

    by: NotRequired[str]
    until: NotRequired[str | None]
    profileId: NotRequired[str | None]


_ExportResponseTimesQuery = TypedDict("_ExportResponseTimesQuery", {"from": "NotRequired[str | None]"})


class ExportResponseTimesQuery(_ExportResponseTimesQuery):
    """What export_response_times may be told."""

    by: NotRequired[Literal["day", "agent", "team", "profile", "channel"]]
    until: NotRequired[str | None]
    zone: NotRequired[str | None]
    profileId: NotRequired[str | None]
    programs: NotRequired[bool]
    format: NotRequired[Literal["csv", "xlsx"]]


_GetResponseTimesQuery = TypedDict("_GetResponseTimesQuery", {"from": "NotRequired[str | None]"})


class GetResponseTimesQuery(_GetResponseTimesQuery):
    """What get_response_times may be told."""

    by: NotRequired[Literal["day", "agent", "team", "profile", "channel"]]
    until: NotRequired[str | None]
    zone: NotRequired[str | None]
    profileId: NotRequired[str | None]
    programs: NotRequired[bool]


_ExportRequestUsageQuery = TypedDict("_ExportRequestUsageQuery", {"from": "NotRequired[str | None]"})


class ExportRequestUsageQuery(_ExportRequestUsageQuery):
    """What export_request_usage may be told."""

    until: NotRequired[str | None]
    api: NotRequired[str | None]
    format: NotRequired[Literal["csv", "xlsx"]]


_GetRequestUsageQuery = TypedDict("_GetRequestUsageQuery", {"from": "NotRequired[str | None]"})


class GetRequestUsageQuery(_GetRequestUsageQuery):
    """What get_request_usage may be told."""

    until: NotRequired[str | None]
    api: NotRequired[str | None]


class UsageCalls(Resource):
    """Usage: all calls."""

    def export_reply_target_report(self, **given: Unpack[ExportReplyTargetReportQuery]) -> Call[bytes]:
        """The rows of the report as a file. `median` is seconds, and empty where there was none."""
        return self._call(bytes, "GET", "/usage/reply-targets/export", **given)

    def get_reply_target_report(self, **given: Unpack[GetReplyTargetReportQuery]) -> Call[TargetReport]:
        """Clocks that had a target and have ended, by when they began: how many, how many in time, and the
        median of the time that counted in seconds; `late` ones run on after their time. By day (of `zone`),
        agent, team (the member's department) or profile (or `channel`, the same). Chats that were set done
        without a reply are left out."""
        return self._call(TargetReport, "GET", "/usage/reply-targets", **given)

    def export_survey_report(self, **given: Unpack[ExportSurveyReportQuery]) -> Call[bytes]:
        """The rows of the report as a file."""
        return self._call(bytes, "GET", "/usage/survey/export", **given)

    def get_survey_report(self, **given: Unpack[GetSurveyReportQuery]) -> Call[SurveyReport]:
        """Surveys by when they were sent: how many were asked and answered, the average, and how many are
        content (4 or 5). By day (of `zone`), agent (who had the chat), team (the member's department) or
        profile (or `channel`, the same)."""
        return self._call(SurveyReport, "GET", "/usage/survey", **given)

    def export_usage(self, **given: Unpack[ExportUsageQuery]) -> Call[bytes]:
        """The rows of the usage as a file."""
        return self._call(bytes, "GET", "/usage/export", **given)

    def get_usage(self, **given: Unpack[GetUsageQuery]) -> Call[UsageReport]:
        """Messages in and out, by day, hour, profile (or `channel`, the same), template, tag, campaign, category
        or status. `sent` contains delivered and read, as in a funnel. Days and hours are UTC."""
        return self._call(UsageReport, "GET", "/usage", **given)

    def export_response_times(self, **given: Unpack[ExportResponseTimesQuery]) -> Call[bytes]:
        """The rows of the response times as a file. `median` and `p90` are seconds, and empty where nobody
        waited."""
        return self._call(bytes, "GET", "/usage/response-times/export", **given)

    def get_response_times(self, **given: Unpack[GetResponseTimesQuery]) -> Call[ResponseReport]:
        """How long people waited for an answer by a person, in private chats, by day (of `zone`), agent, team
        (the member's department) or profile (or `channel`, the same). A wait begins with a message in, after
        an answer or after 24 hours of silence, and ends with the next answer by a member who was logged in or
        at the phone itself. What automations and campaigns send is no answer."""
        return self._call(ResponseReport, "GET", "/usage/response-times", **given)

    def export_request_usage(self, **given: Unpack[ExportRequestUsageQuery]) -> Call[bytes]:
        """The rows of the requests as a file."""
        return self._call(bytes, "GET", "/usage/requests/export", **given)

    def get_request_usage(self, **given: Unpack[GetRequestUsageQuery]) -> Call[ApiUses]:
        """How often each call was made, by day (UTC) and API, the latest day first. Counts are written every few
        seconds."""
        return self._call(ApiUses, "GET", "/usage/requests", **given)
