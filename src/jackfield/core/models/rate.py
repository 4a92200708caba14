"""Counters of rate limits, where several processes must share them."""

from __future__ import annotations

from sqlalchemy import Index
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
