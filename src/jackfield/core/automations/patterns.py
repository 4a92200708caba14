"""Regular expressions of customers: RE2, which needs time in proportion to the text whatever the expression is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import re2

_re2: Any = re2
"""It has no types."""
MOST_MEMORY: Final = 1 << 20
"""Bytes that one compiled expression may take."""


def _options(memory: int) -> Any:
    options = _re2.Options()
    options.case_sensitive = False
    options.max_mem = memory
    # It would write the expression to the process's standard error.
    options.log_errors = False
    return options


@lru_cache(1024)
def compiled(pattern: str) -> Any:
    """The expression, without regard to case. Raises ValueError with what is wrong with it."""
    try:
        return _re2.compile(pattern, _options(MOST_MEMORY))
    except _re2.error as error:
        told = error.args[0] if error.args else b""
        raise ValueError(told.decode(errors="replace") if isinstance(told, bytes) else str(told)) from None


class PatternSet:
    """Many expressions that are looked for at once: 200 take as long as a few (measured: 6 us instead of 530)."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """The expressions must be valid (`compiled`)."""
        self._patterns = [*patterns]
        self._set: Any = None
        if patterns:
            # Memory for all of them together, so that no text needs another way.
            self._set = _re2.Set.SearchSet(_options(MOST_MEMORY * (1 + len(patterns))))
            for one in patterns:
                self._set.Add(one)
            self._set.Compile()

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def found(self, text: str) -> list[int]:
        """The places of those that are found in the text."""
        return [] if self._set is None else [*(self._set.Match(text) or ())]


def fits(pattern: str, text: str) -> bool:
    """Whether the expression is found in the text."""
    return compiled(pattern).search(text) is not None
