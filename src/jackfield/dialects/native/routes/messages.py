"""Messages: send, list, get, cancel."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request, Response

from jackfield.core import Filter, MessageView, Principal

from ..._kit import whole_id
from .. import shapes
from ..context import Context, Pages, Sort, numbers
from ..envelope import ok, paged
from ..hot import HotText, parse_time
from .sends import EditBody

SEND_BODY: dict[str, Any] = {
    "parameters": [
        {
            "name": "wait",
            "in": "query",
            "schema": {"type": "number", "minimum": 0, "maximum": 60, "default": 0},
            "description": "Seconds to wait for the network's answer; 0: do not wait.",
        }
    ],
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
                        "chatId": {"type": "string", "description": "As `to`."},
                        "text": {"type": "string", "minLength": 1, "maxLength": 65536},
                        "category": {"enum": ["service", "utility", "authentication", "marketing"]},
                        "previewUrl": {"type": "boolean", "default": True},
                        "replyTo": {
                            "type": "string",
                            "description": "Our id, or the provider's, of the message replied to.",
                        },
                        "tag": {"type": "string", "maxLength": 200},
                        "scheduledAt": {"type": "string", "format": "date-time"},
                    },
                },
                "example": {"profileId": "1", "to": "628123456789", "text": "Hello!"},
            }
        },
    },
}


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("messages:read"))]
    Writer = Annotated[Principal, Depends(context.allow("messages:write"))]

    hot = HotText(core, context.options)

    async def find(caller: Principal, given: str) -> MessageView:
        row = await core.messages.get(caller.workspace_id, whole_id(given, "message", "MESSAGE_NOT_FOUND"))
        caller.channel(row.channel_id)
        return row

    async def _peer(caller: Principal, given: str, channel_id: int | None) -> str:
        """An address as the ledger keeps it, which each network does in its own way."""
        if channel_id is None:
            return core.networks.parse_any(given)[0]
        channel = await core.channels.get(caller.workspace_id, channel_id)
        return core.networks.parse(channel.engine, given)[0]

    @app.post("/messages/text", tags=["Messages"], summary="Send text", openapi_extra=SEND_BODY)
    async def send_text(request: Request, caller: Writer) -> Response:
        """Send a text. It is durable when this answers; follow it with `GET /messages/{id}` or a webhook."""
        # Under /api the hot route answers before this app is asked; this is for where the app is mounted elsewhere.
        return await hot(request)

    @app.get("/messages", tags=["Messages"], summary="List messages")
    async def list_messages(
        caller: Reader,
        paging: Pages,
        status: str | None = None,
        profile_id: Annotated[str | None, Query(alias="profileId")] = None,
        campaign_id: Annotated[str | None, Query(alias="campaignId")] = None,
        to: str | None = None,
        tag: str | None = None,
        template: str | None = None,
        direction: Annotated[str | None, Query(pattern="^(in|out)$")] = None,
        since: Annotated[str | None, Query(alias="from", description="ISO 8601")] = None,
        until: str | None = None,
        sort: Sort = "-createdAt",
    ) -> Response:
        """Messages in and out, newest first; `status`, `tag`, `template`, `campaignId`, `to` and times narrow it."""
        channel_id = whole_id(profile_id, "profile", "PROFILE_NOT_FOUND") if profile_id else None
        only = caller.only(channel_id)
        page = await core.messages.list(
            caller.workspace_id,
            Filter(
                channel_id=only,
                campaign_id=whole_id(campaign_id, "campaign", "CAMPAIGN_NOT_FOUND") if campaign_id else None,
                peer=await _peer(caller, to, only) if to else None,
                state=status,
                direction=direction,
                tag=tag,
                template=template,
                since=parse_time("from", since),
                until=parse_time("until", until),
            ),
            **numbers(paging),
            newest_first=sort.startswith("-"),
        )
        return paged(page, [shapes.message(row) for row in page.items])

    @app.get("/messages/{id}", tags=["Messages"], summary="Get a message")
    async def get(id: str, caller: Reader) -> Response:
        """One message with its status, and why it failed if it did."""
        return ok(shapes.message(await find(caller, id)))

    @app.post("/messages/{id}/cancel", tags=["Messages"], summary="Cancel a message")
    async def cancel(id: str, caller: Writer) -> Response:
        """Cancel a message that is scheduled or queued."""
        row = await find(caller, id)
        return ok(shapes.message(await core.messages.cancel(caller.workspace_id, row.id)))

    @app.patch("/messages/{id}", tags=["Messages"], summary="Edit a message")
    @app.put("/messages/{id}", tags=["Messages"], summary="Edit a message", include_in_schema=False)
    async def edit(id: str, body: EditBody, caller: Writer) -> Response:
        """Change what was sent, where the engine can; a message that still waits is changed before it goes out."""
        row = await find(caller, id)
        channel = await core.channels.get(caller.workspace_id, row.channel_id)
        content = await body.written(context, channel)
        core.networks.check(channel.engine, content)
        await core.media.check(caller.workspace_id, [content], caller.channel_id)
        return ok(shapes.message(await context.actions.edit(caller.workspace_id, row.id, content)))

    @app.delete("/messages/{id}", tags=["Messages"], summary="Delete a message for everyone")
    async def delete(id: str, caller: Writer) -> Response:
        """Take a message back on the recipient's phone too; one that still waits is cancelled."""
        row = await find(caller, id)
        row = await context.actions.delete(caller.workspace_id, row.id)
        return ok({**shapes.message(row), "deleted": True})

    @app.post("/messages/{id}/read", tags=["Messages"], summary="Mark a message as read")
    async def read(id: str, caller: Writer) -> Response:
        """Send the peer a read receipt for a message that came in."""
        row = await find(caller, id)
        return ok(shapes.message(await context.actions.read(caller.workspace_id, row.id)))
