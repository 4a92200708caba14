"""What came before the message that it concerns: kept as a problem, and applied as soon as the message is there."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from ....db.bulk import among
from ...ground.unit import Unit
from ...models import InboundProblem
from ...port import MessageDeleted, MessageEdited, Report, Status
from ..inbound.payload import opened
from ..source import Source
from .changes import message_changed
from .statuses import ReportedStatus, reported_batch


async def apply_waiting(unit: Unit, arrived: Sequence[tuple[Source, str]]) -> None:
    """Apply what waits for these messages (source and provider id), in the order of its own times."""
    sources = {(source.channel_id, source.network.message_key(id_)): source for source, id_ in arrived}
    columns = (InboundProblem.channel_id, InboundProblem.subject)
    rows = await unit.conn.execute(
        select(InboundProblem.id, *columns, InboundProblem.payload)
        .where(among(columns, list(sources)), InboundProblem.subject.is_not(None), InboundProblem.resolved_at.is_(None))
        .order_by(InboundProblem.id)
    )
    waiting: list[tuple[int, int, Source, Report]] = []
    for row in rows.all():
        report = opened(row.payload)
        if isinstance(report, Status | MessageEdited | MessageDeleted):
            waiting.append((report.timestamp, row.id, sources[row.channel_id, row.subject], report))
    applied = []
    for _, id_, source, report in sorted(waiting, key=lambda one: one[:2]):
        if isinstance(report, Status):
            (problem,) = await reported_batch(unit, [ReportedStatus(source=source, status=report)])
        elif isinstance(report, MessageEdited | MessageDeleted):
            problem = await message_changed(unit, source, report)
        if problem is None:
            applied.append(id_)
    if applied:
        await unit.conn.execute(
            update(InboundProblem)
            .where(InboundProblem.id.in_(applied))
            .values(resolved_at=unit.now, tried_at=unit.now, attempts=InboundProblem.attempts + 1)
        )
