"""The words that stop and start marketing, by language, and messages folded until they can be compared with them.

A message counts when it is one of the words and nothing else, in whatever dress people and their phones put on it: case,
accents left out, full-width or bold letters, invisible marks, quotes, `*markup*`, emoji, "please" and "thank you". A
sentence that merely contains a word is a sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Final

STOP: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "optout", "opt-out", "opt out",
           "stop promotions", "remove me", "unsubscribe me",
           "stop it", "stop this", "stop sms", "stop messages", "stop messaging me", "stop texting me",
           "stop sending", "stop sending me messages", "unsubscribe all", "opt me out", "no more", "no more messages",
           "no more ads", "do not contact me",
           "unsub", "unsuscribe", "unsubcribe", "unsubscibe", "unsubscribe from all", "unsubscribe from this list",
           "i want to unsubscribe", "i want to stop", "stop the messages", "stop your messages",
           "stop these messages", "stop spam", "stop spamming", "stop spamming me",
           "stop contacting me", "reply stop", "remove me from your list",
           "remove me from the list", "remove me from this list", "take me off your list", "take me off the list",
           "leave me alone", "do not message me", "do not text me", "do not send me messages", "do not send", "don't send",
           "do not write to me",
           "don't contact me", "don't message me", "don't text me", "don't send me messages", "don't write to me"),
    "ar": ("توقف", "إلغاء", "أوقف", "إيقاف", "إلغاء الاشتراك", "قف",
           "إلغاء الإشتراك", "الغاء اشتراك", "توقفوا"),
    "az": ("dayandır", "abunəni ləğv et"),
    "bg": ("спри", "отписване", "отпиши ме",
           "отпиши", "отказ"),
    "bn": ("বন্ধ", "থামুন", "বন্ধ করুন",
           "স্টপ", "বন্ধ করো"),
    "ca": ("atura", "baixa", "donar de baixa"),
    "cs": ("zastavit", "odhlásit", "odhlásit se",
           "zrušit"),
    "da": ("afmeld", "stop nu",
           "afmeld mig", "stop det"),
    "de": ("stopp", "abmelden", "abbestellen", "austragen",
           "abmeldung", "keine werbung", "keine werbung mehr", "aufhören"),
    "el": ("στοπ", "διακοπή", "διαγραφή", "απεγγραφή",
           "ακύρωση", "λήξη"),
    "es": ("baja", "alto", "parar", "darse de baja", "dar de baja", "cancelar", "detener",
           "desuscribir", "desuscribirme", "cancelar suscripción", "no más", "no más mensajes",
           "no quiero más mensajes"),
    "fa": ("توقف", "لغو", "لغو اشتراک", "لغو 11"),
    "fi": ("lopeta", "peruuta",
           "peruuta tilaus"),
    "fil": ("itigil", "tigil", "ihinto",
           "tama na"),
    "fr": ("arrêt", "arrêter", "arrêtez", "désabonner", "désinscription", "désinscrire", "se désabonner",
           "désabonnement", "désabonnez-moi", "stop pub", "stop sms", "ne plus recevoir"),
    "gu": ("બંધ", "બંધ કરો", "રોકો"),
    "he": ("הסר", "הסירו", "עצור", "הפסק", "להסרה",
           "הסרה", "הסר אותי", "הסירו אותי", "להסיר", "תפסיקו"),
    "hi": ("रोकें", "रोको", "बंद", "बंद करें", "बंद करो",
           "बंद करे", "बन्द करें", "स्टॉप",
           "band karo", "band kare", "band karein", "band kijiye", "message mat bhejo"),
    "hr": ("odjava", "odjavi me", "prestani",
           "odjavi", "otkaži"),
    "hu": ("leiratkozás", "leiratkozom", "állj"),
    "id": ("berhenti", "batal langganan", "berhenti berlangganan", "stop promo",
           "hentikan"),
    "it": ("ferma", "fermati", "basta", "disiscrivimi", "cancellami", "annulla iscrizione",
           "annulla", "disiscriviti", "cancella", "cancellazione"),
    "ja": ("停止", "ストップ", "配信停止", "解除", "退会",
           "停止して", "停止してください", "配信停止してください", "解約"),
    "kk": ("тоқтат", "тоқтату"),
    "ko": ("중지", "수신거부", "수신 거부", "그만", "해지",
           "스톱", "중단", "거부", "수신 거부 해주세요"),
    "mr": ("थांबवा", "बंद करा"),
    "ms": ("berhenti", "henti", "batal"),
    "nl": ("afmelden", "uitschrijven", "stoppen",
           "afmelding", "stop ermee"),
    "no": ("avmeld", "stopp", "meld meg av",
           "avslutt"),
    "pa": ("ਬੰਦ", "ਬੰਦ ਕਰੋ", "ਰੋਕੋ"),
    "pl": ("wypisz", "wypisz mnie", "rezygnuję", "zatrzymaj", "anuluj",
           "rezygnacja", "wypisz się"),
    "pt": ("parar", "pare", "sair", "cancelar", "descadastrar", "remover",
           "descadastre", "cancelar inscrição", "não quero mais", "não quero mais receber"),
    "ro": ("oprire", "opreste", "dezabonare", "dezabonați",
           "renunț"),
    "ru": ("стоп", "отписка", "отписаться", "отпишите", "отпишите меня", "отмена", "хватит",
           "отпишись", "не писать", "не пишите"),
    "sk": ("zastaviť", "odhlásiť", "odhlásiť sa",
           "zrušiť", "ukončiť"),
    "sr": ("стани", "одјава", "odjava"),
    "sv": ("avsluta", "avregistrera", "sluta",
           "avregistrera mig", "avsluta prenumeration"),
    "sw": ("simama", "sitisha", "ondoa"),
    "ta": ("நிறுத்து", "நிறுத்தவும்"),
    "te": ("ఆపు", "ఆపండి"),
    "th": ("หยุด", "ยกเลิก", "ยกเลิกการรับข่าวสาร",
           "หยุดส่ง", "ยกเลิกครับ", "ยกเลิกค่ะ", "หยุดครับ", "หยุดค่ะ"),
    "tr": ("durdur", "iptal", "ret", "abonelikten çık",
           "iptal et", "durdurun", "listeden çıkar", "dur"),
    "uk": ("стоп", "відписка", "відписатися", "відпишіть", "скасувати", "зупинити",
           "відписатись", "відмовитися"),
    "ur": ("بند", "بند کریں", "روکیں", "روکو"),
    "vi": ("dừng", "dừng lại", "hủy", "huỷ", "hủy đăng ký", "ngừng",
           "hủy bỏ", "từ chối"),
    "zh": ("退订", "退訂", "停止", "取消订阅", "取消訂閱", "td",
           "停", "拒收", "取消", "不要再发了", "不要再發了"),
}  # fmt: skip
"""What people write who want no more marketing; at least one word of each market's language."""

START: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("start", "unstop", "subscribe", "optin", "opt-in", "opt in", "resubscribe"),
    "ar": ("ابدأ", "اشتراك", "اشترك"),
    "az": ("başlat", "abunə ol"),
    "bg": ("старт", "абонирай ме"),
    "bn": ("শুরু", "শুরু করুন"),
    "ca": ("inicia", "donar d'alta"),
    "cs": ("začít", "přihlásit"),
    "da": ("tilmeld",),
    "de": ("anmelden", "abonnieren"),
    "el": ("έναρξη", "εγγραφή"),
    "es": ("alta", "suscribir", "suscribirme"),
    "fa": ("شروع", "اشتراک"),
    "fi": ("aloita", "tilaa"),
    "fil": ("simulan", "magsimula"),
    "fr": ("démarrer", "abonner", "s'abonner", "commencer"),
    "gu": ("શરૂ", "શરૂ કરો"),
    "he": ("התחל", "הירשם", "להצטרפות"),
    "hi": ("शुरू", "शुरू करें"),
    "hr": ("prijava",),
    "hu": ("feliratkozás", "feliratkozom"),
    "id": ("mulai", "langganan", "berlangganan"),
    "it": ("inizia", "iscrivimi"),
    "ja": ("開始", "スタート", "配信再開"),
    "kk": ("бастау",),
    "ko": ("시작", "수신동의", "수신 동의"),
    "mr": ("सुरू", "सुरू करा"),
    "ms": ("mula", "langgan"),
    "nl": ("aanmelden", "inschrijven"),
    "no": ("påmeld", "meld meg på"),
    "pa": ("ਸ਼ੁਰੂ", "ਸ਼ੁਰੂ ਕਰੋ"),
    "pl": ("zapisz", "zapisz mnie"),
    "pt": ("iniciar", "inscrever", "começar"),
    "ro": ("abonare",),
    "ru": ("старт", "подписка", "подписаться", "начать"),
    "sk": ("začať", "prihlásiť"),
    "sr": ("пријава", "prijava"),
    "sv": ("starta", "prenumerera"),
    "sw": ("anza", "jiunge"),
    "ta": ("தொடங்கு", "தொடங்கவும்"),
    "te": ("ప్రారంభించు", "ప్రారంభించండి"),
    "th": ("เริ่ม", "สมัคร"),
    "tr": ("başla", "başlat", "abone ol"),
    "uk": ("старт", "підписка", "підписатися", "почати"),
    "ur": ("شروع", "شروع کریں"),
    "vi": ("bắt đầu", "đăng ký"),
    "zh": ("订阅", "訂閱", "开始", "開始"),
}
"""What people write who want marketing again."""

_POLITE: Final = (
    "thank you", "thank you very much", "thanks", "many thanks", "thanks a lot", "thx", "ty", "please", "pls", "plz",
    "kindly", "now", "danke", "danke schön", "vielen dank", "bitte", "merci", "s'il vous plaît", "s'il te plaît", "svp",
    "stp", "gracias", "muchas gracias", "por favor", "obrigado", "obrigada", "pf", "pfv", "grazie", "per favore",
    "dank je", "dank u", "bedankt", "alstublieft", "aub", "terima kasih", "makasih", "tolong", "mohon", "teşekkürler",
    "teşekkür ederim", "lütfen", "dziękuję", "dzięki", "proszę", "спасибо", "пожалуйста", "дякую", "будь ласка",
    "شكرا", "شكرا لك", "من فضلك", "لو سمحت", "תודה", "בבקשה", "धन्यवाद", "कृपया", "شکریہ", "براہ کرم", "ممنون", "لطفا",
    "谢谢", "请", "謝謝", "請", "ありがとう", "ありがとうございます", "お願いします", "감사합니다", "부탁드립니다",
    "cảm ơn", "làm ơn", "ขอบคุณ", "ขอบคุณครับ", "ขอบคุณค่ะ", "asante", "tafadhali", "salamat", "tack", "snälla", "takk",
    "tak", "kiitos", "ευχαριστώ", "παρακαλώ", "mulțumesc", "vă rog", "děkuji", "prosím", "ďakujem", "köszönöm", "hvala",
    "molim", "хвала", "моля", "ya", "dong", "kak", "po", "na", "krub", "ครับ", "ค่ะ", "คะ",
)  # fmt: skip

_GREETINGS: Final = (
    "hi", "hello", "hey", "ok", "okay", "sir", "madam", "dear", "hallo", "hola", "bonjour", "ciao", "oi", "olá", "salam",
    "assalamualaikum", "namaste", "namaskar", "halo", "merhaba", "selam", "привет", "здравствуйте", "добрый день",
    "salut", "dag", "guten tag", "bom dia", "boa tarde", "buenos días", "buenas", "שלום", "مرحبا", "السلام عليكم", "سلام",
    "नमस्ते", "你好", "こんにちは", "안녕하세요", "สวัสดี", "xin chào",
)  # fmt: skip
"""What a refusal may open with, but not a consent: "ok, commencer" starts a talk and no newsletter."""

_SIGNS: Final = frozenset("🛑🚫⛔")
"""Signs that say "stop" and "no" by themselves, as a traffic sign does: alone they are the word. A hand (✋) is none of
them: it greets and answers "me" as often as it refuses; nor is a thumb (👎), which tells what somebody thinks."""

_SQUARED: Final = {first + place: 97 + place for first in (0x1F150, 0x1F170) for place in range(26)}
"""White letters in black circles and squares, which Unicode does not count as letters."""
_LOOKALIKES: Final = str.maketrans("аеорсухкмтвнѕі013", "aeopcyxkmtbhsiole")
"""Cyrillic letters and digits by the Latin ones that they are taken for; accents are gone by then."""

_dragged = re.compile(r"(\w)\1\1")
_repeated = re.compile(r"(\w)\1+")

_JOINED: Final = "'’‘ʼ`´ʹ׳"
"""Marks inside a word, which people leave out."""


def fold(text: str) -> str:
    """A message as compared: letters, digits and single spaces between words. Empty for a question."""
    if "?" in unicodedata.normalize("NFKC", text) or "؟" in text:
        return ""
    words = plain_words(text)
    if len(words) > 2 and all(len(word) == 1 and word.isascii() for word in words):
        return "".join(words)  # s.t.o.p
    if len(words) > 1 and len(set(words)) == 1:
        return words[0]  # stop stop stop
    return " ".join(words)


def is_sign(text: str) -> bool:
    """Whether a text is signs that mean "stop" and nothing else."""
    shown = [char for char in text if not char.isspace() and not _is_mark(char) and unicodedata.category(char) != "Cf"]
    return bool(shown) and all(char in _SIGNS for char in shown)


def closed_up(folded: str) -> str:
    """A folded text without its spaces: "un subscribe" and "s t o p" are the words."""
    return folded.replace(" ", "")


def shortened(folded: str) -> str:
    """A folded text with each letter once where it is repeated; itself unless one is dragged out, as in "stoppp"."""
    return once_each(folded) if _dragged.search(folded) else folded


def once_each(folded: str) -> str:
    """A folded text with each letter once where it is repeated: "stopp" and "stop" are alike."""
    return _repeated.sub(r"\1", folded)


def by_looks(folded: str) -> str:
    """A folded text as it looks: "ѕtор" with Cyrillic letters is "stop", and so is "st0p"."""
    return folded.translate(_LOOKALIKES)


def made_of(folded: str, words: Collection[str]) -> bool:
    """Whether a folded text is nothing but these words and courtesies: "stop unsubscribe", "stop now, cancel please"."""
    parts = folded.split()
    reached = {0}
    for start in range(len(parts)):
        if start in reached:
            for end in range(start + 1, min(len(parts), start + _LONGEST) + 1):
                part = " ".join(parts[start:end])
                if part in words or (start and part in _COURTESIES):
                    reached.add(end)
    return bool(parts) and len(parts) in reached


def plain_words(text: str) -> list[str]:
    """The words of a text without case, accents, markup and marks."""
    text = (
        unicodedata.normalize("NFKC", text).translate(_SQUARED).replace("\u0130", "i").replace("\u0131", "i").casefold()
    )
    kept: list[str] = []
    for char in unicodedata.normalize("NFD", text):
        kind = unicodedata.category(char)
        if _is_mark(char) or kind == "Cf" or char in _JOINED or char == "\u0640":
            continue
        digit = unicodedata.digit(char, None) if kind == "Nd" else None
        kept.append(str(digit) if digit is not None else char if kind[0] in "LNM" else " ")
    return unicodedata.normalize("NFC", "".join(kept)).split()


def _is_mark(char: str) -> bool:
    """Accents and points that people leave out, and what dresses up emoji; not the vowels of Indic scripts."""
    return (
        "\u0300" <= char <= "\u036f"
        or "\u0591" <= char <= "\u05c7"
        or "\u064b" <= char <= "\u065f"
        or "\ufe00" <= char <= "\ufe0f"
        or char in "\u0670\u20e3"
    )


def without_courtesy(folded: str) -> str:
    """A folded message without "please" before it and "thank you" after it."""
    return _without(folded, _COURTESIES)


def without_greeting(folded: str) -> str:
    """As `without_courtesy`, and without a greeting."""
    return _without(folded, _OPENINGS)


def _without(folded: str, before: Collection[str]) -> str:
    words = folded.split()
    while words:
        for size in range(min(_LONGEST, len(words) - 1), 0, -1):
            if " ".join(words[:size]) in before:
                words = words[size:]
                break
            if " ".join(words[-size:]) in _COURTESIES:
                words = words[:-size]
                break
        else:
            return " ".join(words)
    return ""


_COURTESIES: Final = frozenset(fold(one) for one in _POLITE)
_OPENINGS: Final = _COURTESIES | {fold(one) for one in _GREETINGS}
_LONGEST: Final = max(len(one.split()) for one in _OPENINGS)
