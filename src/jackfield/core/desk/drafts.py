"""Drafts: what a member has written in a chat and not sent yet, on whichever device."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import Select, delete, select

from ..ground import fields
from ..ground.listing import page_by_id
from ..ground.ownership import chat_of
from ..ground.paging import Page
from ..ground.store import Store
from ..ground.views import view_of
from ..models import Chat, ChatDraft

MAX_TEXT: Final = 65_536


class DraftView(msgspec.Struct, frozen=True, kw_only=True):
    """A draft. `reply_to` is the id of the message that it answers; `updated_at` in Unix ms."""

    id: int
    chat_id: int
    member_id: int
    text: str
    reply_to: int | None
    updated_at: int


class Drafts:
    """The service: at most one draft for each chat and member. Nobody sees another member's."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def list(
        self,
        workspace_id: int,
        member_id: int,
        *,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[DraftView]:
        """A member's drafts."""
        query = select(ChatDraft).where(ChatDraft.workspace_id == workspace_id, ChatDraft.member_id == member_id)
        async with self._store.db.read() as session:
            return await page_by_id(
                session, query, ChatDraft.id, partial(view_of, DraftView),
                limit=limit, cursor=cursor, page=page, total=total,
            )  # fmt: skip

    async def get(self, workspace_id: int, chat_id: int, member_id: int) -> DraftView | None:
        """A member's draft in a chat, if there is one. Raises NotFound for an unknown chat."""
        async with self._store.db.read() as session:
            await chat_of(session, workspace_id, chat_id)
            row = await session.scalar(_draft(chat_id, member_id))
        return None if row is None else view_of(DraftView, row)

    async def save(
        self, workspace_id: int, chat_id: int, member_id: int, text: str, *, reply_to: int | None = None
    ) -> DraftView | None:
        """Keep what is written now, in place of what was; nothing written takes the draft away. Raises Invalid, NotFound."""
        if not isinstance(text, str) or len(text) > MAX_TEXT:
            raise fields.refuse("text", f"Must be at most {MAX_TEXT} characters.")
        # As typed: blanks at the end are somebody in the middle of a sentence.
        text = fields.storable(text)
        async with self._store.unit() as unit:
            chat = await chat_of(unit.session, workspace_id, chat_id)
            if not text.strip() and reply_to is None:
                await unit.conn.execute(delete(ChatDraft).where(*_mine(chat.id, member_id)))
                return None
            now = {"text": text, "reply_to": reply_to, "updated_at": unit.now}
            values = {"workspace_id": workspace_id, "chat_id": chat.id, "member_id": member_id, **now}
            keep = unit.upsert(ChatDraft).values(values)
            await unit.conn.execute(keep.on_conflict_do_update(index_elements=["chat_id", "member_id"], set_=now))
            row = await unit.session.scalar(_draft(chat.id, member_id))
            return view_of(DraftView, row)

    async def delete(self, workspace_id: int, chat_id: int, member_id: int) -> None:
        """Take a draft away, if there is one. Raises NotFound for an unknown chat."""
        async with self._store.unit() as unit:
            chat: Chat = await chat_of(unit.session, workspace_id, chat_id)
            await unit.conn.execute(delete(ChatDraft).where(*_mine(chat.id, member_id)))


def _mine(chat_id: int, member_id: int) -> tuple[Any, ...]:
    return ChatDraft.chat_id == chat_id, ChatDraft.member_id == member_id


def _draft(chat_id: int, member_id: int) -> Select[ChatDraft]:
    return select(ChatDraft).where(*_mine(chat_id, member_id)).execution_options(populate_existing=True)
