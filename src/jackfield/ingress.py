"""Callbacks of the networks' providers: raw request to the engine's parser to the core. A callback is stored before it
is acknowledged, so that the provider sends again what could not be stored."""

from __future__ import annotations

import time

import msgspec
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from jackfield.core import CallbackRequest, ChannelView, Core, EngineConfig, HasCallbacks

log = structlog.get_logger(__name__)

MAX_BODY = 4 * 1024 * 1024
"""Bytes. Meta's payloads have at most 3 MB."""
CACHE_S = 2.0
"""How long a channel's opened configuration is used without asking the database again."""


CACHE_CHANNELS = 10_000
"""Most channels in the cache; with more it starts afresh."""


class _Target(msgspec.Struct):
    channel: ChannelView
    config: EngineConfig
    stale_at: float


class Ingress:
    """`/hooks/{profile}`: GET verification and signed POST of Meta, secret-token POST of Telegram."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._targets: dict[str, _Target] = {}
        core.bus.subscribe("channels", lambda _: self._targets.clear())

    async def _target(self, profile: str) -> _Target | None:
        """A channel with its opened configuration, cached: opening it costs more than checking a signature."""
        known = self._targets.get(profile)
        if known is not None and known.stale_at > time.monotonic():
            return known
        channel = await self._core.channels.find(profile)
        if channel is None:
            return None
        await self._core.channels.loaded(channel.engine)
        target = _Target(channel, self._core.channels.config_of(channel), time.monotonic() + CACHE_S)
        if len(self._targets) >= CACHE_CHANNELS:
            self._targets.clear()
        self._targets[profile] = target
        return target

    async def __call__(self, request: Request) -> Response:
        """Answer a provider."""
        target = await self._target(request.path_params["profile"])
        if target is None:
            return JSONResponse({"error": "There is no such profile."}, 404)
        channel = target.channel
        engine = self._core.channels.engine(channel.engine)
        if not isinstance(engine, HasCallbacks):
            return JSONResponse({"error": "This profile takes no callbacks."}, 404)
        body = bytearray()
        try:
            async for piece in request.stream():
                body += piece
                if len(body) > MAX_BODY:
                    return JSONResponse({"error": "The body is too large."}, 413)
        except ClientDisconnect:
            # The client disconnected in the middle of the body; a provider sends it again.
            return Response(status_code=400)
        answer = engine.parse_callback(
            target.config,
            CallbackRequest(
                method=request.method, headers=dict(request.headers), query=dict(request.query_params), body=bytes(body)
            ),
        )
        if answer.reports:
            try:
                await self._core.intake.receive(channel, answer.reports)
            except Exception:
                # Not stored, so not acknowledged: the provider sends it again.
                log.exception("callback could not be stored", channel=channel.id)
                return JSONResponse({"error": "The callback was not stored; send it again."}, 503)
        return Response(answer.body, answer.status, media_type=answer.content_type)
