"""Any contact file as a stream of rows: CSV of every dialect and encoding, vCard, JSON, HTML, XLSX, ODS and XLS.

Memory does not grow with the file: bytes are decoded and split as they come. Two kinds that cannot be read so, JSON
lists and XLS, are bounded in size.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, BinaryIO

from jackfield.core.contacts.files.cells import unguard
from jackfield.core.contacts.files.encoding import MIXED, check_codec, detect
from jackfield.core.contacts.files.errors import UnreadableFile
from jackfield.core.contacts.files.json_rows import read_json
from jackfield.core.contacts.files.markup import read_markup
from jackfield.core.contacts.files.vcard import read_vcards
from jackfield.core.contacts.files.workbook import read_workbook, workbook_sheets
from jackfield.core.contacts.files.xls import OLD_OFFICE, read_xls, xls_sheets

Source = str | os.PathLike[str] | BinaryIO | IO[bytes]
Row = tuple[int, list[str]]

HEAD_BYTES = 65_536
MAX_LINE_CHARS = 1 << 20
MAX_COLUMNS = 16_384  # what a spreadsheet can hold
_DELIMITERS = ",;\t|"
_NO_DELIMITER = "\x1f"  # a table of one column: nothing in it separates
_MARKUP = re.compile(r"<(?:!doctype|html|table|\?xml|meta|head|body|div|style|!--|tr)\b|<!--|<\?xml")
_JSON = re.compile(r"\[\s*[{\[\]\"]|\{\s*[\"}]")
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*\Z', re.IGNORECASE | re.DOTALL)


def read_table(source: Source, *, encoding: str | None = None, sheet: str | int | None = None) -> Iterator[Row]:
    """Yield `(line, cells)` for every row that is not blank.

    `source` is a path or a binary file object (it is left open, and need not be seekable).  `line` is the
    physical line on which a CSV row begins, counted from 1, or the row number of a spreadsheet.  Rows may be
    of different lengths.  `encoding` overrides the guess.  `sheet` is the name of a sheet, or its number from 1;
    without it the first visible sheet that is not blank is read.

    Raises `UnreadableFile`, possibly after some rows when the fault lies further down.
    """
    with ExitStack() as stack:
        file: BinaryIO | IO[bytes]
        if isinstance(source, str | os.PathLike):
            file = stack.enter_context(Path(source).open("rb"))
        else:
            file = source
        head = _read_fully(file, HEAD_BYTES)
        _no_sheet_of_text(head, sheet)
        if not head.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
            raise UnreadableFile("empty_file", "The file is empty. Export the contacts again and import that file.")
        if head.startswith(b"PK\x03\x04"):
            yield from read_workbook(_seekable(head, file, stack), sheet)
            return
        if head.startswith(OLD_OFFICE):
            yield from read_xls(_Joined(head, file), sheet)
            return
        if encoding is None:
            codec, skip = detect(head)
        else:
            codec, skip = check_codec(encoding), 0
        sample = head[skip:].decode(codec, "replace").replace("\0", "")
        errors = MIXED if codec in ("utf-8", "cp1252") else "replace"
        raw = io.BufferedReader(_Joined(head[skip:], file), 1 << 16)
        text = io.TextIOWrapper(raw, encoding=codec, errors=errors, newline="")
        start = sample.lstrip("\ufeff \t\r\n")[:400].lower()
        if start.startswith("begin:vcard"):
            yield from read_vcards(_Lines(text))
        elif _MARKUP.match(start):
            yield from _filled(read_markup(text))
        elif _JSON.match(start):
            yield from _filled(read_json(text))
        else:
            yield from _read_csv(text, sample)


def _filled(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows with a cell that is not blank. CSV files and workbooks skip theirs as they come to them; a card is a row
    even where nothing is on it."""
    return (row for row in rows if any(map(str.strip, row[1])))


def _no_sheet_of_text(head: bytes, sheet: str | int | None) -> None:
    """Raises `UnreadableFile` when a sheet is asked for of a file that has none."""
    if sheet is not None and not head.startswith((b"PK\x03\x04", OLD_OFFICE)):
        raise UnreadableFile("unknown_sheet", "Only workbooks have sheets; this file is a single table.")


def sheet_names(source: BinaryIO | IO[bytes]) -> list[str]:
    """The names of the visible sheets of a workbook, which is read from its beginning and must be seekable; none for
    other files. Raises `UnreadableFile` for a damaged one."""
    source.seek(0)
    head = source.read(8)
    source.seek(0)
    if head.startswith(b"PK\x03\x04"):
        return workbook_sheets(source)
    return xls_sheets(source) if head.startswith(OLD_OFFICE) else []


def guessed_encoding(head: bytes) -> str | None:
    """The name of the encoding that text is read in; None for a workbook. Raises `UnreadableFile`."""
    return None if head.startswith((b"PK\x03\x04", OLD_OFFICE)) else detect(head)[0]


def _read_fully(file: BinaryIO | IO[bytes], size: int) -> bytes:
    """Up to `size` bytes, also from a source that hands them out in small pieces."""
    parts: list[bytes] = []
    while size > 0 and (part := file.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _seekable(head: bytes, file: BinaryIO | IO[bytes], stack: ExitStack) -> BinaryIO | IO[bytes]:
    """A zip is read from its end: rewind the source, or spool one that cannot be rewound."""
    try:
        if file.seekable():
            file.seek(-len(head), os.SEEK_CUR)
            # An archive must begin at position 0 of what is handed on.
            if file.tell() == 0:
                return file
            file.seek(len(head), os.SEEK_CUR)
    except (AttributeError, OSError):
        pass
    spool = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    spool.write(head)
    shutil.copyfileobj(file, spool, 1 << 20)
    spool.seek(0)
    return spool


class _Joined(io.RawIOBase):
    """The head that was looked at, followed by the rest of the source; closing it leaves the source open."""

    def __init__(self, head: bytes, rest: BinaryIO | IO[bytes]) -> None:
        self._head = memoryview(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        part = self._head[: len(buffer)]
        if part:
            self._head = self._head[len(part) :]
            buffer[: len(part)] = part
            return len(part)
        data = self._rest.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _Lines:
    """The physical lines of a text, without NULs and none absurdly long; counts the quotes it hands out."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.count = 0
        self.quotes = 0
        self.ended = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_LINE_CHARS)
        if not line:
            self.ended = True
            raise StopIteration
        self.count += 1
        if len(line) >= MAX_LINE_CHARS:
            raise UnreadableFile(
                "line_too_long",
                f"Line {self.count} has more than {MAX_LINE_CHARS:,} characters, so this is not a table of contacts. "
                "Export the contacts as CSV or .xlsx and import that.",
                line=self.count,
            )
        self.quotes += line.count('"')
        return line.replace("\0", "") if "\0" in line else line


def _read_csv(text: io.TextIOWrapper, sample: str) -> Iterator[Row]:
    lines = _Lines(text)
    first = sample.split("\n", 1)[0]
    if declared := _SEPARATOR_LINE.match(first):
        next(lines)
        delimiter = declared[1]
    else:
        delimiter = sniff_delimiter(sample)
    # `strict` stays off: `"Acme" Ltd` with a quote too many is a cell, not an error.
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter != " ")
    while True:
        start = lines.count + 1
        lines.quotes = 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _broken_quote(start) from error
        if lines.ended and lines.quotes % 2:
            raise _broken_quote(start)
        if len(cells) > MAX_COLUMNS:
            raise UnreadableFile(
                "too_many_columns",
                f"Line {start} has {len(cells):,} cells, more than a table can have ({MAX_COLUMNS:,}).",
                line=start,
            )
        # What an export guarded may be nothing but space, as what it came from.
        joined = "".join(cells)
        if "'" in joined:
            cells = [unguard(cell) for cell in cells]
            joined = "".join(cells)
        if joined and not joined.isspace():
            yield start, cells


def _broken_quote(line: int) -> UnreadableFile:
    return UnreadableFile(
        "unclosed_quote",
        f'The row that begins on line {line} opens a quote (") that is never closed, so everything after it runs '
        "together. Correct that line and import the file again.",
        line=line,
    )


def sniff_delimiter(sample: str) -> str:
    """The delimiter of a CSV text, from its first kilobytes: comma, semicolon, tab, bar, or none of them.

    Each candidate is tried as a parse: the right one gives rows of equal length, the first row included, and
    finds no quote inside a bare cell.
    """
    lines = sample.splitlines(keepends=True)
    if len(sample) > 1000 and len(lines) > 1:
        del lines[-1]  # probably cut short
    best, best_score = _NO_DELIMITER, (False, False, 0.0, 0)
    for delimiter in _DELIMITERS:
        if delimiter not in sample:
            continue
        widths, clean = _widths(lines, delimiter)
        if not widths:
            continue
        width, rows = Counter(widths).most_common(1)[0]
        if width < 2:
            if widths[0] < 2:
                continue
            width, rows = widths[0], widths.count(widths[0])
        score = (clean, widths[0] == width, round(rows / len(widths), 1), width)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _widths(lines: list[str], delimiter: str) -> tuple[list[int], bool]:
    """The number of cells in each row of the sample, and whether the quotes fit this delimiter."""
    widths: list[int] = []
    clean = True
    reader = csv.reader(iter(lines), delimiter=delimiter, skipinitialspace=True, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return widths, clean
        except csv.Error as error:
            # The end of the sample inside a quoted cell says nothing against the delimiter.
            clean = clean and "unexpected end" in str(error)
            continue
        if any(cells):
            widths.append(len(cells))
