"""What may stand in one cell: cleaning on the way in, the guard against formulas on the way out."""

from __future__ import annotations

import re
import unicodedata

# A spreadsheet evaluates a cell that begins with one of these.  The apostrophe is guarded too, so that
# removing one apostrophe always restores exactly what was written.
_GUARDED = frozenset("=+-@\t\r'")

_PHONE = re.compile(r"\+[0-9]{1,15}")

# C0 and C1 controls, and characters that reorder or hide text.  The joiners U+200C and U+200D stay:
# Persian, Indic scripts and emoji are spelled with them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff]"
)


def guard(cell: str) -> str:
    """The cell as it may be written to a CSV that a spreadsheet will open: never taken for a formula.

    A phone number stays as it is, so that other tables can be joined by it: all that a spreadsheet makes of it is a number
    of at most 15 digits, which it keeps exactly.
    """
    return "'" + cell if cell and cell[0] in _GUARDED and not _PHONE.fullmatch(cell) else cell


def unguard(cell: str) -> str:
    """Undo `guard`; also frees `'+49...`, as spreadsheets and shops write numbers meant to stay text."""
    if len(cell) > 1 and cell[0] == "'" and cell[1] in _GUARDED:
        return cell[1:]
    return cell


def clean_line(cell: str, limit: int) -> str:
    """One line of text: control characters gone, white space collapsed, at most `limit` characters."""
    if not (cell.isascii() and cell.isprintable()):
        cell = unicodedata.normalize("NFC", _INVISIBLE.sub("", cell))
    elif "  " not in cell:
        return cell.strip()[:limit].rstrip()  # the blank is the only white space that ASCII prints
    return " ".join(cell.split())[:limit].rstrip()


def clean_text(cell: str, limit: int) -> str:
    """Text that may hold line breaks (as `\\n`): control characters gone, trimmed, at most `limit` characters."""
    if not (cell.isascii() and cell.isprintable()):
        cell = unicodedata.normalize("NFC", _INVISIBLE.sub("", cell.replace("\r\n", "\n").replace("\r", "\n")))
    return cell.strip()[:limit].rstrip()
