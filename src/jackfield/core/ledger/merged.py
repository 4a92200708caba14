"""A campaign to people who turned out to be one: only the first message of each campaign goes out.

Two contacts of an audience may be merged after their messages were written to the ledger. Merges are rare and indexed by
contact, so a claim asks about them first, and about messages only when there was one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import or_, select

from ..ground.unit import Unit
from ..models import ContactMerge, Identity, Message, ledger_address, of_campaign
from . import states

_GONE: Final = (states.SKIPPED, states.CANCELLED)


async def second_messages(unit: Unit, claimed: Sequence[Any]) -> set[int]:
    """Ids of those messages whose person has another message of the same campaign, which goes (or went) out."""
    mine = [one for one in claimed if one.campaign_id and one.contact_id is not None]
    if not mine:
        return set()
    ids = {one.contact_id for one in mine}
    since = min(one.created_at for one in mine)
    query = select(ContactMerge.winner_id).where(
        ContactMerge.winner_id.in_(ids),
        ContactMerge.loser_id != ContactMerge.winner_id,
        ContactMerge.created_at >= since,
    )
    merged = set((await unit.conn.execute(query)).scalars())
    if not merged:
        return set()
    address = ledger_address(Identity.kind, Identity.value)
    addresses: dict[int, set[str]] = {}
    for row in await unit.conn.execute(
        select(Identity.contact_id, address.label("address")).where(Identity.contact_id.in_(merged))
    ):
        addresses.setdefault(row.contact_id, set()).add(row.address)
    second: set[int] = set()
    for one in mine:
        others = addresses.get(one.contact_id, set()) - {one.peer}
        if not others:
            continue
        # By slot, which is the address in a campaign to an audience; messages of a list are meant one by one.
        rival = select(Message.id).where(
            of_campaign(one.campaign_id),
            Message.slot.in_(others),
            Message.state.not_in(_GONE),
            or_(Message.state.not_in((states.QUEUED, states.SCHEDULED)), Message.id < one.id),
        )
        if (await unit.conn.execute(rival.limit(1))).first() is not None:
            second.add(one.id)
    return second
