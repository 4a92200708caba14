"""Two contacts that are one person: merged with all that hangs on them, and taken apart again while that is possible.

A merge remembers what it moved, and what the contact that stays had before, so that it can be undone for `UNDO_MS`. An
undo gives back what was moved and is still there, and leaves alone what was changed since.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, insert, select, update

from ...ground.errors import Conflict
from ...ground.events import ContactMerged, ContactUnmerged
from ...ground.unit import Unit
from ...models import (
    LEDGER,
    Attribute,
    AutomationRun,
    Call,
    Channel,
    Chat,
    ChatSurvey,
    Contact,
    ContactAttribute,
    ContactList,
    ContactListMember,
    ContactMerge,
    ContactNote,
    ContactTag,
    Identity,
    Tag,
    Ticket,
    ledger_address,
)
from ..columns import MERGEABLE, combined
from .consents import merged

UNDO_MS: Final = 30 * 24 * 3600 * 1000
"""How long a merge can be undone, in ms."""

_OWNED: Final[tuple[Any, ...]] = (Identity, Chat, ContactNote, Ticket, Call, ChatSurvey)
"""Tables whose rows have a `contact_id` and an id of their own."""
_LABELLED: Final[tuple[tuple[Any, Any], ...]] = (
    (ContactTag, ContactTag.tag_id),
    (ContactListMember, ContactListMember.list_id),
    (ContactAttribute, ContactAttribute.attribute_id),
)
"""Tables that tell a contact's labels and values, and by what."""
_CONSENT: Final = ("optin", "optin_source", "optin_at")
UNDO: Final = "_undo"
"""Where a merge's data keeps what an undo needs; no column has this name."""


async def saw(unit: Unit, times: Iterable[tuple[int, int]]) -> None:
    """Record when contacts wrote: pairs of contact id and time (Unix ms). A later time that is known stays, since a
    phone's history arrives after the messages of today."""
    latest: dict[int, int] = {}
    for contact_id, at in times:
        latest[contact_id] = max(at, latest.get(contact_id, 0))
    if latest:
        await unit.conn.execute(
            update(Contact)
            .where(Contact.id == bindparam("contact"), func.coalesce(Contact.last_seen_at, 0) < bindparam("at"))
            .values(last_seen_at=bindparam("at")),
            [{"contact": contact_id, "at": at} for contact_id, at in sorted(latest.items())],
        )


async def merge(unit: Unit, workspace_id: int, winner: int, loser: int, *, reason: str) -> None:
    """Make one contact of two: all that hangs on the loser goes to the winner; the loser's fields are kept as history."""
    conn = unit.conn
    columns = Contact.__table__.c
    fields_of = select(*columns).where(columns.id.in_((winner, loser)))
    rows = {row["id"]: dict(row) for row in (await conn.execute(fields_of)).mappings()}
    mine, row = rows[winner], rows[loser]
    fields = {name: combined(name, mine[name], row[name]) for name in MERGEABLE}
    fields |= merged(mine, row, fields["optin"])
    moved: dict[str, list[int]] = {}
    for model in _OWNED:
        ids = (await conn.execute(select(model.id).where(model.contact_id == loser).order_by(model.id))).scalars()
        moved[model.__tablename__] = list(ids)
    labels: dict[str, list[list[Any]]] = {}
    await ledger_rows(unit, workspace_id, loser, winner)
    for model in _OWNED:
        await conn.execute(update(model).where(model.contact_id == loser).values(contact_id=winner))
    await _move_runs(unit, loser, winner)
    for model, other in _LABELLED:
        had = set((await conn.execute(select(other).where(model.contact_id == winner))).scalars())
        theirs = await conn.execute(select(*_key_values(model, other)).where(model.contact_id == loser))
        labels[model.__tablename__] = [[*one, one[0] in had] for one in theirs]
        has = select(other).where(model.contact_id == winner).scalar_subquery()
        await conn.execute(update(model).where(model.contact_id == loser, other.not_in(has)).values(contact_id=winner))
        await conn.execute(delete(model).where(model.contact_id == loser))
    await conn.execute(update(Contact).where(Contact.id == winner).values(updated_at=unit.now, **fields))
    await saw(unit, [(winner, row["last_seen_at"] or 0)])
    before = {name: [mine[name], value] for name, value in fields.items() if mine[name] != value}
    data = {key: value for key, value in row.items() if value is not None}
    swallowed = list((await conn.execute(select(ContactMerge.id).where(ContactMerge.winner_id == loser))).scalars())
    merge_id = (
        await conn.execute(
            insert(ContactMerge)
            .values(
                workspace_id=workspace_id,
                winner_id=winner,
                loser_id=loser,
                data={**data, UNDO: {"moved": moved, "labels": labels, "fields": before, "merges": swallowed}},
                reason=reason,
                created_at=unit.now,
            )
            .returning(ContactMerge.id)
        )
    ).scalar_one()
    await conn.execute(update(ContactMerge).where(ContactMerge.winner_id == loser).values(winner_id=winner))
    await conn.execute(delete(Contact).where(Contact.id == loser))
    unit.emit(workspace_id, ContactMerged(id=winner, merged_id=loser, merge_id=merge_id, reason=reason))


async def _move_runs(unit: Unit, loser: int, winner: int) -> None:
    """A person goes on in the automations that they are in; where both are in one, the winner's way holds."""
    live = AutomationRun.state.in_(("waiting", "running"))
    his = select(AutomationRun.automation_id).where(AutomationRun.contact_id == winner, live).scalar_subquery()
    both = (AutomationRun.contact_id == loser, live, AutomationRun.automation_id.in_(his))
    ended = {"state": "stopped", "reason": "merged", "due_at": None, "waits_for": None, "ended_at": unit.now}
    await unit.conn.execute(update(AutomationRun).where(*both).values(**ended))
    await unit.conn.execute(update(AutomationRun).where(AutomationRun.contact_id == loser).values(contact_id=winner))


def _key_values(model: Any, other: Any) -> list[Any]:
    return [other, model.value] if model is ContactAttribute else [other]


async def unmerge(unit: Unit, merged: ContactMerge) -> int:
    """Make two contacts again of one; gives the id of the one that comes back, which is the one it had.

    Refusals hold for both: who said no before the merge, or since, has said it. Raises Conflict (NOT_UNDOABLE) for what
    is no merge or too long ago.
    """
    undo: Any = merged.data.get(UNDO)
    if undo is None:
        raise Conflict("This is not a merge that can be undone.", code="NOT_UNDOABLE")
    if merged.created_at < unit.now - UNDO_MS:
        raise Conflict("A merge can be undone for 30 days.", code="NOT_UNDOABLE")
    conn = unit.conn
    winner, loser = merged.winner_id, merged.loser_id
    columns = Contact.__table__.c
    now = (await conn.execute(select(*columns).where(columns.id == winner))).mappings().one()
    values = {name: merged.data.get(name) for name in columns.keys() if name != "id"}  # noqa: SIM118 - no mapping
    values |= {"name": values["name"] or "", "blocked": bool(values["blocked"]), "updated_at": unit.now}
    if now["optin"] is False and values["optin"] is not False:
        values |= {name: now[name] for name in _CONSENT}
    await conn.execute(insert(Contact).values(id=loser, **values))
    for model in _OWNED:
        ids = undo["moved"].get(model.__tablename__) or []
        if ids:
            await conn.execute(
                update(model).where(model.id.in_(ids), model.contact_id == winner).values(contact_id=loser)
            )
    for model, other in _LABELLED:
        await _labels_back(unit, model, other, winner, loser, undo["labels"].get(model.__tablename__) or [])
    changed = {
        name: before
        for name, (before, then) in undo["fields"].items()
        if now[name] == then and not (name in _CONSENT and now["optin"] is False)
    }
    await conn.execute(update(Contact).where(Contact.id == winner).values(updated_at=unit.now, **changed))
    await ledger_rows(unit, merged.workspace_id, loser, loser, was=winner)
    theirs = (ContactMerge.id.in_(undo.get("merges") or []), ContactMerge.winner_id == winner)
    await conn.execute(update(ContactMerge).where(*theirs).values(winner_id=loser))
    await conn.execute(delete(ContactMerge).where(ContactMerge.id == merged.id))
    unit.emit(merged.workspace_id, ContactUnmerged(id=winner, restored_id=loser, merge_id=merged.id))
    return loser


async def _labels_back(unit: Unit, model: Any, other: Any, winner: int, loser: int, labels: list[list[Any]]) -> None:
    """Give back labels that still exist; the winner keeps those that it had itself."""
    ids = [one[0] for one in labels]
    if not ids:
        return
    labelled: Any = {ContactTag: Tag, ContactListMember: ContactList, ContactAttribute: Attribute}[model]
    known = set((await unit.conn.execute(select(labelled.id).where(labelled.id.in_(ids)))).scalars())
    rows = [
        {"contact_id": loser, other.key: one[0], **({"value": one[1]} if model is ContactAttribute else {})}
        for one in labels
        if one[0] in known
    ]
    if rows:
        await unit.conn.execute(insert(model), rows)
    for one in labels:
        if not one[-1]:
            mine: ColumnElement[bool] = and_(model.contact_id == winner, other == one[0])
            if model is ContactAttribute:
                mine = and_(mine, model.value == one[1])
            await unit.conn.execute(delete(model).where(mine))


async def ledger_rows(
    unit: Unit, workspace_id: int, contact_id: int, new: int | None, *, was: int | None = None
) -> None:
    """Give a contact's messages to another contact, or to nobody; `was`: whose they are now, if not the contact's.

    The ledger has no index by contact (it would cost every send), so they are found by the contact's addresses.
    What it wrote into groups keeps the old id, which no other contact ever gets.
    """
    conn = unit.conn
    address = ledger_address(Identity.kind, Identity.value)
    peers = set((await conn.execute(select(address).where(Identity.contact_id == contact_id))).scalars())
    peers.update((await conn.execute(select(Chat.peer).where(Chat.contact_id == contact_id))).scalars())
    if peers:
        channels = select(Channel.id).where(Channel.workspace_id == workspace_id)
        for model in LEDGER:
            await conn.execute(
                update(model)
                .where(
                    model.workspace_id == workspace_id,
                    model.contact_id == (contact_id if was is None else was),
                    model.channel_id.in_(channels),
                    model.peer.in_(peers),
                )
                .values(contact_id=new)
            )
