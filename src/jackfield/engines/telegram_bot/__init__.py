"""Telegram through the Bot API: long polling or webhook in, one HTTP call per message out."""
