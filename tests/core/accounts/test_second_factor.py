"""The second factor of a login: codes of an app, recovery codes, and a workspace that requires them."""

from __future__ import annotations

import time

import pyotp
import pytest
from sqlalchemy import select

from jackfield.core import MemberView, Principal
from jackfield.core.accounts import codes
from jackfield.core.ground.errors import Conflict, Forbidden, Invalid, LimitReached, NotFound, Unauthenticated
from jackfield.core.models import SecondFactor

from .conftest import SmallCore, on_both

PASSWORD = "correct horse"


@pytest.fixture
async def ann(core: SmallCore) -> MemberView:
    workspace_id = await core.workspace()
    return await core.accounts.create_member(workspace_id, "ann@example.org", PASSWORD, role="owner")


async def caller(core: SmallCore, code: str | None = None, email: str = "ann@example.org") -> Principal:
    _, token = await core.accounts.login(email, PASSWORD, code=code, ip="10.0.0.1")
    return await core.accounts.authenticate_token(token)


async def enrolled(core: SmallCore, who: Principal) -> tuple[pyotp.TOTP, list[str]]:
    """A second factor that is on. The code of the step before now has been used; this one's and the next count."""
    made = await core.accounts.enrol_second_factor(who, PASSWORD)
    app = pyotp.TOTP(made.secret)
    return app, await core.accounts.confirm_second_factor(who, app.at(time.time() - 30))


async def refused(core: SmallCore, code: str | None, ip: str = "10.0.0.1") -> str:
    with pytest.raises(Unauthenticated) as caught:
        await core.accounts.login("ann@example.org", PASSWORD, code=code, ip=ip)
    return caught.value.code


@on_both
async def test_a_login_takes_a_code_and_each_code_once(core: SmallCore, ann: MemberView) -> None:
    who, other = await caller(core), await caller(core)
    assert not (await core.accounts.second_factor(who)).enabled
    made = await core.accounts.enrol_second_factor(who, PASSWORD)
    assert (made.secret in repr(made), made.url.startswith("otpauth://totp/Jackfield:ann%40example.org?")) == (
        False,
        True,
    )
    # It asks for nothing before it is confirmed.
    await caller(core)
    app = pyotp.TOTP(made.secret)
    with pytest.raises(Invalid):
        await core.accounts.confirm_second_factor(who, "not a code")
    await core.accounts.confirm_second_factor(who, app.at(time.time() - 30))
    state = await core.accounts.second_factor(who)
    assert (state.enabled, state.required, state.recovery_codes_left) == (True, False, 10)
    sessions = await core.accounts.sessions(ann.workspace_id, ann.id)
    assert ([one.id for one in sessions.items], other.session_id == who.session_id) == ([who.session_id], False)
    assert await refused(core, None) == "SECOND_FACTOR_REQUIRED"
    code = app.now()
    for wrong in ("000000" if code != "000000" else "111111", "x" * 50, "\ud800", "٣٣٣٣٣٣", app.at(time.time() - 30)):
        assert await refused(core, wrong) == "INVALID_SECOND_FACTOR"
    await caller(core, f"{code[:3]} {code[3:]}")
    assert await refused(core, code) == "INVALID_SECOND_FACTOR"
    entries = (await core.audit.list(ann.workspace_id, limit=200)).items
    assert {"second_factor.begun", "second_factor.enabled"} <= {one.action for one in entries}
    assert {"reason": "code"} in [one.data for one in entries if one.action == "login.failed"]
    assert all(made.secret not in str(one.data) and code not in str(one.data) for one in entries)


@on_both
async def test_recovery_codes_serve_once_and_are_kept_as_hashes(core: SmallCore, ann: MemberView) -> None:
    who = await caller(core)
    _, recovery = await enrolled(core, who)
    assert len(set(recovery)) == 10
    async with core.db.read() as session:
        row = (await session.scalars(select(SecondFactor))).one()
        raw = (await (await session.connection()).exec_driver_sql("SELECT secret FROM second_factors")).scalar_one()
    assert not set(recovery) & set(row.recovery)
    assert row.secret.encode() not in raw
    await caller(core, recovery[0].lower().replace("-", " "))
    assert await refused(core, recovery[0]) == "INVALID_SECOND_FACTOR"
    assert (await core.accounts.second_factor(who)).recovery_codes_left == 9
    renewed = await core.accounts.renew_recovery_codes(who, PASSWORD)
    assert await refused(core, recovery[1]) == "INVALID_SECOND_FACTOR"
    await caller(core, renewed[1])


async def test_codes_cannot_be_guessed_from_many_addresses_nor_their_person_locked_out(
    core: SmallCore, ann: MemberView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codes, "CODES", (5, 3600))
    app, recovery = await enrolled(core, await caller(core))
    wrong = next(
        code for code in ("000000", "111111", "222222", "333333") if code not in (app.now(), app.at(time.time() + 30))
    )
    for n in range(5):
        assert await refused(core, wrong, f"10.1.0.{n}") == "INVALID_SECOND_FACTOR"
    with pytest.raises(LimitReached):
        await core.accounts.login(ann.email, PASSWORD, code=wrong, ip="10.2.0.1")
    await caller(core, recovery[0])


async def test_switching_it_off_takes_the_password(core: SmallCore, ann: MemberView) -> None:
    who = await caller(core)
    for tried in (
        core.accounts.enrol_second_factor,
        core.accounts.disable_second_factor,
        core.accounts.renew_recovery_codes,
    ):
        with pytest.raises(Invalid) as caught:
            await tried(who, "wrong password")
        assert caught.value.details == {"password": ["This is not your current password."]}
    for nothing in (
        core.accounts.confirm_second_factor(who, "123456"),
        core.accounts.renew_recovery_codes(who, PASSWORD),
    ):
        with pytest.raises(NotFound):
            await nothing
    await enrolled(core, who)
    with pytest.raises(Conflict):
        await core.accounts.enrol_second_factor(who, PASSWORD)
    with pytest.raises(Conflict):
        await core.accounts.confirm_second_factor(who, "123456")
    await core.accounts.disable_second_factor(who, PASSWORD)
    await caller(core)
    key = await core.accounts.create_key(ann.workspace_id, "CI")
    by_key = await core.accounts.authenticate_key(key.secret)
    with pytest.raises(Forbidden):
        await core.accounts.enrol_second_factor(by_key, PASSWORD)


async def test_who_manages_a_member_takes_a_lost_factor_away(core: SmallCore, ann: MemberView) -> None:
    owner = await caller(core)
    bob = await core.accounts.create_member(ann.workspace_id, "bob@example.org", PASSWORD, role="admin")
    admin = await caller(core, email=bob.email)
    await enrolled(core, owner)
    await enrolled(core, admin)
    for by, whose in ((admin, ann.id), (owner, ann.id)):
        with pytest.raises(Forbidden):
            await core.accounts.remove_second_factor(ann.workspace_id, whose, by=by)
    await core.accounts.remove_second_factor(ann.workspace_id, bob.id, by=owner)
    await caller(core, email=bob.email)
    assert await refused(core, None) == "SECOND_FACTOR_REQUIRED"
    await core.accounts.remove_second_factor(ann.workspace_id, ann.id)
    await caller(core)


async def test_a_workspace_may_require_it(core: SmallCore, ann: MemberView) -> None:
    who = await caller(core)
    assert who.may("*")
    await core.accounts.update_workspace(ann.workspace_id, settings={"requireSecondFactor": True})
    who = await core.accounts.authenticate_token((await core.accounts.login(ann.email, PASSWORD))[1])
    assert not who.may("messages:read")
    with pytest.raises(Forbidden) as caught:
        who.require("messages:read")
    assert caught.value.code == "SECOND_FACTOR_REQUIRED"
    for denied in (
        core.accounts.create_key(ann.workspace_id, "CI", by=who),
        core.accounts.create_member(ann.workspace_id, "c@example.org", PASSWORD, by=who),
        core.accounts.create_tenant("Mine", by=who),
    ):
        with pytest.raises(Forbidden):
            await denied
    token = (await core.accounts.login(ann.email, PASSWORD))[1]
    who = await core.accounts.authenticate_token(token)
    assert (await core.accounts.second_factor(who)).required
    await enrolled(core, who)
    assert (await core.accounts.authenticate_token(token)).may("*")


@on_both
async def test_the_operator_removes_the_lost_second_factor_of_an_owner(core: SmallCore, ann: MemberView) -> None:
    _, token = await core.accounts.login(ann.email, PASSWORD, ip="10.0.0.1")
    await enrolled(core, await core.accounts.authenticate_token(token))
    assert await refused(core, None) == "SECOND_FACTOR_REQUIRED"
    with pytest.raises(NotFound):
        await core.accounts.remove_lost_second_factor("nobody@example.org")

    assert await core.accounts.remove_lost_second_factor(" Ann@Example.org ")
    with pytest.raises(Unauthenticated):
        await core.accounts.authenticate_token(token)
    again = await caller(core)
    assert not (await core.accounts.second_factor(again)).enabled
    assert not await core.accounts.remove_lost_second_factor("ann@example.org")
    entries = await core.audit.list(ann.workspace_id, action="second_factor.removed")
    assert [(one.actor, one.target, one.data) for one in entries.items] == [
        ("system", f"member:{ann.id}", {"via": "command line"})
    ]
