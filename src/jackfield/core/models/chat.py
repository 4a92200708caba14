"""Chats: channel x peer, as the inbox shows them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Id, Ms


class Chat(Base):
    """A conversation on one channel with one peer (`kind`: private, group, newsletter).

    Messages belong to it by (channel_id, peer). It is made by the first message in, or the first one sent singly;
    a campaign to a million people makes no chats until they answer. `window_until` is the end of the 24-hour service
    window. `cleared_before` hides messages up to that id. `status` is open or done; an open one may be snoozed until
    a time. What comes in opens a chat again. `target_*` tell the reply or resolution target that is due next
    (core/service/clocks.py), 0 for none. `department_id` is the team that deals with it, whoever of them it is assigned to.
    """

    __tablename__ = "chats"
    __table_args__ = (
        UniqueConstraint("channel_id", "peer"),
        Index("ix_chats_workspace_id_last_at", "workspace_id", "last_at", "id"),
        Index("ix_chats_channel_id_last_at", "channel_id", "last_at", "id"),
        Index("ix_chats_pinned", "workspace_id", "pinned", "last_at", "id"),
        Index("ix_chats_contact_id", "contact_id"),
        Index(
            "ix_chats_unread",
            "workspace_id",
            "last_at",
            "id",
            sqlite_where=text("unread > 0"),
            postgresql_where=text("unread > 0"),
        ),
        Index(
            "ix_chats_assignee_id",
            "assignee_id",
            "status",
            sqlite_where=text("assignee_id IS NOT NULL"),
            postgresql_where=text("assignee_id IS NOT NULL"),
        ),
        Index(
            "ix_chats_department_id",
            "department_id",
            "status",
            sqlite_where=text("department_id IS NOT NULL"),
            postgresql_where=text("department_id IS NOT NULL"),
        ),
        Index(
            "ix_chats_target",
            "workspace_id",
            "target_warn_at",
            sqlite_where=text("target_due_at > 0"),
            postgresql_where=text("target_due_at > 0"),
        ),
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    peer: Mapped[str]
    kind: Mapped[str] = mapped_column(default="private")
    name: Mapped[str | None]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="SET NULL"))
    unread: Mapped[int] = mapped_column(default=0)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    window_until: Mapped[Ms] = mapped_column(default=0)
    last_message_id: Mapped[int | None]
    last_in_id: Mapped[int | None]
    last_at: Mapped[Ms] = mapped_column(default=0)
    cleared_before: Mapped[int] = mapped_column(default=0)
    archived: Mapped[bool] = mapped_column(default=False)
    pinned: Mapped[bool] = mapped_column(default=False)
    muted_until: Mapped[Ms] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(default="open", server_default="open")
    snoozed_until: Mapped[Ms] = mapped_column(default=0, server_default="0")
    target_kind: Mapped[str | None]
    target_warn_at: Mapped[Ms] = mapped_column(default=0, server_default="0")
    target_due_at: Mapped[Ms] = mapped_column(default=0, server_default="0")
    department_id: Mapped[int | None]
    created_at: Mapped[Ms]


class ChatNote(Base):
    """A note of staff inside a conversation; never sent."""

    __tablename__ = "chat_notes"

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    text: Mapped[str]
    created_at: Mapped[Ms]
