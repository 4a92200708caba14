"""Watching a process with py-spy, which is no dependency: `pip install py-spy`."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator

ATTACH_S = 1.5
"""Until py-spy has found the interpreter; nothing is seen before."""


@contextlib.contextmanager
def profiled(pid: int, name: str) -> Iterator[None]:
    """Watch a process where JACKFIELD_BENCH_SPY says where py-spy is. The profile is a flame graph, NAME.svg here; with
    JACKFIELD_BENCH_SPY_RAW it is NAME.raw, a line for each stack with its count."""
    path = os.environ.get("JACKFIELD_BENCH_SPY")
    if not path:
        yield
        return
    raw = bool(os.environ.get("JACKFIELD_BENCH_SPY_RAW"))
    out = ["-f", "raw", "-o", f"{name}.raw"] if raw else ["-o", f"{name}.svg"]
    # Only who holds the interpreter's lock: threads that wait for their next statement look busy otherwise.
    command = [path, "record", "--gil", "-r", "500", "-p", str(pid), "-d", "600", *out]
    spy = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(ATTACH_S)
    try:
        yield
    finally:
        spy.send_signal(signal.SIGINT)
        spy.wait(60)
