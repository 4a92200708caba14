"""Expansion: an audience becomes ledger rows, in steps that survive a crash.

Each step takes contacts after the campaign's cursor, writes their rows and moves the cursor in one
transaction; a repeated step finds the slots taken. Who is skipped gets a row too, with the reason.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import select, update

from ..contacts.consent.may_send import Consent, ConsentQuestion
from ..contacts.find.filters import conditions
from ..ground.unit import Unit
from ..ledger import states
from ..ledger.submit import insert_ignoring
from ..models import (
    Attribute,
    Campaign,
    Channel,
    Contact,
    ContactAttribute,
    ContactMerge,
    Identity,
    Message,
    of_campaign,
)
from ..port import Addressing, Networks
from ..port.content import decode, kind_of
from .audience import contacts_of, groups_of
from .links import OPTION, Shortener
from .recipients import filled, lacking, missing_of, placeholders, skip_reason, variables_of

STEP = 500
"""Contacts per step: one transaction of about 10 ms, so that sends and replies go on between."""


class Step(msgspec.Struct, kw_only=True):
    """What one step did. `done` when the audience is exhausted."""

    written: int
    done: bool


async def expand_step(
    unit: Unit, networks: Networks, campaign_id: int, token: int | None = None, *, public_url: str = ""
) -> Step:
    """Write the next contacts of a campaign's audience. `token` is the channel owner's, checked when given. Short links, where
    the campaign asks for them, begin with `public_url`; without it links stay as they are."""
    campaign = await unit.session.get(Campaign, campaign_id)
    if campaign is None or not campaign.expanding or campaign.state not in ("running", "paused"):
        return Step(written=0, done=True)
    channel = await unit.session.get_one(Channel, campaign.channel_id)
    if token is not None and channel.lease_token != token:
        return Step(written=0, done=True)
    contacts = list(
        (
            await unit.session.execute(
                select(Contact)
                .where(*conditions(campaign.workspace_id, contacts_of(campaign.audience)), Contact.id > campaign.cursor)
                .order_by(Contact.id)
                .limit(STEP)
            )
        ).scalars()
    )
    values: dict[str, Any] = {"expanding": len(contacts) == STEP}
    if campaign.cursor == 0 and (to_groups := await _group_rows(unit, networks, campaign)):
        await insert_ignoring(unit, Message, to_groups)
        values["total"] = Campaign.total + len(to_groups)
        unit.notify(f"channel:{channel.id}")
    if contacts:
        short = _shortener(campaign, public_url)
        rows = await _rows(unit, networks, networks.of(channel.engine).addressing, campaign, contacts, short)
        if rows:
            await insert_ignoring(unit, Message, rows)
        if short is not None:
            await short.save(unit)
        values |= {"cursor": contacts[-1].id, "total": values.get("total", Campaign.total) + len(rows)}
        unit.notify(f"channel:{channel.id}")
    await unit.conn.execute(update(Campaign).where(Campaign.id == campaign_id).values(**values))
    return Step(written=len(contacts), done=len(contacts) < STEP)


def _shortener(campaign: Campaign, public_url: str) -> Shortener | None:
    if not (public_url and campaign.content and campaign.options.get(OPTION)):
        return None
    return Shortener(campaign, decode(campaign.content), public_url)


async def _rows(
    unit: Unit,
    networks: Networks,
    addressing: Addressing,
    campaign: Campaign,
    contacts: list[Contact],
    short: Shortener | None,
) -> list[dict[str, Any]]:
    ids = [contact.id for contact in contacts]
    kinds = addressing.identity_kinds
    addresses: dict[int, str] = {}
    if kinds != ("phone",):
        found = await unit.conn.execute(
            select(Identity.contact_id, Identity.kind, Identity.value)
            .where(Identity.contact_id.in_(ids), Identity.kind.in_(kinds))
            .order_by(Identity.id)
        )
        if kinds[0] == "phone":
            # The contact's own number, not just any of its numbers: after a merge another may be the older one.
            addresses = {contact.id: contact.phone for contact in contacts if contact.phone}
        ranked = sorted(found, key=lambda row: kinds.index(row.kind))
        for row in ranked:
            address = addressing.address(row.kind, row.value)
            # Whatever was kept as a person's identity: a campaign to contacts never goes to a group or channel.
            if addressing.chat_kind(address) == "private":
                addresses.setdefault(row.contact_id, address)
    else:
        addresses = {contact.id: contact.phone for contact in contacts if contact.phone}
    asked = [
        ConsentQuestion(
            workspace_id=campaign.workspace_id,
            channel_id=campaign.channel_id,
            peer=addresses[contact.id],
            category=campaign.category,
            contact_id=contact.id,
        )
        for contact in contacts
        if contact.id in addresses
    ]
    refused = await Consent(networks).refusals(unit.conn, asked)
    suppressed = {one.peer for one, reason in zip(asked, refused, strict=True) if reason is not None}
    had = await _had_it(unit, addressing, campaign.id, ids)
    content = campaign.content or ""
    wanted = placeholders(content)
    attributes = await _attributes(unit, campaign.workspace_id, ids, wanted)
    fallbacks: dict[str, Any] = campaign.options.get("fallbacks") or {}
    skips = missing_of(campaign.options) == "skip"
    kind = kind_of(decode(content))
    rows = []
    for contact in contacts:
        if contact.id in had:
            continue
        peer = addresses.get(contact.id)
        reason = skip_reason(contact, peer, suppressed, campaign.category)
        variables = variables_of(contact, attributes.get(contact.id, {}), wanted, fallbacks) if wanted else None
        if reason is None and skips and variables and lacking(variables):
            reason = "missing_value"
        made = _row(unit, campaign, kind, peer, contact.id, variables, reason)
        if short is not None and reason is None:
            made["content"] = short.content_for(made["slot"], contact.id, variables)
        rows.append(made)
    return rows


def _row(
    unit: Unit,
    campaign: Campaign,
    kind: str,
    peer: str | None,
    contact_id: int | None,
    variables: dict[str, Any] | None,
    reason: str | None,
) -> dict[str, Any]:
    return {
        "workspace_id": campaign.workspace_id,
        "channel_id": campaign.channel_id,
        "direction": "out",
        "state": states.SKIPPED if reason else states.QUEUED,
        "lane": states.LANES[campaign.category],
        "campaign_id": campaign.id,
        "slot": peer or f"contact:{contact_id}",
        "due_at": unit.now,
        "peer": peer or "",
        "contact_id": contact_id,
        "kind": kind,
        "content": None,
        "variables": variables,
        "category": campaign.category,
        "tag": campaign.tag,
        "template": campaign.template,
        "source": campaign.source,
        "attempts": 0,
        "error_code": reason,
        "created_at": unit.now,
    }


async def _group_rows(unit: Unit, networks: Networks, campaign: Campaign) -> list[dict[str, Any]]:
    """The groups that were chosen by name, each by its name as {name}. A refusal holds for a group's address too."""
    groups = await groups_of(unit.conn, campaign.channel_id, campaign.audience)
    if not groups:
        return []
    asked = [
        ConsentQuestion(
            workspace_id=campaign.workspace_id,
            channel_id=campaign.channel_id,
            peer=address,
            category=campaign.category,
        )
        for address in groups
    ]
    refused = await Consent(networks).refusals(unit.conn, asked)
    content = campaign.content or ""
    wanted, kind = placeholders(content), kind_of(decode(content))
    fallbacks: dict[str, Any] = campaign.options.get("fallbacks") or {}
    rows = []
    for (address, name), reason in zip(groups.items(), refused, strict=True):
        variables = filled({"name": name}, {}, wanted, fallbacks) if wanted else None
        if reason is None and missing_of(campaign.options) == "skip" and variables and lacking(variables):
            reason = "missing_value"
        rows.append(_row(unit, campaign, kind, address, None, variables, reason))
    return rows


async def _had_it(unit: Unit, addressing: Addressing, campaign_id: int, ids: list[int]) -> set[int]:
    """Contacts that this campaign has a message for under another of their addresses: they were merged with somebody who
    had been reached before them."""
    since = select(Campaign.created_at).where(Campaign.id == campaign_id).scalar_subquery()
    merged = set(
        await unit.session.scalars(
            select(ContactMerge.winner_id).where(
                ContactMerge.winner_id.in_(ids),
                ContactMerge.loser_id != ContactMerge.winner_id,
                ContactMerge.created_at >= since,
            )
        )
    )
    if not merged:
        return set()
    owners: dict[str, int] = {}
    for row in await unit.conn.execute(
        select(Identity.contact_id, Identity.kind, Identity.value).where(
            Identity.contact_id.in_(merged), Identity.kind.in_(addressing.identity_kinds)
        )
    ):
        owners[addressing.address(row.kind, row.value)] = row.contact_id
    taken = select(Message.slot).where(of_campaign(campaign_id), Message.slot.in_(owners))
    return {owners[slot] for slot in await unit.session.scalars(taken) if slot is not None}


async def _attributes(unit: Unit, workspace_id: int, ids: list[int], wanted: set[str]) -> dict[int, dict[str, str]]:
    if not wanted:
        return {}
    rows = await unit.conn.execute(
        select(ContactAttribute.contact_id, Attribute.folded, ContactAttribute.value)
        .join(Attribute, Attribute.id == ContactAttribute.attribute_id)
        .where(
            Attribute.workspace_id == workspace_id,
            Attribute.folded.in_(wanted),
            ContactAttribute.contact_id.in_(ids),
        )
    )
    found: dict[int, dict[str, str]] = {}
    for row in rows:
        found.setdefault(row.contact_id, {})[row.folded] = row.value
    return found
