"""A short survey after a chat is done: what is asked, and what people said."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Id, Ms

_DUE = text("send_at IS NOT NULL")


class Survey(Base):
    """What a workspace asks. `scale` is stars (1 to 5) or thumbs (1 or 5). Up to `low_rating` a comment is asked for; without
    `comment_text` never. The same person is asked again after `rest_days`; an answer counts for `answer_hours`."""

    __tablename__ = "surveys"

    workspace_id: Mapped[int] = mapped_column(
        ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    enabled: Mapped[bool]
    scale: Mapped[str]
    text: Mapped[str]
    thanks: Mapped[str]
    comment_text: Mapped[str]
    low_rating: Mapped[int]
    rest_days: Mapped[int]
    answer_hours: Mapped[int]
    updated_at: Mapped[Ms]


class ChatSurvey(Base):
    """That somebody is asked, once for each chat that is done, with whoever had it. `send_at` is when the next message is due:
    the question, or what is said to the answer. An answer counts until `until`, a comment until `comment_until`."""

    __tablename__ = "chat_surveys"
    __table_args__ = (
        Index("ix_chat_surveys_chat_id", "chat_id", "id"),
        Index("ix_chat_surveys_contact_id", "contact_id"),
        Index("ix_chat_surveys_workspace_id", "workspace_id", "id"),
        Index("ix_chat_surveys_send_at", "send_at", "id", sqlite_where=_DUE, postgresql_where=_DUE),
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    channel_id: Mapped[int]
    member_id: Mapped[int | None]
    department_id: Mapped[int | None]
    scale: Mapped[str]
    send_at: Mapped[Ms | None]
    sent_at: Mapped[Ms | None]
    until: Mapped[Ms | None]
    rating: Mapped[int | None]
    answered_at: Mapped[Ms | None]
    comment: Mapped[str | None]
    comment_until: Mapped[Ms | None]
    created_at: Mapped[Ms]
