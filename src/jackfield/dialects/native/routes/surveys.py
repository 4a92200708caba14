"""The survey after a chat is done, and what people answered."""

from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query, Request, Response
from pydantic import Field

from jackfield.core import Principal, SurveyAnswerView, SurveyFigures, SurveySums, SurveyView

from ..._kit import Str, Wire
from .. import answers
from ..context import Context, Cursor, example
from ..envelope import Ok, Paged, iso, ok, paged
from ..files import TABLES, Format, exported
from .reports import CORE_NAMES, ProfileId, ResponsesBy, Since, Span, Until, Zone, channel_of, span_of

COLUMNS = ("key", "name", "asked", "answered", "answeredShare", "average", "content", "contentShare", "comments")


class SurveyBody(Wire):
    """What is asked after a chat is done; what is left out is as a new survey has it."""

    model_config = example(enabled=True, scale="stars", text="How was our service?", thanks="Thank you!")

    enabled: bool
    scale: Annotated[Literal["stars", "thumbs"], Field(description="1 to 5, or thumbs up (5) and down (1).")] = "stars"
    text: Annotated[Str, Field(min_length=1, max_length=500)] = SurveyView().text
    thanks: Annotated[Str, Field(max_length=500, description="Said to an answer; empty: nothing.")] = (
        SurveyView().thanks
    )
    comment_text: Annotated[
        Str, Field(alias="commentText", max_length=500, description="Asked after a low rating; empty: never.")
    ] = SurveyView().comment_text
    low_rating: Annotated[int, Field(alias="lowRating", ge=1, le=4, description="Up to this a rating is low.")] = (
        SurveyView().low_rating
    )
    rest_days: Annotated[
        int, Field(alias="restDays", ge=0, le=365, description="The same person is not asked again within these.")
    ] = SurveyView().rest_days
    answer_hours: Annotated[int, Field(alias="answerHours", ge=1, le=720, description="How long an answer counts.")] = (
        SurveyView().answer_hours
    )


def survey(view: SurveyView) -> answers.Survey:
    """What is asked."""
    return {
        "enabled": view.enabled,
        "scale": view.scale,
        "text": view.text,
        "thanks": view.thanks,
        "commentText": view.comment_text,
        "lowRating": view.low_rating,
        "restDays": view.rest_days,
        "answerHours": view.answer_hours,
    }


def answered(view: SurveyAnswerView) -> answers.SurveyRating:
    """A rating."""
    return {
        "id": str(view.id),
        "chatId": str(view.chat_id),
        "profileId": str(view.channel_id),
        "contactId": str(view.contact_id),
        "contactName": view.contact_name,
        "memberId": None if view.member_id is None else str(view.member_id),
        "departmentId": None if view.department_id is None else str(view.department_id),
        "scale": view.scale,
        "rating": view.rating,
        "comment": view.comment,
        "answeredAt": iso(view.answered_at),
    }


def figures(found: SurveyFigures) -> answers.SurveyFigures:
    """Counts and shares."""
    return {
        "asked": found.asked,
        "answered": found.answered,
        "answeredShare": round(found.answered / found.asked, 4) if found.asked else None,
        "average": found.average,
        "content": found.content,
        "contentShare": round(found.content / found.answered, 4) if found.answered else None,
        "comments": found.comments,
    }


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    service = core.surveys
    Reader = Annotated[Principal, Depends(context.allow("workspace:read"))]
    Writer = Annotated[Principal, Depends(context.allow("workspace:write"))]
    Reporter = Annotated[Principal, Depends(context.allow("usage:read"))]
    tags: list[Any] = ["Survey"]

    @app.get("/survey", tags=tags, summary="Get the survey")
    async def get_survey(caller: Reader) -> Ok[answers.Survey]:
        """What people are asked after a chat is done. It is off until it is switched on."""
        return ok(survey(await service.get(caller.workspace_id)))

    @app.put("/survey", tags=tags, summary="Set the survey")
    async def set_survey(body: SurveyBody, caller: Writer, request: Request) -> Ok[answers.Survey]:
        """Asked is within the 24-hour window, once for each chat that is done, whoever was answered by a person and has not
        refused marketing."""
        given = SurveyView(**body.model_dump())
        return ok(survey(await service.put(caller.workspace_id, given, by=caller, ip=context.ip(request))))

    @app.get("/survey/answers", tags=tags, summary="List answers to the survey")
    async def list_survey_answers(
        caller: Reporter,
        paging: Cursor,
        commented: Annotated[bool, Query(description="Only those with a comment.")] = False,
        profile_id: ProfileId = None,
    ) -> Paged[answers.SurveyRating]:
        """Ratings, newest first."""
        page = await service.answers(
            caller.workspace_id,
            commented=commented,
            channel_id=channel_of(caller, profile_id),
            limit=paging.limit,
            cursor=paging.cursor,
        )
        return paged(page, [answered(one) for one in page.items])

    async def report_of(caller: Principal, by: str, span: Span, zone: str, profile_id: str | None) -> SurveySums:
        return await service.report(
            caller.workspace_id,
            by=CORE_NAMES.get(by, by),
            since=span.since,
            until=span.until,
            zone=zone,
            channel_id=channel_of(caller, profile_id),
        )

    @app.get(
        "/usage/survey/export",
        tags=["Usage"],
        summary="Export what people answered",
        responses=TABLES,
        response_class=Response,
    )
    async def export_survey_report(
        caller: Reporter,
        by: ResponsesBy = "day",
        since: Since = None,
        until: Until = None,
        zone: Zone = None,
        profile_id: ProfileId = None,
        format: Format = "csv",
    ) -> Response:
        """The rows of the report as a file."""
        span = await span_of(context, caller, since, until)
        place = zone or await core.accounts.timezone(caller.workspace_id)
        found = await report_of(caller, by, span, place, profile_id)
        rows = [{"key": row.key, "name": row.name, **figures(row.figures)} for row in found.rows]
        return exported(f"survey-by-{by}", format, COLUMNS, rows)

    @app.get("/usage/survey", tags=["Usage"], summary="What people answered")
    async def get_survey_report(
        caller: Reporter,
        by: ResponsesBy = "day",
        since: Since = None,
        until: Until = None,
        zone: Zone = None,
        profile_id: ProfileId = None,
    ) -> Ok[answers.SurveyReport]:
        """Surveys by when they were sent: how many were asked and answered, the average, and how many are content (4 or 5). By
        day (of `zone`), agent (who had the chat), team (the member's department) or profile (or `channel`, the same)."""
        span = await span_of(context, caller, since, until)
        place = zone or await core.accounts.timezone(caller.workspace_id)
        found = await report_of(caller, by, span, place, profile_id)
        return ok(
            {
                "by": by,
                "from": iso(span.since),
                "until": iso(span.until),
                "zone": place,
                "rows": [{"key": row.key, "name": row.name, **figures(row.figures)} for row in found.rows],
                "sum": figures(found.sum),
            }
        )
