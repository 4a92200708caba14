"""One send, whatever its kind: what every route that sends has in common."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from fastapi import Request
from pydantic import AliasChoices, Field

from jackfield.core import (
    ChannelView,
    Content,
    Core,
    Principal,
    Reaction,
    Submission,
    Template,
    TemplateView,
    fingerprint,
    kind_of,
)

from .._kit import Str, Wire
from .._strict import told_as
from . import answers, multiwa
from .checks import checked, invalid
from .context import Context
from .convert import content_of
from .envelope import Ok, iso, ok
from .shapes import explanation
from .times import planned
from .values import TemplateContent

Category = Literal["service", "utility", "authentication", "marketing"]
MOST_WAIT_S = 60.0

To = Annotated[Str | int | None, Field(description="Number with country code, or a chat id.")]


class SendBody(Wire):
    """What every send takes. Without `profileId` the workspace's default profile is used."""

    profile_id: Annotated[Str | int | None, Field(alias="profileId")] = None
    to: To = None
    chat_id: Annotated[To, Field(alias="chatId", description="As `to`.")] = None
    thread_id: Annotated[int | None, Field(alias="threadId", ge=1, description="A topic of the group (Telegram).")] = (
        None
    )
    category: Annotated[Category | None, Field(description="service, unless it is a template.")] = None
    reply_to: Annotated[
        Annotated[Str, Field(max_length=500)] | int | None,
        Field(
            validation_alias=AliasChoices("replyTo", "quotedMessageId"),
            serialization_alias="replyTo",
            description="Our id, or the provider's, of the message replied to.",
        ),
    ] = None
    tag: Annotated[Str, Field(max_length=200)] | None = None
    scheduled_at: Annotated[Str | int | None, Field(alias="scheduledAt", description="ISO 8601; at once without.")] = (
        None
    )


Known = dict[tuple[str, str | None], TemplateView]


async def compose(
    context: Context, channel: ChannelView, kind: str, data: Any, place: str = "content.", known: Known | None = None
) -> Content:
    """The content of a message of any type; templates are looked up (once, with `known`) and filled.

    Raises Invalid, NotFound.
    """
    if kind != "template" or not isinstance(data, dict):
        return content_of(kind, data, place)
    given = checked(TemplateContent, data, place)
    templates = context.core.templates
    key = given.name, given.language or None
    row = known.get(key) if known is not None else None
    if row is None:
        row = await templates.find(channel.workspace_id, channel.id, *key, to_send=True)
        if known is not None:
            known[key] = row
    return templates.compose(row, given.values())


def recipient(core: Core, body: SendBody, channel: ChannelView) -> tuple[str, str]:
    """Who is meant, as the ledger has it, and which kind of chat that is. Raises Invalid."""
    return parse_recipient(core, channel.engine, body)


def recipient_of(body: SendBody) -> Any:
    """Who is meant, as the request has it; a topic is `~` and its number after the group. Raises Invalid."""
    given = body.to if body.to not in (None, "") else body.chat_id
    if given is None or given == "":
        raise invalid("to", "A recipient is required.")
    if body.chat_id not in (None, "") and not same_recipient(body.chat_id, given):
        raise invalid("chatId", "Means the same as to; give one of them.")
    return given if body.thread_id is None else f"{given}~{body.thread_id}"


def same_recipient(one: Any, other: Any) -> bool:
    """Whether two spellings of a recipient, such as a number and its chat's id, mean the same."""
    first, second = (str(given).strip().removeprefix("+").partition("@") for given in (one, other))
    return first[0] == second[0] and (not first[2] or not second[2] or first[2] == second[2])


def parse_recipient(core: Core, engine: str, body: SendBody) -> tuple[str, str]:
    """Address and kind of chat of the recipient. Raises Invalid that names the field in which it came."""
    given = recipient_of(body)
    if body.to not in (None, ""):
        return core.networks.parse(engine, given)
    with told_as("chatId"):
        return core.networks.parse(engine, given)


async def send(
    context: Context,
    caller: Principal,
    request: Request,
    body: SendBody,
    content: Content,
    *,
    wait: float = 0,
    channel: ChannelView | None = None,
    peer: tuple[str, str] | None = None,
    require_time: bool = False,
) -> Ok[answers.Accepted]:
    """Put a message into the ledger; with `wait` (seconds) the answer tells what the network said.

    `peer` is the recipient as the ledger has it, with its kind, where that is known already.

    Raises Invalid, NotFound, Unsupported (the engine has no such kind), LimitReached (daily cap), Conflict (idempotency
    key).
    """
    core = context.core
    channel = channel or await context.channel(caller, body.profile_id)
    address, kind = peer or recipient(core, body, channel)
    core.networks.check(channel.engine, content)
    await core.media.check(caller.workspace_id, [content], caller.channel_id)
    category: str = body.category or "service"
    if isinstance(content, Template):
        template = await core.templates.check_content(caller.workspace_id, channel.id, content)
        category = body.category or core.templates.lane(template)
    if isinstance(content, Reaction):
        target = await context.actions.provider_id(caller.workspace_id, channel.id, content.target)
        content = msgspec.structs.replace(content, target=target)
    due = await planned(core, caller.workspace_id, "scheduledAt", body.scheduled_at)
    if require_time and due is None:
        raise invalid("scheduledAt", "Is required.")
    reply_to = None
    if body.reply_to not in (None, ""):
        reply_to = await context.actions.provider_id(caller.workspace_id, channel.id, str(body.reply_to))
    key = request.headers.get("idempotency-key")
    if key is not None and not 1 <= len(key) <= 255:
        raise invalid("Idempotency-Key", "Must have 1 to 255 characters.")
    await context.caps.check(channel.id, address, category)
    accepted = await core.messages.submit(
        Submission(
            workspace_id=caller.workspace_id,
            channel_id=channel.id,
            peer=address,
            chat_kind=kind,
            content=content,
            category=category,
            due_at=due,
            tag=body.tag,
            reply_to=reply_to,
            source=caller.source,
            member_id=caller.member_id,
            idempotency_key=key,
            fingerprint=fingerprint(request.url.path, body.model_dump_json()) if key is not None else "",
        )
    )
    data: answers.Accepted = {
        "messageId": str(accepted.id),
        "id": str(accepted.id),
        "status": accepted.state,
        "to": address,
        "timestamp": iso(accepted.created_at),
    }
    if wait > 0 and due is None:
        settled = await core.messages.outcome(accepted.id, min(wait, MOST_WAIT_S))
        if settled is not None:
            data["status"] = settled.state
            data["providerId"] = settled.provider_id
            if settled.code is not None:
                data["error"] = explanation(settled.code, settled.error)
    elif accepted.state == "scheduled":
        data["scheduledAt"] = iso(due)
    return ok(data, beside=multiwa.accepted(data, profile_id=channel.id, kind=kind_of(content)))
