"""`python -m jackfield.testing.staged serve`: a server whose wall clock a test moves, and that is in a hurry.

`JACKFIELD_TEST_CLOCK` names a file of eight bytes, the offset of its wall clock in seconds (see `Clock`). Deliveries of
webhooks wait tenths of what they wait in earnest; a receiver has 5 s to answer, and what a dead process had claimed lapses
after 9 s instead of 30, so that hundreds of faults take minutes. All else is `jackfield serve`, unchanged.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from functools import partial
from pathlib import Path

from jackfield.cli import app
from jackfield.core.webhooks.formats import BaseFormat
from jackfield.worker.deliveries import worker
from jackfield.worker.deliveries.health import Pace

_SIZE = 8


class Clock:
    """The wall clock of staged servers, for the test's side. Monotonic clocks are left alone, as in a real jump."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.jump(0.0)

    def jump(self, seconds: float) -> None:
        """Set how far the clock is ahead (or, below 0, behind)."""
        with open(self.file, "r+b" if self.file.exists() else "wb") as out:
            out.write(struct.pack("d", seconds))


def _move(file: str) -> None:
    """Take the offset into what modules ask for the time."""
    with open(file, "rb") as opened:
        offset = mmap.mmap(opened.fileno(), _SIZE, access=mmap.ACCESS_READ)
    real, real_ns = time.time, time.time_ns

    def now() -> float:
        moved: float = struct.unpack_from("d", offset)[0]
        return real() + moved

    def now_ns() -> int:
        return real_ns() + int(struct.unpack_from("d", offset)[0] * 1e9)

    time.time, time.time_ns = now, now_ns


def main() -> None:
    """Serve."""
    if file := os.environ.get("JACKFIELD_TEST_CLOCK"):
        _move(file)
    vars(worker)["Pace"] = partial(Pace, claim=9.0, retries=(0, 0.5, 1, 2, 3, 3600), probes=(0.5, 0.5, 1))
    BaseFormat.timeout = lambda _format, _event: 5.0  # type: ignore[assignment,method-assign]
    app()


if __name__ == "__main__":
    main()
