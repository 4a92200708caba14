"""Wake-ups and live fan-out inside one process; `NatsBus` adds the other processes of a cluster.

Nothing that must not be lost travels here: a subscriber that misses a topic finds the same truth in the
database by polling.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

Listener = Callable[[Any], None]

EVENTS_ELSEWHERE = "events-elsewhere"
"""Told when another process appended events; without a payload, they are in the table."""
SETTLED_ELSEWHERE = "settled-elsewhere"
"""Told a list of `SettledElsewhere` when another process settled messages."""


class SettledElsewhere(msgspec.Struct, frozen=True, array_like=True):
    """That another process settled a message: enough to know whether the row is worth reading. `code`: why it failed;
    `reported`: the network said it later, of its own accord."""

    id: int
    workspace_id: int
    channel_id: int
    campaign_id: int
    state: str
    code: str | None = None
    reported: bool = False


class BusState(msgspec.Struct, kw_only=True):
    """How the bus does. `connected` is None where there is nothing to connect to; the numbers count since the start."""

    connected: bool | None = None
    published: int = 0
    received: int = 0
    dropped: int = 0
    """Messages for other processes that were not sent because the connection was down; they find the same by polling."""
    connects: int = 0


class Bus(Protocol):
    """Publish and subscribe by topic."""

    state: BusState

    async def start(self) -> None:
        """Begin to hear other processes, where there are any. Returns at once, whatever the network does."""
        ...

    async def close(self) -> None:
        """Send what waits to be sent, and hear nothing more from other processes."""
        ...

    def publish(self, topic: str, payload: Any = None) -> None:
        """Tell all who listen. Never blocks, never raises for a listener's fault."""
        ...

    def subscribe(self, topic: str, listener: Listener) -> Callable[[], None]:
        """Call `listener(payload)` at each publish; the result ends the subscription."""
        ...

    def has_listeners(self, topic: str) -> bool:
        """Whether somebody in this process listens to this topic."""
        ...


class LocalBus:
    """The bus of one process: plain calls."""

    def __init__(self) -> None:
        self.state = BusState()
        self._listeners: dict[str, list[Listener]] = defaultdict(list)

    async def start(self) -> None:
        """See Bus; there is nothing to do."""

    async def close(self) -> None:
        """See Bus; there is nothing to do."""

    def topics(self) -> list[str]:
        """The topics that somebody listens to."""
        return [topic for topic, listeners in self._listeners.items() if listeners]

    def has_listeners(self, topic: str) -> bool:
        """Whether somebody listens to this topic."""
        return bool(self._listeners.get(topic))

    def publish(self, topic: str, payload: Any = None) -> None:
        for listener in tuple(self._listeners.get(topic, ())):
            listener(payload)

    def subscribe(self, topic: str, listener: Listener) -> Callable[[], None]:
        self._listeners[topic].append(listener)

        def end() -> None:
            listeners = self._listeners.get(topic, [])
            if listener in listeners:
                listeners.remove(listener)
                if not listeners:
                    del self._listeners[topic]

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
