"""Callbacks of the networks' providers: raw request to the engine's parser to the core. A callback is stored before it
is acknowledged, so that the provider sends again what could not be stored: applied, or kept as a problem."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import msgspec
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from jackfield.core import (
    CallbackEntry,
    CallbackPart,
    CallbackRequest,
    ChannelView,
    Core,
    EngineConfig,
    HasCallbacks,
    Overloaded,
    SharesCallbacks,
    passes,
)

log = structlog.get_logger(__name__)

MAX_BODY = 4 * 1024 * 1024
"""Bytes. Meta's payloads have at most 3 MB."""
CACHE_S = 2.0
"""How long a channel's opened configuration is used without asking the database again."""


CACHE_CHANNELS = 10_000
"""Most channels in the cache; with more it starts afresh."""

MANY_SECRETS = 8
"""With more secrets than these to try, signatures are computed in a thread."""


class _Target(msgspec.Struct):
    channel: ChannelView
    config: EngineConfig
    stale_at: float
    takes_callbacks: bool
    shares_callbacks: bool
    """What the engine is, asked once: `isinstance` with a protocol takes 40 us, more than checking a signature."""


class Ingress:
    """`/hooks/{profile}`: GET verification and signed POST of Meta, secret-token POST of Telegram. `/hooks/{network}` for
    networks that call one address for many channels."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._targets: dict[str, _Target] = {}
        self._shared = {
            network.shared_callback: network.engine
            for network in core.networks.all()
            if network.shared_callback is not None
        }
        core.bus.subscribe("channels", lambda _: self._targets.clear())

    async def _target(self, profile: str) -> _Target | None:
        """A channel with its opened configuration, cached: opening it costs more than checking a signature."""
        known = self._targets.get(profile)
        if known is not None:
            if known.stale_at > time.monotonic():
                return known
            # One request looks; the many that come meanwhile go on with what was known until now.
            known.stale_at = time.monotonic() + CACHE_S
        channel = await self._core.channels.find(profile)
        if channel is None:
            self._targets.pop(profile, None)
            return None
        await self._core.channels.loaded(channel.engine)
        engine = self._core.channels.engine(channel.engine)
        target = _Target(
            channel,
            self._core.channels.config_of(channel),
            time.monotonic() + CACHE_S,
            isinstance(engine, HasCallbacks),
            isinstance(engine, SharesCallbacks),
        )
        if len(self._targets) >= CACHE_CHANNELS:
            self._targets.clear()
        self._targets[profile] = target
        return target

    async def __call__(self, request: Request) -> Response:
        """Answer a provider."""
        profile = request.path_params["profile"]
        shared = self._shared.get(profile)
        target = None if shared is not None else await self._target(profile)
        if shared is None and target is None:
            return JSONResponse({"error": "There is no such profile."}, 404)
        if target is not None and not target.takes_callbacks:
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
        except Overloaded:
            return JSONResponse({"error": "The server is busy; send the callback again."}, 503, {"Retry-After": "1"})
        asked = CallbackRequest(
            method=request.method,
            headers=_headers_of(request),
            query=dict(request.query_params) if request.scope["query_string"] else {},
            body=bytes(body),
        )
        try:
            if target is not None:
                return await self._own(target, asked)
            assert shared is not None
            return await self._for_many(shared, asked)
        except Exception as error:
            # Not stored, so not acknowledged: the provider sends it again. The error's text may hold what was to be
            # stored.
            log.error("callback could not be stored", hook=profile, error=type(error).__name__)
            return JSONResponse({"error": "The callback was not stored; send it again."}, 503)

    # -- the callback of one channel -----------------------------------------------------------------

    async def _own(self, target: _Target, asked: CallbackRequest) -> Response:
        channel = target.channel
        engine: Any = self._core.channels.engine(channel.engine)
        answer = engine.parse_callback(target.config, asked)
        if answer.reports:
            await self._receive(channel, answer.reports, asked.body)
        if answer.elsewhere and target.shares_callbacks:
            await self._others(engine, target, answer.elsewhere, asked)
        headers = {"Allow": "POST"} if answer.status == 405 else None
        return Response(answer.body, answer.status, headers, answer.content_type)

    async def _others(
        self, engine: SharesCallbacks, target: _Target, parts: Sequence[CallbackPart], asked: CallbackRequest
    ) -> None:
        """Hand on what concerns other channels: only to those with whose own secret the callback is signed."""
        channel, signed = target.channel, _Signed(engine, asked)
        for part in parts:
            found = await self._core.directory.find(channel.engine, part)
            entries = [one for one in found if one.channel.id != channel.id and signed.by(one)]
            if part.phone and not entries:
                # Of a number that tells its phone number only once it is connected.
                await self._receive(channel, engine.reread(target.config, part.body).reports, part.body)
            elif part.account and not entries:
                await self._core.intake.keep_callback(channel, part.body, "unknown_number", part.account)
            await self._deliver(engine, entries, part)

    async def _receive(self, channel: ChannelView, reports: Sequence[object], body: bytes) -> None:
        """Apply reports; where not even that can be kept which does not apply, the callback is kept as it came."""
        try:
            await self._core.intake.receive(channel, reports)  # type: ignore[arg-type]
        except Exception as error:
            if passes(error):
                raise
            log.error("reports could not be kept", channel=channel.id, error=type(error).__name__)
            await self._core.intake.keep_callback(channel, body, "not_applied", "callback", type(error).__name__)

    # -- one callback for many channels --------------------------------------------------------------

    async def _for_many(self, engine_name: str, asked: CallbackRequest) -> Response:
        engine = await self._core.channels.loaded(engine_name)
        assert isinstance(engine, SharesCallbacks)
        everybody = await self._core.directory.entries(engine_name)
        if asked.method in ("GET", "HEAD"):
            return self._verified(engine, everybody, asked)
        if asked.method != "POST":
            return JSONResponse({"error": "Use GET or POST."}, 405)
        signed = _Signed(engine, asked)
        parts = engine.split_callback(asked.body)
        wanted: list[tuple[CallbackPart, list[CallbackEntry]]] = []
        for part in parts or ():
            found = await self._core.directory.find(engine_name, part)
            wanted.append((part, [one for one in found if signed.by(one)]))
        first = next((entries[0] for _, entries in wanted if entries), None)
        if first is None:
            first = await signed.first(everybody)
        if first is None:
            return Response(b"The signature is of no profile's app", 401, media_type="text/plain")
        if parts is None:
            await self._core.intake.keep_callback(first.channel, asked.body, "unreadable", "webhook")
        for part, entries in wanted:
            if not entries and not part.account and not part.phone:
                # Of a business account that no profile names, or of a shape that is not documented.
                entries = [one for one in everybody if not one.group and signed.knows(one)] or [first]
            if entries:
                await self._deliver(engine, entries, part)
            else:
                name = part.account or part.phone
                await self._core.intake.keep_callback(first.channel, part.body, "unknown_number", name)
        return Response(b"ok", media_type="text/plain")

    async def _deliver(self, engine: SharesCallbacks, entries: Sequence[CallbackEntry], part: CallbackPart) -> None:
        for one in entries:
            await self._receive(one.channel, engine.reread(one.config, part.body).reports, part.body)

    @staticmethod
    def _verified(engine: SharesCallbacks, everybody: Sequence[CallbackEntry], asked: CallbackRequest) -> Response:
        """The answer of the first channel that takes the verification, else a refusal."""
        assert isinstance(engine, HasCallbacks)
        for one in everybody:
            answer = engine.parse_callback(one.config, asked)
            if answer.status == 200:
                return Response(answer.body, answer.status, media_type=answer.content_type)
        return Response(b"The verify token is of no profile", 403, media_type="text/plain")


def _headers_of(request: Request) -> dict[str, str]:
    """The headers by name, of repeated ones the first. Starlette's own mapping looks through all of them for each."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(request.scope["headers"])}


class _Signed:
    """By whose secret a callback is signed; each secret is tried once."""

    def __init__(self, engine: SharesCallbacks, asked: CallbackRequest) -> None:
        self._engine = engine
        self._asked = asked
        self._tried: dict[str, bool] = {}

    def by(self, entry: CallbackEntry) -> bool:
        """Whether it is signed with this channel's secret."""
        if entry.secret is None:
            return False
        if entry.secret not in self._tried:
            self._tried[entry.secret] = self._engine.is_signed(entry.secret, self._asked)
        return self._tried[entry.secret]

    def knows(self, entry: CallbackEntry) -> bool:
        """As `by`, of secrets that were tried already."""
        return entry.secret is not None and self._tried.get(entry.secret, False)

    async def first(self, entries: Sequence[CallbackEntry]) -> CallbackEntry | None:
        """The first of these channels with whose secret it is signed."""
        if len({one.secret for one in entries}) > MANY_SECRETS:
            return await asyncio.to_thread(self._first, entries)
        return self._first(entries)

    def _first(self, entries: Sequence[CallbackEntry]) -> CallbackEntry | None:
        return next((one for one in entries if self.by(one)), None)
