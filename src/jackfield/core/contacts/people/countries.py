"""Countries as people and programs write them: ISO codes, dial codes, names in the languages of header_words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

import phonenumbers
from babel import Locale
from sqlalchemy import select

from ...ground.store import Store
from ...models import Workspace

LANGUAGES: Final = (
    "en", "de", "fr", "es", "pt", "it", "nl", "id", "tr", "pl", "ru", "uk", "ar", "he", "hi", "zh", "zh_Hant", "ja", "ko",
    "vi", "th",
)  # fmt: skip
_DIAL_CODE = re.compile(r"(?:\+|00)?\s*(\d{1,4})(?:[.,]0)?\Z")
_NOT_LETTERS = re.compile(r"[\W_]+")
# Names that the locale data does not have, or has in a longer form.
_FURTHER_NAMES: Final = {
    "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "great britain": "GB", "britain": "GB",
    "grossbritannien": "GB", "inggris": "GB", "usa": "US", "u s a": "US", "u s": "US", "america": "US",
    "amerika": "US", "estados unidos de america": "US", "united states of america": "US", "uae": "AE",
    "emirates": "AE", "holland": "NL", "the netherlands": "NL", "korea": "KR", "turkey": "TR", "turkiye": "TR",
    "czech republic": "CZ", "russian federation": "RU", "рф": "RU", "viet nam": "VN", "ksa": "SA", "brasil": "BR",
    "deutschland": "DE", "espana": "ES", "italia": "IT", "bharat": "IN", "ivory coast": "CI", "hong kong": "HK",
    "macau": "MO", "taiwan": "TW", "中国大陆": "CN", "臺灣": "TW", "السعودية": "SA", "الإمارات": "AE",
}  # fmt: skip


@lru_cache(maxsize=2048)
def country_named(text: str) -> str | None:
    """The ISO 3166 alpha-2 code of a country that is written as its code, its dial code (`91`, `+49`) or its name;
    None when it is not known. A dial code that several countries share gives the main one."""
    text = unicodedata.normalize("NFKC", text[:80]).strip()
    if dial := _DIAL_CODE.fullmatch(text):
        region = phonenumbers.region_code_for_country_code(int(dial[1]))
        return region if region in phonenumbers.SUPPORTED_REGIONS else None
    if len(text) == 2 and text.upper() in phonenumbers.SUPPORTED_REGIONS:
        return text.upper()
    return _names().get(_folded(text))


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Folded names to codes: about 4,000, read from the locale data once (0.1 s)."""
    found: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if code in phonenumbers.SUPPORTED_REGIONS:
                found.setdefault(_folded(name), code)
    for alpha3, code in _ALPHA3.items():
        found.setdefault(alpha3.casefold(), code)
    found.update((_folded(name), code) for name, code in _FURTHER_NAMES.items())
    return found


def _folded(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).casefold()
    plain = "".join(char for char in letters if not unicodedata.category(char).startswith("M"))
    return _NOT_LETTERS.sub(" ", plain).strip()


_ALPHA3: Final = {
    "ARE": "AE", "ARG": "AR", "AUS": "AU", "AUT": "AT", "BEL": "BE", "BGD": "BD", "BRA": "BR", "CAN": "CA", "CHE": "CH",
    "CHL": "CL", "CHN": "CN", "COL": "CO", "CZE": "CZ", "DEU": "DE", "DNK": "DK", "EGY": "EG", "ESP": "ES", "FIN": "FI",
    "FRA": "FR", "GBR": "GB", "GHA": "GH", "GRC": "GR", "HKG": "HK", "IDN": "ID", "IND": "IN", "IRL": "IE", "ISR": "IL",
    "ITA": "IT", "JPN": "JP", "KEN": "KE", "KOR": "KR", "LKA": "LK", "MAR": "MA", "MEX": "MX", "MYS": "MY", "NGA": "NG",
    "NLD": "NL", "NOR": "NO", "NPL": "NP", "NZL": "NZ", "PAK": "PK", "PER": "PE", "PHL": "PH", "POL": "PL", "PRT": "PT",
    "QAT": "QA", "ROU": "RO", "RUS": "RU", "SAU": "SA", "SGP": "SG", "SWE": "SE", "THA": "TH", "TUR": "TR", "TWN": "TW",
    "TZA": "TZ", "UGA": "UG", "UKR": "UA", "USA": "US", "VNM": "VN", "ZAF": "ZA",
}  # fmt: skip


async def country_of_workspace(store: Store, workspace_id: int) -> str | None:
    """The country (ISO 3166 code) in which a workspace reads numbers without a country code; None when it chose none."""
    async with store.db.read() as session:
        country: str | None = await session.scalar(
            select(Workspace.default_country).where(Workspace.id == workspace_id)
        )
    return country
