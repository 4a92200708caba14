from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from jackfield.core.ground.audited import PendingEntry, audited
from jackfield.core.ground.errors import Invalid
from jackfield.core.ground.events import ContactDeleted
from jackfield.core.ground.unit import Unit

from .conftest import SmallCore, on_both


async def test_entries_are_listed_newest_first_and_filtered(core: SmallCore) -> None:
    tenant, _ = await core.accounts.create_tenant("Acme")
    ours, theirs = tenant.id, await core.workspace()
    for n in range(3):
        await core.audit.record(None, ours, "member:1 ann", "channel.created", f"channel:{n}", "10.0.0.1", {"n": n})
    await core.audit.record(None, ours, "system", "channelx.created")
    await core.audit.record(None, theirs, "member:1 ann", "channel.created", "channel:9")

    listed = await core.audit.list(ours, actor="member:1 ann", total=True)
    assert [one.target for one in listed.items] == ["channel:2", "channel:1", "channel:0"]
    assert (listed.total, listed.items[0].data, listed.items[0].ip) == (3, {"n": 2}, "10.0.0.1")
    assert len((await core.audit.list(ours, action="channel.created")).items) == 3
    assert len((await core.audit.list(ours, action="channel.*")).items) == 3
    assert len((await core.audit.list(ours, action="%.*")).items) == 0
    assert [one.target for one in (await core.audit.list(ours, target="channel:1")).items] == ["channel:1"]
    assert (await core.audit.list(ours, target="channel:9")).items == []

    first = await core.audit.list(ours, limit=2)
    rest = await core.audit.list(ours, limit=50, cursor=first.cursor)
    ids = [one.id for one in first.items + rest.items]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 5  # with the workspace's own creation
    when = listed.items[0].created_at
    assert (await core.audit.list(ours, since=when + 60_000)).items == []
    assert (await core.audit.list(ours, until=1)).items == []
    with pytest.raises(Invalid):
        await core.audit.list(ours, since=10**30)


async def test_an_entry_stands_or_falls_with_its_unit(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    with pytest.raises(RuntimeError):  # noqa: PT012
        async with core.unit() as unit:
            await core.audit.record(unit, workspace_id, "system", "thing.done")
            raise RuntimeError("no")
    assert (await core.audit.list(workspace_id, action="thing.done")).items == []


async def test_overlong_words_are_cut(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    await core.audit.record(None, workspace_id, "a" * 1000, "thing.done", ip="1" * 1000)
    entry = (await core.audit.list(workspace_id, action="thing.done")).items[0]
    assert (len(entry.actor), len(entry.ip or "")) == (300, 64)


def entry_of(workspace_id: int, action: str) -> PendingEntry:
    values = {"workspace_id": workspace_id, "actor": "system", "action": action, "target": None, "ip": None, "data": {}}
    return PendingEntry(lambda: values)


async def say(unit: Unit, items: Sequence[tuple[int, str]]) -> list[Any]:
    """A handler of the group commit that says what it is given, and refuses "no"."""
    answers: list[Any] = []
    for workspace_id, word in items:
        if word == "crash":
            raise RuntimeError(word)
        if word == "no":
            answers.append(Invalid(word))
            continue
        unit.emit(workspace_id, ContactDeleted(id=1))
        answers.append(word)
    return answers


@on_both
async def test_an_entry_stands_or_falls_with_what_the_group_commit_stores(core: SmallCore) -> None:
    workspace_id = await core.workspace()

    async def ask(word: str) -> PendingEntry:
        entry = entry_of(workspace_id, f"said.{word}")
        with audited(entry):
            try:
                assert await core.submit(say, (workspace_id, word)) == word
            except (Invalid, RuntimeError):
                assert not entry.written
        return entry

    async def ask_twice() -> None:
        with audited(entry_of(workspace_id, "said.twice")):
            await asyncio.gather(core.submit(say, (workspace_id, "a")), core.submit(say, (workspace_id, "b")))

    core.writer.start()
    try:
        # All at once, so that they share a batch; the one that crashes has it run again one by one.
        made = await asyncio.gather(*(ask(word) for word in ("one", "two", "no", "crash")))
        await ask_twice()
    finally:
        await core.writer.close()
    assert [entry.written for entry in made] == [True, True, False, False]
    listed = await core.audit.list(workspace_id, action="said.*")
    assert sorted(one.action for one in listed.items) == ["said.one", "said.twice", "said.two"]
