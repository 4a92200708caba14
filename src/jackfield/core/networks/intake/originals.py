"""Messages that others refer to: replies, reactions, edits and revokes name a message by its id, in one of its forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import and_, or_, select

from ....db.bulk import among
from ...ground.unit import Unit
from ...ledger.archive import of_all
from ...models import Chat, Message
from ...port import Network

NEAR: Final = 500
"""How many of a chat's latest messages are compared by what their ids have in common."""


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """A message id as something refers to it, on a channel and, where it is known, in a chat."""

    channel_id: int
    network: Network
    provider_id: str
    chat: str | None = None


async def stored_ids(unit: Unit, wanted: Sequence[Reference]) -> dict[tuple[int, str], str]:
    """The ids under which the messages referred to are kept, by channel and the id that was given.

    An id that is kept as it is given, or of which no other form is found, is not in the answer.
    """
    keyed = {
        (one.channel_id, one.provider_id): one
        for one in wanted
        if one.network.message_key(one.provider_id) != one.provider_id
    }
    if not keyed:
        return {}
    exact = {
        (row[0], row[1])
        for row in await unit.conn.execute(
            of_all(
                lambda model: select(model.channel_id, model.provider_id).where(
                    among((model.channel_id, model.provider_id), list(keyed))
                )
            )
        )
    }
    found: dict[tuple[int, str], str] = {}
    for key, one in keyed.items():
        if key in exact or one.chat is None:
            continue
        token = one.network.message_key(one.provider_id)
        near = (
            select(Message.provider_id)
            .where(
                Message.channel_id == one.channel_id,
                Message.peer.in_(await _peers(unit, one)),
                Message.provider_id.is_not(None),
            )
            .order_by(Message.id.desc())
            .limit(NEAR)
        )
        for kept in (await unit.conn.execute(near)).scalars():
            if one.network.message_key(str(kept)) == token:
                found[key] = str(kept)
                break
    return found


async def _peers(unit: Unit, one: Reference) -> set[str]:
    """Addresses of the person's chats on the channel: the one given, its spellings, and those of the same contact."""
    assert one.chat is not None
    spelled = one.network.addressing.spellings(one.chat)
    owner: Any = select(Chat.contact_id).where(
        Chat.channel_id == one.channel_id, Chat.peer.in_(spelled), Chat.contact_id.is_not(None)
    )
    chats = select(Chat.peer).where(
        or_(
            and_(Chat.channel_id == one.channel_id, Chat.contact_id.in_(owner)),
            and_(Chat.channel_id == one.channel_id, Chat.peer.in_(spelled)),
        )
    )
    return {*spelled, *(await unit.conn.execute(chats)).scalars()}
