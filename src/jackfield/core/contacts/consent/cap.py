"""How much marketing a person may hear from a workspace: so many messages in so many days, of campaigns, sequences and single
sends together, and over all addresses of the person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Final

from sqlalchemy import func, select

from ...ground.marketing_cap import MarketingCap, cap_of
from ...models import Channel, Identity, Message, Workspace, ledger_address
from ..people.views import Reads
from .may_send import MARKETING

CODE: Final = "heard_enough"
"""Why a message was left out."""
DAY_MS: Final = 86_400_000
CHUNK: Final = 500
_HEARD: Final = ("sending", "uncertain", "sent", "delivered", "read")
_ON_ITS_WAY: Final = ("queued", "scheduled")


async def cap_of_channel(reads: Reads, channel_id: int) -> tuple[int, MarketingCap] | None:
    """A channel's workspace with its cap; None where it has none."""
    query = select(Workspace.id, Workspace.settings).join(Channel, Channel.workspace_id == Workspace.id)
    row = (await reads.execute(query.where(Channel.id == channel_id))).first()
    cap = None if row is None else cap_of(row.settings)
    return None if row is None or cap is None else (row.id, cap)


async def heard(
    reads: Reads,
    workspace_id: int,
    people: Collection[tuple[str, int | None]],
    since: int,
    *,
    on_its_way: bool = False,
) -> dict[int | str, list[int]]:
    """When each person got marketing after `since` (Unix ms), oldest first, by their contact, or by their address where it is
    not known. `people` are addresses as the ledger keeps them, and their contacts: all of a contact's addresses are asked
    for, on all channels. `on_its_way`: what waits in the queue counts too."""
    of: defaultdict[str, set[int | str]] = defaultdict(set)
    for peer, contact_id in people:
        of[peer].add(contact_id or peer)
    contacts = sorted({id_ for _, id_ in people if id_ is not None})
    for start in range(0, len(contacts), CHUNK):
        query = select(Identity.contact_id, ledger_address(Identity.kind, Identity.value).label("address")).where(
            Identity.workspace_id == workspace_id, Identity.contact_id.in_(contacts[start : start + CHUNK])
        )
        for row in await reads.execute(query):
            of[row.address].add(row.contact_id)
    channels = [row.id for row in await reads.execute(select(Channel.id).where(Channel.workspace_id == workspace_id))]
    found: dict[int | str, list[int]] = {contact_id or peer: [] for peer, contact_id in people}
    addresses = list(of)
    at = func.coalesce(Message.sent_at, Message.created_at).label("at")
    for start in range(0, len(addresses), CHUNK):
        asked = select(Message.peer, at).where(
            Message.channel_id.in_(channels),
            Message.peer.in_(addresses[start : start + CHUNK]),
            Message.direction == "out",
            Message.category == MARKETING,
            Message.state.in_(_HEARD + _ON_ITS_WAY if on_its_way else _HEARD),
            at > since,
        )
        for row in await reads.execute(asked):
            for person in of[row.peer]:
                found[person].append(row.at)
    return {person: sorted(times) for person, times in found.items()}
