"""How much the API is used."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Ms


class ApiUse(Base):
    """Requests of a workspace through one dialect's operation on one day (`day`: its first ms, UTC)."""

    __tablename__ = "api_uses"

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[Ms] = mapped_column(primary_key=True)
    dialect: Mapped[str] = mapped_column(primary_key=True)
    operation: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
