"""Wake-ups and live fan-out inside one process.

Nothing that must not be lost travels here: a subscriber that misses a topic finds the same truth in the
database by polling. The NATS bus of a cluster has the same two methods.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Protocol

Listener = Callable[[Any], None]


class Bus(Protocol):
    """Publish and subscribe by topic."""

    def publish(self, topic: str, payload: Any = None) -> None:
        """Tell all who listen. Never blocks, never raises for a listener's fault."""
        ...

    def subscribe(self, topic: str, listener: Listener) -> Callable[[], None]:
        """Call `listener(payload)` at each publish; the result ends the subscription."""
        ...


class LocalBus:
    """The bus of one process: plain calls."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[Listener]] = defaultdict(list)

    def publish(self, topic: str, payload: Any = None) -> None:
        for listener in tuple(self._listeners.get(topic, ())):
            listener(payload)

    def subscribe(self, topic: str, listener: Listener) -> Callable[[], None]:
        self._listeners[topic].append(listener)

        def end() -> None:
            if listener in self._listeners[topic]:
                self._listeners[topic].remove(listener)

        return end


class Wake:
    """An event that a loop waits for, with a longest wait where nothing else looks for what was missed."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self, _payload: Any = None) -> None:
        """Wake whoever waits."""
        self._event.set()

    async def wait(self, timeout: float | None = None) -> bool:
        """Wait to be woken, at most `timeout` seconds; clears itself. True when woken."""
        if not self._event.is_set():
            try:
                async with asyncio.timeout(timeout):
                    await self._event.wait()
            except TimeoutError:
                return False
        self._event.clear()
        return True
