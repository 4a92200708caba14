"""Events on disk until the server has made them durable.

whatsmeow acknowledges a message to WhatsApp soon after it has handed the event over, and WhatsApp does not send it
again. So the event is on disk before the hand-over returns, and stays until the server says that it is stored. After
a crash what is left is told again; the core recognises what it has by id.
"""

from __future__ import annotations

import os
import struct
import threading
from pathlib import Path

_HEAD = struct.Struct(">QHI")
_REWRITE_AT = 8 * 1024 * 1024


class Spool:
    """An append-only file of (number, kind, bytes). Safe to append from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self.left: list[tuple[int, int, bytes]] = self._read()
        """What a former process left unacknowledged."""
        self._seq = self.left[-1][0] if self.left else 0
        self._acked = self.left[0][0] - 1 if self.left else 0
        self._rewrite()

    def _read(self) -> list[tuple[int, int, bytes]]:
        """Whole records; a half-written last one is what a crash leaves, and its event was not yet handed over."""
        if not self._path.exists():
            return []
        data, at, found = self._path.read_bytes(), 0, []
        while at + _HEAD.size <= len(data):
            seq, kind, size = _HEAD.unpack_from(data, at)
            body = data[at + _HEAD.size : at + _HEAD.size + size]
            if len(body) < size:
                break
            found.append((seq, kind, body))
            at += _HEAD.size + size
        return found

    def _rewrite(self) -> None:
        kept = [record for record in self._read() if record[0] > self._acked]
        spare = self._path.with_suffix(".new")
        spare.write_bytes(b"".join(_HEAD.pack(seq, kind, len(body)) + body for seq, kind, body in kept))
        os.replace(spare, self._path)
        self._file = self._path.open("ab")

    def append(self, kind: int, body: bytes, *, sync: bool) -> int:
        """Write one event and give its number; `sync` waits until it is on the disk itself."""
        with self._lock:
            self._seq += 1
            self._file.write(_HEAD.pack(self._seq, kind, len(body)) + body)
            self._file.flush()
            if sync:
                os.fsync(self._file.fileno())
            return self._seq

    def next(self) -> int:
        """A number for something that needs no keeping."""
        with self._lock:
            self._seq += 1
            return self._seq

    def ack(self, seq: int) -> None:
        """Everything up to `seq` is stored elsewhere."""
        with self._lock:
            self._acked = max(self._acked, seq)
            if self._acked >= self._seq:
                self._file.truncate(0)
            elif self._file.tell() > _REWRITE_AT:
                self._file.close()
                self._rewrite()

    def close(self) -> None:
        """Close the file; what is in it stays."""
        with self._lock:
            self._file.close()
