"""Events: facts, appended in the transaction that made them true."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Id, Ms


class Event(Base):
    """One fact. `type` as in core.events; `data` is its JSON as stored."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_workspace_id_id", "workspace_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    channel_id: Mapped[int | None]
    type: Mapped[str]
    data: Mapped[str]
    created_at: Mapped[Ms]
