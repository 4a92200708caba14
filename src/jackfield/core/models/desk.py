"""What people keep for their work in the inbox: canned replies, drafts, saved views."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Id, JsonDict, JsonList, Ms


class CannedReply(Base):
    """A text that the workspace sends often, with files by id. `folded` is the shortcut as compared."""

    __tablename__ = "canned_replies"
    __table_args__ = (UniqueConstraint("workspace_id", "folded"),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    shortcut: Mapped[str]
    folded: Mapped[str]
    text: Mapped[str]
    media: Mapped[JsonList]
    created_at: Mapped[Ms]
    updated_at: Mapped[Ms]


class ChatDraft(Base):
    """What a member has written in a chat and not sent. `reply_to` is the id of the message that it answers."""

    __tablename__ = "chat_drafts"
    __table_args__ = (
        UniqueConstraint("chat_id", "member_id"),
        Index("ix_chat_drafts_member_id", "member_id", "id"),
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    text: Mapped[str]
    reply_to: Mapped[int | None]
    updated_at: Mapped[Ms]


class SavedView(Base):
    """Filters of the inbox under a name: a member's own, or (`member_id` None) everybody's."""

    __tablename__ = "saved_views"
    __table_args__ = (Index("ix_saved_views_workspace_id", "workspace_id", "id"),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    name: Mapped[str]
    filter: Mapped[JsonDict]
    created_at: Mapped[Ms]
