"""Which encoding a text file is in, from its first bytes; and a decoder that survives mixed files."""

from __future__ import annotations

import codecs
import re

from jackfield.core.contacts.files import guess, headers
from jackfield.core.contacts.files.errors import UnreadableFile

# Longest first: the UTF-32 LE mark begins with the UTF-16 LE one.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_NOT_A_TABLE = "This is {what}, not a table. Export the contacts as CSV or .xlsx and import that."
_MAGIC = (
    (b"\x89PNG", ("binary_file", _NOT_A_TABLE.format(what="a picture (PNG)"))),
    (b"\xff\xd8\xff", ("binary_file", _NOT_A_TABLE.format(what="a picture (JPEG)"))),
    (b"GIF8", ("binary_file", _NOT_A_TABLE.format(what="a picture (GIF)"))),
    (b"%PDF", ("binary_file", _NOT_A_TABLE.format(what="a PDF"))),
    (b"\x1f\x8b", ("binary_file", "This file is compressed (gzip). Unpack it and import what is inside.")),
    (b"7z\xbc\xaf\x27\x1c", ("binary_file", "This file is compressed (7z). Unpack it and import what is inside.")),
    (b"Rar!", ("binary_file", "This file is compressed (RAR). Unpack it and import what is inside.")),
    (b"SQLite format 3", ("binary_file", _NOT_A_TABLE.format(what="a database (SQLite)"))),
    (b"{\\rtf", ("other_document", _NOT_A_TABLE.format(what="a text document (RTF)"))),
)
_TEXT_FORMATS = (("begin:vcalendar", ("other_document", _NOT_A_TABLE.format(what="a calendar (.ics)"))),)


def _bytes_as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Codec error handler: bytes that are not UTF-8 are what Windows programs write."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(_ONE_BYTE[byte] for byte in bad), error.end


# The five bytes that Windows-1252 leaves undefined are read as Latin-1, as web browsers do.
_ONE_BYTE = [bytes([b]).decode("cp1252", "ignore") or chr(b) for b in range(256)]
_WIDER = {"shift_jis": "cp932", "euc_kr": "cp949", "gb2312": "gb18030", "gbk": "gb18030", "iso8859-1": "cp1252"}
MIXED = "jackfield-windows-1252"
codecs.register_error(MIXED, _bytes_as_windows_1252)


def detect(head: bytes) -> tuple[str, int]:
    """The codec name of the text that begins with `head`, and the length in bytes of its byte order mark.

    `head` is the beginning of the file, tens of kilobytes where there are that many.  Decode with
    `errors=MIXED` for UTF-8 and Windows-1252: a file whose first accent comes late, or that was put together
    from two sources, is then still read right.

    Raises `UnreadableFile` for what is no text at all.
    """
    for magic, (code, message) in _MAGIC:
        if head.startswith(magic):
            raise UnreadableFile(code, message)
    for mark, codec in _MARKS:
        if head.startswith(mark):
            _refuse_other_text(head[len(mark) :].decode(codec, "replace"))
            return codec, len(mark)
    guessed = _wide(head)
    if guessed is None:
        _refuse_binary(head)
        guessed = "utf-8" if _mostly_utf8(head) else _eight_bit(head)
    _refuse_other_text(head[:400].decode(guessed, "replace"))
    return guessed, 0


def _eight_bit(head: bytes) -> str:
    """The encoding of text that is not UTF-8. Raises `UnreadableFile` when it may be in more than one script."""
    guesses = guess.rank(head, _header_words)
    if not guesses:
        return "cp1252"
    if guesses[0].codec in guess.LATIN or guess.is_sure(guesses, head):
        return guesses[0].codec
    names = " or ".join(_SPOKEN.get(one.codec, one.codec) for one in guesses[:3])
    raise UnreadableFile(
        "unsure_encoding",
        f"The encoding of this file is unclear: it may be {names}. Give the encoding, or save the file as UTF-8.",
    )


_SPOKEN = {
    "cp1250": "windows-1250", "cp1251": "windows-1251", "cp1252": "windows-1252", "cp1253": "windows-1253",
    "cp1254": "windows-1254", "cp1255": "windows-1255", "cp1256": "windows-1256", "cp874": "windows-874",
    "cp932": "shift_jis", "cp949": "euc-kr",
}  # fmt: skip


def _header_words(text: str) -> int:
    """How many cells of the first lines are headers that we know."""
    cells = [cell for line in text.splitlines()[:3] for cell in re.split(r"[,;|\t]", line)]
    return sum(1 for cell in cells[:100] if not cell.isascii() and headers.is_known(cell.strip(' "')))


def check_codec(name: str) -> str:
    """The canonical name of an encoding that a person asked for.  Raises `UnreadableFile` if it is none."""
    try:
        found = codecs.lookup(name)
        # `hex`, `zip` and the like are codecs of bytes, not encodings of text.
        if not found._is_text_encoding or found.name in ("idna", "punycode", "raw-unicode-escape", "unicode-escape"):
            raise LookupError(name)
        # What Windows writes contains what the standards' names mean.
        return _WIDER.get(found.name, found.name)
    except (LookupError, ValueError):
        raise UnreadableFile(
            "unknown_encoding", f"There is no encoding called {name!r}. Try utf-8, utf-16 or windows-1252."
        ) from None


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: digits, delimiters and line ends leave NULs on one side of each pair."""
    pairs = len(head) // 2
    if pairs < 2:
        return None
    low, high = head[1 : 2 * pairs : 2].count(0), head[0 : 2 * pairs : 2].count(0)
    if low >= pairs * 0.1 and high * 10 <= low:
        return "utf-16-le"
    if high >= pairs * 0.1 and low * 10 <= high:
        return "utf-16-be"
    return None


def _refuse_binary(head: bytes) -> None:
    """A text may hold a stray NUL or two; a program or a picture holds control bytes throughout."""
    controls = sum(head.count(bytes([b])) for b in range(32) if b not in b"\t\n\x0b\x0c\r\x1a\x1b\x1d\x1e\x1f")
    if controls > 8 and controls * 50 > len(head):
        raise UnreadableFile(
            "binary_file", "This is not a table of text. Export the contacts as CSV or .xlsx and import that."
        )


def _mostly_utf8(head: bytes) -> bool:
    # The head may end inside a character: an incremental decoder does not mind.
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head)
    except UnicodeDecodeError:
        broken = head.decode("utf-8", "replace").count("\ufffd")
        sound = sum(1 for char in head.decode("utf-8", "ignore") if char > "\x7f")
        return sound > broken
    return True


def _refuse_other_text(text: str) -> None:
    start = text.lstrip().lower()
    for beginning, (code, message) in _TEXT_FORMATS:
        if start.startswith(beginning):
            raise UnreadableFile(code, message)
