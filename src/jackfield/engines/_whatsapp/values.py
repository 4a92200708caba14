"""WhatsApp's rules for the values of a template, and the folding of a value that would break one.

Meta refuses a value with a line break, a tab or more than four spaces in a row (132018: "Param text cannot have
new-line/tab characters or more than 4 consecutive spaces"); the template's own text may have them. Lengths are those of
Meta's template message reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from jackfield.core.ground.errors import Invalid
from jackfield.core.port import content as c

CODE: Final = "TEMPLATE_PARAMS"
HEADER_VALUE: Final = 60
BODY_VALUE: Final = 1024
LONE_BODY_VALUE: Final = 32_768
"""A body's value where the message gives nothing but a body."""
URL_VALUE: Final = 2000
PAYLOAD: Final = 256
COUPON: Final = 15
NAME: Final = 512
CARDS: Final = 10
LANGUAGE: Final = 16

_BREAKS = "\n\r\t\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_FORBIDDEN = re.compile(rf"[{_BREAKS}]| {{5,}}")
_FOLDED = re.compile(rf"\s*[{_BREAKS}]\s*| {{5,}}")
_NAME = re.compile(r"[a-z0-9_]+")
_LENGTHS: Final = {"url": URL_VALUE, "quick_reply": PAYLOAD, "copy_code": COUPON, "otp": COUPON}


def spacing_problem(text: str) -> str | None:
    """What WhatsApp refuses in the spacing of a value; None when it takes it."""
    found = _FORBIDDEN.search(text)
    if found is None:
        return None
    what = "tabs" if found[0] == "\t" else "more than four spaces in a row" if found[0][0] == " " else "line breaks"
    return f"Must not contain {what}: WhatsApp refuses them in a template's values."


def fold(text: str) -> str:
    """The value on one line: each line break, tab or long run of spaces becomes one space."""
    return _FOLDED.sub(" ", text).strip() if _FORBIDDEN.search(text) else text


def value_of(param: c.Param) -> str:
    """The text of a value as it is sent: folded where the sender chose that."""
    return fold(param.text) if param.fold else param.text


def body_limit(content: c.Template | c.CardParam) -> int:
    """How long a value of the body may be, in characters."""
    alone = content.header is None and not content.buttons and not getattr(content, "cards", None)
    return LONE_BODY_VALUE if alone and isinstance(content, c.Template) else BODY_VALUE


def check_template(content: c.Content) -> None:
    """Raises Invalid (TEMPLATE_PARAMS), with each field in its details, for what WhatsApp would refuse of a template's name
    and values; other kinds of messages pass."""
    if not isinstance(content, c.Template):
        return
    details: dict[str, list[str]] = {}
    for field, why in _problems(content):
        details.setdefault(field, []).append(why)
    if details:
        field, texts = next(iter(details.items()))
        raise Invalid(f"{field}: {texts[0]}", code=CODE, details=details)


def _problems(content: c.Template) -> Iterator[tuple[str, str]]:
    if len(content.name) > NAME or not _NAME.fullmatch(content.name):
        yield "name", f"A template's name has at most {NAME} lower-case letters, digits and underscores."
    if len(content.language) > LANGUAGE:
        yield "language", f"Must have at most {LANGUAGE} characters."
    if len(content.cards) > CARDS:
        yield "cards", f"At most {CARDS} are allowed; there are {len(content.cards)}."
    yield from _part_problems(content, "")
    for index, card in enumerate(content.cards):
        yield from _part_problems(card, f"cards.{index}.")


def _part_problems(part: c.Template | c.CardParam, place: str) -> Iterator[tuple[str, str]]:
    if part.header is not None:
        yield from _text_problems(part.header.text, f"{place}header", HEADER_VALUE)
    yield from _text_problems(part.body, f"{place}body", body_limit(part))
    for button in part.buttons:
        maximum = _LENGTHS.get(button.kind.lower())
        if button.text is None or maximum is None:
            continue
        field = f"{place}buttons.{button.index}"
        if why := _length_problem(button.text, maximum):
            yield field, why
        if why := spacing_problem(button.text):
            yield field, why


def _text_problems(params: Sequence[c.Param], place: str, maximum: int) -> Iterator[tuple[str, str]]:
    for number, param in enumerate(params, 1):
        field, text = f"{place}.{param.name or number}", value_of(param)
        if why := _length_problem(text, maximum):
            yield field, why
        if why := spacing_problem(text):
            yield field, why


def _length_problem(text: str, maximum: int) -> str | None:
    # A placeholder may shrink when it is filled in; the engine checks again what it sends.
    if len(text) <= maximum or "{" in text:
        return None
    return f"Must have at most {maximum} characters; it has {len(text)}."
