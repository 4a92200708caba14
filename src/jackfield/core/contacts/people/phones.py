"""Phone numbers as people, shops and spreadsheets write them, rescued into E.164 digits or refused with a reason."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import msgspec
import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType, ValidationResult

from . import plans

MAX_CELL = 1000
_MAX_NUMBERS = 20

MISSING = "missing_phone"
INVALID = "invalid_phone"
PRECISION_LOST = "precision_lost"
COUNTRY_NEEDED = "country_needed"


class Phone(msgspec.Struct, frozen=True):
    """One number: `digits` is E.164 without the plus (`4915111749965`).

    `valid` is False when length and country fit but no numbering plan known to us holds such a number; plans
    grow, so it is kept.
    """

    digits: str
    valid: bool = True


class Refusal(msgspec.Struct, frozen=True):
    """Why `value` is no usable number.

    `code` is one of `missing_phone` (nothing there), `invalid_phone` (no such number), `precision_lost` (a
    spreadsheet rounded its digits away) and `country_needed` (a national number, and no default country).
    `reason` is a sentence for people.
    """

    value: str
    code: str
    reason: str


# What people and programs write for nothing.
_NOTHING = (
    "n/a na n.a. none null nil - -- --- . ? / x unknown no keine kein unbekannt #n/a #name? #value! #ref! nan "
    "undefined tbd 0 00 0000 ninguno inconnu sconosciuto"
)
_PLACEHOLDERS = frozenset(_NOTHING.split())
_STRONG_SEPARATOR = re.compile(r":::|[\n\r;|\t]+|\s+(?:or|and|oder|und|ou|et|o|y|e|atau|או)\s+|\s+&\s+", re.IGNORECASE)
_BLANKS = re.compile(" {2,}")
_CONTROLS = re.compile(r"[^\x20-\x7e\n\r\t]")
_SECOND_PLUS = re.compile(r"(?<=\d)[\s)\-]*(?=\(?\+\s?\(?\d)")
_RFC_EXTENSION = re.compile(r";\s*(?:ext|isub|phone-context)=[^;:]*", re.IGNORECASE)
_EXTENSION = re.compile(
    r"[\s,]*(?:(?:extension|extn|ext|durchwahl|dw|poste|ramal|anexo|interno|int|x|#)[\s.:]*\d{1,6}|[,p]{1,3}\d{1,6}#?)\s*\Z",
    re.IGNORECASE,
)
_CONTEXT = re.compile(r"([^;]*);(?:.*;)?\s*phone-context=(\+\d{1,4})\b.*", re.IGNORECASE)
_PREFIX = re.compile(r"(?:tel|p|phone|mobile|whatsapp|wa|sms|callto|ph|m|t)\s*[:.](?://)?\s*(?=[+(\d])", re.IGNORECASE)
_LINK = re.compile(
    r"(?:https?://)?(?:wa\.me/|(?:(?:api|web|www)\.)?whatsapp(?:\.com/|://)(?:send)?/?(?:\?(?:\S*&)?phone=)?)(?:\+|%2B)?(\d+)\S*",
    re.IGNORECASE,
)
_JID = re.compile(r"(\d{6,15})(?:[:.]\d+)*@(?:s\.whatsapp\.net|c\.us)\Z", re.IGNORECASE)
# Formulas and quotes that a spreadsheet wraps around what it should have left alone.
_WRAPPED = re.compile(r"""^[\s'"`´’‘=]+|['"`´’\s]+$""")
_SCIENTIFIC = re.compile(r"\+?(\d{1,3})(?:[.,](\d+))?\s*[eE]\s*\+?\s*(\d{1,2})")
_DECIMAL_TAIL = re.compile(r"(\+?\d{6,})[.,]0{1,2}")
_PLAIN = re.compile(r"[\d\s().,/+\-\[\]~_*]+")
_NUMBER_IN_TEXT = re.compile(r"\+?\(?\+?\d[\d\s().\-/]{6,}\d")
_TRUNK_ZERO = re.compile(r"[(\[]\s*00?\s*[)\]]")
_AS_ROUND = str.maketrans("{}<>·•∙", "()()...")
_ITALY = re.compile(r"\D*(?:00)?\s*(?:39|378|379)\b")
_DATE = re.compile(
    r"(?:(?:19|20)\d\d([-/.])[01]?\d\1[0-3]?\d|[0-3]?\d([-/.])[0-3]?\d\2(?:19|20)\d\d)(?:[T ]+\d{1,2}:\d\d.*)?"
)
_MEXICO = re.compile(r"0(?:1|44|45)(\d{10})")
"""How Mexico dialled until 2019."""
FORMER = frozenset({("521", 13), ("229", 11), ("225", 11)})
"""Numbers of plans that were replaced, by their first digits and length: Mexico's mobile 1 (2019), Benin (2024), Ivory
Coast (2021). Networks and address books have them still."""
_NOT_DIGIT = re.compile(r"\D+")
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def rescue(cell: str, default_country: str | None = None) -> tuple[list[Phone], list[Refusal]]:
    """Every number in one cell, in order and without repetition, and what had to be refused.

    `default_country` (`DE`, an ISO 3166 code) is where national numbers are at home; numbers that carry their
    country code, with or without a plus, need none.  An empty cell gives one `missing_phone`.
    """
    phones: list[Phone] = []
    refused: list[Refusal] = []
    default_country = default_country.upper() if default_country else None
    text = _plain_text(cell[:MAX_CELL]).translate(_AS_ROUND)
    if (digits := plain_mobile(text)) is not None:
        return [Phone(digits)], []
    if "  " in text:  # also keeps the patterns below from trying each blank of a long run
        text = _BLANKS.sub(" ", text)
    parts = [text] if _single(text) else _split(text)
    for part in parts[:_MAX_NUMBERS]:
        result = _read(part, default_country)
        if isinstance(result, Refusal):
            refused.append(result)
        elif all(known.digits != result.digits for known in phones):
            phones.append(result)
    if not parts:
        refused.append(Refusal(cell[:MAX_CELL].strip(), MISSING, "There is no phone number in this row."))
    elif len(parts) > 1:
        refused = [refusal for refusal in refused if refusal.code != MISSING] or ([] if phones else refused[:1])
    return phones, refused


def normalise(text: str, default_country: str | None = None) -> Phone | Refusal:
    """The first number in `text`, or why there is none."""
    phones, refused = rescue(text, default_country)
    return phones[0] if phones else refused[0]


def known_country(country: str) -> bool:
    """Whether `country` is an ISO 3166 code that numbers can be read against."""
    return country.upper() in phonenumbers.SUPPORTED_REGIONS


def _plain_text(cell: str) -> str:
    """ASCII digits, plain spaces and hyphens; marks that only steer the display are gone."""
    if cell.isascii():
        return (cell if cell.isprintable() else _CONTROLS.sub("", cell)).strip()
    kept: list[str] = []
    for char in unicodedata.normalize("NFKC", cell):
        category = unicodedata.category(char)
        if category == "Nd":
            kept.append(str(unicodedata.digit(char)))
        elif category in ("Zs", "Zl", "Zp"):
            kept.append(" ")
        elif category == "Pd" or char == "\u2212":
            kept.append("-")
        elif category[0] == "M":
            continue  # variation selectors and keycaps, which only change how a digit looks
        elif category not in ("Cf", "Cc") or char in "\n\r\t":
            kept.append(char)
    return "".join(kept).strip()


def plain_mobile(text: str) -> str | None:
    """The digits of `+CC...` when they surely are a mobile number of the code's main country; None: look closer.

    Most numbers of most files. Three steps of the library's twenty, on its own patterns: 8 us instead of 200.
    """
    if text[:1] != "+":
        return None
    digits = text[1:].replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 15):
        return None
    for length in (1, 2, 3):
        plan = _mobile_plan(digits[:length])
        if plan is not None:
            trunk, mobile = plan
            national = digits[length:]
            # What may begin with the prefix of calls inside the country is read with it by the library.
            return digits if mobile.fullmatch(national) and not (trunk and trunk.match(national)) else None
    return None


@lru_cache(maxsize=1200)
def _mobile_plan(code: str) -> tuple[re.Pattern[str] | None, re.Pattern[str]] | None:
    """Patterns of a calling code: the prefix inside the country, and mobile numbers; None when there is no such code."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code)) if code[0] != "0" else None
    if not regions or regions[0] == "001":
        return None
    plan = phonenumbers.PhoneMetadata.metadata_for_region(regions[0], None)
    if plan is None or plan.mobile is None or plan.general_desc is None or not plan.mobile.national_number_pattern:
        return None
    trunk = plan.national_prefix_for_parsing
    lengths = "|".join(f".{{{length}}}" for length in plan.mobile.possible_length or plan.general_desc.possible_length)
    mobile = f"(?=(?:{lengths})\\Z)(?:{plan.mobile.national_number_pattern})"
    return (re.compile(trunk) if trunk else None), re.compile(mobile)


def _single(text: str) -> bool:
    """The common case, one number and nothing to split, told without the regular expressions."""
    return text.isdigit() or (text[:1] == "+" and text[1:].replace(" ", "").replace("-", "").isdigit())


def _split(text: str) -> list[str]:
    if (local := _CONTEXT.fullmatch(text)) is not None:
        # The rest of a number without its country (RFC 3966): read alone it is a stranger's.
        number = _PREFIX.sub("", local[1], count=1).strip()
        text = local[1] if "+" in number else f"{local[2]} (0) {number.removeprefix('0')}"
    text = _RFC_EXTENSION.sub("", text)
    parts: list[str] = []
    for strong in _STRONG_SEPARATOR.split(text):
        for part in _SECOND_PLUS.split(strong):
            parts.extend(_split_weak(part))
    return [part.strip() for part in parts if part.strip()]


def _split_weak(part: str) -> list[str]:
    """Comma and slash separate numbers, but also stand within one: `0151/1234567`, `4,915148536E+12`."""
    for separator in ",/":
        if separator in part and "://" not in part and not _SCIENTIFIC.fullmatch(_WRAPPED.sub("", part)):
            pieces = part.split(separator)
            sizes = [len(_NOT_DIGIT.sub("", piece)) for piece in pieces]
            if separator == "/" and sizes[0] >= 8 and all(size <= 2 for size in sizes[1:]):
                return pieces[:1]  # `030 1234567/8`: the next line of the same switchboard
            if all(size >= 7 or not piece.strip() for size, piece in zip(sizes, pieces, strict=True)):
                return pieces if separator == "," else _complete(pieces, sizes)
    return [part]


def _complete(pieces: list[str], sizes: list[int]) -> list[str]:
    """Of numbers that a slash separates, those that are numbers by themselves.

    In `089 12345678 / 1234567` the second leaves out the area code of the first: read alone it is a stranger's.
    """
    if pieces[0].strip(" (")[:1] not in ("+", "0"):
        return pieces
    return [
        piece for piece, size in zip(pieces, sizes, strict=True) if piece.strip(" (")[:1] in ("+", "0") or size >= 10
    ]


@lru_cache(maxsize=1024)
def _read(part: str, country: str | None) -> Phone | Refusal:
    """One number. The same words stand in many rows: `n/a`, `-`, the switchboard."""
    text = _WRAPPED.sub("", part)
    if not text or text.casefold() in _PLACEHOLDERS:
        return Refusal(part, MISSING, f"There is no phone number in this row, only “{part}”.")
    if found := _JID.fullmatch(text) or _LINK.fullmatch(text):
        return _international(part, found[1])
    text = _WRAPPED.sub("", _PREFIX.sub("", text, count=1)) if not text[0].isdigit() else text
    if mantissa := _SCIENTIFIC.fullmatch(text):
        return _scientific(part, mantissa, country)
    if tail := _DECIMAL_TAIL.fullmatch(text):
        text = tail[1]
    if _DATE.fullmatch(text):
        return _invalid(part, "it is a date")
    if "+" in text or text.startswith("00"):
        # The zero is dialled inside the country only; in Italy, Congo and Ivory Coast it is part of the number.
        bare = _TRUNK_ZERO.sub("", text)
        if bare != text:
            whole = _TRUNK_ZERO.sub("0", text)
            text = whole if _ITALY.match(text) or (not _valid_abroad(bare) and _valid_abroad(whole)) else bare
    if not _PLAIN.fullmatch(text):
        text = _EXTENSION.sub("", text)
        if not _PLAIN.fullmatch(text):
            return _among_words(part, text, country)
    return _number(part, text, country)


def _scientific(part: str, mantissa: re.Match[str], country: str | None) -> Phone | Refusal:
    whole, fraction, exponent = mantissa[1], mantissa[2] or "", int(mantissa[3])
    if exponent < 6:
        return _invalid(part, "it is too short")
    if len(fraction) < exponent:
        return Refusal(
            part,
            PRECISION_LOST,
            f"A spreadsheet shortened this number to “{part}” and its last {exponent - len(fraction)} digits are lost. "
            "Format the column as text, enter the number again and export the file anew.",
        )
    if fraction[exponent:].strip("0"):
        return _invalid(part, "it is a fraction, not a phone number")
    return _number(part, whole + fraction[:exponent], country)


def _among_words(part: str, text: str, country: str | None) -> Phone | Refusal:
    """`Mobile +49 151 11749965 (after 5 pm)`: taken only if it is beyond doubt a number."""
    runs = _NUMBER_IN_TEXT.findall(text)
    # A plus that belongs to none of the digits found says that they are not the whole number.
    whole = len(runs) == 1 and ("+" in runs[0]) == ("+" in text)
    if whole and "@" not in text and "://" not in text:
        result = _number(part, runs[0], country)
        if isinstance(result, Phone) and result.valid and len(_NOT_DIGIT.sub("", runs[0])) >= 8:
            return result
    return _invalid(part, "it is text, not a phone number")


def _number(part: str, text: str, country: str | None) -> Phone | Refusal:
    digits = text if text.isdigit() else _NOT_DIGIT.sub("", text)
    if not digits.strip("0"):
        return Refusal(part, MISSING, f"There is no phone number in this row, only “{part}”.")
    if len(digits) > 20:
        return _invalid(part, "it has too many digits")
    if digits.startswith("00"):
        result = _international(part, digits.lstrip("0"))
        if country is None or (isinstance(result, Phone) and result.valid):
            return result
        # Some countries dial more than two zeros to leave: Australia's 0011.
        inside = _accept(part, digits, country)
        return inside if isinstance(inside, Phone) and inside.valid else result
    if "+" in text:
        if digits[0] != "0":
            return _international(part, digits)
        # `+0151...`: a national number that somebody put a plus before.
    elif digits[0] != "0":
        return _bare(part, digits, country)
    if country is None:
        return _country_needed(part)
    if country == "MX" and (former := _MEXICO.fullmatch(digits)):
        digits = former[1]
    reading = _reading(digits, country)
    at_home = reading.rank if reading is not None else 0
    if at_home < plans.MOBILE and (abroad := digits.lstrip("0")).startswith(str(_country_code(country))):
        # `091 98200 11122`: the country's own code behind a zero. Plans of fixed lines hold nearly anything (see `_bare`).
        outside = _reading(abroad, None)
        if outside is not None and outside.rank > at_home and outside.rank >= plans.VALID:
            return Phone(outside.digits)
    return _accept(part, digits, country) or _invalid(part, f"no such number in {country}")


def _international(part: str, digits: str) -> Phone | Refusal:
    result = _accept(part, digits, None) or _invalid(part, "no country has this code")
    if isinstance(result, Refusal) and (digits[:3], len(digits)) in FORMER:
        return Phone(digits, valid=False)
    return result


def _valid_abroad(text: str) -> bool:
    digits = _NOT_DIGIT.sub("", text).lstrip("0")
    reading = _reading(digits, None) if len(digits) <= 20 and digits else None
    return reading is not None and reading.rank >= plans.VALID


def _bare(part: str, digits: str, country: str | None) -> Phone | Refusal:
    """No plus and no leading zero: national, or international with the plus left out.

    Both readings are made and the better one is taken.  A valid mobile number counts most, as numbers in contact
    files mostly are mobiles, and as plans of fixed lines are so wide that they hold nearly anything (in Germany
    `4915111749965` passes for a fixed line in area 04915).
    """
    national = _reading(digits, country) if country else None
    at_home = ranked = national.rank if national is not None else 0
    if national is not None and at_home == plans.MOBILE and len(digits) < 12:
        return Phone(national.digits)
    abroad_number = _reading(digits, None)
    abroad = abroad_number.rank if abroad_number is not None else 0
    if abroad == 1 and (len(digits) < 12 or digits[0] == "1"):
        abroad = 0  # of the right length for some country, as any ten or eleven digits are
    if abroad == 2 and len(digits) <= 10 and country is None:
        abroad = 0
    if len(digits) >= 12:
        at_home = max(at_home - 1, 0)
    own = abroad_number is not None and country is not None and abroad_number.code == _country_code(country)
    prefer_abroad = abroad > at_home or (abroad == at_home and (own or len(digits) >= 12))
    if abroad_number is not None and abroad and prefer_abroad:
        return Phone(abroad_number.digits, abroad >= plans.VALID)
    if national is not None and at_home:
        return Phone(national.digits, ranked >= plans.VALID)
    if (digits[:3], len(digits)) in FORMER:
        return Phone(digits, valid=False)
    if country is None and 6 <= len(digits) <= 11:
        return _country_needed(part)
    return _invalid(part, f"no such number in {country} or abroad" if country else "no such number in any country")


def _reading(digits: str, country: str | None) -> plans.Reading | None:
    """The number as dialled inside a country, or after a plus; None where it is none at all."""
    quick = plans.at_home(digits, country) if country else plans.abroad(digits)
    if quick is not None:
        return quick
    number = _parse(digits, country) if country else _parse("+" + digits, None)
    if number is None:
        return None
    national = phonenumbers.national_significant_number(number)
    return plans.Reading(number.country_code or 0, national, _rank(number))


@lru_cache(maxsize=512)
def _country_code(country: str) -> int:
    return int(phonenumbers.country_code_for_region(country))


def _parse(text: str, country: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None


def _rank(number: PhoneNumber) -> int:
    """3: a valid mobile number, 2: a valid one, 1: of a possible length, 0: none."""
    kind = phonenumbers.number_type(number)
    if kind in _MOBILE:
        return 3
    if kind != PhoneNumberType.UNKNOWN:
        return 2
    return 1 if _possible(number) else 0


def _possible(number: PhoneNumber) -> bool:
    return (
        phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
        and len(phonenumbers.national_significant_number(number)) >= plans.MIN_NATIONAL
    )


def _accept(part: str, digits: str, country: str | None) -> Phone | Refusal | None:
    """The number, or what is wrong with its length; None where no number can be read at all."""
    reading = _reading(digits, country)
    if reading is not None and reading.rank:
        return Phone(reading.digits, reading.rank >= plans.VALID)
    number = _parse(digits, country) if country else _parse("+" + digits, None)
    if number is None:
        return None
    where = country or phonenumbers.region_code_for_country_code(number.country_code or 0)
    length = phonenumbers.is_possible_number_with_reason(number)
    wrong = "long" if length == ValidationResult.TOO_LONG else "short"
    if length == ValidationResult.INVALID_LENGTH:
        return _invalid(part, f"numbers in {where} do not have this many digits")
    return _invalid(part, f"it is too {wrong} for a number in {where}")


def _invalid(part: str, why: str) -> Refusal:
    return Refusal(part, INVALID, f"“{part}” is not a phone number: {why}.")


def _country_needed(part: str) -> Refusal:
    return Refusal(
        part,
        COUNTRY_NEEDED,
        f"“{part}” has no country code. Import the file with a default country, or write the number with + and its "
        "country code.",
    )
