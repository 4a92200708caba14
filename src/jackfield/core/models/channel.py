"""Channels: connected numbers and bots, with who owns their live session."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Id, Json, JsonDict, Ms, SealedStr

NEEDS_A_PERSON = ("logged_out", "banned", "failed")
"""Statuses that a channel leaves only when a person does something."""


class Channel(Base):
    """One connected number or bot.

    `wanted` is what people want (up or down), `status` what is: disconnected, connecting, pairing, connected,
    logged_out, banned, failed. `config` is the engine's own configuration, encrypted. `login` is the current login
    step. `pacing` overrides the engine's limits (see core.channels.Pacing). `key` is the caller's own name for
    it (Chattu's clientId), unique in the workspace.

    The lease: `lease_owner` may act for the channel until `lease_until`; `lease_token` grows by one with each change
    of owner and fences the work of earlier ones (design, decision 4).
    """

    __tablename__ = "channels"
    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        Index("ix_channels_workspace_id", "workspace_id"),
        # An id is never used again: simulated accounts, folders and foreign systems are named by it.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    key: Mapped[str | None]
    name: Mapped[str]
    engine: Mapped[str]
    config: Mapped[SealedStr]
    settings: Mapped[JsonDict]
    pacing: Mapped[JsonDict]
    wanted: Mapped[str] = mapped_column(default="down")
    status: Mapped[str] = mapped_column(default="disconnected")
    status_reason: Mapped[str | None]
    address: Mapped[str | None]
    display_name: Mapped[str | None]
    login: Mapped[dict[str, object] | None] = mapped_column(Json)
    account: Mapped[dict[str, object] | None] = mapped_column(Json)
    session_state: Mapped[bytes | None] = mapped_column(LargeBinary)
    lease_owner: Mapped[str | None]
    lease_token: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[Ms] = mapped_column(default=0)
    created_at: Mapped[Ms]
    connected_at: Mapped[Ms | None]
