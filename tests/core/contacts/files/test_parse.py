"""Whole files in, contacts and reasons out."""

import csv
import io
import zipfile

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jackfield.core.contacts.files.errors import UnreadableFile
from jackfield.core.contacts.files.parse import ContactRow, RefusedRow, parse_contacts, split_tags
from jackfield.core.contacts.files.reader import read_table
from jackfield.core.contacts.files.sample import HEADER

GOOGLE = (
    ",".join(HEADER)
    + '''
محمد,,van der Berg,,,,,,,,"Line
break GmbH",,,,,,VIP ::: Leads ::: * myContacts,* ,anna@example.com,Mobile,+62 812-0181-5908,Work,+62 812-1318-6091,São Paulo,
王,Li,O'Brien,,,,,,,,"Acme, Inc.",,,,=1+1,,* myContacts,,,Work,+1 (415) 555-3363 ::: +999 1234567890,Mobile,'+4915135905159,,
,,,,,,,,,,"Toko ""Jaya""",,,,,,,* ,,Work Fax,+493012345678,Mobile,=+6281201815909,,
Noam,,Levi,,,,,,,,,,,,,,* myContacts,* ,,Mobile,n/a,,,,
Zoë,,,,,,,,,,,,,,,,* myContacts,* ,,Mobile,call office,,,,
Ida,,,,,,,,,,,,,,,,* myContacts,* ,,Mobile,0151 35905159,,,,
'''
)


def parse(data: str | bytes, **options: object) -> tuple[list[ContactRow], list[RefusedRow]]:
    raw = data.encode() if isinstance(data, str) else data
    rows = list(parse_contacts(io.BytesIO(raw), **options))  # type: ignore[arg-type]
    return [r for r in rows if isinstance(r, ContactRow)], [r for r in rows if isinstance(r, RefusedRow)]


def test_a_google_export() -> None:
    contacts, refused = parse(GOOGLE)
    first, second, third = contacts
    assert (first.line, first.name, first.first_name, first.last_name) == (
        2,
        "محمد van der Berg",
        "محمد",
        "van der Berg",
    )
    assert first.phones == ["6281201815908", "6281213186091"]
    assert (first.email, first.tags, first.optin) == ("anna@example.com", ["VIP", "Leads"], None)
    assert first.attributes == {"Organization Name": "Line\nbreak GmbH", "Address 1 - City": "São Paulo"}
    assert (second.line, second.name, second.tags, second.email) == (4, "王 Li O'Brien", [], None)
    assert second.phones == ["4915135905159", "14155553363"]  # the mobile before the office
    assert [(d.value, d.code) for d in second.dropped] == [("+999 1234567890", "invalid_phone")]
    assert second.attributes["Notes"] == "=1+1"
    assert (third.name, third.phones) == ('Toko "Jaya"', ["6281201815909"])  # no fax
    assert [(r.line, r.value, r.code) for r in refused] == [
        (6, "n/a", "missing_phone"), (7, "call office", "invalid_phone"), (8, "0151 35905159", "country_needed")
    ]  # fmt: skip
    assert len(parse(GOOGLE, default_country="de")[0]) == 4


def test_a_german_spreadsheet() -> None:
    lines = ["Name;Telefon;Stadt;Kundennr.;Einwilligung", "Größe;0151 35905159;München;1000;ja",
             "Señor Peña;4,915148536E+12;München;1001;nein", "Señor Peña;'+4915102841507;München;1002;1",
             "Jürgen Weiß;4915111749965;München;1008;", "François;+49 151 07463570;München;1010;0"]  # fmt: skip
    contacts, refused = parse("\r\n".join(lines).encode("cp1252"), default_country="DE")
    assert [(c.name, c.phones, c.optin) for c in contacts] == [
        ("Größe", ["4915135905159"], True),
        ("Señor Peña", ["4915102841507"], True),
        ("Jürgen Weiß", ["4915111749965"], None),
        ("François", ["4915107463570"], False),
    ]
    assert contacts[0].attributes == {"Stadt": "München", "Kundennr.": "1000"}
    assert [(r.line, r.value, r.code) for r in refused] == [(3, "4,915148536E+12", "precision_lost")]
    assert "digits are lost" in refused[0].reason


def test_shopify_and_facebook_and_outlook_rows() -> None:
    shopify = (
        'First Name,Last Name,Email,Phone,Accepts SMS Marketing,Tags\nAna,Paz,a@b.co,\'+5511931948757,yes,"vip, new"\n'
    )
    contact = parse(shopify)[0][0]
    assert (contact.phones, contact.optin, contact.tags) == (["5511931948757"], True, ["vip", "new"])
    facebook = "id\tfull_name\tphone_number\nl:123\tAna Paz\tp:+5511931948757\n"
    assert parse(facebook.encode("utf-16"))[0][0].phones == ["5511931948757"]
    outlook = 'First Name,Last Name,Home Phone,Mobile Phone,Categories\nIda,Roth,030 1234567,0151 35905159,"A;B"\n'
    contact = parse(outlook, default_country="DE")[0][0]
    assert (contact.name, contact.phones, contact.tags) == ("Ida Roth", ["4915135905159", "49301234567"], ["A", "B"])


def test_opting_out_is_heeded_and_not_opting_out_is_no_consent() -> None:
    contacts, _ = parse("phone,unsubscribed\n+4915135905159,yes\n+4915135905158,no\n+4915135905157,\n")
    assert [c.optin for c in contacts] == [False, None, None]


def test_title_lines_before_the_header() -> None:
    contacts, _ = parse("Phone list 2026,,\n,,\nName,Phone,City\nAnna,+4915135905159,Bonn\n")
    assert [(c.line, c.name, c.attributes) for c in contacts] == [(4, "Anna", {"City": "Bonn"})]


def test_no_header() -> None:
    contacts, _ = parse("Anna;0151 35905159\nBo;0171 35905159\n", default_country="DE")
    assert [(c.line, c.name, c.phones) for c in contacts] == [
        (1, "Anna", ["4915135905159"]),
        (2, "Bo", ["4917135905159"]),
    ]
    assert len(parse("+4915135905159\n+4917135905159\n")[0]) == 2


def test_the_mapping() -> None:
    contacts, _ = parse(
        "A,B,C\nx,0151 35905159,blue\n", default_country="DE", mapping={"phone": "B", "name": "A", "colour": "C"}
    )
    assert (contacts[0].name, contacts[0].attributes) == ("x", {"colour": "blue"})


def test_a_row_with_too_many_cells_says_so() -> None:
    _, refused = parse("Name,Phone\nAnna,+4915135905159\nSmith, John,+4915135905159\n" + "B,+4915135905158\n" * 8)
    assert (refused[0].line, refused[0].code) == (3, "invalid_phone")
    assert "3 cells" in refused[0].reason


def test_ragged_rows() -> None:
    contacts, refused = parse(
        "Phone,Name,City\n+4915135905159\n+4915135905158,Bo,Ulm,,,\n" + "+4915135905157,C,D\n" * 5
    )
    assert refused == []
    assert [c.name for c in contacts[:2]] == ["", "Bo"]


def test_names_and_cells_are_cleaned_and_limited() -> None:
    data = (
        'Phone,Name,Note,Tags\n+4915135905159,"  A\x07n\u202ena\n  B\u00e9la ",  x\x00y  ,a\n'
        + "+4915135905158,"
        + ("n" * 500 + "," + "z" * 5000 + "," + ";".join(f"tag{i}" for i in range(300)) + "\n")
    )
    contacts, _ = parse(data)
    assert (contacts[0].name, contacts[0].attributes) == ("Anna Béla", {"Note": "xy"})
    assert (len(contacts[1].name), len(contacts[1].attributes["Note"]), len(contacts[1].tags)) == (200, 2000, 100)


def test_only_a_header_and_wrong_country() -> None:
    for data, options, code in (
        ("Name,Phone\n", {}, "no_rows"),
        ("Name,City\nA,B\n", {}, "no_phone_column"),
        ("Phone\n+4915135905159\n", {"default_country": "Germany"}, "unknown_country"),
    ):
        with pytest.raises(UnreadableFile) as caught:
            parse(data, **options)
        assert caught.value.code == code


def test_split_tags() -> None:
    assert split_tags("VIP ::: Leads, hot ::: * myContacts ::: * starred") == ["VIP", "Leads, hot"]
    assert split_tags("a; b,c|d\n * ") == ["a", "b", "c", "d"]


@given(st.lists(st.lists(st.text(max_size=20), min_size=3, max_size=3), max_size=6))
def test_every_row_is_a_contact_or_has_a_reason(rows: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["Name", "Phone", "Note"], ["A", "+4915135905159", ""], *rows])
    try:
        contacts, refused = parse(out.getvalue().encode("utf-8", "replace"), default_country="DE")
    except UnreadableFile as error:
        if error.code != "binary_file":  # cells of nothing but control characters
            raise
        return
    visible = sum(any(cell.replace("\0", "").strip() for cell in row) for row in rows)
    assert len(contacts) + len(refused) in range(visible, visible + 2)


class Endless(io.RawIOBase):
    """A large file that is never whole: `head`, then `block` so many times."""

    def __init__(self, head: bytes, block: bytes, times: int) -> None:
        self._rest, self._block, self._times = head, block, times

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size and self._times:
            self._rest += self._block
            self._times -= 1
        data, self._rest = self._rest[:size], self._rest[size:]
        return data


@pytest.mark.slow
def test_memory_stays_flat_over_200_000_rows() -> None:
    process = psutil.Process()
    head = b"Name,Phone,City\n"
    block = "".join(f'"Zo\u00eb {i}",+49 151 {10_000_000 + i},"Bad\nEms"\n' for i in range(500)).encode()
    for _ in parse_contacts(Endless(head, block, 4), default_country="IN"):  # loads what phonenumbers needs
        pass
    before = process.memory_info().rss
    count = sum(1 for _ in parse_contacts(Endless(head, block, 400), default_country="IN"))
    assert count == 200_000
    assert process.memory_info().rss - before < 20 << 20


@pytest.mark.slow
def test_memory_stays_flat_over_a_large_workbook() -> None:
    out = io.BytesIO()
    strings = "".join(f"<si><t>Person number {i}</t></si>" for i in range(100_000))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        archive.writestr("xl/workbook.xml", f'<workbook xmlns:r="{rel}"><sheets><sheet r:id="a"/></sheets></workbook>')
        archive.writestr(
            "xl/_rels/workbook.xml.rels", f'<R><Relationship Id="a" Type="{rel}/worksheet" Target="s.xml"/></R>'
        )
        archive.writestr("xl/sharedStrings.xml", f"<sst>{strings}</sst>")
        with archive.open("xl/s.xml", "w") as sheet:
            sheet.write(b"<worksheet><sheetData>")
            for i in range(100_000):
                sheet.write(b'<row><c t="s"><v>%d</v></c><c><v>49151%08d</v></c></row>' % (i, i))
            sheet.write(b"</sheetData></worksheet>")
    del strings
    out.seek(0)
    before = psutil.Process().memory_info().rss
    last = (0, [""])
    for row in read_table(out):
        last = row
    assert last == (100_000, ["Person number 99999", "4915100099999"])
    assert psutil.Process().memory_info().rss - before < 20 << 20
