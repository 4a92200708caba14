"""`Consent`: may this person get a message of this category? The one place that says so.

Everything that sends asks here twice: when a message is submitted, and when it is claimed for sending, because people
change their minds between the two. The answer is about the person, not about the address: a refusal given under any
identity of a contact, or listed for any address of it, holds for all of them.

Only marketing is asked about. Service, utility and authentication messages answer what the person asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Text, case, cast, exists, literal, or_, select, true, union_all

from ....db.bulk import among
from ...ground.errors import Forbidden
from ...ground.sealing import erased_address, known_pseudonym_key
from ...models import Channel, Contact, Identity, Suppression, ledger_address
from ...port import Networks
from ..people.views import Reads

MARKETING: Final = "marketing"
CHUNK: Final = 1000

REFUSALS: Final = {
    "no_address": "The contact has no phone number.",
    "blocked": "The contact is blocked.",
    "opted_out": "The contact has opted out of marketing.",
    "suppressed": "The address is on the suppression list.",
    "missing_value": "The contact lacks a value that the message needs.",
    "heard_enough": "The contact has had as much marketing as the workspace allows.",
}
"""Why somebody is not written to, by code."""
_ORDER: Final = ("blocked", "opted_out", "suppressed")


class ConsentQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """One question: a message of `category` to `peer` (the address as the ledger keeps it) on a channel.

    `contact_id` is the person, where the asker knows it; the address is looked up all the same.
    """

    workspace_id: int
    channel_id: int
    peer: str
    category: str
    contact_id: int | None = None


_Key = tuple[int, str, str]
"""Workspace, kind and value of what a refusal can be found by."""


class Consent:
    """The service."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self._engines: dict[int, str] = {}
        """A channel's engine, which never changes."""
        self._pseudonyms: bytes | None = None
        """Key of the hashes by which erased people are on the list; it never changes either."""

    async def may_send(self, reads: Reads, asked: ConsentQuestion) -> bool:
        """Whether this message may go out; see `refusals` for the reason and for many at once."""
        return (await self.refusals(reads, [asked]))[0] is None

    async def refusals(self, reads: Reads, asked: Sequence[ConsentQuestion]) -> list[str | None]:
        """Why each message must not go out, as a code of `REFUSALS`; None where it may.

        Two queries for every thousand messages of marketing, by index; none when there is no marketing among them.
        """
        answers: list[str | None] = [None] * len(asked)
        relevant = [i for i, one in enumerate(asked) if one.category == MARKETING]
        if not relevant:
            return answers
        if self._pseudonyms is None:
            self._pseudonyms = await known_pseudonym_key(reads)
        await self._know_engines(reads, {asked[i].channel_id for i in relevant})
        for start in range(0, len(relevant), CHUNK):
            some = relevant[start : start + CHUNK]
            for i, reason in zip(some, await self._ask(reads, [asked[i] for i in some]), strict=True):
                answers[i] = reason
        return answers

    async def _ask(self, reads: Reads, asked: Sequence[ConsentQuestion]) -> list[str | None]:
        keys = [self._keys(one) for one in asked]
        refused: dict[Any, set[str]] = {}
        sought = {key for mine in keys for key in mine}
        for row in await reads.execute(_query(sought)) if sought else ():
            refused.setdefault((row.workspace_id, row.kind, row.value), set()).add(row.reason)
        for key in await self._listed_otherwise(reads, sought) if sought else ():
            refused.setdefault(key, set()).add("suppressed")
        answers: list[str | None] = []
        for mine in keys:
            found = {reason for key in mine for reason in refused.get(key, ())}
            answers.append(next((reason for reason in _ORDER if reason in found), None))
        return answers

    async def _listed_otherwise(self, reads: Reads, sought: set[_Key]) -> list[_Key]:
        """Those that lead to a contact of whom an address is on the list in another form, which no query can make: as
        another spelling of the number, or, of somebody who was erased, as its hash."""
        addresses = _other_addresses(sought, every=self._pseudonyms is not None)
        if addresses is None:
            return []
        owners: dict[tuple[int, str], list[_Key]] = {}
        for row in await reads.execute(addresses):
            forms = list(self._networks.spellings(row.address)[1:])
            if self._pseudonyms is not None:
                plain = (row.address, *forms)
                forms += [erased_address(self._pseudonyms, row.workspace_id, one) for one in plain]
            for form in forms:
                owners.setdefault((row.workspace_id, form), []).append((row.workspace_id, row.kind, row.value))
        listed = (Suppression.workspace_id, Suppression.address)
        asked = list(owners)
        found: list[_Key] = []
        for start in range(0, len(asked), CHUNK):
            for row in await reads.execute(select(*listed).where(among(listed, asked[start : start + CHUNK]))):
                found.extend(owners[row.workspace_id, row.address])
        return found

    def _keys(self, one: ConsentQuestion) -> list[_Key]:
        """By what a refusal of this person can be found: workspace, kind and value."""
        keys = [(one.workspace_id, _CONTACT, str(one.contact_id))] if one.contact_id is not None else []
        addressing = self._networks.of(self._engines.get(one.channel_id, "")).addressing
        for address in addressing.spellings(one.peer) if one.peer else ():
            keys.append((one.workspace_id, _ADDRESS, address))
            if self._pseudonyms is not None:
                keys.append((one.workspace_id, _ADDRESS, erased_address(self._pseudonyms, one.workspace_id, address)))
            identity = addressing.identity(address)
            if identity is not None:
                keys.append((one.workspace_id, *identity))
        return keys

    async def _know_engines(self, reads: Reads, channel_ids: set[int]) -> None:
        unknown = channel_ids - self._engines.keys()
        if unknown:
            rows = await reads.execute(select(Channel.id, Channel.engine).where(Channel.id.in_(unknown)))
            self._engines.update({row.id: row.engine for row in rows})


_CONTACT: Final = "#contact"
_ADDRESS: Final = "#address"


def _other_addresses(keys: set[_Key], *, every: bool) -> Any:
    """The addresses of the contacts to whom these keys lead, each under its key, but for an identity's own; None for
    keys that lead to none. Unless `every`, their numbers only: nothing else has several spellings."""
    other = Identity.__table__.alias("other")
    address = ledger_address(other.c.kind, other.c.value).label("address")
    kinds = true() if every else other.c.kind == "phone"
    parts = []
    identities = {key for key in keys if key[1] not in (_CONTACT, _ADDRESS)}
    if identities:
        parts.append(
            select(Identity.workspace_id, Identity.kind, Identity.value, address)
            .join(other, other.c.contact_id == Identity.contact_id)
            .where(
                among((Identity.workspace_id, Identity.kind, Identity.value), identities),
                other.c.id != Identity.id,
                kinds,
            )
        )
    ids = {(workspace, int(value)) for workspace, kind, value in keys if kind == _CONTACT}
    if ids:
        value = cast(other.c.contact_id, Text).label("value")
        parts.append(
            select(other.c.workspace_id, _text(_CONTACT, "kind"), value, address).where(
                among((other.c.workspace_id, other.c.contact_id), ids), kinds
            )
        )
    return union_all(*parts) if len(parts) > 1 else parts[0] if parts else None


def _query(keys: set[_Key]) -> Any:
    """What refuses: contacts by id and by identity, and listed addresses, each under the key that led there."""
    other, listed_address = Identity.__table__.alias("other"), Suppression.__table__.alias("listed")
    is_listed = exists(
        select(1).where(
            other.c.contact_id == Contact.id,
            listed_address.c.workspace_id == Contact.workspace_id,
            listed_address.c.address == ledger_address(other.c.kind, other.c.value),
        )
    )
    refuses = or_(Contact.optin.is_(False), Contact.blocked.is_(True), is_listed)
    reason = case((Contact.blocked.is_(True), "blocked"), (Contact.optin.is_(False), "opted_out"), else_="suppressed")
    ids = {(workspace, int(value)) for workspace, kind, value in keys if kind == _CONTACT}
    addresses = {(workspace, value) for workspace, kind, value in keys if kind == _ADDRESS}
    identities = {key for key in keys if key[1] not in (_CONTACT, _ADDRESS)}
    parts = []
    if identities:
        parts.append(
            select(Identity.workspace_id, Identity.kind, Identity.value, reason.label("reason"))
            .join(Contact, Contact.id == Identity.contact_id)
            .where(among((Identity.workspace_id, Identity.kind, Identity.value), identities), refuses)
        )
    if ids:
        value = cast(Contact.id, Text).label("value")
        parts.append(
            select(Contact.workspace_id, _text(_CONTACT, "kind"), value, reason.label("reason")).where(
                among((Contact.workspace_id, Contact.id), ids), refuses
            )
        )
    if addresses:
        parts.append(
            select(
                Suppression.workspace_id,
                _text(_ADDRESS, "kind"),
                Suppression.address.label("value"),
                _text("suppressed", "reason"),
            ).where(among((Suppression.workspace_id, Suppression.address), addresses))
        )
    return parts[0] if len(parts) == 1 else union_all(*parts)


def _text(value: str, name: str) -> Any:
    return cast(literal(value), Text).label(name)


def refusal(reason: str) -> Forbidden:
    """The error for a single message that must not go out: code SKIPPED, with the reason's code in its details."""
    return Forbidden(REFUSALS[reason], code="SKIPPED", details={"reason": reason})
