"""Runs that are due go on: found by one indexed query, a few in each transaction."""

from __future__ import annotations

import time
from typing import Any, Final

import msgspec
import structlog
from sqlalchemy import bindparam, func, select, update

from ..accounts.audit import Audit
from ..campaigns.recipients import placeholders
from ..contacts.people.views import load_views
from ..egress import SafeClient
from ..ground.acting import automatically
from ..ground.automation_events import AutomationRested
from ..ground.store import Store
from ..ground.unit import Unit
from ..models import Automation, AutomationRun, AutomationVersion
from ..port.content import fill
from .answering import AiCall, ask_model, count_tokens
from .calling import Call, answer_to
from .matching import Rule
from .run import Run
from .starting import go_on
from .states import DONE, FAILED
from .steps import AskAi
from .walking import Services, Walk

log = structlog.get_logger(__name__)

BATCH: Final = 20
"""Runs of one transaction."""
SPAN_S: Final = 0.03
"""A transaction takes no further run after this time: on SQLite nobody else can write meanwhile."""
MAX_ERRORS: Final = 5
"""Errors that nobody foresaw until a run fails; each is tried again a minute later than the one before."""
_COLUMNS: Final = tuple(getattr(AutomationRun, name) for name in Run.__struct_fields__)


class Turn(msgspec.Struct, kw_only=True):
    """What a turn came to: how many runs went on, calls that are to be made now, and when a run is due next (Unix ms)."""

    taken: int = 0
    calls: list[Call | AiCall] = []
    next_due: int | None = None


class RunDriver:
    """The service that lets runs go on."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._store: Store = services.store
        self._audit = Audit(services.store)
        self._rulebook = services.rulebook

    async def step(self) -> Turn:
        """Let runs that are due go on; those that are left are due at once (`next_due`)."""
        turn = Turn()
        async with self._store.db.read() as session:
            turn.next_due = await session.scalar(_NEXT)
        if turn.next_due is None or turn.next_due > self._services.now():
            return turn
        with automatically():
            async with self._store.transaction(), self._store.unit() as unit:
                due = select(*_COLUMNS).where(AutomationRun.due_at <= self._services.now())
                due = due.order_by(AutomationRun.due_at, AutomationRun.id).limit(BATCH)
                if unit.conn.dialect.name == "postgresql":
                    due = due.with_for_update(skip_locked=True)
                begun = time.monotonic()
                for row in (await unit.conn.execute(due)).all():
                    run = Run(**row._mapping)
                    await self._go(unit, run, turn)
                    turn.taken += 1
                    if time.monotonic() - begun > SPAN_S:
                        break
                turn.next_due = await unit.conn.scalar(_NEXT)
        return turn

    async def _go(self, unit: Unit, run: Run, turn: Turn) -> None:
        was = msgspec.structs.replace(run, variables=dict(run.variables))
        try:
            async with self._store.unit():
                row = (await unit.conn.execute(_AUTOMATION, {"id_": run.automation_id})).one()
                if not row.enabled or row.rest_reason is not None:
                    # It waits until the automation is on again (`Automations.update`).
                    run.due_at = None
                else:
                    rule = await self._rule(unit, row, run.version)
                    await Walk(self._services, unit, run, rule).go()
                    await self._account(unit, row, rule, run)
                    if run.waits_for == "call":
                        turn.calls.append(await self._call(unit, rule, run))
                await _write(unit, run)
        except Exception as error:
            if turn.calls and turn.calls[-1].run_id == run.id:
                turn.calls.pop()
            # The text of an error may hold what somebody wrote.
            log.error("a step of an automation failed", run=run.id, step=was.step, error=type(error).__name__)
            await self._again(unit, was)

    async def _again(self, unit: Unit, run: Run) -> None:
        """What nobody foresaw has happened: nothing of the step was kept; try it again later, a few times."""
        errors = int(run.variables.get("_errors") or 0) + 1
        run.variables["_errors"] = errors
        if errors >= MAX_ERRORS:
            run.state, run.reason, run.due_at, run.waits_for = FAILED, "internal_error", None, None
            run.ended_at = unit.now
        else:
            run.due_at = unit.now + errors * 60_000
        run.updated_at = unit.now
        await _write(unit, run)

    async def _rule(self, unit: Unit, row: Any, version: int) -> Rule:
        if row.version == version or self._rulebook.find(row.id, version) is not None:
            return self._rulebook.rule(row, version)
        stored = await unit.session.scalar(
            select(AutomationVersion.document).where(
                AutomationVersion.automation_id == row.id, AutomationVersion.version == version
            )
        )
        return self._rulebook.rule(row, version, stored)

    async def _account(self, unit: Unit, row: Any, rule: Rule, run: Run) -> None:
        """Count failures in a row; with too many the automation rests, and says why."""
        if run.state == DONE and row.failures:
            await unit.conn.execute(update(Automation).where(Automation.id == row.id).values(failures=0))
        if run.state != FAILED:
            return
        values: dict[str, Any] = {"failures": row.failures + 1}
        if row.failures + 1 >= rule.document.limits.rest_after_failures:
            values["rest_reason"] = f"step {run.step}: {run.reason}"
            unit.emit(run.workspace_id, AutomationRested(id=row.id, name=row.name, reason=values["rest_reason"]))
            target = f"automation:{row.id}"
            await self._audit.record(unit, run.workspace_id, "system", "automation.rested", target, data=values)
        await unit.conn.execute(update(Automation).where(Automation.id == row.id).values(**values))

    # -- calls of programs ---------------------------------------------------------------------------

    async def _call(self, unit: Unit, rule: Rule, run: Run) -> Call | AiCall:
        step: Any = next(one for one in rule.document.steps if one.id == run.step)
        if isinstance(step, AskAi):
            return AiCall(
                run_id=run.id,
                visit=run.visit,
                workspace_id=run.workspace_id,
                automation_id=run.automation_id,
                channel_id=run.channel_id or 0,
                peer=run.peer or "",
                step=step,
            )
        found = await load_views(unit.conn, run.workspace_id, [run.contact_id])
        person = found[0] if found else None
        variables = {name: value for name, value in run.variables.items() if not name.startswith("_")}
        contact = {"id": str(run.contact_id)}
        values: dict[str, Any] = dict(variables)
        if person is not None:
            contact |= {"name": person.name, "phone": person.phone or "", "email": person.email or ""}
            values = {**person.attributes, **contact, **variables}
        body = {
            **_filled(step.body, values),
            "contact": contact,
            "variables": variables,
            "automation": {"id": str(run.automation_id), "step": run.step, "run": str(run.id)},
        }
        return Call(
            run_id=run.id,
            visit=run.visit,
            url=step.url,
            body=msgspec.json.encode(body),
            variables=dict(step.variables),
        )

    async def call(self, client: SafeClient, call: Call | AiCall) -> None:
        """Make a call, and let its run go on with the answer."""
        waiting = (
            AutomationRun.id == call.run_id,
            AutomationRun.waits_for == "call",
            AutomationRun.visit == call.visit,
        )
        query = select(AutomationRun.variables).where(*waiting)
        if isinstance(call, AiCall):
            # It may have waited for its turn until it was made once more, and answered; and each costs.
            async with self._store.db.read() as session:
                if (await session.execute(query)).first() is None:
                    return
            answer = await ask_model(self._store, client, call)
        else:
            answer = await answer_to(client, call)
        async with self._store.unit() as unit:
            if isinstance(call, AiCall):
                await count_tokens(unit, call, answer)
            if unit.conn.dialect.name == "postgresql":
                query = query.with_for_update()
            row = (await unit.conn.execute(query)).first()
            if row is None:
                return
            await go_on(unit, {**row.variables, "_called": answer}, *waiting)


def _filled(value: Any, values: dict[str, Any]) -> Any:
    """JSON with the placeholders of its texts filled; a name that is not known becomes nothing."""
    if isinstance(value, str):
        return fill(value, {**dict.fromkeys(placeholders(value), ""), **values})
    if isinstance(value, dict):
        return {name: _filled(one, values) for name, one in value.items()}
    return [_filled(one, values) for one in value] if isinstance(value, list) else value


async def _write(unit: Unit, run: Run) -> None:
    values = msgspec.structs.asdict(run)
    for fixed in ("id", "workspace_id", "automation_id", "version", "contact_id"):
        del values[fixed]
    await unit.conn.execute(update(AutomationRun).where(AutomationRun.id == run.id).values(**values))


_AUTOMATION: Final = select(
    Automation.id,
    Automation.workspace_id,
    Automation.name,
    Automation.kind,
    Automation.version,
    Automation.enabled,
    Automation.enabled_at,
    Automation.document,
    Automation.failures,
    Automation.rest_reason,
).where(Automation.id == bindparam("id_"))
_NEXT: Final = select(func.min(AutomationRun.due_at)).where(AutomationRun.due_at.is_not(None))
