"""sizing: what a deployment needs per message: cores, and disk.

`python -m bench.sizing 5000` takes so many messages through the whole loop (three statuses in, three webhooks out) on
SQLite, and reads how much the database has grown. Memory per channel is in bench.idle.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from jackfield.testing.server import JackfieldServer

from ._kit import Figure, folder
from .loop import on_uvloop, run

MESSAGES = 5000


def disk_bytes(place: Path) -> int:
    """Bytes of the database's files."""
    return sum(one.stat().st_size for one in place.rglob("*.db*"))


def measure(total: int = MESSAGES) -> Iterator[Figure]:
    """Messages per second that a core carries, and disk per million messages."""
    with folder() as place:
        server = JackfieldServer(Path(place), {"JACKFIELD_SIMULATOR": "0", "JACKFIELD_LOG_LEVEL": "warning"})
        server.start(300.0)
        server.stop()
        # Stopped, so that what waits in the write-ahead log is in the file.
        before = disk_bytes(Path(place))
        server.start(300.0)
        try:
            seen = on_uvloop(lambda: run(server, total, statuses=True, webhooks=True))
        finally:
            server.stop()
        grown = disk_bytes(Path(place)) - before
    yield Figure("sizing: whole loop", 1e6 / seen.cpu_us, "messages/s", note=f"a core; {seen.cpu_us:,.0f} us each")
    yield Figure(
        "sizing: disk", grown / total * 1e6 / 1e9, "GB", note=f"a million messages; {grown / total:,.0f} bytes each"
    )


if __name__ == "__main__":
    for figure in measure(int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES):
        print(figure.row(), flush=True)
