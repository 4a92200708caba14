"""Events of a team's service: who got a chat, targets for replies that are due or missed, answers to surveys."""

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
    department_id: int | None = None
    kind: str
    minutes: int
    due_at: int


class TargetWarning(_TargetEvent, kw_only=True, omit_defaults=True):
    """A target for a reply or for the end of a chat is due soon."""

    type: ClassVar[str] = "chat.target_warning"


class TargetMissed(_TargetEvent, kw_only=True, omit_defaults=True):
    """A target for a reply or for the end of a chat was missed."""

    type: ClassVar[str] = "chat.target_missed"


class SurveyAnswered(EventData, kw_only=True, omit_defaults=True):
    """Somebody rated a chat (1 to 5) after it was done, or said more about it: `comment`. `member_id` is who had the chat."""

    type: ClassVar[str] = "survey.answered"
    id: int
    chat_id: int
    contact_id: int
    member_id: int | None = None
    rating: int
    comment: str | None = None


SERVICE: tuple[type[EventData], ...] = (ChatAssigned, TargetWarning, TargetMissed, SurveyAnswered)
