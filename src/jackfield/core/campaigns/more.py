"""What else is done with campaigns: changed before they start, scheduled, made again, tried out, written to a file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, func, select

from ..contacts.files import phone_cell, write_csv
from ..contacts.find.filters import conditions
from ..contacts.people.validate import moment
from ..contacts.people.views import ContactView
from ..ground.errors import Conflict, Invalid
from ..ledger import states
from ..ledger.service import explain
from ..ledger.submit import Accepted, Submission
from ..models import Campaign, Chat, Contact, Message, of_campaign
from ..port import content as c
from .expand import placeholders, variables_of
from .service import Campaigns, shift_rows

if TYPE_CHECKING:
    from ..core import Core

PAGE = 1000
COLUMNS = (
    "message_id", "phone", "name", "status", "reason", "explanation", "sent_at", "delivered_at", "read_at", "failed_at",
)  # fmt: skip


async def change(
    core: Core,
    workspace_id: int,
    campaign_id: int,
    *,
    name: str | None = None,
    content: c.Content | None = None,
    audience: Mapping[str, Any] | None = None,
    category: str | None = None,
    tag: str | None = None,
) -> Campaign:
    """Change what is given of a campaign that has not started. Raises NotFound, Conflict (CAMPAIGN_STATE), Invalid."""
    if name is not None and not 1 <= len(name.strip()) <= 200:
        raise Invalid("name: 1 to 200 characters", details={"name": ["Must be 1 to 200 characters."]})
    if category is not None and category not in states.LANES:
        raise Invalid("category: unknown", details={"category": [f"Must be one of {', '.join(states.LANES)}."]})
    if audience is not None:
        conditions(workspace_id, audience)
    async with core.unit() as unit:
        row = await Campaigns._locked(unit, workspace_id, campaign_id)
        if row.state not in ("draft", "scheduled"):
            raise Conflict(f"The campaign is {row.state} and can no longer be changed.", code="CAMPAIGN_STATE")
        if row.kind == "bulk" and (content is not None or audience is not None):
            raise Conflict("The messages of a bulk campaign are written already.", code="CAMPAIGN_STATE")
        row.name = name.strip() if name is not None else row.name
        if content is not None:
            row.content = c.encode(content)
            row.template = content.name if isinstance(content, c.Template) else None
        row.audience = dict(audience) if audience is not None else row.audience
        row.category = category or row.category
        row.tag = tag if tag is not None else row.tag
        row.updated_at = unit.now
    return row


async def schedule(core: Core, workspace_id: int, campaign_id: int, at: int | None) -> Campaign:
    """Have a draft start at a time (Unix ms), or at another one; None makes it a draft again.

    Raises NotFound, Invalid (not ahead), Conflict (it has started).
    """
    async with core.unit() as unit:
        row = await Campaigns._locked(unit, workspace_id, campaign_id)
        if row.state not in ("draft", "scheduled"):
            raise Conflict(f"The campaign is {row.state} and can no longer be scheduled.", code="CAMPAIGN_STATE")
        if at is not None and at <= unit.now:
            raise Invalid("scheduledAt: must lie ahead", details={"scheduledAt": ["Must lie ahead."]})
        if row.scheduled_at is not None:
            await shift_rows(unit, row, (at or unit.now) - row.scheduled_at)
        row.state = "draft" if at is None else "scheduled"
        row.scheduled_at = at
        row.updated_at = unit.now
        unit.notify(f"channel:{row.channel_id}")
    return row


async def duplicate(core: Core, workspace_id: int, campaign_id: int, name: str | None = None) -> Campaign:
    """A draft of the same content, audience and options. Raises NotFound, Conflict for a bulk campaign."""
    row = await core.campaigns.get(workspace_id, campaign_id)
    if row.content is None:
        raise Conflict("A bulk campaign has no audience to send to again.", code="CAMPAIGN_STATE")
    options = {key: value for key, value in row.options.items() if key != "paused_at"}
    return await core.campaigns.create(
        workspace_id,
        row.channel_id,
        name=name or f"{row.name[:193]} (copy)",
        content=c.decode(row.content),
        audience=row.audience,
        kind=row.kind,
        category=row.category,
        start=False,
        tag=row.tag,
        source=row.source,
        options=options,
    )


async def try_out(
    core: Core, campaign: Campaign, peer: str, chat_kind: str, variables: Mapping[str, Any] | None = None
) -> Accepted:
    """Send a campaign's content to one address as a single message, with the contact's own values where it is known.

    Raises Conflict for a bulk campaign, LimitReached.
    """
    if campaign.content is None:
        raise Conflict("A bulk campaign has no content of its own to try.", code="CAMPAIGN_STATE")
    content = c.decode(campaign.content)
    wanted = placeholders(campaign.content)
    contact: ContactView | None = None
    if wanted:
        fallbacks = {**(campaign.options.get("fallbacks") or {}), **(variables or {})}
        values: dict[str, Any] = {str(name).casefold(): value for name, value in fallbacks.items()}
        if peer.isdigit():
            contact = await core.contacts.find(campaign.workspace_id, "phone", peer)
        if contact is not None:
            async with core.db.read() as session:
                row = await session.get_one(Contact, contact.id)
            attributes = {name.casefold(): value for name, value in contact.attributes.items()}
            values = variables_of(row, attributes, wanted, fallbacks)
        content = c.personalise(content, values)
    return await core.messages.submit(
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


async def failures(core: Core, campaign: Campaign) -> list[tuple[str, str | None, int]]:
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
    async with core.db.read() as session:
        return [(row[0], row[1], int(row[2])) for row in (await session.execute(query)).all()]


async def replied(core: Core, campaign: Campaign) -> int:
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
    async with core.db.read() as session:
        return int(await session.scalar(query) or 0)


async def export_csv(core: Core, campaign: Campaign) -> AsyncIterator[bytes]:
    """A campaign's recipients with status and reason as a CSV file in pieces, in the order of the ledger."""
    header = b"".join(write_csv([], COLUMNS))
    yield header
    after = 0
    while True:
        query = select(Message).where(of_campaign(campaign.id), Message.id > after).order_by(Message.id).limit(PAGE)
        async with core.db.read() as session:
            rows = (await session.scalars(query)).all()
            ids = [row.contact_id for row in rows if row.contact_id is not None]
            found = await session.execute(select(Contact.id, Contact.name).where(Contact.id.in_(ids)))
            names = {one.id: one.name for one in found}
        if rows:
            yield b"".join(write_csv((_row(row, names) for row in rows), COLUMNS)).removeprefix(header)
        if len(rows) < PAGE:
            return
        after = rows[-1].id


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
        "sent_at": moment(row.sent_at),
        "delivered_at": moment(row.delivered_at),
        "read_at": moment(row.read_at),
        "failed_at": moment(row.failed_at),
    }
