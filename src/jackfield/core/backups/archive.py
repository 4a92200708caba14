"""What is in a backup: a tar file, compressed and sealed, whose last member is the manifest.

| member | |
|---|---|
| `secret.key` | the secret key in use; during a change of it also the one before |
| `database/jackfield.db`, or `database/N.copy` | SQLite's file, or each table of PostgreSQL as COPY writes it |
| `media/WORKSPACE/SHA256` | files |
| `channels/...` | what engines keep for themselves |
| `manifest.json` | see `Manifest` |
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Final, cast

import msgspec

from .sealed import BackupError, SealedReader, SealingWriter

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
KEY: Final = "secret.key"
SQLITE: Final = "database/jackfield.db"
MEDIA: Final = "media/"
CHANNELS: Final = "channels/"
_MOST_MANIFEST: Final = 64 * 1024 * 1024
_PIECE: Final = 256 * 1024


class Part(msgspec.Struct):
    """A member and its checksum. `size` in bytes."""

    name: str
    size: int
    sha256: str


class TablePart(msgspec.Struct):
    """A table of PostgreSQL in a member of its own. `last_id` is the last id that was given, None without ids."""

    table: str
    member: str
    columns: list[str]
    last_id: int | None = None


class Manifest(msgspec.Struct, kw_only=True, rename="camel"):
    """What a backup says of itself.

    `created_at` (Unix ms) is the moment that it shows. `revision` is the schema's. `counts` are the rows of each table.
    Files of media are named by their checksums and only counted; `media_missing` were deleted while the backup ran, or
    lost before; `media_damaged` were not what they are named by already when they were copied. `left_out` names files of
    channels that could not be read. Sizes in bytes.
    """

    format: int = FORMAT
    version: str
    revision: str
    database: str
    created_at: int
    counts: dict[str, int]
    parts: list[Part] = []
    tables: list[TablePart] = []
    media: int = 0
    media_bytes: int = 0
    media_missing: int = 0
    media_damaged: list[str] = []
    left_out: list[str] = []


class ArchiveWriter:
    """Adds members; knows the checksum of each that is not media."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.parts: list[Part] = []

    def add(self, name: str, source: IO[bytes], size: int) -> str:
        """Add a member of exactly `size` bytes; gives its SHA-256. Raises OSError when the source is shorter."""
        hashed = _Hashed(source)
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size, 0o600
        self._tar.addfile(entry, cast("IO[bytes]", hashed))
        digest = hashed.digest.hexdigest()
        if not name.startswith(MEDIA):
            self.parts.append(Part(name=name, size=size, sha256=digest))
        return digest

    def add_bytes(self, name: str, data: bytes) -> None:
        """Add a small member."""
        self.add(name, io.BytesIO(data), len(data))

    def add_file(self, name: str, path: Path) -> None:
        """Add a file that does not change meanwhile."""
        with open(path, "rb") as source:
            self.add(name, source, path.stat().st_size)


class _Hashed:
    """A source that hashes what is read from it."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """As of the source."""
        data = self._source.read(size)
        self.digest.update(data)
        return data


@contextmanager
def writing(target: IO[bytes], passphrase: str) -> Iterator[ArchiveWriter]:
    """An archive to be filled; sealed to its end when the block ends well."""
    sealed = SealingWriter(target, passphrase)
    with gzip.GzipFile(fileobj=cast("IO[bytes]", sealed), mode="wb", compresslevel=4, mtime=0, filename="") as packed:
        with tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            yield ArchiveWriter(tar)
    sealed.finish()


Taker = Callable[[str, IO[bytes]], None]
"""What is done with a member: its name, and its bytes to be read to the end."""


def read_archive(path: Path, passphrase: str, take: Taker | None = None) -> Manifest:
    """Read a backup from beginning to end and check all of it; `take` gets each member but the manifest.

    Raises BackupError where it is not whole, FileNotFoundError.
    """
    found: list[Part] = []
    damaged: list[str] = []
    media = media_bytes = 0
    manifest: bytes | None = None
    with open(path, "rb") as source:
        sealed = SealedReader(source, passphrase)
        try:
            with (
                gzip.GzipFile(fileobj=cast("IO[bytes]", sealed)) as packed,
                tarfile.open(fileobj=packed, mode="r|") as tar,
            ):
                for entry in tar:
                    body = tar.extractfile(entry) if entry.isfile() else None
                    if body is None or manifest is not None or not _is_plain(entry.name):
                        raise BackupError("The backup holds something that no backup holds; nothing more was read.")
                    if entry.name == MANIFEST:
                        manifest = body.read(_MOST_MANIFEST)
                        continue
                    digest = _through(entry.name, body, take)
                    if entry.name.startswith(MEDIA):
                        media, media_bytes = media + 1, media_bytes + entry.size
                        if PurePosixPath(entry.name).name != digest:
                            damaged.append(entry.name)
                    else:
                        found.append(Part(name=entry.name, size=entry.size, sha256=digest))
                # To the end of the file, so that nothing that is cut off goes unseen.
                while packed.read(_PIECE):
                    pass
            while sealed.read(_PIECE):
                pass
        except (tarfile.TarError, EOFError, gzip.BadGzipFile):
            raise BackupError("The backup is damaged or cut off: use another one.") from None
    said = _manifest(manifest)
    if said.parts != found or (said.media, said.media_bytes, said.media_damaged) != (media, media_bytes, damaged):
        raise BackupError("What is in the backup is not what its manifest says: use another one.")
    return said


def _manifest(raw: bytes | None) -> Manifest:
    try:
        manifest = msgspec.json.decode(raw or b"", type=Manifest)
    except msgspec.DecodeError:
        raise BackupError("The backup has no manifest: use another one.") from None
    if manifest.format > FORMAT:
        raise BackupError(f"Jackfield {manifest.version} wrote this backup in a newer format: install that version.")
    return manifest


def _through(name: str, body: IO[bytes], take: Taker | None) -> str:
    hashed = _Hashed(body)
    if take is not None:
        take(name, cast("IO[bytes]", hashed))
    while hashed.read(_PIECE):
        pass
    return hashed.digest.hexdigest()


def _is_plain(name: str) -> bool:
    """Whether a member's name stays inside the folder that it is written to."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and "\0" not in name
