"""Whether there is room to store more: in the database, and for files."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import delete

from ...db.base import now_ms
from ...db.database import Database
from ...db.errors import StorageUnavailable, storage_problem
from ..models import InstanceSecret

T = TypeVar("T")

LEAST_FREE: Final = 8 * 1024 * 1024
"""Bytes free on the data folder's disk under which nothing more should be taken in."""
_TRIAL: Final = "trial"
_FILLING: Final = "x" * 65_536


class Room:
    """What is known of the disks. A write that failed for want of room is remembered until a trial succeeds."""

    def __init__(self, db: Database, data_dir: Path) -> None:
        self._db = db
        self._data_dir = data_dir
        self._files: StorageUnavailable | None = None

    async def put(self, writing: Awaitable[T]) -> T:
        """Await the writing of a file. Raises StorageUnavailable where there is no room for it."""
        try:
            done = await writing
        except Exception as error:
            problem = storage_problem(error)
            if problem is None:
                raise
            self._files = problem
            raise problem from None
        self._files = None
        return done

    async def check(self) -> None:
        """Raises StorageUnavailable when the disk is nearly full, or the last write failed and a trial fails too."""
        if self._db.problem is not None:
            await self._try_database()
        folder = await asyncio.to_thread(self._free)
        if folder is not None and folder < LEAST_FREE:
            raise StorageUnavailable(StorageUnavailable.FULL)
        if self._files is not None:
            await self.put(asyncio.to_thread(self._try_folder))

    def _free(self) -> int | None:
        try:
            return shutil.disk_usage(self._data_dir).free
        except OSError:
            return None  # No data folder: nothing is stored there.

    def _try_folder(self) -> None:
        trial = self._data_dir / f".{_TRIAL}"
        try:
            trial.write_text(_FILLING)
        finally:
            trial.unlink(missing_ok=True)

    async def _try_database(self) -> None:
        """Write something that needs pages of its own, and take it away."""
        mine = InstanceSecret.name == _TRIAL
        async with self._db.transaction() as session:
            await session.execute(delete(InstanceSecret).where(mine))
            session.add(InstanceSecret(name=_TRIAL, value=_FILLING, created_at=now_ms()))
        async with self._db.transaction() as session:
            await session.execute(delete(InstanceSecret).where(mine))
        self._db.problem = None
