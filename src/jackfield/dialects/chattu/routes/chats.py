"""The chat interface: private chats of a client, their messages and files. All by login."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from jackfield.core import (
    ChannelView,
    ChatFilter,
    ChatView,
    Invalid,
    MediaContent,
    MessageView,
    NotFound,
    Principal,
    Text,
)
from jackfield.core import content as contents

from ..._files import file_response
from ..._openapi import Answer
from .. import answers, convert
from ..context import Context
from ..pictures import Pictures
from ..wire import MAX_TEXT, body_of, clean, invalid, ok, text
from .session import example

FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
    302: {"description": "The file is elsewhere; it was sent by its link."},
}
MOST_CHATS, MOST_MESSAGES, PAGE = 5000, 1000, 200


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    pictures = Pictures(core)
    Chats = Annotated[Principal, Depends(context.by_login("chats:read"))]
    Reader = Annotated[Principal, Depends(context.by_login("messages:read"))]
    Writer = Annotated[Principal, Depends(context.by_login("messages:write"))]
    Marker = Annotated[Principal, Depends(context.by_login("chats:write"))]

    async def find(caller: Principal, client: str, chat: str) -> tuple[ChannelView, str, str]:
        channel = await context.client(caller, client)
        try:
            peer, kind = core.networks.parse(channel.engine, chat)
        except Invalid:
            # Short codes write too, though nobody would take theirs for a number.
            peer = clean("chatId", chat, maximum=200).removesuffix("@c.us")
            view = await core.chats.chat_by_peer(caller.workspace_id, channel.id, peer)
            if view is None:
                raise NotFound("Chat not found.", code="CHAT_NOT_FOUND") from None
            kind = view.chat.kind
        return channel, peer, kind

    @app.get("/api/chats/{clientId}", tags=["Chat"], summary="Private chats")
    async def list_chats(clientId: str, caller: Chats) -> Answer[answers.Chats]:
        """All private chats of a client, the most recent first."""
        channel = await context.client(caller, clientId)
        views: list[ChatView] = []
        cursor: str | None = None
        while len(views) < MOST_CHATS:
            page = await core.chats.chats(
                caller.workspace_id,
                ChatFilter(channel_id=channel.id, kind="private", archived=None),
                limit=PAGE,
                cursor=cursor,
            )
            views += page.items
            cursor = page.cursor
            if cursor is None:
                break
        shown = await pictures.of(channel, [view.chat.peer for view in views])
        return ok({"chats": [convert.chat(view, shown.get(view.chat.peer)) for view in views]})

    @app.get("/api/chats/{clientId}/{chatId}/messages", tags=["Chat"], summary="Messages of a chat")
    async def list_chat_messages(
        clientId: str, chatId: str, caller: Reader, limit: str = "50"
    ) -> Answer[answers.Messages]:
        """The last `limit` messages of a chat, earliest first, with the reactions on them."""
        channel, peer, _ = await find(caller, clientId, chatId)
        given = limit.strip() or "50"
        if not (given.isascii() and given.isdigit() and len(given) < 10 and int(given)):
            raise invalid("limit", "Must be a whole number from 1.")
        maximum = min(int(given), MOST_MESSAGES)
        rows: list[MessageView] = []
        cursor: str | None = None
        left = maximum
        while left > 0:
            page = await core.chats.history(caller.workspace_id, channel.id, peer, limit=min(left, PAGE), cursor=cursor)
            rows += page.items
            # Reactions are rows of the ledger, but no messages of their own here.
            left = maximum - sum(row.kind != "reaction" for row in rows)
            cursor = page.cursor
            if cursor is None:
                break
        return ok({"messages": convert.messages(rows, channel.address)})

    @app.post(
        "/api/chats/{clientId}/{chatId}/send",
        tags=["Chat"],
        summary="Send to a chat",
        openapi_extra=example({"message": "Hello! How can I help you?"}),
    )
    async def send_to_chat(clientId: str, chatId: str, request: Request, caller: Writer) -> Answer[answers.SentToChat]:
        """Send a text to a chat."""
        await context.limit(request, "chat", f"{caller.actor} {context.ip(request)}")
        data = await body_of(request, context.options.max_body, "message")
        message = text(data, "message", maximum=MAX_TEXT)
        channel, peer, kind = await find(caller, clientId, chatId)
        context.ready(channel)
        if kind != "private":
            await core.groups.ensure_writable(channel, peer)
        done = await context.send(channel, peer, kind, Text(text=message))
        return ok(
            {
                "success": True,
                "message": {
                    "id": {"_serialized": done.provider_id},
                    "body": message,
                    "timestamp": done.timestamp,
                },
            }
        )

    @app.post("/api/chats/{clientId}/{chatId}/read", tags=["Chat"], summary="Mark a chat as read")
    async def mark_chat_read(clientId: str, chatId: str, caller: Marker) -> Answer[answers.Succeeded]:
        """Everything in it is read; the other side sees it where the network shows that."""
        channel, peer, _ = await find(caller, clientId, chatId)
        view = await core.chats.chat_by_peer(caller.workspace_id, channel.id, peer)
        if view is None:
            raise NotFound("Chat not found.", code="CHAT_NOT_FOUND")
        await core.chats.mark_read(caller.workspace_id, view.chat.id)
        return ok({"success": True})

    # A message's id may have slashes in it, which clients write as %2F.
    @app.get("/api/chats/{clientId}/media/{messageId:path}", tags=["Chat"], summary="A message's file", responses=FILE)
    async def get_media(clientId: str, messageId: str, caller: Reader) -> Response:
        """The file of a message, as it is."""
        channel = await context.client(caller, clientId)
        row = await core.messages.find(caller.workspace_id, channel.id, messageId)
        content = contents.decode(row.content) if row is not None and row.content else None
        missing = NotFound("Media not found.", code="MEDIA_NOT_FOUND")
        if row is None or not isinstance(content, MediaContent) or "deleted_at" in (row.extra or {}):
            raise missing
        url = content.url or ""
        if url.startswith("media:") and url[6:].isdigit():
            file = await core.media.get(caller.workspace_id, int(url[6:]))
        elif content.media_id:
            found = await core.media.by_provider(caller.workspace_id, content.media_id)
            if found is None:
                raise NotFound("The file is still being fetched; try again.", code="MEDIA_NOT_FOUND")
            file = found
        elif url.startswith(("http://", "https://")):
            # Sent by its link: the file was never ours.
            return RedirectResponse(url, 302)
        else:
            raise missing
        return file_response(core, file, content.filename or file.filename)
