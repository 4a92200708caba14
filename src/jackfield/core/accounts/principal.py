"""Who is calling, and what they may do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from ..ground import fields
from ..ground.errors import Forbidden, NotFound

SCOPES: Final[dict[str, str]] = {
    "messages:read": "See messages, their states and their failures.",
    "messages:write": "Send, schedule, edit and delete messages.",
    "media:read": "Download files.",
    "media:write": "Upload files.",
    "contacts:read": "See contacts, lists, tags, attributes, segments and suppressions, and export them.",
    "contacts:write": "Create, change, import and delete contacts and all by which they are grouped.",
    "templates:read": "See message templates.",
    "templates:write": "Create, change, synchronise and delete message templates.",
    "campaigns:read": "See campaigns, their recipients and their figures.",
    "campaigns:write": "Create, start, pause, resume and cancel campaigns.",
    "automations:read": "See automations, their runs and their figures.",
    "automations:write": "Create, change, start and stop automations, which send messages and call programs.",
    "chats:read": "See conversations and their notes.",
    "chats:write": "Assign, archive, annotate and clear conversations.",
    "groups:read": "See groups and newsletters.",
    "groups:write": "Create, change and leave groups and newsletters.",
    "calls:read": "See the call log.",
    "calls:write": "Refuse calls and choose how calls are answered.",
    "catalogs:read": "See catalogs and products.",
    "catalogs:write": "Change catalogs and products.",
    "tickets:read": "See tickets and departments.",
    "tickets:write": "Open, answer and change tickets and departments.",
    "channels:read": "See the connected numbers and bots.",
    "channels:write": "Connect, pair, change and remove numbers and bots.",
    "webhooks:read": "See webhook endpoints and their deliveries.",
    "webhooks:write": "Create, change, test, replay and delete webhook endpoints.",
    "events:read": "Listen to live events.",
    "team:read": "See the members of the workspace.",
    "team:write": "Invite, change, disable and remove members.",
    "keys:read": "See API keys, without their secrets.",
    "keys:write": "Create, show, rotate and revoke API keys.",
    "workspace:read": "See the workspace and its settings.",
    "workspace:write": "Change the workspace and its settings.",
    "usage:read": "See usage and statistics.",
    "audit:read": "See the audit log.",
}
"""Everything that can be allowed, with one sentence each. `noun:*` is both sides of a noun, `*` is everything."""

ALL: Final = frozenset({"*"})

ROLES: Final[dict[str, frozenset[str]]] = {
    "owner": ALL,
    "admin": ALL,
    "agent": frozenset(
        {
            "messages:*",
            "media:*",
            "contacts:*",
            "chats:*",
            "tickets:*",
            "templates:read",
            "campaigns:read",
            "automations:read",
            "groups:read",
            "calls:*",
            "catalogs:read",
            "channels:read",
            "events:read",
            "team:read",
            "workspace:read",
        }
    ),
}
"""What members may do by role. An admin may do all that an owner may, except change or remove owners."""

WORKSPACE_WIDE: Final = frozenset({"automations", "contacts", "tickets", "team", "audit"})
"""Nouns that no channel has to itself: a key that is bound to one channel reaches none of them, whatever its scopes."""

OPERATOR_WORKSPACE: Final = 1
"""The first workspace is the operator's own."""

_NOUNS: Final = frozenset(scope.partition(":")[0] for scope in SCOPES)


def check_scopes(scopes: Iterable[Any], field: str = "scopes") -> list[str]:
    """Scopes without repeats. Raises Invalid for an unknown one, or for none at all."""
    chosen = fields.names(field, scopes)
    for scope in chosen:
        noun, _, verb = scope.partition(":")
        if scope != "*" and scope not in SCOPES and not (verb == "*" and noun in _NOUNS):
            raise fields.refuse(field, f"Unknown scope {scope!r}.")
    if not chosen:
        raise fields.refuse(field, "Must name at least one scope; * is everything.")
    return chosen


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """A caller who has proved who they are: a member by a session (`member_id`, `session_id`) or a program by its key
    (`key_id`).

    One with neither is the operator at the command line, beside the database.

    `channel_id` is set for a key that reaches one channel only. `name` is for people: the member's e-mail
    address or the key's name. `maker_id` and `maker_role` tell of the member who made the key, or made the key that made
    it; None for a key of the command line.
    """

    workspace_id: int
    role: str
    scopes: frozenset[str]
    name: str
    member_id: int | None = None
    session_id: int | None = None
    key_id: int | None = None
    channel_id: int | None = None
    maker_id: int | None = None
    maker_role: str | None = None
    lacks_second_factor: bool = False
    """The workspace requires a second factor, and this member has none: they may do nothing but set one up."""

    @property
    def actor(self) -> str:
        """How the audit log names the caller."""
        if self.key_id is not None:
            return f"key:{self.key_id} {self.name}"
        if self.member_id is None:
            return self.name
        return f"member:{self.member_id} {self.name}"

    @property
    def source(self) -> str:
        """Where what the caller sends comes from, as messages and campaigns keep it."""
        return "cli" if self.key_id is None and self.member_id is None else "api"

    def may(self, scope: str) -> bool:
        """Whether the caller may do this (one of SCOPES, or `noun:*`, or `*`)."""
        scopes = self.scopes
        if self.lacks_second_factor:
            return False
        if self.channel_id is not None and self._is_beyond_channel(scope):
            return False
        return scope in scopes or "*" in scopes or scope.partition(":")[0] + ":*" in scopes

    def require(self, scope: str) -> None:
        """Raises Forbidden when the caller may not do this."""
        if self.may(scope):
            return
        if self.lacks_second_factor:
            raise Forbidden(
                "This workspace requires a second factor; set up yours first (POST /api/auth/second-factor).",
                code="SECOND_FACTOR_REQUIRED",
            )
        if self.channel_id is not None and self._is_beyond_channel(scope):
            raise Forbidden(
                f"This key is bound to one profile; {scope} is about the whole workspace.", details={"scope": scope}
            )
        raise Forbidden(f"This needs the scope {scope}.", details={"scope": scope})

    @staticmethod
    def _is_beyond_channel(scope: str) -> bool:
        return scope.partition(":")[0] in WORKSPACE_WIDE or scope in ("workspace:write", "workspace:*")

    @property
    def is_owner(self) -> bool:
        """Whether this is an owner in person: by their own login, not by a key."""
        in_person = self.member_id is not None and self.key_id is None
        return self.role == "owner" and in_person and not self.lacks_second_factor

    @property
    def is_operator(self) -> bool:
        """Whether the caller may make other workspaces: in the operator's own, an owner in person, or a key with the
        scope * that an owner made. The first key is one; a key of an admin is not, whatever its scopes."""
        owns = self.is_owner or (self.maker_role == "owner" and self.channel_id is None and "*" in self.scopes)
        return owns and self.workspace_id == OPERATOR_WORKSPACE

    def channel(self, channel_id: int) -> int:
        """The same channel id. Raises NotFound when the caller's key is narrowed to another channel."""
        if self.channel_id is not None and channel_id != self.channel_id:
            raise NotFound("No such channel.")
        return channel_id

    def only(self, channel_id: int | None) -> int | None:
        """The channel that a list is filtered by: the one asked for, or the one that the key is narrowed to.

        Raises NotFound when another one is asked for.
        """
        return self.channel_id if channel_id is None else self.channel(channel_id)


def check_operator(by: Principal) -> None:
    """Raises Forbidden unless `by` is the operator, who alone makes other workspaces."""
    if not by.is_operator:
        raise Forbidden("Only an owner of the operator's workspace, or a key of such an owner, makes other workspaces.")


def check_grant(by: Principal | None, scopes: Iterable[str], channel_id: int | None) -> None:
    """Raises Forbidden unless `by` may deal with a key of these scopes on this channel (None: all channels): grant,
    show, change or revoke it. `by` None stands for the operator."""
    if by is None:
        return
    beyond = sorted(scope for scope in scopes if not by.may(scope))
    if beyond:
        raise Forbidden(f"You cannot give more rights than you have: {', '.join(beyond)}.", details={"scopes": beyond})
    if by.channel_id is not None and channel_id != by.channel_id:
        raise Forbidden("This key is bound to one profile, and so must be the keys that it deals with.")


def check_role(by: Principal | None, *roles: str) -> None:
    """Raises Forbidden unless `by` may deal with members of these roles: create, invite, change, log out or remove them,
    or set their password. That takes every scope that the roles have, on all channels; and with owners, an owner in
    person deals alone, since a key outlives the person who made it. `by` None stands for the operator.

    Raises Invalid for an unknown role.
    """
    for role in roles:
        fields.choice("role", role, ROLES)
    if by is None:
        return
    if by.channel_id is not None:
        raise Forbidden("This key is bound to one profile; it cannot manage the team.")
    if "owner" in roles and not by.is_owner:
        raise Forbidden("Only an owner who is logged in may do this.")
    beyond = sorted({scope for role in roles for scope in ROLES[role] if not by.may(scope)})
    if beyond:
        raise Forbidden(f"This role may do more than you: {', '.join(beyond)}.", details={"scopes": beyond})
