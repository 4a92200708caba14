"""Downloads: incoming media is fetched at once, before the provider's link expires."""

from __future__ import annotations

import asyncio

import structlog

from jackfield.core import ChannelSetup, Core, JackfieldError, Rejected, SendError
from jackfield.core.port import CanDownload, Session
from jackfield.core.port.content import MediaContent

log = structlog.get_logger(__name__)

PAUSES_S = (0.0, 1.0, 5.0, 30.0)
"""Pauses before each attempt."""


async def fetch_media(
    core: Core, channel: ChannelSetup, session: Session | None, provider_id: str, content: MediaContent
) -> None:
    """Fetch one file and attach it to its message, which is already stored. One that cannot be had is told as a problem,
    by which it can be fetched later."""
    media_id = content.media_id
    if media_id is None or (session is not None and not isinstance(session, CanDownload)):
        return
    if not await core.incoming_files.lacks(channel.id, provider_id):
        return
    try:
        data, mime = await _download(session, media_id)
        file = await core.media.store(
            channel.workspace_id,
            data,
            mime=mime,
            filename=content.filename,
            channel_id=channel.id,
            provider_media_id=media_id,
        )
    except (JackfieldError, SendError) as error:
        log.warning("media could not be fetched", channel=channel.id, code=error.code)
        why = f"{error.code}: {error.message}" if error.code else error.message
        await core.incoming_files.failed(channel, provider_id, media_id, why)
        return
    await core.intake.attach_media(channel.id, provider_id, file)


async def _download(session: CanDownload | None, media_id: str) -> tuple[bytes, str]:
    """Bytes and MIME type, tried again after failures that may pass. Raises SendError."""
    if session is None:
        raise Rejected("MEDIA_FETCH", "The profile was not connected when the message came.")
    for pause in PAUSES_S:
        await asyncio.sleep(pause)
        try:
            return await session.download(media_id)
        except Rejected:
            raise
        except SendError as error:
            last = error
    raise last
