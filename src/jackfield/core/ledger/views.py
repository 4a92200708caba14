"""What a ledger row leaves out, added when it is read.

A campaign's rows keep only the values of its placeholders, and single messages keep only the address: a million rows
stay small and a submission costs no look-up. Whoever reads them sees the text as it was sent, and whose chat it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..ground.store import Store
from ..models import Campaign, Channel, Identity, Message
from ..port import Networks
from ..port.content import decode, encode, personalise

Peer = tuple[int, str]
"""A channel and an address on it."""


async def complete(store: Store, networks: Networks, rows: Sequence[Message]) -> None:
    """Give messages that were read (and belong to no session any more) their content and their contact."""
    bare = [row for row in rows if row.content is None and row.campaign_id]
    unknown = {(row.channel_id, row.peer) for row in rows if row.contact_id is None}
    if not bare and not unknown:
        return
    async with store.db.read() as session:
        contents: dict[int, str | None] = {}
        if bare:
            query = select(Campaign.id, Campaign.content).where(Campaign.id.in_({row.campaign_id for row in bare}))
            contents = {one.id: one.content for one in await session.execute(query)}
        owners = await contacts_of(session, networks, unknown)
    for row in bare:
        stored = contents.get(row.campaign_id)
        if stored and row.variables:
            stored = encode(personalise(decode(stored), row.variables))
        row.content = stored
    for row in rows:
        if row.contact_id is None:
            row.contact_id = owners.get((row.channel_id, row.peer))


async def contacts_of(session: AsyncSession, networks: Networks, peers: Iterable[Peer]) -> dict[Peer, int]:
    """The contacts that these addresses belong to; groups, newsletters and strangers are left out."""
    wanted = set(peers)
    if not wanted:
        return {}
    query = select(Channel.id, Channel.workspace_id, Channel.engine).where(
        Channel.id.in_({channel_id for channel_id, _ in wanted})
    )
    channels: dict[int, Any] = {one.id: one for one in await session.execute(query)}
    keys: dict[Peer, tuple[int, str, str]] = {}
    values: dict[tuple[int, str], set[str]] = {}
    for channel_id, peer in wanted:
        channel = channels.get(channel_id)
        identity = networks.of(channel.engine).addressing.identity(peer) if channel is not None else None
        if channel is not None and identity is not None:
            kind, value = identity
            keys[channel_id, peer] = (channel.workspace_id, kind, value)
            values.setdefault((channel.workspace_id, kind), set()).add(value)
    owner: dict[tuple[int, str, str], int] = {}
    for (workspace_id, kind), known_values in values.items():
        known = select(Identity.value, Identity.contact_id).where(
            Identity.workspace_id == workspace_id, Identity.kind == kind, Identity.value.in_(known_values)
        )
        owner |= {(workspace_id, kind, one.value): one.contact_id for one in await session.execute(known)}
    return {place: owner[key] for place, key in keys.items() if key in owner}
