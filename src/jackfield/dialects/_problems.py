"""What is wrong with a request, field by field and in our words: the one place that reads a validator's findings.

Pydantic finds what is wrong; its own texts and the names of its types never leave this file. A place is spelled as the
caller wrote it: a field given as `profile_id` is told as `profile_id`, and which member of a union was tried is no part
of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic_core import PydanticCustomError


class Problems(dict[str, list[str]]):
    """Field to what is wrong with it, each field as the caller wrote it: no dialect spells it anew."""


MOST: Final = 50
"""Findings of a validator that are told; whoever mends them hears of the next."""
_TYPES: Final[Mapping[str, str]] = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "bool": "true or false",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "dict": "an object",
    "model": "an object",
    "mapping": "an object",
    "none": "null",
}
"""What each of the validator's types is to a caller."""
_WORDS: Final[Mapping[str, str]] = {
    "missing": "Is required.",
    "extra_forbidden": "Unknown field.",
    "string_unicode": "Must be valid Unicode text.",
    "int_parsing_size": "Is too large.",
    "int_from_float": "Must be a whole number.",
    "finite_number": "Must be a finite number.",
    "greater_than_equal": "Must be at least {ge}.",
    "greater_than": "Must be more than {gt}.",
    "less_than_equal": "Must be at most {le}.",
    "less_than": "Must be less than {lt}.",
    "string_too_long": "Must have at most {max_length} characters.",
    "too_long": "Must have at most {max_length} items.",
    "recursion_loop": "Is nested too deeply.",
    "json_invalid": "Is not valid JSON.",
}
NO_NUL: Final = r"^[^\x00]*$"
"""Pattern of a text that every database can keep. The validator matches it without a call into Python."""
FILLED: Final = r"^[^\x00]*[^\x00\s][^\x00]*$"
"""Pattern of a text that also shows something."""
_CHOICE: Final = re.compile(r"\^-?\??\(([\w|*.-]+)\)\$")
_QUOTED: Final = re.compile(r"'([^']*)'")
_PLACES: Final = frozenset({"body", "query", "path", "header", "cookie"})
_OPTIONAL: Final = "null"


def field_error(field: str, why: str) -> PydanticCustomError:
    """For validators of a whole model: what is wrong with one of its fields."""
    return PydanticCustomError("field", "{why}", {"field": field, "why": why})


def problems(errors: Sequence[Mapping[str, Any]], given: Any, place: str = "", unknown: str | None = None) -> Problems:
    """What a validator found, by field.

    `given` is what was validated, `place` what stands before each field, `unknown` what an unknown field is called.
    """
    errors = errors[:MOST]
    types: dict[str, list[str]] = {}
    others: dict[str, list[str]] = {}
    for error in errors:
        where = _where(error, given, place)
        kind = error["type"].rpartition("_")
        if kind[2] in ("type", "parsing") and kind[0] in _TYPES:
            types.setdefault(where, []).append(_TYPES[kind[0]])
        elif error["type"] in ("model_attributes_type", "none_required", "mapping_type"):
            types.setdefault(where, []).append("an object" if error["type"] != "none_required" else _OPTIONAL)
        else:
            words = unknown if unknown and error["type"] == "extra_forbidden" else _words(error)
            found = others.setdefault(where, [])
            if words not in found:
                found.append(words)
    for where, names in types.items():
        # One member of a union fits but for something inside it: that is what is wrong.
        if where in others or any(one.startswith(f"{where}.") for one in (*others, *types) if where):
            continue
        wanted = list(dict.fromkeys(name for name in names if name != _OPTIONAL)) or [_OPTIONAL]
        others[where] = [f"Must be {' or '.join(wanted)}."]
    order = [_where(error, given, place) for error in errors]
    return Problems({where: others[where] for where in dict.fromkeys(order) if where in others})


def _where(error: Mapping[str, Any], given: Any, place: str) -> str:
    """The field, as the caller spelled it."""
    parts: list[str] = []
    here = given
    loc = error["loc"]
    for index, part in enumerate(loc):
        last = index == len(loc) - 1
        if isinstance(here, Mapping):
            if part in here:
                spelled = part
            elif _snake(str(part)) in here:
                spelled = _snake(str(part))
            elif last and error["type"] == "missing":
                spelled = part
            else:
                continue
            parts.append(str(spelled))
            here = here.get(spelled)
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            parts.append(str(part))
            here = here[part]
        elif last and error["type"] == "missing":
            parts.append(str(part))
    if error["type"] == "field":
        parts.append(str(error["ctx"]["field"]))
    path = ".".join(parts)
    return f"{place}{path}".rstrip(".") or "body"


def _snake(name: str) -> str:
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name)


def _words(error: Mapping[str, Any]) -> str:
    """What is wrong with a field, for people."""
    kind, limits = str(error["type"]), dict(error.get("ctx") or {})
    if kind == "value_error":
        text = str(error["msg"]).removeprefix("Value error, ")
        return text[:1].upper() + text[1:]
    if kind == "field":
        return str(limits["why"])
    if kind in ("string_too_short", "too_short"):
        minimum = limits.get("min_length", 1)
        if minimum == 1:
            return "Must not be empty."
        return f"Must have at least {minimum} {'characters' if kind.startswith('string') else 'items'}."
    if kind == "too_long" and isinstance(error.get("input"), str):
        kind = "string_too_long"
    if kind == "string_pattern_mismatch":
        pattern = str(limits.get("pattern", ""))
        if pattern in (NO_NUL, FILLED):
            return "Must not contain NUL characters." if "\x00" in str(error.get("input")) else "Must not be empty."
        choice = _CHOICE.fullmatch(pattern)
        return "Does not have the expected form." if choice is None else _one_of(choice.group(1).split("|"))
    if kind in ("literal_error", "enum"):
        return _one_of(_QUOTED.findall(str(limits.get("expected", ""))))
    words = _WORDS.get(kind)
    return "Is not valid." if words is None else words.format_map(limits)


def _one_of(names: Sequence[str]) -> str:
    return f"Must be one of {', '.join(names)}." if names else "Is not valid."


def request_problems(errors: Sequence[Mapping[str, Any]], body: Any) -> Problems:
    """What is wrong with a whole request: its body, query and path."""
    found = Problems()
    inside = [{**one, "loc": one["loc"][1:]} for one in errors[: 2 * MOST] if one["loc"][:1] == ("body",)]
    for one in errors[: 2 * MOST]:
        if one["loc"][:1] == ("body",):
            continue
        name, *rest = [part for part in one["loc"] if part not in _PLACES] or ["request"]
        where = ".".join([str(name), *(str(part) for part in rest if isinstance(part, int))])
        found[where] = problems([{**one, "loc": ()}], None)["body"]
    found.update(problems(inside, body))
    return found
