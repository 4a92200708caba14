"""Stored files in what is sent: of a type that the network takes, and documents with the name they were stored under."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from jackfield.core.ground.errors import JackfieldError, Rejected, SendError
from jackfield.core.port import MediaStore
from jackfield.core.port import content as c

from .._whatsapp import file_problem

STORED: Final = "media:"
_REMEMBERED: Final = 10_000


class StoredFiles:
    """The files of one channel. Each is read once: what a file is never changes."""

    def __init__(self, store: MediaStore | None) -> None:
        self._store = store
        self._known: dict[str, tuple[int, str, str | None]] = {}

    async def prepare(self, content: c.Content) -> c.Content | SendError:
        """The content with the names of its documents filled in, or why the network would not take one of its files."""
        try:
            if isinstance(content, c.Image | c.Video | c.Audio | c.Document | c.Sticker):
                named: c.Content = await self._named(content)
                return named
            if isinstance(content, c.Template | c.Interactive) and content.header is not None and content.header.media:
                content = msgspec.structs.replace(content, header=await self._header(content.header))
            if isinstance(content, c.Template) and content.cards:
                cards = [
                    card
                    if card.header is None or card.header.media is None
                    else msgspec.structs.replace(card, header=await self._header(card.header))
                    for card in content.cards
                ]
                content = msgspec.structs.replace(content, cards=cards)
        except SendError as error:
            return error
        return content

    async def _header(self, header: Any) -> Any:
        return msgspec.structs.replace(header, media=await self._named(header.media))

    async def _named(self, item: Any) -> Any:
        if not item.url or not item.url.startswith(STORED) or item.media_id:
            return item
        known = self._known.get(item.url)
        if known is None:
            known = await self._read(item.url)
        size, mime, filename = known
        why = file_problem(c.kind_of(item), size, mime)
        if why is not None:
            raise Rejected("MEDIA_TYPE", why)
        if item.filename or not filename or not isinstance(item, c.Document):
            return item
        return msgspec.structs.replace(item, filename=filename)

    async def _read(self, url: str) -> tuple[int, str, str | None]:
        if self._store is None:
            raise Rejected("MEDIA_NOT_FOUND", f"{url}: this channel has no file store")
        try:
            data, mime, filename = await self._store.read(url.removeprefix(STORED))
        except JackfieldError as error:
            raise Rejected("MEDIA_NOT_FOUND", f"{url}: {error.message}") from error
        if len(self._known) >= _REMEMBERED:
            self._known.pop(next(iter(self._known)))
        known = self._known[url] = len(data), mime, filename
        return known
