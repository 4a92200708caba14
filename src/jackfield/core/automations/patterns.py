"""Regular expressions of customers: RE2, which needs time in proportion to the text whatever the expression is."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import re2

_re2: Any = re2
"""It has no types."""
MOST_MEMORY: Final = 1 << 20
"""Bytes that one compiled expression may take."""


@lru_cache(1024)
def compiled(pattern: str) -> Any:
    """The expression, without regard to case. Raises ValueError with what is wrong with it."""
    options = _re2.Options()
    options.case_sensitive = False
    options.max_mem = MOST_MEMORY
    # It would write the expression to the process's standard error.
    options.log_errors = False
    try:
        return _re2.compile(pattern, options)
    except _re2.error as error:
        told = error.args[0] if error.args else b""
        raise ValueError(told.decode(errors="replace") if isinstance(told, bytes) else str(told)) from None


def fits(pattern: str, text: str) -> bool:
    """Whether the expression is found in the text."""
    return compiled(pattern).search(text) is not None
