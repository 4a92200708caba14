"""`ReplyTargets`: within what time people are answered, and the clocks that tell when it is not so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from ...db.base import now_ms
from ..accounts.audit import Audit
from ..accounts.principal import Principal
from ..ground import fields
from ..ground.store import Store
from ..ground.views import view_of
from ..models import Channel, Department, ReplyTarget
from .clocks import drop_clocks, next_ring, ring
from .ratings import WAKE
from .reading import ServiceReader
from .surveys import Surveys
from .target_report import TargetSums, report_targets

MAX_MINUTES: Final = 60 * 24 * 90
"""Ninety days."""
MAX_TARGETS: Final = 200


class TargetView(msgspec.Struct, frozen=True, kw_only=True):
    """Targets in minutes (None: there is none), of a department, a channel, or (neither) the workspace. With `working_hours`
    only those count. `warn_percent` of the time is gone when a target is due soon."""

    channel_id: int | None = None
    department_id: int | None = None
    first_reply: int | None = None
    next_reply: int | None = None
    resolution: int | None = None
    working_hours: bool = True
    warn_percent: int = 80


class ReplyTargets:
    """The service. `now` gives Unix ms."""

    def __init__(self, store: Store, surveys: Surveys, now: Callable[[], int] = now_ms) -> None:
        self._store = store
        self._audit = Audit(store)
        self._now = now
        self._surveys = surveys
        self.reader = ServiceReader(store, surveys)

    async def targets(self, workspace_id: int) -> list[TargetView]:
        """All of them, in the order given."""
        async with self._store.db.read() as session:
            return await _views(session, workspace_id)

    async def put(
        self, workspace_id: int, targets: Sequence[TargetView], *, by: Principal | None = None, ip: str | None = None
    ) -> list[TargetView]:
        """Set all targets. Clocks that run keep their times; without any target they are forgotten. Raises Invalid, by the
        place of the target."""
        if len(targets) > MAX_TARGETS:
            raise fields.refuse("targets", f"Must have at most {MAX_TARGETS} items.")
        async with self._store.unit() as unit:
            channels, departments = [
                set(await unit.session.scalars(select(model.id).where(model.workspace_id == workspace_id)))
                for model in (Channel, Department)
            ]
            seen: set[tuple[int | None, int | None]] = set()
            for place, one in enumerate(targets):
                _check(f"targets.{place}", one, channels, departments)
                key = (one.channel_id, one.department_id)
                if key in seen:
                    raise fields.refuse(f"targets.{place}", "Is there twice; give one for each department and channel.")
                seen.add(key)
            await unit.session.execute(delete(ReplyTarget).where(ReplyTarget.workspace_id == workspace_id))
            for one in targets:
                row = ReplyTarget(workspace_id=workspace_id, created_at=unit.now, **msgspec.structs.asdict(one))
                unit.session.add(row)
            await unit.session.flush()
            if not targets:
                await drop_clocks(unit, workspace_id)
            actor = "system" if by is None else by.actor
            told = {"targets": len(targets)}
            target = f"workspace:{workspace_id}"
            await self._audit.record(unit, workspace_id, actor, "reply_targets.changed", target, ip, told)
            unit.notify(WAKE)
            return await _views(unit.session, workspace_id)

    async def report(
        self, workspace_id: int, *, by: str, since: int, until: int, zone: str = "UTC", channel_id: int | None = None
    ) -> TargetSums:
        """How targets were met (`report_targets`). Raises Invalid."""
        return await report_targets(
            self._store, workspace_id, by=by, since=since, until=until, zone=zone, channel_id=channel_id
        )

    async def step(self) -> int | None:
        """Tell of clocks whose time has come. Gives when the next one's comes (Unix ms; one that is over: there are more),
        None for never. Call it when the reader has nothing more: an answer that has come is no miss."""
        async with self._store.db.read() as session:
            due = await next_ring(session)
        if due is None or due > self._now():
            return due
        async with self._store.unit() as unit:
            await ring(unit, self._now())
            return await next_ring(unit.conn)


async def _views(session: AsyncSession, workspace_id: int) -> list[TargetView]:
    query = select(ReplyTarget).where(ReplyTarget.workspace_id == workspace_id).order_by(ReplyTarget.id)
    return [*map(partial(view_of, TargetView), await session.scalars(query))]


def _check(at: str, given: TargetView, channels: set[int], departments: set[int]) -> None:
    """Raises Invalid."""
    if given.channel_id is not None and given.channel_id not in channels:
        raise fields.refuse(f"{at}.profileId", "There is no such channel.")
    if given.department_id is not None and given.department_id not in departments:
        raise fields.refuse(f"{at}.departmentId", "There is no such department.")
    if given.channel_id is not None and given.department_id is not None:
        raise fields.refuse(f"{at}.profileId", "Give a channel or a department, not both.")
    for name, minutes in (
        ("firstReplyMinutes", given.first_reply),
        ("nextReplyMinutes", given.next_reply),
        ("resolutionMinutes", given.resolution),
    ):
        if minutes is not None and not 1 <= minutes <= MAX_MINUTES:
            raise fields.refuse(f"{at}.{name}", f"Must be from 1 to {MAX_MINUTES}.")
    if not 10 <= given.warn_percent <= 100:
        raise fields.refuse(f"{at}.warnPercent", "Must be from 10 to 100.")
