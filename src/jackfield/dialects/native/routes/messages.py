"""Messages: send, list, get, cancel."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Response

from jackfield.core.accounts import Principal
from jackfield.core.addresses import parse_peer
from jackfield.core.messages.service import Filter

from ..._kit import whole_id
from .. import shapes
from ..context import Context
from ..envelope import ok, paged
from ..hot import parse_time

SEND_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["to", "text"],
                    "properties": {
                        "profileId": {"type": "string", "description": "The profile; the default one when left out."},
                        "to": {"type": "string", "description": "Number with country code, or a chat id."},
                        "text": {"type": "string", "minLength": 1, "maxLength": 65536},
                        "category": {"enum": ["service", "utility", "authentication", "marketing"]},
                        "previewUrl": {"type": "boolean", "default": True},
                        "replyTo": {"type": "string", "description": "Provider id of the message replied to."},
                        "tag": {"type": "string", "maxLength": 200},
                        "scheduledAt": {"type": "string", "format": "date-time"},
                    },
                },
                "example": {"profileId": "1", "to": "628123456789", "text": "Hello!"},
            }
        },
    }
}


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("messages:read"))]
    Writer = Annotated[Principal, Depends(context.allow("messages:write"))]

    @app.post("/messages/text", tags=["Messages"], summary="Send text", openapi_extra=SEND_BODY)
    async def send_text(caller: Writer) -> Response:
        """Send a text. It is durable when this answers; follow it with `GET /messages/{id}` or a webhook."""
        raise AssertionError("answered by the hot route")

    @app.get("/messages", tags=["Messages"], summary="List messages")
    async def list_messages(
        caller: Reader,
        status: str | None = None,
        profile_id: Annotated[str | None, Query(alias="profileId")] = None,
        campaign_id: Annotated[str | None, Query(alias="campaignId")] = None,
        to: str | None = None,
        tag: str | None = None,
        template: str | None = None,
        direction: Annotated[str | None, Query(pattern="^(in|out)$")] = None,
        since: Annotated[str | None, Query(alias="from", description="ISO 8601")] = None,
        until: str | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: str | None = None,
    ) -> Response:
        """Messages in and out, newest first."""
        channel_id = whole_id(profile_id, "profile", "PROFILE_NOT_FOUND") if profile_id else None
        page = await core.messages.list(
            caller.workspace_id,
            Filter(
                channel_id=caller.only(channel_id),
                campaign_id=whole_id(campaign_id, "campaign", "CAMPAIGN_NOT_FOUND") if campaign_id else None,
                peer=parse_peer(to)[0] if to else None,
                state=status,
                direction=direction,
                tag=tag,
                template=template,
                since=parse_time("from", since),
                until=parse_time("until", until),
            ),
            limit=limit,
            cursor=cursor,
        )
        return paged(page, [shapes.message(row) for row in page.items])

    @app.get("/messages/{id}", tags=["Messages"], summary="Get a message")
    async def get(id: str, caller: Reader) -> Response:
        """One message with its status, and why it failed if it did."""
        row = await core.messages.get(caller.workspace_id, whole_id(id, "message", "MESSAGE_NOT_FOUND"))
        caller.channel(row.channel_id)
        return ok(shapes.message(row))

    @app.post("/messages/{id}/cancel", tags=["Messages"], summary="Cancel a message")
    async def cancel(id: str, caller: Writer) -> Response:
        """Cancel a message that is scheduled or queued."""
        row = await core.messages.get(caller.workspace_id, whole_id(id, "message", "MESSAGE_NOT_FOUND"))
        caller.channel(row.channel_id)
        return ok(shapes.message(await core.messages.cancel(caller.workspace_id, row.id)))
