"""Workspaces, the people who log in, and the keys of programs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Id, Json, JsonDict, JsonList, Ms, SealedStr, SealedTextStr


class Workspace(Base):
    """The tenant; owns everything. `settings` holds what the workspace chooses (keywords, time zone, names).
    `working_hours` (core/desk/hours.py): None for always."""

    __tablename__ = "workspaces"

    id: Mapped[Id]
    name: Mapped[str]
    timezone: Mapped[str] = mapped_column(default="UTC")
    default_country: Mapped[str | None]
    default_channel_id: Mapped[int | None]
    settings: Mapped[JsonDict]
    working_hours: Mapped[dict[str, Any] | None] = mapped_column(Json, default=None)
    created_at: Mapped[Ms]


class Member(Base):
    """A person who logs in. `role`: owner, admin or agent. E-mail addresses are kept in lower case. The department is the
    team that they answer in."""

    __tablename__ = "members"
    __table_args__ = (Index("ix_members_workspace_id", "workspace_id"),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(unique=True)
    first_name: Mapped[str] = mapped_column(default="")
    last_name: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str]
    role: Mapped[str] = mapped_column(default="agent")
    department_id: Mapped[int | None]
    disabled: Mapped[bool] = mapped_column(default=False)
    settings: Mapped[JsonDict]
    created_at: Mapped[Ms]
    last_login_at: Mapped[Ms | None]


class Session(Base):
    """What a login opened: its token is good as long as this row is there and `expires_at` has not come."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index("ix_sessions_workspace_id", "workspace_id"),
        Index("ix_sessions_member_id", "member_id"),
        Index("ix_sessions_expires_at", "expires_at"),
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    ip: Mapped[str | None]
    user_agent: Mapped[str | None]
    created_at: Mapped[Ms]
    last_used_at: Mapped[Ms]
    expires_at: Mapped[Ms]


class SecondFactor(Base):
    """A member's authenticator app, which counts once `confirmed_at` is set, and the hashes of unused recovery codes.

    `last_step` is the time step of the last code that was taken, so that none is taken twice.
    """

    __tablename__ = "second_factors"
    __table_args__ = (UniqueConstraint("member_id"), Index("ix_second_factors_workspace_id", "workspace_id"))

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    secret: Mapped[SealedStr]
    last_step: Mapped[int]
    recovery: Mapped[JsonList]
    created_at: Mapped[Ms]
    confirmed_at: Mapped[Ms | None]


class ApiKey(Base):
    """A program's key: found by hash, kept encrypted because two dialects show it again.

    `scopes` lists what it may do ("*" all); `channel_id` narrows it to one channel.
    """

    __tablename__ = "api_keys"
    __table_args__ = (Index("ix_api_keys_workspace_id", "workspace_id"),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    name: Mapped[str]
    prefix: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)
    secret: Mapped[SealedStr]
    scopes: Mapped[JsonList]
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    created_at: Mapped[Ms]
    expires_at: Mapped[Ms | None]
    last_used_at: Mapped[Ms | None]
    revoked_at: Mapped[Ms | None]


class Invitation(Base):
    """An invitation to join a workspace, accepted with its token (kept as a hash)."""

    __tablename__ = "invitations"

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    email: Mapped[str]
    role: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[Ms]
    expires_at: Mapped[Ms]
    accepted_at: Mapped[Ms | None]


class AuditEntry(Base):
    """Who did what, and from where: security events and changes by people or keys."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_workspace_id_id", "workspace_id", "id"),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    actor: Mapped[str]
    action: Mapped[str]
    target: Mapped[str | None]
    ip: Mapped[str | None]
    data: Mapped[JsonDict]
    created_at: Mapped[Ms]


class IdempotencyKey(Base):
    """The first answer to a request with an `Idempotency-Key`, kept for 24 hours; sealed, as it may show a secret."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("workspace_id", "key"), Index("ix_idempotency_keys_created_at", "created_at"))

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    key: Mapped[str]
    fingerprint: Mapped[str]
    status: Mapped[int]
    response: Mapped[SealedTextStr]
    created_at: Mapped[Ms]
