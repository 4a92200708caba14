"""Events of a team's service: who got a chat, and targets for replies that are due or missed."""

from __future__ import annotations

from typing import ClassVar

from .event_base import EventData


class ChatAssigned(EventData, kw_only=True, omit_defaults=True):
    """A rule gave a chat that opened to a member. What people and automations assign is told by `chat.updated` alone."""

    type: ClassVar[str] = "chat.assigned"
    chat_id: int
    peer: str
    contact_id: int | None = None
    member_id: int
    member_name: str
    rule_id: int
    rule_name: str
    timestamp: int


class _TargetEvent(EventData, kw_only=True, omit_defaults=True):
    """What both tell: `kind` is first_reply, next_reply or resolution, `minutes` the target, `due_at` in Unix ms."""

    chat_id: int
    peer: str
    contact_id: int | None = None
    member_id: int | None = None
    kind: str
    minutes: int
    due_at: int


class TargetWarning(_TargetEvent, kw_only=True, omit_defaults=True):
    """A target for a reply or for the end of a chat is due soon."""

    type: ClassVar[str] = "chat.target_warning"


class TargetMissed(_TargetEvent, kw_only=True, omit_defaults=True):
    """A target for a reply or for the end of a chat was missed."""

    type: ClassVar[str] = "chat.target_missed"


SERVICE: tuple[type[EventData], ...] = (ChatAssigned, TargetWarning, TargetMissed)
