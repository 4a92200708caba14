"""Login is a value: what a person must see or do next to connect a channel.

An engine's session reports a `LoginStep`; one screen and one endpoint serve QR, pairing code, token and
two-factor alike.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec


class ShowQr(msgspec.Struct, frozen=True, kw_only=True, tag="qr"):
    """Show this text as a QR code until `expires_at` (Unix ms); a new step replaces it when it rotates."""

    code: str
    expires_at: int


class ShowCode(msgspec.Struct, frozen=True, kw_only=True, tag="pairing_code"):
    """Type this code on the phone (Linked devices, link with phone number) until `expires_at` (Unix ms)."""

    code: str
    expires_at: int


class AskFields(msgspec.Struct, frozen=True, kw_only=True, tag="fields"):
    """Ask a person for these fields, given as a JSON schema."""

    json_schema: dict[str, Any]
    why: str


class Done(msgspec.Struct, frozen=True, kw_only=True, tag="done"):
    """Connected. `address` is the channel's own (E.164 digits, or bot name), `name` the name it shows."""

    address: str
    name: str | None = None


LoginStep: TypeAlias = ShowQr | ShowCode | AskFields | Done
