"""OpenDocument spreadsheets (.ods) as a stream of rows, in constant memory."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

from jackfield.core.contacts.files.bounded_zip import Attrs, chosen, local, parsed, xml_parser
from jackfield.core.contacts.files.errors import UnreadableFile

_MAX_CELL = 131_072
_MAX_COLUMNS = 16_384
_MAX_REPEATED = 1 << 20
"""Characters that repeated cells and rows of one table may come to; more are no contacts."""
PART = "content.xml"


class _Tables:
    """Turns the XML of all tables into rows, each with its table's number."""

    def __init__(self) -> None:
        self.ready: list[tuple[int, int, list[str]]] = []
        self.names: list[str] = []
        self._line = 0
        self._cells: list[str] = []
        self._gap = 0
        self._text: list[str] = []
        self._value = ""
        self._number: str | None = None
        self._repeat = self._row_repeat = 1
        self._in_cell = False
        self._silent = 0
        self._repeated = 0

    def start(self, name: str, attrs: Attrs) -> None:
        name = local(name)
        if name == "table":
            self.names.append(_attribute(attrs, "name"))
            self._line = self._repeated = 0
        elif name == "table-row":
            self._cells, self._gap = [], 0
            self._row_repeat = _count(_attribute(attrs, "number-rows-repeated"))
        elif name in ("table-cell", "covered-table-cell"):
            self._in_cell = True
            self._text.clear()
            self._repeat = _count(_attribute(attrs, "number-columns-repeated"))
            kind = _attribute(attrs, "value-type")
            self._value = _typed(kind, attrs)
            self._number = _attribute(attrs, "value") if kind in ("float", "currency", "percentage") else None
        elif name in ("annotation", "shape"):
            self._silent += 1
        elif name == "p" and self._text:
            self._text.append("\n")
        elif name in ("s", "tab"):
            self._text.append(" ")
        elif name == "line-break":
            self._text.append("\n")

    def data(self, text: str) -> None:
        if self._in_cell and not self._silent:
            self._text.append(text)

    def end(self, name: str) -> None:
        name = local(name)
        if name in ("annotation", "shape"):
            self._silent = max(self._silent - 1, 0)
        elif name in ("table-cell", "covered-table-cell"):
            self._in_cell = False
            shown = "".join(self._text).strip()[:_MAX_CELL]
            self._add((self._value or shown) if self._number is None else _number(self._number, shown))
        elif name == "table-row":
            self._end_row()

    def _add(self, cell: str) -> None:
        if not cell:
            self._gap = min(self._gap + self._repeat, _MAX_COLUMNS)
            return
        width = len(self._cells) + self._gap
        repeat = min(self._repeat, max(_MAX_COLUMNS - width, 0))
        self._count(len(cell) * (repeat - 1) + self._gap)
        self._cells.extend([""] * self._gap)
        self._cells.extend([cell] * repeat)
        self._gap = 0

    def _end_row(self) -> None:
        if any(self._cells):
            self._count((self._row_repeat - 1) * sum(len(cell) + 8 for cell in self._cells))
            for i in range(self._row_repeat):
                self.ready.append((len(self.names) - 1, self._line + 1 + i, list(self._cells)))
        self._line += self._row_repeat

    def _count(self, size: int) -> None:
        self._repeated += size
        if self._repeated > _MAX_REPEATED:
            raise UnreadableFile("too_large", "This sheet repeats cells without end. Save it as CSV and import that.")


def _attribute(attrs: Attrs, wanted: str) -> str:
    return next((value for name, value in attrs.items() if local(name) == wanted), "")


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 and int(text) else 1


def _number(stored: str, shown: str) -> str:
    """A number as stored, since what is shown may be rounded (`4.9E+12`); as shown when that ends in the same digits,
    since a format may put `+91 ` before them."""
    try:
        number = float(stored)
    except ValueError:
        return shown
    whole = str(int(number)) if number.is_integer() and abs(number) < 1e15 else format(number, ".15g")
    digits = "".join(filter(str.isdigit, shown))
    return shown if whole.isdigit() and digits.endswith(whole) else whole


def _typed(kind: str, attrs: Attrs) -> str:
    """Dates and truth values as stored; other cells are read from their text."""
    if kind == "date":
        return _attribute(attrs, "date-value").replace("T00:00:00", "")
    if kind == "boolean":
        return _attribute(attrs, "boolean-value").upper()
    return ""


def read_ods(archive: zipfile.ZipFile, sheet: str | int | None = None) -> Iterator[tuple[int, list[str]]]:
    """Yield `(row number, cells)` of the first table that is not blank, or the one that is asked for."""
    wanted: int | None = None
    if sheet not in (None, ""):
        names = sheets_of(archive)
        ((_, wanted),) = chosen([(name, i) for i, name in enumerate(names)], sheet)
    tables = _Tables()
    for _ in parsed(archive, PART, xml_parser(tables.start, tables.end, tables.data)):
        for table, line, cells in tables.ready:
            if wanted is None:
                wanted = table
            if table == wanted:
                yield line, cells
        tables.ready.clear()
        if wanted is not None and len(tables.names) - 1 > wanted:
            return


def sheets_of(archive: zipfile.ZipFile) -> list[str]:
    """The names of the tables, in order."""
    names: list[str] = []

    def start(name: str, attrs: Attrs) -> None:
        if local(name) == "table":
            names.append(_attribute(attrs, "name"))

    for _ in parsed(archive, PART, xml_parser(start)):
        pass
    return names
