"""Names with typing errors: the database gives those that may be meant, and each is compared here.

A word of four letters or more may have one error, one of eight or more two: a letter too many, too few, a wrong one, or two
neighbours in the wrong order. A word cut into one piece more than it has errors has a piece without any, and this is what the
database looks for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from .words import is_pair, words_of

_DIGIT: Final = re.compile(r"\d")
ONE_FROM: Final = 4
TWO_FROM: Final = 8


def allowed_errors(word: str) -> int:
    """How many errors a word may have. One with a digit has none: another number is somebody else's."""
    return 0 if _DIGIT.search(word) else (len(word) >= ONE_FROM) + (len(word) >= TWO_FROM)


def tolerant_words(q: str) -> list[str]:
    """The words of `q` when errors in them can be forgiven; empty when all are short, or of a script without blanks."""
    words = words_of(q)
    if any(is_pair(word) for word in words) or not any(allowed_errors(word) for word in words):
        return []
    return words


class Nearness:
    """Compares words with names. What was compared once is not compared again: many people share a name."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = [(word, allowed_errors(word), dict[str, int]()) for word in words]

    def __call__(self, name: str) -> int | None:
        """How many errors the words have, compared with a name that has them all; None when it does not. The last letters
        of the name's words may be missing."""
        names = words_of(name)
        total = 0
        for word, maximum, known in self._words:
            minimum = maximum + 1
            for one in names:
                errors = known.get(one)
                if errors is None:
                    near = _has_letters(word, one, maximum)
                    errors = known[one] = _distance(word, one, maximum) if near else maximum + 1
                minimum = min(minimum, errors)
            if minimum > maximum:
                return None
            total += minimum
        return total


def _has_letters(word: str, name: str, maximum: int) -> bool:
    """Whether a name has all letters of a word but so many: a quick look before they are compared."""
    if len(name) < len(word) - maximum:
        return False
    missing = 0
    for letter in word:
        if letter not in name:
            missing += 1
            if missing > maximum:
                return False
    return True


def _distance(word: str, name: str, maximum: int) -> int:
    """The fewest errors between a word and a beginning of `name` (optimal string alignment); above `maximum` it is only
    known to be above."""
    name = name[: len(word) + maximum]
    earlier: list[int] = []
    last = list(range(len(name) + 1))
    for row, letter in enumerate(word, 1):
        now = [row]
        for column, other in enumerate(name, 1):
            cost = min(last[column] + 1, now[column - 1] + 1, last[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == name[column - 2] and word[row - 2] == other:
                cost = min(cost, earlier[column - 2] + 1)
            now.append(cost)
        if min(now) > maximum and min(last) > maximum:
            return maximum + 1
        earlier, last = last, now
    return min(last)
