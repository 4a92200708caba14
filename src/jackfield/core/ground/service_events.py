"""Events of a team's service: who got a chat."""

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
