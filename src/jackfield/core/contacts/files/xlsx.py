"""XLSX as a stream of rows, in constant memory.

The usual libraries hold a whole sheet, or every shared string, in memory.  Here the sheet's XML is parsed piece
by piece, and the shared strings go to a temporary file; 8 bytes of memory per distinct string remain.
"""

from __future__ import annotations

import mmap
import posixpath
import re
import tempfile
import zipfile
from array import array
from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from jackfield.core.contacts.files.bounded_zip import Attrs, allowed, chosen, local, parsed, xml_parser
from jackfield.core.contacts.files.errors import UnreadableFile

_MAX_SMALL_PART = 4 << 20
_MAX_STRINGS = 2 << 30
_MAX_CELL = 131_072
_MAX_COLUMNS = 16_384
_BUILT_IN_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_NOT_FORMAT_LETTERS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_DATE_LETTERS = re.compile("[ymdhs]", re.IGNORECASE)
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # how XLSX writes characters that XML cannot hold
_PREFIX_PART = re.compile(r'(?:"[^"]*"|\\.|\[[^\]]*\]|[+() -])+(?=[0#?])')
_PREFIX_MARKS = re.compile(r'"([^"]*)"|\\(.)|\[[^\]]*\]')


def read_xlsx(archive: zipfile.ZipFile, sheet: str | int | None = None) -> Iterator[tuple[int, list[str]]]:
    """Yield `(row number, cells)` for each row of a sheet that is not blank: the first visible one that has rows, or
    the one that is asked for by name or number from 1.

    Numbers come as a person would type them (`4915148536123`, not `4.9E+12`), dates as ISO 8601, truth values
    as `TRUE` and `FALSE`, formulas as their last result, errors such as `#N/A` as empty cells.

    Raises `UnreadableFile` for a workbook that unpacks to far more than it should; damage as it comes.
    """
    sheets, epoch = _sheets(archive)
    parts = [part for _, part in chosen(sheets, sheet)]
    formats = _formats(archive)
    with _SharedStrings(archive) as strings:
        for part in parts:
            found = False
            for row in _Sheet(strings, formats, epoch).rows(archive, part):
                found = True
                yield row
            if found:
                return


def sheets_of(archive: zipfile.ZipFile) -> list[str]:
    """The names of the visible sheets, in order."""
    return [name for name, _ in _sheets(archive)[0]]


def _elements(archive: zipfile.ZipFile, part: str) -> list[tuple[str, Attrs]]:
    """Every element of a small part, as its local name and attributes, in document order."""
    found: list[tuple[str, Attrs]] = []
    with archive.open(part) as stream:
        data = stream.read(_MAX_SMALL_PART + 1)
    if len(data) > min(_MAX_SMALL_PART, allowed(archive)):
        raise UnreadableFile("too_large", "This .xlsx file has more formatting than data. Save it as CSV.")
    xml_parser(lambda name, attrs: found.append((local(name), attrs))).Parse(data, True)
    return found


def _sheets(archive: zipfile.ZipFile) -> tuple[list[tuple[str, str]], datetime]:
    """Name and part of each visible sheet, and the day from which the workbook counts dates."""
    targets = {
        attrs["Id"]: attrs["Target"]
        for name, attrs in _elements(archive, "xl/_rels/workbook.xml.rels")
        if name == "Relationship" and attrs.get("Type", "").endswith("/worksheet")
    }
    epoch = datetime(1899, 12, 30)  # noqa: DTZ001 - a calendar day, in no time zone
    found: list[tuple[str, str]] = []
    for name, attrs in _elements(archive, "xl/workbook.xml"):
        if name == "workbookPr" and attrs.get("date1904") in ("1", "true"):
            epoch = datetime(1904, 1, 1)  # noqa: DTZ001
        if name == "sheet" and attrs.get("state", "visible") == "visible":
            key = next((value for attr, value in attrs.items() if local(attr) == "id" and ":" in attr), "")
            if key in targets:
                part = posixpath.normpath(posixpath.join("/xl", targets[key])).lstrip("/")
                found.append((attrs.get("name", ""), part))
    if not found:
        raise UnreadableFile("no_rows", "The workbook has no visible sheet with cells. Save the sheet as CSV.")
    return found, epoch


class Format(msgspec.Struct, frozen=True):
    """How a cell style shows a number: as a date, or with a text before it (`"+91 "0`)."""

    date: bool = False
    prefix: str = ""


def format_of(code: str) -> Format:
    """The format of a code such as `"+91 "0` or `dd/mm/yyyy`."""
    bare = _NOT_FORMAT_LETTERS.sub("", code.split(";")[0])
    date = bool(_DATE_LETTERS.search(bare)) and "0" not in bare.split(".")[0]
    return Format(date, "" if date else _literal_prefix(code))


def _literal_prefix(code: str) -> str:
    """What stands before the digits and can belong to a phone number: a plus, digits, brackets, blanks."""
    found = _PREFIX_PART.match(code.split(";")[0])
    text = _PREFIX_MARKS.sub(lambda part: part[1] or part[2] or "", found[0]) if found else ""
    return (
        text
        if text.strip() and not text.strip("+0123456789() -") and ("+" in text or any(map(str.isdigit, text)))
        else ""
    )


def _formats(archive: zipfile.ZipFile) -> list[Format]:
    """The format of each cell style of the workbook."""
    if "xl/styles.xml" not in archive.namelist():
        return []
    custom: dict[str, Format] = {}
    styles: list[Format] = []
    inside = False
    for name, attrs in _elements(archive, "xl/styles.xml"):
        if name == "numFmt":
            custom[attrs.get("numFmtId", "")] = format_of(attrs.get("formatCode", ""))
        elif name in ("cellXfs", "cellStyles"):
            inside = name == "cellXfs"
        elif name == "xf" and inside:
            fmt = attrs.get("numFmtId", "0")
            built_in = Format(fmt.isdigit() and int(fmt) in _BUILT_IN_DATES)
            styles.append(custom.get(fmt, built_in))
    return styles


_PLAIN = Format()


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


class _SharedStrings:
    """The workbook's distinct strings, on disk, found by number."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._ends = array("Q", [0])
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._map: mmap.mmap | None = None
        if "xl/sharedStrings.xml" in archive.namelist():
            self._load(archive)

    def __enter__(self) -> _SharedStrings:
        return self

    def __exit__(self, *_: object) -> None:
        if self._map is not None:
            self._map.close()
        self._file.close()

    def __getitem__(self, index: int) -> str:
        if self._map is None or not 0 <= index < len(self._ends) - 1:
            return ""
        return self._map[self._ends[index] : self._ends[index + 1]].decode()

    def _load(self, archive: zipfile.ZipFile) -> None:
        parts: list[str] = []
        size = 0
        wanted = phonetic = False

        def start(name: str, attrs: Attrs) -> None:
            nonlocal wanted, phonetic
            name = local(name)
            if name == "rPh":  # how Japanese is read aloud, not part of the text
                phonetic = True
            wanted = name == "t" and not phonetic

        def text(data: str) -> None:
            if wanted:
                parts.append(data)

        def end(name: str) -> None:
            nonlocal wanted, phonetic, size
            name = local(name)
            wanted = False
            if name == "rPh":
                phonetic = False
            elif name == "si":
                data = "".join(parts)[:_MAX_CELL].encode("utf-8", "replace")
                parts.clear()
                size += len(data)
                if size > _MAX_STRINGS:
                    raise UnreadableFile("too_large", "This .xlsx file holds too much text. Save it as CSV.")
                self._file.write(data)
                self._ends.append(size)

        for _ in parsed(archive, "xl/sharedStrings.xml", xml_parser(start, end, text)):
            pass
        self._file.flush()
        if size:
            self._map = mmap.mmap(self._file.fileno(), size, access=mmap.ACCESS_READ)


class _Sheet:
    """Turns the XML of one sheet into rows."""

    def __init__(self, strings: _SharedStrings, formats: list[Format], epoch: datetime) -> None:
        self._strings = strings
        self._formats = formats
        self._epoch = epoch
        self._ready: list[tuple[int, list[str]]] = []
        self._row = 0
        self._cells: list[str] = []
        self._column = -1
        self._type = "n"
        self._style = 0
        self._text: list[str] = []
        self._wanted = self._phonetic = False
        self._columns: dict[str, int] = {}

    def rows(self, archive: zipfile.ZipFile, sheet: str) -> Iterator[tuple[int, list[str]]]:
        parser = xml_parser(self._start, self._end, self._data)
        for _ in parsed(archive, sheet, parser):
            if self._ready:
                yield from self._ready
                self._ready.clear()
        yield from self._ready

    def _start(self, name: str, attrs: Attrs) -> None:
        name = local(name)
        if name == "c":
            reference = attrs.get("r")
            self._column = self._index(reference) if reference else self._column + 1
            self._type = attrs.get("t", "n")
            self._style = int(attrs.get("s", "0"))
            self._text.clear()
        elif name == "v" or (name == "t" and not self._phonetic):
            self._wanted = True
        elif name == "rPh":
            self._phonetic = True
        elif name == "row":
            number = attrs.get("r", "")
            self._row = int(number) if number.isdigit() else self._row + 1
            self._cells = []
            self._column = -1

    def _data(self, data: str) -> None:
        if self._wanted:
            self._text.append(data)

    def _end(self, name: str) -> None:
        name = local(name)
        if name in ("v", "t"):
            self._wanted = False
        elif name == "c":
            value = self._value("".join(self._text)[:_MAX_CELL])
            if value and self._column < _MAX_COLUMNS:
                missing = self._column - len(self._cells)
                if missing > 0:
                    self._cells.extend([""] * missing)
                if missing < 0:
                    self._cells[self._column] = value
                else:
                    self._cells.append(value)
        elif name == "rPh":
            self._phonetic = False
        elif name == "row" and any(map(str.strip, self._cells)):
            self._ready.append((self._row, self._cells))

    def _index(self, reference: str) -> int:
        """The column of `AB12`, counted from 0."""
        letters = reference.rstrip("0123456789")
        index = self._columns.get(letters)
        if index is None:
            index = 0
            for letter in letters[:4].upper():
                index = index * 26 + ord(letter) - 64
            index = max(index - 1, 0)
            if index < _MAX_COLUMNS:
                self._columns[letters] = index
        return index

    def _value(self, text: str) -> str:
        kind = self._type
        if kind == "s":
            return _unescape(self._strings[int(text)]) if text.strip().isdigit() else ""
        if kind == "n":
            return self._number(text.strip())
        if kind == "b":
            return "TRUE" if text.strip() == "1" else "FALSE"
        return "" if kind == "e" else _unescape(text)

    def _number(self, text: str) -> str:
        shown = self._formats[self._style] if self._style < len(self._formats) else _PLAIN
        if not text or (text.isdigit() and not shown.date):
            return shown.prefix + text if text and shown.prefix else text
        try:
            number = float(text)
        except ValueError:
            return text
        if shown.date and 0 <= number < 2_957_003:  # before the year 10000 in either calendar
            return self._date(number)
        if number.is_integer() and abs(number) < 1e15:
            return shown.prefix + str(int(number))
        return format(number, ".15g")

    def _date(self, days: float) -> str:
        moment = self._epoch + timedelta(seconds=round(days * 86_400))
        if days < 1:
            return moment.strftime("%H:%M:%S")
        return moment.strftime("%Y-%m-%d" if days.is_integer() else "%Y-%m-%d %H:%M:%S")
