"""Messages to single people, and the lists of what went out and came in."""

from typing import Annotated

from fastapi import Depends, FastAPI, Request

from jackfield.core import Invalid, Principal

from ..._openapi import Answer
from .. import answers, convert
from ..context import Context
from ..wire import MAX_TEXT, body_of, client_id, named, ok, text
from .session import example


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Writer = Annotated[Principal, Depends(context.by_key("messages:write"))]
    Reader = Annotated[Principal, Depends(context.by_key("messages:read"))]

    @app.post(
        "/api/send-message",
        tags=["Messages"],
        summary="Send a message",
        openapi_extra=example(
            {
                "clientId": "client-id",
                "number": "12345678901",
                "message": "Hey! Its a test message",
                "mediaUrl": "https://example.com/image.jpg",
            },
            required=2,
        ),
    )
    async def send_message(request: Request, caller: Writer) -> Answer[answers.Sent]:
        """Send a text, or a file by its link with the text as its caption, to a phone number.

        Answers with the network's message id, or with status `queued` when it does not answer in time.
        """
        data = await body_of(request, context.options.max_body, "clientId", "number", "message", "mediaUrl")
        channel_id = text(data, "clientId", maximum=100)
        number = text(data, "number", maximum=100)
        message = text(data, "message", required=False, maximum=MAX_TEXT)
        url = text(data, "mediaUrl", required=False, maximum=2048)
        channel = await context.client(caller, channel_id)
        with named("number"):
            peer, kind = core.networks.parse(channel.engine, number)
        if kind != "private":
            raise Invalid("number: use /api/send-group-message for groups and channels.", code="INVALID_CHAT_TYPE")
        content = convert.content_of(message, url)
        context.ready(channel)
        await context.within_plan(channel, peer)
        done = await context.send(channel, peer, kind, content)
        return ok(
            {
                "success": True,
                "status": "success" if done.state == "sent" else "queued",
                "message": "Message sent successfully." if done.state == "sent" else "Message queued.",
                "messageId": done.provider_id,
                "id": done.id,
                "clientId": client_id(channel),
                "recipient": peer,
                "timestamp": done.timestamp,
            }
        )

    @app.get("/api/sent-messages", tags=["Messages"], summary="Sent messages")
    async def list_sent_messages(caller: Reader) -> Answer[list[answers.SentMessage]]:
        """The last 100 messages that went out, newest first."""
        channels = {row.id: row for row in await context.clients(caller)}
        rows = await core.messages.sent(caller.workspace_id, channel_id=caller.channel_id)
        return ok([convert.sent_message(row, channels[row.channel_id]) for row in rows if row.channel_id in channels])

    @app.get("/api/received-messages/{clientId}", tags=["Messages"], summary="Received messages")
    async def list_received_messages(clientId: str, caller: Reader) -> Answer[answers.ReceivedMessages]:
        """The last 100 messages that came in at a client, newest first."""
        channel = await context.client(caller, clientId)
        rows = await core.messages.received(caller.workspace_id, channel.id)
        return ok({"status": "success", "messages": [convert.received_message(row, channel) for row in rows]})
