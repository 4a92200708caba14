"""What listeners are told of a chat, so that a list of chats can be kept without asking again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

import msgspec
from sqlalchemy import and_, bindparam, select

from ...db.bulk import among
from ..ground.acting import is_automatic
from ..ground.events import ChatUpdated
from ..ground.unit import Unit
from ..models import Chat, Contact

KEYS_PER_STATEMENT: Final = 1000


MANY_CHANNELS: Final = 8
"""Up to so many channels in a batch are asked for one after the other, by a statement that was made once: making it for
each batch, and fitting its cached result to the new statement, costs more than running it."""

_of_channel = and_(Chat.channel_id == bindparam("channel"), Chat.peer.in_(bindparam("peers", expanding=True)))
_place = select(Chat.channel_id, Chat.peer, Chat.id, Chat.unread, Contact.name).outerjoin(
    Contact, Contact.id == Chat.contact_id
)
# Columns and not the object: a row of the object costs ten times as much (60 us), and it is only read here.
_told = select(*Chat.__table__.columns, Contact.name.label("contact_name")).outerjoin(
    Contact, Contact.id == Chat.contact_id
)
_place_of_channel = _place.where(_of_channel)
_told_of_channel = _told.where(_of_channel)


_key = select(Chat.channel_id, Chat.peer, Chat.archived)
_key_of_channel = _key.where(_of_channel)


class ChatPlace(msgspec.Struct, frozen=True):
    """What an event of a message says of its chat."""

    chat_id: int
    unread: int
    contact_name: str | None

    def facts(self) -> dict[str, Any]:
        """The fields of the event."""
        return {"chat_id": self.chat_id, "unread": self.unread, "contact_name": self.contact_name}


async def places_of(unit: Unit, keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], ChatPlace]:
    """The chats, each by its channel and address, as they stand now."""
    found: dict[tuple[int, str], ChatPlace] = {}
    for channel_id, peer, id_, unread, name in await _rows(unit, keys, _place, _place_of_channel):
        found[channel_id, peer] = ChatPlace(id_, unread, name)
    return found


async def known_chats(unit: Unit, keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], bool]:
    """Which of these chats there are, each by its channel and address, and whether it is archived."""
    return {(row[0], row[1]): row[2] for row in await _rows(unit, keys, _key, _key_of_channel)}


async def _rows(unit: Unit, keys: Sequence[tuple[int, str]], query: Any, of_channel: Any) -> list[Any]:
    """The rows of a query for these chats; `of_channel` is the query for the chats of one channel."""
    wanted = list(dict.fromkeys(keys))
    peers: dict[int, list[str]] = {}
    for channel_id, peer in wanted:
        peers.setdefault(channel_id, []).append(peer)
    rows: list[Any] = []
    if len(peers) <= MANY_CHANNELS:
        for channel_id, all_of_channel in peers.items():
            for start in range(0, len(all_of_channel), KEYS_PER_STATEMENT):
                some = all_of_channel[start : start + KEYS_PER_STATEMENT]
                rows += await unit.conn.execute(of_channel, {"channel": channel_id, "peers": some})
        return rows
    for start in range(0, len(wanted), KEYS_PER_STATEMENT):
        some_keys = wanted[start : start + KEYS_PER_STATEMENT]
        rows += await unit.conn.execute(query.where(among((Chat.channel_id, Chat.peer), some_keys)))
    return rows


async def tell_chats(
    unit: Unit, keys: Sequence[tuple[int, str]], became: Mapping[tuple[int, str], list[str]] | None = None
) -> None:
    """Say how these chats stand now, each by its channel and address; `became` as in the event."""
    if not keys:
        return
    # What was changed in the session's objects is not in the tables yet.
    await unit.session.flush()
    for row in sorted(await _rows(unit, keys, _told, _told_of_channel), key=attrgetter("id")):
        unit.emit(
            row.workspace_id,
            ChatUpdated(
                id=row.id,
                peer=row.peer,
                chat_kind=row.kind,
                name=row.name,
                contact_id=row.contact_id,
                contact_name=row.contact_name,
                unread=row.unread,
                assignee_id=row.assignee_id,
                department_id=row.department_id,
                archived=row.archived,
                pinned=row.pinned,
                muted_until=row.muted_until,
                status=row.status,
                snoozed_until=row.snoozed_until,
                window_until=row.window_until,
                last_message_id=row.last_message_id,
                last_at=row.last_at,
                target_kind=row.target_kind,
                target_warn_at=row.target_warn_at,
                target_due_at=row.target_due_at,
                became=(became or {}).get((row.channel_id, row.peer), []),
                automatic=is_automatic(),
            ),
            row.channel_id,
        )
