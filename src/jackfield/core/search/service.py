"""`Search`: one question over contacts, chats, messages and campaigns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from ..campaigns.views import CampaignView, campaign_view
from ..contacts.find.filters import contains
from ..desk.chats import Chats, ChatView
from ..desk.selection import ChatFilter
from ..ground import fields
from ..ground.paging import decode_cursor, encode_cursor
from ..ground.store import Store
from ..ground.views import view_of
from ..ledger.views import MessageView, message_views
from ..models import Campaign, Chat, Contact, Message, MessageText
from ..names.find import NameFinder
from ..names.grams import CHAT, CONTACT
from ..names.typos import Nearness, tolerant_words
from ..names.words import channel_word, may_go_on, words_of, workspace_word
from ..port import Networks
from .campaigns import CANDIDATES, SCANNED, may_match
from .index import text_of
from .snippets import Snippet, snippet

KINDS: Final = ("contacts", "chats", "messages", "campaigns")
MAX_EACH: Final = 50
MAX_LENGTH: Final = 200
"""Characters of what is looked for."""
MAX_ID: Final = 2**63 - 1
HIDDEN: Final = 4
"""So many times the messages wanted are read, because some may be cleared or hidden from their chats."""


class FoundContact(msgspec.Struct, frozen=True, kw_only=True):
    """A contact, in short; `phone` is E.164 digits."""

    id: int
    name: str
    phone: str | None
    email: str | None


class FoundMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message, the chat that it is in, and what it says around the words."""

    message: MessageView
    snippet: Snippet
    chat_id: int
    chat_name: str


class Found(msgspec.Struct, kw_only=True):
    """What was found, the newest first; kinds that were not asked for are empty. `cursors` open the next page of each kind
    that has one."""

    contacts: list[FoundContact] = []
    chats: list[ChatView] = []
    messages: list[FoundMessage] = []
    campaigns: list[CampaignView] = []
    cursors: dict[str, str | None] = {}


class Search:
    """The service."""

    def __init__(self, store: Store, networks: Networks, chats: Chats) -> None:
        self._store = store
        self._networks = networks
        self._chats = chats

    async def find(
        self,
        workspace_id: int,
        q: str,
        kinds: Collection[str] = KINDS,
        *,
        limit: int = 10,
        cursor: str | None = None,
        channel_id: int | None = None,
    ) -> Found:
        """At most `limit` of each kind. Names, numbers and addresses contain `q`, or names have its words with typing errors
        when none contains it; messages have all its words, the last letters of which may be missing. `cursor` (of
        `Found.cursors`) opens the next page of the one kind that is asked for. With `channel_id` on this channel alone
        (contacts belong to none). Raises Invalid.
        """
        wanted = fields.text("q", q, maximum=MAX_LENGTH)
        if not 1 <= limit <= MAX_EACH:
            raise fields.refuse("limit", f"Must be between 1 and {MAX_EACH}.")
        if cursor is not None and len(kinds) > 1:
            raise fields.refuse("cursor", "Goes with one kind.")
        found = Found(contacts=[], chats=[], messages=[], campaigns=[], cursors={})
        before = None
        if cursor is not None and "chats" not in kinds:
            before = int(decode_cursor(cursor, tuple[int])[0])
        async with self._store.db.read() as session:
            names = NameFinder(session, workspace_id, wanted, is_sqlite=self._store.db.is_sqlite)
            chosen = None
            if "chats" in kinds:
                chosen = await _chats(names, wanted, channel_id, is_first=cursor is None)
            if "contacts" in kinds and channel_id is None:
                found.contacts, found.cursors["contacts"] = await _contacts(
                    session, names, workspace_id, wanted, limit, before
                )
            if "campaigns" in kinds:
                found.campaigns, found.cursors["campaigns"] = await _campaigns(
                    session, workspace_id, wanted, limit, before, channel_id
                )
            if "messages" in kinds:
                found.messages, found.cursors["messages"] = await self._messages(
                    session, workspace_id, wanted, limit, before, channel_id
                )
        if chosen is not None:
            found.chats, found.cursors["chats"] = await self._found_chats(workspace_id, chosen, limit, cursor)
        return found

    async def _found_chats(
        self, workspace_id: int, chosen: _Chosen, limit: int, cursor: str | None
    ) -> tuple[list[ChatView], str | None]:
        if chosen.nearest is None:
            page = await self._chats.chats(workspace_id, chosen.filter, limit=limit, cursor=cursor)
            return page.items, page.cursor
        nearest = chosen.nearest[:limit]
        filter_ = ChatFilter(ids=tuple(nearest), archived=None)
        views = (await self._chats.chats(workspace_id, filter_, limit=limit)).items
        return sorted(views, key=lambda view: nearest.index(view.chat.id)), None

    async def _messages(
        self,
        session: AsyncSession,
        workspace_id: int,
        q: str,
        limit: int,
        before: int | None,
        channel_id: int | None,
    ) -> tuple[list[FoundMessage], str | None]:
        said = words_of(q)
        if not said:
            return [], None
        words = said
        if channel_id is not None:
            words = [*said, channel_word(channel_id)]
        else:
            first, last = await _workspaces(session)
            if not first <= workspace_id <= last:
                return [], None
            # Where one workspace alone has messages all matches are its own: looking for its word too doubles the time.
            if first != last:
                words = [*said, workspace_word(workspace_id)]
        is_sqlite = self._store.db.is_sqlite
        values: dict[str, Any] = {
            "words": sqlite_query(words) if is_sqlite else postgresql_query(words),
            "workspace": workspace_id,
            "before": before if before is not None else MAX_ID,
            "most": HIDDEN * limit,
        }
        ids = list((await session.execute(text(_SQLITE if is_sqlite else _POSTGRESQL), values)).scalars())
        if not ids:
            return [], None
        query = (
            select(Message, Chat.id, Chat.name, Contact.name)
            .join(Chat, (Chat.channel_id == Message.channel_id) & (Chat.peer == Message.peer))
            .outerjoin(Contact, Contact.id == Chat.contact_id)
            .where(Message.id.in_(ids), Message.id > Chat.cleared_before)
            .order_by(Message.id.desc())
        )
        visible = [row for row in await session.execute(query) if not (row[0].extra or {}).get("hidden")]
        rows = visible[:limit]
        views = await message_views(session, self._networks, [row[0] for row in rows])
        found = [
            FoundMessage(
                message=view,
                snippet=snippet(text_of(view.content), said),
                chat_id=row[1],
                chat_name=row[2] or row[3] or row[0].peer,
            )
            for view, row in zip(views, rows, strict=True)
        ]
        if len(visible) > limit:
            return found, encode_cursor(rows[-1][0].id)
        return found, encode_cursor(ids[-1]) if len(ids) == HIDDEN * limit else None


async def _workspaces(session: AsyncSession) -> tuple[int, int]:
    """The lowest and the highest id of the workspaces that have messages in the index; zeros when none has."""
    id_ = MessageText.workspace_id
    lowest, highest = (select(id_).order_by(order).limit(1).scalar_subquery() for order in (id_, id_.desc()))
    first, last = (await session.execute(select(lowest, highest))).one()
    return first or 0, last or 0


_SQLITE: Final = (
    "SELECT m.message_id FROM search_messages JOIN message_texts AS m ON m.message_id = search_messages.rowid"
    " WHERE search_messages MATCH :words AND m.workspace_id = :workspace AND search_messages.rowid < :before"
    " ORDER BY search_messages.rowid DESC LIMIT :most"
)
_POSTGRESQL: Final = (
    "SELECT m.message_id FROM message_texts AS m"
    " WHERE array_to_tsvector(string_to_array(m.words, ' ')) @@ CAST(CAST(:words AS text) AS tsquery)"
    " AND m.workspace_id = :workspace AND m.message_id < :before ORDER BY m.message_id DESC LIMIT :most"
)


def sqlite_query(words: Sequence[str]) -> str:
    """Words as FTS5 looks for them. They hold letters and digits alone, so that nothing in them is an operator."""
    return " AND ".join(f'"{word}"{" *" if may_go_on(word) else ""}' for word in words)


def postgresql_query(words: Sequence[str]) -> str:
    """Words as PostgreSQL's tsquery."""
    return " & ".join(f"'{word}'{':*' if may_go_on(word) else ''}" for word in words)


class _Chosen(msgspec.Struct, frozen=True):
    """Which chats a question finds: those of a filter, or `nearest`, the best first."""

    filter: ChatFilter
    nearest: list[int] | None = None


async def _chats(names: NameFinder, q: str, channel_id: int | None, *, is_first: bool) -> _Chosen | None:
    """The chats that are called so, or whose contact is; on the first page those that are nearly called so when there is
    none. None when there is nothing at all."""
    chats, contacts = await names.few(CHAT), await names.few(CONTACT)
    if chats is None or contacts is None:
        return _Chosen(ChatFilter(needles=names.needles, archived=None, channel_id=channel_id))
    ids = {id_ for id_, _ in await names.chats_of(contacts, chats, channel_id)}
    if ids:
        return _Chosen(ChatFilter(ids=tuple(ids), archived=None))
    if not is_first or not (words := tolerant_words(q)):
        return None
    own = {id_: errors for errors, id_ in await names.near(CHAT, words)}
    theirs = {id_: errors for errors, id_ in await names.near(CONTACT, words)}
    found: dict[int, int] = {}
    for id_, contact in await names.chats_of([*theirs], [*own], channel_id):
        errors = own[id_] if contact is None else theirs[contact]
        found[id_] = min(errors, found.get(id_, errors))
    nearest = sorted(found, key=lambda id_: (found[id_], -id_))
    return _Chosen(ChatFilter(archived=None), nearest) if nearest else None


async def _contacts(
    session: AsyncSession, names: NameFinder, workspace_id: int, q: str, limit: int, before: int | None
) -> tuple[list[FoundContact], str | None]:
    ids = await names.newest(CONTACT, limit + 1, before)
    more = len(ids) > limit
    if not ids and before is None and (words := tolerant_words(q)):
        ids = [id_ for _, id_ in await names.near(CONTACT, words)]
    ids = ids[:limit]
    if not ids:
        return [], None
    query = select(Contact.id, Contact.name, Contact.phone, Contact.email).where(
        Contact.workspace_id == workspace_id, Contact.id.in_(ids)
    )
    rows = sorted(await session.execute(query), key=lambda row: ids.index(row.id))
    return [view_of(FoundContact, row) for row in rows], encode_cursor(ids[-1]) if more else None


async def _campaigns(
    session: AsyncSession, workspace_id: int, q: str, limit: int, before: int | None, channel_id: int | None
) -> tuple[list[CampaignView], str | None]:
    query = select(Campaign).where(Campaign.workspace_id == workspace_id)
    if channel_id is not None:
        query = query.where(Campaign.channel_id == channel_id)
    rows = list(await session.scalars(_page(query.where(contains(Campaign.name, q)), Campaign.id, limit, before)))
    cursor = _cursor(rows, limit)
    if not rows and before is None and (words := tolerant_words(q)):
        near = select(Campaign.id, Campaign.name).where(
            *_newest(Campaign, workspace_id, channel_id), may_match(Campaign.name, words)
        )
        ids = await _nearest(session, near, words, limit)
        rows = sorted(await session.scalars(query.where(Campaign.id.in_(ids))), key=lambda row: ids.index(row.id))
    return [campaign_view(row) for row in rows[:limit]], cursor


def _page(query: Any, key: Any, limit: int, before: int | None) -> Any:
    """The newest rows by id, one more than a page has."""
    if before is not None:
        query = query.where(key < before)
    return query.order_by(key.desc()).limit(limit + 1)


def _cursor(rows: Sequence[Any], limit: int) -> str | None:
    """What opens the page after these rows, where there is one."""
    return encode_cursor(rows[limit - 1].id) if len(rows) > limit else None


def _newest(model: Any, workspace_id: int, channel_id: int | None = None) -> list[ColumnElement[bool]]:
    """The newest rows of a workspace: as many as a search for names with errors looks through."""
    oldest = (
        select(model.id).where(model.workspace_id == workspace_id).order_by(model.id.desc()).offset(SCANNED).limit(1)
    )
    found = [model.workspace_id == workspace_id, model.id > func.coalesce(oldest.scalar_subquery(), 0)]
    if channel_id is not None:
        found.append(model.channel_id == channel_id)
    return found


async def _nearest(session: AsyncSession, query: Select[int, Any], words: Sequence[str], limit: int) -> list[int]:
    """Ids of the names that have the words with the fewest errors; the query gives ids and names."""
    between = Nearness(words)
    near = [
        (errors, -row[0])
        for row in await session.execute(query.order_by(query.selected_columns[0].desc()).limit(CANDIDATES))
        if (errors := between(row[1] or "")) is not None
    ]
    return [-number for _, number in sorted(near)[:limit]]
