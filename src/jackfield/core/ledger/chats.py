"""What listeners are told of a chat, so that a list of chats can be kept without asking again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ...db.bulk import among
from ..ground.events import ChatUpdated
from ..ground.unit import Unit
from ..models import Chat, Contact


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
