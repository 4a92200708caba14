"""Files as the field's own reports show them: each rule with the reported case and further ones of its kind."""

from __future__ import annotations

import io
import json
import time
import tracemalloc
import zipfile
from typing import Any

import pytest

from jackfield.core.contacts.files import ContactRow, RefusedRow, UnreadableFile, parse_contacts, refused_csv
from jackfield.core.contacts.files.preview import preview
from jackfield.core.contacts.files.xlsx import format_of
from jackfield.core.contacts.people.countries import country_named


def rows(data: bytes | str, country: str | None = None, **options: Any) -> list[ContactRow | RefusedRow]:
    source = io.BytesIO(data if isinstance(data, bytes) else data.encode())
    return list(parse_contacts(source, default_country=country, **options))


def people(data: bytes | str, country: str | None = None, **options: Any) -> list[tuple[str, list[str]]]:
    return [(row.name, row.phones) for row in rows(data, country, **options) if isinstance(row, ContactRow)]


def refusal(data: bytes | str, **options: Any) -> str:
    with pytest.raises(UnreadableFile) as caught:
        rows(data, **options)
    return str(caught.value.code)


# -- columns ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "phone", "given", "digits"),
    [
        ("91", "9820011122", None, "919820011122"),
        ("+91", "9820011122", "DE", "919820011122"),
        ("IN", "98200 11122", "DE", "919820011122"),
        ("IND", "9820011122", None, "919820011122"),
        ("Indien", "9820011122", "DE", "919820011122"),
        ("भारत", "9820011122", None, "919820011122"),
        ("Deutschland", "0151 35905159", "IN", "4915135905159"),
        ("Германия", "0151 35905159", None, "4915135905159"),
        ("Wonderland", "0151 35905159", "DE", "4915135905159"),
        ("", "0151 35905159", "DE", "4915135905159"),
    ],
)
def test_the_rows_own_country_comes_before_the_default(cell: str, phone: str, given: str | None, digits: str) -> None:
    (row,) = rows(f"Name;Country;Phone\nAsha;{cell};{phone}\n", given)
    assert isinstance(row, ContactRow)
    assert row.phones == [digits]


def test_a_wati_export_needs_no_default_country() -> None:
    assert people("Name,CountryCode,Phone,AllowBroadcast\nAsha,91,9820011122,TRUE\nBo,49,015135905159,FALSE\n") == [
        ("Asha", ["919820011122"]),
        ("Bo", ["4915135905159"]),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [("uk", "GB"), ("Türkiye", "TR"), ("Nederland", "NL"), ("日本", "JP"), ("United States", "US"), ("00971", "AE"),
     ("السعودية", "SA"), ("Việt Nam", "VN"), ("ไทย", "TH"), ("Polska", "PL"), ("Korea", "KR"), ("x", None), ("999", None)],
)  # fmt: skip
def test_countries_by_code_dial_code_and_name(text: str, code: str | None) -> None:
    assert country_named(text) == code


HEADERS = {
    "en": "Full Name,Mobile Number", "de": "Vollständiger Name,Handynummer", "fr": "Nom complet,Téléphone portable",
    "es": "Nombre,Teléfono móvil", "pt": "Nome,Telemóvel", "it": "Nome e cognome,Cellulare", "nl": "Naam,Telefoonnummer",
    "id": "Nama,Nomor HP", "tr": "Ad Soyad,Cep telefonu", "pl": "Imię i nazwisko,Numer telefonu",
    "ru": "Имя,Номер телефона", "uk": "Ім'я,Номер телефону", "ar": "الاسم,رقم الهاتف", "he": "שם,טלפון",
    "hi": "नाम,मोबाइल नंबर", "zh": "姓名,手机号码", "zh-tw": "姓名,電話", "ja": "氏名,電話番号", "ko": "이름,전화번호",
    "vi": "Họ và tên,Số điện thoại", "th": "ชื่อ,เบอร์โทรศัพท์",
}  # fmt: skip


@pytest.mark.parametrize("language", HEADERS)
def test_headers_in_the_languages_of_the_markets(language: str) -> None:
    data = f"{HEADERS[language]}\nAnna,+4915135905159\n,\nBo,\n"
    assert people(data) == [("Anna", ["4915135905159"])]
    assert len(rows(data)) == 2, "every row is an outcome"


@pytest.mark.parametrize(
    "header", ["Имя,Телефон,Источник", "Kişi,Numara,Kaynak", "Όνομα,Τηλέφωνο,Πηγή", "Нэр,Утас,Эх сурвалж"]
)
def test_a_data_row_never_becomes_the_header_and_every_row_counts(header: str) -> None:
    data = f"{header}\nАнна,+79161234567,Instagram\nПётр,,WhatsApp\nИван,+79167654321,Instagram\n"
    found = rows(data)
    assert [row.phones if isinstance(row, ContactRow) else row.code for row in found] == [
        ["79161234567"],
        "missing_phone",
        ["79167654321"],
    ]


@pytest.mark.parametrize("header", ["Клич,Утас", "Wie,Telefon", "Who,Phone"])
def test_the_one_text_column_left_over_is_the_name(header: str) -> None:
    assert people(f"{header}\nAnna,+4915135905159\n") == [("Anna", ["4915135905159"])]


@pytest.mark.parametrize(
    "header",
    ["Phone No. with Country Code,Alt Phone", "WhatsApp Number (with country code),Phone",
     "Mobile incl. country code,Landline"],
)  # fmt: skip
def test_phrases_around_the_word_phone_are_understood(header: str) -> None:
    assert people(f"{header}\n+4915135905159,+493012345678\n")[0][1][0] == "4915135905159"


@pytest.mark.parametrize(
    ("header", "cell", "answer"),
    [
        ("SMS Marketing Consent", "UNSUBSCRIBED", False),
        ("SMS Marketing Consent", "SUBSCRIBED", True),
        ("Opted out of WhatsApp", "true", False),
        ("Opted out of WhatsApp", "false", None),
        ("Unsubscribed", "2024-03-01 10:00", False),
        ("Согласие на рассылку", "нет", False),
        ("WhatsApp Opt In", "yes", True),
        ("Accepts Email Marketing", "yes", None),
    ],
)
def test_consent_columns_of_the_usual_tools(header: str, cell: str, answer: bool | None) -> None:
    (row,) = rows(f"Name,Phone,{header}\nAnna,+4915135905159,{cell}\n")
    assert isinstance(row, ContactRow)
    assert (row.optin, row.phones) == (answer, ["4915135905159"])


@pytest.mark.parametrize(
    ("sms", "whatsapp", "answer"), [("yes", "no", False), ("no", "yes", True), ("yes", "", True), ("no", "", False)]
)
def test_whatsapps_answer_outweighs_that_for_text_messages(sms: str, whatsapp: str, answer: bool) -> None:
    (row,) = rows(f"Phone,SMS Opt In,WhatsApp Opt In\n+4915135905159,{sms},{whatsapp}\n")
    assert isinstance(row, ContactRow)
    assert row.optin is answer


@pytest.mark.parametrize(
    ("cell", "tags"), [('"VIP"', ["VIP"]), ('"VIP","Has, a comma"', ["VIP", "Has, a comma"]), ("a;b", ["a", "b"])]
)
def test_tags_as_mailchimp_quotes_them(cell: str, tags: list[str]) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    (row,) = rows(f"Phone,Tags\n+4915135905159,{quoted}\n")
    assert isinstance(row, ContactRow)
    assert row.tags == tags


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [("小明", "王", "王小明"), ("민준", "김", "김민준"), ("さくら", "佐藤", "佐藤 さくら"), ("Li", "Wang", "Li Wang")],
)
def test_east_asian_family_names_come_first(first: str, last: str, name: str) -> None:
    assert people(f"First Name,Last Name,Phone\n{first},{last},+4915135905159\n")[0][0] == name


@pytest.mark.parametrize("glue", [",", ";", "\t", " ", "\n"])
def test_a_bare_list_of_numbers_is_that_many_people(glue: str) -> None:
    numbers = [f"49151359051{n:02}" for n in range(10)]
    found = people(glue.join(f"+{one}" for one in numbers) + "\n")
    assert [phones for _, phones in found] == [[one] for one in numbers]


# -- numbers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "country", "digits"),
    [
        ("0172 / 1547608", "DE", ["491721547608"]),
        ("+49 172 / 1547610", "DE", ["491721547610"]),
        ("030 / 123456", "DE", ["4930123456"]),
        ("011 / 4893 1234", "IT", ["3901148931234"]),
        ("089 12345678 / 1234567", "DE", ["498912345678"]),
        ("0151 35905159 / 0171 35905159", "DE", ["4915135905159", "4917135905159"]),
        ("+44 (0)20 7946 0958", None, ["442079460958"]),
        ("0044 (0) 20 7946 0958", "DE", ["442079460958"]),
        ("+39 (0)6 12345678", None, ["390612345678"]),
        ("1\ufe0f5\ufe0f135905159", "DE", ["4915135905159"]),
        ("+49\ufe0f 151 35905159", None, ["4915135905159"]),
    ],
)
def test_a_number_is_read_as_a_person_reads_it(cell: str, country: str | None, digits: list[str]) -> None:
    assert people(f"Name;Phone\nA;{cell}\n", country) == [("A", digits)]


@pytest.mark.parametrize("cell", ["2023-03-15", "15.03.2023", "3/15/2023", "2023-03-15 10:30:00"])
def test_a_date_is_no_phone_number(cell: str) -> None:
    (row,) = rows(f"Name;Phone\nA;{cell}\n", "DE")
    assert isinstance(row, RefusedRow)
    assert "date" in row.reason


@pytest.mark.parametrize(
    ("code", "prefix"),
    [('"+91 "0', "+91 "), ("\\+00", "+"), ('"+49"0', "+49"), ("0", ""), ('"No. "0', ""), ("dd/mm/yyyy", ""),
     ("[<=9999999]###-####;(###) ###-####", "")],
)  # fmt: skip
def test_the_text_that_a_number_format_shows_before_a_number_counts(code: str, prefix: str) -> None:
    assert format_of(code).prefix == prefix


# -- encodings -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "header", "name"),
    [
        ("cp1251", "Имя,Телефон", "Пётр"), ("koi8-r", "Имя,Телефон", "Анна"), ("cp1253", "Όνομα,Phone", "Γιώργος"),
        ("cp932", "名前,電話番号", "山田太郎"), ("gb18030", "姓名,电话", "王小明"), ("big5", "姓名,電話", "陳小明"),
        ("cp949", "이름,전화번호", "김민준"), ("cp1256", "الاسم,رقم الهاتف", "محمد"), ("cp1255", "שם,טלפון", "נועה"),
        ("cp1250", "Imię,Telefon", "Łukasz Wójcik"), ("cp1254", "Ad Soyad,Telefon", "Şükrü Yıldız"),
        ("cp1252", "Name,Telefon", "Jürgen Weiß"), ("cp874", "ชื่อ,เบอร์โทรศัพท์", "สมชาย"),
        ("utf-16", "Имя,Телефон", "Пётр"),
    ],
)  # fmt: skip
def test_encodings_are_guessed_by_the_letters_they_give(encoding: str, header: str, name: str) -> None:
    data = f"{header}\n{name},+4915135905159\n".encode(encoding)
    assert people(data) == [(name, ["4915135905159"])]


def test_an_encoding_that_cannot_be_told_is_refused_and_can_be_named() -> None:
    data = "Name,Phone\nさくら,+4915135905159\n".encode("cp932")
    assert refusal(data) == "unsure_encoding"
    assert people(data, encoding="shift_jis") == [("さくら", ["4915135905159"])]
    assert refusal(data, encoding="rot13") == "unknown_encoding"
    assert refusal(data, encoding="no such") == "unknown_encoding"


# -- other kinds of files --------------------------------------------------------------------------------

ANDROID = (
    "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=98=D0=B2=D0=B0=D0=BD=D0=BE=D0=B2;"
    "=D0=9F=D1=91=\r\n=D1=82=D1=80;;;\r\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=9F=D1=91=D1=82=D1=80 "
    "=D0=98=D0=B2=\r\n=D0=B0=D0=BD=D0=BE=D0=B2\r\nTEL;WORK;FAX:+7 495 111-22-33\r\nTEL;CELL;PREF:+7 916 123-45-67\r\n"
    "PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQ\r\n SkZJRg==\r\n\r\nEND:VCARD\r\n"
)
IPHONE = (
    "BEGIN:VCARD\nVERSION:3.0\nPRODID:-//Apple Inc.//iPhone OS 17//EN\nN:Weiß;Jürgen;;;\nFN:Jürgen Weiß\n"
    "ORG:Nordlicht\\, GmbH;Vertrieb\nTEL;type=HOME;type=VOICE:+49 30 12345678\nitem1.TEL:+49 151 35905159\n"
    "item1.X-ABLabel:WhatsApp\nEMAIL;type=INTERNET;type=HOME;type=pref:juergen@example.com\nCATEGORIES:VIP,Kunden\n"
    "NOTE:Line one\\nline \n two\nEND:VCARD\n"
)
GOOGLE = (
    "BEGIN:VCARD\nVERSION:4.0\nFN:Asha Rao\nN:Rao;Asha;;;\nTEL;VALUE=uri;TYPE=cell;PREF=1:tel:+91-98200-11122\n"
    'TEL;VALUE=uri;TYPE="work,voice":tel:+91-22-12345678;ext=5\nEND:VCARD\n'
)
WHATSAPP = "BEGIN:VCARD\nVERSION:3.0\nFN:Bo\nTEL;type=CELL;type=VOICE;waid=4915135905159:+49 1513 5905159\nEND:VCARD\n"


def test_a_vcard_of_every_version_is_read() -> None:
    found = rows(ANDROID + IPHONE + GOOGLE + WHATSAPP + "BEGIN:VCARD\nVERSION:3.0\nFN:Nobody\nEND:VCARD\n")
    assert [(row.name, row.phones) for row in found if isinstance(row, ContactRow)] == [
        ("Пётр Иванов", ["79161234567"]),
        ("Jürgen Weiß", ["4915135905159", "493012345678"]),
        ("Asha Rao", ["919820011122", "912212345678"]),
        ("Bo", ["4915135905159"]),
    ]
    assert [row.code for row in found if isinstance(row, RefusedRow)] == ["missing_phone"]
    iphone = found[1]
    assert isinstance(iphone, ContactRow)
    assert (iphone.email, iphone.tags) == ("juergen@example.com", ["VIP", "Kunden"])
    assert iphone.attributes == {"Organization Name": "Nordlicht, GmbH", "Notes": "Line one\nline two"}


@pytest.mark.parametrize("cut", [20, 60, 200, len(IPHONE) - 5])
def test_a_vcard_file_that_is_cut_off_is_read_as_far_as_it_goes(cut: int) -> None:
    assert len(rows(IPHONE + GOOGLE[:cut])) == 2


@pytest.mark.parametrize(
    "data",
    [
        '[{"name": "Anna", "phone": "+4915135905159", "address": {"city": "Köln"}, "tags": ["a", "b"]}]',
        '{"contacts": [{"name": "Anna", "phone": 4915135905159, "address": {"city": "Köln"}, "tags": ["a", "b"]}]}',
        '{"name": "Anna", "phone": "+4915135905159", "address": {"city": "Köln"}, "tags": ["a", "b"]}\n{"name": "Bo"}\n',
    ],
)
def test_json_lists_objects_and_lines(data: str) -> None:
    row = rows(data)[0]
    assert isinstance(row, ContactRow)
    assert (row.name, row.phones, row.tags, row.attributes) == (
        "Anna", ["4915135905159"], ["a", "b"], {"address.city": "Köln"},
    )  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        "<html><style>td{}</style><table><tr><th>Name<th>Phone</tr><tr><td>Anna&amp;Co<br>x<td>+4915135905159</table>",
        '<table><tr><td colspan="1">Name</td><td>Phone</td></tr><tr><td>Anna&amp;Co<p>x</td><td>+4915135905159</td></tr></table>',
        '<?xml version="1.0"?><ss:Workbook xmlns:ss="urn:x"><ss:Worksheet><ss:Table><ss:Row><ss:Cell><ss:Data>Name</ss:Data>'
        '</ss:Cell><ss:Cell><ss:Data>Phone</ss:Data></ss:Cell></ss:Row><ss:Row>'
        '<ss:Cell><ss:Data>Anna&amp;Co x</ss:Data></ss:Cell>'
        '<ss:Cell ss:Index="2"><ss:Data>+4915135905159</ss:Data></ss:Cell></ss:Row></ss:Table></ss:Worksheet></ss:Workbook>',
    ],
)  # fmt: skip
def test_html_and_xml_tables_saved_as_xls(data: str) -> None:
    assert people(data) == [("Anna&Co x", ["4915135905159"])]


def ods(*tables: tuple[str, list[str]]) -> bytes:
    """An OpenDocument file of tables: name and rows as XML."""
    body = "".join(f'<table:table table:name="{name}">{"".join(lines)}</table:table>' for name, lines in tables)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            '<?xml version="1.0"?><office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x">'
            f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>",
        )
    return out.getvalue()


def line(*cells: str) -> str:
    return "<table:table-row>" + "".join(cells) + "</table:table-row>"


def text(value: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string"{more}><text:p>{value}</text:p></table:table-cell>'


def number(value: str, shown: str) -> str:
    return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{shown}</text:p></table:table-cell>'


GAP = '<table:table-cell table:number-columns-repeated="2"/>'
FILLER = (
    '<table:table-row table:number-rows-repeated="1048570">'
    '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
)


def test_ods_with_blank_sheets_gaps_and_numbers_shown_short() -> None:
    data = ods(
        ("Blank", [FILLER]),
        (
            "People",
            [
                line(text("Name"), GAP, text("Phone")),
                line(text("Anna"), GAP, number("4915135905159", "4,91513590515900E+12")),
                line(text("Bo"), GAP, number("9820011122", "+91 9820011122")),
                FILLER,
            ],
        ),
        ("Others", [line(text("Name"), text("Phone")), line(text("Cy"), text("+4917135905159"))]),
    )
    assert people(data) == [("Anna", ["4915135905159"]), ("Bo", ["919820011122"])]
    assert people(data, sheet="Others") == people(data, sheet=3) == [("Cy", ["4917135905159"])]
    assert refusal(data, sheet="Nobody") == "unknown_sheet"


def test_what_only_begins_like_an_old_excel_file_is_refused_by_words() -> None:
    """One that is whole is read: see test_old_excel.py."""
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)) == "old_excel"


# -- bounds ----------------------------------------------------------------------------------------------


def _xlsx(sheet: bytes, strings: bytes | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr(
            "xl/workbook.xml", '<workbook xmlns:r="r"><sheets><sheet name="S" r:id="a"/></sheets></workbook>'
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="a" Type="x/worksheet" Target="worksheets/s.xml"/></Relationships>',
        )
        archive.writestr("xl/worksheets/s.xml", sheet)
        if strings is not None:
            archive.writestr("xl/sharedStrings.xml", strings)
    return out.getvalue()


BIG = 60 << 20
BOMBS = {
    "rows": lambda: _xlsx(b"<worksheet>" + b'<row><c t="str"><v>a</v></c></row>' * (BIG // 34)),
    "attribute": lambda: _xlsx(b'<worksheet><row r="' + b"1" * BIG + b'"/></worksheet>'),
    "text": lambda: _xlsx(b'<worksheet><row><c t="str"><v>' + b"x" * BIG + b"</v></c></row></worksheet>"),
    "strings": lambda: _xlsx(b"<worksheet/>", b"<sst>" + b"<si><t>abc</t></si>" * (BIG // 19) + b"</sst>"),
    "ods cells": lambda: ods(("S", [line(text("x" * 1000, ' table:number-columns-repeated="16000"'))])),
    "ods rows": lambda: ods(
        ("S", [f'<table:table-row table:number-rows-repeated="1000000">{text("Anna")}{text("+49")}</table:table-row>'])
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", BOMBS)
def test_a_small_workbook_costs_little_whatever_it_unpacks_to(kind: str) -> None:
    data = BOMBS[kind]()
    assert len(data) < 200_000
    wanted = ("too_large", "no_phone_column", "no_rows", "empty_file")
    began = time.process_time()
    assert refusal(data) in wanted
    spent = (time.process_time() - began) * 100_000 / max(len(data), 100_000)
    assert spent < 2, "a second for 100 kB on a quiet machine"
    tracemalloc.start()
    assert refusal(data) in wanted
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50 << 20


@pytest.mark.parametrize(
    "data",
    [
        b"<table><tr><td " + b"a" * (4 << 20),
        b"[" * 100_000,
        b"BEGIN:VCARD\nNOTE:" + b"x" * (4 << 20) + b"\nEND:VCARD\n",
        b'{"a":' * 50_000,
    ],
    ids=["open tag", "nested lists", "long property", "nested objects"],
)
def test_a_token_of_absurd_length_is_refused(data: bytes) -> None:
    assert refusal(data) in ("other_document", "broken_json", "line_too_long")


# -- round trips and preview -----------------------------------------------------------------------------


def test_refused_rows_keep_their_columns_and_come_in_again_once_corrected() -> None:
    data = "Имя;Телефон;Город\nАнна;12;Москва\nБо;+4915135905159;Köln\n"
    bad = [row for row in rows(data) if isinstance(row, RefusedRow)]
    file = b"".join(refused_csv(bad, ["Имя", "Телефон", "Город"]))
    corrected = file.replace(b'"12"', b'"+79161234567"')
    (row,) = rows(corrected)
    assert isinstance(row, ContactRow)
    assert (row.name, row.phones, row.attributes) == ("Анна", ["79161234567"], {"Город": "Москва"})


def test_a_preview_tells_columns_samples_countries_and_refusals() -> None:
    data = "Имя,Телефон,Город\nАнна,+79161234567,Москва\nБо,+4915135905159,Köln\nПётр,,Омск\n".encode()
    found = preview(io.BytesIO(data))
    assert (found.encoding, found.sheets, found.has_header, found.complete) == ("utf-8", [], True, True)
    assert [(one.title, one.field, one.samples[:1]) for one in found.columns] == [
        ("Имя", "name", ["Анна"]),
        ("Телефон", "phone", ["+79161234567"]),
        ("Город", "attribute", ["Москва"]),
    ]
    assert found.mapping == {"name": ["#1"], "phone": ["#2"]}
    assert (found.rows, found.contacts, found.refused_total) == (3, 2, 1)
    assert (found.countries, found.reasons) == ({"RU": 1, "DE": 1}, {"missing_phone": 1})
    again = preview(io.BytesIO("Имя,Телефон\nАнна,+79161234567\n".encode("cp1251")))
    assert (again.encoding, again.first[0].name) == ("cp1251", "Анна")


def test_a_preview_of_a_workbook_tells_its_sheets() -> None:
    sheets = ods(("One", [line(text("Phone")), line(text("+4915135905159"))]), ("Two", [line(text("Phone"))]))
    found = preview(io.BytesIO(sheets), sheet="One")
    assert (found.encoding, found.sheets, found.sheet, found.contacts) == (None, ["One", "Two"], "One", 1)
    assert json.loads(json.dumps(found.countries)) == {"DE": 1}
