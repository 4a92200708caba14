"""What the native routes share: the core, the caller, the channel that a request means."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from fastapi import Request, Response

from jackfield.core.accounts import Principal, fingerprint
from jackfield.core.core import Core
from jackfield.core.errors import Invalid
from jackfield.core.models import Channel

from .. import DialectOptions
from .._kit import client_ip, principal, whole_id


class Context:
    """One per app."""

    def __init__(self, core: Core, options: DialectOptions) -> None:
        self.core = core
        self.options = options

    def allow(self, scope: str) -> Callable[[Request], Awaitable[Principal]]:
        """A dependency: the caller, who must have this scope."""

        async def caller(request: Request) -> Principal:
            who = await principal(self.core, request)
            who.require(scope)
            return who

        return caller

    def ip(self, request: Request) -> str:
        """The caller's address."""
        return client_ip(request, self.options.trusted_proxies)

    async def channel(self, caller: Principal, given: object = None) -> Channel:
        """The channel that a request means: the one named, else the key's own, else the workspace's default."""
        if given is None or given == "":
            if caller.channel_id is not None:
                return await self.core.channels.get(caller.workspace_id, caller.channel_id)
            return await self.core.channels.default(caller.workspace_id)
        channel_id = whole_id(given, "profile", "PROFILE_NOT_FOUND")
        caller.channel(channel_id)
        return await self.core.channels.get(caller.workspace_id, channel_id)

    async def once(
        self, request: Request, caller: Principal, body: Any, action: Callable[[], Awaitable[Response]]
    ) -> Response:
        """Run an action; with an `Idempotency-Key` a repeat within 24 h gives the first answer."""
        key = request.headers.get("idempotency-key")
        if key is None:
            return await action()
        if not 1 <= len(key) <= 255:
            raise Invalid("Idempotency-Key: 1 to 255 characters", details={"Idempotency-Key": ["1 to 255 characters."]})

        async def run() -> tuple[str, int]:
            response = await action()
            return bytes(response.body).decode(), response.status_code

        mark = fingerprint(request.method, request.url.path, msgspec.json.encode(body))
        answer = await self.core.accounts.once(caller.workspace_id, key, mark, run)
        return Response(answer.response, answer.status, media_type="application/json")
