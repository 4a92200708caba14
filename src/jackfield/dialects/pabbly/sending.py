"""A message on its way: the template it names, the outcome that is waited for, and how that is told."""

from __future__ import annotations

from typing import Any

from jackfield.core import ChannelView, Core, Invalid, JackfieldError, RetryClass, Settled, TemplateView, lookup
from jackfield.core import content as c

from .._kit import Failure
from .convert import TemplateGiven, values_for


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


def told(settled: Settled | None, own_id: str) -> tuple[str, str, dict[str, Any] | None]:
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
