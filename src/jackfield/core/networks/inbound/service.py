"""`Inbound`: what came in and could not be applied is listed and replayed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Select, select, update
from sqlalchemy.orm import defer

from ...channels.service import Channels
from ...channels.views import ChannelView
from ...ground.errors import Conflict, Invalid, NotFound, SendError, Unsupported
from ...ground.listing import page_by_id
from ...ground.paging import Page, decode_cursor, encode_cursor
from ...ground.store import Store
from ...ground.unit import Unit
from ...models import InboundProblem
from ...port import CallbackAnswer, CanReread, Report, UnknownReport
from ..intake import Intake
from . import payload
from .directory import Directory
from .files import IncomingFiles
from .problems import Problem, prune
from .raw import RawView, prune_raw, raw_of
from .reasons import REASONS
from .views import ProblemView, Replayed, problem_line, problem_view

REPLAYED_AT_ONCE: Final = 500
"""Most problems that one call replays."""
PRUNED_AT_ONCE: Final = 500
PRUNE_PAUSE_S: Final = 0.02
"""Between two batches, so that those who send hardly wait for us."""


class Inbound:
    """The service."""

    def __init__(
        self, store: Store, channels: Channels, intake: Intake, directory: Directory, files: IncomingFiles
    ) -> None:
        self._store = store
        self._channels = channels
        self._intake = intake
        self._directory = directory
        self._files = files

    # -- reading -------------------------------------------------------------------------------------

    async def list(
        self,
        workspace_id: int,
        *,
        channel_id: int | None = None,
        reason: str | None = None,
        since: int | None = None,
        until: int | None = None,
        resolved: bool | None = False,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[ProblemView]:
        """Problems, newest first; those still open unless `resolved` says otherwise (None: all). Times in Unix ms.

        Raises Invalid.
        """
        query = self._matching(workspace_id, channel_id, reason, since, until)
        if resolved is not None:
            is_open = InboundProblem.resolved_at.is_(None)
            query = query.where(~is_open if resolved else is_open)
        async with self._store.db.read() as session:
            query = query.options(defer(InboundProblem.payload))
            return await page_by_id(session, query, InboundProblem.id, problem_line, limit=limit, cursor=cursor)

    async def get(self, workspace_id: int, problem_id: int) -> ProblemView:
        """One problem. Raises NotFound."""
        return problem_view(await self._row(workspace_id, problem_id))

    async def _row(self, workspace_id: int, problem_id: int) -> InboundProblem:
        async with self._store.db.read() as session:
            row = await session.get(InboundProblem, problem_id)
        if row is None or row.workspace_id != workspace_id:
            raise NotFound("There is no such problem.", code="PROBLEM_NOT_FOUND")
        return row

    @staticmethod
    def _matching(
        workspace_id: int, channel_id: int | None, reason: str | None, since: int | None, until: int | None
    ) -> Select[Any]:
        if reason is not None and reason not in REASONS:
            known = ", ".join(REASONS)
            raise Invalid(f"reason: use one of {known}", details={"reason": [f"Use one of {known}."]})
        query = select(InboundProblem).where(InboundProblem.workspace_id == workspace_id)
        for column, value in ((InboundProblem.channel_id, channel_id), (InboundProblem.reason, reason)):
            query = query if value is None else query.where(column == value)
        query = query if since is None else query.where(InboundProblem.created_at >= since)
        return query if until is None else query.where(InboundProblem.created_at < until)

    async def raw(self, message_id: int) -> Sequence[RawView]:
        """A message and its changes as the network sent them, oldest first; empty once they are out of date."""
        async with self._store.db.read() as session:
            return await raw_of(session, message_id)

    # -- replaying -----------------------------------------------------------------------------------

    async def replay(self, workspace_id: int, problem_id: int) -> ProblemView:
        """Try once more to apply a problem; one that is solved already is left as it is.

        Raises NotFound, Unsupported (its engine reads no callback twice), Conflict (a file, of a profile that is not
        connected).
        """
        row = await self._row(workspace_id, problem_id)
        if row.resolved_at is None:
            await self._try(row)
        return await self.get(workspace_id, problem_id)

    async def replay_many(
        self,
        workspace_id: int,
        *,
        channel_id: int | None = None,
        reason: str | None = None,
        since: int | None = None,
        until: int | None = None,
        cursor: str | None = None,
    ) -> Replayed:
        """Replay open problems, oldest first, so many at a time; `cursor` goes on after an earlier call.

        Raises Invalid.
        """
        query = self._matching(workspace_id, channel_id, reason, since, until)
        if cursor:
            query = query.where(InboundProblem.id > decode_cursor(cursor, tuple[int])[0])
        query = query.where(InboundProblem.resolved_at.is_(None)).order_by(InboundProblem.id)
        async with self._store.db.read() as session:
            rows = list(await session.scalars(query.limit(REPLAYED_AT_ONCE + 1)))
        following = encode_cursor(rows[REPLAYED_AT_ONCE - 1].id) if len(rows) > REPLAYED_AT_ONCE else None
        rows = rows[:REPLAYED_AT_ONCE]
        resolved = 0
        for row in rows:
            try:
                resolved += await self._try(row)
            except (Unsupported, Conflict):
                continue
        return Replayed(tried=len(rows), resolved=resolved, cursor=following)

    async def _try(self, row: InboundProblem) -> bool:
        """Whether the problem is solved now."""
        channel = await self._channels.get(row.workspace_id, row.channel_id)
        left: Problem | None
        try:
            kept = payload.opened(row.payload)
        except (msgspec.MsgspecError, KeyError):
            # A report of an earlier version, or one whose fields are not what they should be.
            kept = None
        if kept is None:
            left = self._left(channel, "not_applied", row.kind, "What was kept is no report of this version.")
        elif isinstance(kept, payload.Counted):
            left = self._left(channel, row.reason, row.kind, row.detail)  # those receipts are not kept
        elif isinstance(kept, payload.Media):
            left = await self._fetch(channel, row)
        elif isinstance(kept, bytes):
            left = await self._reread(channel, kept)
        elif isinstance(kept, UnknownReport):
            left = await self._reread(channel, payload.callback_of(kept))
        else:
            left = await self._apply(channel, [kept])
        async with self._store.unit() as unit:
            values: dict[str, Any] = {"tried_at": unit.now, "attempts": InboundProblem.attempts + 1}
            if left is None:
                values["resolved_at"] = unit.now
            else:
                values["detail"] = left.detail
            await unit.conn.execute(update(InboundProblem).where(InboundProblem.id == row.id).values(**values))
        return left is None

    async def _fetch(self, channel: ChannelView, row: InboundProblem) -> Problem | None:
        if row.message_id is None:
            return self._left(channel, row.reason, row.kind, "Its message is not there any more.")
        try:
            await self._files.fetch(row.workspace_id, row.message_id)
        except NotFound:
            return self._left(channel, row.reason, row.kind, "Its message is not there any more.")
        except SendError as error:
            return self._left(channel, row.reason, row.kind, f"{error.code}: {error.message}")
        return None

    async def _apply(self, channel: ChannelView, reports: Sequence[Report]) -> Problem | None:
        problems = await self._intake.apply(channel.id, channel.workspace_id, channel.engine, reports)
        await self._intake.hear(channel.id, reports)
        return problems[0] if problems else None

    async def _reread(self, channel: ChannelView, body: bytes) -> Problem | None:
        """Read a callback again and apply it, each part to its own channel of the workspace."""
        engine = await self._channels.loaded(channel.engine)
        if not isinstance(engine, CanReread):
            raise Unsupported(
                f"The engine {channel.engine} cannot read a callback again.", details={"capability": "reread"}
            )
        answer = engine.reread(self._channels.config_of(channel), body)
        left = await self._apply_read(channel, answer)
        for part in answer.elsewhere:
            entries = [
                one
                for one in await self._directory.find(channel.engine, part)
                if one.channel.workspace_id == channel.workspace_id
            ]
            if not entries:
                left = self._left(channel, "unknown_number", part.account)
            for one in entries:
                left = await self._apply_read(one.channel, engine.reread(one.config, part.body)) or left
        return left

    async def _apply_read(self, channel: ChannelView, answer: CallbackAnswer) -> Problem | None:
        strange = [one for one in answer.reports if isinstance(one, UnknownReport)]
        left = await self._apply(channel, [one for one in answer.reports if not isinstance(one, UnknownReport)])
        return self._left(channel, "not_understood", strange[0].kind) if strange else left

    def _left(self, channel: ChannelView, reason: str, kind: str, detail: str | None = None) -> Problem:
        source = self._intake.source(channel.id, channel.workspace_id, channel.engine)
        return Problem(source=source, reason=reason, kind=kind, payload="", detail=detail or REASONS[reason])

    # -- retention -----------------------------------------------------------------------------------

    async def prune(self, older_than: int) -> int:
        """Delete problems from before a time (Unix ms), in small batches; gives how many."""
        after = 0

        async def step(unit: Unit) -> int:
            nonlocal after
            deleted, after = await prune(unit, older_than, after, PRUNED_AT_ONCE)
            return deleted

        return await self._in_batches(step, PRUNED_AT_ONCE)

    async def prune_raw(self, older_than: int, *, batch: int = PRUNED_AT_ONCE) -> int:
        """Delete what networks sent before a time (Unix ms); gives how many.

        `batch` rows at a time, with a pause between.
        """
        return await self._in_batches(lambda unit: prune_raw(unit, older_than, batch), batch)

    async def _in_batches(self, step: Callable[[Unit], Awaitable[int]], batch: int) -> int:
        """Take a step, which gives how many rows it deleted, in a transaction of its own until one is not full."""
        gone = 0
        while True:
            async with self._store.unit() as unit:
                deleted = await step(unit)
            gone += deleted
            if deleted < batch:
                return gone
            await asyncio.sleep(PRUNE_PAUSE_S)
