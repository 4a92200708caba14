"""What the network has to tell an account: a queue that forgets only what was acknowledged."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice

from jackfield.core.port import Report

_UNHEARD = 100_000
"""How many happenings are kept for an account that nobody has ever listened to."""


class Happenings:
    """At-least-once: `batch` shows the oldest, `ack` forgets them, and what is not acknowledged is shown again.

    Each happening has a running number; `batch` gives the number up to which to acknowledge.
    """

    def __init__(self) -> None:
        self._items: deque[Report] = deque(maxlen=_UNHEARD)
        self._first = 0
        self._waiting: set[asyncio.Future[None]] = set()
        self.silent = False
        """While set, nothing is shown: the session is connected but deaf."""
        self.heard = False
        """Whether anybody ever listened; from then on nothing is dropped."""

    def __len__(self) -> int:
        return len(self._items)

    def listen(self) -> None:
        """Somebody listens from now on."""
        if not self.heard:
            self.heard = True
            self._items = deque(self._items)

    def put(self, report: Report) -> None:
        """Add one happening."""
        if not self.heard and len(self._items) == _UNHEARD:
            self._first += 1
        self._items.append(report)
        if self._waiting:
            self.wake()

    def extend(self, reports: Iterable[Report]) -> None:
        """Add several happenings."""
        for report in reports:
            self.put(report)

    @property
    def ready(self) -> bool:
        """Whether `batch` would show anything."""
        return bool(self._items) and not self.silent

    def batch(self, limit: int = 500) -> tuple[list[Report], int]:
        """The oldest happenings, and the number to acknowledge them with."""
        if not self.ready:
            return [], self._first
        items = list(islice(self._items, limit))
        return items, self._first + len(items)

    def ack(self, upto: int) -> None:
        """Forget the happenings before number `upto`."""
        for _ in range(min(upto - self._first, len(self._items))):
            self._items.popleft()
            self._first += 1

    def drop(self, stale: Callable[[Report], bool]) -> None:
        """Forget what is stale. Numbers shown before are void after this."""
        kept = [report for report in self._items if not stale(report)]
        self._first += len(self._items) - len(kept)
        self._items = deque(kept, maxlen=self._items.maxlen)

    def clear(self) -> None:
        """Forget everything."""
        self._first += len(self._items)
        self._items.clear()

    def wake(self) -> None:
        """Let those who wait look again."""
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done() and not future.get_loop().is_closed():
                future.set_result(None)

    async def wait(self, timeout: float | None = None) -> None:
        """Return when there may be something to show, or after `timeout` seconds."""
        if self.ready:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            async with asyncio.timeout(timeout):
                await future
        except TimeoutError:
            pass
        finally:
            self._waiting.discard(future)
