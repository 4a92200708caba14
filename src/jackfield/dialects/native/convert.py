"""From a request's message to the core's content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jackfield.core import Content
from jackfield.core import content as contents

from .checks import checked, invalid
from .contents import KINDS


def content_of(kind: str, data: Any, place: str = "content.") -> Content:
    """Content of a type with MultiWA's fields (`text`, `url`, `caption`, ...). Raises Invalid that names the field."""
    model = KINDS.get(kind)
    if model is None:
        field = f"{place.removesuffix('content.')}type"
        if kind == "template":
            raise invalid(place.rstrip(".") or "body", "Must be an object.")
        if kind in contents.KINDS:
            raise invalid(field, f"{kind} cannot be sent.")
        raise invalid(field, f"Must be one of {', '.join(sorted([*KINDS, 'template']))}.")
    if isinstance(data, str):
        data = {"text": data} if kind in ("text", "chat") else {"url": data}
    if not isinstance(data, Mapping):
        raise invalid(place.rstrip(".") or "body", "Must be an object.")
    return checked(model, data, place).content()
