"""What the dialects' contexts share: the core, who calls, which channel is meant, and the count of what is used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import structlog
from fastapi import Request

from jackfield.core import ChannelView, Core, LimitReached, Principal

from . import DialectOptions
from ._access import Guard
from ._browser import SAFE
from ._kit import client_ip, principal

AUDITED: Final = {
    "calls": "call",
    "campaigns": "campaign",
    "catalogs": "catalog",
    "channels": "channel",
    "contacts": "contact",
    "groups": "group",
    "media": "media",
    "templates": "template",
    "webhooks": "webhook",
    "workspace": "workspace",
}
"""Nouns of scopes whose changes go to the audit log, as the log names them."""

log = structlog.get_logger(__name__)


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

    async def note(self, request: Request, caller: Any, scope: str) -> None:
        """Put what was changed or exported into the audit log, for a guard: who, from where, which call, on what, and the
        names of the fields that were sent, never their values. Messages and conversations are their own record, and
        accounts note what they change with more detail."""
        route = getattr(request.scope.get("route"), "path", "").replace("/{language}", "")
        noun, _, verb = scope.partition(":")
        exported = route.endswith("/export")
        if not exported and (verb != "write" or noun not in AUDITED or request.method in SAFE):
            return
        who: Principal = getattr(caller, "member", caller)
        one = AUDITED.get(noun, noun)
        # By its id alone: an address in the path may be somebody's number.
        given = str(request.path_params.get("id", ""))
        body = getattr(request, "_json", None)
        try:
            await self.core.audit.append(
                who.workspace_id,
                who.actor,
                f"{one}.exported" if exported else f"{one}.changed",
                f"{one}:{given}" if given.isdigit() and "/suppressions" not in route else None,
                self.ip(request),
                {
                    "api": self.dialect,
                    "call": f"{request.method} {route}",
                    **({"session": who.session_id} if who.session_id is not None else {}),
                    **({"fields": sorted(name[:64] for name in body)[:50]} if isinstance(body, dict) else {}),
                },
            )
        except LimitReached:
            # It is done; to fail it now would have it done again.
            log.warning("audit entry lost", call=f"{request.method} {route}", workspace_id=who.workspace_id)

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
        return Guard(self.caller, scope, count=self.count_caller, note=self.note)
