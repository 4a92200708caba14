"""Support tickets."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Id, Json, Ms


class Department(Base):
    """Who answers a kind of ticket: a part of the team. `working_hours` (core/desk/hours.py) are its own, None for those of the
    workspace."""

    __tablename__ = "departments"
    __table_args__ = (UniqueConstraint("workspace_id", "folded"),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    name: Mapped[str]
    folded: Mapped[str]
    working_hours: Mapped[dict[str, Any] | None] = mapped_column(Json, default=None)
    created_at: Mapped[Ms]


class Ticket(Base):
    """A request to be dealt with. `priority`: low, medium, high, urgent; `status`: open, pending, answered, closed."""

    __tablename__ = "tickets"
    __table_args__ = (Index("ix_tickets_workspace_id_id", "workspace_id", "id"),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id", ondelete="SET NULL"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="SET NULL"))
    chat_id: Mapped[int | None] = mapped_column(ForeignKey("chats.id", ondelete="SET NULL"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    subject: Mapped[str]
    body: Mapped[str | None]
    priority: Mapped[str] = mapped_column(default="medium")
    status: Mapped[str] = mapped_column(default="open")
    created_at: Mapped[Ms]
    updated_at: Mapped[Ms]
    closed_at: Mapped[Ms | None]


class TicketReply(Base):
    """An answer on a ticket, by a member or the contact."""

    __tablename__ = "ticket_replies"

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    text: Mapped[str]
    created_at: Mapped[Ms]
