"""What the commands share: the core on the configured database, output, errors that say what to do."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from jackfield.app import StartupError, configure_logging, lock_data_dir, open_core
from jackfield.core.core import Core
from jackfield.core.errors import JackfieldError, LimitReached, NotFound, Unauthenticated
from jackfield.core.models import Workspace
from jackfield.migrations import upgrade
from jackfield.settings import Settings
from jackfield.worker.worker import Worker

T = TypeVar("T")

out = Console()
err = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
InWorkspace = Annotated[int | None, typer.Option("--workspace", help="Workspace id; the first one when left out.")]


def settings() -> Settings:
    """The settings from the environment; ends with a clear message when they are wrong."""
    try:
        return Settings()
    except ValidationError as error:
        for one in error.errors(include_input=False, include_url=False):
            name = "JACKFIELD_" + "_".join(map(str, one["loc"])).upper()
            err.print(f"[red]{name}[/]: {one['msg']}")
        raise typer.Exit(2) from None


def command(function: Callable[..., Awaitable[T]]) -> Callable[..., T]:
    """An async function as a command; errors of the core end with their message and status 1."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> T:
        try:
            return asyncio.run(_awaited(function, args, kwargs))
        except (JackfieldError, StartupError) as error:
            message = error.message if isinstance(error, JackfieldError) else str(error)
            err.print(f"[red]Error:[/] {message}", highlight=False)
            hint = _hint(error)
            if hint:
                err.print(f"[dim]{hint}[/]", highlight=False)
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            raise typer.Exit(130) from None

    return run


async def _awaited(function: Callable[..., Awaitable[T]], args: Any, kwargs: Any) -> T:
    return await function(*args, **kwargs)


def _hint(error: Exception) -> str | None:
    if isinstance(error, NotFound) and error.code == "PROFILE_NOT_FOUND":
        return "`jackfield channel list` shows the channels."
    if isinstance(error, NotFound) and error.code == "CAMPAIGN_NOT_FOUND":
        return "`jackfield campaign list` shows the campaigns."
    if isinstance(error, Unauthenticated):
        return "`jackfield key list` shows the keys."
    if isinstance(error, LimitReached):
        return "Try again in a moment."
    return None


@asynccontextmanager
async def opened() -> AsyncIterator[Core]:
    """The core on the configured database, migrated, with its first workspace."""
    chosen = settings()
    configure_logging(chosen)
    core = open_core(chosen)
    await upgrade(core.db)
    await core.open()
    try:
        if await core.accounts.is_empty():
            from jackfield.app import bootstrap

            made = await bootstrap(core, chosen)
            if made is not None:
                from .serving import show_credentials

                show_credentials(made)
        yield core
    finally:
        await core.close()


@asynccontextmanager
async def working(core: Core) -> AsyncIterator[bool]:
    """Make sure that somebody sends: a server that runs on the data folder, or a worker here for the while.

    Gives whether the worker is ours. On PostgreSQL a worker here is one more of the cluster.
    """
    chosen = settings()
    lock = None
    if core.db.is_sqlite:
        lock = lock_data_dir(chosen.data_dir)
        if lock is None:
            yield False
            return
        core.options.exclusive = True
    worker = Worker(core)
    worker.start()
    try:
        yield True
    finally:
        await worker.close()
        if lock is not None:
            lock.close()


async def workspace_of(core: Core, given: int | None) -> int:
    """The workspace that a command means. Raises NotFound."""
    if given is not None:
        return (await core.accounts.workspace(given)).id
    async with core.db.read() as session:
        found = (await session.execute(select(Workspace.id).order_by(Workspace.id).limit(1))).scalar()
    if found is None:
        raise NotFound("There is no workspace yet; start `jackfield serve` once.")
    return int(found)


def show_json(data: Any) -> None:
    """JSON on standard output, for programs."""
    print(json.dumps(data, ensure_ascii=False, indent=2))


def show_table(columns: list[str], rows: list[list[Any]], *, empty: str) -> None:
    """A table for people; `empty` is said when there is nothing."""
    if not rows:
        out.print(f"[dim]{empty}[/]")
        return
    table = Table(show_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    out.print(table)
