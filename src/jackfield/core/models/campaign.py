"""Campaigns: content x audience."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Id, JsonDict, Ms


class Campaign(Base):
    """Content for an audience, with one message row per recipient.

    `kind`: bulk (explicit recipients), broadcast (audience), api (triggered one by one). `state`: draft, scheduled,
    running, paused, finished, cancelled. While `expanding`, recipients are still being written to the ledger
    from `audience`, after contact id `cursor`. `pause_reason` says who or what paused it.
    """

    __tablename__ = "campaigns"
    __table_args__ = (
        Index("ix_campaigns_workspace_id_id", "workspace_id", "id"),
        Index(
            "ix_campaigns_active",
            "channel_id",
            sqlite_where=text("state IN ('running', 'scheduled')"),
            postgresql_where=text("state IN ('running', 'scheduled')"),
        ),
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    name: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    category: Mapped[str] = mapped_column(default="marketing")
    content: Mapped[str | None]
    audience: Mapped[JsonDict]
    options: Mapped[JsonDict]
    tag: Mapped[str | None]
    template: Mapped[str | None]
    source: Mapped[str | None]
    expanding: Mapped[bool] = mapped_column(default=False)
    cursor: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    pause_reason: Mapped[str | None]
    scheduled_at: Mapped[Ms | None]
    started_at: Mapped[Ms | None]
    finished_at: Mapped[Ms | None]
    created_at: Mapped[Ms]
    updated_at: Mapped[Ms]
