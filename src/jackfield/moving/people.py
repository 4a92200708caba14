"""Contacts as a file that an import takes: so they pass the same checks as from every other way in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from .records import Person

FIELDS: Final = (
    "name", "phone", "first_name", "last_name", "email", "country", "optin", "blocked", "source", "created_at",
    "last_seen_at", "tags", "lists",
)  # fmt: skip
"""The columns of an exported file, by which an import knows one, and reads lists, source and blocks too."""
_READ: Final = ("phone", "name", "first_name", "last_name", "email", "country", "optin", "tags")
_TAKEN: Final = frozenset(
    {*FIELDS, "phones", "full_name", "fullname", "firstname", "middle_name", "middlename", "lastname", "labels"}
    | {"opt_in", "optout", "opt_out"}
)
"""Names by which a mapping means a field: an attribute that is called so goes under another header."""
_JOINT: Final = " ::: "


def as_file(people: Sequence[Person]) -> tuple[bytes, dict[str, str]]:
    """One object per line, in the order given, and the mapping that says which column is which attribute."""
    titles: dict[str, str] = {}
    mapping = {name: name for name in _READ}
    for name in sorted({name for one in people for name in one.attributes}):
        if name.casefold() in titles:
            continue  # Two spellings of one name are one attribute.
        if name.casefold().replace("-", "_").replace(" ", "_") in _TAKEN:
            titles[name.casefold()] = f"{name} (attribute)"
        else:
            # A neutral header: "Mobile 2" or "Company" would be taken for more than an attribute.
            titles[name.casefold()] = mapping[name] = f"a{len(titles)}"
    lines = []
    for one in people:
        row: dict[str, Any] = dict.fromkeys((*FIELDS, *titles.values()), "")
        row |= {
            "name": one.name or "",
            "phone": one.phone or "",
            "first_name": one.first_name or "",
            "last_name": one.last_name or "",
            "email": one.email or "",
            "country": one.country or "",
            "optin": "" if one.optin is None else "yes" if one.optin else "no",
            "blocked": "yes" if one.blocked else "no" if one.blocked is False else "",
            "source": one.source or "",
            "tags": _joined(one.tags),
            "lists": _joined(one.lists),
        }
        row |= {titles[name.casefold()]: value for name, value in one.attributes.items()}
        lines.append(msgspec.json.encode(row))
    return b"\n".join(lines) + b"\n", mapping


def _joined(names: Sequence[str]) -> str:
    """Names in one cell. A single one ends with the joint too, so that a comma in it parts nothing."""
    return _JOINT.join([*names, ""]) if names else ""


def as_body(person: Person) -> dict[str, Any]:
    """A contact without a phone number, as `POST /contacts` takes it."""
    found: dict[str, Any] = {
        "name": person.name,
        "email": person.email,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "country": person.country,
        "optin": person.optin,
        "blocked": person.blocked,
        "tags": person.tags or None,
        "lists": person.lists or None,
        "attributes": person.attributes or None,
        "identities": person.identities or None,
    }
    return {name: value for name, value in found.items() if value is not None}
