"""Downloads: incoming media is fetched at once, before the provider's link expires."""

from __future__ import annotations

import asyncio

import structlog

from jackfield.core import Core, SendError
from jackfield.core.port import CanDownload, Session
from jackfield.core.port.content import MediaContent

log = structlog.get_logger(__name__)

PAUSES_S = (0.0, 1.0, 5.0, 30.0)
"""Pauses before each attempt."""


async def fetch_media(
    core: Core, workspace_id: int, channel_id: int, session: Session | None, provider_id: str, content: MediaContent
) -> None:
    """Fetch one file and attach it to its message, which is already stored."""
    if not isinstance(session, CanDownload) or content.media_id is None:
        return
    for pause in PAUSES_S:
        await asyncio.sleep(pause)
        try:
            data, mime = await session.download(content.media_id)
            break
        except SendError as error:
            log.warning("media could not be fetched", channel=channel_id, error=str(error))
    else:
        return
    file = await core.media.store(
        workspace_id,
        data,
        mime=mime,
        filename=content.filename,
        channel_id=channel_id,
        provider_media_id=content.media_id,
    )
    await core.intake.attach_media(channel_id, provider_id, file)
