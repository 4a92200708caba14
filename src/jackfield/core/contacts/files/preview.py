"""What an import of a file would do: how it is read, what each column is, who would come in and who would not."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, BinaryIO

import msgspec

from ..people.validate import country_of
from .encoding import check_codec
from .mapping import ColumnMap
from .parse import ContactRow, RefusedRow, parse_contacts
from .reader import HEAD_BYTES, Source, guessed_encoding, read_table, sheet_names
from .rows import take

MAX_ROWS = 20_000
"""Rows that are looked at: two to three seconds."""
SAMPLES = 5
SHOWN = 100
"""Refused rows and contacts that are shown; all of those looked at are counted."""
_MAX_SAMPLE = 200


class PreviewColumn(msgspec.Struct, kw_only=True, frozen=True):
    """A column of the file: its header ("" without one), what it is read as, and its first values.

    `field` is a column of contacts.columns, tags, lists, optout, label (of the phone beside it) or attribute; None is
    passed over. `name` is the attribute's.
    """

    index: int
    title: str
    field: str | None
    name: str | None
    samples: list[str]


class PreviewContact(msgspec.Struct, kw_only=True, frozen=True):
    """A contact that would come in; `phones` are E.164 digits."""

    line: int
    name: str
    phones: list[str]


class FilePreview(msgspec.Struct, kw_only=True, frozen=True):
    """What an import would do, as far as the file was looked at (`complete`: to its end).

    `rows` is `contacts` plus `refused_total`; `dropped_total` counts numbers that stand beside a good one and are none.
    `countries` counts contacts by the country of their first number ("" for none), `reasons` refused rows by code.
    Rows that repeat a number are not told apart here.
    """

    encoding: str | None
    sheet: str | None
    sheets: list[str]
    has_header: bool
    columns: list[PreviewColumn]
    mapping: dict[str, list[str]]
    rows: int
    complete: bool
    contacts: int
    refused_total: int
    dropped_total: int
    countries: dict[str, int]
    reasons: dict[str, int]
    refused: list[RefusedRow]
    first: list[PreviewContact]


def preview(
    source: Source,
    *,
    filename: str = "",
    default_country: str | None = None,
    mapping: Mapping[str, str | Sequence[str]] | None = None,
    encoding: str | None = None,
    sheet: str | int | None = None,
) -> FilePreview:
    """Look at a file as an import would read it; nothing is written. Raises `UnreadableFile` as an import does."""
    with ExitStack() as stack:
        file = _seekable(source, stack)
        head = file.read(HEAD_BYTES)
        codec = check_codec(encoding) if encoding else guessed_encoding(head) if head.strip(b"\0 \t\r\n") else None
        sheets = sheet_names(file)
        if not sheets and head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            codec = None
        found: list[ColumnMap] = []
        file.seek(0)
        rows = parse_contacts(
            file,
            filename=filename,
            default_country=default_country,
            mapping=mapping,
            encoding=encoding,
            sheet=sheet,
            told=found.append,
        )
        looked = take(rows, MAX_ROWS)
        complete = next(rows, None) is None
        (columns,) = found
        samples = _samples(file, columns, encoding, sheet)
    contacts = [row for row in looked if isinstance(row, ContactRow)]
    refused = [row for row in looked if isinstance(row, RefusedRow)]
    shown = _columns(columns, samples)
    return FilePreview(
        encoding=None if sheets else codec,
        sheet=_chosen(sheets, sheet),
        sheets=sheets,
        has_header=columns.has_header,
        columns=shown,
        mapping=_mapping(shown),
        rows=len(looked),
        complete=complete,
        contacts=len(contacts),
        refused_total=len(refused),
        dropped_total=sum(len(row.dropped) for row in contacts),
        countries=dict(Counter(country_of(row.phones[0]) or "" for row in contacts).most_common()),
        reasons=dict(Counter(row.code for row in refused).most_common()),
        refused=refused[:SHOWN],
        first=[PreviewContact(line=row.line, name=row.name, phones=row.phones) for row in contacts[:SHOWN]],
    )


def _seekable(source: Source, stack: ExitStack) -> BinaryIO | IO[bytes]:
    if isinstance(source, str | os.PathLike):
        return stack.enter_context(Path(source).open("rb"))
    if source.seekable():
        source.seek(0)
        return source
    spool = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    shutil.copyfileobj(source, spool, 1 << 20)
    spool.seek(0)
    return spool


def _chosen(sheets: Sequence[str], sheet: str | int | None) -> str | None:
    if not sheets:
        return None
    if sheet in sheets:
        return str(sheet)
    text = str(sheet or "")
    if text.isdigit() and 1 <= int(text) <= len(sheets):
        return sheets[int(text) - 1]
    return next((one for one in sheets if one.casefold() == text.casefold()), None) if text else None


def _samples(
    file: BinaryIO | IO[bytes], columns: ColumnMap, encoding: str | None, sheet: str | int | None
) -> list[list[str]]:
    """The first values of each column, below the header."""
    file.seek(0)
    found: list[list[str]] = [[] for _ in range(columns.width)]
    below = not columns.has_header
    for number, (_, cells) in enumerate(read_table(file, encoding=encoding, sheet=sheet)):
        if not below:
            below = tuple(cells) == columns.titles
            continue
        for values, cell in zip(found, cells, strict=False):
            if cell.strip() and len(values) < SAMPLES:
                values.append(" ".join(cell.split())[:_MAX_SAMPLE])
        if number > 200:
            break
    return found


def _columns(columns: ColumnMap, samples: Sequence[Sequence[str]]) -> list[PreviewColumn]:
    fields: dict[int, str] = {}
    for index, label in columns.phones:
        fields[index] = "phone"
        if label is not None:
            fields[label] = "label"
    for name in ("name", "first_name", "middle_name", "last_name", "nickname", "organisation", "email", "lists"):
        if (place := getattr(columns, name)) is not None:
            fields.setdefault(place, name)
    fields.update(dict.fromkeys(columns.tags, "tags"))
    fields.update({index: "optin" for index in (columns.optin, *columns.consents) if index is not None})
    fields.update({index: "optout" for index in (columns.optout, *columns.optouts) if index is not None})
    fields.update({index: name for name, index in columns.plain})
    attributes = dict(columns.attributes)
    return [
        PreviewColumn(
            index=index,
            title=columns.titles[index] if index < len(columns.titles) else "",
            field=fields.get(index, "attribute" if index in attributes else None),
            name=attributes.get(index),
            samples=list(samples[index]) if index < len(samples) else [],
        )
        for index in range(columns.width)
    ]


def _mapping(columns: Sequence[PreviewColumn]) -> dict[str, list[str]]:
    """The guess in the form that an import takes as `mapping`: field to columns, by place."""
    found: dict[str, list[str]] = {}
    for one in columns:
        if one.field in (None, "attribute", "label", "nickname", "organisation"):
            continue
        found.setdefault(str(one.field), []).append(f"#{one.index + 1}")
    return found
