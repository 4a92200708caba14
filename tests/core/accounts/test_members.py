from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import update

from jackfield.core import MemberView
from jackfield.core.accounts import Principal
from jackfield.core.accounts.principal import ROLES
from jackfield.core.ground.errors import Conflict, Forbidden, Invalid, LimitReached, NotFound, Unauthenticated
from jackfield.core.models import Invitation

from .conftest import SmallCore, on_both

PASSWORD = "correct horse"


async def owner(core: SmallCore, workspace_id: int, email: str = "owner@example.org") -> MemberView:
    return await core.accounts.create_member(workspace_id, email, PASSWORD, role="owner")


def as_principal(member: MemberView) -> Principal:
    return Principal(
        workspace_id=member.workspace_id,
        role=member.role,
        scopes=ROLES[member.role],
        name=member.email,
        member_id=member.id,
    )


async def test_create_list_change(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    boss = await owner(core, workspace_id)
    ann = await core.accounts.create_member(workspace_id, " Ann@Example.ORG ", PASSWORD, first_name="Ann")
    assert (ann.email, ann.role, ann.first_name) == ("ann@example.org", "agent", "Ann")
    assert (await core.password_hash(ann.id)).startswith("$argon2id$")

    listed = await core.accounts.members(workspace_id, total=True)
    assert [one.id for one in listed.items] == [boss.id, ann.id]
    assert listed.total == 2
    assert [one.id for one in (await core.accounts.members(workspace_id, search="aNN")).items] == [ann.id]
    assert [one.id for one in (await core.accounts.members(workspace_id, role="owner")).items] == [boss.id]
    assert (await core.accounts.members(workspace_id, search="%")).items == []

    changed = await core.accounts.update_member(
        workspace_id, ann.id, last_name="Lee", email="ANN.LEE@example.org", role="admin", settings={"theme": "dark"}
    )
    assert (changed.last_name, changed.email, changed.role) == ("Lee", "ann.lee@example.org", "admin")
    assert (await core.accounts.member(workspace_id, ann.id)).settings == {"theme": "dark"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no at"),
        ("email", "x" * 250 + "@example.org"),
        ("role", "king"),
        ("first_name", "a" * 101),
        ("first_name", 7),
        ("disabled", "yes"),
    ],
)
async def test_wrong_fields_are_named(core: SmallCore, field: str, value: object) -> None:
    workspace_id = await core.workspace()
    boss = await owner(core, workspace_id)
    with pytest.raises(Invalid) as caught:
        await core.accounts.update_member(workspace_id, boss.id, **{field: value})
    assert list(caught.value.details) == [field]


@on_both
async def test_an_address_is_one_members_only(core: SmallCore) -> None:
    ours, theirs = await core.workspace(), await core.workspace()
    await owner(core, ours)
    other = await owner(core, theirs, "other@example.org")
    with pytest.raises(Conflict) as caught:
        await core.accounts.create_member(theirs, "OWNER@example.org", PASSWORD)
    assert caught.value.code == "EMAIL_EXISTS"
    with pytest.raises(Conflict):
        await core.accounts.update_member(theirs, other.id, email="owner@example.org", password="another password")
    assert (await core.accounts.login("other@example.org", PASSWORD))[0].id == other.id, "all or nothing"
    await core.accounts.update_member(theirs, other.id, first_name="X", password="another password")
    assert (await core.accounts.login("other@example.org", "another password"))[0].first_name == "X"


async def test_the_last_owner_stays(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    boss = await owner(core, workspace_id)
    for attempt in (
        core.accounts.update_member(workspace_id, boss.id, role="admin"),
        core.accounts.update_member(workspace_id, boss.id, disabled=True),
        core.accounts.delete_member(workspace_id, boss.id),
    ):
        with pytest.raises(Conflict) as caught:
            await attempt
        assert caught.value.code == "LAST_OWNER"
    second = await owner(core, workspace_id, "second@example.org")
    await core.accounts.update_member(workspace_id, second.id, disabled=True)
    # A disabled owner is none.
    with pytest.raises(Conflict):
        await core.accounts.delete_member(workspace_id, boss.id)
    await core.accounts.update_member(workspace_id, second.id, disabled=False)
    await core.accounts.delete_member(workspace_id, boss.id)


@on_both
async def test_owners_who_remove_each_other_at_once_do_not_both_succeed(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    one, two = await owner(core, workspace_id, "1@x.org"), await owner(core, workspace_id, "2@x.org")
    outcomes = await asyncio.gather(
        core.accounts.update_member(workspace_id, one.id, role="agent"),
        core.accounts.update_member(workspace_id, two.id, role="agent"),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 1


async def test_only_owners_deal_with_owners(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    boss = await owner(core, workspace_id)
    admin = await core.accounts.create_member(workspace_id, "admin@example.org", PASSWORD, role="admin")
    by = as_principal(admin)
    for attempt in (
        core.accounts.create_member(workspace_id, "x@example.org", PASSWORD, role="owner", by=by),
        core.accounts.invite(workspace_id, "x@example.org", role="owner", by=by),
        core.accounts.update_member(workspace_id, admin.id, role="owner", by=by),
        core.accounts.update_member(workspace_id, boss.id, first_name="X", by=by),
        core.accounts.set_password(workspace_id, boss.id, "another password", by=by),
        core.accounts.delete_member(workspace_id, boss.id, by=by),
    ):
        with pytest.raises(Forbidden):
            await attempt
    await core.accounts.update_member(workspace_id, admin.id, role="owner", by=as_principal(boss))


async def test_another_workspaces_members_are_not_found(core: SmallCore) -> None:
    ours, theirs = await core.workspace(), await core.workspace()
    await owner(core, ours)
    foreign = await owner(core, theirs, "other@example.org")
    accounts = core.accounts
    for wrong in (foreign.id, 10**6, 10**30, 0, -5):
        for attempt in (
            accounts.member(ours, wrong),
            accounts.update_member(ours, wrong, first_name="X"),
            accounts.set_password(ours, wrong, "another password"),
            accounts.end_sessions(ours, wrong),
            accounts.delete_member(ours, wrong),
        ):
            with pytest.raises(NotFound):
                await attempt
    assert len((await accounts.members(ours)).items) == 1
    with pytest.raises(NotFound):
        await accounts.create_member(10**6, "new@example.org", PASSWORD)


async def test_a_new_password_ends_the_tokens_given_out(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    boss = await owner(core, workspace_id)
    _, token = await core.accounts.login(boss.email, PASSWORD)
    await core.accounts.authenticate_token(token)
    with pytest.raises(Invalid) as caught:
        await core.accounts.set_password(workspace_id, boss.id, "another password", current="wrong")
    assert list(caught.value.details) == ["current_password"]
    with pytest.raises(Invalid):
        await core.accounts.set_password(workspace_id, boss.id, "short")
    await core.accounts.set_password(workspace_id, boss.id, "another password", current=PASSWORD)
    with pytest.raises(Unauthenticated):
        await core.accounts.authenticate_token(token)
    with pytest.raises(Unauthenticated):
        await core.accounts.login(boss.email, PASSWORD)
    await core.accounts.login(boss.email, "another password")


async def test_the_present_password_cannot_be_guessed_for_ever(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    boss = await owner(core, workspace_id)
    for _ in range(10):
        with pytest.raises(Invalid):
            await core.accounts.set_password(workspace_id, boss.id, "another password", current="wrong")
    with pytest.raises(LimitReached):
        await core.accounts.set_password(workspace_id, boss.id, "another password", current=PASSWORD)


async def test_invitations(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    boss = await owner(core, workspace_id)
    with pytest.raises(Conflict):
        await core.accounts.invite(workspace_id, boss.email)
    stale = await core.accounts.invite(workspace_id, "Ann@example.org", by=as_principal(boss))
    fresh = await core.accounts.invite(workspace_id, "ann@example.org", role="admin", by=as_principal(boss))
    assert fresh.token not in repr(fresh)
    assert [one.id for one in (await core.accounts.invitations(workspace_id)).items] == [fresh.invitation.id]
    async with core.db.read() as session:
        stored = (await session.get_one(Invitation, fresh.invitation.id)).token_hash
    for wrong in (stale.token, "", "nonsense\x00", stored):
        with pytest.raises(NotFound):
            await core.accounts.accept_invitation(wrong, PASSWORD)
    ann = await core.accounts.accept_invitation(fresh.token, PASSWORD, first_name="Ann", ip="10.0.0.1")
    assert (ann.workspace_id, ann.email, ann.role) == (workspace_id, "ann@example.org", "admin")
    await core.accounts.login("ann@example.org", PASSWORD)
    with pytest.raises(NotFound):
        await core.accounts.accept_invitation(fresh.token, PASSWORD)
    assert (await core.accounts.invitations(workspace_id)).items == []


@on_both
async def test_an_invitation_serves_one_of_two_at_once(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    made = await core.accounts.invite(workspace_id, "ann@example.org")
    outcomes = await asyncio.gather(
        *(core.accounts.accept_invitation(made.token, PASSWORD) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(one, MemberView) for one in outcomes) == 1
    assert sum(isinstance(one, NotFound | Conflict) for one in outcomes) == 2


async def test_expired_and_withdrawn_invitations_are_void(core: SmallCore) -> None:
    ours, theirs = await core.workspace(), await core.workspace()
    late = await core.accounts.invite(ours, "late@example.org")
    async with core.unit() as unit:
        await unit.conn.execute(update(Invitation).values(expires_at=unit.now))
    gone = await core.accounts.invite(ours, "gone@example.org")
    for wrong in (10**6, 10**30):
        with pytest.raises(NotFound):
            await core.accounts.withdraw_invitation(ours, wrong)
    with pytest.raises(NotFound):
        await core.accounts.withdraw_invitation(theirs, gone.invitation.id)
    assert (await core.accounts.invitations(theirs)).items == []
    await core.accounts.withdraw_invitation(ours, gone.invitation.id)
    for one in (late, gone):
        with pytest.raises(NotFound):
            await core.accounts.accept_invitation(one.token, PASSWORD)
    await core.accounts.prune()
    assert (await core.accounts.invitations(ours)).items == []
