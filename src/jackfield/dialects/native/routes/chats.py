"""Chats: the shared inbox."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query, Request
from msgspec import UNSET
from pydantic import Field

from jackfield.core import (
    ChatChanges,
    ChatCounts,
    ChatFilter,
    ChatNoteView,
    ChatView,
    Core,
    NotFound,
    Principal,
    now_ms,
)

from ..._jids import to_jid
from ..._kit import Str, Wire, parse_id
from .. import answers, shapes
from ..checks import invalid
from ..context import Context, Pages, example, numbers
from ..envelope import Ok, Paged, deleted, iso, ok, paged
from ..sending import send
from ..times import planned
from ..webhook import target_of
from .sends import ReplyBody, Wait

FILES = ("image", "video", "audio", "document", "sticker", "album")
"""Kinds of messages that are files."""
MAX_MUTE = 253_402_300_799_000
"""The end of the year 9999, in Unix ms: for good."""


class ChatChange(Wire):
    """What to change; fields that are left out stay."""

    model_config = example(archived=True, pinned=False)

    archived: bool | None = None
    pinned: bool | None = None
    muted_until: Annotated[Str | int | None, Field(alias="mutedUntil", description="ISO 8601; null ends it.")] = None
    assignee_id: Annotated[Str | int | None, Field(alias="assigneeId", description="A member; null: nobody.")] = None
    department_id: Annotated[
        Str | int | None, Field(alias="departmentId", description="The team that has it; null: none.")
    ] = None
    status: Annotated[Literal["open", "done"] | None, Field(description="What comes in opens a chat again.")] = None
    snoozed_until: Annotated[Str | int | None, Field(alias="snoozedUntil", description="ISO 8601; null ends it.")] = (
        None
    )


class BulkChatChange(ChatChange):
    """The same change for several chats; `read`: nothing unread in them any more."""

    model_config = example(ids=["1"], status="done", read=True)

    ids: Annotated[list[Str | int], Field(min_length=1, max_length=500, description="Ids of chats.")]
    read: bool = False


class SnoozeBody(Wire):
    """Until when the chat is out of the way; what comes in brings it back at once."""

    model_config = example(until="2027-01-01T08:00:00Z")

    until: Str | int


class AssignBody(Wire):
    """To whom, to which team, or both; null takes it away."""

    model_config = example(assigneeId="1")

    assignee_id: Annotated[Str | int | None, Field(alias="assigneeId")] = None
    department_id: Annotated[Str | int | None, Field(alias="departmentId", description="A department.")] = None


class MuteBody(Wire):
    """Until when; for good without it."""

    model_config = example(until="2027-01-01T00:00:00Z")

    until: Str | int | None = None


class ChatNoteBody(Wire):
    """A note of staff; never sent."""

    model_config = example(text="Wants to be called back.")

    text: Annotated[Str, Field(min_length=1, max_length=10_000)]


def chat(view: ChatView) -> answers.Chat:
    """A chat as lists show it."""
    row, contact = view.chat, view.contact
    return {
        "id": str(row.id),
        "chatId": to_jid(row.peer),
        "profileId": str(row.channel_id),
        "kind": row.kind,
        "name": row.name or (contact.name if contact is not None else None) or row.peer,
        "contactId": str(row.contact_id) if row.contact_id else None,
        "contact": {"id": str(contact.id), "name": contact.name, "phone": contact.phone}
        if contact is not None
        else None,
        "unread": row.unread,
        "archived": row.archived,
        "pinned": row.pinned,
        "mutedUntil": iso(row.muted_until) if row.muted_until > now_ms() else None,
        "status": _status(row.status, row.snoozed_until),
        "snoozedUntil": iso(row.snoozed_until) if row.snoozed_until > now_ms() else None,
        "assigneeId": str(row.assignee_id) if row.assignee_id else None,
        "departmentId": str(row.department_id) if row.department_id else None,
        "windowUntil": iso(row.window_until) if row.window_until else None,
        "windowOpen": row.window_until > now_ms(),
        "target": target_of(row.target_kind, row.target_warn_at, row.target_due_at, now_ms()),
        "lastMessage": shapes.message(view.last) if view.last is not None else None,
        "lastAt": iso(row.last_at) if row.last_at else None,
        "createdAt": iso(row.created_at),
    }


def _status(status: str, snoozed_until: int) -> str:
    return "snoozed" if status == "open" and snoozed_until > now_ms() else status


async def changes_of(core: Core, caller: Principal, body: ChatChange, *, read: bool = False) -> ChatChanges:
    """What a body changes. Raises Invalid, NotFound."""
    given = body.model_fields_set
    until = await planned(core, caller.workspace_id, "mutedUntil", body.muted_until) or 0
    snoozed = await planned(core, caller.workspace_id, "snoozedUntil", body.snoozed_until) or 0
    return ChatChanges(
        archived=body.archived,
        pinned=body.pinned,
        muted_until=until if "muted_until" in given else None,
        assignee_id=member(body.assignee_id) if "assignee_id" in given else UNSET,
        department_id=department(body.department_id) if "department_id" in given else UNSET,
        status=body.status,
        snoozed_until=snoozed if "snoozed_until" in given else None,
        read=read,
    )


def member(given: str | int | None) -> int | None:
    """A member's id; None for nobody."""
    return None if given in (None, "") else parse_id(given, "member", "MEMBER_NOT_FOUND")


def department(given: str | int | None) -> int | None:
    """A department's id; None for none."""
    return None if given in (None, "") else parse_id(given, "department", "DEPARTMENT_NOT_FOUND")


def note(row: ChatNoteView) -> answers.ChatNote:
    """A note inside a chat."""
    return {
        "id": str(row.id),
        "chatId": str(row.chat_id),
        "memberId": str(row.member_id) if row.member_id else None,
        "text": row.text,
        "createdAt": iso(row.created_at),
    }


def counted(counts: ChatCounts) -> answers.ChatFigures:
    """The parts of an inbox."""
    return {
        "all": counts.all,
        "unread": counts.unread,
        "unanswered": counts.unanswered,
        "mine": counts.mine,
        "unassigned": counts.unassigned,
        "team": counts.team,
        "closing": counts.closing,
        "urgent": counts.urgent,
        "missed": counts.missed,
        "snoozed": counts.snoozed,
        "done": counts.done,
        "archived": counts.archived,
    }


def summed(counts: Iterable[ChatCounts]) -> ChatCounts:
    """The sum of the counts of several profiles."""
    given = list(counts)
    names = ChatCounts.__struct_fields__
    return ChatCounts(**{name: sum(getattr(one, name) for one in given) for name in names})


def assignee_of(caller: Principal, given: str | None) -> int | None:
    """The member that a filter means; `me` is the caller. Raises Invalid, NotFound."""
    if given == "none":
        return None
    if given != "me":
        return member(given)
    if caller.member_id is None:
        raise invalid("assigneeId", "An API key is not a member. Log in, or give a member's id.")
    return caller.member_id


def department_filter(caller: Principal, given: str | None) -> dict[str, Any]:
    """Which teams' chats a filter means: `me` is the caller's. Raises Invalid, NotFound."""
    if given in ("none", "me"):
        if given == "me" and caller.member_id is None:
            raise invalid("departmentId", "An API key is not a member. Log in, or give a department's id.")
        return {"teamless": True} if given == "none" else {"department_of": caller.member_id}
    return {"department_id": department(given)}


async def find_chat(context: Context, caller: Principal, given: str) -> ChatView:
    """The chat of an id, or of an address (`chatId`) on the key's profile or the default one. Raises NotFound."""
    core = context.core
    if "@" in given:
        channel = await context.channel(caller)
        found = await core.chats.chat_by_peer(
            caller.workspace_id, channel.id, core.networks.parse(channel.engine, given)[0]
        )
        if found is None:
            raise NotFound(f"There is no chat {given[:40]}.", code="CHAT_NOT_FOUND")
        return found
    view = await core.chats.chat(caller.workspace_id, parse_id(given, "chat", "CHAT_NOT_FOUND"))
    caller.channel(view.chat.channel_id)
    return view


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    notes = core.notes
    Reader = Annotated[Principal, Depends(context.allow("chats:read"))]
    Writer = Annotated[Principal, Depends(context.allow("chats:write"))]
    Sender = Annotated[Principal, Depends(context.allow("messages:write"))]
    tags: list[Any] = ["Chats"]

    async def find(caller: Principal, given: str) -> ChatView:
        return await find_chat(context, caller, given)

    async def change(caller: Principal, given: str, changes: ChatChanges) -> Ok[answers.Chat]:
        view = await find(caller, given)
        return ok(chat(await core.chats.update_chat(caller.workspace_id, view.chat.id, changes)))

    @app.get("/chats", tags=tags, summary="List chats")
    async def list_chats(
        caller: Reader,
        paging: Pages,
        profile_id: Annotated[str | None, Query(alias="profileId")] = None,
        kind: Annotated[str | None, Query(pattern="^(private|group|newsletter)$")] = None,
        archived: Annotated[str, Query(pattern="^(true|false|all)$")] = "false",
        unread: bool = False,
        unanswered: Annotated[bool, Query(description="The last word is the other side's.")] = False,
        closing: Annotated[bool, Query(description="The 24-hour window ends within two hours.")] = False,
        urgent: Annotated[bool, Query(description="A target for a reply or the end is due soon or missed.")] = False,
        missed: Annotated[bool, Query(description="A target for a reply or the end is missed.")] = False,
        status: Annotated[Literal["open", "snoozed", "done"] | None, Query()] = None,
        tag: Annotated[str | None, Query(max_length=100, description="A tag of the contact.")] = None,
        assignee_id: Annotated[
            str | None, Query(alias="assigneeId", description="A member, `me`, or `none`: nobody's.")
        ] = None,
        department_id: Annotated[
            str | None, Query(alias="departmentId", description="A department, `me`: your own, or `none`: no team's.")
        ] = None,
        team: Annotated[str | None, Query(description="As `departmentId`.")] = None,
        q: Annotated[
            str | None, Query(max_length=200, description="In the chat's or contact's name, or number.")
        ] = None,
        search: Annotated[str | None, Query(max_length=200, description="As `q`.")] = None,
    ) -> Paged[answers.Chat]:
        """Chats: pinned ones first, then the most recent; archived ones only when asked. All filters hold together."""
        channel_id = parse_id(profile_id, "profile", "PROFILE_NOT_FOUND") if profile_id else None
        page = await core.chats.chats(
            caller.workspace_id,
            ChatFilter(
                channel_id=caller.only(channel_id),
                kind=kind,
                archived=None if archived == "all" else archived == "true",
                unread=unread,
                unanswered=unanswered,
                unassigned=assignee_id == "none",
                closing=closing,
                urgent=urgent,
                missed=missed,
                assignee_id=assignee_of(caller, assignee_id),
                **department_filter(caller, department_id or team),
                tag=tag,
                status=status,
                search=q or search,
            ),
            pinned_first=True,
            **numbers(paging),
        )
        return paged(page, [chat(view) for view in page.items])

    @app.get("/chats/counts", tags=tags, summary="Count the chats of an inbox")
    async def get_chat_counts(
        caller: Reader, profile_id: Annotated[str | None, Query(alias="profileId")] = None
    ) -> Ok[answers.ChatCounts]:
        """How many chats each part of an inbox has, in all, by profile, and by department (of those that have chats). All
        but `snoozed`, `done` and `archived` count open chats that are not archived; `mine` counts the caller's own, `team`
        those of the caller's department."""
        channel_id = parse_id(profile_id, "profile", "PROFILE_NOT_FOUND") if profile_id else None
        only = caller.only(channel_id)
        found = await core.chats.counts(caller.workspace_id, member_id=caller.member_id, channel_id=only)
        teams = await core.chats.department_counts(caller.workspace_id, channel_id=only)
        profiles: list[answers.ProfileChatCounts] = [
            {"profileId": str(id_), **counted(one)} for id_, one in sorted(found.items())
        ]
        departments: list[answers.DepartmentChatCounts] = [
            {"departmentId": str(id_), **counted(one), "team": 0} for id_, one in sorted(teams.items())
        ]
        return ok({**counted(summed(found.values())), "profiles": profiles, "departments": departments})

    @app.post("/chats/bulk", tags=tags, summary="Change several chats")
    async def update_chats(body: BulkChatChange, caller: Writer) -> Ok[answers.ChatsChanged]:
        """The same change for all of them, or for none when one is not there. No read receipts are sent."""
        ids = [parse_id(one, "chat", "CHAT_NOT_FOUND") for one in body.ids]
        changed = await core.chats.update_chats(
            caller.workspace_id, ids, await changes_of(core, caller, body, read=body.read), channel_id=caller.only(None)
        )
        return ok({"changed": changed})

    @app.get("/chats/{id}", tags=tags, summary="Get a chat")
    async def get_chat(id: str, caller: Reader) -> Ok[answers.Chat]:
        """One chat."""
        return ok(chat(await find(caller, id)))

    @app.patch("/chats/{id}", tags=tags, summary="Archive, pin, mute or assign a chat")
    async def update_chat(id: str, body: ChatChange, caller: Writer) -> Ok[answers.Chat]:
        """Change what is given."""
        return await change(caller, id, await changes_of(core, caller, body))

    @app.get("/chats/{id}/messages", tags=tags, summary="Messages of a chat")
    async def list_chat_messages(
        id: str,
        caller: Reader,
        paging: Pages,
        around: Annotated[str | None, Query(description="A message's id: it is in the middle of the page.")] = None,
        newer_than: Annotated[
            str | None, Query(alias="newerThan", description="A message's id: those that came next after it.")
        ] = None,
    ) -> Paged[answers.Message]:
        """Messages, the newest first; what was cleared is left out. From a page `around` a message, `meta.cursor` leads to
        older ones, and `newerThan` the first of it to newer ones; a page with less than `limit` of these is the last."""
        row = (await find(caller, id)).chat
        near = [name for name, given in (("around", around), ("newerThan", newer_than)) if given is not None]
        if len(near) > 1 or (near and (paging.cursor is not None or paging.total)):
            raise invalid(near[0], "Cannot be combined with another place in the list.")
        page = await core.chats.history(
            caller.workspace_id,
            row.channel_id,
            row.peer,
            around=parse_id(around, "message", "MESSAGE_NOT_FOUND") if around is not None else None,
            newer_than=parse_id(newer_than, "message", "MESSAGE_NOT_FOUND") if newer_than is not None else None,
            **numbers(paging),
        )
        return paged(page, [shapes.message(one) for one in page.items])

    @app.get("/chats/{id}/files", tags=tags, summary="Files of a chat")
    async def list_chat_files(
        id: str,
        caller: Reader,
        paging: Pages,
        type_: Annotated[
            Literal["image", "video", "audio", "document", "sticker", "album"] | None, Query(alias="type")
        ] = None,
    ) -> Paged[answers.Message]:
        """Messages with files, the newest first; `type` chooses one kind."""
        row = (await find(caller, id)).chat
        page = await core.chats.history(
            caller.workspace_id, row.channel_id, row.peer, kinds=FILES if type_ is None else (type_,), **numbers(paging)
        )
        return paged(page, [shapes.message(one) for one in page.items])

    @app.post("/chats/{id}/messages", tags=tags, summary="Write in a chat")
    async def write_in_chat(
        id: str, body: ReplyBody, request: Request, caller: Sender, wait: Wait = 0
    ) -> Ok[answers.Accepted]:
        """Send into this chat: `text`, or `type` and `content`."""
        row = (await find(caller, id)).chat
        channel = await core.channels.get(caller.workspace_id, row.channel_id)
        content = await body.written(context, channel)
        peer = row.peer, row.kind
        return await send(context, caller, request, body, content, wait=wait, channel=channel, peer=peer)

    @app.post("/chats/{id}/read", tags=tags, summary="Mark a chat as read")
    async def mark_chat_read(id: str, caller: Writer) -> Ok[answers.Chat]:
        """Nothing unread here any more; the peer gets read receipts where the engine sends them."""
        view = await find(caller, id)
        return ok(chat(await core.chats.mark_read(caller.workspace_id, view.chat.id)))

    def switch_route(verb: str, summary: str, changes: ChatChanges) -> None:
        @app.post(f"/chats/{{id}}/{verb}", tags=tags, summary=summary, name=f"{verb}_chat")
        async def switch_chat(id: str, caller: Writer) -> Ok[answers.Chat]:
            """Answers with the chat as it is now."""
            return await change(caller, id, changes)

    for verb, summary, changes in (
        ("archive", "Archive a chat", ChatChanges(archived=True)),
        ("unarchive", "Take a chat out of the archive", ChatChanges(archived=False)),
        ("pin", "Pin a chat", ChatChanges(pinned=True)),
        ("unpin", "Unpin a chat", ChatChanges(pinned=False)),
        ("unmute", "Unmute a chat", ChatChanges(muted_until=0)),
        ("close", "Mark a chat as done", ChatChanges(status="done", snoozed_until=0)),
        ("reopen", "Open a chat again", ChatChanges(status="open", snoozed_until=0)),
    ):
        switch_route(verb, summary, changes)

    @app.post("/chats/{id}/mute", tags=tags, summary="Mute a chat")
    async def mute_chat(id: str, caller: Writer, body: MuteBody | None = None) -> Ok[answers.Chat]:
        """No notices of this chat until a time, or for good."""
        until = await planned(core, caller.workspace_id, "until", body.until) if body else None
        return await change(caller, id, ChatChanges(muted_until=until or MAX_MUTE))

    @app.post("/chats/{id}/snooze", tags=tags, summary="Snooze a chat")
    async def snooze_chat(id: str, body: SnoozeBody, caller: Writer) -> Ok[answers.Chat]:
        """Out of the way until a time; what comes in brings it back at once."""
        until = await planned(core, caller.workspace_id, "until", body.until)
        if until is None or until <= now_ms():
            raise invalid("until", "Must be in the future.")
        return await change(caller, id, ChatChanges(status="open", snoozed_until=until))

    @app.post("/chats/{id}/assign", tags=tags, summary="Assign a chat")
    async def assign_chat(id: str, body: AssignBody, caller: Writer) -> Ok[answers.Chat]:
        """Give a chat to a member, to a team, or both, or take it away. A body with `departmentId` alone leaves the member."""
        given = body.model_fields_set
        to_team = department(body.department_id) if "department_id" in given else UNSET
        to_member = member(body.assignee_id) if "assignee_id" in given or to_team is UNSET else UNSET
        return await change(caller, id, ChatChanges(assignee_id=to_member, department_id=to_team))

    @app.post("/chats/{id}/clear", tags=tags, summary="Clear a chat")
    async def clear_chat(id: str, caller: Writer) -> Ok[answers.ChatCleared]:
        """Hide all messages up to now; the ledger keeps them."""
        view = await find(caller, id)
        await core.chats.clear(caller.workspace_id, view.chat.id)
        return ok({"id": str(view.chat.id), "cleared": True})

    @app.get("/chats/{id}/notes", tags=tags, summary="Notes in a chat")
    async def list_chat_notes(id: str, caller: Reader, paging: Pages) -> Paged[answers.ChatNote]:
        """Notes of staff, newest first."""
        view = await find(caller, id)
        page = await notes.chat_notes(
            caller.workspace_id,
            view.chat.id,
            **numbers(paging),
        )
        return paged(page, [note(row) for row in page.items])

    @app.post("/chats/{id}/notes", tags=tags, summary="Write a note", status_code=201)
    async def create_chat_note(id: str, body: ChatNoteBody, caller: Writer) -> Ok[answers.ChatNote]:
        """A note inside a chat; never sent."""
        view = await find(caller, id)
        made = await notes.add_chat_note(caller.workspace_id, view.chat.id, body.text, member_id=caller.member_id)
        return ok(note(made), 201)

    @app.patch("/chats/{id}/notes/{noteId}", tags=tags, summary="Change a note")
    async def update_chat_note(id: str, noteId: str, body: ChatNoteBody, caller: Writer) -> Ok[answers.ChatNote]:
        """Another text."""
        view, number = await find(caller, id), parse_id(noteId, "note", "NOTE_NOT_FOUND")
        return ok(note(await notes.update_chat_note(caller.workspace_id, view.chat.id, number, body.text)))

    @app.delete("/chats/{id}/notes/{noteId}", tags=tags, summary="Delete a note")
    async def delete_chat_note(id: str, noteId: str, caller: Writer) -> Ok[answers.Deleted]:
        """Take a note away."""
        view, number = await find(caller, id), parse_id(noteId, "note", "NOTE_NOT_FOUND")
        await notes.delete_chat_note(caller.workspace_id, view.chat.id, number)
        return deleted(number)
