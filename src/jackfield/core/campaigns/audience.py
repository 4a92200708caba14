"""To whom a campaign goes: contacts by a filter, and groups that were chosen by name.

Groups are the key `groups` of an audience: names, addresses or ids of groups of the channel, kept as addresses. An audience
of groups alone has no contacts. Channels (newsletters) are posted to by single messages: a campaign is for people, and what
reaches a whole public must not be a slip.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select

from ..contacts.find.filters import conditions, names
from ..contacts.people.views import Reads
from ..ground.errors import Invalid
from ..models import Group

GROUPS: Final = "groups"
MOST_GROUPS: Final = 1000


def contacts_of(audience: Mapping[str, Any]) -> dict[str, Any]:
    """The filter over contacts that is in an audience; nobody, when only groups were chosen."""
    found = {key: value for key, value in audience.items() if key != GROUPS and value is not None}
    return found if found or not audience.get(GROUPS) else {"ids": []}


async def checked(reads: Reads, workspace_id: int, channel_id: int, audience: Mapping[str, Any]) -> dict[str, Any]:
    """The audience with its groups by address. Raises Invalid for a wrong filter, and for groups that the channel does not
    have, that several have the name of, that it has left, or that are channels."""
    conditions(workspace_id, contacts_of(audience))
    if audience.get(GROUPS) is None:
        return dict(audience)
    wanted = names(GROUPS, audience[GROUPS], MOST_GROUPS)
    rows = list(
        await reads.execute(
            select(Group.id, Group.address, Group.name, Group.kind, Group.left).where(Group.channel_id == channel_id)
        )
    )
    return {**audience, GROUPS: list(dict.fromkeys(_address(one, rows) for one in wanted))}


def _address(wanted: str, rows: Sequence[Any]) -> str:
    exact = [row for row in rows if wanted in (row.address, str(row.id))]
    found = exact or [row for row in rows if row.name.casefold() == wanted.casefold() and not row.left]
    shown = repr(wanted[:80])
    if not found:
        raise _wrong(f"The channel has no group {shown}.")
    if len(found) > 1:
        raise _wrong(f"Several groups are called {shown}; choose one by its id.")
    if found[0].kind != "group":
        raise _wrong(f"{shown} is a channel; post there with a single message.")
    if found[0].left:
        raise _wrong(f"The channel has left the group {shown}.")
    return str(found[0].address)


def _wrong(why: str) -> Invalid:
    return Invalid(f"audience.groups: {why}", details={"audience.groups": [why]})


async def groups_of(reads: Reads, channel_id: int, audience: Mapping[str, Any]) -> dict[str, str]:
    """The groups of an audience that the channel is still in: address to name."""
    wanted = [str(one) for one in audience.get(GROUPS) or ()]
    if not wanted:
        return {}
    rows = await reads.execute(
        select(Group.address, Group.name).where(
            Group.channel_id == channel_id, Group.address.in_(wanted), Group.kind == "group", Group.left.is_(False)
        )
    )
    known = {row.address: row.name for row in rows}
    return {one: known[one] for one in wanted if one in known}
