"""Who is this? Identities of senders to contacts, for many messages at once.

A person may be known by phone, LID, business-scoped user id, Telegram id; any one leads to the contact. New
identities are added to it; when two of them lead to different contacts, these were one person all along and are
merged into the older, with history (design, Words). A network may know one identity in several spellings (numbers with
and without a mobile digit); each leads to the contact that has another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select, text, update

from ....db.bulk import among
from ...ground.events import ContactCreated
from ...ground.fields import storable
from ...ground.unit import Unit
from ...models import Contact, Identity
from ...port import Network
from .merging import merge
from .validate import identity_value

_Key = tuple[int, str, str]
"""Workspace, kind and value of an identity."""


class Person(msgspec.Struct, kw_only=True):
    """A sender as a network names them. `identities`: kind to value; `further`: more of them, such as an id that the
    person had before. With `network`, other spellings of an identity lead to the contact too."""

    workspace_id: int
    identities: dict[str, str]
    name: str | None = None
    source: str = "wa"
    channel_id: int | None = None
    further: tuple[tuple[str, str], ...] = ()
    network: Network | None = None

    def keys(self) -> list[_Key]:
        """The identities as they are compared."""
        pairs = dict.fromkeys((*self.identities.items(), *self.further))
        return [
            (self.workspace_id, kind, storable(identity_value(kind, value))) for kind, value in pairs if storable(value)
        ]

    def other_spellings(self, keys: Sequence[_Key]) -> list[_Key]:
        """Identities that the network knows for the same as these."""
        if self.network is None:
            return []
        same = self.network.addressing.same_person
        return [(self.workspace_id, kind, one) for _, kind, value in keys for one in same(kind, value)[1:]]


class Known(msgspec.Struct, kw_only=True):
    """The contact that a person turned out to be."""

    id: int
    name: str
    blocked: bool
    phone: str | None
    optin: bool | None
    created: bool = False


WEAK = frozenset({"username", "email"})
"""Kinds that change hands: they tell who somebody is where nothing better does, but never make one of two contacts."""

_IDENTITY_LOCK = 0x6A66 << 40


async def hold_identities(unit: Unit, workspace_ids: Iterable[int]) -> None:
    """Be the only transaction that makes identities in these workspaces, until the unit ends.

    What is looked up after this stays true, so that two who meet the same new person make one contact. SQLite has
    one writer anyway; on PostgreSQL it is an advisory lock, which costs one round trip and is only taken when
    somebody is new.
    """
    if unit.conn.dialect.name != "postgresql":
        return
    for workspace_id in sorted(set(workspace_ids)):
        await unit.conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _IDENTITY_LOCK + workspace_id})


async def resolve(unit: Unit, people: Sequence[Person], *, create: bool = True) -> list[Known | None]:
    """The contact of each person, made when new (unless not `create`), merged when two turn out to be one."""
    sought = [person.keys() for person in people]
    spelled = [person.other_spellings(mine) for person, mine in zip(people, sought, strict=True)]
    keys = {key for mine in (*sought, *spelled) for key in mine}
    if not keys:
        return [None] * len(people)
    owner = await _owners(unit, keys)
    unsettled = {
        mine[0][0]
        for mine, also in zip(sought, spelled, strict=True)
        if mine
        and (any(key not in owner for key in mine) or len({owner[key] for key in (*mine, *also) if key in owner}) > 1)
    }
    if unsettled and create:
        await hold_identities(unit, unsettled)
        owner = await _owners(unit, keys)
    found = await _known(unit, set(owner.values()))
    answers: list[Known | None] = []
    for person, mine, also in zip(people, sought, spelled, strict=True):
        strong = sorted({owner[key] for key in (*mine, *also) if key in owner and key[1] not in WEAK})
        ids = strong or sorted({owner[key] for key in mine if key in owner})[:1]
        if ids and not strong and create and await _is_another(unit, ids[0], mine):
            ids = []
        if not ids:
            if not create or not mine:
                answers.append(None)
                continue
            await _take_over(unit, [key for key in mine if key in owner])
            known = await _make(unit, person, mine)
        else:
            known = found[ids[0]]
            if create:
                for loser in ids[1:]:
                    await merge(unit, person.workspace_id, known.id, loser, reason="identities met")
                    for key, contact_id in list(owner.items()):
                        if contact_id == loser:
                            owner[key] = known.id
                if len(ids) > 1:
                    known = (await _known(unit, {known.id}))[known.id]
                moved = [key for key in mine if key in owner and owner[key] != known.id]
                await _take_over(unit, moved)
                known = await _complete(unit, person, known, [key for key in mine if key not in owner or key in moved])
        found[known.id] = known
        if create:
            for key in mine:
                owner[key] = known.id
        answers.append(known)
    return answers


async def _owners(unit: Unit, keys: Iterable[_Key]) -> dict[_Key, int]:
    rows = await unit.conn.execute(
        select(Identity.workspace_id, Identity.kind, Identity.value, Identity.contact_id).where(
            among((Identity.workspace_id, Identity.kind, Identity.value), list(keys))
        )
    )
    return {(row[0], row[1], row[2]): row[3] for row in rows}


async def _known(unit: Unit, ids: set[int]) -> dict[int, Known]:
    if not ids:
        return {}
    return {
        row.id: Known(id=row.id, name=row.name, blocked=row.blocked, phone=row.phone, optin=row.optin)
        for row in await unit.conn.execute(
            select(Contact.id, Contact.name, Contact.blocked, Contact.phone, Contact.optin).where(Contact.id.in_(ids))
        )
    }


async def _is_another(unit: Unit, contact_id: int, mine: Sequence[_Key]) -> bool:
    """Whether a contact found by a user name is somebody else: it has another id of a kind that this person has."""
    kinds = {kind for _, kind, _ in mine if kind not in WEAK}
    query = select(Identity.id).where(Identity.contact_id == contact_id, Identity.kind.in_(kinds)).limit(1)
    return bool(kinds) and (await unit.conn.execute(query)).first() is not None


async def _take_over(unit: Unit, keys: Sequence[_Key]) -> None:
    """Take identities from whoever has them, because somebody else has them now."""
    for workspace_id, kind, value in keys:
        await unit.conn.execute(
            delete(Identity).where(
                Identity.workspace_id == workspace_id, Identity.kind == kind, Identity.value == value
            )
        )


async def _make(unit: Unit, person: Person, mine: Sequence[_Key]) -> Known:
    phone = next((value for _, kind, value in mine if kind == "phone"), None)
    name = storable(person.name or "")
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
    await _add_identities(unit, person.workspace_id, contact_id, [(kind, value) for _, kind, value in mine])
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
        phone = next((value for _, kind, value in new if kind == "phone"), None)
        if known.phone is None and phone:
            values["phone"] = known.phone = phone
    if not known.name and person.name:
        values["name"] = known.name = storable(person.name)
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
