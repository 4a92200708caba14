"""Who may deal with whom: nobody makes, changes, impersonates or removes what may do more than they."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from jackfield.core import MemberView, Principal
from jackfield.core.accounts.principal import ROLES, SCOPES
from jackfield.core.ground.errors import Forbidden

from .conftest import SmallCore

PASSWORD = "correct horse"
CHANNEL = 7


class Team:
    """A workspace with one member of each role, and callers of every kind."""

    def __init__(self, workspace_id: int, members: dict[str, MemberView]) -> None:
        self.workspace_id = workspace_id
        self.members = members

    def person(self, role: str) -> Principal:
        member = self.members[role]
        return Principal(
            workspace_id=self.workspace_id, role=role, scopes=ROLES[role], name=member.email, member_id=member.id
        )

    def key(self, *scopes: str, channel_id: int | None = None) -> Principal:
        return Principal(
            workspace_id=self.workspace_id,
            role="key",
            scopes=frozenset(scopes),
            name="key",
            key_id=1,
            channel_id=channel_id,
        )

    def callers(self) -> dict[str, Principal]:
        return {
            "owner": self.person("owner"),
            "admin": self.person("admin"),
            "agent": self.person("agent"),
            "full key": self.key("*"),
            "team key": self.key("team:write", "team:read"),
            "every scope by name": self.key(*SCOPES),
            "bound key": self.key("*", channel_id=CHANNEL),
        }


@pytest.fixture
async def team(core: SmallCore) -> Team:
    workspace_id = await core.workspace()
    members = {
        role: await core.accounts.create_member(workspace_id, f"{role}@example.org", PASSWORD, role=role)
        for role in ROLES
    }
    return Team(workspace_id, members)


MAY = {
    "owner": {"owner", "admin", "agent"},
    "admin": {"admin", "agent"},
    "agent": {"agent"},
    "full key": {"admin", "agent"},
    "team key": set(),
    "every scope by name": set(),
    "bound key": set(),
}
"""Which roles each kind of caller may deal with, whatever the deed. That the caller has team:write at all is asked at
the door. A key with every scope by name has what an agent does as `noun:*` only where it is named so."""

Deed = Callable[[SmallCore, Team, str, Principal], Awaitable[Any]]


async def create(core: SmallCore, team: Team, role: str, by: Principal) -> None:
    await core.accounts.create_member(team.workspace_id, "new@example.org", PASSWORD, role=role, by=by)


async def invite(core: SmallCore, team: Team, role: str, by: Principal) -> None:
    await core.accounts.invite(team.workspace_id, "new@example.org", role=role, by=by)


async def withdraw(core: SmallCore, team: Team, role: str, by: Principal) -> None:
    made = await core.accounts.invite(team.workspace_id, "invited@example.org", role=role)
    await core.accounts.withdraw_invitation(team.workspace_id, made.invitation.id, by=by)


async def promote(core: SmallCore, team: Team, role: str, by: Principal) -> None:
    agent = await core.accounts.create_member(team.workspace_id, "agent2@example.org", PASSWORD)
    await core.accounts.update_member(team.workspace_id, agent.id, role=role, by=by)


async def rename(core: SmallCore, team: Team, role: str, by: Principal) -> None:
    await core.accounts.update_member(team.workspace_id, team.members[role].id, email="mine@example.org", by=by)


async def impersonate(core: SmallCore, team: Team, role: str, by: Principal) -> None:
    other = await core.accounts.create_member(team.workspace_id, "other@example.org", PASSWORD, role=role)
    await core.accounts.set_password(team.workspace_id, other.id, "another horse", by=by)


async def log_out(core: SmallCore, team: Team, role: str, by: Principal) -> None:
    other = await core.accounts.create_member(team.workspace_id, "other@example.org", PASSWORD, role=role)
    await core.accounts.end_sessions(team.workspace_id, other.id, by=by)


async def remove(core: SmallCore, team: Team, role: str, by: Principal) -> None:
    other = await core.accounts.create_member(team.workspace_id, "other@example.org", PASSWORD, role=role)
    await core.accounts.delete_member(team.workspace_id, other.id, by=by)


@pytest.mark.parametrize("caller", MAY)
@pytest.mark.parametrize("deed", [create, invite, withdraw, promote, rename, impersonate, log_out, remove])
async def test_nobody_deals_with_what_may_do_more(core: SmallCore, team: Team, deed: Deed, caller: str) -> None:
    by = team.callers()[caller]
    for role in sorted(set(ROLES) - MAY[caller]):
        before = [(row.email, row.role) for row in (await core.accounts.members(team.workspace_id)).items]
        try:
            await deed(core, team, role, by)
        except Forbidden:
            pass
        else:
            raise AssertionError(f"{caller} may {deed.__name__} {role}")
        after = [(row.email, row.role) for row in (await core.accounts.members(team.workspace_id)).items]
        made = {"agent2@example.org", "other@example.org"}
        assert [one for one in after if one[0] not in made] == before
        for row in (await core.accounts.members(team.workspace_id)).items:
            if row.email in made:
                await core.accounts.delete_member(team.workspace_id, row.id)
        for row in (await core.accounts.invitations(team.workspace_id)).items:
            await core.accounts.withdraw_invitation(team.workspace_id, row.id)


@pytest.mark.parametrize("caller", [name for name, roles in MAY.items() if roles])
@pytest.mark.parametrize("deed", [create, invite, withdraw, promote, impersonate, log_out, remove])
async def test_the_others_are_theirs_to_deal_with(core: SmallCore, team: Team, deed: Deed, caller: str) -> None:
    for role in sorted(MAY[caller])[:1]:
        await deed(core, team, role, team.callers()[caller])


async def test_a_key_that_an_admin_makes_makes_no_owner(core: SmallCore, team: Team) -> None:
    made = await core.accounts.create_key(team.workspace_id, "Mine", scopes=["*"], by=team.person("admin"))
    by = await core.accounts.authenticate_key(made.secret)
    with pytest.raises(Forbidden):
        await core.accounts.update_member(team.workspace_id, team.members["admin"].id, role="owner", by=by)
    with pytest.raises(Forbidden):
        await core.accounts.set_password(team.workspace_id, team.members["owner"].id, "another horse", by=by)


@pytest.mark.parametrize(
    "scope",
    ["contacts:read", "contacts:write", "team:read", "team:write", "audit:read", "tickets:read", "workspace:write"],
)
async def test_a_bound_key_reaches_nothing_of_the_whole_workspace(team: Team, scope: str) -> None:
    for scopes in (("*",), (scope,), (scope.partition(":")[0] + ":*",)):
        key = team.key(*scopes, channel_id=CHANNEL)
        assert not key.may(scope)
        with pytest.raises(Forbidden, match="bound to one profile"):
            key.require(scope)
        assert team.key(*scopes).may(scope)


async def test_a_bound_key_keeps_what_is_of_its_channel(team: Team) -> None:
    key = team.key("*", channel_id=CHANNEL)
    for scope in ("messages:write", "chats:read", "keys:write", "workspace:read", "webhooks:write", "media:read"):
        key.require(scope)


async def test_keys_go_with_the_member_who_made_them(core: SmallCore, team: Team) -> None:
    admin = team.person("admin")
    made = await core.accounts.create_key(team.workspace_id, "Mine", by=admin)
    other = await core.accounts.create_key(team.workspace_id, "Other", by=team.person("owner"))
    await core.accounts.authenticate_key(made.secret)
    await core.accounts.delete_member(team.workspace_id, team.members["admin"].id, by=team.person("owner"))
    assert core.accounts.cached_key(made.secret) is None
    assert [one.id for one in (await core.accounts.keys(team.workspace_id)).items] == [other.key.id]
    entry = (await core.audit.list(team.workspace_id, action="member.deleted")).items[0]
    assert entry.data["revoked_keys"] == [made.key.id]
