"""Tables in markup, as many programs write them under the name .xls: HTML, and Excel's XML of 2003. As a stream."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import TextIO

from jackfield.core.contacts.files.errors import UnreadableFile

_CHUNK = 1 << 15
_MAX_TOKEN = 1 << 18
_MAX_CELL = 131_072
MAX_COLUMNS = 16_384
MAX_GAP = 1000
"""Columns that one cell may span or leave out."""


class _Table(HTMLParser):
    """Collects the rows of the first table; later tables of the same document follow it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._size = 0
        self._span = 1
        self._silent = 0

    def waiting(self) -> int:
        """Characters that wait for the end of a tag."""
        return len(self.rawdata)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = tag.rpartition(":")[2]
        if tag in ("script", "style"):
            self._silent += 1
        elif tag in ("tr", "row"):
            self._end_row()
            self._row = []
        elif tag in ("td", "th", "cell") and self._row is not None:
            self._end_cell()
            values = {name.rpartition(":")[2]: value or "" for name, value in attrs}
            self._cell, self._size = [], 0
            self._span = _small(values.get("colspan", "") or values.get("mergeacross", ""))
            if (index := values.get("index", "")).isdigit():
                # Cells that are left out come before this one.
                self._row.extend([""] * min(max(int(index) - 1 - len(self._row), 0), MAX_GAP))
        elif tag in ("br", "p", "div") and self._cell:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag in ("script", "style"):
            self._silent = max(self._silent - 1, 0)
        elif tag in ("td", "th", "cell"):
            self._end_cell()
        elif tag in ("tr", "row", "table"):
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._silent and self._size < _MAX_CELL:
            self._cell.append(data)
            self._size += len(data)

    def _end_cell(self) -> None:
        if self._cell is not None and self._row is not None and len(self._row) < MAX_COLUMNS:
            lines = "".join(self._cell)[:_MAX_CELL].replace("\xa0", " ").splitlines()
            self._row.append("\n".join(line for line in map(str.strip, lines) if line))
            self._row.extend([""] * (self._span - 1))
        self._cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._row and any(self._row):
            self.rows.append(self._row)
        self._row = None


def _small(text: str) -> int:
    return min(int(text), MAX_GAP) if text.isascii() and text.isdigit() and len(text) < 6 and int(text) else 1


def read_markup(text: TextIO) -> Iterator[tuple[int, list[str]]]:
    """Yield `(row number, cells)` of every row that is not blank.

    Raises `UnreadableFile` for a document without a table, or with a tag of absurd length.
    """
    parser = _Table()
    number = 0
    while chunk := text.read(_CHUNK):
        parser.feed(chunk)
        if parser.waiting() > _MAX_TOKEN:
            raise UnreadableFile("other_document", "This web page is damaged. Export the contacts as CSV or .xlsx.")
        for row in parser.rows:
            number += 1
            yield number, row
        parser.rows.clear()
    parser.close()
    parser.handle_endtag("tr")
    for row in parser.rows:
        number += 1
        yield number, row
    if not number:
        raise UnreadableFile(
            "other_document", "This is a web page or XML without a table. Export the contacts as CSV or .xlsx."
        )
