"""Schedules: messages that go out later."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request

from jackfield.core import MessageView, NotFound, Principal, must_lie_ahead, states

from ..._kit import parse_id
from .. import answers, shapes
from ..context import Context, Cursor, example
from ..envelope import Ok, Paged, ok, paged
from ..sending import SendBody, send
from ..times import planned
from .sends import Written


class ScheduleBody(Written, SendBody):
    """Any kind of message (`text`, or `type` and `content`), and when it is to go out."""

    model_config = example(
        to="628123456789", type="text", content={"text": "Good morning!"}, scheduledAt="2027-01-01T08:00:00+07:00"
    )


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("messages:read"))]
    Writer = Annotated[Principal, Depends(context.allow("messages:write"))]
    tags: list[Any] = ["Schedules"]

    async def find(caller: Principal, given: str) -> MessageView:
        row = await core.messages.get(caller.workspace_id, parse_id(given, "schedule", "SCHEDULE_NOT_FOUND"))
        caller.channel(row.channel_id)
        if row.direction != "out" or row.campaign_id:
            raise NotFound(f"There is no schedule {given}.", code="SCHEDULE_NOT_FOUND")
        return row

    @app.get("/schedules", tags=tags, summary="List scheduled messages")
    async def list_schedules(
        caller: Reader, paging: Cursor, profile_id: Annotated[str | None, Query(alias="profileId")] = None
    ) -> Paged[answers.Message]:
        """Those that wait for their time, the next first."""
        channel_id = parse_id(profile_id, "profile", "PROFILE_NOT_FOUND") if profile_id else None
        page = await core.messages.scheduled(
            caller.workspace_id, channel_id=caller.only(channel_id), limit=paging.limit, cursor=paging.cursor
        )
        return paged(page, [shapes.message(row) for row in page.items])

    @app.post("/schedules", tags=tags, summary="Schedule a message", status_code=201)
    async def create_schedule(body: ScheduleBody, request: Request, caller: Writer) -> Ok[answers.Accepted]:
        """The message goes out at `scheduledAt`; its id is a message's."""
        channel = await context.channel(caller, body.profile_id)
        content = await body.written(context, channel)
        due = await planned(core, caller.workspace_id, "scheduledAt", body.scheduled_at)
        must_lie_ahead(due)
        response = await send(context, caller, request, body, content, channel=channel, require_time=True)
        response.status_code = 201
        return response

    @app.get("/schedules/{id}", tags=tags, summary="Get a scheduled message")
    async def get_schedule(id: str, caller: Reader) -> Ok[answers.Message]:
        """The message as it is now."""
        return ok(shapes.message(await find(caller, id)))

    @app.post("/schedules/{id}/cancel", tags=tags, summary="Cancel a scheduled message")
    @app.delete("/schedules/{id}", tags=tags, summary="Cancel a scheduled message", name="delete_schedule")
    async def cancel_schedule(id: str, caller: Writer) -> Ok[answers.Message]:
        """It will not go out; cancelling it twice changes nothing."""
        row = await find(caller, id)
        if row.state != states.CANCELLED:
            row = await core.messages.cancel(caller.workspace_id, row.id)
        return ok(shapes.message(row))
