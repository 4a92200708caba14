"""How far a move is, in a file beside the data: a run that was cut short goes on from there."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TextIO

import msgspec

from .records import Report
from .source import SourceError

KEPT: Final = 0o600


class _Kept(msgspec.Struct, kw_only=True):
    """What the file holds. There is no key and nobody's name in it; refusals hold what was refused."""

    source: str
    done: list[str] = []
    """Steps that are finished."""
    cursor: str | None = None
    """Where the step that is next goes on."""
    ids: dict[str, dict[str, str]] = {}
    """By kind: the id at the source, to the id here."""
    report: Report = msgspec.field(default_factory=Report)


def name_of(dialect: str, base: str, target: str) -> str:
    """The file's name for a source and the place that it is moved to."""
    digest = hashlib.sha256(f"{base}\n{target}".encode()).hexdigest()[:12]
    return f"migrate-from-{dialect}-{digest}.json"


class State:
    """One move's memory. `close` it; whoever opens it twice at once is refused."""

    def __init__(self, file: Path, source: str) -> None:
        self._file = file
        self._source = source
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock: TextIO | None = open(os.open(f"{file}.lock", os.O_CREAT | os.O_RDWR, KEPT), "r+")  # noqa: SIM115
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            self._lock = None
            raise SourceError("This move runs already, in another process.") from None
        self._kept = self._read() if file.exists() else _Kept(source=source)
        self.resumed = bool(self._kept.done or self._kept.cursor)

    def _read(self) -> _Kept:
        try:
            found = msgspec.json.decode(self._file.read_bytes(), type=_Kept)
        except (msgspec.DecodeError, OSError) as error:
            self.close()
            raise SourceError(
                f"{self._file} does not hold how far the move was ({type(error).__name__}). Remove it to begin anew: "
                "what is here already is found again."
            ) from None
        if found.source != self._source:
            self.close()
            raise SourceError(f"{self._file} belongs to a move from {found.source}. Give another --state.")
        return found

    @property
    def report(self) -> Report:
        """The counts so far."""
        return self._kept.report

    @property
    def cursor(self) -> str | None:
        """Where the present step goes on."""
        return self._kept.cursor

    def is_done(self, step: str) -> bool:
        """Whether a step is finished."""
        return step in self._kept.done

    def known(self, kind: str, id_: str) -> str | None:
        """The id here of something that was moved."""
        return self._kept.ids.get(kind, {}).get(id_)

    def remember(self, kind: str, id_: str, here: str) -> None:
        """Something was moved. Saved with the next `at`, `keep` or `finish`."""
        self._kept.ids.setdefault(kind, {})[id_] = here

    def at(self, cursor: str) -> None:
        """The present step has come so far."""
        self._kept.cursor = cursor
        self._save()

    def keep(self) -> None:
        """Save what was remembered."""
        self._save()

    def noted(self, notes: Sequence[str]) -> None:
        """Keep notes for the report of the run that goes on, and nothing of what was counted since the last save: it will
        be counted then."""
        kept = self._read() if self._file.exists() else _Kept(source=self._source)
        kept.report.not_moved = list(dict.fromkeys([*kept.report.not_moved, *notes]))
        self._kept = kept
        self._save()

    def finish(self, step: str) -> None:
        """A step is done."""
        self._kept.done.append(step)
        self._kept.cursor = None
        self._save()

    def over(self) -> None:
        """All is done: the next run looks at everything once more, and knows what it moved."""
        self._kept = _Kept(source=self._source, ids=self._kept.ids)
        self._save()

    def _save(self) -> None:
        beside = self._file.with_suffix(".new")
        with open(os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, KEPT), "wb") as target:
            target.write(msgspec.json.encode(self._kept))
            target.flush()
            os.fsync(target.fileno())
        os.replace(beside, self._file)

    def close(self) -> None:
        """Let others at it."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None
