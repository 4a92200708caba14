"""Callbacks that come together: one asks for the profile's configuration, the others are not held up by it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from .conftest import Door, text, value, webhook


async def test_one_of_many_callbacks_asks_for_a_configuration_that_is_due(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = await door.number()
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr("jackfield.ingress.time", SimpleNamespace(monotonic=lambda: clock.now))
    find, asked, may_answer = door.core.channels.find, 0, asyncio.Event()

    async def slow(given: Any, *args: Any) -> Any:
        nonlocal asked
        asked += 1
        await may_answer.wait()
        return await find(given, *args)

    assert (await door.post(channel.id, webhook(value(text("wamid.0"))))).status_code == 200
    monkeypatch.setattr(door.core.channels, "find", slow)
    clock.now += 60
    first = asyncio.create_task(door.post(channel.id, webhook(value(text("wamid.1")))))
    while not asked:
        await asyncio.sleep(0)
    answers = await asyncio.gather(*(door.post(channel.id, webhook(value(text(f"wamid.{n}")))) for n in range(2, 12)))
    assert [answer.status_code for answer in answers] == [200] * 10
    may_answer.set()
    assert (await first).status_code == 200
    assert asked == 1
    assert len(await door.messages(channel)) == 12


async def test_a_profile_that_is_gone_is_not_kept(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = await door.number()
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr("jackfield.ingress.time", SimpleNamespace(monotonic=lambda: clock.now))
    assert (await door.post(channel.id, webhook(value(text("wamid.0"))))).status_code == 200

    async def gone(given: Any, *args: Any) -> None:
        """Another process deleted it."""

    monkeypatch.setattr(door.core.channels, "find", gone)
    clock.now += 60
    for number in (1, 2):
        assert (await door.post(channel.id, webhook(value(text(f"wamid.{number}"))))).status_code == 404
