"""Placeholders in texts: `{name}` and `{{name}}`, filled for each recipient."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from .codec import Content
from .plain import Text

_PLACEHOLDER = re.compile(r"\{\{?\s*([\w .-]{1,64}?)\s*\}?\}")


def fill(text: str, variables: Mapping[str, Any]) -> str:
    """`{name}` and `{{name}}` replaced from `variables`; an unknown placeholder stays as it is written.

    Lookups ignore case, so that `{Name}` finds `name`. Values are inserted as they are and are not
    themselves searched for placeholders.
    """
    if "{" not in text:
        return text
    folded: dict[str, Any] = {}

    def replace(match: re.Match[str]) -> str:
        key = match.group(1)
        if key in variables:
            value = variables[key]
        else:
            if not folded:
                folded.update((str(name).casefold(), value) for name, value in variables.items())
            if key.casefold() not in folded:
                return match.group(0)
            value = folded[key.casefold()]
        return "" if value is None else str(value)

    return _PLACEHOLDER.sub(replace, text)


def personalise(content: Content, variables: Mapping[str, Any]) -> Content:
    """The content with every placeholder in its texts filled (see `fill`)."""
    if isinstance(content, Text):
        text = fill(content.text, variables)
        return content if text is content.text else Text(text=text, preview=content.preview)
    return _map_texts(content, lambda text: fill(text, variables))


def _map_texts(content: Content, change: Callable[[str], str]) -> Content:
    def walk(value: Any) -> Any:
        if isinstance(value, str):
            return change(value)
        if isinstance(value, list):
            return [walk(item) for item in value]
        if isinstance(value, dict):
            return {key: walk(item) for key, item in value.items()}
        return value

    plain = msgspec.to_builtins(content)
    changed: Content = msgspec.convert({k: v if k == "type" else walk(v) for k, v in plain.items()}, type=Content)
    return changed
