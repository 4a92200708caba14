"""migrate: bring the schema to this version's, in one go or in the two steps of a rolling upgrade."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from jackfield.core import Schema
from jackfield.server.startup import check_file, open_core
from jackfield.server.startup_error import StartupError

from ._common import AsJson, command, complain, say, settings, show_json

AHEAD = 3
"""Exit status of --check where the database is of a newer version."""
MEANING = {
    "pre": "may run while servers of the release before work",
    "post": "after all older servers have stopped; this version works without it",
    "stop": "all servers must be stopped for it",
}


@command
async def migrate(
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Change nothing; say what would be done. Status 0: nothing, 1: steps wait, 3: the schema is newer.",
        ),
    ] = False,
    pre: Annotated[
        bool, typer.Option("--pre", help="Only the steps that servers of the release before work on beside.")
    ] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="All steps, though servers of an older version seem to be connected.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the database to this version's schema.

    While connections of older servers are open (PostgreSQL), only the steps run that these bear; run it again when they have
    stopped. It ends with status 1 where steps are left.
    """
    if check + pre + anyway > 1:
        raise typer.BadParameter("--check, --pre and --anyway exclude each other.")
    if as_json and not check:
        raise typer.BadParameter("--json is for --check.")
    chosen = settings()
    if check:
        try:
            check_file(chosen)
        except StartupError:
            complain("There is no database yet.", "`jackfield init` makes one.")
            raise typer.Exit(1) from None
    core = open_core(chosen)
    try:
        if check:
            schema = await core.schema()
        else:
            before, after = await core.migrate(steps="pre" if pre else "all", anyway=anyway)
            schema = await core.schema()
    finally:
        await core.close()
    if check:
        raise typer.Exit(_told(schema, as_json=as_json))
    say(f"The schema was at {before or 'nothing'} and is at {after}.")
    if schema.waiting:
        say(_waiting(schema))
        if schema.older:
            say(
                f"Servers of an older version are connected ({schema.older} connections): stop them, then run it again."
            )
        if not pre:
            raise typer.Exit(1)


def _told(schema: Schema, *, as_json: bool) -> int:
    """Say how the database stands; gives the exit status."""
    status = AHEAD if schema.is_ahead else 0 if schema.is_current else 1
    if as_json:
        show_json(
            {
                "schema": schema.revision,
                "newest": schema.newest,
                "state": {0: "current", 1: "behind", AHEAD: "ahead"}[status],
                "usable": schema.is_usable,
                "steps": [msgspec.to_builtins(step) for step in schema.waiting],
                "safeBesideOlder": [step.revision for step in schema.safe],
                "connectionsOfOlder": schema.older,
            }
        )
    elif schema.is_current:
        say(f"The schema is at {schema.revision}: nothing to do.")
    elif schema.is_ahead:
        works = (
            "works with it, beside the newer one" if schema.is_usable else "cannot work with it: install the newer one"
        )
        say(
            f"The schema is at {schema.revision}, which is of a newer version. This version ends with {schema.newest}"
            f" and {works}."
        )
    else:
        say(f"The schema is at {schema.revision or 'nothing'}, this version ends with {schema.newest}.")
        say(_waiting(schema))
        if schema.older:
            say(f"Servers of an older version are connected: {schema.older} connections.")
        say(_advice(schema))
    return status


def _waiting(schema: Schema) -> str:
    """The steps that wait, one a line."""
    lines = [f"  {step.revision}  {step.title}: {MEANING[step.kind]}" for step in schema.waiting]
    return "\n".join([f"{len(lines)} steps wait:" if len(lines) > 1 else "1 step waits:", *lines])


def _advice(schema: Schema) -> str:
    """What to do about steps that wait."""
    if schema.revision is None:
        return "The database is empty: `jackfield init` makes an installation."
    if not schema.unsafe:
        return (
            "Servers of the release before may go on meanwhile: run `jackfield migrate`, then replace them one by one."
        )
    if schema.is_usable:
        return "Servers of this version work already: when the last older one has stopped, run `jackfield migrate`."
    if all(step.kind == "post" for step in schema.unsafe):
        return (
            "Run `jackfield migrate --pre`, replace the servers one by one, and when the last older one has stopped run"
            " `jackfield migrate`."
        )
    return "Stop all servers, run `jackfield migrate`, and start this version."
