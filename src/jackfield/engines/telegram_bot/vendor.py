"""aiogram's methods and types, imported when the first bot opens or sends.

Importing them builds some seven hundred models: 2 s of CPU and 120 MB, which whoever has no bot shall not pay. What
reads the engine's facts (its form, its capabilities, the updates that Telegram posts) needs none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jackfield.lazily import Later

if TYPE_CHECKING:
    from aiogram import methods as bot
    from aiogram import types as tg
    from aiogram.methods import TelegramMethod as TelegramMethod
else:
    bot, tg = Later("aiogram.methods"), Later("aiogram.types")

__all__ = ["bot", "tg"]
