"""The instance's secret key, and what is derived from it.

One key (`JACKFIELD_SECRET_KEY`, or made once and kept in the data folder) gives a Fernet key for columns at rest
and a separate signing key for tokens and links. Set once at start-up by `use_key`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

_fernet: Fernet | None = None
_signing: bytes = b""


def use_key(secret: str) -> None:
    """Derive the working keys from the instance's secret. Call once, before the database is used."""
    global _fernet, _signing
    _fernet = Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"jackfield seal\0" + secret.encode()).digest()))
    _signing = hashlib.sha256(b"jackfield sign\0" + secret.encode()).digest()


def load_or_make(data_dir: Path) -> str:
    """The secret kept in the data folder; made on first use, readable by the owner only."""
    path = data_dir / "secret.key"
    if path.exists():
        return path.read_text().strip()
    data_dir.mkdir(parents=True, exist_ok=True)
    secret = base64.urlsafe_b64encode(os.urandom(32)).decode()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret + "\n")
    return secret


def _cipher() -> Fernet:
    if _fernet is None:
        raise RuntimeError("no secret key: call jackfield.db.secrets.use_key first")
    return _fernet


def seal(data: bytes) -> bytes:
    """Encrypt for storage."""
    return _cipher().encrypt(data)


def open_sealed(token: bytes) -> bytes:
    """Decrypt from storage. Raises ValueError when the secret key is not the one it was sealed with."""
    try:
        return _cipher().decrypt(token)
    except InvalidToken:
        raise ValueError(
            "stored secret cannot be opened: JACKFIELD_SECRET_KEY differs from the one in use when it was stored"
        ) from None


def signing_key() -> bytes:
    """Key for tokens and signed links (HMAC-SHA256, 32 bytes)."""
    if not _signing:
        raise RuntimeError("no secret key: call jackfield.db.secrets.use_key first")
    return _signing


def sign(text: str) -> str:
    """A URL-safe signature of a text, for links that we hand out."""
    digest = hmac.new(signing_key(), text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def verify(text: str, signature: str) -> bool:
    """Whether `sign` gave this signature for this text."""
    return hmac.compare_digest(sign(text), signature)
