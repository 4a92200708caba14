"""ChitChatLabs' `searchSpec` as a filter: equality on any field of a contact, or any attribute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...ground import fields
from ...ground.errors import Invalid

_FIELDS = {
    "name": "name", "fullname": "name",
    "firstname": "first_name", "lastname": "last_name", "surname": "last_name",
    "email": "email", "emailid": "email", "emailaddress": "email",
    "phone": "phone", "mobile": "phone", "mobileno": "phone", "mobilenumber": "phone", "phonenumber": "phone",
    "country": "country",
    "source": "source",
}  # fmt: skip
_LABELS = {"tag": "tags", "tags": "tags", "list": "lists", "lists": "lists", "contactlist": "lists"}
_FLAGS = {"optin": "optin", "blocked": "blocked", "incomingblocked": "blocked"}
MAX_KEYS = 50


def search_spec(spec: Any) -> dict[str, Any]:
    """A filter (see `filters`) of a `searchSpec`; all of it must hold, and an empty one means everybody.

    Keys are compared without regard to case, blanks, hyphens and underscores; what is no field of a contact is an
    attribute's name. Texts of fields are compared without regard to case, attributes exactly, phones by their digits.
    Several values are taken for tags (all of them) and lists (one of them).

    Raises Invalid for a value that cannot be compared.
    """
    if not isinstance(spec, Mapping):
        raise fields.refuse("searchSpec", "Must be an object of field and value.")
    if len(spec) > MAX_KEYS:
        raise fields.refuse("searchSpec", f"At most {MAX_KEYS} fields.")
    found: dict[str, Any] = {}
    for key, value in spec.items():
        word = "".join(char for char in str(key).casefold() if char not in " _-")
        where = f"searchSpec.{str(key)[:60]}"
        if word in _FLAGS:
            found[_FLAGS[word]] = _flag(where, value)
        elif word in _LABELS:
            several = value if isinstance(value, list) else [value]
            found.setdefault(_LABELS[word], []).extend(_text(where, one) for one in several)
        elif word in ("id", "contactid"):
            found["ids"] = [_text(where, value)]
        elif word in _FIELDS:
            found.setdefault("equals", {})[_FIELDS[word]] = _text(where, value)
        elif value is None or isinstance(value, bool):
            found.setdefault("attributes", {})[str(key)] = value
        else:
            found.setdefault("attributes", {})[str(key)] = _text(where, value)
    return found or {"all": True}


def _text(where: str, value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise Invalid(f"{where}: must be a text", details={where: ["Must be a text or a number."]})
    return str(fields.text(where, value, most=2000, required=False))


def _flag(where: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().casefold()
    if word not in ("true", "false", "1", "0", "yes", "no"):
        raise Invalid(f"{where}: must be true or false", details={where: ["Must be true or false."]})
    return word in ("true", "1", "yes")
