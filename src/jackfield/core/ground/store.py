"""`Store`: what every service stands on. One database, one writer, one bus."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import msgspec

from ...db.database import Database
from ...db.groupcommit import GroupCommit
from .bus import Bus, LocalBus
from .unit import Unit, unit_of_work


class Options(msgspec.Struct, kw_only=True):
    """What the core needs to know of its surroundings. Times in seconds, sizes in bytes."""

    data_dir: Path = Path("data")
    node: str = "node"
    public_url: str = ""
    allow_private_webhooks: bool = False
    lease_seconds: float = 6.0
    poll_seconds: float = 0.5
    uncertain_wait_seconds: float = 600.0
    outcome_wait_seconds: float = 20.0
    event_retention_days: int = 30
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
        self.writer: GroupCommit[Unit] = GroupCommit(self.unit)

    def unit(self) -> AbstractAsyncContextManager[Unit]:
        """Open a transaction whose events are published after the commit. For what many callers do at once, use
        `writer`."""
        return unit_of_work(self.db, self.bus)
