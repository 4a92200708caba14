"""Several server processes of one machine behind one port, and the small process that keeps them running.

The supervisor runs no event loop and no thread, so that a fork of it is as good as a fresh process: it waits, starts what
died again, and passes on signals. Each child listens for itself (SO_REUSEPORT); the kernel spreads the connections. When the
supervisor itself dies, its children see the end of a pipe and stop in order.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from typing import Final

import structlog

log = structlog.get_logger(__name__)

LEAST_PAUSE_S: Final = 0.5
"""Before a process that died is started again; twice as long each time that it dies young."""
MOST_PAUSE_S: Final = 30.0
GROWN_UP_S: Final = 60.0
"""A process that lived so long did not die of how it was started."""
SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


class _Place:
    """One of the processes: who runs there, or when the next one is started (seconds of the monotonic clock)."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.pid: int | None = None
        self.started_at = 0.0
        self.start_at = 0.0
        self.pause = LEAST_PAUSE_S


class Supervisor:
    """Keeps `count` children running. `run` is what a child does: it gets its number (from 0) and gives its exit status."""

    def __init__(self, run: Callable[[int], int], count: int) -> None:
        self._run = run
        self._places = [_Place(number) for number in range(count)]
        self._asked = 0
        """How often we were told to stop."""
        self._passed_on = 0
        self._hear, self._tell = os.pipe()
        self._lifeline, self._hold = os.pipe()
        os.set_blocking(self._hear, False)
        os.set_blocking(self._tell, False)

    def run_once(self) -> int:
        """Run a child alone, to its end, before the others; gives its exit status."""
        pid = self._fork(-1)
        _, status = os.waitpid(pid, 0)
        return os.waitstatus_to_exitcode(status)

    def supervise(self) -> int:
        """Run until SIGTERM or SIGINT, and until all children have ended then; gives the exit status. A second signal kills
        them."""
        before = {number: signal.signal(number, self._signalled) for number in (*SIGNALS, signal.SIGCHLD)}
        woken_before = signal.set_wakeup_fd(self._tell)
        try:
            while True:
                self._pass_on()
                now = time.monotonic()
                if not self._passed_on:
                    for place in self._places:
                        if place.pid is None and place.start_at <= now:
                            place.started_at = now
                            place.pid = self._fork(place.number)
                elif all(place.pid is None for place in self._places):
                    return 0
                due = [] if self._passed_on else [one.start_at for one in self._places if one.pid is None]
                # A signal that came since we looked has written to the pipe.
                select.select([self._hear], [], [], max(0.0, min(due) - now) if due else None)
                self._drain()
                self._reap()
        finally:
            signal.set_wakeup_fd(woken_before)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _drain(self) -> None:
        try:
            while os.read(self._hear, 4096):
                pass
        except BlockingIOError:
            pass

    def _signalled(self, number: int, _frame: object) -> None:
        if number != signal.SIGCHLD:
            self._asked += 1

    def _pass_on(self) -> None:
        while self._passed_on < self._asked:
            number = signal.SIGKILL if self._passed_on else signal.SIGTERM
            self._passed_on += 1
            for place in self._places:
                if place.pid is not None:
                    os.kill(place.pid, number)

    def _reap(self) -> None:
        for place in self._places:
            if place.pid is None:
                continue
            pid, status = os.waitpid(place.pid, os.WNOHANG)
            if pid == 0:
                continue
            place.pid = None
            if self._passed_on:
                continue
            now = time.monotonic()
            if now - place.started_at >= GROWN_UP_S:
                place.pause = LEAST_PAUSE_S
            place.start_at = now + place.pause
            log.error(
                "a server process ended and is started again",
                process=place.number,
                status=os.waitstatus_to_exitcode(status),
                in_seconds=place.pause,
            )
            place.pause = min(place.pause * 2, MOST_PAUSE_S)

    def _fork(self, number: int) -> int:
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            return pid
        status = 1
        try:
            # Ctrl-C of a terminal is for the supervisor alone, which passes it on once.
            os.setpgid(0, 0)
            signal.set_wakeup_fd(-1)
            for one in (*SIGNALS, signal.SIGCHLD):
                signal.signal(one, signal.SIG_DFL)
            for end in (self._hear, self._tell, self._hold):
                os.close(end)
            status = self._run(number)
        except SystemExit as left:
            status = left.code if isinstance(left.code, int) else 1
        except BaseException:
            log.exception("a server process failed", process=number)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            # Not further up: what the supervisor's own callers clean up is not this process's business.
            os._exit(status)
        raise AssertionError("unreachable")

    def end_with_me(self) -> None:
        """In a child, on its event loop: stop in order when the supervisor is gone."""
        loop = asyncio.get_running_loop()

        def gone() -> None:
            loop.remove_reader(self._lifeline)
            os.kill(os.getpid(), signal.SIGTERM)

        loop.add_reader(self._lifeline, gone)
