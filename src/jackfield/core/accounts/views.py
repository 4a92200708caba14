"""What the services of accounts hand out in place of rows. Password hashes and secrets are in none of them."""

from __future__ import annotations

from typing import Any

import msgspec


class WorkspaceView(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant. `settings` holds what the workspace chooses; `created_at` in Unix ms."""

    id: int
    name: str
    timezone: str
    default_country: str | None
    default_channel_id: int | None
    settings: dict[str, Any]
    created_at: int


class MemberView(msgspec.Struct, frozen=True, kw_only=True):
    """A person who logs in. `role`: owner, admin or agent. `department_id` is the team that they
    answer in. Times in Unix ms."""

    id: int
    workspace_id: int
    email: str
    first_name: str
    last_name: str
    role: str
    department_id: int | None
    disabled: bool
    settings: dict[str, Any]
    created_at: int
    last_login_at: int | None


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """What a login opened, and from where: `ip` and `user_agent` as the login told them. Times in Unix ms."""

    id: int
    workspace_id: int
    member_id: int
    ip: str | None
    user_agent: str | None
    created_at: int
    last_used_at: int
    expires_at: int


class ApiKeyView(msgspec.Struct, frozen=True, kw_only=True):
    """A key without its secret. Times in Unix ms; `prefix` is the beginning of the secret, to tell keys apart."""

    id: int
    workspace_id: int
    name: str
    prefix: str
    scopes: list[str]
    channel_id: int | None
    member_id: int | None
    created_at: int
    expires_at: int | None
    last_used_at: int | None
    revoked_at: int | None


class InvitationView(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation to join a workspace, without its token. Times in Unix ms."""

    id: int
    workspace_id: int
    email: str
    role: str
    created_at: int
    expires_at: int
    accepted_at: int | None


class AuditEntryView(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the audit log: who (`actor`) did what (`action`) to what (`target`), from which address, when."""

    id: int
    workspace_id: int
    actor: str
    action: str
    target: str | None
    ip: str | None
    data: dict[str, Any]
    created_at: int
