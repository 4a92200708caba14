"""A message on its way: the template it names, the outcome that is waited for, and how that is told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from jackfield.core import (
    NEEDS_A_PERSON,
    ChannelView,
    Conflict,
    Core,
    Invalid,
    JackfieldError,
    NotFound,
    RetryClass,
    Settled,
    TemplateView,
    known,
    lookup,
    required,
)
from jackfield.core import content as c

from .._kit import Failure
from .convert import TemplateGiven, values_for
from .params import bad


@contextmanager
def named(data: Mapping[str, Any]) -> Iterator[None]:
    """An error about a part of a message, as the core knows it, becomes one about the field that the caller gave."""
    try:
        yield
    except (Invalid, NotFound) as error:
        if error.code == "MEDIA_NOT_FOUND":
            raise Invalid(f"{_file_field(data)}: {error.message}", code=error.code) from None
        if not isinstance(error.details, dict) or len(error.details) != 1:
            raise
        ((part, words),) = error.details.items()
        field = _field(str(part), data, missing="has no value" in str(words))
        if field is None or not isinstance(words, list):
            raise
        # The part is named before the words in some errors.
        why = str(words[0]).removeprefix(f"{part}: ")
        raise Invalid(f"{field}: {why}", code=error.code, details={field: [why]}) from None


def _file_field(data: Mapping[str, Any]) -> str:
    """Where a request has its file."""
    if data.get("carouselFileData"):
        return "carouselFileData"
    return "header.link" if data.get("header") else "link"


def _field(part: str, data: Mapping[str, Any], *, missing: bool) -> str | None:
    """The field that fills a part of a message: `body.1`, `header`, `buttons.0`, `cards.2.header`, `url`; None for one that is
    a field already, or unknown."""
    place, _, rest = part.partition(".")
    button = _button_field(data, part.rpartition(".")[2], missing=missing)
    if place == "cards":
        inside = rest.partition(".")[2].partition(".")[0]
        card = f"[{rest.partition('.')[0]}]" if rest else ""
        return {"header": f"carouselFileData{card}", "buttons": button}.get(inside, f"carouselBodies{card}")
    if (
        place == "body"
        and missing
        and "copyCodeParam" in data
        and not (data["copyCodeParam"] or data.get("bodyParams"))
    ):
        # The code of an authentication template is its text's value too.
        return "copyCodeParam"
    if place in ("body", "header") and "templateName" in data:
        if place == "header" and not data.get("headerParams") and data.get("link"):
            return "link"
        return f"{place}Params[{int(rest) - 1}]" if rest.isdigit() else f"{place}Params"
    return {
        "buttons": button,
        "offer": "ltoFields.unixTimestamp",
        "url": _file_field(data),
    }.get(place)


def _button_field(data: Mapping[str, Any], kind: str, *, missing: bool) -> str:
    """The field of a button's value, by the button's kind; where that is not told, one that is `missing` from the request, or
    one that it has."""
    code = "copyCode" if "copyCode" in data else "copyCodeParam"
    if kind in ("url", "copy_code", "otp"):
        return "urlVariables" if kind == "url" else code
    for name in ("urlVariables", code) if missing else ("urlVariables", code, "quickReplies"):
        if bool(data.get(name)) is not missing:
            return name
    return "urlVariables"


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
    """A template message. Raises Invalid; a button without a value is told with its kind: `cards.2.buttons.0.url`."""
    try:
        return core.templates.compose(template, values_for(template, said))
    except Invalid as error:
        if not isinstance(error.details, dict):
            raise
        kinds = {
            f"{'' if one.card is None else f'cards.{one.card}.'}buttons.{one.key}": one.kind
            for one in required(template)
            if one.place == "button"
        }
        details = {f"{part}.{kinds[part]}" if part in kinds else part: why for part, why in error.details.items()}
        raise Invalid(error.message, code=error.code, details=details) from None


async def recipient(core: Core, workspace_id: int, channel: ChannelView, said: Any, field: str) -> tuple[str, str]:
    """Address and kind of chat of a recipient. Phone numbers go by the one rule of contacts. Raises Invalid."""
    if isinstance(said, int | str) and str(said).strip().startswith("-"):
        raise bad(field, "is not a phone number.")
    try:
        peer, kind = core.networks.parse(channel.engine, said)
    except Invalid as error:
        raise Invalid(f"{field}: {error.message}", code=error.code, details={field: [error.message]}) from None
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


_LOOK_S = 0.25
"""When a number is looked at that went down before anybody listened, in seconds."""


async def outcome(core: Core, channel: ChannelView, message_id: int) -> Settled | None:
    """What the network answers, waiting as long as callers may; None when it is still owed then.

    What the network refuses for now (too much at once, an account in trouble) is told at once: the message is cancelled,
    so that the caller who hears of the failure may send it again.
    """
    changed = asyncio.Event()
    end = core.bus.subscribe("channel-status", lambda id_: changed.set() if id_ == channel.id else None)
    try:
        while True:
            settled = await _first_word(core, channel, message_id, changed)
            if settled is None or settled.state != "queued":
                return settled
            try:
                await core.messages.cancel(channel.workspace_id, message_id)
            except Conflict:
                continue  # It goes out after all.
            raise SendFailed(
                Settled(id=message_id, state="failed", provider_id=None, code=settled.code, error=settled.error)
            )
    finally:
        end()


async def _first_word(core: Core, channel: ChannelView, message_id: int, changed: asyncio.Event) -> Settled | None:
    """The outcome; or state `queued` with the reason when the network refused the message, or its number, for now."""
    answer = asyncio.create_task(core.messages.outcome(message_id, refused=_TOLD_AT_ONCE))
    look: float | None = _LOOK_S
    try:
        while not answer.done():
            news = asyncio.create_task(changed.wait())
            await asyncio.wait((answer, news), timeout=look, return_when=asyncio.FIRST_COMPLETED)
            news.cancel()
            changed.clear()
            look = None
            if not answer.done() and (down := await _down(core, channel, message_id)) is not None:
                return down
        return await answer or await _down(core, channel, message_id)
    finally:
        answer.cancel()


async def _down(core: Core, channel: ChannelView, message_id: int) -> Settled | None:
    """Why a message waits whose number went down; None where it does not wait for that."""
    now = await core.channels.get(channel.workspace_id, channel.id)
    if not is_down(now) or (await core.messages.get(channel.workspace_id, message_id)).state != "queued":
        return None
    # The refusal was about the whole number, and is kept as its reason: "131045: ...".
    error = now.status_reason or "The WhatsApp number is not connected."
    said = error.partition(":")[0]
    code = said if said.isdigit() and known(said) else "NOT_CONNECTED"
    return Settled(id=message_id, state="queued", provider_id=None, code=code, error=error)


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
