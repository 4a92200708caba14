"""Who a person is in the data: by which addresses, names and ids they are found."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, and_, or_, select

from ..contacts.people import validate as inputs
from ..models import AnyMessage, Channel, Chat, Contact, ContactMerge, Identity, Message, ledger_address
from ..port import Networks

LEAST: Final = 5
"""Shortest address that is looked for inside texts: a shorter one would be found in what has nothing to do with it."""
LEAST_NAME: Final = 4
_NAMES: Final = ("name", "first_name", "last_name")


class Person(msgspec.Struct, kw_only=True):
    """A contact with all by which it is found.

    `ids` are its contact id and those that were merged into it. `addresses` are as the ledger writes them, in every
    spelling; `names` as people wrote them.
    """

    workspace_id: int
    contact_id: int
    ids: set[int]
    addresses: set[str]
    names: set[str]
    chat_ids: set[int] = set()

    @property
    def needles(self) -> list[str]:
        """What gives them away inside a text: addresses without their network's ending."""
        bare = {one.partition("@")[0] if one.partition("@")[0].isdigit() else one for one in self.addresses}
        return sorted(one for one in bare if len(one) >= LEAST)

    @property
    def full_names(self) -> list[str]:
        """Names that are long enough to be looked for in what concerns this person."""
        return sorted(one for one in self.names if len(one) >= LEAST_NAME)

    @property
    def own_messages(self) -> ColumnElement[bool]:
        """The ledger's rows of their private chats, by index."""
        return self.chats_in(Message)

    def chats_in(self, model: AnyMessage) -> ColumnElement[bool]:
        """The rows of their private chats, in the ledger or the archive, by index."""
        channels = select(Channel.id).where(Channel.workspace_id == self.workspace_id)
        return and_(model.channel_id.in_(channels), model.peer.in_(self.addresses))

    def wrote_in(self, model: AnyMessage) -> ColumnElement[bool]:
        """What they wrote, into groups too; no index leads there."""
        mine = or_(model.contact_id.in_(self.ids), model.sender.in_(self.addresses))
        return and_(model.workspace_id == self.workspace_id, mine)


async def find(reads: Any, networks: Networks, workspace_id: int, contact_id: int) -> Person:
    """The person. Raises NotFound."""
    row = (await reads.execute(select(*Contact.__table__.c).where(Contact.id == contact_id))).mappings().one_or_none()
    if row is None or row["workspace_id"] != workspace_id:
        raise inputs.not_found("Contact", contact_id, "CONTACT_NOT_FOUND")
    person = Person(
        workspace_id=workspace_id,
        contact_id=contact_id,
        ids={contact_id},
        addresses=set(),
        names={row[name] for name in _NAMES if row[name]},
    )
    given = {row["phone"], row["email"]}
    address = ledger_address(Identity.kind, Identity.value)
    identities = await reads.execute(select(Identity.value, address).where(Identity.contact_id == contact_id))
    for forms in identities:
        given.update(forms)
    merges = await reads.execute(
        select(ContactMerge.loser_id, ContactMerge.data).where(ContactMerge.winner_id == contact_id)
    )
    for loser_id, data in merges:
        person.ids.add(loser_id)
        given |= {data.get("phone"), data.get("email")}
        person.names |= {data[name] for name in _NAMES if data.get(name)}
    person.addresses = set(_spelled(networks, given))
    mine = or_(Chat.contact_id.in_(person.ids), Chat.peer.in_(person.addresses))
    chats = await reads.execute(
        select(Chat.id, Chat.peer, Chat.name).where(Chat.workspace_id == workspace_id, Chat.kind == "private", mine)
    )
    for chat_id, peer, name in chats:
        person.chat_ids.add(chat_id)
        person.addresses.update(_spelled(networks, [peer]))
        if name:
            person.names.add(name)
    return person


def _spelled(networks: Networks, given: Iterable[Any]) -> Iterable[str]:
    for one in given:
        if isinstance(one, str) and one:
            yield one
            yield from networks.spellings(one)


def pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    """Finds any of these words where it stands alone, not as a part of a longer one. None for no words."""
    found = sorted(words, key=len, reverse=True)
    if not found:
        return None
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, found))})(?![^\W_])")
