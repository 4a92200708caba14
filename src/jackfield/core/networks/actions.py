"""What is done to a message after it was sent: edited, deleted for everyone, read; and "typing...".

These ask the network directly, through the channel's live session; what changed is noted in the ledger and told.
"""

from __future__ import annotations

from sqlalchemy import select, update

from ..channels.service import Channels
from ..channels.views import AnyChannel
from ..ground.errors import Conflict, NotFound
from ..ground.events import MessageDeleted, MessageEdited
from ..ground.store import Store
from ..ground.unit import Unit
from ..ledger import states
from ..ledger.archive import anywhere, recall
from ..ledger.chats import places_of, tell_chats
from ..ledger.service import Messages
from ..ledger.transition import Move, load, transition
from ..ledger.views import MessageView
from ..ledger.waiting import WAITING
from ..models import ArchivedMessage, Chat, Message
from ..port import CanDelete, CanEdit, CanMarkRead, CanType
from ..port.content import Content, encode, kind_of
from ..search.index import reindex


def missing(message_id: object) -> NotFound:
    """The error for a message that this workspace does not have."""
    return NotFound(f"There is no message {str(message_id)[:60]}.", code="MESSAGE_NOT_FOUND")


class Actions:
    """The service. Messages are given by our id; another workspace's is not told apart from none."""

    def __init__(self, store: Store, channels: Channels, messages: Messages) -> None:
        self._store = store
        self._channels = channels
        self._messages = messages

    async def target(self, workspace_id: int, message_id: int) -> MessageView:
        """A message that the network knows. Raises NotFound, Conflict (MESSAGE_NOT_SENT)."""
        row = await self._messages.get(workspace_id, message_id)
        if row.provider_id is None or row.state in (*WAITING, states.SENDING):
            raise Conflict(f"The message is {row.state}; the network does not know it yet.", code="MESSAGE_NOT_SENT")
        return row

    async def provider_id(self, workspace_id: int, channel_id: int, given: str) -> str:
        """The provider's id of a message of a channel, given that id or ours. Raises NotFound."""
        if not (given.isascii() and given.isdigit() and len(given) <= 18):
            return given
        async with self._store.db.read() as session:
            row = await anywhere(session, lambda model: select(model).where(model.id == int(given)))
            if row is not None and (row.workspace_id, row.channel_id) == (workspace_id, channel_id) and row.provider_id:
                return str(row.provider_id)
            known = await anywhere(
                session,
                lambda model: select(model.id).where(model.channel_id == channel_id, model.provider_id == given),
            )
        if known is None:
            raise missing(given)
        return given

    async def edit(self, workspace_id: int, message_id: int, content: Content) -> MessageView:
        """Replace a message's content: on the network, or in the ledger while it waits there.

        Raises NotFound, Conflict (not ours, not sent, not connected), Unsupported, SendError.
        """
        row = await self._messages.get(workspace_id, message_id)
        if row.direction != "out":
            raise Conflict("Only messages of your own can be edited.", code="NOT_EDITABLE")
        if row.state in WAITING and row.campaign_id == 0:
            async with self._store.unit() as unit:
                changed = await unit.conn.execute(
                    update(Message)
                    .where(Message.id == row.id, Message.state.in_(WAITING))
                    .values(content=encode(content), kind=kind_of(content))
                )
                if changed.rowcount:
                    await reindex(unit, row.id)
                    await self._emit(unit, row, edited=True)
            if changed.rowcount:
                return await self._messages.get(workspace_id, message_id)
        row = await self.target(workspace_id, message_id)
        channel = await self._channels.get(workspace_id, row.channel_id)
        session = self._channels.session(channel, CanEdit)  # type: ignore[type-abstract]
        await session.edit(row.peer, row.provider_id or "", content)
        async with self._store.unit() as unit:
            await recall(unit, ArchivedMessage.id == row.id)
            stored = await unit.session.get_one(Message, row.id)
            stored.content = encode(content)
            stored.extra = {**(stored.extra or {}), "edited_at": unit.now}
            await unit.session.flush()
            await reindex(unit, row.id)
            await self._emit(unit, row, edited=True)
        return await self._messages.get(workspace_id, message_id)

    async def delete(self, workspace_id: int, message_id: int) -> MessageView:
        """Delete a message of ours for everyone; one that still waits is cancelled. Raises as `edit`."""
        row = await self._messages.get(workspace_id, message_id)
        if row.direction != "out":
            raise Conflict("Only messages of your own can be deleted for everyone.", code="NOT_DELETABLE")
        if row.state in WAITING:
            return await self._messages.cancel(workspace_id, message_id)
        if "deleted_at" in (row.extra or {}):
            return row
        row = await self.target(workspace_id, message_id)
        channel = await self._channels.get(workspace_id, row.channel_id)
        session = self._channels.session(channel, CanDelete)  # type: ignore[type-abstract]
        await session.delete(row.peer, row.provider_id or "")
        async with self._store.unit() as unit:
            await recall(unit, ArchivedMessage.id == row.id)
            stored = await unit.session.get_one(Message, row.id)
            stored.extra = {**(stored.extra or {}), "deleted_at": unit.now}
            await self._emit(unit, row, edited=False)
        return await self._messages.get(workspace_id, message_id)

    async def typing(self, channel: AnyChannel, peer: str, on: bool = True) -> None:
        """Show "typing..." to a peer, or stop showing it. Raises Unsupported, Conflict, SendError."""
        session = self._channels.session(channel, CanType)  # type: ignore[type-abstract]
        async with self._store.db.read() as reading:
            last = await reading.scalar(
                select(Message.provider_id)
                .join(Chat, Chat.last_in_id == Message.id)
                .where(Chat.channel_id == channel.id, Chat.peer == peer)
            )
        await session.typing(peer, on, last)

    async def read(self, workspace_id: int, message_id: int) -> MessageView:
        """Tell the peer that an incoming message was read. Raises NotFound, Conflict, Unsupported, SendError."""
        row = await self._messages.get(workspace_id, message_id)
        if row.direction != "in" or row.provider_id is None:
            raise Conflict("Only messages that came in can be marked as read.", code="NOT_INCOMING")
        channel = await self._channels.get(workspace_id, row.channel_id)
        session = self._channels.session(channel, CanMarkRead)  # type: ignore[type-abstract]
        await session.mark_read(row.peer, [row.provider_id], row.sender)
        async with self._store.unit() as unit:
            await recall(unit, ArchivedMessage.id == row.id)
            (loaded,) = await load(unit, Message.id == row.id)
            (news,) = await transition(unit, [(loaded, Move(to=states.READ, at=unit.now))])
            if news:
                unread = Chat.unread - 1
                await unit.conn.execute(
                    update(Chat)
                    .where(Chat.channel_id == row.channel_id, Chat.peer == row.peer, Chat.unread > 0)
                    .values(unread=unread)
                )
                await tell_chats(unit, [(row.channel_id, row.peer)])
        return await self._messages.get(workspace_id, message_id)

    @staticmethod
    async def _emit(unit: Unit, row: MessageView, *, edited: bool) -> None:
        event = MessageEdited if edited else MessageDeleted
        place = (await places_of(unit, [(row.channel_id, row.peer)])).get((row.channel_id, row.peer))
        unit.emit(
            row.workspace_id,
            event(
                id=row.id,
                peer=row.peer,
                kind=row.kind,
                timestamp=unit.now,
                provider_id=row.provider_id,
                direction=row.direction,
                state=row.state,
                contact_id=row.contact_id,
                **({} if place is None else place.facts()),
            ),
            row.channel_id,
        )
