"""Files to and from Meta: uploads of stored files, remembered for as long as Meta keeps them, and downloads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from jackfield.core.ground.errors import JackfieldError, Rejected, Unavailable
from jackfield.core.port import MediaStore
from jackfield.core.port import content as c

from .._whatsapp import fitting_name
from . import limits
from .config import WhatsAppCloudConfig
from .convert import STORED, Upload, Uploads, stored_media
from .transport import Transport

_KEPT_S = 29 * 24 * 3600
"""Meta keeps an uploaded file 30 days; a day is left for messages that wait."""

_REMEMBERED = 10_000
_NONE: Uploads = {}


async def read_stored(store: MediaStore | None, url: str) -> tuple[bytes, str, str | None]:
    """Bytes, MIME type and name of a stored file (`media:ID`). Raises Rejected when it cannot be had."""
    if store is None:
        raise Rejected("MEDIA_NOT_FOUND", f"{url}: this channel has no file store")
    try:
        return await store.read(url.removeprefix(STORED))
    except JackfieldError as error:
        raise Rejected("MEDIA_NOT_FOUND", f"{url}: {error.message}") from error


class Media:
    """The number's files. An upload is done once per file even when a thousand sends ask for it at the same time."""

    def __init__(
        self,
        config: WhatsAppCloudConfig,
        transport: Transport,
        store: MediaStore | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._transport = transport
        self._store = store
        self._clock = clock
        self._uploaded: dict[str, tuple[Upload, float]] = {}
        self._uploading: dict[str, asyncio.Future[Upload]] = {}

    async def upload_all(self, content: c.Content) -> Uploads:
        """Upload every stored file that the content names; gives them by our `media:ID`. Raises SendError."""
        found: dict[str, Upload] | None = None
        for item in stored_media(content):
            if found is None:
                found = {}
            assert item.url is not None
            found[item.url] = await self._upload_stored(item.url, c.kind_of(item))
        return _NONE if found is None else found

    def forget(self, uploads: Uploads) -> None:
        """Upload these afresh next time."""
        for url in uploads:
            self._uploaded.pop(url, None)

    async def _upload_stored(self, url: str, kind: str) -> Upload:
        known = self._uploaded.get(url)
        if known is not None and known[1] > self._clock():
            return known[0]
        running = self._uploading.get(url)
        if running is None:
            running = asyncio.ensure_future(self._upload_now(url, kind))
            self._uploading[url] = running
            running.add_done_callback(lambda _: self._uploading.pop(url, None))
        # Shielded: the send that began it may be cancelled while others still wait for it.
        return await asyncio.shield(running)

    async def _upload_now(self, url: str, kind: str) -> Upload:
        data, mime, filename = await read_stored(self._store, url)
        limits.media_file(kind, len(data), mime)
        uploaded = Upload(await self.upload(data, mime, filename), filename)
        if len(self._uploaded) >= _REMEMBERED:
            self._uploaded.pop(next(iter(self._uploaded)))
        self._uploaded[url] = uploaded, self._clock() + _KEPT_S
        return uploaded

    async def upload(self, data: bytes, mime: str, filename: str | None = None) -> str:
        """Upload a file; gives Meta's id of it. Raises SendError."""
        answer = await self._transport.upload(
            f"{self._config.number_url}/media", data, mime, fitting_name(filename, mime)
        )
        media_id = answer.get("id")
        if not media_id:
            raise Unavailable("bad_answer", "Meta's answer names no media id")
        return str(media_id)

    async def download(self, media_id: str) -> tuple[bytes, str]:
        """Bytes and MIME type. Raises SendError."""
        if not media_id.isalnum():
            raise Rejected("131052", f"{media_id!r} is not a media id")
        node_url = self._config.url(media_id)
        try:
            node = await self._transport.get(node_url, phone_number_id=self._config.phone_number_id)
        except Rejected as error:
            if error.code != "100" or "phone_number_id" not in error.message:
                raise
            # Of files that came to the number by another way, such as a partner's, Meta refuses to be told the number.
            node = await self._transport.get(node_url)
        url = node.get("url")
        if not isinstance(url, str) or not url:
            raise Rejected("131052", "Meta gave no link to the file")
        data, mime = await self._transport.download(url)
        return data, str(node.get("mime_type") or mime).partition(";")[0]
