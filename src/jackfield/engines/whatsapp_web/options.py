"""What a child process needs to run one number; the same on both ends of the link."""

from __future__ import annotations

import msgspec


class Pulse(msgspec.Struct, frozen=True):
    """When a connection counts as deaf. Times in seconds.

    After `probe_after` without any event the server is asked something; `probe_timeout` without an answer, twice, or
    `deaf_sends` messages sent and `deaf_after` passed without a single event (receipts should have come), or
    `stale_after` of plain silence: the connection is made anew. WhatsApp ends each new connection's catching up with
    an event, so that event within `proof` shows that events arrive again; without it the process is ended and
    started afresh.

    A paired number that is not connected is connected anew when its connection has ended, after each of the pauses in
    `retry` in turn, and after `offline_after` when the library does not come back by itself.
    """

    probe_after: float = 60.0
    probe_timeout: float = 20.0
    deaf_sends: int = 5
    deaf_after: float = 900.0
    stale_after: float = 6 * 3600.0
    proof: float = 90.0
    retry: tuple[float, ...] = (1.0, 2.0, 5.0, 15.0, 60.0)
    offline_after: float = 180.0


class DeviceOptions(msgspec.Struct, frozen=True):
    """One number: where its files are and how it presents itself. `seal_key` is 32 bytes."""

    folder: str
    seal_key: bytes
    device_name: str = "Jackfield"
    proxy: str | None = None
    mark_online: bool = False
    pulse: Pulse = Pulse()

    @property
    def database(self) -> str:
        """neonize's own file: keys, sessions, message secrets."""
        return f"{self.folder}/device.db"

    @property
    def spool(self) -> str:
        """Events that the server does not have yet."""
        return f"{self.folder}/events.spool"

    @property
    def polls(self) -> str:
        """Polls whose votes may still come."""
        return f"{self.folder}/polls.json"
