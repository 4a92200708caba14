"""Files of messages that came in: which are lacking still, which could not be fetched, and fetching them again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update

from ...channels.service import Channels
from ...channels.views import AnyChannel
from ...ground.errors import Conflict, NotFound
from ...ground.store import Store
from ...ledger.archive import anywhere
from ...media import MediaFiles
from ...models import InboundProblem, Message
from ...port import CanDownload
from ...port.content import Content, MediaContent, decode
from ..intake import Intake
from . import payload
from .problems import Problem


class IncomingFiles:
    """The service."""

    def __init__(self, store: Store, channels: Channels, media: MediaFiles, intake: Intake) -> None:
        self._store = store
        self._channels = channels
        self._media = media
        self._intake = intake

    async def lacks(self, channel_id: int, provider_id: str) -> bool:
        """Whether a message has a file at the network of which we have no copy."""
        content = await self.content(channel_id, provider_id)
        return isinstance(content, MediaContent) and content.media_id is not None and content.url is None

    async def content(self, channel_id: int, provider_id: str) -> Content | None:
        """What a message of the channel says; None where there is no such message, or its content is gone."""
        async with self._store.db.read() as session:
            stored = await anywhere(
                session,
                lambda model: select(model.content).where(
                    model.channel_id == channel_id, model.provider_id == provider_id
                ),
            )
        return decode(stored) if stored is not None else None

    async def failed(self, channel: Any, provider_id: str, media_id: str, why: str) -> None:
        """Keep it, and tell, that a file could not be fetched. `channel` has id, workspace_id and engine."""
        async with self._store.db.read() as session:
            query = select(Message.id).where(Message.channel_id == channel.id, Message.provider_id == provider_id)
            message_id = await session.scalar(query)
        problem = Problem(
            source=self._intake.source(channel.id, channel.workspace_id, channel.engine),
            reason="media_not_fetched",
            kind="media",
            payload=payload.of_media(provider_id, media_id),
            detail=why,
            message_id=message_id,
        )
        await self._intake.keep([problem])

    async def fetch(self, workspace_id: int, message_id: int) -> None:
        """Fetch a message's file from the network now; one that is there already is left.

        Raises NotFound, Conflict (no file at the network, not connected), SendError, Invalid (too large).
        """
        async with self._store.db.read() as session:
            row = await anywhere(session, lambda model: select(model).where(model.id == message_id))
        if row is None or row.workspace_id != workspace_id:
            raise NotFound(f"There is no message {message_id}.", code="MESSAGE_NOT_FOUND")
        content = decode(row.content) if row.content is not None else None
        if not isinstance(content, MediaContent) or content.media_id is None or row.provider_id is None:
            raise Conflict("The message has no file at the network.", code="NO_FILE")
        if content.url is None:
            channel: AnyChannel = await self._channels.get(workspace_id, row.channel_id)
            session_of: Callable[..., CanDownload] = self._channels.session
            data, mime = await session_of(channel, CanDownload).download(content.media_id)
            file = await self._media.store(
                workspace_id,
                data,
                mime=mime,
                filename=content.filename,
                channel_id=channel.id,
                provider_media_id=content.media_id,
            )
            await self._intake.attach_media(channel.id, row.provider_id, file)
        async with self._store.unit() as unit:
            await unit.conn.execute(
                update(InboundProblem)
                .where(
                    InboundProblem.workspace_id == workspace_id,
                    InboundProblem.message_id == message_id,
                    InboundProblem.reason == "media_not_fetched",
                    InboundProblem.resolved_at.is_(None),
                )
                .values(resolved_at=unit.now)
            )
