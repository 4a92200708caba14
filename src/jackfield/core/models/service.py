"""A team's service: rules that assign chats and what they did, targets for replies and how they were met."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Id, JsonDict, JsonList, Ms


class AssignmentRule(Base):
    """A rule: the first by `place` whose `conditions` (core/service/rules.py) hold and that finds somebody gives the chat
    away. `member_ids` or the members of `department_id`, else everybody; a department that is gone stays named, for the
    rule means nobody then. `last_member_id` is whose turn it was."""

    __tablename__ = "assignment_rules"
    __table_args__ = (Index("ix_assignment_rules_workspace_id", "workspace_id", "place"),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    place: Mapped[int]
    name: Mapped[str]
    enabled: Mapped[bool]
    conditions: Mapped[JsonDict]
    how: Mapped[str]
    member_ids: Mapped[JsonList]
    department_id: Mapped[int | None]
    online_only: Mapped[bool]
    max_open: Mapped[int | None]
    last_member_id: Mapped[int | None]
    created_at: Mapped[Ms]
    updated_at: Mapped[Ms]


class ChatAssignment(Base):
    """That a rule gave a chat to a member. The rule's name is kept, for it may be gone by now."""

    __tablename__ = "chat_assignments"
    __table_args__ = (Index("ix_chat_assignments_chat_id", "chat_id", "id"),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    rule_id: Mapped[int]
    rule_name: Mapped[str]
    created_at: Mapped[Ms]


_RUNNING = text("ended_at IS NULL")
_WAKES = text("wake_at IS NOT NULL")


class ReplyTarget(Base):
    """Within how many minutes somebody is answered: on a channel, by a department, or (neither) in the workspace. None: no
    target. `warn_percent` of the time is gone when it is called due soon."""

    __tablename__ = "reply_targets"
    __table_args__ = (Index("ix_reply_targets_workspace_id", "workspace_id"),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id", ondelete="CASCADE"))
    first_reply: Mapped[int | None]
    next_reply: Mapped[int | None]
    resolution: Mapped[int | None]
    working_hours: Mapped[bool]
    warn_percent: Mapped[int]
    created_at: Mapped[Ms]


class ChatTarget(Base):
    """A clock of a chat: `kind` first_reply, next_reply or resolution; one of each runs at a time. `due_at` None: there is no
    target, and the row only tells that the conversation is open. `state` is running, late (it runs on), met, missed, or
    dropped (the chat was set done without a reply). `wake_at` is when it has something to tell; `worked` the milliseconds
    that counted until the end."""

    __tablename__ = "chat_targets"
    __table_args__ = (
        Index(
            "uq_chat_targets_running",
            "chat_id",
            "kind",
            unique=True,
            sqlite_where=_RUNNING,
            postgresql_where=_RUNNING,
        ),
        Index("ix_chat_targets_wake_at", "wake_at", "id", sqlite_where=_WAKES, postgresql_where=_WAKES),
        Index("ix_chat_targets_workspace_id", "workspace_id", "started_at"),
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    channel_id: Mapped[int]
    member_id: Mapped[int | None]
    department_id: Mapped[int | None]
    kind: Mapped[str]
    minutes: Mapped[int | None]
    started_at: Mapped[Ms]
    warn_at: Mapped[Ms | None]
    due_at: Mapped[Ms | None]
    wake_at: Mapped[Ms | None]
    state: Mapped[str]
    ended_at: Mapped[Ms | None]
    worked: Mapped[Ms | None]
