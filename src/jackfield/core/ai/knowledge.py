"""`Knowledge`: files and pages that answers are made of, kept as passages that are found by their words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import defer

from ...db.bulk import insert_many
from ..ground import fields
from ..ground.errors import Conflict, LimitReached, NotFound
from ..ground.listing import page_by_id
from ..ground.paging import Page
from ..ground.store import Store
from ..ground.unit import Unit
from ..models import KnowledgePassage, KnowledgeSource
from .finding import find_passages, kept_words
from .passages import FORMATS, cut, plain
from .views import FoundPassage, KnowledgeView

MAX_SOURCES: Final = 300
MAX_CHARACTERS: Final = 500_000
"""Characters of one source."""
MAX_TOTAL: Final = 8_000_000
"""Characters of all sources of a workspace."""
MAX_FILE: Final = 2 * 1024 * 1024
"""Bytes of a file."""
MAX_FOUND: Final = 20
_ENDINGS: Final = {
    "txt": "text", "text": "text", "md": "markdown", "markdown": "markdown", "html": "html", "htm": "html", "csv": "csv",
}  # fmt: skip
_TYPES: Final = {"text/plain": "text", "text/markdown": "markdown", "text/html": "html", "text/csv": "csv"}


class Knowledge:
    """The service. Names are unique in a workspace without regard to case."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def list(
        self,
        workspace_id: int,
        *,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[KnowledgeView]:
        """The sources, newest first, without their texts. Raises Invalid for a bad limit or cursor."""
        query = select(KnowledgeSource).where(KnowledgeSource.workspace_id == workspace_id)
        async with self._store.db.read() as session:
            return await page_by_id(
                session,
                query.options(defer(KnowledgeSource.text, raiseload=True)),
                KnowledgeSource.id,
                _view,
                limit=limit,
                cursor=cursor,
                page=page,
                total=total,
            )

    async def get(self, workspace_id: int, source_id: int) -> KnowledgeView:
        """One, with its text. Raises NotFound."""
        async with self._store.db.read() as session:
            row = await _get(session, workspace_id, source_id)
            return _view(row, row.text)

    async def find(
        self, workspace_id: int, question: str, *, sources: Sequence[int] = (), limit: int = 5
    ) -> Sequence[FoundPassage]:
        """The passages that a model would be given for a question; of all sources where none is named. Raises Invalid."""
        question = fields.text("q", question, maximum=2000, required=False)
        if not isinstance(limit, int) or not 1 <= limit <= MAX_FOUND:
            raise fields.refuse("limit", f"Must be from 1 to {MAX_FOUND}.")
        async with self._store.db.read() as session:
            return await find_passages(
                session, workspace_id, question, sources=[fields.row_id(one) for one in sources], limit=limit
            )

    async def add(
        self, workspace_id: int, name: str, text: str, *, format: str = "markdown", filename: str | None = None
    ) -> KnowledgeView:
        """Keep a page. Raises Invalid, Conflict (KNOWLEDGE_EXISTS), LimitReached (TOO_MUCH_KNOWLEDGE)."""
        name, body = _checked(name, text, format)
        try:
            async with self._store.unit() as unit:
                row = KnowledgeSource(workspace_id=workspace_id, created_at=unit.now, filename=_filename(filename))
                await _write(unit, row, name, body, format)
        except IntegrityError:
            raise _taken(name) from None
        return _view(row, row.text)

    async def replace(
        self,
        workspace_id: int,
        source_id: int,
        *,
        name: str | None = None,
        text: str | None = None,
        format: str | None = None,
        filename: str | None = None,
    ) -> KnowledgeView:
        """Give a source another name or text; its passages are made anew with the text. Raises as `add`, and NotFound."""
        given = None if name is None else fields.text("name", name, maximum=100)
        try:
            async with self._store.unit() as unit:
                row = await _get(unit.session, workspace_id, source_id, lock=True)
                if text is None:
                    row.name, row.folded = given or row.name, fields.folded(given or row.name)
                    row.updated_at = unit.now
                    await unit.session.flush()
                else:
                    row.filename = _filename(filename)
                    # What was kept of HTML and of a table has no tags and columns any more.
                    kind = format or {"html": "markdown", "csv": "text"}.get(row.format, row.format)
                    await _write(unit, row, given or row.name, _checked("x", text, kind)[1], kind)
        except IntegrityError:
            raise _taken(given or "") from None
        return await self.get(workspace_id, row.id)

    async def delete(self, workspace_id: int, source_id: int) -> None:
        """Delete a source with its passages; rules that name it go on without it. Raises NotFound."""
        async with self._store.unit() as unit:
            await unit.session.delete(await _get(unit.session, workspace_id, source_id))

    async def add_file(
        self, workspace_id: int, data: bytes, *, filename: str | None, mime: str | None
    ) -> KnowledgeView:
        """Keep a file under its name. Raises as `add`, and Invalid for what is no text in UTF-8."""
        text, format = _read(data, filename, mime)
        name = (filename or "").strip()[-100:] or "File"
        return await self.add(workspace_id, name, text, format=format, filename=filename)

    async def replace_file(
        self, workspace_id: int, source_id: int, data: bytes, *, filename: str | None, mime: str | None
    ) -> KnowledgeView:
        """Give a source the text of a file. Raises as `add_file`, and NotFound."""
        text, format = _read(data, filename, mime)
        return await self.replace(workspace_id, source_id, text=text, format=format, filename=filename)


def _read(data: bytes, filename: str | None, mime: str | None) -> tuple[str, str]:
    """A file's text and format. Raises Invalid."""
    if len(data) > MAX_FILE:
        raise fields.refuse("file", f"Must be at most {MAX_FILE // 1024 // 1024} MiB.")
    ending = (filename or "").rpartition(".")[2].casefold()
    format = _ENDINGS.get(ending) or _TYPES.get((mime or "").partition(";")[0].strip().casefold())
    if format is None:
        raise fields.refuse("file", "Must be a text, Markdown, HTML or CSV file (.txt, .md, .html, .csv).")
    try:
        return data.decode("utf-8-sig"), format
    except UnicodeDecodeError:
        raise fields.refuse("file", "Must be text in UTF-8.") from None


def _checked(name: str, text: Any, format: str) -> tuple[str, str]:
    """A name, and a text as it is kept. Raises Invalid."""
    name = fields.text("name", name, maximum=100)
    fields.choice("format", format, FORMATS)
    if not isinstance(text, str):
        raise fields.refuse("text", "Must be text.")
    if len(text) > MAX_FILE:
        raise fields.refuse("text", f"Must be at most {MAX_FILE} characters.")
    try:
        body = fields.storable(plain(text, format))
    except ValueError:
        raise fields.refuse("text", "Not a CSV file.") from None
    if not body:
        raise fields.refuse("text", "There is no text in it.")
    if len(body) > MAX_CHARACTERS:
        raise fields.refuse(
            "text", f"Must be at most {MAX_CHARACTERS} characters; give parts of it names of their own."
        )
    return name, body


def _filename(given: str | None) -> str | None:
    return None if given is None else fields.storable(given)[-200:] or None


async def _write(unit: Unit, row: KnowledgeSource, name: str, body: str, format: str) -> None:
    """Give a source its text and its passages."""
    others = select(func.count(), func.coalesce(func.sum(KnowledgeSource.characters), 0)).where(
        KnowledgeSource.workspace_id == row.workspace_id, KnowledgeSource.id != (row.id or 0)
    )
    count, characters = (await unit.conn.execute(others)).one()
    if count >= MAX_SOURCES or characters + len(body) > MAX_TOTAL:
        raise LimitReached(
            f"A workspace keeps at most {MAX_SOURCES} pages and files of {MAX_TOTAL} characters in all.",
            code="TOO_MUCH_KNOWLEDGE",
        )
    pieces = cut(body, headings=format in ("markdown", "html"))
    row.name, row.folded, row.format, row.text = name, fields.folded(name), format, body
    row.characters, row.passages, row.updated_at = len(body), len(pieces), unit.now
    unit.session.add(row)
    await unit.session.flush()
    await unit.conn.execute(delete(KnowledgePassage).where(KnowledgePassage.source_id == row.id))
    await insert_many(
        unit.conn,
        KnowledgePassage,
        [
            {
                "workspace_id": row.workspace_id,
                "source_id": row.id,
                "place": place,
                "title": piece.title,
                "text": piece.text,
                "words": kept_words(row.workspace_id, row.id, f"{name}\n{piece.title}", piece.text),
            }
            for place, piece in enumerate(pieces)
        ],
    )


async def _get(session: Any, workspace_id: int, source_id: int, *, lock: bool = False) -> KnowledgeSource:
    query = select(KnowledgeSource).where(
        KnowledgeSource.workspace_id == workspace_id, KnowledgeSource.id == fields.row_id(source_id)
    )
    row: KnowledgeSource | None = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound("There is no such page or file.", code="KNOWLEDGE_NOT_FOUND")
    return row


def _view(row: KnowledgeSource, text: str | None = None) -> KnowledgeView:
    return KnowledgeView(
        id=row.id,
        workspace_id=row.workspace_id,
        name=row.name,
        format=row.format,
        filename=row.filename,
        characters=row.characters,
        passages=row.passages,
        created_at=row.created_at,
        updated_at=row.updated_at,
        text=text,
    )


def _taken(name: str) -> Conflict:
    return Conflict(f"A page or file called {name!r} exists already.", code="KNOWLEDGE_EXISTS")
