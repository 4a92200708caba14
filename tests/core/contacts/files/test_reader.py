"""Tables of every make, and what is said of files that are none."""

import codecs
import io
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jackfield.core.contacts.files.errors import UnreadableFile
from jackfield.core.contacts.files.reader import read_table, sniff_delimiter

TEXT = 'Name;Telefon;Notiz\r\nJürgen Weiß;+49 151 35905159;"zwei\r\nZeilen; mit ""Zitat"""\r\n\r\nZoë;0151;\r\n'
ROWS = [
    (1, ["Name", "Telefon", "Notiz"]),
    (2, ["Jürgen Weiß", "+49 151 35905159", 'zwei\r\nZeilen; mit "Zitat"']),
    (5, ["Zoë", "0151", ""]),
]


def read(data: bytes, **options: str) -> list[tuple[int, list[str]]]:
    return list(read_table(io.BytesIO(data), **options))


def refusal(data: bytes) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read(data)
    assert len(caught.value.message) > 20
    return caught.value


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("cp1252"),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"),
    ],
    ids=["utf8", "utf8-bom", "cp1252", "utf16le-bom", "utf16be-bom", "utf16le", "utf16be", "utf32-bom"],
)
def test_every_encoding_gives_the_same_rows(data: bytes) -> None:
    assert read(data) == ROWS


def test_utf16_of_other_scripts_without_a_mark() -> None:
    text = "שם,טלפון\nשירה כהן,+972548159013\n" * 5
    assert read(text.encode("utf-16-le"))[1][1] == ["שירה כהן", "+972548159013"]
    assert read(text.encode("utf-16-be"))[1][1] == ["שירה כהן", "+972548159013"]


def test_an_accent_that_comes_late_is_still_read() -> None:
    data = b"name,phone\n" + b"Anna,4915135905159\n" * 10_000 + "Müller,4915135905160\n".encode("cp1252")
    assert read(data)[-1] == (10_002, ["Müller", "4915135905160"])


def test_a_file_put_together_from_two_encodings() -> None:
    data = "name,phone\nJosé,1\n王小明,2\n".encode() + "Müller,3\n".encode("cp1252")
    assert [cells[0] for _, cells in read(data)] == ["name", "José", "王小明", "Müller"]


def test_a_character_cut_by_a_block_boundary() -> None:
    for shift in range(4):
        data = b"x" * (65_536 - 20 - shift) + b",y\n" + "日本語,é\n".encode() * 20
        assert read(data)[-1][1] == ["日本語", "é"]


def test_the_encoding_can_be_given() -> None:
    data = "имя,телефон\nОлег,+79161234567\n".encode("cp1251")
    assert read(data, encoding="windows-1251")[1][1][0] == "Олег"
    with pytest.raises(UnreadableFile) as caught:
        read(data, encoding="klingon")
    assert caught.value.code == "unknown_encoding"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_delimiter(delimiter: str) -> None:
    lines = [["Name", "Phone", "Note"], ["Müller", "+49151", "a"], ["Zoë", "4", "b"]]
    data = "\n".join(delimiter.join(line) for line in lines).encode()
    assert [cells for _, cells in read(data)] == lines


@pytest.mark.parametrize(
    ("sample", "delimiter"),
    [
        ("Name;Betrag;Telefon\nA;4,50;0151\nB;3,20;0152\n", ";"),
        ("Phone;Amount\n1;4,50\n2;3,20\n3;1,00\n", ";"),
        ("Name,Phones\nA,1;2;3\nB,4;5\n", ","),
        ("Name,Labels\nA,x ::: y\nB,z\n", ","),
        ('"Acme, Inc.";"Bonn";1\n"B, C";"Ulm";2\n', ";"),
        ('Name,Company\n"a;b","c;d"\n"e;f","g;h"\n', ","),
        ("Name\tNote\nA\tone, two, three\nB\tfour\n", "\t"),
        ("Phone\n+49 151\n+49 152\n", "\x1f"),
        ("Phone\n+49 151, +49 152\n+49 153\n+49 154\n", "\x1f"),
    ],
)
def test_the_delimiter_is_told_by_the_shape_of_the_table(sample: str, delimiter: str) -> None:
    assert sniff_delimiter(sample) == delimiter


def test_the_separator_line_of_excel() -> None:
    assert read(b"sep=|\nName|Phone\nA, B|1\n") == [(2, ["Name", "Phone"]), (3, ["A, B", "1"])]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end(end: str) -> None:
    assert read(end.join(["a,b", "1,2", "3,4"]).encode()) == [(1, ["a", "b"]), (2, ["1", "2"]), (3, ["3", "4"])]


def test_ragged_rows_sloppy_quotes_and_stray_nuls() -> None:
    data = b'name,phone,city\nA,1\nB,2,Bonn,extra\n"Acme" Ltd,3,\nSmith "Jo" X,4,Ulm\nN\0ul,5,\n'
    assert [cells for _, cells in read(data)][1:] == [
        ["A", "1"], ["B", "2", "Bonn", "extra"], ["Acme Ltd", "3", ""], ['Smith "Jo" X', "4", "Ulm"], ["Nul", "5", ""]
    ]  # fmt: skip


def test_blank_lines_are_no_rows_and_lines_keep_their_numbers() -> None:
    assert read(b"\n\na,b\n,\n , \n1,2\n") == [(3, ["a", "b"]), (6, ["1", "2"])]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\n \n\r\n", "empty_file"),
        (codecs.BOM_UTF8, "empty_file"),
        (codecs.BOM_UTF16_LE + b"\n\0", "empty_file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "binary_file"),
        (b"\xff\xd8\xff\xe0" + bytes(range(256)), "binary_file"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "binary_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "old_excel"),
        (b"\x1f\x8b\x08" + bytes(range(200)), "binary_file"),
        (bytes(range(256)) * 8, "binary_file"),
        (b"MZ\x90\x00\x03\x00\x00\x00\x04" + bytes(100), "binary_file"),
        (b"BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n", "other_document"),
        (b"<!DOCTYPE html><html><table>", "other_document"),
        (b"<html><p>Not found</p>", "other_document"),
        (b'["phone", "+49"]', "other_document"),
        (b'[{"phone": "+49"}', "broken_json"),
        (b"a,b\n" + b"x" * (1 << 20) + b"\n", "line_too_long"),
        (b"a" + b"," * 20_000 + b"\n", "too_many_columns"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(data: bytes, code: str) -> None:
    assert refusal(data).code == code


def test_a_quote_that_never_closes_names_its_line() -> None:
    short = refusal(b'name,phone\nA,1\n"B,2\nC,3\nD,4\n')
    assert (short.code, short.line) == ("unclosed_quote", 3)
    long = refusal(b'name,phone\nA,1\n"B,2\n' + b"C,3\n" * 50_000)
    assert (long.code, long.line) == ("unclosed_quote", 3)


class Trickle(io.RawIOBase):
    """A source that can only be read forward, a few bytes at a time, as a network stream may be."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._data.read(min(size, 7) if size > 0 else size)


def test_paths_and_streams_and_the_source_stays_open(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_bytes(TEXT.encode())
    assert list(read_table(path)) == list(read_table(str(path))) == ROWS
    assert list(read_table(Trickle(TEXT.encode()))) == ROWS
    file = io.BytesIO(TEXT.encode())
    assert list(read_table(file)) == ROWS
    assert not file.closed


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('[{"name": "Ada"}, {"name": " "}, {"name": "Bo"}]', [["name"], ["Ada"], ["Bo"]]),
        ("<table><tr><td>name</td></tr><tr><td> </td></tr><tr><td>Ada</td></tr></table>", [["name"], ["Ada"]]),
    ],
)
def test_blank_rows_are_left_out(text: str, rows: list[list[str]]) -> None:
    assert [cells for _, cells in read(text.encode())] == rows


@pytest.mark.parametrize("text", ["{}", "[{}]", "[{}, {}]", '{"": 1}'])
def test_objects_without_keys_are_no_contacts(text: str) -> None:
    with pytest.raises(UnreadableFile, match="no contacts"):
        read(text.encode())


@given(st.binary(max_size=2000))
@example(b"{}")
def test_any_bytes_give_rows_or_a_typed_error(data: bytes) -> None:
    try:
        rows = read(data)
    except UnreadableFile:
        return
    assert all(any(cell.strip() for cell in cells) for _, cells in rows)
    assert [line for line, _ in rows] == sorted({line for line, _ in rows})
