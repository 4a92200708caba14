"""Old Excel files (.xls), by xlrd. The format is not compressed, so memory is bounded by the file's size."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from typing import IO, Any, BinaryIO

from xlrd import open_workbook
from xlrd.biffh import XL_CELL_BOOLEAN, XL_CELL_DATE, XL_CELL_NUMBER, XL_CELL_TEXT
from xlrd.xldate import XLDateError, xldate_as_datetime

from jackfield.core.contacts.files.bounded_zip import chosen
from jackfield.core.contacts.files.errors import UnreadableFile
from jackfield.core.contacts.files.xlsx import format_of

_as_datetime: Any = xldate_as_datetime
_open: Any = open_workbook
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_BYTES = 32 << 20
"""A sheet of that format ends at 65,536 rows: contacts come to a few megabytes."""


def _book(file: BinaryIO | IO[bytes] | Any) -> Any:
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UnreadableFile("too_large", "This .xls file is larger than 32 MB. Save it as .xlsx or CSV.")
    if b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e" in data:
        raise _unreadable()
    try:
        # With its formats the numbers' prefixes are known; blank cells that only have a format take memory with it.
        return _open(
            file_contents=data, on_demand=True, ragged_rows=True, formatting_info=len(data) < 1 << 20, logfile=_Silent()
        )
    except Exception as error:  # what a damaged file makes of the library is of any kind
        raise _unreadable() from error


class _Silent:
    """Where xlrd's remarks go."""

    def write(self, _: str) -> None:
        """Nothing is kept."""

    def flush(self) -> None:
        """Nothing is kept."""


def _unreadable() -> UnreadableFile:
    return UnreadableFile(
        "old_excel",
        "This old Excel file (.xls) is damaged or has a password. Open it, remove the password, save it as .xlsx or CSV "
        "and import that.",
    )


def xls_sheets(file: BinaryIO | IO[bytes]) -> list[str]:
    """The names of the visible sheets. Raises `UnreadableFile`."""
    return [name for name, _ in _visible(_book(file))]


def _visible(book: Any) -> list[tuple[str, int]]:
    return [(name, i) for i, name in enumerate(book.sheet_names()) if not _hidden(book, i)]


def _hidden(book: Any, index: int) -> bool:
    return bool(book._sheet_visibility[index]) if index < len(getattr(book, "_sheet_visibility", ())) else False


def read_xls(file: BinaryIO | IO[bytes] | Any, sheet: str | int | None = None) -> Iterator[tuple[int, list[str]]]:
    """Yield `(row number, cells)` of the first sheet that is not blank, or the one that is asked for.

    Raises `UnreadableFile` for a damaged or protected file, and for one of more than 32 MB.
    """
    book = _book(file)
    for _, index in chosen(_visible(book), sheet):
        try:
            table = book.sheet_by_index(index)
            rows = table.nrows
        except Exception as error:
            raise _unreadable() from error
        found = False
        for number in range(rows):
            cells = [_cell(book, cell) for cell in table.row(number)]
            if any(map(str.strip, cells)):
                found = True
                yield number + 1, cells
        book.unload_sheet(index)
        if found:
            return


def _cell(book: Any, cell: Any) -> str:
    if cell.ctype == XL_CELL_TEXT:
        return str(cell.value)
    if cell.ctype == XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    if cell.ctype == XL_CELL_DATE:
        try:
            at = _as_datetime(cell.value, book.datemode)
        except (XLDateError, ValueError, OverflowError):
            return str(cell.value)
        if cell.value < 1:
            return str(at.strftime("%H:%M:%S"))
        return str(at.strftime("%Y-%m-%d" if at.time() == time() else "%Y-%m-%d %H:%M:%S"))
    if cell.ctype != XL_CELL_NUMBER:
        return ""
    number = float(cell.value)
    whole = number.is_integer() and abs(number) < 1e15
    return _prefix(book, cell) + str(int(number)) if whole else format(number, ".15g")


def _prefix(book: Any, cell: Any) -> str:
    """The text that the number's format puts before it, as `"+91 "0` does."""
    if cell.xf_index is None or cell.xf_index >= len(book.xf_list):
        return ""
    shown = book.format_map.get(book.xf_list[cell.xf_index].format_key)
    return "" if shown is None else format_of(shown.format_str or "").prefix
