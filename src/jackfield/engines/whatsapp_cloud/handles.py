"""Files as handles: what template examples and profile pictures take in place of a media id.

Meta's Resumable Upload API (developers.facebook.com, Graph API, "Upload a file"): a session at the app's `uploads` edge,
then the bytes to the session, which answers with the handle.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jackfield.core.ground.errors import Rejected, Unavailable
from jackfield.core.port import MediaStore

from .._whatsapp import fitting_name
from .config import WhatsAppCloudConfig
from .convert import STORED
from .media import read_stored
from .transport import Transport

TYPES = frozenset({"application/pdf", "image/jpeg", "image/jpg", "image/png", "video/mp4"})
"""MIME types that the Resumable Upload API takes."""


class Handles:
    """Turns files of our own store into handles."""

    def __init__(self, config: WhatsAppCloudConfig, transport: Transport, store: MediaStore | None) -> None:
        self._config = config
        self._transport = transport
        self._store = store
        self._app_id: str | None = None

    async def examples(self, components: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The components with every example `media:ID` uploaded and replaced by its handle. Raises SendError."""
        return [await self._component(part) for part in components]

    async def _component(self, part: dict[str, Any]) -> dict[str, Any]:
        cards = part.get("cards")
        if isinstance(cards, list):
            return part | {
                "cards": [
                    card | {"components": await self.examples(card.get("components") or [])}
                    if isinstance(card, dict)
                    else card
                    for card in cards
                ]
            }
        example = part.get("example")
        given = example.get("header_handle") if isinstance(example, Mapping) else None
        if not isinstance(given, list) or not any(isinstance(one, str) and one.startswith(STORED) for one in given):
            return part
        handles = [await self.handle(one) if str(one).startswith(STORED) else one for one in given]
        return part | {"example": {**(example or {}), "header_handle": handles}}

    async def handle(self, url: str) -> str:
        """The handle of a stored file (`media:ID`). Raises SendError; Rejected for a type that Meta does not take."""
        data, mime, filename = await read_stored(self._store, url)
        mime = mime.partition(";")[0].strip().lower()
        if mime not in TYPES:
            raise Rejected("MEDIA_TYPE", f"{url}: files of type {mime} are not taken, only {', '.join(sorted(TYPES))}")
        session = await self._transport.post_query(
            self._config.url(f"{await self._app()}/uploads"),
            file_name=fitting_name(filename, mime),
            file_length=str(len(data)),
            file_type=mime,
        )
        upload = str(session.get("id") or "")
        if not upload.startswith("upload:"):
            raise Unavailable("bad_answer", "Meta's answer names no upload session")
        answer = await self._transport.post_bytes(self._config.url(upload), data)
        handle = answer.get("h")
        if not isinstance(handle, str) or not handle:
            raise Unavailable("bad_answer", "Meta's answer names no file handle")
        return handle

    async def _app(self) -> str:
        """The id of the token's app."""
        if self._app_id is None:
            node = await self._transport.get(self._config.url("app"), fields="id")
            self._app_id = str(node.get("id") or "")
            if not self._app_id.isdigit():
                self._app_id = None
                raise Unavailable("bad_answer", "Meta does not name the token's app")
        return self._app_id
