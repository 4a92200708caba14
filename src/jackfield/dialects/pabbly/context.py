"""What the routes share: the core, the caller, the default channel, our own addresses, ids of a workspace."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from jackfield.core import ChannelView, Core, NotFound, Principal

from .. import DialectOptions
from .._context import KeyContext
from .._kit import json_body
from .._strict import known_fields
from . import ids
from .params import body_of

BASE = "/api/v1"
"""The vendor's own path, after our mount point or host name."""


class Context(KeyContext):
    """One per app."""

    dialect = "pabbly"
    credentials = ("bearer", "x-api-key")

    def __init__(self, core: Core, options: DialectOptions) -> None:
        super().__init__(core, options)
        self._workspaces: dict[int, tuple[str, str]] = {}

    async def body(self, request: Request, known: Collection[str]) -> dict[str, Any]:
        """The body as an object of known fields. Raises Invalid."""
        data = body_of(await json_body(request, self.options.max_body))
        known_fields(data, known)
        return data

    async def channel(self, caller: Principal) -> ChannelView:
        """The key's own channel, else the workspace's default one."""
        try:
            return await self.own_channel(caller)
        except NotFound as error:
            raise NotFound("No WhatsApp number is connected; add a profile first.", code=error.code) from None

    async def workspace(self, workspace_id: int) -> tuple[str, str]:
        """`settingId` and `userId`: the workspace and its first owner, as 24-hex ids. Neither ever changes."""
        known = self._workspaces.get(workspace_id)
        if known is None:
            row = await self.core.accounts.workspace(workspace_id)
            setting = ids.encode(row.created_at, row.id)
            owners = await self.core.accounts.members(workspace_id, role="owner", limit=1)
            owner = owners.items[0] if owners.items else None
            known = (setting, ids.encode(owner.created_at, owner.id) if owner is not None else setting)
            if owner is not None:
                self._workspaces[workspace_id] = known
        return known

    def origin(self, request: Request) -> str:
        """Our own address as callers reach it, up to the host name."""
        # Behind a host name of its own (JACKFIELD_DIALECT_HOSTS) the dialect is not mounted, and that name counts.
        if self.options.public_url and request.scope.get("root_path"):
            return self.options.public_url.rstrip("/")
        return f"{request.url.scheme}://{request.url.netloc}"

    def files(self, request: Request) -> str:
        """Where links to files lead: the public address where there is one."""
        return self.options.public_url.rstrip("/") or self.origin(request)

    def address(self, request: Request, path: str, query: list[tuple[str, str]]) -> str:
        """The address of one of our own endpoints."""
        return f"{self.origin(request)}{request.scope.get('root_path', '')}{BASE}{path}?{urlencode(query)}"
