"""Groups, calls and catalogs as the services give them out. Times are Unix ms."""

from __future__ import annotations

import msgspec


class GroupMemberView(msgspec.Struct, frozen=True, kw_only=True):
    """A participant of a group."""

    address: str
    name: str | None
    is_admin: bool
    is_super_admin: bool


class GroupView(msgspec.Struct, frozen=True, kw_only=True):
    """A group or newsletter (`kind`) as the network describes it; `members` as far as they are known and were asked for,
    `participants` their number."""

    id: int
    workspace_id: int
    channel_id: int
    address: str
    kind: str
    name: str
    description: str | None
    owner: str | None
    picture_url: str | None
    read_only: bool
    participants: int
    left: bool
    created_at: int | None
    updated_at: int
    members: tuple[GroupMemberView, ...] = ()


class CallView(msgspec.Struct, frozen=True, kw_only=True):
    """An incoming call. `status`: ringing, rejected, missed, ended."""

    id: int
    workspace_id: int
    channel_id: int
    provider_id: str
    caller: str
    contact_id: int | None
    is_video: bool
    status: str
    started_at: int
    ended_at: int | None
    created_at: int


class CatalogView(msgspec.Struct, frozen=True, kw_only=True):
    """A catalog linked to a channel's account; `selected` is the one that the number shows."""

    id: int
    workspace_id: int
    channel_id: int
    provider_id: str
    name: str
    vertical: str
    product_count: int
    selected: bool
    updated_at: int
