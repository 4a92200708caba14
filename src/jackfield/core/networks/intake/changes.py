"""Messages that change after they came: edited, deleted, or with their file fetched."""

from __future__ import annotations

import msgspec
from sqlalchemy import select

from ...ground.events import MessageDeleted as DeletedEvent
from ...ground.events import MessageEdited as EditedEvent
from ...ground.unit import Unit
from ...models import Media, Message
from ...port import MessageDeleted, MessageEdited
from ...port.content import MediaContent, decode, encode
from .source import Source


async def message_changed(unit: Unit, source: Source, report: MessageEdited | MessageDeleted) -> None:
    """The peer edited a message or deleted it for everyone; one that is not known is left."""
    row = (
        await unit.session.execute(
            select(Message).where(Message.channel_id == source.channel_id, Message.provider_id == report.provider_id)
        )
    ).scalar_one_or_none()
    if row is None:
        return
    extra = dict(row.extra or {})
    if isinstance(report, MessageEdited):
        content = encode(report.content)
        if row.content == content:
            return
        row.content = content
        extra["edited_at"] = report.timestamp
        event: type[EditedEvent] | type[DeletedEvent] = EditedEvent
    else:
        if "deleted_at" in extra:
            return
        extra["deleted_at"] = report.timestamp
        event = DeletedEvent
    row.extra = extra
    await unit.session.flush()
    unit.emit(
        source.workspace_id,
        event(
            id=row.id,
            peer=row.peer,
            kind=row.kind,
            timestamp=report.timestamp,
            provider_id=row.provider_id,
            direction=row.direction,
            state=row.state,
            contact_id=row.contact_id,
        ),
        source.channel_id,
    )


async def media_fetched(unit: Unit, channel_id: int, provider_id: str, media: Media) -> None:
    """An incoming message's file has been fetched: the message now shows our copy."""
    row = (
        await unit.session.execute(
            select(Message).where(Message.channel_id == channel_id, Message.provider_id == provider_id)
        )
    ).scalar_one_or_none()
    if row is None or row.content is None:
        return
    content = decode(row.content)
    if isinstance(content, MediaContent):
        row.content = encode(
            msgspec.structs.replace(
                content, url=f"media:{media.id}", mime=media.mime, size=media.size, sha256=media.sha256
            )
        )
