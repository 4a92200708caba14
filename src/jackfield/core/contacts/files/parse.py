"""A contact file as a stream of contacts, and of rows that are none, each with the reason."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

import msgspec

from jackfield.core.contacts.columns import COLUMNS
from jackfield.core.contacts.files.cells import clean_line, clean_text
from jackfield.core.contacts.files.errors import UnreadableFile
from jackfield.core.contacts.files.headers import LESSER_PHONE_WORDS, MOBILE_WORDS, WHATSAPP_WORDS, normalise, truth
from jackfield.core.contacts.files.mapping import ColumnMap, guess_columns, is_header, looks_like_data
from jackfield.core.contacts.files.reader import Row, Source, read_table
from jackfield.core.contacts.people import phones as phone_cells
from jackfield.core.contacts.people.countries import country_named
from jackfield.core.contacts.people.phones import Refusal

MAX_NAME = 200
MAX_NAME_PART = 100
MAX_TAG = 100
MAX_TAGS = 100
MAX_ATTRIBUTE = 2000
MAX_PHONES = 20
_SAMPLE_ROWS = 50
_TITLE_LINES = 10
_WHEN = re.compile(r"\b(?:19|20)\d\d\b")
_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u3005]+")
_KANA = re.compile(r"[\u3040-\u30ff]")
_EMAIL = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+\.[^\s@<>,;:\"]+")


class ContactRow(msgspec.Struct, gc=False):
    """One contact of a file.

    `line` is where it begins (see `read_table`).  `phones` are E.164 digits without a plus, the primary first,
    never empty.  `optin` is None when the file does not say.  `dropped` holds what stood beside the good
    numbers and is no number, so that it can be shown and is not lost in silence.
    """

    line: int
    name: str
    first_name: str
    last_name: str
    phones: list[str]
    email: str | None
    tags: list[str]
    attributes: dict[str, str]
    optin: bool | None
    dropped: list[Refusal] = []
    columns: dict[str, Any] = {}
    """Values of the table's further columns, such as country."""
    lists: list[str] = []
    """Of our own export: names of lists."""
    cells: list[str] = []
    """The row as the file has it, for the case that it is refused later on."""


class RefusedRow(msgspec.Struct, gc=False):
    """A row that gives no contact: `value` is the offending cell, `code` is for programs, `reason` for people.

    The codes are those of `phones.Refusal`.
    """

    line: int
    value: str
    code: str
    reason: str
    cells: list[str] = []
    """The row as the file has it, for a file that can be corrected; empty beyond `MAX_KEPT` characters."""


MAX_KEPT = 20_000


def parse_contacts(
    source: Source,
    *,
    filename: str = "",
    default_country: str | None = None,
    mapping: Mapping[str, str | Sequence[str]] | None = None,
    encoding: str | None = None,
    sheet: str | int | None = None,
    told: Callable[[ColumnMap], None] | None = None,
) -> Iterator[ContactRow | RefusedRow]:
    """Yield every contact of a file, and every row that is refused, in file order. `told` hears which columns it has.

    `source` is a path or a binary file object.  `filename` only serves messages: what a file is, its content
    says.  `default_country` is an ISO 3166 code such as `DE`.  `mapping` is explained at `guess_columns`.
    Rows that repeat a number are yielded again; merging them is the business of whoever stores them.

    Raises `UnreadableFile`, for most faults before the first row.
    """
    country = default_country.strip().upper() if default_country and default_country.strip() else None
    if country is not None and not phone_cells.known_country(country):
        raise UnreadableFile(
            "unknown_country", f"{default_country!r} is not a country code. Give two letters, such as DE, IN or BR."
        )
    rows = read_table(source, encoding=encoding, sheet=sheet)
    head: list[Row] = []
    for row in rows:
        head.append(row)
        if len(head) >= _SAMPLE_ROWS:
            break
    if not head:
        raise UnreadableFile("empty_file", f"{filename or 'The file'} is empty. Export the contacts again.")
    start = header_row([cells for _, cells in head])
    columns = guess_columns([cells for _, cells in head[start:]], mapping)
    data = head[start + 1 :] if columns.has_header else head[start:]
    if not data:
        raise UnreadableFile("no_rows", f"{filename or 'The file'} has a header and no rows. Export it again.")
    if told is not None:
        told(columns)
    reader = _RowReader(columns, country)
    del head
    for line, cells in chain(_popped(data), rows):
        if columns.is_list:
            yield from reader.read_all(line, cells)
        else:
            yield reader.read(line, cells)


def _popped(rows: list[Row]) -> Iterator[Row]:
    """The rows, which are forgotten as they are taken."""
    rows.reverse()
    while rows:
        yield rows.pop()


def header_row(head: Sequence[Sequence[str]]) -> int:
    """Which of the first rows names the columns, or is the first of the data.

    Titles (`Phone list 2026`) may stand above it. A row below one that holds data is never the header, whatever
    words it is made of.
    """
    minimum = min(2, max(len(cells) for cells in head))
    for i, cells in enumerate(head[:_TITLE_LINES]):
        if sum(map(bool, cells)) >= minimum and is_header(cells):
            return i
        if looks_like_data(cells) or (i == 0 and sum(map(bool, cells)) >= max(minimum, 2)):
            return 0
    return 0


class _RowReader:
    """Reads rows by one column map."""

    def __init__(self, columns: ColumnMap, country: str | None) -> None:
        self._columns = columns
        self._country = country
        used = [index for index, _ in columns.attributes] + [index for index, _ in columns.phones]
        single = (columns.name, columns.first_name, columns.middle_name, columns.last_name, columns.nickname,
                  columns.organisation, columns.email, columns.optin, columns.optout)  # fmt: skip
        used.extend(index for index in single if index is not None)
        used.extend((*columns.tags, *columns.consents, *columns.optouts))
        used.extend([] if columns.lists is None else [columns.lists])
        self._consents = columns.optin is not None or columns.optout is not None
        self._only_phone = None
        """The one column of numbers of the usual table, where nothing else says how to read it."""
        if len(columns.phones) == 1 and columns.phones[0][1] is None:
            self._only_phone = columns.phones[0][0]
        self._country_column = dict(columns.plain).get("country")
        used.extend(index for _, index in columns.plain)
        used.extend(label for _, label in columns.phones if label is not None)
        self._needed = max(used) + 1

    def read_all(self, line: int, cells: list[str]) -> Iterator[ContactRow | RefusedRow]:
        """The contacts of a row: one, but for a bare list of numbers, where each is a person."""
        row = self.read(line, cells)
        if self._columns.is_list and isinstance(row, ContactRow) and len(row.phones) > 2:
            for phone in row.phones:
                yield ContactRow(line, "", "", "", [phone], None, [], {}, None)
            for refusal in row.dropped:
                yield RefusedRow(line, refusal.value[:200], refusal.code, refusal.reason)
            return
        yield row

    def read(self, line: int, cells: list[str]) -> ContactRow | RefusedRow:
        """The contact of a row, or why there is none."""
        width = len(cells)
        if width < self._needed:
            cells = cells + [""] * (self._needed - width)
        surely = phone_cells.plain_mobile(cells[self._only_phone]) if self._only_phone is not None else None
        numbers, refused = ([surely], []) if surely is not None else self._phones(cells)
        if not numbers:
            why = refused[0]
            reason = why.reason
            if width > self._columns.width:
                reason += f" (The row has {width} cells, the table {self._columns.width}: a delimiter may lack quotes.)"
            return RefusedRow(line, clean_line(why.value, MAX_NAME), why.code, reason, refused_cells(cells[:width]))
        columns = self._columns
        first = _line(cells, columns.first_name, MAX_NAME_PART) if columns.first_name is not None else ""
        last = _line(cells, columns.last_name, MAX_NAME_PART) if columns.last_name is not None else ""
        plain: dict[str, Any] = {}
        for name, index in columns.plain:
            if cells[index]:
                plain[name] = _plain(name, cells[index])
        attributes: dict[str, str] = {}
        for index, name in columns.attributes:
            if cells[index] and (value := clean_text(cells[index], MAX_ATTRIBUTE)):
                attributes[name] = value
        if self._country_column is not None and plain.get("country", "") is None:
            # What names no country that we know is kept as it was written.
            attributes.setdefault("country", clean_line(cells[self._country_column], MAX_ATTRIBUTE))
        return ContactRow(
            line,
            (_line(cells, columns.name, MAX_NAME) if columns.name is not None else "")
            or self._name(cells, first, last),
            first,
            last,
            numbers[:MAX_PHONES],
            _email(cells[columns.email]) if columns.email is not None else None,
            self._tags(cells) if columns.tags else [],
            attributes,
            self._optin(cells) if self._consents else None,
            refused,
            plain,
            [] if columns.lists is None else split_tags(cells[columns.lists]),
            cells,
        )

    def _phones(self, cells: list[str]) -> tuple[list[str], list[Refusal]]:
        """The numbers of a row, the best first, and what was refused; one refusal at least if there is none."""
        found: list[tuple[int, str]] = []
        refused: list[Refusal] = []
        country = self._country
        if self._country_column is not None and cells[self._country_column]:
            country = country_named(cells[self._country_column]) or country
        for index, label in self._columns.phones:
            cell = cells[index]
            if not cell:
                continue
            rank = 1 if label is None else _label_rank(cells[label])
            if rank is None:
                continue
            good, bad = phone_cells.rescue(cell, country)
            found.extend((rank, phone.digits) for phone in good)
            refused.extend(bad)
        if len(found) == 1 and not refused:
            return [found[0][1]], refused
        if len(found) > 1:
            found.sort(key=lambda pair: pair[0])
        # Placeholders such as `n/a` say only that there is nothing.
        telling = [refusal for refusal in refused if refusal.code != phone_cells.MISSING]
        if found:
            return list(dict.fromkeys(digits for _, digits in found)), telling
        if not refused:
            refused.append(Refusal("", phone_cells.MISSING, "There is no phone number in this row."))
        return [], telling or refused

    def _name(self, cells: list[str], first: str, last: str) -> str:
        """The name of a row that has none in one piece."""
        columns = self._columns
        middle = _line(cells, columns.middle_name, MAX_NAME_PART)
        if first or middle or last:
            if first and last and _EAST_ASIAN.fullmatch(first + last):
                # The family name comes first; a blank only where kana show that it is Japanese.
                return f"{last}{' ' if _KANA.search(first + last) else ''}{middle}{first}"[:MAX_NAME]
            # As written in the given order: names of several scripts in one are common.
            return " ".join(part for part in (first, middle, last) if part)[:MAX_NAME]
        return _line(cells, columns.nickname, MAX_NAME) or _line(cells, columns.organisation, MAX_NAME)

    def _tags(self, cells: list[str]) -> list[str]:
        tags: list[str] = []
        for index in self._columns.tags:
            if cells[index]:
                tags.extend(_split_short(cells[index]) if len(cells[index]) <= MAX_TAG else split_tags(cells[index]))
        return tags if len(tags) < 2 else list(dict.fromkeys(tags))[:MAX_TAGS]

    def _optin(self, cells: list[str]) -> bool | None:
        columns = self._columns
        if columns.optout is not None and any(
            _refused(cells[index][:100]) for index in (columns.optout, *columns.optouts)
        ):
            return False
        # That somebody did not opt out is no opt-in.
        if columns.optin is None:
            return None
        for index in (columns.optin, *columns.consents):
            answer = truth(cells[index][:100])
            if answer is not None:
                return answer
        return None


def refused_cells(cells: list[str]) -> list[str]:
    """The cells of a refused row, unless they are too many to keep."""
    return list(cells) if sum(map(len, cells)) <= MAX_KEPT else []


def _refused(cell: str) -> bool:
    """Whether a cell of an opt-out column says that somebody opted out: yes, or when."""
    answer = truth(cell)
    return bool(answer) or (answer is None and _WHEN.search(cell) is not None)


@lru_cache(maxsize=1024)
def _split_short(cell: str) -> tuple[str, ...]:
    """The same few cells stand in many rows."""
    return tuple(split_tags(cell))


def split_tags(cell: str) -> list[str]:
    """`VIP ::: Leads ::: * myContacts` as `VIP`, `Leads`; other lists by semicolon, comma, bar or line.

    Groups with a star are Google's own (`* myContacts`, `* starred`) and no tags.
    """
    if ":::" in cell:
        parts = cell.split(":::")
    elif cell.startswith('"'):
        # As Mailchimp writes them: `"VIP","Has, a comma"`.
        parts = next(csv.reader([cell.replace("\n", " ")], skipinitialspace=True), [])
    else:
        parts = re.split(r"[;,|\n]", cell)
    tags = [clean_line(part, MAX_TAG) for part in parts]
    return [tag for tag in tags if tag and not tag.startswith("* ") and tag != "*"]


def _plain(name: str, cell: str) -> Any:
    """The value of a column without a rule of its own; None for what it cannot hold."""
    column = COLUMNS[name]
    if column.kind == "flag":
        return truth(cell[:100])
    if column.kind == "email":
        return _email(cell)
    if column.kind == "country":
        return country_named(cell)
    return clean_line(cell, column.limit) or None


def _line(cells: list[str], index: int | None, limit: int) -> str:
    return clean_line(cells[index], limit) if index is not None and cells[index] else ""


def _email(cell: str) -> str | None:
    """The first address in the cell."""
    if not cell:
        return None
    found = _EMAIL.search(clean_line(cell, 500).replace("mailto:", ""))
    return found[0] if found and len(found[0]) <= 254 else None


def _label_rank(label: str) -> int | None:
    """How soon to use a number with this label, lower is sooner; None for a fax or pager."""
    plain = normalise(label)
    words = frozenset(plain.split())
    if words & {"fax", "pager", "telefax"}:
        return None
    if words & WHATSAPP_WORDS:
        return -1
    if words & MOBILE_WORDS:
        return 0
    return 2 if words & LESSER_PHONE_WORDS else 1
