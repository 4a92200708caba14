"""Restoring a backup into an empty place."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import IO, Any, Final

from sqlalchemy import MetaData, inspect, text

from ... import __version__
from ...db.database import Database
from ...db.secrets import keep
from ...migrations import revisions, upgrade
from ..ground.sealing import Sealing
from ..ground.store import Store
from ..media.service import MediaFiles
from .archive import CHANNELS, KEY, MEDIA, SQLITE, Manifest, read_archive
from .hold import Holding, Holds
from .sealed import BackupError
from .snapshot import fill_postgres

_PIECE: Final = 1024 * 1024
IGNORED: Final = frozenset({"worker.lock", "lost+found"})
"""What may be in an empty data folder."""


def read_manifest(path: Path, passphrase: str) -> tuple[Manifest, list[str]]:
    """Read a backup to its end and check all of it. Gives what it says of itself, and its secret keys, the one in use first.

    Raises BackupError, FileNotFoundError.
    """
    keys: list[str] = []

    def take(name: str, body: IO[bytes]) -> None:
        if name == KEY:
            keys.extend(body.read().decode().split())

    manifest = read_archive(path, passphrase, take)
    if not keys:
        raise BackupError("The backup holds no secret key: use another one.")
    return manifest, keys


def check_place(manifest: Manifest, keys: list[str], *, is_sqlite: bool, secret: str) -> None:
    """Make sure that this version, database and secret key take the backup. Raises BackupError."""
    if manifest.revision not in revisions():
        raise BackupError(
            f"The backup is of Jackfield {manifest.version} with the schema {manifest.revision}, which is newer than this"
            f" version ({__version__}): install that one, or a newer one."
        )
    here = "sqlite" if is_sqlite else "postgresql"
    if manifest.database != here:
        wanted = (
            "leave JACKFIELD_DATABASE_URL empty"
            if manifest.database == "sqlite"
            else "set JACKFIELD_DATABASE_URL to an empty PostgreSQL database"
        )
        raise BackupError(f"The backup is of {_NAMES[manifest.database]}, this place is {_NAMES[here]}: {wanted}.")
    if secret and secret != keys[0]:
        raise BackupError(
            "JACKFIELD_SECRET_KEY is not the key of the backup: set it to that key, or leave it unset, and the key comes"
            " from the backup into the data folder."
        )


_NAMES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


async def restore_backup(
    path: Path, passphrase: str, manifest: Manifest, *, store: Store, media: MediaFiles, keep_key: bool
) -> Holding:
    """Write what is in a backup into an empty data folder and an empty database, bring the schema to this version's, and
    hold what may have gone out since.

    With `keep_key` the secret key goes into the data folder. When it fails, what was written is removed again. Raises
    BackupError where something is there already, OSError, and what the database raises.
    """
    db, data_dir = store.db, store.options.data_dir
    await check_empty(db, data_dir)
    try:
        if not db.is_sqlite:
            await upgrade(db, manifest.revision)
            await _clear(db, [one.table for one in manifest.tables])
            work = data_dir / ".restore"
            work.mkdir(mode=0o700)
        else:
            work = Path(db.url.database or "")
        tables = {one.member for one in manifest.tables}

        def take(name: str, body: IO[bytes]) -> None:
            if name == KEY:
                if keep_key:
                    keep(data_dir, body.read().decode().split())
            elif name == SQLITE:
                _write(work, body)
            elif name in tables:
                _write(work / Path(name).name, body)
            elif name.startswith(MEDIA):
                workspace_id, digest = name.removeprefix(MEDIA).split("/")
                media.put_stored(int(workspace_id), digest, _pieces(body))
            elif name.startswith(CHANNELS):
                target = data_dir / name
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _write(target, body)

        read_archive(path, passphrase, take)
        if not db.is_sqlite:
            for part in manifest.tables:
                await fill_postgres(db, part, str(work / Path(part.member).name))
            shutil.rmtree(work)
        await upgrade(db)
        await Sealing(store).check()
        return await Holds(store).begin(manifest.created_at)
    except BaseException:
        await _undo(db, data_dir)
        raise


async def check_empty(db: Database, data_dir: Path) -> None:
    """Raises BackupError where the data folder or the database holds anything."""
    there = sorted(one.name for one in data_dir.iterdir() if one.name not in IGNORED) if data_dir.is_dir() else []
    if there and there != ["media"]:
        raise BackupError(
            f"{data_dir} is not empty (it holds {', '.join(there[:3])}): restore into an empty folder (JACKFIELD_DATA_DIR)."
        )
    if "media" in there and any((data_dir / "media").iterdir()):
        raise BackupError(f"{data_dir} holds media already: restore into an empty folder (JACKFIELD_DATA_DIR).")
    if db.is_sqlite:
        if Path(db.url.database or "").exists():
            raise BackupError(f"There is a database in {db.url.database}: a restore overwrites nothing.")
        return
    async with db.reader.connect() as conn:
        tables = await conn.run_sync(lambda sync: inspect(sync).get_table_names())
    if tables:
        raise BackupError("The database of JACKFIELD_DATABASE_URL is not empty: restore into an empty one.")


async def _clear(db: Database, tables: list[str]) -> None:
    """Remove what the migrations themselves wrote."""
    async with db.writer.begin() as conn:
        names = ", ".join(f'"{name}"' for name in tables)
        await conn.execute(text(f"TRUNCATE {names} CASCADE"))


async def _undo(db: Database, data_dir: Path) -> None:
    """Leave the place as empty as it was."""
    await db.close()
    for one in list(data_dir.iterdir()):
        if one.name not in IGNORED:
            if one.is_dir():
                shutil.rmtree(one, ignore_errors=True)
            else:
                one.unlink(missing_ok=True)
    await empty_database(db)


async def empty_database(db: Database) -> None:
    """Leave a database as empty as it was before somebody began to fill it; what fails in it is passed over."""
    if db.is_sqlite:
        await db.close()
        for end in ("", "-wal", "-shm", "-journal"):
            Path(f"{db.url.database}{end}").unlink(missing_ok=True)
        return
    with suppress(Exception):
        metadata = MetaData()
        async with db.writer.begin() as conn:
            await conn.run_sync(metadata.reflect)
            await conn.run_sync(metadata.drop_all)


def settle_file(path: Path) -> None:
    """Bring a SQLite database that nobody has open into its one file. Raises sqlite3.Error."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _write(path: Path, body: Any) -> None:
    with open(path, "xb", opener=_private) as target:
        for piece in _pieces(body):
            target.write(piece)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _pieces(body: Any) -> Iterator[bytes]:
    while piece := body.read(_PIECE):
        yield piece
