"""The figures are still made: each way of measuring runs once, on a few messages."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bench import engines, loop, send
from jackfield.testing.simulator import simulator_process


def test_the_send_path() -> None:
    rate, cpu = asyncio.run(send.send_rate(0, 30))
    assert rate > 0
    assert cpu > 0


def test_a_campaign_through_the_cloud_api(tmp_path: Path) -> None:
    with simulator_process() as meta:
        engines.open_number(meta)
        rate, cpu = asyncio.run(engines.campaign_rate(meta, tmp_path, 30))
    assert rate > 0
    assert cpu > 0


def test_the_whole_loop() -> None:
    bare = loop.on_uvloop(lambda: loop.bare(50))
    assert bare > 0
    seen = loop.one_run(30, True, True, None)
    assert seen.cpu_us > 0
    assert seen.network_ms[0] > seen.accept_ms[0] / 1000
