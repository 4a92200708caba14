"""The figures are still made: each way of measuring runs once, on a few messages."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bench import engines, loop, profile, reply, send, sizing
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


def test_a_reply_beside_a_bulk_send() -> None:
    (figure,) = reply.measure(60)
    assert figure.value > 0


def test_what_a_message_needs() -> None:
    cores, disk = sizing.measure(20)
    assert cores.value > 0
    assert disk.value >= 0


def test_a_profile_is_told_by_what_the_code_is_for() -> None:
    text = (
        "run (uvloop/__init__.py:92);send (jackfield/worker/deliveries/send.py:63);_request (aiohttp/client.py:900) 3\n"
        "run (uvloop/__init__.py:92);_attempt (jackfield/worker/deliveries/turn.py:270);digest (hmac.py:1) 1\n"
        "run (uvloop/__init__.py:92) 1\n"
    )
    parts, innermost = profile.shares(text)
    assert parts == {"HTTP out": 3, "deliveries": 1, "event loop and the rest": 1}
    assert innermost["_request (aiohttp/client.py:900)"] == 3
    assert profile.table(parts, 1) == "  60.0 %  HTTP out"
