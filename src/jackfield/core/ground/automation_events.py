"""Events of automations: one rests, one tells the team something."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from .event_base import EventData


class AutomationRested(EventData, kw_only=True, omit_defaults=True):
    """An automation has failed too often in a row and rests until somebody switches it on again; `reason` is its last
    failure."""

    type: ClassVar[str] = "automation.rested"
    id: int
    name: str
    reason: str = ""


class AutomationNotified(EventData, kw_only=True, omit_defaults=True):
    """A step of an automation tells members something: `text`. `member_ids` are whom; none named: everybody. `chat_id` is the
    chat of the contact that it is about, where there is one."""

    type: ClassVar[str] = "automation.notified"
    id: int
    name: str
    text: str
    member_ids: list[int] = msgspec.field(default_factory=list)
    contact_id: int
    contact_name: str = ""
    chat_id: int | None = None
    timestamp: int = 0


AUTOMATIONS: tuple[type[EventData], ...] = (AutomationRested, AutomationNotified)
