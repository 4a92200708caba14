"""People: who somebody is, and whether they want marketing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import delete, insert, or_, select, update

from ....db.bulk import among
from ...contacts.consent.keywords import BY_PLATFORM, listed_addresses, opt_out
from ...contacts.people.consents import optin_columns
from ...contacts.people.resolve import Known, Person, resolve
from ...contacts.people.validate import identity_value
from ...ground.unit import Unit
from ...models import LEDGER, Chat, Contact, Identity, Suppression
from ...port import MarketingPreference, Network, PeerKnown
from ..source import Source


def known_by(network: Network, address: str) -> dict[str, str]:
    """The identity that an address tells of the person there, kind to value; empty for a group."""
    identity = network.addressing.identity(address)
    return {} if identity is None else {identity[0]: identity[1]}


async def person_known(unit: Unit, source: Source, report: PeerKnown) -> None:
    """The network told us of a person, or that one has another number or user id now."""
    if report.previous:
        await _changed(unit, source, report)
        return
    person = Person(
        workspace_id=source.workspace_id,
        identities=report.identities,
        name=report.name,
        source="sync",
        channel_id=source.channel_id,
        further=tuple(report.also.items()),
        network=source.network,
    )
    await resolve(unit, [person])


async def _changed(unit: Unit, source: Source, report: PeerKnown) -> None:
    """One contact under the old and the new identity. A number that was given up is somebody else's one day, so the
    contact keeps it only in its history; its refusals and its chats go along to the new one."""
    (known,) = await resolve(
        unit,
        [
            Person(
                workspace_id=source.workspace_id,
                identities=report.identities,
                name=report.name,
                source="sync",
                channel_id=source.channel_id,
                further=tuple(report.previous.items()),
                network=source.network,
            )
        ],
    )
    if known is None:
        return
    addressing = source.network.addressing
    for kind, old in report.previous.items():
        new = report.identities.get(kind)
        if new is None or new == old:
            continue
        moved = addressing.address(kind, old), addressing.address(kind, new)
        await _refusal_goes_along(unit, source.workspace_id, *moved)
        await _chats_go_along(unit, source, *moved)
        if kind == "phone":
            mine = (Identity.contact_id == known.id, Identity.kind == "phone", Identity.value == old)
            await unit.conn.execute(delete(Identity).where(*mine))
            await unit.conn.execute(
                update(Contact).where(Contact.id == known.id, Contact.phone == old).values(phone=new)
            )


async def _refusal_goes_along(unit: Unit, workspace_id: int, old: str, new: str) -> None:
    columns = (Suppression.workspace_id, Suppression.address, Suppression.reason, Suppression.source)
    rows = {
        row.address: row
        for row in await unit.conn.execute(
            select(*columns).where(Suppression.workspace_id == workspace_id, Suppression.address.in_((old, new)))
        )
    }
    if old in rows and new not in rows:
        await unit.conn.execute(
            insert(Suppression).values(**{**rows[old]._asdict(), "address": new, "created_at": unit.now})
        )


async def _chats_go_along(unit: Unit, source: Source, old: str, new: str) -> None:
    here = Chat.channel_id == source.channel_id
    if (await unit.conn.execute(select(Chat.id).where(here, Chat.peer == new))).first() is not None:
        return
    moved = await unit.conn.execute(update(Chat).where(here, Chat.peer == old).values(peer=new))
    if moved.rowcount:
        for model in LEDGER:
            await unit.conn.execute(
                update(model)
                .where(model.channel_id == source.channel_id, model.peer == old, model.state.not_in(_UNDER_WAY))
                .values(peer=new)
            )


_UNDER_WAY = ("queued", "sending", "scheduled", "uncertain")
"""States in which a message's address is still needed as it was submitted."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """By what the network knows whom a message went to."""

    source: Source
    peer: str
    identities: Mapping[str, str]


async def recipients_told(unit: Unit, told: Sequence[Told]) -> None:
    """Complete contacts by what answers and receipts tell of them. Nobody becomes a contact by being written to."""
    wanted: dict[tuple[int, str, str], tuple[Told, Person]] = {}
    for one in told:
        address = known_by(one.source.network, one.peer)
        if not address or all(address.get(kind) == value for kind, value in one.identities.items()):
            continue
        person = Person(
            workspace_id=one.source.workspace_id,
            identities=dict(one.identities),
            channel_id=one.source.channel_id,
            further=tuple(address.items()),
            network=one.source.network,
        )
        ((kind, value),) = address.items()
        wanted[one.source.workspace_id, kind, identity_value(kind, value)] = (one, person)
    if not wanted:
        return
    columns = (Identity.workspace_id, Identity.kind, Identity.value)
    rows = await unit.conn.execute(select(*columns).where(among(columns, list(wanted))))
    known = [wanted[row[0], row[1], row[2]][1] for row in rows]
    if known:
        await resolve(unit, known)


async def same_chats(
    unit: Unit, wanted: Sequence[tuple[int, Network, str, Known | None]]
) -> dict[tuple[int, str], str]:
    """The address under which a chat stands already, for addresses that a network knows in several spellings: that of
    the chat, else that of the contact's number. Of each: channel, network, address and contact."""
    spelled = {
        (channel_id, peer): (network.addressing.spellings(peer), contact)
        for channel_id, network, peer, contact in wanted
    }
    several = {key: one for key, one in spelled.items() if len(one[0]) > 1}
    if not several:
        return {}
    keys = [(channel_id, one) for (channel_id, _), (forms, _) in several.items() for one in forms]
    query = select(Chat.channel_id, Chat.peer).where(among((Chat.channel_id, Chat.peer), keys))
    chats = {(row[0], row[1]) for row in await unit.conn.execute(query)}
    found: dict[tuple[int, str], str] = {}
    for (channel_id, peer), (forms, contact) in several.items():
        there = [one for one in forms if (channel_id, one) in chats]
        if not there and contact is not None and contact.phone in forms:
            there = [contact.phone]
        if there:
            found[channel_id, peer] = there[0]
    return found


async def preference_changed(unit: Unit, source: Source, report: MarketingPreference) -> None:
    """A person switched marketing off or on in the app itself."""
    (contact,) = await resolve(
        unit,
        [
            Person(
                workspace_id=source.workspace_id,
                identities=report.identities,
                channel_id=source.channel_id,
                network=source.network,
            )
        ],
    )
    address = report.identities.get("phone") or next(iter(report.identities.values()), "")
    if contact is None:
        return
    if not report.opted_in:
        await opt_out(unit, source.workspace_id, address, contact.id, BY_PLATFORM, source.channel_id)
        return
    # The switch takes back only what the switch did: who wrote STOP, or was put on the list by hand, stays there, and so
    # does a refusal that a form, a file or a colleague told.
    listed = await listed_addresses(unit, source.workspace_id, address, contact.id)
    await unit.conn.execute(delete(Suppression).where(*listed, Suppression.reason == BY_PLATFORM))
    if (await unit.conn.execute(select(Suppression.id).where(*listed))).first() is None:
        await unit.conn.execute(
            update(Contact)
            .where(
                Contact.id == contact.id,
                or_(Contact.optin.is_not(False), Contact.optin_source == BY_PLATFORM),
            )
            .values(optin=True, updated_at=unit.now, **optin_columns(BY_PLATFORM, unit.now))
        )
