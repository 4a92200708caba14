"""What a team's service is, as this API shows it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from ._base import Time
from .reports import _Span

Hours = Annotated[str | None, Field(json_schema_extra={"enum": ["open", "closed", None]})]
Visit = Annotated[str | None, Field(json_schema_extra={"enum": ["first", "again", None]})]
How = Annotated[str, Field(json_schema_extra={"enum": ["round_robin", "least_busy"]})]
Refusal = Annotated[str | None, Field(json_schema_extra={"enum": ["away", "offline", "full", None]})]


class AssignmentRule(TypedDict):
    """A rule that gives chats to members. Where it names neither members nor a department it means everybody."""

    id: str
    name: str
    enabled: bool
    profileIds: list[str]
    tags: list[str]
    hours: Hours
    visit: Visit
    how: How
    memberIds: list[str]
    departmentId: str | None
    onlineOnly: bool
    maxOpen: int | None


class AssignmentCandidate(TypedDict):
    """Somebody whom a rule means: `open` counts their chats, `refusal` says why they get none now."""

    memberId: str
    name: str
    open: int
    refusal: Refusal


class AssignmentNext(TypedDict):
    """Who gets the next chat by a rule, if anybody does; the candidates in the order of their turns."""

    ruleId: str
    memberId: str | None
    candidates: list[AssignmentCandidate]


class ChatAssignment(TypedDict):
    """That a rule gave a chat to a member (null: who is gone)."""

    id: str
    chatId: str
    memberId: str | None
    ruleId: str
    ruleName: str
    createdAt: Time | None


class ReplyTarget(TypedDict):
    """Targets in minutes (null: none), of a department, of a profile, or of the workspace."""

    profileId: str | None
    departmentId: str | None
    firstReplyMinutes: int | None
    nextReplyMinutes: int | None
    resolutionMinutes: int | None
    workingHours: bool
    warnPercent: int


class TargetFigures(TypedDict):
    """How many clocks ended, how many in time, their share (0 to 1) and the median in seconds (null: none ended)."""

    count: int
    met: int
    share: float | None
    median: float | None
    late: int


class TargetSums(TypedDict):
    """Clocks by kind."""

    firstReply: TargetFigures
    nextReply: TargetFigures
    resolution: TargetFigures


class TargetRow(TargetSums):
    """The clocks of one group: `key` is a day, an id, or `none`."""

    key: str
    name: str | None


class TargetReport(_Span):
    """How targets were met, by group."""

    by: str
    until: Time | None
    zone: str
    rows: list[TargetRow]
    sum: TargetSums


class Survey(TypedDict):
    """What people are asked after a chat is done."""

    enabled: bool
    scale: Annotated[str, Field(json_schema_extra={"enum": ["stars", "thumbs"]})]
    text: str
    thanks: str
    commentText: str
    lowRating: int
    restDays: int
    answerHours: int


class SurveyRating(TypedDict):
    """A rating from 1 to 5, and who had the chat."""

    id: str
    chatId: str
    profileId: str
    contactId: str
    contactName: str
    memberId: str | None
    departmentId: str | None
    scale: str
    rating: int
    comment: str | None
    answeredAt: Time | None


class SurveyFigures(TypedDict):
    """How many were asked, answered, are content (4 or 5) and said more; shares from 0 to 1, null where there is none."""

    asked: int
    answered: int
    answeredShare: float | None
    average: float | None
    content: int
    contentShare: float | None
    comments: int


class SurveyRow(SurveyFigures):
    """The surveys of one group: `key` is a day, an id, or `none`."""

    key: str
    name: str | None


class SurveyReport(_Span):
    """What people answered, by group."""

    by: str
    until: Time | None
    zone: str
    rows: list[SurveyRow]
    sum: SurveyFigures
