"""Numbering plans for the many: what the phone library says of plain digits, told without its twenty steps.

Reading one number with the library takes 100 to 200 us, mostly for tidying text that is tidy already; a file of 100 kB holds
14,000 numbers. This reads the library's own tables by patterns that are compiled once, and leaves to the library whatever
has a rule of its own. A test compares both over random numbers of all countries.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import msgspec
import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata, PhoneNumberDesc

MIN_NATIONAL = 6
"""Least digits after the country code: some plans allow two, but whoever has WhatsApp or Telegram has at least six."""

_MAX_NATIONAL = 17
"""More national digits than this the library refuses to read."""

MOBILE, VALID, POSSIBLE, NONE = 3, 2, 1, 0


class Reading(msgspec.Struct, frozen=True):
    """A number: calling code and national digits. `rank` is how good it is: MOBILE (also where a plan does not tell fixed
    lines from mobiles), VALID, POSSIBLE by its length, or NONE."""

    code: int
    national: str
    rank: int

    @property
    def digits(self) -> str:
        """E.164 without the plus."""
        return f"{self.code}{self.national}"


class _Region(msgspec.Struct, frozen=True):
    general: re.Pattern[str]
    leading: re.Pattern[str] | None
    mobile: re.Pattern[str] | None
    fixed: re.Pattern[str] | None
    other: re.Pattern[str] | None
    fixed_may_be_mobile: bool


class _Plan(msgspec.Struct, frozen=True):
    regions: tuple[_Region, ...]
    lengths: frozenset[int]
    """Of whole numbers in the main region."""


class _Trunk(msgspec.Struct, frozen=True):
    """What stands before a number inside a region, and what decides whether it is taken away."""

    prefix: re.Pattern[str]
    general: re.Pattern[str]
    lengths: frozenset[int]
    longest: int


def abroad(digits: str) -> Reading | None:
    """Read `+digits`; None where the library must."""
    for length in (1, 2, 3):
        code = digits[:length]
        if len(code) == length and code[0] != "0" and int(code) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            plan = _plan(int(code))
            return None if plan is None else _read(plan, int(code), _main_trunk(int(code)), digits[length:])
    return None


def at_home(digits: str, country: str) -> Reading | None:
    """Read `digits` as they are dialled inside a country; None where the library must."""
    home = _home(country)
    if home is None:
        return None
    plan, code, leaving, trunk = home
    if digits.startswith(str(code)) or (leaving is not None and leaving.match(digits)):
        return None
    return _read(plan, code, trunk, digits)


def _read(plan: _Plan, code: int, trunk: _Trunk | None, national: str) -> Reading | None:
    if trunk is not None and (found := trunk.prefix.match(national)):
        if trunk.prefix.groups:
            return None
        rest = national[found.end() :]
        keeps = trunk.general.fullmatch(national) and not trunk.general.fullmatch(rest)
        if not keeps and (len(rest) in trunk.lengths or len(rest) > trunk.longest):
            national = rest
    if not 2 <= len(national) <= _MAX_NATIONAL:
        return None
    rank = _kind(plan, national)
    if rank == NONE and len(national) >= MIN_NATIONAL and len(national) in plan.lengths:
        rank = POSSIBLE
    return Reading(code, national, rank)


def _kind(plan: _Plan, national: str) -> int:
    """MOBILE, VALID or NONE, by the first region that the number belongs to."""
    for region in plan.regions:
        if region.leading is not None:
            if region.leading.match(national):
                return _kind_in(region, national)
        elif kind := _kind_in(region, national):
            return kind
    return NONE


def _kind_in(region: _Region, national: str) -> int:
    if not region.general.fullmatch(national):
        return NONE
    if region.other is not None and region.other.fullmatch(national):
        return VALID
    mobile = region.mobile is not None and region.mobile.fullmatch(national)
    if region.fixed is not None and region.fixed.fullmatch(national):
        return MOBILE if mobile or region.fixed_may_be_mobile else VALID
    return MOBILE if mobile and not region.fixed_may_be_mobile else NONE


def _pattern(descs: Iterable[PhoneNumberDesc | None]) -> re.Pattern[str] | None:
    """What any of these kinds of number looks like, its length included; None for nothing."""
    parts = []
    for desc in descs:
        if desc is not None and desc.national_number_pattern:
            lengths = "|".join(f".{{{length}}}" for length in desc.possible_length if length > 0)
            only = f"(?=(?:{lengths})\\Z)" if lengths else ""
            parts.append(f"{only}(?:{desc.national_number_pattern})")
    return re.compile("|".join(f"(?:{part})" for part in parts)) if parts else None


def _region(own: PhoneMetadata | None) -> _Region | None:
    general = _pattern([own.general_desc]) if own is not None else None
    if own is None or general is None:
        return None
    others = (
        own.premium_rate, own.toll_free, own.shared_cost, own.voip, own.personal_number, own.pager, own.uan, own.voicemail,
    )  # fmt: skip
    return _Region(
        general,
        re.compile(own.leading_digits) if own.leading_digits else None,
        _pattern([own.mobile]),
        _pattern([own.fixed_line]),
        _pattern(others),
        bool(own.same_mobile_and_fixed_line_pattern),
    )


@lru_cache(maxsize=512)
def _plan(code: int) -> _Plan | None:
    """The plan of a calling code; None for those of no country."""
    found = [PhoneMetadata.metadata_for_region(name, None) for name in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]]
    regions = tuple(region for region in map(_region, found) if region is not None)
    main = found[0]
    if main is None or main.general_desc is None or len(regions) < len(found):
        return None
    return _Plan(regions, frozenset(main.general_desc.possible_length) - _local_lengths(main))


def _local_lengths(own: PhoneMetadata) -> frozenset[int]:
    return frozenset(own.general_desc.possible_length_local_only if own.general_desc is not None else ())


def _trunk(own: PhoneMetadata | None) -> _Trunk | None:
    if own is None or own.general_desc is None or not own.national_prefix_for_parsing:
        return None
    lengths = own.general_desc.possible_length
    return _Trunk(
        re.compile(own.national_prefix_for_parsing),
        re.compile(own.general_desc.national_number_pattern or r"(?!)"),
        frozenset(lengths) - _local_lengths(own),
        max(lengths),
    )


@lru_cache(maxsize=512)
def _main_trunk(code: int) -> _Trunk | None:
    return _trunk(PhoneMetadata.metadata_for_region(phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code][0], None))


@lru_cache(maxsize=512)
def _home(country: str) -> tuple[_Plan, int, re.Pattern[str] | None, _Trunk | None] | None:
    """Of a country: the plan of its calling code, that code, the prefix of calls abroad, the prefix of calls inside."""
    own = PhoneMetadata.metadata_for_region(country, None)
    code = own.country_code if own is not None else None
    plan = _plan(code) if code else None
    if own is None or code is None or plan is None:
        return None
    leaving = re.compile(own.international_prefix) if own.international_prefix else None
    return plan, code, leaving, _trunk(own)
