"""What people keep for their work in the inbox: canned replies, drafts, saved views."""

from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query, Request
from msgspec import UNSET
from pydantic import Field

from jackfield.core import CannedReplyView, DraftView, Forbidden, MediaView, Principal, SavedViewView

from ..._access import LOGIN
from ..._kit import Str, Wire, parse_id
from .. import answers
from ..context import Context, Cursor, Pages, example, numbers
from ..envelope import Ok, Paged, deleted, iso, ok, paged
from .chats import find_chat
from .media import file_of

Shortcut = Annotated[Str, Field(min_length=1, max_length=41, description="One word; a slash in front is taken off.")]
ReplyText = Annotated[
    Str,
    Field(
        max_length=4096,
        description="Placeholders: `{name}`, `{first_name}`, `{last_name}`, `{phone}`, `{email}`, `{agent}`.",
    ),
]
MediaIds = Annotated[
    list[Str | int], Field(alias="mediaIds", max_length=10, description="Uploads of `POST /media`, in order.")
]


class CannedReplyBody(Wire):
    """A canned reply: text, files, or both."""

    model_config = example(shortcut="hours", text="Hello {first_name}, we are open from 9 to 5.")

    shortcut: Shortcut
    text: ReplyText = ""
    media_ids: MediaIds = Field(default_factory=list, alias="mediaIds")


class CannedReplyChange(Wire):
    """What to change; `mediaIds` replaces all files."""

    model_config = example(text="Hello {first_name}, we are open from 9 to 6.")

    shortcut: Shortcut | None = None
    text: ReplyText | None = None
    media_ids: Annotated[list[Str | int] | None, Field(alias="mediaIds", max_length=10)] = None


class DraftBody(Wire):
    """What is written now; an empty text takes the draft away."""

    model_config = example(text="Hello, your order is")

    text: Annotated[Str, Field(max_length=65_536)]
    reply_to: Annotated[Str | int | None, Field(alias="replyTo", description="Our id of the message answered.")] = None


class ViewFilter(Wire):
    """Filters of the inbox, as `GET /chats` takes them."""

    profile_id: Annotated[Str | None, Field(alias="profileId", max_length=20)] = None
    kind: Literal["private", "group", "newsletter"] | None = None
    archived: Literal["true", "false", "all"] | None = None
    unread: bool | None = None
    unanswered: bool | None = None
    closing: bool | None = None
    urgent: bool | None = None
    missed: bool | None = None
    status: Literal["open", "snoozed", "done"] | None = None
    tag: Annotated[Str | None, Field(max_length=100)] = None
    assignee_id: Annotated[Str | None, Field(alias="assigneeId", max_length=20)] = None
    department_id: Annotated[Str | None, Field(alias="departmentId", max_length=20)] = None
    q: Annotated[Str | None, Field(max_length=200)] = None

    def plain(self) -> dict[str, Any]:
        """What is given, by its names in queries."""
        return self.model_dump(by_alias=True, exclude_none=True)


class SavedViewBody(Wire):
    """A view; `shared` gives it to everybody."""

    model_config = example(name="VIPs who wait", filter={"tag": "vip", "unanswered": True}, shared=True)

    name: Annotated[Str, Field(min_length=1, max_length=100)]
    filter: ViewFilter = Field(default_factory=ViewFilter)
    shared: bool = False


class SavedViewChange(Wire):
    """What to change; `filter` replaces the whole filter."""

    model_config = example(name="VIPs")

    name: Annotated[Str | None, Field(min_length=1, max_length=100)] = None
    filter: ViewFilter | None = None


def draft(chat_id: int, view: DraftView | None) -> answers.Draft:
    """A draft, or that there is none."""
    return {
        "chatId": str(chat_id),
        "text": view.text if view is not None else "",
        "replyTo": str(view.reply_to) if view is not None and view.reply_to is not None else None,
        "updatedAt": iso(view.updated_at) if view is not None else None,
    }


def saved_view(view: SavedViewView) -> answers.SavedView:
    """A saved view."""
    return {
        "id": str(view.id),
        "name": view.name,
        "shared": view.member_id is None,
        "filter": view.filter,
        "createdAt": iso(view.created_at),
    }


def check_whole_workspace(caller: Principal) -> None:
    """Raises Forbidden for a key that is bound to one profile: what is changed here is everybody's."""
    if caller.channel_id is not None:
        raise Forbidden("This key is bound to one profile; this belongs to the whole workspace.")


def member_of(caller: Principal) -> int:
    """The member who calls. Raises Forbidden for a key."""
    if caller.member_id is None:
        raise Forbidden("Drafts belong to people who are logged in; an API key has none.")
    return caller.member_id


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    _canned(app, context)
    _drafts(app, context)
    _views(app, context)


def _canned(app: FastAPI, context: Context) -> None:
    replies = context.core.canned_replies
    Reader = Annotated[Principal, Depends(context.allow("chats:read"))]
    Writer = Annotated[Principal, Depends(context.allow("chats:write"))]
    tags: list[Any] = ["Canned replies"]

    def files(rows: list[MediaView], request: Request) -> list[answers.File]:
        return [file_of(context, row, request) for row in rows]

    def canned_reply(view: CannedReplyView, request: Request) -> answers.CannedReply:
        return {
            "id": str(view.id),
            "shortcut": view.shortcut,
            "text": view.text,
            "media": files(view.media, request),
            "createdAt": iso(view.created_at),
            "updatedAt": iso(view.updated_at),
        }

    def id_of(given: str) -> int:
        return parse_id(given, "canned reply", "CANNED_REPLY_NOT_FOUND")

    def media_of(given: list[str | int]) -> list[int]:
        return [parse_id(one, "media", "MEDIA_NOT_FOUND") for one in given]

    @app.get("/canned-replies", tags=tags, summary="List canned replies")
    async def list_canned_replies(
        caller: Reader,
        paging: Cursor,
        request: Request,
        q: Annotated[str | None, Query(max_length=40, description="The shortcut begins so.")] = None,
    ) -> Paged[answers.CannedReply]:
        """By shortcut."""
        page = await replies.list(caller.workspace_id, q=q, limit=paging.limit, cursor=paging.cursor)
        return paged(page, [canned_reply(one, request) for one in page.items])

    @app.post("/canned-replies", tags=tags, summary="Create a canned reply", status_code=201)
    async def create_canned_reply(body: CannedReplyBody, caller: Writer, request: Request) -> Ok[answers.CannedReply]:
        """A text with placeholders and up to ten files, for the whole workspace."""
        check_whole_workspace(caller)
        made = await replies.create(caller.workspace_id, body.shortcut, body.text, media_ids=media_of(body.media_ids))
        return ok(canned_reply(made, request), 201)

    @app.get("/canned-replies/{id}", tags=tags, summary="Get a canned reply")
    async def get_canned_reply(id: str, caller: Reader, request: Request) -> Ok[answers.CannedReply]:
        """One, with links to its files that work for an hour."""
        return ok(canned_reply(await replies.get(caller.workspace_id, id_of(id)), request))

    @app.get("/chats/{id}/canned-replies/{replyId}", tags=tags, summary="Fill a canned reply for a chat")
    async def fill_canned_reply(id: str, replyId: str, caller: Reader, request: Request) -> Ok[answers.FilledReply]:
        """As it reads in a chat: placeholders filled from its contact and the caller; those without a value are empty."""
        chat = (await find_chat(context, caller, id)).chat
        view = await replies.get(caller.workspace_id, id_of(replyId))
        agent = ""
        if caller.member_id is not None:
            member = await context.core.accounts.member(caller.workspace_id, caller.member_id)
            agent = f"{member.first_name} {member.last_name}".strip()
        text = await replies.filled(caller.workspace_id, view.id, chat.id, agent=agent)
        return ok({"id": str(view.id), "text": text, "media": files(view.media, request)})

    @app.patch("/canned-replies/{id}", tags=tags, summary="Change a canned reply")
    async def update_canned_reply(
        id: str, body: CannedReplyChange, caller: Writer, request: Request
    ) -> Ok[answers.CannedReply]:
        """Change what is given."""
        view = await replies.get(caller.workspace_id, id_of(id))
        check_whole_workspace(caller)
        changed = await replies.update(
            caller.workspace_id,
            view.id,
            shortcut=body.shortcut if body.shortcut is not None else UNSET,
            text=body.text if body.text is not None else UNSET,
            media_ids=media_of(body.media_ids) if body.media_ids is not None else UNSET,
        )
        return ok(canned_reply(changed, request))

    @app.delete("/canned-replies/{id}", tags=tags, summary="Delete a canned reply")
    async def delete_canned_reply(id: str, caller: Writer) -> Ok[answers.Deleted]:
        """Its files stay."""
        view = await replies.get(caller.workspace_id, id_of(id))
        check_whole_workspace(caller)
        await replies.delete(caller.workspace_id, view.id)
        return deleted(view.id)


def _drafts(app: FastAPI, context: Context) -> None:
    drafts = context.core.drafts
    Reader = Annotated[Principal, Depends(context.allow("chats:read"))]
    Writer = Annotated[Principal, Depends(context.allow("chats:write"))]
    tags: list[Any] = ["Drafts"]

    @app.get("/drafts", tags=tags, summary="List your drafts")
    async def list_drafts(caller: Reader, paging: Pages) -> Paged[answers.Draft]:
        """Drafts of the member who is logged in; keys have none."""
        page = await drafts.list(caller.workspace_id, caller.member_id or 0, **numbers(paging))
        return paged(page, [draft(one.chat_id, one) for one in page.items])

    @app.get("/chats/{id}/draft", tags=tags, summary="Get your draft in a chat")
    async def get_draft(id: str, caller: Reader) -> Ok[answers.Draft]:
        """What the member who is logged in has written here and not sent."""
        chat = (await find_chat(context, caller, id)).chat
        found = await drafts.get(caller.workspace_id, chat.id, caller.member_id or 0)
        return ok(draft(chat.id, found))

    @app.put("/chats/{id}/draft", tags=tags, summary="Keep your draft in a chat", openapi_extra={LOGIN: True})
    async def save_draft(id: str, body: DraftBody, caller: Writer) -> Ok[answers.Draft]:
        """Keep what is written now, for all devices of the member who is logged in."""
        chat = (await find_chat(context, caller, id)).chat
        reply_to = None
        if body.reply_to not in (None, ""):
            reply_to = parse_id(body.reply_to, "message", "MESSAGE_NOT_FOUND")
        kept = await drafts.save(caller.workspace_id, chat.id, member_of(caller), body.text, reply_to=reply_to)
        return ok(draft(chat.id, kept))

    @app.delete("/chats/{id}/draft", tags=tags, summary="Delete your draft in a chat", openapi_extra={LOGIN: True})
    async def delete_draft(id: str, caller: Writer) -> Ok[answers.Deleted]:
        """Nothing is written here any more."""
        chat = (await find_chat(context, caller, id)).chat
        await drafts.delete(caller.workspace_id, chat.id, member_of(caller))
        return deleted(chat.id)


def _views(app: FastAPI, context: Context) -> None:
    views = context.core.saved_views
    Reader = Annotated[Principal, Depends(context.allow("chats:read"))]
    Writer = Annotated[Principal, Depends(context.allow("chats:write"))]
    tags: list[Any] = ["Saved views"]

    def id_of(given: str) -> int:
        return parse_id(given, "view", "VIEW_NOT_FOUND")

    async def find(caller: Principal, given: str) -> SavedViewView:
        return await views.get(caller.workspace_id, id_of(given), caller.member_id)

    @app.get("/saved-views", tags=tags, summary="List saved views")
    async def list_saved_views(caller: Reader, paging: Pages) -> Paged[answers.SavedView]:
        """Your own and everybody's, in the order in which they were made."""
        page = await views.list(caller.workspace_id, caller.member_id, **numbers(paging))
        return paged(page, [saved_view(one) for one in page.items])

    @app.post("/saved-views", tags=tags, summary="Save a view", status_code=201)
    async def create_saved_view(body: SavedViewBody, caller: Writer) -> Ok[answers.SavedView]:
        """Filters of the inbox under a name. Those of a key are everybody's."""
        shared = body.shared or caller.member_id is None
        if shared:
            check_whole_workspace(caller)
        made = await views.create(
            caller.workspace_id, body.name, body.filter.plain(), member_id=None if shared else caller.member_id
        )
        return ok(saved_view(made), 201)

    @app.get("/saved-views/{id}", tags=tags, summary="Get a saved view")
    async def get_saved_view(id: str, caller: Reader) -> Ok[answers.SavedView]:
        """One of your own, or of everybody's."""
        return ok(saved_view(await find(caller, id)))

    @app.patch("/saved-views/{id}", tags=tags, summary="Change a saved view")
    async def update_saved_view(id: str, body: SavedViewChange, caller: Writer) -> Ok[answers.SavedView]:
        """Change name or filter."""
        view = await find(caller, id)
        check_whole_workspace(caller)
        changed = await views.update(
            caller.workspace_id,
            view.id,
            caller.member_id,
            name=body.name if body.name is not None else UNSET,
            filter=body.filter.plain() if body.filter is not None else UNSET,
        )
        return ok(saved_view(changed))

    @app.delete("/saved-views/{id}", tags=tags, summary="Delete a saved view")
    async def delete_saved_view(id: str, caller: Writer) -> Ok[answers.Deleted]:
        """Take it away, for all who see it."""
        view = await find(caller, id)
        check_whole_workspace(caller)
        await views.delete(caller.workspace_id, view.id, caller.member_id)
        return deleted(view.id)
