"""Groups and channels: the list, and sending to them by key and by login."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request

from jackfield.core import ChatFilter, ChatView, Invalid, NotFound, Principal, kind_of

from ..._openapi import Answer
from .. import answers, convert
from ..context import Context
from ..wire import MAX_TEXT, body_of, ok, text
from .session import example

MESSAGE = "שלום לכולם! זה הודעה בעברית"


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.by_either("groups:read"))]
    Program = Annotated[Principal, Depends(context.by_key("messages:write", limit="api"))]
    Person = Annotated[Principal, Depends(context.by_login("messages:write"))]

    async def views(workspace_id: int, channel_id: int, kind: str) -> dict[str, ChatView]:
        found: dict[str, ChatView] = {}
        cursor: str | None = None
        while True:
            page = await core.chats.chats(
                workspace_id,
                ChatFilter(channel_id=channel_id, kind=kind, archived=None),
                limit=200,
                cursor=cursor,
            )
            found |= {view.chat.peer: view for view in page.items}
            cursor = page.cursor
            if cursor is None or len(found) >= 5000:
                return found

    @app.get("/api/groups/{clientId}", tags=["Groups"], summary="Groups and channels")
    async def list_groups(clientId: str, caller: Reader) -> Answer[answers.Groups]:
        """Groups and channels of a client apart, the most recent first."""
        channel = await context.client(caller, clientId)
        rows = await core.groups.list(channel)
        chats = {
            **await views(caller.workspace_id, channel.id, "group"),
            **await views(caller.workspace_id, channel.id, "newsletter"),
        }
        shown = [convert.group(row, chats.get(row.address)) for row in rows if row.kind == "group"]
        channels = [convert.newsletter(row, chats.get(row.address)) for row in rows if row.kind == "newsletter"]
        for one in (shown, channels):
            one.sort(key=lambda item: int(item["timestamp"]), reverse=True)
        return ok({"groups": shown, "channels": channels, "total": len(shown) + len(channels)})

    async def send(
        caller: Principal, client: str, group_id: str, data: dict[str, Any], *, delay: bool
    ) -> dict[str, Any]:
        message = text(data, "message", required=False, maximum=MAX_TEXT)
        url = text(data, "mediaUrl", required=False, maximum=2048)
        media_type = text(data, "mediaType", required=False, maximum=40)
        if url and not media_type:
            raise Invalid(
                "mediaType is required when mediaUrl is provided.",
                code="INVALID_REQUEST",
                details={"mediaType": ["Is required."]},
            )
        content = convert.content_of(message, url, media_type or None)
        channel = await context.client(caller, client)
        try:
            address = convert.group_address(group_id)
        except Invalid as error:
            # A person's id is a chat of the wrong kind; so is what is no id at all.
            raise error from None
        try:
            group = await core.groups.ensure_writable(channel, address)
        except NotFound:
            raise NotFound("Group or channel not found.", code="GROUP_NOT_FOUND") from None
        context.ready(channel)
        await context.within_plan(channel, address)
        done = await context.send(channel, address, group.kind, content, delay=delay)
        return {
            "success": True,
            "message": {
                "id": {"_serialized": done.provider_id},
                "body": message,
                "timestamp": done.timestamp,
                "type": convert.type_of(content, kind_of(content)),
            },
            "groupId": group_id,
            "groupName": group.name,
        }

    @app.post(
        "/api/send-group-message",
        tags=["Groups"],
        summary="Send to a group or channel",
        openapi_extra=example(
            {
                "clientId": "client-id",
                "groupId": "120363123456789012@g.us",
                "message": MESSAGE,
                "mediaUrl": "https://example.com/image.jpg",
                "mediaType": "image",
            },
            required=2,
        ),
    )
    async def send_group_message(request: Request, caller: Program) -> Answer[answers.SentToGroup]:
        """Send a text or a file to a group or channel, after a random 2 to 5 s."""
        data = await body_of(
            request, context.options.max_body, "clientId", "groupId", "message", "mediaUrl", "mediaType"
        )
        client = text(data, "clientId", maximum=100)
        group_id = text(data, "groupId", maximum=200)
        return ok(await send(caller, client, group_id, data, delay=True))

    @app.post(
        "/api/groups/{clientId}/{groupId}/send",
        tags=["Groups"],
        summary="Send to a group or channel, by login",
        openapi_extra=example(
            {"message": MESSAGE, "mediaUrl": "https://example.com/image.jpg", "mediaType": "image"}, required=0
        ),
    )
    async def send_to_group(
        clientId: str, groupId: str, request: Request, caller: Person
    ) -> Answer[answers.SentFromChat]:
        """As /api/send-group-message, for people at the chat page: by login, and without the delay."""
        await context.limit(request, "chat", f"{caller.actor} {context.ip(request)}")
        data = await body_of(request, context.options.max_body, "message", "mediaUrl", "mediaType")
        answer = await send(caller, clientId, groupId, data, delay=False)
        return ok({"success": answer["success"], "message": answer["message"]})
