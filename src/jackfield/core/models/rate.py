"""Counters of limits, where several processes must share them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Ms


class RateWindow(Base):
    """How often `key` was hit in the window that began at `window_start`; over at `expires_at`."""

    __tablename__ = "rate_windows"
    __table_args__ = (Index("ix_rate_windows_expires_at", "expires_at"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    window_start: Mapped[Ms]
    count: Mapped[int]
    expires_at: Mapped[Ms]


class BudgetUse(Base):
    """A person who was written to outside the service window at `used_at`, under a budget's `key` (core.budgets)."""

    __tablename__ = "budget_uses"
    __table_args__ = (Index("ix_budget_uses_used_at", "workspace_id", "key", "used_at"),)

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    peer: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[Ms]
