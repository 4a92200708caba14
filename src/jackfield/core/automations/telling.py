"""Telling the team something about a person, at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select

from ..ground.automation_events import AutomationNotified
from ..ground.unit import Unit
from ..models import Automation
from .facts import Facts
from .run import Run

MAX_TEXT: Final = 1000
"""Characters of what is told, with its placeholders filled."""


async def tell_members(unit: Unit, run: Run, facts: Facts, text: str, member_ids: Sequence[str | int]) -> None:
    """Tell members (everybody where none is named) something, by an event."""
    person, chat = await facts.person(), await facts.chat()
    name = await unit.conn.scalar(select(Automation.name).where(Automation.id == run.automation_id))
    told = AutomationNotified(
        id=run.automation_id,
        name=name or "",
        text=text[:MAX_TEXT],
        member_ids=[int(one) for one in member_ids if str(one).isdigit()],
        contact_id=run.contact_id,
        contact_name="" if person is None else person.name,
        chat_id=None if chat is None else chat.id,
        timestamp=unit.now,
    )
    unit.emit(run.workspace_id, told)
