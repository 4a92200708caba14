"""Addresses as libraries for WhatsApp Web write them, which several of the APIs took over."""

from __future__ import annotations


def to_jid(peer: str) -> str:
    """An address with digits alone becomes `...@c.us`; everything else stays."""
    return f"{peer}@c.us" if peer.isascii() and peer.isdigit() else peer
