"""The instance's secret key, and what is derived from it.

One key (`JACKFIELD_SECRET_KEY`, or made once and kept in the data folder) gives a Fernet key for columns at rest
and a separate signing key for tokens and links. While the key is changed the one before it still opens and verifies.
Set once at start-up by `use_key`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_fernets: list[Fernet] = []
_ring: MultiFernet | None = None
_signing: list[bytes] = []
_in_use: list[str] = []

_FILE = "secret.key"


def use_key(secret: str, *older: str) -> None:
    """Derive the working keys from the instance's secret. Call once, before the database is used.

    What was sealed or signed with `older` ones is still opened and verified.
    """
    global _fernets, _ring, _signing, _in_use
    secrets = [secret, *(one for one in older if one)]
    _in_use = secrets
    _fernets = [Fernet(base64.urlsafe_b64encode(_derived(b"jackfield seal\0", one))) for one in secrets]
    _ring = MultiFernet(_fernets)
    _signing = [_derived(b"jackfield sign\0", one) for one in secrets]


def _derived(purpose: bytes, secret: str) -> bytes:
    return hashlib.sha256(purpose + secret.encode()).digest()


def secrets_in_use() -> list[str]:
    """The secret key in use, then those before it that are known; for backups, which are encrypted themselves."""
    _keys()
    return list(_in_use)


def new_secret() -> str:
    """A new secret key: 32 random bytes as text."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def load_or_make(data_dir: Path) -> list[str]:
    """The secrets kept in the data folder, readable by the owner only: the one in use, and the one before it while it
    is changed. Made on first use. Raises ValueError for an empty file."""
    path = data_dir / _FILE
    if path.exists():
        kept = [line.strip() for line in path.read_text().splitlines() if line.strip()]
        if not kept:
            raise ValueError(f"{path} is empty: put the secret key back, or remove the file to begin with a new one.")
        return kept
    data_dir.mkdir(parents=True, exist_ok=True)
    kept = [new_secret()]
    keep(data_dir, kept)
    return kept


def keep(data_dir: Path, secrets: list[str]) -> None:
    """Write the secrets to the data folder, all or nothing: the one in use first. They are on the disk when this returns."""
    path = data_dir / _FILE
    spare = path.with_suffix(".new")
    spare.unlink(missing_ok=True)
    descriptor = os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("".join(f"{one}\n" for one in secrets))
        file.flush()
        os.fsync(file.fileno())
    os.replace(spare, path)
    folder = os.open(data_dir, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _keys() -> MultiFernet:
    if _ring is None:
        raise RuntimeError("no secret key: call jackfield.db.secrets.use_key first")
    return _ring


def seal(data: bytes) -> bytes:
    """Encrypt for storage, with the key in use."""
    return _keys().encrypt(data)


def open_sealed(token: bytes) -> bytes:
    """Decrypt from storage. Raises ValueError when the secret key is not the one it was sealed with."""
    try:
        return _keys().decrypt(token)
    except InvalidToken:
        raise ValueError(
            "stored secret cannot be opened: JACKFIELD_SECRET_KEY differs from the one in use when it was stored"
        ) from None


def is_sealed(text: str) -> bool:
    """Whether a text is what `seal` gives: Fernet's version byte, then a time before the year 2106."""
    return text.startswith("gAAAAA")


def is_current(token: bytes) -> bool:
    """Whether it was sealed with the key in use, not with one before it."""
    _keys()
    try:
        _fernets[0].decrypt(token)
    except InvalidToken:
        return False
    return True


def signing_keys() -> list[bytes]:
    """Keys for tokens and signed links (HMAC-SHA256, 32 bytes each): the first signs, all verify."""
    if not _signing:
        raise RuntimeError("no secret key: call jackfield.db.secrets.use_key first")
    return list(_signing)


def signing_key() -> bytes:
    """The key that signs."""
    return signing_keys()[0]


def sign(text: str) -> str:
    """A URL-safe signature of a text, for links that we hand out."""
    return _signed(text, signing_key())


def _signed(text: str, key: bytes) -> str:
    digest = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def verify(text: str, signature: str) -> bool:
    """Whether `sign` gave this signature for this text."""
    return any(hmac.compare_digest(_signed(text, key).encode(), signature.encode()) for key in signing_keys())


class SecretKeyFile:
    """The key in the data folder while it is changed: the new one in the first line, the one before it in the second."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def begin(self) -> bool:
        """Put a new key before the one in use; False when a change that began earlier is not over."""
        kept = load_or_make(self._data_dir)
        if len(kept) > 1:
            return False
        keep(self._data_dir, [new_secret(), *kept])
        return True

    def finish(self) -> None:
        """Forget all but the key in use."""
        keep(self._data_dir, load_or_make(self._data_dir)[:1])
