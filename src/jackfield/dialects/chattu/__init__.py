"""Chattu's API (seed 001): paired phones as clients, groups and channels, chat endpoints, answering webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jackfield.core import Core

from .. import DialectOptions
from .app import build_chattu
from .webhook import ChattuFormat
from .wire import fail

__all__ = ["build", "fail", "webhook_formats"]


def build(core: Core, options: DialectOptions) -> Any:
    """The mounted app."""
    format_ = core.webhooks.formats.get(ChattuFormat.name)
    if isinstance(format_, ChattuFormat):
        # Formats are made before there is a core; this one answers messages and calls through it.
        format_.core = core
    return build_chattu(core, options)


def webhook_formats() -> Mapping[str, Any]:
    """Chattu's payloads and answers."""
    return {ChattuFormat.name: ChattuFormat()}
