"""A message on its way: the template it names, the outcome that is waited for, and how that is told."""

from __future__ import annotations

import asyncio
from typing import Any

from jackfield.core import (
    NEEDS_A_PERSON,
    ChannelView,
    Conflict,
    Core,
    Invalid,
    JackfieldError,
    RetryClass,
    Settled,
    TemplateView,
    known,
    lookup,
)
from jackfield.core import content as c

from .._kit import Failure
from .convert import TemplateGiven, values_for
from .params import bad


class SendFailed(JackfieldError):
    """The network refused the message."""

    def __init__(self, settled: Settled) -> None:
        code = settled.code or settled.state
        entry = lookup(code)
        words = settled.error or entry.cause
        remedy = "" if not entry.remedy or entry.remedy in words else f" {entry.remedy}"
        super().__init__(f"{words.rstrip('.')}.{remedy}", code=code)
        self.retry_class = entry.retry_class


def status_of(error: SendFailed) -> int:
    """429 for what may be tried again soon, 502 for what a person must put right at the provider, else 400."""
    if error.retry_class in (RetryClass.BACKOFF, RetryClass.RECIPIENT_BACKOFF):
        return 429
    return 502 if error.retry_class is RetryClass.PAUSE else 400


def failure(error: SendFailed) -> Failure:
    """For the envelope."""
    return Failure(status=status_of(error), code=error.code, message=error.message)


async def resolve(core: Core, channel: ChannelView, said: c.Content | TemplateGiven) -> tuple[c.Content, str]:
    """The content and the category under which it is sent; a template's values are checked before anything is sent.

    Raises NotFound for an unknown template, Invalid that names the value that is missing.
    """
    if not isinstance(said, TemplateGiven):
        core.networks.check(channel.engine, said)
        return said, "service"
    template = await core.templates.find(channel.workspace_id, channel.id, said.name, said.language, to_send=True)
    content = compose(core, template, said)
    core.networks.check(channel.engine, content)
    return content, core.templates.lane(template)


def compose(core: Core, template: TemplateView, said: TemplateGiven) -> c.Template:
    """A template message. Raises Invalid."""
    return core.templates.compose(template, values_for(template, said))


async def recipient(core: Core, workspace_id: int, channel: ChannelView, said: Any, field: str) -> tuple[str, str]:
    """Address and kind of chat of a recipient. Phone numbers go by the one rule of contacts. Raises Invalid."""
    if isinstance(said, int | str) and str(said).strip().startswith("-"):
        raise bad(field, "is not a phone number.")
    peer, kind = core.networks.parse(channel.engine, said)
    if kind == "private" and peer.isascii() and peer.isdigit() and channel.network == "whatsapp":
        peer = await core.contacts.number(workspace_id, peer if "@" in str(said) else said, field)
    return peer, kind


def is_down(channel: ChannelView) -> bool:
    """Whether a number cannot send now. One that is disconnected without a reason was not tried yet: it is about to come
    up."""
    return (
        channel.wanted != "up"
        or channel.status in NEEDS_A_PERSON
        or (channel.status == "disconnected" and bool(channel.status_reason))
    )


def must_be_connected(channel: ChannelView) -> None:
    """Raises Invalid for a number that is down: a message would wait until it is up, perhaps for days."""
    if is_down(channel):
        reason = f" ({channel.status_reason})" if channel.status_reason else ""
        raise Invalid(f"The WhatsApp number is not connected{reason}.", code="NOT_CONNECTED")


_TOLD_AT_ONCE = (RetryClass.BACKOFF, RetryClass.RECIPIENT_BACKOFF, RetryClass.PAUSE)


async def outcome(core: Core, workspace_id: int, message_id: int) -> Settled | None:
    """What the network answers, waiting as long as callers may; None when it is still owed then.

    What the network refuses for now (too much at once, an account in trouble) is told at once: the message is cancelled,
    so that the caller who hears of the failure may send it again.
    """
    limit = core.options.outcome_wait_seconds
    deadline = asyncio.get_running_loop().time() + limit
    while True:
        left = deadline - asyncio.get_running_loop().time()
        settled = await core.messages.outcome(message_id, max(0.0, min(left, 0.25)))
        if settled is not None or left <= 0.25:
            return settled
        waiting = await core.messages.get(workspace_id, message_id)
        code, error = waiting.error_code, waiting.error
        if waiting.state != "queued":
            continue
        if not code:
            channel = await core.channels.get(workspace_id, waiting.channel_id)
            if not is_down(channel):
                continue
            # The refusal was about the whole number, and is kept as its reason: "131045: ...".
            error = channel.status_reason or "The WhatsApp number is not connected."
            said = error.partition(":")[0]
            code = said if said.isdigit() and known(said) else "NOT_CONNECTED"
        elif not code.isdigit() or lookup(code).retry_class not in _TOLD_AT_ONCE:
            continue
        try:
            await core.messages.cancel(workspace_id, message_id)
        except Conflict:
            continue  # It goes out after all.
        raise SendFailed(Settled(id=message_id, state="failed", provider_id=None, code=code, error=error))


def send_outcome(settled: Settled | None, own_id: str) -> tuple[str, str, dict[str, Any] | None]:
    """Message id, Meta's `message_status` and the provider's raw answer. Raises SendFailed.

    Past the timeout, or with the outcome unknown, the id is ours and the status says so: the message is owed.
    """
    if settled is None:
        return own_id, "queued", None
    if settled.state in ("sent", "delivered", "read"):
        return settled.provider_id or own_id, settled.held or "accepted", settled.raw
    if settled.state == "uncertain":
        return settled.provider_id or own_id, "uncertain", None
    if settled.state in ("cancelled", "skipped"):
        raise Invalid(f"The message was {settled.state}.", code=settled.code or settled.state.upper())
    raise SendFailed(settled)
