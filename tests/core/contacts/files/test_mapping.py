"""Whose export it is, and what its columns mean."""

import pytest

from jackfield.core.contacts.files.errors import UnreadableFile
from jackfield.core.contacts.files.headers import normalise, truth
from jackfield.core.contacts.files.mapping import ColumnMap, guess_columns

GOOGLE_NEW = (
    "First Name,Middle Name,Last Name,Nickname,File As,Organization Name,Birthday,Notes,Photo,Labels,E-mail 1 - Label,"
    "E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value,Address 1 - City,Custom Field 1 - Label"
)
GOOGLE_OLD = (
    "Name,Given Name,Additional Name,Family Name,Yomi Name,Nickname,Birthday,Notes,Group Membership,E-mail 1 - Type,"
    "E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value,Phone 2 - Type,Phone 2 - Value"
)
OUTLOOK = (
    "Title,First Name,Middle Name,Last Name,Suffix,Company,Job Title,Business Street,Business City,Business Country/Region,"
    "Assistant's Phone,Business Fax,Business Phone,Business Phone 2,Callback,Car Phone,Company Main Phone,Home Fax,"
    "Home Phone,ISDN,Mobile Phone,Other Phone,Pager,Primary Phone,TTY/TDD Phone,Categories,E-mail Address,E-mail Type"
)
HUBSPOT = (
    "Record ID,First Name,Last Name,Email,Phone Number,Mobile Phone Number,WhatsApp Phone Number,Contact owner,"
    "Lead Status,Marketing contact status,Country/Region"
)
SHOPIFY = (
    "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,Default Address City,"
    "Default Address Country Code,Default Address Phone,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tags"
)


def columns(header: str, mapping: dict[str, str | list[str]] | None = None) -> ColumnMap:
    return guess_columns([header.split(","), [""] * (header.count(",") + 1)], mapping)


def named(header: str, **expected: str | list[str]) -> None:
    """Check that each field stands in the column of that header."""
    found, names = columns(header), header.split(",")
    for field, name in expected.items():
        if field == "phones":
            assert [names[i] for i, _ in found.phones] == name
        elif field == "tags":
            assert [names[i] for i in found.tags] == name
        else:
            index = getattr(found, field)
            assert index is not None, field
            assert names[index] == name


def test_google_new() -> None:
    named(GOOGLE_NEW, first_name="First Name", middle_name="Middle Name", last_name="Last Name", tags=["Labels"],
          email="E-mail 1 - Value", phones=["Phone 1 - Value", "Phone 2 - Value"], organisation="Organization Name")  # fmt: skip
    found = columns(GOOGLE_NEW)
    assert [label for _, label in found.phones] == [12, 14]
    assert [name for _, name in found.attributes] == [
        "Nickname", "File As", "Organization Name", "Birthday", "Notes", "Photo", "Address 1 - City"
    ]  # fmt: skip


def test_google_old() -> None:
    named(GOOGLE_OLD, name="Name", first_name="Given Name", last_name="Family Name", tags=["Group Membership"],
          email="E-mail 1 - Value", phones=["Phone 1 - Value", "Phone 2 - Value"])  # fmt: skip


def test_outlook_takes_the_mobile_first_and_no_fax() -> None:
    named(OUTLOOK, first_name="First Name", last_name="Last Name", email="E-mail Address", tags=["Categories"])
    names = OUTLOOK.split(",")
    phones = [names[i] for i, _ in columns(OUTLOOK).phones]
    assert phones[:2] == ["Mobile Phone", "Primary Phone"]
    assert set(phones[2:]) == {
        "Assistant's Phone", "Business Phone", "Business Phone 2", "Car Phone", "Company Main Phone", "Home Phone", "Other Phone"
    }  # fmt: skip


def test_hubspot_takes_the_whatsapp_number_first() -> None:
    named(HUBSPOT, phones=["WhatsApp Phone Number", "Mobile Phone Number", "Phone Number"], email="Email")
    assert "Record ID" in dict(columns(HUBSPOT).attributes).values()


def test_shopify_consent_is_that_for_texts_not_for_email() -> None:
    named(SHOPIFY, phones=["Phone", "Default Address Phone"], optin="Accepts SMS Marketing", tags=["Tags"])
    assert "Accepts Email Marketing" in dict(columns(SHOPIFY).attributes).values()


@pytest.mark.parametrize(
    ("header", "name", "phone", "optin", "tags", "first", "last"),
    [
        ("Name,Telefon,Stadt,Kundennr.,Einwilligung,Schlagworte", 0, 1, 4, 5, None, None),
        ("Vorname,Name,Handynummer,Zustimmung,Gruppe", None, 2, 3, 4, 0, 1),
        ("Vorname,Nachname,Mobil-Nr.,Einwilligung", None, 2, 3, None, 0, 1),
        ("Nom,Prénom,Téléphone portable,Consentement,Étiquettes", None, 2, 3, 4, 1, 0),
        ("Nombre,Apellidos,Teléfono móvil,Acepta marketing,Etiquetas", None, 2, 3, 4, 0, 1),
        ("Nombre completo,Celular,Suscrito", 0, 1, 2, None, None, None),
        ("Nome,Sobrenome,Telemóvel,Consentimento,Marcadores", None, 2, 3, 4, 0, 1),
        ("Nome e cognome,Numero di cellulare,Consenso,Etichette", 0, 1, 2, 3, None, None),
        ("Nama Lengkap,No. HP,Persetujuan,Kategori", 0, 1, 2, 3, None, None),
        ("שם פרטי,שם משפחה,טלפון נייד,אישור דיוור,תגיות", None, 2, 3, 4, 0, 1),
        ("full_name,phone_number,opt_in,tags", 0, 1, 2, 3, None, None),
        ("firstName,lastName,phoneNumber,optIn,Labels", None, 2, 3, 4, 0, 1),
        ("NAME,MOBILE NO,SUBSCRIBED", 0, 1, 2, None, None, None),
        ("Name,WhatsApp,Consent", 0, 1, 2, None, None, None),
    ],
)
def test_generic_headers_in_eight_languages(
    header: str, name: int | None, phone: int, optin: int, tags: int | None, first: int | None, last: int | None
) -> None:
    found = columns(header)
    assert (found.name, [i for i, _ in found.phones], found.optin) == (name, [phone], optin)
    assert list(found.tags) == ([] if tags is None else [tags])
    assert (found.first_name, found.last_name) == (first, last)


def test_columns_about_a_phone_are_no_phones() -> None:
    header = "Phone,Phone Type,Phone Country Code,Phone Verified,Fax,Phone Extension"
    assert [i for i, _ in columns(header).phones] == [0]


def test_the_mapping_overrides_the_guess() -> None:
    header = "Name,Phone,Kontakt 2,Code,Ort"
    found = columns(header, {"phone": "kontakt 2", "name": "Code", "city": "Ort", "tags": ["#1"]})
    assert (found.phones, found.name, found.tags) == (((2, None),), 3, (0,))
    assert found.attributes == ((1, "Phone"), (4, "city"))
    assert columns(header, {"phone": ["Phone", "Kontakt 2"]}).phones == ((1, None), (2, None))
    assert columns(header, {"phone": "C"}).phones == ((2, None),)
    off = columns(header, {"name": ""})
    assert off.name is None
    assert (0, "Name") in off.attributes


def test_a_column_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(UnreadableFile) as caught:
        columns("Name,Phone", {"phone": "Mobile"})
    assert caught.value.code == "unknown_column"
    assert "'Name', 'Phone'" in caught.value.message


def test_no_phone_column() -> None:
    with pytest.raises(UnreadableFile) as caught:
        guess_columns([["Name", "City"], ["A", "Bonn"]])
    assert caught.value.code == "no_phone_column"
    assert "phone=COLUMN" in caught.value.message


def test_no_header_the_cells_speak() -> None:
    found = guess_columns(
        [["10231", "Anna", "+49 151 35905159", "a@example.com"], ["10232", "Bo", "0171 35905159", ""]]
    )
    assert not found.has_header
    assert ([i for i, _ in found.phones], found.name, found.email) == ([2], 1, 3)
    assert found.attributes == ((0, "Column 1"),)
    assert guess_columns([["+4915135905159"]]).phones == ((0, None),)
    assert guess_columns([["a", "0151 35905159"]], {"phone": "#2", "name": "1"}).has_header is False


def test_a_header_in_unknown_words_the_cells_speak() -> None:
    found = guess_columns([["Navn", "Kontaktes på"], ["Anna", "+45 20 12 34 56"], ["Bo", "+45 20 12 34 57"]])
    assert found.has_header
    assert found.phones == ((1, None),)


def test_attribute_names_are_distinct() -> None:
    found = columns("Phone,Note x,Note x,,Note x 2")
    assert [name for _, name in found.attributes] == ["Note x", "Note x 2", "Column 4", "Note x 2 2"]


def test_normalise() -> None:
    assert normalise("  E-mail 1 -  Value ") == "e mail 1 value"
    assert normalise("phoneNumber") == normalise("PHONE_number") == "phone number"
    assert normalise("Téléphone\u00a0(portable)") == "telephone portable"


@pytest.mark.parametrize(
    "cell", ["ja", "JA", "Yes", "1", "1.0", "TRUE", "sí", "sim", "oui", "ya", "כן", "x", "✓", "subscribed", "Opted-in"]
)
def test_yes(cell: str) -> None:
    assert truth(cell) is True


@pytest.mark.parametrize(
    "cell", ["nein", "No", "0", "FALSE", "não", "non", "tidak", "לא", "unsubscribed", "NOT_SUBSCRIBED", "✗"]
)
def test_no(cell: str) -> None:
    assert truth(cell) is False


@pytest.mark.parametrize("cell", ["", " ", "maybe", "2", "pending", "?"])
def test_neither(cell: str) -> None:
    assert truth(cell) is None
