"""Statements that several commands share: labels made when missing, memberships, attributes, identities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import delete, func, insert, select

from ....db.bulk import among
from ...ground.errors import Invalid
from ...ground.unit import Unit
from ...models import Attribute, ContactAttribute, ContactList, ContactListMember, ContactTag, Identity, Tag

T = TypeVar("T")


async def named(
    unit: Unit, model: type[Tag] | type[ContactList] | type[Attribute], workspace_id: int, names: Iterable[str]
) -> dict[str, int]:
    """Ids of those of these names that exist, by folded name."""
    folded = {name.casefold() for name in names}
    if not folded:
        return {}
    rows = await unit.conn.execute(
        select(model.folded, model.id).where(model.workspace_id == workspace_id, model.folded.in_(folded))
    )
    return {row.folded: row.id for row in rows}


async def ensure(
    unit: Unit,
    model: type[Tag] | type[ContactList] | type[Attribute],
    workspace_id: int,
    names: Iterable[str],
    *,
    strict: bool = False,
    field: str = "tags",
) -> dict[str, int]:
    """Ids of all of these names, by folded name; missing ones are made. Raises Invalid for them when `strict`."""
    wanted = {name.casefold(): name for name in names}
    known = await named(unit, model, workspace_id, wanted)
    missing = sorted(set(wanted) - set(known))
    if not missing:
        return known
    if strict:
        shown = ", ".join(repr(wanted[one]) for one in missing[:20])
        raise Invalid(f"{field}: unknown {shown}", details={field: [f"Unknown: {wanted[one]}" for one in missing[:20]]})
    # In the order of the alphabet, so that two transactions that make the same labels wait in turn.
    rows = [
        {"workspace_id": workspace_id, "name": wanted[one], "folded": one, "created_at": unit.now} for one in missing
    ]
    await unit.conn.execute(unit.upsert(model).on_conflict_do_nothing(), rows)
    return await named(unit, model, workspace_id, wanted)


async def ensure_lists(
    unit: Unit, workspace_id: int, refs: Sequence[str | int], *, strict: bool = False, field: str = "lists"
) -> list[int]:
    """Ids of lists given by name or id; missing names are made, unless `strict`. Raises Invalid for an unknown id."""
    names = [one for one in refs if isinstance(one, str)]
    numbers = {one for one in refs if isinstance(one, int)}
    found = list((await ensure(unit, ContactList, workspace_id, names, strict=strict, field=field)).values())
    if numbers:
        possible = [one for one in numbers if 0 < one < 1 << 63]
        known = set(
            (
                await unit.conn.execute(
                    select(ContactList.id).where(ContactList.workspace_id == workspace_id, ContactList.id.in_(possible))
                )
            ).scalars()
        )
        unknown = sorted(numbers - known)
        if unknown:
            raise Invalid(f"{field}: unknown list {unknown[0]}", details={field: [f"Unknown: {unknown[0]}"]})
        found.extend(one for one in known if one not in found)
    return found


async def add_tags(unit: Unit, pairs: Iterable[tuple[int, int]]) -> None:
    """Labels on contacts: pairs of contact id and tag id; those that are there already stay."""
    rows = [{"contact_id": contact, "tag_id": tag} for contact, tag in sorted(set(pairs))]
    if rows:
        await unit.conn.execute(unit.upsert(ContactTag).on_conflict_do_nothing(), rows)


async def add_members(unit: Unit, pairs: Iterable[tuple[int, int]]) -> None:
    """Contacts into lists: pairs of contact id and list id; those that are there already stay."""
    rows = [{"contact_id": contact, "list_id": list_} for contact, list_ in sorted(set(pairs))]
    if rows:
        await unit.conn.execute(unit.upsert(ContactListMember).on_conflict_do_nothing(), rows)


async def set_attributes(
    unit: Unit,
    workspace_id: int,
    contact_id: int,
    values: Mapping[str, str],
    *,
    strict: bool = False,
    keep: bool = False,
) -> None:
    """Attributes of one contact; an empty value takes one away. `keep` leaves values that are there alone."""
    gone = [name for name, value in values.items() if not value]
    if gone:
        known = await named(unit, Attribute, workspace_id, gone)
        if strict and len(known) < len(gone):
            await ensure(unit, Attribute, workspace_id, gone, strict=True, field="attributes")
        if known and not keep:
            await unit.conn.execute(
                delete(ContactAttribute).where(
                    ContactAttribute.contact_id == contact_id, ContactAttribute.attribute_id.in_(list(known.values()))
                )
            )
    kept = {name: value for name, value in values.items() if value}
    if kept:
        ids = await ensure(unit, Attribute, workspace_id, kept, strict=strict, field="attributes")
        rows = [
            {"contact_id": contact_id, "attribute_id": attribute, "value": value}
            for attribute, value in sorted((ids[name.casefold()], value) for name, value in kept.items())
        ]
        statement = unit.upsert(ContactAttribute)
        statement = (
            statement.on_conflict_do_nothing()
            if keep
            else statement.on_conflict_do_update(
                index_elements=["contact_id", "attribute_id"], set_={"value": statement.excluded.value}
            )
        )
        await unit.conn.execute(statement, rows)


async def owners(unit: Unit, workspace_id: int, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Which contacts have these identities (kind, value)."""
    if not pairs:
        return {}
    rows = await unit.conn.execute(
        select(Identity.kind, Identity.value, Identity.contact_id).where(
            Identity.workspace_id == workspace_id, among((Identity.kind, Identity.value), list(pairs))
        )
    )
    return {(row.kind, row.value): row.contact_id for row in rows}


async def add_identities(unit: Unit, workspace_id: int, contact_id: int, pairs: Sequence[tuple[str, str]]) -> None:
    """New identities of a contact; nobody may have them (see `resolve.hold_identities`)."""
    if pairs:
        await unit.conn.execute(
            insert(Identity),
            [
                {
                    "workspace_id": workspace_id,
                    "contact_id": contact_id,
                    "kind": kind,
                    "value": value,
                    "created_at": unit.now,
                }
                for kind, value in pairs
            ],
        )


async def count_new(unit: Unit, holder: Any, column: str, number: int, ids: Sequence[int]) -> int:
    """How many of these contacts do not have this list or tag."""
    there = await unit.conn.scalar(
        select(func.count()).where(getattr(holder, column) == number, holder.contact_id.in_(ids))
    )
    return len(ids) - int(there or 0)
