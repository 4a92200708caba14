"""What the dialects' contexts share: the core, who calls, which channel is meant, and the count of what is used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import structlog
from fastapi import Request

from jackfield.core import ChannelView, Core, LimitReached, PendingEntry, Principal

from . import LABEL, DialectOptions
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


class AuditNote:
    """An entry of the audit log under way: the transaction of what it tells writes it, or else `finish`."""

    def __init__(self, core: Core, entry: PendingEntry, call: str, *, exported: bool) -> None:
        self.entry = entry
        self._core = core
        self._call = call
        self._exported = exported

    async def finish(self) -> None:
        """Append the entry of a call that was carried out, unless it is there. An export calls it before its first byte
        leaves. Raises LimitReached for an export that cannot be noted: it is not handed out.
        """
        try:
            await self._core.audit.finish(self.entry)
        except LimitReached:
            if self._exported:
                raise
            # It is done; to fail it now would have it done again.
            log.warning("audit entry lost", call=self._call)


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
        label = request.scope.get(LABEL)
        if label is not None:
            label.workspace_id = workspace_id

    def count_caller(self, request: Request, caller: Principal) -> None:
        """As `count`, for a guard."""
        self.count(request, caller.workspace_id)

    def note(self, request: Request, caller: Any, scope: str) -> AuditNote | None:
        """What the audit log is to say of what is changed or exported, for a guard: who, from where, which call, on what,
        and the names of the fields that were sent; None for what is not noted. Messages and conversations are their own
        record, and accounts note what they change with more detail."""
        route = getattr(request.scope.get("route"), "path", "").replace("/{language}", "")
        noun, _, verb = scope.partition(":")
        exported = route.endswith("/export")
        if not exported and (verb != "write" or noun not in AUDITED or request.method in SAFE):
            return None
        who: Principal = getattr(caller, "member", caller)
        one = AUDITED.get(noun, noun)
        # By its id alone: an address in the path may be somebody's number.
        given = str(request.path_params.get("id", ""))

        def describe() -> dict[str, Any]:
            body = getattr(request, "_json", None)
            return {
                "workspace_id": who.workspace_id,
                "actor": who.actor[:300],
                "action": f"{one}.exported" if exported else f"{one}.changed",
                "target": f"{one}:{given}" if given.isdigit() and "/suppressions" not in route else None,
                "ip": self.ip(request)[:64],
                "data": {
                    "api": self.dialect,
                    "call": f"{request.method} {route}",
                    **({"session": who.session_id} if who.session_id is not None else {}),
                    **({"fields": sorted(name[:64] for name in body)[:50]} if isinstance(body, dict) else {}),
                },
            }

        return AuditNote(self.core, PendingEntry(describe), f"{request.method} {route}", exported=exported)

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
