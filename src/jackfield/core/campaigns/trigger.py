"""A campaign's content to one contact: an api campaign is triggered, any campaign is tried.

What is triggered is a ledger row of the campaign, durable before the answer; a test is a single message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, update

from ..contacts import ContactView
from ..contacts.consent.may_send import ConsentQuestion, refusal
from ..egress.links import check_links
from ..ground.errors import Conflict, NotFound
from ..ground.unit import Unit
from ..ledger.submit import Accepted, Answer, Submission, submit_batch
from ..models import Campaign, Contact, Message
from ..port import content as c
from .base import Part, locked
from .recipients import (
    filled,
    lacking,
    missing_of,
    placeholders,
    skip_reason,
    unknown_names,
    unknown_placeholders,
    variables_of,
)
from .state import move
from .views import CampaignView, campaign_view

TRY_AGAIN_MS = 60_000
"""How long an api campaign stays paused by the breaker: then the next message tries."""
_SURE = frozenset({"name", "first_name", "firstname", "last_name", "lastname", "phone", "mobile"})


class _Item(msgspec.Struct):
    submission: Submission
    campaign_id: int


class Singles(Part):
    """The part that sends to one contact at a time."""

    async def trigger(
        self,
        campaign: CampaignView,
        contact: ContactView,
        content: c.Content,
        *,
        fallbacks: Mapping[str, Any] | None = None,
        source: str | None = "api",
    ) -> Accepted:
        """Send an api campaign's message to one contact.

        Placeholders are filled from the contact's attributes, then its name and numbers, then `fallbacks`, and only then
        from what we know besides (its country by its number, say): a caller's own word goes before our guess.

        Raises Conflict when the campaign is over or not started, Forbidden with the reason (code SKIPPED) for a contact
        who must not be written to or lacks a value, Invalid for a placeholder that nothing fills, LimitReached when the
        writer is overloaded.
        """
        if campaign.state == "paused":
            campaign = await self._tried_again(campaign)
        if campaign.state != "running":
            raise Conflict(f"The campaign {campaign.name!r} is {campaign.state}.", code="CAMPAIGN_STATE")
        peer = contact.phone
        async with self._store.db.read() as session:
            row = await session.get(Contact, contact.id)
            asked = ConsentQuestion(
                workspace_id=campaign.workspace_id,
                channel_id=campaign.channel_id,
                peer=peer or "",
                category=campaign.category,
                contact_id=contact.id,
            )
            (refused,) = await self._consent.refusals(session, [asked])
        if row is None:
            raise NotFound(f"There is no contact {contact.id}.", code="CONTACT_NOT_FOUND")
        reason = skip_reason(row, peer, {peer or ""} if refused else set(), campaign.category)
        if reason is not None or peer is None:
            raise refusal(reason or "no_address")
        wanted = placeholders(c.encode(content))
        if wanted:
            given = {str(name).casefold(): str(value) for name, value in (fallbacks or {}).items() if value is not None}
            attributes = {name: value for name, value in given.items() if name not in _SURE}
            attributes |= {name.casefold(): value for name, value in contact.attributes.items() if value}
            async with self._store.db.read() as session:
                unknown = await unknown_names(session, campaign.workspace_id, wanted - given.keys() - attributes.keys())
            if unknown:
                raise unknown_placeholders(unknown)
            values = {**(campaign.options.get("fallbacks") or {}), **(fallbacks or {})}
            variables = variables_of(row, attributes, wanted, values)
            if missing_of(campaign.options) == "skip" and lacking(variables):
                raise refusal("missing_value")
            content = c.personalise(content, variables)
        check_links(content, self._store.options.egress_allow)
        item = _Item(
            Submission(
                workspace_id=campaign.workspace_id,
                channel_id=campaign.channel_id,
                peer=peer,
                content=content,
                category=campaign.category,
                contact_id=contact.id,
                tag=campaign.tag,
                source=source,
            ),
            campaign.id,
        )
        answer: Any = await self._store.submit(_trigger_batch, item)
        accepted: Accepted = answer
        return accepted

    async def _tried_again(self, campaign: CampaignView) -> CampaignView:
        """A campaign that the breaker has paused goes on by itself after a while: nobody watches over one that is sent one
        by one. Raises Conflict with the reason while it is too early, and for one that a person has paused."""
        async with self._store.unit() as unit:
            row = await locked(unit, campaign.workspace_id, campaign.id)
            if row.state == "paused":
                early = unit.now < int(row.options.get("paused_at") or 0) + TRY_AGAIN_MS
                if early or not row.options.get("paused_by_breaker"):
                    raise Conflict(f"The campaign {row.name!r} is paused: {row.pause_reason}", code="CAMPAIGN_PAUSED")
                await move(unit, row, "running")
        return campaign_view(row)

    async def fill(self, workspace_id: int, content: c.Content, values: Mapping[str, Any]) -> c.Content:
        """A single message's content with its values; a field or attribute without a value is blank.

        Raises Invalid for a placeholder that nothing fills.
        """
        given = {str(name).casefold(): value for name, value in values.items()}
        wanted = placeholders(c.encode(content))
        async with self._store.db.read() as session:
            unknown = await unknown_names(session, workspace_id, wanted - given.keys())
        if unknown:
            raise unknown_placeholders(unknown)
        return c.personalise(content, {name: given.get(name, "") for name in wanted}) if wanted else content

    async def test_send(
        self, campaign: CampaignView, peer: str, chat_kind: str, variables: Mapping[str, Any] | None = None
    ) -> Accepted:
        """Send a campaign's content to one address as a single message, with the contact's own values where it is known.

        Raises Conflict for a bulk campaign, LimitReached.
        """
        if campaign.content is None:
            raise Conflict(
                "A bulk campaign cannot be tested: each of its messages has its own content.", code="CAMPAIGN_STATE"
            )
        content = c.decode(campaign.content)
        wanted = placeholders(campaign.content)
        contact: ContactView | None = None
        if wanted:
            fallbacks = {**(campaign.options.get("fallbacks") or {}), **(variables or {})}
            values = filled({}, {}, wanted, fallbacks)
            if peer.isdigit():
                contact = await self._contacts.find(campaign.workspace_id, "phone", peer)
            if contact is not None:
                attributes = {name.casefold(): value for name, value in contact.attributes.items()}
                values = variables_of(contact, attributes, wanted, fallbacks)
            content = c.personalise(content, values)
        return await self._messages.submit(
            Submission(
                workspace_id=campaign.workspace_id,
                channel_id=campaign.channel_id,
                peer=peer,
                chat_kind=chat_kind,
                content=content,
                category=campaign.category,
                contact_id=contact.id if contact is not None else None,
                tag="test",
                source="test",
            )
        )


async def _trigger_batch(unit: Unit, items: Sequence[_Item]) -> Sequence[Answer]:
    """Handler of the group commit: submitted as single messages are, then made the campaigns' in the same transaction."""
    answers = await submit_batch(unit, [item.submission for item in items])
    made = [
        {"b_id": answer.id, "b_campaign": item.campaign_id}
        for item, answer in zip(items, answers, strict=True)
        if isinstance(answer, Accepted)
    ]
    if made:
        await unit.conn.execute(
            update(Message).where(Message.id == bindparam("b_id")).values(campaign_id=bindparam("b_campaign")), made
        )
    counts: dict[int, int] = {}
    for one in made:
        counts[one["b_campaign"]] = counts.get(one["b_campaign"], 0) + 1
    for campaign_id, count in sorted(counts.items()):
        await unit.conn.execute(
            update(Campaign).where(Campaign.id == campaign_id).values(total=Campaign.total + count, updated_at=unit.now)
        )
    return answers
