"""backup, restore: the whole installation in one encrypted file, and back."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer
from pydantic import SecretStr

from jackfield.core import (
    BackupError,
    Holding,
    Manifest,
    check_place,
    make_backup,
    read_manifest,
    restore_backup,
    settle_file,
)
from jackfield.server.log import configure_logging
from jackfield.server.startup import (
    check_file,
    database_file,
    is_file_based,
    lock_data_dir,
    nothing_in,
    open_core,
)
from jackfield.server.startup_error import StartupError
from jackfield.settings import Settings

from ._common import AsJson, command, err, say, settings, show_json

VARIABLE: Final = "JACKFIELD_BACKUP_PASSPHRASE"
LEAST: Final = 12
"""Characters of a new passphrase: whoever has the file can guess as long as they like."""
TOLD: Final = ("contacts", "messages", "campaigns", "templates", "channels", "media")
"""Tables whose counts are shown to people; `--json` has all."""

PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        exists=True,
        dir_okay=False,
        help=f"File whose first line is the passphrase. Else {VARIABLE} has it, else it is asked for.",
    ),
]


@command
async def backup(
    target: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="File to write. In a folder that exists: jackfield-DATE-TIME.backup inside it."
        ),
    ],
    verify: Annotated[
        bool, typer.Option("--verify", help="Write nothing: read FILE to its end and check all of it.")
    ] = False,
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
) -> None:
    """Write a backup of the whole installation to one encrypted file, while the server goes on.

    It holds the database as it is at one moment, all files, the secret key and the sessions of paired phones. Nobody can
    open it without the passphrase, you neither: keep that elsewhere. An existing file is never overwritten.

    Check a backup with `jackfield backup --verify FILE`; bring it back with `jackfield restore FILE`.
    """
    if verify:
        manifest, _ = read_manifest(_existing(target), _passphrase(passphrase_file))
        _show(manifest, target, as_json)
        if not as_json:
            say("Everything in it is whole.")
        return
    chosen = settings()
    configure_logging(chosen)
    check_file(chosen)
    if target.is_dir():
        target = target / f"jackfield-{datetime.now(UTC):%Y%m%d-%H%M%S}.backup"
    if os.path.lexists(target):
        raise StartupError(f"{target} exists already; a backup overwrites nothing.")
    if not target.parent.is_dir():
        raise StartupError(f"There is no folder {target.parent}.")
    passphrase = _passphrase(passphrase_file, new=True)
    core = open_core(chosen)
    try:
        if await core.revision() is None:
            raise StartupError(nothing_in(chosen))
        await core.sealing.check(adopt=False)
        manifest = await make_backup(core.store, core.media, target, passphrase)
    finally:
        await core.close()
    _show(manifest, target, as_json)


@command
async def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A backup that `jackfield backup` wrote.")],
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
) -> None:
    """Bring an installation back from a backup, into an empty place: JACKFIELD_DATA_DIR, and JACKFIELD_DATABASE_URL for one
    that was on PostgreSQL.

    The whole backup is checked before anything is written. Afterwards nothing goes out by itself: campaigns are paused and
    single messages that waited are held, because they may have been sent since the backup was made. The command says
    which, and how to go on with each. A backup of an older version is brought up to this one.
    """
    chosen = settings()
    configure_logging(chosen)
    passphrase = _passphrase(passphrase_file)
    manifest, keys = read_manifest(_existing(source), passphrase)
    secret = chosen.secret_key.get_secret_value()
    check_place(manifest, keys, is_sqlite=is_file_based(chosen), secret=secret)
    database = database_file(chosen)
    if is_file_based(chosen) and database.exists():
        raise BackupError(
            f"There is a Jackfield in {database} already: restore into an empty folder (JACKFIELD_DATA_DIR)."
        )
    lock = lock_data_dir(chosen.data_dir)
    if lock is None:
        raise StartupError(f"A server works on {chosen.data_dir}. Stop it first.")
    with lock:
        holding = await _restored(source, passphrase, manifest, keys, chosen, database)
    if as_json:
        show_json({"backup": _facts(manifest), "held": msgspec.to_builtins(holding)})
        return
    say(f"Restored: {_summary(manifest)}.")
    _show_holding(holding)


async def _restored(
    source: Path, passphrase: str, manifest: Manifest, keys: list[str], chosen: Settings, database: Path
) -> Holding:
    """Restore under another name, so that nobody takes half of a database for one; it gets its name at the end."""
    changes: dict[str, Any] = {"secret_key": SecretStr(keys[0]), "secret_key_old": SecretStr("".join(keys[1:2]))}
    working = database.with_name(f"{database.name}.restoring")
    if is_file_based(chosen):
        changes["database_url"] = f"sqlite:///{working}"
    core = open_core(chosen.model_copy(update=changes))
    try:
        holding = await restore_backup(
            source,
            passphrase,
            manifest,
            store=core.store,
            media=core.media,
            keep_key=not chosen.secret_key.get_secret_value(),
        )
    finally:
        await core.close()
    if is_file_based(chosen):
        settle_file(working)
        for end in ("-wal", "-shm"):
            working.with_name(working.name + end).unlink(missing_ok=True)
        os.replace(working, database)
    return holding


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise StartupError(f"There is no file {path}.")
    return path


def _passphrase(file: Path | None, *, new: bool = False) -> str:
    """The passphrase from a file, the environment or a question, never from an argument: those are in the list of processes
    and in the shell's history. Raises StartupError."""
    if file is not None:
        given = (file.read_text(encoding="utf-8").splitlines() or [""])[0]
    elif VARIABLE in os.environ:
        given = os.environ[VARIABLE]
    elif sys.stdin.isatty():
        given = typer.prompt(
            "Passphrase of the backup", hide_input=True, confirmation_prompt="The same again" if new else False
        )
    else:
        raise StartupError(
            f"The passphrase of the backup is missing: name a file (--passphrase-file) or set {VARIABLE}."
        )
    if not given:
        raise StartupError("The passphrase is empty.")
    if new and len(given) < LEAST:
        raise StartupError(f"The passphrase has {len(given)} characters; use {LEAST} or more.")
    return given


def _facts(manifest: Manifest) -> dict[str, Any]:
    facts: dict[str, Any] = msgspec.to_builtins(manifest)
    facts["createdAt"] = _moment(manifest)
    facts.pop("parts")
    facts.pop("tables")
    return facts


def _moment(manifest: Manifest) -> str:
    return datetime.fromtimestamp(manifest.created_at / 1000, UTC).isoformat(timespec="seconds")


def _summary(manifest: Manifest) -> str:
    counts = ", ".join(f"{manifest.counts.get(name, 0)} {name}" for name in TOLD)
    return f"Jackfield {manifest.version} as it was at {_moment(manifest)}: {counts}"


def _show(manifest: Manifest, path: Path, as_json: bool) -> None:
    size = path.stat().st_size
    if as_json:
        show_json({"file": str(path), "bytes": size, **_facts(manifest)})
    else:
        say(f"{path} ({size:,} bytes) holds {_summary(manifest)}.")
    for name in manifest.left_out:
        err.print(f"[yellow]Warning:[/] {name} could not be read and is not in it.", highlight=False, soft_wrap=True)
    if manifest.media_missing or manifest.media_damaged:
        err.print(
            f"[yellow]Warning:[/] files of the database that were not there: {manifest.media_missing}; that were damaged"
            f" before: {len(manifest.media_damaged)}.",
            highlight=False,
            soft_wrap=True,
        )


def _show_holding(holding: Holding) -> None:
    """What is in doubt, each with the command to go on."""
    waits = [one for one in holding.campaigns if one.waiting or one.uncertain]
    held = sum(holding.messages.values())
    if not holding.campaigns and not held:
        say("Nothing waited when the backup was made. Start it with `jackfield serve`.")
        return
    say("Nothing goes out by itself now: what waited then may have been sent since.")
    for one in holding.campaigns:
        doubts = f"{one.waiting} messages waited, {one.uncertain} were being sent" if one in waits else "nothing waited"
        say(f"Campaign {one.id} ({one.name}) was {one.was}, is paused; {doubts}.")
        say(f"  Go on: jackfield campaign resume {one.id}    Never send the rest: jackfield campaign cancel {one.id}")
    if held:
        states = ", ".join(f"{count} {state}" for state, count in sorted(holding.messages.items()))
        say(f"Single messages held: {held} ({states}).")
        say("  See them: jackfield held list    Send: jackfield held release ID... or --all")
        say("  Never send: jackfield held cancel ID... or --all")
    say("Start the server with `jackfield serve`.")
