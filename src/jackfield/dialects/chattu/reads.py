"""Questions that only Chattu asks of the database. All scoped by workspace."""

from __future__ import annotations

from sqlalchemy import select

from jackfield.core import Core, MessageView, message_views, states
from jackfield.core.models import ApiKey, AuditEntry, Event, Message

SCHEDULE = "schedule"
"""`source` of messages that somebody planned ahead; they have an index of their own."""
LAST = 100


async def sent(core: Core, workspace_id: int, channel_id: int | None, limit: int = LAST) -> list[MessageView]:
    """The last messages that the network took, newest first."""
    query = select(Message).where(Message.workspace_id == workspace_id, Message.direction == "out")
    if channel_id is not None:
        query = query.where(Message.channel_id == channel_id)
    found: list[MessageView] = []
    async with core.db.read() as session:
        for state in (states.SENT, states.DELIVERED, states.READ):
            # One by one, by the index of each: together they are looked for among all that is newer, such as a campaign
            # that waits.
            rows = await session.scalars(query.where(Message.state == state).order_by(Message.id.desc()).limit(limit))
            found += await message_views(session, core.networks, rows.all())
    return sorted(found, key=lambda row: row.id, reverse=True)[:limit]


async def received(core: Core, workspace_id: int, channel_id: int, limit: int = LAST) -> list[MessageView]:
    """The last messages that came in on a channel, newest first; reactions are no messages here."""
    query = select(Message).where(
        Message.workspace_id == workspace_id,
        Message.channel_id == channel_id,
        Message.direction == "in",
        Message.kind != "reaction",
    )
    async with core.db.read() as session:
        return await message_views(
            session,
            core.networks,
            (await session.scalars(query.order_by(Message.id.desc()).limit(limit))).all(),
        )


async def schedules(core: Core, workspace_id: int, channel_id: int | None, limit: int = 500) -> list[MessageView]:
    """Planned messages, newest first."""
    query = select(Message).where(Message.workspace_id == workspace_id, Message.source == SCHEDULE)
    if channel_id is not None:
        query = query.where(Message.channel_id == channel_id)
    async with core.db.read() as session:
        return await message_views(
            session,
            core.networks,
            (await session.scalars(query.order_by(Message.id.desc()).limit(limit))).all(),
        )


async def message(core: Core, workspace_id: int, channel_id: int, given: str) -> MessageView | None:
    """A channel's message by the network's id, or by ours."""
    query = select(Message).where(Message.workspace_id == workspace_id, Message.channel_id == channel_id)
    async with core.db.read() as session:
        found: Message | None = await session.scalar(query.where(Message.provider_id == given))
        if found is None and given.isascii() and given.isdigit() and len(given) < 19:
            found = await session.scalar(query.where(Message.id == int(given)))
        return None if found is None else (await message_views(session, core.networks, [found]))[0]


async def client_keys(core: Core, workspace_id: int, name: str) -> dict[int, str]:
    """The secrets of keys of this name that are bound to a channel, by channel; the oldest of each."""
    query = select(ApiKey).where(
        ApiKey.workspace_id == workspace_id,
        ApiKey.name == name,
        ApiKey.channel_id.is_not(None),
        ApiKey.revoked_at.is_(None),
    )
    async with core.db.read() as session:
        rows = [*await session.scalars(query.order_by(ApiKey.id.desc()))]
    return {row.channel_id: row.secret for row in rows if row.channel_id is not None}


async def log(
    core: Core, workspace_id: int, channel_id: int | None, limit: int = LAST
) -> tuple[list[Event], list[AuditEntry]]:
    """The last events, and (for a whole account only) the last entries of the audit log; newest first."""
    events = select(Event).where(Event.workspace_id == workspace_id)
    if channel_id is not None:
        events = events.where(Event.channel_id == channel_id)
    audit = select(AuditEntry).where(AuditEntry.workspace_id == workspace_id)
    async with core.db.read() as session:
        found = [*await session.scalars(events.order_by(Event.id.desc()).limit(limit))]
        if channel_id is not None:
            return found, []
        return found, [*await session.scalars(audit.order_by(AuditEntry.id.desc()).limit(limit))]
