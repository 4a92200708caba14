"""From settings to a core that is ready to open: the data folder's lock, the secret key, the first workspace."""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

import structlog

from jackfield.core import AllowList, Bootstrap, Core, DatabaseLimits, JackfieldError, NatsBus, Options
from jackfield.dialects import DIALECTS
from jackfield.engines import load_engines
from jackfield.engines.simulator.config import defaults as simulator_defaults
from jackfield.server.private import make_private
from jackfield.server.startup_error import StartupError
from jackfield.settings import Settings

log = structlog.get_logger(__name__)


def lock_data_dir(data_dir: Path) -> TextIO | None:
    """Lock the data folder, so that only this process works on its database. None when another process holds the lock.

    The lock is released when the returned file is closed or the process ends.
    """
    make_private(data_dir)
    file = open(data_dir / "worker.lock", "w")  # noqa: SIM115 - held until the process ends
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def open_core(settings: Settings, *, exclusive: bool = False) -> Core:
    """The core on the configured database, with every engine and every dialect's webhook formats.

    `exclusive` says that this process holds the data folder's lock. Raises StartupError.
    """
    try:
        make_private(settings.data_dir, _sqlite_file(settings.database_url))
    except OSError as error:
        raise StartupError(f"The data folder {settings.data_dir} cannot be used: {error.strerror}.") from None
    secret = settings.secret_key.get_secret_value()
    nats = settings.nats_url.get_secret_value()
    if not secret and nats:
        raise StartupError("Set JACKFIELD_SECRET_KEY: all processes of a cluster need the same one.")
    options = Options(
        data_dir=settings.data_dir,
        node=f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}",
        public_url=settings.public_url,
        egress_allow=_egress_allow(settings),
        lease_seconds=settings.lease_seconds,
        poll_seconds=settings.poll_seconds,
        uncertain_wait_seconds=settings.uncertain_wait_seconds,
        outcome_wait_seconds=settings.outcome_wait_seconds,
        event_retention_days=settings.event_retention_days,
        message_retention_days=settings.message_retention_days,
        archive_after_days=settings.archive_after_days,
        media_retention_days=settings.media_retention_days,
        audit_retention_days=settings.audit_retention_days,
        automation_retention_days=settings.automation_retention_days,
        raw_retention_days=settings.raw_retention_days,
        media_url=settings.media_url,
        max_upload=settings.max_upload_mb * 1024 * 1024,
        exclusive=exclusive,
    )
    simulator_defaults.url = settings.simulator_url or None
    simulator_defaults.seed = settings.simulator_seed
    simulator_defaults.people = settings.simulator_people
    try:
        core = Core.at(
            settings.database_url,
            secret,
            old_secret=settings.secret_key_old.get_secret_value(),
            engines=load_engines(),
            options=options,
            limits=DatabaseLimits(
                settings.database_statement_seconds, settings.database_lock_seconds, settings.database_idle_seconds
            ),
            bus=NatsBus(nats, prefix=settings.nats_prefix, name=f"jackfield {options.node}") if nats else None,
        )
    except ValueError as error:
        raise StartupError(str(error)) from None
    formats: dict[str, Any] = {}
    for dialect in DIALECTS:
        formats |= dialect.webhook_formats()
    core.webhooks.use(formats)
    return core


def _egress_allow(settings: Settings) -> AllowList:
    """What the operator lets this server call, with the simulator that they named themselves. Raises StartupError."""
    try:
        allow = AllowList.parse(settings.egress_allow)
    except ValueError as error:
        raise StartupError(f"JACKFIELD_EGRESS_ALLOW: {error}.") from None
    if settings.allow_private_webhooks:
        log.warning(
            "JACKFIELD_ALLOW_PRIVATE_WEBHOOKS is deprecated and allows every address;"
            " list the hosts in JACKFIELD_EGRESS_ALLOW"
        )
        allow += AllowList.parse("0.0.0.0/0, ::/0")
    if settings.simulator_url:
        address = urlsplit(settings.simulator_url)
        port = address.port or (443 if address.scheme == "https" else 80)
        host = address.hostname or ""
        allow += AllowList.parse(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    return allow


def _sqlite_file(database_url: str) -> str | None:
    """The path of a SQLite database that the operator chose."""
    scheme, _, path = database_url.partition(":///")
    return path.partition("?")[0] or None if scheme.startswith("sqlite") else None


def nothing_in(settings: Settings) -> str:
    """What to say where no installation is."""
    if settings.database_url:
        return "There is no Jackfield in the database of JACKFIELD_DATABASE_URL: use --url, or make one with `jackfield init`."
    return f"There is no Jackfield in {settings.data_dir}: use --url, JACKFIELD_DATA_DIR or `jackfield init`."


def is_file_based(settings: Settings) -> bool:
    """Whether the database is a file (SQLite)."""
    return not settings.database_url or settings.database_url.startswith("sqlite")


def check_file(settings: Settings) -> None:
    """Make sure that the database's file is there, where the database is a file; nothing is made.
    Raises StartupError."""
    if is_file_based(settings) and not database_file(settings).is_file():
        raise StartupError(nothing_in(settings))


def database_file(settings: Settings) -> Path:
    """Where the database is, where it is a file."""
    return Path(_sqlite_file(settings.database_url) or settings.data_dir / "jackfield.db")


async def bootstrap(
    core: Core, settings: Settings, *, name: str = "Jackfield", simulator: bool = True
) -> Bootstrap | None:
    """On an empty database: make the first workspace, its key, a simulator channel that is paired unless it is not wanted,
    and the owner where the settings say anything of one; else somebody becomes it in the browser."""
    password = settings.owner_password.get_secret_value()
    made = await core.accounts.bootstrap(
        name,
        settings.owner_email,
        password,
        settings.api_key.get_secret_value(),
        owner=bool(settings.owner_email or password),
    )
    if made is not None and simulator:
        channel = await core.channels.create(
            made.workspace_id,
            name="Simulator",
            engine="simulator",
            config={"autoScan": True},
        )
        await core.channels.connect(made.workspace_id, channel.id)
    elif made is None and (key := settings.api_key.get_secret_value()):
        try:
            await core.accounts.authenticate_key(key)
        except JackfieldError:
            log.warning("JACKFIELD_API_KEY is ignored: it is for an empty database, and this one has its keys already")
    return made
