"""XLSX, as openpyxl and other programs write it."""

# ruff: noqa: E501, DTZ001 - XML lines; a spreadsheet knows no time zones

import datetime as dt
import io
import zipfile

import openpyxl
import pytest

from jackfield.core.contacts.files.errors import UnreadableFile
from jackfield.core.contacts.files.parse import ContactRow, parse_contacts
from jackfield.core.contacts.files.reader import read_table

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bare_workbook(sheet: str, strings: str = "") -> bytes:
    """A workbook of the least parts, with the sheet's XML as given."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", f'<w:workbook xmlns:w="{MAIN}" xmlns:r="{REL}"><w:sheets>'
                         '<w:sheet name="hidden" state="hidden" r:id="r2"/><w:sheet name="s" r:id="r1"/></w:sheets></w:workbook>')  # fmt: skip
        archive.writestr("xl/_rels/workbook.xml.rels", '<Relationships><Relationship Id="r1" '
                         f'Type="{REL}/worksheet" Target="/xl/worksheets/one.xml"/></Relationships>')  # fmt: skip
        archive.writestr("xl/worksheets/one.xml", sheet)
        if strings:
            archive.writestr("xl/sharedStrings.xml", strings)
    return out.getvalue()


def read(data: bytes) -> list[tuple[int, list[str]]]:
    return list(read_table(io.BytesIO(data)))


def test_values_come_as_a_person_would_type_them() -> None:
    data = workbook(
        [
            ["Name", "Phone", "Born", "Seen", "Paid", "VIP"],
            ["Jürgen\nWeiß", 4915148536123, dt.date(1990, 5, 17), dt.datetime(2026, 1, 2, 3, 4, 5), 12.5, True],
            [],
            ["שירה", "+972548159013", None, None, -3, False],
        ]
    )
    assert read(data) == [
        (1, ["Name", "Phone", "Born", "Seen", "Paid", "VIP"]),
        (2, ["Jürgen\nWeiß", "4915148536123", "1990-05-17", "2026-01-02 03:04:05", "12.5", "TRUE"]),
        (4, ["שירה", "+972548159013", "", "", "-3", "FALSE"]),
    ]


def test_contacts_of_a_workbook() -> None:
    data = workbook([["Name", "Handy", "Einwilligung"], ["Größe", 15135905159, "ja"], ["Zoë", 4.915148536e12, True]])
    rows = list(parse_contacts(io.BytesIO(data), default_country="DE"))
    assert [(r.line, r.phones, r.optin) for r in rows if isinstance(r, ContactRow)] == [
        (2, ["4915135905159"], True), (3, ["4915148536000"], True)
    ]  # fmt: skip


def test_prefixes_rich_text_phonetics_gaps_and_formulas() -> None:
    sheet = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>'
        '<x:row><x:c t="s"><x:v>0</x:v></x:c><x:c t="inlineStr"><x:is><x:t>Phone</x:t></x:is></x:c></x:row>'
        '<x:row r="5"><x:c r="A5" t="s"><x:v>1</x:v></x:c><x:c r="C5" t="str"><x:f>A1&amp;B1</x:f><x:v>sum</x:v></x:c>'
        '<x:c r="D5" t="e"><x:v>#N/A</x:v></x:c><x:c r="E5"><x:v>4.9151485361229997E+12</x:v></x:c></x:row>'
        "</x:sheetData></x:worksheet>"
    )
    strings = (
        f'<sst xmlns="{MAIN}"><si><t>Name</t></si><si><r><t>佐</t></r><r><t>藤_x000A_</t></r>'
        "<rPh><t>サトウ</t></rPh></si></sst>"
    )
    assert read(bare_workbook(sheet, strings)) == [
        (1, ["Name", "Phone"]),
        (5, ["佐藤\n", "", "sum", "", "4915148536123"]),
    ]


def test_a_source_that_cannot_be_rewound() -> None:
    class Forward(io.BytesIO):
        def seekable(self) -> bool:
            return False

    assert list(read_table(Forward(workbook([["Phone"], ["+4915135905159"]]))))[1] == (2, ["+4915135905159"])


def refusal(data: bytes) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read(data)
    return caught.value.code


def test_damaged_and_foreign_archives() -> None:
    good = workbook([["Phone"], ["+4915135905159"]])
    assert refusal(good[:-200]) == "broken_xlsx"
    body = good.index(b"xl/worksheets/sheet1.xml") + 40
    assert refusal(good[:body] + bytes(50) + good[body + 50 :]) == "broken_xlsx"
    assert refusal(bare_workbook("<worksheet><row>")) == "broken_xlsx"
    assert (
        refusal(bare_workbook('<worksheet><row r="1"><c r="A1" s="x"><v>1</v></c></row></worksheet>')) == "broken_xlsx"
    )
    for name in ("word/document.xml", "content.xml", "xl/workbook.bin", "contacts.csv", "Index/Document.iwa"):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(name, "x")
        assert refusal(out.getvalue()) == "other_document"


def test_entities_are_not_expanded() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><worksheet><row><c t="str"><v>&b;</v></c></row></worksheet>'
    assert refusal(bare_workbook(bomb)) == "broken_xlsx"


def test_far_columns_do_not_blow_up_a_row() -> None:
    sheet = (
        '<worksheet><row r="1"><c r="A1"><v>1</v></c><c r="ZZZZ1"><v>2</v></c><c r="?1"><v>3</v></c></row></worksheet>'
    )
    assert len(read(bare_workbook(sheet))[0][1]) == 1
