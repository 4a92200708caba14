"""The hot route: `POST /messages/text` on plain Starlette and msgspec (design, decision 3).

A request costs one header lookup, one cached key, one decode and one place in the group commit.
"""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jackfield.core import (
    LANES,
    Accepted,
    Core,
    Invalid,
    JackfieldError,
    Submission,
    Text,
    explain,
    fingerprint,
    now_ms,
)

from .. import DialectOptions
from .._kit import failure_of, read_body, whole_id
from .callers import caller_of
from .envelope import fail, iso

MAX_TEXT = 65536
"""Longest text accepted at all; each engine has its own, smaller limit."""


PREFIXES = ("/api/v1", "/api")


class TextBody(msgspec.Struct, kw_only=True, rename="camel"):
    """`POST /messages/text`. Without `profileId` the workspace's default channel is used."""

    to: str | int | None = None
    chat_id: str | int | None = None
    text: str | None = None
    profile_id: str | int | None = None
    category: str = "service"
    preview_url: bool = True
    reply_to: str | int | None = None
    tag: str | None = None
    scheduled_at: str | int | None = None


_decoder = msgspec.json.Decoder(TextBody)
_encode = msgspec.json.Encoder().encode


def _invalid(field: str, why: str) -> Invalid:
    return Invalid(f"{field}: {why}", details={field: [why]})


def check_text(field: str, value: str | None, most: int) -> None:
    """Raises Invalid for text that cannot be kept: NUL, or longer than `most`."""
    if value is None:
        return
    if "\x00" in value:
        raise _invalid(field, "Must not contain NUL characters.")
    if len(value) > most:
        raise _invalid(field, f"At most {most} characters.")


class HotText:
    """The endpoint."""

    def __init__(self, core: Core, options: DialectOptions) -> None:
        self._core = core
        self._options = options
        self._defaults: dict[int, int] = {}
        self._caps = core.caps
        self._actions = core.actions
        core.bus.subscribe("channels", lambda _: self._defaults.clear())

    async def __call__(self, request: Request) -> Response:
        """Answer; every failure in the native envelope."""
        try:
            return await self._send(request)
        except Exception as error:
            return fail(request, failure_of(error))

    async def _send(self, request: Request) -> Response:
        core = self._core
        key = request.headers.get("x-api-key")
        caller = core.accounts.cached_key(key) if key else None
        if caller is None:
            caller = await caller_of(core, self._options, request)
        caller.require("messages:write")
        core.api_uses.count(caller.workspace_id, "native", "POST /messages/text")
        raw = await read_body(request, self._options.max_body)
        try:
            body = _decoder.decode(raw)
        except msgspec.ValidationError as error:
            raise self._named(error) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Invalid("The body is not valid JSON.", code="INVALID_JSON") from None
        if not body.text or not body.text.strip():
            raise _invalid("text", "Text is required.")
        check_text("text", body.text, MAX_TEXT)
        check_text("tag", body.tag, 200)
        reply_to = str(body.reply_to) if body.reply_to is not None else None
        check_text("replyTo", reply_to, 500)
        if body.category not in LANES:
            raise _invalid("category", f"One of {', '.join(LANES)}.")
        to = body.to if body.to is not None else body.chat_id
        if to is None or to == "":
            raise _invalid("to", "A recipient is required.")
        channel_id = await self._channel(caller, body.profile_id)
        workspace_id, engine = await core.channels.facts(channel_id)
        if workspace_id != caller.workspace_id:
            raise core.channels._missing(body.profile_id)
        caller.channel(channel_id)
        peer, kind = core.networks.parse(engine, to)
        idempotency = request.headers.get("idempotency-key")
        if idempotency is not None and not 1 <= len(idempotency) <= 255:
            raise _invalid("Idempotency-Key", "1 to 255 characters.")
        if not self._caps.free(channel_id):
            await self._caps.check(channel_id, peer, body.category)
        if reply_to and reply_to.isdigit():
            reply_to = await self._actions.provider_id(workspace_id, channel_id, reply_to)
        accepted = await core.messages.submit(
            Submission(
                workspace_id=workspace_id,
                channel_id=channel_id,
                peer=peer,
                chat_kind=kind,
                content=Text(text=body.text, preview=body.preview_url),
                category=body.category,
                due_at=parse_time("scheduledAt", body.scheduled_at),
                tag=body.tag,
                reply_to=reply_to or None,
                source="api",
                idempotency_key=idempotency,
                fingerprint=fingerprint("messages/text", raw) if idempotency is not None else "",
            )
        )
        if b"wait=" in request.scope["query_string"]:
            return await self._outcome(request, accepted, peer)
        return accepted_response(accepted.id, accepted.state, accepted.created_at, peer)

    async def _outcome(self, request: Request, accepted: Accepted, peer: str) -> Response:
        """`?wait=SECONDS`: the answer tells what the network said."""
        try:
            seconds = min(60.0, max(0.0, float(request.query_params.get("wait", ""))))
        except ValueError:
            raise _invalid("wait", "Must be a number of seconds.") from None
        settled = await self._core.messages.outcome(accepted.id, seconds) if seconds else None
        if settled is None:
            return accepted_response(accepted.id, accepted.state, accepted.created_at, peer)
        more: dict[str, Any] = {"providerId": settled.provider_id}
        if settled.code is not None:
            why = explain(settled.code) or {}
            more["error"] = {**why, "message": settled.error or why.get("title")}
        return accepted_response(accepted.id, settled.state, accepted.created_at, peer, more)

    @staticmethod
    def _named(error: msgspec.ValidationError) -> JackfieldError:
        text = str(error)
        what, _, place = text.partition(" - at `$.")
        field = place.rstrip("`") or "body"
        return _invalid(field, what)

    async def _channel(self, caller: Any, given: str | int | None) -> int:
        if given is not None and given != "":
            return whole_id(given, "profile", "PROFILE_NOT_FOUND")
        if caller.channel_id is not None:
            return int(caller.channel_id)
        known = self._defaults.get(caller.workspace_id)
        if known is None:
            known = (await self._core.channels.default(caller.workspace_id)).id
            self._defaults[caller.workspace_id] = known
        return known


def accepted_response(id_: int, state: str, created_at: int, peer: str, more: dict[str, Any] | None = None) -> Response:
    """The answer to a send: it is in the ledger."""
    at = iso(created_at)
    shown: dict[str, Any] = {"messageId": str(id_), "id": str(id_), "status": state, "to": peer, "timestamp": at}
    if more:
        shown |= more
    data = {"success": True, "data": shown, "meta": {"timestamp": at}}
    return Response(_encode(data), media_type="application/json")


def parse_time(field: str, value: str | int | None) -> int | None:
    """A time from ISO 8601 (with a zone, or UTC) or Unix seconds or ms. Raises Invalid."""
    if value is None or value == "":
        return None
    from datetime import UTC, datetime

    if isinstance(value, int):
        ms = value * 1000 if value < 100_000_000_000 else value
    else:
        try:
            moment = datetime.fromisoformat(value.strip())
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
            ms = int(moment.timestamp() * 1000)
        except (ValueError, OverflowError):
            raise _invalid(field, "Give a time as ISO 8601, such as 2026-02-05T10:00:00Z.") from None
    if not 0 < ms < now_ms() + 10 * 366 * 86_400_000:
        raise _invalid(field, "The time must lie within the next ten years.")
    return ms


def hot_routes(core: Core, options: DialectOptions) -> list[Route]:
    """The hot routes, to be matched before the mounted app."""
    endpoint = HotText(core, options)
    return [Route(f"{prefix}/messages/text", endpoint.__call__, methods=["POST"]) for prefix in PREFIXES]
