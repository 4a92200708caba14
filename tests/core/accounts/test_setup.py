from __future__ import annotations

import asyncio

import pytest

from jackfield.core.ground.errors import Conflict, Forbidden, Invalid, LimitReached
from jackfield.db.secrets import use_key

from .conftest import SmallCore, on_both

PASSWORD = "a long password"


async def fresh(core: SmallCore) -> None:
    made = await core.accounts.bootstrap("Jackfield", api_key="given-key", owner=False)
    assert made is not None
    assert (made.member_id, made.email, made.password, made.made_up) == (None, "", "", frozenset())


async def become(core: SmallCore, email: str = "boss@example.org", **fields: str) -> str:
    """Whether `email` became the owner: "owner", or the refusal's code."""
    try:
        await core.accounts.set_up(
            core.accounts.setup_code(), email=email, password=PASSWORD, workspace_name="Shop", **fields
        )
    except Conflict as error:
        return error.code
    return "owner"


async def test_the_first_owner_is_made_with_the_code_of_the_server(core: SmallCore) -> None:
    assert not await core.accounts.needs_setup()
    await fresh(core)
    assert await core.accounts.needs_setup()
    code = core.accounts.setup_code()
    for wrong in ("", "aaaa-bbbb-cccc-dddd", code[:-1]):
        with pytest.raises(Forbidden) as refused:
            await core.accounts.set_up(wrong, email="boss@example.org", password=PASSWORD)
        assert refused.value.code == "INVALID_SETUP_CODE"
    with pytest.raises(Invalid):
        await core.accounts.set_up(code, email="boss@example.org", password="short")
    with pytest.raises(Invalid):
        await core.accounts.set_up(code, email="boss@example.org", password=PASSWORD, timezone="Mars/Base")
    assert await core.accounts.needs_setup()
    member = await core.accounts.set_up(
        f" {code.upper()} ",
        email="Boss@example.org",
        password=PASSWORD,
        workspace_name="Shop",
        timezone="Asia/Jakarta",
        default_country="id",
    )
    assert (member.email, member.role) == ("boss@example.org", "owner")
    workspace = await core.accounts.workspace(1)
    assert (workspace.name, workspace.timezone, workspace.default_country) == ("Shop", "Asia/Jakarta", "ID")
    _, token = await core.accounts.login("boss@example.org", PASSWORD)
    assert (await core.accounts.authenticate_token(token)).is_operator
    # The first key is the owner's from now on: it may what they may, and stops with them.
    assert (await core.accounts.authenticate_key("given-key")).is_operator
    assert not await core.accounts.needs_setup()
    assert await become(core, "second@example.org") == "SETUP_DONE"


async def test_a_server_that_has_an_owner_is_never_set_up_again(core: SmallCore) -> None:
    await core.accounts.bootstrap("Acme", "owner@example.org", PASSWORD)
    assert not await core.accounts.needs_setup()
    assert await become(core) == "SETUP_DONE"
    with pytest.raises(Conflict):
        await core.accounts.set_up("wrong", email="boss@example.org", password=PASSWORD)


@on_both
async def test_of_many_at_once_one_becomes_the_owner(core: SmallCore) -> None:
    await fresh(core)
    results = await asyncio.gather(*(become(core, f"boss{n}@example.org") for n in range(5)))
    assert sorted(results) == ["SETUP_DONE"] * 4 + ["owner"]
    assert len((await core.accounts.members(1)).items) == 1


async def test_codes_cannot_be_tried_for_long(core: SmallCore) -> None:
    await fresh(core)
    for _ in range(10):
        with pytest.raises(Forbidden):
            await core.accounts.set_up("wrong", email="boss@example.org", password=PASSWORD, ip="10.0.0.1")
    with pytest.raises(LimitReached):
        await core.accounts.set_up("wrong", email="boss@example.org", password=PASSWORD, ip="10.0.0.1")


async def test_another_installation_has_another_code(core: SmallCore) -> None:
    ours = core.accounts.setup_code()
    use_key("another secret")
    assert core.accounts.setup_code() != ours
