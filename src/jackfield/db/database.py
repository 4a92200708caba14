"""Connections and transactions, the same for SQLite and PostgreSQL.

SQLite gets two pools: one writing connection (BEGIN IMMEDIATE, so that a transaction never fails half-way
on a lock upgrade) behind a lock of this process, and several reading ones, which WAL lets run beside it.
PostgreSQL gets one pool.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from .errors import (
    CommitUnknown,
    PoolerBetween,
    ReadOnly,
    StorageUnavailable,
    is_cut,
    is_pooler,
    is_read_only,
    is_too_long,
    storage_problem,
)
from .onehop import OneHopDriver
from .postgres import DEFAULT_LIMITS, NAME, Address, Limits, parse_address

_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # FULL makes each commit durable across a power cut; the group commit makes it affordable.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=30000",
    # What is deleted is overwritten where its page is written anyway.
    "PRAGMA secure_delete=FAST",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-65536",
    # Each of the five connections maps this much for itself and it counts as resident memory: with 256 MB an import of a
    # million rows stood 279 MB over the idle process, most of it mapped file.
    "PRAGMA mmap_size=67108864",
    "PRAGMA journal_size_limit=67108864",
)

_shared: ContextVar[tuple[object, asyncio.Task[Any] | None, AsyncSession] | None] = ContextVar("shared", default=None)


def _sqlite_address(url: str) -> URL:
    """The URL of a SQLite file with its driver. Raises ValueError that shows the kind of database and nothing else of it."""
    if not url.startswith("sqlite"):
        kind = re.match(r"([a-z0-9+]{2,20})://", url)
        refused = f"{kind[1]} is not supported; " if kind else ""
        raise ValueError(f"{NAME}: {refused}use sqlite:///path or postgresql://user:password@host/database")
    try:
        made = make_url(url).set(drivername="sqlite+aiosqlite")
    except (ArgumentError, ValueError):
        made = None
    if made is None or made.host or made.username:
        raise ValueError(f"{NAME}: write it as sqlite:///path")
    return made


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite+aiosqlite:///{path}"


def _postgres_engine(address: Address, pool_size: int, name: str, limits: Limits) -> AsyncEngine:
    # The operator's own word comes after ours: whoever reads it looks at the beginning.
    session = {"application_name": f"{name} {address.application}".strip()}
    driver: dict[str, Any] = {}
    plans = {"plan_cache_mode": "force_custom_plan", "jit": "off"}
    if address.is_pooled:
        # The next transaction may be on another connection of the pooler, which knows nothing of what was prepared or set.
        driver = {
            "statement_cache_size": 0,
            "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": lambda: "",
        }
    elif address.is_pooled is None:
        # A plan made for an empty table picks hash joins and slows with size (measured in limits.md). A pooler takes no such
        # parameters from the start; statements that nobody keeps are planned each time anyway.
        session |= plans | limits.parameters()
    if address.options:
        session["options"] = address.options
    engine = create_async_engine(
        address.url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        connect_args={**address.arguments, **driver, "server_settings": session},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def begin(connection: Any, _record: Any) -> None:
        if address.is_pooled is None:
            connection.run_async(_refuse_pooler)
        elif not address.is_pooled:
            words = "; ".join(f"SET {key} = '{value}'" for key, value in (plans | limits.parameters()).items())
            connection.run_async(lambda driver: driver.execute(words))

    if address.is_pooled:
        local = ", ".join(f"set_config('{key}', '{value}', true)" for key, value in limits.parameters().items())

        @event.listens_for(engine.sync_engine, "begin")
        def limit(connection: Any) -> None:
            connection.exec_driver_sql(f"SELECT {local}")

    @event.listens_for(engine.sync_engine, "handle_error")
    def explain(context: Any) -> None:
        if is_pooler(context.original_exception):
            raise PoolerBetween

    return engine


async def _refuse_pooler(driver: Any) -> None:
    """Raise PoolerBetween where what was greeted is not what answers: a pooler has no process of the server's to name."""
    if driver.get_server_pid() != await driver.fetchval("SELECT pg_backend_pid()"):
        raise PoolerBetween()


class PoolUse(NamedTuple):
    """A pool of connections: how many are in use and how many wait to be, and how many it makes at most."""

    name: str
    in_use: int
    idle: int
    most: int


class Database:
    """One database with its pools. Open before use, close at the end. PostgreSQL shows its connections under `name`."""

    def __init__(
        self, url: str, *, pool_size: int = 10, name: str = "jackfield", limits: Limits = DEFAULT_LIMITS
    ) -> None:
        self.problem: StorageUnavailable | None = None
        """Why a write failed for want of room; whoever sees a later one succeed may clear it."""
        address = parse_address(url) if url.startswith("postgres") else Address(_sqlite_address(url))
        self.url = address.url
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._lock: asyncio.Lock | None = asyncio.Lock() if self.is_sqlite else None
        if self.is_sqlite:
            if self.url.database:
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            self.writer = self._sqlite_engine(1, immediate=True)
            self.reader = self._sqlite_engine(4, immediate=False)
        else:
            self.writer = _postgres_engine(address, pool_size, name, limits)
            self.reader = self.writer

    def pools(self) -> list[PoolUse]:
        """How the pools stand: `writer` and `reader`; on PostgreSQL one does both and is called `writer`."""
        found = []
        for name, engine in {"writer": self.writer, "reader": self.reader}.items():
            if name == "writer" or engine is not self.writer:
                pool: Any = engine.pool
                most = pool.size() + max(0, pool._max_overflow)
                found.append(PoolUse(name, pool.checkedout(), pool.checkedin(), most))
        return found

    def _sqlite_engine(self, size: int, *, immediate: bool) -> AsyncEngine:
        engine = create_async_engine(
            self.url,
            module=OneHopDriver(),
            pool_size=size,
            max_overflow=0,
            pool_timeout=60,
            connect_args={"timeout": 30},
        )

        @event.listens_for(engine.sync_engine, "connect")
        def configure(connection: Any, _record: Any) -> None:
            connection.isolation_level = None
            cursor = connection.cursor()
            for pragma in _SQLITE_PRAGMAS:
                cursor.execute(pragma)
            cursor.close()

        @event.listens_for(engine.sync_engine, "begin")
        def begin(connection: Any) -> None:
            connection.connection.dbapi_connection.begin("BEGIN IMMEDIATE" if immediate else "BEGIN")

        return engine

    async def _connect(self, session: AsyncSession) -> None:
        """Take a connection now, where making one may fail in the driver's words, which name host and port."""
        if not self.is_sqlite:
            try:
                await session.connection()
            except (OSError, TimeoutError):
                raise StorageUnavailable(StorageUnavailable.AWAY) from None

    def _turn(self) -> AbstractAsyncContextManager[Any]:
        return self._lock if self._lock is not None else nullcontext()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A write transaction: committed at the end of the block, rolled back when it raises.

        Raises StorageUnavailable where the disk is full or fails, or the database is out of reach; CommitUnknown where the
        connection broke during the commit.
        """
        committing = False
        try:
            async with self._turn():
                async with AsyncSession(self.writer, expire_on_commit=False) as session:
                    async with session.begin():
                        await self._connect(session)
                        yield session
                        await session.flush()
                        committing = True
        except DBAPIError as error:
            problem = storage_problem(error)
            if problem is None:
                if not self.is_sqlite:
                    await self._explain(error, committing)
                raise
            # The database's own text holds the statement with what was to be stored.
            self.problem = problem
            raise problem from None

    @contextmanager
    def shared(self, session: AsyncSession) -> Iterator[None]:
        """Inside the block, what this task reads is read in the transaction of `session`, so that it sees what was
        written there. Tasks that the block starts are not concerned."""
        token = _shared.set((self, asyncio.current_task(), session))
        try:
            yield
        finally:
            _shared.reset(token)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for reading, on a snapshot of its own (or inside `shared`)."""
        shared = _shared.get()
        if shared is not None and shared[0] is self and shared[1] is asyncio.current_task():
            writing = shared[2]
            await writing.flush()
            # A session of its own on the same connection: rows that are read and then completed in memory must not be
            # taken for changes.
            async with AsyncSession(await writing.connection(), autoflush=False, expire_on_commit=False) as session:
                yield session
            return
        try:
            async with AsyncSession(self.reader, expire_on_commit=False) as session:
                await self._connect(session)
                yield session
        except DBAPIError as error:
            if not self.is_sqlite:
                await self._explain(error)
            raise

    async def _explain(self, error: DBAPIError, committing: bool = False) -> None:
        """Raise what PostgreSQL's failure means to a caller, where it says nothing against the data."""
        if is_cut(error):
            raise (CommitUnknown() if committing else StorageUnavailable(StorageUnavailable.AWAY)) from None
        if is_read_only(error):
            # All connections of the pool lead there. New ones are made to where the address leads now.
            await self.writer.dispose()
            raise ReadOnly from None
        if is_too_long(error):
            raise StorageUnavailable(StorageUnavailable.SLOW) from None

    async def close(self) -> None:
        """Close all connections."""
        if self.is_sqlite:
            async with self._turn():
                await self.writer.dispose()
        else:
            await self.writer.dispose()
        if self.reader is not self.writer:
            await self.reader.dispose()
