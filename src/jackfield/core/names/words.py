"""Texts as words that are compared: the same for what is kept and for what is looked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

MAX_WORDS: Final = 400
"""Different words of one text that are kept."""
MAX_LENGTH: Final = 40
_ASCII: Final = re.compile(r"[a-z0-9]+")
_ACCENTS: Final = re.compile("[\u0300-\u036f]")
SPACELESS: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+"
)
"""Scripts that are written without blanks: Thai, Lao, Burmese, Khmer, kana, Han."""


def words_of(text: str) -> list[str]:
    """The different words of a text, in their order: folded to one case and width, without accents. Of scripts that are
    written without blanks, each two neighbouring characters are a word, as search engines have it (CJK bigrams)."""
    if text.isascii():
        return [word[:MAX_LENGTH] for word in dict.fromkeys(_ASCII.findall(text.lower()))][:MAX_WORDS]
    return list(dict.fromkeys(_all(text)))[:MAX_WORDS]


def _all(text: str) -> Iterator[str]:
    plain = _plain(text)
    for run in "".join(char if is_letter(char) else " " for char in plain).split():
        at = 0
        for found in SPACELESS.finditer(run):
            if found.start() > at:
                yield run[at : found.start()][:MAX_LENGTH]
            yield from _pairs(found.group())
            at = found.end()
        if at < len(run):
            yield run[at:][:MAX_LENGTH]


def _plain(text: str) -> str:
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text).casefold())
    # Korean is written with blanks, and NFKD has taken its syllables apart.
    return unicodedata.normalize("NFC", plain)


def fold(text: str) -> str:
    """A text in one case and width, without accents, with single blanks."""
    return " ".join((text.lower() if text.isascii() else _plain(text)).replace("\0", "").split())


def _pairs(run: str) -> Iterator[str]:
    if len(run) == 1:
        yield run
    for place in range(len(run) - 1):
        yield run[place : place + 2]


PREFIX_FROM: Final = 3
"""Beginnings of words are found from so many characters on; shorter ones must be whole words."""


def may_go_on(word: str) -> bool:
    """Whether a word that is looked for may be the beginning of a longer one: also one character of a script without
    blanks, as the first of two."""
    return (len(word) >= PREFIX_FROM and not is_scope(word)) or (len(word) == 1 and is_pair(word))


def workspace_word(workspace_id: int) -> str:
    """A word that all messages of a workspace have and nobody can type: a private character is part of no other word.
    Searching for it too keeps a search from walking through the messages of other workspaces."""
    return f"\ue000{workspace_id}"


def channel_word(channel_id: int) -> str:
    """As `workspace_word`, of a channel."""
    return f"\ue001{channel_id}"


def is_scope(word: str) -> bool:
    """Whether a word is a `workspace_word` or a `channel_word`."""
    return word[:1] in ("\ue000", "\ue001")


def is_letter(char: str) -> bool:
    """Whether words are made of it: letters, digits and the marks on them."""
    return unicodedata.category(char)[0] in "LMN"


def is_pair(word: str) -> bool:
    """Whether a word is a piece of a text without blanks, and no beginning of a longer word."""
    return SPACELESS.fullmatch(word) is not None
