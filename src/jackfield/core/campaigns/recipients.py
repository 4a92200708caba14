"""What one recipient gets of a campaign: the values of its placeholders, or nothing and the reason why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..contacts import ContactView
from ..models import Contact

_PLACEHOLDER = re.compile(r"\{\{?\s*([\w .-]{1,64}?)\s*\}?\}")


def placeholders(content: str) -> set[str]:
    """Names of the placeholders in stored content, folded."""
    return {match.group(1).casefold() for match in _PLACEHOLDER.finditer(content)}


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


def variables_of(
    contact: Contact | ContactView, attributes: Mapping[str, str], wanted: set[str], fallbacks: Mapping[str, Any]
) -> dict[str, Any]:
    """The values of the placeholders for one contact: fields, then attributes, then the campaign's fallbacks."""
    fields = {
        "name": contact.name,
        "first_name": contact.first_name or (contact.name.split(" ")[0] if contact.name else ""),
        "firstname": contact.first_name or (contact.name.split(" ")[0] if contact.name else ""),
        "last_name": contact.last_name,
        "lastname": contact.last_name,
        "phone": contact.phone,
        "mobile": contact.phone,
        "email": contact.email,
        "country": contact.country,
    }
    folded = {str(key).casefold(): value for key, value in fallbacks.items()}
    values: dict[str, Any] = {}
    for name in wanted:
        value = attributes.get(name) or fields.get(name) or folded.get(name)
        if value is None and (name in fields or name in attributes):
            value = ""
        if value is not None:
            values[name] = value
    return values
