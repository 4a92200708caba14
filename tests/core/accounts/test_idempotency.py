from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select, update

from jackfield.core import fingerprint
from jackfield.core.accounts import Answer, Repeated
from jackfield.core.accounts.idempotency import KEPT_MS
from jackfield.core.ground.errors import Conflict, Invalid, NotFound
from jackfield.core.models import Contact, IdempotencyKey

from .conftest import SmallCore, on_both


async def rows(core: SmallCore, model: type[Contact] | type[IdempotencyKey]) -> int:
    async with core.db.read() as session:
        return (await session.scalar(select(func.count()).select_from(model))) or 0


@on_both
async def test_the_first_answer_comes_back(core: SmallCore) -> None:
    ours, theirs = await core.workspace(), await core.workspace()
    assert await core.accounts.recall(ours, "k", "f") is None
    async with core.unit() as unit:
        await core.accounts.remember(unit, ours, "k", "f", '{"id":1}', 201)
    assert await core.accounts.recall(ours, "k", "f") == Answer('{"id":1}', 201)
    async with core.unit() as unit:
        assert await core.accounts.recall(ours, "k", "f", unit=unit) == Answer('{"id":1}', 201)
    with pytest.raises(Conflict) as caught:
        await core.accounts.recall(ours, "k", "other")
    assert caught.value.code == "IDEMPOTENCY_KEY_REUSED"
    assert await core.accounts.recall(theirs, "k", "other") is None


@pytest.mark.parametrize("key", ["", "   ", "x" * 256, "a\x00b"])
async def test_keys_that_will_not_do(core: SmallCore, key: str) -> None:
    workspace_id = await core.workspace()
    with pytest.raises(Invalid):
        await core.accounts.recall(workspace_id, key, "f")


@on_both
async def test_two_equal_commands_have_one_effect(core: SmallCore) -> None:
    """Both find nothing, both do the work; the second rolls back and gets the first one's answer."""
    workspace_id = await core.workspace()
    together = asyncio.Barrier(2)

    async def command(name: str) -> str:
        assert await core.accounts.recall(workspace_id, "k", "f") is None
        await together.wait()
        try:
            async with core.unit() as unit:
                unit.session.add(Contact(workspace_id=workspace_id, name=name, created_at=1, updated_at=1))
                await unit.session.flush()
                await core.accounts.remember(unit, workspace_id, "k", "f", name)
        except Repeated as repeated:
            return repeated.answer.response
        return name

    answers = await asyncio.gather(command("one"), command("two"))
    assert len(set(answers)) == 1
    assert await rows(core, Contact) == 1


@on_both
async def test_a_command_that_fails_leaves_the_key_free(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    with pytest.raises(NotFound):  # noqa: PT012
        async with core.unit() as unit:
            await core.accounts.remember(unit, workspace_id, "k", "f", "{}")
            raise NotFound("no")
    assert await core.accounts.recall(workspace_id, "k", "f") is None


@on_both
async def test_once_runs_once_for_many_at_a_time(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    runs = 0

    async def action() -> tuple[str, int]:
        nonlocal runs
        runs += 1
        await core.contact(workspace_id)
        return f'{{"run":{runs}}}', 201

    answers = await asyncio.gather(*(core.accounts.once(workspace_id, "k", "f", action) for _ in range(20)))
    assert runs == 1
    assert {(one.response, one.status) for one in answers} == {('{"run":1}', 201)}
    assert [one.repeated for one in answers].count(False) == 1
    later = await core.accounts.once(workspace_id, "k", "f", action)
    assert (later, runs) == (Answer('{"run":1}', 201), 1)
    with pytest.raises(Conflict) as caught:
        await core.accounts.once(workspace_id, "k", "other", action)
    assert caught.value.code == "IDEMPOTENCY_KEY_REUSED"


@on_both
async def test_once_runs_once_across_processes(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    other = SmallCore(core.db)
    started, go_on = asyncio.Event(), asyncio.Event()

    async def action() -> tuple[str, int]:
        started.set()
        await go_on.wait()
        return "{}", 200

    async def never() -> tuple[str, int]:
        raise AssertionError("ran twice")

    first = asyncio.create_task(core.accounts.once(workspace_id, "k", "f", action))
    await started.wait()
    with pytest.raises(Conflict) as caught:
        await other.accounts.once(workspace_id, "k", "f", never)
    assert caught.value.code == "IDEMPOTENCY_IN_PROGRESS"
    with pytest.raises(Conflict) as caught:
        await core.accounts.once(workspace_id, "k", "different", never)
    assert caught.value.code == "IDEMPOTENCY_KEY_REUSED"
    go_on.set()
    await first
    assert (await other.accounts.once(workspace_id, "k", "f", never)).response == "{}"


@on_both
async def test_a_failure_is_not_remembered(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    outcomes: list[Exception | None] = [NotFound("gone"), None]

    async def action() -> tuple[str, int]:
        outcome = outcomes.pop(0)
        if outcome is not None:
            raise outcome
        return "{}", 200

    answers = await asyncio.gather(
        core.accounts.once(workspace_id, "k", "f", action),
        core.accounts.once(workspace_id, "k", "f", action),
        return_exceptions=True,
    )
    # The one who waited took its turn when the first had failed.
    assert isinstance(answers[0], NotFound)
    assert answers[1] == Answer("{}", 200, repeated=False)


@on_both
async def test_who_hangs_up_leaves_an_answer_behind(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    started, go_on = asyncio.Event(), asyncio.Event()
    runs = 0

    async def action() -> tuple[str, int]:
        nonlocal runs
        runs += 1
        started.set()
        await go_on.wait()
        return "{}", 200

    first = asyncio.create_task(core.accounts.once(workspace_id, "k", "f", action))
    await started.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    second = asyncio.create_task(core.accounts.once(workspace_id, "k", "f", action))
    go_on.set()
    assert (await second).response == "{}"
    assert runs == 1


@on_both
async def test_keys_are_forgotten_after_a_day(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    async with core.unit() as unit:
        await core.accounts.remember(unit, workspace_id, "old", "f", "{}")
        await core.accounts.remember(unit, workspace_id, "older", "f", "{}")
        await unit.conn.execute(update(IdempotencyKey).values(created_at=unit.now - KEPT_MS))
    assert await core.accounts.recall(workspace_id, "old", "other") is None
    async with core.unit() as unit:
        await core.accounts.remember(unit, workspace_id, "old", "other", "[]")
    assert await core.accounts.recall(workspace_id, "old", "other") == Answer("[]", 200)
    assert await rows(core, IdempotencyKey) == 2
    await core.accounts.prune()
    assert await rows(core, IdempotencyKey) == 1


def test_fingerprints_tell_requests_apart() -> None:
    assert fingerprint("POST", "/a", b"{}") == fingerprint("POST", "/a", "{}")
    assert fingerprint("POST", "/a", b"{}") != fingerprint("POST", "/a{", b"}")
