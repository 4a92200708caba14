"""Send one, send to all contacts of a search, and follow both."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from jackfield.core import (
    MOVES,
    CampaignView,
    ChannelView,
    Core,
    Counts,
    Filter,
    Invalid,
    MessageView,
    NotFound,
    Principal,
    Submission,
)
from jackfield.core import content as contents

from .. import DialectOptions
from .._context import KeyContext
from .._kit import json_body, parse_id
from .._openapi import Answer
from .._openapi import body_of as documented
from .._strict import known_fields, told_as
from . import answers, shapes
from .convert import FILES, TemplateFields, bad, body_of, filter_of, must_exist, named, spread, template_fields, text
from .shapes import ok

SMALL = 1000
"""Up to so many contacts a blast's answer waits until all recipients are written, and names those left out."""
WAIT_S = 2.0
SKIPS = 100
"""How many skipped contacts an answer names; the rest are in the list of messages."""


_SHARED: dict[str, Any] = {
    "fb_template": "habit_run_confirmation_message",
    "language": "en",
    "file": {"type": "image", "link": "https://example.com/test.png"},
}
SINGLE: dict[str, Any] = {
    "to": {"mobile": "919739978284", "name": "Partha"},
    **_SHARED,
    "params": ["Partha", "Habit Run November Edition", "24th Nov"],
    "tag": "test_tag",
}
BLAST: dict[str, Any] = {
    "searchSpec": {"name": "Partha"},
    **_SHARED,
    "params": ["{{name}}", "Habit Run November Edition", "24th Nov"],
    "tag": "test_tag_bulk",
}


RECIPIENT: dict[str, Any] = {
    "type": "object",
    "required": ["mobile", "name"],
    "properties": {"mobile": {"type": "string"}, "name": {"type": "string"}},
}
FILE: dict[str, Any] = {
    "type": "object",
    "required": ["type", "link"],
    "properties": {
        "type": {"type": "string", "enum": list(FILES)},
        "link": {"type": "string"},
        "filename": {"type": "string"},
    },
}
PROPERTIES: dict[str, Any] = {
    "to": RECIPIENT,
    "searchSpec": {"type": "object", "additionalProperties": True},
    "fb_template": {"type": "string"},
    "language": {"type": "string"},
    "file": FILE,
    "params": {"type": "array", "items": {"type": "string"}},
    "tag": {"type": "string"},
}


def body(example: Mapping[str, Any]) -> dict[str, Any]:
    """A request body for the OpenAPI document: the routes read theirs liberally and do not say it themselves."""
    required = [key for key in example if key in ("to", "searchSpec", "fb_template", "language")]
    return documented({key: PROPERTIES[key] for key in example}, example, required=required)


class Context(KeyContext):
    """One per app."""

    dialect = "chitchatlabs"
    credentials = ("x-tenant-api-key", "x-api-key", "bearer")


def register(api: APIRouter, core: Core, options: DialectOptions) -> None:
    """Add the routes."""

    context = Context(core, options)
    Reader = Annotated[Principal, Depends(context.allow("messages:read"))]
    Writer = Annotated[Principal, Depends(context.allow("messages:write"))]
    Campaigner = Annotated[Principal, Depends(context.allow("campaigns:write"))]
    Watcher = Annotated[Principal, Depends(context.allow("campaigns:read"))]

    async def content_of(channel: ChannelView, said: TemplateFields) -> tuple[contents.Template, str]:
        with named():
            template = await core.templates.find(
                channel.workspace_id, channel.id, said.template, said.language, to_send=True
            )
        with named(template):
            content = core.templates.compose(template, spread(template, said.values))
            core.networks.check(channel.engine, content)
        return content, core.templates.lane(template)

    @api.post("/message/single", tags=["Messages"], summary="Send a template to one number", openapi_extra=body(SINGLE))
    async def send_single(request: Request, caller: Writer) -> Answer[answers.Single]:
        """Send a template to a number that need not be a contact; waits for the provider's answer."""
        data = body_of(await json_body(request, options.max_body), "to")
        to = data.get("to")
        if to is None:
            raise bad("to", "Is required.")
        if not isinstance(to, dict):
            raise bad("to", "Must be an object with mobile and name.")
        known_fields(to, ("mobile", "name"), "to.")
        mobile = text(to, "mobile", "to.", 40)
        name = text(to, "name", "to.", 200)
        said = template_fields(data)
        channel = await context.own_channel(caller)
        with named():
            peer, kind = core.networks.parse(channel.engine, mobile)
        template, category = await content_of(channel, said)
        values = await _variables(core, caller, peer, name or "")
        with named():
            content = await core.campaigns.fill(caller.workspace_id, template, values)
        if isinstance(content, contents.Template):
            header = content.header.text if content.header is not None else []
            for n, param in enumerate([*header, *content.body]):
                if not param.text.strip():
                    raise bad(f"params[{n}]", "The recipient has no value for it.")
        with named():
            accepted, settled = await core.messages.submit_and_wait(
                Submission(
                    workspace_id=caller.workspace_id,
                    channel_id=channel.id,
                    peer=peer,
                    chat_kind=kind,
                    content=content,
                    category=category,
                    tag=said.tag,
                    source="chitchatlabs",
                )
            )
        state = settled.state if settled is not None else accepted.state
        failed = settled is not None and state in ("failed", "cancelled", "skipped")
        if settled is not None and failed:
            error = shapes.explained(settled.code or state, settled.error) or {}
            raise Invalid(str(error["message"]), code=str(error["code"]), details={"id": str(accepted.id), **error})
        return ok(
            {
                "id": str(accepted.id),
                "status": state,
                "to": {"mobile": peer, "name": name},
                "providerMessageId": settled.provider_id if settled is not None else None,
                "tag": said.tag,
                "counts": {"accepted": 1, "skipped": 0},
                "skipped": [],
            }
        )

    @api.post(
        "/message/blast",
        tags=["Messages"],
        summary="Send a template to all contacts of a search",
        openapi_extra=body(BLAST),
    )
    async def send_blast(request: Request, caller: Campaigner) -> Answer[answers.Blast]:
        """Send a template to the contacts that match `searchSpec`. It is accepted at once; recipients are written and
        sent to in the background."""
        data = body_of(await json_body(request, options.max_body), "searchSpec")
        known = await core.contacts.attributes.all(caller.workspace_id)
        audience = filter_of(data.get("searchSpec"), {one.name.casefold(): one.name for one in known})
        must_exist(
            data["searchSpec"],
            audience,
            tags={one.name.casefold() for one in await core.contacts.tags.all(caller.workspace_id)},
            lists={one.name.casefold() for one in await core.contacts.lists.all(caller.workspace_id)},
        )
        said = template_fields(data)
        channel = await context.own_channel(caller)
        content, category = await content_of(channel, said)
        reach = await core.campaigns.reach(caller.workspace_id, audience)
        with named():
            row = await core.campaigns.create(
                caller.workspace_id,
                channel.id,
                name=f"Blast of {said.template}"[:200],
                content=content,
                audience=audience,
                category=category,
                tag=said.tag,
                source="chitchatlabs",
                options={"audience": reach, "missing": "skip"},
            )
        if reach <= SMALL:
            row = await _expanded(core, row)
        return ok(shapes.blast(row, reach, *await _figures(core, row)))

    @api.get("/message/blast/{id}", tags=["Follow (ours)"], summary="What became of a blast")
    async def get_blast(id: str, caller: Watcher) -> Answer[answers.Blast]:
        """A blast with its counts and the first contacts it left out."""
        row = await core.campaigns.get(caller.workspace_id, parse_id(id, "blast", "BLAST_NOT_FOUND"))
        caller.channel(row.channel_id)
        return ok(shapes.blast(row, None, *await _figures(core, row)))

    @api.get("/message/single/{id}", tags=["Follow (ours)"], summary="What became of a message")
    async def get_single(id: str, caller: Reader) -> Answer[answers.Message]:
        """A message with its status, and why it failed if it did."""
        row = await core.messages.get(caller.workspace_id, parse_id(id, "message", "MESSAGE_NOT_FOUND"))
        caller.channel(row.channel_id)
        return ok(shapes.message(row))

    @api.get("/messages", tags=["Follow (ours)"], summary="Sent messages, filtered")
    async def list_messages(
        caller: Reader,
        fb_template: Annotated[str | None, Query(max_length=512)] = None,
        tag: Annotated[str | None, Query(max_length=200)] = None,
        status: Annotated[str | None, Query(max_length=20)] = None,
        mobile: Annotated[str | None, Query(max_length=40)] = None,
        blast: Annotated[str | None, Query(max_length=20)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> Answer[answers.Messages]:
        """Sent messages, newest first, by template, tag, status, recipient and blast; `cursor` leads on."""
        if status is not None and status not in MOVES:
            raise bad("status", f"One of {', '.join(MOVES)}.")
        with told_as("mobile"):
            peer = core.networks.parse_any(mobile)[0] if mobile else None
        page = await core.messages.list(
            caller.workspace_id,
            Filter(
                channel_id=caller.only(None),
                direction="out",
                template=fb_template,
                tag=tag,
                state=status,
                peer=peer,
                campaign_id=parse_id(blast, "blast", "BLAST_NOT_FOUND") if blast else None,
            ),
            limit=limit,
            cursor=cursor,
        )
        return ok([shapes.message(row) for row in page.items], cursor=page.cursor)


async def _variables(core: Core, caller: Principal, peer: str, name: str) -> dict[str, Any]:
    """What placeholders in a single message mean: the recipient as given, then the contact of that number, if any."""
    found: dict[str, Any] = {}
    if peer.isascii() and peer.isdigit():
        try:
            contact = await core.contacts.find(caller.workspace_id, "phone", peer)
        except (Invalid, NotFound):
            contact = None
        if contact is not None:
            found = {
                "firstname": contact.first_name or "",
                "lastname": contact.last_name or "",
                "email": contact.email or "",
                **contact.attributes,
            }
    return {**found, "name": name, "mobile": peer, "phone": peer}


async def _expanded(core: Core, row: CampaignView) -> CampaignView:
    """The campaign once all its recipients are written, or as it is after `WAIT_S`."""
    async with asyncio.timeout(WAIT_S + 5):
        deadline = asyncio.get_running_loop().time() + WAIT_S
        while row.expanding and row.state == "running" and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)
            row = await core.campaigns.get(row.workspace_id, row.id)
    return row


async def _figures(core: Core, row: CampaignView) -> tuple[Counts, list[MessageView]]:
    counts = await core.campaigns.counts(row)
    if not counts.by_state["skipped"]:
        return counts, []
    page = await core.messages.list(
        row.workspace_id, Filter(campaign_id=row.id, state="skipped"), limit=SKIPS, newest_first=False
    )
    return counts, list(page.items)
