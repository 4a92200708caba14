"""Which 8-bit or East Asian encoding a text is in, judged by the letters that it would give.

General detectors want paragraphs; a contact file has names. Each encoding that the markets' programs write is tried,
and the letters that come out are weighed by how common they are in its languages. Two that come out alike are not
decided: the caller asks the person.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

import msgspec

# Letters of the languages that an encoding is used for, the most common first.
_LETTERS: Final[dict[str, tuple[str, ...]]] = {
    "cp1252": ("éáíóüäöãçêèñúåøßàôâõæîûëïìòùœ",),
    "cp1250": ("łąęśżóćńźáéíčšžěřýůúťďňőűöüäșțăâî",),
    "cp1254": ("ıişğüöçâîû",),
    "cp1251": ("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґ",),
    "koi8-r": ("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",),
    "cp1253": ("αοιετσνηυρπκμλςωάίγόέήδχθύφβώξζψ",),
    "cp1255": ("יוהלאראבתנמםשדקכחגטעפסזצןךףץ",),
    "cp1256": ("اليمنرتبةعدسفهكقحجشطصخزضذثغءظئىأإآؤپچژگک",),
    "cp874": ("านรอกเงมยลวดทสตะปบคหแพจชไใโขผศณถธซฟภญฐ่้็ิีึืุู์ั",),
}
_EAST_ASIAN: Final = {
    "cp932": (("\u3040", "\u30ff"), ("\u4e00", "\u9fff")),
    "gb18030": (("\u4e00", "\u9fff"),),
    "big5": (("\u4e00", "\u9fff"),),
    "cp949": (("\uac00", "\ud7a3"),),
}
# Hanzi and kanji of names, streets and headers: what a real text in the encoding holds some of.
_COMMON_HAN: Final = {
    "cp932": "名前氏電話番号田中山本小林木村佐藤高橋伊渡辺加吉川井子美一郎太東京県市区大阪様会社",
    "gb18030": "姓名电话手机号码王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗小明华国伟芳娜敏静丽强磊军洋勇艳杰娟涛超北京上海公司客户",
    "big5": "姓名電話手機號碼王李張劉陳楊趙黃周吳徐孫胡朱高林何郭馬羅小明華國偉芳雅婷志家豪美玲俊怡君臺台北公司客戶",
    "cp949": "김이박최정강조윤장임한오서신권황안송전홍이름전화번호휴대폰서울부산민수영지현",
}
_HIGH_RUN: Final = re.compile(rb"[\x80-\xff]+")
_BESIDE_LATIN: Final = re.compile(r"[A-Za-z][^\x00-\x7f\W]|[^\x00-\x7f\W][A-Za-z]")
LATIN: Final = ("cp1252", "cp1250", "cp1254")
MARGIN: Final = 0.08
"""By how much, of 1, the best must lead for the guess to be sure."""


class Guess(msgspec.Struct, frozen=True):
    """An encoding with its score, 0 to 1."""

    codec: str
    score: float


def rank(sample: bytes, known_words: Callable[[str], int] = lambda text: 0) -> list[Guess]:
    """The encodings that the bytes may be in, the best first; empty when none fits. UTF-8 and ASCII are not asked.

    `known_words` counts words in a text that settle the matter, such as headers.
    """
    words = _words(sample)
    found = []
    for codec in (*_LETTERS, *_EAST_ASIAN):
        text = _decoded(words, codec)
        if text is not None:
            hits = known_words(sample[:2000].decode(codec, "ignore"))
            found.append(Guess(codec, round(_score(text, codec) + min(hits, 3) * 0.3, 3)))
    return sorted((one for one in found if one.score > 0), key=lambda one: -one.score)


def is_sure(guesses: list[Guess], sample: bytes) -> bool:
    """Whether the best is clearly better than every other that reads the bytes differently."""
    if not guesses or guesses[0].score < 0.3:
        return False
    words = _words(sample)
    best = _decoded(words, guesses[0].codec)
    return all(
        guesses[0].score - other.score >= MARGIN or _decoded(words, other.codec) == best for other in guesses[1:]
    )


def _words(sample: bytes) -> bytes:
    """The words that are not ASCII, up to 20,000 bytes of them, each once: what decides."""
    found: dict[bytes, None] = {}
    size = 0
    for word in re.findall(rb"[^\s,;|\t\"]*[\x80-\xff][^,;|\t\"\r\n]*", sample):
        if word not in found:
            found[word] = None
            size += len(word)
            if size > 20_000:
                break
    return b"\n".join(found)


def _decoded(words: bytes, codec: str) -> str | None:
    try:
        return words.decode(codec)
    except UnicodeDecodeError as error:
        # The sample may end within a character.
        if error.start >= len(words) - 4:
            return words[: error.start].decode(codec, "ignore")
        return None


def _score(text: str, codec: str) -> float:
    letters = [char for char in text if char > "\x7f"]
    if not letters:
        return 0.0
    # Letters of two scripts in one word, as `J\u044crgen`, are no word of either.
    mixed = 0 if codec in LATIN else len(_BESIDE_LATIN.findall(text))
    if codec in _EAST_ASIAN:
        ranges, common = _EAST_ASIAN[codec], _COMMON_HAN[codec]
        weights: Iterable[float] = (
            1.0 if char in common else 0.55 if any(low <= char <= high for low, high in ranges) else -1.0
            for char in letters
        )
        # Two bytes each: what fits although it must come in pairs says twice as much.
        return (sum(weights) - mixed) / len(letters) + 0.1
    table = _weights(codec)
    total = 0.0
    for i, char in enumerate(text):
        if char <= "\x7f":
            continue
        weight = table.get(char.lower())
        if weight is None:
            weight = -1.0 if char.isalpha() or _inside_word(text, i) or char < "\xa0" else 0.0
        elif char.isupper() and i and text[i - 1].islower():
            weight = -1.0  # a capital within a word: the case is upside down
        elif char.islower() and (i == 0 or not text[i - 1].isalpha()) and text[i + 1 : i + 2].isupper():
            weight = -1.0
        total += weight
    total -= 2 * mixed
    if codec in ("cp1251", "koi8-r") and (text.islower() or text.isupper()):
        # Hebrew, which has no capitals, reads as Cyrillic all in one case.
        total -= 0.15 * len(letters)
    if codec in LATIN:
        # Latin words are mostly ASCII; one made of accents alone belongs to another script.
        runs = sum(len(run) for run in re.findall(r"[^\x00-\x7f]{3,}", text))
        total -= 1.5 * runs
    return total / len(letters)


def _inside_word(text: str, place: int) -> bool:
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    return before.isalpha() and after.isalpha()


@lru_cache(maxsize=16)
def _weights(codec: str) -> dict[str, float]:
    """Letters to weights: 1 for the most common, 0.4 for the rarest."""
    weights: dict[str, float] = {}
    for letters in _LETTERS[codec]:
        plain = unicodedata.normalize("NFC", letters)
        for place, letter in enumerate(plain):
            weights.setdefault(letter, 1.0 - 0.6 * place / len(plain))
    return weights
