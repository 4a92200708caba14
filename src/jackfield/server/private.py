"""The data folder is its owner's alone: folders 0700, files 0600, whatever the umask of whoever starts us."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import structlog

FOLDER_MODE = 0o700
FILE_MODE = 0o600
UMASK = 0o077

log = structlog.get_logger(__name__)


def make_private(data_dir: Path, database: str | None = None) -> int:
    """Let nobody else read what this process writes from now on, nor what the data folder holds already.

    `database` is the path of a SQLite file that may lie elsewhere; it and its companions are closed too, its folder is
    not ours to close. Gives how many files and folders had to be corrected; a note in the log says so. What belongs to
    another user stays as it is, with a warning. Raises OSError when the folder cannot be made.
    """
    os.umask(UMASK)
    data_dir.mkdir(parents=True, exist_ok=True)
    files = list(_inside(data_dir))
    if database is not None:
        files += [path for end in ("", "-wal", "-shm", "-journal") if (path := Path(database + end)).is_file()]
    corrected, failed = 0, 0
    # The folder first: with it closed nobody comes to the rest, however long that takes.
    for path in (data_dir, *files):
        try:
            corrected += _close(path)
        except FileNotFoundError:
            continue
        except OSError:
            failed += 1
    if corrected:
        log.warning(
            "files in the data folder could be read by others; corrected", files=corrected, folder=str(data_dir)
        )
    if failed:
        log.warning("files in the data folder belong to another user; others may read them", files=failed)
    return corrected


def _close(path: Path) -> bool:
    """Take others' rights away; whether there were any. Links are not followed."""
    found = path.lstat().st_mode
    if stat.S_ISLNK(found):
        return False
    wanted = FOLDER_MODE if stat.S_ISDIR(found) else FILE_MODE
    if stat.S_IMODE(found) == wanted:
        return False
    path.chmod(wanted)
    return True


def _inside(folder: Path) -> Iterator[Path]:
    """What is in the data folder, each folder after its contents.

    The files of `media` are listed only while that folder itself is open to others: it is closed last, so a start that
    was cut off goes on with it, and no later start reads through a million files.
    """
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            if entry.name == "media" and stat.S_IMODE(entry.stat(follow_symlinks=False).st_mode) == FOLDER_MODE:
                continue
            yield from _inside(path)
        yield path
