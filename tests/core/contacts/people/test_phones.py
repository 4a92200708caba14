"""Every shape in which people complain that their numbers were not taken, or were taken wrongly."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jackfield.core.contacts.people.phones import known_country, normalise, plain_mobile, rescue

MOBILE = "4915135905159"


def digits(cell: str, country: str | None = None) -> list[str]:
    return [phone.digits for phone in rescue(cell, country)[0]]


def codes(cell: str, country: str | None = None) -> list[str]:
    return [refusal.code for refusal in rescue(cell, country)[1]]


@pytest.mark.parametrize(
    "cell",
    [
        "+4915135905159",
        "+49 151 35905159",
        "+49-151-35905159",
        "+49.151.35905159",
        "+49 (151) 359-05159",
        "(+49) 151-35905159",
        "+49 (0) 151 35905159",
        "+49(0)15135905159",
        "0049 151 35905159",
        "004915135905159",
        "4915135905159",
        "'+4915135905159",
        "''+4915135905159",
        "’+4915135905159",
        "=+4915135905159",
        '="+4915135905159"',
        '"+4915135905159"',
        "4915135905159.0",
        "4915135905159,0",
        "+4915135905159.00",
        "4.915135905159E+12",
        "4,915135905159E+12",
        "4.915135905159e12",
        "4,915,135,905,159",
        "4.915.135.905.159",
        "٤٩١٥١٣٥٩٠٥١٥٩",
        "+۴۹۱۵۱۳۵۹۰۵۱۵۹",
        "＋４９ １５１ ３５９０５１５９",
        "+49\u00a0151\u202f359\u200905159",
        "\u200e+49 151 35905159\u202c",
        "\u202a+4915135905159\u202c",
        "\ufeff+4915135905159",
        "+49\u2011151\u201135905159",
        "+49 \u2013 151 35905159",
        "\x00+49151\x0035905159",
        "p:+4915135905159",
        "tel:+49-151-35905159",
        "tel:+4915135905159;ext=12",
        "whatsapp:+4915135905159",
        "+49 151 35905159 ext. 12",
        "+49 151 35905159 x12",
        "+4915135905159,,12#",
        "4915135905159@s.whatsapp.net",
        "4915135905159:7@s.whatsapp.net",
        "4915135905159@c.us",
        "https://wa.me/4915135905159?text=hi",
        "https://api.whatsapp.com/send?phone=%2B4915135905159",
        "Mobile: +49 151 35905159",
        "+49 151 35905159 (after 5 pm)",
        "+49 151 35905159 ::: n/a",
        "+49 151 35905159 ::: +4915135905159",
    ],
)
@pytest.mark.parametrize("country", [None, "DE", "IN", "us"])
def test_one_international_number_in_every_spelling(cell: str, country: str | None) -> None:
    assert digits(cell, country) == [MOBILE]


@pytest.mark.parametrize(
    "bare", ["6281291703423", "919816723268", "4915111749965", "14155551049", "5511931948757", "972548159013"]
)
@pytest.mark.parametrize("country", [None, "DE", "IN", "ID", "US", "BR", "GB", "IL"])
def test_a_bare_international_number_is_known_under_any_default_country(bare: str, country: str | None) -> None:
    assert digits(bare, country) == [bare]
    assert digits(f"{bare[:5]} {bare[5:]}", country) == [bare]


@pytest.mark.parametrize(
    ("cell", "country", "expected"),
    [
        ("0151 35905159", "DE", MOBILE),
        ("0151/35905159", "DE", MOBILE),
        ("0151-359.05159", "de", MOBILE),
        ("15135905159", "DE", MOBILE),  # a spreadsheet ate the zero
        ("+0151 35905159", "DE", MOBILE),
        ("030/1234567", "DE", "49301234567"),
        ("030 1234567/8", "DE", "49301234567"),
        ("Mobil: 0151 35905159 (nach 17 Uhr)", "DE", MOBILE),
        ("9876543210", "IN", "919876543210"),
        ("09876543210", "IN", "919876543210"),
        ("0812-0181-5908", "ID", "6281201815908"),
        ("81201815908", "ID", "6281201815908"),
        ("4155551049", "US", "14155551049"),
        ("(415) 555-1049", "US", "14155551049"),
        ("011 49 151 35905159", "US", MOBILE),
        ("06 12345678", "IT", "390612345678"),
        ("13800138000", "CN", "8613800138000"),
        ("054-815-9013", "IL", "972548159013"),
    ],
)
def test_a_national_number_belongs_to_the_default_country(cell: str, country: str, expected: str) -> None:
    assert digits(cell, country) == [expected]


@pytest.mark.parametrize(
    "cell",
    [
        "+4915135905159 ::: +4917135905159",
        "+4915135905159;+4917135905159",
        "+4915135905159, +4917135905159",
        "+49 151 35905159 / +49 171 35905159",
        "+49 151 35905159/0171 35905159",
        "+4915135905159\n+4917135905159",
        "+4915135905159\r\n0171 35905159",
        "+4915135905159 | 0171/35905159",
        "+4915135905159 +4917135905159",
        "+49 151 35905159 - +49 171 35905159",
        "0151 35905159 oder 0171 35905159",
        "4915135905159,4917135905159",
        "'+4915135905159 ::: =+4917135905159",
    ],
)
def test_several_numbers_in_one_cell(cell: str) -> None:
    assert digits(cell, "DE") == [MOBILE, "4917135905159"]


@pytest.mark.parametrize(
    "cell",
    ["4,915148536E+12", "4.915148536E+12", "4,91515E+12", "9.19877E+11", "4E+12", "'4.915148536E+12", "=4.91E+12"],
)
@pytest.mark.parametrize("country", [None, "DE"])
def test_digits_that_a_spreadsheet_rounded_away_are_not_made_up(cell: str, country: str | None) -> None:
    assert digits(cell, country) == []
    assert codes(cell, country) == ["precision_lost"]


@pytest.mark.parametrize("cell", ["", "   ", "\t", "n/a", "N/A", "-", "none", "#N/A", "0", "0000000000", "\u200e"])
def test_nothing_there(cell: str) -> None:
    assert (digits(cell), codes(cell)) == ([], ["missing_phone"])


@pytest.mark.parametrize(
    "cell",
    ["+999 1234567890", "call office", "12345", "+49", "+1 23", "9" * 60, "anna@example.com", "120363025246125486@g.us",
     "1-800-FLOWERS", "1.5E3", "https://example.com/4915135905159", "+49 151 359051591234567"],
)  # fmt: skip
@pytest.mark.parametrize("country", [None, "DE", "US"])
def test_no_such_number(cell: str, country: str | None) -> None:
    phones, refused = rescue(cell, country)
    assert phones == []
    assert {refusal.code for refusal in refused} <= {"invalid_phone", "country_needed"}
    assert all(refusal.reason.endswith(".") for refusal in refused)


@pytest.mark.parametrize("cell", ["0151 35905159", "9876543210", "054-815-9013", "(415) 555-1049"])
def test_a_national_number_without_a_country_asks_for_one(cell: str) -> None:
    assert codes(cell) == ["country_needed"]


def test_the_good_number_survives_the_bad_one_beside_it() -> None:
    phones, refused = rescue("+55 11 95919-9817 ::: +999 1234567890")
    assert [phone.digits for phone in phones] == ["5511959199817"]
    assert [(refusal.value, refusal.code) for refusal in refused] == [("+999 1234567890", "invalid_phone")]


def test_a_possible_number_outside_the_known_plan_is_kept_and_marked() -> None:
    phones, _ = rescue("+44 7700 951163")
    assert [(phone.digits, phone.valid) for phone in phones] == [("447700951163", False)]
    assert digits("447700951163") == digits("447700951163", "DE") == ["447700951163"]


def test_normalise_gives_the_first_number_or_the_reason() -> None:
    assert getattr(normalise("+49 151 35905159"), "digits", None) == MOBILE
    assert getattr(normalise("nobody"), "code", None) == "invalid_phone"


def test_known_country() -> None:
    assert known_country("de")
    assert not known_country("XX")


@given(st.text(max_size=60), st.sampled_from([None, "DE", "IN", "US", "BR"]))
def test_any_text_gives_numbers_or_a_reason(cell: str, country: str | None) -> None:
    phones, refused = rescue(cell, country)
    assert phones or refused
    for phone in phones:
        assert phone.digits.isascii()
        assert phone.digits.isdigit()
        assert 7 <= len(phone.digits) <= 17


@given(
    st.text("0123456789", min_size=7, max_size=7),
    st.lists(st.sampled_from([" ", "-", ".", "\u00a0", "\u200e", ""]), min_size=8, max_size=8),
    st.sampled_from(["+49", "0049", "'+49", "=+49", "tel:+49", "49"]),
)
def test_punctuation_never_changes_a_number(rest: str, gaps: list[str], prefix: str) -> None:
    spelled = prefix + gaps[7] + "171" + "".join(gap + digit for gap, digit in zip(gaps, rest, strict=False))
    assert digits(spelled) == ["49171" + rest]


def test_the_short_way_for_mobiles_reads_what_the_library_reads() -> None:
    """Examples of every country's mobiles, and their neighbours with a digit changed, left out or put in front."""
    seen = 0
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
        if example is None:
            continue
        code, national = str(example.country_code), phonenumbers.national_significant_number(example)
        changed = [f"{national[:i]}{digit}{national[i + 1 :]}" for i in range(4) for digit in "01589"]
        for one in (national, national[:-1], national + "7", "0" + national, "8" + national, *changed):
            short = plain_mobile(f"+{code}{one}")
            if short is not None:
                seen += 1
                number = phonenumbers.parse(f"+{code}{one}")
                assert phonenumbers.is_valid_number(number), (region, one)
                assert short == f"{number.country_code}{phonenumbers.national_significant_number(number)}"
    assert seen > 1000


@pytest.mark.parametrize(
    ("cell", "country", "expected"),
    [
        # Read in part, they were numbers of strangers.
        ("{+49}151 35905159", None, "4915135905159"),
        ("<+49> 151 35905159", None, "4915135905159"),
        ("tel:151-35905159;phone-context=+49", None, "4915135905159"),
        ("tel:0151-35905159;ext=7;phone-context=+49", None, "4915135905159"),
        ("091 98200 11122", "IN", "919820011122"),
        ("049 151 35905159", "DE", "4915135905159"),
        ("+49 (00)151 35905159", None, "4915135905159"),
        # Zeros and ones of other countries.
        ("0(0)49 151 35905159", "DE", "4915135905159"),
        ("00(49)151 35905159", "FR", "4915135905159"),
        ("+225 (0)7 12 34 56 78", None, "2250712345678"),
        ("+242 (0)6 123 4567", None, "242061234567"),
        ("+36 06 30 123 4567", None, "36301234567"),
        ("0011 49 151 35905159", "AU", "4915135905159"),
        ("011 49 151 35905159", "US", "4915135905159"),
        ("8~10 49 151 35905159", "RU", "4915135905159"),
        ("+5215512345678", None, "5215512345678"),
        ("521 55 1234 5678", "MX", "5215512345678"),
        ("044 55 1234 5678", "MX", "525512345678"),
        ("011 15 2345-6789", "AR", "5491123456789"),
        ("0351 15 512-3456", "AR", "5493515123456"),
        ("0xx11 98765-4321", "BR", "5511987654321"),
        # Links, dots and digits of other scripts.
        ("whatsapp://send?phone=4915135905159", None, "4915135905159"),
        ("https://api.whatsapp.com/send/?text=a&phone=4915135905159", None, "4915135905159"),
        ("https://web.whatsapp.com/send?phone=4915135905159", None, "4915135905159"),
        ("tel://+4915135905159", None, "4915135905159"),
        ("+49·151·35905159", None, "4915135905159"),
        ("+۹۸۹۱۲۱۲۳۴۵۶۷", None, "989121234567"),
        ("+1 212 555 0123#12", None, "12125550123"),
    ],
)
def test_further_spellings_lead_to_the_person(cell: str, country: str | None, expected: str) -> None:
    assert [phone.digits for phone in rescue(cell, country)[0]] == [expected]


@pytest.mark.parametrize(
    "cell", ["+49 151 359O5159", "123456789012345@lid", "+8 916 123 45 67", "call +49: 151 35905159"]
)
def test_what_is_only_part_of_a_number_is_refused(cell: str) -> None:
    assert rescue(cell)[0] == []
