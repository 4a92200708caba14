"""Servers of tests as forks of one process that has imported Jackfield already.

Importing is half of what a start costs, and a run of the tests starts a hundred servers. A fork goes through the same
`jackfield serve` as a process that a shell starts, with an environment, arguments and output of its own; it can be
killed, and answers signals, like any process.

Unix only: elsewhere, and where a test is about the start itself, use a process of its own.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.context
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

PRELOADED = "jackfield.testing.preload"


class Forked:
    """A forked process, spoken to as a `subprocess.Popen`: `pid`, `returncode`, `poll`, `wait`, `kill`."""

    def __init__(self, process: multiprocessing.context.ForkServerProcess) -> None:
        self._process = process
        assert process.pid is not None
        self.pid: int = process.pid

    @property
    def returncode(self) -> int | None:
        """The exit status once it has ended, negative for a signal."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """The exit status where it has ended."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it ends, at most `timeout` seconds; gives the exit status. Raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        status = self._process.exitcode
        if status is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def start(module: str, arguments: Sequence[str], env: Mapping[str, str], log: Path) -> Forked:
    """Run `python -m module arguments` in a fork; `log` takes what it prints."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOADED])
    process = context.Process(
        target=_run, args=(module, list(arguments), dict(env), str(log)), name=f"python -m {module}", daemon=True
    )
    process.start()
    return Forked(process)


def _run(module: str, arguments: list[str], env: dict[str, str], log: str) -> None:
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for number in (1, 2):
        os.dup2(output, number)
    os.close(output)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
