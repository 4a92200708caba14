"""`WorkingTimes`: the working hours of a workspace and of its departments, set and asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import select

from ...db.base import now_ms
from ..accounts.audit import Audit
from ..accounts.principal import Principal
from ..ground import fields
from ..ground.errors import NotFound
from ..ground.ownership import department_of
from ..ground.store import Store
from ..ground.unit import Unit
from ..models import Department, Workspace
from .hours import Calendar, WorkingHours, always, checked


class WorkingHoursView(msgspec.Struct, frozen=True, kw_only=True):
    """The hours that hold, and from where they come: `department`, `workspace`, or `none` (nobody has set any: always).
    `opens_at` and `closes_at` (Unix ms): when they begin and end next, or now; None for never."""

    department_id: int | None
    source: str
    hours: WorkingHours
    open: bool
    opens_at: int | None
    closes_at: int | None


class WorkingTimes:
    """The service. A department without hours of its own has those of the workspace."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._audit = Audit(store)

    async def get(self, workspace_id: int, department_id: int | None = None) -> WorkingHoursView:
        """The hours that hold for the workspace or one of its departments. Raises NotFound."""
        async with self._store.db.read() as session:
            if department_id is not None:
                await department_of(session, workspace_id, department_id)
            source, hours = await _find(session, workspace_id, department_id)
        return _view(department_id, source, hours)

    async def put(
        self,
        workspace_id: int,
        *,
        department_id: int | None = None,
        timezone: str | None = None,
        days: Mapping[str, Iterable[Mapping[str, Any]]],
        holidays: Sequence[Any] = (),
        by: Principal | None = None,
        ip: str | None = None,
    ) -> WorkingHoursView:
        """Set hours; without a time zone in that of the workspace. Raises NotFound, and Invalid as `checked`."""
        async with self._store.unit() as unit:
            row = await _owner(unit, workspace_id, department_id)
            if timezone is None:
                timezone = await unit.session.scalar(select(Workspace.timezone).where(Workspace.id == workspace_id))
            hours = checked(timezone or "UTC", days, holidays)
            row.working_hours = msgspec.to_builtins(hours)
            told = {"timezone": hours.timezone, "holidays": len(hours.holidays)}
            await self._note(unit, workspace_id, by, "working_hours.changed", department_id, ip, told)
        return _view(department_id, "workspace" if department_id is None else "department", hours)

    async def delete(
        self,
        workspace_id: int,
        *,
        department_id: int | None = None,
        by: Principal | None = None,
        ip: str | None = None,
    ) -> WorkingHoursView:
        """Take hours away, if there are any: a department works by those of the workspace then, and the workspace always.
        Gives what holds now. Raises NotFound."""
        async with self._store.unit() as unit:
            row = await _owner(unit, workspace_id, department_id)
            if row.working_hours is not None:
                row.working_hours = None
                await self._note(unit, workspace_id, by, "working_hours.removed", department_id, ip, {})
            await unit.session.flush()
            source, hours = await _find(unit.session, workspace_id, department_id)
        return _view(department_id, source, hours)

    async def _note(
        self,
        unit: Unit,
        workspace_id: int,
        by: Principal | None,
        action: str,
        department_id: int | None,
        ip: str | None,
        data: dict[str, Any],
    ) -> None:
        target = f"workspace:{workspace_id}" if department_id is None else f"department:{department_id}"
        await self._audit.record(unit, workspace_id, "system" if by is None else by.actor, action, target, ip, data)


async def calendar_of(reads: Any, workspace_id: int, department_id: int | None = None) -> Calendar:
    """The working hours that hold, to reckon with. A department that is none of the workspace's has its hours."""
    return Calendar((await _find(reads, workspace_id, department_id))[1])


async def _owner(unit: Unit, workspace_id: int, department_id: int | None) -> Workspace | Department:
    if department_id is not None:
        return await department_of(unit.session, workspace_id, department_id)
    found = await unit.session.get(Workspace, workspace_id)
    if found is None:
        raise NotFound("No such workspace.")
    return found


async def _find(reads: Any, workspace_id: int, department_id: int | None) -> tuple[str, WorkingHours]:
    columns = (Workspace.timezone, Workspace.working_hours.label("ours"), Department.working_hours.label("own"))
    mine = (Department.workspace_id == Workspace.id) & (Department.id == fields.row_id(department_id))
    query = select(*columns).outerjoin(Department, mine).where(Workspace.id == workspace_id)
    row = (await reads.execute(query)).first()
    if row is None:
        raise NotFound("No such workspace.")
    if row.own is not None:
        return "department", msgspec.convert(row.own, type=WorkingHours)
    if row.ours is not None:
        return "workspace", msgspec.convert(row.ours, type=WorkingHours)
    return "none", always(row.timezone)


def _view(department_id: int | None, source: str, hours: WorkingHours) -> WorkingHoursView:
    calendar, now = Calendar(hours), now_ms()
    return WorkingHoursView(
        department_id=department_id,
        source=source,
        hours=hours,
        open=calendar.is_open(now),
        opens_at=calendar.opens_at(now),
        closes_at=calendar.closes_at(now),
    )
