"""Messages: send, list, get, cancel."""

from typing import Annotated

from fastapi import Depends, FastAPI, Query, Request

from jackfield.core import Filter, MessageView, Principal

from ..._kit import parse_id
from .. import answers, multiwa, shapes
from ..context import Context, Pages, Sort, numbers
from ..envelope import Ok, Paged, iso, ok, paged
from ..hot import TextBody
from ..sending import send
from ..times import planned
from .sends import EditBody, Wait


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("messages:read"))]
    Writer = Annotated[Principal, Depends(context.allow("messages:write"))]

    async def find(caller: Principal, given: str) -> MessageView:
        row = await core.messages.get(caller.workspace_id, parse_id(given, "message", "MESSAGE_NOT_FOUND"))
        caller.channel(row.channel_id)
        return row

    async def _peer(caller: Principal, given: str, channel_id: int | None) -> str:
        """An address as the ledger keeps it, which each network does in its own way."""
        if channel_id is None:
            return core.networks.parse_any(given)[0]
        channel = await core.channels.get(caller.workspace_id, channel_id)
        return core.networks.parse(channel.engine, given)[0]

    @app.post("/messages/text", tags=["Messages"], summary="Send text")
    async def send_text(body: TextBody, request: Request, caller: Writer, wait: Wait = 0) -> Ok[answers.Accepted]:
        """Send a text. It is durable when this answers; follow it with `GET /messages/{id}` or a webhook."""
        # Under /api the hot route answers before this app is asked; this is for where the app is mounted elsewhere.
        return await send(context, caller, request, body, body.content(), wait=wait)

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
    ) -> Paged[answers.Message]:
        """Messages in and out, newest first; `status`, `tag`, `template`, `campaignId`, `to` and times narrow it."""
        channel_id = parse_id(profile_id, "profile", "PROFILE_NOT_FOUND") if profile_id else None
        only = caller.only(channel_id)
        page = await core.messages.list(
            caller.workspace_id,
            Filter(
                channel_id=only,
                campaign_id=parse_id(campaign_id, "campaign", "CAMPAIGN_NOT_FOUND") if campaign_id else None,
                peer=await _peer(caller, to, only) if to else None,
                state=status,
                direction=direction,
                tag=tag,
                template=template,
                since=await planned(core, caller.workspace_id, "from", since),
                until=await planned(core, caller.workspace_id, "until", until),
            ),
            **numbers(paging),
            newest_first=sort.startswith("-"),
        )
        return paged(page, [shapes.message(row) for row in page.items])

    @app.get("/messages/{id}", tags=["Messages"], summary="Get a message")
    async def get_message(id: str, caller: Reader) -> Ok[answers.Message]:
        """One message with its status, and why it failed if it did."""
        row = await find(caller, id)
        return ok(shapes.message(row), beside=multiwa.message(row))

    @app.get("/messages/{id}/raw", tags=["Messages"], summary="Get a message as the network sent it")
    async def get_raw_message(id: str, caller: Reader) -> Ok[list[answers.RawPayload]]:
        """An incoming message, and its edits and deletion, as the network sent them, oldest first. They are kept for
        JACKFIELD_RAW_RETENTION_DAYS; after that, and for messages of ours, the list is empty."""
        row = await find(caller, id)
        return ok(
            [
                {"kind": one.kind, "payload": one.payload, "receivedAt": iso(one.created_at)}
                for one in await core.inbound.raw(row.id)
            ]
        )

    @app.post("/messages/{id}/media", tags=["Messages"], summary="Fetch a message's file again")
    async def fetch_message_file(id: str, caller: Writer) -> Ok[answers.Message]:
        """Fetch the file of an incoming message from the network, where that failed when it came. `content.url` names our
        copy afterwards."""
        row = await find(caller, id)
        await core.incoming_files.fetch(caller.workspace_id, row.id)
        return ok(shapes.message(await find(caller, id)))

    @app.post("/messages/{id}/cancel", tags=["Messages"], summary="Cancel a message")
    async def cancel_message(id: str, caller: Writer) -> Ok[answers.Message]:
        """Cancel a message that is scheduled or queued."""
        row = await find(caller, id)
        return ok(shapes.message(await core.messages.cancel(caller.workspace_id, row.id)))

    @app.patch("/messages/{id}", tags=["Messages"], summary="Edit a message")
    @app.put("/messages/{id}", tags=["Messages"], summary="Edit a message", include_in_schema=False)
    async def edit_message(id: str, body: EditBody, caller: Writer) -> Ok[answers.Message]:
        """Change what was sent, where the engine can; a message that still waits is changed before it goes out."""
        row = await find(caller, id)
        channel = await core.channels.get(caller.workspace_id, row.channel_id)
        content = await body.written(context, channel)
        core.networks.check(channel.engine, content)
        await core.media.check(caller.workspace_id, [content], caller.channel_id)
        return ok(shapes.message(await context.actions.edit(caller.workspace_id, row.id, content)))

    @app.delete("/messages/{id}", tags=["Messages"], summary="Delete a message for everyone")
    async def delete_message(id: str, caller: Writer) -> Ok[answers.DeletedMessage]:
        """Take a message back on the recipient's phone too; one that still waits is cancelled."""
        row = await find(caller, id)
        row = await context.actions.delete(caller.workspace_id, row.id)
        return ok({**shapes.message(row), "deleted": True})

    @app.post("/messages/{id}/read", tags=["Messages"], summary="Mark a message as read")
    async def mark_message_read(id: str, caller: Writer) -> Ok[answers.Message]:
        """Send the peer a read receipt for a message that came in."""
        row = await find(caller, id)
        return ok(shapes.message(await context.actions.read(caller.workspace_id, row.id)))
