"""The hot route: `POST /messages/text` on plain Starlette and msgspec (design, decision 3).

A request costs one header lookup, one cached key, one decode and one place in the group commit.
"""

from __future__ import annotations

import time
from typing import Any

import msgspec
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jackfield.core import (
    Accepted,
    Core,
    Invalid,
    JackfieldError,
    Submission,
    explain,
    fingerprint,
)

from .. import LABEL, DialectOptions
from .._kit import failure_of, parse_id, read_body
from .._strict import JSON, content_type, known_queries
from . import multiwa
from .callers import caller_of
from .checks import invalid, refusal
from .context import example
from .envelope import fail, iso
from .requests import BESIDE
from .sending import MOST_WAIT_S, SendBody, parse_recipient, recipient_of
from .texts import TextContent
from .times import planned

PREFIXES = ("/api/v1", "/api")
DEFAULT_S = 2.0
"""How long another process may go on with a default profile that was changed; this one is told by the bus."""
_QUERIES = frozenset({"wait"})


class TextBody(TextContent, SendBody):
    """A text."""

    model_config = example(profileId="1", to="628123456789", text="Hello!")


_check = TextBody.__pydantic_validator__.validate_json
_encode = msgspec.json.Encoder().encode


class HotText:
    """The endpoint."""

    def __init__(self, core: Core, options: DialectOptions) -> None:
        self._core = core
        self._options = options
        self._defaults: dict[int, tuple[int, float]] = {}
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
        label = request.scope.get(LABEL)
        if label is not None:
            label.workspace_id = caller.workspace_id
        wait = self._wait(request) if request.scope["query_string"] else 0.0
        raw = await read_body(request, self._options.max_body)
        content_type(request, JSON)
        try:
            body: TextBody = _check(raw)
        except ValidationError as error:
            raise self._refusal(error, raw) from None
        recipient_of(body)
        channel_id = await self._channel(caller, body.profile_id)
        workspace_id, engine = await core.channels.facts(channel_id)
        if workspace_id != caller.workspace_id:
            raise core.channels._missing(body.profile_id)
        caller.channel(channel_id)
        peer, kind = parse_recipient(core, engine, body)
        idempotency = request.headers.get("idempotency-key")
        if idempotency is not None and not 1 <= len(idempotency) <= 255:
            raise invalid("Idempotency-Key", "Must have 1 to 255 characters.")
        category = body.category or "service"
        if not self._caps.free(channel_id):
            await self._caps.check(channel_id, peer, category)
        reply_to = str(body.reply_to) if body.reply_to is not None else None
        if reply_to and reply_to.isdigit():
            reply_to = await self._actions.provider_id(workspace_id, channel_id, reply_to)
        content = body.content()
        if body.entities or body.format:
            core.networks.check(engine, content)
        accepted = await core.messages.submit(
            Submission(
                workspace_id=workspace_id,
                channel_id=channel_id,
                peer=peer,
                chat_kind=kind,
                content=content,
                category=category,
                due_at=await planned(core, workspace_id, "scheduledAt", body.scheduled_at),
                tag=body.tag,
                reply_to=reply_to or None,
                source=caller.source,
                member_id=caller.member_id,
                idempotency_key=idempotency,
                fingerprint=fingerprint("messages/text", raw) if idempotency is not None else "",
            )
        )
        if wait:
            return await self._outcome(accepted, channel_id, peer, wait)
        return accepted_response(accepted.id, accepted.state, accepted.created_at, channel_id, peer)

    @staticmethod
    def _wait(request: Request) -> float:
        """`?wait=SECONDS`: the answer tells what the network said. Raises Invalid."""
        known_queries(request, _QUERIES, BESIDE, ())
        given = request.query_params.get("wait", "0")
        try:
            seconds = float(given)
        except ValueError:
            raise invalid("wait", "Must be a number.") from None
        if not 0 <= seconds <= MOST_WAIT_S:
            raise invalid("wait", f"Must be between 0 and {MOST_WAIT_S:g}.")
        return seconds

    async def _outcome(self, accepted: Accepted, channel_id: int, peer: str, seconds: float) -> Response:
        settled = await self._core.messages.outcome(accepted.id, seconds)
        if settled is None:
            return accepted_response(accepted.id, accepted.state, accepted.created_at, channel_id, peer)
        more: dict[str, Any] = {"providerId": settled.provider_id}
        if settled.code is not None:
            why = explain(settled.code) or {}
            more["error"] = {**why, "message": settled.error or why.get("title")}
        return accepted_response(accepted.id, settled.state, accepted.created_at, channel_id, peer, more)

    @staticmethod
    def _refusal(error: ValidationError, raw: bytes) -> JackfieldError:
        """What is wrong with a body; it is read once more, by a decoder that can tell how the caller spelled it."""
        try:
            given = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Invalid("The body is not valid JSON.", code="INVALID_JSON")
        return refusal(error, given)

    async def _channel(self, caller: Any, given: str | int | None) -> int:
        if given is not None and given != "":
            return parse_id(given, "profile", "PROFILE_NOT_FOUND")
        if caller.channel_id is not None:
            return int(caller.channel_id)
        known = self._defaults.get(caller.workspace_id)
        if known is None or known[1] < time.monotonic():
            id_ = (await self._core.channels.default(caller.workspace_id)).id
            known = self._defaults[caller.workspace_id] = id_, time.monotonic() + DEFAULT_S
        return known[0]


def accepted_response(
    id_: int, state: str, created_at: int, channel_id: int, peer: str, more: dict[str, Any] | None = None
) -> Response:
    """The answer to a send: it is in the ledger."""
    at = iso(created_at)
    shown: dict[str, Any] = {"messageId": str(id_), "id": str(id_), "status": state, "to": peer, "timestamp": at}
    if more:
        shown |= more
    beside = multiwa.accepted(shown, profile_id=channel_id, kind="text")
    data = {**beside, "success": True, "data": shown, "meta": {"timestamp": at}}
    return Response(_encode(data), media_type="application/json")


def hot_routes(core: Core, options: DialectOptions) -> list[Route]:
    """The hot routes, to be matched before the mounted app."""
    endpoint = HotText(core, options)
    return [Route(f"{prefix}/messages/text", endpoint.__call__, methods=["POST"]) for prefix in PREFIXES]
