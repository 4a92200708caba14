"""Message templates as the provider knows them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Id, JsonList, Ms


class Template(Base):
    """Name + language -> components (in Meta's shape). `status`: APPROVED, PENDING, REJECTED, PAUSED, DISABLED."""

    __tablename__ = "templates"
    __table_args__ = (UniqueConstraint("channel_id", "name", "language"),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    provider_id: Mapped[str | None]
    name: Mapped[str]
    language: Mapped[str]
    category: Mapped[str]
    status: Mapped[str]
    quality: Mapped[str | None]
    parameter_format: Mapped[str] = mapped_column(default="POSITIONAL")
    rejected_reason: Mapped[str | None]
    components: Mapped[JsonList]
    created_at: Mapped[Ms]
    updated_at: Mapped[Ms]
