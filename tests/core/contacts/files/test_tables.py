"""Tables out as workbooks: what openpyxl and our own reader find in them."""

from __future__ import annotations

import io
import tracemalloc
import zipfile

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jackfield.core.contacts.files.reader import read_table
from jackfield.core.contacts.files.tables import CELL_CHARS, Xlsx, table, whole_table

CELL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)


def cells_of(data: bytes) -> list[list[object]]:
    """The rows of all sheets, as openpyxl reads them."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]


def test_values_keep_what_they_are() -> None:
    rows = [
        {"phone": "+628123456789", "count": 3, "share": 0.5, "yes": True, "tags": ["a", "b"], "none": None},
        {"phone": "=1+1", "count": 10**17, "share": "-2", "yes": "@SUM(A1)", "tags": "\tx", "none": "line\nbreak"},
    ]
    data = whole_table("xlsx", ("phone", "count", "share", "yes", "tags", "none"), rows)
    assert cells_of(data) == [
        ["phone", "count", "share", "yes", "tags", "none"],
        ["+628123456789", 3, 0.5, "yes", "a ::: b", None],
        ["=1+1", "100000000000000000", "-2", "@SUM(A1)", "\tx", "line\nbreak"],
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    # Text, also when somebody edits the cell: `=1+1` never becomes a formula.
    assert (sheet["A3"].data_type, sheet["A3"].number_format, sheet["A3"].quotePrefix) == ("s", "@", True)
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")


@given(st.lists(st.tuples(CELL, CELL), max_size=8))
@example([("_x0041_", "\x07"), ("\r", "_x_"), ("\uffff", "</t>&")])
def test_workbooks_come_back_as_they_went(rows: list[tuple[str, str]]) -> None:
    data = whole_table("xlsx", ("phone", "note"), ({"phone": a, "note": b} for a, b in rows))
    back = [(*cells, "", "")[:2] for _, cells in read_table(io.BytesIO(data))]
    # The reader frees text that other programs guard by an apostrophe.
    freed = [
        tuple(cell[1:] if cell[:1] == "'" and cell[1:2] and cell[1] in "=+-@\t\r'" else cell for cell in row)
        for row in rows
    ]
    assert back == [("phone", "note"), *(row for row in freed if row[0].strip() or row[1].strip())]


def test_pages_are_one_file_in_both_formats() -> None:
    for format in ("csv", "xlsx"):
        file = table(format, ["n"])
        pieces = [file.add([]), file.add([{"n": "a"}]), file.add([{"n": "b"}]), file.end()]
        whole = b"".join(pieces)
        assert [cells for _, cells in read_table(io.BytesIO(whole))] == [["n"], ["a"], ["b"]]
        assert [cells for _, cells in read_table(io.BytesIO(whole_table(format, ["n"], [])))] == [["n"]]


def test_what_a_sheet_cannot_hold_goes_to_the_next() -> None:
    file = Xlsx(["n"], sheet_rows=3)
    data = file.add({"n": n} for n in range(5)) + file.end()
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert [[row[0].value for row in sheet] for sheet in book] == [["n", 0, 1], ["n", 2, 3], ["n", 4]]
    long = whole_table("xlsx", ["n"], [{"n": "x" * (CELL_CHARS + 5)}])
    assert cells_of(long)[1] == ["x" * CELL_CHARS]


def test_memory_holds_a_page() -> None:
    page = [{"a": f"+62812{n:08d}", "b": f"somebody {n}"} for n in range(1000)]
    file = table("xlsx", ["a", "b"])
    file.add(page)
    tracemalloc.start()
    size = sum(len(file.add(page)) for _ in range(20))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 20_000
    assert peak < 2_000_000, peak


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_half_a_character_does_not_stop_a_file(format: str) -> None:
    assert whole_table(format, ["n"], [{"n": "a\ud800b"}])  # type: ignore[arg-type]
