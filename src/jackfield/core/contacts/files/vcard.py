"""vCard 2.1, 3.0 and 4.0 as a stream of table rows, in memory that one card bounds.

Phones, Outlook, Google and Apple each write their own mixture of the versions, so all are read by one grammar:
folded lines, quoted-printable values, bare types (`TEL;CELL`), labels that a group carries (`item1.X-ABLabel`).
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

PHONES: Final = 10
"""Numbers of one card that are read."""
MAX_VALUE: Final = 65_536
"""Characters of one property; what is longer is a picture or a sound."""
HEADER: Final = [
    "Name", "First Name", "Middle Name", "Last Name", "Nickname", "Organization Name", "Title", "Birthday", "Notes",
    "Labels", "E-mail 1 - Value", "Address 1 - City", "Address 1 - Country",
    *(f"Phone {i} - {what}" for i in range(1, PHONES + 1) for what in ("Label", "Value")),
]  # fmt: skip
_ENCODED_BREAK = re.compile(r"=\s*\Z")
_TYPES = re.compile(r"(?:type=)?(.*)\Z", re.IGNORECASE)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_APPLE_LABEL = re.compile(r"_\$!<(.*)>!\$_\Z")


class _Property(msgspec.Struct):
    name: str
    group: str
    params: dict[str, list[str]]
    value: str


def read_vcards(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the header, then a row for each card: the line on which it begins, and its cells under `HEADER`.

    A card that the end of the file cuts off is read as far as it goes.
    """
    yield 0, list(HEADER)
    card: list[_Property] | None = None
    begin = 0
    for number, line in _unfolded(lines):
        word = line.strip().upper()
        if word == "BEGIN:VCARD":
            if card is not None:
                yield begin, _row(card)
            card, begin = [], number
        elif word == "END:VCARD":
            if card is not None:
                yield begin, _row(card)
            card = None
        elif card is not None and len(card) < 1000 and (found := _property(line)) is not None:
            card.append(found)
    if card is not None:
        yield begin, _row(card)


def _unfolded(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Logical lines with the number of their first physical one. Quoted-printable goes on after a closing `=`."""
    whole: list[str] = []
    size = first = 0
    soft = False
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r\n")
        folded = bool(whole) and line[:1] in (" ", "\t")
        if folded or (soft and whole):
            part = line if soft and not folded else line[1:]
            if soft:
                whole[-1] = _ENCODED_BREAK.sub("", whole[-1])
            if size < MAX_VALUE:
                whole.append(part)
                size += len(part)
        else:
            if whole:
                yield first, "".join(whole)
            whole, size, first = [line[:MAX_VALUE]], len(line), number
            soft = False
        head = whole[0].partition(":")[0].upper()
        soft = "QUOTED-PRINTABLE" in head and line.rstrip().endswith("=")
    if whole:
        yield first, "".join(whole)


def _property(line: str) -> _Property | None:
    """One property: `item1.TEL;TYPE=CELL,VOICE;CHARSET=UTF-8:+49...`."""
    head, value = _head_and_value(line)
    if head is None:
        return None
    name, *raw = _split(head, ";")
    group, _, name = name.rpartition(".")
    params: dict[str, list[str]] = {}
    for one in raw:
        key, equals, several = one.partition("=")
        if not equals:  # 2.1 writes the type bare
            key, several = "type", one
        params.setdefault(key.strip().casefold(), []).extend(
            part.strip().strip('"').casefold() for part in _split(several, ",") if part.strip()
        )
    kinds = params.get("encoding", []) + params.get("type", [])
    if "quoted-printable" in kinds:
        charset = next(iter(params.get("charset", [])), "utf-8")
        data = quopri.decodestring(value.encode("utf-8", "surrogateescape"))
        try:
            value = data.decode(charset)
        except (LookupError, UnicodeDecodeError):
            value = data.decode("utf-8", "replace")
    elif "b" in kinds or "base64" in kinds:
        return None  # a picture, a sound, a key
    return _Property(name.strip().upper(), group.casefold(), params, value)


def _head_and_value(line: str) -> tuple[str | None, str]:
    """The part before the first colon that no quotes enclose, and the part after it."""
    quoted = False
    for place, char in enumerate(line[:4000]):
        if char == '"':
            quoted = not quoted
        elif char == ":" and not quoted:
            return line[:place], line[place + 1 :]
    return None, ""


def _split(text: str, separator: str) -> list[str]:
    """Parts between separators that are neither escaped nor in quotes."""
    parts: list[str] = []
    start = 0
    quoted = escaped = False
    for place, char in enumerate(text):
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"':
            quoted = not quoted
        elif char == separator and not quoted:
            parts.append(text[start:place])
            start = place + 1
    parts.append(text[start:])
    return parts


def _text(value: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()


def _row(card: list[_Property]) -> list[str]:
    """The cells of one card under `HEADER`."""
    labels = {one.group: _text(one.value) for one in card if one.name == "X-ABLABEL" and one.group}
    cells = dict.fromkeys(HEADER, "")
    single = {"FN": "Name", "NICKNAME": "Nickname", "TITLE": "Title", "BDAY": "Birthday", "NOTE": "Notes"}
    phones: list[tuple[int, str, str]] = []
    emails: list[tuple[int, str]] = []
    tags: list[str] = []
    for one in card:
        value = one.value
        if one.name in single:
            cells[single[one.name]] = cells[single[one.name]] or _text(value)
        elif one.name == "N":
            family, given, middle, *_ = [*map(_text, _split(value, ";")), "", "", ""]
            cells["Last Name"], cells["First Name"], cells["Middle Name"] = family, given, middle
        elif one.name == "ORG":
            cells["Organization Name"] = cells["Organization Name"] or _text(_split(value, ";")[0])
        elif one.name == "CATEGORIES":
            tags.extend(_text(part) for part in _split(value, ","))
        elif one.name == "EMAIL" and value.strip():
            emails.append((_preference(one), _text(value)))
        elif one.name == "ADR":
            parts = [*map(_text, _split(value, ";")), *[""] * 7]
            cells["Address 1 - City"] = cells["Address 1 - City"] or parts[3]
            cells["Address 1 - Country"] = cells["Address 1 - Country"] or parts[6]
        elif one.name in ("TEL", "X-WHATSAPP") and value.strip():
            phones.append(_phone(one, labels.get(one.group, "")))
    phones.sort(key=lambda phone: phone[0])
    for i, (_, label, number) in enumerate(phones[:PHONES], 1):
        cells[f"Phone {i} - Label"], cells[f"Phone {i} - Value"] = label, number
    if emails:
        cells["E-mail 1 - Value"] = min(emails, key=lambda email: email[0])[1]
    cells["Labels"] = " ::: ".join(tag for tag in tags if tag)
    return [cells[title] for title in HEADER]


def _phone(one: _Property, label: str) -> tuple[int, str, str]:
    """Preference, label and number. `waid`, which WhatsApp writes on shared contacts, is the number on WhatsApp."""
    if found := one.params.get("waid"):
        return -1, "WhatsApp", f"+{found[0].lstrip('+')}"
    number = _text(one.value)
    if number.casefold().startswith("tel:"):
        number = number[4:].partition(";")[0]
    apple = _APPLE_LABEL.match(label)
    types = [kind for kind in one.params.get("type", []) if kind not in ("voice", "pref", "internet", "msg")]
    words = {"cell": "Mobile", "iphone": "Mobile", "home": "Home", "work": "Work", "fax": "Fax", "pager": "Pager"}
    spoken = " ".join(words.get(kind, kind) for kind in types)
    if one.name == "X-WHATSAPP":
        spoken = "WhatsApp"
    return _preference(one), (apple[1] if apple else label) or spoken, number


def _preference(one: _Property) -> int:
    """0 for the one that the person prefers, 1 for the others."""
    preferred = "pref" in one.params.get("type", []) or one.params.get("pref", [""])[0] == "1"
    return 0 if preferred else 1
