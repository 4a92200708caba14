"""Notes: what staff write down about a contact, or inside a conversation. Never sent to anybody."""

from __future__ import annotations

from functools import partial

from msgspec import UNSET, UnsetType
from sqlalchemy import Select, select

from ..ground import fields
from ..ground.errors import NotFound
from ..ground.events import ChatNoted
from ..ground.listing import page_by_id
from ..ground.ownership import chat_of, contact_of, member_of
from ..ground.paging import Page
from ..ground.store import Store
from ..ground.unit import Unit
from ..ground.views import view_of
from ..models import Chat, ChatNote, ContactNote
from .views import ChatNoteView, ContactNoteView

MAX_TEXT = 10_000


class Notes:
    """Contact notes and chat notes. Every id given must be the workspace's own, else NotFound."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # About a contact.

    async def contact_notes(
        self,
        workspace_id: int,
        *,
        contact_id: int | None = None,
        member_id: int | None = None,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[ContactNoteView]:
        """Notes about one contact, or about all, newest first. Raises NotFound for an unknown contact."""
        query = select(ContactNote).where(ContactNote.workspace_id == workspace_id)
        if member_id is not None:
            query = query.where(ContactNote.member_id == fields.row_id(member_id))
        async with self._store.db.read() as session:
            if contact_id is not None:
                await contact_of(session, workspace_id, contact_id)
                query = query.where(ContactNote.contact_id == contact_id)
            return await page_by_id(
                session,
                query,
                ContactNote.id,
                partial(view_of, ContactNoteView),
                limit=limit,
                cursor=cursor,
                page=page,
                total=total,
            )

    async def contact_note(self, workspace_id: int, note_id: int) -> ContactNoteView:
        """One note. Raises NotFound."""
        query = select(ContactNote).where(
            ContactNote.workspace_id == workspace_id, ContactNote.id == fields.row_id(note_id)
        )
        async with self._store.db.read() as session:
            found = await session.scalar(query)
        if found is None:
            raise NotFound("No such note.")
        return view_of(ContactNoteView, found)

    async def add_contact_note(
        self,
        workspace_id: int,
        contact_id: int,
        text: str,
        *,
        title: str | None = None,
        member_id: int | None = None,
    ) -> ContactNoteView:
        """Write a note about a contact; `member_id` who wrote it (None: a program). Raises Invalid, NotFound."""
        note = ContactNote(
            workspace_id=workspace_id,
            contact_id=contact_id,
            member_id=member_id,
            text=fields.text("text", text, maximum=MAX_TEXT),
            title=_title(title),
        )
        async with self._store.unit() as unit:
            await contact_of(unit.session, workspace_id, contact_id)
            if member_id is not None:
                await member_of(unit.session, workspace_id, member_id)
            note.created_at = unit.now
            unit.session.add(note)
            await unit.session.flush()
        return view_of(ContactNoteView, note)

    async def update_contact_note(
        self,
        workspace_id: int,
        note_id: int,
        *,
        text: str | UnsetType = UNSET,
        title: str | UnsetType | None = UNSET,
    ) -> ContactNoteView:
        """Change what is given. Raises Invalid, NotFound."""
        query = select(ContactNote).where(
            ContactNote.workspace_id == workspace_id, ContactNote.id == fields.row_id(note_id)
        )
        async with self._store.unit() as unit:
            note = await unit.session.scalar(query)
            if note is None:
                raise NotFound("No such note.")
            if not isinstance(text, UnsetType):
                note.text = fields.text("text", text, maximum=MAX_TEXT)
            if not isinstance(title, UnsetType):
                note.title = _title(title)
        return view_of(ContactNoteView, note)

    async def delete_contact_note(self, workspace_id: int, note_id: int) -> None:
        """Take a note away. Raises NotFound."""
        query = select(ContactNote).where(
            ContactNote.workspace_id == workspace_id, ContactNote.id == fields.row_id(note_id)
        )
        async with self._store.unit() as unit:
            note = await unit.session.scalar(query)
            if note is None:
                raise NotFound("No such note.")
            await unit.session.delete(note)

    # Inside a conversation.

    async def chat_notes(
        self,
        workspace_id: int,
        chat_id: int,
        *,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[ChatNoteView]:
        """A conversation's notes, newest first. Raises NotFound for an unknown chat."""
        query = select(ChatNote).where(ChatNote.workspace_id == workspace_id, ChatNote.chat_id == chat_id)
        async with self._store.db.read() as session:
            await chat_of(session, workspace_id, chat_id)
            return await page_by_id(
                session,
                query,
                ChatNote.id,
                partial(view_of, ChatNoteView),
                limit=limit,
                cursor=cursor,
                page=page,
                total=total,
            )

    async def add_chat_note(
        self, workspace_id: int, chat_id: int, text: str, *, member_id: int | None = None
    ) -> ChatNoteView:
        """Write a note inside a conversation. Raises Invalid, NotFound."""
        note = ChatNote(
            workspace_id=workspace_id,
            chat_id=chat_id,
            member_id=member_id,
            text=fields.text("text", text, maximum=MAX_TEXT),
        )
        async with self._store.unit() as unit:
            await chat_of(unit.session, workspace_id, chat_id)
            if member_id is not None:
                await member_of(unit.session, workspace_id, member_id)
            note.created_at = unit.now
            unit.session.add(note)
            await unit.session.flush()
            await _tell(unit, note)
        return view_of(ChatNoteView, note)

    async def update_chat_note(self, workspace_id: int, chat_id: int, note_id: int, text: str) -> ChatNoteView:
        """Change the text of a conversation's note. Raises Invalid, NotFound."""
        query = _chat_note(workspace_id, chat_id, note_id)
        async with self._store.unit() as unit:
            note = await unit.session.scalar(query)
            if note is None:
                raise NotFound("There is no such note.", code="NOTE_NOT_FOUND")
            note.text = fields.text("text", text, maximum=MAX_TEXT)
            await _tell(unit, note)
        return view_of(ChatNoteView, note)

    async def delete_chat_note(self, workspace_id: int, chat_id: int, note_id: int) -> None:
        """Take a conversation's note away. Raises NotFound."""
        query = _chat_note(workspace_id, chat_id, note_id)
        async with self._store.unit() as unit:
            note = await unit.session.scalar(query)
            if note is None:
                raise NotFound("There is no such note.", code="NOTE_NOT_FOUND")
            await _tell(unit, note, deleted=True)
            await unit.session.delete(note)


def _chat_note(workspace_id: int, chat_id: int, note_id: int) -> Select[ChatNote]:
    return select(ChatNote).where(
        ChatNote.workspace_id == workspace_id,
        ChatNote.chat_id == fields.row_id(chat_id),
        ChatNote.id == fields.row_id(note_id),
    )


async def _tell(unit: Unit, note: ChatNote, *, deleted: bool = False) -> None:
    channel_id = await unit.session.scalar(select(Chat.channel_id).where(Chat.id == note.chat_id))
    told = ChatNoted(
        id=note.id,
        chat_id=note.chat_id,
        member_id=note.member_id,
        text="" if deleted else note.text,
        deleted=deleted,
    )
    unit.emit(note.workspace_id, told, channel_id)


def _title(title: str | None) -> str | None:
    return (fields.text("title", title, maximum=200, required=False) or None) if title is not None else None
