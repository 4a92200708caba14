"""What people think: how many were asked and answered, how many are content, by agent, team, channel or day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select

from ..ground import fields
from ..ground.store import Store
from ..models import ChatSurvey
from ..quotas.usage import MAX_ROWS, check_span
from .target_report import GROUPS, group_names

CONTENT: Final = 4
"""Who gives this or more is content."""
PAGE: Final = 4000


class SurveyFigures(msgspec.Struct, kw_only=True, frozen=True):
    """How many were asked, answered, were content (4 or 5) and said more; the average rating, None without any."""

    asked: int = 0
    answered: int = 0
    content: int = 0
    comments: int = 0
    average: float | None = None


class SurveyRow(msgspec.Struct, kw_only=True, frozen=True):
    """The surveys of one group. `key` is a day (YYYY-MM-DD) or an id, `none` where there is none."""

    key: str
    name: str | None
    figures: SurveyFigures


class SurveySums(msgspec.Struct, kw_only=True, frozen=True):
    """All groups, and all of them together."""

    rows: list[SurveyRow]
    sum: SurveyFigures


class _Group:
    def __init__(self) -> None:
        self.asked = self.answered = self.content = self.comments = self.total = 0

    def take(self, rating: int | None, comment: str | None) -> None:
        self.asked += 1
        if rating is not None:
            self.answered += 1
            self.total += rating
            self.content += rating >= CONTENT
            self.comments += comment is not None

    def figures(self) -> SurveyFigures:
        average = round(self.total / self.answered, 2) if self.answered else None
        return SurveyFigures(
            asked=self.asked,
            answered=self.answered,
            content=self.content,
            comments=self.comments,
            average=average,
        )


async def report_surveys(
    store: Store, workspace_id: int, *, by: str, since: int, until: int, zone: str, channel_id: int | None = None
) -> SurveySums:
    """Surveys that were sent from `since` until before `until` (Unix ms); days are those of `zone`. At most 1,000 groups, the
    largest first (days in their order). Raises Invalid."""
    fields.choice("by", by, GROUPS)
    check_span(since, until)
    place = ZoneInfo(fields.timezone(zone, "zone"))
    key_of: dict[str, Callable[[Any], str | int | None]] = {
        "day": lambda row: datetime.fromtimestamp(row.sent_at / 1000, place).strftime("%Y-%m-%d"),
        "agent": lambda row: row.member_id,
        "team": lambda row: row.department_id,
        "channel": lambda row: row.channel_id,
    }
    one = ChatSurvey
    columns = (one.id, one.rating, one.comment, one.sent_at, one.member_id, one.department_id, one.channel_id)
    query = select(*columns).where(one.workspace_id == workspace_id, one.sent_at >= since, one.sent_at < until)
    if channel_id is not None:
        query = query.where(one.channel_id == channel_id)
    groups: dict[str | int | None, _Group] = {}
    whole = _Group()
    after = 0
    while True:
        async with store.db.read() as session:
            rows = (await session.execute(query.where(one.id > after).order_by(one.id).limit(PAGE))).all()
        for row in rows:
            for group in (groups.setdefault(key_of[by](row), _Group()), whole):
                group.take(row.rating, row.comment)
        if len(rows) < PAGE:
            break
        after = rows[-1].id
    chosen = sorted(groups, key=lambda key: (-groups[key].asked, str(key)))[:MAX_ROWS]
    if by == "day":
        chosen.sort(key=str)
    names = await group_names(store, by, chosen)
    found = [
        SurveyRow(key="none" if key is None else str(key), name=names.get(key), figures=groups[key].figures())
        for key in chosen
    ]
    return SurveySums(rows=found, sum=whole.figures())
