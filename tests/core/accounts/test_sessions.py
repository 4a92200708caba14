"""Sessions: opened by a login, listed, ended one by one or all, and gone with a password or a member."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select, update

from jackfield.core import MemberView, Principal
from jackfield.core.accounts.passwords import Passwords
from jackfield.core.ground.errors import Forbidden, Invalid, NotFound, Unauthenticated
from jackfield.core.models import Session

from .conftest import SmallCore, on_both

PASSWORD = "correct horse"


@pytest.fixture
async def ann(core: SmallCore) -> MemberView:
    return await core.accounts.create_member(await core.workspace(), "ann@example.org", PASSWORD, role="owner")


async def login(core: SmallCore, member: MemberView, password: str = PASSWORD) -> tuple[str, Principal]:
    _, token = await core.accounts.login(member.email, password, ip="10.0.0.1", user_agent="Firefox\x00 \u200b140" * 50)
    return token, await core.accounts.authenticate_token(token)


async def ended(core: SmallCore, token: str) -> bool:
    try:
        await core.accounts.authenticate_token(token)
    except Unauthenticated as error:
        return error.code == "INVALID_TOKEN"
    return False


@on_both
async def test_sessions_are_listed_and_end_one_by_one(core: SmallCore, ann: MemberView) -> None:
    (first, one), (second, two) = await login(core, ann), await login(core, ann)
    listed = (await core.accounts.sessions(ann.workspace_id, ann.id)).items
    assert [row.id for row in listed] == [two.session_id, one.session_id]
    assert listed[0].ip == "10.0.0.1"
    assert listed[0].user_agent is not None
    assert listed[0].user_agent.startswith("Firefox 140")
    assert len(listed[0].user_agent) == 200
    assert one.session_id is not None
    await core.accounts.end_session(ann.workspace_id, ann.id, one.session_id, by=two)
    assert await ended(core, first)
    assert not await ended(core, second)
    with pytest.raises(NotFound):
        await core.accounts.end_session(ann.workspace_id, ann.id, one.session_id, by=two)
    entry = (await core.audit.list(ann.workspace_id, action="session.ended")).items[0]
    assert (entry.actor, entry.data) == (two.actor, {"session": one.session_id})


@on_both
async def test_all_sessions_end_but_the_one_that_is_kept(core: SmallCore, ann: MemberView) -> None:
    tokens = [await login(core, ann) for _ in range(3)]
    kept, caller = tokens[1]
    assert await core.accounts.end_sessions(ann.workspace_id, ann.id, but=caller.session_id, by=caller) == 2
    assert [await ended(core, token) for token, _ in tokens] == [True, False, True]
    await core.accounts.logout(caller)
    assert await ended(core, kept)
    await core.accounts.logout(caller)


async def test_somebody_elses_session_is_not_found(core: SmallCore, ann: MemberView) -> None:
    bob = await core.accounts.create_member(ann.workspace_id, "bob@example.org", PASSWORD)
    other = await core.accounts.create_member(await core.workspace("Other"), "eve@example.org", PASSWORD)
    token, caller = await login(core, ann)
    assert caller.session_id is not None
    for member in (bob, other):
        with pytest.raises(NotFound):
            await core.accounts.end_session(member.workspace_id, member.id, caller.session_id)
        with pytest.raises(NotFound):
            await core.accounts.end_session(member.workspace_id, ann.id, caller.session_id + 10**6)
    with pytest.raises(NotFound):
        await core.accounts.sessions(other.workspace_id, ann.id)
    assert not await ended(core, token)


async def test_a_new_password_ends_the_others(core: SmallCore, ann: MemberView) -> None:
    (first, caller), (second, _) = await login(core, ann), await login(core, ann)
    for wrong in ("not the password", ""):
        with pytest.raises(Invalid) as caught:
            await core.accounts.change_own_password(caller, wrong, "another horse")
        assert set(caught.value.details) == {"current_password"}
    await core.accounts.change_own_password(caller, PASSWORD, "another horse")
    assert (await ended(core, first), await ended(core, second)) == (False, True)
    with pytest.raises(Unauthenticated):
        await login(core, ann)
    third, _ = await login(core, ann, "another horse")
    await core.accounts.set_password(ann.workspace_id, ann.id, PASSWORD)
    assert [await ended(core, token) for token in (first, third)] == [True, True]


async def test_the_own_password_takes_the_present_one(core: SmallCore, ann: MemberView) -> None:
    _, caller = await login(core, ann)
    with pytest.raises(Invalid):
        await core.accounts.set_password(ann.workspace_id, ann.id, "another horse", by=caller)
    key = Principal(workspace_id=ann.workspace_id, role="key", scopes=frozenset({"*"}), name="k", key_id=1)
    with pytest.raises(Forbidden):
        await core.accounts.change_own_password(key, PASSWORD, "another horse")
    await login(core, ann)


async def test_sessions_go_with_their_member_and_with_time(core: SmallCore, ann: MemberView) -> None:
    bob = await core.accounts.create_member(ann.workspace_id, "bob@example.org", PASSWORD)
    await login(core, bob)
    token, caller = await login(core, ann)
    await core.accounts.delete_member(ann.workspace_id, bob.id)
    async with core.unit() as unit:
        await unit.conn.execute(update(Session).where(Session.id == caller.session_id).values(expires_at=1))
    assert (await core.accounts.sessions(ann.workspace_id, ann.id)).items == []
    await core.accounts.prune()
    async with core.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Session)) == 0
    core.bus.publish("members")
    assert await ended(core, token)


async def test_a_password_that_changes_while_it_is_verified_opens_nothing(core: SmallCore, ann: MemberView) -> None:
    verified, go_on = asyncio.Event(), asyncio.Event()
    verify = core.accounts.passwords.verify

    async def slowly(stored: str | None, password: str) -> bool:
        right = await verify(stored, password)
        verified.set()
        await go_on.wait()
        return right

    core.accounts.passwords.verify = slowly  # type: ignore[method-assign]
    late = asyncio.create_task(core.accounts.login(ann.email, PASSWORD))
    await verified.wait()
    await core.accounts.set_password(ann.workspace_id, ann.id, "another horse")
    go_on.set()
    with pytest.raises(Unauthenticated):
        await late
    assert (await core.accounts.sessions(ann.workspace_id, ann.id)).items == []
    assert isinstance(core.accounts.passwords, Passwords)
