"""Templates that are a text with `{{name}}` for values, as MultiWA's client writes them: on the provider's components."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from jackfield.core import TemplateView, Values, parts, required, variables

from .._kit import Filled, Str, Wire
from .checks import invalid
from .envelope import iso

LANGUAGE: Final = "en"
"""Of a template whose language is not said."""
CATEGORIES: Final = {"notification": "UTILITY", "other": "UTILITY"}
"""MultiWA's categories that the provider does not have."""
NAME: Final = re.compile(r"[a-z0-9_]{1,512}")
TEXTS: Final = (("HEADER", "header"), ("BODY", "text"), ("FOOTER", "footer"))
"""Components of text, and what they are called here."""


class TextTemplate(Wire):
    """A template of text alone."""

    text: Annotated[Filled, Field(max_length=1024)]
    header: Annotated[Str | None, Field(max_length=60)] = None
    footer: Annotated[Str | None, Field(max_length=60)] = None


def check_name(name: str) -> None:
    """Raises Invalid for a name that no provider takes, with one that it would take."""
    if not NAME.fullmatch(name):
        hint = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        end = f", such as {hint[:100]}" if hint else ""
        raise invalid("name", f"Must be lower-case letters, digits and underscores{end}.")


def category_of(given: str) -> str:
    """A category as the provider calls it."""
    return CATEGORIES.get(given.lower(), given)


def named(components: list[dict[str, Any]]) -> bool:
    """Whether values have names; else they have numbers."""
    return any(not one.isdigit() for part in components for one in variables(part.get("text")))


def components_of(content: TextTemplate | str) -> list[dict[str, Any]]:
    """The components in Meta's shape, with each variable's own name as its example. Raises Invalid."""
    given = TextTemplate(text=content) if isinstance(content, str) else content
    found: list[dict[str, Any]] = []
    for kind, field in TEXTS:
        text = getattr(given, field)
        if not text:
            continue
        part: dict[str, Any] = {"type": kind, "text": text, **({"format": "TEXT"} if kind == "HEADER" else {})}
        names = variables(text)
        if names:
            if len({one.isdigit() for one in names}) > 1:
                raise invalid(f"content.{field}", "Values have names or numbers, not both.")
            part["example"] = _example(kind.lower(), names)
        found.append(part)
    return found


def _example(kind: str, names: list[str]) -> dict[str, Any]:
    if names[0].isdigit():
        examples = [f"value {one}" for one in names]
        return {f"{kind}_text": [examples] if kind == "body" else examples}
    return {f"{kind}_text_named_params": [{"param_name": one, "example": one} for one in names]}


def content_of(row: TemplateView) -> dict[str, str]:
    """The texts of a template."""
    by_type = parts(row.components)
    texts = {field: by_type.get(kind, {}).get("text") for kind, field in TEXTS}
    return {field: str(text) for field, text in texts.items() if text}


def names_of(row: TemplateView) -> list[str]:
    """The names or numbers of the values that a template needs, each once."""
    return list(dict.fromkeys(one.key for one in required(row) if one.place in ("header", "body")))


def values_of(row: TemplateView, given: Mapping[str, str]) -> Values | None:
    """Values by name for all places of a template; None where there are none. Raises Invalid that names what it has not."""
    known = set(names_of(row))
    for name in given:
        if name not in known:
            raise invalid(f"variables.{name[:100]}", "The template has no such value.")
    if not given:
        return None
    wanted: dict[str, list[str]] = {"header": [], "body": []}
    for one in required(row):
        if one.place in wanted:
            if one.key not in given:
                raise invalid(f"variables.{one.key}", "Is required.")
            wanted[one.place].append(one.key)
    named_: dict[str, Any] = {}
    for place, keys in wanted.items():
        by_number = all(one.isdigit() for one in keys)
        named_[place] = [given[one] for one in keys] if by_number else {one: given[one] for one in keys}
    return Values(**named_)


def beside(row: TemplateView) -> dict[str, Any]:
    """A template as the types of MultiWA's client have it; how often it was used is not counted here."""
    header = str(parts(row.components).get("HEADER", {}).get("format") or "TEXT").lower()
    return {
        "id": str(row.id),
        "profileId": str(row.channel_id),
        "name": row.name,
        "category": row.category,
        "messageType": header,
        "content": content_of(row),
        "variables": names_of(row),
        "createdAt": iso(row.created_at),
    }


def rendered(row: TemplateView, shown: Mapping[str, Any]) -> dict[str, Any]:
    """A preview as MultiWA's client reads it."""
    texts = {"header": shown["header"], "text": shown["body"], "footer": shown["footer"]}
    return {"rendered": {name: text for name, text in texts.items() if text}, "variables": names_of(row)}
