"""The XML parts of a workbook, parsed piece by piece, with a bound on what they unpack to.

A file of 100 kB may unpack to gigabytes, or hold one attribute of 100 MB that the XML parser reads from its beginning
again with every piece. Both are refused here, for every kind of workbook.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar
from xml.parsers import expat

from jackfield.core.contacts.files.errors import UnreadableFile

CHUNK = 1 << 16
MAX_RATIO = 40
"""Workbooks of people unpack to 5 to 30 times their size."""
LEAST = 4 << 20
"""Bytes that any workbook may unpack to."""
MAX_TOKEN = 1 << 20
"""Bytes of one tag with its attributes."""
Attrs = dict[str, str]
T = TypeVar("T")


def allowed(archive: zipfile.ZipFile) -> int:
    """The bytes that the parts of this archive may unpack to."""
    return max(LEAST, MAX_RATIO * sum(one.compress_size for one in archive.infolist()))


def local(name: str) -> str:
    """A name without its namespace prefix."""
    return name[name.rfind(":") + 1 :]


def xml_parser(
    start: Callable[[str, Attrs], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> expat.XMLParserType:
    """A parser that calls these for tags and text, and refuses entities."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    if end is not None:
        parser.EndElementHandler = end
    if text is not None:
        parser.CharacterDataHandler = text

    def no_entities(*_: object) -> None:
        # No spreadsheet program declares entities; those that do mean to blow up the reader.
        raise UnreadableFile("broken_xlsx", "This workbook holds XML entities and is not read. Save it as CSV.")

    parser.EntityDeclHandler = no_entities
    return parser


def parsed(archive: zipfile.ZipFile, part: str, parser: expat.XMLParserType) -> Iterator[None]:
    """Feed a part to the parser; gives control back after each piece. Raises `UnreadableFile` beyond the bounds."""
    limit, fed = allowed(archive), 0
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            fed += len(chunk)
            if fed > limit:
                raise UnreadableFile(
                    "too_large",
                    "This workbook unpacks to far more than its size. Save the sheet as CSV and import that.",
                )
            parser.Parse(chunk, False)
            if fed - max(parser.CurrentByteIndex, 0) > MAX_TOKEN:
                raise UnreadableFile(
                    "too_large", "This workbook holds a value that is far too long. Save the sheet as CSV."
                )
            yield
        parser.Parse(b"", True)
    yield


def chosen(sheets: Sequence[tuple[str, T]], wanted: str | int | None) -> list[tuple[str, T]]:
    """The sheets to look at: all, or the one of this name or number (from 1). Raises `UnreadableFile`."""
    if wanted is None or wanted == "":
        return list(sheets)
    folded = str(wanted).strip().casefold()
    exact = [one for one in sheets if one[0] == wanted]
    alike = exact or [one for one in sheets if one[0].strip().casefold() == folded]
    if alike:
        return alike[:1]
    if str(wanted).isascii() and str(wanted).isdigit() and len(str(wanted)) < 6 and 1 <= int(wanted) <= len(sheets):
        return [sheets[int(wanted) - 1]]
    names = ", ".join(repr(name) for name, _ in sheets[:20])
    raise UnreadableFile("unknown_sheet", f"There is no sheet {str(wanted)[:100]!r}. The sheets are: {names}.")
