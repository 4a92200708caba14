"""Messages: send one and hear what the network says, list them."""

import re
from collections.abc import Mapping
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request

from jackfield.core import (
    MOVES,
    ContactInput,
    Filter,
    Invalid,
    JackfieldError,
    MessageView,
    Principal,
    Submission,
    fingerprint,
)
from jackfield.core import content as contents

from ..._openapi import Answer
from ..._strict import known_fields, told_as
from .. import answers, ids, params, shapes
from ..context import Context
from ..convert import contact_input, message_of
from ..envelope import ok
from ..fields import CONTACT, MESSAGE
from ..sending import must_be_connected, named, outcome, recipient, resolve, send_outcome
from .contacts import as_given

MAX_PAGE = 100


def register(api: APIRouter, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("messages:read"))]
    Writer = Annotated[Principal, Depends(context.allow("messages:write"))]

    @api.post("/messages", tags=["Messages"], summary="Send a message")
    async def send_message(request: Request, caller: Writer) -> Answer[answers.Sent]:
        """Send a message of any kind; waits for the provider's answer."""
        data = await context.body(request, MESSAGE)
        said = message_of(data)
        if data.get("to") is None or data["to"] == "":
            raise params.required("to")
        channel = await context.channel(caller)
        peer, kind = await recipient(core, caller.workspace_id, channel, data["to"], "to")
        with named(data):
            content, category = await resolve(core, channel, said)
        contact = _contact_of(caller, data, peer)
        key = request.headers.get("idempotency-key")
        if key is not None and not 1 <= len(key) <= 255:
            raise params.bad("Idempotency-Key", "must be 1 to 255 characters.")
        item = Submission(
            workspace_id=caller.workspace_id,
            channel_id=channel.id,
            peer=peer,
            chat_kind=kind,
            content=content,
            category=category,
            source="pabbly",
            idempotency_key=key,
            fingerprint=fingerprint("pabbly/messages", repr(sorted(data.items()))) if key else "",
        )
        must_be_connected(channel)
        with named(data):
            await core.media.check(caller.workspace_id, [content], caller.channel_id)
            if contact is None:
                accepted = await core.messages.submit(item)
            else:
                async with core.transaction():
                    item.contact_id = await save(caller, contact)
                    accepted = await core.messages.submit(item)
        settled = await outcome(core, channel, accepted.id)
        own_id = ids.encode(accepted.created_at, accepted.id)
        message_id, status, raw = send_outcome(settled, own_id)
        chat = await core.chats.chat_by_peer(caller.workspace_id, channel.id, peer)
        answer = shapes.meta_response(peer, message_id, status, raw)
        return ok(
            "Message sent" if status == "accepted" else f"Message {status}",
            {
                "to": peer,
                "chatId": ids.encode(chat.chat.created_at, chat.chat.id) if chat is not None else own_id,
                "messageId": own_id,
                "metaResponse": {**answer, "status": 200},
            },
        )

    async def save(caller: Principal, contact: ContactInput) -> int:
        """Make or complete the recipient's contact; gives its id. Raises Invalid that names the field."""
        try:
            # Tags and attributes that do not exist are made: a message must not fail for them.
            saved = await core.contacts.save(caller.workspace_id, contact, on_duplicate="overwrite", strict=False)
        except JackfieldError as error:
            raise as_given(error, "contact.") from None
        return saved.contact.id

    @api.get("/messages", tags=["Messages"], summary="List messages")
    async def list_messages(request: Request, caller: Reader) -> Answer[answers.Messages]:
        """Messages in and out, newest first. Filters: to (or mobile), status, type, direction, templateName, tag,
        broadcastId, from, until; `limit` up to 100; `next` leads on."""
        query = request.query_params
        if params.integer(query.get("page"), "page", 1) != 1:
            raise params.bad("page", "is not supported: follow the link in next.")
        limit = min(params.integer(query.get("limit"), "limit", 25), MAX_PAGE)
        peer = params.text(query, "to", "mobile", maximum=100)
        status = params.text(query, "status", maximum=20)
        if status is not None and status not in MOVES:
            raise params.bad("status", f"must be one of: {', '.join(MOVES)}.")
        direction = params.text(query, "direction", maximum=10)
        if direction is not None and direction not in DIRECTIONS:
            raise params.bad("direction", "must be incoming or outgoing.")
        channel = await context.channel(caller)
        with told_as("to" if query.get("to") else "mobile"):
            peer = core.networks.parse(channel.engine, peer)[0] if peer else None
        kind = params.text(query, "type", maximum=40)
        if kind is not None and kind not in contents.KINDS:
            raise params.bad("type", f"must be one of: {', '.join(sorted(contents.KINDS))}.")
        campaign = params.text(query, "broadcastId", maximum=24)
        zone = ZoneInfo(await core.accounts.timezone(caller.workspace_id))
        page = await core.messages.list(
            caller.workspace_id,
            Filter(
                channel_id=channel.id,
                peer=peer,
                state=status,
                direction=DIRECTIONS[direction] if direction else None,
                kind=kind,
                template=params.text(query, "templateName", maximum=512),
                tag=params.text(query, "tag", maximum=200),
                campaign_id=ids.decode(campaign, "Broadcast") if campaign else None,
                since=params.timestamp(query, "from", zone),
                until=params.timestamp(query, "until", zone),
            ),
            limit=limit,
            cursor=params.text(query, "cursor", maximum=500),
        )
        rows = await _without_blocked(context, caller.workspace_id, page.items)
        chats = await _chats(context, caller.workspace_id, channel.id, {row.peer for row in rows})
        next_ = None
        if page.cursor is not None:
            kept = [(key, value) for key, value in query.multi_items() if key != "cursor"]
            next_ = context.address(request, "/messages", [*kept, ("cursor", page.cursor)])
        shown = [shapes.message(row, chats.get(row.peer)) for row in rows]
        return ok("Messages fetched successfully", {"messages": shown, "next": next_, "count": len(shown)})


DIRECTIONS = {"incoming": "in", "outgoing": "out", "in": "in", "out": "out"}


async def _without_blocked(context: Context, workspace_id: int, rows: list[MessageView]) -> list[MessageView]:
    """Without what blocked contacts wrote: the ledger keeps it (so that a redelivery is known), nobody is shown it."""
    writers = {row.contact_id for row in rows if row.direction == "in" and row.contact_id is not None}
    views = await context.core.contacts.get_many(workspace_id, sorted(writers))
    blocked = {view.id for view in views if view.blocked}
    return [row for row in rows if row.direction != "in" or row.contact_id not in blocked]


async def _chats(context: Context, workspace_id: int, channel_id: int, peers: set[str]) -> dict[str, str]:
    found = {}
    for peer in peers:
        view = await context.core.chats.chat_by_peer(workspace_id, channel_id, peer)
        if view is not None:
            found[peer] = ids.encode(view.chat.created_at, view.chat.id)
    return found


def _contact_of(caller: Principal, data: Mapping[str, Any], peer: str) -> ContactInput | None:
    """The `contact` field: to be made or completed under the recipient's number. Raises Invalid, Forbidden."""
    said = params.obj(data, "contact")
    if said is None:
        return None
    caller.require("contacts:write")
    if not (peer.isascii() and peer.isdigit()):
        raise Invalid("contact can only be given for a recipient with a phone number.")
    known_fields(said, CONTACT - {"source"}, "contact.")
    mobile = params.text(said, "mobile", maximum=40, place="contact.")
    if mobile is not None and re.sub(r"\D", "", mobile) != peer:
        raise params.bad("contact.mobile", "must be the recipient's number.")
    return contact_input(said, peer, place="contact.")
