"""Messages that change after they came: edited, deleted, or with their file fetched."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
from sqlalchemy import select

from ...ground.events import MessageDeleted as DeletedEvent
from ...ground.events import MessageEdited as EditedEvent
from ...ground.unit import Unit
from ...ledger.archive import recall
from ...ledger.chats import places_of
from ...media.views import MediaView
from ...models import ArchivedMessage, Chat, Contact, Message
from ...port import MessageDeleted, MessageEdited
from ...port.content import Content, MediaContent, decode, encode, kind_of, summary
from ...search.index import reindex
from ..inbound.problems import Problem, of_report
from ..inbound.raw import Raw, keep_raw
from ..source import Source
from .originals import Reference, stored_ids
from .said import Said, heed


async def message_changed(unit: Unit, source: Source, report: MessageEdited | MessageDeleted) -> Problem | None:
    """The peer edited a message or deleted it for everyone. A change of a message that is not known is given, to be kept
    until that comes."""
    provider_id = report.provider_id
    wanted = Reference(channel_id=source.channel_id, network=source.network, provider_id=provider_id, chat=report.chat)
    provider_id = (await stored_ids(unit, [wanted])).get((source.channel_id, provider_id), provider_id)
    row = await _stored(unit, source.channel_id, provider_id)
    if row is None:
        key = source.network.message_key(report.provider_id)
        return of_report(source, report, "waits_for_original", subject=key)
    extra: dict[str, Any] = dict(row.extra or {})
    if isinstance(report, MessageEdited):
        content = encode(_edited(row, report))
        latest = max(int(extra.get("edited_at") or 0), int(extra.get("deleted_at") or 0))
        if row.content == content or latest > report.timestamp:
            # Known, or overtaken by a later change.
            return None
        row.content, row.kind = content, kind_of(decode(content))
        extra["edited_at"] = report.timestamp
    else:
        if "deleted_at" in extra:
            return None
        extra["deleted_at"] = report.timestamp
    row.extra = extra
    await unit.session.flush()
    await reindex(unit, row.id)
    if source.keeps_raw and report.raw:
        kind = "edit" if isinstance(report, MessageEdited) else "revoke"
        await keep_raw(unit, [Raw(channel_id=source.channel_id, message_id=row.id, kind=kind, payload=report.raw)])
    now = None if row.content is None else decode(row.content)
    place = (await places_of(unit, [(row.channel_id, row.peer)])).get((row.channel_id, row.peer))
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
        **({} if place is None else place.facts()),
    }
    if isinstance(report, MessageEdited) and now is not None:
        told: EditedEvent | DeletedEvent = EditedEvent(
            body=summary(now), content=msgspec.to_builtins(now), has_media=isinstance(now, MediaContent), **common
        )
    else:
        told = DeletedEvent(**common)
    unit.emit(source.workspace_id, told, source.channel_id)
    if isinstance(report, MessageEdited) and now is not None:
        await _heed(unit, source, row, now)
    return None


async def _stored(unit: Unit, channel_id: int, provider_id: str) -> Message | None:
    """A message that is to be changed; one that is archived is brought back."""
    query = select(Message).where(Message.channel_id == channel_id, Message.provider_id == provider_id)
    row: Message | None = await unit.session.scalar(query)
    kept = ArchivedMessage.channel_id == channel_id, ArchivedMessage.provider_id == provider_id
    if row is None and await recall(unit, *kept):
        row = await unit.session.scalar(query)
    return row


async def _heed(unit: Unit, source: Source, row: Message, now: Content) -> None:
    """Somebody who corrects "stpo" to "stop" has said it."""
    if row.direction != "in" or row.contact_id is None:
        return
    chat = (Chat.channel_id == row.channel_id, Chat.peer == row.peer, Chat.kind == "private")
    if await unit.conn.scalar(select(Chat.id).where(*chat)) is None:
        return
    blocked = await unit.conn.scalar(select(Contact.blocked).where(Contact.id == row.contact_id))
    await heed(
        unit,
        [Said(source=source, chat=row.peer, contact_id=row.contact_id, content=now, answered=blocked is False)],
    )


def _edited(row: Message, report: MessageEdited) -> Content:
    """The content after an edit: of a file for which no other is named, or the same, the caption alone changes."""
    new = report.content
    if isinstance(new, MediaContent) and new.url is None and row.content is not None:
        old = decode(row.content)
        same = new.media_id is None
        if isinstance(old, MediaContent):
            same = same or new.media_id == old.media_id or _same_bytes(new.sha256, old.sha256)
            if same:
                return msgspec.structs.replace(old, caption=new.caption)
    return new


def _same_bytes(one: str | None, other: str | None) -> bool:
    """Whether two SHA-256 are equal: networks write them in base64, we in hex."""
    return one is not None and other is not None and _hex(one) == _hex(other)


def _hex(digest: str) -> str:
    try:
        raw = base64.b64decode(digest, validate=True)
    except ValueError:
        return digest
    return raw.hex() if len(raw) == 32 else digest.lower()


async def media_fetched(unit: Unit, channel_id: int, provider_id: str, media: MediaView) -> None:
    """An incoming message's file has been fetched: the message now shows our copy."""
    row = await _stored(unit, channel_id, provider_id)
    if row is None or row.content is None:
        return
    content = decode(row.content)
    # Of a message whose file was changed meanwhile, the old one is not wanted any more.
    if isinstance(content, MediaContent) and media.provider_media_id in (None, content.media_id):
        row.content = encode(
            msgspec.structs.replace(
                content, url=f"media:{media.id}", mime=media.mime, size=media.size, sha256=media.sha256
            )
        )
        await unit.session.flush()
        await reindex(unit, row.id)
