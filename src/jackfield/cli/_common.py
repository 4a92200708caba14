"""What the commands share: the core on the configured database, output, errors that say what to do."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from jackfield.client import ApiError, ConnectionFailed
from jackfield.core import JackfieldError, LimitReached, Unauthenticated
from jackfield.server.startup_error import StartupError
from jackfield.settings import Settings, from_files, unknown_names

if TYPE_CHECKING:
    from jackfield.core import Core

T = TypeVar("T")

UNBROKEN = 10_000
"""How wide a table may become that goes to a file or another program, in characters: no value is broken there."""

out = Console()
err = Console(stderr=True)

MOST_ID = 2**63 - 1
"""Largest id that a database can hold."""

_said: set[str] = set()
"""Warnings that were given: commands read the settings several times."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def settings() -> Settings:
    """The settings from the environment; ends with a clear message when they are wrong."""
    for line in unknown_names(os.environ):
        if line not in _said:
            _said.add(line)
            err.print(f"[yellow]Warning:[/] {escape(line)}", highlight=False, soft_wrap=True)
    try:
        return Settings(**from_files(os.environ))  # type: ignore[arg-type]
    except ValidationError as error:
        for one in error.errors(include_input=False, include_url=False):
            name = "JACKFIELD_" + "_".join(map(str, one["loc"])).upper()
            complain(f"{name}: {one['msg'].removeprefix('Value error, ')}")
        raise typer.Exit(2) from None
    except ValueError as error:
        complain(str(error))
        raise typer.Exit(2) from None


def say(text: str) -> None:
    """A line for people on standard output. Texts of users may hold brackets: they are shown, not obeyed."""
    out.print(text, highlight=False, markup=False, soft_wrap=True)


def say_simulated(simulated: bool) -> None:
    """Say of what went through a simulator that it did: it must not be taken for a real message."""
    if simulated:
        say("This is a simulated channel: nothing left for a real phone.")


def complain(text: str, hint: str | None = None) -> None:
    """An error, and what to do about it, on standard error; never broken into lines, so that programs can find it."""
    err.print(f"[red]Error:[/] {escape(text)}", highlight=False, soft_wrap=True)
    if hint:
        err.print(f"[dim]{escape(hint)}[/]", highlight=False, soft_wrap=True)


@contextmanager
def clear_errors() -> Iterator[None]:
    """What goes wrong ends with a message and status 1, without a traceback (unless the log level is debug)."""
    try:
        yield
    except (JackfieldError, StartupError, ApiError) as error:
        complain(str(error) if isinstance(error, StartupError) else error.message, _hint(error))
        raise typer.Exit(1) from None
    except ConnectionFailed as error:
        complain(f"The server did not answer: {error}", "Is the address right (--url, JACKFIELD_URL), and does it run?")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except (typer.Exit, typer.Abort, typer.BadParameter):
        # A wrong parameter is shown by typer itself, with the usage, and ends with status 2.
        raise
    except Exception as error:
        if os.environ.get("JACKFIELD_LOG_LEVEL", "").lower() == "debug":
            raise
        complain(*_unexpected(error))
        raise typer.Exit(1) from None


def _unexpected(error: Exception) -> tuple[str, str]:
    """Message and hint for an unexpected error. A database's own message may contain what was to be stored: only its
    first line is shown."""
    more = "JACKFIELD_LOG_LEVEL=debug shows where it happened."
    first = str(error).partition("\n")[0][:200]
    if isinstance(error, OSError) and error.filename:
        return f"{error.strerror}: {error.filename}", more
    from jackfield.core import database_failure

    cause = database_failure(error) or (error if isinstance(error, OSError) else None)
    if cause is not None:
        # An OSError without a file is a connection that failed, to the database: of other servers the client raises
        # ConnectionFailed.
        first = str(cause).partition("\n")[0][:200]
        return f"The database failed: {type(cause).__name__}: {first}", f"See JACKFIELD_DATABASE_URL. {more}"
    return f"Unexpected error: {type(error).__name__}: {first}", more


def command(function: Callable[..., Awaitable[T]]) -> Callable[..., T]:
    """An async function as a command; errors end with their message and status 1."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> T:
        with clear_errors():
            return asyncio.run(_awaited(function, args, kwargs))
        raise AssertionError("unreachable")

    return run


async def _awaited(function: Callable[..., Awaitable[T]], args: Any, kwargs: Any) -> T:
    return await function(*args, **kwargs)


def _hint(error: JackfieldError | StartupError | ApiError) -> str | None:
    if isinstance(error, StartupError):
        return None
    if error.code == "PROFILE_NOT_FOUND":
        return "`jackfield channel list` shows the channels."
    if error.code == "CAMPAIGN_NOT_FOUND":
        return "`jackfield campaign list` shows the campaigns."
    if isinstance(error, ApiError):
        if error.status == 401:
            return "The key comes from --key or JACKFIELD_API_KEY; `jackfield key list` beside the server shows them."
        if error.code == "ERROR":
            return "Is that the address of a Jackfield server?"
        return _details(error)
    if isinstance(error, Unauthenticated):
        return "`jackfield key list` shows the keys."
    if isinstance(error, LimitReached):
        return "Try again in a moment."
    return None


def _details(error: ApiError) -> str | None:
    """What a refusal says beside its message, field by field."""
    if not isinstance(error.details, dict):
        return None
    told = []
    for field, value in error.details.items():
        texts = [str(one) for one in value] if isinstance(value, list) else [str(value)]
        told += [f"{field}: {text}" for text in texts if text and text not in error.message]
    return "\n".join(told) or None


@asynccontextmanager
async def opened() -> AsyncIterator[Core]:
    """The core on the configured database, brought to this version's schema. Raises StartupError where no installation is,
    and makes none: a command in the wrong folder must not begin a second one."""
    # Brings the whole core, the engines and the dialects, which a command at a server elsewhere does not need.
    from jackfield.server.log import configure_logging
    from jackfield.server.startup import check_file, nothing_in, open_core

    chosen = settings()
    configure_logging(chosen)
    check_file(chosen)
    core = open_core(chosen)
    try:
        if await core.revision() is None:
            raise StartupError(nothing_in(chosen))
        await core.migrate(steps=chosen.migrate)
        await core.open()
        if await core.accounts.is_empty():
            raise StartupError(nothing_in(chosen))
        yield core
    finally:
        await core.close()


@asynccontextmanager
async def working(core: Core) -> AsyncIterator[bool]:
    """Make sure that somebody sends: a server that runs on the data folder, or a worker here for the while.

    Gives whether the worker is ours. On PostgreSQL a worker here is one more of the cluster.
    """
    from jackfield.server.startup import lock_data_dir
    from jackfield.worker.worker import Worker

    chosen = settings()
    lock = None
    if core.is_embedded:
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


def somebody_sends(core: Core) -> bool:
    """Whether a server runs on the data folder. On PostgreSQL that cannot be told from here: True."""
    from jackfield.server.startup import lock_data_dir

    if not core.is_embedded:
        return True
    lock = lock_data_dir(settings().data_dir)
    if lock is None:
        return True
    lock.close()
    return False


async def workspace_of(core: Core, workspace_id: int | None) -> int:
    """The workspace that a command works on: the one given, or the first one. Raises NotFound."""
    if workspace_id is not None:
        return (await core.accounts.workspace(workspace_id)).id
    return (await core.accounts.first_workspace()).id


def show_json(data: Any) -> None:
    """JSON on standard output, for programs."""
    print(json.dumps(data, ensure_ascii=False, indent=2))


def write_out(data: bytes, file: Path | None) -> None:
    """Data of people into a file that nobody else may read, or on standard output."""
    if file is None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    file.touch(mode=0o600)
    file.write_bytes(data)
    say(f"Written to {file}.")


def show_table(columns: list[str], rows: list[list[Any]], *, empty: str) -> None:
    """A table for people; `empty` is said when there is nothing."""
    if not rows:
        say(empty)
        return
    table = Table(show_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    # A program or a file takes long lines, unless somebody has said how long they may be.
    width = None if os.environ.get("COLUMNS") else UNBROKEN
    (out if out.is_terminal else Console(width=width)).print(table)
