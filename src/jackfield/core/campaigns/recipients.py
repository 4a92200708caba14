"""What one recipient gets of a campaign: the values of its placeholders, or nothing and the reason why.

Nobody reads a placeholder. Each is a field of a contact, an attribute of the workspace, or has a fallback: another name is
refused when the campaign is made. What a contact has no value for is filled as the sender chose (`missing`, an option of
the campaign):

- `blank` (also when nothing was chosen): by the fallback where there is one, else by nothing
- `fallback`: by the fallback, which every placeholder must have
- `skip`: the contact is left out (`missing_value`), unless there is a fallback
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import select

from ..contacts import ContactView
from ..contacts.people.views import Reads
from ..ground.errors import Invalid, UnknownPlaceholders
from ..models import Attribute, Contact

_PLACEHOLDER = re.compile(r"\{\{?\s*([\w .-]{1,64}?)\s*\}?\}")
MISSING: Final = ("blank", "fallback", "skip")
"""What may be done for contacts who lack a value."""
FIELDS: Final = frozenset(
    {"name", "first_name", "firstname", "last_name", "lastname", "phone", "mobile", "email", "country"}
)
"""Placeholders that every contact can have; `First Name` is `first_name`."""


def placeholders(content: str) -> set[str]:
    """Names of the placeholders in stored content, folded."""
    return {match.group(1).casefold() for match in _PLACEHOLDER.finditer(content)}


def field_of(name: str) -> str:
    """A placeholder's name as fields are called."""
    return re.sub(r"[ -]+", "_", name)


async def check_placeholders(reads: Reads, workspace_id: int, content: str, options: Mapping[str, Any]) -> None:
    """Raises Invalid for placeholders that nothing can fill, by name, and for a choice of `missing` that cannot be."""
    missing = missing_of(options)
    wanted = placeholders(content)
    fallbacks = {str(name).casefold() for name in options.get("fallbacks") or {}}
    if missing == "fallback" and (bare := sorted(wanted - fallbacks)):
        shown = ", ".join(f"{{{name}}}" for name in bare)
        raise Invalid(f"fallbacks: none for {shown}", details={"fallbacks": [f"There is no fallback for {shown}."]})
    unknown = await unknown_names(reads, workspace_id, wanted - fallbacks)
    if unknown:
        raise unknown_placeholders(unknown)


async def unknown_names(reads: Reads, workspace_id: int, wanted: Iterable[str]) -> list[str]:
    """Those placeholders that are neither a field nor an attribute of the workspace."""
    names = {name for name in wanted if field_of(name) not in FIELDS}
    if not names:
        return []
    query = select(Attribute.folded).where(Attribute.workspace_id == workspace_id, Attribute.folded.in_(names))
    return sorted(names - {row.folded for row in await reads.execute(query)})


def unknown_placeholders(names: Iterable[str]) -> UnknownPlaceholders:
    """The error for placeholders that nothing can fill."""
    why = "no field or attribute of contacts has this name, and it has no fallback."
    return UnknownPlaceholders([f"{{{name}}}" for name in names], why)


def missing_of(options: Mapping[str, Any]) -> str:
    """What a campaign does for contacts who lack a value. Raises Invalid."""
    missing = options.get("missing") or "blank"
    if missing not in MISSING:
        raise Invalid(
            f"missing: one of {', '.join(MISSING)}", details={"missing": [f"Must be one of {', '.join(MISSING)}."]}
        )
    return str(missing)


def skip_reason(contact: Contact, peer: str | None, suppressed: set[str], category: str) -> str | None:
    """Why a campaign leaves this contact out, as a code; None when it does not. `suppressed`: addresses of people who
    refused (`consent.may_send`)."""
    if peer is None:
        return "no_address"
    if contact.blocked:
        return "blocked"
    if category == "marketing" and (contact.optin is False or peer in suppressed):
        return "opted_out" if contact.optin is False else "suppressed"
    return None


def fields_of(contact: Contact | ContactView) -> dict[str, str | None]:
    """What a contact's fields fill."""
    first = contact.first_name or (contact.name.split(" ")[0] if contact.name else "")
    return {
        "name": contact.name,
        "first_name": first,
        "firstname": first,
        "last_name": contact.last_name,
        "lastname": contact.last_name,
        "phone": contact.phone,
        "mobile": contact.phone,
        "email": contact.email,
        "country": contact.country,
    }


def variables_of(
    contact: Contact | ContactView, attributes: Mapping[str, str], wanted: set[str], fallbacks: Mapping[str, Any]
) -> dict[str, Any]:
    """The values of the placeholders for one contact: fields, then attributes, then the campaign's fallbacks. What none of
    them has is blank (see `lacking`)."""
    return filled(fields_of(contact), attributes, wanted, fallbacks)


def filled(
    fields: Mapping[str, str | None], attributes: Mapping[str, str], wanted: set[str], fallbacks: Mapping[str, Any]
) -> dict[str, Any]:
    """As `variables_of`, for whoever has these fields."""
    folded = {str(key).casefold(): value for key, value in fallbacks.items() if value is not None}
    return {name: attributes.get(name) or fields.get(field_of(name)) or folded.get(name, "") for name in sorted(wanted)}


def lacking(variables: Mapping[str, Any]) -> list[str]:
    """Placeholders that have no value: those of nobody's, and without a fallback."""
    return [name for name, value in variables.items() if value == ""]
