"""Chatly's API (seed 000): contacts, campaigns on WhatsApp and Telegram, a shared inbox, tickets, team, webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jackfield.core import Core

from .. import DialectOptions
from .app import build_chatly
from .webhook import ChatlyFormat
from .wire import fail

__all__ = ["build", "fail", "webhook_formats"]


def build(core: Core, options: DialectOptions) -> Any:
    """The mounted app."""
    format_ = core.webhooks.formats.get(ChatlyFormat.name)
    if isinstance(format_, ChatlyFormat):
        format_.follow(core)
    return build_chatly(core, options)


def webhook_formats() -> Mapping[str, Any]:
    """Chatly's payloads."""
    return {ChatlyFormat.name: ChatlyFormat()}
