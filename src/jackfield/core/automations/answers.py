"""Answers to questions: whether one is what was asked for, and as what it is kept."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any, Final

import phonenumbers

from ..contacts.consent.words import plain_words
from ..ground import fields
from ..ground.errors import Invalid
from .steps import Ask
from .writing import id_of

_NUMBER: Final = re.compile(r"[+-]?\d{1,15}([.,]\d{1,10})?")
_DATES: Final = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%y", "%d/%m/%y")
MAX_ANSWER: Final = 1000


def answer_of(step: Ask, said: dict[str, Any], country: str | None) -> str | None:
    """The answer as it is kept; None for one that is not what was asked for. `country` (ISO 3166) is that of phone numbers
    without a country code."""
    text = str(said.get("text") or "").strip()[:MAX_ANSWER]
    if step.check == "choice":
        return _choice(step, said, text)
    if not text:
        return None
    if step.check == "number":
        return text.replace(",", ".") if _NUMBER.fullmatch(text) else None
    if step.check == "email":
        try:
            return fields.email(text)
        except Invalid:
            return None
    if step.check == "phone":
        try:
            number = phonenumbers.parse(text, country)
        except phonenumbers.NumberParseException:
            return None
        if not phonenumbers.is_valid_number(number):
            return None
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")
    if step.check == "date":
        found = _date(text)
        return None if found is None else found.isoformat()
    return text


def _choice(step: Ask, said: dict[str, Any], text: str) -> str | None:
    """The title of what was chosen: pressed, written out, or by its number."""
    options = [*(step.menu.rows if step.menu is not None else step.buttons)]
    titles = [*(one.title for one in options), *step.choices]
    pressed = str(said.get("id") or "")
    for one in options:
        if pressed and pressed in (id_of(one), id_of(one)[:64]):
            return one.title
    words = plain_words(text)
    for number, title in enumerate(titles, 1):
        if words and words in (plain_words(title), [str(number)]):
            return title
    return None


def _date(text: str) -> date | None:
    for form in _DATES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None
