"""What goes out can be opened without harm and comes back as it was."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jackfield.core.contacts.files.cells import guard, unguard
from jackfield.core.contacts.files.parse import ContactRow, RefusedRow, parse_contacts
from jackfield.core.contacts.files.reader import read_table
from jackfield.core.contacts.files.writing import phone_cell, refused_csv, write_csv

# Text as the database holds it: no NUL, no half of a surrogate pair.
CELL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)


@pytest.mark.parametrize(
    "cell", ["=1+1", "+49-1", "+", "+4915135905159()", "+٤٩", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "'", "''"]
)
def test_what_a_spreadsheet_would_run_is_guarded(cell: str) -> None:
    assert guard(cell) == "'" + cell
    assert unguard(guard(cell)) == cell


@given(CELL)
def test_guard_is_undone(cell: str) -> None:
    assert unguard(guard(cell)) == cell
    written = guard(cell)
    assert written[:1] not in ("=", "-", "@", "\t", "\r")
    assert not written.startswith("+") or (written[1:].isascii() and written[1:].isdigit())


def test_a_phone_number_stays_one() -> None:
    assert guard("+4915135905159") == unguard("+4915135905159") == "+4915135905159"
    assert unguard("'+4915135905159") == "+4915135905159", "as other programs guard it"


def test_a_name_with_an_apostrophe_is_left_alone() -> None:
    assert unguard("'s-Hertogenbosch") == "'s-Hertogenbosch"


@given(st.lists(st.tuples(CELL, CELL), max_size=8))
@example([("", "\r")])
def test_tables_come_back_as_they_went(rows: list[tuple[str, str]]) -> None:
    data = b"".join(write_csv(({"phone": a, "note": b} for a, b in rows), ["phone", "note"]))
    back = [tuple(cells) for _, cells in read_table(io.BytesIO(data))]
    assert back == [("phone", "note"), *(row for row in rows if row[0].strip() or row[1].strip())]


def test_the_bytes() -> None:
    rows = [
        {"name": "Zoë", "phone": phone_cell("4915135905159"), "optin": True, "tags": ["a", "b"]},
        {"name": '=HYPERLINK("x")'},
    ]
    assert b"".join(write_csv(rows, ["name", "phone", "optin", "tags"])).decode() == (
        '\ufeff"name","phone","optin","tags"\r\n'
        '"Zoë","+4915135905159","yes","a ::: b"\r\n'
        '"\'=HYPERLINK(""x"")","","",""\r\n'
    )


def test_an_export_is_imported_again() -> None:
    rows = [
        {"name": "Zoë", "phone": phone_cell("4915135905159"), "optin": False, "tags": ["a, b", "c"], "city": "-Bonn"}
    ]
    data = b"".join(write_csv(rows, ["name", "phone", "optin", "tags", "city"]))
    (contact,) = parse_contacts(io.BytesIO(data))
    assert isinstance(contact, ContactRow)
    assert (contact.name, contact.phones, contact.optin) == ("Zoë", ["4915135905159"], False)
    assert (contact.tags, contact.attributes) == (["a, b", "c"], {"city": "-Bonn"})


def test_refused_rows_as_a_file() -> None:
    data = b"".join(refused_csv([RefusedRow(7, "=+91;x", "invalid_phone", "“x” is no\nnumber.")]))
    assert list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))) == [
        ["import: line", "import: code", "import: reason", "Column 1"],
        ["7", "invalid_phone", "“x” is no\nnumber.", "'=+91;x"],
    ]


def test_export_streams() -> None:
    pieces = write_csv(({"n": i} for i in range(10**9)), ["n"])
    assert 60_000 < len(next(pieces)) < 80_000
