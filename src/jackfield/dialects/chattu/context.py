"""What Chattu's routes share: who calls, which client is meant, the limits, and sending with the outcome."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
import structlog
from fastapi import Request

from jackfield.core import (
    ChannelView,
    Conflict,
    Content,
    Forbidden,
    Invalid,
    LimitReached,
    MessageView,
    NotFound,
    Principal,
    Submission,
    Unauthenticated,
    lookup,
    now_ms,
    one_client,
    states,
)

from .._access import Guard
from .._browser import SAFE, check_same_origin, session_token
from .._context import BaseContext
from .._kit import credential
from .convert import as_taken
from .wire import client_id

log = structlog.get_logger(__name__)

HOUR, QUARTER, MINUTE = 3600, 900, 60
LIMITS: Final[dict[str, tuple[int, int]]] = {
    "reset-api-key": (5, HOUR),
    "delete-client": (5, HOUR),
    "delete-schedule": (10, QUARTER),
    "api": (100, QUARTER),
    "chat": (60, MINUTE),
}
"""So many in so many seconds (seed, "Security & Rate Limiting" and the endpoints' own words)."""

DELAY_S: Final = (2.0, 5.0)
"""The random delay before a message to a group (seed, send-group-message)."""

KEY_NAME: Final = "Chattu client"
KEY_SCOPES: Final = (
    "messages:*",
    "media:*",
    "chats:*",
    "groups:*",
    "calls:*",
    "channels:read",
    "webhooks:*",
)
"""What a client's own key may do; it reaches its own channel only."""

_MEDIA_CODES: Final = frozenset({"131052", "131053"})
_READ_ONLY_CODES: Final = frozenset({"403", "NOT_GROUP_MEMBER"})


class SentMessage(msgspec.Struct, kw_only=True):
    """What became of a message within the time that a caller waits. `state` sent, or queued when it is still owed."""

    id: int
    provider_id: str
    timestamp: int
    state: str


class Context(BaseContext):
    """One per app."""

    dialect = "chattu"

    # -- who calls -----------------------------------------------------------------------------------

    # Dependencies: the caller, who must have the scope. `limit` names one of LIMITS, by the caller's address; it is
    # counted before anything is asked, so that guessing counts too.

    def by_key(self, scope: str | None, *, limit: str | None = None) -> Guard:
        """The caller by API key."""
        return Guard(self.key, scope, who="key", count=self.count_caller, limit=self._limiter(limit), note=self.note)

    def by_login(self, scope: str, *, limit: str | None = None) -> Guard:
        """The caller by login."""
        return Guard(
            self.session, scope, who="login", count=self.count_caller, limit=self._limiter(limit), note=self.note
        )

    def by_either(self, scope: str, *, limit: str | None = None) -> Guard:
        """The caller by login or key."""
        return Guard(self.either, scope, count=self.count_caller, limit=self._limiter(limit), note=self.note)

    def _limiter(self, name: str | None) -> Callable[[Request], Awaitable[None]] | None:
        return None if name is None else lambda request: self.limit(request, name)

    async def key(self, request: Request) -> Principal:
        """The caller by API key: the account's or a client's. Raises Unauthenticated."""
        given = credential(request, ("x-api-key", "bearer"))
        if given is None:
            raise Unauthenticated("API key is required: send it in the x-api-key header.")
        return await self.core.accounts.authenticate_key(given)

    async def session(self, request: Request) -> Principal:
        """The caller by login: the cookie of POST /login or the dashboard, or its token as a bearer."""
        given = self._cookie(request) or credential(request, ("bearer",))
        if given is None:
            raise Unauthenticated("Log in first: this endpoint takes no API key.")
        return await self.core.accounts.authenticate_token(given)

    def _cookie(self, request: Request) -> str | None:
        """The token of the session cookie. Raises Forbidden when another site made the browser send it."""
        token = session_token(request, self.options)
        if token is not None:
            # The seed's own clients are programs that keep cookies.
            check_same_origin(request, self.options, safe=request.method in SAFE, programs=True)
        return token

    async def either(self, request: Request) -> Principal:
        """The caller by login or by API key, whichever is sent; the key goes first."""
        if request.headers.get("x-api-key"):
            return await self.key(request)
        if session_token(request, self.options):
            return await self.session(request)
        given = credential(request, ("bearer",))
        if given is None:
            raise Unauthenticated("Log in, or send your API key in the x-api-key header.")
        return await self.core.accounts.authenticate(given)

    async def limit(self, request: Request, name: str, who: str | None = None) -> None:
        """Count a request against one of LIMITS, by the caller's address or `who`. Raises LimitReached."""
        maximum, seconds = LIMITS[name]
        ip = self.ip(request)
        try:
            await self.core.limits.hit(f"chattu-{name}", who or one_client(ip), maximum, seconds)
        except LimitReached:
            log.warning("rate limit reached", dialect="chattu", limit=name, ip=ip, path=request.url.path)
            raise

    async def audit(self, request: Request, workspace_id: int, actor: str, action: str, target: str | None) -> None:
        """Note a security event."""
        await self.core.audit.record(None, workspace_id, actor, action, target, self.ip(request), {"dialect": "chattu"})

    # -- which client --------------------------------------------------------------------------------

    async def find(self, workspace_id: int, given: str) -> ChannelView | None:
        """The channel of this clientId: the caller's own name for it, or our id where it has none."""
        try:
            return await self.core.channels.by_key(workspace_id, given)
        except NotFound:
            pass
        if given.isascii() and given.isdigit() and len(given) < 19:
            try:
                return await self.core.channels.get(workspace_id, int(given))
            except NotFound:
                pass
        return None

    async def client(self, caller: Principal, given: str) -> ChannelView:
        """The client that a request means. Raises NotFound (CLIENT_NOT_FOUND), Forbidden (ACCESS_DENIED)."""
        channel = await self.find(caller.workspace_id, given)
        if channel is None or self.core.networks.of(channel.engine).name == "telegram":
            raise NotFound("Client not found.", code="CLIENT_NOT_FOUND")
        if caller.channel_id is not None and caller.channel_id != channel.id:
            raise Forbidden("This API key belongs to another client.", code="ACCESS_DENIED")
        return channel

    async def clients(self, caller: Principal) -> list[ChannelView]:
        """All that a caller may see, oldest first. Telegram bots are no clients here."""
        rows = await self.core.channels.list(caller.workspace_id)
        return [
            row
            for row in rows
            if self.core.networks.of(row.engine).name != "telegram"
            and (caller.channel_id is None or row.id == caller.channel_id)
        ]

    async def client_key(self, request: Request, caller: Principal, channel: ChannelView) -> str:
        """A client's own key in clear, made when it has none yet."""
        accounts, ip = self.core.accounts, self.ip(request)
        page = await accounts.keys(channel.workspace_id, channel_id=channel.id, limit=200)
        found = next((one for one in reversed(page.items) if one.name == KEY_NAME), None)
        if found is not None:
            return await accounts.reveal(channel.workspace_id, found.id, by=caller, ip=ip)
        made = await accounts.create_key(
            channel.workspace_id, KEY_NAME, scopes=KEY_SCOPES, channel_id=channel.id, by=caller, ip=ip
        )
        return made.secret

    async def client_keys(self, request: Request, caller: Principal, channels: list[ChannelView]) -> dict[int, str]:
        """The keys of several clients by channel id. In the audit log once an hour: lists are polled."""
        found = await self.core.accounts.channel_secrets(
            caller.workspace_id,
            KEY_NAME,
            [channel.id for channel in channels],
            scopes=KEY_SCOPES,
            by=caller,
            ip=self.ip(request),
        )
        try:
            await self.core.limits.hit("chattu-keys-shown", f"{caller.workspace_id} {caller.actor}", 1, HOUR)
        except LimitReached:
            return found
        await self.audit(request, caller.workspace_id, caller.actor, "key.revealed", "clients")
        return found

    # -- sending -------------------------------------------------------------------------------------

    def ready(self, channel: ChannelView) -> None:
        """Raises Conflict when a client waits for a person: its messages would only lie in the queue."""
        if channel.wanted != "up" or channel.status not in ("connected", "connecting"):
            raise Conflict(
                f"Client {client_id(channel)!r} is not connected to WhatsApp; scan its QR code first.",
                code="CLIENT_NOT_CONNECTED",
            )

    async def within_plan(self, channel: ChannelView, peer: str) -> None:
        """Raises Forbidden (PLAN_LIMIT_EXCEEDED) once the client's daily cap is used up."""
        try:
            await self.core.caps.check(channel.id, peer, "service")
        except LimitReached as error:
            raise Forbidden(error.message, code="PLAN_LIMIT_EXCEEDED", details=error.details) from None

    async def send(
        self, channel: ChannelView, peer: str, kind: str, content: Content, *, delay: bool = False
    ) -> SentMessage:
        """Submit durably, then wait for the network's answer. `delay` puts it off by a random 2 to 5 s.

        Raises Invalid (MEDIA_ERROR, SEND_FAILED), Forbidden (READ_ONLY_CHAT) for what the network refused.
        """
        content = as_taken(content, self.core.networks.of(channel.engine).file_types)
        pause = random.uniform(*DELAY_S) if delay else 0.0
        accepted, outcome = await self.core.messages.submit_and_wait(
            Submission(
                workspace_id=channel.workspace_id,
                channel_id=channel.id,
                peer=peer,
                chat_kind=kind,
                content=content,
                source="api",
                due_at=now_ms() + round(pause * 1000) if delay else None,
            ),
            timeout=self.core.options.outcome_wait_seconds + pause,
        )
        if outcome is not None and outcome.state in (states.FAILED, states.CANCELLED, states.SKIPPED):
            raise refused(outcome.code, outcome.error)
        gone = outcome is not None and outcome.state in (states.SENT, states.DELIVERED, states.READ)
        row: MessageView = await self.core.messages.get(channel.workspace_id, accepted.id)
        return SentMessage(
            id=row.id,
            provider_id=row.provider_id or str(row.id),
            timestamp=(row.sent_at or row.created_at) // 1000,
            state="sent" if gone else "queued",
        )


def refused(code: str | None, error: str | None) -> Invalid | Forbidden:
    """The error for a message that the network refused for good."""
    if code in _READ_ONLY_CODES:
        return Forbidden(error or "Only admins may write here.", code="READ_ONLY_CHAT")
    entry = lookup(code)
    details: dict[str, Any] = {
        "code": code,
        "cause": entry.cause,
        "remedy": entry.remedy,
        "retryable": entry.retryable,
        "link": entry.link,
    }
    media = code in _MEDIA_CODES or entry.retry_class == "reupload"
    return Invalid(error or entry.title, code="MEDIA_ERROR" if media else "SEND_FAILED", details={"provider": details})
