"""Snippets: the part of a message that has the words, and where they are in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Final

import msgspec

from ..names.words import SPACELESS, is_letter, may_go_on, words_of

LENGTH: Final = 160
"""Characters of a text that are shown."""
BEFORE: Final = 40
"""Characters before the first word that was found."""

SCANNED: Final = 10_000
"""Characters of a text that are looked through."""


class Snippet(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a text, on one line. `ranges`: where the words are, as the first character of each and the one after its
    last (Unicode characters from 0), rising and apart from each other."""

    text: str
    ranges: list[tuple[int, int]]


def snippet(text: str, words: Sequence[str]) -> Snippet:
    """About the first `LENGTH` characters of a text around the first of the words. What is left out is an ellipsis."""
    line = "".join(" " if char.isspace() else char for char in text[:SCANNED])
    first = next(_places(line, words), (0, 0))[0]
    start = 0
    if len(line) > LENGTH and first > BEFORE:
        start = first - BEFORE
        # A whole word comes first, where there are blanks.
        blank = line.find(" ", start - 1, first)
        start = blank + 1 if blank >= 0 else start
    end = min(len(line), start + LENGTH)
    before, after = "\u2026" * (start > 0), "\u2026" * (end < len(line))
    shown = line[start:end]
    ranges: list[tuple[int, int]] = []
    for begin, stop in _places(shown, words):
        if ranges and begin <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], max(stop, ranges[-1][1]))
        else:
            ranges.append((begin, stop))
    return Snippet(
        text=before + shown + after, ranges=[(begin + len(before), stop + len(before)) for begin, stop in ranges]
    )


def _places(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where the words are; neighbouring characters of a script without blanks may overlap."""
    whole = frozenset(words)
    begun = tuple(word for word in words if may_go_on(word))
    for start, end in _runs(text):
        run = text[start:end]
        if SPACELESS.fullmatch(run):
            for place in range(max(1, len(run) - 1)):
                if _is_found(_words_of_pair(run[place : place + 2]), whole, begun):
                    yield start + place, min(end, start + place + 2)
        elif _is_found(words_of(run), whole, begun):
            yield start, end


def _is_found(said: Sequence[str], whole: frozenset[str], begun: tuple[str, ...]) -> bool:
    return any(word in whole or word.startswith(begun) for word in said)


@lru_cache(maxsize=4096)
def _words_of_pair(pair: str) -> tuple[str, ...]:
    return tuple(words_of(pair))


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """Runs of letters, cut where a script without blanks begins or ends."""

    def kind(place: int) -> int:
        return 2 if SPACELESS.match(text[place]) else 1 if is_letter(text[place]) else 0

    for found, places in groupby(range(len(text)), kind):
        run = list(places)
        if found:
            yield run[0], run[-1] + 1
