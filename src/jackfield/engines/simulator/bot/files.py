"""Files as the Bot API names and describes them."""

from __future__ import annotations

import mimetypes
import re
from typing import Any

from jackfield.engines.simulator.media import SAMPLES, MediaShelf

from .wire import BotProblem, Fields, Json, Upload, bad

_FOLDERS = {
    "photo": "photos",
    "video": "videos",
    "animation": "animations",
    "audio": "music",
    "voice": "voice",
    "video_note": "video_notes",
    "document": "documents",
    "sticker": "stickers",
}
_SAMPLE = {"photo": "image", "animation": "video", "video_note": "video", "voice": "audio"}
_DEFAULT_MIME = {
    "photo": "image/jpeg",
    "video": "video/mp4",
    "animation": "video/mp4",
    "video_note": "video/mp4",
    "audio": "audio/mpeg",
    "voice": "audio/ogg",
    "sticker": "image/webp",
    "document": "application/octet-stream",
}
PHOTO_LIMIT, UPLOAD_LIMIT, DOWNLOAD_LIMIT = 10 * 1024 * 1024, 50 * 1024 * 1024, 20 * 1024 * 1024

_IN_PATH = re.compile(r"file_(\d+)")


def file_object(shelf: MediaShelf, fields: Fields, given: Any, kind: str) -> Any:
    """What a message shows of the file that a call names: an upload, a file id or an address.

    Raises BotProblem in Telegram's words.
    """
    if isinstance(given, Upload):
        return stored(shelf, kind, given.data, given.mime, given.filename)
    if not isinstance(given, str) or not given:
        raise bad(f"there is no {kind.replace('_', ' ')} in the request")
    if given.startswith("attach://"):
        upload = fields.files.get(given.removeprefix("attach://"))
        if upload is None:
            raise bad("attached file not found")
        return stored(shelf, kind, upload.data, upload.mime, upload.filename)
    known = shelf.get(given)
    if known is not None:
        return described(kind, given, len(known[0]), known[1], known[2])
    if given.startswith(("http://", "https://")):
        # The network is simulated: what the address would give is taken to be a sample of the kind.
        data, mime, _ = SAMPLES[_SAMPLE.get(kind, kind)]
        return stored(shelf, kind, data, mime, given.rpartition("/")[2] or None)
    raise bad("wrong file identifier/HTTP URL specified")


def stored(shelf: MediaShelf, kind: str, data: bytes, mime: str, filename: str | None) -> Any:
    """Shelve a file and describe it. Raises BotProblem 413 when it is too large, 400 when it is empty."""
    if not data:
        raise bad("file must be non-empty")
    if len(data) > (PHOTO_LIMIT if kind == "photo" else UPLOAD_LIMIT):
        raise BotProblem(413, "Request Entity Too Large")
    if mime == "application/octet-stream":
        mime = mimetypes.guess_type(filename or "")[0] or _DEFAULT_MIME[kind]
    return described(kind, shelf.put(data, mime, filename), len(data), mime, filename)


def described(kind: str, file_id: str, size: int, mime: str, filename: str | None) -> Any:
    """The message's field of this kind."""
    file: Json = {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": size}
    if kind == "photo":
        small = {**file, "width": 90, "height": 67}
        return [small, {**file, "width": 1280, "height": 960}]
    if kind == "sticker":
        extra = {"is_animated": mime == "application/x-tgsticker", "is_video": mime == "video/webm"}
        return {**file, "type": "regular", "width": 512, "height": 512, **extra}
    if kind == "video_note":
        return {**file, "length": 240, "duration": 3}
    file["mime_type"] = mime
    if filename and kind != "voice":
        file["file_name"] = filename
    if kind in ("video", "animation"):
        file |= {"width": 640, "height": 360, "duration": 3}
    elif kind in ("audio", "voice"):
        file["duration"] = 3
    return file


def file_info(shelf: MediaShelf, file_id: str) -> Json:
    """getFile. Raises BotProblem for an unknown file, or one that is too large for a bot to fetch."""
    known = shelf.get(file_id)
    if known is None or not known[0]:
        raise bad("invalid file_id")
    if len(known[0]) > DOWNLOAD_LIMIT:
        raise bad("file is too big")
    ending = {"audio/ogg": ".oga", "application/x-tgsticker": ".tgs"}.get(known[1])
    ending = ending or mimetypes.guess_extension(known[1]) or ".bin"
    folder = _FOLDERS.get({"image": "photo"}.get(known[1].partition("/")[0], known[1].partition("/")[0]), "documents")
    return {
        "file_id": file_id,
        "file_unique_id": f"u{file_id}",
        "file_size": len(known[0]),
        "file_path": f"{folder}/file_{file_id}{ending}",
    }


def file_at(shelf: MediaShelf, path: str) -> bytes | None:
    """The bytes at a path that `file_info` gave."""
    match = _IN_PATH.search(path)
    known = shelf.get(match.group(1)) if match else None
    return known[0] if known and known[0] else None
