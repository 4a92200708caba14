"""How an uncertain send is recognised later, although neonize does not let the sender choose the message id.

whatsmeow, which neonize wraps, writes each outgoing message's id with its `messageSecret` into its own database
*before* the message goes on the wire (table whatsmeow_message_secrets; whatsmeow send.go, Client.SendMessage). The
secret is ours to choose. So our message id, sealed under a key of the channel's, is that secret: whoever crashes in
between can read from the database whether a message got as far as the wire and under which id, and a receipt that
names an id leads back to our message.

Only the server's process opens that database, never the one in which whatsmeow writes it: SQLite's locks are the
process's, so a second SQLite in the same process would roll back the first one's transactions.

A secret must look random to everybody but the recipients (it keys poll votes), hence the cipher.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_MARK = b"JKF1"
_WHITEN = bytes(range(16))


class Seal:
    """Turns (message id, attempt) into a 32-byte secret and back, under a 32-byte key."""

    def __init__(self, key: bytes) -> None:
        # One block per half and no two plaintexts alike: the mode's known weakness (equal blocks) cannot show.
        self._cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305

    def close(self, message_id: int, attempt: int) -> bytes:
        """The secret of this attempt to send this message."""
        encryptor = self._cipher.encryptor()
        first = encryptor.update(message_id.to_bytes(8) + (attempt % 2**32).to_bytes(4) + _MARK)
        second = encryptor.update(bytes(a ^ b for a, b in zip(first, _WHITEN, strict=True)))
        return first + second

    def open(self, secret: bytes) -> tuple[int, int] | None:
        """Message id and attempt of a secret of ours; None for any other."""
        if len(secret) != 32:
            return None
        plain = self._cipher.decryptor().update(secret[:16])
        if plain[12:] != _MARK:
            return None
        message_id, attempt = int.from_bytes(plain[:8]), int.from_bytes(plain[8:12])
        return (message_id, attempt) if self.close(message_id, attempt) == secret else None


@contextmanager
def _database(path: Path) -> Iterator[sqlite3.Connection]:
    # Read-write, as a crash may have left a journal that has to be rolled back before anything can be read.
    connection = sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=5.0)
    try:
        yield connection
    finally:
        connection.close()


def id_for(path: Path, secret: bytes) -> str | None:
    """The WhatsApp id under which a message with this secret was about to go out; None: surely not sent.

    Raises sqlite3.Error when the database cannot be read.
    """
    if not path.exists():
        return None
    with _database(path) as db:
        row = db.execute("SELECT message_id FROM whatsmeow_message_secrets WHERE key = ?", (secret,)).fetchone()
    return None if row is None else str(row[0])


def secrets_of(path: Path, message_id: str) -> list[bytes]:
    """The secrets stored for a WhatsApp id; usually one. Empty when the database cannot be read now."""
    try:
        with _database(path) as db:
            rows = db.execute("SELECT key FROM whatsmeow_message_secrets WHERE message_id = ?", (message_id,))
            return [bytes(row[0]) for row in rows]
    except sqlite3.Error:
        return []


def paired(path: Path) -> bool:
    """Whether a phone is paired, as whatsmeow's own table of devices says. An unreadable file counts as paired."""
    if not path.exists():
        return False
    try:
        with _database(path) as db:
            return db.execute("SELECT 1 FROM whatsmeow_device LIMIT 1").fetchone() is not None
    except sqlite3.OperationalError as error:
        return "no such table" not in str(error)
    except sqlite3.Error:
        return True
