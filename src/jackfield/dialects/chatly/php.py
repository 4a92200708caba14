"""Form fields as PHP reads them: `a[]=1&a[]=2`, `a[0]=1`, `a[name]=1`, `a[0][text]=1`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")
_PART = re.compile(r"\[([^\[\]]*)\]")
MOST_LEVELS: Final = 6
MOST_FIELDS: Final = 2000


class TooMuch(ValueError):
    """More fields or levels than anybody needs."""


def parse(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Names and values as nested data. A name that is no array's stays as it is; of several equal ones the last wins.

    Raises TooMuch.
    """
    root: dict[str, Any] = {}
    for n, (key, value) in enumerate(pairs):
        if n >= MOST_FIELDS:
            raise TooMuch(f"At most {MOST_FIELDS} fields.")
        match = _KEY.match(key)
        if match is None:
            root[key] = value
            continue
        names = [match.group(1), *_PART.findall(match.group(2))]
        if len(names) > MOST_LEVELS:
            raise TooMuch(f"At most {MOST_LEVELS} levels.")
        _put(root, names, value)
    return {key: _listed(value) for key, value in root.items()}


def _put(node: dict[str, Any], names: list[str], value: Any) -> None:
    for name in names[:-1]:
        key = name or _next(node)
        child = node.get(key)
        if not isinstance(child, dict):
            child = node[key] = {}
        node = child
    node[names[-1] or _next(node)] = value


def _next(node: dict[str, Any]) -> str:
    return str(max((int(key) for key in node if key.isascii() and key.isdigit() and len(key) < 10), default=-1) + 1)


def _listed(value: Any) -> Any:
    """Maps whose keys are all numbers become lists, in the order of the numbers."""
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(one) for key, one in value.items()}
    if inner and all(key.isascii() and key.isdigit() and len(key) < 10 for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner
