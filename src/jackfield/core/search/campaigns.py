"""Campaigns by their names, which no index has: a workspace has few of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_

from ..contacts.find.filters import contains
from ..names.typos import allowed_errors

CANDIDATES: Final = 500
"""Names that are compared, the newest first."""
SCANNED: Final = 100_000
"""Rows of a workspace that are looked through, the newest first."""


def may_match(column: Any, words: Sequence[str]) -> ColumnElement[bool]:
    """That a name may have all the words, with errors."""
    return and_(*(or_(*_pieces(column, word)) for word in words))


def _pieces(column: Any, word: str) -> Iterator[ColumnElement[bool]]:
    errors = allowed_errors(word)
    size = len(word)
    cuts = [size * n // (errors + 1) for n in range(errors + 2)]
    for start, end in pairwise(cuts):
        yield contains(column, word[start:end])
    if errors == 1:
        # Neighbours on both sides of the only cut, in the wrong order, spoil both pieces.
        for form in {word} if word.isascii() else {word, word.upper(), word.title()}:
            yield column.ilike(f"%{form[: cuts[1] - 1]}__{form[cuts[1] + 1 :]}%")
