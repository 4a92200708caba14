"""What notes and tickets look like outside the core. Times in Unix ms."""

from __future__ import annotations

import msgspec


class DepartmentView(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers a kind of ticket."""

    id: int
    workspace_id: int
    name: str
    created_at: int


class TicketView(msgspec.Struct, frozen=True, kw_only=True):
    """A request to be dealt with. `priority`: low, medium, high, urgent; `status`: open, pending, answered, closed."""

    id: int
    workspace_id: int
    department_id: int | None
    contact_id: int | None
    chat_id: int | None
    assignee_id: int | None
    subject: str
    body: str | None
    priority: str
    status: str
    created_at: int
    updated_at: int
    closed_at: int | None


class TicketReplyView(msgspec.Struct, frozen=True, kw_only=True):
    """An answer on a ticket, by a member or (`member_id` None) by the contact."""

    id: int
    workspace_id: int
    ticket_id: int
    member_id: int | None
    text: str
    created_at: int


class ContactNoteView(msgspec.Struct, frozen=True, kw_only=True):
    """What staff wrote down about a contact; `member_id` None: a program did."""

    id: int
    workspace_id: int
    contact_id: int
    member_id: int | None
    title: str | None
    text: str
    created_at: int


class ChatNoteView(msgspec.Struct, frozen=True, kw_only=True):
    """A note of staff inside a conversation; never sent."""

    id: int
    workspace_id: int
    chat_id: int
    member_id: int | None
    text: str
    created_at: int
