"""MultiWA's names of engines, beside our own."""

from __future__ import annotations

from typing import Final

ALIASES: Final = {"whatsapp-web-js": "whatsapp_web", "baileys": "whatsapp_web", "mock": "simulator"}
"""MultiWA's name to ours."""


def engine_name(given: str | None) -> str | None:
    """An engine's name as the registry has it."""
    return ALIASES.get(given, given) if given is not None else None
