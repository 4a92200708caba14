"""Telegram's Bot API in front of the simulated network."""

from .app import build

__all__ = ["build"]
