"""The columns of a contact, each described once: what it holds, how files head it, how two values become one.

Checks, saving, merging, import, export, filters and views read this table. A further field of a contact is a line in
`Further`, a line in the model and a migration; the APIs that shall show it name it in their wire models
(docs/adding-a-field.md).
"""

from __future__ import annotations

from typing import Annotated, Any, Final, get_args, get_type_hints

import msgspec

from . import header_words as words

KEEP: Final = "keep"
"""What a contact has stays; only an empty value is filled."""
FILL: Final = "fill"
"""An empty value is filled; saving with "overwrite" replaces what is there."""
REFUSAL: Final = "refusal"
"""A "no" from either side holds; otherwise an answer counts more than none."""
EITHER: Final = "either"
"""True when either side is true."""
NEVER: Final = "never"
"""Each contact has its own."""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column.

    `kind`: line (one line of text, at most `limit` characters), email, country (ISO 3166 alpha-2), flag (true, false
    or None), phone (E.164 digits), time (Unix ms). `words` are the headers under which files have it, separated by
    commas; without any it is not read from files. `merge` says how two values become one. `exported` columns stand in
    exported files, `compared` ones can be asked for by the filter's `equals`.
    """

    kind: str = "line"
    limit: int = 200
    words: str = ""
    merge: str = FILL
    exported: bool = True
    compared: bool = True


class Further(msgspec.Struct, kw_only=True, frozen=True):
    """The columns that need no rule of their own, as fields of everything that carries a contact's values."""

    first_name: Annotated[str | None, Column(limit=100, words=words.FIRST_NAME)] = None
    last_name: Annotated[str | None, Column(limit=100, words=words.LAST_NAME)] = None
    email: Annotated[str | None, Column(kind="email", limit=254, words=words.EMAIL)] = None
    country: Annotated[str | None, Column(kind="country", limit=2, words=words.COUNTRY, merge=KEEP)] = None
    optin: Annotated[bool | None, Column(kind="flag", words=words.OPT_IN, merge=REFUSAL, compared=False)] = None


def _described(struct: type[msgspec.Struct]) -> dict[str, Column]:
    """The descriptions that stand at the fields of a struct."""
    hints = get_type_hints(struct, include_extras=True)
    return {name: one for name in struct.__struct_fields__ for one in get_args(hints[name]) if isinstance(one, Column)}


FURTHER: Final = _described(Further)
COLUMNS: Final[dict[str, Column]] = {
    "name": Column(words=words.FULL_NAME),
    "phone": Column(kind="phone", limit=15, words=words.PHONE, merge=KEEP),
    **FURTHER,
    "blocked": Column(kind="flag", merge=EITHER, compared=False),
    "source": Column(limit=50, merge=NEVER),
    "created_at": Column(kind="time", merge=NEVER, compared=False),
    "last_seen_at": Column(kind="time", merge=NEVER, compared=False),
}
"""All of them, in the order in which exported files have them."""

MERGEABLE: Final = tuple(name for name, column in COLUMNS.items() if column.merge != NEVER)
EXPORTED: Final = tuple(name for name, column in COLUMNS.items() if column.exported)
COMPARED: Final = tuple(name for name, column in COLUMNS.items() if column.compared)
READ: Final = tuple(name for name, column in COLUMNS.items() if column.words)


def values_of(source: Any) -> dict[str, Any]:
    """The values of the further columns that an object or a row has."""
    return {name: getattr(source, name) for name in FURTHER}


def combined(name: str, old: Any, new: Any, *, overwrite: bool = False) -> Any:
    """The value of a column when `new` is said of a contact that has `old`."""
    rule = COLUMNS[name].merge
    if rule == REFUSAL:
        if overwrite:
            return old if new is None else new
        if old is False or new is False:
            return False
        return new if old is None else old
    if rule == EITHER:
        return new if overwrite and new is not None else bool(old or new)
    if rule == NEVER:
        return old
    if overwrite and rule == FILL:
        old, new = new, old
    return old or new or ("" if name == "name" else None)
