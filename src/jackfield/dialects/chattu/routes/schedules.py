"""Scheduled messages: plan, list, cancel. Times are UTC."""

from typing import Annotated

from fastapi import Depends, FastAPI, Request

from jackfield.core import NotFound, Principal, Submission, Text, states

from ..._kit import parse_id
from ..._openapi import Answer
from .. import answers, convert
from ..context import Context
from ..wire import MAX_TEXT, body_of, named, ok, text, time_ahead
from .session import example

SCHEDULE = "schedule"
"""`source` of messages that somebody planned ahead."""


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Writer = Annotated[Principal, Depends(context.by_either("messages:write"))]
    Canceller = Annotated[Principal, Depends(context.by_either("messages:write", limit="delete-schedule"))]
    Reader = Annotated[Principal, Depends(context.by_either("messages:read"))]

    @app.post(
        "/schedule-message",
        tags=["Schedules"],
        summary="Schedule a message",
        openapi_extra=example(
            {
                "clientId": "client-id",
                "number": "9721234567",
                "message": "Scheduled hello",
                "scheduleTime": "2025-10-06T18:30:00Z",
            }
        ),
    )
    async def schedule_message(request: Request, caller: Writer) -> Answer[answers.Scheduled]:
        """Send a text at a time given in UTC."""
        data = await body_of(request, context.options.max_body, "clientId", "number", "message", "scheduleTime")
        channel_id = text(data, "clientId", maximum=100)
        number = text(data, "number", maximum=100)
        message = text(data, "message", maximum=MAX_TEXT)
        due_at = time_ahead("scheduleTime", text(data, "scheduleTime", maximum=60))
        channel = await context.client(caller, channel_id)
        with named("number"):
            peer, kind = core.networks.parse(channel.engine, number)
        accepted = await core.messages.submit(
            Submission(
                workspace_id=channel.workspace_id,
                channel_id=channel.id,
                peer=peer,
                chat_kind=kind,
                content=Text(text=message),
                due_at=due_at,
                source=SCHEDULE,
            )
        )
        row = await core.messages.get(caller.workspace_id, accepted.id)
        return ok(
            {
                "success": True,
                "status": "success",
                "message": "Message scheduled.",
                "id": row.id,
                "schedule": convert.schedule(row, channel),
            }
        )

    @app.get("/scheduled-messages", tags=["Schedules"], summary="Scheduled messages")
    async def list_scheduled_messages(caller: Reader) -> Answer[list[answers.Schedule]]:
        """What was scheduled and what became of it, newest first."""
        channels = {row.id: row for row in await context.clients(caller)}
        rows = await core.messages.planned(caller.workspace_id, channel_id=caller.channel_id)
        return ok([convert.schedule(row, channels[row.channel_id]) for row in rows if row.channel_id in channels])

    @app.delete("/scheduled-messages/{id}", tags=["Schedules"], summary="Cancel a scheduled message")
    async def cancel_scheduled_message(id: str, caller: Canceller) -> Answer[answers.Told]:
        """Cancel one that has not gone out."""
        missing = NotFound("Scheduled message not found.", code="SCHEDULE_NOT_FOUND")
        try:
            row = await core.messages.get(caller.workspace_id, parse_id(id, "scheduled message"))
        except NotFound:
            raise missing from None
        foreign = caller.channel_id is not None and row.channel_id != caller.channel_id
        if foreign or (row.source != SCHEDULE and row.state != states.SCHEDULED):
            raise missing
        await core.messages.cancel(caller.workspace_id, row.id)
        return ok({"message": "Schedule cancelled."})
