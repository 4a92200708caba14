"""idle: what a server costs that has nothing to do: CPU, memory, and the time until it is ready.

`python -m bench.idle 1000` measures with so many channels.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from jackfield.testing.server import JackfieldServer, until

from ._kit import Figure, folder

CHANNELS = (0, 100)
"""Simulator channels beside the first one, which a new server has."""
SECONDS = 20.0
"""How long an idle server is watched."""
SETTLE_S = 5.0
"""What a start sets in motion (imports, first reads) is over after this time."""
MOST_CORES = {1: 0.02, 101: 0.02, 1001: 0.1}


def cpu_seconds(pid: int) -> float:
    """CPU time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Memory of a process that is in RAM."""
    line = next(one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if one.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def add_channels(server: JackfieldServer, count: int) -> None:
    """Create simulator channels and wait until all are connected."""
    ids = ["1"]
    for number in range(count):
        body = {"name": f"Idle {number}", "engine": "simulator", "config": {"autoScan": True}}
        ids.append(str(server.api("POST", "/profiles", json=body).data["id"]))
        server.api("POST", f"/profiles/{ids[-1]}/connect").data  # noqa: B018 - fails loudly
    for id_ in ids:
        until(lambda id_=id_: server.api("GET", f"/profiles/{id_}/status").data["connected"], 300, f"{id_} connected")


def idle(count: int, seconds: float = SECONDS) -> tuple[float, float, float]:
    """Cores used, memory in MB, and seconds until ready of a server with `count` more channels."""
    with folder() as place:
        server = JackfieldServer(place)
        begun = time.perf_counter()
        server.start(300.0)
        ready = time.perf_counter() - begun
        try:
            assert server.process is not None
            pid = server.process.pid
            add_channels(server, count)
            time.sleep(SETTLE_S)
            before, begun = cpu_seconds(pid), time.perf_counter()
            time.sleep(seconds)
            cores = (cpu_seconds(pid) - before) / (time.perf_counter() - begun)
            return cores, resident_mb(pid), ready
        finally:
            server.stop()


def measure(counts: tuple[int, ...] = CHANNELS) -> Iterator[Figure]:
    """The figures for each number of channels."""
    for count in counts:
        cores, memory, ready = idle(count)
        maximum = MOST_CORES.get(count + 1)
        yield Figure(
            f"idle: {count + 1} channels",
            cores * 100,
            "% of a core",
            wanted="" if maximum is None else f"<= {maximum * 100:.0f}",
            holds=None if maximum is None else cores <= maximum,
            note=f"{memory:.0f} MB, ready in {ready:.1f} s",
        )


if __name__ == "__main__":
    for figure in measure(tuple(int(one) for one in sys.argv[1:]) or CHANNELS):
        print(figure.row(), flush=True)
