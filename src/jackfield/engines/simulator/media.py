"""Files on the network's shelf: what people send with their messages, under ids that last."""

from __future__ import annotations

import base64
import struct
import zlib
from hashlib import sha256


def _png(colour: tuple[int, int, int], side: int = 64) -> bytes:
    """A small plain picture, made here so that nobody's file is shipped."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes(colour) * side) * side
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _wav(ms: int = 250) -> bytes:
    """A moment of silence, 8 kHz mono."""
    data = b"\x80" * (8 * ms)
    head = b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt "
    return head + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8) + b"data" + struct.pack("<I", len(data)) + data


_PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""
# The smallest lossless 1x1 WebP.
_WEBP = base64.b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
# An MP4 that holds a file-type box alone: enough to be stored, served and recognised, not to be played.
_MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41"

SAMPLES: dict[str, tuple[bytes, str, str]] = {
    "image": (_png((46, 125, 92)), "image/png", "picture.png"),
    "video": (_MP4, "video/mp4", "clip.mp4"),
    "audio": (_wav(), "audio/wav", "voice.wav"),
    "document": (_PDF, "application/pdf", "document.pdf"),
    "sticker": (_WEBP, "image/webp", "sticker.webp"),
}
"""What a person sends of each kind when nothing else is given: bytes, MIME type, file name."""


class MediaShelf:
    """Files by id; ids are digits, as Meta's are."""

    def __init__(self, digest: bytes) -> None:
        self._base = 10**15 + int.from_bytes(digest[10:15]) % 10**14 * 9
        self._files: dict[str, tuple[bytes, str, str | None]] = {}

    def put(self, data: bytes, mime: str, filename: str | None = None) -> str:
        """Keep a file; gives its id."""
        media_id = str(self._base + len(self._files))
        self._files[media_id] = (data, mime, filename)
        return media_id

    def get(self, media_id: str) -> tuple[bytes, str, str | None] | None:
        """Bytes, MIME type and file name."""
        return self._files.get(media_id)

    def remove(self, media_id: str) -> bool:
        """Forget a file; False if there was none. Its id is not given again."""
        if self._files.get(media_id, (b"", "", None))[1] == "":
            return False
        self._files[media_id] = (b"", "", None)
        return True

    @staticmethod
    def digest(data: bytes) -> str:
        """The SHA-256 of a file, in hex."""
        return sha256(data).hexdigest()
