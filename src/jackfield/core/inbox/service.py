"""`Inbox`: reports of the networks in, chats out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import delete, literal_column, select, tuple_, update

from ..contacts.resolve import Person, resolve
from ..content import Content, MediaContent, decode, encode
from ..engine import (
    AccountNotice,
    CanMarkRead,
    Disconnected,
    GroupChanged,
    GroupInfo,
    Incoming,
    IncomingCall,
    LoginChanged,
    MarketingPreference,
    MessageDeleted,
    MessageEdited,
    PeerKnown,
    Report,
    Status,
    TemplateChanged,
    UnknownReport,
)
from ..errors import Invalid, JackfieldError, NotFound, SendError
from ..events import AccountNotice as AccountNoticeEvent
from ..events import CallReceived, ProviderReport, SessionConnected, SessionDisconnected, SessionQr
from ..events import GroupChanged as GroupChangedEvent
from ..events import MessageDeleted as DeletedEvent
from ..events import MessageEdited as EditedEvent
from ..events import TemplateChanged as TemplateChangedEvent
from ..login import Done, ShowCode, ShowQr
from ..messages.record import StatusItem, status_batch
from ..messages.submit import insert_ignoring
from ..models import Call, Channel, Chat, Contact, Group, GroupMember, Media, Member, Message, Suppression, Template
from ..page import Page, check_limit, decode_cursor, encode_cursor
from ..unit import Unit
from .incoming import IncomingItem, incoming_batch
from .optout import BY_PLATFORM, opt_out

if TYPE_CHECKING:
    from ..core import Core


class ChatView(msgspec.Struct, kw_only=True):
    """A chat with what a list of chats shows."""

    chat: Chat
    contact: Contact | None
    last: Message | None


class Inbox:
    """The service."""

    def __init__(self, core: Core) -> None:
        self._core = core

    # -- from the networks ---------------------------------------------------------------------------

    async def ingest(self, channel_id: int, workspace_id: int, engine: str, reports: Sequence[Report]) -> None:
        """Make a network's reports durable and true, in their order. A redelivery changes nothing.

        Messages and statuses, which come in masses, go through the group commit; the rest has a transaction of
        its own.
        """
        futures: list[Any] = []
        writer = self._core.writer
        for report in reports:
            if isinstance(report, Status):
                futures.append(writer.submit(status_batch, StatusItem(channel_id=channel_id, status=report)))
            elif isinstance(report, Incoming):
                item = IncomingItem(workspace_id=workspace_id, channel_id=channel_id, engine=engine, message=report)
                futures.append(writer.submit(incoming_batch, item))
            else:
                for future in futures:
                    await future
                futures.clear()
                await self._other(channel_id, workspace_id, engine, report)
        for future in futures:
            await future

    async def receive(self, channel: Channel, reports: Sequence[Report]) -> None:
        """As `ingest`, and fetch what media came in, for reports that reach us by callback."""
        await self.ingest(channel.id, channel.workspace_id, channel.engine, reports)
        self._core.bus.publish(f"reports:{channel.id}", reports)

    async def _other(self, channel_id: int, workspace_id: int, engine: str, report: Report) -> None:
        async with self._core.unit() as unit:
            if isinstance(report, LoginChanged):
                await self._login(unit, channel_id, workspace_id, report)
            elif isinstance(report, Disconnected):
                status = "disconnected"
                if report.permanent:
                    status = "banned" if "banned" in report.reason.casefold() else "logged_out"
                values: dict[str, Any] = {"status": status, "status_reason": report.reason, "login": None}
                if report.permanent:
                    values["wanted"] = "down"
                await unit.conn.execute(update(Channel).where(Channel.id == channel_id).values(**values))
                unit.emit(
                    workspace_id, SessionDisconnected(reason=report.reason, permanent=report.permanent), channel_id
                )
                unit.notify(f"channel:{channel_id}", "changed")
            elif isinstance(report, IncomingCall):
                await self._call(unit, channel_id, workspace_id, engine, report)
            elif isinstance(report, MessageEdited | MessageDeleted):
                await self._changed(unit, channel_id, workspace_id, report)
            elif isinstance(report, GroupChanged):
                await store_group(unit, workspace_id, channel_id, report.group)
                unit.emit(
                    workspace_id,
                    GroupChangedEvent(address=report.group.address, name=report.group.name, left=report.group.left),
                    channel_id,
                )
            elif isinstance(report, PeerKnown):
                person = Person(
                    workspace_id=workspace_id,
                    identities=report.identities,
                    name=report.name,
                    source="sync",
                    channel_id=channel_id,
                )
                await resolve(unit, [person])
            elif isinstance(report, TemplateChanged):
                await self._template(unit, channel_id, workspace_id, report)
            elif isinstance(report, MarketingPreference):
                await self._preference(unit, channel_id, workspace_id, report)
            elif isinstance(report, AccountNotice):
                await self._notice(unit, channel_id, workspace_id, report)
            elif isinstance(report, UnknownReport):
                unit.emit(workspace_id, ProviderReport(kind=report.kind, raw=report.raw), channel_id)

    async def _login(self, unit: Unit, channel_id: int, workspace_id: int, report: LoginChanged) -> None:
        step = report.step
        values: dict[str, Any]
        if isinstance(step, Done):
            values = {
                "status": "connected",
                "status_reason": None,
                "login": None,
                "address": step.address,
                "display_name": step.name,
                "connected_at": unit.now,
            }
            unit.emit(workspace_id, SessionConnected(address=step.address, name=step.name), channel_id)
        else:
            values = {"status": "pairing", "status_reason": None, "login": msgspec.to_builtins(step)}
            if isinstance(step, ShowQr | ShowCode):
                kind = "qr" if isinstance(step, ShowQr) else "pairing_code"
                unit.emit(workspace_id, SessionQr(code=step.code, kind=kind, expires_at=step.expires_at), channel_id)
        await unit.conn.execute(update(Channel).where(Channel.id == channel_id).values(**values))
        unit.notify(f"channel:{channel_id}", "status")
        unit.notify("channel-status", channel_id)

    async def _call(self, unit: Unit, channel_id: int, workspace_id: int, engine: str, report: IncomingCall) -> None:
        row = (
            await unit.session.execute(
                select(Call).where(Call.channel_id == channel_id, Call.provider_id == report.call_id)
            )
        ).scalar_one_or_none()
        if row is None:
            identities = report.identities or {"telegram" if engine == "telegram_bot" else "phone": report.caller}
            (contact,) = await resolve(
                unit, [Person(workspace_id=workspace_id, identities=identities, channel_id=channel_id)]
            )
            row = Call(
                workspace_id=workspace_id,
                channel_id=channel_id,
                provider_id=report.call_id,
                caller=report.caller,
                contact_id=contact.id if contact else None,
                is_video=report.is_video,
                status=report.status,
                started_at=report.started_at,
                ended_at=report.ended_at,
                created_at=unit.now,
            )
            unit.session.add(row)
            await unit.session.flush()
        elif (row.status, row.ended_at) == (report.status, report.ended_at):
            return
        else:
            # A call that we refused stays refused when the network later says that it ended.
            row.status = row.status if row.status == "rejected" else report.status
            row.ended_at = report.ended_at or row.ended_at
            await unit.session.flush()
        unit.emit(
            workspace_id,
            CallReceived(
                id=row.id,
                caller=report.caller,
                is_video=report.is_video,
                status=row.status,
                timestamp=report.started_at,
            ),
            channel_id,
        )
        if row.status == "ringing":
            unit.notify("calls", (channel_id, row.id))

    async def _changed(
        self, unit: Unit, channel_id: int, workspace_id: int, report: MessageEdited | MessageDeleted
    ) -> None:
        row = (
            await unit.session.execute(
                select(Message).where(Message.channel_id == channel_id, Message.provider_id == report.provider_id)
            )
        ).scalar_one_or_none()
        if row is None:
            return
        extra = dict(row.extra or {})
        if isinstance(report, MessageEdited):
            content = encode(report.content)
            if row.content == content:
                return
            row.content = content
            extra["edited_at"] = report.timestamp
            event: type[EditedEvent] | type[DeletedEvent] = EditedEvent
        else:
            if "deleted_at" in extra:
                return
            extra["deleted_at"] = report.timestamp
            event = DeletedEvent
        row.extra = extra
        await unit.session.flush()
        unit.emit(
            workspace_id,
            event(
                id=row.id,
                peer=row.peer,
                kind=row.kind,
                timestamp=report.timestamp,
                provider_id=row.provider_id,
                direction=row.direction,
                state=row.state,
                contact_id=row.contact_id,
            ),
            channel_id,
        )

    async def _template(self, unit: Unit, channel_id: int, workspace_id: int, report: TemplateChanged) -> None:
        values = {
            key: value
            for key, value in (
                ("status", report.status),
                ("quality", report.quality),
                ("category", report.category),
                ("rejected_reason", report.reason),
            )
            if value is not None
        }
        if values:
            await unit.conn.execute(
                update(Template)
                .where(
                    Template.channel_id == channel_id,
                    Template.name == report.name,
                    Template.language == report.language,
                )
                .values(updated_at=unit.now, **values)
            )
        unit.emit(
            workspace_id,
            TemplateChangedEvent(
                name=report.name,
                language=report.language,
                status=report.status,
                quality=report.quality,
                category=report.category,
                reason=report.reason,
            ),
            channel_id,
        )

    async def _preference(self, unit: Unit, channel_id: int, workspace_id: int, report: MarketingPreference) -> None:
        (contact,) = await resolve(
            unit, [Person(workspace_id=workspace_id, identities=report.identities, channel_id=channel_id)]
        )
        address = report.identities.get("phone") or next(iter(report.identities.values()), "")
        if contact is None:
            return
        if not report.opted_in:
            await opt_out(unit, workspace_id, address, contact.id, BY_PLATFORM, channel_id)
            return
        # The switch takes back only what the switch did: who wrote STOP, or was put on the list by hand, stays there.
        listed = (Suppression.workspace_id == workspace_id, Suppression.address == address)
        await unit.conn.execute(delete(Suppression).where(*listed, Suppression.reason == BY_PLATFORM))
        if (await unit.conn.execute(select(Suppression.id).where(*listed))).first() is None:
            await unit.conn.execute(
                update(Contact).where(Contact.id == contact.id).values(optin=True, updated_at=unit.now)
            )

    async def _notice(self, unit: Unit, channel_id: int, workspace_id: int, report: AccountNotice) -> None:
        channel = await unit.session.get(Channel, channel_id)
        if channel is not None:
            account = dict(channel.account or {})
            if report.throughput is not None:
                account["throughput"] = report.throughput
            if report.messaging_limit is not None:
                account["messaging_limit"] = report.messaging_limit
            account["notice"] = {"kind": report.kind, "message": report.message, "at": unit.now}
            channel.account = account
            unit.notify(f"channel:{channel_id}", "changed")
        unit.emit(workspace_id, AccountNoticeEvent(kind=report.kind, message=report.message), channel_id)

    # -- chats ---------------------------------------------------------------------------------------

    async def chats(
        self,
        workspace_id: int,
        *,
        channel_id: int | None = None,
        kind: str | None = None,
        archived: bool | None = False,
        unread: bool = False,
        assignee_id: int | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[ChatView]:
        """Chats, the most recent first."""
        limit = check_limit(limit)
        query = select(Chat).where(Chat.workspace_id == workspace_id)
        if channel_id is not None:
            query = query.where(Chat.channel_id == channel_id)
        if kind is not None:
            query = query.where(Chat.kind == kind)
        if archived is not None:
            query = query.where(Chat.archived.is_(archived))
        if unread:
            # A literal: a partial index serves only a condition that is known when the statement is planned.
            query = query.where(Chat.unread > literal_column("0"))
        if assignee_id is not None:
            query = query.where(Chat.assignee_id == assignee_id)
        if cursor:
            at, id_ = decode_cursor(cursor, tuple[int, int])
            query = query.where(tuple_(Chat.last_at, Chat.id) < tuple_(at, id_))
        async with self._core.db.read() as session:
            rows = list(
                (await session.execute(query.order_by(Chat.last_at.desc(), Chat.id.desc()).limit(limit + 1))).scalars()
            )
            more = len(rows) > limit
            rows = rows[:limit]
            views = await _views(session, rows)
        return Page(items=views, cursor=encode_cursor(rows[-1].last_at, rows[-1].id) if more else None)

    async def chat(self, workspace_id: int, chat_id: int) -> ChatView:
        """One chat. Raises NotFound."""
        async with self._core.db.read() as session:
            row = await session.get(Chat, chat_id)
            if row is None or row.workspace_id != workspace_id:
                raise NotFound(f"There is no chat {chat_id}.", code="CHAT_NOT_FOUND")
            (view,) = await _views(session, [row])
        return view

    async def chat_by_peer(self, workspace_id: int, channel_id: int, peer: str) -> ChatView | None:
        """The chat with a peer, if there is one yet."""
        async with self._core.db.read() as session:
            row = (
                await session.execute(
                    select(Chat).where(
                        Chat.workspace_id == workspace_id, Chat.channel_id == channel_id, Chat.peer == peer
                    )
                )
            ).scalar_one_or_none()
            return (await _views(session, [row]))[0] if row is not None else None

    async def history(
        self, workspace_id: int, channel_id: int, peer: str, *, limit: int = 50, cursor: str | None = None
    ) -> Page[Message]:
        """Messages with a peer, the newest first; what was cleared or removed is left out."""
        limit = check_limit(limit)
        view = await self.chat_by_peer(workspace_id, channel_id, peer)
        query = select(Message).where(
            Message.workspace_id == workspace_id, Message.channel_id == channel_id, Message.peer == peer
        )
        if view is not None and view.chat.cleared_before:
            query = query.where(Message.id > view.chat.cleared_before)
        if cursor:
            (before,) = decode_cursor(cursor, tuple[int])
            query = query.where(Message.id < before)
        async with self._core.db.read() as session:
            rows = list((await session.execute(query.order_by(Message.id.desc()).limit(limit + 1))).scalars())
        more = len(rows) > limit
        rows = rows[:limit]
        visible = [row for row in rows if not (row.extra or {}).get("hidden")]
        return Page(items=visible, cursor=encode_cursor(rows[-1].id) if more else None)

    async def update_chat(
        self,
        workspace_id: int,
        chat_id: int,
        *,
        archived: bool | None = None,
        pinned: bool | None = None,
        muted_until: int | None = None,
        assignee_id: int | str | None = "keep",
    ) -> ChatView:
        """Archive, pin, mute (until Unix ms; 0 ends it), assign (None takes it away). Raises NotFound, Invalid."""
        async with self._core.unit() as unit:
            row = await unit.session.get(Chat, chat_id)
            if row is None or row.workspace_id != workspace_id:
                raise NotFound(f"There is no chat {chat_id}.", code="CHAT_NOT_FOUND")
            if archived is not None:
                row.archived = archived
            if pinned is not None:
                row.pinned = pinned
            if muted_until is not None:
                row.muted_until = muted_until
            if not isinstance(assignee_id, str):
                if assignee_id is not None:
                    member = await unit.session.get(Member, assignee_id)
                    if member is None or member.workspace_id != workspace_id:
                        raise Invalid("assignee: no such member", details={"assigneeId": ["There is no such member."]})
                row.assignee_id = assignee_id
            unit.notify("chats", row.channel_id)
        return await self.chat(workspace_id, chat_id)

    async def mark_read(self, workspace_id: int, chat_id: int) -> ChatView:
        """Nothing unread here any more; the peer gets read receipts where the engine sends them."""
        view = await self.chat(workspace_id, chat_id)
        chat = view.chat
        async with self._core.db.read() as session:
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
        session_ = self._core.channels.live.get(chat.channel_id)
        ids = [row.provider_id for row in unread if row.provider_id]
        if ids and isinstance(session_, CanMarkRead):
            try:
                await session_.mark_read(chat.peer, ids, unread[0].sender)
            except (SendError, JackfieldError):
                # The receipt is a courtesy; what the people here have read stays read.
                ids = []
        async with self._core.unit() as unit:
            await unit.conn.execute(update(Chat).where(Chat.id == chat_id).values(unread=0))
            if unread:
                await unit.conn.execute(
                    update(Message).where(Message.id.in_([row.id for row in unread])).values(read_at=unit.now)
                )
            unit.notify("chats", chat.channel_id)
        return await self.chat(workspace_id, chat_id)

    async def clear(self, workspace_id: int, chat_id: int) -> None:
        """Hide all messages up to now from the chat; the ledger keeps them."""
        view = await self.chat(workspace_id, chat_id)
        async with self._core.unit() as unit:
            last = (
                await unit.conn.execute(
                    select(Message.id)
                    .where(Message.channel_id == view.chat.channel_id, Message.peer == view.chat.peer)
                    .order_by(Message.id.desc())
                    .limit(1)
                )
            ).scalar()
            await unit.conn.execute(
                update(Chat).where(Chat.id == chat_id).values(cleared_before=last or 0, unread=0, last_message_id=None)
            )

    async def hide(self, workspace_id: int, message_id: int) -> None:
        """Take one message out of the inbox; the ledger keeps it. Raises NotFound."""
        async with self._core.unit() as unit:
            row = await unit.session.get(Message, message_id)
            if row is None or row.workspace_id != workspace_id:
                raise NotFound(f"There is no message {message_id}.", code="MESSAGE_NOT_FOUND")
            row.extra = {**(row.extra or {}), "hidden": True}

    async def attach_media(self, channel_id: int, provider_id: str, media: Media) -> None:
        """An incoming message's file has been fetched: the message now shows our copy."""
        async with self._core.unit() as unit:
            row = (
                await unit.session.execute(
                    select(Message).where(Message.channel_id == channel_id, Message.provider_id == provider_id)
                )
            ).scalar_one_or_none()
            if row is None or row.content is None:
                return
            content = decode(row.content)
            if isinstance(content, MediaContent):
                row.content = encode(
                    msgspec.structs.replace(
                        content, url=f"media:{media.id}", mime=media.mime, size=media.size, sha256=media.sha256
                    )
                )

    async def replace_content(self, workspace_id: int, message_id: int, content: Content) -> None:
        """Note that a message of ours was edited on the network."""
        async with self._core.unit() as unit:
            row = await unit.session.get(Message, message_id)
            if row is None or row.workspace_id != workspace_id:
                raise NotFound(f"There is no message {message_id}.", code="MESSAGE_NOT_FOUND")
            row.content = encode(content)
            row.extra = {**(row.extra or {}), "edited_at": unit.now}


async def _views(session: Any, chats: Sequence[Chat]) -> list[ChatView]:
    contact_ids = [chat.contact_id for chat in chats if chat.contact_id is not None]
    message_ids = [chat.last_message_id for chat in chats if chat.last_message_id is not None]
    contacts = {
        row.id: row for row in (await session.execute(select(Contact).where(Contact.id.in_(contact_ids)))).scalars()
    }
    messages = {
        row.id: row for row in (await session.execute(select(Message).where(Message.id.in_(message_ids)))).scalars()
    }
    return [
        ChatView(
            chat=chat,
            contact=contacts.get(chat.contact_id) if chat.contact_id else None,
            last=messages.get(chat.last_message_id) if chat.last_message_id else None,
        )
        for chat in chats
    ]


async def store_group(unit: Unit, workspace_id: int, channel_id: int, info: GroupInfo) -> Group:
    """Keep a group as the network describes it; its participants too where they are known."""
    await insert_ignoring(
        unit,
        Group,
        [
            {
                "workspace_id": workspace_id,
                "channel_id": channel_id,
                "address": info.address,
                "kind": info.kind,
                "name": info.name,
                "updated_at": unit.now,
            }
        ],
    )
    row = (
        await unit.session.execute(select(Group).where(Group.channel_id == channel_id, Group.address == info.address))
    ).scalar_one()
    row.name, row.kind, row.read_only, row.left, row.updated_at = (
        info.name,
        info.kind,
        info.read_only,
        info.left,
        unit.now,
    )
    row.description = info.description if info.description is not None else row.description
    row.owner = info.owner or row.owner
    row.picture_url = info.picture_url or row.picture_url
    row.created_at = info.created_at or row.created_at
    if info.participants is not None:
        row.participants = len(info.participants)
        await unit.conn.execute(delete(GroupMember).where(GroupMember.group_id == row.id))
        if info.participants:
            await unit.conn.execute(
                GroupMember.__table__.insert(),  # type: ignore[attr-defined]
                [
                    {
                        "group_id": row.id,
                        "address": one.address,
                        "name": one.name,
                        "is_admin": one.is_admin,
                        "is_super_admin": one.is_super_admin,
                    }
                    for one in {one.address: one for one in info.participants}.values()
                ],
            )
    await unit.session.flush()
    return row
