"""Webhook endpoints, and what is owed to them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Id, JsonDict, JsonList, Ms, SealedStr


class Endpoint(Base):
    """A subscription. `events` are types or "*"; `format` names the dialect that renders the payload.

    `failing_since` is set by the first failure after a success; an endpoint that only fails for days is disabled with
    `disabled_reason`. `old_secret` signs along until `old_secret_until` after a rotation.
    """

    __tablename__ = "endpoints"
    __table_args__ = (Index("ix_endpoints_workspace_id", "workspace_id"),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    url: Mapped[str]
    secret: Mapped[SealedStr]
    old_secret: Mapped[SealedStr | None]
    old_secret_until: Mapped[Ms | None]
    events: Mapped[JsonList]
    format: Mapped[str] = mapped_column(default="native")
    settings: Mapped[JsonDict]
    enabled: Mapped[bool] = mapped_column(default=True)
    disabled_reason: Mapped[str | None]
    failing_since: Mapped[Ms | None]
    created_at: Mapped[Ms]


class Delivery(Base):
    """One event owed to one endpoint. `state`: pending, delivered, parked (given up, replayable), cancelled.

    `due_at` is the next attempt; the last attempt's answer is kept in `status`, `excerpt` and `error`.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index(
            "ix_deliveries_due",
            "endpoint_id",
            "due_at",
            "id",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        Index("ix_deliveries_endpoint_id_id", "endpoint_id", "id"),
        Index("ix_deliveries_event_id", "event_id"),
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("endpoints.id", ondelete="CASCADE"))
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(default="pending")
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    due_at: Mapped[Ms]
    claimed_until: Mapped[Ms] = mapped_column(default=0)
    status: Mapped[int | None]
    excerpt: Mapped[str | None]
    error: Mapped[str | None]
    duration_ms: Mapped[int | None]
    created_at: Mapped[Ms]
    finished_at: Mapped[Ms | None]
