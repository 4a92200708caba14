"""What contacts are grouped by, each a named thing of the workspace: `Tags`, `Lists`, `Attributes`.

Names are unique without regard to case; what exists keeps the spelling it was made with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from ...ground import fields
from ...ground.acting import is_automatic
from ...ground.errors import Conflict
from ...ground.events import ContactUpdated
from ...ground.listing import page_by_id
from ...ground.paging import Page, check_limit
from ...ground.store import Store
from ...ground.unit import Unit
from ...models import Attribute, Contact, ContactAttribute, ContactList, ContactListMember, ContactTag, Tag
from ..people import validate as inputs
from ..people import write
from .bulk import each_chunk

CHUNK = 10_000
"""Memberships per transaction when something that a million contacts have is deleted."""

KINDS = ("text", "number", "date", "boolean")

MAX_KEYWORDS = 100
RULED = "automations"
"""Topic of the bus: what incoming messages start has changed."""

Model = TypeVar("Model", Tag, ContactList, Attribute)


class LabelView(msgspec.Struct, kw_only=True):
    """A tag, list or attribute. `contacts` is how many have it (None: not counted). `color`, `first_message` and
    `keywords` are a tag's, `kind` an attribute's."""

    id: int
    name: str
    created_at: int
    contacts: int | None = None
    color: str | None = None
    kind: str | None = None
    first_message: bool = False
    keywords: Sequence[str] = ()


class AssignmentView(msgspec.Struct, kw_only=True, frozen=True):
    """That a contact has a tag."""

    tag_id: int
    contact_id: int
    name: str
    color: str | None


class Labels(Generic[Model]):
    """What the three have in common."""

    model: type[Model]
    holder: ClassVar[Any]
    """The table that says which contact has it, and the name of its column."""
    holder_key: ClassVar[str]
    word: ClassVar[str]

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def _column(self) -> Any:
        return getattr(self.holder, self.holder_key)

    # -- reading -------------------------------------------------------------------------------------

    async def list(
        self,
        workspace_id: int,
        *,
        q: str | None = None,
        counts: bool = False,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[LabelView]:
        """In the order in which they were made. `q`: the name contains; `counts`: with the number of contacts."""
        query = select(self.model).where(self.model.workspace_id == workspace_id)
        if q:
            text = fields.text("q", q, maximum=200, required=False).casefold()
            query = query.where(self.model.folded.contains(text, autoescape=True))
        async with self._store.db.read() as session:
            found = await page_by_id(
                session,
                query,
                self.model.id,
                _view,
                limit=limit,
                cursor=cursor,
                page=page,
                newest_first=False,
                total=total,
            )
            if counts:
                known = await self._counts(session, [one.id for one in found.items])
                for one in found.items:
                    one.contacts = known.get(one.id, 0)
        return found

    async def all(self, workspace_id: int) -> Sequence[LabelView]:
        """Every one, by name, uncounted: for pickers and for dialects that show them all."""
        query = select(self.model).where(self.model.workspace_id == workspace_id).order_by(self.model.folded)
        async with self._store.db.read() as session:
            return [_view(row) for row in (await session.scalars(query)).all()]

    async def get(self, workspace_id: int, id: int | str) -> LabelView:
        """One, with its count. Raises NotFound."""
        number = self._id(id)
        async with self._store.db.read() as session:
            row = await session.scalar(
                select(self.model).where(self.model.id == number, self.model.workspace_id == workspace_id)
            )
            if row is None:
                raise inputs.not_found(self.word, id, self._code("NOT_FOUND"))
            view = _view(row)
            view.contacts = (await self._counts(session, [number])).get(number, 0)
        return view

    async def find(self, workspace_id: int, name: str) -> LabelView | None:
        """The one of this name, without regard to case, or None."""
        folded = inputs.label("name", name).casefold()
        async with self._store.db.read() as session:
            row = await session.scalar(
                select(self.model).where(self.model.workspace_id == workspace_id, self.model.folded == folded)
            )
        return None if row is None else _view(row)

    async def _counts(self, session: Any, ids: Sequence[int]) -> Mapping[int, int]:
        if not ids:
            return {}
        rows = await session.execute(
            select(self._column, func.count()).where(self._column.in_(ids)).group_by(self._column)
        )
        return {row[0]: row[1] for row in rows}

    # -- changing ------------------------------------------------------------------------------------

    async def _create(self, workspace_id: int, name: str, exist_ok: bool, **more: Any) -> LabelView:
        name = inputs.label("name", name)
        try:
            async with self._store.unit() as unit:
                more |= self._implied(unit, workspace_id, more)
                row = self.model(
                    workspace_id=workspace_id, name=name, folded=name.casefold(), created_at=unit.now, **more
                )
                unit.session.add(row)
                await unit.session.flush()
                view = _view(row)
        except IntegrityError:
            known = await self.find(workspace_id, name)
            if known is None:
                raise
            if not exist_ok:
                raise Conflict(
                    f"A {self.word.lower()} called {known.name!r} exists already.",
                    code=self._code("EXISTS"),
                    details={"id": known.id},
                ) from None
            return known
        view.contacts = 0
        return view

    async def _update(self, workspace_id: int, id: int | str, values: dict[str, Any]) -> LabelView:
        number = self._id(id)
        if "name" in values:
            values["name"] = inputs.label("name", values["name"])
            values["folded"] = values["name"].casefold()
        try:
            async with self._store.unit() as unit:
                mine = (self.model.id == number, self.model.workspace_id == workspace_id)
                found = await unit.session.scalar(select(self.model).where(*mine))
                if found is None:
                    raise inputs.not_found(self.word, id, self._code("NOT_FOUND"))
                values |= self._implied(unit, workspace_id, values, found)
                if values:
                    await unit.conn.execute(update(self.model).where(*mine).values(**values))
        except IntegrityError:
            known = await self.find(workspace_id, values.get("name", ""))
            raise Conflict(
                f"Another {self.word.lower()} is called {values.get('name')!r}.",
                code=self._code("EXISTS"),
                details={"id": None if known is None else known.id},
            ) from None
        return await self.get(workspace_id, number)

    def _implied(self, unit: Unit, workspace_id: int, values: Mapping[str, Any], row: Any = None) -> dict[str, Any]:
        """Values that follow from those that are written; `row` is what there was before."""
        return {}

    async def rename(self, workspace_id: int, id: int | str, name: str) -> LabelView:
        """Give it another name. Raises NotFound, Invalid, and Conflict when the name is taken."""
        return await self._update(workspace_id, id, {"name": name})

    async def delete(self, workspace_id: int, id: int | str) -> None:
        """Delete it; the contacts stay. Raises NotFound.

        Taken off contact by contact in short transactions first, so that sends and replies go on meanwhile.
        """
        number = self._id(id)
        mine = (self.model.id == number, self.model.workspace_id == workspace_id)
        async with self._store.db.read() as session:
            if await session.scalar(select(self.model.id).where(*mine)) is None:
                raise inputs.not_found(self.word, id, self._code("NOT_FOUND"))
        while True:
            some = select(self.holder.contact_id).where(self._column == number).limit(CHUNK)
            async with self._store.unit() as unit:
                gone = await unit.conn.execute(
                    delete(self.holder).where(self._column == number, self.holder.contact_id.in_(some))
                )
                if gone.rowcount < CHUNK:
                    await unit.conn.execute(delete(self.model).where(*mine))
                    return

    def _id(self, value: Any) -> int:
        return inputs.known_id(value, self.word, self._code("NOT_FOUND"))

    def _code(self, what: str) -> str:
        return f"{self.word.upper()}_{what}"


class Tags(Labels[Tag]):
    """Labels."""

    model = Tag
    holder = ContactTag
    holder_key = "tag_id"
    word = "Tag"

    async def create(
        self,
        workspace_id: int,
        name: str,
        *,
        color: str | None = None,
        first_message: bool = False,
        keywords: Sequence[str] = (),
        exist_ok: bool = False,
    ) -> LabelView:
        """Make a tag. Who writes for the first time from now on gets it (`first_message`), and who writes one of
        `keywords`. Raises Invalid, and Conflict (TAG_EXISTS) unless `exist_ok` asks for the old one."""
        return await self._create(
            workspace_id,
            name,
            exist_ok,
            color=inputs.line("color", color, 50),
            first_message=bool(inputs.flag("first_message", first_message)),
            keywords=_keywords(keywords),
        )

    async def update(
        self,
        workspace_id: int,
        id: int | str,
        *,
        name: str | UnsetType = UNSET,
        color: str | UnsetType | None = UNSET,
        first_message: bool | UnsetType = UNSET,
        keywords: Sequence[str] | UnsetType = UNSET,
    ) -> LabelView:
        """Change what is given. Raises NotFound, Invalid and Conflict."""
        values: dict[str, Any] = {} if name is UNSET else {"name": name}
        if color is not UNSET:
            values["color"] = inputs.line("color", color, 50)
        if first_message is not UNSET:
            values["first_message"] = bool(inputs.flag("first_message", first_message))
        if not isinstance(keywords, UnsetType):
            values["keywords"] = _keywords(keywords)
        return await self._update(workspace_id, id, values)

    def _implied(self, unit: Unit, workspace_id: int, values: Mapping[str, Any], row: Any = None) -> dict[str, Any]:
        if "first_message" not in values and "keywords" not in values:
            return {}
        unit.notify(RULED, workspace_id)
        first = values.get("first_message", row is not None and row.first_message)
        words = values.get("keywords", [] if row is None else row.keywords)
        return {"ruled_at": unit.now if first or words else None}

    async def assignments(
        self, workspace_id: int, *, contact_id: int | None = None, limit: int = 50, page: int = 1
    ) -> Page[AssignmentView]:
        """Which contact has which tag, by tag; of one contact only where it is given. Raises Invalid."""
        limit = check_limit(limit)
        query = (
            select(ContactTag.contact_id, Tag.id, Tag.name, Tag.color)
            .join(Tag, Tag.id == ContactTag.tag_id)
            .where(Tag.workspace_id == workspace_id)
        )
        if contact_id is not None:
            query = query.where(ContactTag.contact_id == contact_id)
        query = query.order_by(Tag.id, ContactTag.contact_id).offset((page - 1) * limit).limit(limit + 1)
        async with self._store.db.read() as session:
            rows = (await session.execute(query)).all()
        items = [
            AssignmentView(tag_id=row.id, contact_id=row.contact_id, name=row.name, color=row.color) for row in rows
        ]
        return Page(items=items[:limit], cursor="more" if len(items) > limit else None)


class Attributes(Labels[Attribute]):
    """Custom fields."""

    model = Attribute
    holder = ContactAttribute
    holder_key = "attribute_id"
    word = "Attribute"

    async def create(self, workspace_id: int, name: str, *, kind: str = "text", exist_ok: bool = False) -> LabelView:
        """Make a custom field. Raises Invalid, and Conflict (ATTRIBUTE_EXISTS) unless `exist_ok`."""
        return await self._create(workspace_id, name, exist_ok, kind=fields.choice("kind", kind, KINDS))

    async def update(
        self,
        workspace_id: int,
        id: int | str,
        *,
        name: str | UnsetType = UNSET,
        kind: str | UnsetType = UNSET,
    ) -> LabelView:
        """Change name or kind; the values stay as they are. Raises NotFound, Invalid and Conflict."""
        values: dict[str, Any] = {} if name is UNSET else {"name": name}
        if kind is not UNSET:
            values["kind"] = fields.choice("kind", kind, KINDS)
        return await self._update(workspace_id, id, values)


class Lists(Labels[ContactList]):
    """Static groups."""

    model = ContactList
    holder = ContactListMember
    holder_key = "list_id"
    word = "List"

    async def create(self, workspace_id: int, name: str, *, exist_ok: bool = False) -> LabelView:
        """Make a list. Raises Invalid, and Conflict (LIST_EXISTS) unless `exist_ok` asks for the old one."""
        return await self._create(workspace_id, name, exist_ok)

    async def add_members(self, workspace_id: int, id: int | str, contact_ids: Sequence[int]) -> int:
        """Put contacts into a list; gives how many were not in it. Raises NotFound for the list or a contact."""
        return await self._members(workspace_id, id, contact_ids, add=True)

    async def remove_members(self, workspace_id: int, id: int | str, contact_ids: Sequence[int]) -> int:
        """Take contacts out of a list; gives how many were in it. Raises NotFound for the list or a contact."""
        return await self._members(workspace_id, id, contact_ids, add=False)

    async def _members(self, workspace_id: int, id: int | str, contact_ids: Sequence[int], *, add: bool) -> int:
        number = self._id(id)
        wanted = sorted({inputs.known_id(one, "Contact", "CONTACT_NOT_FOUND") for one in contact_ids})
        if len(wanted) > CHUNK:
            raise fields.refuse("contact_ids", f"At most {CHUNK} at once; use a filter for more.")
        async with self._store.unit() as unit:
            conn = unit.conn
            mine = select(ContactList.id).where(ContactList.id == number, ContactList.workspace_id == workspace_id)
            if await conn.scalar(mine) is None:
                raise inputs.not_found("List", id, "LIST_NOT_FOUND")
            known = set(
                (
                    await conn.execute(
                        select(Contact.id).where(Contact.workspace_id == workspace_id, Contact.id.in_(wanted))
                    )
                ).scalars()
            )
            for one in wanted:
                if one not in known:
                    raise inputs.not_found("Contact", one, "CONTACT_NOT_FOUND")
            there = set(
                (
                    await conn.execute(
                        select(ContactListMember.contact_id).where(
                            ContactListMember.list_id == number, ContactListMember.contact_id.in_(wanted)
                        )
                    )
                ).scalars()
            )
            await _tell_members(unit, workspace_id, number, known - there if add else there, add=add)
            if add:
                await write.add_members(unit, ((one, number) for one in known - there))
                return len(known - there)
            await conn.execute(
                delete(ContactListMember).where(
                    ContactListMember.list_id == number, ContactListMember.contact_id.in_(there)
                )
            )
            return len(there)

    async def add_matching(self, workspace_id: int, id: int | str, filter: Mapping[str, Any]) -> int:
        """Put all contacts of a filter into a list; gives how many were not in it. Raises NotFound and Invalid."""
        view = await self.get(workspace_id, id)

        async def work(unit: Unit, ids: Sequence[int]) -> int:
            new = await write.count_new(unit, ContactListMember, "list_id", view.id, ids)
            await write.add_members(unit, ((one, view.id) for one in ids))
            return new

        return await each_chunk(self._store, workspace_id, filter, work)


async def _tell_members(unit: Unit, workspace_id: int, list_id: int, ids: set[int], *, add: bool) -> None:
    """Say of each contact that it came into a list, or went out of it."""
    if not ids:
        return
    name = str(await unit.conn.scalar(select(ContactList.name).where(ContactList.id == list_id)))
    people = await unit.conn.execute(
        select(Contact.id, Contact.name, Contact.phone).where(Contact.id.in_(ids)).order_by(Contact.id)
    )
    labels = {"lists_added" if add else "lists_removed": [name]}
    for row in people:
        told = ContactUpdated(id=row.id, name=row.name, phone=row.phone, automatic=is_automatic(), **labels)
        unit.emit(workspace_id, told)


def _view(row: Any) -> LabelView:
    return LabelView(
        id=row.id,
        name=row.name,
        created_at=row.created_at,
        color=getattr(row, "color", None),
        kind=getattr(row, "kind", None),
        first_message=getattr(row, "first_message", False),
        keywords=getattr(row, "keywords", ()),
    )


def _keywords(given: Any) -> list[str]:
    """Words of a tag, each once, without regard to case. Raises Invalid that names the wrong one by its place."""
    if not isinstance(given, list | tuple):
        raise fields.refuse("keywords", "Must be a list of words.")
    if len(given) > MAX_KEYWORDS:
        raise fields.refuse("keywords", f"At most {MAX_KEYWORDS}.")
    found: dict[str, str] = {}
    for place, one in enumerate(given):
        word = inputs.label(f"keywords.{place}", one)
        if not any(char.isalnum() for char in word):
            raise fields.refuse(f"keywords.{place}", "Must have a letter or a digit.")
        found.setdefault(word.casefold(), word)
    return [*found.values()]
