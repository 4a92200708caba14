"""`Contacts`: people, and all by which they are grouped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import delete, insert, select, update

from ..errors import Conflict, Invalid, JackfieldError
from ..events import ContactCreated
from ..models import (
    Chat,
    Contact,
    ContactMerge,
    ContactTag,
    Identity,
    Tag,
    Workspace,
)
from ..page import Page
from ..unit import Unit
from . import given as inputs
from . import write
from .changes import LabelChanges
from .given import Checked, ContactInput
from .listing import list_contacts
from .resolve import hold_identities, ledger_rows, merge
from .views import ContactView, load_views

if TYPE_CHECKING:
    from ..core import Core

NOT_FOUND = "CONTACT_NOT_FOUND"
EXISTS = "CONTACT_EXISTS"


class Saved(msgspec.Struct, kw_only=True):
    """What became of a contact that was given: `outcome` created, skipped, overwritten or merged."""

    contact: ContactView
    outcome: str


class Contacts:
    """The service. Every method sees one workspace; another's contact is not told apart from none."""

    def __init__(self, core: Core) -> None:
        self._core = core

    # -- making --------------------------------------------------------------------------------------

    async def create(
        self,
        workspace_id: int,
        *,
        name: str | None = None,
        phone: str | int | None = None,
        email: str | None = None,
        first_name: str | None = None,
        last_name: str | None = None,
        country: str | None = None,
        tags: Sequence[str] = (),
        attributes: Mapping[str, Any] | None = None,
        lists: Sequence[str | int] = (),
        optin: bool | None = None,
        blocked: bool | None = None,
        source: str = "api",
        identities: Mapping[str, str | Sequence[str]] | None = None,
        on_duplicate: str = "error",
        strict: bool = False,
    ) -> ContactView:
        """Make a contact; `save` says more of what happened.

        Raises Conflict with code CONTACT_EXISTS (`details["id"]` is the one that exists) when `on_duplicate` is
        "error", and Invalid.
        """
        given = ContactInput(
            name=name,
            phone=phone,
            email=email,
            first_name=first_name,
            last_name=last_name,
            country=country,
            tags=tags,
            attributes=attributes,
            lists=lists,
            optin=optin,
            blocked=blocked,
            source=source,
            identities=identities,
        )
        return (await self.save(workspace_id, given, on_duplicate=on_duplicate, strict=strict)).contact

    async def save(
        self, workspace_id: int, given: ContactInput, *, on_duplicate: str = "error", strict: bool = False
    ) -> Saved:
        """Make a contact, or deal with the one that has its phone number or another of its identities.

        `on_duplicate`: "error"; "skip" leaves the old one alone; "overwrite" puts what is given in place of what it
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
        checked = inputs.check(given, await self._default_country(workspace_id))
        return await write.attempt(
            self._core, lambda unit: self._save(unit, workspace_id, checked, on_duplicate, strict)
        )

    async def create_many(
        self, workspace_id: int, given: Sequence[ContactInput], *, on_duplicate: str = "skip", strict: bool = False
    ) -> list[Saved | JackfieldError]:
        """Save each; one that cannot be saved is answered with its error and stops no other."""
        answers: list[Saved | JackfieldError] = []
        for one in given:
            try:
                answers.append(await self.save(workspace_id, one, on_duplicate=on_duplicate, strict=strict))
            except JackfieldError as error:
                answers.append(error)
        return answers

    async def _save(self, unit: Unit, workspace_id: int, checked: Checked, on_duplicate: str, strict: bool) -> Saved:
        await hold_identities(unit, [workspace_id])
        known = sorted(set((await write.owners(unit, workspace_id, checked.identities)).values()))
        if not known:
            contact_id, outcome = await self._insert(unit, workspace_id, checked), "created"
        else:
            contact_id = known[0]
            if on_duplicate == "error":
                raise Conflict(
                    f"A contact with this phone number or identity exists already: {contact_id}.",
                    code=EXISTS,
                    details={"id": contact_id},
                )
            outcome = {"skip": "skipped", "merge": "merged", "overwrite": "overwritten"}[on_duplicate]
            if on_duplicate != "skip":
                for loser in known[1:]:
                    await merge(unit, workspace_id, contact_id, loser, reason="identities met")
                await self._complete(unit, workspace_id, contact_id, checked, over=on_duplicate == "overwrite")
        if outcome != "skipped":
            keep = outcome == "merged"
            if outcome == "overwritten" and checked.tags:
                await unit.conn.execute(delete(ContactTag).where(ContactTag.contact_id == contact_id))
            tags = await write.ensure(unit, Tag, workspace_id, checked.tags, strict=strict)
            await write.add_tags(unit, ((contact_id, tag) for tag in tags.values()))
            lists = await write.ensure_lists(unit, workspace_id, checked.lists, strict=strict)
            await write.add_members(unit, ((contact_id, list_) for list_ in lists))
            await write.set_attributes(unit, workspace_id, contact_id, checked.attributes, strict=strict, keep=keep)
        (view,) = await load_views(unit.conn, workspace_id, [contact_id])
        return Saved(contact=view, outcome=outcome)

    async def _insert(self, unit: Unit, workspace_id: int, checked: Checked) -> int:
        contact_id: int = (
            await unit.conn.execute(
                insert(Contact)
                .values(
                    workspace_id=workspace_id,
                    name=checked.name or "",
                    first_name=checked.first_name,
                    last_name=checked.last_name,
                    phone=checked.phone,
                    email=checked.email,
                    country=checked.country,
                    source=checked.source,
                    optin=checked.optin,
                    blocked=bool(checked.blocked),
                    created_at=unit.now,
                    updated_at=unit.now,
                )
                .returning(Contact.id)
            )
        ).scalar_one()
        await write.add_identities(unit, workspace_id, contact_id, checked.identities)
        unit.emit(
            workspace_id,
            ContactCreated(id=contact_id, name=checked.name or "", phone=checked.phone, source=checked.source),
        )
        return contact_id

    async def _complete(self, unit: Unit, workspace_id: int, contact_id: int, checked: Checked, *, over: bool) -> None:
        row = (
            (await unit.conn.execute(select(*Contact.__table__.columns).where(Contact.id == contact_id)))
            .mappings()
            .one()
        )
        values: dict[str, Any] = {}
        for field in ("name", "first_name", "last_name", "phone", "email", "country"):
            new = getattr(checked, field)
            # A further phone number is a further identity; the first one stays the first.
            if new and (not row[field] or (over and field not in ("phone", "country"))):
                values[field] = new
        if checked.optin is not None and (over or row["optin"] is None or checked.optin is False):
            values["optin"] = checked.optin
        if checked.blocked is not None and (over or checked.blocked):
            values["blocked"] = checked.blocked
        mine = await write.owners(unit, workspace_id, checked.identities)
        new_ones = [pair for pair in checked.identities if pair not in mine]
        await write.add_identities(unit, workspace_id, contact_id, new_ones)
        changed = {field: value for field, value in values.items() if row[field] != value}
        await unit.conn.execute(update(Contact).where(Contact.id == contact_id).values(updated_at=unit.now, **changed))

    # -- reading -------------------------------------------------------------------------------------

    async def get(self, workspace_id: int, contact_id: int | str) -> ContactView:
        """One contact. Raises NotFound with code CONTACT_NOT_FOUND."""
        number = inputs.known_id(contact_id, "Contact", NOT_FOUND)
        async with self._core.db.read() as session:
            views = await load_views(session, workspace_id, [number])
        if not views:
            raise inputs.not_found("Contact", contact_id, NOT_FOUND)
        return views[0]

    async def get_many(self, workspace_id: int, contact_ids: Sequence[int]) -> list[ContactView]:
        """Those of these contacts that there are, in the order given."""
        ids = [one for one in contact_ids if 0 < one < 1 << 63]
        async with self._core.db.read() as session:
            return await load_views(session, workspace_id, ids)

    async def find(self, workspace_id: int, kind: str, value: str) -> ContactView | None:
        """The contact with this identity (a phone in any spelling), or None. Raises Invalid for a bad one."""
        pairs = inputs.identities({kind: value}, await self._default_country(workspace_id))
        async with self._core.db.read() as session:
            found = await session.scalar(
                select(Identity.contact_id).where(
                    Identity.workspace_id == workspace_id,
                    Identity.kind == pairs[0][0],
                    Identity.value == pairs[0][1],
                )
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

        `q` searches name, e-mail and phone; `sort` is created, name or last_seen; `page` (from 1) wins over
        `cursor`; `total` counts all that match. Raises Invalid.
        """
        async with self._core.db.read() as session:
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
            )

    # -- changing ------------------------------------------------------------------------------------

    async def update(
        self,
        workspace_id: int,
        contact_id: int | str,
        *,
        name: str | UnsetType | None = UNSET,
        phone: str | int | UnsetType | None = UNSET,
        email: str | UnsetType | None = UNSET,
        first_name: str | UnsetType | None = UNSET,
        last_name: str | UnsetType | None = UNSET,
        country: str | UnsetType | None = UNSET,
        optin: bool | UnsetType | None = UNSET,
        blocked: bool | UnsetType | None = UNSET,
        tags: Sequence[str] | UnsetType | None = UNSET,
        tags_to_add: Sequence[str] = (),
        tags_to_remove: Sequence[str] = (),
        lists: Sequence[str | int] | UnsetType | None = UNSET,
        lists_to_add: Sequence[str | int] = (),
        lists_to_remove: Sequence[str | int] = (),
        attributes: Mapping[str, Any] | None = None,
        strict: bool = False,
    ) -> ContactView:
        """Change what is given and nothing else.

        `tags` and `lists` replace; the others add and remove. An attribute with an empty value is taken away. A new
        phone takes the old one's place; the old one is free again and kept in the history (`history`).

        Raises NotFound, Invalid, and Conflict (CONTACT_EXISTS) when another contact has the phone.
        """
        number = inputs.known_id(contact_id, "Contact", NOT_FOUND)
        values: dict[str, Any] = {}
        if name is not UNSET:
            values["name"] = inputs.line("name", name, inputs.MAX_NAME) or ""
        for field, value in (("first_name", first_name), ("last_name", last_name)):
            if value is not UNSET:
                values[field] = inputs.line(field, value, inputs.MAX_NAME_PART)
        if email is not UNSET:
            values["email"] = inputs.email(email)
        if optin is not UNSET:
            values["optin"] = inputs.flag("optin", optin)
        if blocked is not UNSET:
            values["blocked"] = bool(inputs.flag("blocked", blocked))
        digits: str | UnsetType | None = UNSET
        if phone is not UNSET:
            digits = inputs.phone(phone, await self._default_country(workspace_id)) if phone not in (None, "") else None
        if country is not UNSET:
            values["country"] = inputs.country(country)
        elif digits is not UNSET:
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
        return await write.attempt(
            self._core, lambda unit: self._update(unit, workspace_id, number, values, digits, changes)
        )

    async def _update(
        self,
        unit: Unit,
        workspace_id: int,
        contact_id: int,
        values: dict[str, Any],
        digits: str | UnsetType | None,
        changes: LabelChanges,
    ) -> ContactView:
        await self._require(unit, workspace_id, [contact_id])
        if digits is not UNSET:
            values = values | {"phone": digits}
            await self._change_phone(unit, workspace_id, contact_id, digits)
        await changes.apply(unit, workspace_id, contact_id)
        await unit.conn.execute(update(Contact).where(Contact.id == contact_id).values(updated_at=unit.now, **values))
        (view,) = await load_views(unit.conn, workspace_id, [contact_id])
        return view

    async def _change_phone(self, unit: Unit, workspace_id: int, contact_id: int, digits: str | None) -> None:
        await hold_identities(unit, [workspace_id])
        old = await unit.conn.scalar(select(Contact.phone).where(Contact.id == contact_id))
        if old == digits:
            return
        owner = None
        if digits is not None:
            owner = (await write.owners(unit, workspace_id, [("phone", digits)])).get(("phone", digits))
            if owner is not None and owner != contact_id:
                raise Conflict(f"Another contact has this phone number: {owner}.", code=EXISTS, details={"id": owner})
        if old is not None:
            # Freed, since a number that was wrong, or given up, is some other person's.
            await unit.conn.execute(
                delete(Identity).where(
                    Identity.workspace_id == workspace_id,
                    Identity.kind == "phone",
                    Identity.value == old,
                    Identity.contact_id == contact_id,
                )
            )
            await unit.conn.execute(
                insert(ContactMerge).values(
                    workspace_id=workspace_id,
                    winner_id=contact_id,
                    loser_id=contact_id,
                    data={"phone": old},
                    reason="phone changed",
                    created_at=unit.now,
                )
            )
        if digits is not None and owner is None:
            await write.add_identities(unit, workspace_id, contact_id, [("phone", digits)])

    async def delete(self, workspace_id: int, contact_id: int | str) -> None:
        """Delete a contact; its messages and chats stay, without it. Raises NotFound."""
        number = inputs.known_id(contact_id, "Contact", NOT_FOUND)

        async def work(unit: Unit) -> None:
            await self._require(unit, workspace_id, [number])
            await ledger_rows(unit, workspace_id, number, None)
            await unit.conn.execute(update(Chat).where(Chat.contact_id == number).values(contact_id=None))
            await unit.conn.execute(delete(Contact).where(Contact.id == number))

        await write.attempt(self._core, work)

    async def add_tags(
        self, workspace_id: int, contact_id: int | str, tags: Iterable[str], *, strict: bool = False
    ) -> ContactView:
        """Put labels on a contact, made when missing. Raises NotFound and Invalid."""
        return await self.update(workspace_id, contact_id, tags_to_add=inputs.labels("tags", tags), strict=strict)

    async def remove_tags(self, workspace_id: int, contact_id: int | str, tags: Iterable[str]) -> ContactView:
        """Take labels off a contact; those that it does not have are no fault. Raises NotFound and Invalid."""
        return await self.update(workspace_id, contact_id, tags_to_remove=inputs.labels("tags", tags))

    # -- shared --------------------------------------------------------------------------------------

    async def _require(self, unit: Unit, workspace_id: int, ids: Sequence[int]) -> None:
        query = select(Contact.id).where(Contact.workspace_id == workspace_id, Contact.id.in_(ids))
        found = set((await unit.conn.execute(query)).scalars())
        for one in ids:
            if one not in found:
                raise inputs.not_found("Contact", one, NOT_FOUND)

    async def _default_country(self, workspace_id: int) -> str | None:
        async with self._core.db.read() as session:
            country: str | None = await session.scalar(
                select(Workspace.default_country).where(Workspace.id == workspace_id)
            )
        return country
