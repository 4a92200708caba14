"""Calls that came in."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Id, Ms


class Call(Base):
    """An incoming call. `status`: ringing, rejected, missed, ended."""

    __tablename__ = "calls"
    __table_args__ = (
        UniqueConstraint("channel_id", "provider_id"),
        Index("ix_calls_workspace_id_id", "workspace_id", "id"),
        Index("ix_calls_channel_id_id", "channel_id", "id"),
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    provider_id: Mapped[str]
    caller: Mapped[str]
    contact_id: Mapped[int | None]
    is_video: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(default="ringing")
    started_at: Mapped[Ms]
    ended_at: Mapped[Ms | None]
    created_at: Mapped[Ms]
