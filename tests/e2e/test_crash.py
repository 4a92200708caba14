"""`kill -9` at random moments of a campaign: nobody is lost, nobody gets it twice blindly, nothing is stuck."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from jackfield.testing.server import JackfieldServer, until
from jackfield.testing.simulator import simulator_process

RECIPIENTS = 5000
KILLS = 10


def _campaign(server: JackfieldServer, count: int) -> str:
    messages = [
        {
            "chatId": f"62812{i:08d}@c.us",
            "type": "text",
            "content": {"text": "Hello {name}, number {i}"},
            "variables": {"name": f"P{i}", "i": i},
        }
        for i in range(count)
    ]
    batch = server.api("POST", "/bulk/send", json={"profileId": "1", "messages": messages}).data
    assert batch["totalMessages"] == count
    return str(batch["batchId"])


@pytest.mark.timeout(300)
def test_ten_kills_in_a_campaign(database_url: str, tmp_path: Path) -> None:
    """The network lives in a process of its own, so that it remembers what it saw."""
    chance = random.Random(20260)
    with simulator_process() as network:
        server = JackfieldServer(
            tmp_path / "server",
            {
                "JACKFIELD_DATABASE_URL": database_url,
                "JACKFIELD_SIMULATOR_URL": network.url,
                "JACKFIELD_LEASE_SECONDS": "1.5",
                "JACKFIELD_POLL_SECONDS": "0.1",
            },
        )
        server.start()
        try:
            until(lambda: server.api("GET", "/profiles/1/status").data["connected"], what="connected")
            # Fast enough to be done in seconds, slow enough to be killed ten times on the way.
            pace = {"pacing": {"rate": 900, "burst": 100}}
            server.api("PATCH", "/profiles/1", json=pace)
            batch_id = _campaign(server, RECIPIENTS)
            for _ in range(KILLS):
                before = _settled(server, batch_id)
                pause = chance.uniform(0.05, 0.6)
                deadline = time.monotonic() + 10
                # A kill counts only when the campaign was under way since the last one.
                while _settled(server, batch_id) <= before and time.monotonic() < deadline:
                    pass
                time.sleep(pause)
                server.kill()
                server.start()
            final = until(lambda: _finished(server, batch_id), 90, "the batch is over")
        finally:
            server.stop()
        outbox: list[dict[str, Any]] = network.outbox_now("1")
    times = Counter(one["to"] for one in outbox)
    assert len(times) == RECIPIENTS, "every recipient at least once"
    assert max(times.values()) == 1, (
        "nobody twice: the network can be asked, so uncertain sends are settled for certain"
    )
    counts = final["counts"]
    assert sum(counts.values()) == RECIPIENTS
    assert counts["sent"] + counts["delivered"] + counts["read"] == RECIPIENTS
    assert counts["queued"] == counts["sending"] == counts["uncertain"] == counts["failed"] == 0
    assert final["wasUncertain"] > 0, "ten kills in mid-campaign leave some sends in doubt, and they are reported"


def _settled(server: JackfieldServer, batch_id: str) -> int:
    batch = server.api("GET", f"/bulk/batch/{batch_id}").data
    return int(batch["sent"] + batch["failed"])


def _finished(server: JackfieldServer, batch_id: str) -> dict[str, Any] | None:
    batch: dict[str, Any] = server.api("GET", f"/bulk/batch/{batch_id}").data
    return batch if batch["status"] == "completed" else None
