"""The quick reading of plain digits equals the library's, for every country."""

from __future__ import annotations

import io
import os
from random import Random

import phonenumbers
import pytest

from jackfield.core.contacts.files import parse_contacts
from jackfield.core.contacts.people import phones, plans

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
KINDS = [kind for kind in phonenumbers.PhoneNumberType.values() if kind >= 0 and kind < 11]


def library(digits: str, country: str | None) -> tuple[int | None, str, int] | None:
    """Calling code, national digits and rank, as the library says."""
    try:
        number = phonenumbers.parse(digits if country else "+" + digits, country)
    except phonenumbers.NumberParseException:
        return None
    national = phonenumbers.national_significant_number(number)
    kind = phonenumbers.number_type(number)
    if kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE):
        return number.country_code, national, plans.MOBILE
    if kind != phonenumbers.PhoneNumberType.UNKNOWN:
        return number.country_code, national, plans.VALID
    possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    return number.country_code, national, plans.POSSIBLE if possible and len(national) >= 6 else plans.NONE


def some_digits(chance: Random, region: str) -> str:
    """Digits at random, behind a calling code, or near a real number of the region."""
    digits = "".join(chance.choice("0123456789") for _ in range(chance.randrange(1, 20)))
    way = chance.random()
    if way < 0.2:
        return digits
    if way < 0.4:
        return f"{chance.choice(CODES)}{digits[:12]}"
    example = phonenumbers.example_number_for_type(region, chance.choice(KINDS))
    if example is None:
        return digits
    digits = phonenumbers.national_significant_number(example)
    if chance.random() < 0.5:
        place = chance.randrange(len(digits))
        digits = digits[:place] + chance.choice("0123456789") + digits[place + 1 :]
    digits = chance.choice(["", "", "0", "8", "1", "00", str(example.country_code)]) + digits
    return digits + chance.choice(["", "", "", "7"])


def test_plain_digits_are_read_as_the_library_reads_them() -> None:
    """Of all countries; what the quick way leaves to the library is not counted, and is little."""
    chance, seen, asked = Random(20261128), 0, 0
    for _ in range(100_000 if os.environ.get("JACKFIELD_CHAOS") == "1" else 3_000):
        region = chance.choice(REGIONS)
        digits = some_digits(chance, region)
        for country in (None, region):
            asked += 1
            quick = plans.at_home(digits, country) if country else plans.abroad(digits)
            if quick is not None:
                seen += 1
                assert (quick.code, quick.national, quick.rank) == library(digits, country), (digits, country)
    assert seen > asked * 0.6


@pytest.mark.parametrize(
    ("digits", "country", "read"),
    [
        ("01721547608", "DE", (49, "1721547608", plans.MOBILE)),
        ("0612345678", "IT", (39, "0612345678", plans.VALID)),  # Italy's zero is part of the number
        ("612345678", "FR", (33, "612345678", plans.MOBILE)),
        ("9820011122", "IN", (91, "9820011122", plans.MOBILE)),
        ("2125550123", "US", (1, "2125550123", plans.MOBILE)),  # whose plan does not tell mobiles apart
        ("89161234567", "RU", (7, "9161234567", plans.MOBILE)),  # eight is Russia's prefix
    ],
)
def test_prefixes_inside_a_country_are_taken_away_where_the_plan_has_them(
    digits: str, country: str, read: tuple[int, str, int]
) -> None:
    quick = plans.at_home(digits, country)
    assert quick is not None
    assert (quick.code, quick.national, quick.rank) == read


@pytest.mark.parametrize(("country", "length"), [("DE", 7), ("IN", 10), ("BR", 9), ("GB", 11)])
def test_a_file_of_nothing_but_local_numbers_hardly_asks_the_library(
    country: str, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its parse is what made 100 kB of such numbers cost more than a second: once for each of 14,000 numbers or twice."""
    asked = 0
    parse = phones._parse

    def counted(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
        nonlocal asked
        asked += 1
        return parse(text, region)

    monkeypatch.setattr(phones, "_parse", counted)
    chance, rows = Random(3), 2000
    file = "Phone\n" + "".join(f"{chance.randrange(10 ** (length - 1), 10**length)}\n" for _ in range(rows))
    found = sum(1 for _ in parse_contacts(io.BytesIO(file.encode()), default_country=country))
    assert found == rows
    assert asked < rows
