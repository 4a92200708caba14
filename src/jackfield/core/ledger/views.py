"""What a ledger row leaves out, added when it is read.

A campaign's rows keep only the values of its placeholders, and single messages keep only the address: a million rows
stay small and a submission costs no look-up. Whoever reads them sees the text as it was sent, and whose chat it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..ground.views import view_of
from ..models import Campaign, Channel, Identity, Message
from ..port import Networks
from ..port.content import decode, encode, personalise
from .transition import held

Peer = tuple[int, str]
"""A channel and an address on it."""


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """A message, in or out. Times in Unix ms.

    `content` is stored JSON with the values of `variables` filled in; `contact_id` whose address it is. `campaign_id` is 0
    for a single message. `held` is the network's word for why it keeps back a message that it took (Meta's
    `held_for_quality_assessment`), until it goes on. `uncertain_at` stays set once the outcome of a send was unknown,
    however it was settled.
    """

    id: int
    workspace_id: int
    channel_id: int
    direction: str
    state: str
    campaign_id: int
    due_at: int
    peer: str
    contact_id: int | None
    sender: str | None
    kind: str
    content: str | None
    variables: dict[str, Any] | None
    category: str
    tag: str | None
    template: str | None
    source: str | None
    reply_to: str | None
    provider_id: str | None
    attempts: int
    error_code: str | None
    error: str | None
    extra: dict[str, Any] | None
    held: str | None
    created_at: int
    sent_at: int | None
    delivered_at: int | None
    read_at: int | None
    failed_at: int | None
    uncertain_at: int | None


async def message_views(session: AsyncSession, networks: Networks, rows: Sequence[Message]) -> list[MessageView]:
    """The views of messages, with their content and their contact."""
    bare = {row.campaign_id for row in rows if row.content is None and row.campaign_id}
    contents: dict[int, str | None] = {}
    if bare:
        query = select(Campaign.id, Campaign.content).where(Campaign.id.in_(bare))
        contents = {one.id: one.content for one in await session.execute(query)}
    owners = await contacts_of(
        session, networks, {(row.channel_id, row.peer) for row in rows if row.contact_id is None}
    )
    views = []
    for row in rows:
        content = row.content
        if content is None and (stored := contents.get(row.campaign_id)):
            content = encode(personalise(decode(stored), row.variables)) if row.variables else stored
        contact_id = row.contact_id if row.contact_id is not None else owners.get((row.channel_id, row.peer))
        views.append(view_of(MessageView, row, content=content, contact_id=contact_id, held=held(row.state, row.extra)))
    return views


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
