"""migrate-from: bring in what another installation, or a vendor, shows through its documented API."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from jackfield.core import JackfieldError
from jackfield.moving import SOURCES, Invitation, Login, Mover, Report, Source, SourceError, State, name_of

from ._command import Workspace, _seated, _written
from ._common import AsJson, clear_errors, complain, err, out, say, settings, show_json, show_table, write_out
from ._desk import Desk, Server, connected

PASSWORD: Final = "JACKFIELD_SOURCE_PASSWORD"  # noqa: S105 - the name of a variable
SHOWN: Final = 20
"""Refusals that are shown to people; --report has all."""
TOLD_EVERY_S: Final = 10.0
"""How often a log hears how far it is."""


class Vendor(StrEnum):
    """The names of SOURCES."""

    CHATLY = "chatly"
    CHATTU = "chattu"
    PABBLY = "pabbly"
    MULTIWA = "multiwa"
    WAHA = "waha"
    EVOLUTION = "evolution"
    CHATWOOT = "chatwoot"


def migrate_from(
    ctx: typer.Context,
    vendor: Annotated[
        Vendor,
        typer.Argument(help="In whose words the source is asked; a Jackfield speaks the first four."),
    ],
    source_url: Annotated[
        str,
        typer.Option("--url", help="Address of the source, such as https://chatflow.pabbly.com.", show_default=False),
    ],
    source_key: Annotated[
        str,
        typer.Option(
            "--key",
            envvar="JACKFIELD_SOURCE_KEY",
            show_envvar=True,
            show_default=False,
            help="API key of the source; the variable keeps it out of the shell's history.",
        ),
    ],
    user: Annotated[
        str | None,
        typer.Option(
            "--user",
            help=f"Who logs in at the source (Chatly: needed; Chattu: for chats). The password is in {PASSWORD}, "
            "else it is asked for.",
        ),
    ] = None,
    default_country: Annotated[
        str | None, typer.Option("--default-country", help="Country of numbers without country code, such as IN.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", help="Channel here for templates; the default one when left out.")
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            help="THERE=HERE: which channel here stands for which of the source; else by number. May be repeated.",
        ),
    ] = None,
    scheduled: Annotated[
        bool,
        typer.Option("--scheduled", help="Plan here what is scheduled there. Cancel it there, or it goes out twice."),
    ] = False,
    invitations_file: Annotated[
        Path | None,
        typer.Option("--invitations", help="Invite the team, and write their tokens to this file, as JSON."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and count everything, and write nothing.")] = False,
    report_file: Annotated[
        Path | None, typer.Option("--report", help="Write the whole report to this file, as JSON.")
    ] = None,
    state_file: Annotated[
        Path | None,
        typer.Option(
            "--state",
            help="Where it is kept how far the move is; else in the data folder, or here for --to.",
            dir_okay=False,
        ),
    ] = None,
    to_url: Annotated[
        str | None,
        typer.Option(
            "--to",
            envvar="JACKFIELD_URL",
            help="Move to the server of this address instead of into the database here.",
            rich_help_panel="Where",
        ),
    ] = None,
    to_key: Annotated[
        str | None,
        typer.Option(
            "--to-key",
            envvar="JACKFIELD_API_KEY",
            show_envvar=True,
            help="API key for that server.",
            rich_help_panel="Where",
        ),
    ] = None,
    workspace: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Bring in what another installation, or a vendor, shows through its documented API.

    What is here already is found again and not doubled, so that the command may be repeated; one that was cut short goes on
    where it was. What the source's API does not show is said at the end.
    """
    target = _target(ctx, to_url, to_key, workspace)
    if not source_url.startswith(("http://", "https://")):
        raise typer.BadParameter(f"--url {source_url!r}: write an address such as https://messages.example.com")
    if "@" in source_url.partition("//")[2].partition("/")[0]:
        raise typer.BadParameter("--url: write no password into the address; use --key and --user.")
    pairs = dict(one.split("=", 1) for one in mapping or () if "=" in one)
    if len(pairs) < len(mapping or ()):
        raise typer.BadParameter("--map: write THERE=HERE, such as client-id=2, each once.")
    login = None if user is None else Login(user, _password())
    with clear_errors():
        try:
            with _told(quiet=as_json) as (progress, waiting):
                source = SOURCES[vendor](source_url, source_key, login, waiting)
                work: dict[str, Any] = {
                    "source": source,
                    "dry_run": dry_run,
                    "country": default_country,
                    "state_file": state_file,
                    "to": target,
                    "progress": progress,
                    "options": {
                        "profile": profile,
                        "mapping": pairs,
                        "planned": scheduled,
                        "team": invitations_file is not None,
                    },
                    "invitations_file": invitations_file,
                }
                report = asyncio.run(_seated(_move, target, workspace, work))
        except SourceError as error:
            complain(str(error), "Nothing is lost: run the same command again, and it goes on where it was.")
            raise typer.Exit(1) from None
        if report_file is not None:
            write_out(msgspec.json.format(msgspec.json.encode(report.told())), report_file)
        if as_json:
            show_json({**report.told(), "dryRun": dry_run})
        else:
            _show(report, dry_run=dry_run, whole=report_file)


def _target(ctx: typer.Context, url: str | None, key: str | None, workspace: int | None) -> Server | None:
    """The server that is moved to; None for the database here. Raises typer.BadParameter."""
    before = ctx.find_root().obj or {}
    url = _written(ctx, "to_url", url) or before.get("url") or url
    key = _written(ctx, "to_key", key) or before.get("key") or key
    if not url:
        return None
    if not url.startswith(("http://", "https://")):
        raise typer.BadParameter(f"--to {url!r}: write an address such as https://messages.example.com")
    if not key:
        raise typer.BadParameter(
            "The server of --to wants an API key: --to-key, or JACKFIELD_API_KEY in the environment."
        )
    if workspace is not None:
        raise typer.BadParameter(
            "--workspace is for the database here; at a server the key says which workspace it is."
        )
    return Server(url, key)


def _password() -> str:
    """From the environment, or asked for without being shown. Raises typer.BadParameter."""
    given = os.environ.get(PASSWORD)
    if given:
        return given
    if not sys.stdin.isatty():
        raise typer.BadParameter(f"--user needs a password: put it into {PASSWORD}.")
    asked: str = typer.prompt("Password at the source", hide_input=True, err=True)
    return asked


async def _move(
    desk: Desk,
    *,
    source: Source,
    dry_run: bool,
    country: str | None,
    state_file: Path | None,
    to: Server | None,
    progress: Any,
    options: dict[str, Any],
    invitations_file: Path | None,
) -> Report:
    state, mover = None, None
    try:
        whose = await source.begin()
        if not dry_run:
            name = name_of(source.dialect, source.web.base, to.url if to is not None else "here")
            folder = Path() if to is not None else settings().data_dir / "moving"
            state = State(state_file or folder / name, source.web.base)
            if state.resumed:
                err.print("Going on where the last run was.", highlight=False)
        progress(f"From {source.vendor}: {whose}", 0, None)
        ready = partial(_ready, desk)
        mover = Mover(source, desk, state, default_country=country, ready=ready, progress=progress, **options)
        return await mover.run()
    finally:
        if mover is not None and mover.things.invitations and invitations_file is not None:
            # Also when a later step failed: a token is shown once.
            _keep_invitations(invitations_file, mover.things.invitations)
        if state is not None:
            state.close()
        await source.close()


@asynccontextmanager
async def _ready(desk: Desk, profile_id: str) -> AsyncIterator[str | None]:
    """See `moving.things.Ready`."""
    async with AsyncExitStack() as stack:
        reason = None
        try:
            await stack.enter_async_context(connected(desk, await desk.profile(profile_id)))
        except JackfieldError as error:
            reason = error.message.replace("--url", "--to").replace("--key", "--to-key")
        yield reason


def _keep_invitations(file: Path, made: list[Invitation]) -> None:
    """Add them to those of earlier runs, in a file that nobody else may read."""
    before = json.loads(file.read_bytes()) if file.exists() and file.stat().st_size else []
    file.touch(mode=0o600)
    file.write_text(json.dumps([*before, *(msgspec.to_builtins(one) for one in made)], indent=2) + "\n")


@contextmanager
def _told(*, quiet: bool) -> Iterator[tuple[Any, Any]]:
    """Show how far it is: as a bar on a terminal, as a line now and then in a log."""
    if not err.is_terminal or quiet:
        last = time.monotonic()

        def log(what: str, done: int, total: int | None) -> None:
            nonlocal last
            if not quiet and time.monotonic() - last >= TOLD_EVERY_S:
                last = time.monotonic()
                err.print(f"{what}: {done:,}" + (f" of {total:,}" if total else ""), highlight=False, markup=False)

        yield log, lambda words: None if quiet else err.print(f"{words}.", highlight=False, markup=False)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("...", total=None)

        def show(what: str, done: int, total: int | None) -> None:
            bar.update(task, description=escape(what), completed=done, total=total)

        yield show, lambda words: bar.console.print(f"[dim]{escape(words)}.[/]", highlight=False)


def _show(report: Report, *, dry_run: bool, whole: Path | None) -> None:
    heads = ["What", "There"] if dry_run else ["What", "There", "New here", "Here already", "Refused"]
    rows = []
    for kind, count in report.counts.items():
        row: list[Any] = [kind, count.seen, *([] if dry_run else [count.created, count.known, count.refused])]
        if any(row[1:]):
            rows.append(row)
    show_table(heads, rows, empty="The source shows nothing that can be moved.")
    if report.refusals:
        say("")
        first = [[one.kind, one.id, one.value, one.reason] for one in report.refusals[:SHOWN]]
        show_table(["Refused", "Id there", "Value", "Reason"], first, empty="")
        rest = sum(one.refused for one in report.counts.values()) - len(first)
        if rest > 0 and whole is None:
            say(f"... and {rest} more; --report FILE writes them.")
    say("")
    out.print("[bold]Not moved:[/]", highlight=False)
    for one in report.not_moved:
        say(f"- {one}")
    if dry_run:
        say("Nothing was written.")
