"""Telegram through the Bot API: long polling or webhook in, one HTTP call per message out."""

from .config import TelegramBotConfig
from .engine import TelegramBotEngine

__all__ = ["TelegramBotConfig", "TelegramBotEngine"]
