"""Calls that ring, and how they end."""

from __future__ import annotations

from sqlalchemy import select

from ...contacts.people.resolve import Person, resolve
from ...ground.events import CallReceived
from ...ground.unit import Unit
from ...models import Call
from ...port import IncomingCall
from ..source import Source
from .people import known_by


async def call_reported(unit: Unit, source: Source, report: IncomingCall) -> None:
    """A call rings, or has ended."""
    row = (
        await unit.session.execute(
            select(Call).where(Call.channel_id == source.channel_id, Call.provider_id == report.call_id)
        )
    ).scalar_one_or_none()
    if row is None:
        identities = report.identities or known_by(source.network, report.caller)
        (contact,) = await resolve(
            unit,
            [
                Person(
                    workspace_id=source.workspace_id,
                    identities=identities,
                    channel_id=source.channel_id,
                    network=source.network,
                )
            ],
        )
        row = Call(
            workspace_id=source.workspace_id,
            channel_id=source.channel_id,
            provider_id=report.call_id,
            caller=report.caller,
            contact_id=contact.id if contact else None,
            is_video=report.is_video,
            status=report.status,
            started_at=report.started_at,
            ended_at=report.ended_at,
            created_at=unit.now,
        )
        unit.session.add(row)
        await unit.session.flush()
    elif (row.status, row.ended_at) == (report.status, report.ended_at):
        return
    else:
        # A call that we refused stays refused when the network later says that it ended.
        row.status = row.status if row.status == "rejected" else report.status
        row.ended_at = report.ended_at or row.ended_at
        await unit.session.flush()
    unit.emit(
        source.workspace_id,
        CallReceived(
            id=row.id,
            caller=report.caller,
            is_video=report.is_video,
            status=row.status,
            timestamp=report.started_at,
        ),
        source.channel_id,
    )
    if row.status == "ringing":
        unit.notify("calls", (source.channel_id, row.id))
