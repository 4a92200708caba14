"""A table out, page by page, as CSV or as a workbook: `table(format, columns)`, `add` for each page, `end`.

Memory holds one page, whatever the number of rows.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, Protocol
from xml.sax.saxutils import escape

from jackfield.core.contacts.files.writing import cell_text, write_csv

TableFormat = Literal["csv", "xlsx"]
MEDIA_TYPES: Final[dict[TableFormat, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SHEET_ROWS: Final = 1_048_576
"""Rows of a sheet that programs open; what is more goes to another sheet."""
CELL_CHARS: Final = 32_767
"""Characters of a cell that programs open."""
Row = Mapping[str, object]


class Table(Protocol):
    """A file under way. What both methods give, in their order, is the file."""

    def add(self, rows: Iterable[Row]) -> bytes:
        """The bytes of these rows, as far as they are known by now."""

    def end(self) -> bytes:
        """The rest of the file."""


def table(format: TableFormat, columns: Sequence[str]) -> Table:
    """A table with a header of `columns`; a row maps them to values, and what it lacks is an empty cell."""
    return Csv(columns) if format == "csv" else Xlsx(columns)


def whole_table(format: TableFormat, columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """A table whose rows are all there."""
    file = table(format, columns)
    return file.add(rows) + file.end()


class Csv:
    """As `write_csv` writes it. The header comes with the first bytes, whether or not there are rows."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._header = b"".join(write_csv([], columns))
        self._begun = False

    def add(self, rows: Iterable[Row]) -> bytes:
        """See Table."""
        data = b"".join(write_csv(rows, self._columns))
        if self._begun:
            return data.removeprefix(self._header)
        self._begun = True
        return data

    def end(self) -> bytes:
        """See Table."""
        return b"" if self._begun else self._header


_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'
)
_TAIL: Final = "</sheetData></worksheet>"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# Style 1 is for text: kept as text when somebody edits the cell too (format 49 is `@`), so that nothing that was put into a
# name becomes a formula, and no apostrophe has to stand in the cell.
_STYLES: Final = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts><fills count="2"><fill><patternFill patternType="none"/>'
    '</fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf numFmtId="49" quotePrefix="1" '
    'applyNumberFormat="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
# What XML cannot hold is written as `_x0007_`, and so is an underscore that would be read as the begin of such a word.
_ESCAPED = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")
_EXACT_DIGITS: Final = 15
"""Digits of a number that spreadsheets keep."""


class Xlsx:
    """A workbook. Text is written as text, so that a spreadsheet takes none for a formula, and phone numbers stay as they
    are; numbers can be reckoned with."""

    def __init__(self, columns: Sequence[str], *, sheet_rows: int = SHEET_ROWS) -> None:
        self._columns = columns
        self._sheet_rows = sheet_rows
        self._pipe = _Pipe()
        self._zip = zipfile.ZipFile(self._pipe, "w", zipfile.ZIP_DEFLATED)
        self._sheets = 0
        self._begin()

    def add(self, rows: Iterable[Row]) -> bytes:
        """See Table."""
        for row in rows:
            if self._rows == self._sheet_rows:
                self._finish()
                self._begin()
            self._write(row.get(column) for column in self._columns)
        return self._pipe.drain()

    def end(self) -> bytes:
        """See Table."""
        self._finish()
        names = range(1, self._sheets + 1)
        parts = {
            "xl/styles.xml": _STYLES,
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
            + "".join(f'<sheet name="Sheet{i}" sheetId="{i}" r:id="rId{i}"/>' for i in names)
            + "</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": _relations(
                *((f"rId{i}", "worksheet", f"worksheets/sheet{i}.xml") for i in names),
                ("rIdStyles", "styles", "styles.xml"),
            ),
            "_rels/.rels": _relations(("rId1", "officeDocument", "xl/workbook.xml")),
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            + _typed("workbook", f"{_OFFICE}.sheet.main+xml")
            + _typed("styles", f"{_OFFICE}.styles+xml")
            + "".join(_typed(f"worksheets/sheet{i}", f"{_OFFICE}.worksheet+xml") for i in names)
            + "</Types>",
        }
        for name, text in parts.items():
            self._zip.writestr(name, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{text}')
        self._zip.close()
        return self._pipe.drain()

    def _begin(self) -> None:
        self._sheets += 1
        self._rows = 0
        self._sheet = self._zip.open(f"xl/worksheets/sheet{self._sheets}.xml", "w", force_zip64=True)
        self._sheet.write(_HEAD.encode())
        self._write(self._columns)

    def _finish(self) -> None:
        self._sheet.write(_TAIL.encode())
        self._sheet.close()

    def _write(self, values: Iterable[object]) -> None:
        self._rows += 1
        line = f'<row r="{self._rows}">{"".join(map(_cell, values))}</row>'
        self._sheet.write(line.encode("utf-8", "replace"))


class _Pipe:
    """What the archive writes, until it is taken. It cannot be moved in, so the archive looks back at nothing."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is kept elsewhere."""

    def close(self) -> None:
        """Nothing is open."""

    def drain(self) -> bytes:
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data


def _cell(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool) and len(str(value)) <= _EXACT_DIGITS:
        return f"<c><v>{value}</v></c>"
    text = cell_text(value)[:CELL_CHARS]
    if not text:
        return "<c/>"
    shown = escape(_ESCAPED.sub(lambda one: f"_x{ord(one[0]):04X}_", text))
    return f'<c s="1" t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'


def _relations(*parts: tuple[str, str, str]) -> str:
    rows = "".join(f'<Relationship Id="{id_}" Type="{_RELATIONS}/{kind}" Target="{to}"/>' for id_, kind, to in parts)
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


def _typed(part: str, kind: str) -> str:
    return f'<Override PartName="/xl/{part}.xml" ContentType="{kind}"/>'
