"""Counting what is asked of the endpoint: by day and automation for the figures, by chat and day for the limits."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import case, func, select

from ..ground.errors import Invalid
from ..ground.store import Store
from ..ground.unit import Unit
from ..models import AiChatUse, AiSetting, AiUse, Automation
from .views import AiUseRow

DAY_MS: Final = 86_400_000
MAX_DAYS: Final = 366
MILLION: Final = 1_000_000


def day_of(at: int) -> int:
    """The first ms of a day, UTC."""
    return at - at % DAY_MS


async def reserve(unit: Unit, settings: AiSetting, automation_id: int, chat_id: int) -> str | None:
    """Count a call before it is made, so that many at once keep to the limits. Gives why it may not be made, and counts
    nothing then: `limit_of_chat`, `limit_of_day`."""
    day = day_of(unit.now)
    today = await unit.conn.scalar(select(AiChatUse.calls).where(AiChatUse.chat_id == chat_id, AiChatUse.day == day))
    if int(today or 0) >= settings.per_chat_day:
        return "limit_of_chat"
    all_ = await unit.conn.scalar(
        select(func.sum(AiUse.calls)).where(AiUse.workspace_id == settings.workspace_id, AiUse.day == day)
    )
    if int(all_ or 0) >= settings.per_day:
        return "limit_of_day"
    mine = unit.upsert(AiChatUse).values(chat_id=chat_id, day=day, calls=1)
    await unit.conn.execute(
        mine.on_conflict_do_update(
            index_elements=["chat_id"],
            set_={"calls": case((AiChatUse.day == day, AiChatUse.calls + 1), else_=1), "day": day},
        )
    )
    await count(unit, settings.workspace_id, automation_id, calls=1)
    return None


async def count(unit: Unit, workspace_id: int, automation_id: int, **more: int) -> None:
    """Add to the figures of a day: `calls`, `answers`, `suggestions`, `hand_overs`, `tokens_in`, `tokens_out`, `cost`."""
    values = dict.fromkeys(
        ("calls", "answers", "suggestions", "hand_overs", "tokens_in", "tokens_out", "cost"), 0
    ) | dict(more)
    row = unit.upsert(AiUse).values(
        workspace_id=workspace_id, day=day_of(unit.now), automation_id=automation_id, **values
    )
    added = {name: getattr(AiUse, name) + value for name, value in more.items()}
    await unit.conn.execute(
        row.on_conflict_do_update(index_elements=["workspace_id", "day", "automation_id"], set_=added)
    )


def cost_of(price_in: int, price_out: int, tokens_in: int, tokens_out: int) -> int:
    """What tokens cost, in millionths of the currency; prices are such for a million tokens."""
    return -(-(tokens_in * price_in + tokens_out * price_out) // MILLION)


class AiUses:
    """The service that tells what was asked."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def list(self, workspace_id: int, since: int, until: int) -> list[AiUseRow]:
        """The days from `since` to before `until` (Unix ms), oldest first; of each the automations. Raises Invalid."""
        since, until = day_of(since), day_of(until + DAY_MS - 1)
        if not 0 < until - since <= MAX_DAYS * DAY_MS:
            raise Invalid(
                f"to: must be after from, by at most {MAX_DAYS} days", details={"to": ["Must be after from."]}
            )
        query: Any = (
            select(AiUse, Automation.name)
            .outerjoin(Automation, Automation.id == AiUse.automation_id)
            .where(AiUse.workspace_id == workspace_id, AiUse.day >= since, AiUse.day < until)
            .order_by(AiUse.day, AiUse.automation_id)
        )
        async with self._store.db.read() as session:
            return [
                AiUseRow(
                    day=row.day,
                    automation_id=row.automation_id,
                    automation_name=name,
                    calls=row.calls,
                    answers=row.answers,
                    suggestions=row.suggestions,
                    hand_overs=row.hand_overs,
                    tokens_in=row.tokens_in,
                    tokens_out=row.tokens_out,
                    cost=row.cost,
                )
                for row, name in (await session.execute(query)).all()
            ]
