"""What Chatly's routes share: who calls, in which zone and language, on which channel, and sending."""

from __future__ import annotations

from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from fastapi import Request

from jackfield.core import (
    ChannelView,
    Conflict,
    ContactView,
    Content,
    Forbidden,
    Invalid,
    MessageView,
    Network,
    NotFound,
    Principal,
    Submission,
    Unauthenticated,
    WorkspaceView,
    states,
)

from .._access import Guard
from .._browser import SAFE, check_same_origin, session_token
from .._context import BaseContext
from .._kit import credential
from .fields import Fields
from .form import Form
from .wire import zone_of

TELEGRAM: Final = "telegram"
"""The network of bots, as engines name it."""
WAIT_S: Final = 10.0
"""How long a send waits for the network's answer."""


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls: the member by their token, and the key beside it. Both must allow what is done."""

    member: Principal
    key: Principal | None
    workspace: WorkspaceView
    zone: ZoneInfo
    language: str

    @property
    def workspace_id(self) -> int:
        """The tenant."""
        return self.member.workspace_id

    @property
    def channel_id(self) -> int | None:
        """The one channel that the key reaches, where it is narrowed to one."""
        return self.key.channel_id if self.key is not None else None

    def require(self, scope: str) -> None:
        """Raises Forbidden when the member or the key may not do this."""
        self.member.require(scope)
        if self.key is not None:
            self.key.require(scope)


class Context(BaseContext):
    """One per app."""

    dialect = "chatly"

    # -- who calls -----------------------------------------------------------------------------------

    async def key(self, request: Request) -> Principal:
        """The program, by its API key. Raises Unauthenticated (401) without one, Forbidden (403) for a wrong one."""
        given = credential(request, ("apikey", "x-api-key", "api-key"))
        if given is None:
            raise Unauthenticated("Add your API key in the apikey header.", code="API_KEY_MISSING")
        try:
            return await self.core.accounts.authenticate_key(given)
        except Unauthenticated as error:
            raise Forbidden(error.message, code="INVALID_API_KEY") from None

    async def _caller(self, request: Request, key: Principal | None, token: str) -> Caller:
        member = await self.core.accounts.authenticate_token(token)
        if key is not None and key.workspace_id != member.workspace_id:
            raise Forbidden("This API key belongs to another account.", code="INVALID_API_KEY")
        workspace = await self.core.accounts.workspace(member.workspace_id)
        self.count(request, member.workspace_id)
        return Caller(
            member=member,
            key=key,
            workspace=workspace,
            zone=zone_of(workspace.timezone),
            language=str(request.path_params.get("language", "en")),
        )

    async def caller(self, request: Request) -> Caller:
        """The member and the key. Raises Unauthenticated, Forbidden."""
        key = await self.key(request)
        token = credential(request, ("bearer",))
        if token is None:
            raise Unauthenticated("Add the JWT of /api/login as Authorization: Bearer.", code="TOKEN_MISSING")
        return await self._caller(request, key, token)

    async def visitor(self, request: Request) -> Caller:
        """As `caller`, or a person who is logged in at the dashboard."""
        token = session_token(request, self.options)
        if token and credential(request, ("apikey", "x-api-key", "api-key", "bearer")) is None:
            check_same_origin(request, self.options, safe=request.method in SAFE)
            return await self._caller(request, None, token)
        return await self.caller(request)

    def allow(self, scope: str | None = None) -> Guard:
        """A dependency: the member and the key, who both must have this scope."""
        return Guard(self.caller, scope, who="key and login", note=self.note)

    def allow_visitor(self, scope: str) -> Guard:
        """As `allow`, or a person who is logged in at the dashboard."""
        return Guard(self.visitor, scope, who="key and login, or login", note=self.note)

    def allow_key(self) -> Guard:
        """A dependency: the program, by its key alone."""
        return Guard(self.key, who="key")

    def fields(self, *names: str) -> Fields:
        """A dependency: the request's fields, which may be these only."""
        return Fields(self.options, names)

    # -- which channel -------------------------------------------------------------------------------

    async def channels(self, caller: Caller, *, telegram: bool) -> list[ChannelView]:
        """The workspace's bots, or its WhatsApp numbers; the default one first, then the oldest."""
        rows = [
            row
            for row in await self.core.channels.list(caller.workspace_id)
            if (self.type_of(row) == TELEGRAM) is telegram and caller.channel_id in (None, row.id)
        ]
        rows.sort(key=lambda row: (row.id != caller.workspace.default_channel_id, row.id))
        return rows

    def type_of(self, channel: ChannelView | None) -> str:
        """Chatly's word for a channel's network: telegram or whatsapp; whatsapp for one that is gone."""
        telegram = channel is not None and self.core.networks.of(channel.engine).name == TELEGRAM
        return "telegram" if telegram else "whatsapp"

    async def channel(self, caller: Caller, form: Form, *, telegram: bool = False) -> ChannelView:
        """The channel that a request means: `channel_id`, else the first. Raises Conflict where there is none."""
        rows = await self.channels(caller, telegram=telegram)
        given = form.id("channel_id", required=False)
        if given is not None:
            found = next((row for row in rows if row.id == given), None)
            if found is None:
                form.fail("channel_id", "The selected channel id is invalid.")
                form.check()
            assert found is not None
            return found
        if not rows:
            what = "Telegram bot" if telegram else "WhatsApp number"
            raise Conflict(f"No {what} is connected; add one first.", code="PROFILE_NOT_CONNECTED")
        return rows[0]

    def ready(self, channel: ChannelView) -> None:
        """Raises Conflict (500) while a channel waits for a person: what is sent would only lie in the queue."""
        if channel.wanted != "up" or channel.status not in ("connected", "connecting"):
            raise Conflict(
                f"{channel.name} is not connected ({channel.status_reason or channel.status}); connect it first.",
                code="PROFILE_NOT_CONNECTED",
            )

    # -- contacts ------------------------------------------------------------------------------------

    async def contact(self, caller: Caller, form: Form, *names: str) -> ContactView | None:
        """The contact of an id field; None after noting what is wrong with it."""
        given = form.id(*names)
        if given is None:
            return None
        try:
            return await self.core.contacts.get(caller.workspace_id, given)
        except NotFound:
            form.fail(names[0], f"The selected {names[0].replace('_', ' ')} is invalid.")
            return None

    async def route(self, caller: Caller, form: Form, contact: ContactView, field: str) -> tuple[ChannelView, str]:
        """Over which channel a contact is reached, and under which address there. Raises Invalid, Conflict."""
        kinds = {identity.kind for identity in contact.identities}
        telegram = "telegram" in kinds and not kinds & {"phone", "lid", "bsuid"}
        channel = await self.channel(caller, form, telegram=telegram)
        address = address_on(self.core.networks.of(channel.engine), contact)
        if address is None:
            form.fail(field, f"This contact has no address on {channel.name}.")
            form.check()
        assert address is not None
        return channel, address

    # -- sending -------------------------------------------------------------------------------------

    async def send(
        self, caller: Caller, channel: ChannelView, peer: str, contact: ContactView, content: Content, category: str
    ) -> MessageView:
        """Submit durably and wait a while for the network's answer; gives the ledger's row, whatever became of it.

        Raises Invalid (the engine cannot send this, the network refused it), LimitReached, Conflict.
        """
        self.ready(channel)
        self.core.networks.check(channel.engine, content)
        await self.core.caps.check(channel.id, peer, category)
        accepted, outcome = await self.core.messages.submit_and_wait(
            Submission(
                workspace_id=caller.workspace_id,
                channel_id=channel.id,
                peer=peer,
                content=content,
                category=category,
                contact_id=contact.id,
                source="api",
            ),
            timeout=min(WAIT_S, self.core.options.outcome_wait_seconds),
        )
        if outcome is not None and outcome.state == states.FAILED:
            from jackfield.core import lookup

            entry = lookup(outcome.code)
            details: dict[str, Any] = {
                "message": [outcome.error or entry.title],
                "code": [outcome.code or ""],
                "cause": [entry.cause],
                "remedy": [entry.remedy],
            }
            raise Invalid(outcome.error or entry.title, code="MESSAGE_FAILED", details=details)
        return await self.core.messages.get(caller.workspace_id, accepted.id)


def addresses_on(network: Network, contact: ContactView) -> list[str]:
    """A contact's addresses on a network, the best one first."""
    return [
        network.addressing.address(kind, identity.value)
        for kind in network.addressing.identity_kinds
        for identity in contact.identities
        if identity.kind == kind
    ]


def address_on(network: Network, contact: ContactView) -> str | None:
    """A contact's address on a network, the best one first; None where it has none."""
    return next(iter(addresses_on(network, contact)), None)
