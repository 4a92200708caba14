"""Words that stop and start marketing: many languages, as people write them; sentences stay sentences."""

from __future__ import annotations

import pytest

from jackfield.core.contacts.consent.keywords import Keywords
from jackfield.core.contacts.consent.words import START, STOP, fold

KEYWORDS = Keywords({})


def test_at_least_25_languages_have_words_for_both() -> None:
    assert len(STOP) >= 25
    assert STOP.keys() == START.keys()


@pytest.mark.parametrize(("language", "word"), [(language, word) for language in STOP for word in STOP[language]])
def test_every_word_that_stops_is_understood(language: str, word: str) -> None:
    for written in (word, word.upper(), f"  {word}. ", f"*{word}*", f"«{word}»"):
        assert KEYWORDS.meaning_of(written) == ("stop", fold(word)), language


@pytest.mark.parametrize(("language", "word"), [(language, word) for language in START for word in START[language]])
def test_every_word_that_starts_is_understood(language: str, word: str) -> None:
    meant = KEYWORDS.meaning_of(f"{word.capitalize()}!")
    assert meant is not None, language
    assert meant[0] == "start"


@pytest.mark.parametrize(
    "written",
    [
        "Stop\u200e",
        "\u202astop\u202c",
        "st\u00adop",
        "*STOP*",
        "_stop_",
        "~*Stop*~",
        "```STOP```",
        "Stop. Thank you",
        "stop, thanks!",
        "Please stop",
        "STOP PLEASE. Thank you very much!!",
        "ＳＴＯＰ",
        "𝗦𝗧𝗢𝗣",
        "STOP 🛑",
        "❤️ stop ❤️",
        "🙏🏽stop",
        "“stop”",
        "'STOP'",
        "„Stopp“",
        "STOP STOP STOP",
        "S.T.O.P.",
        "/stop",
        "Arret svp",
        "ARRÊT, merci",
        "Abmelden bitte, danke",
        "baja, por favor",
        "Parar. Obrigado",
        "İPTAL",
        "iptal lütfen",
        "стоп, спасибо",
        "الغاء".replace("ا", "إ", 1) + " شكرا",
        "تَوَقَّف",
        "הסר בבקשה",
        "बंद करें धन्यवाद",
        "退订。",
        "수신거부 감사합니다",
        "huỷ",
        "opt - out",
    ],
)
def test_a_refusal_is_understood_however_it_is_dressed(written: str) -> None:
    meant = KEYWORDS.meaning_of(written)
    assert meant is not None
    assert meant[0] == "stop"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "👍",
        "thank you",
        "stop?",
        "Can you stop by tomorrow",
        "stop talking about it",
        "Please do not stop",
        "the bus stop",
        "I want to cancel my order",
        "In the end, thank you",
        "End of June",
        "non-stop",
        "hasta la baja temporada",
        "parar de fumar",
        "/start",
        "/start ref42",
        "get started",
        "stop " * 60,
    ],
)
def test_what_merely_contains_a_word_is_a_message(written: str) -> None:
    assert KEYWORDS.meaning_of(written) is None


def test_a_workspaces_own_words_are_folded_alike() -> None:
    own = Keywords({"stop_words": {"de": ["Nicht  Mehr!"]}})
    assert own.meaning_of("*nicht mehr* 🙂") == ("stop", "nicht mehr")
    assert own.meaning_of("stop") is None
