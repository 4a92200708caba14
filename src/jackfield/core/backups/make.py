"""Making a backup, beside a server that goes on working."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, Final

import msgspec

from ... import __version__
from ...db.base import now_ms
from ...db.secrets import secrets_in_use
from ..ground.store import Store
from ..media.service import MediaFiles
from .archive import CHANNELS, KEY, MANIFEST, MEDIA, ArchiveWriter, Manifest, writing
from .sealed import BackupError
from .snapshot import Snapshot, copy_sqlite, take_snapshot

_WORK: Final = ".backup-"
"""Before the name of a folder in the data folder with the copy of the database, while a backup is made."""
_SQLITE: Final = b"SQLite format 3\0"
_COMPANIONS: Final = ("-wal", "-shm", "-journal")


async def make_backup(store: Store, media: MediaFiles, target: Path, passphrase: str) -> Manifest:
    """Write a backup of the whole installation to a new file that only its owner may read.

    The database is copied first, as it is at one moment; the files that it speaks of are there by then. A copy of it lies
    in the data folder meanwhile. Raises BackupError where the file exists, or another backup is being made; OSError.
    """
    if os.path.lexists(target):
        raise BackupError(f"{target} exists already; a backup overwrites nothing.")
    with _work_folder(store.options.data_dir) as work, _new_file(target) as file:
        created_at = now_ms()
        snapshot = await take_snapshot(store.db, work)
        manifest = Manifest(
            version=__version__,
            revision=snapshot.revision,
            database="sqlite" if store.db.is_sqlite else "postgresql",
            created_at=created_at,
            counts=snapshot.counts,
            tables=snapshot.tables,
        )
        with writing(file, passphrase) as archive:
            archive.add_bytes(KEY, "".join(f"{one}\n" for one in secrets_in_use()).encode())
            for name, path in snapshot.parts.items():
                archive.add_file(name, path)
                path.unlink()
            _add_media(archive, media, snapshot, manifest)
            _add_channels(archive, store.options.data_dir / "channels", work, manifest)
            manifest.parts = list(archive.parts)
            archive.add_bytes(MANIFEST, msgspec.json.encode(manifest))
    return manifest


def _add_media(archive: ArchiveWriter, media: MediaFiles, snapshot: Snapshot, manifest: Manifest) -> None:
    for workspace_id, digest in snapshot.files():
        found = media.open_stored(workspace_id, digest)
        if found is None:
            manifest.media_missing += 1
            continue
        source, size = found
        name = f"{MEDIA}{workspace_id}/{digest}"
        with closing(source):
            if archive.add(name, source, size) != digest:
                manifest.media_damaged.append(name)
        manifest.media += 1
        manifest.media_bytes += size


def _add_channels(archive: ArchiveWriter, folder: Path, work: Path, manifest: Manifest) -> None:
    """What engines keep for themselves, their databases by SQLite's own means: a paired phone's is in use."""
    for path in sorted(folder.rglob("*")):
        name = CHANNELS + path.relative_to(folder).as_posix()
        copy = work / "copy"
        copy.unlink(missing_ok=True)
        try:
            if not stat.S_ISREG(path.lstat().st_mode) or path.name.endswith(_COMPANIONS):
                continue
            with open(path, "rb") as file:
                is_database = file.read(len(_SQLITE)) == _SQLITE
            if is_database:
                copy_sqlite(path, copy)
            else:
                # It may grow while it is read.
                shutil.copyfile(path, copy)
        except FileNotFoundError:
            continue
        except (OSError, sqlite3.Error):
            manifest.left_out.append(name)
            continue
        archive.add_file(name, copy)
    (work / "copy").unlink(missing_ok=True)


@contextmanager
def _work_folder(data_dir: Path) -> Iterator[Path]:
    """A folder for the copy of the database, for one backup at a time; what a killed one left goes."""
    with open(data_dir / "backup.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BackupError("Another backup of this installation is being made.") from None
        for left in data_dir.glob(f"{_WORK}*"):
            shutil.rmtree(left, ignore_errors=True)
        work = Path(tempfile.mkdtemp(prefix=_WORK, dir=data_dir))
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)


@contextmanager
def _new_file(target: Path) -> Iterator[IO[bytes]]:
    """A new file of mode 0600 that has its name only when it is whole and on the disk."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        try:
            # Unlike a rename it does not replace what came to be there meanwhile.
            os.link(part, target)
        except FileExistsError:
            raise BackupError(f"{target} exists already; a backup overwrites nothing.") from None
        except OSError:
            # A file system without links.
            os.rename(part, target)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
