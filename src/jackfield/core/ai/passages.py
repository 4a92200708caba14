"""Texts cut into passages: pieces that are found, and given to a model, by themselves. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

import msgspec

FORMATS: Final = ("text", "markdown", "html", "csv")
LENGTH: Final = 900
"""Characters that a passage has where the text lets it."""
MAX_LENGTH: Final = 1400
"""Characters that no passage exceeds."""
MAX_TITLE: Final = 200
MAX_COLUMNS: Final = 100
_HEADING: Final = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_SENTENCE: Final = re.compile(r"(?<=[.!?。！？؟])\s+|\n+")
_BLOCKS: Final = frozenset(
    {
        *("address", "article", "aside", "blockquote", "br", "caption", "dd", "div", "dl", "dt", "fieldset", "figure"),
        *("figcaption", "footer", "form", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table"),
        *("tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    }
)
_SKIPPED: Final = frozenset({"head", "noscript", "script", "style", "svg", "template", "textarea", "select", "button"})


class Passage(msgspec.Struct, frozen=True):
    """A piece of a text. `title`: under which headings it stands; empty for none."""

    title: str
    text: str


def plain(text: str, format: str) -> str:
    """The text as it is kept and cut: HTML without its tags, with headings as Markdown has them; a table as lines of
    `column: value`; all others as they are."""
    if format == "html":
        return _of_html(text)
    if format == "csv":
        return _of_csv(text)
    lines = (line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def cut(text: str, *, headings: bool = True) -> list[Passage]:
    """A plain text in passages: paragraphs together as long as they are short, long ones at the ends of their sentences.
    A heading (`# Prices`) begins a new one and gives it its title."""
    found: list[Passage] = []
    above: list[tuple[int, str]] = []
    waiting: list[str] = []

    def close() -> None:
        if waiting:
            title = " › ".join(name for _, name in above)[:MAX_TITLE]
            found.append(Passage(title, "\n".join(waiting)))
            waiting.clear()

    for paragraph in re.split(r"\n\s*\n|\n(?=#)|(?<=\n)(?=#)", text):
        lines = paragraph.strip().split("\n")
        heading = _HEADING.match(lines[0]) if headings else None
        if heading is not None:
            close()
            depth = len(heading[1])
            above = [one for one in above if one[0] < depth] + [(depth, heading[2])]
            lines = lines[1:]
        for piece in _pieces("\n".join(lines).strip()):
            if waiting and sum(map(len, waiting)) + len(piece) > LENGTH:
                close()
            waiting.append(piece)
    close()
    return found


def _pieces(paragraph: str) -> Iterator[str]:
    """A paragraph in pieces of at most MAX_LENGTH characters."""
    if len(paragraph) <= LENGTH:
        if paragraph:
            yield paragraph
        return
    held = ""
    for sentence in _SENTENCE.split(paragraph):
        part = sentence.strip()
        while len(part) > MAX_LENGTH:
            # One sentence without an end; at a blank where there is one.
            if held:
                yield held
                held = ""
            at = part.rfind(" ", LENGTH, MAX_LENGTH)
            at = MAX_LENGTH if at < 0 else at
            yield part[:at].rstrip()
            part = part[at:].lstrip()
        if held and len(held) + len(part) + 1 > LENGTH:
            yield held
            held = part
        elif part:
            held = f"{held} {part}" if held else part
    if held:
        yield held


# -- HTML -----------------------------------------------------------------------------------------------


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self._skipped.append(tag)
        elif re.fullmatch("h[1-6]", tag):
            self.parts.append("\n\n" + "#" * int(tag[1]) + " ")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in ("td", "th"):
            self.parts.append(" | ")
        elif tag in _BLOCKS:
            self.parts.append("\n" if tag in ("br", "tr", "dd", "dt") else "\n\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._skipped:
            # What was left open inside ends with it.
            del self._skipped[self._skipped.index(tag) :]
        elif re.fullmatch("h[1-6]", tag) or (tag in _BLOCKS and tag not in ("br", "li", "td", "th", "tr")):
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.parts.append(re.sub(r"\s+", " ", data))


def _of_html(text: str) -> str:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    lines = [re.sub(r"[ \t\xa0]+", " ", line).strip().removeprefix("| ") for line in "".join(reader.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


# -- tables ---------------------------------------------------------------------------------------------


def _of_csv(text: str) -> str:
    """Each row as `column: value; ...`, so that a row says for itself what it holds. Raises ValueError for what is no CSV."""
    text = text.removeprefix("\ufeff")
    try:
        dialect: type[csv.Dialect] | str = csv.Sniffer().sniff(text[:8192], delimiters=",;\t|")
    except csv.Error:
        dialect = "excel"
    try:
        rows = [row for row in csv.reader(io.StringIO(text), dialect) if any(cell.strip() for cell in row)]
    except csv.Error:
        raise ValueError("not a CSV file") from None
    if not rows:
        return ""
    names = [name.strip() for name in rows[0]][:MAX_COLUMNS]
    if len(rows) == 1:
        return "; ".join(names)
    lines = []
    for row in rows[1:]:
        cells = [f"{name}: {' '.join(cell.split())}" if name else " ".join(cell.split())
                 for name, cell in zip(names, row, strict=False) if cell.strip()]  # fmt: skip
        lines.append("; ".join(cells))
    return "\n\n".join(line for line in lines if line)
