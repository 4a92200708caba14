"""Files: what is sent, what came in."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Id, Ms


class Media(Base):
    """A stored file, content-addressed by `sha256` (hex). `provider_media_id` is the provider's id where it came in."""

    __tablename__ = "media"
    __table_args__ = (
        Index("ix_media_workspace_id_sha256", "workspace_id", "sha256"),
        Index("ix_media_workspace_id_provider_media_id", "workspace_id", "provider_media_id"),
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    channel_id: Mapped[int | None]
    sha256: Mapped[str]
    mime: Mapped[str]
    size: Mapped[int]
    filename: Mapped[str | None]
    provider_media_id: Mapped[str | None]
    created_at: Mapped[Ms]
