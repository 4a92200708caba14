"""doctor: look at an installation and say what is wrong with it, each with the remedy."""

from __future__ import annotations

import shutil
import stat
import time
from collections.abc import AsyncIterator, Iterator
from typing import Final, Literal

import msgspec
import typer

from jackfield import __version__
from jackfield.core import (
    NEEDS_A_PERSON,
    ArchiveStatus,
    ChannelView,
    Core,
    HasRequirements,
    Invalid,
    JackfieldError,
    ask_nats,
    database_failure,
    now_ms,
)
from jackfield.server.log import configure_logging
from jackfield.server.startup import check_file, is_file_based, lock_data_dir, open_core
from jackfield.server.startup_error import StartupError
from jackfield.settings import Settings

from ._common import AsJson, command, say, settings, show_json, show_table

LOW_DISK: Final = 1024**3
"""Bytes free on the data folder's disk under which a warning is due."""
LATE_DAYS: Final = 2
"""What should have been archived longer ago is worth a word."""
CLOCK_S: Final = 300.0
"""How far in the future a file of ours may have been written: clocks of file servers differ."""
ANSWER_S: Final = 5.0
STOPPED: Final = ("REJECTED", "PAUSED", "DISABLED")


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at. A `problem` keeps something from working, a `warning` may do so."""

    check: str
    state: Literal["ok", "warning", "problem"]
    text: str
    remedy: str | None = None


@command
async def doctor(as_json: AsJson = False) -> None:
    """Look at the installation: set-up, permissions, clock, disk, database, NATS, public address, channels, templates.

    Says what is wrong with the remedy, and ends with status 1 when something does not work. It calls no network, and changes
    nothing, except that files in the data folder are closed to others, as by every command.
    """
    chosen = settings()
    configure_logging(chosen)
    found = [one async for one in _examined(chosen)]
    if as_json:
        show_json({"version": __version__, "findings": [msgspec.to_builtins(one) for one in found]})
    else:
        show_table(["Check", "State", "Finding"], [[one.check, one.state, one.text] for one in found], empty="")
        for one in found:
            if one.remedy:
                say(f"{one.check}: {one.remedy}")
    if any(one.state == "problem" for one in found):
        raise typer.Exit(1)


async def _examined(chosen: Settings) -> AsyncIterator[Finding]:
    yield Finding("version", "ok", f"Jackfield {__version__}")
    try:
        check_file(chosen)
    except StartupError as error:
        yield Finding("set-up", "problem", str(error), "Make one with `jackfield init`, or name the right folder.")
        return
    has_key = bool(chosen.secret_key.get_secret_value()) or (chosen.data_dir / "secret.key").is_file()
    if not has_key:
        yield Finding(
            "set-up",
            "problem",
            f"There is no secret key: neither JACKFIELD_SECRET_KEY nor {chosen.data_dir / 'secret.key'}.",
            "Put the key back that the database was made with; without it stored secrets cannot be opened.",
        )
    for one in _folder(chosen):
        yield one
    yield _address(chosen)
    if chosen.nats_url.get_secret_value():
        yield await _nats(chosen)
    if not has_key:
        # To open the database would make a new key.
        return
    core = open_core(chosen)
    try:
        ready = True
        async for one in _database(core, chosen):
            ready = ready and one.state != "problem"
            yield one
        if ready:
            async for one in _work(core, chosen):
                yield one
    finally:
        await core.close()


def _folder(chosen: Settings) -> Iterator[Finding]:
    """Permissions, disk and clock, as far as the data folder tells."""
    folder = chosen.data_dir
    if not folder.is_dir():
        yield Finding("permissions", "warning", f"There is no data folder {folder}.", "The next start makes it.")
        return
    paths = [path for path in (folder, *sorted(folder.iterdir())) if not path.is_symlink()]
    open_ones = [path.name for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if open_ones:
        yield Finding(
            "permissions",
            "warning",
            f"Others on this machine may read: {', '.join(open_ones[:5])}.",
            f"Run `chmod -R go= {folder}` (commands of the files' owner, this one too, do it as well).",
        )
    else:
        yield Finding("permissions", "ok", "The data folder is its owner's alone.")
    free = shutil.disk_usage(folder).free
    text = f"{free // 1024**2} MiB are free on the data folder's disk."
    if free < LOW_DISK:
        yield Finding("disk", "warning", text, "Make room, or set the retention times (JACKFIELD_*_RETENTION_DAYS).")
    else:
        yield Finding("disk", "ok", text)
    ahead = max(path.stat().st_mtime for path in paths) - time.time()
    if ahead > CLOCK_S:
        yield Finding(
            "clock",
            "problem",
            f"Files in the data folder were written {int(ahead)} s in the future: this machine's clock is behind.",
            "Set the clock and keep it by NTP (`timedatectl set-ntp true`): due times and signatures depend on it.",
        )
    else:
        yield Finding("clock", "ok", "The clock is not behind what was written here.")


def _address(chosen: Settings) -> Finding:
    """The public address, as far as it can be told without calling anybody."""
    if not chosen.public_url:
        return Finding("public address", "ok", "JACKFIELD_PUBLIC_URL is not set: networks cannot call this server.")
    if not chosen.public_url.startswith("https://"):
        return Finding(
            "public address",
            "warning",
            "JACKFIELD_PUBLIC_URL is not https: Meta and Telegram call https addresses only.",
            "Put a proxy with TLS before the server and name its https address.",
        )
    return Finding("public address", "ok", "JACKFIELD_PUBLIC_URL is set and is https.")


async def _nats(chosen: Settings) -> Finding:
    """Whether NATS answers, and can keep the events' stream."""
    try:
        facts = await ask_nats(chosen.nats_url.get_secret_value(), ANSWER_S)
    except Exception as error:
        return Finding(
            "NATS",
            "warning",
            f"NATS does not answer: {type(error).__name__}. Processes find each other's work by polling.",
            "Is it running, and is JACKFIELD_NATS_URL right (address, user, password, TLS)?",
        )
    if chosen.nats_stream and not facts.jetstream:
        return Finding(
            "NATS",
            "warning",
            f"NATS {facts.version} answers, but JetStream is off: events are not copied to a stream.",
            "Switch JetStream on (deploy/nats.conf), or set JACKFIELD_NATS_STREAM to nothing.",
        )
    return Finding("NATS", "ok", f"NATS {facts.version} answers.")


async def _database(core: Core, chosen: Settings) -> AsyncIterator[Finding]:
    try:
        await core.ping(ANSWER_S)
        revision = await core.revision()
    except Exception as error:
        cause = database_failure(error) or error
        yield Finding(
            "database",
            "problem",
            f"The database does not answer: {type(cause).__name__}.",
            "Is it running, and is JACKFIELD_DATABASE_URL right? Is there room on its disk?",
        )
        return
    if revision is None:
        yield Finding("database", "problem", "The database is empty.", "Make an installation with `jackfield init`.")
        return
    schema = await core.schema()
    if not schema.is_usable:
        yield Finding(
            "database",
            "problem",
            f"The schema is at {revision}, this version works with {schema.newest}.",
            "Run `jackfield migrate`; where the schema is the newer one, install the newer version.",
        )
        return
    if schema.waiting:
        steps = ", ".join(step.revision for step in schema.waiting)
        yield Finding(
            "database",
            "warning",
            f"The database answers and is at {revision}; steps wait until no older server works any more: {steps}.",
            "Stop the older servers, then run `jackfield migrate`.",
        )
    else:
        newer = ", which is of a newer version that this one works beside" if schema.is_ahead else ""
        yield Finding("database", "ok", f"The database answers and is at {revision}{newer}.")
    if await core.accounts.is_empty():
        yield Finding("database", "problem", "There is no workspace.", "Make one with `jackfield init`.")
        return
    try:
        await core.sealing.check(adopt=False)
    except JackfieldError as error:
        yield Finding("secret key", "problem", error.message, "Put back the key that the database was made with.")
    else:
        yield Finding("secret key", "ok", "Stored secrets open with the key.")
    lock = lock_data_dir(chosen.data_dir) if is_file_based(chosen) else None
    if lock is not None:
        lock.close()
        yield Finding("server", "warning", "No server works on the data folder.", "Start it with `jackfield serve`.")


async def _work(core: Core, chosen: Settings) -> AsyncIterator[Finding]:
    """Channels and templates of every workspace."""
    for workspace_id in sorted(await core.accounts.timezones()):
        if (kept := _archive(workspace_id, await core.archive.status(workspace_id))) is not None:
            yield kept
        rows = await core.channels.list(workspace_id)
        for row in rows:
            yield _channel(row, core.networks.of(row.engine).needs_address, chosen)
            if row.wanted == "up" and (found := _library(row, core)) is not None:
                yield found
        for status in STOPPED:
            stopped = (await core.templates.list(workspace_id, status=status, limit=50)).items
            for one in stopped:
                yield Finding(
                    f"template {one.name} ({one.language})",
                    "warning",
                    f"It is {status.lower()}" + (f": {one.rejected_reason}." if one.rejected_reason else "."),
                    "Campaigns with it fail; the dashboard's template page shows what to change.",
                )


def _archive(workspace_id: int, status: ArchiveStatus) -> Finding | None:
    """Whether what should be archived is; None where nothing should."""
    if not status.after_days:
        return None
    check = f"archive of workspace {workspace_id}"
    late = status.due.messages and now_ms() - status.due.oldest > (status.after_days + LATE_DAYS) * 86_400_000
    if late:
        count = "2000 or more" if status.due.messages >= 2000 else str(status.due.messages)
        return Finding(
            check,
            "warning",
            f"{count} messages are to be archived since more than {LATE_DAYS} days.",
            "A server with the role worker does it once an hour; `jackfield archive run` does it now.",
        )
    return Finding(check, "ok", f"{status.messages} messages are archived, all that is due.")


def _library(row: ChannelView, core: Core) -> Finding | None:
    """Whether what the channel's engine needs beside Jackfield is there and not too old; None where it needs nothing."""
    try:
        engine = core.channels.engine(row.engine)
    except Invalid:
        return None
    if not isinstance(engine, HasRequirements):
        return None
    check = f"channel {row.id} (library)"
    if (lack := engine.missing()) is not None:
        return Finding(check, "problem", lack)
    if (old := engine.outdated()) is not None:
        return Finding(check, "warning", *old)
    return Finding(check, "ok", "Its library is at least the tested version.")


def _channel(row: ChannelView, needs_address: bool, chosen: Settings) -> Finding:
    check = f"channel {row.id} ({row.engine})"
    reason = f": {row.status_reason}" if row.status_reason else "."
    if row.wanted != "up":
        return Finding(check, "ok", "It is switched off.")
    if row.status in NEEDS_A_PERSON:
        return Finding(
            check, "problem", f"It is {row.status}{reason}", f"Mend the cause, then `jackfield channel pair {row.id}`."
        )
    if row.status != "connected":
        return Finding(
            check, "warning", f"It is {row.status}{reason}", f"`jackfield channel pair {row.id}` connects it."
        )
    if needs_address and not chosen.public_url:
        return Finding(
            check,
            "warning",
            "It is connected, but its network has no address to call: receipts and replies do not come.",
            "Set JACKFIELD_PUBLIC_URL to the https address under which this server is reached.",
        )
    return Finding(check, "ok", "It is connected.")
