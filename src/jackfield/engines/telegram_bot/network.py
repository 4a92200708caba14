"""Telegram as a bot reaches it."""

from __future__ import annotations

from typing import ClassVar

from jackfield.core.port import Addressing, Network, bad_recipient

from .places import ADDRESS


class TelegramAddressing(Addressing):
    """Numeric chat ids (negative ones are groups), the @names of public groups and channels, topics of forums, and chats
    of connected business accounts (see `places`)."""

    identity_kinds: ClassVar[tuple[str, ...]] = ("telegram",)

    def read(self, text: str) -> tuple[str, str]:
        """Takes `1001`, `-1001234567890`, `@name`, `tg:1001`, `-1001234567890~45` for a topic, and `1001@c.us` from
        clients that write every chat so."""
        text = text.removeprefix("tg:").removesuffix("@c.us")
        found = ADDRESS.match(text)
        if found is None or (found["business"] and not found["chat"].isdigit()):
            raise bad_recipient(text, "Give a Telegram chat id (a number), or the @name of a public group or channel.")
        kind = "group" if text.startswith("-") else "newsletter" if text.startswith("@") else "private"
        return text, kind

    def identity(self, address: str) -> tuple[str, str] | None:
        """A private chat has the person's own id, with the bot and with a business account alike."""
        found = ADDRESS.match(address)
        return ("telegram", found["chat"]) if found is not None and found["chat"].isdigit() else None


class TelegramNetwork(Network):
    """Telegram, where people write first."""

    engine: ClassVar[str] = "telegram_bot"
    name: ClassVar[str] = "telegram"
    addressing: ClassVar[Addressing] = TelegramAddressing()
    formats: ClassVar[bool] = True
    kinds: ClassVar[frozenset[str]] = frozenset(
        {"text", "image", "video", "audio", "document", "sticker", "album", "location", "contacts", "reaction", "poll",
         "inline_keyboard", "buttons", "list", "cta_url", "location_request", "contact_request"}
    )  # fmt: skip


NETWORK = TelegramNetwork()
