"""The native API, on the conventions of MultiWA's specification (seed 004)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jackfield.core import Core

from .. import DialectOptions
from .app import build_native, hot_routes
from .envelope import fail

__all__ = ["build", "fail", "hot_routes", "webhook_formats"]


def build(core: Core, options: DialectOptions) -> Any:
    """The mounted app."""
    return build_native(core, options)


def webhook_formats() -> Mapping[str, Any]:
    """The native payload format."""
    from .webhook import NativeFormat

    return {"native": NativeFormat()}
