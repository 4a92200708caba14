"""What listeners are told of a chat, so that a list of chats can be kept without asking again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import select

from ...db.bulk import among
from ..ground.events import ChatUpdated
from ..ground.unit import Unit
from ..models import Chat, Contact

KEYS_PER_STATEMENT: Final = 1000


class ChatPlace(msgspec.Struct, frozen=True):
    """What an event of a message says of its chat."""

    chat_id: int
    unread: int
    contact_name: str | None

    def facts(self) -> dict[str, Any]:
        """The fields of the event."""
        return {"chat_id": self.chat_id, "unread": self.unread, "contact_name": self.contact_name}


async def places_of(unit: Unit, keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], ChatPlace]:
    """The chats, each by its channel and address, as they stand now; one statement for a thousand."""
    wanted = list(dict.fromkeys(keys))
    found: dict[tuple[int, str], ChatPlace] = {}
    for start in range(0, len(wanted), KEYS_PER_STATEMENT):
        query = (
            select(Chat.channel_id, Chat.peer, Chat.id, Chat.unread, Contact.name)
            .outerjoin(Contact, Contact.id == Chat.contact_id)
            .where(among((Chat.channel_id, Chat.peer), wanted[start : start + KEYS_PER_STATEMENT]))
        )
        for channel_id, peer, id_, unread, name in await unit.conn.execute(query):
            found[channel_id, peer] = ChatPlace(id_, unread, name)
    return found


async def tell_chats(unit: Unit, keys: Sequence[tuple[int, str]]) -> None:
    """Say how these chats stand now, each by its channel and address; one statement for all."""
    if not keys:
        return
    query = (
        select(Chat, Contact.name)
        .outerjoin(Contact, Contact.id == Chat.contact_id)
        .where(among((Chat.channel_id, Chat.peer), list(dict.fromkeys(keys))))
        .order_by(Chat.id)
        .execution_options(populate_existing=True)
    )
    for row, contact_name in (await unit.session.execute(query)).all():
        unit.emit(
            row.workspace_id,
            ChatUpdated(
                id=row.id,
                peer=row.peer,
                chat_kind=row.kind,
                name=row.name,
                contact_id=row.contact_id,
                contact_name=contact_name,
                unread=row.unread,
                assignee_id=row.assignee_id,
                archived=row.archived,
                pinned=row.pinned,
                muted_until=row.muted_until,
                status=row.status,
                snoozed_until=row.snoozed_until,
                window_until=row.window_until,
                last_message_id=row.last_message_id,
                last_at=row.last_at,
            ),
            row.channel_id,
        )
