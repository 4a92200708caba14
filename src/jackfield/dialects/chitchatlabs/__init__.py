"""ChitChatLabs' API (seed 003)."""

from __future__ import annotations

from typing import Any

from jackfield.core import Core

from .. import DialectOptions
from .shapes import fail

__all__ = ["build", "fail"]


def build(core: Core, options: DialectOptions) -> Any:
    """The mounted app."""
    from .app import build_chitchatlabs

    return build_chitchatlabs(core, options)
