"""What a process asks of the one that holds a channel's session."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Id, Ms, SealedStr


class OwnerRequest(Base):
    """A call of a session's method, for whoever owns the channel (see `channels.requests`).

    `method` names capability and method, `arguments` and `answer` are JSON, encrypted: they may hold a message's text or a
    file. The owner sets `taken_at` before it begins, so a request that is not taken has surely not been carried out; past
    `expires_at` it is not taken any more.
    """

    __tablename__ = "owner_requests"
    __table_args__ = (
        Index(
            "ix_owner_requests_waiting",
            "channel_id",
            sqlite_where=text("taken_at IS NULL"),
            postgresql_where=text("taken_at IS NULL"),
        ),
        Index("ix_owner_requests_expires_at", "expires_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    method: Mapped[str]
    arguments: Mapped[SealedStr]
    created_at: Mapped[Ms]
    expires_at: Mapped[Ms]
    taken_at: Mapped[Ms | None]
    answer: Mapped[SealedStr | None]
