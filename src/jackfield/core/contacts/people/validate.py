"""What a caller says of a contact, checked before anything is written.

Every text is checked for length and for characters that PostgreSQL cannot store (NUL and other controls), so that
both databases refuse the same input with the same words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import phonenumbers

from ...ground import fields
from ...ground.errors import Invalid, NotFound
from ..columns import COLUMNS, FURTHER, Further
from .phones import FORMER, Refusal, normalise

MAX_NAME = COLUMNS["name"].limit
MAX_LABEL = 100
MAX_LABELS = 100
MAX_ATTRIBUTES = 200
MAX_VALUE = 2000
MAX_IDENTITY = 160
MAX_IDENTITIES = 20

KINDS = ("phone", "lid", "bsuid", "telegram", "username", "email")
"""By what a contact may be known on any installation; the networks of its engines may add kinds of their own."""

SOURCES = ("manual", "csv", "api", "user", "sync", "wa")
"""How contacts come: typed in, imported, by the API, wrote to a bot, synchronised from a phone, wrote on WhatsApp.
Other words may be given; these are the ones that Jackfield uses itself."""

ON_DUPLICATE = ("error", "skip", "overwrite", "merge")

# Countries by the first digits of numbers under a code that several share: looking one up costs 30 us.
_regions: dict[str, str] = {}

_NOISE = str.maketrans("", "", " \t().-/\u00a0\u200e\u200f\u202a\u202b\u202c\u202d\u202e")


class ContactInput(Further, kw_only=True, frozen=True):
    """A contact to be, with the table's columns. At least one of name, phone, email and identities says who it is.

    `phone` in any spelling; `identities` maps a kind of `KINDS` to a value or several; `tags`, `lists` are names
    (lists also ids); `optin` None means not asked.
    """

    name: str | None = None
    phone: str | int | None = None
    tags: Sequence[str] = ()
    lists: Sequence[str | int] = ()
    attributes: Mapping[str, Any] | None = None
    blocked: bool | None = None
    source: str = "api"
    identities: Mapping[str, str | Sequence[str]] | None = None


class Checked(msgspec.Struct, kw_only=True):
    """The same, checked: phones as E.164 digits, labels without repeats, empty texts as None."""

    columns: dict[str, Any]
    """Values by the names of `columns.COLUMNS`; None for what was not said."""
    tags: list[str]
    lists: list[str | int]
    attributes: dict[str, str]
    identities: list[tuple[str, str]]
    """Kind and value, the phone first."""
    spelled: list[tuple[str, str]] = []
    """Identities that a network knows for the same as these, in another spelling."""


def check(contact: ContactInput, default_country: str | None, kinds: Collection[str] = KINDS) -> Checked:
    """The input, checked; `kinds` are the kinds of identity. Raises Invalid that names the field."""
    number = None if contact.phone is None or contact.phone == "" else phone(contact.phone, default_country)
    known = identities(contact.identities, default_country, kinds)
    if number is not None:
        known = [("phone", number), *(one for one in known if one != ("phone", number))]
    else:
        number = next((value for kind, value in known if kind == "phone"), None)
    name = line("name", contact.name, MAX_NAME)
    further = {column: check_column(column, getattr(contact, column)) for column in FURTHER}
    if name is None:
        name = " ".join(part for part in (further["first_name"], further["last_name"]) if part) or None
    if name is None and further["email"] is None and not known:
        raise Invalid(
            "A contact needs a phone number, a name, an e-mail address or another identity.",
            details={"phone": ["Give a phone number, or a name."]},
        )
    further["country"] = further["country"] or (country_of(number) if number else None)
    return Checked(
        columns={
            "name": name,
            "phone": number,
            **further,
            "blocked": flag("blocked", contact.blocked),
            "source": fields.text("source", contact.source, maximum=COLUMNS["source"].limit),
        },
        tags=labels("tags", contact.tags),
        lists=list_refs("lists", contact.lists),
        attributes={key: value for key, value in attributes(contact.attributes).items() if value},
        identities=known,
    )


def check_column(name: str, value: Any) -> Any:
    """The value of a column as it is stored; None when it is empty. Raises Invalid that names the column."""
    column = COLUMNS[name]
    if column.kind == "flag":
        return flag(name, value)
    if column.kind == "email":
        return email(value, name)
    if column.kind == "country":
        return country(value, name)
    return line(name, value, column.limit)


def phone(given: Any, default_country: str | None, field: str = "phone") -> str:
    """A phone number in any spelling as E.164 digits, read as in files (`phones`).

    A number without a country code is read as one of `default_country`. Digits that are in no numbering plan known
    to us, but could be a number with its country code (as all dialects document it), are taken as they stand: plans
    grow, and the ledger takes such recipients too. Raises Invalid with code INVALID_PHONE.
    """
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise Invalid(
            f"{field}: give the number as text", code="INVALID_PHONE", details={field: ["Give the number as text."]}
        )
    text = fields.text(field, str(given), maximum=MAX_IDENTITY)
    found = normalise(text, default_country)
    if (isinstance(found, Refusal) or not found.valid) and "+" not in text:
        digits = text.translate(_NOISE)
        if digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15 and digits[0] != "0":
            again = normalise("+" + digits)
            found = found if isinstance(again, Refusal) else again
            if isinstance(found, Refusal) and (digits[:3], len(digits)) in FORMER:
                return digits
    if isinstance(found, Refusal):
        raise Invalid(f"{field}: {found.reason}", code="INVALID_PHONE", details={field: [found.reason]})
    return found.digits


def identities(
    given: Mapping[str, str | Sequence[str]] | None,
    default_country: str | None = None,
    kinds: Collection[str] = KINDS,
) -> list[tuple[str, str]]:
    """Kinds and values, checked. Raises Invalid."""
    found: list[tuple[str, str]] = []
    if given is None:
        return found
    if not isinstance(given, Mapping):
        raise fields.refuse("identities", "Must be an object of kind and value.")
    for kind, values in given.items():
        kind = fields.choice("identities", kind, kinds)
        several = [values] if isinstance(values, str | int) else values
        if not isinstance(several, Sequence):
            raise fields.refuse(f"identities.{kind}", "Must be text or a list of texts.")
        for value in several:
            if isinstance(value, int) and not isinstance(value, bool):
                value = str(value)
            if kind == "phone":
                clean = phone(value, default_country, "identities.phone")
            elif kind == "email":
                clean = fields.email(value, "identities.email")
            else:
                clean = identity_value(kind, fields.text(f"identities.{kind}", value, maximum=MAX_IDENTITY))
            if (kind, clean) not in found:
                found.append((kind, clean))
    if len(found) > MAX_IDENTITIES:
        raise fields.refuse("identities", f"At most {MAX_IDENTITIES}.")
    return found


def identity_value(kind: str, value: str) -> str:
    """An identity as it is compared: user names without "@" and regard to case, LIDs without their server."""
    if kind == "username":
        return value.removeprefix("@").casefold()
    return value.removesuffix("@lid") if kind == "lid" else value


def line(field: str, value: Any, maximum: int) -> str | None:
    """One line of text, or None when it is empty."""
    if value is None:
        return None
    return " ".join(fields.text(field, value, maximum=maximum, required=False).split()) or None


def flag(field: str, value: Any) -> bool | None:
    """True, False or None."""
    if value is not None and not isinstance(value, bool):
        raise fields.refuse(field, "Must be true or false.")
    return value


def label(field: str, value: Any) -> str:
    """The name of a tag, list, attribute or segment: one line, 1 to 100 characters."""
    text = " ".join(fields.text(field, value, maximum=MAX_LABEL).split())
    return str(text)


def labels(field: str, values: Any) -> list[str]:
    """Names without repeats (compared without regard to case), in the order given; empty ones are left out."""
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        raise fields.refuse(field, "Must be a list of names.")
    found: dict[str, str] = {}
    for value in values:
        if value == "":
            continue
        name = label(field, value)
        found.setdefault(name.casefold(), name)
    if len(found) > MAX_LABELS:
        raise fields.refuse(field, f"At most {MAX_LABELS}.")
    return list(found.values())


def list_refs(field: str, values: Any) -> list[str | int]:
    """Lists by name or id, without repeats."""
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        raise fields.refuse(field, "Must be a list of names or ids.")
    found: dict[str | int, str | int] = {}
    for value in values:
        if isinstance(value, int) and not isinstance(value, bool):
            found[value] = value
        elif value != "":
            name = label(field, value)
            found.setdefault(name.casefold(), name)
    if len(found) > MAX_LABELS:
        raise fields.refuse(field, f"At most {MAX_LABELS}.")
    return list(found.values())


def attributes(given: Any) -> dict[str, str]:
    """Names and values as text; "" where the value is empty or null (an update takes such an attribute away)."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise fields.refuse("attributes", "Must be an object of name and value.")
    if len(given) > MAX_ATTRIBUTES:
        raise fields.refuse("attributes", f"At most {MAX_ATTRIBUTES}.")
    found: dict[str, str] = {}
    seen: dict[str, str] = {}
    for name, value in given.items():
        name = label("attributes", name)
        # The same name in another case is the same attribute; the last value wins, as in JSON objects.
        found.pop(seen.get(name.casefold(), ""), None)
        seen[name.casefold()] = name
        found[name] = attribute_value(name, value)
    return found


def attribute_value(name: str, value: Any) -> str:
    """An attribute's value as it is stored: text, truth values as true and false, numbers as written."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        raise fields.refuse(f"attributes.{name}", "Must be text, a number, true or false.")
    return str(fields.text(f"attributes.{name}", value, maximum=MAX_VALUE, required=False))


def known_id(value: Any, what: str, code: str) -> int:
    """An id as the database has them. Raises NotFound for what can be none: outside 64 bits, or no number."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 1 << 63:
        raise not_found(what, value, code)
    return value


def not_found(what: str, value: Any, code: str) -> NotFound:
    """The error for an id that this workspace does not have."""
    return NotFound(f"{what} {str(value)[:40]} not found", code=code)


def country_of(digits: str) -> str | None:
    """The country of E.164 digits as ISO 3166 alpha-2; None for satellite phones and the like."""
    for length in (1, 2, 3):
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:length] or "0"))
        if regions is None:
            continue
        if len(regions) == 1:
            return regions[0] if regions[0] != "001" else None
        # Told by the number's range, which the first digits after the code decide; else the main country.
        head = digits[: length + 7]
        if head not in _regions:
            if len(_regions) >= 20_000:
                _regions.clear()
            number = phonenumbers.PhoneNumber(country_code=int(digits[:length]), national_number=int(digits[length:]))
            _regions[head] = phonenumbers.region_code_for_number(number) or regions[0]
        return _regions[head]
    return None


def email(value: Any, field: str = "email") -> str | None:
    """An e-mail address in lower case, or None when it is empty."""
    return None if value is None or value == "" else fields.email(value, field)


def country(value: Any, field: str = "country") -> str | None:
    """A country as ISO 3166 alpha-2, or None when it is empty."""
    return None if value is None or value == "" else fields.country(value, field)


def iso_time(ms: int | None) -> str:
    """Unix ms as ISO 8601 in UTC, for files; "" for none."""
    if not ms:
        return ""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
