"""How a campaign did: its counts, why recipients did not get it, who answered, and the whole as a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import exists, false, func, or_, select

from ..contacts.files import TableFormat, phone_cell, table
from ..contacts.find.filters import conditions
from ..contacts.people.validate import iso_time
from ..errorbook import explain
from ..ledger import states
from ..ledger.archive import of_all, page_of_all
from ..ledger.service import Filter, matching
from ..models import LEDGER, Chat, Contact, Message, of_campaign
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
        query = of_all(
            lambda model: (
                select(model.state, model.error_code, func.count())
                .where(
                    of_campaign(campaign.id, model), model.state.in_((states.FAILED, states.SKIPPED, states.UNCERTAIN))
                )
                .group_by(model.state, model.error_code)
            )
        )
        counted: Counter[tuple[str, str | None]] = Counter()
        async with self._store.db.read() as session:
            for state, code, count in await session.execute(query):
                counted[state, code] += int(count)
        return [(state, code, count) for (state, code), count in counted.most_common(100)]

    async def replied(self, campaign: CampaignView) -> int:
        """How many of its recipients have written since they got it.

        Walks the chats that were active since the campaign began, not its recipients: most of these never answer.
        """
        if campaign.started_at is None:
            return 0
        reached = or_(
            *(
                exists(
                    select(1).where(
                        model.channel_id == Chat.channel_id,
                        model.peer == Chat.peer,
                        of_campaign(campaign.id, model),
                        model.state.in_((states.SENT, states.DELIVERED, states.READ)),
                        model.id < Chat.last_in_id,
                    )
                )
                for model in LEDGER
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
        wanted = msgspec.structs.replace(filter_ or Filter(), campaign_id=campaign.id)
        find = partial(matching, campaign.workspace_id, wanted)
        find(Message)
        file = table(format, COLUMNS)
        yield file.add([])
        cursor: str | None = None
        while True:
            async with self._store.db.read() as session:
                found = await page_of_all(session, find, limit=PAGE, cursor=cursor, newest_first=False, maximum=PAGE)
                rows = found.items
                ids = [row.contact_id for row in rows if row.contact_id is not None]
                people = await session.execute(select(Contact.id, Contact.name).where(Contact.id.in_(ids)))
                names = {one.id: one.name for one in people}
            yield file.add(_row(row, names) for row in rows)
            cursor = found.cursor
            if cursor is None:
                break
        yield file.end()


async def count_states(session: Any, campaign_id: int) -> dict[str, int]:
    """A campaign's messages by state, those states that occur; from the index alone."""
    query = of_all(
        lambda model: select(model.state, func.count()).where(of_campaign(campaign_id, model)).group_by(model.state)
    )
    counted: Counter[str] = Counter()
    for state, count in await session.execute(query):
        counted[state] += int(count)
    return dict(counted)


async def count_rows(session: Any, campaign_id: int) -> Counts:
    """Rows by state, from the index."""
    by_state = dict.fromkeys(states.OUTGOING, 0) | await count_states(session, campaign_id)
    query = of_all(
        lambda model: (
            select(func.count())
            .select_from(model)
            .where(of_campaign(campaign_id, model), model.uncertain_at.is_not(None))
        )
    )
    uncertain = sum(int(one) for one in await session.scalars(query))
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
