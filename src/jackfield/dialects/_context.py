"""What the dialects' contexts share: the core, who calls, which channel is meant, and the count of what is used."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Request

from jackfield.core import ChannelView, Core, Principal

from . import DialectOptions
from ._access import Guard
from ._kit import client_ip, principal


class BaseContext:
    """One per app. A dialect sets `dialect`, its name."""

    dialect: str

    def __init__(self, core: Core, options: DialectOptions) -> None:
        self.core = core
        self.options = options

    def ip(self, request: Request) -> str:
        """The caller's address."""
        return client_ip(request, self.options.trusted_proxies)

    def count(self, request: Request, workspace_id: int) -> None:
        """Count the request in the workspace's use of this API, by route (whatever the language in its path)."""
        path = getattr(request.scope.get("route"), "path", "").replace("/{language}", "") or "other"
        self.core.api_uses.count(workspace_id, self.dialect, f"{request.method} {path}")

    def count_caller(self, request: Request, caller: Principal) -> None:
        """As `count`, for a guard."""
        self.count(request, caller.workspace_id)

    async def own_channel(self, caller: Principal) -> ChannelView:
        """The channel that the caller's key is bound to, else the workspace's default. Raises NotFound."""
        if caller.channel_id is not None:
            return await self.core.channels.get(caller.workspace_id, caller.channel_id)
        return await self.core.channels.default(caller.workspace_id)


class KeyContext(BaseContext):
    """For dialects whose callers send one key or token. `credentials`: the headers that may hold it, first wins."""

    credentials: Sequence[str] = ("x-api-key", "bearer")

    async def caller(self, request: Request) -> Principal:
        """Who calls. Raises Unauthenticated."""
        return await principal(self.core, request, self.credentials)

    def allow(self, scope: str | None = None) -> Guard:
        """A dependency: the caller, who must have this scope (None: whoever it is)."""
        return Guard(self.caller, scope, count=self.count_caller)
