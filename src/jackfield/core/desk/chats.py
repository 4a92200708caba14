"""Chats as the inbox shows them: listed, read, changed. What comes in is in `networks`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Select, and_, func, select, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from ...db.base import now_ms
from ..channels.service import Channels
from ..ground.errors import Invalid, JackfieldError, NotFound, SendError
from ..ground.paging import Page, check_limit, decode_cursor, encode_cursor
from ..ground.store import Store
from ..ground.unit import Unit
from ..ground.views import view_of
from ..ledger import states
from ..ledger.archive import Question, anywhere, page_of_all, recall
from ..ledger.chats import tell_chats
from ..ledger.submit import insert_ignoring
from ..ledger.transition import Move, load, transition
from ..ledger.views import MessageView, contacts_of, message_views
from ..models import (
    AnyMessage,
    ArchivedMessage,
    Channel,
    Chat,
    Contact,
    Department,
    Identity,
    Member,
    Message,
    ledger_address,
)
from ..port import CanMarkRead
from .selection import WALKED, ChatCounts, ChatFilter, Searched, count_chats, searched, selected

EVERY_CHAT: Final = ChatFilter()
"""All that are not archived."""


class ConversationView(msgspec.Struct, kw_only=True, frozen=True):
    """The chat itself: one peer on one channel. Times in Unix ms, 0 for never."""

    id: int
    workspace_id: int
    channel_id: int
    peer: str
    kind: str
    name: str | None
    contact_id: int | None
    unread: int
    assignee_id: int | None
    department_id: int | None
    window_until: int
    last_message_id: int | None
    last_in_id: int | None
    last_at: int
    cleared_before: int
    archived: bool
    pinned: bool
    muted_until: int
    status: str
    snoozed_until: int
    target_kind: str | None
    target_warn_at: int
    target_due_at: int
    created_at: int


class ChatContactView(msgspec.Struct, kw_only=True, frozen=True):
    """Whose chat it is, in short; `phone` is E.164 digits."""

    id: int
    name: str
    phone: str | None


class ChatView(msgspec.Struct, kw_only=True):
    """A chat with what a list of chats shows."""

    chat: ConversationView
    contact: ChatContactView | None
    last: MessageView | None


class ChatChanges(msgspec.Struct, kw_only=True, frozen=True):
    """What to change of a chat; what is left out stays. Times in Unix ms, 0 ends them; `assignee_id` None: nobody's;
    `department_id` None: no team's. `read` true: nothing unread here any more, without a receipt to the other side."""

    archived: bool | None = None
    pinned: bool | None = None
    muted_until: int | None = None
    assignee_id: int | msgspec.UnsetType | None = msgspec.UNSET
    department_id: int | msgspec.UnsetType | None = msgspec.UNSET
    status: str | None = None
    snoozed_until: int | None = None
    read: bool = False


async def _near(session: AsyncSession, find: Question, message_id: int, limit: int, *, older: bool) -> Page[Message]:
    """The messages right after one; with `older` that one itself in the middle, and the cursor after the last."""
    limit = check_limit(limit)
    if await anywhere(session, lambda model: find(model).where(model.id == message_id)) is None:
        raise NotFound(f"There is no message {message_id} in this chat.", code="MESSAGE_NOT_FOUND")
    count = limit // 2 if older else limit
    rows: list[Message] = []
    if count:
        place = encode_cursor(message_id)
        later = await page_of_all(session, find, limit=count, cursor=place, newest_first=False)
        rows = [*later.items][::-1]
    if not older:
        return Page(items=rows)
    before = await page_of_all(session, find, limit=limit - len(rows), cursor=encode_cursor(message_id + 1))
    return Page(items=[*rows, *before.items], cursor=before.cursor)


def _apply(row: Chat, changes: ChatChanges, now: int) -> list[str]:
    """Change a chat; gives what it is now and was not before (`ChatUpdated.became`)."""
    was, assignee, department = _status(row, now), row.assignee_id, row.department_id
    for name in ("archived", "pinned", "muted_until", "status", "snoozed_until"):
        value = getattr(changes, name)
        if value is not None:
            setattr(row, name, value)
    if changes.assignee_id is not msgspec.UNSET:
        row.assignee_id = changes.assignee_id
    if changes.department_id is not msgspec.UNSET:
        row.department_id = changes.department_id
    if changes.read:
        row.unread = 0
    status = _status(row, now)
    became = [] if status == was else [status]
    if row.assignee_id is not None and row.assignee_id != assignee:
        became.append("assigned")
    if row.department_id != department:
        became.append("team")
    return became


def _status(row: Chat, now: int) -> str:
    """opened, snoozed or done."""
    if row.status != "open":
        return "done"
    return "snoozed" if row.snoozed_until > now else "opened"


class _Place:
    """Which page of a list of chats it is. Raises Invalid for a cursor that is none."""

    def __init__(self, *, pinned_first: bool, limit: int, cursor: str | None, page: int | None) -> None:
        self._pinned_first = pinned_first
        self._limit = limit
        self._skip = 0 if page is None else (page - 1) * limit
        self._after = decode_cursor(cursor, tuple[bool, int, int]) if cursor else None

    def all(self, query: Select[Chat]) -> Select[Chat]:
        """The page and one more of all."""
        return self._ordered(query, Chat).offset(self._skip).limit(self._limit + 1)

    def first(self, query: Select[Chat], near: Callable[[Any], ColumnElement[bool]]) -> Select[Chat]:
        """The same of the first `WALKED`, which are asked one by one."""
        walked = aliased(Chat, self._ordered(query, Chat).limit(WALKED).subquery())
        asked = self._ordered(select(walked).where(near(walked)), walked, after=False)
        return asked.offset(self._skip).limit(self._limit + 1)

    def _ordered(self, query: Select[Chat], chat: Any, *, after: bool = True) -> Select[Chat]:
        if self._after is not None and after:
            pinned, at, id_ = self._after
            place = tuple_(chat.last_at, chat.id) < (at, id_)
            if self._pinned_first:
                # Pinned ones come before all others, so none is left after one that is not.
                place = (
                    and_(chat.pinned.is_(True), place) | chat.pinned.is_(False)
                    if pinned
                    else and_(chat.pinned.is_(False), place)
                )
            query = query.where(place)
        if self._pinned_first:
            query = query.order_by(chat.pinned.desc())
        return query.order_by(chat.last_at.desc(), chat.id.desc())


class Chats:
    """The part of the inbox that people see."""

    def __init__(self, store: Store, channels: Channels) -> None:
        self._store = store
        self._channels = channels

    async def chats(
        self,
        workspace_id: int,
        chosen: ChatFilter = EVERY_CHAT,
        *,
        pinned_first: bool = False,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[ChatView]:
        """Chats, the most recent first, by cursor or by page number; `total` counts all that match."""
        limit = check_limit(limit)
        query = select(Chat).where(*selected(workspace_id, chosen, now_ms()))
        place = _Place(pinned_first=pinned_first, limit=limit, cursor=cursor if page is None else None, page=page)
        async with self._store.db.read() as session:
            rows: list[Chat] = []
            named = Searched(true())
            if chosen.search:
                named = await searched(session, workspace_id, chosen.search, chosen.channel_id)
                if named.near is not None:
                    rows = [*await session.scalars(place.first(query, named.near))]
                query = query.where(named.condition)
            if len(rows) <= limit:
                rows = [*await session.scalars(place.all(query))]
            more = len(rows) > limit
            rows = rows[:limit]
            views = await self._views(session, rows)
            counted = await session.scalar(select(func.count()).select_from(query.subquery())) if total else None
        last = rows[-1] if more else None
        cursor = encode_cursor(last.pinned, last.last_at, last.id) if last is not None else None
        return Page(items=views, cursor=cursor, total=counted)

    async def counts(
        self, workspace_id: int, *, member_id: int | None = None, channel_id: int | None = None
    ) -> dict[int, ChatCounts]:
        """How many chats there are of each kind, by channel; `mine` counts those of `member_id`."""
        return await count_chats(self._store, workspace_id, now_ms(), member_id=member_id, channel_id=channel_id)

    async def department_counts(self, workspace_id: int, *, channel_id: int | None = None) -> dict[int, ChatCounts]:
        """How many chats there are of each kind, by the team that has them; chats without one are not counted."""
        return await count_chats(self._store, workspace_id, now_ms(), channel_id=channel_id, by_department=True)

    async def chat(self, workspace_id: int, chat_id: int) -> ChatView:
        """One chat. Raises NotFound."""
        async with self._store.db.read() as session:
            row = await session.get(Chat, chat_id)
            if row is None or row.workspace_id != workspace_id:
                raise NotFound(f"There is no chat {chat_id}.", code="CHAT_NOT_FOUND")
            views = await self._views(session, [row])
        return views[0]

    async def chat_by_peer(self, workspace_id: int, channel_id: int, peer: str) -> ChatView | None:
        """The chat with a peer, if there is one yet."""
        async with self._store.db.read() as session:
            row = (
                await session.execute(
                    select(Chat).where(
                        Chat.workspace_id == workspace_id, Chat.channel_id == channel_id, Chat.peer == peer
                    )
                )
            ).scalar_one_or_none()
            views = await self._views(session, [row] if row is not None else [])
        return views[0] if views else None

    async def of_contact(self, workspace_id: int, contact_id: int, *, channel_id: int | None = None) -> Sequence[Chat]:
        """A contact's conversations, one for each channel (or on this one only), the latest first. A chat begun from here
        is found by the address, as `chats` shows it."""
        mine = [Chat.workspace_id == workspace_id]
        if channel_id is not None:
            mine.append(Chat.channel_id == channel_id)
        address = ledger_address(Identity.kind, Identity.value)
        async with self._store.db.read() as session:
            rows = [*await session.scalars(select(Chat).where(*mine, Chat.contact_id == contact_id))]
            addresses = [*await session.scalars(select(address).where(Identity.contact_id == contact_id))]
            channels = select(Channel.id).where(Channel.workspace_id == workspace_id)
            begun = [
                *await session.scalars(
                    select(Chat).where(
                        *mine, Chat.contact_id.is_(None), Chat.channel_id.in_(channels), Chat.peer.in_(addresses)
                    )
                )
            ]
            owners = await contacts_of(session, self._channels.networks, [(one.channel_id, one.peer) for one in begun])
        rows += [one for one in begun if owners.get((one.channel_id, one.peer)) == contact_id]
        return sorted(rows, key=lambda row: (row.last_at, row.id), reverse=True)

    async def begin(self, workspace_id: int, channel_id: int, peer: str, *, contact_id: int | None = None) -> int:
        """The id of the chat with a person, which is made where there is none yet: it can be assigned before anybody has
        written."""
        async with self._store.unit() as unit:
            made = {
                "workspace_id": workspace_id,
                "channel_id": channel_id,
                "peer": peer,
                "contact_id": contact_id,
                "last_at": unit.now,
                "created_at": unit.now,
            }
            await insert_ignoring(unit, Chat, [made])
            found = select(Chat.id).where(Chat.channel_id == channel_id, Chat.peer == peer)
            chat_id = (await unit.conn.execute(found)).scalar_one()
            await tell_chats(unit, [(channel_id, peer)])
        return int(chat_id)

    async def _views(self, session: AsyncSession, chats: Sequence[Chat]) -> list[ChatView]:
        """Chats with their contacts and last messages. A chat begun from here finds its contact by the address."""
        owners = await contacts_of(
            session, self._channels.networks, [(one.channel_id, one.peer) for one in chats if one.contact_id is None]
        )
        ids = {one.id: one.contact_id or owners.get((one.channel_id, one.peer)) for one in chats}
        message_ids = [chat.last_message_id for chat in chats if chat.last_message_id is not None]
        wanted = {id_ for id_ in ids.values() if id_ is not None}
        people = await session.execute(select(Contact.id, Contact.name, Contact.phone).where(Contact.id.in_(wanted)))
        contacts = {row.id: view_of(ChatContactView, row) for row in people}
        last = (await session.scalars(select(Message).where(Message.id.in_(message_ids)))).all()
        messages = {view.id: view for view in await message_views(session, self._channels.networks, last)}
        views = []
        for chat in chats:
            contact = contacts.get(ids[chat.id] or 0)
            views.append(
                ChatView(
                    chat=view_of(ConversationView, chat, contact_id=chat.contact_id if contact is None else contact.id),
                    contact=contact,
                    last=messages.get(chat.last_message_id) if chat.last_message_id else None,
                )
            )
        return views

    async def history(
        self,
        workspace_id: int,
        channel_id: int,
        peer: str,
        *,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
        around: int | None = None,
        newer_than: int | None = None,
        kinds: Collection[str] = (),
    ) -> Page[MessageView]:
        """Messages with a peer, the newest first and on into the archive; what was cleared or removed is left out.

        `around` a message: it, with about as many before as after it; the cursor leads to older ones. `newer_than` a
        message: those that came next after it. `kinds`: of these kinds of content alone. Raises NotFound for a message
        that is not in the chat.
        """
        view = await self.chat_by_peer(workspace_id, channel_id, peer)
        cleared_before = 0 if view is None else view.chat.cleared_before

        def find(model: AnyMessage) -> Any:
            query = select(model).where(
                model.workspace_id == workspace_id, model.channel_id == channel_id, model.peer == peer
            )
            if cleared_before:
                query = query.where(model.id > cleared_before)
            return query.where(model.kind.in_(kinds)) if kinds else query

        async with self._store.db.read() as session:
            found: Page[Message]
            if around is not None or newer_than is not None:
                found = await _near(session, find, around or newer_than or 0, limit, older=around is not None)
            else:
                found = await page_of_all(session, find, limit=limit, cursor=cursor, page=page, total=total)
            visible = [row for row in found.items if not (row.extra or {}).get("hidden")]
            return Page(
                items=await message_views(session, self._channels.networks, visible),
                cursor=found.cursor,
                total=found.total,
            )

    async def update_chat(self, workspace_id: int, chat_id: int, changes: ChatChanges) -> ChatView:
        """Change a chat. Raises NotFound, Invalid."""
        await self.update_chats(workspace_id, [chat_id], changes)
        return await self.chat(workspace_id, chat_id)

    async def update_chats(
        self, workspace_id: int, chat_ids: Sequence[int], changes: ChatChanges, *, channel_id: int | None = None
    ) -> int:
        """The same change for several chats, in one transaction; gives how many there were. With `channel_id` only
        chats of that channel are found. Raises NotFound, which names the first that is not there, and Invalid."""
        wanted = list(dict.fromkeys(chat_ids))
        async with self._store.unit() as unit:
            query = select(Chat).where(Chat.workspace_id == workspace_id, Chat.id.in_(wanted))
            if channel_id is not None:
                query = query.where(Chat.channel_id == channel_id)
            rows = {row.id: row for row in await unit.session.scalars(query.order_by(Chat.id))}
            for chat_id in wanted:
                if chat_id not in rows:
                    raise NotFound(f"There is no chat {chat_id}.", code="CHAT_NOT_FOUND")
            await self._check_owner(unit, workspace_id, changes)
            became = {(row.channel_id, row.peer): _apply(row, changes, unit.now) for row in rows.values()}
            await unit.session.flush()
            await tell_chats(unit, [*became], became)
        return len(rows)

    @staticmethod
    async def _check_owner(unit: Unit, workspace_id: int, changes: ChatChanges) -> None:
        if isinstance(changes.assignee_id, int):
            member = await unit.session.get(Member, changes.assignee_id)
            if member is None or member.workspace_id != workspace_id:
                raise Invalid("assignee: no such member", details={"assigneeId": ["There is no such member."]})
        if isinstance(changes.department_id, int):
            department = await unit.session.get(Department, changes.department_id)
            if department is None or department.workspace_id != workspace_id:
                said = {"departmentId": ["There is no such department."]}
                raise Invalid("departmentId: there is no such department", details=said)

    async def mark_read(self, workspace_id: int, chat_id: int) -> ChatView:
        """Nothing unread here any more; the peer gets read receipts where the engine sends them."""
        view = await self.chat(workspace_id, chat_id)
        chat = view.chat
        async with self._store.db.read() as session:
            unread = list(
                (
                    await session.execute(
                        select(Message)
                        .where(
                            Message.channel_id == chat.channel_id,
                            Message.peer == chat.peer,
                            Message.direction == "in",
                        )
                        .order_by(Message.id.desc())
                        .limit(min(max(chat.unread, 0), 200))
                    )
                ).scalars()
            )
        session_ = self._channels.live.get(chat.channel_id)
        ids = [row.provider_id for row in unread if row.provider_id]
        if ids and (session_ is None or isinstance(session_, CanMarkRead)):
            try:
                if session_ is not None:
                    await session_.mark_read(chat.peer, ids, unread[0].sender)
                elif self._channels.is_elsewhere(channel := await self._channels.get(workspace_id, chat.channel_id)):
                    await self._channels.tell_owner(channel, CanMarkRead, "mark_read", chat.peer, ids, unread[0].sender)
            except (SendError, JackfieldError):
                # The receipt is a courtesy; what the people here have read stays read.
                ids = []
        async with self._store.unit() as unit:
            await unit.conn.execute(update(Chat).where(Chat.id == chat_id).values(unread=0))
            if unread:
                loaded = await load(unit, Message.id.in_([row.id for row in unread]))
                move = Move(to=states.READ, at=unit.now)
                await transition(unit, [(row, move) for row in loaded])
            await tell_chats(unit, [(chat.channel_id, chat.peer)])
        return await self.chat(workspace_id, chat_id)

    async def clear(self, workspace_id: int, chat_id: int) -> None:
        """Hide all messages up to now from the chat; the ledger keeps them."""
        view = await self.chat(workspace_id, chat_id)
        async with self._store.unit() as unit:
            last = (
                await unit.conn.execute(
                    select(Message.id)
                    .where(Message.channel_id == view.chat.channel_id, Message.peer == view.chat.peer)
                    .order_by(Message.id.desc())
                    .limit(1)
                )
            ).scalar()
            # The last one may be archived by now.
            until = max(last or 0, view.chat.cleared_before)
            await unit.conn.execute(
                update(Chat).where(Chat.id == chat_id).values(cleared_before=until, unread=0, last_message_id=None)
            )
            await tell_chats(unit, [(view.chat.channel_id, view.chat.peer)])

    async def hide(self, workspace_id: int, message_id: int) -> None:
        """Take one message out of the inbox; the ledger keeps it. Raises NotFound."""
        async with self._store.unit() as unit:
            await recall(unit, ArchivedMessage.id == message_id, ArchivedMessage.workspace_id == workspace_id)
            row = await unit.session.get(Message, message_id)
            if row is None or row.workspace_id != workspace_id:
                raise NotFound(f"There is no message {message_id}.", code="MESSAGE_NOT_FOUND")
            row.extra = {**(row.extra or {}), "hidden": True}
