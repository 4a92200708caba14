"""The index of messages (and of names, see `name_index`): kept beside the sends, not by them.

A step takes the next messages by id and keeps their words in a short transaction of its own, so that nobody who sends
waits for it. Messages of campaigns are in no chat and are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import delete, select, text

from ..ground.commit_order import CommitOrder
from ..ground.store import Store
from ..ground.unit import Unit
from ..models import Message, MessageText, SearchPosition
from ..names.index import NameIndex
from ..names.words import channel_word, words_of, workspace_word
from ..port.content import decode, kind_of, summary

SPAN: Final = 20_000
"""Ids that one step looks through."""
BATCH: Final = 200
"""Messages that one step keeps: a transaction of some milliseconds."""
_POSITION: Final = "messages"
MERGE_PAGES: Final = 200
"""Pages that FTS5 writes at once while deleted words are taken out of its files."""


class SearchIndex:
    """The service that keeps the index."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._order = CommitOrder(store.db, Message)
        self._names = NameIndex(store)

    @property
    def waits(self) -> bool:
        """Whether there are messages that others may still come before."""
        return self._order.waits

    async def step(self) -> bool:
        """Keep the next names, and the words of the next messages. Gives whether more may be left."""
        names = await self._names.step()
        return await self._messages() or names

    async def _messages(self) -> bool:
        position = select(SearchPosition.message_id).where(SearchPosition.name == _POSITION)
        async with self._store.db.read() as session:
            at = int(await session.scalar(position) or 0)
            last = await self._order.reach(session, at)
        if last <= at:
            return False
        async with self._store.unit() as unit:
            rows, end = await _next(unit, at, min(last, at + SPAN))
            await _insert(unit, _texts(rows))
            await _move(unit, end)
        # On PostgreSQL there may be more behind what was reached.
        return end < last or not self._store.db.is_sqlite

    async def forget_deleted(self) -> None:
        """Take the words of deleted messages and names out of the index's files too, a piece at a time. PostgreSQL's vacuum
        does it there."""
        if self._store.db.is_sqlite:
            for table in ("search_messages", "search_names"):
                await self._merge(table)

    async def _merge(self, table: str) -> None:
        first = True
        while True:
            async with self._store.unit() as unit:
                before = (await unit.conn.execute(text("SELECT total_changes()"))).scalar_one()
                # A negative number of pages begins to merge all that there is into one; positive ones go on with it.
                pages = -MERGE_PAGES if first else MERGE_PAGES
                await unit.conn.execute(
                    text(f"INSERT INTO {table}({table}, rank) VALUES ('merge', :pages)"),  # noqa: S608 - one of ours
                    {"pages": pages},
                )
                after = (await unit.conn.execute(text("SELECT total_changes()"))).scalar_one()
            first = False
            if after - before < 2:
                return


async def reindex(unit: Unit, message_id: int) -> None:
    """Keep the words of a message whose content has changed in this unit."""
    columns = (Message.id, Message.workspace_id, Message.channel_id, Message.content)
    row = (await unit.conn.execute(select(*columns).where(Message.id == message_id, Message.campaign_id == 0))).first()
    await unit.conn.execute(delete(MessageText).where(MessageText.message_id == message_id))
    if row is not None:
        await _insert(unit, _texts([row]))


def _texts(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows of `message_texts` for rows of messages, without those that say nothing."""
    return [
        {
            "message_id": row.id,
            "workspace_id": row.workspace_id,
            "channel_id": row.channel_id,
            "words": " ".join((workspace_word(row.workspace_id), channel_word(row.channel_id), *words)),
        }
        for row in rows
        if (words := words_of(text_of(row.content)))
    ]


async def _next(unit: Unit, begin: int, end: int) -> tuple[Sequence[Any], int]:
    """The next messages of chats that are not in the index, and up to which id there are no others.

    Their content stays as it is until the unit's end: else the words of what is erased meanwhile would be stored after its
    erasure. On SQLite nobody else writes; on PostgreSQL the rows are locked, and those that somebody is just changing are
    left to the next step, so that this never waits for a send.
    """
    chosen = [Message.id > begin, Message.id <= end, Message.campaign_id == 0]
    content = select(Message.id, Message.workspace_id, Message.channel_id, Message.content)
    if unit.conn.dialect.name == "sqlite":
        rows = (await unit.conn.execute(content.where(*chosen).order_by(Message.id).limit(BATCH))).all()
        return rows, int(rows[-1].id) if len(rows) == BATCH else end
    chosen.append(~select(MessageText.message_id).where(MessageText.message_id == Message.id).exists())
    ids = list((await unit.conn.execute(select(Message.id).where(*chosen).order_by(Message.id).limit(BATCH))).scalars())
    if not ids:
        return [], end
    locked = content.where(Message.id.in_(ids)).with_for_update(read=True, skip_locked=True)
    rows = (await unit.conn.execute(locked)).all()
    left = set(ids).difference(row.id for row in rows)
    return rows, min(left) - 1 if left else ids[-1] if len(ids) == BATCH else end


async def _insert(unit: Unit, texts: list[dict[str, Any]]) -> None:
    if not texts:
        return
    if unit.conn.dialect.name != "sqlite":
        await unit.conn.execute(unit.upsert(MessageText).on_conflict_do_nothing(), texts)
        return
    # By the driver, and without a trigger for the index: a third of the time.
    ids = [one["message_id"] for one in texts]
    known = set(
        await unit.session.scalars(
            select(MessageText.message_id).where(MessageText.message_id.between(min(ids), max(ids)))
        )
    )
    new = [one for one in texts if one["message_id"] not in known]
    if new:
        await unit.conn.exec_driver_sql(_INSERT_TEXT, [tuple(one.values()) for one in new])
        await unit.conn.exec_driver_sql(_INSERT_WORDS, [(one["message_id"], one["words"]) for one in new])


_INSERT_TEXT: Final = "INSERT INTO message_texts (message_id, workspace_id, channel_id, words) VALUES (?, ?, ?, ?)"
_INSERT_WORDS: Final = "INSERT INTO search_messages (rowid, words) VALUES (?, ?)"


async def _move(unit: Unit, to: int) -> None:
    row = unit.upsert(SearchPosition).values(name=_POSITION, message_id=to)
    await unit.conn.execute(
        row.on_conflict_do_update(
            index_elements=["name"], set_={"message_id": to}, where=SearchPosition.message_id < to
        )
    )


def text_of(content: str | None) -> str:
    """The text or caption of a stored content; empty for one that has none."""
    if content is None:
        return ""
    decoded = decode(content)
    line = summary(decoded)
    return "" if line == f"[{kind_of(decoded)}]" else line
