"""`Automations`: rules and sequences made, changed, switched on and off, and looked at."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace
from sqlalchemy import case, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..ground import fields
from ..ground.errors import Conflict, LimitReached, NotFound
from ..ground.listing import page_by_id
from ..ground.paging import Page
from ..ground.store import Store
from ..ground.unit import Unit
from ..ground.views import view_of
from ..models import Automation, AutomationRun, AutomationStep, AutomationVersion
from .document import KINDS, Document, OnWebhook
from .parse import check_parts, parse
from .schedules import first_time
from .starting import RUNS
from .states import LIVE, STATES, STOPPED
from .views import AutomationView, Begun, RunView, Statistics, StepCount, automation_view, document_of

MAX_AUTOMATIONS: Final = 500
"""Automations that a workspace may have."""
CHANGED: Final = "automations"
"""Topic of the bus: the automations of a workspace have changed."""


class Automations:
    """The service. Names are unique in a workspace without regard to case."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # -- looking -------------------------------------------------------------------------------------

    async def list(
        self,
        workspace_id: int,
        *,
        kind: str | None = None,
        enabled: bool | None = None,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[AutomationView]:
        """Newest first, with how many people are in each. Raises Invalid for a bad kind, limit or cursor."""
        query = select(Automation).where(Automation.workspace_id == workspace_id)
        if kind is not None:
            query = query.where(Automation.kind == fields.choice("kind", kind, KINDS))
        if enabled is not None:
            query = query.where(Automation.enabled.is_(enabled))
        async with self._store.db.read() as session:
            found = await page_by_id(
                session, query, Automation.id, automation_view, limit=limit, cursor=cursor, page=page, total=total
            )
            live = await _live(session, [one.id for one in found.items])
        found.items = [msgspec.structs.replace(one, live=live.get(one.id, 0)) for one in found.items]
        return found

    async def get(self, workspace_id: int, automation_id: int) -> AutomationView:
        """One, with how many people are in it. Raises NotFound."""
        async with self._store.db.read() as session:
            row = await _get(session, workspace_id, automation_id)
            return automation_view(row, (await _live(session, [row.id])).get(row.id, 0))

    async def find(self, workspace_id: int, name: str) -> AutomationView | None:
        """The one of this name, without regard to case, or None."""
        query = select(Automation).where(
            Automation.workspace_id == workspace_id, Automation.folded == fields.folded(name)
        )
        async with self._store.db.read() as session:
            row = await session.scalar(query)
        return None if row is None else automation_view(row)

    async def versions(self, workspace_id: int, automation_id: int) -> Mapping[int, Document]:
        """Every version that there was, by number. Raises NotFound."""
        async with self._store.db.read() as session:
            await _get(session, workspace_id, automation_id)
            rows = await session.scalars(
                select(AutomationVersion)
                .where(AutomationVersion.automation_id == automation_id)
                .order_by(AutomationVersion.version.desc())
                .limit(100)
            )
            return {row.version: msgspec.convert(row.document, type=Document) for row in rows}

    async def runs(
        self,
        workspace_id: int,
        automation_id: int,
        *,
        state: str | None = None,
        contact_id: int | None = None,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[RunView]:
        """People's ways through an automation, newest first. Raises NotFound, Invalid."""
        query = select(AutomationRun).where(AutomationRun.automation_id == automation_id)
        if state is not None:
            query = query.where(AutomationRun.state == fields.choice("state", state, STATES))
        if contact_id is not None:
            query = query.where(AutomationRun.contact_id == fields.row_id(contact_id))
        async with self._store.db.read() as session:
            await _get(session, workspace_id, automation_id)
            return await page_by_id(
                session,
                query,
                AutomationRun.id,
                partial(view_of, RunView),
                limit=limit,
                cursor=cursor,
                page=page,
                total=total,
            )

    async def statistics(self, workspace_id: int, automation_id: int) -> Statistics:
        """What became of people, in all and at each step of the newest version, then at steps of older ones. Raises
        NotFound."""
        runs, steps = AutomationRun, AutomationStep
        async with self._store.db.read() as session:
            row = await _get(session, workspace_id, automation_id)
            mine = runs.automation_id == automation_id
            by_state = await session.execute(select(runs.state, func.count()).where(mine).group_by(runs.state))
            counts = dict.fromkeys(STATES, 0) | {row[0]: row[1] for row in by_state}
            found = {step.id: StepCount(step=step.id) for step in automation_view(row).document.steps}
            columns = (steps.step, steps.outcome, steps.reason)
            taken = await session.execute(
                select(*columns, func.count()).where(steps.automation_id == automation_id).group_by(*columns)
            )
            for step, outcome, reason, count in taken:
                one = found.setdefault(step, StepCount(step=step))
                setattr(one, outcome, getattr(one, outcome) + count)
                if reason is not None:
                    one.reasons[reason] = one.reasons.get(reason, 0) + count
            waiting = await session.execute(
                select(runs.step, func.count()).where(mine, runs.state.in_(LIVE)).group_by(runs.step)
            )
            for step, count in waiting:
                found.setdefault(step, StepCount(step=step)).waiting = count
        return Statistics(runs=counts, steps=[*found.values()])

    async def begun(self, workspace_id: int, ids: Collection[int], since: int) -> dict[int, Begun]:
        """How often people came into each of these automations; those with nobody are left out."""
        runs = AutomationRun
        lately = func.sum(case((runs.created_at >= since, 1), else_=0))
        query = (
            select(runs.automation_id, func.count(), lately, func.max(runs.created_at))
            .where(runs.workspace_id == workspace_id, runs.automation_id.in_(ids))
            .group_by(runs.automation_id)
        )
        async with self._store.db.read() as session:
            return {
                row[0]: Begun(count=row[1], since=int(row[2]), last_at=row[3]) for row in await session.execute(query)
            }

    # -- changing ------------------------------------------------------------------------------------

    async def create(
        self, workspace_id: int, name: str, kind: str, document: Any, *, enabled: bool = False
    ) -> AutomationView:
        """Make an automation; `document` is data as in `document.Document`.

        Raises Invalid whose details name each wrong field, Conflict (AUTOMATION_EXISTS), LimitReached.
        """
        name = fields.text("name", name, maximum=100)
        checked = parse(document, fields.choice("kind", kind, KINDS))
        try:
            async with self._store.unit() as unit:
                mine = select(func.count()).where(Automation.workspace_id == workspace_id)
                if int(await unit.session.scalar(mine) or 0) >= MAX_AUTOMATIONS:
                    raise LimitReached(
                        f"A workspace has at most {MAX_AUTOMATIONS} automations.", code="TOO_MANY_AUTOMATIONS"
                    )
                row = Automation(
                    workspace_id=workspace_id,
                    name=name,
                    folded=fields.folded(name),
                    kind=kind,
                    enabled=enabled,
                    enabled_at=unit.now,
                    next_at=first_time(checked, enabled, unit.now),
                    version=1,
                    created_at=unit.now,
                )
                await _write(unit, row, checked)
        except IntegrityError:
            raise _taken(name) from None
        return automation_view(row, 0, checked)

    async def update(
        self,
        workspace_id: int,
        automation_id: int,
        *,
        name: str | UnsetType = UNSET,
        document: Any = UNSET,
        parts: Mapping[str, Any] | None = None,
        enabled: bool | UnsetType = UNSET,
    ) -> AutomationView:
        """Change what is given; of the document either all, or some `parts` of it. Another document is a new version;
        people who are in it go on by theirs. Switching it on ends its rest. Raises as `create`, and NotFound."""
        if parts:
            check_parts(parts)
        given = fields.text("name", name, maximum=100) if not isinstance(name, UnsetType) else ""
        try:
            async with self._store.unit() as unit:
                row = await _get(unit.session, workspace_id, automation_id)
                if given:
                    row.name, row.folded = given, fields.folded(given)
                if not isinstance(enabled, UnsetType):
                    if enabled and (not row.enabled or row.rest_reason is not None):
                        row.enabled_at, row.failures, row.rest_reason = unit.now, 0, None
                        await _go_on(unit, row.id)
                    row.enabled = enabled
                if parts:
                    document = {**msgspec.to_builtins(document_of(row.document)), **parts}
                if document is not UNSET:
                    checked = parse(document, row.kind)
                    if msgspec.to_builtins(checked) != row.document:
                        row.version += 1
                        await _write(unit, row, checked)
                        row.next_at = first_time(checked, row.enabled, unit.now)
                if not isinstance(enabled, UnsetType):
                    row.next_at = first_time(document_of(row.document), row.enabled, unit.now)
                row.updated_at = unit.now
                await unit.session.flush()
                unit.notify(CHANGED, workspace_id)
        except IntegrityError:
            raise _taken(given) from None
        return await self.get(workspace_id, automation_id)

    async def reorder(self, workspace_id: int, ids: Sequence[int]) -> None:
        """Where one event starts several of these, they begin in this order. Raises NotFound."""
        async with self._store.unit() as unit:
            for place, automation_id in enumerate(ids, 1):
                row = await _get(unit.session, workspace_id, automation_id)
                known = document_of(row.document)
                changed = replace(known, limits=replace(known.limits, priority=place))
                if changed != known:
                    row.version += 1
                    await _write(unit, row, changed)

    async def delete(self, workspace_id: int, automation_id: int) -> None:
        """Delete it with its versions and runs; people who are in it get nothing more. Raises NotFound."""
        async with self._store.unit() as unit:
            await unit.session.delete(await _get(unit.session, workspace_id, automation_id))
            unit.notify(CHANGED, workspace_id)

    async def stop(self, workspace_id: int, automation_id: int, run_id: int) -> RunView:
        """End a run; what it has sent stays sent. Raises NotFound, Conflict (RUN_OVER) when it has ended."""
        async with self._store.unit() as unit:
            row = await unit.session.scalar(
                select(AutomationRun)
                .where(
                    AutomationRun.id == fields.row_id(run_id),
                    AutomationRun.workspace_id == workspace_id,
                    AutomationRun.automation_id == fields.row_id(automation_id),
                )
                .with_for_update()
            )
            if row is None:
                raise NotFound("There is no such run.", code="RUN_NOT_FOUND")
            if row.state not in LIVE:
                raise Conflict(f"The run is {row.state} already.", code="RUN_OVER")
            row.state, row.reason, row.due_at, row.waits_for = STOPPED, "by hand", None, None
            row.ended_at = row.updated_at = unit.now
        return view_of(RunView, row)

    async def stop_all(self, workspace_id: int, automation_id: int) -> int:
        """End all runs of an automation; gives how many there were. Raises NotFound."""
        async with self._store.unit() as unit:
            await _get(unit.session, workspace_id, automation_id)
            ended = await unit.conn.execute(
                update(AutomationRun)
                .where(AutomationRun.automation_id == automation_id, AutomationRun.state.in_(LIVE))
                .values(
                    state=STOPPED,
                    reason="by hand",
                    due_at=None,
                    waits_for=None,
                    ended_at=unit.now,
                    updated_at=unit.now,
                )
            )
        return int(ended.rowcount)


async def _write(unit: Unit, row: Automation, document: Document) -> None:
    """Give an automation its document, as the newest version."""
    stored = msgspec.to_builtins(document)
    row.document = stored
    if not isinstance(document.trigger, OnWebhook):
        row.hook_hash = row.hook_token = None
    elif row.hook_token is None:
        row.hook_token = secrets.token_urlsafe(24)
        row.hook_hash = hook_hash(row.hook_token)
    row.updated_at = unit.now
    unit.session.add(row)
    await unit.session.flush()
    unit.session.add(
        AutomationVersion(
            workspace_id=row.workspace_id,
            automation_id=row.id,
            version=row.version,
            document=stored,
            created_at=unit.now,
        )
    )
    unit.notify(CHANGED, row.workspace_id)


async def _go_on(unit: Unit, automation_id: int) -> None:
    """Who was in it when it was switched off goes on."""
    live = (AutomationRun.automation_id == automation_id, AutomationRun.state.in_(LIVE))
    await unit.conn.execute(update(AutomationRun).where(*live, AutomationRun.due_at.is_(None)).values(due_at=unit.now))
    unit.notify(RUNS)


def hook_hash(token: str) -> str:
    """By what an automation is found by the secret of its address."""
    return hashlib.sha256(token.encode()).hexdigest()


async def _get(session: AsyncSession, workspace_id: int, automation_id: int) -> Automation:
    query = select(Automation).where(
        Automation.workspace_id == workspace_id, Automation.id == fields.row_id(automation_id)
    )
    row = await session.scalar(query)
    if row is None:
        raise NotFound("There is no such automation.", code="AUTOMATION_NOT_FOUND")
    return row


async def _live(session: AsyncSession, ids: Any) -> dict[int, int]:
    if not ids:
        return {}
    query = (
        select(AutomationRun.automation_id, func.count())
        .where(AutomationRun.automation_id.in_(ids), AutomationRun.state.in_(LIVE))
        .group_by(AutomationRun.automation_id)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


def _taken(name: str) -> Conflict:
    return Conflict(f"An automation called {name!r} exists already.", code="AUTOMATION_EXISTS")
