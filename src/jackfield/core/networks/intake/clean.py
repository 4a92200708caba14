"""Reports as both databases can store them: texts without NUL and without half a character, in whatever field."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from ...ground.fields import storable
from ...port import Report

R = TypeVar("R", bound=Report)

_encoder = msgspec.json.Encoder()


def clean(report: R) -> R:
    """The report itself, or a copy with what cannot be stored taken out."""
    try:
        if b"\\u0000" not in _encoder.encode(report):
            return report
    except UnicodeEncodeError:
        pass
    cleaned: R = msgspec.convert(_walk(msgspec.to_builtins(report)), type=type(report))
    return cleaned


def _walk(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(key)): _walk(one) for key, one in value.items()}
    return [_walk(one) for one in value] if isinstance(value, list) else value
