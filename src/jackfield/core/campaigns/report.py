"""How a campaign did: its counts, why recipients did not get it, who answered, and the whole as a file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import msgspec
from sqlalchemy import exists, false, func, or_, select

from ..contacts.files import TableFormat, phone_cell, table
from ..contacts.find.filters import conditions
from ..contacts.people.validate import iso_time
from ..errorbook import explain
from ..ledger import states
from ..ledger.service import Filter, matching
from ..models import Chat, Contact, Message, of_campaign
from ..port.content import Content, encode
from .audience import GROUPS, checked, contacts_of
from .base import Part
from .recipients import check_placeholders, missing_of, placeholders
from .values import lacks
from .views import CampaignView, Counts, Preview

PAGE = 1000
COLUMNS = (
    "message_id", "phone", "name", "status", "reason", "explanation", "sent_at", "delivered_at", "read_at", "failed_at",
)  # fmt: skip


class Reports(Part):
    """The part that answers questions."""

    async def counts(self, campaign: CampaignView) -> Counts:
        """A campaign's rows by state, counted now."""
        async with self._store.db.read() as session:
            return await count_rows(session, campaign.id)

    async def reach(self, workspace_id: int, audience: Mapping[str, Any]) -> int:
        """How many contacts an audience has now."""
        async with self._store.db.read() as session:
            contacts = conditions(workspace_id, contacts_of(audience))
            query = select(func.count()).select_from(Contact).where(*contacts)
            return int((await session.execute(query)).scalar_one())

    async def preview(
        self,
        workspace_id: int,
        channel_id: int,
        content: Content,
        audience: Mapping[str, Any],
        options: Mapping[str, Any] | None = None,
    ) -> Preview:
        """What a campaign would reach, and how many lack a value for which placeholder, before anything is made.

        Raises Invalid for what would be refused when the campaign is made.
        """
        options = options or {}
        stored = encode(content)
        async with self._store.db.read() as session:
            audience = await checked(session, workspace_id, channel_id, audience)
            await check_placeholders(session, workspace_id, stored, options)
            everyone = conditions(workspace_id, contacts_of(audience))
            counted = {name: lacks(workspace_id, name) for name in sorted(placeholders(stored))}
            fallbacks = {str(name).casefold() for name in options.get("fallbacks") or {}}
            bare = [clause for name, clause in counted.items() if name not in fallbacks]
            columns = [func.count(), func.count().filter(or_(*bare)) if bare else func.count().filter(false())]
            columns += [func.count().filter(clause) for clause in counted.values()]
            row = (await session.execute(select(*columns).select_from(Contact).where(*everyone))).one()
        missing = dict(zip(counted, (int(one) for one in row[2:]), strict=True))
        return Preview(
            contacts=int(row[0]),
            groups=len(audience.get(GROUPS) or ()),
            lacking=missing,
            incomplete=int(row[1]),
            missing=missing_of(options),
        )

    async def failures(self, campaign: CampaignView) -> list[tuple[str, str | None, int]]:
        """Why recipients did not get it: state, code and how many, the most frequent first."""
        query = (
            select(Message.state, Message.error_code, func.count())
            .where(
                of_campaign(campaign.id),
                Message.state.in_((states.FAILED, states.SKIPPED, states.UNCERTAIN)),
            )
            .group_by(Message.state, Message.error_code)
            .order_by(func.count().desc())
            .limit(100)
        )
        async with self._store.db.read() as session:
            return [(row[0], row[1], int(row[2])) for row in (await session.execute(query)).all()]

    async def replied(self, campaign: CampaignView) -> int:
        """How many of its recipients have written since they got it.

        Walks the chats that were active since the campaign began, not its recipients: most of these never answer.
        """
        if campaign.started_at is None:
            return 0
        reached = exists(
            select(1).where(
                Message.channel_id == Chat.channel_id,
                Message.peer == Chat.peer,
                of_campaign(campaign.id),
                Message.state.in_((states.SENT, states.DELIVERED, states.READ)),
                Message.id < Chat.last_in_id,
            )
        )
        query = (
            select(func.count())
            .select_from(Chat)
            .where(
                Chat.channel_id == campaign.channel_id,
                Chat.last_at >= campaign.started_at,
                Chat.last_in_id.is_not(None),
                reached,
            )
        )
        async with self._store.db.read() as session:
            return int(await session.scalar(query) or 0)

    async def export(
        self, campaign: CampaignView, filter_: Filter | None = None, *, format: TableFormat = "csv"
    ) -> AsyncIterator[bytes]:
        """A campaign's recipients with status and reason as a file in pieces, in the order of the ledger. Raises Invalid for
        a bad filter at the first piece."""
        found = matching(campaign.workspace_id, msgspec.structs.replace(filter_ or Filter(), campaign_id=campaign.id))
        file = table(format, COLUMNS)
        yield file.add([])
        after = 0
        while True:
            query = found.where(Message.id > after).order_by(Message.id).limit(PAGE)
            async with self._store.db.read() as session:
                rows = (await session.scalars(query)).all()
                ids = [row.contact_id for row in rows if row.contact_id is not None]
                people = await session.execute(select(Contact.id, Contact.name).where(Contact.id.in_(ids)))
                names = {one.id: one.name for one in people}
            yield file.add(_row(row, names) for row in rows)
            if len(rows) < PAGE:
                break
            after = rows[-1].id
        yield file.end()


async def count_states(session: Any, campaign_id: int) -> dict[str, int]:
    """A campaign's messages by state, those states that occur; from the index alone."""
    query = select(Message.state, func.count()).where(of_campaign(campaign_id)).group_by(Message.state)
    return {state: int(count) for state, count in await session.execute(query)}


async def count_rows(session: Any, campaign_id: int) -> Counts:
    """Rows by state, from the index."""
    by_state = dict.fromkeys(states.OUTGOING, 0) | await count_states(session, campaign_id)
    uncertain = (
        await session.execute(
            select(func.count()).select_from(Message).where(of_campaign(campaign_id), Message.uncertain_at.is_not(None))
        )
    ).scalar_one()
    return Counts(by_state=by_state, total=sum(by_state.values()), was_uncertain=uncertain)


def _explained(said: str | None, why: Mapping[str, Any] | None) -> str:
    """The network's own words where they say more than the error book's title, then cause and remedy."""
    if why is None:
        return said or ""
    words = [said.rstrip(".") + "."] if said and said != why["title"] else []
    return " ".join([*words, why["cause"], why["remedy"]])


def _row(row: Message, names: Mapping[int, str]) -> dict[str, Any]:
    why = explain(row.error_code)
    return {
        "message_id": str(row.id),
        "phone": phone_cell(row.peer) if row.peer.isdigit() else row.peer,
        "name": names.get(row.contact_id or 0, ""),
        "status": row.state,
        "reason": row.error_code or "",
        "explanation": _explained(row.error, why),
        "sent_at": iso_time(row.sent_at),
        "delivered_at": iso_time(row.delivered_at),
        "read_at": iso_time(row.read_at),
        "failed_at": iso_time(row.failed_at),
    }
