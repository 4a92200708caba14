"""A contact made, or joined with the one that is known: inside one unit of work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import delete, insert, select, update

from ...ground.acting import is_automatic
from ...ground.errors import Conflict
from ...ground.events import ContactCreated, ContactUpdated
from ...ground.unit import Unit
from ...models import Contact, ContactMerge, ContactTag, Identity, Tag
from ..columns import MERGEABLE, combined
from . import write
from .changes import LabelChanges
from .consents import answered
from .merging import merge
from .resolve import hold_identities
from .validate import Checked, not_found
from .views import ContactView, load_views

EXISTS = "CONTACT_EXISTS"
NOT_FOUND = "CONTACT_NOT_FOUND"


class Saved(msgspec.Struct, kw_only=True):
    """What became of a contact that was given: `outcome` created, skipped, overwritten or merged."""

    contact: ContactView
    outcome: str


async def save(unit: Unit, workspace_id: int, checked: Checked, on_duplicate: str, strict: bool) -> Saved:
    """See `Contacts.save`."""
    await hold_identities(unit, [workspace_id])
    known = sorted(set((await write.owners(unit, workspace_id, [*checked.identities, *checked.spelled])).values()))
    if not known:
        contact_id, outcome = await _insert(unit, workspace_id, checked), "created"
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
            await _complete(unit, workspace_id, contact_id, checked, overwrite=on_duplicate == "overwrite")
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


async def _insert(unit: Unit, workspace_id: int, checked: Checked) -> int:
    values = {
        **checked.columns,
        "name": checked.columns["name"] or "",
        "blocked": bool(checked.columns["blocked"]),
    }
    contact_id: int = (
        await unit.conn.execute(
            insert(Contact)
            .values(
                workspace_id=workspace_id,
                **values,
                **answered({"optin": None}, values["optin"], values["source"], unit.now),
                created_at=unit.now,
                updated_at=unit.now,
            )
            .returning(Contact.id)
        )
    ).scalar_one()
    await write.add_identities(unit, workspace_id, contact_id, checked.identities)
    unit.emit(
        workspace_id,
        ContactCreated(id=contact_id, name=values["name"], phone=values["phone"], source=values["source"]),
    )
    return contact_id


async def _complete(unit: Unit, workspace_id: int, contact_id: int, checked: Checked, *, overwrite: bool) -> None:
    row = (await unit.conn.execute(select(*Contact.__table__.columns).where(Contact.id == contact_id))).mappings().one()
    # A further phone number is a further identity; the first one stays the first.
    values = {name: combined(name, row[name], checked.columns[name], overwrite=overwrite) for name in MERGEABLE}
    mine = await write.owners(unit, workspace_id, checked.identities)
    new_ones = [pair for pair in checked.identities if pair not in mine]
    await write.add_identities(unit, workspace_id, contact_id, new_ones)
    changed = {field: value for field, value in values.items() if row[field] != value}
    changed |= answered(row, values["optin"], checked.columns["source"], unit.now)
    await unit.conn.execute(update(Contact).where(Contact.id == contact_id).values(updated_at=unit.now, **changed))


async def require(unit: Unit, workspace_id: int, ids: Sequence[int]) -> None:
    """Raises NotFound for the first of these contacts that the workspace does not have."""
    query = select(Contact.id).where(Contact.workspace_id == workspace_id, Contact.id.in_(ids))
    found = set((await unit.conn.execute(query)).scalars())
    for one in ids:
        if one not in found:
            raise not_found("Contact", one, NOT_FOUND)


async def change(
    unit: Unit,
    workspace_id: int,
    contact_id: int,
    values: Mapping[str, Any],
    digits: str | UnsetType | None,
    labels: LabelChanges,
    spelled: Sequence[tuple[str, str]] = (),
) -> ContactView:
    """Change fields, the phone (unless UNSET) and labels of a contact, and tell it. Raises NotFound, Conflict and Invalid.

    `spelled` are other spellings of the phone, which must not be another contact's either.
    """
    await require(unit, workspace_id, [contact_id])
    values = dict(values)
    if digits is not UNSET:
        values["phone"] = await _change_phone(unit, workspace_id, contact_id, digits, spelled)
    if "optin" in values:
        known = await unit.conn.scalar(select(Contact.optin).where(Contact.id == contact_id))
        values |= answered({"optin": known}, values["optin"], "api", unit.now)
    changed = await labels.told(unit, workspace_id, contact_id)
    await unit.conn.execute(update(Contact).where(Contact.id == contact_id).values(updated_at=unit.now, **values))
    (view,) = await load_views(unit.conn, workspace_id, [contact_id])
    labelled = {} if changed is None else msgspec.structs.asdict(changed)
    told = ContactUpdated(id=view.id, name=view.name, phone=view.phone, automatic=is_automatic(), **labelled)
    unit.emit(workspace_id, told)
    return view


async def _change_phone(
    unit: Unit, workspace_id: int, contact_id: int, digits: str | None, spelled: Sequence[tuple[str, str]]
) -> str | None:
    """Give a contact another first phone, or none; gives the one that it has then.

    The old number is freed, since one that was wrong, or given up, is some other person's; the history keeps it.
    """
    await hold_identities(unit, [workspace_id])
    conn = unit.conn
    old = await conn.scalar(select(Contact.phone).where(Contact.id == contact_id))
    if old == digits:
        return digits
    owner = None
    if digits is not None:
        owners = await write.owners(unit, workspace_id, [("phone", digits), *spelled])
        owner = owners.get(("phone", digits))
        for other in owners.values():
            if other != contact_id:
                raise Conflict(f"Another contact has this phone number: {other}.", code=EXISTS, details={"id": other})
    mine = (Identity.workspace_id == workspace_id, Identity.contact_id == contact_id, Identity.kind == "phone")
    if old is not None:
        await conn.execute(
            insert(ContactMerge).values(
                workspace_id=workspace_id,
                winner_id=contact_id,
                loser_id=contact_id,
                data={"phone": old},
                reason="phone changed",
                created_at=unit.now,
            )
        )
    if digits is None:
        await conn.execute(delete(Identity).where(*mine, Identity.value == old))
        following = select(Identity.value).where(*mine).order_by(Identity.id).limit(1)
        return (await conn.execute(following)).scalar()
    if owner is not None:
        await conn.execute(delete(Identity).where(*mine, Identity.value == digits))
    # The row of the old number is kept for the new one: the first identity is where campaigns write to.
    replaced = await conn.execute(
        update(Identity).where(*mine, Identity.value == old).values(value=digits, created_at=unit.now)
    )
    if not replaced.rowcount:
        await write.add_identities(unit, workspace_id, contact_id, [("phone", digits)])
    return digits
