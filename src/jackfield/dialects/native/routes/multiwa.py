"""What MultiWA's own client calls and this API calls otherwise: replies, conversations, contacts in JSON, delivery logs.

These are other names for calls of this API, so the document does not list them; docs/dialects/native.md does. Their answers
are in MultiWA's words (see `multiwa`), within the envelope and beside it.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Annotated, Any, Literal

import msgspec
from fastapi import Depends, FastAPI, Query, Request
from pydantic import Field
from starlette.routing import Match
from starlette.types import Scope

from jackfield.core import (
    ChatChanges,
    ChatFilter,
    ChatView,
    Conflict,
    ImportReport,
    Principal,
    SendError,
    Unsupported,
)

from ..._kit import Filled, Str, Wire, parse_id
from .. import answers, multiwa
from ..checks import invalid
from ..context import Beside, Context, Pages
from ..convert import content_of
from ..envelope import Ok, iso, ok, paged
from ..files import Filter, with_times
from ..known_numbers import on_network, phone_of
from ..requests import NativeRoute
from ..sending import SendBody, send
from .chats import find_chat
from .contacts import import_result
from .sends import Wait, kind_of_chat
from .webhooks import event_of, find_webhook

MOST_CONTACTS = 10_000
"""In one import of JSON; files have no such limit."""
MOST_CSV = 1_000_000
"""Characters of an export inside JSON; more is to be had as a file."""
KINDS = {word: kind for kind, word in multiwa.CHATS.items()}


class JsonRoute(NativeRoute):
    """A route for bodies of JSON, where another takes forms at the same address."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As other routes, where the body is JSON."""
        match, child = super().matches(scope)
        kind = next((value for name, value in scope.get("headers", ()) if name == b"content-type"), b"")
        if match is Match.FULL and not kind.lower().startswith(b"application/json"):
            return Match.NONE, {}
        return match, child


class QuoteBody(SendBody):
    """A text that quotes a message."""

    text: Annotated[Filled, Field(max_length=65536)]


class ImportedContact(Wire):
    """One contact of an import."""

    phone: Str | int
    name: Annotated[Str | None, Field(max_length=200)] = None
    tags: Annotated[list[Annotated[Str, Field(max_length=100)]], Field(max_length=100)] = Field(default_factory=list)


class ImportBody(Wire):
    """Contacts to be imported."""

    profile_id: Beside = None
    contacts: Annotated[list[ImportedContact], Field(min_length=1, max_length=MOST_CONTACTS)]


class CsvBody(Wire):
    """A file of contacts as text."""

    profile_id: Beside = None
    csv_data: Annotated[Filled, Field(alias="csvData")]


class PhonesBody(Wire):
    """Numbers to look up."""

    profile_id: Beside = None
    phones: Annotated[list[Str | int], Field(min_length=1, max_length=500)]


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    _messages(app, context)
    _conversations(app, context)
    _contacts(app, context)
    _webhooks(app, context)


def _messages(app: FastAPI, context: Context) -> None:
    core = context.core
    Writer = Annotated[Principal, Depends(context.allow("messages:write"))]

    @app.post("/messages/reply", include_in_schema=False)
    async def send_reply(body: QuoteBody, request: Request, caller: Writer, wait: Wait = 0) -> Ok[answers.Accepted]:
        """A text that quotes a message; without a recipient it goes where that message was."""
        if body.reply_to in (None, ""):
            raise invalid("quotedMessageId", "Is required.")
        channel, peer = None, None
        if body.to is None and body.chat_id is None:
            row = await context.actions.target(
                caller.workspace_id, parse_id(body.reply_to, "message", "MESSAGE_NOT_FOUND")
            )
            caller.channel(row.channel_id)
            channel = await core.channels.get(caller.workspace_id, row.channel_id)
            peer = row.peer, kind_of_chat(row.peer)
        content = content_of("text", {"text": body.text})
        return await send(context, caller, request, body, content, wait=wait, channel=channel, peer=peer)


def _conversations(app: FastAPI, context: Context) -> None:
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("chats:read"))]
    Writer = Annotated[Principal, Depends(context.allow("chats:write"))]

    def answer(view: ChatView) -> Ok[Any]:
        shown = multiwa.conversation(view)
        return ok(shown, beside=shown)

    @app.get("/conversations", include_in_schema=False)
    async def list_conversations(
        caller: Reader,
        paging: Pages,
        profile_id: Annotated[str | None, Query(alias="profileId")] = None,
        search: Annotated[str | None, Query(max_length=200)] = None,
        type_: Annotated[Literal["user", "group", "broadcast"] | None, Query(alias="type")] = None,
        archived: bool = False,
    ) -> Ok[Any]:
        """Chats, the most recent first."""
        channel_id = parse_id(profile_id, "profile", "PROFILE_NOT_FOUND") if profile_id else None
        paging = multiwa.counted(paging)
        page = await core.chats.chats(
            caller.workspace_id,
            ChatFilter(
                channel_id=caller.only(channel_id),
                kind=KINDS[type_] if type_ is not None else None,
                archived=archived,
                search=search,
            ),
            **msgspec.structs.asdict(paging),
        )
        items = [multiwa.conversation(view) for view in page.items]
        return paged(page, items, beside=multiwa.listed(paging, page))

    @app.get("/conversations/unread-count", include_in_schema=False)
    async def count_unread(caller: Reader) -> Ok[Any]:
        """How many chats have something unread."""
        found = await core.chats.counts(caller.workspace_id, member_id=caller.member_id, channel_id=caller.only(None))
        shown = {"count": sum(one.unread for one in found.values())}
        return ok(shown, beside=shown)

    @app.get("/conversations/{id}", include_in_schema=False)
    async def get_conversation(id: str, caller: Reader) -> Ok[Any]:
        """One chat."""
        return answer(await find_chat(context, caller, id))

    @app.get("/conversations/{id}/messages", include_in_schema=False)
    @app.get("/messages/conversation/{id}", include_in_schema=False)
    async def list_conversation_messages(id: str, caller: Reader, paging: Pages) -> Ok[Any]:
        """Messages of a chat, the newest first."""
        row = (await find_chat(context, caller, id)).chat
        paging = multiwa.counted(paging)
        page = await core.chats.history(caller.workspace_id, row.channel_id, row.peer, **msgspec.structs.asdict(paging))
        items = [multiwa.message(one, str(row.id)) for one in page.items]
        return paged(page, items, beside=multiwa.listed(paging, page))

    def switch_route(verb: str, changes: ChatChanges) -> None:
        @app.post(f"/conversations/{{id}}/{verb}", include_in_schema=False, name=f"{verb}_conversation")
        @app.put(f"/conversations/{{id}}/{verb}", include_in_schema=False, name=f"{verb}_conversation")
        async def switch(id: str, caller: Writer) -> Ok[Any]:
            """The chat as it is now."""
            view = await find_chat(context, caller, id)
            return answer(await core.chats.update_chat(caller.workspace_id, view.chat.id, changes))

    switch_route("archive", ChatChanges(archived=True))
    switch_route("unarchive", ChatChanges(archived=False))
    switch_route("pin", ChatChanges(pinned=True))

    @app.post("/conversations/{id}/read", include_in_schema=False)
    @app.put("/conversations/{id}/read", include_in_schema=False)
    async def read_conversation(id: str, caller: Writer) -> Ok[Any]:
        """Nothing unread here any more."""
        view = await find_chat(context, caller, id)
        return answer(await core.chats.mark_read(caller.workspace_id, view.chat.id))


def _contacts(app: FastAPI, context: Context) -> None:
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("contacts:read"))]
    Writer = Annotated[Principal, Depends(context.allow("contacts:write"))]

    async def import_contacts_json(body: ImportBody, request: Request, caller: Writer) -> Ok[Any]:
        """Contacts as JSON; one that is known gets what it lacks."""
        rows = msgspec.json.encode([one.model_dump() for one in body.contacts])
        columns = {name: name for name in ("phone", "name", "tags")}
        report = await core.contacts.import_file(
            caller.workspace_id, BytesIO(rows), filename="contacts.json", mapping=columns, encoding="utf-8"
        )
        return await _imported(context, caller, report, request)

    app.router.add_api_route(
        "/contacts/import",
        import_contacts_json,
        methods=["POST"],
        include_in_schema=False,
        route_class_override=JsonRoute,
    )

    @app.post("/contacts/import/csv", include_in_schema=False)
    async def import_contacts_csv(body: CsvBody, request: Request, caller: Writer) -> Ok[Any]:
        """A file of contacts as text."""
        report = await core.contacts.import_file(
            caller.workspace_id, BytesIO(body.csv_data.encode()), filename="contacts.csv", encoding="utf-8"
        )
        return await _imported(context, caller, report, request)

    @app.get("/contacts/export/csv", include_in_schema=False)
    async def export_contacts_csv(caller: Reader, filter_: Filter) -> Ok[Any]:
        """The contacts of a filter as CSV inside JSON, up to a million characters."""
        filter_ = await with_times(core, caller.workspace_id, filter_)
        text = await _joined(core.contacts.export(caller.workspace_id, filter_))
        count = (await core.contacts.list(caller.workspace_id, filter_, limit=1, total=True)).total
        shown = {"csv": text, "count": count, "filename": f"contacts-{datetime.now(UTC):%Y-%m-%d}.csv"}
        return ok(shown, beside=shown)

    async def looked_up(caller: Principal, profile_id: str, phones: list[str | int]) -> list[dict[str, Any]]:
        channel = await context.channel(caller, profile_id)
        known: list[bool | None]
        try:
            known = [one["exists"] for one in await on_network(core, channel, phones)]
        except (Conflict, SendError, Unsupported):
            # Whether a number is well formed can be told all the same.
            known = [None] * len(phones)
        found = []
        for given, exists in zip(phones, known, strict=True):
            phone = phone_of(core, channel, given)
            found.append(
                {
                    "phone": phone or str(given),
                    "validFormat": phone is not None,
                    "isIndonesian": phone is not None and phone.startswith("62"),
                    "onWhatsApp": exists if phone is not None else False,
                }
            )
        return found

    @app.get("/contacts/profile/{profileId}/validate/{phone}", include_in_schema=False)
    async def validate_phone(profileId: str, phone: str, caller: Reader) -> Ok[Any]:
        """Whether a number is one, and is on the network (null: that cannot be told now)."""
        (shown,) = await looked_up(caller, profileId, [phone])
        return ok(shown, beside=shown)

    @app.post("/contacts/profile/{profileId}/validate", include_in_schema=False)
    async def validate_phones(profileId: str, body: PhonesBody, caller: Reader) -> Ok[Any]:
        """Several numbers at once; `valid` counts the well-formed ones."""
        results = await looked_up(caller, profileId, body.phones)
        valid = sum(one["validFormat"] for one in results)
        shown = {"total": len(results), "valid": valid, "results": results}
        return ok(shown, beside=shown)


async def _joined(pieces: AsyncIterator[bytes]) -> str:
    """A CSV file as text. Raises Conflict (TOO_LARGE) where it is to be had as a file."""
    found, size = [], 0
    async for piece in pieces:
        size += len(piece)
        if size > MOST_CSV:
            raise Conflict(
                "These contacts are too many for one JSON answer. GET /contacts/export streams them as a file.",
                code="TOO_LARGE",
            )
        found.append(piece)
    return b"".join(found).decode()


async def _imported(context: Context, caller: Principal, report: ImportReport, request: Request) -> Ok[Any]:
    """What became of an import, as of a file, and in MultiWA's words beside it."""
    beside = {
        "created": report.created,
        "updated": report.merged,
        "failed": report.refused_total,
        "errors": [f"{row.value}: {row.reason}" for row in report.refused],
    }
    return ok(await import_result(context, caller.workspace_id, report, request), beside=beside)


def _webhooks(app: FastAPI, context: Context) -> None:
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("webhooks:read"))]

    @app.get("/webhooks/{id}/logs", include_in_schema=False)
    async def list_webhook_logs(id: str, caller: Reader, paging: Pages) -> Ok[Any]:
        """Deliveries, newest first, with what they carried."""
        row = await find_webhook(context, caller, id)
        paging = multiwa.counted(paging)
        page = await core.webhooks.deliveries.list(
            caller.workspace_id,
            endpoint_id=row.id,
            limit=paging.limit,
            offset=((paging.page or 1) - 1) * paging.limit,
            with_data=True,
        )
        items = []
        for one in page.items:
            event = await event_of(context, caller, one)
            items.append(
                {
                    "id": str(one.id),
                    "event": one.event_type,
                    "payload": event["data"] if event is not None else None,
                    "statusCode": one.status,
                    "success": one.state == "delivered",
                    "createdAt": iso(one.created_at),
                }
            )
        return paged(page, items, beside=multiwa.listed(paging, page))
