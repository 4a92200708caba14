"""`Contacts`: people, and all by which they are grouped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import delete, select, update

from ...db.base import now_ms
from ..ground import fields
from ..ground.attempt import attempt
from ..ground.errors import Invalid, JackfieldError
from ..ground.events import ContactDeleted
from ..ground.listing import page_by_id
from ..ground.paging import Page
from ..ground.store import Store
from ..ground.unit import Unit
from ..models import (
    Chat,
    Contact,
    ContactMerge,
    Identity,
)
from ..port import Networks
from .columns import FURTHER
from .consent.keywords import keep_refusal
from .consent.suppressions import Suppressions
from .file_commands import ContactFiles
from .find.filters import conditions
from .find.listing import list_contacts
from .find.segments import Segments
from .groups.bulk import tag_all
from .groups.labels import Attributes, Lists, Tags
from .people import validate as inputs
from .people.changes import LabelChanges
from .people.countries import country_of_workspace
from .people.merging import UNDO, UNDO_MS, ledger_rows, merge, unmerge
from .people.resolve import hold_identities
from .people.saving import NOT_FOUND, Saved, change, require, save
from .people.validate import ContactInput
from .people.views import ContactView, load_views


class MergeView(msgspec.Struct, kw_only=True):
    """A piece of a contact's history: `merged_id` became part of it (None: it was a change of phone), with the fields
    that it had."""

    id: int
    contact_id: int
    merged_id: int | None
    data: dict[str, Any]
    reason: str
    created_at: int
    undoable: bool = False
    """Whether `Contacts.unmerge` can take it back."""


class RecipientView(msgspec.Struct, kw_only=True, frozen=True):
    """A contact as a message reaches it: its address on a network, and what a greeting needs."""

    contact_id: int
    address: str
    name: str
    phone: str | None
    refuses_marketing: bool
    """Blocked, or without the consent that it was asked for."""


class Contacts(ContactFiles):
    """The service. Every method sees one workspace; another's contact is not told apart from none."""

    def __init__(self, store: Store, networks: Networks) -> None:
        super().__init__(store, networks)
        self._networks = networks
        self.lists = Lists(store)
        self.tags = Tags(store)
        self.attributes = Attributes(store)
        self.segments = Segments(store)
        self.suppressions = Suppressions(store, networks)

    # -- making --------------------------------------------------------------------------------------

    async def create(
        self,
        workspace_id: int,
        *,
        name: str | None = None,
        phone: str | int | None = None,
        tags: Sequence[str] = (),
        attributes: Mapping[str, Any] | None = None,
        lists: Sequence[str | int] = (),
        blocked: bool | None = None,
        source: str = "api",
        identities: Mapping[str, str | Sequence[str]] | None = None,
        on_duplicate: str = "error",
        strict: bool = False,
        **further: Any,
    ) -> ContactView:
        """Make a contact; `save` says more of what happened. `further`: values of `columns.Further`, such as email.

        Raises Conflict with code CONTACT_EXISTS (`details["id"]` is the one that exists) when `on_duplicate` is
        "error", and Invalid.
        """
        contact = ContactInput(
            name=name,
            phone=phone,
            tags=tags,
            attributes=attributes,
            lists=lists,
            blocked=blocked,
            source=source,
            identities=identities,
            **further,
        )
        return (await self.save(workspace_id, contact, on_duplicate=on_duplicate, strict=strict)).contact

    async def save(
        self, workspace_id: int, contact: ContactInput, *, on_duplicate: str = "error", strict: bool = False
    ) -> Saved:
        """Make a contact, or deal with the one that has its phone number or another of its identities.

        `on_duplicate`: "error"; "skip" leaves the old one alone; "overwrite" puts what is new in place of what it
        has (tags given replace its tags); "merge" fills what it lacks and adds tags, lists, attributes and
        identities, and takes no refusal of marketing back. With "overwrite" and "merge", identities that lead to
        several contacts make one of them. `strict` refuses tags, lists and attributes that do not exist.

        Raises Conflict (CONTACT_EXISTS) and Invalid.
        """
        if on_duplicate not in inputs.ON_DUPLICATE:
            raise Invalid(
                "on_duplicate: must be one of error, skip, overwrite, merge",
                details={"on_duplicate": ["Must be one of: error, skip, overwrite, merge."]},
            )
        checked = inputs.check(contact, await country_of_workspace(self._store, workspace_id), self._kinds())
        checked.spelled = self._spelled(checked.identities)
        return await attempt(self._store, lambda unit: save(unit, workspace_id, checked, on_duplicate, strict))

    async def create_many(
        self, workspace_id: int, contacts: Sequence[ContactInput], *, on_duplicate: str = "skip", strict: bool = False
    ) -> list[Saved | JackfieldError]:
        """Save each; one that cannot be saved is answered with its error and stops no other."""
        answers: list[Saved | JackfieldError] = []
        for one in contacts:
            try:
                answers.append(await self.save(workspace_id, one, on_duplicate=on_duplicate, strict=strict))
            except JackfieldError as error:
                answers.append(error)
        return answers

    # -- reading -------------------------------------------------------------------------------------

    async def get(self, workspace_id: int, contact_id: int | str) -> ContactView:
        """One contact. Raises NotFound with code CONTACT_NOT_FOUND."""
        number = inputs.known_id(contact_id, "Contact", NOT_FOUND)
        async with self._store.db.read() as session:
            views = await load_views(session, workspace_id, [number])
        if not views:
            raise inputs.not_found("Contact", contact_id, NOT_FOUND)
        return views[0]

    async def get_many(self, workspace_id: int, contact_ids: Sequence[int]) -> list[ContactView]:
        """Those of these contacts that there are, in the order given."""
        ids = [one for one in contact_ids if 0 < one < 1 << 63]
        async with self._store.db.read() as session:
            return await load_views(session, workspace_id, ids)

    def _kinds(self) -> list[str]:
        """Kinds of identity that a contact may have here: ours, and those of the engines' networks."""
        theirs = (kind for network in self._networks.all() for kind in network.addressing.identity_kinds)
        return list(dict.fromkeys((*inputs.KINDS, *theirs)))

    def _spelled(self, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Identities that a network knows for the same as these."""
        return [(kind, other) for kind, value in pairs for other in self._networks.same_person(kind, value)[1:]]

    async def number(self, workspace_id: int, given: str | int, field: str = "phone") -> str:
        """A phone number as E.164 digits, by the rule for contacts' numbers. Raises Invalid that names `field`."""
        return inputs.phone(given, await country_of_workspace(self._store, workspace_id), field)

    async def find(self, workspace_id: int, kind: str, value: str) -> ContactView | None:
        """The contact with this identity (a phone in any spelling), or None. Raises Invalid for a bad one."""
        pairs = inputs.identities({kind: value}, await country_of_workspace(self._store, workspace_id), self._kinds())
        async with self._store.db.read() as session:
            found = await session.scalar(
                select(Identity.contact_id)
                .where(
                    Identity.workspace_id == workspace_id,
                    Identity.kind == pairs[0][0],
                    Identity.value.in_([pairs[0][1], *(value for _, value in self._spelled(pairs))]),
                )
                .order_by(Identity.value != pairs[0][1], Identity.id)
                .limit(1)
            )
            return None if found is None else (await load_views(session, workspace_id, [found]))[0]

    async def list(
        self,
        workspace_id: int,
        filter: Mapping[str, Any] | None = None,
        *,
        q: str | None = None,
        sort: str = "created",
        descending: bool = True,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[ContactView]:
        """Contacts of a filter (see `filters`), newest first.

        `q` searches name, e-mail, phone and user name, and finds a whole user id; `sort` is created, name or
        last_seen; `page` (from 1) wins over `cursor`; `total` counts all that match. Raises Invalid.
        """
        async with self._store.db.read() as session:
            return await list_contacts(
                session,
                workspace_id,
                filter,
                q=q,
                sort=sort,
                descending=descending,
                limit=limit,
                cursor=cursor,
                page=page,
                total=total,
                kinds=self._kinds(),
            )

    async def with_identity(self, workspace_id: int, kind: str, *, limit: int = 50, page: int = 1) -> Page[ContactView]:
        """Contacts that have an identity of this kind ("telegram"), newest first, counted. Raises Invalid."""
        known = select(Identity.contact_id).where(Identity.workspace_id == workspace_id, Identity.kind == kind)
        query = select(Contact).where(Contact.workspace_id == workspace_id, Contact.id.in_(known))
        async with self._store.db.read() as session:
            found = await page_by_id(session, query, Contact.id, lambda row: row.id, limit=limit, page=page, total=True)
            views = await load_views(session, workspace_id, found.items)
        return Page(items=views, cursor=found.cursor, total=found.total)

    async def matching_ids(
        self, workspace_id: int, filters: Sequence[Mapping[str, Any]], *, limit: int
    ) -> Sequence[int]:
        """Ids of contacts that match all of these filters, the oldest first. Raises Invalid."""
        query = select(Contact.id)
        for one in filters:
            query = query.where(*conditions(workspace_id, one))
        async with self._store.db.read() as session:
            return [*await session.scalars(query.order_by(Contact.id).limit(limit))]

    async def recipients(
        self, workspace_id: int, filters: Sequence[Mapping[str, Any]], kind: str, *, limit: int
    ) -> Sequence[RecipientView]:
        """The contacts that match all of these filters, each with its address of this kind. Raises Invalid."""
        query = (
            select(Contact.id, Identity.value, Contact.name, Contact.phone, Contact.optin, Contact.blocked)
            .join(Identity, Identity.contact_id == Contact.id)
            .where(Identity.kind == kind)
        )
        for one in filters:
            query = query.where(*conditions(workspace_id, one))
        async with self._store.db.read() as session:
            rows = (await session.execute(query.order_by(Contact.id).limit(limit))).all()
        return [
            RecipientView(
                contact_id=row.id,
                address=row.value,
                name=row.name,
                phone=row.phone,
                refuses_marketing=row.blocked or row.optin is False,
            )
            for row in rows
        ]

    # -- changing ------------------------------------------------------------------------------------

    async def update(
        self,
        workspace_id: int,
        contact_id: int | str,
        *,
        name: str | UnsetType | None = UNSET,
        phone: str | int | UnsetType | None = UNSET,
        blocked: bool | UnsetType | None = UNSET,
        tags: Sequence[str] | UnsetType | None = UNSET,
        tags_to_add: Sequence[str] = (),
        tags_to_remove: Sequence[str] = (),
        lists: Sequence[str | int] | UnsetType | None = UNSET,
        lists_to_add: Sequence[str | int] = (),
        lists_to_remove: Sequence[str | int] = (),
        attributes: Mapping[str, Any] | None = None,
        strict: bool = False,
        **further: Any,
    ) -> ContactView:
        """Change what is given and nothing else. `further`: values of `columns.Further`, such as email; UNSET stays.

        `tags` and `lists` replace; the others add and remove. An attribute with an empty value is taken away. A new
        phone takes the old one's place; the old one is free again and kept in the history (`history`).

        Raises NotFound, Invalid, and Conflict (CONTACT_EXISTS) when another contact has the phone.
        """
        number = inputs.known_id(contact_id, "Contact", NOT_FOUND)
        values: dict[str, Any] = {}
        if name is not UNSET:
            values["name"] = inputs.line("name", name, inputs.MAX_NAME) or ""
        for column, value in further.items():
            if column not in FURTHER:
                raise TypeError(f"contacts have no column {column!r}")
            if value is not UNSET:
                values[column] = inputs.check_column(column, value)
        if blocked is not UNSET:
            values["blocked"] = bool(inputs.flag("blocked", blocked))
        digits: str | UnsetType | None = UNSET
        if phone is not UNSET:
            digits = (
                inputs.phone(phone, await country_of_workspace(self._store, workspace_id))
                if phone not in (None, "")
                else None
            )
        if "country" not in values and digits is not UNSET:
            values["country"] = inputs.country_of(digits) if digits else None
        changes = LabelChanges(
            tags=None if tags is UNSET or tags is None else inputs.labels("tags", tags),
            add=inputs.labels("tags_to_add", tags_to_add),
            remove=inputs.labels("tags_to_remove", tags_to_remove),
            lists=None if lists is UNSET or lists is None else inputs.list_refs("lists", lists),
            lists_add=inputs.list_refs("lists_to_add", lists_to_add),
            lists_remove=inputs.list_refs("lists_to_remove", lists_to_remove),
            attributes=inputs.attributes(attributes),
            strict=strict,
        )
        spelled = self._spelled([("phone", digits)]) if isinstance(digits, str) else []

        async def work(unit: Unit) -> ContactView:
            return await change(unit, workspace_id, number, values, digits, changes, spelled)

        return await attempt(self._store, work)

    async def delete(self, workspace_id: int, contact_id: int | str) -> None:
        """Delete a contact; its messages and chats stay, without it. A refusal of marketing stays too, on the suppression
        list, so that the next import does not make the person willing. Raises NotFound."""
        number = inputs.known_id(contact_id, "Contact", NOT_FOUND)

        async def work(unit: Unit) -> None:
            await require(unit, workspace_id, [number])
            await keep_refusal(unit, workspace_id, number)
            await ledger_rows(unit, workspace_id, number, None)
            await unit.conn.execute(update(Chat).where(Chat.contact_id == number).values(contact_id=None))
            await unit.conn.execute(delete(Contact).where(Contact.id == number))
            unit.emit(workspace_id, ContactDeleted(id=number))

        await attempt(self._store, work)

    async def add_tags(
        self, workspace_id: int, contact_id: int | str, tags: Iterable[str], *, strict: bool = False
    ) -> ContactView:
        """Put labels on a contact, made when missing. Raises NotFound and Invalid."""
        return await self.update(workspace_id, contact_id, tags_to_add=inputs.labels("tags", tags), strict=strict)

    async def remove_tags(self, workspace_id: int, contact_id: int | str, tags: Iterable[str]) -> ContactView:
        """Take labels off a contact; those that it does not have are no fault. Raises NotFound and Invalid."""
        return await self.update(workspace_id, contact_id, tags_to_remove=inputs.labels("tags", tags))

    async def tag_all(
        self,
        workspace_id: int,
        filter: Mapping[str, Any],
        *,
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
        strict: bool = False,
    ) -> int:
        """Put labels on all contacts of a filter, and take others off; gives how many contacts it gave.

        Done in steps, so that replies go on meanwhile. Raises Invalid.
        """
        added, removed = inputs.labels("add", add), inputs.labels("remove", remove)
        return await tag_all(self._store, workspace_id, filter, added, removed, strict)

    # -- one person of two ---------------------------------------------------------------------------

    async def merge(
        self, workspace_id: int, winner_id: int | str, loser_id: int | str, *, reason: str = "by hand"
    ) -> ContactView:
        """Make one contact of two: all that hangs on the loser goes to the winner, which keeps its own fields.

        Raises NotFound, and Invalid for a contact with itself.
        """
        winner = inputs.known_id(winner_id, "Contact", NOT_FOUND)
        loser = inputs.known_id(loser_id, "Contact", NOT_FOUND)
        why = fields.text("reason", reason, maximum=500)
        if winner == loser:
            raise Invalid("A contact cannot be merged with itself.", details={"loser_id": ["Must be another contact."]})

        async def work(unit: Unit) -> ContactView:
            await hold_identities(unit, [workspace_id])
            await require(unit, workspace_id, [winner, loser])
            await merge(unit, workspace_id, winner, loser, reason=why)
            (view,) = await load_views(unit.conn, workspace_id, [winner])
            return view

        return await attempt(self._store, work)

    async def unmerge(
        self, workspace_id: int, contact_id: int | str, merge_id: int | str | None = None
    ) -> Sequence[int]:
        """Undo a merge into this contact, the latest unless `merge_id` (see `history`) says which.

        Gives the ids of both: the contact, and the one that is back. Raises NotFound, and Conflict (NOT_UNDOABLE) for a
        merge that is more than 30 days old.
        """
        number = inputs.known_id(contact_id, "Contact", NOT_FOUND)
        which = None if merge_id is None else inputs.known_id(merge_id, "Merge", "MERGE_NOT_FOUND")

        async def work(unit: Unit) -> Sequence[int]:
            await hold_identities(unit, [workspace_id])
            await require(unit, workspace_id, [number])
            mine = select(ContactMerge).where(ContactMerge.winner_id == number, ContactMerge.loser_id != number)
            if which is not None:
                mine = mine.where(ContactMerge.id == which)
            row = await unit.session.scalar(mine.order_by(ContactMerge.id.desc()).limit(1))
            if row is None:
                raise inputs.not_found("Merge", which or f"into contact {number}", "MERGE_NOT_FOUND")
            return number, await unmerge(unit, row)

        return await attempt(self._store, work)

    async def history(self, workspace_id: int, contact_id: int | str) -> Sequence[MergeView]:
        """What became part of a contact, newest first: merged contacts, and phone numbers it had. Raises NotFound."""
        number = inputs.known_id(contact_id, "Contact", NOT_FOUND)
        async with self._store.db.read() as session:
            mine = select(Contact.id).where(Contact.id == number, Contact.workspace_id == workspace_id)
            if await session.scalar(mine) is None:
                raise inputs.not_found("Contact", contact_id, NOT_FOUND)
            rows = await session.scalars(
                select(ContactMerge).where(ContactMerge.winner_id == number).order_by(ContactMerge.id.desc()).limit(200)
            )
            return [
                MergeView(
                    id=row.id,
                    contact_id=row.winner_id,
                    merged_id=None if row.loser_id == row.winner_id else row.loser_id,
                    data={key: value for key, value in row.data.items() if key != UNDO},
                    undoable=UNDO in row.data and row.created_at >= now_ms() - UNDO_MS,
                    reason=row.reason,
                    created_at=row.created_at,
                )
                for row in rows
            ]
