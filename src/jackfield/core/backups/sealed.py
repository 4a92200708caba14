"""A stream encrypted with a passphrase: scrypt gives the key, AES-256-GCM seals chunk after chunk.

Each chunk's nonce holds its number and whether it is the last one, so that chunks cannot be cut off, left out or moved
(the STREAM construction: Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance", 2015). One chunk at a time is in memory.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from typing import IO, Any, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ..ground.errors import JackfieldError

MAGIC: Final = b"jackfield backup 1\n"
CHUNK: Final = 256 * 1024
"""Bytes sealed at once."""
COST: Final = 2**17
"""scrypt's n with r = 8 and p = 1: 128 MiB and some tenths of a second for each guess (OWASP's recommendation, 2025)."""
MOST_COST: Final = 2**20
"""A header that asks for more is no header of ours: it would fill the memory."""
_TAG: Final = 16


class BackupError(JackfieldError):
    """A backup cannot be made, read or restored; the message says why."""

    code = "BACKUP"


class _Header(msgspec.Struct):
    cost: int
    salt: str
    nonce: str
    check: str


def _keys(passphrase: str, salt: bytes, cost: int) -> tuple[bytes, str]:
    """The key, and a value that tells whether the passphrase is the right one."""
    made = Scrypt(salt=salt, length=64, n=cost, r=8, p=1).derive(passphrase.encode())
    return made[:32], hashlib.sha256(made[32:]).hexdigest()


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])


class SealingWriter:
    """Seals what is written to it. Call `finish` at the end: without it the file counts as cut off."""

    def __init__(self, target: IO[bytes], passphrase: str) -> None:
        salt, self._prefix = os.urandom(16), os.urandom(7)
        key, check = _keys(passphrase, salt, COST)
        header = msgspec.json.encode(
            _Header(
                cost=COST,
                salt=base64.b64encode(salt).decode(),
                nonce=base64.b64encode(self._prefix).decode(),
                check=check,
            )
        )
        self._bound = MAGIC + len(header).to_bytes(4, "big") + header
        self._cipher = AESGCM(key)
        self._target = target
        self._waiting = bytearray()
        self._number = 0
        target.write(self._bound)

    def write(self, data: Any) -> int:
        """Take some bytes."""
        self._waiting += data
        # The last chunk is known only at the end: one is always kept back.
        while len(self._waiting) > CHUNK:
            self._seal(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(data)

    def flush(self) -> None:
        """For those who expect a file; chunks are written when they are full."""

    def finish(self) -> None:
        """Seal what is left, as the last chunk."""
        self._seal(bytes(self._waiting), last=True)

    def _seal(self, chunk: bytes, *, last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._prefix, self._number, last), chunk, self._bound))
        self._number += 1


class SealedReader:
    """Opens what `SealingWriter` wrote, chunk after chunk.

    Raises BackupError for another file, a wrong passphrase, and where the file is damaged or cut off.
    """

    def __init__(self, source: IO[bytes], passphrase: str) -> None:
        self._source = source
        header = self._header()
        self._prefix = base64.b64decode(header.nonce)
        key, check = _keys(passphrase, base64.b64decode(header.salt), header.cost)
        if not hmac.compare_digest(check, header.check):
            raise BackupError("The passphrase is not that of this backup.")
        self._cipher = AESGCM(key)
        self._number = 0
        self._open = bytearray()
        self._next = source.read(CHUNK + _TAG)
        self._over = False

    def _header(self) -> _Header:
        start = self._source.read(len(MAGIC) + 4)
        if start[: len(MAGIC)] != MAGIC:
            if start.startswith(b"jackfield backup "):
                raise BackupError("A newer Jackfield wrote this backup in another format: install that version.")
            raise BackupError("This file is no backup of Jackfield.")
        size = int.from_bytes(start[len(MAGIC) :], "big")
        raw = self._source.read(min(size, 4096))
        self._bound = start + raw
        try:
            header = msgspec.json.decode(raw, type=_Header)
        except msgspec.DecodeError:
            raise _damaged() from None
        if not 2 <= header.cost <= MOST_COST or header.cost & (header.cost - 1):
            raise _damaged()
        return header

    def read(self, size: int = -1) -> bytes:
        """Up to so many bytes (negative: all); fewer only at the end."""
        while (size < 0 or len(self._open) < size) and not self._over:
            self._open_next()
        wanted = len(self._open) if size < 0 else size
        given = bytes(self._open[:wanted])
        del self._open[:wanted]
        return given

    def _open_next(self) -> None:
        sealed, self._next = self._next, self._source.read(CHUNK + _TAG)
        self._over = not self._next
        try:
            self._open += self._cipher.decrypt(_nonce(self._prefix, self._number, self._over), sealed, self._bound)
        except (InvalidTag, ValueError):
            raise _damaged() from None
        self._number += 1


def _damaged() -> BackupError:
    return BackupError("The backup is damaged or cut off: use another one.")
