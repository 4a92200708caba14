"""Signatures as the Standard Webhooks specification has them, version 1.0.0 (symmetric, `v1`)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from functools import lru_cache

PREFIX = "whsec_"


def new_secret() -> str:
    """A fresh secret: 32 random bytes (the specification asks for 24 to 64), base64 with its prefix."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def is_standard(secret: str) -> bool:
    """Whether every library of the specification reads the secret alike: `whsec_` and the base64 of 24 to 64 bytes."""
    if not secret.startswith(PREFIX):
        return False
    try:
        return 24 <= len(base64.b64decode(secret[len(PREFIX) :], validate=True)) <= 64
    except ValueError:
        return False


@lru_cache(4096)
def key_of(secret: str) -> bytes:
    """The HMAC key of a secret: what follows `whsec_` decoded, or the bytes of a text that somebody chose."""
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret[len(PREFIX) :], validate=True)
        except ValueError:
            pass
    return secret.encode()


def message_id(event_id: int, endpoint_id: int) -> str:
    """`webhook-id`: the same at each attempt and replay, so the receiver can tell a repeat."""
    return f"evt_{event_id}_{endpoint_id}"


def signature(secret: str, id_: str, timestamp: int, body: bytes) -> str:
    """One signature, `v1,<base64>`. `timestamp` is in seconds."""
    digest = hmac.digest(key_of(secret), f"{id_}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()


def standard_headers(
    secret: str, old_secret: str | None, event_id: int, endpoint_id: int, timestamp: int, body: bytes
) -> dict[str, str]:
    """The three headers. During a rotation both secrets sign, the new one first."""
    id_ = message_id(event_id, endpoint_id)
    signed = signature(secret, id_, timestamp, body)
    if old_secret is not None:
        signed = f"{signed} {signature(old_secret, id_, timestamp, body)}"
    return {"webhook-id": id_, "webhook-timestamp": str(timestamp), "webhook-signature": signed}


def hex_hmac(secret: str, body: bytes) -> str:
    """HMAC-SHA256 of a body in hex, keyed with the secret's text as it is written: what most vendors' own headers
    carry."""
    # In one call of OpenSSL; an object of `hmac.new` costs 15 us more.
    return hmac.digest(secret.encode(), body, "sha256").hex()
