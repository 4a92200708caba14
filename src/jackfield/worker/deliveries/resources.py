"""What the turns of all endpoints share: the outbox, the formats, the client, connections and counters."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from jackfield.core import Meters, Outbox, SafeClient, Tracer, WebhookFormat, now_ms
from jackfield.core.port import Networks

from .health import Health, Pace


class Resources:
    """Shared by all turns. Counters `delivered` (2xx, or nothing to send), `failed` (attempts) and `parked` are since
    start; `crowded` says that endpoints wait for a turn. `now` gives the time in Unix ms."""

    def __init__(
        self,
        outbox: Outbox,
        formats: Mapping[str, WebhookFormat],
        client: SafeClient,
        pace: Pace,
        networks: Networks,
        meters: Meters,
        *,
        tracer: Tracer | None = None,
        max_connections: int = 256,
        now: Callable[[], int] = now_ms,
    ) -> None:
        """`max_connections` are for endpoints that work, and half as many more for the others."""
        self.outbox = outbox
        self.formats = formats
        self.client = client
        self.pace = pace
        self.networks = networks
        self.meters = meters
        self.tracer = tracer
        self.now = now
        self.delivered = self.failed = self.parked = 0
        self.crowded = False
        self._left: dict[int, float] = {}
        self._proven = asyncio.Semaphore(max_connections)
        self._unproven = asyncio.Semaphore(max(1, max_connections // 2))

    def slot(self, health: Health) -> asyncio.Semaphore:
        """A place for one connection, as a context manager."""
        return self._proven if health.proven(asyncio.get_running_loop().time()) else self._unproven

    def leave(self, endpoint_id: int) -> None:
        """Another process works for this endpoint, or its turn failed: look again in a second."""
        now = asyncio.get_running_loop().time()
        self._left = {id_: until for id_, until in self._left.items() if until > now}
        self._left[endpoint_id] = now + 1.0

    def is_left(self, endpoint_id: int) -> bool:
        """Whether an endpoint is left alone for now."""
        return self._left.get(endpoint_id, 0.0) > asyncio.get_running_loop().time()
