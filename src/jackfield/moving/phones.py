"""What programs for paired phones have in common: addresses of WhatsApp, and events by other names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from .records import Person
from .source import digits, is_person, text

PEOPLE = ("@c.us", "@s.whatsapp.net")
LID = "@lid"
"""Of an address that hides the phone number."""


def address(given: Any) -> str | None:
    """An address such as 12125550101@c.us; engines write it as a text, or as an object that has it."""
    if isinstance(given, dict):
        given = given.get("_serialized") or given.get("id")
    plain = text(given)
    if plain is None:
        return None
    name, at, server = plain.rpartition("@")
    # A device of a person is no other person: 12125550101:7@s.whatsapp.net.
    return f"{name.partition(':')[0]}@{server}" if at else plain


def phone_of(found: str | None) -> str | None:
    """The phone number of a person's address, with a plus; None for groups, channels and hidden numbers."""
    if found is None or not found.endswith(PEOPLE) or not is_person(found):
        return None
    return digits(found)


def person_of(found: str, phones: Mapping[str, str], name: str | None, **more: Any) -> Person | None:
    """Whoever has this address, by the phone number where it is known, else by the hidden one. None for groups,
    channels and the like."""
    phone = phone_of(found) or phones.get(found)
    hidden = found.endswith(LID)
    if phone is None and not hidden:
        return None
    return Person(id=found, phone=phone, name=name, identities={} if phone else {"lid": [found]}, **more)


def equal_events(names: Iterable[Any], table: Mapping[str, tuple[str, ...]]) -> tuple[list[str], list[str]]:
    """Our events for those of a source, and those of the source that have no equal here."""
    ours: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for name in names:
        found = table.get(str(name), ())
        ours.update(dict.fromkeys(found))
        if not found:
            unknown[str(name)] = None
    return list(ours), list(unknown)


def place(*parts: str | int) -> str:
    """A cursor of several parts."""
    return msgspec.json.encode(parts).decode()


def parts_of(cursor: str | None) -> list[Any]:
    """The parts of a cursor; empty at the beginning, and for one that is none."""
    try:
        found = msgspec.json.decode(cursor or "[]")
    except msgspec.DecodeError:
        return []
    return found if isinstance(found, list) else []
