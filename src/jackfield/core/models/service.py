"""Who gets a chat: the rules by which chats are assigned, and what they did."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
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
