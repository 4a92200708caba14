"""The shared inbox: chat rooms, their messages, who deals with them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from jackfield.core import ChannelView, ChatChanges, ChatFilter, ContactView, MessageView, NotFound, states

from ..._kit import parse_id
from ..._openapi import Answer
from .. import answers, shapes
from ..context import Caller, Context, addresses_on
from ..fields import PAGING, example
from ..form import Form
from ..wire import ok
from .contacts import paging

MOST_CHATS = 20
"""Conversations of one contact (one per channel) whose messages are shown together."""

ROOM = ("chat_room_id", "conversation_id")
STAFF = ("staff_id", "user_id", "member_id", "assignee_id")


def register(router: APIRouter, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Caller, Depends(context.allow("chats:read"))]
    Writer = Annotated[Caller, Depends(context.allow("chats:write"))]
    Listed = Annotated[Form, Depends(context.fields(*PAGING))]
    AssignFields = Annotated[Form, Depends(context.fields(*ROOM, "contact_id", *STAFF))]

    async def rooms(caller: Caller, form: Form, *, people: bool) -> Answer[Any]:
        number, size = paging(form)
        page = await core.chats.chats(
            caller.workspace_id,
            ChatFilter(channel_id=caller.channel_id, kind="private" if people else None),
            limit=size,
            page=number,
        )
        channels = {row.id: row for row in await core.channels.list(caller.workspace_id)}
        shown = [
            shapes.chat_room(view, context.type_of(channels.get(view.chat.channel_id)), caller.zone)
            for view in page.items
        ]
        if not people:
            return ok({"chat_rooms": shown, **shapes.pages(page, number, size)})
        rows = [{**room, "id": room["contact_id"], "chat_room_id": room["id"]} for room in shown if room["contact_id"]]
        return ok({"contacts": rows, **shapes.pages(page, number, size)})

    async def places(caller: Caller, contact: ContactView) -> dict[tuple[int, str], int | None]:
        """Where there may be messages with a contact, by channel and address, with the chat's id where there is one: a
        campaign's message makes no chat until it is answered."""
        chats = await core.chats.of_contact(caller.workspace_id, contact.id, channel_id=caller.channel_id)
        found: dict[tuple[int, str], int | None] = {(chat.channel_id, chat.peer): chat.id for chat in chats}
        for channel in await core.channels.list(caller.workspace_id):
            if caller.channel_id in (None, channel.id):
                for address in addresses_on(core.networks.of(channel.engine), contact):
                    found.setdefault((channel.id, address), None)
        return dict(list(found.items())[:MOST_CHATS])

    @router.get("/chat-rooms", tags=["Inbox"], summary="Chat rooms")
    async def list_chat_rooms(caller: Reader, form: Listed) -> Answer[answers.ChatRooms]:
        """Conversations on all channels, the most recent first."""
        return await rooms(caller, form, people=False)

    @router.get("/contacts-by-client", tags=["Inbox"], summary="Contacts for the chat")
    async def list_chat_contacts(caller: Reader, form: Listed) -> Answer[answers.ChatContacts]:
        """The contacts one talks with, the most recent first, each with its chat room; `id` is the contact's."""
        return await rooms(caller, form, people=True)

    @router.get("/message/{chat_room_id}", tags=["Inbox"], summary="Messages of a chat room")
    async def list_chat_room_messages(chat_room_id: str, caller: Reader, form: Listed) -> Answer[answers.RoomMessages]:
        """A page of messages, earliest first; the first page holds the latest."""
        number, size = paging(form)
        view = await core.chats.chat(caller.workspace_id, parse_id(chat_room_id, "chat room", "CHAT_NOT_FOUND"))
        if caller.channel_id not in (None, view.chat.channel_id):
            raise NotFound(f"There is no chat room {view.chat.id}.", code="CHAT_NOT_FOUND")
        chat = view.chat
        page = await core.chats.history(caller.workspace_id, chat.channel_id, chat.peer, limit=size, page=number)
        channel = await core.channels.get(caller.workspace_id, chat.channel_id)
        return ok(
            {
                "chat_room": shapes.chat_room(view, context.type_of(channel), caller.zone),
                "messages": [shapes.message(row, caller.zone, chat.id) for row in reversed(page.items)],
                **shapes.pages(page, number, size),
            }
        )

    @router.get("/contact-messages/{contactId}", tags=["Inbox"], summary="Messages of a contact")
    async def list_contact_messages(contactId: str, caller: Reader, form: Listed) -> Answer[answers.ContactMessages]:
        """A page of messages with a contact on all channels, earliest first; the first page holds the latest."""
        number, size = paging(form)
        contact = await core.contacts.get(caller.workspace_id, parse_id(contactId, "contact", "CONTACT_NOT_FOUND"))
        wanted = min(number * size, 5000)
        rows: list[tuple[MessageView, int | None]] = []
        for (channel_id, peer), chat_id in (await places(caller, contact)).items():
            cursor: str | None = None
            taken = 0
            while taken < wanted + 1:
                page = await core.chats.history(caller.workspace_id, channel_id, peer, limit=200, cursor=cursor)
                rows += [(row, chat_id) for row in page.items]
                taken += len(page.items)
                cursor = page.cursor
                if cursor is None:
                    break
        rows.sort(key=lambda pair: pair[0].id, reverse=True)
        shown = rows[(number - 1) * size : number * size]
        return ok(
            {
                "contact": shapes.contact(contact, caller.zone, caller.language),
                "messages": [shapes.message(row, caller.zone, chat_id) for row, chat_id in reversed(shown)],
                "current_page": number,
                "per_page": size,
                "has_more": len(rows) > number * size,
                "total": None,
                "last_page": None,
            }
        )

    @router.post(
        "/assign-staff",
        tags=["Inbox"],
        summary="Assign a conversation",
        openapi_extra=example("staff_id", "contact_id", "chat_room_id", required=1),
    )
    async def assign_staff(caller: Writer, form: AssignFields) -> Answer[answers.Assignment]:
        """The conversations of `contact_id`, or the one of `chat_room_id`, go to `staff_id`; 0 takes them away. Where none
        has begun, the contact's chat room is made."""
        room = form.id(*ROOM, required=False)
        contact = None
        if form.raw("contact_id") is not None or (room is None and not form.failed("chat_room_id")):
            contact = await context.contact(caller, form, "contact_id")
        given = form.raw(*STAFF)
        staff = None if str(given) == "0" else form.id(*STAFF)
        if staff is not None:
            try:
                await core.accounts.member(caller.workspace_id, staff)
            except NotFound:
                form.fail("staff_id", "The selected staff id is invalid.")
        form.check()
        ids: list[int] = []
        begun: tuple[ChannelView, str] | None = None
        if room is not None:
            try:
                view = await core.chats.chat(caller.workspace_id, room)
                ids = [view.chat.id] if caller.channel_id in (None, view.chat.channel_id) else []
            except NotFound:
                pass
            if not ids:
                form.fail("chat_room_id", "The selected chat room id is invalid.")
            elif contact is not None and view.chat.contact_id != contact.id:
                form.fail("contact_id", "The chat room is another contact's; give one of the two.")
        elif contact is not None:
            chats = await core.chats.of_contact(caller.workspace_id, contact.id, channel_id=caller.channel_id)
            ids = [chat.id for chat in chats]
            if not ids:
                begun = await context.route(caller, form, contact, "contact_id")
        form.check()
        async with core.transaction():
            if begun is not None and contact is not None:
                channel, peer = begun
                ids = [await core.chats.begin(caller.workspace_id, channel.id, peer, contact_id=contact.id)]
            for id_ in ids:
                view = await core.chats.update_chat(caller.workspace_id, id_, ChatChanges(assignee_id=staff))
        channel = await core.channels.get(caller.workspace_id, view.chat.channel_id)
        return ok(
            {
                "staff_id": staff,
                "chat_room_ids": ids,
                "chat_room": shapes.chat_room(view, context.type_of(channel), caller.zone),
            },
            "staff_assigned_successfully",
        )

    @router.delete("/chat/delete/{message_id}", tags=["Inbox"], summary="Delete a message")
    async def delete_message(message_id: str, caller: Writer) -> Answer[answers.DeletedMessage]:
        """Take one message out of the inbox; one that has not gone out yet is cancelled too."""
        row = await core.messages.get(caller.workspace_id, parse_id(message_id, "message", "MESSAGE_NOT_FOUND"))
        if caller.channel_id not in (None, row.channel_id):
            raise NotFound(f"There is no message {row.id}.", code="MESSAGE_NOT_FOUND")
        async with core.transaction():
            if row.state in (states.SCHEDULED, states.QUEUED):
                await core.messages.cancel(caller.workspace_id, row.id)
            await core.chats.hide(caller.workspace_id, row.id)
        return ok({"id": row.id}, "message_deleted_successfully")

    @router.get("/chat/clear/{contact_id}", tags=["Inbox"], summary="Clear a chat")
    async def clear_chat(contact_id: str, caller: Writer) -> Answer[answers.ClearedChat]:
        """Hide all messages with a contact up to now; the ledger keeps them for reports."""
        contact = await core.contacts.get(caller.workspace_id, parse_id(contact_id, "contact", "CONTACT_NOT_FOUND"))
        ids = []
        async with core.transaction():
            for (channel_id, peer), chat_id in (await places(caller, contact)).items():
                if chat_id is None:
                    page = await core.chats.history(caller.workspace_id, channel_id, peer, limit=1)
                    if not page.items:
                        continue
                    chat_id = await core.chats.begin(caller.workspace_id, channel_id, peer, contact_id=contact.id)
                await core.chats.clear(caller.workspace_id, chat_id)
                ids.append(chat_id)
        return ok({"contact_id": contact.id, "chat_room_ids": ids}, "chat_cleared_successfully")
