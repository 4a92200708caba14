"""Files to send: from the store, or from a public address through the guarded client."""

from __future__ import annotations

import mimetypes
from typing import Any

from jackfield.core.egress import NOTHING, AllowList, EgressError, SafeClient, TooLarge
from jackfield.core.ground.errors import Invalid, NotFound, Rejected, Unavailable
from jackfield.core.port import MediaStore
from jackfield.core.port import content as c

DOCUMENT_LIMIT, MEDIA_LIMIT = 100 * 1024 * 1024, 64 * 1024 * 1024
"""Bytes: what a linked device may send as a document, and as a picture, film or sound."""


class Fetcher:
    """Reads files for a session. `egress_allow` are the hosts that may be called though they are not public."""

    def __init__(self, egress_allow: AllowList = NOTHING) -> None:
        self._allow = egress_allow

    async def file(self, content: c.MediaContent, store: MediaStore | None) -> dict[str, Any]:
        """Bytes, type and name. Raises Rejected, or Unavailable when the address does not answer."""
        url = content.url or ""
        if url.startswith("media:"):
            data, mime, name = await self._stored(url.removeprefix("media:"), store)
        elif url.startswith(("http://", "https://")):
            data, mime, name = await self._fetched(url, content)
        else:
            raise Rejected("MEDIA_NOT_FOUND", "The message names no file.")
        limit = DOCUMENT_LIMIT if isinstance(content, c.Document) else MEDIA_LIMIT
        if len(data) > limit:
            raise Rejected(
                "MEDIA_TOO_LARGE", f"The file has {len(data) / 1048576:.1f} MB; WhatsApp takes {limit // 1048576} MB."
            )
        return {"data": data, "mime": content.mime or mime, "name": content.filename or name}

    async def _stored(self, media_id: str, store: MediaStore | None) -> tuple[bytes, str, str | None]:
        if store is None:
            raise Rejected("MEDIA_NOT_FOUND", "The channel has no media store to read the file from.")
        try:
            return await store.read(media_id)
        except NotFound as error:
            raise Rejected("MEDIA_NOT_FOUND", error.message) from None

    async def _fetched(self, url: str, content: c.MediaContent) -> tuple[bytes, str, str | None]:
        try:
            async with SafeClient(allow=self._allow) as client:
                return await self._read(client, url)
        except TooLarge as error:
            raise Rejected("MEDIA_TOO_LARGE", f"The file at the address is too large: {error.message}.") from None
        except Invalid as error:
            raise Rejected("MEDIA_NOT_FOUND", error.message) from None
        except EgressError as error:
            if error.kind == "blocked":
                raise Rejected("MEDIA_NOT_FOUND", f"The file's address may not be fetched: {error.message}.") from None
            raise Unavailable("MEDIA_FETCH", f"The file's address does not answer: {error.message}.") from None

    @staticmethod
    async def _read(client: SafeClient, url: str) -> tuple[bytes, str, str | None]:
        async with client.get(url, DOCUMENT_LIMIT, redirects=3) as fetched:
            if fetched.status >= 500:
                raise Unavailable("MEDIA_FETCH", f"The file's address answered HTTP {fetched.status}.")
            if fetched.status != 200:
                raise Rejected("MEDIA_NOT_FOUND", f"The file's address answered HTTP {fetched.status}.")
            data = b"".join([chunk async for chunk in fetched.chunks])
            name = fetched.filename or url.partition("?")[0].rpartition("/")[2] or None
            mime = fetched.content_type
            if mime in ("", "application/octet-stream"):
                mime = mimetypes.guess_type(name or "")[0] or "application/octet-stream"
            return data, mime, name
