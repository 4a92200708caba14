"""People: who somebody is, and whether they want marketing."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from ...contacts.consent.keywords import BY_PLATFORM, listed_addresses, opt_out
from ...contacts.people.consents import said
from ...contacts.people.resolve import Person, resolve
from ...ground.unit import Unit
from ...models import Contact, Suppression
from ...port import MarketingPreference, Network, PeerKnown
from .source import Source


def known_by(network: Network, address: str) -> dict[str, str]:
    """The identity that an address tells of the person there, kind to value; empty for a group."""
    identity = network.addressing.identity(address)
    return {} if identity is None else {identity[0]: identity[1]}


async def person_known(unit: Unit, source: Source, report: PeerKnown) -> None:
    """The network told us of a person."""
    person = Person(
        workspace_id=source.workspace_id,
        identities=report.identities,
        name=report.name,
        source="sync",
        channel_id=source.channel_id,
    )
    await resolve(unit, [person])


async def preference_changed(unit: Unit, source: Source, report: MarketingPreference) -> None:
    """A person switched marketing off or on in the app itself."""
    (contact,) = await resolve(
        unit, [Person(workspace_id=source.workspace_id, identities=report.identities, channel_id=source.channel_id)]
    )
    address = report.identities.get("phone") or next(iter(report.identities.values()), "")
    if contact is None:
        return
    if not report.opted_in:
        await opt_out(unit, source.workspace_id, address, contact.id, BY_PLATFORM, source.channel_id)
        return
    # The switch takes back only what the switch did: who wrote STOP, or was put on the list by hand, stays there.
    listed = await listed_addresses(unit, source.workspace_id, address, contact.id)
    await unit.conn.execute(delete(Suppression).where(*listed, Suppression.reason == BY_PLATFORM))
    if (await unit.conn.execute(select(Suppression.id).where(*listed))).first() is None:
        await unit.conn.execute(
            update(Contact)
            .where(Contact.id == contact.id)
            .values(optin=True, updated_at=unit.now, **said(BY_PLATFORM, unit.now))
        )
