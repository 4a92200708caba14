"""Tables out: CSV that spreadsheets open as meant, that runs no formula, and that `read_table` reads back exactly."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from jackfield.core.contacts.files import headers
from jackfield.core.contacts.files.cells import guard
from jackfield.core.contacts.files.parse import RefusedRow

_FLUSH_CHARS = 1 << 16


def write_csv(
    rows: Iterable[Mapping[str, object]], columns: Sequence[str], titles: Sequence[str] | None = None
) -> Iterator[bytes]:
    """Yield a CSV file in pieces of about 64 KiB: a header of `columns` (or `titles`), then a line for each row.

    A row maps column names to values; what it lacks, or holds as None, is an empty cell.  Truth values are written
    `yes` and `no`, lists joined by ` ::: `.  UTF-8 with a byte order mark, for Excel; every cell quoted.  A cell that
    a spreadsheet would take for a formula gets a leading apostrophe, which the reader takes off again.
    """
    buffer = io.StringIO(newline="")
    # Everything is quoted: so blanks at the ends, line breaks and any delimiter survive each reader.
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow([guard(title) for title in titles or columns])
    for row in rows:
        writer.writerow([guard(cell_text(row.get(column))) for column in columns])
        if buffer.tell() >= _FLUSH_CHARS:
            yield _drain(buffer)
    yield _drain(buffer)


def refused_csv(refused: Iterable[RefusedRow], titles: Sequence[str] = ()) -> Iterator[bytes]:
    """The refused rows as a CSV file with the columns that they came with, for whoever corrects and imports them.

    `titles` are the headers of the file. Three columns are put before them (line, code, reason), which an import
    passes over. A row whose cells were not kept shows the refused value alone.
    """
    refused = list(refused)
    width = max((len(row.cells) for row in refused), default=0)
    names = [title or f"Column {i}" for i, title in enumerate(titles, 1)]
    names.extend(f"Column {i}" for i in range(len(names) + 1, max(width, 1) + 1))
    head = [headers.REFUSED_LINE, headers.REFUSED_CODE, headers.REFUSED_REASON]

    def cells(row: RefusedRow) -> dict[str, object]:
        shown = row.cells or [row.value]
        return {
            **dict(zip(head, (row.line, row.code, row.reason), strict=True)),
            **{f"{i} {name}": cell for i, (name, cell) in enumerate(zip(names, shown, strict=False))},
        }

    keys = [*head, *(f"{i} {name}" for i, name in enumerate(names))]
    return write_csv(map(cells, refused), keys, titles=[*head, *names])


def phone_cell(digits: str) -> str:
    """E.164 digits as they should stand in a table: with a plus, as phones and other programs write them."""
    return "+" + digits if digits else ""


def cell_text(value: object) -> str:
    """A value as it stands in a cell: truth values are `yes` and `no`, lists are joined by ` ::: `."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " ::: ".join(map(cell_text, value))
    return str(value)


def _drain(buffer: io.StringIO) -> bytes:
    data = buffer.getvalue().encode("utf-8", "replace")
    buffer.seek(0)
    buffer.truncate()
    return data
