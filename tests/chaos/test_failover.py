"""How long a channel is without an owner: after a kill, and after a stop in order."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from jackfield.testing.nats import NatsServer
from jackfield.testing.server import JackfieldServer, until
from jackfield.testing.simulator import simulator_process

from .checker import owner_pid, postgres

AFTER_A_KILL_S = 8.0
"""The lease's 6 s, and a poll."""
AFTER_A_STOP_S = 1.0


@pytest.mark.skipif(
    not os.environ.get("JACKFIELD_CHAOS"), reason="a measurement, which a busy machine spoils: make chaos"
)
@pytest.mark.timeout(600)
def test_a_channel_fails_over_in_time(postgres_url: str, nats: NatsServer, tmp_path: Path) -> None:
    """With the settings as they come. Measured from the end of the owner's process to a message that went out from the
    other."""
    ask = postgres(postgres_url)
    with simulator_process() as network:
        common = {
            "JACKFIELD_DATABASE_URL": postgres_url,
            "JACKFIELD_SIMULATOR_URL": network.url,
            "JACKFIELD_NATS_URL": nats.url,
            "JACKFIELD_SECRET_KEY": "one key for both, long enough to be one",
        }
        servers = [JackfieldServer(tmp_path / name, common) for name in ("one", "two")]
        try:
            servers[0].start()
            until(lambda: servers[0].api("GET", "/profiles/1/status").data["connected"], what="connected")
            servers[1].start()
            stopped = _move(servers, ask, stop=True)
            servers[0].start()
            killed = _move(servers[::-1], ask, stop=False)
        finally:
            for server in servers:
                server.stop()
        sent = len(network.outbox_now("1"))
    print(f"after a stop in order {stopped:.2f} s, after a kill {killed:.2f} s", file=sys.__stderr__)
    assert sent == 2, "each message went out once"
    assert stopped < AFTER_A_STOP_S
    assert killed < AFTER_A_KILL_S


def _move(servers: list[JackfieldServer], ask: Any, *, stop: bool) -> float:
    """End the first of two servers; gives the seconds from when it let go until the other one owned the channel and had
    sent a message."""
    owner, other = servers
    assert owner.process is not None
    assert other.process is not None
    pid, heir = owner.process.pid, other.process.pid
    until(lambda: owner_pid(ask, 1) == pid, 30, "the first server owns the channel")
    if stop:
        assert owner.stop() == 0
    else:
        owner.kill()
    began = time.monotonic()
    message = other.api("POST", "/messages/text", json={"profileId": "1", "to": "628123456789", "text": "Hello"}).data
    other.message(message["id"], "sent", "delivered", "read", seconds=30)
    took = time.monotonic() - began
    assert owner_pid(ask, 1) == heir
    return took
