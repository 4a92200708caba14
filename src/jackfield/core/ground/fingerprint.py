"""What tells whether two requests under one idempotency key are the same."""

from __future__ import annotations

import hashlib


def fingerprint(*parts: str | bytes) -> str:
    """A digest of a request's parts (method, path, body); other parts, or parts cut elsewhere, give another digest."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big"))
        digest.update(raw)
    return digest.hexdigest()
