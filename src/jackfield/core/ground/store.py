"""`Store`: what every service stands on. One database, one writer, one bus."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from sqlalchemy import insert

from ...db.database import Database
from ...db.groupcommit import GroupCommit, Handler, Overloaded
from ..models import AuditEntry
from .addresses import AllowList
from .audited import PendingEntry, pending
from .bus import Bus, LocalBus
from .errors import LimitReached
from .meters import Meters
from .room import Room
from .tracing import Tracer
from .unit import Unit, unit_of_work

I = TypeVar("I")  # noqa: E741 - item
R = TypeVar("R")


class Options(msgspec.Struct, kw_only=True):
    """What the core needs to know of its surroundings. Times in seconds, sizes in bytes."""

    data_dir: Path = Path("data")
    node: str = "node"
    public_url: str = ""
    egress_allow: AllowList = AllowList()
    """Hosts that may be called though their addresses are not public."""
    lease_seconds: float = 6.0
    poll_seconds: float = 1.0
    uncertain_wait_seconds: float = 600.0
    outcome_wait_seconds: float = 20.0
    event_retention_days: int = 30
    message_retention_days: int = 0
    archive_after_days: int = 0
    """Settled messages that are older go into the archive; 0: none does. A workspace may choose for itself."""
    media_retention_days: int = 0
    audit_retention_days: int = 0
    automation_retention_days: int = 0
    """Days; 0 keeps for ever."""
    raw_retention_days: int = 7
    """How long incoming messages are kept as the network sent them; 0: not at all."""
    media_url: str = ""
    max_upload: int = 100 * 1024 * 1024
    exclusive: bool = False
    """True when this process alone may work on the database (SQLite with the folder's lock held)."""


class Store:
    """The database with its transactions, the group commit, the bus, and the options. Services are built on it."""

    def __init__(self, db: Database, *, options: Options | None = None, bus: Bus | None = None) -> None:
        self.db = db
        self.options = options or Options()
        self.bus: Bus = bus or LocalBus()
        self.meters = Meters()
        self.tracer: Tracer | None = None
        """What makes traces, where somebody wants them."""
        self.room = Room(db, self.options.data_dir)
        self.writer: GroupCommit[Unit] = GroupCommit(lambda: unit_of_work(db, self.bus))

    def unit(self) -> AbstractAsyncContextManager[Unit]:
        """Open a transaction whose events are published after the commit; inside `transaction`, a part of that one.
        For what many callers do at once, use `submit`."""
        unit = self._joined()
        return unit_of_work(self.db, self.bus) if unit is None else unit.part()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Make one transaction of all commands that this task calls inside the block: they commit together at its end,
        or leave nothing when it raises. What they read sees what they wrote.

        A command that fails and is caught leaves nothing of its own, and the others stand. On SQLite nobody else can
        write meanwhile: wait for no network inside.
        """
        if self._joined() is not None:
            yield
            return
        async with unit_of_work(self.db, self.bus) as unit:
            token = _open.set((self, asyncio.current_task(), unit))
            try:
                with self.db.shared(unit.session):
                    yield
            finally:
                _open.reset(token)

    async def submit(self, handler: Handler[Unit, I, R], item: I) -> R:
        """Have a handler write one item, by the group commit; inside `transaction`, in that one. Durable when this
        returns. Raises LimitReached when the writer is overloaded (nothing was stored), and what the handler answers.
        """
        unit = self._joined()
        if unit is not None:
            async with unit.part():
                (answer,) = await handler(unit, [item])
                if isinstance(answer, Exception):
                    raise answer
            return answer
        entry = pending()
        try:
            if entry is None:
                return await self.writer.submit(handler, item)
            return await self._submit_noted(handler, item, entry)
        except Overloaded as error:
            raise LimitReached(
                f"The server is busy ({error}); try again in a moment.", code="OVERLOADED", retry_after=1
            ) from None

    async def _submit_noted(self, handler: Handler[Unit, I, R], item: I, entry: PendingEntry) -> R:
        """As `submit`, with the audit entry of the request in the same transaction."""
        # Taken before the wait: of several items of one request, one carries the entry.
        entry.written = True
        try:
            answer: R = await self.writer.submit(_apply_noted, (handler, item, entry))
        except BaseException:
            entry.written = False
            raise
        return answer

    def _joined(self) -> Unit | None:
        """The unit of `transaction`, where this task is inside it."""
        known = _open.get()
        return known[2] if known is not None and known[0] is self and known[1] is asyncio.current_task() else None


async def _apply_noted(unit: Unit, items: Sequence[tuple[Any, Any, PendingEntry]]) -> list[Any]:
    """Handler of the group commit: other handlers' items, and the audit entry of each that succeeds."""
    answers: list[Any] = []
    for handler, run in groupby(items, key=itemgetter(0)):
        answers += await handler(unit, [item for _, item, _ in run])
    noted = [entry.values() for (_, _, entry), answer in zip(items, answers, strict=True) if not _failed(answer)]
    if noted:
        await unit.conn.execute(insert(AuditEntry), [{**one, "created_at": unit.now} for one in noted])
    return answers


def _failed(answer: Any) -> bool:
    return isinstance(answer, BaseException)


_open: ContextVar[tuple[Store, asyncio.Task[Any] | None, Unit] | None] = ContextVar("open", default=None)
