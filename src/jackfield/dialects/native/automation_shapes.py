"""Triggers, conditions and steps of automations as schemas of their own, each told from the others by its `type`, so that clients
that are made of the document have a type for each."""

from __future__ import annotations

import inspect
from typing import Any, Final

from jackfield.core import automation_schema

SHAPE: Final = "x-shape"
"""Where a schema says that it is one of these; `refer` makes it a reference."""
REF: Final = "#/components/schemas/"
_UNIONS: Final = {"trigger": "Trigger", "conditions": "Condition", "steps": "Step"}


def schemas() -> dict[str, Any]:
    """The schemas by name: `AutomationTrigger`, `AutomationCondition`, `AutomationStep`, and what they are made of."""
    found: dict[str, Any] = automation_schema()["$defs"]
    document = found.pop("Document")["properties"]
    names = {name: f"Automation{name}" for name in found}
    unions: dict[str, Any] = {}
    for field, kind in _UNIONS.items():
        place = document[field]
        mapping = place.get("items", place)["discriminator"]["mapping"]
        for tag, reference in mapping.items():
            names[reference.rpartition("/")[2]] = f"{tag.title().replace('_', '')}{kind}"
        unions[f"Automation{kind}"] = {"kind": kind, "mapping": mapping}
    made = {names[name]: {**_renamed(one, names), "title": names[name]} for name, one in found.items()}
    for name, union in unions.items():
        mapping = {tag: REF + names[reference.rpartition("/")[2]] for tag, reference in union["mapping"].items()}
        made[name] = {
            "title": name,
            "oneOf": [{"$ref": one} for one in mapping.values()],
            "discriminator": {"propertyName": "type", "mapping": mapping},
        }
    # A branch and a trigger's own conditions are the same union.
    for one in made.values():
        _shorten(one, made)
    return made


def refer(part: Any) -> None:
    """Make references of what says that it is one of these schemas."""
    for one in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        if isinstance(one, dict) and SHAPE in one:
            name = one[SHAPE]
            one.clear()
            one["$ref"] = REF + name
        else:
            refer(one)


def _renamed(part: Any, names: dict[str, str]) -> Any:
    if isinstance(part, list):
        return [_renamed(one, names) for one in part]
    if not isinstance(part, dict):
        return part
    made = {key: _renamed(value, names) for key, value in part.items()}
    if isinstance(made.get("$ref"), str):
        made["$ref"] = REF + names[made["$ref"].rpartition("/")[2]]
    if isinstance(made.get("description"), str):
        made["description"] = inspect.cleandoc(made["description"])
    return made


def _shorten(part: Any, made: dict[str, Any]) -> None:
    """Unions that stand inside another schema become references to the named one."""
    for one in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        if isinstance(one, dict) and "anyOf" in one and "discriminator" in one:
            members = {each["$ref"] for each in one["anyOf"]}
            name = next(
                name for name, union in made.items() if {each["$ref"] for each in union.get("oneOf", ())} == members
            )
            one.clear()
            one["$ref"] = REF + name
        else:
            _shorten(one, made)
