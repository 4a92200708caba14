"""Names as what is found by any part of them: each three neighbouring characters (trigrams) are a word of the index.

Whatever contains "fink" has "fin" and "ink", so that the index leads to few names, and these are compared. A workspace's
people and its chats have trigrams of their own: a search walks through nobody else's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

import msgspec

from .typos import allowed_errors
from .words import fold, words_of

SIZE: Final = 3
MAX_GRAMS: Final = 800
"""Trigrams of one name that are kept."""
MAX_LINE: Final = 200
"""Characters of a name, number or address that are kept."""
_END: Final = "\ue004" * (SIZE - 1)
"""Stands after a line, so that also its last characters begin a trigram."""
_SIGNS: Final = {code: chr(0xE100 + code) for code in range(128) if not chr(code).isalnum()}
"""Signs as private characters: in these no database sees a blank, a quote or an operator."""
CONTACT, CHAT = 0, 1
"""What has a name."""


class Gram(msgspec.Struct, frozen=True):
    """A name has this trigram; one that begins so when it is shorter."""

    text: str


class Every(msgspec.Struct, frozen=True):
    """A name has all of these."""

    parts: tuple[Gram | Every | Some, ...]


class Some(msgspec.Struct, frozen=True):
    """A name has one of these."""

    parts: tuple[Gram | Every | Some, ...]


Wanted = Gram | Every | Some


def text_of_name(lines: Iterable[str | None]) -> str:
    """What is kept of a name with its number and address: a folded line of each."""
    return "\n".join(fold(line)[:MAX_LINE] for line in lines if line)


def scope(workspace_id: int, kind: int) -> str:
    """What stands before each trigram."""
    return f"{workspace_id:x}{chr(0xE005 + kind)}"


def index_words(workspace_id: int, kind: int, text: str) -> str:
    """The words of the index for a kept text."""
    found: dict[str, None] = {}
    for line in text.split("\n"):
        found |= dict.fromkeys(_windows(f" {line}{_END}"))
        # A word may begin after any sign; then it is found as if it stood after a blank.
        for word in words_of(line):
            found |= dict.fromkeys(_windows(f" {word}"))
    before = scope(workspace_id, kind)
    return " ".join(before + gram.translate(_SIGNS) for gram in list(found)[:MAX_GRAMS])


def containing(needle: str) -> Wanted:
    """What a text has that contains a folded text."""
    return Every(tuple(Gram(gram) for gram in _windows(needle)) or (Gram(needle),))


def resembling(words: Sequence[str]) -> Wanted:
    """What a name has that has all the words, with as many errors as are forgiven."""
    return Every(tuple(_resembling(word) for word in words))


def _resembling(word: str) -> Wanted:
    errors = allowed_errors(word)
    if not errors:
        return containing(f" {word}")
    size = len(word)
    cuts = [size * n // (errors + 1) for n in range(errors + 2)]
    pieces = [word[start:end] for start, end in pairwise(cuts)]
    # A word cut into one piece more than it has errors has a piece without any; if it is the first, the name begins so.
    ways = [containing(f" {pieces[0]}")]
    for piece in pieces[1:]:
        if len(piece) >= SIZE:
            ways.append(containing(piece))
        else:
            # Two letters are in too many names: of the two before them one is right, or they changed places.
            ways.append(containing(word[1:]))
            ways.append(Every((containing(f" {word[0]}"), containing(piece))))
            ways.append(containing(f" {word[1]}"))
    if errors == 1:
        # Neighbours on both sides of the only cut, in the wrong order, spoil both pieces.
        cut = cuts[1]
        ways.append(containing(f" {word[: cut - 1]}{word[cut]}{word[cut - 1]}{word[cut + 1 :]}"))
    return Some(tuple(ways))


def sqlite_names(wanted: Wanted, before: str) -> str:
    """As FTS5 looks for it."""
    if isinstance(wanted, Gram):
        return f'"{before}{wanted.text.translate(_SIGNS)}"{" *" if len(wanted.text) < SIZE else ""}'
    between = " AND " if isinstance(wanted, Every) else " OR "
    return f"({between.join(sqlite_names(part, before) for part in wanted.parts)})"


def postgresql_names(wanted: Wanted, before: str) -> str:
    """As PostgreSQL's tsquery."""
    if isinstance(wanted, Gram):
        return f"'{before}{wanted.text.translate(_SIGNS)}'{':*' if len(wanted.text) < SIZE else ''}"
    between = " & " if isinstance(wanted, Every) else " | "
    return f"({between.join(postgresql_names(part, before) for part in wanted.parts)})"


def _windows(text: str) -> Iterator[str]:
    for start in range(len(text) - SIZE + 1):
        yield text[start : start + SIZE]
