"""Files: content-addressed, in a local folder or any S3-compatible bucket (design, decision 14)."""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from sqlalchemy import delete, func, or_, select

from ...db.secrets import sign, verify
from ..ground.errors import Invalid, NotFound
from ..ground.listing import page_by_id
from ..ground.paging import Page
from ..ground.store import Store
from ..ground.views import view_of
from ..models import Media as MediaRow
from ..port.content import Content, stored_files
from .views import MediaView

if TYPE_CHECKING:
    from obstore.store import ObjectStore

LINK_SECONDS = 3600
"""How long a link that we hand out works."""

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"%PDF", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
    (b"\xff\xf1", "audio/aac"),
    (b"\xff\xf9", "audio/aac"),
    (b"#!AMR", "audio/amr"),
)
_RIFF: dict[bytes, str] = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_QUICKTIME = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
"""First atoms of films from before there were brands."""
_BRANDS: dict[bytes, str] = {
    b"qt": "video/quicktime",
    b"M4A": "audio/mp4",
    b"M4B": "audio/mp4",
    b"3gp": "video/3gpp",
    b"3g2": "video/3gpp2",
    b"hei": "image/heic",
    b"hev": "image/heic",
    b"mif1": "image/heif",
    b"msf1": "image/heif",
    b"avi": "image/avif",
}
"""Types by the beginning of the brand that ISO files name; any other is an MP4."""


def sniff(data: bytes, filename: str | None = None, claimed: str | None = None) -> str:
    """The MIME type of a file: by its first bytes, else as claimed, else by its name."""
    for start, mime in _SIGNATURES:
        if data.startswith(start):
            return mime
    if data[:4] == b"RIFF" and data[8:12] in _RIFF:
        return _RIFF[data[8:12]]
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        return next((mime for start, mime in _BRANDS.items() if brand.startswith(start)), "video/mp4")
    if data[4:8] in _QUICKTIME:
        return "video/quicktime"
    if claimed and claimed != "application/octet-stream":
        return claimed.partition(";")[0].strip().lower()
    guessed = mimetypes.guess_type(filename)[0] if filename else None
    return guessed or "application/octet-stream"


def kind_for(mime: str) -> str:
    """The kind of message that shows a file of this type: image, video, audio or document."""
    kind = mime.partition("/")[0]
    return kind if kind in ("image", "video", "audio") else "document"


class MediaFiles:
    """The service."""

    def __init__(self, store: Store) -> None:
        self._store = store
        options = store.options
        self._folder = Path(options.data_dir).absolute() / "media"
        if options.media_url:
            # Now, so that a wrong address stops the start.
            _ = self._files
        else:
            self._folder.mkdir(parents=True, exist_ok=True)

    @cached_property
    def _files(self) -> ObjectStore:
        """The folder or the bucket. The library comes with the first file: it takes 4 MB."""
        from obstore.store import LocalStore, from_url

        url = self._store.options.media_url
        return from_url(url) if url else LocalStore(self._folder, mkdir=True)

    @staticmethod
    def _path(workspace_id: int, sha256: str) -> str:
        return f"{workspace_id}/{sha256[:2]}/{sha256}"

    async def store(
        self,
        workspace_id: int,
        data: bytes,
        *,
        mime: str | None = None,
        filename: str | None = None,
        channel_id: int | None = None,
        provider_media_id: str | None = None,
    ) -> MediaView:
        """Keep a file; equal bytes are kept once.

        Raises Invalid when it is empty or too large, StorageUnavailable when there is no room for it.
        """
        if not data:
            raise Invalid("file: it is empty", code="MEDIA_EMPTY", details={"file": ["The file is empty."]})
        if len(data) > self._store.options.max_upload:
            maximum = self._store.options.max_upload // (1024 * 1024)
            raise Invalid(
                f"file: larger than {maximum} MB", code="MEDIA_TOO_LARGE", details={"file": [f"At most {maximum} MB."]}
            )
        digest = await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
        async with self._store.db.read() as session:
            known = (
                await session.execute(
                    select(MediaRow.id).where(MediaRow.workspace_id == workspace_id, MediaRow.sha256 == digest).limit(1)
                )
            ).first()
        if known is None:
            # The bytes first: a row never points at nothing.
            import obstore

            await self._store.room.put(obstore.put_async(self._files, self._path(workspace_id, digest), data))
        async with self._store.unit() as unit:
            row = MediaRow(
                workspace_id=workspace_id,
                channel_id=channel_id,
                sha256=digest,
                mime=sniff(data, filename, mime),
                size=len(data),
                filename=(filename or "").replace("\x00", "")[:255] or None,
                provider_media_id=provider_media_id,
                created_at=unit.now,
            )
            unit.session.add(row)
            await unit.session.flush()
        return view_of(MediaView, row)

    async def get(self, workspace_id: int, media_id: int) -> MediaView:
        """A file's description. Raises NotFound."""
        async with self._store.db.read() as session:
            row = await session.get(MediaRow, media_id)
        if row is None or row.workspace_id != workspace_id:
            raise NotFound(f"There is no media {media_id}.", code="MEDIA_NOT_FOUND")
        return view_of(MediaView, row)

    async def check(self, workspace_id: int, contents: Iterable[Content], channel_id: int | None = None) -> None:
        """Raises NotFound when a message shows a file that is not this workspace's (or came in on another channel than
        `channel_id`): it would fail later, for somebody who asks no more."""
        wanted = {id_ for content in contents for id_ in stored_files(content)}
        if not wanted:
            return
        known: set[int] = set()
        ids = [id_ for id_ in wanted if id_ < 1 << 63]
        async with self._store.db.read() as session:
            for start in range(0, len(ids), 1000):
                query = select(MediaRow.id).where(
                    MediaRow.workspace_id == workspace_id, MediaRow.id.in_(ids[start : start + 1000])
                )
                if channel_id is not None:
                    query = query.where(or_(MediaRow.channel_id.is_(None), MediaRow.channel_id == channel_id))
                known.update(await session.scalars(query))
        if wanted - known:
            raise NotFound(f"There is no media {min(wanted - known)}.", code="MEDIA_NOT_FOUND")

    async def by_provider(self, workspace_id: int, provider_media_id: str) -> MediaView | None:
        """The file that came in under the provider's id, if any."""
        async with self._store.db.read() as session:
            query = select(MediaRow).where(
                MediaRow.workspace_id == workspace_id, MediaRow.provider_media_id == provider_media_id
            )
            row = (await session.execute(query.order_by(MediaRow.id.desc()).limit(1))).scalar_one_or_none()
        return None if row is None else view_of(MediaView, row)

    async def read(self, file: MediaView) -> bytes:
        """A file's bytes."""
        import obstore

        answer = await obstore.get_async(self._files, self._path(file.workspace_id, file.sha256))
        return bytes(await answer.bytes_async())

    async def stream(self, file: MediaView) -> AsyncIterator[bytes]:
        """A file's bytes in pieces."""
        import obstore

        answer = await obstore.get_async(self._files, self._path(file.workspace_id, file.sha256))
        async for piece in answer.stream(min_chunk_size=256 * 1024):
            yield bytes(piece)

    async def list(
        self,
        workspace_id: int,
        *,
        channel_id: int | None = None,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[MediaView]:
        """Files, newest first; with `channel_id` those that came in there, and those of no channel. Raises Invalid."""
        query = select(MediaRow).where(MediaRow.workspace_id == workspace_id)
        if channel_id is not None:
            query = query.where(or_(MediaRow.channel_id.is_(None), MediaRow.channel_id == channel_id))
        async with self._store.db.read() as session:
            return await page_by_id(
                session,
                query,
                MediaRow.id,
                partial(view_of, MediaView),
                limit=limit,
                cursor=cursor,
                page=page,
                total=total,
            )

    async def delete(self, workspace_id: int, media_id: int) -> None:
        """Forget a file; its bytes go when no other row has the same. Raises NotFound."""
        row = await self.get(workspace_id, media_id)
        async with self._store.unit() as unit:
            await unit.conn.execute(delete(MediaRow).where(MediaRow.id == media_id))
            left = (
                await unit.conn.execute(
                    select(func.count())
                    .select_from(MediaRow)
                    .where(MediaRow.workspace_id == workspace_id, MediaRow.sha256 == row.sha256)
                )
            ).scalar_one()
        if not left:
            import obstore

            await obstore.delete_async(self._files, self._path(workspace_id, row.sha256))

    # -- backups ------------------------------------------------------------------------------------

    def open_stored(self, workspace_id: int, sha256: str) -> tuple[IO[bytes], int] | None:
        """The bytes kept under a checksum, and how many; None where there are none."""
        import obstore

        try:
            found = obstore.open_reader(self._files, self._path(workspace_id, sha256))
        except FileNotFoundError:
            return None
        return cast("IO[bytes]", found), found.size

    def put_stored(self, workspace_id: int, sha256: str, pieces: Iterator[bytes]) -> None:
        """Keep bytes under their checksum, without a row: whoever calls has the row."""
        import obstore

        obstore.put(self._files, self._path(workspace_id, sha256), pieces)

    # -- links that expire ---------------------------------------------------------------------------

    def link(self, file: MediaView, base: str, seconds: int = LINK_SECONDS) -> tuple[str, int]:
        """A link that anybody may open until it expires, and when that is (Unix ms). `base` is our own origin."""
        expires = int(time.time()) + seconds
        signature = sign(f"media:{file.id}:{expires}")
        return f"{base.rstrip('/')}/media/{file.id}?expires={expires}&signature={signature}", expires * 1000

    async def open_link(self, media_id: int, expires: int, signature: str) -> MediaView:
        """The file of a link that we handed out. Raises NotFound when it is not ours or has expired."""
        good = verify(f"media:{media_id}:{expires}", signature) and time.time() < expires
        async with self._store.db.read() as session:
            row = await session.get(MediaRow, media_id) if good else None
        if row is None:
            raise NotFound("This link does not exist or has expired.", code="MEDIA_NOT_FOUND")
        return view_of(MediaView, row)


class ChannelMedia:
    """The files of a channel's workspace, as its engine sees them (port.MediaStore)."""

    def __init__(self, files: MediaFiles, workspace_id: int, channel_id: int) -> None:
        self._files, self._workspace_id, self._channel_id = files, workspace_id, channel_id

    async def read(self, media_id: str) -> tuple[bytes, str, str | None]:
        """Bytes, MIME type and file name. Raises NotFound."""
        if not media_id.isdigit():
            raise NotFound(f"There is no media {media_id!r}.", code="MEDIA_NOT_FOUND")
        row = await self._files.get(self._workspace_id, int(media_id))
        return await self._files.read(row), row.mime, row.filename

    async def store(self, data: bytes, *, mime: str, filename: str | None = None) -> str:
        """Keep a file; gives its id."""
        row = await self._files.store(
            self._workspace_id, data, mime=mime, filename=filename, channel_id=self._channel_id
        )
        return str(row.id)
