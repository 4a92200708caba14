"""Which chats a list of the inbox shows, and how many there are of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import ColumnElement, and_, case, exists, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..contacts.find.filters import contains
from ..ground import fields
from ..ground.store import Store
from ..models import Chat, Contact, ContactTag, Member, NameText, Tag
from ..names.find import NameFinder, said
from ..names.grams import CHAT, CONTACT

CLOSING_MS: Final = 2 * 3_600_000
"""A window that ends within this time is closing."""
FEW: Final = 2000
"""Up to so many names that match are asked for by id."""
WALKED: Final = 2000
"""So many chats of a list are looked at before all that match are taken from the index."""
MAX_IDS: Final = 20_000
"""SQLite takes 32,766 values in one statement."""
Status = Literal["open", "snoozed", "done"]


class ChatFilter(msgspec.Struct, kw_only=True, frozen=True):
    """Which chats; all that is given holds together. `assignee_id` None inside `unassigned`: nobody's. `department_id` is
    the chat's team, `department_of` that of this member; `teamless`: no team's.

    `unanswered`: the last word is the other side's. `closing`: the 24-hour window is open and ends within two hours.
    `urgent`: a target for a reply or the end is due soon or missed; `missed`: it is missed. `tag` is one of the contact's.
    `status`: open chats that are not snoozed, snoozed ones, or those that are done.
    `search` looks in what the index of names has of the chat and its contact: names, numbers, addresses (`searched`).
    `needles`: one of these folded texts is part of that.
    """

    channel_id: int | None = None
    kind: str | None = None
    archived: bool | None = False
    unread: bool = False
    unanswered: bool = False
    unassigned: bool = False
    closing: bool = False
    urgent: bool = False
    missed: bool = False
    assignee_id: int | None = None
    department_id: int | None = None
    department_of: int | None = None
    teamless: bool = False
    tag: str | None = None
    status: Status | None = None
    search: str | None = None
    ids: tuple[int, ...] | None = None
    needles: tuple[str, ...] = ()


class ChatCounts(msgspec.Struct, kw_only=True):
    """How many chats there are. All but `snoozed`, `done` and `archived` count open chats that are not archived."""

    all: int = 0
    unread: int = 0
    unanswered: int = 0
    mine: int = 0
    unassigned: int = 0
    team: int = 0
    closing: int = 0
    urgent: int = 0
    missed: int = 0
    snoozed: int = 0
    done: int = 0
    archived: int = 0


def _unanswered() -> ColumnElement[bool]:
    return and_(Chat.last_in_id.is_not(None), Chat.last_in_id == Chat.last_message_id)


def _closing(now: int) -> ColumnElement[bool]:
    return and_(Chat.window_until > now, Chat.window_until <= now + CLOSING_MS)


def _urgent(now: int) -> ColumnElement[bool]:
    return and_(Chat.target_due_at > literal_column("0"), Chat.target_warn_at <= now)


def _missed(now: int) -> ColumnElement[bool]:
    return and_(Chat.target_due_at > literal_column("0"), Chat.target_due_at <= now)


def _team_of(member_id: int) -> ColumnElement[bool]:
    own = select(Member.department_id).where(Member.id == member_id).scalar_subquery()
    return Chat.department_id == own


def _status(status: Status, now: int) -> ColumnElement[bool]:
    if status == "done":
        return Chat.status == "done"
    snoozed = Chat.snoozed_until > now if status == "snoozed" else Chat.snoozed_until <= now
    return and_(Chat.status == "open", snoozed)


def selected(workspace_id: int, chosen: ChatFilter, now: int) -> list[ColumnElement[bool]]:
    """The filter without its `search` (see `searched`) as conditions on `Chat`; `now` in Unix ms."""
    found: list[ColumnElement[bool]] = [Chat.workspace_id == workspace_id]
    for column, value in ((Chat.channel_id, chosen.channel_id), (Chat.kind, chosen.kind)):
        if value is not None:
            found.append(column == value)
    if chosen.archived is not None:
        found.append(Chat.archived.is_(chosen.archived))
    if chosen.unread:
        # A literal: a partial index serves only a condition that is known when the statement is planned.
        found.append(Chat.unread > literal_column("0"))
    if chosen.unanswered:
        found.append(_unanswered())
    if chosen.unassigned:
        found.append(Chat.assignee_id.is_(None))
    elif chosen.assignee_id is not None:
        found.append(Chat.assignee_id == chosen.assignee_id)
    if chosen.teamless:
        found.append(Chat.department_id.is_(None))
    elif chosen.department_id is not None:
        found.append(Chat.department_id == chosen.department_id)
    elif chosen.department_of is not None:
        found.append(_team_of(chosen.department_of))
    if chosen.closing:
        found.append(_closing(now))
    if chosen.urgent:
        found.append(_urgent(now))
    if chosen.missed:
        found.append(_missed(now))
    if chosen.status is not None:
        found.append(_status(chosen.status, now))
    if chosen.tag:
        tagged = (
            select(ContactTag.contact_id)
            .join(Tag, Tag.id == ContactTag.tag_id)
            .where(Tag.workspace_id == workspace_id, Tag.folded == chosen.tag.casefold())
        )
        found.append(Chat.contact_id.in_(tagged))
    if chosen.ids is not None:
        found.append(Chat.id.in_(chosen.ids))
    if chosen.needles:
        found.append(_told(chosen.needles))
    return found


def _told(needles: Sequence[str], chat: Any = Chat) -> ColumnElement[bool]:
    return or_(
        exists().where(NameText.key == chat.id * 2 + 1, said(needles)),
        exists().where(NameText.key == chat.contact_id * 2, said(needles)),
        _begun_with(needles, chat),
    )


def _begun_with(needles: Sequence[str], chat: Any = Chat) -> ColumnElement[bool]:
    """That a chat which knows its contact by the address alone has one that is called so."""
    by_phone = (
        select(Contact.id)
        .join(NameText, NameText.key == Contact.id * 2)
        .where(Contact.workspace_id == chat.workspace_id, Contact.phone == chat.peer, said(needles))
    )
    return and_(chat.contact_id.is_(None), exists(by_phone))


class Searched(msgspec.Struct, frozen=True):
    """A condition on `Chat` that the index of names answers. `near`: the same of an alias of it, for the first chats of a
    list; None where few match."""

    condition: ColumnElement[bool]
    near: Callable[[Any], ColumnElement[bool]] | None = None


async def searched(session: AsyncSession, workspace_id: int, search: str, channel_id: int | None) -> Searched:
    """That a chat, its contact or the person at its address is called so, or the number or address contains it. Raises
    Invalid.

    Few that match are asked for by id. Where many do, the first chats of the list are looked at, because the next match is
    near, and all that match come from the index only where these are not enough. While more names wait for the index than
    are compared one by one, the chats themselves are looked at.
    """
    text = fields.text("search", search, maximum=200)
    names = NameFinder(session, workspace_id, text, is_sqlite=session.get_bind().dialect.name == "sqlite", most=FEW)
    chats, contacts = (None, None) if names.is_frequent else (await names.few(CHAT), await names.few(CONTACT))
    if await names.is_behind():
        return Searched(or_(_told(names.needles), _named(workspace_id, text)))
    if chats is not None and contacts is not None:
        ids = {id_ for id_, _ in await names.chats_of(contacts, chats, channel_id)}
        if len(ids) <= MAX_IDS:
            return Searched(Chat.id.in_(ids))
    waiting = {
        id_ for id_, _ in await names.chats_of(await names.waiting(CONTACT), await names.waiting(CHAT), channel_id)
    }

    def near(chat: Any) -> ColumnElement[bool]:
        return or_(_told(names.needles, chat), chat.id.in_(waiting))

    if names.is_frequent:
        # Nearly every name has it, so that each chat is asked for its own: the index would tell the names of all contacts.
        return Searched(near(Chat), near)
    found = or_(
        Chat.id.in_(waiting),
        Chat.id.in_(names.all_of(CHAT) if chats is None else chats),
        Chat.contact_id.in_(names.all_of(CONTACT) if contacts is None else contacts),
        _begun_with(names.needles),
    )
    return Searched(found, near)


def _named(workspace_id: int, text: str) -> ColumnElement[bool]:
    """The same from the chats and contacts themselves."""
    digits = "".join(char for char in text if char.isdigit())
    address = digits if digits and not any(char.isalpha() for char in text) else text
    people = select(Contact.id).where(Contact.workspace_id == workspace_id, contains(Contact.name, text))
    # Chats that were begun from here know their contact only by the address.
    phones = select(Contact.phone).where(
        Contact.workspace_id == workspace_id, contains(Contact.name, text), Contact.phone.is_not(None)
    )
    return or_(
        contains(Chat.name, text),
        contains(Chat.peer, address),
        Chat.contact_id.in_(people),
        Chat.peer.in_(phones),
    )


async def count_chats(
    store: Store,
    workspace_id: int,
    now: int,
    *,
    member_id: int | None = None,
    channel_id: int | None = None,
    by_department: bool = False,
) -> dict[int, ChatCounts]:
    """Counts by channel, or by the chats' teams, all in one statement. `mine` counts the chats of `member_id`, `team` those
    of their team."""
    current = and_(Chat.archived.is_(False), _status("open", now))
    groups: dict[str, ColumnElement[Any]] = {
        "all": current,
        "unread": and_(current, Chat.unread > 0),
        "unanswered": and_(current, _unanswered()),
        "mine": and_(current, Chat.assignee_id == (member_id or 0)),
        "unassigned": and_(current, Chat.assignee_id.is_(None)),
        "team": and_(current, _team_of(member_id or 0)),
        "closing": and_(current, _closing(now)),
        "urgent": and_(current, _urgent(now)),
        "missed": and_(current, _missed(now)),
        "snoozed": and_(Chat.archived.is_(False), _status("snoozed", now)),
        "done": and_(Chat.archived.is_(False), _status("done", now)),
        "archived": Chat.archived.is_(True),
    }
    group = Chat.department_id if by_department else Chat.channel_id
    query = (
        select(group, *[func.sum(case((condition, 1), else_=0)) for condition in groups.values()])
        .where(Chat.workspace_id == workspace_id)
        .group_by(group)
    )
    if by_department:
        query = query.where(Chat.department_id.is_not(None))
    if channel_id is not None:
        query = query.where(Chat.channel_id == channel_id)
    async with store.db.read() as session:
        rows = (await session.execute(query)).all()
    return {row[0]: ChatCounts(**{name: int(n) for name, n in zip(groups, row[1:], strict=True)}) for row in rows}
