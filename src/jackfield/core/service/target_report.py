"""How targets were met: the share, and the median of the time that counted, by agent, team, channel or day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select

from ..ground import fields
from ..ground.store import Store
from ..models import Channel, ChatTarget, Department, Member
from ..quotas.usage import MAX_ROWS, check_span
from .clocks import DROPPED, FIRST, LATE, MET, NEXT, RESOLUTION

GROUPS: Final = ("day", "agent", "team", "channel")
KINDS: Final = (FIRST, NEXT, RESOLUTION)
PAGE: Final = 4000
"""Rows that are read at once, so that others get their turn in between."""


class TargetFigures(msgspec.Struct, kw_only=True, frozen=True):
    """Clocks of one kind that had a target and have ended: how many, how many in time, the median in ms (None: none). `late`
    ones run on after their time."""

    count: int = 0
    met: int = 0
    median: int | None = None
    late: int = 0


class TargetRow(msgspec.Struct, kw_only=True, frozen=True):
    """The clocks of one group. `key` is a day (YYYY-MM-DD) or an id, `none` where there is none."""

    key: str
    name: str | None
    first_reply: TargetFigures
    next_reply: TargetFigures
    resolution: TargetFigures


class TargetSums(msgspec.Struct, kw_only=True, frozen=True):
    """All groups, and all of them together."""

    rows: list[TargetRow]
    sum: TargetRow


class _Group:
    def __init__(self) -> None:
        self.worked: dict[str, list[int]] = {kind: [] for kind in KINDS}
        self.met = dict.fromkeys(KINDS, 0)
        self.late = dict.fromkeys(KINDS, 0)

    def take(self, kind: str, state: str, worked: int | None) -> None:
        if state == LATE:
            self.late[kind] += 1
            return
        self.worked[kind].append(worked or 0)
        self.met[kind] += state == MET

    @property
    def size(self) -> int:
        """How many clocks there are."""
        return sum(map(len, self.worked.values())) + sum(self.late.values())

    def row(self, key: str, name: str | None) -> TargetRow:
        first, following, resolution = (self._figures(kind) for kind in KINDS)
        return TargetRow(key=key, name=name, first_reply=first, next_reply=following, resolution=resolution)

    def _figures(self, kind: str) -> TargetFigures:
        ranked = sorted(self.worked[kind])
        # By the nearest rank: the median is a time that was.
        median = ranked[(len(ranked) - 1) // 2] if ranked else None
        return TargetFigures(count=len(ranked), met=self.met[kind], median=median, late=self.late[kind])


async def report_targets(
    store: Store, workspace_id: int, *, by: str, since: int, until: int, zone: str, channel_id: int | None = None
) -> TargetSums:
    """Clocks that began from `since` until before `until` (Unix ms); days are those of `zone`. What was set done without a
    reply, and what runs in time, is left out. At most 1,000 groups, the largest first (days in their order).
    Raises Invalid."""
    fields.choice("by", by, GROUPS)
    check_span(since, until)
    place = ZoneInfo(fields.timezone(zone, "zone"))
    key_of: dict[str, Callable[[Any], str | int | None]] = {
        "day": lambda row: datetime.fromtimestamp(row.started_at / 1000, place).strftime("%Y-%m-%d"),
        "agent": lambda row: row.member_id,
        "team": lambda row: row.department_id,
        "channel": lambda row: row.channel_id,
    }
    columns = ("id", "kind", "state", "worked", "started_at", "member_id", "department_id", "channel_id")
    clock = ChatTarget
    query = select(*(getattr(clock, name) for name in columns)).where(
        clock.workspace_id == workspace_id,
        clock.started_at >= since,
        clock.started_at < until,
        clock.due_at.is_not(None),
        clock.state != DROPPED,
        clock.ended_at.is_not(None) | (clock.state == LATE),
    )
    if channel_id is not None:
        query = query.where(clock.channel_id == channel_id)
    groups: dict[str | int | None, _Group] = {}
    whole = _Group()
    after = 0
    while True:
        async with store.db.read() as session:
            rows = (await session.execute(query.where(clock.id > after).order_by(clock.id).limit(PAGE))).all()
        for row in rows:
            for group in (groups.setdefault(key_of[by](row), _Group()), whole):
                group.take(row.kind, row.state, row.worked)
        if len(rows) < PAGE:
            break
        after = rows[-1].id
    chosen = sorted(groups, key=lambda key: (-groups[key].size, str(key)))[:MAX_ROWS]
    if by == "day":
        chosen.sort(key=str)
    names = await group_names(store, by, chosen)
    found = [groups[key].row("none" if key is None else str(key), names.get(key)) for key in chosen]
    return TargetSums(rows=found, sum=whole.row("", None))


async def group_names(store: Store, by: str, keys: list[str | int | None]) -> dict[str | int | None, str]:
    """What members, departments or channels are called."""
    if by == "day":
        return {}
    async with store.db.read() as session:
        if by == "agent":
            people = select(Member.id, Member.first_name, Member.last_name, Member.email).where(Member.id.in_(keys))
            return {
                row.id: f"{row.first_name} {row.last_name}".strip() or row.email
                for row in await session.execute(people)
            }
        of: Any = Department if by == "team" else Channel
        return {row[0]: row[1] for row in await session.execute(select(of.id, of.name).where(of.id.in_(keys)))}
