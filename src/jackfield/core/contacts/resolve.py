"""Who is this? Identities of senders to contacts, for many messages at once.

A person may be known by phone, LID, business-scoped user id, Telegram id; any one leads to the contact. New
identities are added to it; when two of them lead to different contacts, these were one person all along and are
merged into the older, with history (design, Words).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select, tuple_, update

from ..events import ContactCreated
from ..models import (
    Chat,
    Contact,
    ContactAttribute,
    ContactListMember,
    ContactMerge,
    ContactNote,
    ContactTag,
    Identity,
    Message,
    Ticket,
)
from ..unit import Unit


class Person(msgspec.Struct, kw_only=True):
    """A sender as a network names them. `identities`: kind to value."""

    workspace_id: int
    identities: dict[str, str]
    name: str | None = None
    source: str = "wa"
    channel_id: int | None = None


class Known(msgspec.Struct, kw_only=True):
    """The contact that a person turned out to be."""

    id: int
    name: str
    blocked: bool
    phone: str | None
    optin: bool | None
    created: bool = False


async def resolve(unit: Unit, people: Sequence[Person], *, create: bool = True) -> list[Known | None]:
    """The contact of each person, made when new (unless not `create`), merged when two turn out to be one."""
    keys = {
        (person.workspace_id, kind, value) for person in people for kind, value in person.identities.items() if value
    }
    if not keys:
        return [None] * len(people)
    rows = (
        await unit.conn.execute(
            select(Identity.workspace_id, Identity.kind, Identity.value, Identity.contact_id).where(
                tuple_(Identity.workspace_id, Identity.kind, Identity.value).in_(list(keys))
            )
        )
    ).all()
    owner: dict[tuple[int, str, str], int] = {(row[0], row[1], row[2]): row[3] for row in rows}
    found: dict[int, Known] = {}
    if owner:
        found = {
            row.id: Known(id=row.id, name=row.name, blocked=row.blocked, phone=row.phone, optin=row.optin)
            for row in await unit.conn.execute(
                select(Contact.id, Contact.name, Contact.blocked, Contact.phone, Contact.optin).where(
                    Contact.id.in_(set(owner.values()))
                )
            )
        }
    answers: list[Known | None] = []
    for person in people:
        mine = [(person.workspace_id, kind, value) for kind, value in person.identities.items() if value]
        ids = sorted({owner[key] for key in mine if key in owner})
        if not ids:
            if not create or not mine:
                answers.append(None)
                continue
            known = await _make(unit, person)
        else:
            known = found[ids[0]]
            for loser in ids[1:]:
                await merge(unit, person.workspace_id, known.id, loser, reason="identities met")
                for key, contact_id in list(owner.items()):
                    if contact_id == loser:
                        owner[key] = known.id
            known = await _complete(unit, person, known, [key for key in mine if key not in owner])
        found[known.id] = known
        for key in mine:
            owner[key] = known.id
        answers.append(known)
    return answers


async def _make(unit: Unit, person: Person) -> Known:
    phone = person.identities.get("phone")
    name = person.name or ""
    contact_id = (
        await unit.conn.execute(
            insert(Contact)
            .values(
                workspace_id=person.workspace_id,
                name=name,
                phone=phone,
                source=person.source,
                blocked=False,
                created_at=unit.now,
                updated_at=unit.now,
            )
            .returning(Contact.id)
        )
    ).scalar_one()
    await _add_identities(
        unit, person.workspace_id, contact_id, [(kind, value) for kind, value in person.identities.items() if value]
    )
    unit.emit(
        person.workspace_id,
        ContactCreated(id=contact_id, name=name, phone=phone, source=person.source),
        person.channel_id,
    )
    return Known(id=contact_id, name=name, blocked=False, phone=phone, optin=None, created=True)


async def _complete(unit: Unit, person: Person, known: Known, new: list[tuple[int, str, str]]) -> Known:
    values: dict[str, Any] = {}
    if new:
        await _add_identities(unit, person.workspace_id, known.id, [(kind, value) for _, kind, value in new])
        phone = person.identities.get("phone")
        if known.phone is None and phone:
            values["phone"] = known.phone = phone
    if not known.name and person.name:
        values["name"] = known.name = person.name
    if values:
        await unit.conn.execute(update(Contact).where(Contact.id == known.id).values(updated_at=unit.now, **values))
    return known


async def _add_identities(unit: Unit, workspace_id: int, contact_id: int, pairs: Sequence[tuple[str, str]]) -> None:
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


async def merge(unit: Unit, workspace_id: int, winner: int, loser: int, *, reason: str) -> None:
    """Make one contact of two: all that hangs on the loser goes to the winner; the loser's fields are kept as history."""
    conn = unit.conn
    row = (await conn.execute(select(*Contact.__table__.columns).where(Contact.id == loser))).mappings().one()
    for model in (Identity, Chat, Message, ContactNote, Ticket):
        await conn.execute(update(model).where(model.contact_id == loser).values(contact_id=winner))
    for model, other in (
        (ContactTag, ContactTag.tag_id),
        (ContactListMember, ContactListMember.list_id),
        (ContactAttribute, ContactAttribute.attribute_id),
    ):
        has = select(other).where(model.contact_id == winner).scalar_subquery()
        await conn.execute(update(model).where(model.contact_id == loser, other.not_in(has)).values(contact_id=winner))
        await conn.execute(delete(model).where(model.contact_id == loser))
    mine = (
        await conn.execute(
            select(
                Contact.name,
                Contact.phone,
                Contact.email,
                Contact.first_name,
                Contact.last_name,
                Contact.optin,
                Contact.blocked,
            ).where(Contact.id == winner)
        )
    ).one()
    fields = {
        name: row[name]
        for name in ("name", "phone", "email", "first_name", "last_name")
        if not getattr(mine, name) and row[name]
    }
    # A refusal given under either name holds for the person.
    if row["optin"] is False or mine.optin is False:
        fields["optin"] = False
    elif mine.optin is None and row["optin"] is not None:
        fields["optin"] = row["optin"]
    fields["blocked"] = bool(mine.blocked or row["blocked"])
    await conn.execute(update(Contact).where(Contact.id == winner).values(updated_at=unit.now, **fields))
    await conn.execute(
        insert(ContactMerge).values(
            workspace_id=workspace_id,
            winner_id=winner,
            loser_id=loser,
            data={key: value for key, value in dict(row).items() if value is not None},
            reason=reason,
            created_at=unit.now,
        )
    )
    await conn.execute(update(ContactMerge).where(ContactMerge.winner_id == loser).values(winner_id=winner))
    await conn.execute(delete(Contact).where(Contact.id == loser))
