from __future__ import annotations

import asyncio

import pytest

from jackfield.core.ground.errors import Invalid, NotFound, Unauthenticated
from jackfield.db.secrets import use_key

from .conftest import SmallCore, on_both


async def test_an_empty_database_gets_its_first_workspace_once(core: SmallCore) -> None:
    first = await core.accounts.bootstrap("Acme", "Boss@Example.org", "a long password", "given-key")
    assert first is not None
    assert first.made_up == frozenset()
    assert first.email == "boss@example.org"
    assert "a long password" not in repr(first)
    assert "given-key" not in repr(first)

    member, token = await core.accounts.login("boss@example.org", "a long password")
    assert member.role == "owner"
    assert (await core.accounts.authenticate(token)).workspace_id == first.workspace_id
    principal = await core.accounts.authenticate("given-key")
    assert principal.key_id == first.key_id
    assert principal.may("messages:write")

    assert await core.accounts.bootstrap("Other", "other@example.org") is None
    assert await core.accounts.bootstrap() is None


async def test_what_is_not_given_is_made_up_and_works(core: SmallCore) -> None:
    first = await core.accounts.bootstrap()
    assert first is not None
    assert first.made_up == {"email", "password", "api_key"}
    assert first.api_key.startswith("jf_")
    await core.accounts.login(first.email, first.password)
    await core.accounts.authenticate_key(first.api_key)


@on_both
async def test_servers_that_start_at_once_make_one_workspace(core: SmallCore) -> None:
    made = await asyncio.gather(*(core.accounts.bootstrap() for _ in range(5)))
    assert sum(one is not None for one in made) == 1
    assert len((await core.accounts.workspaces()).items) == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "a b@c"}, "email"),
        ({"email": "a@b@c"}, "email"),
        ({"email": "a\x00@c"}, "email"),
        ({"password": "short"}, "password"),
        ({"api_key": "seven77"}, "api_key"),
        ({"api_key": "with blanks in it"}, "api_key"),
        ({"name": "x" * 201}, "name"),
    ],
)
async def test_bad_first_credentials_are_refused(core: SmallCore, given: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        await core.accounts.bootstrap(**given)
    assert list(caught.value.details) == [field]
    assert await core.accounts.is_empty()


async def test_a_workspace_is_changed_field_by_field(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    changed = await core.accounts.update_workspace(
        workspace_id, name=" Beta ", timezone="Asia/Kolkata", default_country="in", settings={"a": 1, "b": 2}
    )
    assert (changed.name, changed.timezone, changed.default_country) == ("Beta", "Asia/Kolkata", "IN")
    changed = await core.accounts.update_workspace(workspace_id, default_country=None, settings={"a": None, "c": [3]})
    assert changed.default_country is None
    assert (await core.accounts.workspace(workspace_id)).settings == {"b": 2, "c": [3]}
    entry = (await core.audit.list(workspace_id, action="workspace.updated")).items[0]
    assert entry.data == {
        "fields": ["default_country", "settings"],
        "changes": {"default_country": ["IN", None], "settings.a": [1, None], "settings.c": [None, [3]]},
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", 5),
        ("name", "a\x00b"),
        ("name", "\ud800"),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("timezone", "Europe"),
        ("default_country", "XX"),
        ("default_country", "Germany"),
        ("settings", [1]),
        ("settings", {1: 2}),
        ("settings", {"a": "x" * 70_000}),
        ("settings", {"a": object()}),
    ],
)
async def test_wrong_fields_are_named(core: SmallCore, field: str, value: object) -> None:
    workspace_id = await core.workspace()
    with pytest.raises(Invalid) as caught:
        await core.accounts.update_workspace(workspace_id, **{field: value})
    assert list(caught.value.details) == [field]


async def test_the_default_channel_must_be_the_workspaces_own(core: SmallCore) -> None:
    ours, theirs = await core.workspace(), await core.workspace()
    mine, foreign = await core.channel(ours), await core.channel(theirs)
    assert (await core.accounts.set_default_channel(ours, mine)).default_channel_id == mine
    for wrong in (foreign, 10**6, 10**30, -1):
        with pytest.raises(NotFound):
            await core.accounts.set_default_channel(ours, wrong)
    assert (await core.accounts.set_default_channel(ours, None)).default_channel_id is None


async def test_unknown_workspaces_are_not_found(core: SmallCore) -> None:
    for wrong in (99, 0, -1, 10**30):
        with pytest.raises(NotFound):
            await core.accounts.workspace(wrong)
        with pytest.raises(NotFound):
            await core.accounts.update_workspace(wrong, name="x")


async def test_workspaces_are_paged(core: SmallCore) -> None:
    ids = [await core.workspace(f"W{n}") for n in range(5)]
    first = await core.accounts.workspaces(limit=2)
    assert [one.id for one in first.items] == ids[:2]
    second = await core.accounts.workspaces(limit=10, cursor=first.cursor)
    assert [one.id for one in second.items] == ids[2:]
    assert second.cursor is None


async def test_keys_do_not_open_another_instance(core: SmallCore) -> None:
    """A sealed secret or a token of one instance means nothing to one with another secret key."""
    first = await core.accounts.bootstrap()
    assert first is not None
    member, token = await core.accounts.login(first.email, first.password)
    use_key("another secret")
    with pytest.raises(Unauthenticated):
        await core.accounts.authenticate_token(token)
    with pytest.raises(ValueError, match="JACKFIELD_SECRET_KEY"):
        await core.accounts.reveal(first.workspace_id, first.key_id)
    assert member.id == first.member_id
