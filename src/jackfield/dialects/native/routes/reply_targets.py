"""Targets for replies and resolutions, and how they were met."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from pydantic import Field

from jackfield.core import Principal, TargetFigures, TargetRow, TargetSums, TargetView

from ..._kit import Str, Wire, parse_id
from .. import answers
from ..context import Context, example
from ..envelope import Ok, iso, ok
from ..files import TABLES, Format, exported
from .reports import CORE_NAMES, ProfileId, ResponsesBy, Since, Span, Until, Zone, channel_of, span_of

MAX_MINUTES = 60 * 24 * 90
KINDS = ("first_reply", "next_reply", "resolution")
COLUMNS = (
    "key",
    "name",
    *(f"{kind}_{figure}" for kind in KINDS for figure in ("count", "met", "share", "median", "late")),
)
Minutes = Annotated[int | None, Field(ge=1, le=MAX_MINUTES)]


class TargetBody(Wire):
    """Targets in minutes, of a department, of a profile, or (neither) of the workspace. What is left out is no target."""

    model_config = example(firstReplyMinutes=15, nextReplyMinutes=60, resolutionMinutes=1440)

    profile_id: Annotated[Str | int | None, Field(alias="profileId")] = None
    department_id: Annotated[
        Str | int | None, Field(alias="departmentId", description="Of the member who has the chat.")
    ] = None
    first_reply_minutes: Annotated[Minutes, Field(alias="firstReplyMinutes")] = None
    next_reply_minutes: Annotated[Minutes, Field(alias="nextReplyMinutes")] = None
    resolution_minutes: Annotated[Minutes, Field(alias="resolutionMinutes")] = None
    working_hours: Annotated[
        bool, Field(alias="workingHours", description="Count working hours alone; else all of the day.")
    ] = True
    warn_percent: Annotated[
        int, Field(alias="warnPercent", ge=10, le=100, description="When so much of the time is gone it is due soon.")
    ] = 80

    def parsed(self) -> TargetView:
        """What the core takes. Raises NotFound for an id that is none."""
        return TargetView(
            channel_id=None
            if self.profile_id in (None, "")
            else parse_id(self.profile_id, "profile", "PROFILE_NOT_FOUND"),
            department_id=None
            if self.department_id in (None, "")
            else parse_id(self.department_id, "department", "DEPARTMENT_NOT_FOUND"),
            first_reply=self.first_reply_minutes,
            next_reply=self.next_reply_minutes,
            resolution=self.resolution_minutes,
            working_hours=self.working_hours,
            warn_percent=self.warn_percent,
        )


class TargetsBody(Wire):
    """All targets; one that is left out is gone."""

    model_config = example(
        targets=[{"firstReplyMinutes": 15, "nextReplyMinutes": 60, "resolutionMinutes": 1440, "warnPercent": 80}]
    )

    targets: Annotated[list[TargetBody], Field(max_length=200)]


def target(view: TargetView) -> answers.ReplyTarget:
    """Targets of one scope."""
    return {
        "profileId": None if view.channel_id is None else str(view.channel_id),
        "departmentId": None if view.department_id is None else str(view.department_id),
        "firstReplyMinutes": view.first_reply,
        "nextReplyMinutes": view.next_reply,
        "resolutionMinutes": view.resolution,
        "workingHours": view.working_hours,
        "warnPercent": view.warn_percent,
    }


def figures(found: TargetFigures) -> answers.TargetFigures:
    """Clocks of one kind."""
    return {
        "count": found.count,
        "met": found.met,
        "share": None if found.count == 0 else round(found.met / found.count, 4),
        "median": None if found.median is None else found.median / 1000,
        "late": found.late,
    }


def sums(row: TargetRow) -> answers.TargetSums:
    """The three kinds of one group."""
    return {
        "firstReply": figures(row.first_reply),
        "nextReply": figures(row.next_reply),
        "resolution": figures(row.resolution),
    }


def _flat(row: TargetRow) -> dict[str, object]:
    found: dict[str, object] = {"key": row.key, "name": row.name}
    for kind in KINDS:
        found |= {f"{kind}_{name}": value for name, value in figures(getattr(row, kind)).items()}
    return found


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    service = core.reply_targets
    Reader = Annotated[Principal, Depends(context.allow("workspace:read"))]
    Writer = Annotated[Principal, Depends(context.allow("workspace:write"))]
    Reporter = Annotated[Principal, Depends(context.allow("usage:read"))]
    tags: list[Any] = ["Reply targets"]

    @app.get("/reply-targets", tags=tags, summary="List the reply targets")
    async def list_reply_targets(caller: Reader) -> Ok[list[answers.ReplyTarget]]:
        """Those of the department of whoever has a chat hold; else those of its profile; else those of the workspace."""
        return ok([target(one) for one in await service.targets(caller.workspace_id)])

    @app.put("/reply-targets", tags=tags, summary="Set the reply targets")
    async def set_reply_targets(body: TargetsBody, caller: Writer, request: Request) -> Ok[list[answers.ReplyTarget]]:
        """All of them. They hold for what is written from now on; clocks that run keep their times. An empty list switches
        targets off."""
        given = [one.parsed() for one in body.targets]
        found = await service.put(caller.workspace_id, given, by=caller, ip=context.ip(request))
        return ok([target(one) for one in found])

    async def report_of(caller: Principal, by: str, span: Span, zone: str, profile_id: str | None) -> TargetSums:
        return await service.report(
            caller.workspace_id,
            by=CORE_NAMES.get(by, by),
            since=span.since,
            until=span.until,
            zone=zone,
            channel_id=channel_of(caller, profile_id),
        )

    @app.get(
        "/usage/reply-targets/export",
        tags=["Usage"],
        summary="Export how reply targets were met",
        responses=TABLES,
        response_class=Response,
    )
    async def export_reply_target_report(
        caller: Reporter,
        by: ResponsesBy = "day",
        since: Since = None,
        until: Until = None,
        zone: Zone = None,
        profile_id: ProfileId = None,
        format: Format = "csv",
    ) -> Response:
        """The rows of the report as a file. `median` is seconds, and empty where there was none."""
        span = await span_of(context, caller, since, until)
        place = zone or await core.accounts.timezone(caller.workspace_id)
        found = await report_of(caller, by, span, place, profile_id)
        return exported(f"reply-targets-by-{by}", format, COLUMNS, map(_flat, found.rows))

    @app.get("/usage/reply-targets", tags=["Usage"], summary="How reply targets were met")
    async def get_reply_target_report(
        caller: Reporter,
        by: ResponsesBy = "day",
        since: Since = None,
        until: Until = None,
        zone: Zone = None,
        profile_id: ProfileId = None,
    ) -> Ok[answers.TargetReport]:
        """Clocks that had a target and have ended, by when they began: how many, how many in time, and the median of the time
        that counted in seconds; `late` ones run on after their time. By day (of `zone`), agent, team (the member's
        department) or profile (or `channel`, the same). Chats that were set done without a reply are left out."""
        span = await span_of(context, caller, since, until)
        place = zone or await core.accounts.timezone(caller.workspace_id)
        found = await report_of(caller, by, span, place, profile_id)
        return ok(
            {
                "by": by,
                "from": iso(span.since),
                "until": iso(span.until),
                "zone": place,
                "rows": [{"key": row.key, "name": row.name, **sums(row)} for row in found.rows],
                "sum": sums(found.sum),
            }
        )
