"""Questions that only Chatly asks of the database. All scoped by workspace."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import func, select

from jackfield.core import ChannelView, ContactView, Core, GroupInfo, GroupView, Page, conditions, store_group
from jackfield.core.models import Chat, Contact, ContactTag, Group, Identity, Tag

T = TypeVar("T")
MOST_PAGES: Final = 1000
MOST_RECIPIENTS: Final = 20_000


async def nth(fetch: Callable[[str | None], Awaitable[Page[T]]], number: int) -> Page[T]:
    """The page of this number (from 1) of a list that is read by cursor; empty past the end."""
    cursor: str | None = None
    for _ in range(min(number, MOST_PAGES) - 1):
        cursor = (await fetch(cursor)).cursor
        if cursor is None:
            return Page(items=[])
    return await fetch(cursor)


async def telegram_contacts(core: Core, workspace_id: int, number: int, size: int) -> Page[ContactView]:
    """Contacts known by a Telegram id, newest first."""
    known = select(Identity.contact_id).where(Identity.workspace_id == workspace_id, Identity.kind == "telegram")
    query = select(Contact.id).where(Contact.workspace_id == workspace_id, Contact.id.in_(known))
    async with core.db.read() as session:
        total = int((await session.execute(select(func.count()).select_from(query.subquery()))).scalar_one())
        page = query.order_by(Contact.id.desc()).offset((number - 1) * size).limit(size)
        ids = [*await session.scalars(page)]
    more = number * size < total
    return Page(items=await core.contacts.get_many(workspace_id, ids), cursor="more" if more else None, total=total)


async def learn_groups(core: Core, workspace_id: int, channel_ids: Sequence[int]) -> None:
    """Keep groups that are known only by what was written in them: Telegram tells of a group when the bot comes in,
    and not of those that it was in before."""
    known = select(Group.id).where(Group.channel_id == Chat.channel_id, Group.address == Chat.peer)
    query = select(Chat).where(
        Chat.workspace_id == workspace_id,
        Chat.channel_id.in_(channel_ids),
        Chat.kind.in_(("group", "newsletter")),
        ~known.exists(),
    )
    async with core.db.read() as session:
        chats = [*await session.scalars(query.limit(500))]
    if chats:
        async with core.unit() as unit:
            for chat in chats:
                info = GroupInfo(address=chat.peer, name=chat.name or chat.peer, kind=chat.kind)
                await store_group(unit, workspace_id, chat.channel_id, info)


async def groups(core: Core, workspace_id: int, channel_ids: Sequence[int]) -> list[GroupView]:
    """Groups and channels that bots are in, by name."""
    await learn_groups(core, workspace_id, channel_ids)
    return await core.groups.known(workspace_id, channel_ids)


async def chats_of(core: Core, workspace_id: int, contact_id: int) -> list[Chat]:
    """A contact's conversations, the latest first."""
    query = select(Chat).where(Chat.workspace_id == workspace_id, Chat.contact_id == contact_id)
    async with core.db.read() as session:
        return [*await session.scalars(query.order_by(Chat.last_at.desc(), Chat.id.desc()))]


async def contact_tags(
    core: Core, workspace_id: int, contact_id: int | None, number: int, size: int
) -> Page[dict[str, Any]]:
    """Which contact has which tag."""
    query = (
        select(ContactTag.contact_id, Tag.id, Tag.name, Tag.color)
        .join(Tag, Tag.id == ContactTag.tag_id)
        .where(Tag.workspace_id == workspace_id)
    )
    if contact_id is not None:
        query = query.where(ContactTag.contact_id == contact_id)
    async with core.db.read() as session:
        page = query.order_by(Tag.id, ContactTag.contact_id).offset((number - 1) * size).limit(size + 1)
        rows = (await session.execute(page)).all()
    items = [{"tag_id": row.id, "contact_id": row.contact_id, "name": row.name, "color": row.color} for row in rows]
    return Page(items=items[:size], cursor="more" if len(items) > size else None)


async def matching(core: Core, workspace_id: int, filters: Sequence[Mapping[str, Any]], most: int) -> list[int]:
    """Ids of contacts that match all these filters, at most one more than `most`."""
    query = select(Contact.id)
    for one in filters:
        query = query.where(*conditions(workspace_id, one))
    async with core.db.read() as session:
        return [*await session.scalars(query.order_by(Contact.id).limit(most + 1))]


async def telegram_recipients(
    core: Core, workspace_id: int, filters: Sequence[Mapping[str, Any]]
) -> list[tuple[int, str, str, str | None, bool]]:
    """Contact id, Telegram id, name, phone and whether marketing is refused, of contacts that match all the filters."""
    query = (
        select(Contact.id, Identity.value, Contact.name, Contact.phone, Contact.optin, Contact.blocked)
        .join(Identity, Identity.contact_id == Contact.id)
        .where(Identity.kind == "telegram")
    )
    for one in filters:
        query = query.where(*conditions(workspace_id, one))
    async with core.db.read() as session:
        rows = (await session.execute(query.order_by(Contact.id).limit(MOST_RECIPIENTS + 1))).all()
    return [(row.id, row.value, row.name, row.phone, row.blocked or row.optin is False) for row in rows]


async def channels_by_id(core: Core, workspace_id: int) -> dict[int, ChannelView]:
    """The workspace's channels."""
    return {row.id: row for row in await core.channels.list(workspace_id)}
