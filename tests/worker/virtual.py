"""A loop whose time passes only when nothing is left to do."""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Awaitable, Callable
from typing import Any

START_MS = 1_790_000_000_000


class _NoWait(selectors.DefaultSelector):
    """Passes the loop's time in place of waiting."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        found = super().select(0)
        if not found:
            if timeout is None:
                raise RuntimeError("Nothing is left that could happen: the test waits for ever.")
            self.passed += timeout
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    """A deterministic event loop: a wait of an hour takes no time, and a deadlock is an error."""

    def __init__(self) -> None:
        self._no_wait = _NoWait()
        super().__init__(self._no_wait)

    def time(self) -> float:
        return 1000.0 + self._no_wait.passed

    def stall(self, seconds: float) -> None:
        """As if the process had stood still."""
        self._no_wait.passed += seconds


def virtual(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run a test on a loop of virtual time."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(test(*args, **kwargs))  # type: ignore[arg-type]

    return run


def virtual_loop() -> VirtualLoop:
    """The loop that runs now."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop


def now() -> int:
    """Unix ms of the virtual time."""
    return START_MS + int((asyncio.get_running_loop().time() - 1000.0) * 1000)
