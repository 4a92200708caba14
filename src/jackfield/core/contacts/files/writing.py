"""Tables out: CSV that spreadsheets open as meant, that runs no formula, and that `read_table` reads back exactly."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from jackfield.core.contacts.files.cells import guard
from jackfield.core.contacts.files.parse import RefusedRow

_FLUSH_CHARS = 1 << 16


def write_csv(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> Iterator[bytes]:
    """Yield a CSV file in pieces of about 64 KiB: a header of `columns`, then a line for each row.

    A row maps column names to values; what it lacks, or holds as None, is an empty cell.  Truth values are written
    `yes` and `no`, lists joined by ` ::: `.  UTF-8 with a byte order mark, for Excel; every cell quoted.  A cell that
    a spreadsheet would take for a formula gets a leading apostrophe, which the reader takes off again.
    """
    buffer = io.StringIO(newline="")
    # Everything is quoted: so blanks at the ends, line breaks and any delimiter survive each reader.
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow([guard(column) for column in columns])
    for row in rows:
        writer.writerow([guard(_cell(row.get(column))) for column in columns])
        if buffer.tell() >= _FLUSH_CHARS:
            yield _drain(buffer)
    yield _drain(buffer)


def refused_csv(refused: Iterable[RefusedRow]) -> Iterator[bytes]:
    """The refused rows as a CSV file, for whoever corrects them: line, value, code, reason."""
    rows = ({"line": row.line, "value": row.value, "code": row.code, "reason": row.reason} for row in refused)
    return write_csv(rows, ["line", "value", "code", "reason"])


def phone_cell(digits: str) -> str:
    """E.164 digits as they should stand in a table: with a plus, so that no spreadsheet makes them a number."""
    return "+" + digits if digits else ""


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " ::: ".join(map(_cell, value))
    return str(value)


def _drain(buffer: io.StringIO) -> bytes:
    data = buffer.getvalue().encode("utf-8", "replace")
    buffer.seek(0)
    buffer.truncate()
    return data
