"""Placeholders in texts: `{name}` and `{{name}}`, filled for each recipient."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from .codec import Content
from .media import Album, Media
from .plain import Entity, Text

_PLACEHOLDER = re.compile(r"\{\{?\s*([\w .-]{1,64}?)\s*\}?\}")


def fill(text: str, variables: Mapping[str, Any]) -> str:
    """`{name}` and `{{name}}` replaced from `variables`; an unknown placeholder stays as it is written.

    Lookups ignore case, so that `{Name}` finds `name`. Values are inserted as they are and are not
    themselves searched for placeholders.
    """
    if "{" not in text:
        return text
    return _PLACEHOLDER.sub(_Values(variables), text)


class _Values:
    """What a placeholder becomes. `protect` makes a value safe where it is inserted."""

    def __init__(self, variables: Mapping[str, Any], protect: Callable[[str], str] = str) -> None:
        self._variables, self._protect = variables, protect
        self._folded: dict[str, Any] = {}

    def __call__(self, match: re.Match[str]) -> str:
        key = match.group(1)
        if key in self._variables:
            value = self._variables[key]
        else:
            if not self._folded:
                self._folded.update((str(name).casefold(), value) for name, value in self._variables.items())
            if key.casefold() not in self._folded:
                return match.group(0)
            value = self._folded[key.casefold()]
        return "" if value is None else self._protect(str(value))


_MARKS = re.compile(r"[_*\[\]()~`>#+\-=|{}.!\\]")
_PROTECT: dict[str | None, Callable[[str], str]] = {
    None: str,
    "html": lambda value: html.escape(value, quote=True),
    "markdown": lambda value: _MARKS.sub(r"\\\g<0>", value),
}
"""A value says what it says: its own signs are no marks of a formatted text."""


def _fill_formatted(
    text: str, entities: Sequence[Entity], format_: str | None, variables: Mapping[str, Any]
) -> tuple[str, list[Entity]]:
    """As `fill`, for a text with a format or with entities, which move and grow with what is filled in."""
    values = _Values(variables, _PROTECT.get(format_, str))
    if not entities:
        return _PLACEHOLDER.sub(values, text), []
    parts: list[str] = []
    moves: list[tuple[int, int, int]] = []
    """Of each placeholder: where it stood, what it is longer by, where it ended; in UTF-16 code units."""
    last = 0
    for match in _PLACEHOLDER.finditer(text):
        value = values(match)
        start, end = _units(text[: match.start()]), _units(text[: match.end()])
        moves.append((start, _units(value) - (end - start), end))
        parts += [text[last : match.start()], value]
        last = match.end()

    def moved(place: int) -> int:
        # What stood inside a placeholder stands at its end now.
        shift = sum(more for _, more, end in moves if end <= place)
        return next((end + shift + more for start, more, end in moves if start < place < end), place + shift)

    shifted = []
    for one in entities:
        offset, end = moved(one.offset), moved(one.offset + one.length)
        if end > offset:
            shifted.append(msgspec.structs.replace(one, offset=offset, length=end - offset))
    return "".join([*parts, text[last:]]), shifted


def _units(text: str) -> int:
    return len(text) + sum(char > "\uffff" for char in text)


def personalise(content: Content, variables: Mapping[str, Any]) -> Content:
    """The content with every placeholder in its texts filled (see `fill`)."""
    if isinstance(content, Text):
        if "{" not in content.text:
            return content
        if content.entities or content.format:
            text, entities = _fill_formatted(content.text, content.entities, content.format, variables)
            return msgspec.structs.replace(content, text=text, entities=entities)
        return Text(text=fill(content.text, variables), preview=content.preview)
    if isinstance(content, Album):
        items: list[Any] = [personalise(one, variables) for one in content.items]
        return msgspec.structs.replace(content, items=items)
    if isinstance(content, Media) and content.caption and (content.entities or content.format):
        caption, entities = _fill_formatted(content.caption, content.entities, content.format, variables)
        plain = msgspec.structs.replace(content, caption=None, entities=[])
        filled: Any = _map_texts(plain, lambda text: fill(text, variables))
        return msgspec.structs.replace(filled, caption=caption, entities=entities)  # type: ignore[no-any-return]
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
