"""Pabbly Chatflow's API (seed 002)."""

from __future__ import annotations

from typing import Any

from jackfield.core import Core

from .. import DialectOptions
from .envelope import fail

__all__ = ["build", "fail"]


def build(core: Core, options: DialectOptions) -> Any:
    """The mounted app."""
    from .app import build_pabbly

    return build_pabbly(core, options)
