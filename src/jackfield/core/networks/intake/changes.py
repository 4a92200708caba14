"""Messages that change after they came: edited, deleted, or with their file fetched."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import select

from ...ground.events import MessageDeleted as DeletedEvent
from ...ground.events import MessageEdited as EditedEvent
from ...ground.unit import Unit
from ...models import Media, Message
from ...port import MessageDeleted, MessageEdited
from ...port.content import Content, MediaContent, decode, encode, kind_of, summary
from .originals import Reference, stored_ids
from .source import Source


async def message_changed(unit: Unit, source: Source, report: MessageEdited | MessageDeleted) -> None:
    """The peer edited a message or deleted it for everyone; one that is not known is left."""
    provider_id = report.provider_id
    wanted = Reference(channel_id=source.channel_id, network=source.network, provider_id=provider_id, chat=report.chat)
    provider_id = (await stored_ids(unit, [wanted])).get((source.channel_id, provider_id), provider_id)
    row = (
        await unit.session.execute(
            select(Message).where(Message.channel_id == source.channel_id, Message.provider_id == provider_id)
        )
    ).scalar_one_or_none()
    if row is None:
        return
    extra = dict(row.extra or {})
    if isinstance(report, MessageEdited):
        content = encode(_edited(row, report))
        if row.content == content:
            return
        row.content, row.kind = content, kind_of(decode(content))
        extra["edited_at"] = report.timestamp
    else:
        if "deleted_at" in extra:
            return
        extra["deleted_at"] = report.timestamp
    row.extra = extra
    await unit.session.flush()
    now = None if row.content is None else decode(row.content)
    common: dict[str, Any] = {
        "id": row.id,
        "peer": row.peer,
        "kind": row.kind,
        "timestamp": report.timestamp,
        "provider_id": row.provider_id,
        "direction": row.direction,
        "state": row.state,
        "contact_id": row.contact_id,
        "sender": row.sender,
        "sender_name": (row.extra or {}).get("name"),
    }
    if isinstance(report, MessageEdited) and now is not None:
        told: EditedEvent | DeletedEvent = EditedEvent(
            body=summary(now), content=msgspec.to_builtins(now), has_media=isinstance(now, MediaContent), **common
        )
    else:
        told = DeletedEvent(**common)
    unit.emit(source.workspace_id, told, source.channel_id)


def _edited(row: Message, report: MessageEdited) -> Content:
    """The content after an edit: of a file for which no other is named, the caption alone changes."""
    new = report.content
    if isinstance(new, MediaContent) and new.url is None and new.media_id is None and row.content is not None:
        old = decode(row.content)
        if isinstance(old, MediaContent):
            return msgspec.structs.replace(old, caption=new.caption)
    return new


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
