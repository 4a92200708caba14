"""What came in and could not be applied, and what came in as the network sent it."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Id, Ms, SealedStr


class InboundProblem(Base):
    """A report that was acknowledged to the provider and could not be applied, kept so that it can be replayed.

    `reason` is one of `networks.inbound.reasons.REASONS`, `kind` the provider's or our word for what it is. `payload` is
    its JSON (see `networks.inbound.payload`), encrypted; `size` its length in characters. `digest` tells repeats. `subject`
    is the key of the message that a change waits for. `resolved_at` is set once a replay has applied it.
    """

    __tablename__ = "inbound_problems"
    __table_args__ = (
        Index("ix_inbound_problems_workspace_id_id", "workspace_id", "id"),
        Index("uq_inbound_problems_workspace_id_digest", "workspace_id", "digest", unique=True),
        Index(
            "ix_inbound_problems_waiting",
            "channel_id",
            "subject",
            sqlite_where=text("subject IS NOT NULL"),
            postgresql_where=text("subject IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    reason: Mapped[str]
    kind: Mapped[str]
    detail: Mapped[str | None]
    subject: Mapped[str | None]
    message_id: Mapped[int | None]
    payload: Mapped[SealedStr]
    size: Mapped[int]
    digest: Mapped[str]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    created_at: Mapped[Ms]
    tried_at: Mapped[Ms | None]
    resolved_at: Mapped[Ms | None]


class RawPayload(Base):
    """An incoming message, or a change of one, as the network sent it; kept for some days only.

    `kind` is message, edit or revoke; `payload` the provider's JSON, encrypted.
    """

    __tablename__ = "raw_payloads"
    __table_args__ = (Index("ix_raw_payloads_message_id", "message_id"), {"sqlite_autoincrement": True})

    id: Mapped[Id]
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    kind: Mapped[str]
    payload: Mapped[SealedStr]
    created_at: Mapped[Ms]
