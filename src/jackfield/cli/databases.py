"""move: the database of an installation to PostgreSQL, or back into one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from jackfield.core import move_database
from jackfield.server.log import configure_logging
from jackfield.server.startup import check_file, database_file, is_file_based, lock_data_dir, nothing_in, open_core
from jackfield.server.startup_error import StartupError

from ._common import AsJson, command, err, say, settings, show_json

WORDS = {"copy": "Copying", "compare": "Comparing"}


@command
async def move(
    to: Annotated[
        str,
        typer.Option(
            "--to",
            envvar="JACKFIELD_MOVE_TO",
            help="An empty database: postgresql://..., or sqlite for a file in the data folder. An address with a password"
            " belongs into the variable: others see the arguments of a command.",
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Copy the database of this installation into an empty one, and compare every row: SQLite to PostgreSQL, or back.

    Stop all servers first. Files, keys and paired phones stay where they are. Afterwards set JACKFIELD_DATABASE_URL to the new
    address, or unset it for SQLite, and start the server.
    """
    chosen = settings()
    configure_logging(chosen)
    check_file(chosen)
    here = is_file_based(chosen)
    if to == "sqlite" and here:
        raise StartupError("The database is SQLite already. Name another: --to postgresql://...")
    if to != "sqlite" and not to.startswith(("postgresql://", "postgres://")):
        raise StartupError("--to: write postgresql://..., or sqlite.")
    lock = lock_data_dir(chosen.data_dir)
    if lock is None:
        raise StartupError(f"A server works on {chosen.data_dir}. Stop it first.")
    with lock:
        core = open_core(chosen)
        try:
            if await core.revision() is None:
                raise StartupError(nothing_in(chosen))
            await core.sealing.check(adopt=False)
        finally:
            await core.close()
        source: str | Path = database_file(chosen) if here else chosen.database_url
        target: str | Path = chosen.data_dir / "jackfield.db" if to == "sqlite" else to
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=err,
            transient=True,
        ) as bar:
            task = bar.add_task("")

            def progress(what: str, table: str, done: int, total: int) -> None:
                bar.update(task, description=f"{WORDS[what]} {table}", completed=done, total=total)

            try:
                moved = await move_database(source, target, progress)
            except ValueError as error:
                raise StartupError(str(error)) from None
    if as_json:
        show_json([msgspec.to_builtins(one) for one in moved])
        return
    rows = sum(one.rows for one in moved)
    say(f"Moved {rows:,} rows of {len(moved)} tables; each was read on both sides and is the same.")
    if isinstance(source, Path):
        say(f"The old database is kept as {source}.moved. Delete it when all is well.")
        say("Set JACKFIELD_DATABASE_URL to the new address and start the server.")
    else:
        say("The old database is as it was. Let no server start on it: it would send once more what waits there.")
        say(f"Unset JACKFIELD_DATABASE_URL, so that {target} is used, and start the server.")
