"""Contacts as JSON: a list of objects, an object that holds such a list, or one object per line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

import msgspec

from jackfield.core.contacts.files.errors import UnreadableFile

MAX_CHARS = 16 << 20
"""A list is read whole, so it is bounded; one object per line is not."""
MAX_COLUMNS = 1000
_SAMPLE = 200


def read_json(text: TextIO) -> Iterator[tuple[int, list[str]]]:
    """Yield the header (the keys), then a row for each object; nested objects give `address.city`.

    Raises `UnreadableFile` for what is no list of objects, and for a list of more than 16 MB.
    """
    start = text.read(MAX_CHARS + 1)
    first = start.lstrip().split("\n", 1)
    if first and _is_object(first[0]) and len(first) > 1 and first[1].strip():
        yield from _rows(enumerate(_lines(start, text), 1))
        return
    if len(start) > MAX_CHARS:
        raise UnreadableFile("too_large", "This JSON file is larger than 16 MB. Write one object per line, or CSV.")
    try:
        # Python's own decoder takes half emoji, which other programs write.
        found = json.loads(start)
    except (ValueError, RecursionError):
        raise _broken(None) from None
    yield from _rows(enumerate(_list_of(found), 1))


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _lines(start: str, rest: TextIO) -> Iterator[Any]:
    """Objects of one line each."""
    pending = start
    number = 0
    while True:
        head, newline, pending = pending.partition("\n")
        if not newline:
            more = rest.read(1 << 16)
            if more and len(head) <= MAX_CHARS:
                pending = head + more
                continue
        number += 1
        if head.strip():
            try:
                yield json.loads(head)
            except (ValueError, RecursionError):
                raise _broken(number) from None
        if not newline:
            return


def _list_of(found: Any) -> list[Any]:
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
        found = lists[0] if lists else [found]
    if not isinstance(found, list) or not any(isinstance(one, dict) for one in found):
        raise UnreadableFile("other_document", "This JSON holds no list of contacts. Give a list of objects.")
    return found


def _rows(objects: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, list[str]]]:
    """The header from the first objects; a key that comes later only gets no column.

    Raises `UnreadableFile` when no object has a key.
    """
    sample: list[tuple[int, dict[str, str]]] = []
    columns: dict[str, int] = {}
    header = False
    for number, one in objects:
        flat = _flat(one)
        if not header:
            sample.append((number, flat))
            for key in flat:
                if len(columns) < MAX_COLUMNS:
                    columns.setdefault(key, len(columns))
            if len(sample) < _SAMPLE:
                continue
            header = True
            yield from _beginning(sample, columns)
            sample.clear()
        else:
            yield number, [flat.get(key, "") for key in columns]
    if not header:
        yield from _beginning(sample, columns)


def _beginning(sample: list[tuple[int, dict[str, str]]], columns: dict[str, int]) -> Iterator[tuple[int, list[str]]]:
    if not any(map(str.strip, columns)):
        raise UnreadableFile("other_document", "This JSON holds no contacts: its objects are empty.")
    yield 0, list(columns)
    for line, earlier in sample:
        yield line, [earlier.get(key, "") for key in columns]


def _flat(one: Any, prefix: str = "", depth: int = 0) -> dict[str, str]:
    if not isinstance(one, dict):
        return {"value": _cell(one)}
    found: dict[str, str] = {}
    for key, value in one.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and depth < 4:
            found.update(_flat(value, f"{name}.", depth + 1))
        else:
            found[name] = _cell(value)
    return found


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ::: ".join(_cell(one.get("value", one) if isinstance(one, dict) else one) for one in value)
    if isinstance(value, dict):
        return msgspec.json.encode(value).decode("utf-8", "replace")
    return str(value)


def _broken(line: int | None) -> UnreadableFile:
    where = f" at line {line}" if line else ""
    return UnreadableFile(
        "broken_json", f"This JSON is damaged{where}. Export the contacts again, or as CSV.", line=line
    )
