"""Limits on sensitive operations: so many in so much time, by whatever key.

The window begins with the first hit and lasts `per_seconds`; counting and comparing is the `limits` library's
fixed-window strategy. A process that has the database to itself counts in memory; else the counters are
rows, so that they hold across processes and restarts. Not for hot paths: a hit costs a transaction there.
"""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter
from sqlalchemy import case, delete, select
from sqlalchemy.exc import SQLAlchemyError

from ...db.base import now_ms
from ...db.bulk import upsert
from ..ground.errors import LimitReached
from ..ground.store import Store
from ..models.rate import RateWindow

if TYPE_CHECKING:
    from ...db.database import Database


class DatabaseStorage(Storage):
    """The `limits` library's storage in a table of ours. One upsert per hit, so that concurrent ones all count."""

    STORAGE_SCHEME = ["jackfield+database"]  # noqa: RUF012 - the library's own convention

    def __init__(self, db: Database) -> None:
        super().__init__()
        self._db = db

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        return SQLAlchemyError

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = now_ms()
        fresh = upsert(self._db.url.get_backend_name(), RateWindow).values(
            key=key, window_start=now, count=amount, expires_at=now + expiry * 1000
        )
        over = RateWindow.expires_at <= now
        count = fresh.on_conflict_do_update(
            index_elements=[RateWindow.key],
            set_={
                "count": case((over, amount), else_=RateWindow.count + amount),
                "window_start": case((over, now), else_=RateWindow.window_start),
                "expires_at": case((over, now + expiry * 1000), else_=RateWindow.expires_at),
            },
        ).returning(RateWindow.count)
        async with self._db.transaction() as session:
            return int((await session.execute(count)).scalar_one())

    async def get(self, key: str) -> int:
        async with self._db.read() as session:
            query = select(RateWindow.count).where(RateWindow.key == key, RateWindow.expires_at > now_ms())
            return (await session.scalar(query)) or 0

    async def get_expiry(self, key: str) -> float:
        async with self._db.read() as session:
            until = await session.scalar(select(RateWindow.expires_at).where(RateWindow.key == key))
            return time.time() if until is None else until / 1000

    async def check(self) -> bool:
        async with self._db.read() as session:
            return (await session.scalar(select(1))) == 1

    async def reset(self) -> int | None:
        async with self._db.transaction() as session:
            gone = await session.scalars(delete(RateWindow).returning(RateWindow.key))
            return len(gone.all())

    async def clear(self, key: str) -> None:
        async with self._db.transaction() as session:
            await session.execute(delete(RateWindow).where(RateWindow.key == key))


class Limits:
    """`await core.limits.hit("login", email, 10, 300)`: counts, and raises LimitReached beyond the tenth."""

    def __init__(self, store: Store) -> None:
        self._db = store.db
        self.shared = not store.options.exclusive
        self._strategy = FixedWindowRateLimiter(DatabaseStorage(store.db) if self.shared else MemoryStorage())

    @staticmethod
    def _item(name: str, key: str, limit: int, per_seconds: int) -> tuple[RateLimitItemPerSecond, str]:
        # Hashed: keys hold e-mail and IP addresses, and whatever lengths and characters callers send.
        digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return RateLimitItemPerSecond(limit, per_seconds, namespace=name), digest

    async def hit(self, name: str, key: str, limit: int, per_seconds: int) -> None:
        """Count one. Raises LimitReached, with the seconds to wait, when it is one too many."""
        item, digest = self._item(name, key, limit, per_seconds)
        if not await self._strategy.hit(item, digest):
            raise await self._refusal(item, digest)

    async def check(self, name: str, key: str, limit: int, per_seconds: int) -> None:
        """As `hit` but without counting: whether one more would be let through."""
        item, digest = self._item(name, key, limit, per_seconds)
        if not await self._strategy.test(item, digest):
            raise await self._refusal(item, digest)

    async def remaining(self, name: str, key: str, limit: int, per_seconds: int) -> tuple[int, float]:
        """How many are left in the window, and the seconds until it ends (for RateLimit headers)."""
        item, digest = self._item(name, key, limit, per_seconds)
        stats = await self._strategy.get_window_stats(item, digest)
        return stats.remaining, max(0.0, stats.reset_time - time.time())

    async def clear(self, name: str, key: str, limit: int, per_seconds: int) -> None:
        """Forget what was counted."""
        item, digest = self._item(name, key, limit, per_seconds)
        await self._strategy.clear(item, digest)

    async def prune(self) -> None:
        """Delete windows that are over. Housekeeping: counting is right without it."""
        if self.shared:
            async with self._db.transaction() as session:
                await session.execute(delete(RateWindow).where(RateWindow.expires_at <= now_ms()))

    async def _refusal(self, item: RateLimitItemPerSecond, digest: str) -> LimitReached:
        stats = await self._strategy.get_window_stats(item, digest)
        wait = max(1.0, round(stats.reset_time - time.time(), 1))
        return LimitReached(
            f"Too many attempts; try again in {wait:.0f} s.",
            code="RATE_LIMITED",
            details={"limit": item.amount, "per_seconds": item.get_expiry()},
            retry_after=wait,
        )
