"""Problems are kept: what the provider was told we have, and could not be applied.

Every callback that is answered 200 is applied or kept here. The kept rows are bounded in number and size, and removed with
the events of their time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import and_, delete, func, select, update

from ...ground.events import InboundProblem as InboundProblemEvent
from ...ground.unit import Unit
from ...ledger.submit import insert_ignoring
from ...models import InboundProblem
from ...port import Report, UnknownReport
from ..source import Source
from . import payload, receipts

MAX_ROWS: Final = 10_000
"""Most problems that are kept of a workspace; the oldest go first."""
MAX_SIZE: Final = 64 * 1024 * 1024
"""Most characters that are kept of a workspace's problems."""
TRIM_EVERY: Final = 100
"""Bounds are checked each time that an id passes a multiple of this, and with every large row."""
LARGE: Final = 256 * 1024


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Something to keep: see the table. `payload` is JSON as `payload` makes it."""

    source: Source
    reason: str
    kind: str
    payload: str
    detail: str | None = None
    subject: str | None = None
    message_id: int | None = None

    @property
    def digest(self) -> str:
        """The same for the same thing that comes again."""
        text = f"{self.source.channel_id}\0{self.reason}\0{self.payload}"
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def of_report(source: Source, report: Report, reason: str, detail: str | None = None, **more: Any) -> Problem:
    """The problem of a report."""
    kind = type(report).__name__
    kept: str | None = None
    if isinstance(report, UnknownReport):
        kind = report.kind
        reason = "unreadable" if report.unreadable else reason
        if report.callback is not None:
            kept = payload.of_body(report.callback)
    if kept is None:
        kept = payload.of_report(report)
    return Problem(source=source, reason=reason, kind=kind, payload=kept, detail=detail, **more)


async def keep(unit: Unit, problems: Sequence[Problem]) -> None:
    """Keep problems and tell of them. One that is kept already is not told again; one that was solved is open again."""
    wanted = {(one.source.workspace_id, one.digest): one for one in problems}
    if not wanted:
        return
    known = await _known(unit, wanted)
    again = [row.id for row in known.values() if row.resolved_at is not None]
    if again:
        await unit.conn.execute(
            update(InboundProblem).where(InboundProblem.id.in_(again)).values(resolved_at=None, tried_at=unit.now)
        )
    fresh = {key: one for key, one in wanted.items() if key not in known}
    if fresh:
        await insert_ignoring(
            unit,
            InboundProblem,
            [
                {
                    "workspace_id": one.source.workspace_id,
                    "channel_id": one.source.channel_id,
                    "reason": one.reason,
                    "kind": one.kind[:100],
                    "detail": None if one.detail is None else one.detail[:500],
                    "subject": one.subject,
                    "message_id": one.message_id,
                    "payload": one.payload,
                    "size": len(one.payload),
                    "digest": one.digest,
                    "attempts": 0,
                    "created_at": unit.now,
                }
                for one in fresh.values()
            ],
        )
        known |= await _known(unit, fresh)
    many = await _bound_receipts(unit, fresh.values())
    for key, one in wanted.items():
        row = known.get(key)
        if row is None or not (key in fresh or row.id in again):
            continue
        if one.reason == receipts.REASON and one.source.channel_id in many:
            continue
        told = InboundProblemEvent(
            id=row.id, reason=one.reason, kind=one.kind[:100], detail=one.detail, message_id=one.message_id
        )
        unit.emit(one.source.workspace_id, told, one.source.channel_id)
    await _trim(unit, [(key[0], known[key].id, len(one.payload)) for key, one in fresh.items() if key in known])


async def _bound_receipts(unit: Unit, fresh: Iterable[Problem]) -> set[int]:
    """Hold the bound of receipts whose message is not known; gives the channels that have more, of which no single one
    is told any more: one event tells that they are counted from now on."""
    sources = {one.source.channel_id: one.source for one in fresh if one.reason == receipts.REASON}
    many: set[int] = set()
    for channel_id, source in sources.items():
        more, counting = await receipts.count_older(unit, source)
        if more:
            many.add(channel_id)
        if counting is not None:
            told = InboundProblemEvent(id=counting, reason=receipts.REASON, kind=receipts.KIND)
            unit.emit(source.workspace_id, told, channel_id)
    return many


async def _known(unit: Unit, keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Any]:
    by_workspace: dict[int, list[str]] = {}
    for workspace_id, digest in keys:
        by_workspace.setdefault(workspace_id, []).append(digest)
    found: dict[tuple[int, str], Any] = {}
    columns = (InboundProblem.id, InboundProblem.digest, InboundProblem.resolved_at)
    for workspace_id, digests in by_workspace.items():
        query = select(*columns).where(InboundProblem.workspace_id == workspace_id, InboundProblem.digest.in_(digests))
        found |= {(workspace_id, row.digest): row for row in await unit.conn.execute(query)}
    return found


async def _trim(unit: Unit, kept: Sequence[tuple[int, int, int]]) -> None:
    """Hold the bounds, of workspaces that have come near them: rows as workspace, id and size."""
    for workspace_id in {one[0] for one in kept if one[2] >= LARGE or one[1] % TRIM_EVERY == 0}:
        newest_first = InboundProblem.id.desc()
        counted = (
            select(
                InboundProblem.id,
                func.row_number().over(order_by=newest_first).label("place"),
                func.sum(InboundProblem.size).over(order_by=newest_first).label("total"),
            )
            .where(InboundProblem.workspace_id == workspace_id)
            .subquery()
        )
        beyond = select(func.max(counted.c.id)).where((counted.c.place > MAX_ROWS) | (counted.c.total > MAX_SIZE))
        last = (await unit.conn.execute(beyond)).scalar()
        if last is not None:
            await unit.conn.execute(
                delete(InboundProblem).where(
                    and_(InboundProblem.workspace_id == workspace_id, InboundProblem.id <= last)
                )
            )


async def prune(unit: Unit, older_than: int, after: int, batch: int) -> tuple[int, int]:
    """Delete up to so many rows from before a time (Unix ms); gives how many, and the last id that was looked at."""
    rows = await unit.conn.execute(
        select(InboundProblem.id)
        .where(InboundProblem.id > after, InboundProblem.created_at < older_than)
        .order_by(InboundProblem.id)
        .limit(batch)
    )
    ids = list(rows.scalars())
    if ids:
        await unit.conn.execute(delete(InboundProblem).where(InboundProblem.id.in_(ids)))
    return len(ids), ids[-1] if ids else after
