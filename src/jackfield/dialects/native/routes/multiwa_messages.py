"""Messages as MultiWA's specification 1.0.0 has them beyond its client: read marks, taking back, schedules, a profile's list.

Other names for calls of this API; docs/dialects/native.md lists them.
"""

from typing import Annotated, Any, Literal

import msgspec
from fastapi import Depends, FastAPI, Query, Request
from pydantic import Field

from jackfield.core import ChannelView, Filter, MessageView, NotFound, Principal, must_lie_ahead, states

from ..._jids import to_jid
from ..._kit import Filled, Str, Wire, parse_id
from ..._strict import told_as
from .. import answers, multiwa
from ..checks import invalid
from ..context import Context, Pages
from ..envelope import Ok, ok, paged
from ..sending import send
from ..times import planned
from .schedules import ScheduleBody

Address = Annotated[Filled, Field(max_length=200)]
DIRECTIONS = {"incoming": "in", "outgoing": "out"}


class ChatBody(Wire):
    """A chat of a profile."""

    profile_id: Annotated[Str | int, Field(alias="profileId")]
    chat_id: Annotated[Address, Field(alias="chatId")]


class ReadBody(ChatBody):
    """Which messages were read; the whole chat where none are named."""

    message_ids: Annotated[list[Address] | None, Field(alias="messageIds", min_length=1, max_length=200)] = None


class TakeBackBody(ChatBody):
    """The message to be taken back."""

    message_id: Annotated[Address, Field(alias="messageId")]


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    _chats(app, context)
    _schedules(app, context)
    _lists(app, context)


def _chats(app: FastAPI, context: Context) -> None:
    core = context.core
    Chats = Annotated[Principal, Depends(context.allow("chats:write"))]
    Writer = Annotated[Principal, Depends(context.allow("messages:write"))]

    async def place(caller: Principal, body: ChatBody) -> tuple[ChannelView, str]:
        channel = await context.channel(caller, body.profile_id)
        with told_as("chatId"):
            return channel, core.networks.parse(channel.engine, body.chat_id)[0]

    async def message(channel: ChannelView, peer: str, field: str, given: str) -> MessageView:
        row = await core.messages.find(channel.workspace_id, channel.id, given)
        if row is None:
            raise NotFound(f"{field}: there is no message {given[:80]} on this profile.", code="MESSAGE_NOT_FOUND")
        if row.peer != peer:
            raise invalid(field, "Is a message of another chat.")
        return row

    @app.post("/messages/mark-read", include_in_schema=False)
    async def mark_read(body: ReadBody, caller: Chats) -> Ok[Any]:
        """Read receipts for some messages, or for all that is unread in a chat."""
        channel, peer = await place(caller, body)
        if body.message_ids is None:
            view = await core.chats.chat_by_peer(caller.workspace_id, channel.id, peer)
            if view is None:
                raise NotFound(f"There is no chat {body.chat_id[:40]}.", code="CHAT_NOT_FOUND")
            await core.chats.mark_read(caller.workspace_id, view.chat.id)
        else:
            named = enumerate(body.message_ids)
            rows = [await message(channel, peer, f"messageIds.{place}", given) for place, given in named]
            for row in rows:
                await context.actions.read(caller.workspace_id, row.id)
        shown = {"chatId": to_jid(peer), "messageIds": body.message_ids}
        return ok(shown, beside=shown)

    @app.post("/messages/delete-for-everyone", include_in_schema=False)
    async def delete_for_everyone(body: TakeBackBody, caller: Writer) -> Ok[Any]:
        """Take a message of ours back on the other side's phone too."""
        channel, peer = await place(caller, body)
        row = await message(channel, peer, "messageId", body.message_id)
        await context.actions.delete(caller.workspace_id, row.id)
        shown = {"chatId": to_jid(peer), "messageId": body.message_id}
        return ok(shown, beside=shown)


def _schedules(app: FastAPI, context: Context) -> None:
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("messages:read"))]
    Writer = Annotated[Principal, Depends(context.allow("messages:write"))]

    @app.post("/messages/schedule", include_in_schema=False)
    async def schedule_message(body: ScheduleBody, request: Request, caller: Writer) -> Ok[answers.Accepted]:
        """A message that goes out later."""
        channel = await context.channel(caller, body.profile_id)
        content = await body.written(context, channel)
        must_lie_ahead(await planned(core, caller.workspace_id, "scheduledAt", body.scheduled_at))
        answer = await send(context, caller, request, body, content, channel=channel, require_time=True)
        row = await core.messages.get(caller.workspace_id, int(msgspec.json.decode(answer.body)["data"]["id"]))
        shown = multiwa.scheduled(row)
        return ok(msgspec.json.decode(answer.body)["data"], 201, beside=shown)

    @app.get("/messages/schedule/{profileId}", include_in_schema=False)
    async def list_scheduled_messages(
        profileId: str, caller: Reader, status: Annotated[Literal["pending"] | None, Query()] = None
    ) -> Ok[Any]:
        """Those that wait for their time, the next first; at most 200."""
        channel = await context.channel(caller, profileId)
        page = await core.messages.scheduled(caller.workspace_id, channel_id=channel.id, limit=200)
        return ok([multiwa.scheduled(row) for row in page.items])

    @app.delete("/messages/schedule/{id}", include_in_schema=False)
    async def cancel_scheduled_message(id: str, caller: Writer) -> Ok[Any]:
        """It will not go out."""
        row = await core.messages.get(caller.workspace_id, parse_id(id, "schedule", "SCHEDULE_NOT_FOUND"))
        caller.channel(row.channel_id)
        if row.state != states.CANCELLED:
            if row.state != states.SCHEDULED or row.campaign_id:
                raise NotFound(f"There is no schedule {id}.", code="SCHEDULE_NOT_FOUND")
            row = await core.messages.cancel(caller.workspace_id, row.id)
        shown = multiwa.scheduled(row)
        return ok(shown, beside=shown)


def _lists(app: FastAPI, context: Context) -> None:
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("messages:read"))]

    @app.get("/messages/profile/{profileId}", include_in_schema=False)
    async def list_messages_of_profile(
        profileId: str,
        caller: Reader,
        paging: Pages,
        type_: Annotated[str | None, Query(alias="type", max_length=30)] = None,
        direction: Literal["incoming", "outgoing"] | None = None,
    ) -> Ok[Any]:
        """Messages of a profile, the newest first."""
        channel = await context.channel(caller, profileId)
        paging = multiwa.counted(paging)
        page = await core.messages.list(
            caller.workspace_id,
            Filter(channel_id=channel.id, kind=type_, direction=DIRECTIONS[direction] if direction else None),
            **msgspec.structs.asdict(paging),
        )
        return paged(page, [multiwa.message(row) for row in page.items], beside=multiwa.listed(paging, page))
