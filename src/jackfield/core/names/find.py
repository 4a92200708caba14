"""Contacts and chats by their names, numbers and addresses, and by names with errors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, SelectBase, column, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from ..models import Channel, Chat, Contact, NameChange, NameText
from .grams import (
    CHAT,
    CONTACT,
    SIZE,
    Some,
    Wanted,
    containing,
    postgresql_names,
    resembling,
    scope,
    sqlite_names,
    text_of_name,
)
from .index import NAMED
from .typos import Nearness
from .words import fold

FEW: Final = 500
"""Up to so many names are taken from the index; where more match, the next ones are met soon on the way through all."""
CANDIDATES: Final = 2000
"""Names that may be meant and are compared, the newest first."""
NEAREST: Final = 100
"""Names with the fewest errors that are given."""
PENDING: Final = 1000
"""Names that are not in the index yet and are compared one by one, the latest written."""


class NameFinder:
    """What one question finds among the names of a workspace."""

    def __init__(
        self, session: AsyncSession, workspace_id: int, q: str, *, is_sqlite: bool, most: int | None = None
    ) -> None:
        """`most`: up to how many names are few (`FEW`)."""
        self._session = session
        self._workspace_id = workspace_id
        self._is_sqlite = is_sqlite
        self._most = FEW if most is None else most
        digits = "".join(char for char in q if char.isdigit())
        folded = fold(q)
        self.needles = tuple(dict.fromkeys([folded, digits] if len(digits) >= 3 and not _has_letters(q) else [folded]))
        """What a name, number or address contains one of."""
        self._pending: dict[int, dict[int, str]] | None = None
        self._behind = False
        self._few: dict[int, list[int] | None] = {}
        self._near: dict[int, list[tuple[int, int]]] = {}

    @property
    def is_frequent(self) -> bool:
        """Whether it is one or two Latin letters or digits, which nearly everybody has: the index would tell a million."""
        return any(len(one) < SIZE and one.isascii() for one in self.needles)

    async def few(self, kind: int) -> list[int] | None:
        """The ids of all that contain it; None when these are more than few."""
        if kind not in self._few:
            # First: what the index takes over meanwhile is then in both, not in neither.
            waiting = await self.waiting(kind)
            rows = await self._matching(kind, self._wanted(), "", self._most + 1, self.needles)
            self._few[kind] = None if len(rows) > self._most else [*{row[0] // 2 for row in rows} | set(waiting)]
        return self._few[kind]

    async def waiting(self, kind: int) -> list[int]:
        """The ids of those that contain it and are not in the index yet."""
        return [id_ for id_, said in (await self._waiting(kind)).items() if any(one in said for one in self.needles)]

    async def is_behind(self) -> bool:
        """Whether more names wait for the index than are compared one by one: then it does not know all."""
        await self._waiting(CONTACT)
        return self._behind

    def all_of(self, kind: int) -> SelectBase:
        """The ids of all in the index that contain it, as a subquery for a count."""
        if self.is_frequent:
            # Reading the names themselves is faster.
            mine = (NameText.workspace_id == self._workspace_id, NameText.key % 2 == kind, said(self.needles))
            return select(NameText.key / 2 if self._is_sqlite else NameText.key // 2).where(*mine)
        query, values = self._query(kind, self._wanted(), self.needles)
        ids = query.replace("t.key, t.text", "t.key / 2 AS id", 1)
        named = {f"{name}_{kind}": value for name, value in values.items()}
        for name in values:
            ids = ids.replace(f":{name}", f":{name}_{kind}")
        return text(ids).bindparams(**named).columns(column("id", BigInteger))

    def _wanted(self) -> Wanted:
        return Some(tuple(containing(needle) for needle in self.needles))

    async def newest(self, kind: int, limit: int, before: int | None) -> list[int]:
        """The ids of the newest that contain it, below `before`."""
        few = await self.few(kind)
        if few is not None:
            return sorted((id_ for id_ in few if before is None or id_ < before), reverse=True)[:limit]
        query = select(NameText.key).where(
            NameText.workspace_id == self._workspace_id,
            NameText.key % 2 == kind,
            said(self.needles),
        )
        if before is not None:
            query = query.where(NameText.key < before * 2)
        found = {key // 2 for key in await self._session.scalars(query.order_by(NameText.key.desc()).limit(limit))}
        found |= {id_ for id_ in await self.waiting(kind) if before is None or id_ < before}
        return sorted(found, reverse=True)[:limit]

    async def near(self, kind: int, words: Sequence[str]) -> list[tuple[int, int]]:
        """How many errors the words have in the names that have them with the fewest, and the names' ids; the best first,
        then the newest."""
        if kind not in self._near:
            between = Nearness(words)
            rows = await self._matching(kind, resembling(words), _NEWEST, CANDIDATES, ())
            names = {row[0] // 2: row[1] for row in rows} | await self._waiting(kind)
            near = [
                (errors, -id_) for id_, said in names.items() if (errors := between(said.split("\n", 1)[0])) is not None
            ]
            self._near[kind] = [(errors, -id_) for errors, id_ in sorted(near)[:NEAREST]]
        return self._near[kind]

    async def chats_of(
        self, contacts: Sequence[int], chats: Sequence[int], channel_id: int | None
    ) -> list[tuple[int, int | None]]:
        """These chats and those of the contacts, also those begun from here, which know their contact by the address
        alone: ids, and which contact it is for (None: their own name)."""
        mine: list[Any] = [Chat.workspace_id == self._workspace_id]
        if channel_id is not None:
            mine.append(Chat.channel_id == channel_id)
        found: list[tuple[int, int | None]] = []
        if chats:
            own = select(Chat.id).where(*mine, Chat.id.in_(chats))
            found += [(id_, None) for id_ in await self._session.scalars(own)]
        if contacts:
            of = select(Chat.id, Chat.contact_id).where(*mine, Chat.contact_id.in_(contacts))
            found += [(row[0], row[1]) for row in await self._session.execute(of)]
            phones = select(Contact.phone, Contact.id).where(Contact.id.in_(contacts), Contact.phone.is_not(None))
            known = {row[0]: row[1] for row in await self._session.execute(phones)}
            channels = select(Channel.id).where(Channel.workspace_id == self._workspace_id)
            at = select(Chat.id, Chat.peer, Chat.contact_id).where(
                Chat.channel_id.in_(channels if channel_id is None else [channel_id]), Chat.peer.in_(known)
            )
            # That the chat has no contact is compared here: as a condition it would lead through all that have none.
            found += [(row[0], known[row[1]]) for row in await self._session.execute(at) if row[2] is None]
        return found

    async def _matching(
        self, kind: int, wanted: Wanted, order: str, most: int, needles: Iterable[str]
    ) -> Sequence[Any]:
        """Keys and texts of the index."""
        query, values = self._query(kind, wanted, needles)
        if self._is_sqlite:
            order = order.replace("t.key", "search_names.rowid")
        return (await self._session.execute(text(query + order + " LIMIT :most"), {**values, "most": most})).all()

    def _query(self, kind: int, wanted: Wanted, needles: Iterable[str]) -> tuple[str, dict[str, Any]]:
        """The statement that asks the index, and its values."""
        values: dict[str, Any] = {}
        checks = []
        for number, needle in enumerate(needles):
            values[f"needle{number}"] = needle
            checks.append(f"{'instr' if self._is_sqlite else 'strpos'}(t.text, :needle{number}) > 0")
        check = f" AND ({' OR '.join(checks)})" if checks else ""
        before = scope(self._workspace_id, kind)
        values["words"] = (sqlite_names if self._is_sqlite else postgresql_names)(wanted, before)
        return (_SQLITE if self._is_sqlite else _POSTGRESQL) + check, values

    async def _waiting(self, kind: int) -> dict[int, str]:
        """Texts of what is not in the index as it is now."""
        if self._pending is None:
            self._pending = {CONTACT: {}, CHAT: {}}
            query = select(NameChange.key).order_by(NameChange.id.desc()).limit(PENDING + 1)
            noted = [*await self._session.scalars(query)]
            self._behind = len(noted) > PENDING
            keys = set(noted[:PENDING])
            for one, model, columns in NAMED:
                ids = [key // 2 for key in keys if key % 2 == one]
                if ids:
                    mine = (model.workspace_id == self._workspace_id, model.id.in_(ids))
                    rows = await self._session.execute(select(model.id, *columns).where(*mine))
                    self._pending[one] = {row[0]: text_of_name(row[1:]) for row in rows}
        return self._pending[kind]


def said(needles: Sequence[str]) -> ColumnElement[bool]:
    """That a kept text contains one of these folded texts."""
    return or_(*(NameText.text.contains(one, autoescape=True) for one in needles))


def _has_letters(q: str) -> bool:
    return any(char.isalpha() for char in q)


_NEWEST: Final = " ORDER BY t.key DESC"
_SQLITE: Final = (
    "SELECT t.key, t.text FROM search_names JOIN name_texts AS t ON t.key = search_names.rowid"
    " WHERE search_names MATCH :words"
)
_POSTGRESQL: Final = (
    "SELECT t.key, t.text FROM name_texts AS t"
    " WHERE array_to_tsvector(string_to_array(t.words, ' ')) @@ CAST(CAST(:words AS text) AS tsquery)"
)
