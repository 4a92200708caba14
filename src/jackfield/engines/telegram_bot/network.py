"""Telegram as a bot reaches it."""

from __future__ import annotations

import re
from typing import ClassVar

from jackfield.core.port import Addressing, Network, bad_recipient

_CHAT = re.compile(r"(-?[0-9]{1,20}|@[A-Za-z][A-Za-z0-9_]{3,31})\Z")


class TelegramAddressing(Addressing):
    """Numeric chat ids (negative ones are groups), and the @names of public groups and channels."""

    identity_kinds: ClassVar[tuple[str, ...]] = ("telegram",)

    def read(self, text: str) -> tuple[str, str]:
        """Takes `1001`, `-1001234567890`, `@name`, `tg:1001`, and `1001@c.us` from clients that write every chat so."""
        text = text.removeprefix("tg:").removesuffix("@c.us")
        if not _CHAT.match(text):
            raise bad_recipient(text, "Give a Telegram chat id (a number), or the @name of a public group or channel.")
        kind = "group" if text.startswith("-") else "newsletter" if text.startswith("@") else "private"
        return text, kind

    def identity(self, address: str) -> tuple[str, str] | None:
        """A private chat has the person's own id."""
        return ("telegram", address) if address.isascii() and address.isdigit() else None


class TelegramNetwork(Network):
    """Telegram, where people write first."""

    engine: ClassVar[str] = "telegram_bot"
    name: ClassVar[str] = "telegram"
    addressing: ClassVar[Addressing] = TelegramAddressing()
    kinds: ClassVar[frozenset[str]] = frozenset(
        {"text", "image", "video", "audio", "document", "sticker", "location", "contacts", "reaction", "poll",
         "inline_keyboard", "buttons", "list", "cta_url", "location_request"}
    )  # fmt: skip


NETWORK = TelegramNetwork()
