"""Two servers on one PostgreSQL: each channel has one owner; when it dies the other goes on, without a double send."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from jackfield.testing.server import JackfieldServer, until
from jackfield.testing.simulator import simulator_process

RECIPIENTS = 3000
TAKE_OVER_S = 45.0


async def _owners(url: str) -> list[str | None]:
    connection = await asyncpg.connect(url)
    try:
        return [row["lease_owner"] for row in await connection.fetch("SELECT lease_owner FROM channels ORDER BY id")]
    finally:
        await connection.close()


@pytest.mark.timeout(180)
def test_the_other_server_takes_over(postgres_url: str, tmp_path: Path) -> None:
    with simulator_process() as network:
        common = {
            "JACKFIELD_DATABASE_URL": postgres_url,
            "JACKFIELD_SIMULATOR_URL": network.url,
            "JACKFIELD_SECRET_KEY": "one key for both, long enough to be one",
        }
        one = JackfieldServer(tmp_path / "one", common)
        two = JackfieldServer(tmp_path / "two", common)
        one.start()
        try:
            until(lambda: one.api("GET", "/profiles/1/status").data["connected"], what="connected")
            two.start()
            assert one.process is not None
            assert two.process is not None
            one.api("PATCH", "/profiles/1", json={"pacing": {"rate": 400, "burst": 50}})
            (owner,) = asyncio.run(_owners(postgres_url))
            assert owner is not None
            assert f":{one.process.pid}:" in owner, "the first server owns the channel"
            messages = [
                {"chatId": f"62813{i:08d}", "type": "text", "content": {"text": "Hello"}} for i in range(RECIPIENTS)
            ]
            # What is submitted at the other node is sent by the owner.
            batch = two.api("POST", "/bulk/send", json={"profileId": "1", "messages": messages}).data
            until(lambda: _sent(two, batch) > 300, 30, "the owner sends")
            one.kill()
            killed_at = time.monotonic()
            before = _sent(two, batch)
            until(lambda: _sent(two, batch) > before + 50, TAKE_OVER_S + 5, "the other sends")
            assert time.monotonic() - killed_at < TAKE_OVER_S
            (owner,) = asyncio.run(_owners(postgres_url))
            assert owner is not None
            assert f":{two.process.pid}:" in owner
            final = until(lambda: _finished(two, batch), 60, "the batch is over")
        finally:
            one.stop()
            two.stop()
        times = Counter(message["to"] for message in network.outbox_now("1"))
    assert len(times) == RECIPIENTS
    assert max(times.values()) == 1
    assert final["counts"]["uncertain"] == 0
    assert final["sent"] == RECIPIENTS


def _batch(server: JackfieldServer, batch: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = server.api("GET", f"/bulk/batch/{batch['batchId']}").data
    return found


def _sent(server: JackfieldServer, batch: dict[str, Any]) -> int:
    return int(_batch(server, batch)["sent"])


def _finished(server: JackfieldServer, batch: dict[str, Any]) -> dict[str, Any] | None:
    found = _batch(server, batch)
    return found if found["status"] == "completed" else None
