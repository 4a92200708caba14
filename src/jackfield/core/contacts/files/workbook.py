"""Workbooks that are zip archives: XLSX and ODS, and others told by name with the way out."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO
from xml.parsers import expat

from jackfield.core.contacts.files import ods, xlsx
from jackfield.core.contacts.files.errors import UnreadableFile

# RuntimeError and NotImplementedError: an encrypted member, or one in an unknown compression.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    EOFError,
    KeyError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


def read_workbook(file: BinaryIO | IO[bytes], sheet: str | int | None = None) -> Iterator[tuple[int, list[str]]]:
    """Yield `(row number, cells)` of a sheet of an XLSX or ODS file.

    Raises `UnreadableFile` when this is another kind of archive, a damaged one, or has no such sheet.
    """
    with _opened(file) as archive:
        read = ods.read_ods if ods.PART in archive.namelist() else xlsx.read_xlsx
        yield from read(archive, sheet)


def workbook_sheets(file: BinaryIO | IO[bytes]) -> list[str]:
    """The names of the visible sheets. Raises `UnreadableFile`."""
    with _opened(file) as archive:
        return (ods.sheets_of if ods.PART in archive.namelist() else xlsx.sheets_of)(archive)


@contextmanager
def _opened(file: BinaryIO | IO[bytes]) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            _check_kind(set(archive.namelist()))
            yield archive
    except UnreadableFile:
        raise
    except _DAMAGE as error:
        raise UnreadableFile(
            "broken_xlsx",
            "This workbook is damaged or protected. Open it, save it again as .xlsx or CSV without a password, "
            "and import that.",
        ) from error


def _check_kind(names: set[str]) -> None:
    if "xl/workbook.bin" in names:
        raise UnreadableFile("other_document", "This is a binary workbook (.xlsb). Save it as .xlsx or CSV.")
    if "content.xml" in names and names & {"META-INF/manifest.xml", "mimetype"}:
        return
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise UnreadableFile("other_document", "This is not a spreadsheet. Export the contacts as CSV or .xlsx.")
    if any(name.startswith("Index/") or name.endswith(".iwa") for name in names):
        raise UnreadableFile("other_document", "This is a Numbers file. Export it as CSV or Excel.")
    if "xl/workbook.xml" not in names:
        raise UnreadableFile(
            "other_document", "This is a zip archive, not a spreadsheet. Unpack it and import what is inside."
        )
