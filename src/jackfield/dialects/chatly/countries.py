"""Countries under Chatly's numbers: the numbering is shipped, names and dial codes come from phonenumbers."""

from __future__ import annotations

import csv
import importlib.util
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import phonenumbers


@lru_cache(1)
def numbering() -> dict[int, str]:
    """Chatly's ids to ISO 3166 alpha-2. India is 101."""
    with (files(__package__) / "country_ids.csv").open("r", encoding="utf-8") as file:
        return {int(row["id"]): row["iso2"] for row in csv.DictReader(file)}


@lru_cache(1)
def _by_code() -> dict[str, int]:
    return {code: id_ for id_, code in numbering().items()}


def id_of(code: str | None) -> int | None:
    """Chatly's id of a country, None where it has none."""
    return _by_code().get(code or "")


@lru_cache(1)
def _names() -> dict[str, dict[str, str]]:
    """The table of country names that phonenumbers' geocoder uses, by country and language.

    Loaded by itself: importing its package loads all places of all prefixes along, 100 MB and 0.4 s; this takes
    3.4 MB and 20 ms (measured with phonenumbers 9.0).
    """
    place = Path(phonenumbers.__file__).parent / "geodata" / "locale.py"
    spec = importlib.util.spec_from_file_location("phonenumbers.country_names.locale", place)
    if spec is None or spec.loader is None or not place.is_file():
        from phonenumbers.geodata import locale

        found: dict[str, dict[str, str]] = locale.LOCALE_DATA
        return found
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    names: dict[str, dict[str, str]] = module.LOCALE_DATA
    return names


def name(code: str, language: str = "en") -> str:
    """A country's name in a language; in English where it has none in that one."""
    known = _names().get(code, {})
    for one in (language.lower().partition("-")[0], "en"):
        found = known.get(one, "")
        # A star points to the language whose name is the same.
        if found.startswith("*"):
            found = known.get(found[1:], "")
        if found:
            return found
    return code


def dial_code(code: str) -> str:
    """A country's calling code without plus; empty for the few that have none of their own."""
    number = phonenumbers.country_code_for_region(code)
    return str(number) if number else ""


@lru_cache(8)
def listed(language: str = "en") -> list[dict[str, Any]]:
    """All countries, in the order of their ids."""
    return [
        {"id": id_, "name": name(code, language), "iso2": code, "phonecode": dial_code(code)}
        for id_, code in numbering().items()
    ]
