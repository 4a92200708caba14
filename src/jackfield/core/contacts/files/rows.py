"""Rows of a contact file on their way in: taken in batches, grouped into people."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec

from ..columns import READ, combined
from ..people.validate import country_of
from . import ContactRow, RefusedRow
from .parse import refused_cells

LISTED = 10_000
"""Refused rows that a report lists; all are counted."""

_BREATH_EVERY = 60
_BREATH = 0.001


def take(rows: Iterator[ContactRow | RefusedRow], limit: int) -> list[ContactRow | RefusedRow]:
    """The next rows. Runs in a thread beside the event loop.

    Parsing is Python and holds the interpreter: without pauses the loop waits 5 ms (sys.getswitchinterval) for every
    step of every request. A real sleep each 60 rows (about 1 ms of parsing) lets it in: a page of contacts took
    46 ms beside an import without it and 24 ms with it, at the same 8,000 rows a second, as writing is what limits.
    """
    batch: list[ContactRow | RefusedRow] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= limit:
            break
        if len(batch) % _BREATH_EVERY == 0:
            time.sleep(_BREATH)
    return batch


class Draft(msgspec.Struct, gc=False):
    """A contact as a file gives it, its repeats in the same batch put together."""

    columns: dict[str, Any]
    """Values by the names of `columns.COLUMNS`, the phone excepted."""
    phones: list[str]
    tags: dict[str, str]
    """Folded name to name."""
    attributes: dict[str, tuple[str, str]]
    """Folded name to name and value."""
    lists: dict[str, str] = {}
    """Folded name to name."""
    id: int = 0
    fresh: bool = False

    @property
    def name(self) -> str:
        """The whole name, "" for none."""
        return self.columns["name"] or ""

    def country(self) -> str | None:
        """The country that the file tells, else that of the first number."""
        return self.columns["country"] or (country_of(self.phones[0]) if self.phones else None)

    def add(self, row: ContactRow, phones: list[str]) -> None:
        """Another row of the same person: fills what is missing, adds the rest, takes no refusal back."""
        for name, value in columns_of(row).items():
            if value is not None and value != "":
                self.columns[name] = combined(name, self.columns.get(name), value)
        self.phones.extend(phone for phone in phones if phone not in self.phones)
        for tag in row.tags:
            self.tags.setdefault(tag.casefold(), tag)
        for name in row.lists:
            self.lists.setdefault(name.casefold(), name)
        for name, value in row.attributes.items():
            self.attributes.setdefault(name.casefold(), (name, value))


def columns_of(row: ContactRow) -> dict[str, Any]:
    """The values of a row by column."""
    return {
        "name": row.name,
        "first_name": row.first_name or None,
        "last_name": row.last_name or None,
        "email": row.email,
        "optin": row.optin,
        **_NOTHING_PLAIN,
        **row.columns,
    }


_PLAIN = tuple(name for name in READ if name not in ("name", "first_name", "last_name", "email", "optin", "phone"))
"""Columns that are read from files without a rule of their own."""
_NOTHING_PLAIN: dict[str, Any] = dict.fromkeys(_PLAIN)


@lru_cache(maxsize=4096)
def _folded(name: str) -> str:
    """The same few names of columns stand in every row."""
    return name.casefold()


def draft(row: ContactRow, phones: list[str]) -> Draft:
    """The first row of a person."""
    tags: dict[str, str] = {}
    for tag in row.tags:
        tags.setdefault(_folded(tag), tag)
    attributes: dict[str, tuple[str, str]] = {}
    for name, value in row.attributes.items():
        attributes.setdefault(_folded(name), (name, value))
    lists = {name.casefold(): name for name in row.lists} if row.lists else {}
    return Draft(columns_of(row), phones, tags, attributes, lists)


def same_name(one: str, other: str) -> bool:
    """Whether two names may be one person's: equal but for case and blanks, or one is missing."""
    return not one or not other or one.casefold().split() == other.casefold().split()


class Group(msgspec.Struct):
    """What a batch comes to: drafts of people, each with the contact it belongs to (0: a new one)."""

    drafts: list[Draft]
    merged: int = 0
    skipped: int = 0
    refused: list[RefusedRow] = []


NUMBER_OF_ANOTHER = "number_of_another"


def group(
    rows: list[ContactRow], owners: dict[str, int], known_people: dict[int, dict[str, Any]], *, skip: bool
) -> Group:
    """Put the rows of a batch together by person.

    A row belongs to whoever has its first number. Numbers further on may be shared (a family's landline): whoever
    has one of those is the same person only when the names agree; otherwise the number stays with its owner.
    A row whose first number is only a further number of somebody with another name (a switchboard) is refused: that
    person must not get the row's data. `owners` maps phones to contacts in the database, `known_people` those to their
    columns. With `skip`, rows of people who
    are known, or came earlier in the file, are left out.
    """
    result = Group(drafts=[], refused=[])
    by_phone: dict[str, Draft] = {}
    by_contact: dict[int, Draft] = {}
    known: Draft | None
    for row in rows:
        only = row.phones[0]
        if len(row.phones) == 1 and only not in owners and only not in by_phone:
            # Most rows of most files: somebody new with one number.
            known = by_phone[only] = draft(row, [only])
            result.drafts.append(known)
            continue
        target = _target(row, by_phone, owners, known_people)
        other = _shared_with(row, target, known_people)
        if other is not None:
            result.refused.append(
                RefusedRow(
                    row.line,
                    f"+{row.phones[0]}",
                    NUMBER_OF_ANOTHER,
                    f"+{row.phones[0]} is a further number of “{other}”. Give “{row.name}” a number of their own.",
                    refused_cells(row.cells),
                )
            )
            continue
        if isinstance(target, int):
            existing = target
            known = by_contact.get(existing)
        else:
            existing, known = 0, target
        if skip and (existing or known is not None):
            result.skipped += 1
            continue
        mine = [
            phone
            for phone in row.phones
            if owners.get(phone, existing) == existing and by_phone.get(phone, known) is known
        ]
        if known is not None:
            result.merged += 1
            known.add(row, mine)
        else:
            known = draft(row, mine)
            known.id = existing
            if existing:
                result.merged += 1
                by_contact[existing] = known
            result.drafts.append(known)
        for phone in mine:
            by_phone[phone] = known
    return result


def _name_of(known_people: dict[int, dict[str, Any]], contact: int) -> str:
    return str(known_people.get(contact, {}).get("name") or "")


def _shared_with(row: ContactRow, target: int | Draft | None, known_people: dict[int, dict[str, Any]]) -> str | None:
    """The name of somebody else whose further number is this row's first one; None when there is nobody."""
    if target is None:
        return None
    if isinstance(target, int):
        person = known_people.get(target, {})
        first, name = person.get("phone"), _name_of(known_people, target)
    else:
        first, name = target.phones[0] if target.phones else None, target.name
    own = first is None or first in row.phones
    return None if own or same_name(row.name, name) else name


def _target(
    row: ContactRow,
    by_phone: dict[str, Draft],
    owners: dict[str, int],
    known_people: dict[int, dict[str, Any]],
) -> int | Draft | None:
    """The contact (its id) or the draft that a row belongs to; None for somebody new."""
    first = True
    for phone in row.phones:
        if contact := owners.get(phone):
            if first or same_name(row.name, _name_of(known_people, contact)):
                return contact
        elif (found := by_phone.get(phone)) is not None and (first or same_name(row.name, found.name)):
            return found.id or found
        first = False
    return None
