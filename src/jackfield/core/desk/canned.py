"""Canned replies: texts that a workspace sends often, found by a shortcut, with placeholders and files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..ground import fields
from ..ground.errors import Conflict, NotFound
from ..ground.ownership import chat_of
from ..ground.paging import Page, check_limit, decode_cursor, encode_cursor
from ..ground.store import Store
from ..ground.views import view_of
from ..media.views import MediaView
from ..models import CannedReply, Contact, Media
from ..port.content.placeholders import fill

MAX_TEXT: Final = 4096
"""As long as the longest text message of any network here."""
MAX_SHORTCUT: Final = 40
MAX_MEDIA: Final = 10


class CannedReplyView(msgspec.Struct, frozen=True, kw_only=True):
    """A canned reply; times in Unix ms. `media` are its files that are still there, in their order."""

    id: int
    workspace_id: int
    shortcut: str
    text: str
    media: list[MediaView]
    created_at: int
    updated_at: int


class CannedReplies:
    """The service. Shortcuts are unique in a workspace without regard to case."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def list(
        self, workspace_id: int, *, q: str | None = None, limit: int = 50, cursor: str | None = None
    ) -> Page[CannedReplyView]:
        """By shortcut; `q`: those whose shortcut begins so. Raises Invalid for a bad limit or cursor."""
        limit = check_limit(limit)
        query = select(CannedReply).where(CannedReply.workspace_id == workspace_id)
        if q:
            begin = fields.folded(fields.text("q", q, maximum=MAX_SHORTCUT, required=False).removeprefix("/"))
            query = query.where(CannedReply.folded.startswith(begin, autoescape=True))
        if cursor:
            folded, id_ = decode_cursor(cursor, tuple[str, int])
            query = query.where(tuple_(CannedReply.folded, CannedReply.id) > tuple_(folded, id_))
        query = query.order_by(CannedReply.folded, CannedReply.id).limit(limit + 1)
        async with self._store.db.read() as session:
            rows = list(await session.scalars(query))
            items = await _views(session, rows[:limit])
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(items=items, cursor=None if last is None else encode_cursor(last.folded, last.id))

    async def get(self, workspace_id: int, reply_id: int) -> CannedReplyView:
        """One. Raises NotFound."""
        async with self._store.db.read() as session:
            (view,) = await _views(session, [await _get(session, workspace_id, reply_id)])
        return view

    async def create(
        self, workspace_id: int, shortcut: str, text: str, *, media_ids: Sequence[int] = ()
    ) -> CannedReplyView:
        """Keep a reply. Raises Invalid, Conflict (CANNED_REPLY_EXISTS), NotFound for files that are not there."""
        name = _shortcut(shortcut)
        values = {"text": _text(text), "shortcut": name, "folded": fields.folded(name), "media": [*media_ids]}
        return await self._write(workspace_id, None, values)

    async def update(
        self,
        workspace_id: int,
        reply_id: int,
        *,
        shortcut: str | UnsetType = UNSET,
        text: str | UnsetType = UNSET,
        media_ids: Sequence[int] | UnsetType = UNSET,
    ) -> CannedReplyView:
        """Change what is given. Raises as `create`, and NotFound."""
        values: dict[str, Any] = {}
        if not isinstance(shortcut, UnsetType):
            values["shortcut"] = _shortcut(shortcut)
            values["folded"] = fields.folded(values["shortcut"])
        if not isinstance(text, UnsetType):
            values["text"] = _text(text)
        if not isinstance(media_ids, UnsetType):
            values["media"] = [*media_ids]
        return await self._write(workspace_id, reply_id, values)

    async def _write(self, workspace_id: int, reply_id: int | None, values: dict[str, Any]) -> CannedReplyView:
        try:
            async with self._store.unit() as unit:
                row = CannedReply(workspace_id=workspace_id, created_at=unit.now)
                if reply_id is not None:
                    row = await _get(unit.session, workspace_id, reply_id)
                if "media" in values:
                    values["media"] = await _checked(unit.session, workspace_id, values["media"])
                for name, value in values.items():
                    setattr(row, name, value)
                if not row.text and not row.media:
                    raise fields.refuse("text", "Write a text, or choose files.")
                row.updated_at = unit.now
                unit.session.add(row)
                await unit.session.flush()
                (view,) = await _views(unit.session, [row])
        except IntegrityError:
            raise Conflict(
                f"A canned reply with the shortcut {values.get('shortcut')!r} exists already.",
                code="CANNED_REPLY_EXISTS",
            ) from None
        return view

    async def delete(self, workspace_id: int, reply_id: int) -> None:
        """Take a reply away; its files stay. Raises NotFound."""
        async with self._store.unit() as unit:
            await unit.session.delete(await _get(unit.session, workspace_id, reply_id))

    async def filled(self, workspace_id: int, reply_id: int, chat_id: int, *, agent: str) -> str:
        """The text for a chat: `{name}`, `{first_name}`, `{last_name}`, `{phone}` and `{email}` of its contact, `{agent}`
        who writes. What is not known becomes nothing; other words in braces stay. Raises NotFound."""
        async with self._store.db.read() as session:
            row = await _get(session, workspace_id, reply_id)
            chat = await chat_of(session, workspace_id, chat_id)
            contact = await session.get(Contact, chat.contact_id) if chat.contact_id is not None else None
        name = (contact.name if contact is not None else chat.name) or ""
        known = {
            "name": name,
            "first_name": (contact.first_name if contact is not None else None) or name.partition(" ")[0],
            "last_name": contact.last_name if contact is not None else None,
            "phone": contact.phone if contact is not None else None,
            "email": contact.email if contact is not None else None,
            "agent": agent,
        }
        return fill(row.text, known)


async def _get(session: AsyncSession, workspace_id: int, reply_id: int) -> CannedReply:
    query = select(CannedReply).where(
        CannedReply.workspace_id == workspace_id, CannedReply.id == fields.row_id(reply_id)
    )
    row = await session.scalar(query)
    if row is None:
        raise NotFound("There is no such canned reply.", code="CANNED_REPLY_NOT_FOUND")
    return row


async def _files(session: AsyncSession, workspace_id: int, ids: set[int]) -> dict[int, Media]:
    if not ids:
        return {}
    query = select(Media).where(Media.workspace_id == workspace_id, Media.id.in_(ids))
    return {row.id: row for row in await session.scalars(query)}


async def _views(session: AsyncSession, rows: Sequence[CannedReply]) -> list[CannedReplyView]:
    if not rows:
        return []
    known = await _files(session, rows[0].workspace_id, {id_ for row in rows for id_ in row.media})
    return [
        view_of(CannedReplyView, row, media=[view_of(MediaView, known[id_]) for id_ in row.media if id_ in known])
        for row in rows
    ]


async def _checked(session: AsyncSession, workspace_id: int, ids: Sequence[int]) -> list[int]:
    """Ids of uploads of this workspace, each once. A file that came in belongs to its conversation."""
    wanted = list(dict.fromkeys(ids))
    if len(wanted) > MAX_MEDIA:
        raise fields.refuse("media_ids", f"Must have at most {MAX_MEDIA} items.")
    known = await _files(session, workspace_id, {fields.row_id(id_) for id_ in wanted})
    for id_ in wanted:
        if id_ not in known or known[id_].channel_id is not None:
            raise NotFound(f"There is no uploaded media {id_}.", code="MEDIA_NOT_FOUND")
    return wanted


def _shortcut(value: str) -> str:
    name = fields.text("shortcut", value, maximum=MAX_SHORTCUT + 1).removeprefix("/")
    if not name or len(name) > MAX_SHORTCUT or any(char.isspace() or char == "/" for char in name):
        raise fields.refuse("shortcut", f"Must be one word of at most {MAX_SHORTCUT} characters.")
    return name


def _text(value: str) -> str:
    return fields.text("text", value, maximum=MAX_TEXT, required=False)
