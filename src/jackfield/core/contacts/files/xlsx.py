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
import zlib
from array import array
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import IO, Any, BinaryIO
from xml.parsers import expat

from jackfield.core.contacts.files.errors import UnreadableFile

_CHUNK = 1 << 16
_MAX_SMALL_PART = 16 << 20
_MAX_STRINGS = 2 << 30
_MAX_CELL = 131_072
_MAX_COLUMNS = 16_384
_BUILT_IN_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_NOT_FORMAT_LETTERS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_DATE_LETTERS = re.compile("[ymdhs]", re.IGNORECASE)
# RuntimeError and NotImplementedError: an encrypted member, or one in an unknown compression.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    EOFError,
    KeyError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # how XLSX writes characters that XML cannot hold
Attrs = dict[str, str]


def read_xlsx(file: BinaryIO | IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    """Yield `(row number, cells)` for each row of the first visible sheet that is not blank.

    Numbers come as a person would type them (`4915148536123`, not `4.9E+12`), dates as ISO 8601, truth values
    as `TRUE` and `FALSE`, formulas as their last result, errors such as `#N/A` as empty cells.

    Raises `UnreadableFile` when this is another kind of archive, or a damaged one.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            _check_kind(set(archive.namelist()))
            sheet, epoch = _first_sheet(archive)
            dates = _date_styles(archive)
            with _SharedStrings(archive) as strings:
                yield from _Sheet(strings, dates, epoch).rows(archive, sheet)
    except _DAMAGE as error:
        raise UnreadableFile(
            "broken_xlsx",
            "This .xlsx file is damaged or protected. Open it, save it again as .xlsx or CSV without a password, "
            "and import that.",
        ) from error


def _check_kind(names: set[str]) -> None:
    if "xl/workbook.bin" in names:
        raise UnreadableFile("other_document", "This is a binary workbook (.xlsb). Save it as .xlsx or CSV.")
    if "content.xml" in names:
        raise UnreadableFile("other_document", "This is an OpenDocument file. Save it as .xlsx or CSV.")
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise UnreadableFile("other_document", "This is not a spreadsheet. Export the contacts as CSV or .xlsx.")
    if any(name.startswith("Index/") or name.endswith(".iwa") for name in names):
        raise UnreadableFile("other_document", "This is a Numbers file. Export it as CSV or Excel.")
    if "xl/workbook.xml" not in names:
        raise UnreadableFile(
            "other_document", "This is a zip archive, not a spreadsheet. Unpack it and import what is inside."
        )


def _local(name: str) -> str:
    return name[name.rfind(":") + 1 :]


def _parser(
    start: Callable[[str, Attrs], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    if end is not None:
        parser.EndElementHandler = end
    if text is not None:
        parser.CharacterDataHandler = text

    def no_entities(*_: Any) -> None:
        # No spreadsheet program declares entities; those that do mean to blow up the reader.
        raise UnreadableFile("broken_xlsx", "This .xlsx file holds XML entities and is not read. Save it as CSV.")

    parser.EntityDeclHandler = no_entities
    return parser


def _elements(archive: zipfile.ZipFile, part: str) -> list[tuple[str, Attrs]]:
    """Every element of a small part, as its local name and attributes, in document order."""
    found: list[tuple[str, Attrs]] = []
    with archive.open(part) as stream:
        data = stream.read(_MAX_SMALL_PART + 1)
    if len(data) > _MAX_SMALL_PART:
        raise UnreadableFile("too_large", "This .xlsx file has more formatting than data. Save it as CSV.")
    _parser(lambda name, attrs: found.append((_local(name), attrs))).Parse(data, True)
    return found


def _first_sheet(archive: zipfile.ZipFile) -> tuple[str, datetime]:
    """The part that holds the first visible sheet, and the day from which the workbook counts dates."""
    targets = {
        attrs["Id"]: attrs["Target"]
        for name, attrs in _elements(archive, "xl/_rels/workbook.xml.rels")
        if name == "Relationship" and attrs.get("Type", "").endswith("/worksheet")
    }
    epoch = datetime(1899, 12, 30)  # noqa: DTZ001 - a calendar day, in no time zone
    for name, attrs in _elements(archive, "xl/workbook.xml"):
        if name == "workbookPr" and attrs.get("date1904") in ("1", "true"):
            epoch = datetime(1904, 1, 1)  # noqa: DTZ001
        if name == "sheet" and attrs.get("state", "visible") == "visible":
            key = next((value for attr, value in attrs.items() if _local(attr) == "id" and ":" in attr), "")
            if key in targets:
                return posixpath.normpath(posixpath.join("/xl", targets[key])).lstrip("/"), epoch
    raise UnreadableFile("no_rows", "The workbook has no visible sheet with cells. Save the sheet as CSV.")


def _date_styles(archive: zipfile.ZipFile) -> list[bool]:
    """For each cell style of the workbook, whether it shows a number as a date or time."""
    if "xl/styles.xml" not in archive.namelist():
        return []
    custom: dict[str, bool] = {}
    styles: list[bool] = []
    inside = False
    for name, attrs in _elements(archive, "xl/styles.xml"):
        if name == "numFmt":
            code = _NOT_FORMAT_LETTERS.sub("", attrs.get("formatCode", ""))
            custom[attrs.get("numFmtId", "")] = bool(_DATE_LETTERS.search(code)) and "0" not in code.split(".")[0]
        elif name in ("cellXfs", "cellStyles"):
            inside = name == "cellXfs"
        elif name == "xf" and inside:
            fmt = attrs.get("numFmtId", "0")
            styles.append(custom[fmt] if fmt in custom else fmt.isdigit() and int(fmt) in _BUILT_IN_DATES)
    return styles


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
            name = _local(name)
            if name == "rPh":  # how Japanese is read aloud, not part of the text
                phonetic = True
            wanted = name == "t" and not phonetic

        def text(data: str) -> None:
            if wanted:
                parts.append(data)

        def end(name: str) -> None:
            nonlocal wanted, phonetic, size
            name = _local(name)
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

        parser = _parser(start, end, text)
        with archive.open("xl/sharedStrings.xml") as stream:
            while chunk := stream.read(_CHUNK):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        self._file.flush()
        if size:
            self._map = mmap.mmap(self._file.fileno(), size, access=mmap.ACCESS_READ)


class _Sheet:
    """Turns the XML of one sheet into rows."""

    def __init__(self, strings: _SharedStrings, dates: list[bool], epoch: datetime) -> None:
        self._strings = strings
        self._dates = dates
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
        parser = _parser(self._start, self._end, self._data)
        with archive.open(sheet) as stream:
            while chunk := stream.read(_CHUNK):
                parser.Parse(chunk, False)
                if self._ready:
                    yield from self._ready
                    self._ready.clear()
            parser.Parse(b"", True)
        yield from self._ready

    def _start(self, name: str, attrs: Attrs) -> None:
        name = _local(name)
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
        name = _local(name)
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
        is_date = self._style < len(self._dates) and self._dates[self._style]
        if not text or (text.isdigit() and not is_date):
            return text
        try:
            number = float(text)
        except ValueError:
            return text
        if is_date and 0 <= number < 2_957_003:  # before the year 10000 in either calendar
            return self._date(number)
        if number.is_integer() and abs(number) < 1e15:
            return str(int(number))
        return format(number, ".15g")

    def _date(self, days: float) -> str:
        moment = self._epoch + timedelta(seconds=round(days * 86_400))
        if days < 1:
            return moment.strftime("%H:%M:%S")
        return moment.strftime("%Y-%m-%d" if days.is_integer() else "%Y-%m-%d %H:%M:%S")
